// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/db"
)

// Listing is what an officer looked for, or took out, as the journal keeps it. What
// was typed is left out: the dossiers say whom it found.
type Listing struct {
	Name    string    `json:"name"` // of the officer
	What    string    `json:"what"` // code, number, name, procedure, unit, round, watch, register, register_file, register_paper
	Of      agency.ID `json:"of,omitempty"`
	From    string    `json:"from,omitempty"`
	To      string    `json:"to,omitempty"`
	N       int       `json:"n"`
	Codes   []Code    `json:"codes,omitempty"`
	Address string    `json:"address,omitempty"`

	asked string // other words are another look; they are in no line
}

// mostListed is how many dossiers a line on a list names.
const mostListed = 50

// listed notes that an officer is shown a list of dossiers which are no work of
// theirs to be done; the same again a little later is the same.
func (b *Book) listed(ctx context.Context, who Actor, l Listing) error {
	if !who.Officer {
		return nil
	}
	now := b.Now()
	l.Name, l.Address = who.Name, who.Address
	l.Codes = l.Codes[:min(len(l.Codes), mostListed)]
	key := fmt.Sprint("list ", who.Account, l)
	if b.Looks.lately(key, now) {
		return nil
	}
	err := b.DB.Write(ctx, func(tx *db.Tx) error {
		return audit.Write(tx, audit.Entry{At: now, Kind: audit.Listed, Account: who.Account, Agency: string(l.Of), Detail: l})
	})
	if err == nil {
		b.Looks.note(key, now)
	}
	return err
}

func codesOf(items []Item) []Code {
	var list []Code
	for _, i := range items {
		list = append(list, i.Code)
	}
	return list
}

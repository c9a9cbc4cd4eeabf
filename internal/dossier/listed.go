// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"
	"strconv"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/db"
)

// Listing is what an officer was shown, looked for, or took out, as the journal keeps
// it. What was typed is left out: the dossiers say whom it found.
type Listing struct {
	Name    string    `json:"name"` // of the officer
	What    string    `json:"what"` // queue, batch, code, number, name, procedure, unit, round, watch, money, register, register_file, register_paper
	Purpose Purpose   `json:"purpose,omitempty"`
	Of      agency.ID `json:"of,omitempty"`
	From    string    `json:"from,omitempty"`
	To      string    `json:"to,omitempty"`
	N       int       `json:"n"`
	Codes   []Code    `json:"codes,omitempty"`
	Address string    `json:"address,omitempty"`

	asked string // other words are another look; they are in no line
}

// What is listed: of the officer's own work, and of the agency that a head answers for.
const (
	ListedQueue = "queue"
	ListedBatch = "batch" // picked, and looked through before an act
	ListedUnit  = "unit"
	ListedRound = "round" // of what was kept long enough
	ListedWatch = "watch" // what waits past its limit
	ListedMoney = "money" // what was paid for them, with who paid
)

// mostListed is how many dossiers a line on a list names: all of the longest list.
const mostListed = BatchMost

// listed notes that an officer is shown a list of dossiers, before it is; the same
// again a little later is the same.
func (b *Book) listed(ctx context.Context, who Actor, l Listing) error {
	if !who.Officer {
		return nil
	}
	now := b.Now()
	l.Name, l.Address, l.Purpose = who.Name, who.Address, who.purposeOf(l.What)
	l.Codes = l.Codes[:min(len(l.Codes), mostListed)]
	keys := l.fresh(who, func(key string) bool { return b.Looks.lately(key, now) })
	if len(keys) == 0 {
		return nil
	}
	err := b.DB.Write(ctx, func(tx *db.Tx) error {
		return audit.Write(tx, audit.Entry{At: now, Kind: audit.Listed, Account: who.Account, Agency: string(l.Of), Detail: l})
	})
	if err == nil {
		for _, key := range keys {
			b.Looks.note(key, now)
		}
	}
	return err
}

// fresh returns the keys by which a look is known again, none if it is the same as
// lately. Of work, which is read all day, only what was not shown lately stays in the
// line: it is no other look when some of it is done.
func (l *Listing) fresh(who Actor, lately func(key string) bool) []string {
	if l.What != ListedQueue && l.What != ListedBatch {
		if key := fmt.Sprint("list ", who.Account, *l); !lately(key) {
			return []string{key}
		}
		return nil
	}
	var keys []string
	var codes []Code
	work := "work " + strconv.FormatInt(who.Account, 10) + " "
	for _, c := range l.Codes {
		if key := work + string(c); !lately(key) {
			keys, codes = append(keys, key), append(codes, c)
		}
	}
	l.N, l.Codes = len(codes), codes
	return keys
}

// purposeOf is what an officer is shown a list for, as far as the list tells: none of
// a search, which says whom it found.
func (a Actor) purposeOf(list string) Purpose {
	switch list {
	case ListedQueue, ListedBatch, ListedMoney, string(RegisterShown), string(RegisterFile), string(RegisterPrinted):
		return ForTask
	case ListedUnit, ListedRound, ListedWatch:
		if a.Heads() {
			return ForOversight
		}
	}
	return ""
}

func codesOf(items []Item) []Code {
	var list []Code
	for _, i := range items {
		list = append(list, i.Code)
	}
	return list
}

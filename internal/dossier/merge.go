// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"

	"motcua/internal/db"
	"motcua/internal/document"
)

// Merged is that the applicant had two accounts, which are one now.
type Merged struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

func (Merged) kind() string { return "merged" }

func (e Merged) apply(s *State, _ Record) { s.Account = e.To }

// Merge moves what belongs to one account of a person to their other one:
// dossiers, drafts, files, invitations and notices (an identity.Merger).
func (b *Book) Merge(tx *db.Tx, from, to int64) error {
	var codes []Code
	for row := range tx.Query(`SELECT code FROM dossier WHERE account = $1 ORDER BY id`, from) {
		var code string
		row.Scan(&code)
		codes = append(codes, Code(code))
	}
	if err := tx.Err(); err != nil {
		return err
	}
	for _, code := range codes {
		d, err := b.deskOf(tx, code)
		if err != nil {
			return err
		}
		if _, err := b.happen(tx, d, []Event{Merged{from, to}}); err != nil {
			return fmt.Errorf("merge %s: %w", code, err)
		}
	}
	tx.Exec(`UPDATE tombstone SET account = $1 WHERE account = $2`, to, from)
	tx.Exec(`UPDATE draft SET account = $1 WHERE account = $2`, to, from)
	tx.Exec(`UPDATE invitation SET owner = $1 WHERE owner = $2`, to, from)
	tx.Exec(`UPDATE invitation SET account = $1 WHERE account = $2`, to, from)
	tx.Exec(`UPDATE notice SET account = $1 WHERE account = $2`, to, from)
	tx.Exec(`UPDATE seen SET account = $1 WHERE account = $2`, to, from)
	return document.Rehome(tx, from, to)
}

// SPDX-License-Identifier: Apache-2.0

package agency

import (
	"encoding/json"
	"slices"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/workflow"
)

// Post is an officer's office: a role at an agency for a time, for all its
// dossiers or for some.
type Post struct {
	Account int64         `json:"account"`
	Role    workflow.Role `json:"role"`
	Agency  ID            `json:"agency"`
	From    calendar.Date `json:"from"`
	To      calendar.Date `json:"to,omitzero"` // last day; zero: open
	Remit
}

// Remit is which dossiers a post is for (phạm vi phụ trách); the zero Remit is
// all that are not restricted.
type Remit struct {
	Fields     []string `json:"fields,omitempty"`     // of work; none: every field
	Procedures []string `json:"procedures,omitempty"` // codes; none: every procedure
	Territory  []ID     `json:"territory,omitempty"`  // the one-stops where they were received; none: everywhere
	Cleared    bool     `json:"cleared,omitempty"`    // for procedures of restricted access too
	External   bool     `json:"external,omitempty"`   // staff of a contractor: only what waits at the counter
}

// Matter is what a remit is about: a dossier as far as posts are told apart by it.
type Matter struct {
	Field, Procedure string
	Reception        ID
	Restricted       bool
}

// On is true when the post is held on a day.
func (p Post) On(day calendar.Date) bool {
	return !day.Before(p.From) && (p.To.IsZero() || !p.To.Before(day))
}

// Covers is true when dossiers like this are within the remit.
func (r Remit) Covers(m Matter) bool {
	within := func(n int, has bool) bool { return n == 0 || has }
	return within(len(r.Fields), slices.Contains(r.Fields, m.Field)) &&
		within(len(r.Procedures), slices.Contains(r.Procedures, m.Procedure)) &&
		within(len(r.Territory), slices.Contains(r.Territory, m.Reception)) &&
		(r.Cleared || !m.Restricted)
}

// Same is true for remits that cover the same.
func (r Remit) Same(other Remit) bool { return r.text() == other.text() }

// text is the remit as its row has it: two that are the same are written the same.
func (r Remit) text() string {
	r.Fields, r.Procedures, r.Territory = sorted(r.Fields), sorted(r.Procedures), sorted(r.Territory)
	body, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings and truth values
	}
	return string(body)
}

func sorted[S ~string](list []S) []S {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

// SavePosts gives officers posts; one that is there already gets the last day
// that is said now.
func SavePosts(tx *db.Tx, posts ...Post) error {
	for _, p := range posts {
		key := []any{p.Account, string(p.Role), string(p.Agency), p.From.String(), p.Remit.text()}
		if err := tx.Amend("post", `account = $1 AND role = $2 AND agency = $3 AND valid_from = $4 AND remit = $5`, key, func() {
			tx.Exec(`INSERT INTO post (account, role, agency, valid_from, valid_to, remit) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account, role, agency, valid_from, remit) DO UPDATE SET valid_to = excluded.valid_to`,
				p.Account, string(p.Role), string(p.Agency), p.From.String(), p.To.String(), p.Remit.text())
		}); err != nil {
			return err
		}
	}
	tx.Touch(revisionName)
	return tx.Err()
}

func readPosts(tx *db.Tx, officers []Officer, byOwner map[int64]int) error {
	forged := tx.Forged("post", `1 = 1`)
	for row := range tx.Query(`SELECT account, role, agency, valid_from, valid_to, remit FROM post ORDER BY account, agency, role, valid_from, remit`) {
		var p Post
		var from, to string
		var remit []byte
		row.Scan(&p.Account, &p.Role, &p.Agency, &from, &to, &remit)
		if err := p.From.UnmarshalText([]byte(from)); err != nil {
			return err
		}
		if err := p.To.UnmarshalText([]byte(to)); err != nil {
			return err
		}
		if err := json.Unmarshal(remit, &p.Remit); err != nil {
			return err
		}
		if slices.Contains(forged, db.RowKey(p.Account, p.Role, p.Agency, from, string(remit))) {
			continue // gives no right
		}
		if i, ok := byOwner[p.Account]; ok {
			officers[i].Posts = append(officers[i].Posts, p)
		}
	}
	return tx.Err()
}

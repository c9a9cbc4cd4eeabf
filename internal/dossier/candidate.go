// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Candidate is a specialist who may be named to handle a dossier. It is said
// to who assigns and to nobody else, and compares no persons beyond this choice.
type Candidate struct {
	Login, Name string
	Open        int64         // dossiers that wait for this officer
	AwayTo      calendar.Date // the last day of an absence; zero for who is there
	account     int64
	last        int64 // when this officer was given a dossier last
}

// Candidates lists the specialists of an agency as they are suggested for the
// next dossier to who works there: fewest dossiers in hand first, of equals who
// was given one least recently, and those who are away last.
func (b *Book) Candidates(ctx context.Context, who Actor, at agency.ID) ([]Candidate, error) {
	if !who.Works(at) {
		return nil, refusal.New(refusal.NotFound, "agency.unknown", "agency", string(at))
	}
	day := local(b.Now())
	var list []Candidate
	for _, o := range b.Site.Directory().With(workflow.Specialist, at, day, nil) {
		c := Candidate{Login: o.Login, Name: o.Name, account: o.Account}
		for _, a := range o.Absences {
			if a.On(day) {
				c.AwayTo = max(c.AwayTo, a.To)
			}
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, nil
	}
	open, last := map[int64]int64{}, map[int64]int64{}
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		clear(open)
		for row := range tx.Query(`SELECT outcome, n FROM counter WHERE day = -1 AND agency = $1 AND procedure = '' AND channel = $2 AND status <> $3`, string(at), string(workflow.Specialist), string(ToExtend)) {
			var whose string
			var n int64
			row.Scan(&whose, &n)
			if account, err := strconv.ParseInt(whose, 10, 64); err == nil {
				open[account] += n
			}
		}
		q := query{}
		var accounts []string
		for _, c := range list {
			accounts = append(accounts, q.arg(c.account))
		}
		for row := range tx.Query(`SELECT account, MAX(at) FROM assignment WHERE account IN (`+strings.Join(accounts, ", ")+`) GROUP BY account`, q.args...) {
			var account, at int64
			row.Scan(&account, &at)
			last[account] = at
		}
		return tx.Err()
	})
	for i := range list {
		list[i].Open, list[i].last = open[list[i].account], last[list[i].account]
	}
	slices.SortStableFunc(list, func(x, y Candidate) int {
		return cmp.Or(cmp.Compare(min(x.AwayTo, 1), min(y.AwayTo, 1)), cmp.Compare(x.Open, y.Open), cmp.Compare(x.last, y.last))
	})
	return list, err
}

// NoteAssigned follows events: it keeps when an officer was given a dossier.
func NoteAssigned(tx *db.Tx, s *State, r Record) error {
	var to int64
	switch e := r.Event.(type) {
	case Assigned:
		to = e.To
	case Reassigned:
		to = e.To
	default:
		return nil
	}
	tx.Exec(`INSERT INTO assignment (account, at, dossier) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, to, r.At.UnixMilli(), s.ID)
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package agency

import (
	"context"
	"slices"

	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Absence is a time in which an officer is away and somebody else acts in all
// posts of theirs.
type Absence struct {
	Account    int64
	From, To   calendar.Date // both days included
	Substitute int64
}

// On is true on the days of the absence.
func (a Absence) On(day calendar.Date) bool { return !day.Before(a.From) && !day.After(a.To) }

// SaveAbsence notes when an officer is away and who acts for them; one that
// begins on the same day is changed. Refused (Invalid): an end before the
// beginning, oneself as the substitute, somebody who works at none of the
// officer's agencies.
func (s *Site) SaveAbsence(ctx context.Context, by audit.By, a Absence) error {
	var bad []refusal.Field
	if a.To.Before(a.From) {
		bad = append(bad, refusal.At("/to", "agency.absence.order"))
	}
	d := s.Directory()
	away, other := d.Officer(a.Account), d.Officer(a.Substitute)
	if away == nil || other == nil || other.Left || a.Account == a.Substitute || !shares(away, other) {
		bad = append(bad, refusal.At("/substitute", "agency.absence.substitute"))
	}
	if err := refusal.Fields("request.invalid", bad); err != nil {
		return err
	}
	return s.Change(ctx, func(tx *db.Tx) error {
		if err := s.note(tx, by, "absence", "officer", a.Account, "from", a.From.String(), "to", a.To.String(), "substitute", a.Substitute); err != nil {
			return err
		}
		return tx.Amend("absence", `account = $1 AND valid_from = $2`, []any{a.Account, a.From.String()}, func() {
			tx.Exec(`INSERT INTO absence (account, valid_from, valid_to, substitute) VALUES ($1, $2, $3, $4) ON CONFLICT (account, valid_from) DO UPDATE SET valid_to = excluded.valid_to, substitute = excluded.substitute`,
				a.Account, a.From.String(), a.To.String(), a.Substitute)
		})
	})
}

// EndAbsence forgets an absence, by the day it begins on.
func (s *Site) EndAbsence(ctx context.Context, by audit.By, account int64, from calendar.Date) error {
	return s.Change(ctx, func(tx *db.Tx) error {
		tx.Exec(`DELETE FROM absence WHERE account = $1 AND valid_from = $2`, account, from.String())
		return s.note(tx, by, "absence_ended", "officer", account, "from", from.String())
	})
}

// note keeps who changed what of the site.
func (s *Site) note(tx *db.Tx, by audit.By, what string, more ...any) error {
	return by.Note(tx, s.now(), audit.Configured, what, more...)
}

// Change writes to the site, one change after the other, and reads it again.
func (s *Site) Change(ctx context.Context, write func(tx *db.Tx) error) error {
	if err := s.db.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`UPDATE setting SET body = body WHERE name = 'terms'`) // what others change is written before
		tx.Touch(revisionName)
		return write(tx)
	}); err != nil {
		return err
	}
	return s.Refresh(ctx)
}

// shares is true for officers who have a post at the same agency.
func shares(a, b *Officer) bool {
	for _, p := range a.Posts {
		for _, q := range b.Posts {
			if p.Agency == q.Agency {
				return true
			}
		}
	}
	return false
}

// Colleagues are the officers who may act for one: who has a post at an agency
// of theirs.
func (d *Directory) Colleagues(account int64) []*Officer {
	o := d.Officer(account)
	if o == nil {
		return nil
	}
	var list []*Officer
	for i := range d.Officers {
		if x := &d.Officers[i]; x.Account != account && !x.Left && shares(o, x) {
			list = append(list, x)
		}
	}
	return list
}

// StandsInFor lists the officers who are away on a day and for whom this one acts.
func (d *Directory) StandsInFor(account int64, day calendar.Date) []*Officer {
	var list []*Officer
	for _, o := range d.away[account] {
		for _, a := range o.Absences {
			if a.Substitute == account && a.On(day) {
				list = append(list, o)
				break
			}
		}
	}
	return list
}

func readAbsences(tx *db.Tx, officers []Officer, byOwner map[int64]int) error {
	forged := tx.Forged("absence", `1 = 1`)
	for row := range tx.Query(`SELECT account, valid_from, valid_to, substitute FROM absence ORDER BY account, valid_from`) {
		var a Absence
		var from, to string
		row.Scan(&a.Account, &from, &to, &a.Substitute)
		if err := a.From.UnmarshalText([]byte(from)); err != nil {
			return err
		}
		if err := a.To.UnmarshalText([]byte(to)); err != nil {
			return err
		}
		if slices.Contains(forged, db.RowKey(a.Account, from)) {
			continue // gives no right
		}
		if i, ok := byOwner[a.Account]; ok {
			officers[i].Absences = append(officers[i].Absences, a)
		}
	}
	return tx.Err()
}

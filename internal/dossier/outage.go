// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"errors"
	"slices"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/regime"
)

// OutageCounted is that an outage of the system is not counted into the time
// limit: the due instant moves by the working time of the outage, with a record.
type OutageCounted struct {
	Outage  int64     `json:"outage"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Basis   string    `json:"basis"`
	Due     time.Time `json:"due"`
	Foresee time.Time `json:"foresee,omitzero"`
}

func (OutageCounted) kind() string { return "outage_counted" }

func (e OutageCounted) apply(s *State, _ Record) {
	s.Pauses = append(slices.Clone(s.Pauses), calendar.Pause{From: e.From, To: e.To, Policy: calendar.Resume, Cause: string(regime.Outage), Basis: e.Basis})
	s.Due, s.Foresee, s.Foreseen = e.Due, e.Foresee, false
	s.Outages = append(slices.Clone(s.Outages), e.Outage)
}

// settleBatch is how many dossiers are looked at in one go once an outage is over.
const settleBatch = 200

// Settle extends the clocks of dossiers for outages that are over, some at a
// time, each dossier once; it returns how many it looked at. A dossier whose
// clock stood still anyway, or was received later, or was due before, stays.
func (b *Book) Settle(ctx context.Context) (int, error) {
	for _, o := range b.Site.Outages() {
		if o.Cancelled || !o.Over(b.Now()) || o.To.IsZero() {
			continue
		}
		var after int64
		var codes []Code
		err := b.DB.Read(ctx, func(tx *db.Tx) error {
			codes = nil
			if _, err := tx.One(`SELECT settled FROM outage WHERE id = $1`, []any{o.ID}, &after); err != nil || after < 0 {
				return err
			}
			for row := range tx.Query(`SELECT id, code FROM dossier WHERE id > $1 AND queue <> '' ORDER BY id LIMIT $2`, after, settleBatch) {
				var c Code
				row.Scan(&after, &c)
				codes = append(codes, c)
			}
			return tx.Err()
		})
		if err != nil {
			return 0, err
		}
		if after < 0 {
			continue
		}
		for _, code := range codes {
			if err := b.DB.Write(ctx, func(tx *db.Tx) error { return b.settle(tx, code, o) }); err != nil && !errors.Is(err, db.ErrStale) {
				return 0, err
			}
		}
		if len(codes) == 0 {
			after = -1
		}
		return len(codes), b.DB.Write(ctx, func(tx *db.Tx) error {
			tx.Exec(`UPDATE outage SET settled = $1 WHERE id = $2`, after, o.ID)
			return nil
		})
	}
	return 0, nil
}

// settle extends the clock of one dossier for an outage, if it ran in it.
func (b *Book) settle(tx *db.Tx, code Code, o agency.Outage) error {
	s, err := find(tx, code)
	if err != nil {
		return err
	}
	if s.Phase != Running || s.Due.IsZero() || s.Due.Before(o.From) || slices.Contains(s.Outages, o.ID) || !s.start().Before(o.To) {
		return nil
	}
	d, err := b.desk(tx, s, Actor{})
	if err != nil {
		return err
	}
	e := OutageCounted{Outage: o.ID, From: o.From, To: o.To, Basis: d.law().Hold(regime.Outage).Basis}
	if start := s.start(); e.From.Before(start) {
		e.From = start
	}
	after := s.clone()
	e.apply(after, Record{})
	if e.Due, err = after.dueBy(d.cal, after.Pauses); err != nil {
		return err
	}
	if e.Foresee, err = d.foresee(e.Due); err != nil {
		return err
	}
	_, err = b.happen(tx, d, []Event{e})
	return err
}

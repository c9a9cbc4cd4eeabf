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
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// OutageCounted is that an outage of the system is not counted into the time
// limit: a limit in hours stands still meanwhile, one in days moves by the
// working days on which the system was down for half of the office hours or more.
type OutageCounted struct {
	Outage  int64     `json:"outage"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Days    int       `json:"days,omitempty"` // working days; 0 for a limit in hours
	Basis   string    `json:"basis"`
	Due     time.Time `json:"due,omitzero"` // zero while the clock stands still
	Foresee time.Time `json:"foresee,omitzero"`
	StepDue time.Time `json:"step_due,omitzero"` // of the step in hand, if that moves
}

func (OutageCounted) kind() string { return "outage_counted" }

func (e OutageCounted) apply(s *State, _ Record) {
	s.Outages = append(slices.Clone(s.Outages), Lost{e.Outage, e.From, e.To, e.Days})
	if e.Days == 0 {
		s.Pauses = append(slices.Clone(s.Pauses), calendar.Pause{From: e.From, To: e.To, Policy: calendar.Resume, Cause: string(regime.Outage), Basis: e.Basis})
	}
	if s.Due = e.Due; !e.Due.IsZero() {
		s.Foresee, s.Foreseen = e.Foresee, false
	}
	if !e.StepDue.IsZero() {
		s.StepDue = e.StepDue
	}
}

// Lost is what an outage took of a dossier's time.
type Lost struct {
	Outage int64     `json:"outage"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Days   int       `json:"days,omitempty"`
}

// lost are the working days that outages took since the limit was counted anew.
func (s *State) lost(pauses []calendar.Pause) int {
	start := s.start()
	for _, p := range pauses {
		if p.Policy == calendar.Restart && p.To.After(start) {
			start = p.To
		}
	}
	days := 0
	for _, l := range s.Outages {
		if l.To.After(start) {
			days += l.Days
		}
	}
	return days
}

// settleBatch is how many dossiers are looked at in one go once an outage is over.
const settleBatch = 200

// Settle extends the clocks of dossiers for outages that are over, some at a
// time, each dossier once; it returns how many it looked at. A dossier whose
// clock stood still anyway, or was received later, or was due before, stays. One
// that cannot be extended is told of, holds up no other, and is tried again.
func (b *Book) Settle(ctx context.Context) (int, error) {
	for _, o := range b.Site.Outages() {
		if !o.Ended(b.Now()) {
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
		var failed []error
		for _, code := range codes {
			err := b.DB.Write(ctx, func(tx *db.Tx) error { return b.settle(tx, code, o) })
			if errors.Is(err, db.ErrStale) {
				return 0, nil // somebody acted on it: these are looked at once more
			}
			if refusal.Is(err, refusal.Unavailable) {
				return 0, err // these too, once the database is back
			}
			if err != nil {
				failed = append(failed, err, b.leave(ctx, o.ID, code))
			}
		}
		if len(codes) == 0 {
			after = -1
		}
		failed = append(failed, b.DB.Write(ctx, func(tx *db.Tx) error {
			tx.Exec(`UPDATE outage SET settled = $1 WHERE id = $2`, after, o.ID)
			return nil
		}))
		return len(codes), errors.Join(failed...)
	}
	return 0, b.settleLeft(ctx)
}

// leftFor is after how long a dossier that could not be extended is tried again.
const leftFor = time.Hour

// leave notes a dossier that could not be extended for an outage.
func (b *Book) leave(ctx context.Context, outage int64, code Code) error {
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO outage_left (outage, code, retry_at) VALUES ($1, $2, $3) ON CONFLICT (outage, code) DO UPDATE SET retry_at = excluded.retry_at`,
			outage, string(code), b.Now().Add(leftFor).UnixMilli())
		return nil
	})
}

// settleLeft tries dossiers again that could not be extended before.
func (b *Book) settleLeft(ctx context.Context) error {
	type left struct {
		outage int64
		code   Code
	}
	var list []left
	if err := b.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for row := range tx.Query(`SELECT outage, code FROM outage_left WHERE retry_at <= $1 LIMIT $2`, b.Now().UnixMilli(), settleBatch) {
			var x left
			row.Scan(&x.outage, &x.code)
			list = append(list, x)
		}
		return tx.Err()
	}); err != nil {
		return err
	}
	var failed []error
	for _, x := range list {
		err := b.DB.Write(ctx, func(tx *db.Tx) error {
			if o := b.outage(x.outage); o != nil {
				if err := b.settle(tx, x.code, *o); err != nil {
					return err
				}
			}
			tx.Exec(`DELETE FROM outage_left WHERE outage = $1 AND code = $2`, x.outage, string(x.code))
			return nil
		})
		if err != nil && !errors.Is(err, db.ErrStale) {
			failed = append(failed, err, b.leave(ctx, x.outage, x.code))
		}
	}
	return errors.Join(failed...)
}

// settle extends the clock of one dossier for an outage that is over.
func (b *Book) settle(tx *db.Tx, code Code, o agency.Outage) error {
	s, err := find(tx, code)
	if err != nil {
		return err
	}
	_, err = b.spared(tx, s, o)
	return err
}

// sparedOf extends the clock of a dossier whose reception lies back for the
// outages that are over.
func (b *Book) sparedOf(tx *db.Tx, s *State) (*State, error) {
	var err error
	for _, o := range b.Site.Outages() {
		if err == nil && o.Ended(b.Now()) {
			s, err = b.spared(tx, s, o)
		}
	}
	return s, err
}

// spared is the dossier with its clock extended for an outage that is over, if it
// ran in it.
func (b *Book) spared(tx *db.Tx, s *State, o agency.Outage) (*State, error) {
	counted := slices.ContainsFunc(s.Outages, func(l Lost) bool { return l.Outage == o.ID })
	stood := slices.ContainsFunc(s.Pauses, func(p calendar.Pause) bool {
		return p.Policy != calendar.None && !p.From.After(o.From) && (p.To.IsZero() || !p.To.Before(o.To))
	})
	if s.Phase != Running || counted || stood || !s.Due.IsZero() && s.Due.Before(o.From) || !s.start().Before(o.To) {
		return s, nil
	}
	d, err := b.desk(tx, s, Actor{})
	if err != nil {
		return nil, err
	}
	e := OutageCounted{Outage: o.ID, From: o.From, To: o.To, Basis: d.law().Hold(regime.Outage).Basis}
	if start := s.start(); e.From.Before(start) {
		e.From = start
	}
	if s.Limit.Unit != calendar.WorkingHour {
		if e.Days, err = daysDown(d.cal, s.running(e.From, e.To)); err != nil || e.Days == 0 {
			return s, err
		}
	}
	after := s.clone()
	e.apply(after, Record{})
	if !s.standsStill() {
		if e.Due, err = after.dueBy(d.cal, after.Pauses); err != nil {
			return nil, err
		}
		if e.Foresee, err = d.foresee(e.Due); err != nil {
			return nil, err
		}
		if last, err := d.cal.ExtendBy(e.Due); err == nil && e.Foresee.IsZero() && last.After(d.now) {
			e.Foresee = d.now // there is still time to ask for an extension
		}
		if e.StepDue, err = b.stepSpared(tx, d, after); err != nil {
			return nil, err
		}
	}
	return b.happen(tx, d, []Event{e})
}

// stepSpared is when the step in hand is due if the outages that fell into it are
// not counted; zero if none did, or it has no limit.
func (b *Book) stepSpared(tx *db.Tx, d *desk, after *State) (time.Time, error) {
	step := d.process.Step(d.Step)
	if step == nil || step.Limit == nil || d.StepDue.IsZero() {
		return time.Time{}, nil
	}
	all, err := records(tx, d.ID)
	if err != nil {
		return time.Time{}, err
	}
	var since time.Time
	s, gone := State{ID: d.ID}, undone(all)
	for _, r := range all {
		if gone[r.Seq] {
			continue
		}
		before := s.StepDue
		if s.apply(r); r.Kind() != (OutageCounted{}).kind() && !s.StepDue.Equal(before) {
			since = r.At
		}
	}
	var down []calendar.Pause
	for _, l := range after.Outages {
		if l.To.After(since) && l.From.Before(d.StepDue) {
			p := calendar.Pause{From: l.From, To: l.To, Policy: calendar.Resume}
			if p.From.Before(since) {
				p.From = since
			}
			down = append(down, p)
		}
	}
	if len(down) == 0 {
		return time.Time{}, nil
	}
	return d.cal.Due(since, *step.Limit, d.Elapsed, down)
}

// span is a time from an instant to another.
type span struct{ from, to time.Time }

// running are the parts of a time in which the dossier's clock did not stand
// still: what a pause took already is not given twice.
func (s *State) running(from, to time.Time) []span {
	pauses := slices.DeleteFunc(slices.Clone(s.Pauses), func(p calendar.Pause) bool { return p.Policy == calendar.None })
	slices.SortFunc(pauses, func(a, b calendar.Pause) int { return a.From.Compare(b.From) })
	var list []span
	for _, p := range pauses {
		if p.From.After(from) && p.From.Before(to) {
			list = append(list, span{from, p.From})
		}
		if p.To.IsZero() || !p.To.Before(to) {
			if p.From.Before(to) {
				return list
			}
		} else if p.To.After(from) {
			from = p.To
		}
	}
	return append(list, span{from, to})
}

// daysDown counts the working days of which half of the office hours or more lie
// in these times, which are in order.
func daysDown(cal *calendar.Calendar, spans []span) (int, error) {
	if len(spans) == 0 {
		return 0, nil
	}
	n := 0
	for day := calendar.DateOf(spans[0].from); !day.After(calendar.DateOf(spans[len(spans)-1].to)); day++ {
		working, err := cal.IsWorkingDay(day)
		if err != nil {
			return 0, err
		}
		if !working {
			continue
		}
		begin, end := day.At(0), (day + 1).At(0)
		whole, err := cal.WorkingBetween(begin, end)
		if err != nil {
			return 0, err
		}
		var down time.Duration
		for _, x := range spans {
			from, to := begin, end
			if x.from.After(from) {
				from = x.from
			}
			if x.to.Before(to) {
				to = x.to
			}
			if !to.After(from) {
				continue
			}
			part, err := cal.WorkingBetween(from, to)
			if err != nil {
				return 0, err
			}
			down += part
		}
		if 2*down >= whole {
			n++
		}
	}
	return n, nil
}

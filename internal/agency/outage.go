// SPDX-License-Identifier: Apache-2.0

package agency

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// Outage is a time in which the system cannot be used, planned or sudden. It is
// never deleted: ended early or cancelled, it says so.
type Outage struct {
	ID         int64     `json:"-"`
	Planned    bool      `json:"planned"`
	From       time.Time `json:"from"`
	To         time.Time `json:"to,omitzero"` // expected, then real; zero: not known yet
	Reason     form.Text `json:"reason"`
	Fallback   form.Text `json:"fallback"` // what people can do meanwhile
	DeclaredAt time.Time `json:"declared_at"`
	DeclaredBy string    `json:"declared_by"`
	EndedAt    time.Time `json:"ended_at,omitzero"` // somebody said that it is over
	Cancelled  bool      `json:"cancelled,omitempty"`
}

// Over is true when the system can be used again.
func (o Outage) Over(now time.Time) bool {
	return o.Cancelled || !o.EndedAt.IsZero() || o.Planned && !o.To.After(now)
}

// On is true while the system cannot be used.
func (o Outage) On(now time.Time) bool { return !o.Over(now) && !o.From.After(now) }

// Ended is true for an outage that was, and is over.
func (o Outage) Ended(now time.Time) bool { return !o.Cancelled && o.Over(now) && !o.To.IsZero() }

// Within is true for an instant of the outage.
func (o Outage) Within(at time.Time) bool {
	return !o.Cancelled && !at.Before(o.From) && (o.To.IsZero() || !at.After(o.To))
}

// Outages are all that were declared, the latest first.
func (s *Site) Outages() []Outage { return s.current.Load().outages }

// Outage is the outage under way, or else the next that is announced; nil if
// there is none.
func (s *Site) Outage() *Outage {
	var next *Outage
	list := s.Outages()
	for i := range list {
		o := &list[i]
		if o.Over(s.now()) {
			continue
		}
		if o.On(s.now()) {
			return o
		}
		if next == nil || o.From.Before(next.From) {
			next = o
		}
	}
	return next
}

// suddenBack is how long after it began a sudden outage may be declared.
const suddenBack = 3 * 24 * time.Hour

// DeclareOutage declares an outage. Refused (Invalid): no reason or no way out
// for people, an end before the beginning, a planned one without an end or with
// less notice than the law asks for, one that lies over another.
func (s *Site) DeclareOutage(ctx context.Context, by audit.By, o Outage) (Outage, error) {
	now := s.now()
	o.DeclaredAt = now
	var bad []refusal.Field
	require := func(text form.Text, pointer string) {
		if text.VI == "" {
			bad = append(bad, refusal.At(pointer, "form.required"))
		}
	}
	require(o.Reason, "/reason")
	require(o.Fallback, "/fallback")
	basis := ""
	switch {
	case !o.Planned && o.From.After(now):
		bad = append(bad, refusal.At("/from", "outage.future"))
	case !o.Planned && now.Sub(o.From) > suddenBack:
		bad = append(bad, refusal.At("/from", "outage.past", "n", int(suddenBack.Hours()/24)))
	case o.Planned && !o.To.After(o.From):
		bad = append(bad, refusal.At("/to", "outage.order"))
	case o.Planned:
		law := regime.NoticeOn(calendar.DateOf(now))
		_, cal, err := s.Calendar("")
		if err != nil {
			return o, err
		}
		first, err := cal.Shift(calendar.DateOf(now), law.Days)
		if err != nil {
			return o, err
		}
		if calendar.DateOf(o.From).Before(first) {
			basis = law.Basis
			bad = append(bad, refusal.At("/from", "outage.notice", "n", law.Days, "day", form.DateText(first.String())))
		}
	}
	o.ID = db.NewID()
	return o, s.Change(ctx, func(tx *db.Tx) error {
		there, err := readOutages(tx)
		if err != nil {
			return err
		}
		bad := slices.Clone(bad)
		if slices.ContainsFunc(there, func(x Outage) bool {
			return !x.Cancelled && (o.To.IsZero() || x.From.Before(o.To)) && (x.To.IsZero() || o.From.Before(x.To))
		}) {
			bad = append(bad, refusal.At("/from", "outage.overlap"))
		}
		if err := refusal.As(refusal.Fields("request.invalid", bad)); err != nil {
			return err.Because(basis)
		}
		if err := s.note(tx, by, "outage", "outage", o.ID, "reason", o.Reason.VI); err != nil {
			return err
		}
		return writeOutage(tx, o)
	})
}

// RecordOutage keeps an outage as it is, such as one of the past.
func (s *Site) RecordOutage(ctx context.Context, o Outage) error {
	return s.Change(ctx, func(tx *db.Tx) error { return writeOutage(tx, o) })
}

func writeOutage(tx *db.Tx, o Outage) error {
	body, err := json.Marshal(o)
	return errors.Join(err, tx.Amend("outage", `id = $1`, []any{o.ID}, func() {
		tx.Exec(`INSERT INTO outage (id, settled, body) VALUES ($1, 0, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body`, o.ID, string(body))
	}))
}

// EndOutage says that an outage is over, or before it began, that it will not be.
// Ended once, it stays so.
func (s *Site) EndOutage(ctx context.Context, by audit.By, id int64) error {
	return s.Change(ctx, func(tx *db.Tx) error {
		list, err := readOutages(tx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(o Outage) bool { return o.ID == id })
		if i < 0 {
			return refusal.New(refusal.NotFound, "outage.unknown")
		}
		o, now := list[i], s.now()
		if o.Over(now) {
			return nil
		}
		if o.EndedAt = now; o.From.After(now) {
			o.Cancelled = true
		} else {
			o.To = now
		}
		if err := s.note(tx, by, "outage_ended", "outage", id); err != nil {
			return err
		}
		return writeOutage(tx, o)
	})
}

func readOutages(tx *db.Tx) ([]Outage, error) {
	var list []Outage
	for row := range tx.Query(`SELECT id, body FROM outage ORDER BY id DESC`) {
		var o Outage
		var body []byte
		row.Scan(&o.ID, &body)
		if err := json.Unmarshal(body, &o); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, tx.Err()
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"maps"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// Turn is the next thing that somebody does to a dossier whose life is told.
type Turn struct {
	At     time.Time
	Who    Actor
	Act    string
	Params map[string]any // beside what is required, which takes its first choice or example
}

// Teller says what happens next to a dossier; ok is false when nothing does.
type Teller func(s *State, p *workflow.Process, cal *calendar.Calendar) (t Turn, ok bool)

// Live writes the whole life of a dossier in one go, by the same rules, checks
// and fold as every act: for a history that is filled in afterwards. The
// instants that the teller names must not run backwards.
func (b *Book) Live(tx *db.Tx, who Actor, f Filing, at time.Time, tell Teller) (State, error) {
	at = at.Truncate(time.Millisecond).In(calendar.Zone)
	e, err := b.check(tx, who, f, nil, at)
	if err != nil {
		return State{}, err
	}
	n, err := tx.Next(fmt.Sprintf("dossier/%s/%d", e.Reception, number(local(at))))
	if err != nil {
		return State{}, err
	}
	e.Code, e.Secret = codeOf(string(e.Reception), local(at), n), newSecret()
	s := &State{ID: db.NewID()}
	var all []Record
	add := func(e Event, by By, at time.Time) {
		r := Record{Seq: s.Version + 1, At: at, By: by, Event: e}
		all = append(all, r)
		s.apply(r)
	}
	add(*e, filer(who, e), at)
	past := *b
	past.Now = func() time.Time { return at }
	for {
		d, err := past.desk(tx, s, Actor{})
		if err != nil {
			return State{}, err
		}
		turn, ok := tell(s, d.process, d.cal)
		if !ok {
			break
		}
		at = turn.At
		events, by, err := past.turn(tx, s, turn, all)
		if err != nil {
			return State{}, fmt.Errorf("%s at %s: %w", turn.Act, s.Step, err)
		}
		for _, e := range events {
			add(e, by, d.at(turn.At))
		}
		for e := s.automatic(); e != nil; e = s.automatic() {
			add(e, By{}, d.at(turn.At))
		}
	}
	count(tx, nil, s)
	return *s, past.append(tx, nil, s, all)
}

func (*desk) at(t time.Time) time.Time { return t.Truncate(time.Millisecond).In(calendar.Zone) }

func (b *Book) turn(tx *db.Tx, s *State, t Turn, so []Record) ([]Event, By, error) {
	d, err := b.desk(tx, s, t.Who)
	if err != nil {
		return nil, By{}, err
	}
	d.now = d.at(t.At)
	d.answers = func() (form.Answers, error) {
		return answersIn(so), nil
	}
	d.draft = func() (Proposed, error) {
		e, _, _ := Last[Proposed](so)
		return e, nil
	}
	if err := d.entitle(t.Act); err != nil {
		return nil, By{}, err
	}
	asked, err := d.asks(actNamed(t.Act))
	if err != nil {
		return nil, By{}, err
	}
	given := Filled(asked)
	maps.Copy(given, t.Params)
	events, err := d.decide(t.Act, given)
	return events, t.Who.by(d.right.role, d.right.at), err
}

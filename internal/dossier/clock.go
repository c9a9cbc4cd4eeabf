// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"slices"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// Wait is what a dossier waits for from somebody outside the agency that
// handles it. Nobody can handle it meanwhile.
type Wait struct {
	For    regime.Cause `json:"for"`
	Since  time.Time    `json:"since"`
	Until  time.Time    `json:"until,omitzero"`  // by when it is expected; zero: not known
	Remind time.Time    `json:"remind,omitzero"` // when the applicant is reminded, if not yet
	Back   Move         `json:"back"`            // where the dossier goes on
}

// hold makes the dossier wait: it stays where it is, in the queue of what waits.
func (s *State) hold(w Wait, p calendar.Pause) {
	w.Back = s.Move
	s.Wait = &w
	s.Move.Work, s.Move.StepDue = ToWait, time.Time{}
	if s.Phase != Filed {
		s.Pauses = append(slices.Clone(s.Pauses), p)
		if p.Policy != calendar.None {
			s.Due = time.Time{}
		}
	}
}

// release lets the dossier go on at a move, due again at an instant.
func (s *State) release(at, due time.Time, to Move) {
	s.Pauses = slices.Clone(s.Pauses)
	for i := range s.Pauses {
		if s.Pauses[i].To.IsZero() {
			s.Pauses[i].To = at
		}
	}
	s.Wait, s.Due, s.Move = nil, due, to
}

// dueAfter is the legal due instant if the pause that is open ends now.
func (d *desk) dueAfter() (time.Time, error) {
	pauses := slices.Clone(d.Pauses)
	for i := range pauses {
		if pauses[i].To.IsZero() {
			pauses[i].To = d.now
		}
	}
	return d.State.dueBy(d.cal, pauses)
}

// dueBy counts the legal due instant from what is pinned.
func (s *State) dueBy(cal *calendar.Calendar, pauses []calendar.Pause) (time.Time, error) {
	start := s.start()
	var counted []calendar.Pause // what of them lies after the clock was started
	for _, p := range pauses {
		if !p.To.IsZero() && !p.To.After(start) {
			continue
		}
		if p.From.Before(start) {
			p.From = start
		}
		counted = append(counted, p)
	}
	due, err := cal.Due(start, s.Limit, s.Elapsed, counted)
	if days := s.lost(pauses); err == nil && days > 0 {
		var day calendar.Date
		day, err = cal.Shift(calendar.DateOf(due), days)
		due = day.At(0).Add(due.Sub(calendar.DateOf(due).At(0)))
	}
	if x := s.Extension; err == nil && x != nil && x.InTime {
		due, err = later(cal, due, x.Days)
	}
	return due, err
}

// start is what the legal limit counts from: valid reception, or, where the law
// says so of what was received regardless of boundary, when the competent agency
// got it.
func (s *State) start() time.Time {
	if !s.CountFrom.IsZero() {
		return s.CountFrom
	}
	return s.ReceivedAt
}

// holdsStep is true when the step in hand is the actor's, or the act is put to
// be signed by who need not hold it.
func (d *desk) holdsStep() bool { return d.signed || d.who.holdsStep(d.State) }

// standsStill is true while a pause of the legal clock is open.
func (s *State) standsStill() bool {
	return slices.ContainsFunc(s.Pauses, func(p calendar.Pause) bool { return p.To.IsZero() && p.Policy != calendar.None })
}

// goesOn is where a dossier that waited goes on: at the step it stood at, whose
// own limit counts anew.
func (d *desk) goesOn() (Move, error) {
	if d.Phase == Filed {
		return d.Wait.Back, nil
	}
	return d.move(d.Wait.Back.Step)
}

// handles refuses who does not have the dossier in hand now.
func (d *desk) handles(act string) error {
	switch {
	case d.Phase != Running || d.Forward:
		return d.notNow(act)
	case d.Wait != nil:
		return d.waiting(act)
	case !d.holdsStep():
		return d.notYours()
	}
	return nil
}

func (d *desk) notYours() error {
	at, role := d.Holder()
	holder := form.Text{VI: d.dir.Name(at, "vi"), EN: d.dir.Name(at, "en")}
	if role == workflow.Specialist && d.Handler != "" {
		holder.VI, holder.EN = d.Handler+", "+holder.VI, d.Handler+", "+holder.EN
	}
	return refusal.New(refusal.NotAllowed, "dossier.act.not_yours", "holder", holder).Because(d.law().Basis)
}

// waiting refuses an act on a dossier that waits for somebody outside.
func (d *desk) waiting(act string) error {
	h := d.hold()
	return refusal.New(refusal.NotNow, "dossier.act.waiting", "act", act, "for", h.Name).Because(h.Basis)
}

// hold is what the law says of the cause for which the dossier waits.
func (d *desk) hold() regime.Hold { return d.law().Hold(d.Wait.For) }

// law is the regime that holds for the dossier: pinned, or before reception the
// one in force.
func (d *desk) law() regime.Regime {
	if d.Regime == "" {
		return regime.On(local(d.now))
	}
	return regime.Find(d.Regime)
}

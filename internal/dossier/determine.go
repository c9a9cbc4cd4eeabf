// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"slices"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/regime"
)

// CompetenceDoubted is that it is not clear which agency decides: the dossier
// waits in a queue of its own, with a limit, while its clock runs on.
type CompetenceDoubted struct {
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

func (CompetenceDoubted) kind() string { return "competence_doubted" }

func (e CompetenceDoubted) apply(s *State, r Record) {
	s.hold(Wait{For: regime.Competence, Since: r.At, Until: e.Until}, calendar.Pause{From: r.At, Policy: calendar.None, Cause: string(regime.Competence), By: r.By.Name})
}

func (e CompetenceDoubted) told() Event {
	e.Reason = ""
	return e
}

// determineDays is within how many working days it has to be clear who decides.
const determineDays = 1

var doubtCompetenceAct = act{
	name: "doubt_competence", label: form.Text{VI: "Chưa rõ cơ quan có thẩm quyền", EN: "It is not clear who decides"},
	aside: true,
	open: func(d *desk) error {
		switch {
		case d.Wait != nil:
			return d.waiting("doubt_competence")
		case d.Phase == Filed, d.Phase == Running && !d.Forward && d.Work == ToAssign:
			return nil
		}
		return d.notNow("doubt_competence")
	},
	asks: func(*desk) ([]Param, error) { return []Param{reasonParam}, nil },
	rule: func(d *desk) ([]Event, error) {
		until, err := d.cal.Due(d.now, calendar.Limit{N: determineDays, Unit: calendar.WorkingDay}, false, nil)
		return []Event{CompetenceDoubted{Reason: d.params.text("reason", true), Until: until}}, err
	},
}

// Determined names the agency that decides. One that was not named before gets
// the dossier through its own one-stop, as if it had been received regardless of
// boundary.
type Determined struct {
	To   agency.ID `json:"to"`
	Home agency.ID `json:"home,omitempty"` // its own one-stop, if that is not the one that received
	Name form.Text `json:"name"`
	Note string    `json:"note,omitempty"`
	By   time.Time `json:"by,omitzero"` // the papers are forwarded by then
	Move
}

func (Determined) kind() string { return "determined" }

func (e Determined) told() Event {
	e.Note = ""
	return e
}

func (e Determined) apply(s *State, r Record) {
	moved := s.Competent != e.To
	s.release(r.At, s.Due, e.Move)
	s.Competent, s.Home = e.To, e.Home
	if moved && s.Phase == Running {
		s.Forward, s.ForwardBy, s.Assignee, s.Handler, s.ToSign = true, e.By, 0, "", nil
	}
}

var determineAct = act{
	name: "determine", label: form.Text{VI: "Xác định cơ quan có thẩm quyền", EN: "Determine who decides"},
	open: func(d *desk) error {
		if d.Wait == nil || d.Wait.For != regime.Competence {
			return d.notNow("determine")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) {
		p := Param{Name: "agency", Label: form.Text{VI: "Cơ quan có thẩm quyền", EN: "Competent agency"}, Type: "choice", Required: true}
		for _, o := range d.deciding() {
			p.Choices = append(p.Choices, form.Option{Value: string(o.Competent), Label: d.agencyName(o.Competent)})
		}
		return []Param{p, noteParam}, nil
	},
	rule: determine,
}

func determine(d *desk) ([]Event, error) {
	var ids []string
	for _, o := range d.deciding() {
		ids = append(ids, string(o.Competent))
	}
	to := agency.ID(d.params.choice("agency", ids, ""))
	e := Determined{To: to, Name: d.agencyName(to), Note: d.params.text("note", false), Move: d.Wait.Back}
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	e.Home = d.home(to)
	if d.Phase == Filed {
		return []Event{e}, nil
	}
	to, d.Competent = d.Competent, to // the step is the other agency's
	move, err := d.goesOn()
	d.Competent = to
	if err != nil {
		return nil, err
	}
	e.Move = move
	e.By, err = d.cal.ForwardBy(d.now)
	return []Event{e}, err
}

// deciding are the agencies that decide this procedure, that which has the
// dossier now first.
func (d *desk) deciding() []agency.Offering {
	var list []agency.Offering
	for _, o := range d.dir.Offerings(d.edition.Facts.Competent) {
		if slices.ContainsFunc(list, func(x agency.Offering) bool { return x.Competent == o.Competent }) {
			continue
		}
		if o.Competent == d.Competent {
			list = append([]agency.Offering{o}, list...)
		} else {
			list = append(list, o)
		}
	}
	return list
}

// home is the own one-stop of an agency; "" if that is where the dossier was
// received.
func (d *desk) home(to agency.ID) agency.ID {
	var home agency.ID
	for _, o := range d.dir.Offerings(d.edition.Facts.Competent) {
		if o.Competent != to {
			continue
		}
		if o.Reception == d.Reception {
			return ""
		}
		home = o.Reception
	}
	return home
}

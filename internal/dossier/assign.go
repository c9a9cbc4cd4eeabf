// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"slices"

	"motcua/internal/agency"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Assigned names the officer who handles the dossier (art. 19(1)).
type Assigned struct {
	To   int64  `json:"to"`
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	Move
}

func (Assigned) kind() string { return "assigned" }

func (e Assigned) apply(s *State, _ Record) { s.Assignee, s.Handler, s.Move = e.To, e.Name, e.Move }

func (e Assigned) told() Event {
	e.To, e.Note = 0, ""
	return e
}

var assignAct = act{
	name: "assign", label: form.Text{VI: "Phân công xử lý", EN: "Assign"},
	open: (*desk).mayAssign,
	asks: func(d *desk) ([]Param, error) {
		return []Param{d.officerParam(true), noteParam}, nil
	},
	rule: assign,
}

// assign names the officer who handles the dossier (NĐ 61/2018 art. 19(1)): as
// a step of the process, or by the head while a specialist's step has nobody.
func assign(d *desk) ([]Event, error) {
	officer, err := d.officer()
	if err != nil {
		return nil, err
	}
	note := d.params.text("note", false)
	if d.unassigned() {
		return []Event{Assigned{To: officer.Account, Name: officer.Name, Note: note, Move: d.Move}}, nil
	}
	step, err := d.inHand(workflow.Assign)
	if err != nil {
		return nil, err
	}
	move, err := d.move(step.Ways(workflow.Assign, form.Scope{Facts: d.facts()})[0].To)
	if err != nil {
		return nil, err
	}
	return []Event{Assigned{To: officer.Account, Name: officer.Name, Note: note, Move: move}}, nil
}

// mayAssign refuses to name an officer where nobody is to be named now.
func (d *desk) mayAssign() error {
	if d.unassigned() && d.who.Holds(workflow.Head, d.Competent) {
		if len(d.specialists()) == 0 {
			return refusal.New(refusal.NotNow, "dossier.assign.nobody")
		}
		return nil
	}
	_, err := d.inHand(workflow.Assign)
	return err
}

// unassigned is true while a specialist's step is in hand and nobody holds it.
func (d *desk) unassigned() bool {
	return d.Phase == Running && !d.Forward && d.Role == workflow.Specialist && d.Assignee == 0
}

// specialists are the officers who may be named.
func (d *desk) specialists() []*agency.Officer {
	return d.dir.With(workflow.Specialist, d.Competent, local(d.now), d.about())
}

func (d *desk) competentName() form.Text {
	if a := d.dir.Find(d.Competent); a != nil {
		return a.Name
	}
	return form.Text{VI: string(d.Competent)}
}

func (d *desk) officer() (*agency.Officer, error) {
	var logins []string
	for _, o := range d.specialists() {
		logins = append(logins, o.Login)
	}
	login := d.params.pick("officer", true)
	if login != "" && len(logins) > 0 && !slices.Contains(logins, login) {
		d.params.refuse("officer", "dossier.assign.not_here", "agency", d.competentName())
	}
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	for _, o := range d.specialists() {
		if o.Login == login {
			return o, nil
		}
	}
	return nil, refusal.New(refusal.NotNow, "dossier.assign.nobody")
}

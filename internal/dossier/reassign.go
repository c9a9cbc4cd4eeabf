// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// Reassigned names another one.
type Reassigned struct {
	To     int64  `json:"to"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

func (Reassigned) kind() string { return "reassigned" }

func (e Reassigned) apply(s *State, _ Record) { s.Assignee, s.Handler = e.To, e.Name }

func (e Reassigned) told() Event {
	e.To, e.Reason = 0, ""
	return e
}

var reassignAct = act{
	name: "reassign", label: form.Text{VI: "Phân công lại", EN: "Reassign"},
	aside: true,
	open: func(d *desk) error {
		switch {
		case d.Phase != Running || d.Forward || d.Assignee == 0:
			return d.notNow("reassign")
		case len(d.officerParam(false).Choices) == 0:
			return refusal.New(refusal.NotNow, "dossier.assign.nobody")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) {
		return []Param{d.officerParam(false), reasonParam}, nil
	},
	rule: reassign,
}

// reassign gives a dossier that somebody holds to somebody else, with a reason.
func reassign(d *desk) ([]Event, error) {
	officer, err := d.officer()
	if err != nil {
		return nil, err
	}
	if officer.Account == d.Assignee {
		d.params.refuse("officer", "dossier.reassign.same")
	}
	return []Event{Reassigned{To: officer.Account, Name: officer.Name, Reason: d.params.text("reason", true)}}, nil
}

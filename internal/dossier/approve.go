// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// Approved is the decision of who may decide.
type Approved struct {
	From string `json:"from"`
	Note string `json:"note,omitempty"`
	Move
}

func (Approved) kind() string { return "approved" }

func (e Approved) apply(s *State, _ Record) { s.Move = e.Move }

func (e Approved) told() Event {
	e.Note = ""
	return e
}

var approveAct = act{
	name: "approve", label: form.Text{VI: "Ký duyệt", EN: "Approve"},
	open: byStep(workflow.Approve),
	asks: func(d *desk) ([]Param, error) {
		params, err := d.actionParam(d.current(), workflow.Approve)
		return append(params, noteParam), err
	},
	rule: approve,
}

// approve is the decision of who may decide: the result as drafted holds.
func approve(d *desk) ([]Event, error) {
	in, err := d.inHand(workflow.Approve)
	if err != nil {
		return nil, err
	}
	action, note, err := d.wayNoted(in, workflow.Approve, form.Answers{})
	if err != nil {
		return nil, err
	}
	move, err := d.move(action.To)
	if err != nil {
		return nil, err
	}
	return []Event{Approved{From: in.ID, Note: note, Move: move}}, nil
}

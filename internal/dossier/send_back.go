// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// SentBack returns the draft with a reason.
type SentBack struct {
	From   string `json:"from"`
	Reason string `json:"reason"`
	Move
}

func (SentBack) kind() string { return "sent_back" }

func (e SentBack) apply(s *State, _ Record) { s.Move = e.Move }

func (e SentBack) told() Event {
	e.Reason = ""
	return e
}

var sendBackAct = act{
	name: "send_back", label: form.Text{VI: "Trả lại", EN: "Send back"},
	aside: true,
	open:  byStep(workflow.SendBack),
	asks: func(d *desk) ([]Param, error) {
		params, err := d.actionParam(d.current(), workflow.SendBack)
		return append(params, reasonParam), err
	},
	rule: sendBack,
}

// sendBack returns the draft to who made it, with a reason.
func sendBack(d *desk) ([]Event, error) {
	in, err := d.inHand(workflow.SendBack)
	if err != nil {
		return nil, err
	}
	reason := d.params.text("reason", true)
	action, err := d.way(in, workflow.SendBack, form.Answers{})
	if err != nil {
		return nil, err
	}
	move, err := d.move(action.To)
	if err != nil {
		return nil, err
	}
	return []Event{SentBack{From: in.ID, Reason: reason, Move: move}}, nil
}

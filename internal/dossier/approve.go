// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// approve is the decision of who may decide: the result as drafted holds.
func approve(d *desk) ([]Event, error) {
	in, err := d.inHand(workflow.Approve)
	if err != nil {
		return nil, err
	}
	action, err := d.way(in, workflow.Approve, form.Answers{})
	if err != nil {
		return nil, err
	}
	move, err := d.move(action.To)
	if err != nil {
		return nil, err
	}
	return []Event{Approved{From: in.ID, Note: d.params.text("note", action.Reason), Move: move}}, nil
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

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// HandedOver is the result in the hands of the applicant (art. 20).
type HandedOver struct {
	From    string            `json:"from,omitempty"`
	Channel procedure.Channel `json:"channel"`
	To      string            `json:"to,omitempty"` // who came for it
}

func (HandedOver) kind() string { return "handed_over" }

func (HandedOver) apply(s *State, r Record) {
	s.Phase, s.ReturnedAt = Returned, r.At
	s.Move = Move{Step: workflow.End, Progress: 100}
}

var handOverAct = act{
	name: "hand_over", label: form.Text{VI: "Trả kết quả", EN: "Hand over the result"},
	open: func(d *desk) error {
		if _, err := d.inHand(workflow.HandOver); err != nil {
			return err
		}
		if unpaid := d.Unpaid(); len(unpaid) > 0 {
			return refusal.New(refusal.NotNow, "dossier.hand_over.unpaid", "fee", unpaid[0].Name).Because("Nghị định 61/2018/NĐ-CP, Điều 22")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) {
		return []Param{{Name: "to", Label: form.Text{VI: "Người nhận", EN: "Received by"}, Type: "string", Value: d.Applicant.Name}}, nil
	},
	rule: handOver,
}

// handOver puts the result into the hands of the applicant, or of who comes
// with the receipt and an authorisation (NĐ 61/2018 art. 6, 20). What is due
// must have been paid.
func handOver(d *desk) ([]Event, error) {
	in, err := d.inHand(workflow.HandOver)
	if err != nil {
		return nil, err
	}
	if _, err := d.way(in, workflow.HandOver, form.Answers{}); err != nil {
		return nil, err
	}
	to := d.params.text("to", false)
	if to == "" {
		to = d.Applicant.Name
	}
	return []Event{HandedOver{From: in.ID, Channel: d.Return, To: to}}, nil
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// handOver puts the result into the hands of the applicant, or of who comes
// with the receipt and an authorisation (NĐ 61/2018 art. 6, 20). What is due
// must have been paid.
func handOver(d *desk) ([]Event, error) {
	in, err := d.inHand(workflow.HandOver)
	if err != nil {
		return nil, err
	}
	if unpaid := d.Unpaid(); len(unpaid) > 0 {
		return nil, refusal.New(refusal.NotNow, "dossier.hand_over.unpaid", "fee", unpaid[0].Name).Because("Nghị định 61/2018/NĐ-CP, Điều 22")
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

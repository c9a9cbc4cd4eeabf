// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"slices"
	"time"

	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Paperwork is a result that was issued, and whether it still holds.
type Paperwork struct {
	Template string    `json:"template"`
	Number   string    `json:"number"`
	Seq      int       `json:"seq"` // of the event that issued it
	At       time.Time `json:"at"`
	Revoked  bool      `json:"revoked,omitempty"`
}

// Revoked takes back a result that was found wrong; it is drafted and issued
// anew with a number of its own, and both are kept.
type Revoked struct {
	Number string `json:"number"` // of the result that no longer holds
	Reason string `json:"reason"`
	Basis  string `json:"basis,omitempty"`
	Move
}

func (Revoked) kind() string { return "revoked" }

func (e Revoked) apply(s *State, _ Record) {
	s.Issued = slices.Clone(s.Issued)
	for i := range s.Issued {
		s.Issued[i].Revoked = s.Issued[i].Revoked || s.Issued[i].Number == e.Number
	}
	s.Phase, s.Move, s.Foresee, s.Foreseen = Running, e.Move, time.Time{}, false
	s.IssuedAt, s.ReturnedAt, s.Outcome, s.Number, s.Rated = time.Time{}, time.Time{}, "", "", false
	s.Retention, s.Listed = nil, 0
}

var revokeAct = act{
	name: "revoke", label: form.Text{VI: "Thu hồi kết quả sai, cấp lại", EN: "Revoke a wrong result"},
	aside: true,
	open: func(d *desk) error {
		if d.Phase != Ready && d.Phase != Returned {
			return refusal.New(refusal.NotNow, "dossier.revoke.none").Because("Nghị định 61/2018/NĐ-CP, Điều 21")
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) {
		return []Param{reasonParam, {Name: "basis", Label: form.Text{VI: "Căn cứ pháp lý", EN: "Legal basis"}, Type: "string"}}, nil
	},
	rule: revoke,
}

// revoke leads back to where the result is drafted.
func revoke(d *desk) ([]Event, error) {
	e := Revoked{Number: d.Number, Reason: d.params.text("reason", true), Basis: d.params.text("basis", false)}
	for i := range d.process.Steps {
		if step := &d.process.Steps[i]; step.Has(workflow.Propose) {
			var err error
			e.Move, err = d.move(step.ID)
			return []Event{e}, err
		}
	}
	return nil, fmt.Errorf("dossier %s: no step drafts a result", d.Code)
}

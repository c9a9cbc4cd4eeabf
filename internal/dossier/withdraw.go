// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"time"

	"motcua/internal/form"
)

// Withdrawal is that the applicant wants the dossier back.
type Withdrawal struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
}

// AskedWithdrawal is the applicant's wish to withdraw the dossier.
type AskedWithdrawal struct {
	Reason string `json:"reason,omitempty"`
}

func (AskedWithdrawal) kind() string { return "asked_withdrawal" }

func (e AskedWithdrawal) apply(s *State, r Record) {
	s.Withdraw = &Withdrawal{At: r.At, Reason: e.Reason}
}

// ConfirmedWithdrawal ends a dossier that the applicant withdrew; what they gave
// as originals goes back.
type ConfirmedWithdrawal struct {
	Returned []string `json:"returned,omitempty"` // components whose originals went back
	Note     string   `json:"note,omitempty"`
}

func (ConfirmedWithdrawal) kind() string { return "withdrawn" }

func (e ConfirmedWithdrawal) apply(s *State, r Record) { s.close(Withdrawn, r) }

var withdrawAct = act{
	name: "withdraw", label: form.Text{VI: "Rút hồ sơ", EN: "Withdraw"},
	aside: true,
	open: func(d *desk) error {
		if d.Withdraw != nil || d.Phase != Filed && d.Phase != Running {
			return d.notNow("withdraw")
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) {
		return []Param{{Name: "reason", Label: form.Text{VI: "Lý do rút", EN: "Why"}, Type: "text"}}, nil
	},
	rule: func(d *desk) ([]Event, error) {
		return []Event{AskedWithdrawal{Reason: d.params.text("reason", false)}}, nil
	},
}

var confirmWithdrawalAct = act{
	name: "confirm_withdrawal", label: form.Text{VI: "Xác nhận rút hồ sơ, trả lại giấy tờ", EN: "Confirm the withdrawal, give papers back"},
	open: func(d *desk) error {
		if d.Withdraw == nil || d.Phase != Filed && d.Phase != Running {
			return d.notNow("confirm_withdrawal")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) {
		p := Param{Name: "returned", Label: form.Text{VI: "Bản chính đã trả lại", EN: "Originals given back"}, Type: "choices"}
		p.Choices = append(p.Choices, d.originals()...)
		return []Param{p, noteParam}, nil
	},
	rule: func(d *desk) ([]Event, error) {
		var ids []string
		for _, o := range d.originals() {
			ids = append(ids, o.Value)
		}
		return []Event{ConfirmedWithdrawal{Returned: d.params.choices("returned", ids), Note: d.params.text("note", false)}}, nil
	},
}

// originals are the papers that were handed in as originals.
func (d *desk) originals() []form.Option {
	var list []form.Option
	for _, k := range d.toCheck() {
		for _, x := range d.Documents {
			if x.Component == k.ID && x.Originals > 0 && x.File == "" {
				list = append(list, form.Option{Value: k.ID, Label: k.Name})
				break
			}
		}
	}
	return list
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// RefusedFiling is a dossier that is not received, with the reason in writing
// (NĐ 61/2018 art. 17; form 03). It keeps its code.
type RefusedFiling struct {
	Reasons  []Why  `json:"reasons"`
	Guidance string `json:"guidance,omitempty"` // what to do now, and where
	Basis    string `json:"basis"`
	Number   string `json:"number"` // of form 03
}

// Why is a reason in writing.
type Why struct {
	Reason string `json:"reason,omitempty"` // code in the library; "" for words of its own
	Text   string `json:"text"`
	Basis  string `json:"basis,omitempty"`
}

func (RefusedFiling) kind() string { return "refused" }

func (e RefusedFiling) apply(s *State, r Record) {
	s.note("03", e.Number, r)
	s.close(Refused, r)
}

// close ends the dossier without a result. A clock that stood still never goes
// on.
func (s *State) close(as Phase, r Record) {
	s.Phase, s.ClosedAt, s.Wait = as, r.At, nil
	s.Move = Move{Step: workflow.End, Progress: 100}
	s.ToSign, s.Withdraw, s.Forward, s.Transit = nil, nil, false, false
}

var refuseAct = act{
	name: "refuse", label: form.Text{VI: "Từ chối tiếp nhận", EN: "Refuse to receive"},
	aside: true,
	open: func(d *desk) error {
		if d.Phase != Filed || !d.who.Holds(workflow.Clerk, d.Reception) {
			return d.notNow("refuse")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) { return inputParams(d.whyFields("refusal"), nil, d.now), nil },
	rule: refuse,
}

// refuse does not receive a dossier: with every reason, its basis, and what the
// person can do now.
func refuse(d *desk) ([]Event, error) {
	given := d.params.fields(d.whyFields("refusal"), d)
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	e := RefusedFiling{Reasons: d.whys(given), Guidance: given.Text("guidance"), Basis: d.law().Basis}
	var err error
	e.Number, err = d.formNumber("03")
	return []Event{e}, err
}

// whyFields ask for a reason of the library or in words of its own, its basis,
// and what the person can do now.
func (d *desk) whyFields(purpose string) []form.Field {
	reason := form.Field{ID: "reason", Type: form.Choice, Label: form.Text{VI: "Lý do", EN: "Reason"}}
	for _, r := range d.terms.ReasonsFor(purpose) {
		reason.Options = append(reason.Options, form.Option{Value: r.Code, Label: r.Text})
	}
	reason.Options = append(reason.Options, form.Option{Value: otherReason, Label: form.Text{VI: "Lý do khác, ghi rõ", EN: "Another reason, in your words"}})
	return []form.Field{reason,
		{ID: "text", Type: form.LongText, Label: form.Text{VI: "Ghi rõ lý do", EN: "The reason in words"}, Length: 2000, When: &form.When{Field: "reason", Is: otherReason}},
		{ID: "more", Type: form.LongText, Label: form.Text{VI: "Ghi thêm", EN: "In addition"}, Length: 2000, Optional: true},
		{ID: "basis", Type: form.ShortText, Label: form.Text{VI: "Căn cứ pháp lý, nếu khác căn cứ chung", EN: "Legal basis, if another than the usual one"}, Length: 300, Optional: true},
		{ID: "guidance", Type: form.LongText, Label: form.Text{VI: "Hướng dẫn việc cần làm tiếp", EN: "What the person can do now"}, Length: 2000, Optional: true},
	}
}

func (d *desk) whys(given form.Answers) []Why {
	w := Why{Reason: given.Text("reason")}
	if w.Reason == otherReason {
		w.Reason, w.Text = "", given.Text("text")
	} else if r := d.terms.Reason(w.Reason); r != nil {
		w.Text, w.Basis = r.Text.VI, r.Basis
	}
	if more := given.Text("more"); more != "" {
		w.Text += " " + more
	}
	if basis := given.Text("basis"); basis != "" {
		w.Basis = basis
	}
	return []Why{w}
}

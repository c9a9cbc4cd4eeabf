// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"

	"motcua/internal/agency"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type reasonPage struct {
	web.Page
	Reasons  []reasonRow
	Controls []form.Control
}

type reasonRow struct{ Code, Text, EN, Basis, For, Edit string }

func reasonFields() []form.Field {
	purpose := form.Field{ID: "for", Type: form.Choices, Label: said("desk.reasons.for")}
	for _, p := range agency.Purposes {
		purpose.Options = append(purpose.Options, form.Option{Value: p, Label: said("desk.reasons.for." + p)})
	}
	return []form.Field{
		{ID: "code", Type: form.ShortText, Label: said("desk.reasons.code"), Hint: said("desk.reasons.code_hint"), Length: 40}, purpose,
		{ID: "vi", Type: form.LongText, Label: said("desk.reasons.vi"), Length: 1000},
		{ID: "en", Type: form.LongText, Label: said("desk.reasons.en"), Length: 1000, Optional: true},
		{ID: "basis", Type: form.ShortText, Label: said("desk.reasons.basis"), Length: 300, Optional: true},
	}
}

// askReasons shows the library of reasons; the one of the query is to be changed.
func askReasons(v *visit) error {
	answers := form.Answers{}
	if r := v.Site.Terms().Reason(v.R.URL.Query().Get("ma")); r != nil {
		chosen := []any{}
		for _, p := range r.For {
			chosen = append(chosen, p)
		}
		answers = form.Answers{"code": r.Code, "for": chosen, "vi": r.Text.VI, "en": r.Text.EN, "basis": r.Basis}
	}
	return v.askReasons(answers, nil)
}

func (v *visit) askReasons(answers form.Answers, refused *refusal.Error) error {
	if !v.ofSite() {
		return refusal.New(refusal.NotAllowed, "reason.administrators")
	}
	p := reasonPage{Page: v.page(v.T("desk.reasons.title"))}
	p.Back = "/mot-cua"
	var wrong []refusal.Field
	status := http.StatusOK
	if refused != nil {
		wrong, status = refused.Fields, web.Status(refused)
		p.Refuse(refused, "")
	}
	for _, r := range v.Site.Terms().Reasons {
		row := reasonRow{Code: r.Code, Text: r.Text.VI, EN: r.Text.EN, Basis: r.Basis, Edit: "/mot-cua/ly-do?ma=" + r.Code + "#sua"}
		for i, x := range r.For {
			if i > 0 {
				row.For += ", "
			}
			row.For += v.T("desk.reasons.for." + x)
		}
		p.Reasons = append(p.Reasons, row)
	}
	p.Controls = form.Controls(reasonFields(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	return v.Render(status, "reason_edit", p)
}

// dropReason takes a reason out.
func dropReason(v *visit) error {
	if !v.ofSite() {
		return refusal.New(refusal.NotAllowed, "reason.administrators")
	}
	if err := v.Site.DropReason(v.R.Context(), v.by(), v.R.PostForm.Get("bo")); err != nil {
		return err
	}
	return v.Redirect("/mot-cua/ly-do")
}

// saveReason keeps a reason.
func saveReason(v *visit) error {
	if !v.ofSite() {
		return refusal.New(refusal.NotAllowed, "reason.administrators")
	}
	answers := form.FromValues(reasonFields(), v.R.PostForm)
	clean, wrong := form.CheckFields(reasonFields(), answers, "", v.Now())
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		return v.askReasons(answers, e)
	}
	r := agency.Reason{Code: clean.Text("code"), Text: form.Text{VI: clean.Text("vi"), EN: clean.Text("en")}, Basis: clean.Text("basis")}
	chosen, _ := clean["for"].([]any)
	for _, p := range chosen {
		if s, ok := p.(string); ok {
			r.For = append(r.For, s)
		}
	}
	err := v.Site.SaveReason(v.R.Context(), v.by(), r)
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return v.askReasons(answers, e)
	}
	if err != nil {
		return err
	}
	return v.Redirect("/mot-cua/ly-do")
}

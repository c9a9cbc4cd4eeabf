// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strconv"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type absencePage struct {
	web.Page
	Mine     []absenceRow
	Controls []form.Control
}

type absenceRow struct{ From, To, Start, Substitute string }

// absenceFields ask when an officer is away and who acts for them.
func (v *visit) absenceFields() []form.Field {
	who := form.Field{ID: "substitute", Type: form.Choice, Label: said("desk.absence.substitute")}
	for _, o := range v.Site.Directory().Colleagues(v.who.Account) {
		who.Options = append(who.Options, form.Option{Value: strconv.FormatInt(o.Account, 10), Label: form.Text{VI: o.Name}})
	}
	return []form.Field{
		{ID: "from", Type: form.Date, Label: said("desk.absence.from"), From: "today"},
		{ID: "to", Type: form.Date, Label: said("desk.absence.to"), From: "today"},
		who,
	}
}

// askAbsence shows when the officer is away, and asks for another time.
func askAbsence(v *visit) error { return v.askAbsence(form.Answers{}, nil) }

func (v *visit) askAbsence(answers form.Answers, wrong []refusal.Field) error {
	p := absencePage{Page: v.page(v.T("desk.absence.title")), Controls: form.Controls(v.absenceFields(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)}
	p.Back = "/mot-cua"
	d := v.Site.Directory()
	if o := d.Officer(v.who.Account); o != nil {
		for _, a := range o.Absences {
			if !a.To.Before(calendar.DateOf(v.Now())) {
				row := absenceRow{form.DateText(a.From.String()), form.DateText(a.To.String()), a.From.String(), ""}
				if s := d.Officer(a.Substitute); s != nil {
					row.Substitute = s.Name
				}
				p.Mine = append(p.Mine, row)
			}
		}
	}
	status := http.StatusOK
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		status = http.StatusUnprocessableEntity
		p.Refuse(e, "")
	}
	return v.Render(status, "absence_edit", p)
}

// saveAbsence keeps a time of absence, or ends one.
func saveAbsence(v *visit) error {
	if text := v.R.PostForm.Get("bo"); text != "" {
		day, err := calendar.ParseDate(text)
		if err != nil {
			return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/bo", "form.date")})
		}
		if err := v.Site.EndAbsence(v.R.Context(), v.by(), v.who.Account, day); err != nil {
			return err
		}
		return v.Redirect("/mot-cua/vang-mat")
	}
	answers := form.FromValues(v.absenceFields(), v.R.PostForm)
	clean, wrong := form.CheckFields(v.absenceFields(), answers, "", v.Now())
	if len(wrong) > 0 {
		return v.askAbsence(answers, wrong)
	}
	from, err := calendar.ParseDate(clean.Text("from"))
	if err != nil {
		return err
	}
	to, err := calendar.ParseDate(clean.Text("to"))
	if err != nil {
		return err
	}
	substitute, err := strconv.ParseInt(clean.Text("substitute"), 10, 64)
	if err != nil {
		return err
	}
	err = v.Site.SaveAbsence(v.R.Context(), v.by(), agency.Absence{Account: v.who.Account, From: from, To: to, Substitute: substitute})
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return v.askAbsence(answers, e.Fields)
	}
	if err != nil {
		return err
	}
	return v.Redirect("/mot-cua/vang-mat")
}

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"

	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/privacy"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/web"
)

type askDataPage struct {
	web.Page
	Right, Text, Limit, Answer, Basis, Without string
	Close                                      bool // closing the account is offered
	Controls                                   []form.Control
}

// askedFields ask what a request of a right is about.
func (v *visit) askedFields(r regime.Right) []form.Field {
	text := form.Field{ID: "text", Type: form.LongText, Label: inBoth("privacy.ask.text"), Hint: inBoth("privacy.ask.text_hint"), Length: 2000, Optional: true}
	subject := form.Field{ID: "subject", Type: form.Choice, Label: inBoth("privacy.ask." + string(r))}
	switch r {
	case regime.Correct:
		if v.who.Proved {
			subject.Hint = inBoth("privacy.ask.proved_hint")
		}
		for _, f := range identity.PersonFacts {
			subject.Options = append(subject.Options, option(f, "portal.person."+f))
		}
		subject.Options = append(subject.Options, form.Option{Value: otherSubject, Label: inBoth("privacy.ask.other"), Hint: inBoth("privacy.ask.other_hint")})
		value := form.Field{ID: "value", Type: form.ShortText, Label: inBoth("privacy.ask.value"), Length: 300, When: &form.When{Not: &form.When{Field: "subject", Is: otherSubject}}}
		return []form.Field{subject, value, text}
	case regime.Object:
		for _, use := range identity.Uses {
			subject.Options = append(subject.Options, form.Option{Value: use, Label: privacy.UseName(use, v.today())})
		}
		return []form.Field{subject, text}
	case regime.Erase:
		subject.Options = []form.Option{
			{Value: otherSubject, Label: inBoth("privacy.ask.keep_account"), Hint: inBoth("privacy.ask.keep_account_hint")},
			{Value: privacy.CloseAccount, Label: inBoth("privacy.ask.close_account"), Hint: inBoth("privacy.ask.close_account_hint")}}
		return []form.Field{subject, text}
	}
	return []form.Field{text}
}

// otherSubject is the choice that names nothing of the account.
const otherSubject = "other"

// askData asks what a person wants of their data.
func askData(v *visit) error {
	return v.askData(form.Answers{"subject": v.R.URL.Query().Get("muc-dich")}, nil)
}

func (v *visit) askData(answers form.Answers, refused *refusal.Error) error {
	r := regime.Right(v.R.FormValue("quyen"))
	if r == regime.Export {
		return v.Redirect(dataPath + "#ban-sao")
	}
	if !slices.Contains(regime.Rights, r) {
		return refusal.New(refusal.NotFound, "portal.problem.no_page")
	}
	law := regime.DataLawOn(v.today())
	p := askDataPage{Page: v.page(v.T("privacy.right." + string(r))), Right: string(r), Text: v.T("privacy.right." + string(r) + "_text"), Limit: v.term(law.Done[r]), Answer: v.term(law.Answer), Basis: law.Basis}
	if r == regime.Restrict || r == regime.Object || r == regime.Erase {
		p.Without = law.Without
	}
	p.Back = dataPath
	var wrong []refusal.Field
	status := http.StatusOK
	if refused != nil {
		wrong, status = refused.Fields, web.Status(refused)
		p.Refuse(refused, "")
	}
	p.Controls = form.Controls(v.askedFields(r), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	return v.Render(status, "data_ask", p)
}

// fileRequest files a request about a person's own data.
func fileRequest(v *visit) error {
	r := regime.Right(v.R.PostForm.Get("quyen"))
	if !slices.Contains(regime.Rights, r) || r == regime.Export {
		return refusal.New(refusal.NotFound, "portal.problem.no_page")
	}
	fields := v.askedFields(r)
	answers := form.FromValues(fields, v.R.PostForm)
	clean, wrong := form.CheckFields(fields, answers, "", v.now())
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		return v.askData(answers, e)
	}
	a := privacy.Asked{Right: r, Subject: clean.Text("subject"), Value: clean.Text("value"), Text: clean.Text("text")}
	if a.Subject == otherSubject {
		a.Subject = ""
	}
	done, err := v.Privacy.Ask(v.R.Context(), v.who, a)
	if e := refusal.As(err); e != nil && e.Kind != refusal.Unavailable {
		return v.askData(answers, e)
	}
	if err != nil {
		return err
	}
	return v.Redirect(requestPath(done.Number) + "?da=yeu-cau")
}

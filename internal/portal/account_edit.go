// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"sync"

	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// personFields ask what an account knows of its holder; declarations are
// filled in from it.
var personFields = sync.OnceValue(func() []form.Field {
	return []form.Field{
		{ID: "name", Type: form.Name, Label: inBoth("portal.person.name"), Hint: inBoth("portal.person.name_hint"), Prefill: "name", Length: 120},
		{ID: "id_number", Type: form.IDNumber, Label: inBoth("portal.person.id_number"), Hint: inBoth("portal.person.id_number_hint"), Prefill: "id_number"},
		{ID: "birth_date", Type: form.Date, Label: inBoth("portal.person.birth_date"), Prefill: "birth_date", From: "1900-01-01", To: "today"},
		{ID: "gender", Type: form.Choice, Label: inBoth("portal.person.gender"), Prefill: "gender", Optional: true, Options: []form.Option{option("male", "portal.person.male"), option("female", "portal.person.female")}},
		{ID: "ethnicity", Type: form.ShortText, Label: inBoth("portal.person.ethnicity"), Prefill: "ethnicity", Optional: true, Length: 50},
		{ID: "nationality", Type: form.ShortText, Label: inBoth("portal.person.nationality"), Prefill: "nationality", Optional: true, Length: 60},
		{ID: "phone", Type: form.Phone, Label: inBoth("portal.person.phone"), Prefill: "phone"},
		{ID: "email", Type: form.Email, Label: inBoth("portal.person.email"), Prefill: "email", Optional: true},
		{ID: "address", Type: form.Address, Label: inBoth("portal.person.address"), Hint: inBoth("portal.person.address_hint"), Prefill: "address"},
	}
})

func personAnswers(p identity.Person) form.Answers {
	return form.Answers{"name": p.Name, "id_number": p.IDNumber, "birth_date": p.BirthDate, "gender": p.Gender, "ethnicity": p.Ethnicity,
		"nationality": p.Nationality, "phone": p.Phone, "email": p.Email, "address": p.Address}
}

func personOf(kind string, clean form.Answers) identity.Person {
	return identity.Person{Kind: kind, Name: clean.Text("name"), IDNumber: clean.Text("id_number"), BirthDate: clean.Text("birth_date"), Gender: clean.Text("gender"),
		Ethnicity: clean.Text("ethnicity"), Nationality: clean.Text("nationality"), Address: clean.Text("address"), Phone: clean.Text("phone"), Email: clean.Text("email")}
}

type accountPage struct {
	web.Page
	Login, Next string
	Officer     bool
	Local       bool // has a password
	Verified    bool
	Providers   []*identity.Provider // that could prove who it is
	Controls    []form.Control
}

// oneself leads who acts for an organisation to it: its account has no password,
// and theirs is not at hand.
func oneself(h handler) handler {
	return func(v *visit) error {
		if v.who.Member != nil {
			return v.Redirect("/to-chuc")
		}
		return h(v)
	}
}

func askAccount(v *visit) error {
	a, err := v.Register.Find(v.R.Context(), v.who.Account)
	if err != nil {
		return err
	}
	return v.askAccount(a, personAnswers(a.Person), nil)
}

func (v *visit) askAccount(a identity.Account, answers form.Answers, wrong []refusal.Field) error {
	p := accountPage{Page: v.page(v.T("portal.account.title")), Login: a.Login, Officer: a.Officer, Local: a.Local, Verified: a.Person.Verified, Next: web.LocalPath(v.R.FormValue("next"), ""),
		Controls: form.Controls(personFields(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)}
	p.Back = v.home(p.Next, a.Officer)
	if !a.Officer {
		p.Providers = v.providers("citizen", identity.Single)
	}
	status := http.StatusOK
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		status = http.StatusUnprocessableEntity
		p.Refuse(e, "")
	}
	return v.Render(status, "account_edit", p)
}

// saveAccount keeps what a citizen's account knows of its holder. Officers are
// kept by the administrator.
func saveAccount(v *visit) error {
	a, err := v.Register.Find(v.R.Context(), v.who.Account)
	if err != nil {
		return err
	}
	if a.Officer {
		return refusal.New(refusal.NotAllowed, "portal.account.officer")
	}
	answers := form.FromValues(personFields(), v.R.PostForm)
	clean, wrong := form.CheckFields(personFields(), answers, "", v.now())
	if len(wrong) > 0 {
		return v.askAccount(a, answers, wrong)
	}
	err = v.Register.SavePerson(v.R.Context(), a.ID, personOf(a.Person.Kind, clean))
	if e := refusal.As(err); e != nil && len(e.Fields) > 0 {
		return v.askAccount(a, answers, e.Fields)
	}
	if err != nil {
		return err
	}
	if next := web.LocalPath(v.R.PostForm.Get("next"), ""); next != "" {
		return v.Redirect(next)
	}
	return v.Redirect("/tai-khoan?da=tai-khoan")
}

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"sync"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// memberFields ask whom an organisation lets act for it, as what and how long.
var memberFields = sync.OnceValue(func() []form.Field {
	role := form.Field{ID: "role", Type: form.Choice, Label: inBoth("portal.member.role")}
	for _, r := range identity.MandateRoles {
		role.Options = append(role.Options, form.Option{Value: string(r), Label: inBoth("mandate." + string(r)), Hint: inBoth("mandate." + string(r) + "_hint")})
	}
	return []form.Field{
		{ID: "login", Type: form.ShortText, Label: inBoth("portal.member.login"), Hint: inBoth("portal.member.login_hint"), Length: 50},
		{ID: "id_number", Type: form.IDNumber, Label: inBoth("portal.person.id_number")},
		role,
		{ID: "from", Type: form.Date, Label: inBoth("portal.member.from"), Optional: true},
		{ID: "to", Type: form.Date, Label: inBoth("portal.member.to"), Hint: inBoth("portal.member.to_hint"), Optional: true},
		{ID: "basis", Type: form.ShortText, Label: inBoth("portal.member.basis"), Hint: inBoth("portal.member.basis_hint"), Length: 200},
	}
})

type membersPage struct {
	web.Page
	Manager  bool
	Members  []mandateItem
	Controls []form.Control
}

// members lets only those through who act for an organisation.
func members(h handler) handler {
	return citizen(func(v *visit) error {
		if v.who.Member == nil {
			return v.Redirect("/to-chuc")
		}
		return h(v)
	})
}

// askMember shows who may act for the organisation, and asks managers for another.
func askMember(v *visit) error { return v.askMember(form.Answers{}, nil) }

func (v *visit) askMember(answers form.Answers, wrong []refusal.Field) error {
	list, err := v.Register.Members(v.R.Context(), v.who.Account)
	if err != nil {
		return err
	}
	p := membersPage{Page: v.page(v.T("portal.member.title", "name", v.who.Name)), Manager: v.who.Member.Role == identity.Manager,
		Controls: form.Controls(memberFields(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)}
	p.Back = "/to-chuc"
	for i := range list {
		m := v.mandateItem(&list[i])
		m.Name, m.Code = list[i].Person.Name, list[i].Login
		m.Open = m.Open && p.Manager
		p.Members = append(p.Members, m)
	}
	status := http.StatusOK
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		status = http.StatusUnprocessableEntity
		p.Refuse(e, "")
	}
	return v.Render(status, "organisation_members", p)
}

// addMember gives a person a mandate for the organisation, by a manager.
func addMember(v *visit) error {
	if v.who.Member.Role != identity.Manager {
		return refusal.New(refusal.NotAllowed, "identity.mandate.managers_only")
	}
	answers := form.FromValues(memberFields(), v.R.PostForm)
	clean, wrong := form.CheckFields(memberFields(), answers, "", v.now())
	if len(wrong) > 0 {
		return v.askMember(answers, wrong)
	}
	day := func(id string) (d calendar.Date) {
		if s := clean.Text(id); s != "" {
			d = calendar.MustDate(s)
		}
		return d
	}
	err := v.Register.Give(v.R.Context(), v.self(), identity.Mandate{Organisation: v.who.Account, Login: clean.Text("login"), Person: identity.Person{IDNumber: clean.Text("id_number")},
		Role: identity.MandateRole(clean.Text("role")), From: day("from"), To: day("to"), Basis: clean.Text("basis")})
	if e := refusal.As(err); e != nil && len(e.Fields) > 0 {
		return v.askMember(answers, e.Fields)
	}
	if err != nil {
		return err
	}
	return v.Redirect("/to-chuc/thanh-vien?da=thanh-vien")
}

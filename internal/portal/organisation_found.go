// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"sync"

	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// organisationFields ask what the account of an organisation knows of it, and by
// what right somebody opens it.
var organisationFields = sync.OnceValue(func() []form.Field {
	return []form.Field{
		{ID: "kind", Type: form.Choice, Label: inBoth("portal.applicant.kind"), Options: []form.Option{
			option(procedure.Organisation, "kind.organisation"), option(procedure.HouseholdBusiness, "kind.household_business")}},
		{ID: "name", Type: form.ShortText, Label: inBoth("portal.organisation.name"), Length: 200},
		{ID: "id_number", Type: form.OrgCode, Label: inBoth("portal.applicant.org_code"), Hint: inBoth("portal.applicant.org_code_hint")},
		{ID: "address", Type: form.Address, Label: inBoth("portal.organisation.address")},
		{ID: "phone", Type: form.Phone, Label: inBoth("portal.person.phone")},
		{ID: "email", Type: form.Email, Label: inBoth("portal.person.email"), Optional: true},
		{ID: "basis", Type: form.ShortText, Label: inBoth("portal.organisation.basis"), Hint: inBoth("portal.organisation.basis_hint"), Length: 200},
	}
})

type controlsPage struct {
	web.Page
	Controls []form.Control
}

func askOrganisation(v *visit) error { return v.askOrganisation(form.Answers{}, nil) }

func (v *visit) askOrganisation(answers form.Answers, wrong []refusal.Field) error {
	p := controlsPage{Page: v.page(v.T("portal.organisation.add")), Controls: form.Controls(organisationFields(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)}
	p.Back = "/to-chuc"
	status := http.StatusOK
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		status = http.StatusUnprocessableEntity
		p.Refuse(e, "")
	}
	return v.Render(status, "organisation_found", p)
}

// foundOrganisation opens an organisation's account, with who opens it as its
// first manager, and acts for it from now on.
func foundOrganisation(v *visit) error {
	answers := form.FromValues(organisationFields(), v.R.PostForm)
	clean, wrong := form.CheckFields(organisationFields(), answers, "", v.now())
	if len(wrong) > 0 {
		return v.askOrganisation(answers, wrong)
	}
	id, err := v.Register.Found(v.R.Context(), v.self(), identity.Person{Kind: clean.Text("kind"), Name: clean.Text("name"), IDNumber: clean.Text("id_number"),
		Address: clean.Text("address"), Phone: clean.Text("phone"), Email: clean.Text("email")}, clean.Text("basis"))
	if e := refusal.As(err); e != nil && e.Kind == refusal.Conflict {
		return v.askOrganisation(answers, []refusal.Field{{Pointer: "/id_number", Key: e.Key, Args: e.Args}})
	}
	if err != nil {
		return err
	}
	if err := v.actFor(id); err != nil {
		return err
	}
	return v.Redirect("/to-chuc/thanh-vien?da=to-chuc")
}

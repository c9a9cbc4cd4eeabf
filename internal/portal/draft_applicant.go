// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"
	"sync"

	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// inBoth is a sentence of the words files in both languages.
func inBoth(key string) form.Text { return form.Text{VI: web.T("vi", key), EN: web.T("en", key)} }

func option(value, key string) form.Option { return form.Option{Value: value, Label: inBoth(key)} }

// applicantFields ask who the dossier is for: the account's holder, or another
// person or organisation that the holder hands in for.
var applicantFields = sync.OnceValue(func() []form.Field {
	other := form.When{Field: "for", Is: "other"}
	citizen := &form.When{All: []form.When{other, {Field: "kind", Is: procedure.Citizen}}}
	business := &form.When{All: []form.When{other, {Field: "kind", In: []any{procedure.Organisation, procedure.HouseholdBusiness}}}}
	return []form.Field{
		{ID: "for", Type: form.Choice, Label: inBoth("portal.applicant.for"), Options: []form.Option{
			{Value: "self", Label: inBoth("portal.applicant.self"), Hint: inBoth("portal.applicant.self_hint")},
			{Value: "other", Label: inBoth("portal.applicant.other"), Hint: inBoth("portal.applicant.other_hint")}}},
		{ID: "kind", Type: form.Choice, Label: inBoth("portal.applicant.kind"), When: &other, Options: []form.Option{
			option(procedure.Citizen, "kind.citizen"), option(procedure.Organisation, "kind.organisation"), option(procedure.HouseholdBusiness, "kind.household_business")}},
		{ID: "name", Type: form.ShortText, Label: inBoth("portal.applicant.name"), When: &other},
		{ID: "id_number", Type: form.IDNumber, Label: inBoth("portal.person.id_number"), Hint: inBoth("portal.person.id_number_hint"), When: citizen},
		{ID: "org_code", Type: form.OrgCode, Label: inBoth("portal.applicant.org_code"), Hint: inBoth("portal.applicant.org_code_hint"), When: business},
		{ID: "birth_date", Type: form.Date, Label: inBoth("portal.person.birth_date"), When: citizen, Optional: true, To: "today"},
		{ID: "phone", Type: form.Phone, Label: inBoth("portal.person.phone"), When: &other, Optional: true},
		{ID: "email", Type: form.Email, Label: inBoth("portal.person.email"), When: &other, Optional: true},
		{ID: "address", Type: form.Address, Label: inBoth("portal.person.address"), When: &other, Optional: true},
	}
})

type applicantPage struct {
	draftPage
	Person   dossier.Applicant // the account's holder
	Controls []form.Control
	Lacking  []string // what the account does not know of its holder
}

// applicantAnswers are the filing's applicant as answers to applicantFields.
func applicantAnswers(f *dossier.Filing) form.Answers {
	if f.Submitter == nil {
		return form.Answers{"for": "self"}
	}
	a := f.Applicant
	answers := form.Answers{"for": "other", "kind": a.Kind, "name": a.Name, "birth_date": a.BirthDate, "phone": a.Phone, "email": a.Email, "address": a.Address}
	if a.Kind == "citizen" {
		answers["id_number"] = a.IDNumber
	} else {
		answers["org_code"] = a.IDNumber
	}
	return answers
}

func applicantOf(answers form.Answers) dossier.Applicant {
	text := func(id string) string { s, _ := answers[id].(string); return form.Tidy(s) }
	a := dossier.Applicant{Kind: text("kind"), Name: text("name"), IDNumber: text("id_number"), Phone: text("phone"), Email: text("email"), Address: text("address"), BirthDate: text("birth_date")}
	if a.Kind != "citizen" {
		a.IDNumber, a.BirthDate = text("org_code"), ""
	}
	return a
}

// wrongApplicant lists what is wrong with the applicant as it is kept.
func (v *drafting) wrongApplicant() []refusal.Field {
	_, wrong := form.CheckFields(applicantFields(), applicantAnswers(&v.d.Filing), "", v.now())
	if v.d.Filing.Submitter == nil {
		for _, key := range lacking(v.who.Person) {
			wrong = append(wrong, refusal.At("/for", "portal.applicant.lacking", "what", inBoth(key)))
		}
	}
	return wrong
}

// lacking names what an account does not know of its holder but a filing needs.
func lacking(p dossier.Applicant) []string {
	var keys []string
	if p.Name == "" {
		keys = append(keys, "portal.person.name")
	}
	if p.IDNumber == "" {
		keys = append(keys, "portal.person.id_number")
	}
	return keys
}

var askApplicant = drafted(func(v *drafting) error {
	var wrong []refusal.Field
	if slices.Contains(v.d.Seen, applicantPart) {
		wrong = v.wrongApplicant()
	}
	return v.askApplicant(applicantAnswers(&v.d.Filing), wrong, http.StatusOK)
})

func (v *drafting) askApplicant(answers form.Answers, wrong []refusal.Field, status int) error {
	p := applicantPage{draftPage: v.draftPage(v.T("portal.applicant.title")), Person: v.who.Person,
		Controls: form.Controls(applicantFields(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)}
	for _, key := range lacking(v.who.Person) {
		p.Lacking = append(p.Lacking, v.T(key))
	}
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		p.Refuse(e, "")
	}
	return v.Render(status, "draft_applicant", p)
}

// saveApplicant keeps who the dossier is for.
var saveApplicant = drafted(func(v *drafting) error {
	answers := form.FromValues(applicantFields(), v.R.PostForm)
	err := v.edit(func(d *dossier.Draft) {
		see(d, applicantPart)
		if answers["for"] != "other" {
			d.Filing.Applicant, d.Filing.Submitter = v.who.Person, nil
			return
		}
		submitter := v.who.Person
		d.Filing.Applicant, d.Filing.Submitter = applicantOf(answers), &submitter
	})
	if err != nil {
		return err
	}
	wrong := v.wrongApplicant()
	if answers["for"] == nil {
		_, wrong = form.CheckFields(applicantFields(), answers, "", v.now())
	}
	if len(wrong) > 0 {
		return v.askApplicant(answers, wrong, http.StatusUnprocessableEntity)
	}
	return v.Redirect(v.next(applicantPart))
})

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"

	"motcua/internal/agency"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type beginPage struct {
	web.Page
	Code, Name            string
	Cases                 []choice
	Agencies              []place
	WrongCase, WrongWhere string
	Drafts                []draftItem // of the same procedure, not sent yet
}

// chooseDraft asks for the case and the agency before a draft is begun.
func chooseDraft(v *visit) error {
	e, err := v.edition()
	if err != nil {
		return err
	}
	return v.choose(e, nil)
}

func (v *visit) choose(e *procedure.Edition, wrong *refusal.Error) error {
	if v.who.Officer {
		return refusal.New(refusal.NotAllowed, "portal.start.officer")
	}
	places, err := v.places(e)
	if err != nil {
		return err
	}
	p := beginPage{Page: v.page(v.T("portal.start.title")), Code: e.Facts.Code, Name: e.Facts.Name.In(v.Lang), Agencies: places}
	p.Back = "/thu-tuc/" + p.Code
	for _, c := range e.Facts.Cases {
		p.Cases = append(p.Cases, choice{Value: c.ID, Label: c.Name.In(v.Lang), Chosen: c.ID == v.R.FormValue("case") || len(e.Facts.Cases) == 1})
	}
	for i := range p.Agencies {
		p.Agencies[i].Chosen = string(p.Agencies[i].ID) == v.R.FormValue("agency") || len(p.Agencies) == 1
	}
	drafts, err := v.Book.Drafts(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if d.Filing.Procedure == p.Code && d.For == "" {
			p.Drafts = append(p.Drafts, draftItem{"/ho-so/nhap/" + d.ID, p.Name, d.UpdatedAt})
		}
	}
	if wrong == nil {
		return v.Render(http.StatusOK, "draft_begin", p)
	}
	p.Refuse(wrong, "")
	p.Place(wrong.Fields, map[string]*string{"/case": &p.WrongCase, "/agency": &p.WrongWhere})
	return v.Render(http.StatusUnprocessableEntity, "draft_begin", p)
}

// beginDraft opens a draft of a procedure, with what the account knows.
func beginDraft(v *visit) error {
	e, err := v.Catalogue.Show(v.R.Context(), v.R.FormValue("procedure"), v.today())
	if err != nil {
		return err
	}
	chosen, at := v.R.FormValue("case"), agency.ID(v.R.FormValue("agency"))
	if chosen == "" && len(e.Facts.Cases) == 1 {
		chosen = e.Facts.Cases[0].ID
	}
	places, err := v.places(e)
	if err != nil {
		return err
	}
	var bad []refusal.Field
	if chosen == "" {
		bad = append(bad, refusal.At("/case", "portal.start.case_missing"))
	} else if e.Facts.Case(chosen) == nil {
		bad = append(bad, refusal.At("/case", "dossier.case.unknown"))
	}
	if at == "" {
		bad = append(bad, refusal.At("/agency", "portal.start.agency_missing"))
	} else if !slices.ContainsFunc(places, func(p place) bool { return p.ID == at }) {
		bad = append(bad, refusal.At("/agency", "dossier.agency.not_offered"))
	}
	if wrong := refusal.Fields("request.invalid", bad); wrong != nil || v.who.Officer {
		return v.choose(e, refusal.As(wrong))
	}
	d, err := v.Book.Begin(v.R.Context(), v.who, dossier.Filing{Procedure: e.Facts.Code, Case: chosen, Agency: at, Channel: procedure.Online, Applicant: v.who.Person})
	if err != nil {
		return err
	}
	return v.Redirect("/ho-so/nhap/" + d.ID)
}

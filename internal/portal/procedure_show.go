// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"cmp"
	"net/http"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/stats"
	"motcua/internal/web"
)

type procedurePage struct {
	web.Page
	E         *procedure.Edition
	Cases     []caseView
	Agencies  []place
	Levels    string
	Audience  string
	Field     string
	Online    string
	Presence  string // why it cannot be done on line to the end
	Assurance string // how one must sign in to file on line
	Returns   []string
	Agency    agency.ID // the only one to begin with, if there is but one
	MayBegin  bool
	ValidFrom string
	ValidTo   string
	Took      stats.Duration // lately
}

// place is an agency that takes the procedure.
type place struct {
	ID                   agency.ID // what a filing names it by
	Reception, Competent string
	Contact              contact // of the reception
	Chosen               bool
}

// caseView is a case as people read it.
type caseView struct {
	ID, Name   string
	Components []componentView
	Limits     []limitView
	Fees       []feeView
}

type componentView struct {
	Name, Model, How string
	Originals        int
	Copies           int
	Optional         bool
	When             string // the condition in words
}

type limitView struct{ Channel, Limit, Note string }

type feeView struct{ Name, Channel, Amount, Note, When string }

// showProcedure publishes all that the law wants published of a procedure
// (NĐ 63/2010).
func showProcedure(v *visit) error {
	e, err := v.edition()
	if refusal.Is(err, refusal.NotFound) {
		return showImported(v)
	}
	if err != nil {
		return err
	}
	f := &e.Facts
	places, err := v.places(e)
	if err != nil {
		return err
	}
	p := procedurePage{Page: v.page(f.Name.In(v.Lang)), E: e, Agencies: places, Levels: levelWords(v.Lang, f.Levels), Field: v.Site.Terms().Field(f.Field).In(v.Lang),
		Online: onlineWord(v.Lang, f.Online.Level), MayBegin: !v.who.Officer}
	p.Back = "/thu-tuc"
	p.ValidFrom = form.DateText(f.ValidFrom.String())
	if f.ValidTo != nil {
		p.ValidTo = form.DateText(f.ValidTo.String())
	}
	if f.Assurance > identity.Single {
		p.Assurance = v.T("portal.procedure.assurance", "need", dossier.LevelNames[f.Assurance].In(v.Lang))
	}
	if f.Online.Level == "partial" {
		p.Presence = v.T(partialWhy[f.Online.Reason])
	}
	var audience []string
	for _, a := range f.Audience {
		audience = append(audience, v.T("kind."+a))
	}
	p.Audience = strings.Join(audience, ", ")
	for _, c := range f.Returns {
		p.Returns = append(p.Returns, v.T("return."+string(c)))
	}
	for i := range f.Cases {
		p.Cases = append(p.Cases, v.caseView(e, &f.Cases[i]))
	}
	if len(f.Cases) == 1 && len(p.Agencies) == 1 {
		p.Agency = p.Agencies[0].ID
	}
	if p.Took, err = stats.Took(v.R.Context(), v.Book.DB, e.Facts.Code, v.today()); err != nil {
		return err
	}
	return v.Render(http.StatusOK, "procedure_show", p)
}

var partialWhy = map[string]string{"presence": "portal.online.why_presence", "field_verification": "portal.online.why_field", "technical": "portal.online.why_technical"}

// edition finds the procedure that the address names.
func (v *visit) edition() (*procedure.Edition, error) {
	return v.Catalogue.Show(v.R.Context(), v.R.PathValue("code"), v.today())
}

// places lists where a procedure can be filed, each by the name that leads to
// one place only.
func (v *visit) places(e *procedure.Edition) ([]place, error) {
	d := v.Site.Directory()
	offerings := d.Offerings(e.Facts.Competent)
	decided := map[agency.ID]int{}
	for _, o := range offerings {
		decided[o.Competent]++
	}
	var list []place
	for _, o := range offerings {
		p := place{ID: o.Competent, Reception: d.Name(o.Reception, v.Lang), Competent: d.Name(o.Competent, v.Lang)}
		if decided[o.Competent] > 1 {
			p.ID = o.Reception
		}
		if a := d.Find(o.Reception); a != nil {
			var err error
			if p.Contact, err = v.contact(a); err != nil {
				return nil, err
			}
		}
		list = append(list, p)
	}
	return list, nil
}

func (v *visit) caseView(e *procedure.Edition, c *procedure.Case) caseView {
	when := func(w *form.When) string { return e.Form.Explain(w, v.Lang, v.factWords) }
	view := caseView{ID: c.ID, Name: c.Name.In(v.Lang)}
	for _, k := range c.Components {
		view.Components = append(view.Components, componentView{Name: k.Name.In(v.Lang), Model: k.Model, How: v.how(&k), Originals: k.Originals, Copies: k.Copies, Optional: k.Optional, When: when(k.When)})
	}
	for _, l := range c.Limits {
		view.Limits = append(view.Limits, limitView{v.T("channel." + cmp.Or(string(l.Channel), "any")), dossier.LimitWords(l.Limit, v.Lang), l.Note.In(v.Lang)})
	}
	for _, fee := range c.Fees {
		view.Fees = append(view.Fees, feeView{fee.Name.In(v.Lang), v.T("channel." + cmp.Or(string(fee.Channel), "any")), v.feeWords(fee), fee.Note.In(v.Lang), when(fee.When)})
	}
	return view
}

// factWords names what a condition may ask of a dossier beside its answers.
func (v *visit) factWords(name, value string) (label, said string) {
	switch name {
	case "@channel":
		return v.T("portal.channel.heading"), strings.ToLower(v.T("channel." + value))
	case "@applicant":
		return v.T("portal.procedure.audience"), strings.ToLower(v.T("kind." + value))
	}
	return v.T("portal.procedure.which_case"), value
}

// how says how a paper is handed in on line.
func (v *visit) how(k *procedure.Component) string {
	switch {
	case k.EForm:
		return v.T("portal.component.e_form")
	case k.Show:
		return v.T("portal.component.show")
	}
	return v.T("portal.component.upload", "kinds", strings.ToUpper(strings.Join(k.Kinds(), ", ")), "mb", k.MaxBytes()>>20)
}

// feeWords tells apart what a fee can be: an amount, nothing, told in a note,
// or not published.
func (v *visit) feeWords(fee procedure.Fee) string {
	switch fee.State {
	case procedure.Amount:
		amount := web.Money(v.Lang, fee.Amount)
		if fee.Per != "" {
			return v.T("portal.fee.per", "amount", amount)
		}
		return amount
	case procedure.Free:
		return v.T("portal.fee.free")
	case procedure.ByNote:
		return v.T("portal.fee.note")
	}
	return v.T("portal.fee.not_published")
}

// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

// procedurePage is what a clerk must know of a procedure.
type procedurePage struct {
	web.Page
	Code, Summary, Decision string
	Competent               []string
	Cases                   []caseView
	Require, Notes          []string
	Returns                 []string
	ProcessDecision         string
	Steps                   []stepView
	Basis                   []procedure.Basis
	Counter                 bool // may be received by this officer
}

type caseView struct {
	ID, Name   string
	Components []procedureComponent
	Limits     []fact
	Fees       []fact
}

type procedureComponent struct {
	Name, Model         string
	Originals, Copies   int
	Optional, Sometimes bool
	EForm, Show         bool
}

// Remarks is true when there is more to say of the component than its name and
// numbers.
func (k procedureComponent) Remarks() bool { return k.Optional || k.Sometimes || k.EForm || k.Show }

type stepView struct {
	Name, Role, At, Limit string
	Actions               []string
}

func showProcedure(v *visit) error {
	e, err := v.Catalogue.Show(v.R.Context(), v.R.PathValue("code"), calendar.DateOf(v.Now()))
	if err != nil {
		return err
	}
	f := &e.Facts
	p := procedurePage{Page: v.page(f.Name.In(v.Lang)), Code: f.Code, Summary: f.Summary.In(v.Lang), Decision: f.Decision, ProcessDecision: e.Process.Decision, Basis: f.Basis}
	p.Back, p.Counter = "/mot-cua", len(v.counters(e)) > 0
	for _, o := range v.Site.Directory().Offerings(f.Competent) {
		p.Competent = append(p.Competent, v.T("desk.procedure.offering", "competent", v.Site.Directory().Name(o.Competent, v.Lang), "reception", v.Site.Directory().Name(o.Reception, v.Lang)))
	}
	for i := range f.Cases {
		p.Cases = append(p.Cases, v.caseView(&f.Cases[i]))
	}
	for _, t := range f.Require {
		p.Require = append(p.Require, t.In(v.Lang))
	}
	for _, t := range f.Notes {
		p.Notes = append(p.Notes, t.In(v.Lang))
	}
	for _, r := range f.Returns {
		p.Returns = append(p.Returns, v.T("return."+string(r)))
	}
	for i := range e.Process.Steps {
		p.Steps = append(p.Steps, v.stepView(&e.Process.Steps[i]))
	}
	return v.Render(http.StatusOK, "procedure_show", p)
}

func (v *visit) caseView(c *procedure.Case) caseView {
	view := caseView{ID: c.ID, Name: c.Name.In(v.Lang)}
	for _, k := range c.Components {
		view.Components = append(view.Components, procedureComponent{k.Name.In(v.Lang), k.Model, k.Originals, k.Copies, k.Optional, k.When != nil, k.EForm, k.Show})
	}
	for _, l := range c.Limits {
		said := dossier.LimitWords(l.Limit, v.Lang)
		if note := l.Note.In(v.Lang); note != "" {
			said += ". " + note
		}
		view.Limits = append(view.Limits, fact{v.channel(l.Channel), said})
	}
	for _, fee := range c.Fees {
		view.Fees = append(view.Fees, fact{fee.Name.In(v.Lang) + " – " + v.channel(fee.Channel), v.fee(&fee)})
	}
	return view
}

func (v *visit) channel(c procedure.Channel) string {
	if c == "" {
		return v.T("channel.any")
	}
	return v.T("channel." + string(c))
}

func (v *visit) fee(f *procedure.Fee) string {
	said := ""
	switch f.State {
	case procedure.Free:
		said = v.T("desk.fee.free")
	case procedure.NotPublished:
		said = v.T("desk.fee.not_published")
	case procedure.Amount:
		said = web.Money(v.Lang, f.Amount)
		if f.Per != "" {
			said = v.T("desk.fee.each", "amount", said)
		}
		if f.When != nil {
			said = v.T("desk.fee.sometimes", "amount", said)
		}
	}
	note := f.Note.In(v.Lang)
	if said != "" && note != "" {
		said += ". "
	}
	return said + note
}

func (v *visit) stepView(s *workflow.StepOfWay) stepView {
	view := stepView{Name: s.Name.In(v.Lang), Role: v.T("role." + string(s.Role)), At: v.T("desk.place." + string(s.At))}
	if s.Limit != nil {
		view.Limit = dossier.LimitWords(*s.Limit, v.Lang)
	}
	for _, a := range s.Actions {
		view.Actions = append(view.Actions, a.Label.In(v.Lang))
	}
	return view
}

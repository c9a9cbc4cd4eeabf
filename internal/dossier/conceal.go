// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// Officers, and the programs that act for them, see what finds a person – identity
// number, phone, e-mail – concealed until they say what for: see Reveal.

// Concealed is a person with what finds them hidden. The codes of organisations are
// public.
func (a Applicant) Concealed() Applicant {
	if a.Kind == "citizen" {
		a.IDNumber = form.Conceal(form.IDNumber, a.IDNumber)
	}
	a.Phone, a.Email = form.Conceal(form.Phone, a.Phone), form.Conceal(form.Email, a.Email)
	return a
}

// Conceals is true where a dossier is shown to an officer, and not as their own.
func (a Actor) Conceals(s *State) bool { return a.Officer && a.Account != s.Account }

// Concealed is the history of a dossier with what finds persons hidden, in the words
// of the forms that each event was filled in by.
func (b *Book) Concealed(ctx context.Context, f *File) ([]Record, error) {
	t, err := b.Track(ctx, &f.State)
	if err != nil {
		return nil, err
	}
	inputs := officersInputs(&t)
	list := make([]Record, len(f.Events))
	for i, r := range f.Events {
		switch e := r.Event.(type) {
		case Submitted:
			e.Matter, err = b.conceal(ctx, e.Matter)
			r.Event = e
		case Corrected:
			e.Matter, err = b.conceal(ctx, e.Matter)
			r.Event = e
		case Supplemented:
			e.Answers = form.ConcealAnswers(t.Edition.Form.Questions(), e.Answers)
			r.Event = e
		case StepDone:
			e.Inputs = form.ConcealAnswers(inputs, e.Inputs)
			r.Event = e
		case Proposed:
			e.Inputs = form.ConcealAnswers(inputs, e.Inputs)
			r.Event = e
		case PartDone:
			if leg := t.leg(e.ID); leg != nil {
				e.Inputs = form.ConcealAnswers(leg.Inputs, e.Inputs)
				r.Event = e
			}
		}
		if err != nil {
			return nil, err
		}
		list[i] = r
	}
	return list, nil
}

func (b *Book) conceal(ctx context.Context, m Matter) (Matter, error) {
	e, err := b.Catalogue.Pinned(ctx, m.Procedure, m.Edition)
	if err != nil {
		return m, err
	}
	m.Applicant = m.Applicant.Concealed()
	if m.Submitter != nil {
		s := m.Submitter.Concealed()
		m.Submitter = &s
	}
	m.Answers = form.ConcealAnswers(e.Form.Questions(), m.Answers)
	consents := make([]Consent, len(m.Consents))
	for i, c := range m.Consents {
		c.IDNumber = form.Conceal(form.IDNumber, c.IDNumber)
		consents[i] = c
	}
	if m.Consents != nil {
		m.Consents = consents
	}
	return m, nil
}

// officersInputs are the questions of all steps and results.
func officersInputs(t *Track) []form.Field {
	var list []form.Field
	for i := range t.Process.Steps {
		list = append(list, t.Process.Steps[i].Inputs...)
	}
	for i := range t.Edition.Results {
		list = append(list, t.Edition.Results[i].Inputs...)
	}
	return list
}

// Numbers are what finds persons in a dossier, and in what the acts that are offered
// start from.
func (f *File) Numbers(t *Track, offers []Offer) *form.Numbers {
	n := &form.Numbers{}
	for _, a := range []*Applicant{&f.State.Applicant, f.State.Submitter} {
		if a != nil {
			n.Add(form.Phone, a.Phone)
			n.Add(form.Email, a.Email)
			if a.Kind == "citizen" {
				n.Add(form.IDNumber, a.IDNumber)
			}
		}
	}
	n.AddAnswers(t.Edition.Form.Questions(), f.Answers)
	for _, o := range offers {
		for _, p := range o.Params {
			if p.Field != nil {
				n.AddAnswers([]form.Field{*p.Field}, map[string]any{p.Name: p.Value})
			}
		}
	}
	return n
}

// Numbers are those of the dossier and its offers.
func (v *Sight) Numbers() (*form.Numbers, error) {
	f := File{State: v.State}
	if err := json.Unmarshal(v.Answers, &f.Answers); err != nil {
		return nil, err
	}
	return f.Numbers(&v.Track, v.Offers), nil
}

// WholeParams is what was sent for an act, with what came back concealed as it was:
// where the act asks for it, and nowhere else, or a note would show it to who wrote it.
func (b *Book) WholeParams(ctx context.Context, who Actor, code Code, act string, given map[string]any) (map[string]any, error) {
	text, err := json.Marshal(given)
	if err != nil || !bytes.Contains(text, []byte("•")) {
		return given, err
	}
	s, err := b.Find(ctx, who, code)
	if err != nil {
		return nil, err
	}
	v, err := b.SeeAs(ctx, who, s)
	if err != nil {
		return nil, err
	}
	n, err := v.Numbers()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(v.Offers, func(o Offer) bool { return o.Act == act })
	if i < 0 {
		return given, nil
	}
	asked, err := b.concealedIn(ctx, v.Offers[i].Params, v.Track.Edition, given)
	return n.Whole(asked, given), err
}

// concealedIn are the questions behind an act's parameters: officers' inputs, answers
// that change, and the whole dossier where it is filed anew, perhaps by another form.
func (b *Book) concealedIn(ctx context.Context, params []Param, e *procedure.Edition, given map[string]any) ([]form.Field, error) {
	var list []form.Field
	for _, p := range params {
		switch {
		case p.Field != nil:
			list = append(list, *p.Field)
		case p.Name == "answers":
			list = append(list, form.Field{ID: p.Name, Type: form.Group, Fields: e.Form.Questions()})
		case p.Name == "filing":
			filing, _ := given[p.Name].(map[string]any)
			if other, _ := filing["procedure"].(string); other != "" && other != e.Facts.Code {
				filed, err := b.Catalogue.Show(ctx, other, local(b.Now()))
				if refusal.As(err) != nil {
					continue // the act refuses it, too
				}
				if err != nil {
					return nil, err
				}
				e = filed
			}
			list = append(list, form.Field{ID: p.Name, Type: form.Group, Fields: []form.Field{
				{ID: "applicant", Type: form.Group, Fields: personNumbers}, {ID: "submitter", Type: form.Group, Fields: personNumbers},
				{ID: "answers", Type: form.Group, Fields: e.Form.Questions()}}})
		}
	}
	return list, nil
}

// personNumbers are what is concealed of a person.
var personNumbers = []form.Field{{ID: "id_number", Type: form.IDNumber}, {ID: "phone", Type: form.Phone}, {ID: "email", Type: form.Email}}

// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strconv"
	"strings"

	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// numbers are what is concealed on the page of a dossier, to be asked for one by
// one.
type numbers struct {
	Hidden   []choice // number and what it is
	Revealed *fact    // the one that was asked for
	Look     string   // what the page shows beside it
	Purpose  string   // as it was typed, of which
	Refusing bool     // says that it is none
	asked    string
}

// hide conceals a value of a type, unless it was asked for.
func (n *numbers) hide(id, label string, t form.Type, value string) string {
	hidden := form.Conceal(t, value)
	if hidden == value {
		return value
	}
	n.Hidden = append(n.Hidden, choice{id, label, id == n.asked})
	if id != n.asked {
		return hidden
	}
	n.Revealed = &fact{label, value}
	return value
}

// concealAnswers conceals what was answered, as it is shown.
func (n *numbers) concealAnswers(path, group string, items []form.Answered) {
	for i := range items {
		a, at := &items[i], path+"."+strconv.Itoa(i)
		if a.Group {
			n.concealAnswers(at, a.Label, a.Items)
		} else {
			a.Value = n.hide(at, group+" – "+a.Label, a.Type, a.Value)
		}
	}
}

// concealed is a person as officers see them: whose is applicant or submitter.
func (v *visit) concealed(p *dossierPage, whose string, a *dossier.Applicant) dossier.Applicant {
	label := func(what string) string {
		return v.T("desk.dossier."+whose) + " – " + v.T("desk.person."+what)
	}
	shown := *a
	shown.BirthDate = form.DateText(a.BirthDate)
	if a.Kind == "citizen" { // the codes of organisations are public
		shown.IDNumber = p.hide(whose+".id_number", label("id_number"), form.IDNumber, a.IDNumber)
	}
	shown.Phone = p.hide(whose+".phone", label("phone"), form.Phone, a.Phone)
	shown.Email = p.hide(whose+".email", label("email"), form.Email, a.Email)
	return shown
}

// showNumber shows one concealed number of a dossier in full, once, to who says
// what for; that is noted first, and the applicant reads it.
func showNumber(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	values := v.R.PostForm
	page := func(number string) (*dossierPage, error) {
		v.number = number
		p, err := v.dossierPage(&f, values.Get("hang"), values.Get("xem"), nil)
		if err == nil {
			p.Path = dossierPath(f.State.Code, p.Hang)
		}
		return p, err
	}
	asked, purpose := values.Get("so"), strings.TrimSpace(values.Get("muc-dich"))
	p, err := page(asked)
	if err != nil {
		return err
	}
	if p.Revealed == nil {
		return refusal.New(refusal.Invalid, "view.no_number")
	}
	err = v.Book.Reveal(v.R.Context(), v.who, &f, "number "+p.Revealed.Label, purpose)
	if err == nil {
		return v.Render(http.StatusOK, "dossier_show", p)
	}
	e := refusal.As(err)
	if e == nil || e.Kind != refusal.Invalid {
		return err
	}
	if p, err = page(""); err != nil {
		return err
	}
	for i := range p.Hidden {
		p.Hidden[i].Chosen = p.Hidden[i].Value == asked
	}
	p.Purpose, p.Refusing = purpose, true
	said := *e
	said.Fields = []refusal.Field{refusal.At("/muc-dich", "view.say")}
	p.Refuse(&said, "")
	return v.Render(http.StatusUnprocessableEntity, "dossier_show", p)
}

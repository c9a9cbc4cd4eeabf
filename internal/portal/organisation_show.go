// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"strconv"

	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type organisationsPage struct {
	web.Page
	Mandates []mandateItem
}

// mandateItem is a mandate as who holds it, or who gives it, sees it.
type mandateItem struct {
	ID, Organisation int64
	Name, Code       string // of the other side
	Role, Term       string
	Basis            string
	Word, Tag        string // whether it holds
	Holds, Open      bool   // today; it can still be ended
	Acting           bool   // in this session
}

// self is the account of the person who asks, also where they act for an organisation.
func (v *visit) self() int64 {
	if v.who.Member != nil {
		return v.who.Member.Account
	}
	return v.who.Account
}

// citizen lets only those through who are signed in and no officers.
func citizen(h handler) handler {
	return signedIn(func(v *visit) error {
		if v.who.Officer {
			return refusal.New(refusal.NotAllowed, "portal.organisation.officer")
		}
		return h(v)
	})
}

func (v *visit) mandateItem(m *identity.Mandate) mandateItem {
	i := mandateItem{ID: m.ID, Organisation: m.Organisation, Role: v.T("mandate." + string(m.Role)), Basis: m.Basis,
		Holds: m.On(v.today()), Open: m.EndedAt.IsZero() && (m.To.IsZero() || !m.To.Before(v.today()))}
	if m.To.IsZero() {
		i.Term = v.T("mandate.since", "from", web.Day(m.From.At(0)))
	} else {
		i.Term = v.T("mandate.term", "from", web.Day(m.From.At(0)), "to", web.Day(m.To.At(0)))
	}
	switch {
	case i.Holds:
		i.Word, i.Tag = v.T("mandate.holds"), "tag-done"
	case i.Open:
		i.Word, i.Tag = v.T("mandate.begins"), "tag-open"
	default:
		i.Word, i.Tag = v.T("mandate.ended"), "tag-late"
	}
	return i
}

// showOrganisations lists for whom somebody may act, and lets them choose.
func showOrganisations(v *visit) error {
	list, err := v.Register.Mandates(v.R.Context(), v.self())
	if err != nil {
		return err
	}
	p := organisationsPage{Page: v.page(v.T("portal.organisation.title"))}
	p.Back = "/ho-so"
	for i := range list {
		m := v.mandateItem(&list[i])
		m.Name, m.Code, m.Acting = list[i].Name, list[i].Code, v.who.Member != nil && v.who.Account == list[i].Organisation
		p.Mandates = append(p.Mandates, m)
	}
	return v.Render(http.StatusOK, "organisation_show", p)
}

// actFor makes this session act for an organisation, or for oneself again.
func actFor(v *visit) error {
	organisation, err := strconv.ParseInt(v.R.PostForm.Get("organisation"), 10, 64)
	if err != nil {
		return refusal.New(refusal.NotFound, "identity.mandate.unknown")
	}
	if err := v.actFor(organisation); err != nil {
		return err
	}
	if organisation == 0 {
		return v.Redirect("/to-chuc?da=ca-nhan")
	}
	return v.Redirect("/ho-so?da=thay-mat")
}

func (v *visit) actFor(organisation int64) error {
	return v.Register.ActFor(v.R.Context(), v.Secret(), organisation)
}

// endMandate ends a mandate: one's own, or, as a manager, a member's.
func endMandate(v *visit) error {
	id, err := strconv.ParseInt(v.R.PostForm.Get("mandate"), 10, 64)
	if err != nil {
		return refusal.New(refusal.NotFound, "identity.mandate.unknown")
	}
	if err := v.Register.End(v.R.Context(), v.self(), id); err != nil {
		return err
	}
	return v.Redirect(web.LocalPath(v.R.PostForm.Get("next"), "/to-chuc") + "?da=thoi-uy-quyen")
}

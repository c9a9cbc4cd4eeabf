// SPDX-License-Identifier: Apache-2.0

// Package desk is the face for officers, the electronic one-stop: their queues,
// one dossier on one screen with the acts they may do, reception at the
// counter, many dossiers at once, search. What somebody may do is what the book
// offers; no page knows a right of its own, and every page works without
// scripts. Start at (*Desk).Routes.
package desk

import (
	"embed"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/payment"
	"motcua/internal/privacy"
	"motcua/internal/procedure"
	"motcua/internal/records"
	"motcua/internal/refusal"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

// Desk answers the officers' pages.
type Desk struct {
	Book      *dossier.Book
	Register  *identity.Register
	Catalogue *procedure.Catalogue
	Site      *agency.Site
	Guard     *web.Guard
	Now       func() time.Time
	Privacy   *privacy.Office
	Keeper    *records.Keeper
	Payments  *payment.Office
}

//go:embed *.html
var templates embed.FS

var pages = sync.OnceValue(func() *web.Pages { return web.ParsePages("desk", templates) })

// visit is one request and who asks.
type visit struct {
	*Desk
	*web.Visit
	who    dossier.Actor
	number string // that is asked for in full, on the page of its dossier
}

// handler answers a visit; an error becomes a page of its own.
type handler func(v *visit) error

// answer makes a handler of the web: only officers pass, forms that were not
// served to this browser are refused, errors become pages.
func (d *Desk) answer(h handler) http.Handler { return d.answerForm(h, false) }

// answerForm is answer for a page that may be sent files: their form is then
// read, and its token checked, by the handler.
func (d *Desk) answerForm(h handler, files bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Desk: d, Visit: web.NewVisit(w, r, d.Guard, pages())}
		err := v.recognise()
		if err == nil && r.Method == http.MethodPost && !(files && web.Multipart(r)) {
			err = v.ReadForm()
		}
		if err == nil {
			err = h(v)
		}
		if err != nil {
			v.fail(err)
		}
	})
}

func (v *visit) recognise() error {
	account, err := v.Register.Session(v.R.Context(), v.Secret())
	if err != nil {
		return err
	}
	v.who = dossier.ActorOf(account, v.Site.Directory(), calendar.DateOf(v.Now()))
	v.who.Address = web.Address(v.R)
	if !v.who.Officer {
		return refusal.New(refusal.NotAllowed, "desk.officers_only")
	}
	return nil
}

// by is the officer, for what is changed of the site.
func (v *visit) by() audit.By {
	return v.who.By()
}

// ofSite is true for who administers all of the site: what holds everywhere is theirs
// to change, and not an agency's administrator's.
func (v *visit) ofSite() bool {
	return slices.ContainsFunc(v.who.Posts, func(p agency.Post) bool {
		a := v.Site.Directory().Find(p.Agency)
		return p.Role == workflow.Admin && a != nil && a.Parent == ""
	})
}

// page is what every page of this visit shows around its content.
func (v *visit) page(title string) web.Page {
	p := v.Page(title, v.without("da", "ma", "lang"))
	p.Site, p.Wide = v.Site.Terms().Name.In(v.Lang), true
	if o := v.Site.Outage(); o != nil {
		p.Outage = web.OutageSaid(v.Lang, o.From, o.To, o.Reason, o.On(v.Now()))
	}
	if v.who.Account != 0 {
		p.Who = &web.Who{Name: v.who.Name, Officer: v.who.Officer, Clerk: v.who.HasRole(workflow.Clerk), Admin: v.who.HasRole(workflow.Admin), Site: v.ofSite(), Head: v.who.Heads(), Privacy: privacy.InCharge(v.who), Money: v.money()}
	}
	p.Notice, p.Stead = v.notice(), v.instead()
	return p
}

// instead says for which absent colleagues the officer stands in.
func (v *visit) instead() string {
	if len(v.who.Away) == 0 {
		return ""
	}
	return v.T("desk.absence.for", "name", strings.Join(slices.Sorted(maps.Values(v.who.Away)), ", "))
}

// without is this page's address without some of its query.
func (v *visit) without(names ...string) string {
	u := *v.R.URL
	q := u.Query()
	for _, n := range names {
		q.Del(n)
	}
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// notice says once what was just done: ?da= names the act, ?ma= the dossier.
func (v *visit) notice() string {
	q := v.R.URL.Query()
	key := "desk.done." + q.Get("da")
	code, ok := dossier.ParseCode(q.Get("ma"))
	if !ok || !web.Says(key) {
		return ""
	}
	return v.T(key, "code", string(code))
}

// fail answers an error with a page: strangers are asked to sign in first.
func (v *visit) fail(err error) { v.Fail(v.page(""), v.Here("/mot-cua"), err) }

// showMissing is the page of addresses below /mot-cua that do not exist.
func showMissing(*visit) error { return refusal.New(refusal.NotFound, "desk.no_page") }

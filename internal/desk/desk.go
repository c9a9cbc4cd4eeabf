// SPDX-License-Identifier: Apache-2.0

// Package desk is the face for officers, the electronic one-stop: their queues,
// one dossier on one screen with the acts they may do, reception at the
// counter, many dossiers at once, search. What somebody may do is what the book
// offers; no page knows a right of its own, and every page works without
// scripts. Start at (*Desk).Routes.
package desk

import (
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// Desk answers the officers' pages.
type Desk struct {
	Book      *dossier.Book
	Register  *identity.Register
	Catalogue *procedure.Catalogue
	Site      *agency.Site
	Guard     *web.Guard
	Now       func() time.Time
}

//go:embed *.html
var templates embed.FS

var pages = sync.OnceValue(func() *web.Pages { return web.ParsePages("desk", templates) })

// visit is one request: who asks, in which language, where the answer goes.
type visit struct {
	*Desk
	w    http.ResponseWriter
	r    *http.Request
	lang string
	who  dossier.Actor
}

// handler answers a visit; an error becomes a page of its own.
type handler func(v *visit) error

// bodyLimit is the largest form without files.
const bodyLimit = 1 << 20

// answer makes a handler of the web: only officers pass, forms that were not
// served to this browser are refused, errors become pages.
func (d *Desk) answer(h handler) http.Handler { return d.answerForm(h, false) }

// answerForm is answer for a page that may be sent files: their form is then
// read, and its token checked, by the handler.
func (d *Desk) answerForm(h handler, files bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Desk: d, w: w, r: r, lang: web.Lang(r)}
		err := v.recognise()
		if err == nil && r.Method == http.MethodPost && !(files && web.Multipart(r)) {
			err = v.readForm()
		}
		if err == nil {
			err = h(v)
		}
		if err != nil {
			v.fail(err)
		}
	})
}

// sessionCookie holds the secret of a sign-in.
const sessionCookie = "session"

func (v *visit) recognise() error {
	c, err := v.r.Cookie(sessionCookie)
	if err != nil || c.Value == "" {
		return refusal.New(refusal.NotSignedIn, "identity.not_signed_in")
	}
	account, err := v.Register.Session(v.r.Context(), c.Value)
	if err != nil {
		return err
	}
	v.who = dossier.ActorOf(account, v.Site.Directory(), calendar.DateOf(v.Now()))
	if !v.who.Officer {
		return refusal.New(refusal.NotAllowed, "desk.officers_only")
	}
	return nil
}

func (v *visit) readForm() error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, bodyLimit)
	if err := v.r.ParseForm(); err != nil {
		return unreadable(err, bodyLimit)
	}
	return v.Guard.Check(v.r)
}

// unreadable tells a body that was too large from one that is broken.
func unreadable(err error, limit int64) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return refusal.New(refusal.TooLarge, "request.too_large", "mb", limit>>20)
	}
	if refusal.As(err) != nil {
		return err
	}
	return refusal.New(refusal.Invalid, "request.unreadable")
}

func (v *visit) t(key string, args ...any) string { return web.T(v.lang, key, args...) }

// page is what every page of this visit shows around its content.
func (v *visit) page(title string) web.Page {
	p := web.Page{Lang: v.lang, Title: title, Site: v.Site.Terms().Name.In(v.lang), Face: "desk", Path: v.without("da", "ma", "lang"), CSRF: v.Guard.Token(v.w, v.r), Wide: true}
	if v.who.Account != 0 {
		p.Who = &web.Who{Name: v.who.Name, Officer: v.who.Officer}
	}
	p.Notice = v.notice()
	return p
}

// without is this page's address without some of its query.
func (v *visit) without(names ...string) string {
	u := *v.r.URL
	q := u.Query()
	for _, n := range names {
		q.Del(n)
	}
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// notice says once what was just done: ?da= names the act, ?ma= the dossier.
func (v *visit) notice() string {
	q := v.r.URL.Query()
	key, ok := doneWords[q.Get("da")]
	if !ok {
		return ""
	}
	code, ok := dossier.ParseCode(q.Get("ma"))
	if !ok {
		return ""
	}
	return v.t(key, "code", string(code))
}

// doneWords are what is said after an act.
var doneWords = map[string]string{
	"receive": "desk.done.receive", "forward": "desk.done.forward", "assign": "desk.done.assign", "reassign": "desk.done.reassign",
	"step": "desk.done.step", "propose": "desk.done.propose", "approve": "desk.done.approve", "send_back": "desk.done.send_back",
	"issue": "desk.done.issue", "collect": "desk.done.collect", "hand_over": "desk.done.hand_over", "counter": "desk.done.counter",
}

func (v *visit) render(status int, name string, data any) error {
	return pages().Render(v.w, status, name, data)
}

// redirect sends the browser on after an act.
func (v *visit) redirect(to string) error {
	v.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// problemPage says that something did not work, why, and what to do next.
type problemPage struct {
	web.Page
	Why, Basis, Number string
}

// problemTitles are the headings of refusals that take a page of their own.
var problemTitles = map[refusal.Kind]string{
	refusal.NotFound: "desk.problem.not_found", refusal.NotAllowed: "desk.problem.not_allowed",
	refusal.TooLarge: "desk.problem.too_large", refusal.Unavailable: "desk.problem.unavailable",
}

// fail answers an error with a page: strangers are asked to sign in first.
func (v *visit) fail(err error) {
	e := refusal.As(err)
	if e != nil && e.Kind == refusal.NotSignedIn {
		_ = v.redirect("/dang-nhap?next=" + url.QueryEscape(v.here()))
		return
	}
	p := problemPage{Page: v.page(v.t("desk.problem.other"))}
	p.Wide, p.Notice = false, ""
	if e == nil {
		p.Title, p.Number = v.t("desk.problem.fault"), web.Fault(v.r, err)
	} else {
		if key, ok := problemTitles[e.Kind]; ok {
			p.Title = v.t(key)
		}
		p.Why, p.Basis = web.Sentence(v.lang, e), e.Basis
		if e.Kind == refusal.Unavailable {
			slog.ErrorContext(v.r.Context(), "unavailable", "error", err)
			v.w.Header().Set("Retry-After", "5")
		}
	}
	if err := v.render(web.Status(err), "problem_show", p); err != nil {
		web.Problem(v.w, v.r, err)
	}
}

// here is the page to come back to after signing in: this one, or, after a
// form, the page the form stood on.
func (v *visit) here() string {
	if v.r.Method == http.MethodGet {
		return v.r.URL.RequestURI()
	}
	if from, err := url.Parse(v.r.Referer()); err == nil && from.Host == v.r.Host && strings.HasPrefix(from.Path, "/mot-cua") {
		return from.RequestURI()
	}
	return "/mot-cua"
}

// showMissing is the page of addresses below /mot-cua that do not exist.
func showMissing(*visit) error { return refusal.New(refusal.NotFound, "desk.no_page") }

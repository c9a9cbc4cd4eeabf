// SPDX-License-Identifier: Apache-2.0

// Package portal is the face for citizens: find a procedure, fill it in, send
// it, follow it, take the result and rate the service. Pages work without
// scripts; what is typed is kept on the server after every page; no rule of the
// law lives here. Start at (*Portal).Routes.
package portal

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

// Portal answers the citizen's pages.
type Portal struct {
	Book      *dossier.Book
	Register  *identity.Register
	Catalogue *procedure.Catalogue
	Site      *agency.Site
	Guard     *web.Guard
	Guesses   *web.Tries // of look-up secrets, by dossier code
	Now       func() time.Time

	signIns web.Tries // of passwords, by login
	figures figures
}

//go:embed *.html
var templates embed.FS

var pages = sync.OnceValue(func() *web.Pages { return web.ParsePages("portal", templates) })

// visit is one request: who asks, in which language, where the answer goes.
type visit struct {
	*Portal
	w    http.ResponseWriter
	r    *http.Request
	lang string
	who  dossier.Actor // the zero Actor is a stranger
}

// handler answers a visit; an error becomes a page of its own.
type handler func(v *visit) error

// bodyLimit is the largest form without files.
const bodyLimit = 1 << 20

// answer makes a handler of the web: it finds out who asks, refuses forms that
// were not served to this browser, and turns errors into pages.
func (p *Portal) answer(h handler) http.Handler { return p.answerForm(h, false) }

// answerForm is answer for a page that may be sent files: their form is then
// read, and its token checked, by the handler.
func (p *Portal) answerForm(h handler, files bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Portal: p, w: w, r: r, lang: web.Lang(r)}
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

// signedIn lets only those through who are signed in.
func signedIn(h handler) handler {
	return func(v *visit) error {
		if v.who.Account == 0 {
			return refusal.New(refusal.NotSignedIn, "identity.not_signed_in")
		}
		return h(v)
	}
}

// sessionCookie holds the secret of a sign-in.
const sessionCookie = "session"

func (v *visit) recognise() error {
	c, err := v.r.Cookie(sessionCookie)
	if err != nil || c.Value == "" {
		return nil
	}
	account, err := v.Register.Session(v.r.Context(), c.Value)
	if refusal.Is(err, refusal.NotSignedIn) {
		return nil
	}
	if err != nil {
		return err
	}
	v.who = dossier.ActorOf(account, v.Site.Directory(), v.today())
	return nil
}

func (v *visit) readForm() error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, bodyLimit)
	if err := v.r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return refusal.New(refusal.TooLarge, "request.too_large", "mb", bodyLimit>>20)
		}
		return refusal.New(refusal.Invalid, "request.unreadable")
	}
	return v.Guard.Check(v.r)
}

func (v *visit) today() calendar.Date { return calendar.DateOf(v.Now()) }

// now is the instant as a date in Vietnam, which bounds dates in forms.
func (v *visit) now() time.Time { return v.Now().In(calendar.Zone) }

func (v *visit) t(key string, args ...any) string { return web.T(v.lang, key, args...) }

// page is what every page of this visit shows around its content.
func (v *visit) page(title string) web.Page {
	path := v.r.URL.Path
	if v.r.Method == http.MethodGet && !strings.HasPrefix(path, "/dang-") {
		path = v.r.URL.RequestURI()
	}
	p := web.Page{Lang: v.lang, Title: title, Site: v.Site.Terms().Name.In(v.lang), Face: "portal", Path: path, CSRF: v.Guard.Token(v.w, v.r)}
	if v.who.Account != 0 {
		p.Who = &web.Who{Name: v.who.Name, Officer: v.who.Officer}
	}
	if key, ok := notices[v.r.URL.Query().Get("da")]; ok {
		p.Notice = v.t(key)
	}
	return p
}

// notices are what a page may say once after an act, by the value of ?da=.
var notices = map[string]string{
	"luu": "portal.notice.saved", "bo": "portal.notice.discarded", "go-tep": "portal.notice.file_removed", "nop-tep": "portal.notice.files_added",
	"danh-gia": "portal.notice.rated", "da-danh-gia": "portal.notice.rated_before", "tai-khoan": "portal.notice.account", "dang-xuat": "portal.notice.signed_out",
	"dang-ky": "portal.notice.signed_up",
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
	NotFound           bool
}

// problemTitles are the headings of refusals that take a page of their own.
var problemTitles = map[refusal.Kind]string{
	refusal.NotFound: "portal.problem.not_found", refusal.NotAllowed: "portal.problem.not_allowed", refusal.TooMany: "portal.problem.too_many",
	refusal.TooLarge: "portal.problem.too_large", refusal.Unavailable: "portal.problem.unavailable",
}

// fail answers an error with a page: strangers are asked to sign in first.
func (v *visit) fail(err error) {
	e := refusal.As(err)
	if e != nil && e.Kind == refusal.NotSignedIn {
		_ = v.redirect("/dang-nhap?next=" + url.QueryEscape(v.here()))
		return
	}
	p := problemPage{Page: v.page(v.t("portal.problem.other"))}
	switch {
	case e == nil:
		p.Title, p.Number = v.t("portal.problem.fault"), web.Fault(v.r, err)
	default:
		if key, ok := problemTitles[e.Kind]; ok {
			p.Title = v.t(key)
		}
		p.Why, p.Basis, p.NotFound = web.Sentence(v.lang, e), e.Basis, e.Kind == refusal.NotFound
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
	if from, err := url.Parse(v.r.Referer()); err == nil && from.Host == v.r.Host {
		return localPath(from.RequestURI(), "/")
	}
	return "/"
}

// localPath keeps a path on this site and answers def to anything else.
func localPath(to, def string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return def
	}
	return to
}

// showMissing is the page of every address that does not exist, of all faces.
func showMissing(v *visit) error {
	p := problemPage{Page: v.page(v.t("portal.problem.not_found")), Why: v.t("portal.problem.no_page"), NotFound: true}
	return v.render(http.StatusNotFound, "problem_show", p)
}

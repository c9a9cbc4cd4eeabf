// SPDX-License-Identifier: Apache-2.0

// Package portal is the face for citizens: find a procedure, fill it in, send
// it, follow it, take the result and rate the service. Pages work without
// scripts; what is typed is kept on the server after every page; no rule of the
// law lives here. Start at (*Portal).Routes.
package portal

import (
	"embed"
	"net/http"
	"strings"
	"sync"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/payment"
	"motcua/internal/privacy"
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
	Privacy   *privacy.Office
	Payments  *payment.Office

	signIns web.Knocks // of passwords, by login
	figures figures
}

//go:embed *.html
var templates embed.FS

var pages = sync.OnceValue(func() *web.Pages { return web.ParsePages("portal", templates) })

// visit is one request and who asks.
type visit struct {
	*Portal
	*web.Visit
	who dossier.Actor // the zero Actor is a stranger
}

func (p *Portal) visit(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{Portal: p, Visit: web.NewVisit(w, r, p.Guard, pages())}
}

// handler answers a visit; an error becomes a page of its own.
type handler func(v *visit) error

// answer makes a handler of the web: it finds out who asks, refuses forms that
// were not served to this browser, and turns errors into pages.
func (p *Portal) answer(h handler) http.Handler { return p.answerForm(h, false) }

// answerForm is answer for a page that may be sent files: their form is then
// read, and its token checked, by the handler.
func (p *Portal) answerForm(h handler, files bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := p.visit(w, r)
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

// signedIn lets only those through who are signed in. Who may only follow sends no
// form about a draft or a dossier: it is refused before anything in it is looked at.
func signedIn(h handler) handler {
	return func(v *visit) error {
		if v.who.Account == 0 {
			return refusal.New(refusal.NotSignedIn, "identity.not_signed_in")
		}
		if v.R.Method == http.MethodPost && strings.HasPrefix(v.R.URL.Path, "/ho-so/") {
			if err := v.who.Follows(); err != nil {
				return err
			}
		}
		return h(v)
	}
}

func (v *visit) recognise() error {
	if v.Secret() == "" {
		return nil
	}
	account, err := v.Register.Session(v.R.Context(), v.Secret())
	if refusal.Is(err, refusal.NotSignedIn) {
		return nil
	}
	if err != nil {
		return err
	}
	v.who = dossier.ActorOf(account, v.Site.Directory(), v.today())
	v.who.Address = web.Address(v.R)
	return nil
}

func (v *visit) today() calendar.Date { return calendar.DateOf(v.Now()) }

// now is the instant as a date in Vietnam, which bounds dates in forms.
func (v *visit) now() time.Time { return v.Now().In(calendar.Zone) }

// page is what every page of this visit shows around its content.
func (v *visit) page(title string) web.Page {
	path := v.R.URL.Path
	if v.R.Method == http.MethodGet && !strings.HasPrefix(path, "/dang-") {
		path = v.R.URL.RequestURI()
	}
	p := v.Page(title, path)
	p.Site = v.Site.Terms().Name.In(v.Lang)
	if o := v.Site.Outage(); o != nil {
		p.Outage = web.OutageSaid(v.Lang, o.From, o.To, o.Reason, o.On(v.Now()))
	}
	if v.who.Account != 0 {
		p.Who = &web.Who{Name: v.who.Name, Officer: v.who.Officer}
		if m := v.who.Member; m != nil {
			p.Who = &web.Who{Name: m.Person.Name, For: v.who.Name}
		}
	}
	if key, ok := notices[v.R.URL.Query().Get("da")]; ok {
		p.Notice = v.T(key)
	}
	return p
}

// notices are what a page may say once after an act, by the value of ?da=.
var notices = map[string]string{
	"luu": "portal.notice.saved", "bo": "portal.notice.discarded", "go-tep": "portal.notice.file_removed", "nop-tep": "portal.notice.files_added",
	"danh-gia": "portal.notice.rated", "da-danh-gia": "portal.notice.rated_before", "tai-khoan": "portal.notice.account", "dang-xuat": "portal.notice.signed_out",
	"dang-ky": "portal.notice.signed_up", "mat-khau": "portal.notice.password",
	"bo-sung": "portal.notice.supplemented", "rut": "portal.notice.withdraw", "loi_moi": "portal.notice.invitation",
	"to-chuc": "portal.notice.organisation", "thanh-vien": "portal.notice.member", "gop": "session.provider.merged", "xac-minh": "session.provider.verified", "xac-thuc": "session.factor.added", "bo-xac-thuc": "session.factor.dropped", "ket-thuc-phien": "session.list.ended",
	"yeu-cau": "privacy.asked", "noi-lai": "privacy.resumed",
	"thoi-uy-quyen": "portal.notice.mandate_ended", "thay-mat": "portal.notice.acting", "ca-nhan": "portal.notice.myself",
}

// fail answers an error with a page: strangers are asked to sign in first.
func (v *visit) fail(err error) {
	if e := refusal.As(err); e != nil && e.Key == dossier.LevelLow {
		_ = v.Redirect(toRise(e, v.Here("/ho-so")))
		return
	}
	v.Fail(v.page(""), v.Here("/"), err)
}

// showMissing is the page of every address that does not exist, of all faces.
func showMissing(v *visit) error {
	p := web.ProblemPage{Page: v.page(v.T("page.problem.not_found")), Why: v.T("portal.problem.no_page"), NotFound: true}
	return v.Render(http.StatusNotFound, "problem_show", p)
}

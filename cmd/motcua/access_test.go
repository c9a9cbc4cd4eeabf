// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/payment"
	"motcua/internal/privacy"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// land is a site of the demo province with dossiers of several people at several
// agencies, served as the program serves it.
type land struct {
	testing.TB
	*site
	url    string
	pass   func(time.Duration) // moves the clock on
	things map[string]thing    // a dossier and what belongs to it, by whose it is
	firms  map[string]int64    // accounts of organisations
}

// thing is a dossier with the identifiers that its addresses are made of, and what
// is sent to them.
type thing struct {
	code, file, paper, result string
	order, receipt, refund    string // of payments
	name                      string // of the applicant
	procedure                 string
	owner                     dossier.Actor
	form                      url.Values
}

// persona is somebody who asks, and of which dossiers: theirs, as far as they
// have any, and those that are not. Members ask for an organisation.
type persona struct {
	name, login string
	own, others string // names of things; others with a bar between
	firm        string // for which they act
	over        bool   // their mandate ended while they did
	program     string // scopes of the token
}

var personas = []persona{
	{name: "stranger", others: "applicant's|the organisation's|at another agency"},
	{name: "applicant", login: "nguoidan", own: "applicant's", others: "next lower|next higher|the organisation's|at another agency"},
	{name: "another citizen", login: "nguoidan2", own: "next lower", others: "applicant's|the organisation's"},
	{name: "organisation's manager", login: "tc.quanly", own: "the organisation's", others: "another organisation's|another organisation's, next|applicant's|at another agency", firm: "the organisation's"},
	{name: "its filer", login: "tc.nop", own: "the organisation's", others: "another organisation's|another organisation's, next|applicant's", firm: "the organisation's", program: "read file"},
	{name: "its viewer", login: "tc.xem", own: "the organisation's", others: "another organisation's|another organisation's, next|applicant's", firm: "the organisation's", program: "read"},
	{name: "its member of before", login: "tc.cu", others: "the organisation's|another organisation's|applicant's", firm: "the organisation's", over: true},
	{name: "another organisation's", login: "tc.khac", own: "another organisation's", others: "the organisation's|applicant's", firm: "another organisation's"},
	{name: "clerk", login: "motcua", own: "applicant's", others: "at another agency"},
	{name: "contractor's staff", login: "buudien", own: "at the contractor's counter", others: "applicant's"},
	{name: "specialist", login: "chuyenvien", own: "applicant's", others: "at another agency"},
	{name: "colleague", login: "chuyenvien2", others: "applicant's"},
	{name: "head", login: "truongphong", own: "applicant's", others: "at another agency"},
	{name: "leader", login: "lanhdao", own: "applicant's", others: "at another agency"},
	{name: "cashier", login: "thuquy", own: "applicant's", others: "at another agency"},
	{name: "another agency's", login: "phuxuan.cv", own: "at another agency", others: "applicant's"},
	{name: "administrator", login: "quantri", others: "applicant's"},
	{name: "data protection officer", login: "dulieu", others: "applicant's|at another agency"},
}

// route is a pattern that a face answers.
type route struct{ method, path string }

// pays pays an order for a dossier of which nothing like it is due, so that it is to be
// given back, and gives a receipt; the dossier stays as it is.
func (l *land) pays(s *dossier.State, x *thing) {
	l.Helper()
	ctx := l.Context()
	bill, err := l.book.Bill(ctx, s)
	if err != nil {
		l.Fatal(err)
	}
	bill.Parts = []payment.Part{{Fee: "a", Kind: payment.Phi, Amount: 1000}}
	o, err := l.payments.Begin(ctx, bill, "bank", payment.Visit{})
	if err != nil {
		l.Fatal(err)
	}
	if _, err := l.payments.Take(ctx, l.payments.Ways[0], payment.Notice{Ref: o.Ref, Bank: string(o.Ref), Amount: 1000, Paid: true, At: l.now()}); err != nil {
		l.Fatal(err)
	}
	if err := l.db.Write(ctx, func(tx *db.Tx) error {
		return l.payments.AtCounter(tx, audit.By{Account: 1, Name: "A"}, s.Reception, bill, "cash")
	}); err != nil {
		l.Fatal(err)
	}
	receipts, err := l.payments.Receipts(ctx, bill.Code)
	if err != nil {
		l.Fatal(err)
	}
	refunds, err := l.payments.RefundsOf(ctx, bill.Code)
	if err != nil {
		l.Fatal(err)
	}
	x.order, x.receipt, x.refund = string(o.Ref), strconv.FormatInt(receipts[0].ID, 10), strconv.FormatInt(refunds[0].ID, 10)
}

// strays brings money that is nobody's, and a day on which the bank says otherwise.
func (l *land) strays() {
	l.Helper()
	if _, err := l.payments.Take(l.Context(), l.payments.Ways[0], payment.Notice{Bank: "FT1", Amount: 1000, Paid: true, At: l.now(), Text: "a"}); err != nil {
		l.Fatal(err)
	}
	if _, err := l.payments.Reconcile(l.Context(), audit.By{Account: 1, Name: "A"}, "bank", calendar.DateOf(l.now()), nil); err != nil {
		l.Fatal(err)
	}
}

// routesOf reads the patterns from where the faces name them, so that none can be
// forgotten here.
func routesOf(t testing.TB, files ...string) []route {
	t.Helper()
	var list []route
	set := token.NewFileSet()
	for _, name := range files {
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			var text string
			switch x := call.Args[0].(type) {
			case *ast.BasicLit:
				text, _ = strconv.Unquote(x.Value)
			case *ast.BinaryExpr: // "GET " + a constant
				text, _ = strconv.Unquote(x.X.(*ast.BasicLit).Value)
				text += map[string]string{"providerBack": "/dang-nhap/ve", "payBack": "/thanh-toan/ve"}[x.Y.(*ast.Ident).Name]
			}
			method, path, _ := strings.Cut(text, " ")
			if strings.HasPrefix(path, "/") && strings.ToUpper(method) == method {
				list = append(list, route{method, path})
			}
			return true
		})
	}
	return list
}

// faces are the files in which the routes are named.
var faces = []string{"../../internal/portal/routes.go", "../../internal/desk/routes.go", "../../internal/api/api.go", "serve.go"}

// settle makes the site of the matrix: three dossiers filed at one counter one
// after the other by two people, and three by two organisations, the middle ones
// brought to their results, one at another agency, and one that waits at a
// contractor's counter.
func settle(t testing.TB) *land {
	ctx := t.Context()
	l := &land{TB: t, things: map[string]thing{}}
	d := dbtest.Open(t)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, calendar.Zone)
	clock := func() time.Time { now = now.Add(time.Millisecond); return now }
	l.pass = func(d time.Duration) { now = now.Add(d) }
	if _, err := province.Load(ctx, d, demo.Files, now); err != nil {
		t.Fatal(err)
	}
	var err error
	if l.site, err = assemble(ctx, d, clock); err != nil {
		t.Fatal(err)
	}
	l.payments.Collectors = []payment.Collector{{Agency: "H57", Name: "Trung tâm", TaxCode: "3300000001", FormSign: "01BLP0-001", Series: "HU-26E"}}
	l.payments.Ways = []*payment.Way{{ID: "bank", Credited: true, Gateway: &payment.Bank{BIN: "970436", Account: "0123456789", Secret: "whsec_c2VjcmV0"}}}
	handler, err := l.handler(ctx, &serving{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	l.url = server.URL
	l.found()
	before, own, after := l.file("nguoidan2", "1.001193", "H57.101.1"), l.file("nguoidan", "1.001193", "H57.101.1"), l.file("nguoidan2", "1.001193", "H57.101.1")
	away, counter := l.file("nguoidan2", "1.001193", "H57.102.1"), l.file("nguoidan2", "1.001193", "H57.105.1")
	firmBefore, firm, firmAfter := l.file("tc.khac", "1.004859", "H57.101.1"), l.file("tc.nop", "1.004859", "H57.101.1"), l.file("tc.khac", "1.004859", "H57.101.1")
	own = l.finish(own)
	firm = l.finish(firm)
	closed := l.finish(l.file("nguoidan2", "1.001193", "H57.101.1"))
	closed = l.act("motcua", l.act("thuquy", closed, "collect"), "hand_over")
	for name, s := range map[string]dossier.State{"next lower": before, "applicant's": own, "next higher": after, "at another agency": away, "at the contractor's counter": counter,
		"the organisation's": firm, "another organisation's": firmBefore, "another organisation's, next": firmAfter} {
		x := thing{code: string(s.Code), paper: "submission", result: "none", name: s.Applicant.Name, procedure: s.Procedure, file: s.Documents[0].File}
		x.owner = l.applicant(&s)
		for _, r := range s.Issued {
			x.result = r.Template
		}
		l.pays(&s, &x)
		l.things[name] = x
	}
	l.strays()
	if _, err := l.privacy.Ask(ctx, l.actor("nguoidan"), privacy.Asked{Right: regime.Access}); err != nil { // DL-2026-0001
		t.Fatal(err)
	}
	if _, err := l.privacy.Record(ctx, l.actor("dulieu"), privacy.Incident{Title: "a", NoticedAt: now, Kind: "integrity", What: "b", Whose: "c", Data: "d"}); err != nil { // SC-2026-0001
		t.Fatal(err)
	}
	if err := d.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO round (id, agency, what, year, opened_at, approved_at, carry_at, done_at, body) VALUES (7, $1, 'destroy', 2026, 0, 0, 0, 0, '{}')`, string(own.Competent))
		tx.Mark("round", `id = 7`)
		tx.ExecOne(`UPDATE retained SET round = 7 WHERE dossier = $1`, closed.ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return l
}

// found makes two organisations: one with a manager, who files, who follows and
// whose mandate will end, and one with a manager.
func (l *land) found() {
	l.Helper()
	ids := map[string]string{"tc.quanly": "046085001001", "tc.nop": "046085001002", "tc.xem": "046085001003", "tc.cu": "046085001004", "tc.khac": "046085001005", "tc.tam": "046085001006"}
	for login, id := range ids {
		if err := l.register.SignUp(l.Context(), login, province.Password, identity.Person{Kind: "citizen", Name: "Người " + login, IDNumber: id, BirthDate: "1985-01-01", Phone: "0905000111", Address: "2 Lê Lợi"}); err != nil {
			l.Fatal(err)
		}
	}
	l.firms = map[string]int64{}
	for firm, of := range map[string]struct{ code, manager string }{"the organisation's": {"3300100200", "tc.quanly"}, "another organisation's": {"3300100300", "tc.khac"}} {
		id, err := l.register.Found(l.Context(), l.actor(of.manager).Account, identity.Person{Kind: "organisation", Name: "Tổ chức " + of.code, IDNumber: of.code, Phone: "0905000111", Address: "2 Lê Lợi"}, "a")
		if err != nil {
			l.Fatal(err)
		}
		l.firms[firm] = id
	}
	for login, role := range map[string]identity.MandateRole{"tc.nop": identity.Filer, "tc.xem": identity.Viewer, "tc.cu": identity.Manager} {
		l.give("the organisation's", login, role)
	}
}

// give gives somebody a mandate for an organisation and returns its id.
func (l *land) give(firm, login string, role identity.MandateRole) int64 {
	l.Helper()
	member := l.member(login).Account
	if err := l.db.Write(l.Context(), func(tx *db.Tx) error {
		return identity.GiveMandate(tx, identity.Mandate{Organisation: l.firms[firm], Member: member, Role: role, From: calendar.DateOf(l.now()), Basis: "a"}, member, l.now())
	}); err != nil {
		l.Fatal(err)
	}
	list, err := l.register.Members(l.Context(), l.firms[firm])
	if err != nil {
		l.Fatal(err)
	}
	return list[0].ID
}

// member is somebody as themselves.
func (l *land) member(login string) dossier.Actor {
	l.Helper()
	return l.acting(login, 0)
}

// actor is somebody as the persona of this login asks.
func (l *land) actor(login string) dossier.Actor {
	l.Helper()
	for _, p := range personas {
		if p.login == login && login != "" && !p.over {
			return l.acting(login, l.firms[p.firm])
		}
	}
	return l.acting(login, 0)
}

// acting is somebody for an organisation, or 0.
func (l *land) acting(login string, firm int64) dossier.Actor {
	l.Helper()
	a, err := l.register.FindLogin(l.Context(), login)
	if err != nil {
		l.Fatal(err)
	}
	if firm != 0 {
		list, err := l.register.Mandates(l.Context(), a.ID)
		if err != nil {
			l.Fatal(err)
		}
		i := slices.IndexFunc(list, func(m identity.Mandate) bool { return m.Organisation == firm })
		if a, err = l.register.Find(l.Context(), firm); err != nil {
			l.Fatal(err)
		}
		a.Mandate = &list[i]
	}
	a.Level = identity.Double
	return dossier.ActorOf(a, l.site.site.Directory(), calendar.DateOf(l.now()))
}

// applicant is whose a dossier is.
func (l *land) applicant(s *dossier.State) dossier.Actor {
	l.Helper()
	for _, p := range personas {
		if p.login == "" || p.over {
			continue
		}
		if a := l.actor(p.login); a.Account == s.Account {
			return a
		}
	}
	l.Fatalf("%s is nobody's", s.Code)
	return dossier.Actor{}
}

func (l *land) file(login, procedureCode, at string) dossier.State {
	l.Helper()
	f, err := l.book.Sample(l.Context(), procedureCode, "vi")
	if err != nil {
		l.Fatal(err)
	}
	f.Agency, f.Return = agency.ID(at), procedure.Counter
	who := l.actor(login)
	if who.Member != nil {
		f.Applicant = who.Person
	}
	s, err := l.book.Submit(l.Context(), who, f, nil)
	if err != nil {
		l.Fatal(err)
	}
	return s
}

// finish does what is offered first to any officer until the result is there.
func (l *land) finish(s dossier.State) dossier.State {
	l.Helper()
	for range 40 {
		acted := false
		for _, login := range []string{"motcua", "chuyenvien", "truongphong", "lanhdao"} {
			who := l.actor(login)
			offers, err := l.book.Offers(l.Context(), who, &s)
			if err != nil {
				l.Fatal(err)
			}
			for _, o := range offers {
				if o.Aside || o.Act == "hand_over" || acted {
					continue
				}
				given := dossier.Filled(o.Params)
				if o.Act == "assign" {
					given["officer"] = "chuyenvien"
				}
				after, err := l.book.Act(l.Context(), who, s.Code, dossier.Request{Act: o.Act, Version: s.Version, Params: given})
				if err != nil {
					l.Fatal(err)
				}
				s, acted = after, true
			}
		}
		if !acted {
			break
		}
	}
	if s.IssuedAt.IsZero() {
		l.Fatalf("no result at %s", s.Step)
	}
	return s
}

// act does an act that is offered, with what it asks for filled in.
func (l *land) act(login string, s dossier.State, act string) dossier.State {
	l.Helper()
	offers, err := l.book.Offers(l.Context(), l.actor(login), &s)
	if err != nil {
		l.Fatal(err)
	}
	i := slices.IndexFunc(offers, func(o dossier.Offer) bool { return o.Act == act })
	if i < 0 {
		l.Fatalf("%s is not offered at %s", act, s.Step)
	}
	after, err := l.book.Act(l.Context(), l.actor(login), s.Code, dossier.Request{Act: act, Version: s.Version, Params: dossier.Filled(offers[i].Params)})
	if err != nil {
		l.Fatal(err)
	}
	return after
}

// visitor is a persona's browser, or program.
type visitor struct {
	*land
	persona
	client *http.Client
	csrf   string
	token  string
}

func (l *land) visitor(p persona) *visitor {
	l.Helper()
	v := &visitor{land: l, persona: p, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	v.enter()
	if p.login == "" {
		return v
	}
	login, scopes := p.login, identity.Scopes
	if p.firm != "" && !p.over { // a program is the organisation's
		a, err := l.register.Find(l.Context(), l.firms[p.firm])
		if err != nil {
			l.Fatal(err)
		}
		login = a.Login
	}
	if p.program != "" {
		scopes = strings.Fields(p.program)
	}
	var err error
	if v.token, err = l.register.CreateToken(l.Context(), login, scopes, identity.Double, time.Hour); err != nil {
		l.Fatal(err)
	}
	return v
}

// enter opens a new session in a new browser.
func (v *visitor) enter() {
	v.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.Fatal(err)
	}
	v.client.Jar = jar
	_, body, _ := v.do(route{"GET", "/dang-nhap"}, "/dang-nhap", nil)
	v.csrf = string(regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindSubmatch(body)[1])
	if v.login == "" {
		return
	}
	_, secret, err := v.register.SignIn(v.Context(), v.login, province.Password, identity.From{})
	if err != nil {
		v.Fatal(err)
	}
	u, err := url.Parse(v.url)
	if err != nil {
		v.Fatal(err)
	}
	v.client.Jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: secret, Path: "/"}})
	if v.firm == "" {
		return
	}
	if v.over {
		v.ends("")
	}
	if err := v.register.ActFor(v.Context(), secret, v.firms[v.firm]); err != nil {
		v.Fatal(err)
	}
	if v.over {
		v.ends((calendar.DateOf(v.now()) - 1).String())
	}
}

// ends is the last day of the visitor's mandate from now on.
func (v *visitor) ends(day string) {
	v.Helper()
	if err := v.db.Write(v.Context(), func(tx *db.Tx) error {
		tx.ExecOne(`UPDATE mandate SET valid_from = '2026-01-01', valid_to = $1 WHERE member = $2`, day, v.member(v.login).Account)
		tx.Mark("mandate", `member = $1`, v.member(v.login).Account)
		return tx.Err()
	}); err != nil {
		v.Fatal(err)
	}
	v.register.Forget(v.firms[v.firm])
}

// do asks as the persona; a form has its token and what the thing's has, a call an
// empty object.
func (v *visitor) do(r route, path string, x *thing) (status int, body []byte, to string) {
	v.Helper()
	var content io.Reader
	kind := ""
	if r.method != "GET" {
		values := url.Values{"csrf": {v.csrf}}
		if x != nil {
			maps.Copy(values, x.form)
		}
		content, kind = strings.NewReader(values.Encode()), "application/x-www-form-urlencoded"
		if strings.HasPrefix(path, "/api/") {
			content, kind = strings.NewReader("{}"), "application/json"
		}
	}
	q, err := http.NewRequestWithContext(v.Context(), r.method, v.url+path, content)
	if err != nil {
		v.Fatal(err)
	}
	if kind != "" {
		q.Header.Set("Content-Type", kind)
	}
	if strings.HasPrefix(path, "/api/") {
		q.Header.Set("Idempotency-Key", fmt.Sprint(v.now().UnixNano()))
		if v.token != "" {
			q.Header.Set("Authorization", "Bearer "+v.token)
		}
	}
	answer, err := v.client.Do(q)
	if err != nil {
		v.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err = io.ReadAll(answer.Body); err != nil {
		v.Fatal(err)
	}
	return answer.StatusCode, body, answer.Header.Get("Location")
}

// What somebody may do with an address.
const (
	letIn   = "✓"  // it is shown or done
	asked   = "✎"  // let in, and what was sent with it refused: here nothing was
	barred  = "✗"  // 403
	hidden  = "–"  // 404
	signIn  = "→"  // to sign in first
	choose  = "↪"  // led to where one chooses for whom one acts
	nowhere = "  " // does not apply
)

// verdict asks for a route as a persona and says what came of it.
func (v *visitor) verdict(r route, x *thing) (string, []byte) {
	v.Helper()
	path := v.fill(r, x)
	status, body, to := v.do(r, path, x)
	if r.path == "/dang-xuat" || r.path == "/tai-khoan/phien" && r.method == "POST" {
		v.enter()
	}
	switch {
	case status == http.StatusUnauthorized, status == http.StatusSeeOther && strings.HasPrefix(to, "/dang-nhap") && !strings.HasPrefix(r.path, "/dang-nhap"):
		return signIn, body
	case status == http.StatusSeeOther && to == "/to-chuc":
		return choose, body
	case status < 400:
		return letIn, body
	case status == http.StatusForbidden:
		return barred, body
	case status == http.StatusNotFound:
		return hidden, body
	case status < 500:
		return asked, body
	}
	v.Errorf("%s %s as %s: %d\n%s", r.method, path, v.name, status, body)
	return "?", body
}

// fill puts a thing's identifiers into a pattern.
func (v *visitor) fill(r route, x *thing) string {
	v.Helper()
	if strings.Contains(r.path, "{draft}") {
		if x == nil {
			own := v.things["applicant's"]
			x = &own
		}
		return v.draft(r, x)
	}
	if x == nil || x.code == "" {
		x = &thing{code: "1.001193"}
	}
	number, act := "DL-2026-0001", "message"
	if strings.Contains(r.path, "/su-co") {
		number = "SC-2026-0001"
	}
	if strings.Contains(r.path, "/quyen-du-lieu/") {
		act = "accept"
	}
	if r.path == "/thanh-toan/ve" {
		return r.path + "?vnp_TxnRef=" + x.order
	}
	return strings.NewReplacer("{ref}", x.order, "{receipt}", x.receipt, "{refund}", cmp.Or(x.refund, v.things["applicant's"].refund), "{way}", "bank", "{bank}", "FT1", "{day}", "2026-11-23", "{number}", number, "{code}", x.code, "{file}", x.file, "{paper}", x.paper, "{id}", cmpID(r, x), "{act}", act, "{rest...}", "da-nop",
		"{invitation}", "0123456789abcdef", "{outage}", "1", "{list}", "1", "{round}", "7", "{procedure}", "1.001193", "{provider}", "vneid", "{name}", "receive", "{$}", "").Replace(r.path)
}

// draft is the address of a page of a new draft of a thing's owner.
func (v *visitor) draft(r route, x *thing) string {
	v.Helper()
	owner := x.owner
	owner.Scopes = nil // a viewer's was begun by who may
	e, err := v.catalogue.Show(v.Context(), x.procedure, calendar.DateOf(v.now()))
	if err != nil {
		v.Fatal(err)
	}
	d, err := v.book.Begin(v.Context(), owner, dossier.Filing{Procedure: x.procedure, Case: e.Sample.Case, Agency: "H57.101.1", Channel: procedure.Online, Applicant: owner.Person})
	if err != nil {
		v.Fatal(err)
	}
	file := "none"
	if strings.Contains(r.path, "{file}") {
		content, err := v.book.SamplePaper()
		if err != nil {
			v.Fatal(err)
		}
		k := &e.Facts.Case(e.Sample.Case).Components[0]
		f, err := v.book.Upload(v.Context(), owner, k, "a.pdf", bytes.NewReader(content), nil)
		if err == nil {
			_, err = v.book.Attach(v.Context(), owner, d.ID, k, f)
		}
		if err != nil {
			v.Fatal(err)
		}
		file = f.ID
	}
	page := e.Form.Pages[0].ID
	if strings.HasSuffix(r.path, "/luu") { // the script names the page in the form
		x.form = url.Values{"page": {page}}
	}
	return strings.NewReplacer("{draft}", d.ID, "{page}", page, "{file}", file).Replace(r.path)
}

// cmpID is what {id} stands for in a pattern.
func cmpID(r route, x *thing) string {
	switch {
	case strings.Contains(r.path, "/documents/"):
		return x.file
	case strings.Contains(r.path, "/papers/"):
		return x.paper
	case strings.Contains(r.path, "{code}"):
		return x.result
	}
	return "1"
}

// aboutDossier is true for a pattern of one dossier's addresses.
func aboutDossier(r route) bool {
	return strings.Contains(r.path, "{code}") && (strings.Contains(r.path, "/ho-so/") || strings.Contains(r.path, "/dossiers/"))
}

// aboutDraft is true for a pattern of one draft's addresses, aboutFirm for a form
// about one organisation or one mandate.
func aboutDraft(r route) bool { return strings.Contains(r.path, "{draft}") }
func aboutFirm(r route) bool  { return r.path == "/to-chuc/chon" || r.path == "/to-chuc/thoi" }

// theirs are the thing of a route that is the visitor's, if any, and those that are
// not.
func (v *visitor) theirs(r route) (own *thing, others []thing) {
	v.Helper()
	names := strings.Split(v.others, "|")
	if v.own != "" {
		x := v.things[v.own]
		own = &x
	}
	switch {
	case aboutFirm(r):
		own = nil
		for name, id := range v.firms {
			x := thing{form: url.Values{"organisation": {strconv.FormatInt(id, 10)}}}
			if r.path == "/to-chuc/thoi" {
				x.form = url.Values{"mandate": {strconv.FormatInt(v.give(name, "tc.tam", identity.Filer), 10)}}
			}
			if name == v.firm && !v.over {
				own = &x
			} else {
				others = append(others, x)
			}
		}
		return own, others
	case aboutDraft(r) && own != nil && (v.login == "" || own.owner.Account != v.actor(v.login).Account):
		names, own = append(names, v.own), nil // theirs to handle, not to write
	}
	for _, name := range names {
		others = append(others, v.things[name])
	}
	return own, others
}

// Every route, asked for by everybody, with what is theirs and with what is not:
// what comes of it is the page docs/permissions.md, and what the policy hides is
// not found, with the same words as what does not exist. MOTCUA_UPDATE=1 writes
// the page.
func TestEveryRouteForEverybody(t *testing.T) {
	l := settle(t)
	routes := routesOf(t, faces...)
	if len(routes) < 100 {
		t.Fatalf("only %d routes found", len(routes))
	}
	var page bytes.Buffer
	l.sight(&page)
	cells := map[route][]string{}
	for _, p := range personas {
		v := l.visitor(p)
		hidden := v.hidden()
		for _, r := range routes {
			if !aboutDossier(r) && !aboutDraft(r) && !aboutFirm(r) {
				got, said := v.verdict(r, nil)
				for _, code := range hidden {
					if bytes.Contains(said, []byte(code)) {
						t.Errorf("%s %s tells %s of %s, which the policy hides", r.method, r.path, p.name, code)
					}
				}
				cells[r] = append(cells[r], got)
				continue
			}
			x, foreign := v.theirs(r)
			own, others := nowhere, ""
			if x != nil {
				own, _ = v.verdict(r, x)
			}
			for _, x := range foreign {
				got, said := v.verdict(r, &x)
				if others == "" {
					others = got
				} else if got != others {
					t.Errorf("%s %s as %s: %s of one that is not theirs, %s of another", r.method, r.path, p.name, others, got)
				}
				if aboutDossier(r) {
					v.unseen(r, x, got, said)
				} else if got == letIn || got == asked {
					t.Errorf("%s %s: %s is let in to what is another's", r.method, r.path, p.name)
				}
			}
			cells[r] = append(cells[r], own+others)
		}
	}
	l.table(&page, routes, cells)
	const file = "../../docs/permissions.md"
	if os.Getenv("MOTCUA_UPDATE") != "" {
		if err := os.WriteFile(file, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, page.Bytes()) {
		t.Error("docs/permissions.md is not what the program does; look at the difference and write it anew")
	}
}

// hidden are the codes that the policy hides from the visitor: no list has them.
func (v *visitor) hidden() (codes []string) {
	v.Helper()
	for _, x := range v.things {
		code, _ := dossier.ParseCode(x.code)
		if v.login == "" {
			codes = append(codes, x.code)
		} else if _, err := v.book.Find(v.Context(), v.actor(v.login), code); refusal.Is(err, refusal.NotFound) {
			codes = append(codes, x.code)
		} else if err != nil {
			v.Fatal(err)
		}
	}
	return codes
}

// unseen holds an answer about a dossier that the policy hides from somebody: it
// is that of a dossier which does not exist.
func (v *visitor) unseen(r route, x thing, got string, said []byte) {
	v.Helper()
	code, _ := dossier.ParseCode(x.code)
	if v.login != "" {
		if _, err := v.book.Find(v.Context(), v.actor(v.login), code); err == nil {
			return
		}
	}
	if got == letIn || got == asked {
		v.Errorf("%s %s: %s is let in to a dossier that the policy hides", r.method, r.path, v.name)
	}
	none := x
	none.code = x.code[:len(x.code)-4] + "9999"
	verdict, nothing := v.verdict(r, &none)
	unlike := regexp.MustCompile(`\d{4}\b|csrf" value="[^"]*"|"instance":"[^"]*"`)
	if verdict != got || !bytes.Equal(unlike.ReplaceAll(said, nil), unlike.ReplaceAll(nothing, nil)) {
		v.Errorf("%s %s: %s learns that it exists: %s, and %s of one that does not", r.method, r.path, v.name, got, verdict)
	}
}

// sight writes who sees a dossier, by post and by what the post is for.
func (l *land) sight(page *bytes.Buffer) {
	fmt.Fprint(page, `# Who gets in where

Written by `+"`MOTCUA_UPDATE=1 go test ./cmd/motcua -run TestEveryRouteForEverybody`"+`, which also holds it to the program.
The policy is one file, internal/dossier/policy.go. Which acts somebody may do, in which state, is the page [acts](acts.md).

## Who sees a dossier

By where the post is, as the dossier has it. Nobody else sees it: it is said not to exist.

`)
	places := []string{"receives it", "decides it", "its own one-stop", "helped to file", "is asked", "does a part", "another"}
	fmt.Fprintf(page, "| post | %s |\n|---|%s\n", strings.Join(places, " | "), strings.Repeat("---|", len(places)))
	row := func(name string, p agency.Post, restricted bool, step dossier.Move) {
		fmt.Fprintf(page, "| %s |", name)
		s := dossier.State{Procedure: "1.1", Field: "f", Restricted: restricted, Reception: "a", Competent: "b", Home: "c", Support: "d", Opinions: []dossier.Opinion{{To: "e"}}, Parts: []dossier.Part{{To: "f"}}, Phase: dossier.Running, Move: step}
		for _, at := range []agency.ID{"a", "b", "c", "d", "e", "f", "g"} {
			p.Agency = at
			mark := hidden
			if (dossier.Actor{Account: 1, Officer: true, Posts: []agency.Post{p}}).Sees(&s) {
				mark = letIn
			}
			fmt.Fprintf(page, " %s |", mark)
		}
		fmt.Fprintln(page)
	}
	at := dossier.Move{Role: workflow.Specialist, At: "b"}
	for _, role := range []workflow.Role{workflow.Clerk, workflow.Specialist, workflow.Head, workflow.Leader, workflow.Cashier, workflow.Admin, workflow.Privacy} {
		row(string(role), agency.Post{Role: role}, false, at)
	}
	row("clerk for this field", agency.Post{Role: workflow.Clerk, Remit: agency.Remit{Fields: []string{"f"}}}, false, at)
	row("clerk for another field", agency.Post{Role: workflow.Clerk, Remit: agency.Remit{Fields: []string{"x"}}}, false, at)
	row("clerk for another procedure", agency.Post{Role: workflow.Clerk, Remit: agency.Remit{Procedures: []string{"x"}}}, false, at)
	row("clerk for what other one-stops receive", agency.Post{Role: workflow.Clerk, Remit: agency.Remit{Territory: []agency.ID{"x"}}}, false, at)
	row("clerk, of restricted access", agency.Post{Role: workflow.Clerk}, true, at)
	row("clerk who is cleared, of restricted access", agency.Post{Role: workflow.Clerk, Remit: agency.Remit{Cleared: true}}, true, at)
	row("contractor's clerk, waiting elsewhere", agency.Post{Role: workflow.Clerk, Remit: agency.Remit{External: true}}, false, at)
	row("contractor's clerk, waiting at the counter", agency.Post{Role: workflow.Clerk, Remit: agency.Remit{External: true}}, false, dossier.Move{Role: workflow.Clerk, At: "a"})
}

// table writes what came of every route.
func (l *land) table(page *bytes.Buffer, routes []route, cells map[route][]string) {
	fmt.Fprintf(page, `
## Every address

%s shown or done · %s let in, what was sent refused (here nothing was) · %s not allowed · %s not found · %s sign in first ·
%s led to where one says for whom one acts.
Of a dossier, a draft, an organisation and a mandate the first sign is for one of theirs, the second for one that is not: of another
agency, of another applicant or organisation, and the codes next to theirs. Members act for the organisation in their session; the member
of before still has a session in which they did, and their mandate is over. Below `+"`/api`"+` these columns are programs with a token of
the organisation, to do all, to file and to read; who was a member has one of their own. A specialist's colleague sees the dossiers of the
agency; looking without a task is noted and shown to the head and the applicant.

`, letIn, asked, barred, hidden, signIn, choose)
	var names []string
	for _, p := range personas {
		names = append(names, p.name)
	}
	fmt.Fprintf(page, "| | %s |\n|---|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(names)))
	slices.SortStableFunc(routes, func(a, b route) int { return strings.Compare(a.path, b.path) })
	for _, r := range routes {
		for i, c := range cells[r] {
			cells[r][i] = strings.TrimSpace(c)
		}
		fmt.Fprintf(page, "| %s `%s` | %s |\n", r.method, r.path, strings.Join(cells[r], " | "))
	}
}

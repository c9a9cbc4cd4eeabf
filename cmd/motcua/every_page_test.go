// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
)

// Who acts for an organisation, in an absent colleague's stead or for who stands at
// the counter reads it on every page, whatever the page says.
func TestActingForAnotherIsOnEveryPage(t *testing.T) {
	l := settle(t)
	today := calendar.DateOf(l.now())
	absent := l.actor("chuyenvien")
	if err := l.site.site.SaveAbsence(t.Context(), audit.By{}, agency.Absence{Account: absent.Account, From: today, To: today + 1, Substitute: l.actor("chuyenvien2").Account}); err != nil {
		t.Fatal(err)
	}
	mandates, err := l.register.Mandates(t.Context(), l.actor("nguoidan").Account)
	if err != nil || len(mandates) == 0 {
		t.Fatal(mandates, err)
	}
	member := l.visitor(persona{name: "member", login: "nguoidan"})
	status, _, _ := member.post("/to-chuc/chon", url.Values{"organisation": {strconv.FormatInt(mandates[0].Organisation, 10)}})
	if status != http.StatusSeeOther {
		t.Fatal(status)
	}
	substitute := l.visitor(persona{name: "substitute", login: "chuyenvien2"})
	clerk := l.visitor(persona{name: "clerk", login: "motcua"})
	own := l.things["applicant's"]
	pages := 0
	for _, x := range []struct {
		who    *visitor
		faces  string
		says   string
		within string // the addresses below it
	}{
		{member, "../../internal/portal/routes.go", "Bạn đang làm việc thay mặt <strong>Công ty TNHH Sông Hương", "/"},
		{substitute, "../../internal/desk/routes.go", "Bạn đang làm thay Lê Quang Minh.", "/mot-cua"},
		{clerk, "../../internal/desk/routes.go", "Bạn đang lập hồ sơ tại quầy cho ", "/mot-cua/tiep-nhan/{procedure}"},
	} {
		for _, r := range routesOf(t, x.faces) {
			if r.method != "GET" || !strings.HasPrefix(r.path, x.within) || strings.HasPrefix(r.path, "/dang-") {
				continue
			}
			path := x.who.fill(r, &own)
			_, body, to := x.who.do(r, path, &own)
			if !bytes.Contains(body, []byte("<html")) {
				continue
			}
			pages++
			if to == "" && (!bytes.Contains(body, []byte(x.says)) || !bytes.Contains(body, []byte(`class="acting"`))) {
				t.Errorf("%s as %s does not say for whom", path, x.who.name)
			}
		}
	}
	if pages < 40 {
		t.Errorf("only %d pages", pages)
	}
}

// post sends a form.
func (v *visitor) post(path string, fill url.Values) (int, []byte, string) {
	v.Helper()
	values := url.Values{"csrf": {v.csrf}}
	for name, list := range fill {
		values[name] = list
	}
	return v.sendForm(path, "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

func (v *visitor) sendForm(path, kind string, body io.Reader) (int, []byte, string) {
	v.Helper()
	answer, err := v.client.Post(v.url+path, kind, body)
	if err != nil {
		v.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.Fatal(err)
	}
	return answer.StatusCode, text, answer.Header.Get("Location")
}

// forAnybody are the forms of who is not signed in, which no end of a session
// stops, and the calls of scripts, which ask again by themselves and keep what is
// typed on the page.
var forAnybody = []string{"/tra-cuu", "/dang-nhap", "/dang-nhap/qua/{provider}", "/dang-nhap/buoc-hai", "/dang-nhap/buoc-hai/khoa/hoi", "/dang-nhap/buoc-hai/khoa", "/dang-nhap/khoa/hoi", "/dang-nhap/khoa", "/dang-nhap/vao-lai",
	"/dang-xuat", "/dang-ky", "/tai-khoan/xac-thuc/khoa/hoi", "/tai-khoan/xac-thuc/khoa", "/ho-so/nhap/{draft}/luu"}

// withFiles are the forms that send files.
var withFiles = []string{"/ho-so/nhap/{draft}/giay-to", "/mot-cua/tiep-nhan/{procedure}", "/mot-cua/ho-so/{code}/sua", "/mot-cua/ho-so/{code}/bo-sung", "/mot-cua/can-bo/nhap"}

// What was typed into any form, with files or without, is on the page that says the
// session is over, to go on with after signing in; secrets are not.
func TestTypedOutlivesTheSession(t *testing.T) {
	l := settle(t)
	own := l.things["applicant's"]
	forms := 0
	for login, face := range map[string]string{"nguoidan": "../../internal/portal/routes.go", "motcua": "../../internal/desk/routes.go"} {
		v := l.visitor(persona{name: login, login: login})
		u, err := url.Parse(l.url)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range routesOf(t, face) {
			if r.method != "POST" || slices.Contains(forAnybody, r.path) {
				continue
			}
			forms++
			path := v.fill(r, &own)
			v.client.Jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: "over", Path: "/"}})
			typed := url.Values{"ghi-chu": {"Đã gõ <lâu>"}, "password": {"bí mật 123"}, "own": {"bí mật 456"}, "code": {"bí mật 789"}}
			plain := func() (int, []byte, string) { return v.post(path, typed) }
			parts := func() (int, []byte, string) {
				var b bytes.Buffer
				w := multipart.NewWriter(&b)
				_ = w.WriteField("csrf", v.csrf)
				for name, list := range typed {
					_ = w.WriteField(name, list[0])
				}
				f, _ := w.CreateFormFile("tep", "a.pdf")
				_, _ = io.WriteString(f, "%PDF-1.7")
				_ = w.Close()
				return v.sendForm(path, w.FormDataContentType(), &b)
			}
			ways := map[string]func() (int, []byte, string){"a form": plain}
			if slices.Contains(withFiles, r.path) {
				ways["a form with a file"] = parts
			}
			for kind, send := range ways {
				status, body, to := send()
				if status != http.StatusUnauthorized || !bytes.Contains(body, []byte(`name="kept.ghi-chu" value="Đã gõ &lt;lâu&gt;"`)) || !bytes.Contains(body, []byte(`name="kept-action" value="`+path+`"`)) {
					t.Errorf("%s of %s, as %s: %d %s, and what was typed is gone", kind, r.path, login, status, to)
				}
				if bytes.Contains(body, []byte("bí mật")) {
					t.Errorf("%s keeps a password in a page", r.path)
				}
			}
		}
	}
	if forms < 35 {
		t.Errorf("only %d forms", forms)
	}
}

// noLook says of the routes that show nothing of persons to an officer, or what is
// written otherwise than as a look, why no look is written. Those that show a list
// stand in the test.
var noLook = map[string]string{
	"GET /mot-cua/":                                   "no page",
	"GET /mot-cua/hang-loat":                          "the officer's own batches: codes",
	"GET /mot-cua/hang-loat/{id}":                     "the officer's own batches: codes",
	"POST /mot-cua/tim":                               "leads to the list",
	"GET /mot-cua/thu-tuc/{code}":                     "nothing of persons",
	"GET /mot-cua/luot-xem":                           "officers' looks, for who heads them and who looked",
	"POST /mot-cua/luot-xem":                          "officers' looks, for who heads them",
	"POST /mot-cua/luot-xem/ly-do":                    "the officer's own look",
	"GET /mot-cua/can-bo/ma":                          "an officer's name",
	"GET /mot-cua/huong-dan":                          "nothing of persons",
	"GET /mot-cua/ly-do":                              "nothing of persons",
	"POST /mot-cua/ly-do":                             "nothing of persons",
	"POST /mot-cua/ly-do/bo":                          "nothing of persons",
	"GET /mot-cua/gian-doan":                          "nothing of persons",
	"POST /mot-cua/gian-doan":                         "nothing of persons",
	"GET /mot-cua/gian-doan/{outage}/giay":            "blank slips",
	"GET /mot-cua/vang-mat":                           "officers",
	"POST /mot-cua/vang-mat":                          "officers",
	"GET /mot-cua/tiep-nhan":                          "procedures",
	"GET /mot-cua/tiep-nhan/{procedure}":              "an empty page: nothing is filled in from elsewhere",
	"POST /mot-cua/tiep-nhan/{procedure}":             "what the clerk typed; the filing is noted as done",
	"GET /mot-cua/luu-tru":                            "rounds: codes of agencies and numbers",
	"POST /mot-cua/luu-tru":                           "nothing of persons",
	"POST /mot-cua/luu-tru/{round}":                   "noted as kept",
	"GET /mot-cua/luu-tru/{round}/goi":                "a look into each dossier that is packed, and noted as kept",
	"GET /mot-cua/can-bo":                             "officers",
	"GET /mot-cua/can-bo/danh-sach.csv":               "officers",
	"GET /mot-cua/can-bo/danh-sach.xlsx":              "officers",
	"POST /mot-cua/can-bo/ma":                         "officers",
	"GET /mot-cua/can-bo/nhap":                        "nothing of persons",
	"POST /mot-cua/can-bo/nhap":                       "officers",
	"GET /mot-cua/can-bo/nhap/{list}":                 "officers",
	"POST /mot-cua/can-bo/nhap/{list}":                "officers; noted as configured",
	"GET /mot-cua/xac-nhan":                           "officers",
	"POST /mot-cua/xac-nhan":                          "officers",
	"POST /mot-cua/tien/hoan-tra/{refund}":            "leads to the list; what was wrong is the same look again",
	"POST /mot-cua/tien/chua-ro/{way}/{bank}":         "leads to the list; what was wrong is the same look again",
	"GET /mot-cua/tien/doi-soat":                      "nothing of persons",
	"POST /mot-cua/tien/doi-soat":                     "leads to the day",
	"POST /mot-cua/tien/doi-soat/{way}/{day}":         "leads to the day; what was wrong is the same look again",
	"GET /mot-cua/tien/so-quy":                        "the officer's own drawer: codes",
	"POST /mot-cua/tien/so-quy":                       "the officer's own drawer: codes",
	"GET /mot-cua/quyen-du-lieu":                      "numbers and states, nothing of who asks",
	"GET /mot-cua/quyen-du-lieu/{number}":             "noted as privacy, tested below",
	"POST /mot-cua/quyen-du-lieu/{number}/viec/{act}": "noted as privacy, tested below",
	"GET /mot-cua/su-co-du-lieu":                      "incidents: nothing of persons",
	"POST /mot-cua/su-co-du-lieu":                     "incidents: nothing of persons",
	"GET /mot-cua/su-co-du-lieu/{number}":             "incidents: nothing of persons",
	"POST /mot-cua/su-co-du-lieu/{number}":            "incidents: nothing of persons",
	"GET /mot-cua/su-co-du-lieu/{number}/giay":        "incidents: nothing of persons",
	"POST /api/v1/files":                              "the caller's own",
	"POST /api/v1/dossiers":                           "the caller's own",
	"GET /api/v1/notices":                             "the caller's own",
	"POST /api/v1/notices/read":                       "the caller's own",
	"GET /api/v1/queues":                              "numbers",
	"POST /api/v1/dossiers/{code}/acts/{act}":         "noted as done; what is not done shows nothing",
	"POST /mot-cua/ho-so/{code}/viec/{act}":           "opens the dossier, as all below it do",
}

// call sends a body as the persona's program.
func (v *visitor) call(path, body string) int {
	v.Helper()
	q, err := http.NewRequestWithContext(v.Context(), http.MethodPost, v.url+path, strings.NewReader(body))
	if err != nil {
		v.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Authorization", "Bearer "+v.token)
	answer, err := v.client.Do(q)
	if err != nil {
		v.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// lookKinds are the kinds of lines of who saw what.
const lookKinds = `'viewed', 'listed', 'privacy'`

// written is how many lines of some kinds are written meanwhile, when nothing was
// looked at before.
func (l *land) written(kinds string, do func()) int {
	l.Helper()
	lines := func() (n int) {
		if err := l.db.Read(l.Context(), func(tx *db.Tx) error {
			_, err := tx.One(`SELECT COUNT(*) FROM journal WHERE kind IN (`+kinds+`)`, nil, &n)
			return err
		}); err != nil {
			l.Fatal(err)
		}
		return n
	}
	l.book.Looks = &dossier.Looks{}
	before := lines()
	do()
	return lines() - before
}

// forOfficers are the routes of the desk and of programs that are not public.
func forOfficers(t testing.TB) (list []route) {
	t.Helper()
	for _, r := range routesOf(t, "../../internal/desk/routes.go", "../../internal/api/api.go") {
		if public := strings.HasPrefix(r.path, "/api/v1/") && !strings.HasPrefix(r.path, "/api/v1/dossiers") && !strings.Contains(r.path, "/queues") && !strings.Contains(r.path, "/notices") && r.path != "/api/v1/files" || r.path == "/api/"; !public {
			list = append(list, r)
		}
	}
	return list
}

// Every address that shows an officer something of a person is a look that is
// written, or says here why not.
func TestEveryLookIsWritten(t *testing.T) {
	l := settle(t)
	own := l.things["applicant's"]
	v := l.visitor(persona{name: "leader", login: "lanhdao"})
	clerk := l.visitor(persona{name: "clerk", login: "motcua"})
	cashier := l.visitor(persona{name: "cashier", login: "thuquy"})
	get := func(who *visitor, path string) func() int {
		return func() int {
			status, _, _ := who.do(route{"GET", path}, path, nil)
			return status
		}
	}
	post := func(path string, fill url.Values) func() int {
		return func() int {
			status, _, _ := clerk.post(path, fill)
			return status
		}
	}
	lists := map[string][]func() int{
		"GET /mot-cua":                           {get(clerk, "/mot-cua"), get(clerk, "/mot-cua?hang=return"), get(v, "/mot-cua?don-vi=H57.101")},
		"POST /mot-cua/hang-loat":                {post("/mot-cua/hang-loat", url.Values{"hang": {"receive"}, "viec": {"receive"}, "ca-hang": {"1"}}), post("/mot-cua/hang-loat", url.Values{"viec": {"message"}, "text": {"a"}, "ho-so": {own.code + " 1"}})},
		"GET /mot-cua/tim":                       {get(v, "/mot-cua/tim?thu-tuc=1.001193")},
		"GET /mot-cua/luu-tru/{round}":           {get(v, "/mot-cua/luu-tru/7")},
		"GET /mot-cua/so-theo-doi":               {get(clerk, "/mot-cua/so-theo-doi")},
		"GET /mot-cua/so-theo-doi.xlsx":          {get(clerk, "/mot-cua/so-theo-doi.xlsx?don-vi=H57.101.1")},
		"GET /mot-cua/so-theo-doi.pdf":           {get(clerk, "/mot-cua/so-theo-doi.pdf?don-vi=H57.101.1")},
		"GET /mot-cua/tien":                      {get(cashier, "/mot-cua/tien")},
		"GET /mot-cua/tien/hoan-tra/{refund}":    {get(cashier, "/mot-cua/tien/hoan-tra/"+own.refund)},
		"GET /mot-cua/tien/chua-ro/{way}/{bank}": {get(cashier, "/mot-cua/tien/chua-ro/bank/FT1")},
		"GET /mot-cua/tien/doi-soat/{way}/{day}": {get(cashier, "/mot-cua/tien/doi-soat/bank/2026-11-23")},
		"GET /api/v1/dossiers":                   {get(v, "/api/v1/dossiers?procedure=1.001193")},
		"POST /api/v1/dossiers/search":           {func() int { return v.call("/api/v1/dossiers/search", `{"procedure":"1.001193"}`) }},
		"GET /api/v1/queues/{name}":              {get(clerk, "/api/v1/queues/receive")},
	}
	later := map[string][]func() int{"GET /mot-cua/giam-sat": nil, "POST /mot-cua/in": nil} // below
	shown := 0
	for _, r := range forOfficers(t) {
		name := r.method + " " + r.path
		_, excused := noLook[name]
		if aboutDossier(r) && !excused {
			var got string
			if n := l.written(`'viewed'`, func() { got, _ = v.verdict(r, &own) }); n == 0 && got != barred && got != hidden && !strings.HasSuffix(r.path, "/views") && !strings.HasSuffix(r.path, "/vi-sao") && got != asked {
				t.Errorf("%s: %s, and no look is written", name, got)
			} else if n > 0 {
				shown++
			}
			continue
		}
		for _, show := range lists[name] {
			var status int
			if n := l.written(`'listed'`, func() { status = show() }); n != 1 || status != http.StatusOK {
				t.Errorf("%s: %d, %d lines", name, status, n)
			}
		}
		_, below := later[name]
		if !excused && !below && lists[name] == nil {
			t.Errorf("%s: nobody says why no look is written", name)
		}
	}
	if shown < 15 {
		t.Errorf("only %d addresses are looks", shown)
	}
	guardian := l.visitor(persona{name: "data protection officer", login: "dulieu"})
	for _, r := range []route{{"GET", "/mot-cua/quyen-du-lieu/{number}"}, {"POST", "/mot-cua/quyen-du-lieu/{number}/viec/{act}"}} {
		if n := l.written(`'privacy'`, func() { guardian.verdict(r, nil) }); n == 0 {
			t.Errorf("%s: no look is written", r.path)
		}
	}
	if n := l.written(`'viewed'`, func() { clerk.post("/mot-cua/in", url.Values{"giay": {"submission"}, "ho-so": {own.code + " 1"}}) }); n != 2 {
		t.Errorf("a dossier that is printed: %d looks", n)
	}
	l.pass(60 * 24 * time.Hour)
	var status int
	if n := l.written(`'listed'`, func() { status = get(l.visitor(clerk.persona), "/mot-cua/giam-sat")() }); n != 1 || status != http.StatusOK {
		t.Errorf("what waits past its limit: %d, %d lines", status, n)
	}
}

// No officer's page names an applicant without a line that says so, whatever the
// list above believes of it.
func TestNoNameWithoutALine(t *testing.T) {
	l := settle(t)
	own := l.things["applicant's"]
	named := 0
	routes := slices.Concat(forOfficers(t), routesOf(t, "../../internal/portal/routes.go"))
	for _, p := range personas {
		if p.login == "" || !l.actor(p.login).Officer {
			continue
		}
		v := l.visitor(p)
		for _, r := range routes {
			if r.path == "/dang-xuat" || r.method == "POST" && !strings.HasPrefix(r.path, "/mot-cua/") {
				continue
			}
			paths := []string{v.fill(r, &own)}
			if r.method == "GET" && r.path == "/mot-cua" {
				queues, err := l.book.Queues(t.Context(), v.actor(p.login))
				if err != nil {
					t.Fatal(err)
				}
				for _, q := range queues {
					paths = append(paths, "/mot-cua?hang="+string(q.Name))
				}
			}
			for _, path := range paths {
				var said []byte
				n := l.written(lookKinds, func() { _, said, _ = v.do(r, path, &own) })
				if !bytes.Contains(said, []byte(own.name)) {
					continue
				}
				if named++; n == 0 {
					t.Errorf("%s %s names %s to %s, and no line says so", r.method, path, own.name, p.name)
				}
			}
		}
	}
	if named < 40 {
		t.Errorf("only %d pages name anybody", named)
	}
}

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
// written otherwise than as a look, why no look is written.
var noLook = map[string]string{
	"GET /mot-cua":                                    "queues: the officer's own work, names and codes; a whole unit is noted as listed",
	"GET /mot-cua/":                                   "no page",
	"GET /mot-cua/hang-loat":                          "the officer's own batches: codes",
	"POST /mot-cua/hang-loat":                         "each act is noted as done",
	"GET /mot-cua/hang-loat/{id}":                     "the officer's own batches: codes",
	"POST /mot-cua/in":                                "a look into each dossier that is printed, tested below",
	"GET /mot-cua/tim":                                "noted as listed",
	"POST /mot-cua/tim":                               "leads to the list",
	"GET /mot-cua/thu-tuc/{code}":                     "nothing of persons",
	"GET /mot-cua/luot-xem":                           "officers' looks, for who heads them and who looked",
	"POST /mot-cua/luot-xem":                          "officers' looks, for who heads them",
	"POST /mot-cua/luot-xem/ly-do":                    "the officer's own look",
	"GET /mot-cua/can-bo/ma":                          "an officer's name",
	"GET /mot-cua/huong-dan":                          "nothing of persons",
	"GET /mot-cua/giam-sat":                           "noted as listed, tested at the list",
	"GET /mot-cua/ly-do":                              "nothing of persons",
	"POST /mot-cua/ly-do":                             "nothing of persons",
	"POST /mot-cua/ly-do/bo":                          "nothing of persons",
	"GET /mot-cua/gian-doan":                          "nothing of persons",
	"POST /mot-cua/gian-doan":                         "nothing of persons",
	"GET /mot-cua/gian-doan/{outage}/giay":            "blank slips",
	"GET /mot-cua/vang-mat":                           "officers",
	"POST /mot-cua/vang-mat":                          "officers",
	"GET /mot-cua/so-theo-doi":                        "noted as listed",
	"GET /mot-cua/so-theo-doi.xlsx":                   "noted as listed",
	"GET /mot-cua/so-theo-doi.pdf":                    "noted as listed",
	"GET /mot-cua/tiep-nhan":                          "procedures",
	"GET /mot-cua/tiep-nhan/{procedure}":              "an empty page: nothing is filled in from elsewhere",
	"POST /mot-cua/tiep-nhan/{procedure}":             "what the clerk typed; the filing is noted as done",
	"GET /mot-cua/luu-tru":                            "rounds: codes of agencies and numbers",
	"POST /mot-cua/luu-tru":                           "nothing of persons",
	"GET /mot-cua/luu-tru/{round}":                    "noted as listed, tested at the list",
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
	"GET /api/v1/dossiers":                            "the caller's own, or noted as listed",
	"POST /api/v1/dossiers/search":                    "noted as listed",
	"GET /api/v1/notices":                             "the caller's own",
	"POST /api/v1/notices/read":                       "the caller's own",
	"GET /api/v1/queues":                              "numbers",
	"GET /api/v1/queues/{name}":                       "the officer's own work, names and codes",
	"POST /api/v1/dossiers/{code}/acts/{act}":         "noted as done; what is not done shows nothing",
	"POST /mot-cua/ho-so/{code}/viec/{act}":           "opens the dossier, as all below it do",
}

// Every address that shows an officer something of a person is a look that is
// written, or says here why not.
func TestEveryLookIsWritten(t *testing.T) {
	l := settle(t)
	own := l.things["applicant's"]
	v := l.visitor(persona{name: "leader", login: "lanhdao"})
	clerk := l.visitor(persona{name: "clerk", login: "motcua"})
	lines := func(kind string) (n int) {
		if err := l.db.Read(t.Context(), func(tx *db.Tx) error {
			_, err := tx.One(`SELECT COUNT(*) FROM journal WHERE kind = $1`, []any{kind}, &n)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	written := func(kind string, do func()) int {
		l.book.Looks = &dossier.Looks{} // nothing was looked at before
		before := lines(kind)
		do()
		return lines(kind) - before
	}
	shown := 0
	for _, r := range routesOf(t, "../../internal/desk/routes.go", "../../internal/api/api.go") {
		_, excused := noLook[r.method+" "+r.path]
		if strings.HasPrefix(r.path, "/api/v1/") && !strings.HasPrefix(r.path, "/api/v1/dossiers") && !strings.Contains(r.path, "/queues") && !strings.Contains(r.path, "/notices") && r.path != "/api/v1/files" || r.path == "/api/" {
			continue // public: nothing of persons
		}
		if aboutDossier(r) && !excused {
			var got string
			if n := written("viewed", func() { got, _ = v.verdict(r, &own) }); n == 0 && got != barred && got != hidden && !strings.HasSuffix(r.path, "/views") && !strings.HasSuffix(r.path, "/vi-sao") && got != asked {
				t.Errorf("%s %s: %s, and no look is written", r.method, r.path, got)
			} else if n > 0 {
				shown++
			}
			continue
		}
		if !excused && !aboutDossier(r) {
			t.Errorf("%s %s: nobody says why no look is written", r.method, r.path)
		}
	}
	if shown < 15 {
		t.Errorf("only %d addresses are looks", shown)
	}
	for path, who := range map[string]*visitor{"/mot-cua/so-theo-doi": clerk, "/mot-cua/so-theo-doi.xlsx?don-vi=H57.101.1": clerk, "/mot-cua/so-theo-doi.pdf?don-vi=H57.101.1": clerk, "/mot-cua?don-vi=H57.101": v, "/mot-cua/tim?thu-tuc=1.001193": v, "/api/v1/dossiers?procedure=1.001193": v} {
		var status int
		if n := written("listed", func() { status, _, _ = who.do(route{"GET", path}, path, nil) }); n != 1 || status != http.StatusOK {
			t.Errorf("%s: %d, %d lines", path, status, n)
		}
	}
	guardian := l.visitor(persona{name: "data protection officer", login: "dulieu"})
	for _, r := range []route{{"GET", "/mot-cua/quyen-du-lieu/{number}"}, {"POST", "/mot-cua/quyen-du-lieu/{number}/viec/{act}"}} {
		if n := written("privacy", func() { guardian.verdict(r, nil) }); n == 0 {
			t.Errorf("%s: no look is written", r.path)
		}
	}
	if n := written("viewed", func() { clerk.post("/mot-cua/in", url.Values{"giay": {"submission"}, "ho-so": {own.code + " 1"}}) }); n != 2 {
		t.Errorf("a dossier that is printed: %d looks", n)
	}
}

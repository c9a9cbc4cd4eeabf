// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/api"
	"motcua/internal/db/dbtest"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/web"
)

// site is the demo province behind the API, with a clock the test moves.
type site struct {
	*testing.T
	mux      http.Handler
	book     *dossier.Book
	register *identity.Register
	tokens   map[string]string
	now      time.Time
	check    validator.Validator
}

func open(t *testing.T) *site {
	t.Helper()
	ctx := context.Background()
	d := dbtest.Open(t)
	s := &site{T: t, tokens: map[string]string{}, now: time.Now()}
	now := func() time.Time { return s.now }
	if _, err := province.Load(ctx, d, demo.Files, s.now); err != nil {
		t.Fatal(err)
	}
	place, err := agency.OpenSite(ctx, d, now)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := procedure.OpenCatalogue(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	register := &identity.Register{DB: d, Now: now}
	s.register = register
	s.book = &dossier.Book{DB: d, Catalogue: catalogue, Site: place, Now: now, Followers: []dossier.Follower{dossier.Announce}}
	for _, login := range []string{"nguoidan", "nguoidan2", "motcua", "motcua2", "chuyenvien", "truongphong", "lanhdao", "thuquy", "quantri"} {
		if s.tokens[login], err = register.CreateToken(ctx, login, nil, identity.Double, 1000*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	mux := http.NewServeMux()
	(&api.API{Book: s.book, Register: register, Catalogue: catalogue, Site: place, Guesses: &web.Tries{}, Now: now}).Routes(mux)
	s.mux = (&web.Guard{}).Wrap(mux)
	s.check = described(t, s.mux)
	return s
}

// described reads the description as it is served.
func described(t *testing.T, h http.Handler) validator.Validator {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/openapi.json", nil))
	doc, err := libopenapi.NewDocument(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, errs := v.ValidateDocument(); !ok {
		for _, e := range errs {
			t.Error(e.Message, e.Reason)
		}
		t.FailNow()
	}
	return v
}

// nothing is a call that is not described.
const nothing = "/nothing"

type reply struct {
	*httptest.ResponseRecorder
	json map[string]any
}

// call makes a call and holds the answer against the description.
func (s *site) call(login, method, path string, body any, headers ...string) reply {
	s.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			s.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, "/api/v1"+path, content)
	r.Header.Set("Content-Type", "application/json")
	if login != "" {
		r.Header.Set("Authorization", "Bearer "+s.tokens[login])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	got := reply{ResponseRecorder: w}
	if strings.Contains(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &got.json); err != nil {
			s.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	if path != nothing {
		s.described(r, w)
	}
	return got
}

func (s *site) described(r *http.Request, w *httptest.ResponseRecorder) {
	s.Helper()
	answer := w.Result()
	answer.Body = io.NopCloser(bytes.NewReader(w.Body.Bytes()))
	if ok, errs := s.check.ValidateHttpResponse(r, answer); !ok {
		for _, e := range errs {
			s.Errorf("%s %s: %d is not as described: %s %s %v", r.Method, r.URL, w.Code, e.Message, e.Reason, e.SchemaValidationErrors)
		}
		s.Fatalf("answer: %s", w.Body)
	}
}

// upload sends one file.
func (s *site) upload(login, name, content string) reply {
	s.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		s.Fatal(err)
	}
	_, _ = io.WriteString(part, content)
	_ = form.Close()
	return s.call(login, "POST", "/files", body.String(), "Content-Type", form.FormDataContentType())
}

// must is call with a status that the test relies on.
func (s *site) must(status int, login, method, path string, body any, headers ...string) reply {
	s.Helper()
	got := s.call(login, method, path, body, headers...)
	if got.Code != status {
		s.Fatalf("%s %s as %q: %d %s", method, path, login, got.Code, got.Body)
	}
	return got
}

// filled gives every required parameter of an offer its first choice or example.
func filled(params []any) map[string]any {
	given := map[string]any{}
	for _, p := range params {
		p := p.(map[string]any)
		if p["required"] != true {
			continue
		}
		if choices, ok := p["choices"].([]any); ok {
			given[p["name"].(string)] = choices[0].(map[string]any)["value"]
			if p["type"] == "choices" {
				given[p["name"].(string)] = []any{given[p["name"].(string)]}
			}
		} else {
			given[p["name"].(string)] = p["example"]
		}
	}
	return given
}

// officers are who moves a dossier on.
var officers = []string{"motcua", "chuyenvien", "truongphong", "lanhdao", "thuquy"}

// forward does the first act that is offered to any officer; false if none is.
func (s *site) forward(code string) (dossier map[string]any, acted bool) {
	s.Helper()
	for _, login := range officers {
		got := s.call(login, "GET", "/dossiers/"+code, nil)
		if got.Code == http.StatusNotFound {
			continue
		}
		if got.Code != http.StatusOK {
			s.Fatalf("%s looks at %s: %d %s", login, code, got.Code, got.Body)
		}
		for _, o := range got.json["acts"].([]any) {
			o := o.(map[string]any)
			if o["aside"] == true {
				continue
			}
			body := filled(o["params"].([]any))
			body["version"] = got.json["version"]
			done := s.must(http.StatusOK, login, "POST", "/dossiers/"+code+"/acts/"+o["act"].(string), body)
			return done.json, true
		}
	}
	return nil, false
}

func (s *site) sample(code string) map[string]any {
	s.Helper()
	return s.must(http.StatusOK, "", "GET", "/procedures/"+code+"/sample", nil).json
}

func (s *site) file(code string) map[string]any {
	s.Helper()
	return s.must(http.StatusCreated, "nguoidan", "POST", "/dossiers", s.sample(code)).json
}

// offered lists the codes of what can be filed.
func (s *site) offered() []string {
	s.Helper()
	var codes []string
	after := ""
	for {
		got := s.must(http.StatusOK, "", "GET", "/procedures?offered=true&limit=20"+after, nil)
		for _, e := range got.json["items"].([]any) {
			codes = append(codes, e.(map[string]any)["code"].(string))
		}
		next, more := got.json["next"].(string)
		if !more {
			return codes
		}
		after = "&after=" + next
	}
}

// Every offered procedure's sample is filed by a citizen and brought by the
// demo accounts to a handed-over result, with nothing further from the citizen.
func TestEveryProcedureComesToItsResult(t *testing.T) {
	s := open(t)
	codes := s.offered()
	if len(codes) < 10 {
		t.Fatalf("only %d procedures are offered", len(codes))
	}
	for _, code := range codes {
		d := s.file(code)
		number := d["code"].(string)
		for n := 0; d["national_status"] != 10.0; n++ {
			s.now = s.now.Add(time.Minute)
			next, acted := s.forward(number)
			if !acted || n > 40 {
				t.Errorf("%s: stands still at %v, status %v", code, d["step"], d["national_status"])
				break
			}
			d = next
		}
		d = s.must(http.StatusOK, "nguoidan", "GET", "/dossiers/"+number, nil).json
		results, _ := d["results"].([]any)
		if len(results) == 0 {
			t.Errorf("%s: no result", code)
			continue
		}
		for _, r := range results {
			got := s.must(http.StatusOK, "nguoidan", "GET", "/dossiers/"+number+"/results/"+r.(map[string]any)["id"].(string), nil)
			if !bytes.HasPrefix(got.Body.Bytes(), []byte("%PDF-")) {
				t.Errorf("%s: result is no PDF", code)
			}
		}
		for _, p := range d["papers"].([]any) {
			s.must(http.StatusOK, "motcua", "GET", "/dossiers/"+number+"/papers/"+p.(map[string]any)["id"].(string), nil)
		}
		events := s.must(http.StatusOK, "nguoidan", "GET", "/dossiers/"+number+"/events", nil).json["items"].([]any)
		if len(events) != int(d["version"].(float64)) {
			t.Errorf("%s: %d events at version %v", code, len(events), d["version"])
		}
	}
	s.verify()
}

func (s *site) verify() {
	s.Helper()
	if err := s.book.Verify(context.Background(), func(f dossier.Finding) { s.Errorf("%s %s: %s", f.What, f.Where, f.Detail) }, func(int64) {}); err != nil {
		s.Fatal(err)
	}
}

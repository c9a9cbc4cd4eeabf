// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/internal/db"
	"motcua/internal/identity"
	"motcua/internal/pdf"
)

// The applicant reads the history without what officers note among themselves.
func TestApplicantReadsNoNotes(t *testing.T) {
	s := open(t)
	d := s.file("1.001193")
	code := d["code"].(string)
	s.must(http.StatusOK, "motcua", "POST", "/dossiers/"+code+"/acts/receive", map[string]any{"version": 1, "note": "NỘI BỘ"})
	read := func(login string) string {
		return s.must(http.StatusOK, login, "GET", "/dossiers/"+code+"/events", nil).Body.String()
	}
	if !strings.Contains(read("motcua"), "NỘI BỘ") {
		t.Error("the officer does not read the note")
	}
	if text := read("nguoidan"); strings.Contains(text, "NỘI BỘ") || !strings.Contains(text, "received") {
		t.Errorf("the applicant reads %s", text)
	}
}

// A token does no more than its scopes.
func TestScopesByAct(t *testing.T) {
	s := open(t)
	code := s.file("1.001193")["code"].(string)
	for _, c := range []struct {
		login, scope, method, path string
		want                       int
	}{
		{"motcua", "file", "POST", "/dossiers/" + code + "/acts/receive", http.StatusForbidden},
		{"motcua", "read", "POST", "/dossiers/" + code + "/acts/receive", http.StatusForbidden},
		{"nguoidan", "handle", "POST", "/dossiers", http.StatusForbidden},
		{"nguoidan", "handle", "POST", "/dossiers/" + code + "/acts/rate", http.StatusForbidden},
		{"nguoidan", "read", "GET", "/dossiers/" + code, http.StatusOK},
		{"motcua", "handle", "POST", "/dossiers/" + code + "/acts/receive", http.StatusOK},
	} {
		whole := s.tokens[c.login]
		token, err := s.register.CreateToken(t.Context(), c.login, []string{c.scope}, identity.Double, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		s.tokens[c.login] = token
		var body any
		if c.method == "POST" {
			body = map[string]any{"version": 1}
		}
		if got := s.call(c.login, c.method, c.path, body); got.Code != c.want {
			t.Errorf("%s with %s: %s %s: %d, want %d %s", c.login, c.scope, c.method, c.path, got.Code, c.want, got.Body)
		}
		s.tokens[c.login] = whole
	}
}

// Who files on line for another is named as who hands in, and nobody else may be.
func TestSubmitterIsWhoSignedIn(t *testing.T) {
	s := open(t)
	filing := s.sample("1.001193")
	d := s.must(http.StatusCreated, "nguoidan2", "POST", "/dossiers", filing).json
	if who, _ := d["submitter"].(map[string]any); who == nil || who["name"] != "Lê Văn Tùng" {
		t.Errorf("handed in by %v", d["submitter"])
	}
	filing["submitter"] = map[string]any{"kind": "citizen", "name": "Trần Văn An", "id_number": "046080000001"}
	if got := s.call("nguoidan2", "POST", "/dossiers", filing); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "/submitter") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	delete(filing, "submitter")
	if own := s.must(http.StatusCreated, "nguoidan", "POST", "/dossiers", filing).json; own["submitter"] != nil {
		t.Errorf("handed in by %v", own["submitter"])
	}
}

// Bodies that would take much memory, or are more than one value, are refused.
func TestBodies(t *testing.T) {
	s := open(t)
	code := s.file("1.001193")["code"].(string)
	for name, c := range map[string]struct {
		path, body string
		want       int
	}{
		"large act":   {"/dossiers/" + code + "/acts/receive", `{"note":"` + strings.Repeat("x", 1<<20) + `"}`, http.StatusRequestEntityTooLarge},
		"many values": {"/dossiers", `{"answers":{"x":[` + strings.Repeat("{},", 60_000) + `{}]}}`, http.StatusRequestEntityTooLarge},
		"many papers": {"/dossiers", `{"procedure":"1.001193","documents":[` + strings.Repeat(`{"component":"a"},`, 300) + `{"component":"a"}]}`, http.StatusUnprocessableEntity},
		"two values":  {"/dossiers/" + code + "/acts/receive", `{"version":1}]`, http.StatusUnprocessableEntity},
		"zero":        {"/dossiers", `{"procedure":"1.001193\u0000"}`, http.StatusUnprocessableEntity},
	} {
		login := "nguoidan"
		if strings.Contains(c.path, "acts") {
			login = "motcua"
		}
		if got := s.call(login, "POST", c.path, c.body); got.Code != c.want {
			t.Errorf("%s: %d, want %d %.300s", name, got.Code, c.want, got.Body)
		}
	}
	if got := s.call("nguoidan", "POST", "/dossiers", s.sample("1.001193"), "Idempotency-Key", "\xff\xfe"); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("key: %d %s", got.Code, got.Body)
	}
	for _, path := range []string{"/procedures/%00", "/procedures/%ff", "/procedures/a%00b"} {
		if got := s.call("", "GET", path, nil); got.Code >= 500 {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// The catalogue is listed as it is in force on the day asked for.
func TestCatalogueOnDay(t *testing.T) {
	s := open(t)
	if list := s.must(http.StatusOK, "", "GET", "/procedures?offered=true&on=1900-01-01", nil).json["items"].([]any); len(list) != 0 {
		t.Errorf("%d procedures in 1900", len(list))
	}
	if list := s.must(http.StatusOK, "", "GET", "/procedures?offered=true", nil).json["items"].([]any); len(list) < 40 {
		t.Errorf("%d procedures today", len(list))
	}
}

// paper is a PDF of its own.
func paper(t *testing.T, title string) string {
	t.Helper()
	b, err := pdf.New(pdf.Options{Title: title, CreatedAt: time.Unix(0, 0)}).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The same upload under the same key is one file.
func TestUploadTwice(t *testing.T) {
	s := open(t)
	send := func(name, content string) reply {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(part, content)
		_ = form.Close()
		return s.call("nguoidan", "POST", "/files", body.String(), "Content-Type", form.FormDataContentType(), "Idempotency-Key", "one")
	}
	first, second, other := send("a.pdf", paper(t, "a")), send("a.pdf", paper(t, "a")), send("a.pdf", paper(t, "b"))
	if first.Code != http.StatusCreated || second.Code != http.StatusCreated || first.json["id"] != second.json["id"] {
		t.Errorf("%s, %s", first.Body, second.Body)
	}
	if other.Code != http.StatusConflict {
		t.Errorf("%d %s", other.Code, other.Body)
	}
	rows := 0
	if err := s.book.DB.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT COUNT(*) FROM file`, nil, &rows)
		return err
	}); err != nil || rows != 1 {
		t.Errorf("%d files, %v", rows, err)
	}
}

// What the pages offer to look for, the calls do too.
func TestLookingFor(t *testing.T) {
	s := open(t)
	code := s.file("1.001193")["code"].(string)
	s.file("1.004194")
	found := func(login, path string) []any {
		return s.must(http.StatusOK, login, "GET", path, nil).json["items"].([]any)
	}
	if list := found("motcua", "/dossiers?q="+url.QueryEscape("hương giang")+"&procedure=1.001193"); len(list) != 1 || list[0].(map[string]any)["code"] != code {
		t.Errorf("by name: %v", list)
	}
	number := map[string]any{"text": "046190001234"}
	if list := s.must(http.StatusOK, "motcua", "POST", "/dossiers/search", number).json["items"].([]any); len(list) != 2 {
		t.Errorf("by number: %v", list)
	}
	s.must(http.StatusUnprocessableEntity, "motcua", "GET", "/dossiers?q=046190001234", nil)
	s.must(http.StatusForbidden, "nguoidan2", "POST", "/dossiers/search", number)
	s.must(http.StatusUnprocessableEntity, "motcua", "POST", "/dossiers/search", map[string]any{"text": "giang", "limit": 101})
	if list := found("nguoidan2", "/dossiers?q=046190001234"); len(list) != 0 {
		t.Errorf("somebody else finds %v", list)
	}
	if list := found("motcua", "/queues/receive?procedure=1.001193"); len(list) != 1 {
		t.Errorf("queue of a procedure: %v", list)
	}
	if list := found("motcua", "/queues/receive?due_before="+url.QueryEscape(s.now.Format(time.RFC3339))); len(list) != 0 {
		t.Errorf("not received, and yet due: %v", list)
	}
	if got := s.call("motcua", "GET", "/queues/receive?due_before=soon", nil); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if _, err := s.book.Deliver(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	if list := found("nguoidan", "/notices"); len(list) != 2 || list[0].(map[string]any)["new"] != true {
		t.Errorf("told %v", list)
	}
	latest := found("nguoidan", "/notices")[0].(map[string]any)["id"]
	s.must(http.StatusNoContent, "nguoidan", "POST", "/notices/read", map[string]any{"latest": latest})
	if list := found("nguoidan", "/notices"); len(list) != 2 || list[0].(map[string]any)["new"] != false {
		t.Errorf("told again %v", list)
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/internal/db"
	"motcua/internal/province"
	"motcua/internal/refusal"
	"motcua/internal/search"
)

// What is planted: what people type and carry, in words that occur nowhere else.
const (
	markName     = "Đoàn Mốc Dấu"
	markNumber   = "046199887766"
	markPhone    = "0987612345"
	markMail     = "moc.dau@hoalan.vn"
	markAddress  = "77 Ngõ Hoa Lan Trắng"
	markLogin    = "mocdau.hoalan"
	markPassword = "Hoa-Lan-9182-mat"
	markFile     = "thẻ hoa lan.pdf"
	markWord     = "hoalanwxyz"
)

var markBirth = "1991-04-17"

// leaks finds marks in what was written: as they are, without marks of accents, and
// as addresses and JSON write them.
func leaks(written string, marks []string) []string {
	var found []string
	folded := search.Fold(written)
	for _, m := range marks {
		escaped, _ := json.Marshal(m)
		for _, form := range []string{m, url.QueryEscape(m), url.PathEscape(m), strings.Trim(string(escaped), `"`), strings.Trim(fmt.Sprintf("%+q", m), `"`)} {
			if i := strings.Index(strings.ToLower(written), strings.ToLower(form)); i >= 0 {
				found = append(found, fmt.Sprintf("%s: …%s…", m, written[max(0, i-120):min(len(written), i+len(form)+40)]))
				break
			}
		}
		if plain := search.Fold(m); len(plain) > 6 && strings.Contains(" "+folded+" ", " "+plain+" ") {
			found = append(found, m+", folded")
		}
	}
	return found
}

// spoken is what a program wrote, while it writes.
type spoken struct {
	sync.Mutex
	b bytes.Buffer
}

func (s *spoken) Write(p []byte) (int, error) {
	s.Lock()
	defer s.Unlock()
	return s.b.Write(p)
}

func (s *spoken) String() string {
	s.Lock()
	defer s.Unlock()
	return s.b.String()
}

// planter sends marks wherever something can be sent.
type planter struct {
	*testing.T
	base, token, csrf string
	client            *http.Client
}

func (p *planter) browser() {
	p.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.Fatal(err)
	}
	p.client = &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	_, page := p.send("GET", "/dang-nhap", "", "")
	if m := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page); m != nil {
		p.csrf = m[1]
	}
}

func (p *planter) send(method, path, kind, body string) (int, string) {
	p.Helper()
	r, err := http.NewRequestWithContext(p.Context(), method, p.base+path, strings.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("User-Agent", "Mozilla "+markWord)
	r.Header.Set("Referer", p.base+"/mot-cua/tim?q="+url.QueryEscape(markName))
	r.Header.Set("X-Forwarded-For", markWord)
	r.Header.Set("Accept-Language", "vi, "+markWord)
	r.AddCookie(&http.Cookie{Name: markWord, Value: markNumber})
	if strings.HasPrefix(path, "/api/") {
		r.Header.Set("Idempotency-Key", markWord+fmt.Sprint(time.Now().UnixNano()))
		if p.token != "" {
			r.Header.Set("Authorization", "Bearer "+p.token)
		}
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return 0, "" // cut off: a file of which the end is missing
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text)
}

func (p *planter) form(path string, fill url.Values) (int, string) {
	p.Helper()
	values := url.Values{"csrf": {p.csrf}}
	for name, v := range fill {
		values[name] = v
	}
	return p.send("POST", path, "application/x-www-form-urlencoded", values.Encode())
}

// metrics asks from this machine itself, past any proxy.
func (p *planter) metrics() (int, string) {
	p.Helper()
	answer, err := http.Get(p.base + "/metrics")
	if err != nil {
		p.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// fields are names that forms use, each with a mark.
func fields() url.Values {
	return url.Values{"name": {markName}, "id_number": {markNumber}, "phone": {markPhone}, "email": {markMail}, "address": {markAddress}, "birth_date": {markBirth},
		"login": {markLogin}, "password": {markPassword}, "again": {markPassword}, "q": {markNumber}, "ly-do": {markName}, "muc-dich": {markName}, "so": {markNumber}, "note": {markName},
		"label": {markWord}, "text": {markName}, "code": {markNumber}, "next": {"/" + markWord}, "ho-so": {markNumber + " " + markName}, "key": {markWord}, "version": {markNumber},
		"requester.name": {markName}, "nguoi-de-nghi.name": {markName}, "nguoi-de-nghi.id_number": {markNumber}, "secret": {markWord}, "gender": {"female"}, "ethnicity": {markWord}, "nationality": {markWord}}
}

// everywhere sends marks to every route: in the path, the query, forms, parts with
// files, JSON of wrong types and JSON that breaks off.
func (p *planter) everywhere(routes []route, code, file string) {
	p.Helper()
	query := "?" + fields().Encode()
	for _, r := range routes {
		if strings.Contains(r.path, "/dang-xuat") || strings.HasSuffix(r.path, "/phien") || strings.Contains(r.path, "mat-khau") && r.method == "POST" {
			continue
		}
		for _, path := range []string{
			strings.NewReplacer("{code}", code, "{file}", file, "{id}", file, "{paper}", "submission", "{act}", "message", "{procedure}", "1.001193", "{rest...}", "x", "{name}", "receive", "{draft}", markWord, "{page}", markWord, "{invitation}", markWord, "{outage}", markNumber, "{list}", markNumber, "{round}", markNumber, "{number}", markNumber, "{provider}", markWord, "{$}", "").Replace(r.path),
			regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(r.path, url.PathEscape(markName+" "+markNumber)),
		} {
			if r.method != "POST" {
				p.send(r.method, path+query, "", "")
				continue
			}
			if strings.HasPrefix(path, "/api/") {
				for _, body := range []string{`{"` + markWord + `":"` + markName + `"}`, `{"version":"` + markName + `","purpose":` + markNumber + `,"text":[` + markNumber + `],"applicant":"` + markName + `","latest":` + markNumber + `}`,
					`{"purpose":"` + markName + `","text":"` + markName + `"}`, `{"name":"` + markName, markName, `[` + markNumber + `]`} {
					p.send("POST", path, "application/json", body)
				}
			} else {
				p.form(path, fields())
			}
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			_ = w.WriteField("csrf", p.csrf)
			for name, v := range fields() {
				_ = w.WriteField(name, v[0])
			}
			for _, input := range []string{"file", "tep-identity", "tep"} {
				part, _ := w.CreateFormFile(input, markFile)
				_, _ = io.WriteString(part, "%PDF-1.7 "+markName)
			}
			whole := b.String()
			_ = w.Close()
			p.send("POST", path, w.FormDataContentType(), b.String())
			p.send("POST", path, w.FormDataContentType(), whole) // without its end
		}
	}
}

// Nothing that people type, carry or are called is in what the program writes: not on
// its outputs, in its metrics, nor in what its commands say – with everything in
// order, with broken data below it, and with none.
func TestNothingOfPersonsIsWritten(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	said := &spoken{}
	child := exec.Command(os.Args[0], "demo", "--data", data, "--listen", "127.0.0.1:0")
	child.Env = append(os.Environ(), "MOTCUA_AS_PROGRAM=1")
	child.Stdout, child.Stderr = said, said
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	p := &planter{T: t}
	for p.base == "" {
		select {
		case err := <-ended:
			t.Fatalf("%v\n%s", err, said)
		case <-time.After(50 * time.Millisecond):
			p.base = servesAt.FindString(said.String())
		}
	}
	p.browser()
	if status, page := p.form("/dang-ky", fields()); status != http.StatusSeeOther {
		t.Fatalf("signing up: %d %s", status, page)
	}
	marks := []string{markName, markNumber, markPhone, markMail, markAddress, markLogin, markPassword, markFile, markWord}
	code, out, told := motcua(t, "token", "create", "--for", markLogin, "--level", "high", "--data", data)
	if code != 0 {
		t.Fatal(out, told)
	}
	p.token = strings.TrimSpace(out)
	marks = append(marks, p.token)
	dossier, secret, file := p.file()
	marks = append(marks, secret)
	routes := routesOf(t, faces...)
	p.everywhere(routes, dossier, file)
	for _, login := range []string{"", "motcua", "lanhdao", "quantri"} {
		p.token = ""
		p.browser()
		if login != "" {
			if status, _ := p.form("/dang-nhap", url.Values{"login": {login}, "password": {province.Password}}); status != http.StatusSeeOther {
				t.Fatalf("%s cannot sign in: %d", login, status)
			}
			_, out, _ := motcua(t, "token", "create", "--for", login, "--data", data)
			p.token = strings.TrimSpace(out)
			marks = append(marks, p.token)
		}
		p.everywhere(routes, dossier, file)
	}
	if status, page := p.metrics(); status != http.StatusOK {
		t.Fatal(status)
	} else if found := leaks(page, marks); len(found) > 0 {
		t.Errorf("metrics: %s", strings.Join(found, "\n"))
	}
	p.spoil(data, file)
	p.everywhere(routes, dossier, file)
	_, out, told = motcua(t, "verify", "--data", data)
	if !strings.Contains(out+told, "wrong") || strings.Contains(out, " 0 wrong") {
		t.Errorf("verify finds nothing: %s%s", out, told)
	}
	wrong := filepath.Join(t.TempDir(), "import.jsonl")
	if err := os.WriteFile(wrong, []byte(`{"code":"`+markNumber+`","name":7,"`+markWord+`":"`+markName+`"}`+"\n"+markName+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, importOut, importTold := motcua(t, "import", "procedures", wrong, "--data", data)
	p.takeAway(data)
	p.everywhere(routes, dossier, file)
	if err := child.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-ended
	written := said.String()
	if n := strings.Count(written, "msg=fault"); n < 20 {
		t.Errorf("only %d faults were provoked", n)
	}
	for name, text := range map[string]string{"the program": written, "verify": out + told, "import": importTold} {
		if found := leaks(text, marks); len(found) > 0 {
			t.Errorf("%s: %d: %s", name, len(found), strings.Join(found, "\n"))
		}
	}
	if !strings.Contains(importOut, "1") {
		t.Errorf("import says %q", importOut)
	}
}

// file hands in a dossier of the planted person.
func (p *planter) file() (code, secret, file string) {
	p.Helper()
	var sample map[string]any
	_, text := p.send("GET", "/api/v1/procedures/1.001193/sample", "", "")
	if err := json.Unmarshal([]byte(text), &sample); err != nil {
		p.Fatal(err)
	}
	sample["applicant"] = map[string]any{"kind": "citizen", "name": markName, "id_number": markNumber, "phone": markPhone, "email": markMail, "address": markAddress, "birth_date": markBirth}
	body, err := json.Marshal(sample)
	if err != nil {
		p.Fatal(err)
	}
	status, text := p.send("POST", "/api/v1/dossiers", "application/json", string(body))
	var sent struct {
		Code, Secret string
		Documents    []struct{ File string }
	}
	if err := json.Unmarshal([]byte(text), &sent); err != nil || status != http.StatusCreated {
		p.Fatalf("%d %s", status, text)
	}
	return sent.Code, sent.Secret, sent.Documents[0].File
}

// spoil breaks what is kept, with marks in it: dossiers, history, accounts, a file.
func (p *planter) spoil(data, file string) {
	p.Helper()
	d, err := db.Open(context.Background(), "sqlite:"+filepath.Join(data, "motcua.db"))
	if err != nil {
		p.Fatal(err)
	}
	defer d.Close()
	err = d.Write(context.Background(), func(tx *db.Tx) error {
		tx.Exec(`UPDATE dossier SET body = $1`, `{"code":`+markNumber+`,"applicant":"`+markName+`"}`)
		tx.Exec(`UPDATE event SET body = $1 WHERE seq = 2`, `{"`+markName+`":`)
		tx.Exec(`UPDATE draft SET body = $1`, `{"applicant":"`+markName+`"}`)
		tx.Exec(`DELETE FROM file_piece WHERE sha256 = (SELECT sha256 FROM file WHERE id = $1)`, file)
		return tx.Err()
	})
	if err != nil {
		p.Fatal(err)
	}
}

// takeAway takes from under the program the tables that all asks for.
func (p *planter) takeAway(data string) {
	p.Helper()
	d, err := db.Open(context.Background(), "sqlite:"+filepath.Join(data, "motcua.db"))
	if err != nil {
		p.Fatal(err)
	}
	defer d.Close()
	err = d.Write(context.Background(), func(tx *db.Tx) error {
		tx.Exec(`ALTER TABLE dossier RENAME TO dossier_gone`)
		tx.Exec(`ALTER TABLE account RENAME TO account_gone`)
		tx.Exec(`ALTER TABLE draft RENAME TO draft_gone`)
		return tx.Err()
	})
	if err != nil {
		p.Fatal(err)
	}
}

// The search itself finds what leaks, in each form; and lines are cleaned of what
// others quote.
func TestLeaksAreFound(t *testing.T) {
	for _, written := range []string{"x " + markName + " y", "q=" + url.QueryEscape(markName), url.PathEscape(markAddress), `{"name":"` + strings.ToUpper(markName) + `"}`, "doan moc dau", fmt.Sprintf("%+q", markName), "tel " + markPhone} {
		if len(leaks(written, []string{markName, markAddress, markPhone})) == 0 {
			t.Errorf("%q passes", written)
		}
	}
	var b bytes.Buffer
	log := newLog(&b).With("who", markMail).WithGroup("g")
	var n int
	log.Error("bad "+markNumber, "error", fmt.Errorf("read H57.101.1-261123-0001: %w", json.Unmarshal([]byte(markNumber+`"`), &n)),
		"why", refusal.New(refusal.Unavailable, "dossier.unknown", "name", markName), "said", fmt.Errorf("parsing %q: 'bad thing'", markName), slog.Group("more", "phone", "0987 612 345", "n", 3))
	if found := leaks(b.String(), []string{markName, markNumber, markPhone, markMail, "0987 612 345"}); len(found) > 0 {
		t.Errorf("%s\n%s", found, b.String())
	}
	for _, keep := range []string{"H57.101.1-261123-0001", "dossier.unknown", "more.n=3"} {
		if !strings.Contains(b.String(), keep) {
			t.Errorf("%s is gone: %s", keep, b.String())
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/identity"
)

const birth = "1.001193" // registration of birth, at communes

func (s *site) problem(got reply, status int, code string) {
	s.Helper()
	if got.Code != status || got.json["code"] != code {
		s.Errorf("got %d %v, want %d %s: %s", got.Code, got.json["code"], status, code, got.Body)
	}
	if detail, _ := got.json["detail"].(string); detail == "" || strings.Contains(detail, code) {
		s.Errorf("%s has no sentence: %q", code, detail)
	}
}

// Refusals come in the order: signed in, may see it, may act, version, content.
func TestOrderOfRefusals(t *testing.T) {
	s := open(t)
	number := s.file(birth)["code"].(string)
	receive := "/dossiers/" + number + "/acts/receive"
	bad := map[string]any{"version": 99, "components": "nonsense"}
	s.problem(s.call("", "POST", receive, bad), 401, "identity.no_token")
	s.tokens["thief"] = "not-a-token"
	s.problem(s.call("thief", "POST", receive, bad), 401, "identity.not_signed_in")
	s.problem(s.call("nguoidan2", "POST", receive, bad), 404, "dossier.unknown")
	s.problem(s.call("motcua2", "POST", receive, bad), 404, "dossier.unknown")
	s.problem(s.call("motcua2", "POST", receive, "not json"), 404, "dossier.unknown")
	s.problem(s.call("motcua", "POST", "/dossiers/H57.101.1-260101-0001/acts/receive", bad), 404, "dossier.unknown")
	s.problem(s.call("motcua", "POST", "/dossiers/nonsense/acts/receive", bad), 404, "dossier.unknown")
	s.problem(s.call("nguoidan", "POST", receive, bad), 403, "dossier.act.not_allowed")
	s.problem(s.call("chuyenvien", "POST", receive, bad), 403, "dossier.act.not_allowed")
	s.problem(s.call("motcua", "POST", receive, bad), 409, "dossier.version.stale")
	s.problem(s.call("motcua", "POST", receive, map[string]any{"components": "nonsense"}), 422, "dossier.version.missing")
	s.problem(s.call("motcua", "POST", receive, map[string]any{"version": 1, "components": "nonsense"}), 422, "request.invalid")
	s.problem(s.call("motcua", "POST", receive, "{"), 422, "request.json")
	s.problem(s.call("motcua", "POST", "/dossiers/"+number+"/acts/approve", map[string]any{"version": 1}), 403, "dossier.act.not_allowed")
	s.problem(s.call("motcua", "POST", "/dossiers/"+number+"/acts/dance", map[string]any{"version": 1}), 404, "dossier.act.unknown")
	s.problem(s.call("motcua", "POST", "/dossiers/"+number+"/acts/hand_over", map[string]any{"version": 1}), 422, "dossier.act.not_now")
	if d := s.must(200, "nguoidan", "GET", "/dossiers/"+number, nil).json; d["version"] != 1.0 || d["national_status"] != 1.0 {
		t.Errorf("refusals changed the dossier: %v", d)
	}
}

// A token can do no more than its scopes.
func TestScopes(t *testing.T) {
	s := open(t)
	var err error
	if s.tokens["reader"], err = s.register.CreateToken(t.Context(), "nguoidan", []string{"read"}, identity.Double, time.Hour); err != nil {
		t.Fatal(err)
	}
	s.problem(s.call("reader", "POST", "/dossiers", s.sample(birth)), 403, "identity.scope.missing")
	s.must(200, "reader", "GET", "/dossiers", nil)
	s.now = s.now.Add(2 * time.Hour)
	s.problem(s.call("reader", "GET", "/dossiers", nil), 401, "identity.not_signed_in")
}

// A repeated call is answered as the first time and done once; the same key
// with another body is a conflict.
func TestIdempotency(t *testing.T) {
	s := open(t)
	filing := s.sample(birth)
	first := s.must(201, "nguoidan", "POST", "/dossiers", filing, "Idempotency-Key", "one").json
	code := first["code"].(string)
	act := map[string]any{"version": 1}
	s.must(200, "motcua", "POST", "/dossiers/"+code+"/acts/receive", act, "Idempotency-Key", "one")
	again := s.must(201, "nguoidan", "POST", "/dossiers", filing, "Idempotency-Key", "one").json
	if again["code"] != code || again["version"] != 1.0 || again["status"] != first["status"] {
		t.Errorf("again: %v %v %v", again["code"], again["version"], again["status"])
	}
	repeated := s.must(200, "motcua", "POST", "/dossiers/"+code+"/acts/receive", act, "Idempotency-Key", "one").json
	if now := s.must(200, "motcua", "GET", "/dossiers/"+code, nil).json; repeated["version"] != now["version"] {
		t.Errorf("repeated act made version %v, now %v", repeated["version"], now["version"])
	}
	other := maps.Clone(filing)
	other["return_channel"] = "counter"
	s.problem(s.call("nguoidan", "POST", "/dossiers", other, "Idempotency-Key", "one"), 409, "request.key_reused")
	s.problem(s.call("nguoidan", "POST", "/dossiers", filing, "Idempotency-Key", strings.Repeat("k", 201)), 422, "request.key_long")
	second := s.must(201, "nguoidan", "POST", "/dossiers", filing, "Idempotency-Key", "two").json
	if second["code"] == code {
		t.Error("another key gave the same dossier")
	}
}

// The same request sent many times at once makes one dossier.
func TestIdempotencyAtOnce(t *testing.T) {
	s := open(t)
	filing := s.sample(birth)
	codes := make([]string, 16)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() {
			codes[i], _ = s.call("nguoidan", "POST", "/dossiers", filing, "Idempotency-Key", "same").json["code"].(string)
		})
	}
	all.Wait()
	for _, c := range codes {
		if c != codes[0] || c == "" {
			t.Fatalf("several dossiers: %q", codes)
		}
	}
}

// Every wrong field is named at once, and nothing is kept.
func TestWrongFields(t *testing.T) {
	s := open(t)
	filing := s.sample(birth)
	filing["agency"] = "H99"
	filing["return_channel"] = "pigeon"
	filing["applicant"].(map[string]any)["id_number"] = "12"
	filing["answers"].(map[string]any)["nonsense"] = true
	filing["documents"] = []any{map[string]any{"component": "nonsense"}}
	got := s.call("nguoidan", "POST", "/dossiers", filing)
	s.problem(got, 422, "request.invalid")
	wrong := map[string]bool{}
	for _, e := range got.json["errors"].([]any) {
		wrong[e.(map[string]any)["pointer"].(string)] = true
		if detail := e.(map[string]any)["detail"].(string); detail == "" {
			t.Errorf("no sentence for %v", e)
		}
	}
	for _, pointer := range []string{"/agency", "/return_channel", "/applicant/id_number", "/answers/nonsense", "/documents/0/component", "/documents"} {
		if !wrong[pointer] {
			t.Errorf("%s is not named in %v", pointer, wrong)
		}
	}
	s.problem(s.call("nguoidan", "POST", "/dossiers", `{"procedure": 5}`), 422, "request.invalid")
	s.problem(s.call("nguoidan", "POST", "/dossiers", `{"colour": "red"}`), 422, "request.invalid")
	s.problem(s.call("nguoidan", "POST", "/dossiers", `[]`), 422, "request.invalid")
	filing = s.sample(birth)
	filing["channel"] = "counter"
	s.problem(s.call("nguoidan", "POST", "/dossiers", filing), 403, "dossier.submit.online_only")
	if mine := s.must(200, "nguoidan", "GET", "/dossiers", nil).json["items"].([]any); len(mine) != 0 {
		t.Errorf("refused filings left %v", mine)
	}
}

// Names typed in decomposed Unicode come out composed.
func TestNamesComeOutComposed(t *testing.T) {
	s := open(t)
	text, err := json.Marshal(s.sample(birth))
	if err != nil {
		t.Fatal(err)
	}
	if norm.NFC.IsNormalString(norm.NFD.String(string(text))) {
		t.Fatal("the sample has no marks")
	}
	got := s.must(201, "nguoidan", "POST", "/dossiers", norm.NFD.String(string(text)))
	if !norm.NFC.IsNormalString(got.Body.String()) {
		t.Error("the answer is not in NFC")
	}
}

// Who does not own a dossier and has no post there is told that it does not exist.
func TestWalls(t *testing.T) {
	s := open(t)
	d := s.file(birth)
	number := d["code"].(string)
	for _, path := range []string{"", "/events", "/papers/submission", "/results/x", "/documents/x"} {
		for _, login := range []string{"nguoidan2", "motcua2", "quantri"} {
			if got := s.call(login, "GET", "/dossiers/"+number+path, nil); got.Code != 404 {
				t.Errorf("%s sees %s: %d", login, path, got.Code)
			}
		}
		s.problem(s.call("", "GET", "/dossiers/"+number+path, nil), 401, "identity.no_token")
	}
	if secret, ok := s.must(200, "chuyenvien", "GET", "/dossiers/"+number, nil).json["secret"]; ok {
		t.Errorf("the specialist sees the secret %v", secret)
	}
	events := s.must(200, "chuyenvien", "GET", "/dossiers/"+number+"/events", nil)
	if strings.Contains(events.Body.String(), d["secret"].(string)) {
		t.Error("the specialist finds the secret in the history")
	}
	s.problem(s.call("motcua", "GET", "/dossiers/"+number+"/results/x", nil), 404, "dossier.result.none")
	s.problem(s.call("nguoidan", "GET", "/dossiers/"+number+"/papers/x", nil), 404, "document.unknown")
	s.problem(s.call("", "GET", nothing, nil), 404, "request.no_such_call")
	s.problem(s.call("nguoidan", "GET", nothing, nil), 404, "request.no_such_call")
}

// The public look-up says code and degree of completion; the secret opens
// more; guessing is slowed down and looks like not knowing.
func TestLookup(t *testing.T) {
	s := open(t)
	d := s.file(birth)
	path := "/lookup/" + d["code"].(string)
	public := s.must(200, "", "GET", path, nil)
	if len(public.json) != 3 || public.json["code"] != d["code"] {
		t.Errorf("public: %s", public.Body)
	}
	if wrong := s.must(200, "", "GET", path+"?secret=wrong", nil); wrong.Body.String() != public.Body.String() {
		t.Errorf("a wrong secret says %s", wrong.Body)
	}
	opened := s.must(200, "", "GET", path+"?secret="+url.QueryEscape(d["secret"].(string)), nil)
	if opened.json["procedure"] != birth {
		t.Errorf("the secret opens %s", opened.Body)
	}
	for range 10 {
		s.call("", "GET", path+"?secret=guess", nil)
	}
	if throttled := s.must(200, "", "GET", path+"?secret="+d["secret"].(string), nil); len(throttled.json) != 3 {
		t.Error("guesses are not throttled")
	}
	s.now = s.now.Add(16 * time.Minute)
	if later := s.must(200, "", "GET", path+"?secret="+d["secret"].(string), nil); later.json["procedure"] != birth {
		t.Error("the throttle never ends")
	}
	s.problem(s.call("", "GET", "/lookup/H57.101.1-260101-0001", nil), 404, "dossier.unknown")
}

// Lists are walked by cursor, each item once, by due instant; what does not
// fit is refused by name.
func TestQueues(t *testing.T) {
	s := open(t)
	for range 5 {
		s.file(birth)
	}
	seen := map[string]bool{}
	after := ""
	for pages := 0; ; pages++ {
		got := s.must(200, "motcua", "GET", "/queues/receive?limit=2"+after, nil).json
		for _, i := range got["items"].([]any) {
			seen[i.(map[string]any)["code"].(string)] = true
		}
		next, more := got["next"].(string)
		if !more {
			break
		}
		if after = "&after=" + next; pages > 5 {
			t.Fatal("the list never ends")
		}
	}
	if len(seen) != 5 {
		t.Errorf("walked %v", seen)
	}
	for _, q := range s.must(200, "motcua", "GET", "/queues", nil).json["items"].([]any) {
		if q := q.(map[string]any); q["name"] == "receive" && q["count"] != 5.0 {
			t.Errorf("count: %v", q)
		}
	}
	s.problem(s.call("motcua", "GET", "/queues/receive?limit=1000", nil), 422, "request.invalid")
	s.problem(s.call("motcua", "GET", "/queues/receive?after=%21", nil), 422, "request.invalid")
	s.problem(s.call("motcua", "GET", "/queues/lunch", nil), 404, "queue.unknown")
	s.problem(s.call("nguoidan", "GET", "/queues/receive", nil), 404, "queue.unknown")
	s.problem(s.call("", "GET", "/queues", nil), 401, "identity.no_token")
}

func TestPublicCalls(t *testing.T) {
	s := open(t)
	s.file(birth)
	due := s.must(200, "", "GET", "/deadline?received=2027-02-04T16:45:00%2B07:00&limit=3&unit=working_day", nil)
	if due.json["due"] == "" {
		t.Error(due.Body)
	}
	s.problem(s.call("", "GET", "/deadline?received=yesterday&limit=x&unit=moon", nil), 422, "calendar.deadline")
	figures := s.must(200, "", "GET", "/statistics/dossiers?by=agency,status", nil).json["items"].([]any)
	if len(figures) != 1 || figures[0].(map[string]any)["count"] != 1.0 {
		t.Errorf("figures: %v", figures)
	}
	s.must(200, "", "GET", "/statistics/dossiers?by=month,procedure,channel,outcome&from=2020-01-01&to=2030-01-01", nil)
	s.problem(s.call("", "GET", "/statistics/dossiers?by=colour&from=x", nil), 422, "request.invalid")
	s.must(200, "", "GET", "/procedures/"+birth, nil)
	s.problem(s.call("", "GET", "/procedures/9.999999", nil), 404, "procedure.unknown")
	s.problem(s.call("", "GET", "/procedures/9.999999/sample", nil), 404, "procedure.unknown")
	s.problem(s.call("", "GET", "/procedures/"+birth+"?on=x", nil), 422, "request.invalid")
	s.problem(s.call("", "GET", "/procedures/"+birth+"?on=1990-01-01", nil), 404, "procedure.unknown")
	found := s.must(200, "", "GET", "/procedures?q=khai+sinh+cho+con", nil).json["items"].([]any)
	if len(found) == 0 || found[0].(map[string]any)["code"] != birth {
		t.Errorf("khai sinh: %v", found)
	}
	english := s.call("", "GET", "/procedures/9.999999", nil, "Accept-Language", "en")
	if english.json["title"] != "Not found" {
		t.Errorf("in English: %s", english.Body)
	}
}

// Files are known by their content; hostile ones are refused with a reason.
func TestUploads(t *testing.T) {
	s := open(t)
	pdf := paper(t, "a")
	f := s.upload("nguoidan", "../../etc/pass\u202ewd.pdf", pdf)
	if f.Code != 201 || strings.ContainsAny(f.json["name"].(string), "/\u202e") || f.json["size"] != float64(len(pdf)) {
		t.Errorf("%d %s", f.Code, f.Body)
	}
	s.problem(s.upload("nguoidan", "empty.pdf", ""), 422, "document.empty")
	s.problem(s.upload("nguoidan", "virus.pdf", "MZ\x90\x00"+strings.Repeat("\x00", 600)), 422, "document.kind")
	s.problem(s.upload("nguoidan", "page.pdf", "<html><script>alert(1)</script></html>"), 422, "document.kind")
	s.problem(s.upload("", "a.pdf", pdf), 401, "identity.no_token")
	s.problem(s.call("nguoidan", "POST", "/files", "{}"), 422, "request.multipart")
	s.problem(s.upload("nguoidan", "code.pdf", strings.Replace(pdf, "/Type /Catalog", "/Type /Catalog /OpenAction <</S/J#61vaScript/JS(x)>>", 1)), 422, "document.active")
	large := s.upload("nguoidan", "large.pdf", "%PDF-1.7\n"+strings.Repeat("x", 60<<20))
	s.problem(large, 413, "document.too_large")
	filing := s.sample(birth)
	for _, d := range filing["documents"].([]any) {
		delete(d.(map[string]any), "content")
		d.(map[string]any)["file"] = f.json["id"]
	}
	s.must(201, "nguoidan", "POST", "/dossiers", filing)
	filing["applicant"].(map[string]any)["name"] = "Lê Văn Tùng"
	s.problem(s.call("nguoidan2", "POST", "/dossiers", filing), 422, "request.invalid") // not the caller's file
	s.verify()
}

// A document says what the scanner says of its file; one on paper only says nothing.
func TestDocumentsSayTheirScan(t *testing.T) {
	s := open(t)
	path := "/dossiers/" + s.file(birth)["code"].(string)
	says := func(want string) {
		t.Helper()
		n := 0
		for _, d := range s.must(200, "nguoidan", "GET", path, nil).json["documents"].([]any) {
			doc := d.(map[string]any)
			scan, is := doc["scan"]
			file := doc["file"] != nil
			if file {
				n++
			}
			if file != is || file && scan != want {
				t.Errorf("%v, want %s", doc, want)
			}
		}
		if n == 0 {
			t.Error("no file to look at")
		}
	}
	says("not_scanned")
	if err := document.StartScanning(t.Context(), s.book.DB, s.now); err != nil {
		t.Fatal(err)
	}
	says("waiting")
	if err := s.book.DB.Write(t.Context(), func(tx *db.Tx) error { tx.Exec(`UPDATE file_scan SET state = 'infected'`); return nil }); err != nil {
		t.Fatal(err)
	}
	says("infected")
}

// What is overdue is counted while it is in hand, not before it is due and not
// when it is done.
func TestOverdue(t *testing.T) {
	s := open(t)
	d := s.file(birth)
	path := "/dossiers/" + d["code"].(string)
	overdue := func() []any { return s.must(200, "", "GET", "/statistics/overdue", nil).json["items"].([]any) }
	s.now = s.now.Add(30 * 24 * time.Hour)
	if late := overdue(); len(late) != 0 {
		t.Errorf("overdue before it is received: %v", late)
	}
	received := s.must(200, "motcua", "POST", path+"/acts/receive", map[string]any{"version": d["version"]}).json
	if late := overdue(); len(late) != 0 {
		t.Errorf("overdue before it is due: %v", late)
	}
	due, err := time.Parse(time.RFC3339, received["due_at"].(string))
	if err != nil {
		t.Fatal(err)
	}
	s.now = due.Add(time.Second)
	late := overdue()
	if len(late) != 1 || late[0].(map[string]any)["count"] != 1.0 || late[0].(map[string]any)["agency"] != "H57.101" {
		t.Errorf("overdue: %v", late)
	}
	sent, err := time.Parse(time.RFC3339, received["sent_at"].(string))
	if err != nil {
		t.Fatal(err)
	}
	filed, before := sent.In(calendar.Zone).Format(time.DateOnly), sent.In(calendar.Zone).AddDate(0, 0, -1).Format(time.DateOnly)
	for query, n := range map[string]int{"?from=" + filed: 1, "?from=" + filed + "&to=" + filed: 1, "?to=" + before: 0} {
		if late := s.must(200, "", "GET", "/statistics/overdue"+query, nil).json["items"].([]any); len(late) != n {
			t.Errorf("%s: %v", query, late)
		}
	}
	s.problem(s.call("", "GET", "/statistics/overdue?from=x&to=y", nil), 422, "request.invalid")
}

// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The whole path in a browser: a citizen on a phone finds a procedure by
// everyday words, fills it in, attaches papers and sends it; clerk, specialist,
// leader and clerk handle it at their desks; the citizen takes the result and
// rates the service. Once without scripts, once with.
func TestWholePath(t *testing.T) {
	for _, script := range []bool{false, true} {
		name := map[bool]string{false: "plain", true: "script"}[script]
		t.Run(name, func(t *testing.T) {
			s := start(t)
			citizen := s.browse("citizen-"+name, 320, script)
			code := citizen.files("1.001193", "làm giấy khai sinh cho con")
			for _, login := range []string{"motcua", "chuyenvien", "truongphong", "lanhdao", "thuquy"} {
				s.token(login)
			}
			desks := map[string]*browser{}
			for n := 0; s.national(code) != 10; n++ {
				if n > 30 {
					t.Fatalf("%s stands still", code)
				}
				s.handled(code, desks, name, script)
			}
			citizen.takes(code)
			s.verify()
		})
	}
}

// files walks from the home page to the acknowledgement.
func (b *browser) files(procedure, words string) string {
	b.Helper()
	sample := b.must(200, "", "GET", "/procedures/"+procedure+"/sample", nil)
	whole := b.must(200, "", "GET", "/procedures/"+procedure, nil)
	b.open("/")
	b.look("home")
	b.fill(map[string][]string{"q": {words}})
	b.press(`main form[action="/thu-tuc"] button[type=submit]`)
	b.look("found")
	b.press(`main a[href^="/thu-tuc/` + procedure + `"]`)
	b.look("procedure")
	b.open("/thu-tuc/" + procedure + "/bat-dau")
	b.look("sign-in")
	b.fill(map[string][]string{"login": {"nguoidan"}, "password": {"wrong"}})
	b.press(`form[action="/dang-nhap"] button[type=submit]`)
	b.look("sign-in-wrong")
	b.signIn("nguoidan")
	b.look("begin")
	b.fill(map[string][]string{"case": {sample["case"].(string)}})
	b.chooseFirst()
	b.press(`form[action="/ho-so/nhap"] button[type=submit]`)
	b.look("tasks")
	draft := b.path()
	b.open(draft + "/nguoi-nop")
	b.chooseFirst()
	b.look("applicant")
	b.press(`form[action$="/nguoi-nop"] .actions button`)
	for _, p := range whole["form"].(map[string]any)["pages"].([]any) {
		b.fillPage(draft, p.(map[string]any), sample["answers"].(map[string]any))
	}
	b.attach(draft, sample["documents"].([]any))
	b.open(draft + "/nhan-ket-qua")
	b.look("return")
	b.fill(map[string][]string{"return": {sample["return_channel"].(string)}})
	b.press(`form[action$="/nhan-ket-qua"] .actions button`)
	b.open(draft + "/kiem-tra")
	b.look("check")
	b.press(`form[action$="/gui"] button[type=submit]`)
	b.look("check-undeclared")
	b.fill(map[string][]string{"declare": {"yes"}})
	b.press(`form[action$="/gui"] button[type=submit]`)
	if !strings.HasSuffix(b.path(), "/da-nop") {
		b.Fatalf("not sent: %s", b.text("main"))
	}
	b.look("sent")
	return strings.Split(b.path(), "/")[2]
}

// fillPage fills in a page of the form: first sent empty, to see the errors,
// then as the sample says, adding items as they are needed.
func (b *browser) fillPage(draft string, page map[string]any, answers map[string]any) {
	b.Helper()
	id := page["id"].(string)
	values := map[string][]string{}
	for _, f := range page["fields"].([]any) {
		name := f.(map[string]any)["id"].(string)
		if v, ok := answers[name]; ok {
			flat(name, v, values)
		}
	}
	if len(values) == 0 {
		return // a page that the sample's answers do not ask
	}
	b.open(draft + "/trang/" + id)
	b.look("page-" + id)
	form := `form[action$="/trang/` + id + `"]`
	blank := map[string][]string{}
	for name := range values {
		blank[name] = []string{""}
	}
	b.fill(blank)
	b.press(form + ` .actions button:not(.button-secondary)`)
	if strings.HasSuffix(b.path(), id) {
		b.look("page-" + id + "-errors")
		if b.text(".error-summary") == "" {
			b.Errorf("page %s is refused without a summary", id)
		}
	}
	for n := 0; ; n++ {
		b.open(draft + "/trang/" + id)
		missing := b.fill(values)
		if len(missing) == 0 {
			break
		}
		slices.Sort(missing)
		if n > 12 {
			b.Fatalf("page %s never shows %v", id, missing)
		}
		if group, _, inItem := strings.Cut(missing[0], "."); inItem && b.has(form+` button[name=add][value="`+group+`"]`) {
			b.press(form + ` button[name=add][value="` + group + `"]`)
		} else {
			b.press(form + ` .actions button:not(.button-secondary)`) // a condition shows it
		}
	}
	b.press(form + ` .actions button:not(.button-secondary)`)
	if strings.HasSuffix(b.path(), "/trang/"+id) {
		b.picture("refused")
		b.Fatalf("page %s is refused: %s", id, b.text(".error-summary"))
	}
}

func (b *browser) has(selector string) bool {
	b.Helper()
	return b.text(selector) != ""
}

// attach uploads the papers: first one that is refused.
func (b *browser) attach(draft string, papers []any) {
	b.Helper()
	folder := b.TempDir()
	wrong := filepath.Join(folder, "chương trình.pdf")
	if err := os.WriteFile(wrong, []byte("MZ\x90\x00 this is no paper"), 0o600); err != nil {
		b.Fatal(err)
	}
	for i, p := range papers {
		p := p.(map[string]any)
		content, err := base64.StdEncoding.DecodeString(p["content"].(string))
		if err != nil {
			b.Fatal(err)
		}
		file := filepath.Join(folder, p["name"].(string))
		if err := os.WriteFile(file, content, 0o600); err != nil {
			b.Fatal(err)
		}
		b.open(draft + "/giay-to")
		field := `input[type=file][name$="` + p["component"].(string) + `"]`
		if i == 0 {
			b.look("papers")
			b.upload(field, wrong)
			b.pressUntil(`form[enctype] button[name=then][value=stay]`, ".error-message")
			b.look("papers-refused")
			b.open(draft + "/giay-to")
		}
		b.upload(field, file)
		b.press(`form[enctype] button[name=then][value=stay]`)
	}
	b.look("papers-given")
}

// national is the national status of a dossier.
func (s *server) national(code string) float64 {
	s.Helper()
	return s.must(200, "nguoidan", "GET", "/dossiers/"+code, nil)["national_status"].(float64)
}

// handled lets the first officer who has something to do with the dossier do it
// at the desk.
func (s *server) handled(code string, desks map[string]*browser, name string, script bool) {
	s.Helper()
	for _, login := range []string{"motcua", "truongphong", "chuyenvien", "lanhdao", "thuquy"} {
		status, _, err := s.call(login, "GET", "/dossiers/"+code, nil)
		if err != nil || status != 200 {
			continue
		}
		for _, o := range s.must(200, login, "GET", "/dossiers/"+code, nil)["acts"].([]any) {
			offer := o.(map[string]any)
			act := offer["act"].(string)
			if offer["aside"] == true {
				continue
			}
			if desks[login] == nil {
				desks[login] = s.browse(login+"-"+name, 1280, script)
				desks[login].signIn(login)
				desks[login].open("/mot-cua")
				desks[login].look("queue")
			}
			desks[login].does(code, act, offer["params"].([]any))
			return
		}
	}
	s.Fatalf("nobody can do anything with %s", code)
}

// does opens a dossier at the desk and does an act.
func (b *browser) does(code, act string, params []any) {
	b.Helper()
	before := b.must(200, "nguoidan", "GET", "/dossiers/"+code, nil)["version"]
	b.open("/mot-cua/ho-so/" + code)
	b.look("before-" + act)
	values := map[string][]string{}
	for _, p := range params {
		p := p.(map[string]any)
		if p["required"] != true {
			continue
		}
		if choices, ok := p["choices"].([]any); ok {
			values[p["name"].(string)] = []string{choices[0].(map[string]any)["value"].(string)}
		} else if p["example"] != nil {
			one := map[string][]string{}
			flat("x", p["example"], one)
			values[p["name"].(string)] = one["x"]
		}
	}
	form := `form[action$="/viec/` + act + `"]`
	if act == "receive" { // the clerk ticks what was checked
		for _, p := range params {
			if p := p.(map[string]any); p["name"] == "components" {
				for _, c := range p["choices"].([]any) {
					values["components"] = append(values["components"], c.(map[string]any)["value"].(string))
				}
			}
		}
	}
	named := map[string][]string{}
	for name, v := range values {
		named[act+"."+name] = v
	}
	for range 3 { // conditions may show further questions
		if missing := b.fill(named); len(missing) > 0 {
			b.Logf("%s does not ask for %v", act, missing)
		}
		b.press(form + ` .actions button`)
		if now := b.must(200, "nguoidan", "GET", "/dossiers/"+code, nil)["version"]; now != before {
			b.look("after-" + act)
			return
		}
	}
	b.picture("refused-" + act)
	b.Fatalf("%s is refused: %s %v", act, b.text(".error-summary"), slices.Sorted(maps.Keys(values)))
}

// takes follows the dossier, opens the result and rates the service.
func (b *browser) takes(code string) {
	b.Helper()
	b.open("/ho-so")
	b.look("dossiers")
	b.press(`main a[href="/ho-so/` + code + `"]`)
	b.look("dossier-returned")
	if !b.has(`main a[href^="/ho-so/` + code + `/ket-qua/"]`) {
		b.Error("no result to open")
	}
	b.open("/ho-so/" + code + "/danh-gia")
	b.look("rate")
	values := map[string][]string{}
	for _, c := range []string{"overall", "convenience", "punctuality", "attitude"} {
		values[c] = []string{"very_satisfied"}
	}
	if missing := b.fill(values); len(missing) > 0 {
		b.Logf("the rating does not ask %v", missing)
	}
	b.chooseFirst()
	b.press(`form[action$="/danh-gia"] .actions button`)
	b.look("rated")
	if events := b.must(200, "nguoidan", "GET", "/dossiers/"+code+"/events", nil)["items"].([]any); events[len(events)-1].(map[string]any)["kind"] != "rated" {
		b.Error("the rating is not kept")
	}
	b.open("/tra-cuu")
	b.fill(map[string][]string{"code": {code}})
	b.press(`form[action="/tra-cuu"] button[type=submit]`)
	b.look("look-up")
	if text := b.text("main"); strings.Contains(text, "Hương Giang") {
		b.Error("the public look-up names the applicant")
	}
}

// The first visit of a page is light enough for a slow line.
func TestWeight(t *testing.T) {
	s := start(t)
	for path, most := range map[string]int64{"/": 60 << 10, "/thu-tuc/1.001193": 60 << 10, "/tra-cuu": 60 << 10} {
		if n := s.browse("weight", 320, true).weigh(path); n > most {
			t.Errorf("%s weighs %d bytes, at most %d", path, n, most)
		} else {
			t.Logf("%s weighs %d bytes", path, n)
		}
	}
	officer := s.browse("weight", 1280, true)
	officer.signIn("motcua")
	if n := officer.weigh("/mot-cua"); n > 150<<10 {
		t.Errorf("the officer's first page weighs %d bytes", n)
	} else {
		t.Logf("the officer's first page weighs %d bytes", n)
	}
}

// Every public page in English, and on a desktop.
func TestEnglishPages(t *testing.T) {
	s := start(t)
	b := s.browse("english", 1280, true)
	b.open("/?lang=en")
	for i, path := range []string{"/", "/thu-tuc", "/thu-tuc?q=birth", "/thu-tuc?q=zzzz", "/thu-tuc/1.001193", "/tra-cuu", "/dang-nhap", "/dang-ky", "/tro-giup", "/so-lieu", "/khong-co"} {
		b.open(path)
		b.look(fmt.Sprintf("%d", i))
	}
}

// The public figures on a phone: a row is a block, and nothing is to be pushed
// aside to be read.
func TestFiguresOnAPhone(t *testing.T) {
	s := start(t)
	b := s.browse("figures", 320, true)
	for _, lang := range []string{"vi", "en"} {
		b.open("/so-lieu?lang=" + lang)
		b.look(lang)
		if n := evaluate[int](b, `document.querySelectorAll("tfoot td").length`); n < 7 {
			t.Errorf("%s: %d figures of all agencies", lang, n)
		}
		if wide := evaluate[int](b, `Math.max(...[...document.querySelectorAll(".table-wrap")].map(e => e.scrollWidth - e.clientWidth))`); wide > 0 {
			t.Errorf("%s: the table is %d px wider than the page", lang, wide)
		}
	}
}

// The officer's pages on a phone, as somebody on duty looks at them.
func TestDeskOnAPhone(t *testing.T) {
	s := start(t)
	for _, x := range []struct {
		login string
		paths []string
	}{
		{"motcua", []string{"/mot-cua", "/mot-cua?hang=receive", "/mot-cua?hang=return", "/mot-cua/tim?q=giang", "/mot-cua/thu-tuc/1.001193", "/mot-cua/tiep-nhan", "/mot-cua/tiep-nhan/1.001193", "/mot-cua/so-theo-doi", "/mot-cua/vang-mat", "/mot-cua/huong-dan"}},
		{"chuyenvien", []string{"/mot-cua"}},
		{"truongphong", []string{"/mot-cua", "/mot-cua?don-vi=H57.101"}},
		{"lanhdao", []string{"/mot-cua"}},
		{"thuquy", []string{"/mot-cua"}},
		{"quantri", []string{"/mot-cua"}},
	} {
		b := s.browse("phone-"+x.login, 320, false)
		b.signIn(x.login)
		for i, path := range x.paths {
			b.open(path)
			b.look(fmt.Sprintf("%d", i))
		}
		b.open(x.paths[0])
		if first := `main tbody a[href^="/mot-cua/ho-so/"]`; b.has(first) {
			b.press(first)
			b.look("dossier")
		}
	}
}

// What an officer keeps beside the dossiers and does to many at once, on a
// phone without scripts and on a desktop with them; a batch goes on after a crash.
func TestNotesAndBatches(t *testing.T) {
	s := start(t)
	for _, x := range []struct {
		width  int64
		script bool
	}{{320, false}, {1280, true}} {
		sample := s.must(200, "", "GET", "/procedures/1.001193/sample", nil)
		for range 60 {
			s.must(201, "nguoidan", "POST", "/dossiers", sample)
		}
		b := s.browse(fmt.Sprintf("batch-%d", x.width), x.width, x.script)
		b.signIn("motcua")
		b.open("/mot-cua?hang=receive")
		b.press(`main tbody a[href^="/mot-cua/ho-so/"]`)
		b.fill(map[string][]string{"label": {fmt.Sprintf("chờ gọi lại, khách ở xa %d", x.width)}})
		b.press(`form[action$="/nhan"] .actions button`)
		b.fill(map[string][]string{"note": {"Bà cụ nghễnh ngãng, gọi cho con trai sau 17 giờ."}})
		b.press(`form[action$="/ghi-chu"] .actions button`)
		b.look("note")
		b.fill(map[string][]string{"label": {strings.Repeat("quá dài ", 9)}})
		b.press(`form[action$="/nhan"] .actions button`)
		b.look("label-refused")
		b.open("/mot-cua?hang=receive")
		b.look("queue")
		if !strings.Contains(b.text("main tbody"), "chờ gọi lại") {
			t.Error("the queue does not show the label")
		}
		tick := func(most int) int {
			return evaluate[int](b, fmt.Sprintf(`[...document.querySelectorAll('input[name="ho-so"]')].slice(0, %d).filter(c => c.checked = true).length`, most))
		}
		if n := tick(3); n != 3 {
			t.Fatalf("%d dossiers to write to", n)
		}
		b.press(`button[name="viec"][value="message"]`)
		b.look("message")
		b.press(`form[action="/mot-cua/hang-loat"] .actions button`)
		b.look("message-refused")
		b.fill(map[string][]string{"text": {"Mai trụ sở nghỉ, mời ông bà đến sáng thứ Tư."}})
		b.press(`form[action="/mot-cua/hang-loat"] .actions button`)
		b.look("messages")
		b.reports(3)
		b.open("/mot-cua?hang=receive")
		b.look("long-queue")
		b.fill(map[string][]string{"ca-hang": {"1"}})
		b.press(`button[name="viec"][value="receive"]`)
		b.look("whole")
		n := tick(500)
		b.press(`form[action="/mot-cua/hang-loat"] .actions button`)
		s.kill() // what is left is done by who comes after
		s.serve("serve", "--no-second-factor")
		b.look("receiving")
		b.reports(n)
		b.look("received")
		b.open("/mot-cua/hang-loat")
		b.look("batches")
		s.verify()
	}
}

// reports waits until a batch is done to all its dossiers: with scripts the page
// tells by itself, without them it is asked again.
func (b *browser) reports(n int) {
	b.Helper()
	for range 60 {
		if !b.has(".progress") {
			break
		}
		if time.Sleep(500 * time.Millisecond); !b.script {
			b.press("main .actions a")
		}
	}
	if text := b.text(".lead"); !strings.Contains(text, fmt.Sprintf("đã làm %d hồ sơ, chưa làm được 0", n)) {
		b.Errorf("of %d dossiers the batch reports %q", n, text)
	}
}

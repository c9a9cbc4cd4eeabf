// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Every situation that does not go straight, as the officer's guide lists it, as
// the applicant on a phone and as the officers at their desks.
func TestDetoursAreShown(t *testing.T) {
	s := start(t)
	guide := s.browse("guide", 1280, true)
	guide.signIn("motcua")
	examples := s.examples(guide)
	guide.look("guide")
	if len(examples) < 15 {
		t.Fatalf("%d situations", len(examples))
	}
	citizen := s.browse("detour-citizen", 320, true)
	citizen.signIn("nguoidan")
	desk := s.browse("detour-desk", 1280, true)
	desk.signIn("motcua")
	for name, code := range examples {
		if code == "" {
			if slices.Contains([]string{"undo", "batch", "absence", "watch"}, name) { // no state of a dossier
				continue
			}
			t.Errorf("%s has no example that the clerk sees", name)
			continue
		}
		citizen.open("/ho-so/" + code)
		citizen.look(name)
		desk.open("/mot-cua/ho-so/" + code)
		desk.look(name)
	}
	for _, page := range []string{"so-theo-doi", "vang-mat"} {
		desk.open("/mot-cua/" + page)
		desk.look(page)
	}
	leader := s.browse("detour-leader", 1280, true)
	leader.signIn("lanhdao")
	leader.open("/mot-cua?hang=sign")
	leader.look("to-sign")
}

// A clerk asks for what is missing, the applicant completes it on a phone, and
// the clerk receives the dossier. Once without scripts, once with.
func TestSupplementWalk(t *testing.T) {
	for _, script := range []bool{false, true} {
		name := map[bool]string{false: "plain", true: "script"}[script]
		t.Run(name, func(t *testing.T) {
			s := start(t)
			for _, login := range []string{"nguoidan", "motcua"} {
				s.token(login)
			}
			filed := s.must(201, "nguoidan", "POST", "/dossiers", s.must(200, "", "GET", "/procedures/1.001193/sample", nil))
			code := filed["code"].(string)
			clerk := s.browse("supplement-clerk-"+name, 1280, script)
			clerk.signIn("motcua")
			clerk.open("/mot-cua/ho-so/" + code)
			act := `form[action$="/viec/ask_supplement"]`
			clerk.open("/mot-cua/ho-so/" + code)
			clerk.unfold(act)
			clerk.look("ask")
			clerk.press(act + ` .actions button`)
			clerk.look("ask-errors")
			clerk.fill(map[string][]string{"ask_supplement.lacks.0.about": {"question:child"}, "ask_supplement.lacks.0.reason": {"mismatch"}})
			clerk.press(act + ` .actions button`)
			clerk.look("asked")
			citizen := s.browse("supplement-citizen-"+name, 320, script)
			citizen.signIn("nguoidan")
			citizen.open("/ho-so/" + code)
			citizen.look("asked")
			citizen.press(`form[action$="/bo-sung"] button`)
			citizen.look("tasks")
			draft := citizen.path()
			citizen.press(`main .task-list a[href*="/trang/"]`)
			citizen.look("page")
			citizen.fill(map[string][]string{"child.name": {"Nguyễn Lê Khánh An"}})
			citizen.press(`main form .actions button[type=submit]:not([name])`)
			citizen.open(draft + "/kiem-tra")
			citizen.fill(map[string][]string{"note": {"Tôi đã sửa tên cháu."}, "declare": {"yes"}})
			citizen.look("check")
			citizen.press(`main form[action$="/gui"] button`)
			citizen.look("sent")
			d := s.must(200, "motcua", "GET", "/dossiers/"+code, nil)
			if child := d["answers"].(map[string]any)["child"].(map[string]any); child["name"] != "Nguyễn Lê Khánh An" || d["national_status"] != 1.0 {
				t.Errorf("%v, status %v", child["name"], d["national_status"])
			}
			if !strings.Contains(citizen.text("main"), "Đã nộp phần bổ sung") {
				t.Error("the history does not say it")
			}
			s.verify()
		})
	}
}

// unfold opens the act that a form stands in.
func (b *browser) unfold(form string) {
	b.Helper()
	evaluate[bool](b, fmt.Sprintf(`document.querySelector(%q).open = true`, "details:has("+form+")"))
}

// office are the browsers of a walk, by who is signed in.
type office map[string]*browser

func (o office) of(s *server, login, name string, script bool) *browser {
	if o[login] == nil {
		o[login] = s.browse(login+"-"+name, 1280, script)
		o[login].signIn(login)
	}
	return o[login]
}

// turns does an act aside, with what it asks for answered as it suggests.
func (s *server) turns(b *browser, login, code, act string) {
	s.Helper()
	d := s.must(200, login, "GET", "/dossiers/"+code, nil)
	named := map[string][]string{}
	for _, o := range d["acts"].([]any) {
		offer := o.(map[string]any)
		if offer["act"] != act {
			continue
		}
		for _, x := range offer["params"].([]any) {
			p := x.(map[string]any)
			name := act + "." + p["name"].(string)
			if choices, ok := p["choices"].([]any); ok && p["required"] == true {
				named[name] = []string{choices[0].(map[string]any)["value"].(string)}
			} else if p["required"] == true {
				flat(name, p["example"], named)
			}
		}
	}
	b.open("/mot-cua/ho-so/" + code)
	form := `form[action$="/viec/` + act + `"]`
	if b.has("details:has(" + form + ")") {
		b.unfold(form)
	}
	b.fill(named)
	b.look("before-" + act)
	b.press(form + ` .actions button`)
	if now := s.must(200, login, "GET", "/dossiers/"+code, nil)["version"]; now == d["version"] {
		b.picture("refused-" + act)
		s.Fatalf("%s by %s is refused: %s", act, login, b.text(".error-summary"))
	}
	b.look("after-" + act)
}

// The commonest detours, done in the browser by who does them; the applicant
// looks at each on a phone.
func TestDetoursAreWalked(t *testing.T) {
	s := start(t)
	for _, login := range []string{"nguoidan", "motcua", "chuyenvien", "truongphong", "lanhdao", "thuquy"} {
		s.token(login)
	}
	desks := office{}
	citizen := s.browse("walk-citizen", 320, false)
	citizen.signIn("nguoidan")
	file := func(procedure string) string {
		return s.must(201, "nguoidan", "POST", "/dossiers", s.must(200, "", "GET", "/procedures/"+procedure+"/sample", nil))["code"].(string)
	}
	offered := func(login, code, act string) bool {
		for _, o := range s.must(200, login, "GET", "/dossiers/"+code, nil)["acts"].([]any) {
			if o.(map[string]any)["act"] == act {
				return true
			}
		}
		return false
	}
	for _, walk := range []struct{ name, procedure, until, turns string }{
		{"refused", "1.001193", "", "motcua refuse"},
		{"competence", "1.001193", "", "motcua doubt_competence, motcua determine"},
		{"paused", "1.011609", "chuyenvien pause", "chuyenvien pause, chuyenvien resume, chuyenvien verify_on_site, chuyenvien incident, chuyenvien message"},
		{"asked-again", "1.011609", "chuyenvien ask_supplement", "chuyenvien ask_supplement"},
		{"consulted", "1.011609", "chuyenvien consult", "chuyenvien consult"},
		{"extended", "1.011609", "chuyenvien extend", "chuyenvien extend, lanhdao decline, chuyenvien extend, lanhdao sign"},
		{"stopped", "1.011609", "chuyenvien stop", "chuyenvien stop, lanhdao sign"},
		{"undone", "1.011609", "chuyenvien pause", "chuyenvien step, chuyenvien undo"},
		{"linked", "2.000986", "chuyenvien send_parts", "chuyenvien send_parts, chuyenvien finish_part, chuyenvien finish_part"},
		{"sent-back", "1.001662", "truongphong send_back", "truongphong send_back"},
	} {
		code := file(walk.procedure)
		if login, act, ok := strings.Cut(walk.until, " "); ok {
			for n := 0; !offered(login, code, act); n++ {
				s.onward(code)
				if n > 20 {
					t.Fatalf("%s is never offered %s", login, act)
				}
			}
		}
		for _, turn := range strings.Split(walk.turns, ", ") {
			login, act, _ := strings.Cut(turn, " ")
			s.turns(desks.of(s, login, walk.name, false), login, code, act)
		}
		citizen.open("/ho-so/" + code)
		citizen.look(walk.name)
	}
	s.verify()
}

// onward lets the first officer who can carry a dossier forward do so, by the API.
func (s *server) onward(code string) {
	s.Helper()
	for _, login := range []string{"motcua", "truongphong", "chuyenvien", "lanhdao", "thuquy"} {
		d := s.must(200, login, "GET", "/dossiers/"+code, nil)
		for _, x := range d["acts"].([]any) {
			offer := x.(map[string]any)
			if offer["aside"] == true {
				continue
			}
			body := map[string]any{"version": d["version"]}
			for _, x := range offer["params"].([]any) {
				p := x.(map[string]any)
				if choices, ok := p["choices"].([]any); ok && (p["required"] == true || p["type"] == "choices") {
					body[p["name"].(string)] = choices[0].(map[string]any)["value"]
					if p["type"] == "choices" {
						var all []any
						for _, c := range choices {
							all = append(all, c.(map[string]any)["value"])
						}
						body[p["name"].(string)] = all
					}
				} else if p["required"] == true {
					body[p["name"].(string)] = p["example"]
				}
			}
			s.must(200, login, "POST", "/dossiers/"+code+"/acts/"+offer["act"].(string), body)
			return
		}
	}
	s.Fatalf("nobody can carry %s forward", code)
}

// Pages of their own: a draft that two fill in, an outage, what waits too long,
// the library of reasons, a correction at the counter.
func TestDetourPages(t *testing.T) {
	s := start(t)
	for _, login := range []string{"nguoidan", "motcua"} {
		s.token(login)
	}
	admin := s.browse("pages-admin", 1280, false)
	admin.signIn("quantri")
	for _, width := range []int64{320, 1280} {
		name := fmt.Sprintf("pages-%d", width)
		clerk := s.browse(name+"-clerk", width, width == 1280)
		clerk.signIn("motcua")
		for _, page := range []string{"giam-sat", "gian-doan", "vang-mat"} {
			clerk.open("/mot-cua/" + page)
			clerk.look(page)
		}
		examples := s.examples(clerk)
		clerk.open("/mot-cua/ho-so/" + examples["corrected"] + "/sua")
		clerk.look("correct")
		clerk.press(`main form[enctype] .sticky-actions button`)
		clerk.look("correct-errors")
		citizen := s.browse(name+"-citizen", width, width == 1280)
		citizen.signIn("nguoidan")
		citizen.open("/thu-tuc/1.000894/bat-dau")
		citizen.chooseFirst()
		citizen.press(`main form button[type=submit]`)
		draft := citizen.path()
		citizen.open(draft + "/cung-khai")
		citizen.look("invite")
		citizen.fill(map[string][]string{"name": {"Lê Văn Tùng"}, "id_number": {"12"}})
		citizen.press(`main form[action$="/cung-khai"] .actions button`)
		citizen.look("invite-errors")
		citizen.fill(map[string][]string{"id_number": {"046085004321"}})
		citizen.press(`main form[action$="/cung-khai"] .actions button`)
		citizen.look("invited")
		other := s.browse(name+"-invited", width, width == 1280)
		other.signIn("nguoidan2")
		other.open("/ho-so")
		other.look("asked")
		other.press(`main a[href^="/loi-moi/"]`)
		other.look("page")
		other.press(`main form button[value=refuse], main form button[value=confirm]`)
		other.look("page-errors")
		citizen.open("/gian-doan")
		citizen.look("outages")
		citizen.open("/to-chuc")
		citizen.look("organisations")
		citizen.press(`main form[action="/to-chuc/chon"] button`)
		citizen.look("acting")
		citizen.open("/to-chuc/thanh-vien")
		citizen.look("members")
		citizen.press(`main form[action="/to-chuc/thanh-vien"] button[type=submit]`)
		citizen.look("members-errors")
		citizen.open("/to-chuc/them")
		citizen.press(`main form[action="/to-chuc/them"] button[type=submit]`)
		citizen.look("organisation-errors")
	}
	admin.open("/mot-cua/ly-do")
	admin.look("reasons")
	admin.open("/mot-cua/gian-doan")
	admin.look("outage")
	admin.press(`main form button[value=declare]`)
	admin.look("outage-errors")
}

// examples are the codes of the demo's situations, as the guide links them.
func (s *server) examples(b *browser) map[string]string {
	s.Helper()
	b.open("/mot-cua/huong-dan")
	return evaluate[map[string]string](b, `Object.fromEntries([...document.querySelectorAll("main section")].map(e => [e.getAttribute("aria-labelledby"), e.querySelector('a[href^="/mot-cua/ho-so/"]')?.textContent ?? ""]))`)
}

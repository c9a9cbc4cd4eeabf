// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// Every situation that does not go straight, as the officer's guide lists it, as
// the applicant on a phone and as the officers at their desks.
func TestDetoursAreShown(t *testing.T) {
	s := start(t)
	guide := s.browse("guide", 1280, true)
	guide.signIn("motcua")
	guide.open("/mot-cua/huong-dan")
	guide.look("guide")
	examples := evaluate[map[string]string](guide, `Object.fromEntries([...document.querySelectorAll("main section")].map(e => [e.getAttribute("aria-labelledby"), e.querySelector("a")?.textContent ?? ""]))`)
	if len(examples) < 15 {
		t.Fatalf("%d situations", len(examples))
	}
	citizen := s.browse("detour-citizen", 320, true)
	citizen.signIn("nguoidan")
	desk := s.browse("detour-desk", 1280, true)
	desk.signIn("motcua")
	for name, code := range examples {
		if code == "" {
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

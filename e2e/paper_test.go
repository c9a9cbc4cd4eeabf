// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"strings"
	"testing"

	"motcua/internal/pdf/pdftest"
)

// Every paper of a dossier is a sound PDF that prints the dossier's code
// unbroken and the names as they were given; the code beside it can be scanned.
func TestPapers(t *testing.T) {
	s := start(t)
	for _, login := range []string{"nguoidan", "motcua", "chuyenvien", "truongphong", "lanhdao", "thuquy"} {
		s.token(login)
	}
	for _, procedure := range []string{"1.001193", "2.000829", "1.003650"} {
		filed := s.must(201, "nguoidan", "POST", "/dossiers", s.must(200, "", "GET", "/procedures/"+procedure+"/sample", nil))
		code := filed["code"].(string)
		for n := 0; s.national(code) != 10; n++ {
			if n > 40 {
				t.Fatalf("%s stands still", procedure)
			}
			s.actOnce(code)
		}
		d := s.must(200, "nguoidan", "GET", "/dossiers/"+code, nil)
		for _, list := range []string{"papers", "results"} {
			for _, p := range d[list].([]any) {
				id := p.(map[string]any)["id"].(string)
				paper := pdftest.Judge(t, s.fetch("/dossiers/"+code+"/"+list+"/"+id))
				if list == "papers" && !strings.Contains(paper.Text, code) {
					t.Errorf("%s %s does not print %s unbroken:\n%s", procedure, id, code, paper.Text)
				}
				if id == "receipt" && !strings.Contains(strings.Join(strings.Fields(paper.Text), " "), "Nguyễn Thị Hương Giang") {
					t.Errorf("%s: the receipt does not name the applicant:\n%s", procedure, paper.Text)
				}
				if len(paper.Codes) != 1 || !strings.HasPrefix(paper.Codes[0], code+"|"+procedure+"|") {
					t.Errorf("%s: the code on %s says %q", procedure, id, paper.Codes)
				}
			}
		}
	}
}

// actOnce does the first act that is offered to anybody.
func (s *server) actOnce(code string) {
	s.Helper()
	for _, login := range []string{"motcua", "truongphong", "chuyenvien", "lanhdao", "thuquy"} {
		if status, _, err := s.call(login, "GET", "/dossiers/"+code, nil); err != nil || status != 200 {
			continue
		}
		d := s.must(200, login, "GET", "/dossiers/"+code, nil)
		for _, o := range d["acts"].([]any) {
			offer := o.(map[string]any)
			act := offer["act"].(string)
			if offer["aside"] == true {
				continue
			}
			body := map[string]any{"version": d["version"]}
			for _, p := range offer["params"].([]any) {
				p := p.(map[string]any)
				if p["required"] != true {
					continue
				}
				body[p["name"].(string)] = p["example"]
				if choices, ok := p["choices"].([]any); ok {
					body[p["name"].(string)] = choices[0].(map[string]any)["value"]
					if p["type"] == "choices" {
						body[p["name"].(string)] = []any{choices[0].(map[string]any)["value"]}
					}
				}
			}
			s.must(200, login, "POST", "/dossiers/"+code+"/acts/"+act, body)
			return
		}
	}
	s.Fatalf("nobody can do anything with %s", code)
}

// fetch fetches a paper.
func (s *server) fetch(path string) []byte {
	s.Helper()
	status, content, err := s.call("motcua", "GET", path, nil)
	if err != nil || status != 200 {
		s.Fatalf("%s: %d %v %s", path, status, err, content)
	}
	return content
}

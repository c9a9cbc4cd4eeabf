// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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
				text := s.paper("/dossiers/" + code + "/" + list + "/" + id)
				if list == "papers" && !strings.Contains(text, code) {
					t.Errorf("%s %s does not print %s unbroken:\n%s", procedure, id, code, text)
				}
				if id == "receipt" && !strings.Contains(strings.Join(strings.Fields(text), " "), "Nguyễn Thị Hương Giang") {
					t.Errorf("%s: the receipt does not name the applicant:\n%s", procedure, text)
				}
			}
		}
		if scanned := s.scan("/dossiers/" + code + "/papers/receipt"); !strings.Contains(scanned, code) {
			t.Errorf("%s: the code on the receipt says %q", procedure, scanned)
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

// fetch keeps a paper as a file.
func (s *server) fetch(path string) string {
	s.Helper()
	status, content, err := s.call("motcua", "GET", path, nil)
	if err != nil || status != 200 {
		s.Fatalf("%s: %d %v %s", path, status, err, content)
	}
	file := filepath.Join(s.TempDir(), "paper.pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		s.Fatal(err)
	}
	return file
}

// paper checks a PDF and returns its text.
func (s *server) paper(path string) string {
	s.Helper()
	file := s.fetch(path)
	if out, err := exec.Command("qpdf", "--check", file).CombinedOutput(); err != nil {
		s.Errorf("%s is no sound PDF: %s", path, out)
	}
	text, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}

// scan reads the code printed on a paper as a camera would.
func (s *server) scan(path string) string {
	s.Helper()
	file := s.fetch(path)
	if out, err := exec.Command("pdftoppm", "-r", "150", "-png", "-singlefile", file, file).CombinedOutput(); err != nil {
		s.Fatalf("%s: %s", path, out)
	}
	out, err := exec.Command("zbarimg", "--quiet", "--raw", file+".png").Output()
	if err != nil {
		s.Fatalf("%s: nothing to scan: %v", path, err)
	}
	return strings.TrimSpace(string(out))
}

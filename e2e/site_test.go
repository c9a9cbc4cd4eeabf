// SPDX-License-Identifier: Apache-2.0

//go:build walk

// Package e2e walks the main paths through the built program: over HTTP, in a
// browser, on paper, and through crashes.
package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// binary is the program, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "motcua-e2e")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "motcua")
	out, err := exec.Command("go", "build", "-o", path, "../cmd/motcua").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// server is a running program on a data folder.
type server struct {
	*testing.T
	data    string
	address string
	process *exec.Cmd
	said    bytes.Buffer // while it ran
	tokens  map[string]string
}

// start fills a demo province in a folder and serves it.
func start(t *testing.T, flags ...string) *server {
	t.Helper()
	s := &server{T: t, data: t.TempDir(), tokens: map[string]string{}}
	s.serve("demo", flags...)
	t.Cleanup(s.kill)
	return s
}

// serve starts the program and waits until it answers.
func (s *server) serve(command string, flags ...string) {
	s.Helper()
	path, err := binary()
	if err != nil {
		s.Fatal(err)
	}
	if s.address == "" {
		s.address = free(s.T)
	}
	s.process = exec.Command(path, append([]string{command, "--data", s.data, "--listen", s.address}, flags...)...)
	s.process.Stdout, s.process.Stderr = &s.said, &s.said
	if err := s.process.Start(); err != nil {
		s.Fatal(err)
	}
	for range 600 {
		if r, err := http.Get("http://" + s.address + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.Fatalf("the server does not answer: %s", s.said.String())
}

// kill is kill -9.
func (s *server) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// run runs a command of the program on the same data.
func (s *server) run(args ...string) (string, error) {
	path, err := binary()
	if err != nil {
		return "", err
	}
	out, err := exec.Command(path, append(args, "--data", s.data)...).Output()
	return string(out), err
}

func (s *server) token(login string) string {
	s.Helper()
	if s.tokens[login] == "" {
		out, err := s.run("token", "create", "--for", login)
		if err != nil {
			s.Fatal(err)
		}
		s.tokens[login] = strings.TrimSpace(out)
	}
	return s.tokens[login]
}

// call makes an API call; body may be nil, text or a value.
func (s *server) call(login, method, path string, body any, headers ...string) (int, []byte, error) {
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		content = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, "http://"+s.address+"/api/v1"+path, content)
	if err != nil {
		return 0, nil, err
	}
	if login != "" {
		r.Header.Set("Authorization", "Bearer "+s.tokens[login])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	return answer.StatusCode, got, err
}

// must is call with a status that the test relies on, its answer read as JSON.
func (s *server) must(status int, login, method, path string, body any) map[string]any {
	s.Helper()
	if login != "" {
		s.token(login)
	}
	code, text, err := s.call(login, method, path, body)
	if err != nil || code != status {
		s.Fatalf("%s %s as %q: %d %v %s", method, path, login, code, err, text)
	}
	var got map[string]any
	if json.Unmarshal(text, &got) != nil {
		got = map[string]any{"": text}
	}
	return got
}

// verify proves the database.
func (s *server) verify() {
	s.Helper()
	if out, err := s.run("verify"); err != nil {
		s.Fatalf("verify: %v\n%s", err, out)
	}
}

// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"motcua/internal/document/documenttest"
)

// mostMemory is what the process may ever have taken.
const mostMemory = 250 << 20

// Everything hostile at once, several times over, is refused, each file for its own
// reason; what is good is taken meanwhile, and the process stays small.
func TestHostileUploads(t *testing.T) {
	s := start(t)
	token := s.token("nguoidan")
	hostile := documenttest.HostilePDFs()
	for name, f := range documenttest.HostileOffice() {
		hostile["office: "+name] = f
	}
	for name, content := range documenttest.HeavyPDFs() {
		hostile["heavy: "+name] = documenttest.Hostile{Content: []byte(content)}
	}
	hostile["pixel bomb"] = documenttest.Hostile{Content: documenttest.PixelBomb(), Key: "document.pixels"}
	hostile["archive"] = documenttest.Hostile{Content: documenttest.Zip(map[string]string{"../../x": "x"}), Key: "document.archive"}
	hostile["svg"] = documenttest.Hostile{Content: []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), Key: "document.kind"}
	hostile["gif"] = documenttest.Hostile{Content: append([]byte("GIF89a"), documenttest.Zip(map[string]string{"a.class": "x"})...), Key: "document.kind"}
	hostile["too large"] = documenttest.Hostile{Content: append([]byte("%PDF-1.7\n"), make([]byte, 51<<20)...), Key: "document.too_large"}
	var all sync.WaitGroup
	room := make(chan struct{}, 12)
	for range 2 {
		for name, f := range maps.All(hostile) {
			all.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				status, key := s.upload(token, name+".pdf", bytes.NewReader(f.Content))
				if f.Key != "" && key != f.Key || f.Key == "" && status >= 500 {
					t.Errorf("%s: %d %q, want %q", name, status, key, f.Key)
				}
			})
		}
		for i := range 20 {
			all.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				if status, key := s.upload(token, "đơn.pdf", strings.NewReader(documenttest.Pages(i+1))); status != http.StatusCreated {
					t.Errorf("a good file: %d %q", status, key)
				}
			})
		}
	}
	all.Wait()
	s.small()
	s.verify()
}

// Ten thousand files in one form are refused early.
func TestTenThousandFiles(t *testing.T) {
	s := start(t)
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		for i := range 10_000 {
			part, err := form.CreateFormFile("other", fmt.Sprintf("%d.pdf", i))
			if err != nil {
				return // the server has hung up
			}
			_, _ = io.WriteString(part, documenttest.Plain())
		}
		w.CloseWithError(form.Close())
	}()
	status, key := s.send(s.token("nguoidan"), form.FormDataContentType(), r)
	if status != http.StatusRequestEntityTooLarge || key != "request.too_many_parts" {
		t.Errorf("%d %q", status, key)
	}
	s.small()
	s.verify()
}

// upload sends one file and returns what was answered.
func (s *server) upload(token, name string, content io.Reader) (status int, key string) {
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = io.Copy(part, content)
		}
		if err == nil {
			err = form.Close()
		}
		w.CloseWithError(err)
	}()
	return s.send(token, form.FormDataContentType(), r)
}

func (s *server) send(token, contentType string, body io.ReadCloser) (status int, key string) {
	status, got, err := s.post(token, contentType, body)
	if err != nil {
		return 0, err.Error()
	}
	key, _ = got["code"].(string)
	return status, key
}

// stored sends a file that is taken, and returns what is said of it.
func (s *server) stored(token, name, content string) map[string]any {
	s.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, content)
	}
	if err := errors.Join(err, form.Close()); err != nil {
		s.Fatal(err)
	}
	status, got, err := s.post(token, form.FormDataContentType(), io.NopCloser(&body))
	if err != nil || status != http.StatusCreated {
		s.Fatalf("%s: %d %v %v", name, status, got, err)
	}
	return got
}

func (s *server) post(token, contentType string, body io.ReadCloser) (status int, got map[string]any, err error) {
	defer body.Close()
	r, err := http.NewRequest(http.MethodPost, "http://"+s.address+"/api/v1/files", body)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	err = json.NewDecoder(answer.Body).Decode(&got)
	return answer.StatusCode, got, err
}

// small fails if the process ever took more memory than it may.
func (s *server) small() {
	s.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	kB, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		s.Fatal(err)
	}
	s.Logf("at most %d MB", kB>>10)
	if kB<<10 > mostMemory {
		s.Errorf("the process took %d MB", kB>>10)
	}
}

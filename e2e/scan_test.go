// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"motcua/internal/document/documenttest"
)

// A dossier is sent while the virus scanner is away: everybody sees that its files
// wait and nobody opens one. Once the scanner is there what is clean opens, what does
// harm stays shut, and who handed it in is told what to do, a clerk at the counter too.
func TestFilesWaitForTheScanner(t *testing.T) {
	clamav := documenttest.NewClamAV(t)
	s := start(t, "--clamd", "unix:"+clamav.Socket())
	token := s.token("nguoidan")
	s.token("motcua")
	virus := documenttest.PDF(documenttest.Catalogue, documenttest.Tree, documenttest.Page, documenttest.Stream("", documenttest.EICAR))
	file := func(name, content string) string {
		t.Helper()
		got := s.stored(token, name, content)
		if got["scan"] != "waiting" {
			t.Fatalf("%s: %v", name, got)
		}
		return got["id"].(string)
	}
	filing := s.must(200, "", "GET", "/procedures/1.001193/sample", nil)
	papers := filing["documents"].([]any)
	var files []string
	for i, p := range papers {
		p := p.(map[string]any)
		delete(p, "content")
		files = append(files, file("giấy tờ.pdf", map[bool]string{true: virus, false: documenttest.Plain()}[i == 0]))
		p["file"] = files[i]
	}
	extra := file("mặt sau.pdf", documenttest.Pages(2))
	filing["documents"] = append(papers, map[string]any{"component": papers[0].(map[string]any)["component"], "file": extra})
	code := s.must(201, "nguoidan", "POST", "/dossiers", filing)["code"].(string)
	opens := func(file string) (int, string) {
		t.Helper()
		status, text, err := s.call("motcua", "GET", "/dossiers/"+code+"/documents/"+file, nil)
		if err != nil {
			t.Fatal(err)
		}
		return status, string(text)
	}
	for _, f := range append(files, extra) {
		if status, text := opens(f); status != http.StatusUnprocessableEntity || !strings.Contains(text, "document.waiting") {
			t.Fatalf("opened unseen: %d %s", status, text)
		}
	}
	citizen, officer := s.browse("quet-dan", 320, true), s.browse("quet-can-bo", 1280, true)
	citizen.signIn("nguoidan")
	citizen.open("/ho-so/" + code)
	citizen.says("chưa mở được")
	citizen.look("waiting")
	officer.signIn("motcua")
	own := s.stored(s.token("motcua"), "bản quét.pdf", virus)["id"].(string)
	paper := s.must(200, "", "GET", "/procedures/1.001193/sample", nil)
	paper["channel"], paper["return_channel"] = "counter", "counter"
	for i, p := range paper["documents"].([]any) {
		p := p.(map[string]any)
		delete(p, "content")
		if i == 0 {
			p["file"] = own
		}
	}
	received := s.must(201, "motcua", "POST", "/dossiers", paper)["code"].(string)
	officer.open("/mot-cua/ho-so/" + code + "?xem=" + extra)
	officer.says("chưa mở được")
	officer.look("waiting")

	clamav.Start(t)
	for range 60 {
		if status, _ := opens(files[0]); status != http.StatusUnprocessableEntity {
			break
		}
		time.Sleep(500 * time.Millisecond)
	}
	for range 60 {
		if status, _ := opens(extra); status != http.StatusUnprocessableEntity {
			break
		}
		time.Sleep(500 * time.Millisecond)
	}
	if status, text := opens(extra); status != http.StatusOK || text != documenttest.Pages(2) {
		t.Errorf("clean: %d", status)
	}
	if status, text := opens(files[0]); status != http.StatusForbidden || !strings.Contains(text, "document.infected") {
		t.Errorf("harmful: %d %s", status, text)
	}
	citizen.open("/ho-so")
	citizen.says("mã độc")
	citizen.look("told")
	citizen.open("/ho-so/" + code)
	citizen.says("cần nộp lại")
	officer.open("/mot-cua/ho-so/" + code + "?xem=" + files[0])
	officer.says("cần nộp lại")
	officer.says("Có mã độc trong")
	officer.look("infected")
	// Whose own scan it was is told at the counter, on a phone too.
	phone := s.browse("quet-quay", 320, true)
	phone.signIn("motcua")
	for _, b := range []*browser{officer, phone} {
		for _, page := range []string{"/mot-cua/tiep-nhan", "/mot-cua"} {
			b.open(page)
			b.says("giấy tờ bạn đã quét")
			b.says(received)
			b.look("told" + page)
		}
		b.open("/mot-cua/ho-so/" + received + "?hang=receive")
		b.look("harmed")
	}
	s.verify()

	// A flag that is forgotten does not open what waits.
	s.kill()
	if out, err := s.run("serve", "--listen", s.address); err == nil {
		t.Errorf("served without a scanner: %s", out)
	}
}

// says fails unless the page says something.
func (b *browser) says(text string) {
	b.Helper()
	if !strings.Contains(b.text("main"), text) {
		b.picture("silent")
		b.Errorf("%s at %s does not say %q", b.name, b.path(), text)
	}
}

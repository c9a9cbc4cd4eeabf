// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"motcua/internal/dossier"
)

func value(b *browser, name string) string {
	b.t.Helper()
	n := first(b.page, func(n *html.Node) bool { return attr(n, "name") == name && attr(n, "type") != "radio" })
	if n == nil {
		b.t.Fatalf("%s has no %s", b.path, name)
	}
	return attr(n, "value")
}

// What is wrong is said at its question, in a summary with links, all at once;
// what was typed stays, right or wrong, also on another day.
func TestErrorsKeepWhatWasTyped(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.004859"))
	page := draft + "/trang/requester"
	b.get(page).submit(page, url.Values{"applicant.phone": {"12 ba"}, "applicant.birth_date": {"31/2/1990"}, "applicant.name": {`Lê "Tùng" & <em>`}}, "").at(http.StatusUnprocessableEntity)
	b.has("Có chỗ cần sửa", "Số điện thoại: số điện thoại có 10 hoặc 11 chữ số", "applicant-phone-error", "applicant-birth_date-error", "applicant-name-error")
	for range 2 {
		if got := value(b, "applicant.phone"); got != "12 ba" {
			t.Errorf("phone: %q", got)
		}
		if got := value(b, "applicant.birth_date"); got != "31/2/1990" {
			t.Errorf("birth date: %q", got)
		}
		if got := value(b, "applicant.name"); got != `Lê "Tùng" & <em>` {
			t.Errorf("name: %q", got)
		}
		b.get(page).at(http.StatusOK)
	}
	b.get(draft).has("Còn thiếu")
	b.get(draft+"/kiem-tra").has("Còn phải sửa trước khi gửi", page+"?tu=kiem-tra#applicant-phone").lacks(draft + "/gui")
	// From the check and back to it.
	b.get(page+"?tu=kiem-tra").has("applicant-phone-error").submit(page, url.Values{"applicant.phone": {"0905 000 123"}, "applicant.birth_date": {"2-3-1990"}, "applicant.name": {"Lê Tùng"}, "for_self": {"yes"}}, "")
	if b.path != draft+"/kiem-tra" {
		t.Errorf("led to %s\n%s", b.path, visible(b.page))
	}
	b.lacks(page + "?tu=kiem-tra#applicant-phone")
}

// Items are added and removed by buttons; what stands in the others stays.
func TestItemsWithoutScripts(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.004859"))
	page := draft + "/trang/items"
	b.get(page).at(http.StatusOK)
	b.submit(page, url.Values{"items.0.old": {"một"}}, "add=items").at(http.StatusOK)
	b.submit(page, url.Values{"items.1.old": {"hai"}}, "add=items").at(http.StatusOK)
	b.submit(page, url.Values{"items.2.old": {"ba"}}, "remove=items.1.").at(http.StatusOK)
	if value(b, "items.0.old") != "một" || value(b, "items.1.old") != "ba" {
		t.Errorf("after removing: %q, %q", value(b, "items.0.old"), value(b, "items.1.old"))
	}
	b.lacks("items.2.old")
	// Never more than the form takes, and no list that is not there.
	for range 12 {
		b.submit(page, nil, "add=items").at(http.StatusOK)
	}
	b.has("items.9.old").lacks("items.10.old")
	b.submit(page, nil, "add=applicant").at(http.StatusOK)
	b.submit(page, nil, "remove=items.99.").at(http.StatusOK)
	b.submit(page, nil, "remove=x").at(http.StatusOK)
	// Empty items go when the page is sent; the wrong one remains.
	b.submit(page, nil, "").at(http.StatusUnprocessableEntity).has("items.1.old").lacks("items.2.old")
}

// A script may save single questions: nothing else is lost by it.
func TestAutosaveMerges(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.004859"))
	page := draft + "/trang/items"
	b.get(page).submit(page, url.Values{"items.0.old": {"một"}, "items.0.new": {"hai"}}, "add=items")
	token := value(b, "csrf")
	save := func(values url.Values, want int) {
		t.Helper()
		r, err := b.client.PostForm(b.url+draft+"/luu", values)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%v: %d, not %d", values, r.StatusCode, want)
		}
	}
	save(url.Values{"csrf": {token}, "page": {"items"}, "items.0.old": {"một rưỡi"}}, http.StatusNoContent)
	save(url.Values{"csrf": {token}, "page": {"requester"}, "applicant.phone": {"09"}}, http.StatusNoContent)
	save(url.Values{"csrf": {token}, "page": {"no_such"}}, http.StatusNotFound)
	save(url.Values{"csrf": {"x"}, "page": {"items"}, "items.0.old": {"stranger"}}, http.StatusForbidden)
	b.get(page)
	if value(b, "items.0.old") != "một rưỡi" || value(b, "items.0.new") != "hai" {
		t.Errorf("kept %q, %q", value(b, "items.0.old"), value(b, "items.0.new"))
	}
	b.has("items.1.old").get(draft + "/trang/requester")
	if value(b, "applicant.phone") != "09" || value(b, "applicant.name") == "" {
		t.Errorf("kept %q, %q", value(b, "applicant.phone"), value(b, "applicant.name"))
	}
	r, err := http.PostForm(b.url+draft+"/luu", url.Values{"page": {"items"}})
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("a stranger: %d %s", r.StatusCode, r.Header.Get("Content-Type"))
	}
}

// Wrong files are refused at their input; the right ones are kept.
func TestPapers(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	sample := w.sampleOf("1.001193")
	draft := b.begin(sample)
	b.fill(draft, sample)
	if len(sample.Documents) == 0 {
		t.Fatal("the sample has no papers")
	}
	pdf, err := w.book.SamplePaper()
	if err != nil {
		t.Fatal(err)
	}
	papers := draft + "/giay-to"
	component := sample.Documents[0].Component
	b.get(papers).at(http.StatusOK)
	file := attr(first(b.page, func(n *html.Node) bool { return attr(n, "name") == "file" }), "value")
	b.get(draft + "/tep/" + file).at(http.StatusOK)
	if !bytes.HasPrefix([]byte(b.text), []byte("%PDF-")) {
		t.Error("the file does not come back")
	}
	other := w.citizen("nguoidan2")
	other.get(draft + "/tep/" + file).at(http.StatusNotFound)
	b.get(papers).submit(papers+"/bo", url.Values{"file": {file}}, "").at(http.StatusOK).has("Đã bỏ tệp")
	input := "tep-" + component
	for name, content := range map[string][]byte{"empty.pdf": {}, "page.pdf": []byte("<html><script>alert(1)</script>"), "large.pdf": append([]byte("%PDF-1.4\n"), make([]byte, 11<<20)...)} {
		b.get(papers).upload(papers, "stay", upload{input, name, content}).at(http.StatusUnprocessableEntity).has(input+"-error", `href="#`+input+`"`)
	}
	b.upload(papers, "next").at(http.StatusUnprocessableEntity).has("Chưa có giấy tờ")
	b.upload(papers, "stay", upload{input, "../../Giấy chứng sinh.pdf", pdf}, upload{"tep-none", "x.pdf", pdf}).at(http.StatusUnprocessableEntity).has("Giấy chứng sinh.pdf").lacks("../")
	b.upload(papers, "next").at(http.StatusOK)
	// A form of another site keeps nothing.
	values := map[string]string{"csrf": "x", "then": "stay"}
	if r := b.raw(papers, values, upload{input, "x.pdf", pdf}); r != http.StatusForbidden {
		t.Errorf("without token: %d", r)
	}
}

// Sent twice, from two windows at once, it is one dossier.
func TestSentTwice(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	sample := w.sampleOf("2.002516")
	draft := b.begin(sample)
	b.fill(draft, sample)
	values := b.form(draft + "/gui")
	values.Set("declare", "yes")
	paths := make([]string, 4)
	var wait sync.WaitGroup
	for i := range paths {
		wait.Go(func() {
			r, err := b.client.PostForm(b.url+draft+"/gui", values)
			if err != nil {
				t.Error(err)
				return
			}
			r.Body.Close()
			paths[i] = r.Request.URL.Path
		})
	}
	wait.Wait()
	for _, p := range paths {
		if p != paths[0] || !strings.HasSuffix(p, "/da-nop") {
			t.Errorf("led to %v", paths)
		}
	}
	if b.get(draft + "/trang/requester"); b.path != strings.TrimSuffix(paths[0], "/da-nop") {
		t.Errorf("a draft that was sent leads to %s", b.path)
	}
	b.get("/ho-so").lacks(draft)
}

// Who hands in for another is named as such.
func TestForAnother(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	sample := w.sampleOf("2.002516")
	draft := b.begin(sample)
	b.fill(draft, sample)
	who := draft + "/nguoi-nop"
	b.get(who).submit(who, url.Values{"for": {"other"}, "kind": {"organisation"}, "org_code": {"12"}}, "").at(http.StatusUnprocessableEntity).has("org_code-error", "name-error")
	if value(b, "org_code") != "12" {
		t.Error("typed code is lost")
	}
	b.get(draft + "/kiem-tra").has("Còn phải sửa").lacks(draft + "/gui\"")
	b.get(who+"?tu=kiem-tra").submit(who, url.Values{"name": {"Công ty An Cựu"}, "org_code": {"3300123456"}}, "")
	b.has("Công ty An Cựu", "Người nộp thay").submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").at(http.StatusOK)
	code := strings.TrimSuffix(strings.TrimPrefix(b.path, "/ho-so/"), "/da-nop")
	b.get("/ho-so/"+code).has("Công ty An Cựu", "Nguyễn Thị Hương Giang")
	if _, ok := dossier.ParseCode(code); !ok {
		t.Errorf("code %q", code)
	}
}

// A draft is its owner's, and can be let go.
func TestDraftsOfOthers(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("2.002516"))
	other := w.citizen("nguoidan2")
	for _, part := range []string{"", "/nguoi-nop", "/trang/requester", "/giay-to", "/nhan-ket-qua", "/kiem-tra", "/tep/x"} {
		other.get(draft + part).at(http.StatusNotFound).has("Không tìm thấy")
	}
	b.get(draft + "/trang/no_such").at(http.StatusNotFound)
	b.get("/ho-so").has(draft).get(draft).submit(draft+"/bo", nil, "").at(http.StatusOK).has("Đã bỏ bản khai").lacks(draft)
	b.get(draft).at(http.StatusNotFound)
	officer := w.citizen("motcua")
	officer.get("/thu-tuc/2.002516").at(http.StatusOK).has("tài khoản cán bộ")
	officer.get("/thu-tuc/2.002516/bat-dau").at(http.StatusForbidden)
	// Nothing chosen, and an agency that does not take it.
	b.get("/thu-tuc/1.004859/bat-dau").submit("/ho-so/nhap", nil, "").at(http.StatusUnprocessableEntity).has("case-error", "agency-error")
	b.submit("/ho-so/nhap", url.Values{"case": {"correction"}, "agency": {"H57.08"}}, "").at(http.StatusUnprocessableEntity).has("agency-error")
	b.get("/thu-tuc/9.999999/bat-dau").at(http.StatusNotFound)
}

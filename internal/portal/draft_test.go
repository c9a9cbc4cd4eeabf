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
	"motcua/internal/web"
	"motcua/internal/web/webtest"
)

func value(b *browser, name string) string {
	b.t.Helper()
	n := webtest.First(b.Page, func(n *html.Node) bool { return webtest.Attr(n, "name") == name && webtest.Attr(n, "type") != "radio" })
	if n == nil {
		b.t.Fatalf("%s has no %s", b.Path, name)
	}
	return webtest.Attr(n, "value")
}

// What is wrong is said at its question, in a summary with links, all at once;
// what was typed stays, right or wrong, also on another day.
func TestErrorsKeepWhatWasTyped(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.004859"))
	page := draft + "/trang/requester"
	b.Get(page).Submit(page, url.Values{"applicant.phone": {"12 ba"}, "applicant.birth_date": {"31/2/1990"}, "applicant.name": {`Lê "Tùng" & <em>`}}, "").At(http.StatusUnprocessableEntity)
	b.Has("Có chỗ cần sửa", "Số điện thoại: gồm 10 hoặc 11 chữ số", "applicant-phone-error", "applicant-birth_date-error", "applicant-name-error")
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
		b.Get(page).At(http.StatusOK)
	}
	b.Get(draft).Has("Còn thiếu")
	b.Get(draft+"/kiem-tra").Has("Còn phải sửa trước khi gửi", page+"?tu=kiem-tra#applicant-phone").Lacks(draft + "/gui")
	// From the check and back to it.
	b.Get(page+"?tu=kiem-tra").Has("applicant-phone-error").Submit(page, url.Values{"applicant.phone": {"0905 000 123"}, "applicant.birth_date": {"2-3-1990"}, "applicant.name": {"Lê Tùng"}, "for_self": {"yes"}}, "")
	if b.Path != draft+"/kiem-tra" {
		t.Errorf("led to %s\n%s", b.Path, webtest.Visible(b.Page))
	}
	b.Lacks(page + "?tu=kiem-tra#applicant-phone")
}

// Who stops, or asks for the questions that the answers call for, is not told
// off for what is not filled in yet.
func TestStopAndUpdate(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.004859"))
	page := draft + "/trang/requester"
	b.Get(page).Submit(page, url.Values{"applicant.phone": {"12 ba"}}, "then=stop").At(http.StatusOK).Has("Đã lưu bản khai")
	if b.Path != draft+"?da=luu" {
		t.Errorf("led to %s", b.Path)
	}
	b.Get(page).Submit(page, url.Values{"applicant.phone": {"12 bốn"}, "for_self": {"no"}}, "then=update").At(http.StatusOK).Lacks("Có chỗ cần sửa", "applicant-phone-error")
	if b.Path != page || value(b, "applicant.phone") != "12 bốn" {
		t.Errorf("at %s with %q", b.Path, value(b, "applicant.phone"))
	}
}

// Items are added and removed by buttons; what stands in the others stays.
func TestItemsWithoutScripts(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.004859"))
	page := draft + "/trang/items"
	b.Get(page).At(http.StatusOK)
	b.Submit(page, url.Values{"items.0.old": {"một"}}, "add=items").At(http.StatusOK)
	b.Submit(page, url.Values{"items.1.old": {"hai"}}, "add=items").At(http.StatusOK)
	b.Submit(page, url.Values{"items.2.old": {"ba"}}, "remove=items.1.").At(http.StatusOK)
	if value(b, "items.0.old") != "một" || value(b, "items.1.old") != "ba" {
		t.Errorf("after removing: %q, %q", value(b, "items.0.old"), value(b, "items.1.old"))
	}
	b.Lacks("items.2.old")
	// Never more than the form takes, and no list that is not there.
	for range 12 {
		b.Submit(page, nil, "add=items").At(http.StatusOK)
	}
	b.Has("items.9.old").Lacks("items.10.old")
	b.Submit(page, nil, "add=applicant").At(http.StatusOK)
	b.Submit(page, nil, "remove=items.99.").At(http.StatusOK)
	b.Submit(page, nil, "remove=x").At(http.StatusOK)
	// Empty items go when the page is sent; the wrong one remains.
	b.Submit(page, nil, "").At(http.StatusUnprocessableEntity).Has("items.1.old").Lacks("items.2.old")
}

// A script may save single questions: nothing else is lost by it.
func TestAutosaveMerges(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.004859"))
	page := draft + "/trang/items"
	b.Get(page).Submit(page, url.Values{"items.0.old": {"một"}, "items.0.new": {"hai"}}, "add=items")
	token := value(b, "csrf")
	save := func(values url.Values, want int) {
		t.Helper()
		r, err := b.Client.PostForm(b.url+draft+"/luu", values)
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
	b.Get(page)
	if value(b, "items.0.old") != "một rưỡi" || value(b, "items.0.new") != "hai" {
		t.Errorf("kept %q, %q", value(b, "items.0.old"), value(b, "items.0.new"))
	}
	b.Has("items.1.old").Get(draft + "/trang/requester")
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
	b.Get(papers).At(http.StatusOK)
	file := webtest.Attr(webtest.First(b.Page, func(n *html.Node) bool { return webtest.Attr(n, "name") == "file" }), "value")
	b.Get(draft + "/tep/" + file).At(http.StatusOK)
	if !bytes.HasPrefix([]byte(b.Text), []byte("%PDF-")) {
		t.Error("the file does not come back")
	}
	other := w.citizen("nguoidan2")
	other.Get(draft + "/tep/" + file).At(http.StatusNotFound)
	b.Get(papers).Submit(papers+"/bo", url.Values{"file": {file}}, "").At(http.StatusOK).Has("Đã bỏ tệp")
	input := "tep-" + component
	for name, content := range map[string][]byte{"empty.pdf": {}, "page.pdf": []byte("<html><script>alert(1)</script>"), "large.pdf": append([]byte("%PDF-1.4\n"), make([]byte, 11<<20)...)} {
		b.Get(papers).Upload(papers, nil, "then=stay", webtest.File{Input: input, Name: name, Content: content}).At(http.StatusUnprocessableEntity).Has(input+"-error", `href="#`+input+`"`)
	}
	b.Upload(papers, nil, "then=next").At(http.StatusUnprocessableEntity).Has("Chưa có giấy tờ")
	b.Upload(papers, nil, "then=stay", webtest.File{Input: input, Name: "../../Giấy chứng sinh.pdf", Content: pdf}, webtest.File{Input: "tep-none", Name: "x.pdf", Content: pdf}).At(http.StatusUnprocessableEntity).Has("Giấy chứng sinh.pdf").Lacks("../")
	b.Upload(papers, nil, "then=next").At(http.StatusOK)
	b.Get(papers).Upload(papers, nil, "then=stay", make([]webtest.File, web.MostParts+1)...).At(http.StatusRequestEntityTooLarge).Has("ít tệp hơn")
	b.Get(papers)
	// A form of another site keeps nothing.
	values := map[string]string{"csrf": "x", "then": "stay"}
	if r := b.raw(papers, values, webtest.File{Input: input, Name: "x.pdf", Content: pdf}); r != http.StatusForbidden {
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
	values := b.Form(draft + "/gui")
	values.Set("declare", "yes")
	paths := make([]string, 4)
	var wait sync.WaitGroup
	for i := range paths {
		wait.Go(func() {
			r, err := b.Client.PostForm(b.url+draft+"/gui", values)
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
	if b.Get(draft + "/trang/requester"); b.Path != strings.TrimSuffix(paths[0], "/da-nop") {
		t.Errorf("a draft that was sent leads to %s", b.Path)
	}
	b.Get("/ho-so").Lacks(draft)
}

// Who hands in for another is named as such.
func TestForAnother(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	sample := w.sampleOf("2.002516")
	draft := b.begin(sample)
	b.fill(draft, sample)
	who := draft + "/nguoi-nop"
	b.Get(who).Submit(who, url.Values{"for": {"other"}, "kind": {"organisation"}, "org_code": {"12"}}, "").At(http.StatusUnprocessableEntity).Has("org_code-error", "name-error")
	if value(b, "org_code") != "12" {
		t.Error("typed code is lost")
	}
	b.Get(draft + "/kiem-tra").Has("Còn phải sửa").Lacks(draft + "/gui\"")
	b.Get(who+"?tu=kiem-tra").Submit(who, url.Values{"name": {"Công ty An Cựu"}, "org_code": {"3300123456"}}, "")
	b.Has("Công ty An Cựu", "Người nộp thay").Submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").At(http.StatusOK)
	code := strings.TrimSuffix(strings.TrimPrefix(b.Path, "/ho-so/"), "/da-nop")
	b.Get("/ho-so/"+code).Has("Công ty An Cựu", "Nguyễn Thị Hương Giang")
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
		other.Get(draft + part).At(http.StatusNotFound).Has("Không tìm thấy")
	}
	b.Get(draft + "/trang/no_such").At(http.StatusNotFound)
	b.Get("/ho-so").Has(draft).Get(draft).Submit(draft+"/bo", nil, "").At(http.StatusOK).Has("Đã bỏ bản khai").Lacks(draft)
	b.Get(draft).At(http.StatusNotFound)
	officer := w.citizen("motcua")
	officer.Get("/thu-tuc/2.002516").At(http.StatusOK).Has("tài khoản cán bộ")
	officer.Get("/thu-tuc/2.002516/bat-dau").At(http.StatusForbidden)
	// Nothing chosen, and an agency that does not take it.
	b.Get("/thu-tuc/1.004859/bat-dau").Submit("/ho-so/nhap", nil, "").At(http.StatusUnprocessableEntity).Has("case-error", "agency-error")
	b.Submit("/ho-so/nhap", url.Values{"case": {"correction"}, "agency": {"H57.08"}}, "").At(http.StatusUnprocessableEntity).Has("agency-error")
	b.Get("/thu-tuc/9.999999/bat-dau").At(http.StatusNotFound)
}

// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/web/webtest"
)

// fill fills the pages of a draft in from the sample dossier of its procedure,
// as somebody without scripts does, until the check.
func (b *browser) fill(draft string, sample dossier.Filing) {
	b.t.Helper()
	// The sample's numbers are as JSON holds them.
	body, err := json.Marshal(sample.Answers)
	if err != nil {
		b.t.Fatal(err)
	}
	answers := map[string]any{}
	if err := json.Unmarshal(body, &answers); err != nil {
		b.t.Fatal(err)
	}
	values := flat(answers, "", url.Values{})
	b.Get(draft+"/nguoi-nop").Submit(draft+"/nguoi-nop", url.Values{"for": {"self"}}, "")
	for range 30 {
		path, _, _ := strings.Cut(b.Path, "?")
		switch {
		case strings.HasPrefix(path, draft+"/trang/"):
			b.At(http.StatusOK)
			b.fillPage(path, answers, values)
		case path == draft+"/giay-to":
			b.At(http.StatusOK)
			b.attach(path, sample)
		case path == draft+"/nhan-ket-qua":
			b.Submit(path, url.Values{"return": {string(sample.Return)}}, "")
		case path == draft+"/kiem-tra":
			return
		default:
			b.t.Fatalf("led to %s", b.Path)
		}
	}
	b.t.Fatalf("never came to the check, but to %s (%d)\n%s", b.Path, b.Status, webtest.Visible(b.Page))
}

// fillPage adds the items that the sample's lists have, and answers all.
func (b *browser) fillPage(path string, answers map[string]any, values url.Values) {
	b.t.Helper()
	for list, v := range answers {
		items, _ := v.([]any)
		add := webtest.First(b.Page, func(n *html.Node) bool {
			return n.Data == "button" && webtest.Attr(n, "name") == "add" && webtest.Attr(n, "value") == list
		})
		if add == nil {
			continue
		}
		for range len(items) - 1 {
			b.Submit(path, nil, "add="+list).At(http.StatusOK)
		}
	}
	names := map[string]bool{}
	webtest.Each(b.Page, func(n *html.Node) { names[webtest.Attr(n, "name")] = true })
	given := maps.Clone(values)
	maps.DeleteFunc(given, func(name string, _ []string) bool { return !names[name] })
	b.Submit(path, given, "")
	if b.Status == http.StatusUnprocessableEntity {
		b.t.Fatalf("%s refuses the sample:\n%s", path, webtest.Visible(b.Page))
	}
}

func (b *browser) attach(path string, sample dossier.Filing) {
	b.t.Helper()
	var files []webtest.File
	for _, d := range sample.Documents {
		if webtest.First(b.Page, func(n *html.Node) bool { return webtest.Attr(n, "id") == "tep-"+d.Component && n.Data == "input" }) != nil {
			files = append(files, webtest.File{Input: "tep-" + d.Component, Name: d.Name, Content: d.Content})
		}
	}
	b.Upload(path, nil, "then=next", files...)
}

// begin opens a draft for a sample and returns its path.
func (b *browser) begin(sample dossier.Filing) string {
	b.t.Helper()
	b.Get("/thu-tuc/" + sample.Procedure).At(http.StatusOK)
	b.Get("/thu-tuc/" + sample.Procedure + "/bat-dau").At(http.StatusOK)
	at := webtest.First(b.Page, func(n *html.Node) bool { return n.Data == "input" && webtest.Attr(n, "name") == "agency" })
	b.Submit("/ho-so/nhap", url.Values{"case": {sample.Case}, "agency": {webtest.Attr(at, "value")}}, "")
	if !strings.HasPrefix(b.Path, "/ho-so/nhap/") {
		b.t.Fatalf("began at %s (%d)\n%s", b.Path, b.Status, webtest.Visible(b.Page))
	}
	return b.Path
}

// sampleOf is the sample of a procedure as it is asked for on line.
func (w *town) sampleOf(code string) dossier.Filing {
	w.t.Helper()
	f, err := w.book.Sample(context.Background(), code, "vi")
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// Somebody finds a procedure with a repeating group, fills it in without
// scripts, sends it, follows it, takes the result and rates the service.
func TestWholePath(t *testing.T) {
	w := open(t)
	b := w.browser()
	b.Get("/").At(http.StatusOK).Has("Hộ tịch")
	b.Get("/thu-tuc?field=ho-tich").At(http.StatusOK).Has("Thay đổi, cải chính, bổ sung thông tin hộ tịch")
	b.Get("/thu-tuc/1.004859/bat-dau")
	if !strings.HasPrefix(b.Path, "/dang-nhap?next=") {
		t.Fatalf("a stranger is led to %s", b.Path)
	}
	b.Submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {"motcua-demo"}}, "")
	if b.Path != "/thu-tuc/1.004859/bat-dau" {
		t.Fatalf("after signing in at %s", b.Path)
	}
	sample := w.sampleOf("1.004859")
	draft := b.begin(sample)
	b.Has("Chưa làm")
	b.fill(draft, sample)
	b.At(http.StatusOK).Has("Năm sinh của mẹ: 1991", "Phường Vĩ Dạ")
	b.Get(draft).At(http.StatusOK)
	b.Get(draft+"/kiem-tra").Submit(draft+"/gui", nil, "").At(http.StatusUnprocessableEntity).Has("Đánh dấu vào ô cam đoan")
	b.Submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").At(http.StatusOK)
	if !strings.HasSuffix(b.Path, "/da-nop") {
		t.Fatalf("sent, led to %s", b.Path)
	}
	code := strings.TrimSuffix(strings.TrimPrefix(b.Path, "/ho-so/"), "/da-nop")
	b.Has(code)
	b.Get("/ho-so/" + code + "/giay/submission").At(http.StatusOK)
	if !strings.HasPrefix(b.Text, "%PDF-") {
		t.Error("what was sent is no PDF")
	}
	b.Get("/ho-so/"+code).At(http.StatusOK).Has("Chưa có giờ hẹn", "Đã nộp hồ sơ").Lacks("danh-gia")
	b.Get("/ho-so/" + code + "/danh-gia").At(http.StatusUnprocessableEntity)
	for _, f := range documentsOf(t, w, code) {
		b.Get("/ho-so/" + code + "/tep/" + f).At(http.StatusOK)
	}

	w.finish(dossier.Code(code))
	b.signIn("nguoidan")
	for _, slip := range []string{dossier.ControlSlip, dossier.TransferSlip} { // go from desk to desk
		b.Get("/ho-so/" + code + "/giay/" + slip).At(http.StatusNotFound)
	}
	b.Get("/ho-so").At(http.StatusOK).Has(code, "Đã có kết quả", "Mới")
	b.Get("/ho-so").At(http.StatusOK).Lacks("tag-open\">Mới<")
	b.Get("/ho-so/"+code).At(http.StatusOK).Has("Đã trả kết quả", "Vì sao là giờ này", "Xong trước hạn", "cán bộ một cửa")
	for _, href := range b.links("/ho-so/" + code + "/giay/") {
		if b.Get(href).At(http.StatusOK); !strings.HasPrefix(b.Text, "%PDF-") {
			t.Errorf("%s is no PDF", href)
		}
	}
	b.Get("/ho-so/" + code)
	results := b.links("/ho-so/" + code + "/ket-qua/")
	if len(results) != 1 {
		t.Fatalf("results: %v", results)
	}
	if b.Get(results[0]).At(http.StatusOK); !strings.HasPrefix(b.Text, "%PDF-") {
		t.Error("the result is no PDF")
	}

	rating := "/ho-so/" + code + "/danh-gia"
	b.Get(rating).Submit(rating, url.Values{"overall": {"satisfied"}, "comment": {"Nhanh <b>& gọn</b>"}}, "").At(http.StatusUnprocessableEntity).Has("&lt;b&gt;&amp; gọn", "convenience-error")
	b.Submit(rating, url.Values{"convenience": {"satisfied"}, "punctuality": {"very_satisfied"}, "attitude": {"not_satisfied"}}, "").At(http.StatusOK).Has("Cảm ơn bạn")
	if b.Get(rating); !strings.Contains(b.Path, "da-danh-gia") {
		t.Errorf("rated twice at %s", b.Path)
	}
	b.Get("/so-lieu").At(http.StatusOK).Has("100%")
}

func (b *browser) links(prefix string) []string {
	var list []string
	webtest.Each(b.Page, func(n *html.Node) {
		if href := webtest.Attr(n, "href"); n.Data == "a" && strings.HasPrefix(href, prefix) {
			list = append(list, href)
		}
	})
	return list
}

func documentsOf(t *testing.T, w *town, code string) []string {
	t.Helper()
	account, err := w.register.FindLogin(context.Background(), "nguoidan")
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.book.Find(context.Background(), dossier.ActorOf(account, w.site.Directory(), calendar.DateOf(w.clock.Now())), dossier.Code(code))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, d := range s.Documents {
		ids = append(ids, d.File)
	}
	return ids
}

// Every procedure of the demo can be filled in and sent by forms alone.
func TestEveryProcedureCanBeFiled(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	b.double() // some ask for it
	for _, e := range w.book.Catalogue.Entries() {
		if !e.Offered {
			continue
		}
		t.Run(e.Code, func(t *testing.T) {
			b.t = t
			defer func() { b.t = w.t }()
			sample := w.sampleOf(e.Code)
			draft := b.begin(sample)
			b.fill(draft, sample)
			b.Submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").At(http.StatusOK)
			if !strings.HasSuffix(b.Path, "/da-nop") {
				t.Fatalf("sent, led to %s\n%s", b.Path, webtest.Visible(b.Page))
			}
			code := strings.TrimSuffix(strings.TrimPrefix(b.Path, "/ho-so/"), "/da-nop")
			b.Get("/ho-so/" + code).At(http.StatusOK)
			b.Get("/ho-so/" + code + "?lang=en").At(http.StatusOK)
			b.Get("/thu-tuc/" + e.Code + "?lang=vi").At(http.StatusOK)
		})
	}
}

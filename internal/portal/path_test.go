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
	b.get(draft+"/nguoi-nop").submit(draft+"/nguoi-nop", url.Values{"for": {"self"}}, "")
	for range 30 {
		path, _, _ := strings.Cut(b.path, "?")
		switch {
		case strings.HasPrefix(path, draft+"/trang/"):
			b.at(http.StatusOK).fillPage(path, answers, values)
		case path == draft+"/giay-to":
			b.at(http.StatusOK).attach(path, sample)
		case path == draft+"/nhan-ket-qua":
			b.submit(path, url.Values{"return": {string(sample.Return)}}, "")
		case path == draft+"/kiem-tra":
			return
		default:
			b.t.Fatalf("led to %s", b.path)
		}
	}
	b.t.Fatalf("never came to the check, but to %s (%d)\n%s", b.path, b.status, visible(b.page))
}

// fillPage adds the items that the sample's lists have, and answers all.
func (b *browser) fillPage(path string, answers map[string]any, values url.Values) {
	b.t.Helper()
	for list, v := range answers {
		items, _ := v.([]any)
		add := first(b.page, func(n *html.Node) bool {
			return n.Data == "button" && attr(n, "name") == "add" && attr(n, "value") == list
		})
		if add == nil {
			continue
		}
		for range len(items) - 1 {
			b.submit(path, nil, "add="+list).at(http.StatusOK)
		}
	}
	names := map[string]bool{}
	each(b.page, func(n *html.Node) { names[attr(n, "name")] = true })
	given := maps.Clone(values)
	maps.DeleteFunc(given, func(name string, _ []string) bool { return !names[name] })
	b.submit(path, given, "")
	if b.status == http.StatusUnprocessableEntity {
		b.t.Fatalf("%s refuses the sample:\n%s", path, visible(b.page))
	}
}

func (b *browser) attach(path string, sample dossier.Filing) {
	b.t.Helper()
	var files []upload
	for _, d := range sample.Documents {
		if first(b.page, func(n *html.Node) bool { return attr(n, "id") == "tep-"+d.Component && n.Data == "input" }) != nil {
			files = append(files, upload{"tep-" + d.Component, d.Name, d.Content})
		}
	}
	b.upload(path, "next", files...)
}

// begin opens a draft for a sample and returns its path.
func (b *browser) begin(sample dossier.Filing) string {
	b.t.Helper()
	b.get("/thu-tuc/" + sample.Procedure).at(http.StatusOK)
	b.get("/thu-tuc/" + sample.Procedure + "/bat-dau").at(http.StatusOK)
	at := first(b.page, func(n *html.Node) bool { return n.Data == "input" && attr(n, "name") == "agency" })
	b.submit("/ho-so/nhap", url.Values{"case": {sample.Case}, "agency": {attr(at, "value")}}, "")
	if !strings.HasPrefix(b.path, "/ho-so/nhap/") {
		b.t.Fatalf("began at %s (%d)\n%s", b.path, b.status, visible(b.page))
	}
	return b.path
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
	b.get("/").at(http.StatusOK).has("Hộ tịch")
	b.get("/thu-tuc?field=ho-tich").at(http.StatusOK).has("Thay đổi, cải chính, bổ sung thông tin hộ tịch")
	b.get("/thu-tuc/1.004859/bat-dau")
	if !strings.HasPrefix(b.path, "/dang-nhap?next=") {
		t.Fatalf("a stranger is led to %s", b.path)
	}
	b.submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {"motcua-demo"}}, "")
	if b.path != "/thu-tuc/1.004859/bat-dau" {
		t.Fatalf("after signing in at %s", b.path)
	}
	sample := w.sampleOf("1.004859")
	draft := b.begin(sample)
	b.has("Chưa làm")
	b.fill(draft, sample)
	b.at(http.StatusOK).has("Năm sinh của mẹ: 1991", "Phường Vĩ Dạ")
	b.get(draft).at(http.StatusOK)
	b.get(draft+"/kiem-tra").submit(draft+"/gui", nil, "").at(http.StatusUnprocessableEntity).has("Đánh dấu vào ô cam đoan")
	b.submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").at(http.StatusOK)
	if !strings.HasSuffix(b.path, "/da-nop") {
		t.Fatalf("sent, led to %s", b.path)
	}
	code := strings.TrimSuffix(strings.TrimPrefix(b.path, "/ho-so/"), "/da-nop")
	b.has(code)
	b.get("/ho-so/" + code + "/giay/submission").at(http.StatusOK)
	if !strings.HasPrefix(b.text, "%PDF-") {
		t.Error("what was sent is no PDF")
	}
	b.get("/ho-so/"+code).at(http.StatusOK).has("Chưa có giờ hẹn", "Đã nộp hồ sơ").lacks("danh-gia")
	b.get("/ho-so/" + code + "/danh-gia").at(http.StatusUnprocessableEntity)
	for _, f := range documentsOf(t, w, code) {
		b.get("/ho-so/" + code + "/tep/" + f).at(http.StatusOK)
	}

	w.finish(dossier.Code(code))
	b.get("/ho-so").at(http.StatusOK).has(code, "Đã có kết quả", "Mới")
	b.get("/ho-so").at(http.StatusOK).lacks("tag-open\">Mới<")
	b.get("/ho-so/"+code).at(http.StatusOK).has("Đã trả kết quả", "Vì sao là giờ này", "Xong trước hạn", "cán bộ một cửa")
	for _, href := range b.links("/ho-so/" + code + "/giay/") {
		if b.get(href).at(http.StatusOK); !strings.HasPrefix(b.text, "%PDF-") {
			t.Errorf("%s is no PDF", href)
		}
	}
	b.get("/ho-so/" + code)
	results := b.links("/ho-so/" + code + "/ket-qua/")
	if len(results) != 1 {
		t.Fatalf("results: %v", results)
	}
	if b.get(results[0]).at(http.StatusOK); !strings.HasPrefix(b.text, "%PDF-") {
		t.Error("the result is no PDF")
	}

	rating := "/ho-so/" + code + "/danh-gia"
	b.get(rating).submit(rating, url.Values{"overall": {"satisfied"}, "comment": {"Nhanh <b>& gọn</b>"}}, "").at(http.StatusUnprocessableEntity).has("&lt;b&gt;&amp; gọn", "convenience-error")
	b.submit(rating, url.Values{"convenience": {"satisfied"}, "punctuality": {"very_satisfied"}, "attitude": {"not_satisfied"}}, "").at(http.StatusOK).has("Cảm ơn bạn")
	if b.get(rating); !strings.Contains(b.path, "da-danh-gia") {
		t.Errorf("rated twice at %s", b.path)
	}
	b.get("/so-lieu").at(http.StatusOK).has("100%")
}

func (b *browser) links(prefix string) []string {
	var list []string
	each(b.page, func(n *html.Node) {
		if href := attr(n, "href"); n.Data == "a" && strings.HasPrefix(href, prefix) {
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
			b.submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").at(http.StatusOK)
			if !strings.HasSuffix(b.path, "/da-nop") {
				t.Fatalf("sent, led to %s\n%s", b.path, visible(b.page))
			}
			code := strings.TrimSuffix(strings.TrimPrefix(b.path, "/ho-so/"), "/da-nop")
			b.get("/ho-so/" + code).at(http.StatusOK)
			b.get("/ho-so/" + code + "?lang=en").at(http.StatusOK)
			b.get("/thu-tuc/" + e.Code + "?lang=vi").at(http.StatusOK)
		})
	}
}

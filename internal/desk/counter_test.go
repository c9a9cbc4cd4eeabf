// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/web/webtest"
)

// typedAt is what a clerk types for the sample dossier of a procedure: the
// answers, who asks, and every paper ticked.
func (w *town) typedAt(code string) (url.Values, dossier.Filing) {
	w.t.Helper()
	sample := w.sample(code)
	body := must(json.Marshal(sample.Answers)) // the sample's numbers are as JSON holds them
	answers := map[string]any{}
	if err := json.Unmarshal(body, &answers); err != nil {
		w.t.Fatal(err)
	}
	values := flat(answers, "", url.Values{})
	a := sample.Applicant
	maps.Copy(values, url.Values{
		"nguoi-de-nghi.kind": {a.Kind}, "nguoi-de-nghi.name": {a.Name}, "nguoi-de-nghi.id_number": {a.IDNumber}, "nguoi-de-nghi.birth_date": {"15/03/1990"},
		"nguoi-de-nghi.phone": {a.Phone}, "nguoi-de-nghi.email": {a.Email}, "nguoi-de-nghi.address": {a.Address},
		"tiep-nhan.case": {sample.Case}, "tiep-nhan.channel": {"counter"}})
	e := must(w.book.Catalogue.Show(context.Background(), code, day(w)))
	for _, c := range e.Facts.Cases {
		for _, k := range c.Components {
			values.Set("giay-"+k.ID, "yes")
		}
	}
	return values, sample
}

// grow adds the items that the sample's lists have, and returns what of values
// the page has a place for.
func (b *browser) grow(path string, sample dossier.Filing, values url.Values) url.Values {
	b.t.Helper()
	// The case decides what is asked: laid out first, nothing is received.
	b.Upload(path, url.Values{"tiep-nhan.case": {sample.Case}}, "then=update").At(http.StatusOK)
	var walk func(answers map[string]any, prefix string)
	walk = func(answers map[string]any, prefix string) {
		for id, v := range answers {
			switch x := v.(type) {
			case map[string]any:
				walk(x, prefix+id+".")
			case []any:
				for b.count(prefix+id) > 0 && b.count(prefix+id) < len(x) {
					b.Upload(path, nil, "add="+prefix+id).At(http.StatusOK)
				}
			}
		}
	}
	walk(sample.Answers, "")
	names := map[string]bool{}
	webtest.Each(b.Page, func(n *html.Node) { names[webtest.Attr(n, "name")] = true })
	fit := maps.Clone(values)
	maps.DeleteFunc(fit, func(name string, _ []string) bool { return !names[name] })
	return fit
}

// count is how many items of a list the page shows.
func (b *browser) count(path string) int {
	n := 0
	for webtest.First(b.Page, func(x *html.Node) bool {
		return x.Data == "button" && webtest.Attr(x, "name") == "remove" && webtest.Attr(x, "value") == path+"."+string(rune('0'+n))+"."
	}) != nil {
		n++
	}
	return n
}

// Every procedure can be received at the counter on one page: filed, received,
// and its receipt there to print.
func TestEveryProcedureAtTheCounter(t *testing.T) {
	w := open(t)
	b := w.browser("motcua")
	b.Get("/mot-cua/tiep-nhan").At(http.StatusOK)
	for _, e := range w.book.Catalogue.Entries() {
		if !e.Offered {
			continue
		}
		t.Run(e.Code, func(t *testing.T) {
			w.t = t
			b.Has(e.Code)
			path := "/mot-cua/tiep-nhan/" + e.Code
			values, sample := w.typedAt(e.Code)
			b.Get(path).At(http.StatusOK)
			if webtest.First(b.Page, func(n *html.Node) bool { return webtest.Attr(n, "name") == "tiep-nhan.agency" }) != nil {
				values.Set("tiep-nhan.agency", webtest.Attr(webtest.First(b.Page, func(n *html.Node) bool { return webtest.Attr(n, "name") == "tiep-nhan.agency" }), "value"))
			}
			b.Upload(path, b.grow(path, sample, values), "").At(http.StatusOK)
			code, ok := received(b)
			if !ok {
				t.Fatalf("led to %s (%d)\n%s", b.Path, b.Status, webtest.Visible(b.Page))
			}
			b.Has("Đã tiếp nhận hồ sơ "+string(code), "In giấy tiếp nhận", `data="/mot-cua/ho-so/`+string(code)+`/giay/receipt"`)
			f := must(w.book.Open(context.Background(), w.actor("motcua"), code))
			if f.State.Channel != procedure.Counter || f.State.Receipt == "" || f.State.Due.IsZero() || f.State.Account != 0 {
				t.Errorf("%+v", f.State)
			}
			if b.Get("/mot-cua/ho-so/" + string(code) + "/giay/receipt").At(http.StatusOK); !strings.HasPrefix(b.Text, "%PDF-") {
				t.Error("no receipt")
			}
			b.Get(path + "?lang=en").At(http.StatusOK)
			b.Get("/mot-cua/tiep-nhan?lang=vi").At(http.StatusOK)
		})
	}
}

// received is the dossier that a counter led to.
func received(b *browser) (dossier.Code, bool) {
	u := must(url.Parse(b.Path))
	code, ok := dossier.ParseCode(u.Query().Get("ma"))
	return code, ok && u.Query().Get("da") == "counter"
}

// What is wrong is said all at once, what was typed and scanned stays, and until
// all is right nothing is there.
func TestCounterIsOneTransaction(t *testing.T) {
	w := open(t)
	b := w.browser("motcua")
	const path = "/mot-cua/tiep-nhan/1.001193"
	values, sample := w.typedAt("1.001193")
	b.Get(path)
	values = b.grow(path, sample, values)
	wrong := maps.Clone(values)
	wrong.Set("nguoi-de-nghi.id_number", "12")
	wrong.Set("nguoi-de-nghi.name", "Lê <Thị> Hoa")
	wrong.Set("nguoi-de-nghi.birth_date", "31/02/1990")
	asked := must(w.book.Catalogue.Show(context.Background(), "1.001193", day(w))).Facts.Case(sample.Case).Components
	var unticked, scanned string
	for _, k := range asked {
		if k.Optional || k.When != nil {
			continue
		}
		if unticked == "" {
			unticked = k.ID
		} else if scanned == "" && k.Uploads() {
			scanned = k.ID
		}
	}
	if unticked == "" {
		t.Fatal("nothing is asked")
	}
	wrong.Del("giay-" + unticked)
	files := []webtest.File{{Input: "tep-" + unticked, Name: "sai.txt", Content: []byte("no scan")}}
	if scanned != "" {
		files = append(files, webtest.File{Input: "tep-" + scanned, Name: "giấy chứng sinh.png", Content: must(w.book.SamplePaper())})
	}
	b.Upload(path, wrong, "", files...).At(http.StatusUnprocessableEntity).
		Has("Lê &lt;Thị&gt; Hoa", "31/02/1990", "Người đề nghị – Số định danh hoặc mã số doanh nghiệp: gồm 12 chữ số", "ngày có thật", "sai.txt” không dùng được", "Thiếu hoặc chưa hợp lệ", `href="#nguoi-de-nghi-id_number"`, `href="#giay-`+unticked+`"`)
	if scanned != "" {
		b.Has("Giữ bản quét giấy chứng sinh")
	}
	if items, _, _ := w.book.Seek(context.Background(), w.actor("motcua"), dossier.Sought{Procedure: "1.001193"}, 10); len(items) != 0 {
		t.Fatalf("%d dossiers after a refusal", len(items))
	}
	right := url.Values{"nguoi-de-nghi.id_number": {"046190001234"}, "nguoi-de-nghi.name": {"Lê Thị Hoa"}, "nguoi-de-nghi.birth_date": {"28/02/1990"}, "giay-" + unticked: {"yes"},
		"nguoi-nop-thay.name": {"Trần Văn An"}, "nguoi-nop-thay.id_number": {"046080000001"}, "tiep-nhan.channel": {"post"}}
	again := b.Form(path)
	b.Upload(path, right, "").At(http.StatusOK)
	code, ok := received(b)
	if !ok {
		t.Fatalf("led to %s\n%s", b.Path, webtest.Visible(b.Page))
	}
	s := must(w.book.Find(context.Background(), w.actor("motcua"), code))
	if s.Applicant.Name != "Lê Thị Hoa" || s.Submitter == nil || s.Submitter.Name != "Trần Văn An" || s.Channel != procedure.Post || s.ReceivedAt.IsZero() {
		t.Errorf("%+v", s)
	}
	if scanned != "" {
		found := false
		for _, d := range s.Documents {
			found = found || d.Component == scanned && d.File != ""
		}
		if !found {
			t.Errorf("the scan is lost: %+v", s.Documents)
		}
	}
	// The same form once more is the same dossier.
	maps.Copy(again, right)
	b.Get(path)
	r, err := b.Client.PostForm(b.url+path, again)
	b.Show(r, err)
	if twice, _ := received(b); twice != code {
		t.Errorf("sent twice: %s and %s\n%s", code, twice, webtest.Visible(b.Page))
	}
	if err := w.book.Verify(context.Background(), func(f dossier.Finding) { t.Errorf("%+v", f) }, func(int64) {}); err != nil {
		t.Error(err)
	}
}

// The same form with the same scan, sent twice, is the same dossier.
func TestCounterTwiceWithScan(t *testing.T) {
	w := open(t)
	b := w.browser("motcua")
	const path = "/mot-cua/tiep-nhan/1.001193"
	values, sample := w.typedAt("1.001193")
	b.Get(path)
	values = b.grow(path, sample, values)
	values.Set("nguoi-de-nghi.id_number", "046190001234")
	values.Set("nguoi-de-nghi.name", "Lê Thị Hoa")
	values.Set("nguoi-de-nghi.birth_date", "28/02/1990")
	var input string
	for _, k := range must(w.book.Catalogue.Show(context.Background(), "1.001193", day(w))).Facts.Case(sample.Case).Components {
		if input == "" && k.Uploads() && strings.Contains(b.Text, "tep-"+k.ID) {
			input = "tep-" + k.ID
		}
	}
	if input == "" {
		t.Fatal("nothing can be scanned")
	}
	values.Set("key", b.Form(path).Get("key"))
	paper := must(w.book.SamplePaper())
	var codes []dossier.Code
	for range 2 {
		b.Get(path)
		b.Upload(path, values, "", webtest.File{Input: input, Name: "giấy.png", Content: paper}).At(http.StatusOK)
		code, ok := received(b)
		if !ok {
			t.Fatalf("led to %s\n%s", b.Path, webtest.Visible(b.Page))
		}
		codes = append(codes, code)
	}
	if codes[0] != codes[1] {
		t.Errorf("two dossiers: %v", codes)
	}
}

// A repeating group grows and shrinks without scripts, and the applicant's data
// fill what the form asks again.
func TestCounterItems(t *testing.T) {
	w := open(t)
	b := w.browser("motcua")
	for _, e := range w.book.Catalogue.Entries() {
		path := "/mot-cua/tiep-nhan/" + e.Code
		if !e.Offered {
			continue
		}
		b.Get(path)
		add := webtest.First(b.Page, func(n *html.Node) bool { return n.Data == "button" && webtest.Attr(n, "name") == "add" })
		if add == nil {
			continue
		}
		list := webtest.Attr(add, "value")
		before := b.count(list)
		b.Upload(path, url.Values{"nguoi-de-nghi.name": {"Giữ lại"}}, "add="+list).At(http.StatusOK).Has("Giữ lại")
		if now := b.count(list); now != before+1 {
			t.Fatalf("%s: %s had %d items, has %d", e.Code, list, before, now)
		}
		b.Upload(path, nil, "remove="+list+".0.").At(http.StatusOK).Has("Giữ lại")
		if now := b.count(list); now != max(before, 0) && now != before {
			t.Errorf("%s: %d items after one was removed", e.Code, now)
		}
		return
	}
	t.Fatal("no procedure has a list")
}

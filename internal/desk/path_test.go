// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/web/webtest"
)

// officers are who moves a dossier on, in the order of the work.
var officers = []string{"motcua", "truongphong", "chuyenvien", "lanhdao", "thuquy"}

// desks are the browsers of all officers.
func (w *town) desks() map[string]*browser {
	all := map[string]*browser{}
	for _, login := range officers {
		all[login] = w.browser(login)
	}
	return all
}

// choose is what an officer fills a form in with: what is required takes its
// first choice or its example, and every component is found complete.
func choose(o dossier.Offer) url.Values {
	values := url.Values{}
	for _, p := range o.Params {
		name := o.Act + "." + p.Name
		switch {
		case p.Type == "choices":
			for _, c := range p.Choices {
				values.Add(name, c.Value)
			}
		case !p.Required:
		case len(p.Choices) > 0:
			values.Set(name, p.Choices[0].Value)
		default:
			flat(map[string]any{p.Name: p.Example}, o.Act+".", values)
		}
	}
	return values
}

// next does by forms what is offered first to any officer; it returns the act
// that was done, "" if none is left.
func (w *town) next(desks map[string]*browser, code dossier.Code) string {
	w.t.Helper()
	for _, login := range officers {
		who, b := w.actor(login), desks[login]
		s, err := w.book.Find(context.Background(), who, code)
		if err != nil {
			continue
		}
		offers, err := w.book.Offers(context.Background(), who, &s)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, o := range offers {
			if o.Aside {
				continue
			}
			action := "/mot-cua/ho-so/" + string(code) + "/viec/" + o.Act
			b.Get("/mot-cua/ho-so/" + string(code) + "?hang=" + url.QueryEscape(string(s.Work))).At(http.StatusOK).Has(o.Label.VI)
			b.Submit(action, choose(o), "").At(http.StatusOK)
			if !strings.Contains(b.Path, "da="+o.Act) {
				w.t.Fatalf("%s %s leads to %s\n%s", o.Act, code, b.Path, webtest.Visible(b.Page))
			}
			return o.Act
		}
	}
	return ""
}

// Every dossier of every procedure goes its whole way by forms alone, and every
// page of it stands in both languages.
func TestWholePathOfEveryProcedure(t *testing.T) {
	w := open(t)
	desks := w.desks()
	for _, e := range w.book.Catalogue.Entries() {
		if !e.Offered {
			continue
		}
		t.Run(e.Code, func(t *testing.T) {
			w.t = t
			s := w.file(e.Code)
			code := s.Code
			var done []string
			for range 40 {
				act := w.next(desks, code)
				if act == "" {
					break
				}
				done = append(done, act)
			}
			b := desks["motcua"]
			now, err := w.book.Find(context.Background(), w.actor("motcua"), code)
			if err != nil || now.Phase != dossier.Returned {
				t.Fatalf("ended in %s after %v %v", now.Phase, done, err)
			}
			b.Get("/mot-cua/ho-so/" + string(code) + "?lang=en").At(http.StatusOK).Has("Result handed over")
			b.Get("/mot-cua/thu-tuc/" + e.Code).At(http.StatusOK)
			b.Get("/mot-cua/thu-tuc/" + e.Code + "?lang=vi").At(http.StatusOK).Has(e.Name.VI)
		})
	}
}

// One dossier from queue to queue: what each officer sees, reads and is led to.
func TestQueuesAndPapers(t *testing.T) {
	w := open(t)
	desks := w.desks()
	one, two := w.file("1.001193"), w.file("1.001193")
	clerk := desks["motcua"]
	clerk.Get("/mot-cua").At(http.StatusOK).Has("Chờ tiếp nhận", string(one.Code), string(two.Code), "Đăng ký khai sinh", "Trả lời trước 09:01 ngày 24/11/2026")
	here := "/mot-cua/ho-so/" + string(one.Code)
	clerk.Get(here+"?hang=receive").At(http.StatusOK).Has("Tiếp nhận, chuyển xử lý", "Thành phần hồ sơ đã kiểm tra", "Nộp hồ sơ", "Để sau, sang hồ sơ tiếp theo")
	for _, d := range one.Documents {
		clerk.Get(here + "/tep/" + d.File).At(http.StatusOK)
		clerk.Get(here + "?xem=" + d.File).At(http.StatusOK).Has(`data="` + here + "/tep/" + d.File + `"`)
	}
	// After the first dossier the clerk stands on the next one of the queue.
	clerk.Get(here+"?hang=receive").Submit(here+"/viec/receive", url.Values{"receive.components": components(t, w, one.Code), "receive.note": {"Đủ, <đúng>"}}, "").At(http.StatusOK)
	if !strings.HasPrefix(clerk.Path, "/mot-cua/ho-so/"+string(two.Code)+"?") {
		t.Errorf("after the act on %s", clerk.Path)
	}
	clerk.Has("Đã tiếp nhận hồ sơ " + string(one.Code))
	clerk.Submit("/mot-cua/ho-so/"+string(two.Code)+"/viec/receive", url.Values{"receive.components": components(t, w, two.Code)}, "").At(http.StatusOK)
	if !strings.HasPrefix(clerk.Path, "/mot-cua?hang=receive") {
		t.Errorf("after the last act on %s", clerk.Path)
	}
	clerk.Has("Không có hồ sơ nào ở đây")
	clerk.Get(here).Has("Đủ, &lt;đúng&gt;", "Phiếu chuyển", "Vì sao hẹn giờ này", "Còn ").Lacks("<đúng>")
	for _, paper := range []string{"/giay/submission", "/giay/receipt", "/giay/control", "/giay/transfer", "/du-thao"} {
		if clerk.Get(here + paper).At(http.StatusOK); !strings.HasPrefix(clerk.Text, "%PDF-") {
			t.Errorf("%s is no PDF", paper)
		}
	}
	clerk.Get(here + "/ket-qua/x").At(http.StatusNotFound)
	clerk.Get(here + "/tep/x").At(http.StatusNotFound)
	for range 20 {
		if w.next(desks, one.Code) == "" {
			break
		}
	}
	clerk.Get(here).At(http.StatusOK).Has("Đã trả kết quả")
	href := webtest.Attr(webtest.First(clerk.Page, func(n *html.Node) bool {
		return n.Data == "a" && strings.Contains(webtest.Attr(n, "href"), "xem=ket-qua")
	}), "href")
	clerk.Get(strings.TrimSuffix(href, "#giay-to")).At(http.StatusOK)
	paper := webtest.Attr(webtest.First(clerk.Page, func(n *html.Node) bool { return n.Data == "object" }), "data")
	if clerk.Get(paper).At(http.StatusOK); !strings.HasPrefix(clerk.Text, "%PDF-") {
		t.Errorf("the result at %q is no PDF", paper)
	}
	head := desks["truongphong"]
	head.Get("/mot-cua?don-vi=H57.101").At(http.StatusOK).Has(string(one.Code), string(two.Code))
	head.Get("/mot-cua?don-vi=H57.102").At(http.StatusNotFound)
	head.Get("/mot-cua?hang=receive").At(http.StatusNotFound)
}

// components are all components that reception asks for.
func components(t *testing.T, w *town, code dossier.Code) []string {
	t.Helper()
	s, err := w.book.Find(context.Background(), w.actor("motcua"), code)
	if err != nil {
		t.Fatal(err)
	}
	offers, err := w.book.Offers(context.Background(), w.actor("motcua"), &s)
	if err != nil {
		t.Fatal(err)
	}
	return choose(offers[0])["receive.components"]
}

func TestWhoMay(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	here := "/mot-cua/ho-so/" + string(s.Code)
	if b := w.browser(""); true {
		r := must(b.Client.Get(w.url + here + "?hang=receive"))
		r.Body.Close()
		if got := r.Request.URL; got.Path != "/dang-nhap" || got.Query().Get("next") != here+"?hang=receive" {
			t.Errorf("a stranger is led to %s", got)
		}
	}
	w.browser("nguoidan").Get("/mot-cua").At(http.StatusForbidden).Has("Trang này dành cho cán bộ")
	w.browser("nguoidan").Get(here).At(http.StatusForbidden)
	w.browser("phuxuan").Get(here).At(http.StatusNotFound).Has("Không tìm thấy hồ sơ")
	w.browser("phuxuan").Get(here + "/giay/submission").At(http.StatusNotFound)
	admin := w.browser("quantri")
	admin.Get("/mot-cua").At(http.StatusOK).Has("Vai trò của bạn không có danh sách việc")
	admin.Get(here).At(http.StatusNotFound)
	admin.Get("/mot-cua/tiep-nhan").At(http.StatusOK).Has("Chỉ cán bộ một cửa")
	admin.Get("/mot-cua/tiep-nhan/1.001193").At(http.StatusForbidden)
	admin.Get("/mot-cua/khong-co").At(http.StatusNotFound).Has("Không có trang")
	w.browser("motcua").Get(here + "/khac").At(http.StatusNotFound)

	// The leader sees the dossier but may not receive it: 403, and nothing typed is lost.
	leader := w.browser("lanhdao")
	leader.Get(here).At(http.StatusOK).Has("Hiện bạn không có việc nào")
	clerk := w.browser("motcua")
	values := clerk.Get(here).Form(here + "/viec/receive")
	values.Set("csrf", leader.csrf())
	values.Set("receive.note", "Ghi chú của tôi")
	r, err := leader.Client.PostForm(w.url+here+"/viec/receive", values)
	leader.Show(r, err)
	leader.At(http.StatusForbidden).Has("Ghi chú của tôi", "không có quyền")
	// A form without its token does nothing.
	values.Set("csrf", "x")
	r, err = clerk.Client.PostForm(w.url+here+"/viec/receive", values)
	clerk.Show(r, err)
	clerk.At(http.StatusForbidden)
	if now, _ := w.book.Find(context.Background(), w.actor("motcua"), s.Code); now.Phase != dossier.Filed {
		t.Errorf("phase %s", now.Phase)
	}
}

// csrf is the form token of the page shown.
func (b *browser) csrf() string {
	return webtest.Attr(webtest.First(b.Page, func(n *html.Node) bool { return n.Data == "input" && webtest.Attr(n, "name") == "csrf" }), "value")
}

// Somebody else came first: 409, who changed what, and what was typed stays.
func TestStaleVersion(t *testing.T) {
	w := open(t)
	desks := w.desks()
	s := w.file("1.001193")
	here := "/mot-cua/ho-so/" + string(s.Code)
	w.next(desks, s.Code) // receive
	late := desks["chuyenvien"]
	late.Get(here)
	who := w.actor("chuyenvien")
	now, _ := w.book.Find(context.Background(), who, s.Code)
	offers, err := w.book.Offers(context.Background(), who, &now)
	if err != nil || len(offers) == 0 {
		t.Fatalf("offers %v %v", offers, err)
	}
	values := choose(offers[0])
	values.Set(offers[0].Act+".note", "Chữ đã gõ & giữ")
	head := desks["truongphong"]
	head.Get(here)
	if act := webtest.First(head.Page, func(n *html.Node) bool { return strings.Contains(webtest.Attr(n, "action"), "/viec/") }); act == nil {
		t.Fatalf("the head has nothing to do\n%s", webtest.Visible(head.Page))
	} else {
		headOffers, _ := w.book.Offers(context.Background(), w.actor("truongphong"), &now)
		head.Submit(webtest.Attr(act, "action"), choose(headOffers[0]), "").At(http.StatusOK)
	}
	late.Submit(here+"/viec/"+offers[0].Act, values, "").At(http.StatusConflict).
		Has("Đã thay đổi từ khi bạn mở trang", "Phân công xử lý", "Phạm Văn Dũng", "Chữ đã gõ & giữ")
	// What is on the page now can be sent as it is.
	late.Submit(here+"/viec/"+offers[0].Act, nil, "").At(http.StatusOK).Has("Chữ đã gõ & giữ")

	// An act that is not offered any more: what was typed is shown apart.
	stale := w.browser("chuyenvien")
	stale.Get(here)
	form := webtest.First(stale.Page, func(n *html.Node) bool { return strings.Contains(webtest.Attr(n, "action"), "/viec/") })
	if form == nil {
		t.Fatal("nothing to do")
	}
	for range 10 {
		if w.next(desks, s.Code); must(w.book.Find(context.Background(), who, s.Code)).Work != dossier.ToHandle {
			break
		}
	}
	act := webtest.Attr(form, "action")
	name := act[strings.LastIndexByte(act, '/')+1:] + ".note"
	stale.Submit(act, url.Values{name: {"Điều đã gõ"}}, "").At(http.StatusConflict).Has("Nội dung bạn đã nhập", "Điều đã gõ")
}

// Two officers send the same act at the same time: one wins, once.
func TestExactlyOneWins(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	here := "/mot-cua/ho-so/" + string(s.Code)
	all := components(t, w, s.Code)
	const n = 4
	codes := make(chan int, n)
	var ready []func()
	for range n {
		b := w.browser("motcua")
		values := b.Get(here).Form(here + "/viec/receive")
		values["receive.components"] = all
		ready = append(ready, func() {
			r, err := b.Client.PostForm(b.url+here+"/viec/receive", values)
			if err != nil {
				codes <- 0
				return
			}
			r.Body.Close()
			codes <- r.StatusCode
		})
	}
	for _, send := range ready {
		go send()
	}
	won := 0
	for range n {
		switch c := <-codes; c {
		case http.StatusOK:
			won++
		case http.StatusConflict:
		default:
			t.Errorf("answered %d", c)
		}
	}
	f := must(w.book.Open(context.Background(), w.actor("motcua"), s.Code))
	received := 0
	for _, r := range f.Events {
		if r.Kind() == "received" {
			received++
		}
	}
	if won != 1 || received != 1 {
		t.Errorf("%d won, received %d times", won, received)
	}
}

// The same form sent twice is one act, and leads to the same place.
func TestSentTwiceIsOnce(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	here := "/mot-cua/ho-so/" + string(s.Code)
	b := w.browser("motcua")
	values := b.Get(here).Form(here + "/viec/receive")
	values["receive.components"] = components(t, w, s.Code)
	for range 2 {
		r, err := b.Client.PostForm(b.url+here+"/viec/receive", values)
		b.Show(r, err)
		b.At(http.StatusOK).Has("Đã tiếp nhận hồ sơ")
	}
	values.Set("receive.note", "khác")
	r, err := b.Client.PostForm(b.url+here+"/viec/receive", values)
	b.Show(r, err)
	b.At(http.StatusConflict).Has("khác")
}

// Wrong input: the same page, every wrong field, and all that was typed.
func TestWrongInputIsKept(t *testing.T) {
	w := open(t)
	desks := w.desks()
	s := w.file("1.001193")
	here := "/mot-cua/ho-so/" + string(s.Code)
	b := desks["motcua"]
	b.Get(here).Submit(here+"/viec/receive", url.Values{"receive.components": {""}, "receive.note": {"Thiếu giấy chứng sinh"}}, "").
		At(http.StatusUnprocessableEntity).Has("chưa đủ thành phần", "Thiếu giấy chứng sinh", `href="#receive-components"`)
	w.next(desks, s.Code)
	who := w.actor("chuyenvien")
	for range 10 {
		now := must(w.book.Find(context.Background(), who, s.Code))
		offers := must(w.book.Offers(context.Background(), who, &now))
		if len(offers) > 0 && offers[0].Act == "propose" {
			break
		}
		w.next(desks, s.Code)
	}
	now := must(w.book.Find(context.Background(), who, s.Code))
	offers := must(w.book.Offers(context.Background(), who, &now))
	if len(offers) == 0 || offers[0].Act != "propose" {
		t.Fatalf("no proposal is offered: %+v", offers)
	}
	values := choose(offers[0])
	wrong := 0
	for _, p := range offers[0].Params {
		if p.Field != nil && p.Required && p.Field.Type != form.Group && len(p.Choices) == 0 {
			values.Set("propose."+p.Name, " ")
			wrong++
		}
	}
	if wrong == 0 {
		t.Fatal("the template asks for nothing")
	}
	values.Set("propose.note", "Ý kiến <của tôi>")
	late := desks["chuyenvien"]
	late.Get(here).Submit(here+"/viec/propose", values, "").At(http.StatusUnprocessableEntity).Has("Ý kiến &lt;của tôi&gt;")
	links := 0
	webtest.Each(late.Page, func(n *html.Node) {
		if strings.HasPrefix(webtest.Attr(n, "href"), "#propose-") {
			links++
		}
	})
	if links != wrong {
		t.Errorf("%d wrong fields, %d links\n%s", wrong, links, webtest.Visible(late.Page))
	}
}

// What is missing is named item by item, with as many items as it takes, and
// nothing is sent before the officer says so.
func TestAskSupplement(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	b := w.browser("motcua")
	at, act := "/mot-cua/ho-so/"+string(s.Code), "/mot-cua/ho-so/"+string(s.Code)+"/viec/ask_supplement"
	first := url.Values{"ask_supplement.lacks.0.about": {"component:" + s.ToCheck[0]}, "ask_supplement.lacks.0.reason": {"unreadable"}}
	b.Get(at).At(http.StatusOK).Submit(act, first, "add=ask_supplement.lacks").At(http.StatusOK).Has("ask_supplement.lacks.1.about").Lacks("Có chỗ cần sửa")
	b.Submit(act, url.Values{"ask_supplement.lacks.1.reason": {"other"}}, "").At(http.StatusUnprocessableEntity).Has("Điểm 2 – Giấy tờ hoặc nội dung khai", "Điểm 2 – Ghi rõ cần làm gì")
	b.Submit(act, url.Values{"ask_supplement.lacks.1.about": {"question:child"}, "ask_supplement.lacks.1.text": {"Ghi rõ phường, xã nơi sinh."}}, "").At(http.StatusOK).
		Has("Yêu cầu bổ sung giấy tờ", "Ghi rõ phường, xã nơi sinh.", "Bản chụp mờ")
	if now := must(w.book.Find(context.Background(), w.actor("motcua"), s.Code)); len(now.Lacks) != 2 || now.Wait == nil {
		t.Errorf("%+v", now.Lacks)
	}
	b.Get("/mot-cua?hang=wait").At(http.StatusOK).Has(string(s.Code))
}

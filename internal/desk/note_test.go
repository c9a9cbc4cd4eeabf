// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/dossier"
	"motcua/internal/web/webtest"
)

// What others did since an officer looked last is marked in the queue and in
// the history, until it has been looked at.
func TestNews(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	here := "/mot-cua/ho-so/" + string(s.Code)
	const changed, news = "Có thay đổi", "Mới từ lần xem trước"
	b := w.browser("motcua")
	b.Get("/mot-cua?hang=receive").Lacks(changed)
	b.Get(here).At(http.StatusOK).Lacks(news)
	b.Get("/mot-cua?hang=receive").Lacks(changed)
	for range 2 {
		s = must(w.book.Act(context.Background(), w.actor("nguoidan"), s.Code, dossier.Request{Act: "message", Version: s.Version, Params: map[string]any{"text": "Bao giờ xong?"}}))
	}
	b.Get("/mot-cua?hang=receive").Has(changed)
	b.Get(here+"?hang=receive").Has("2 việc mới trong lịch sử", news)
	if n := strings.Count(b.Text, news); n != 2 {
		t.Errorf("%d marks", n)
	}
	// Going on from paper to paper keeps the marks; coming again does not.
	paper := webtest.First(b.Page, func(n *html.Node) bool {
		return n.Data == "a" && strings.Contains(webtest.Attr(n, "href"), "da-xem=")
	})
	b.Get(webtest.Attr(paper, "href")).At(http.StatusOK).Has("2 việc mới trong lịch sử")
	b.Get(here).Lacks(news)
	b.Get("/mot-cua?hang=receive").Lacks(changed)
	// One's own work is no news.
	b.Get(here).Submit(here+"/viec/message", url.Values{"message.text": {"Thứ Tư."}}, "").At(http.StatusOK)
	b.Get("/mot-cua?hang=receive").Lacks(changed)
	b.Get(here).Has("Thứ Tư.").Lacks(news)
}

// A note is one's own, labels are the agency's and narrow the queue; what is
// refused stays typed.
func TestNote(t *testing.T) {
	w := open(t)
	s, other := w.file("1.001193"), w.file("1.001193")
	here := "/mot-cua/ho-so/" + string(s.Code)
	b, head := w.browser("motcua"), w.browser("truongphong")
	b.Get(here).Submit(here+"/ghi-chu", url.Values{"note": {"Bà cụ <nghễnh ngãng>,\ngọi con trai"}}, "").At(http.StatusOK).Has("Đã lưu ghi chú", "Bà cụ &lt;nghễnh ngãng&gt;", "Lưu lúc")
	head.Get(here).At(http.StatusOK).Lacks("nghễnh ngãng")
	b.Submit(here+"/ghi-chu", url.Values{"note": {strings.Repeat("dài ", 501)}}, "").At(http.StatusUnprocessableEntity).Has("Ghi chú riêng: dài quá 2000 ký tự", "dài dài")
	b.Get(here).Has("gọi con trai").Submit(here+"/ghi-chu", nil, "bo=1").Has("Đã xoá ghi chú").Lacks("gọi con trai")

	head.Submit(here+"/nhan", url.Values{"label": {"chờ gọi lại"}}, "").At(http.StatusOK).Has("Đã gắn nhãn", "chờ gọi lại")
	b.Get(here).Has("chờ gọi lại")
	b.Submit(here+"/nhan", url.Values{"label": {strings.Repeat("x", 31)}}, "").At(http.StatusUnprocessableEntity).Has("Nhãn: dài quá 30 ký tự", strings.Repeat("x", 31))
	b.Get("/mot-cua?hang=receive").Has("Mọi nhãn", "chờ gọi lại", string(other.Code))
	b.Get("/mot-cua?hang=receive&nhan=" + url.QueryEscape("chờ gọi lại")).Has(string(s.Code)).Lacks(string(other.Code))
	b.Get("/mot-cua?hang=receive&nhan=khac").Has("Không có hồ sơ nào khớp")
	b.Get(here).Submit(here+"/nhan", nil, "bo=chờ gọi lại").At(http.StatusOK).Has("Đã bỏ nhãn")
	b.Get("/mot-cua?hang=receive").Lacks("Mọi nhãn", "chờ gọi lại")
	w.browser("phuxuan").Get(here).At(http.StatusNotFound)
}

// Who assigns sees what each officer has in hand; the suggested one is first,
// who is away last.
func TestSuggestion(t *testing.T) {
	w := open(t)
	desks := w.desks()
	head := desks["truongphong"]
	to := func() string {
		code := w.file("1.001612").Code
		for range 10 {
			s := must(w.book.Find(context.Background(), w.actor("truongphong"), code))
			if s.Work == dossier.ToAssign && !s.Forward {
				return "/mot-cua/ho-so/" + string(code)
			}
			w.next(desks, code)
		}
		t.Fatal("is never assigned")
		return ""
	}
	here := to()
	order := func(want ...string) {
		t.Helper()
		text := head.Text
		for _, s := range want {
			_, after, found := strings.Cut(text, s)
			if !found {
				t.Fatalf("%q is not there, or not in this place\n%s", s, webtest.Visible(head.Page))
			}
			text = after
		}
	}
	head.Get(here)
	order("Lê Quang Minh – đang giữ 0 hồ sơ (gợi ý", "Bùi Đức Anh – đang giữ 0 hồ sơ<")
	head.Submit(here+"/viec/assign", url.Values{"assign.officer": {"chuyenvien"}}, "").At(http.StatusOK)
	here = to()
	head.Get(here)
	order("Bùi Đức Anh – đang giữ 0 hồ sơ (gợi ý", "Lê Quang Minh – đang giữ 1 hồ sơ<")
	head.Get("/mot-cua?hang=assign")
	order("Bùi Đức Anh – đang giữ 0 hồ sơ (gợi ý", "Lê Quang Minh – đang giữ 1 hồ sơ<")
	if err := w.site.SaveAbsence(context.Background(), audit.By{}, agency.Absence{Account: w.actor("chuyenvien2").Account, From: day(w), To: day(w) + 1, Substitute: w.actor("chuyenvien").Account}); err != nil {
		t.Fatal(err)
	}
	head.Get(here)
	order("Lê Quang Minh – đang giữ 1 hồ sơ (gợi ý", "Bùi Đức Anh – vắng đến hết ngày 24/11/2026, đang giữ 0 hồ sơ")
}

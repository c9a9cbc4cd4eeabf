// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/internal/web/webtest"

	"golang.org/x/net/html"
)

// An administrator declares an outage, a clerk draws and prints numbers, and
// books what was received on paper once it is over; the same number only once.
func TestOutagePages(t *testing.T) {
	w := open(t)
	admin, clerk := w.browser("quantri"), w.browser("motcua")
	const path = "/mot-cua/gian-doan"
	admin.Get(path).At(http.StatusOK).
		Submit(path, url.Values{"kind": {"planned"}, "from_day": {"25/11/2026"}, "from_time": {"22:00"}, "to_day": {"25/11/2026"}, "to_time": {"23:00"}, "reason": {"Bảo trì"}, "fallback": {"Đến quầy"}}, "viec=declare").
		At(http.StatusUnprocessableEntity).Has("ít nhất 7 ngày làm việc", "02/12/2026", "Nghị định 224/2026", "Bảo trì").
		Submit(path, url.Values{"kind": {"sudden"}, "from_day": {"23/11/2026"}, "from_time": {"08:30"}, "reason": {""}}, "viec=declare").At(http.StatusUnprocessableEntity).Has("cần điền mục này").
		Submit(path, url.Values{"reason": {"Đứt cáp quang"}, "fallback": {"Đến quầy"}}, "viec=declare").At(http.StatusOK).Has("Hệ thống đang gián đoạn", "Đứt cáp quang")
	clerk.Get("/mot-cua").Has("Đứt cáp quang")
	clerk.Get(path).At(http.StatusOK).Lacks("Khai đợt gián đoạn").
		Submit(path, url.Values{"noi": {"H57.101.1"}, "n": {"a"}}, "viec=draw").At(http.StatusUnprocessableEntity).
		Get(path).Submit(path, url.Values{"noi": {"H57.101.1"}, "n": {"2"}}, "viec=draw").At(http.StatusOK).Has("TAM-H57.101.1-", "-0002")
	number := ""
	webtest.Each(clerk.Page, func(n *html.Node) {
		if webtest.Attr(n, "name") == "number" && number == "" {
			number = webtest.Attr(n, "value")
		}
	})
	for _, href := range []string{"/giay"} {
		link := webtest.First(clerk.Page, func(n *html.Node) bool { return strings.HasSuffix(webtest.Attr(n, "href"), href) })
		if clerk.Get(webtest.Attr(link, "href")).At(http.StatusOK); !strings.HasPrefix(clerk.Text, "%PDF-") {
			t.Error("no slips")
		}
	}
	w.clock.move(3 * time.Hour)
	admin, clerk = w.browser("quantri"), w.browser("motcua")
	admin.Get(path).Submit(path, nil, "viec=end").At(http.StatusOK).Lacks("Hệ thống đang gián đoạn")

	const counter = "/mot-cua/tiep-nhan/1.001193"
	values, sample := w.typedAt("1.001193")
	values.Set("gian-doan.number", number)
	values.Set("gian-doan.day", "23/11/2026")
	values.Set("gian-doan.time", "10:15")
	clerk.Get(counter).Has("Số tạm")
	fit := clerk.grow(counter, sample, values)
	clerk.Upload(counter, fit, "").At(http.StatusOK).Has("Số tạm khi hệ thống gián đoạn", number, "10:15")
	clerk.Get(counter)
	clerk.Upload(counter, clerk.grow(counter, sample, values), "").At(http.StatusUnprocessableEntity).Has("đã nhập vào hồ sơ")
	clerk.Get(path+"?lang=en").Has("Outages", "H57.101.1-261123-0001")
}

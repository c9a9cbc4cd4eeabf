// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"motcua/internal/web/webtest"
)

// Who opens a dossier without a task is told that it is written down, can say why,
// and stands in the list of who heads the agency.
func TestLookWithoutATask(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	path := "/mot-cua/ho-so/" + string(s.Code)
	clerk := w.browser("motcua")
	clerk.Get(path).At(http.StatusOK).Lacks("không có nhiệm vụ")
	other := w.browser("chuyenvien2")
	other.Get(path).At(http.StatusOK).Has("Bạn không có nhiệm vụ ở hồ sơ này")
	why := path + "/vi-sao"
	other.Submit(why, url.Values{"ly-do": {""}}, "").At(http.StatusUnprocessableEntity).Has("Hãy nêu lý do")
	other.Get(path).Submit(why, url.Values{"ly-do": {strings.Repeat("dài ", 100)}}, "").At(http.StatusUnprocessableEntity)
	other.Get(path).Submit(why, url.Values{"ly-do": {"Trả lời <điện thoại>"}}, "").At(http.StatusOK).Has("Đã ghi lý do")
	w.browser("lanhdao").Get("/mot-cua/luot-xem").At(http.StatusOK).Has(string(s.Code), "Trả lời &lt;điện thoại&gt;", "chưa nêu", "127.0.0.1", "chuyên viên")
	// Who looked finds it by the menu, and says why afterwards too; who heads the agency
	// settles it.
	other.Get("/mot-cua").Has(`href="/mot-cua/luot-xem"`)
	w.browser("motcua").Get("/mot-cua/luot-xem").At(http.StatusOK).Has("không có lượt xem nào ngoài nhiệm vụ").Lacks(string(s.Code), "127.0.0.1")
	mine := other.Get("/mot-cua/luot-xem").At(http.StatusOK).Has(string(s.Code), "Lượt xem của bạn").Lacks("Chờ kết luận")
	id := webtest.Attr(webtest.First(mine.Page, func(n *html.Node) bool { return n.Data == "input" && webtest.Attr(n, "name") == "luot" }), "value")
	const explain, settle = "/mot-cua/luot-xem/ly-do", "/mot-cua/luot-xem"
	w.browser("motcua").post(explain, url.Values{"luot": {id}, "viet": {"Không phải tôi"}}).At(http.StatusNotFound)
	other.post(explain, url.Values{"luot": {id}, "viet": {strings.Repeat("dài ", 100)}}).At(http.StatusUnprocessableEntity).Has("Hãy nêu lý do", "dài dài")
	other.post(explain, url.Values{"luot": {id}, "viet": {"Nhầm <mã>"}}).At(http.StatusOK).Has("Nhầm &lt;mã&gt;")
	other.post(settle, url.Values{"luot": {id}, "viet": {"Tự tôi"}, "ket-luan": {"co"}}).At(http.StatusNotFound)
	head := w.browser("lanhdao")
	head.Get("/mot-cua/luot-xem").Has("Nhầm &lt;mã&gt;", "Chờ kết luận").Lacks("Đã kết luận")
	head.post(settle, url.Values{"luot": {id}, "viet": {""}, "ket-luan": {"khong"}}).At(http.StatusUnprocessableEntity).Has("Hãy nêu lý do")
	for _, bad := range []url.Values{{"luot": {id}, "viet": {"x"}, "ket-luan": {"?"}}, {"luot": {"0.999999"}, "viet": {"x"}, "ket-luan": {"co"}}, {"luot": {"0.1"}, "viet": {"x"}, "ket-luan": {"co"}}, {"luot": {"../"}, "viet": {"x"}, "ket-luan": {"co"}}} {
		head.post(settle, bad).At(http.StatusNotFound)
	}
	head.post(settle, url.Values{"luot": {id}, "viet": {"Đã nhắc nhở"}, "ket-luan": {"khong"}}).At(http.StatusOK).Has("Đã kết luận", "Đã nhắc nhở")
	other.Get("/mot-cua/luot-xem").Has("Không có lý do chính đáng", "Đã nhắc nhở")
}

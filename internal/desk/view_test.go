// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
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
	other.Get("/mot-cua/luot-xem").At(http.StatusOK).Has("dành cho trưởng đơn vị").Lacks(string(s.Code))
}

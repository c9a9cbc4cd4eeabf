// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/records"
)

// The applicant is told before their dossier is destroyed and finds in their list
// that it was and by which rule; who could not see it learns as little as of one
// that is there: who looks its code up that it is over, who opens it nothing.
func TestDestroyedIsTold(t *testing.T) {
	w := open(t)
	line := agency.Keep{From: calendar.MustDate("2026-01-01"), Procedure: "1.004859", Years: 2, Name: "Hồ sơ ngắn hạn", Basis: "Căn cứ thử"}
	if err := w.book.Site.AddSchedule(t.Context(), audit.By{}, agency.Schedule{line}); err != nil {
		t.Fatal(err)
	}
	b := w.citizen("nguoidan")
	text, secret := b.fileOne("1.004859")
	code := dossier.Code(text)
	w.finish(code)
	w.citizen("nguoidan").Get("/ho-so/"+text).Has("Thời hạn lưu trữ hồ sơ được xác định", "2 năm sau năm kết thúc", "Xét hủy hoặc nộp lưu trữ lịch sử từ: 01/01/2029")
	k := &records.Keeper{Book: w.book}
	run := func() {
		t.Helper()
		for n := 1; n > 0; {
			var err error
			if n, err = k.Watch(t.Context(), 100); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.book.Deliver(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.move(time.Date(2029, 1, 4, 9, 0, 0, 0, calendar.Zone).Sub(w.clock.Now()))
	run()
	w.citizen("nguoidan").Get("/ho-so").At(http.StatusOK).Has("có trong danh mục xét hủy")
	list, err := k.Rounds(t.Context(), w.officer("lanhdao"))
	if err == nil {
		err = k.Approve(t.Context(), w.officer("lanhdao"), list[0].ID, "13/QĐ-UBND")
	}
	if err != nil {
		t.Fatal(err)
	}
	w.clock.move(32 * 24 * time.Hour)
	run()
	says := []string{"đã được hủy ngày 05/02/2029", "Hồ sơ ngắn hạn", "13/QĐ-UBND"}
	b = w.citizen("nguoidan")
	b.Get("/ho-so").At(http.StatusOK).Has("Hồ sơ đã hủy theo thời hạn lưu trữ", text, "Hồ sơ đã được hủy vì hết thời hạn")
	b.Get("/ho-so/" + text).At(http.StatusNotFound).Has(says...)
	unseen := append([]string{"Hương Giang", "1.004859"}, says...)
	stranger := w.browser()
	stranger.Get("/ho-so/" + text).At(http.StatusNotFound).Lacks(append(unseen, "hủy")...)
	stranger.Get("/tra-cuu?code=" + text).At(http.StatusOK).Has("đã được hủy khi hết thời hạn lưu trữ").Lacks(unseen...)
	stranger.Get("/tra-cuu").Submit("/tra-cuu", url.Values{"code": {text}, "secret": {secret}}, "").At(http.StatusOK).Has("đã được hủy khi hết thời hạn lưu trữ").Lacks(unseen...)
	w.citizen("nguoidan2").Get("/ho-so").Lacks(text)
	w.citizen("nguoidan2").Get("/ho-so/" + text).At(http.StatusNotFound).Lacks(append(unseen, "hủy")...)
	b.Get("/ho-so?lang=en").At(http.StatusOK).Has("Dossiers destroyed at the end of their term")
}

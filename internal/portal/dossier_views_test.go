// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"net/http"
	"net/url"
	"testing"

	"motcua/internal/dossier"
)

// A citizen sees which officers looked into their dossier, and nobody else does.
func TestViewsPage(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	code, _ := b.fileOne("1.004859")
	page := "/ho-so/" + code + "/luot-xem"
	b.Get("/ho-so/" + code).Has(`href="` + page + `"`)
	b.Get(page).At(http.StatusOK).Has("Chưa có cán bộ nào mở")
	for _, login := range []string{"motcua", "chuyenvien2"} {
		if _, err := w.book.Open(t.Context(), w.officer(login), dossier.Code(code)); err != nil {
			t.Fatal(err)
		}
	}
	b.Get(page).At(http.StatusOK).Has("Trần Thị Mỹ Linh, cán bộ một cửa", "đang chờ người này", "không có nhiệm vụ", "91/2025/QH15")
	b.Get(page+"?lang=en").At(http.StatusOK).Has("Who opened the dossier", "waits for them")
	w.citizen("nguoidan2").Get(page).At(http.StatusNotFound).Lacks("Linh")
	if stranger := w.browser(); stranger.Get(page).Path[:10] != "/dang-nhap" {
		t.Errorf("a stranger is led to %s", stranger.Path)
	}
}

// An officer who opens a dossier as strangers do, by the secret on its receipt, has
// looked into it: the applicant sees that, and the head of the agency.
func TestLookupByAnOfficerIsALook(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	code, secret := b.fileOne("1.004859")
	page := "/ho-so/" + code + "/luot-xem"
	typed := url.Values{"code": {code}, "secret": {secret}}
	w.browser().Get("/tra-cuu").Submit("/tra-cuu", typed, "").At(http.StatusOK)
	w.citizen("nguoidan2").Get("/tra-cuu").Submit("/tra-cuu", typed, "").At(http.StatusOK)
	b.Get(page).At(http.StatusOK).Has("Chưa có cán bộ nào mở")
	w.citizen("phuxuan.ld").Get("/tra-cuu").Submit("/tra-cuu", typed, "").At(http.StatusOK)
	b.Get(page).At(http.StatusOK).Has("tra cứu bằng mã in trên giấy hẹn", "không có nhiệm vụ")
}

// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"net/http"
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

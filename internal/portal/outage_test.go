// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"net/http"
	"testing"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/form"
)

// The public reads of an outage on every page, and what to do meanwhile.
func TestOutageIsTold(t *testing.T) {
	w := open(t)
	b := w.browser()
	b.Get("/gian-doan").At(http.StatusOK).Has("Không có đợt gián đoạn nào")
	o, err := w.site.DeclareOutage(t.Context(), audit.By{}, agency.Outage{From: w.clock.Now(), Reason: form.Text{VI: "Mất điện", EN: "Power cut"}, Fallback: form.Text{VI: "Nộp tại quầy."}})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/thu-tuc", "/dang-nhap"} {
		b.Get(path).Has("Mất điện", "/gian-doan")
	}
	b.Get("/gian-doan").Has("Nộp tại quầy.")
	b.Get("/?lang=en").Has("Power cut")
	w.clock.move(time.Hour)
	if err := w.site.EndOutage(t.Context(), audit.By{}, o.ID); err != nil {
		t.Fatal(err)
	}
	b.Get("/").Lacks("Power cut")
	b.Get("/gian-doan").Has("Over")
}

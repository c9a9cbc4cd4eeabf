// SPDX-License-Identifier: Apache-2.0

//go:build walk

package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"motcua/internal/pdf/pdftest"
	"motcua/internal/privacy"
)

// The notice of a breach to the ministry is a paper that is read aloud, and says what
// the register says.
func TestBreachOnPaper(t *testing.T) {
	w := open(t)
	b := must(w.privacy.Record(t.Context(), w.actor("dulieu"), privacy.Incident{Title: "Gửi nhầm tệp", NoticedAt: w.clock.Now(), Kind: "confidentiality", What: "Dòng một\nDòng hai", Whose: "Người nộp hồ sơ", HowMany: 12, Data: "Họ tên"}))
	p := pdftest.Judge(t, []byte(w.browser("dulieu").Get(breaches+"/"+b.Number+"/giay").At(http.StatusOK).Text))
	text := strings.Join(p.Elements, "\n")
	for _, want := range []string{"A05", "72 giờ", "Gửi nhầm tệp", "12", "09 giờ 00 phút, ngày 26/11/2026"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper does not say %q:\n%s", want, text)
		}
	}
}

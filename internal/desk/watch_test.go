// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"net/http"
	"testing"
	"time"
)

// What waits past its limit is on one page, by what it waits for; who works
// elsewhere sees none of it.
func TestWatchPage(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	b := w.browser("motcua")
	b.Get("/mot-cua/giam-sat").At(http.StatusOK).Has("Không có hồ sơ nào")
	w.clock.move(s.StepDue.Add(time.Hour).Sub(w.clock.Now()))
	b = w.browser("motcua")
	b.Get("/mot-cua/giam-sat").At(http.StatusOK).Has("Chưa trả lời người nộp trực tuyến", string(s.Code), "Nghị định 45/2020")
	b.Get("/mot-cua/giam-sat?lang=en").Has("Filed on line and not answered")
	w.browser("quantri").Get("/mot-cua/giam-sat").At(http.StatusOK).Lacks(string(s.Code))
}

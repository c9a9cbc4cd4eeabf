// SPDX-License-Identifier: Apache-2.0

package regime_test

import (
	"strings"
	"testing"

	"motcua/internal/calendar"
	"motcua/internal/regime"
)

func TestOn(t *testing.T) {
	for day, want := range map[string]regime.ID{
		"2010-01-01": "R2019", "2018-06-21": "R2019", "2021-12-05": "R2019", "2021-12-06": "R2021", "2025-06-30": "R2021",
		"2025-07-01": "R2025", "2026-08-04": "R2025", "2026-08-05": "R2026", "2030-01-01": "R2026",
	} {
		if got := regime.On(calendar.MustDate(day)).ID; got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}

// The new official forms hold from a day of their own, within a regime.
func TestFormsOn(t *testing.T) {
	if regime.FormsOn(calendar.MustDate("2025-09-14")) != regime.Forms2018 || regime.FormsOn(calendar.MustDate("2025-09-15")) != regime.Forms2025 {
		t.Error("the forms change on the wrong day")
	}
}

// Who files on line has an answer within eight working hours since NĐ 45/2020.
func TestAnswerOn(t *testing.T) {
	if _, ok := regime.AnswerOn(calendar.MustDate("2020-05-21")); ok {
		t.Error("promised before the decree")
	}
	for _, day := range []string{"2020-05-22", "2026-08-04", "2026-08-05"} {
		a, ok := regime.AnswerOn(calendar.MustDate(day))
		if !ok || !a.Within.Valid() || strings.Contains(a.Basis, "310/2026") != (day == "2026-08-05") {
			t.Errorf("%s: %v %v", day, a, ok)
		}
	}
}

func TestWords(t *testing.T) {
	for s := regime.Status(1); s <= 10; s++ {
		for _, id := range []regime.ID{"R2019", "R2021", "R2025", "R2026", ""} {
			if w := regime.Find(id).Word(s); w.VI == "" || w.EN == "" {
				t.Errorf("%s has no words for %d", id, s)
			}
		}
	}
}

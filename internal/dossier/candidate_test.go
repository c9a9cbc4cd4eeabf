// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"testing"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// Who has the fewest dossiers in hand is suggested first, of equals who was
// given one least recently, and who is away last.
func TestCandidates(t *testing.T) {
	o := open(t)
	var s dossier.State
	first := func(login string, open ...int64) {
		t.Helper()
		list, err := o.Candidates(t.Context(), o.who["truongphong"], s.Competent)
		if err != nil || len(list) != len(open) {
			t.Fatalf("%+v %v", list, err)
		}
		for i, c := range list {
			if c.Open != open[i] || i == 0 && c.Login != login {
				t.Errorf("%s has %d, not %d; first should be %s", c.Login, c.Open, open[i], login)
			}
		}
	}
	assign := func(login string) dossier.State {
		t.Helper()
		s := o.must("truongphong", o.to("truongphong", o.file("1.004859"), "assign"), "assign", map[string]any{"officer": login})
		o.now = o.now.Add(time.Minute)
		return s
	}
	s = assign("chuyenvien")
	first("chuyenvien2", 0, 1)
	mine := assign("chuyenvien2")
	first("chuyenvien", 1, 1) // of equals the one who waited longer
	mine = o.must("truongphong", mine, "reassign", map[string]any{"officer": "chuyenvien"})
	first("chuyenvien2", 0, 2)
	o.now = o.now.Add(time.Minute)
	o.must("truongphong", mine, "reassign", map[string]any{"officer": "chuyenvien2"})
	first("chuyenvien", 1, 1)
	day := calendar.DateOf(o.now)
	if err := o.site.SaveAbsence(t.Context(), audit.By{}, agency.Absence{Account: o.who["chuyenvien"].Account, From: day, To: day + 2, Substitute: o.who["chuyenvien2"].Account}); err != nil {
		t.Fatal(err)
	}
	first("chuyenvien2", 1, 1)
	if list, _ := o.Candidates(t.Context(), o.who["truongphong"], s.Competent); list[0].AwayTo != 0 || list[1].AwayTo != day+2 {
		t.Errorf("%+v", list)
	}
	if _, err := o.Candidates(t.Context(), o.who["nguoidan"], s.Competent); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("a citizen is told: %v", err)
	}
}

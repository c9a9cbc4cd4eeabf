// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"testing"
	"time"

	"motcua/internal/refusal"
)

func TestCheckSteps(t *testing.T) {
	lim := func(n int, unit Unit) Limit { return Limit{n, unit} }
	tests := []struct {
		name  string
		legal Limit
		steps []Limit
		ok    bool
	}{
		{"exactly", lim(3, WorkingDay), []Limit{lim(4, WorkingHour), lim(2, WorkingDay), lim(4, WorkingHour)}, true},
		{"one hour more", lim(3, WorkingDay), []Limit{lim(4, WorkingHour), lim(2, WorkingDay), lim(5, WorkingHour)}, false},
		{"no steps", lim(1, WorkingDay), nil, true},
		{"same day in hours", Limit{Unit: SameDay}, []Limit{lim(4, WorkingHour), lim(4, WorkingHour)}, true},
		{"a same day is a day", lim(2, WorkingDay), []Limit{{Unit: SameDay}, {Unit: SameDay}}, true},
		{"two same days in one", Limit{Unit: SameDay}, []Limit{{Unit: SameDay}, {Unit: SameDay}}, false},
		{"calendar days may all be working days", lim(3, WorkingDay), []Limit{lim(3, Day)}, true},
		{"more of them", lim(3, WorkingDay), []Limit{lim(4, Day)}, false},
		{"days in days", lim(10, Day), []Limit{lim(4, Day), lim(6, Day)}, true},
		{"one more", lim(10, Day), []Limit{lim(4, Day), lim(7, Day)}, false},
		{"a week holds five working days", lim(7, Day), []Limit{lim(4, WorkingDay), lim(8, WorkingHour)}, true},
		{"and not five and an hour", lim(7, Day), []Limit{lim(5, WorkingDay), lim(1, WorkingHour)}, false},
		{"one day holds one", lim(1, Day), []Limit{lim(1, WorkingDay)}, true},
		{"three days do not hold two", lim(3, Day), []Limit{lim(2, WorkingDay)}, false},
		{"a month in a month", lim(1, Month), []Limit{lim(1, Month)}, true},
		{"and a day", lim(1, Month), []Limit{lim(1, Month), lim(1, Day)}, false},
		{"two months in one", lim(1, Month), []Limit{lim(2, Month)}, false},
		{"a month holds twenty working days", lim(1, Month), []Limit{lim(20, WorkingDay)}, true},
		{"and not twenty-one", lim(1, Month), []Limit{lim(21, WorkingDay)}, false},
		{"thirty days do not hold a month", lim(30, Day), []Limit{lim(1, Month)}, false},
		{"thirty-one do", lim(31, Day), []Limit{lim(1, Month)}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Builtin().CheckSteps(tt.legal, tt.steps)
			if tt.ok != (err == nil) || err != nil && !refusal.Is(err, refusal.Invalid) {
				t.Error(err)
			}
		})
	}
	err := Builtin().CheckSteps(lim(0, Day), []Limit{lim(1, "week"), lim(1, Day), lim(-1, WorkingHour)})
	if r := refusal.As(err); r == nil || len(r.Fields) != 3 || r.Fields[1].Pointer != "/steps/0" || r.Fields[2].Pointer != "/steps/2" {
		t.Error(err)
	}
}

// From every weekday, steps in working days end no later than the shortest
// limit in days that CheckSteps lets them have, and one day less would not do.
func TestHoldingIsTheShortest(t *testing.T) {
	bare := New([]Holiday{{Date: MustDate("2029-01-01"), Kind: Public}}, nil) // weeks without holidays
	monday := MustDate("2029-03-05")
	holds := func(days, working int) bool {
		for start := monday; start < monday+5; start++ {
			promised, err1 := bare.Due(start.At(9*60), Limit{days, Day}, false, nil)
			worked, err2 := bare.Due(start.At(9*60), Limit{working, WorkingDay}, false, nil)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if worked.After(promised) {
				return false
			}
		}
		return true
	}
	for working := 1; working <= 60; working++ {
		if days := holding(working); !holds(days, working) || days > 1 && holds(days-1, working) {
			t.Errorf("%d working days in %d days", working, days)
		}
	}
	for month := time.January; month <= time.December; month++ {
		if first := NewDate(2027, month, 1); first.AddMonths(1)-first < shortestMonth || first.AddMonths(1)-first > longestMonth {
			t.Error(month)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package calendar_test

import (
	"strings"
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/refusal"
)

// at reads a local instant, "2026-11-16 09:00" or with seconds and more.
func at(s string) time.Time {
	day, clock, _ := strings.Cut(s, " ")
	if strings.Count(clock, ":") == 1 {
		clock += ":00"
	}
	t, err := time.Parse(time.RFC3339, day+"T"+clock+"+07:00")
	if err != nil {
		panic(err)
	}
	return t
}

// pauses reads "resume 2026-11-17 10:00/2026-11-18 09:00; none …"; nothing
// after the slash is open.
func pauses(s string) []calendar.Pause {
	var list []calendar.Pause
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		policy, interval, _ := strings.Cut(part, " ")
		from, to, _ := strings.Cut(interval, "/")
		p := calendar.Pause{From: at(from), Policy: calendar.Policy(policy)}
		if to != "" {
			p.To = at(to)
		}
		list = append(list, p)
	}
	return list
}

// November 2026: the 16th is a Monday, no holidays. February 2027: off from
// Thursday the 4th to Wednesday the 10th.
func TestDue(t *testing.T) {
	tests := []struct {
		name     string
		received string
		n        int
		unit     calendar.Unit
		elapsed  bool
		pauses   string
		want     string // local
	}{
		{"received in Tết", "2027-02-04 16:45", 3, calendar.WorkingDay, false, "", "2027-02-16 17:30"},
		{"day after the reception day", "2026-11-16 09:00", 1, calendar.WorkingDay, false, "", "2026-11-17 17:30"},
		{"before opening belongs to that day", "2026-11-16 06:00", 1, calendar.WorkingDay, false, "", "2026-11-17 17:30"},
		{"midnight belongs to that day", "2026-11-16 00:00", 1, calendar.WorkingDay, false, "", "2026-11-17 17:30"},
		{"end of office hours belongs to that day", "2026-11-16 17:30", 1, calendar.WorkingDay, false, "", "2026-11-17 17:30"},
		{"a nanosecond later does not", "2026-11-16 17:30:00.000000001", 1, calendar.WorkingDay, false, "", "2026-11-18 17:30"},
		{"17:31 on a Monday", "2026-11-16 17:31", 1, calendar.WorkingDay, false, "", "2026-11-18 17:30"},
		{"23:59 on a Friday", "2026-11-13 23:59", 1, calendar.WorkingDay, false, "", "2026-11-17 17:30"},
		{"Sunday", "2026-11-15 10:00", 1, calendar.WorkingDay, false, "", "2026-11-17 17:30"},
		{"23:59 on the eve of Tết", "2027-02-03 23:59", 1, calendar.WorkingDay, false, "", "2027-02-12 17:30"},
		{"ordinary after 15:00 is still that day", "2027-02-03 15:01", 1, calendar.WorkingDay, false, "", "2027-02-11 17:30"},
		{"over a swapped Monday", "2024-04-26 16:00", 1, calendar.WorkingDay, false, "", "2024-05-02 17:30"},
		{"to a swapped Saturday", "2024-05-03 10:00", 1, calendar.WorkingDay, false, "", "2024-05-04 17:30"},
		{"received on a swapped Saturday", "2024-05-04 10:00", 1, calendar.WorkingDay, false, "", "2024-05-06 17:30"},
		{"swapped Saturday of another year", "2018-12-28 10:00", 4, calendar.WorkingDay, false, "", "2019-01-05 17:30"},
		{"observed day", "2026-04-24 10:00", 1, calendar.WorkingDay, false, "", "2026-04-28 17:30"},
		{"leap day", "2024-02-28 10:00", 1, calendar.WorkingDay, false, "", "2024-02-29 17:30"},
		{"last day of the last year", "2027-12-30 10:00", 1, calendar.WorkingDay, false, "", "2027-12-31 17:30"},

		{"days", "2026-11-16 09:00", 4, calendar.Day, false, "", "2026-11-20 17:30"},
		{"days to a Saturday", "2026-11-16 09:00", 5, calendar.Day, false, "", "2026-11-23 17:30"},
		{"days to a swapped Saturday", "2024-05-02 09:00", 2, calendar.Day, false, "", "2024-05-04 17:30"},
		{"days from the next working day", "2026-11-13 18:00", 1, calendar.Day, false, "", "2026-11-17 17:30"},
		{"days into Tết", "2027-02-03 09:00", 1, calendar.Day, false, "", "2027-02-11 17:30"},

		{"month", "2026-11-16 09:00", 1, calendar.Month, false, "", "2026-12-16 17:30"},
		{"month from the reception day", "2026-11-15 09:00", 1, calendar.Month, false, "", "2026-12-16 17:30"},
		{"month without such a day", "2027-01-29 09:00", 1, calendar.Month, false, "", "2027-03-01 17:30"},
		{"month from the 31st in a leap year", "2024-01-31 09:00", 1, calendar.Month, false, "", "2024-02-29 17:30"},
		{"months from a leap day", "2024-02-29 09:00", 12, calendar.Month, false, "", "2025-02-28 17:30"},
		{"month to the 30th, a holiday", "2023-03-31 09:00", 1, calendar.Month, false, "", "2023-05-04 17:30"},
		{"months over a year", "2026-11-30 09:00", 3, calendar.Month, false, "", "2027-03-01 17:30"},

		{"hours to the end of the morning", "2026-11-16 07:30", 4, calendar.WorkingHour, false, "", "2026-11-16 11:30"},
		{"hours to the end of the day", "2026-11-16 07:30", 8, calendar.WorkingHour, false, "", "2026-11-16 17:30"},
		{"hours over lunch", "2026-11-16 10:30", 2, calendar.WorkingHour, false, "", "2026-11-16 14:30"},
		{"hours from the lunch break", "2026-11-16 12:00", 1, calendar.WorkingHour, false, "", "2026-11-16 14:30"},
		{"hours from the end of the morning", "2026-11-16 11:30", 4, calendar.WorkingHour, false, "", "2026-11-16 17:30"},
		{"hours from before opening", "2026-11-16 06:00", 1, calendar.WorkingHour, false, "", "2026-11-16 08:30"},
		{"hours over night", "2026-11-16 16:30", 2, calendar.WorkingHour, false, "", "2026-11-17 08:30"},
		{"hours from the end of Friday", "2026-11-20 17:30", 1, calendar.WorkingHour, false, "", "2026-11-23 08:30"},
		{"hours from a Saturday", "2026-11-21 10:00", 1, calendar.WorkingHour, false, "", "2026-11-23 08:30"},
		{"hours keep the second", "2026-11-16 10:15:30.5", 1, calendar.WorkingHour, false, "", "2026-11-16 11:15:30.5"},
		{"hours over Tết", "2027-02-03 17:00", 1, calendar.WorkingHour, false, "", "2027-02-11 08:00"},
		{"hours on a swapped Saturday", "2024-05-03 17:00", 1, calendar.WorkingHour, false, "", "2024-05-04 08:00"},
		{"twenty-four hours", "2026-11-16 09:00", 24, calendar.WorkingHour, false, "", "2026-11-19 09:00"},

		{"elapsed day", "2026-11-16 10:00", 1, calendar.WorkingDay, true, "", "2026-11-17 10:00"},
		{"elapsed day from the evening", "2026-11-16 20:00", 1, calendar.WorkingDay, true, "", "2026-11-17 17:30"},
		{"elapsed is for working days only", "2026-11-16 10:00", 1, calendar.Day, true, "", "2026-11-17 17:30"},
		{"elapsed with a pause", "2026-11-16 10:00", 1, calendar.WorkingDay, true, "resume 2026-11-16 14:00/2026-11-16 16:00", "2026-11-17 14:00"},
		{"elapsed, full when a pause begins", "2026-11-16 10:00", 1, calendar.WorkingDay, true, "resume 2026-11-17 10:00/2026-11-18 10:00", "2026-11-17 10:00"},

		{"15:00 on the eve of Tết", "2027-02-03 15:00", 0, calendar.SameDay, false, "", "2027-02-03 17:30"},
		{"15:00:01 on the eve of Tết", "2027-02-03 15:00:01", 0, calendar.SameDay, false, "", "2027-02-11 17:30"},
		{"15:01 on the eve of Tết", "2027-02-03 15:01", 0, calendar.SameDay, false, "", "2027-02-11 17:30"},
		{"14:59 on the eve of Tết", "2027-02-03 14:59", 0, calendar.SameDay, false, "", "2027-02-03 17:30"},
		{"same day before opening", "2026-11-16 06:00", 0, calendar.SameDay, false, "", "2026-11-16 17:30"},
		{"same day in the lunch break", "2026-11-16 12:15", 0, calendar.SameDay, false, "", "2026-11-16 17:30"},
		{"same day on a Saturday", "2026-11-21 09:00", 0, calendar.SameDay, false, "", "2026-11-23 17:30"},
		{"same day on a swapped Saturday", "2024-05-04 10:00", 0, calendar.SameDay, false, "", "2024-05-04 17:30"},
		{"same day in the evening is the next working day, not the one after", "2026-11-16 18:00", 0, calendar.SameDay, false, "", "2026-11-17 17:30"},
		{"same day ignores the number", "2026-11-16 10:00", -5, calendar.SameDay, false, "", "2026-11-16 17:30"},
		{"same day knows no pauses", "2026-11-16 10:00", 0, calendar.SameDay, false, "resume 2026-11-16 11:00/", "2026-11-16 17:30"},

		{"pause within a day", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-17 08:00/2026-11-17 17:00", "2026-11-19 17:30"},
		{"pause over night", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-17 10:00/2026-11-18 09:00", "2026-11-20 17:30"},
		{"pause to midnight", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-17 10:00/2026-11-18 00:00", "2026-11-20 17:30"},
		{"pause from the reception day", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-16 09:00/2026-11-17 09:00", "2026-11-20 17:30"},
		{"pause over a weekend", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-20 09:00/2026-11-23 09:00", "2026-11-20 17:30"},
		{"pause over a holiday", "2027-02-02 09:00", 2, calendar.WorkingDay, false, "resume 2027-02-03 09:00/2027-02-11 09:00", "2027-02-12 17:30"},
		{"pause after the due instant", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-23 09:00/2026-11-25 09:00", "2026-11-23 17:30"},
		{"overlapping pauses", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-18 08:00/2026-11-19 12:00; resume 2026-11-17 10:00/2026-11-19 09:00", "2026-11-23 17:30"},
		{"pause in a pause", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-17 10:00/2026-11-20 09:00; resume 2026-11-18 10:00/2026-11-19 09:00", "2026-11-24 17:30"},
		{"the same pause twice", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-17 10:00/2026-11-18 09:00; resume 2026-11-17 10:00/2026-11-18 09:00", "2026-11-20 17:30"},
		{"pauses that touch on one day", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-17 10:00/2026-11-18 09:00; resume 2026-11-18 10:00/2026-11-19 09:00", "2026-11-23 17:30"},
		{"empty pause", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "resume 2026-11-17 10:00/2026-11-17 10:00", "2026-11-19 17:30"},
		{"pause over the weekend before the reception day", "2026-11-13 23:59", 1, calendar.WorkingDay, false, "resume 2026-11-14 08:00/2026-11-16 09:00", "2026-11-17 17:30"},
		{"pause from before the reception day", "2026-11-13 23:59", 1, calendar.WorkingDay, false, "resume 2026-11-14 08:00/2026-11-17 09:00", "2026-11-18 17:30"},
		{"days, pause", "2026-11-16 09:00", 3, calendar.Day, false, "resume 2026-11-17 09:00/2026-11-18 09:00", "2026-11-20 17:30"},
		{"days, pause counted before the shift", "2026-11-16 09:00", 3, calendar.Day, false, "resume 2026-11-17 09:00/2026-11-20 09:00", "2026-11-23 17:30"},
		{"days, weekend in a pause counts", "2026-11-16 09:00", 1, calendar.Day, false, "resume 2026-11-20 09:00/2026-11-23 09:00", "2026-11-20 17:30"},
		{"days, weekend before the reception day", "2026-11-13 23:59", 1, calendar.Day, false, "resume 2026-11-14 08:00/2026-11-17 09:00", "2026-11-18 17:30"},
		{"month, pause", "2026-11-16 09:00", 1, calendar.Month, false, "resume 2026-11-17 09:00/2026-11-21 09:00", "2026-12-21 17:30"},
		{"month, pause after the clamp", "2027-01-29 09:00", 1, calendar.Month, false, "resume 2027-02-01 09:00/2027-02-03 09:00", "2027-03-02 17:30"},
		{"hours, pause", "2026-11-16 07:30", 4, calendar.WorkingHour, false, "resume 2026-11-16 09:00/2026-11-16 10:00", "2026-11-16 14:30"},
		{"hours, full when a pause begins", "2026-11-16 07:30", 2, calendar.WorkingHour, false, "resume 2026-11-16 09:30/2026-11-16 10:00", "2026-11-16 09:30"},
		{"hours, pause over lunch only", "2026-11-16 07:30", 5, calendar.WorkingHour, false, "resume 2026-11-16 11:30/2026-11-16 13:30", "2026-11-16 14:30"},
		{"hours, overlapping pauses", "2026-11-16 07:30", 4, calendar.WorkingHour, false, "resume 2026-11-16 09:00/2026-11-16 10:00; resume 2026-11-16 09:30/2026-11-16 10:30", "2026-11-16 15:00"},
		{"hours, pause from reception", "2026-11-16 09:00", 1, calendar.WorkingHour, false, "resume 2026-11-16 09:00/2026-11-17 09:00", "2026-11-17 10:00"},
		{"hours, pause begins in the night", "2026-11-16 16:30", 2, calendar.WorkingHour, false, "resume 2026-11-16 20:00/2026-11-17 10:00", "2026-11-17 11:00"},

		{"restart", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "restart 2026-11-17 09:00/2026-11-18 09:00", "2026-11-23 17:30"},
		{"restart in the evening", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "restart 2026-11-17 09:00/2026-11-19 18:00", "2026-11-25 17:30"},
		{"latest restart by its end", "2026-11-16 09:00", 1, calendar.WorkingDay, false, "restart 2026-11-17 09:00/2026-11-20 09:00; restart 2026-11-18 09:00/2026-11-19 09:00", "2026-11-23 17:30"},
		{"restart forgets what was before", "2026-11-16 09:00", 1, calendar.WorkingDay, false, "resume 2026-11-16 10:00/2026-11-18 09:00; restart 2026-11-19 09:00/2026-11-19 10:00", "2026-11-20 17:30"},
		{"resume after restart", "2026-11-16 09:00", 1, calendar.WorkingDay, false, "restart 2026-11-17 09:00/2026-11-18 09:00; resume 2026-11-18 10:00/2026-11-19 10:00", "2026-11-20 17:30"},
		{"resume over the end of a restart", "2026-11-16 09:00", 1, calendar.WorkingDay, false, "restart 2026-11-17 09:00/2026-11-18 09:00; resume 2026-11-17 10:00/2026-11-19 10:00", "2026-11-20 17:30"},
		{"hours, resume over the end of a restart", "2026-11-16 07:30", 2, calendar.WorkingHour, false, "restart 2026-11-16 08:00/2026-11-16 09:00; resume 2026-11-16 08:30/2026-11-16 10:00", "2026-11-16 14:00"},
		{"hours, restart", "2026-11-16 07:30", 8, calendar.WorkingHour, false, "restart 2026-11-17 08:00/2026-11-17 09:00", "2026-11-18 09:00"},
		{"month, restart", "2026-11-16 09:00", 1, calendar.Month, false, "restart 2026-11-17 08:00/2026-11-20 09:00", "2026-12-21 17:30"},
		{"restart forgets the year of reception", "2017-12-28 09:00", 1, calendar.WorkingDay, false, "restart 2017-12-29 09:00/2018-01-02 09:00", "2018-01-03 17:30"},
		{"none", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "none 2026-11-17 09:00/2026-11-19 09:00", "2026-11-19 17:30"},
		{"open none", "2026-11-16 09:00", 3, calendar.WorkingDay, false, "none 2026-11-17 09:00/", "2026-11-19 17:30"},
		{"days, pause in a year that is not loaded", "2026-11-16 09:00", 3, calendar.Day, false, "resume 2028-01-03 09:00/2028-01-04 09:00", "2026-11-20 17:30"},
	}
	cal := calendar.Builtin()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := cal.Due(at(tt.received), calendar.Limit{N: tt.n, Unit: tt.unit}, tt.elapsed, pauses(tt.pauses))
			if err != nil {
				t.Fatal(err)
			}
			if want := at(tt.want); !got.Equal(want) || got.Location() != calendar.Zone {
				t.Errorf("due %s, want %s", got.Format(time.RFC3339Nano), want.Format(time.RFC3339Nano))
			}
		})
	}
}

func TestDueIsRefused(t *testing.T) {
	tests := []struct {
		name     string
		received string
		limit    calendar.Limit
		pauses   string
		kind     refusal.Kind
		want     []string // keys of the fields, or of the refusal
	}{
		{"zero days", "2026-11-16 09:00", calendar.Limit{N: 0, Unit: calendar.WorkingDay}, "", refusal.Invalid, []string{"calendar.limit.n"}},
		{"negative hours", "2026-11-16 09:00", calendar.Limit{N: -1, Unit: calendar.WorkingHour}, "", refusal.Invalid, []string{"calendar.limit.n"}},
		{"beyond counting", "2026-11-16 09:00", calendar.Limit{N: 1 << 40, Unit: calendar.WorkingHour}, "", refusal.Invalid, []string{"calendar.limit.n"}},
		{"no unit", "2026-11-16 09:00", calendar.Limit{N: 1}, "", refusal.Invalid, []string{"calendar.limit.unit"}},
		{"pause before reception", "2026-11-16 09:00", calendar.Limit{N: 1, Unit: calendar.Day}, "resume 2026-11-16 08:59:59/2026-11-17 09:00", refusal.Invalid, []string{"calendar.pause.early"}},
		{"everything at once", "2026-11-16 09:00", calendar.Limit{N: 0, Unit: calendar.Day},
			"restart 2026-11-15 09:00/2026-11-17 09:00; resume 2026-11-18 09:00/2026-11-17 09:00; later 2026-11-18 09:00/2026-11-19 09:00", refusal.Invalid,
			[]string{"calendar.limit.n", "calendar.pause.early", "calendar.pause.order", "calendar.pause.policy"}},
		{"open", "2026-11-16 09:00", calendar.Limit{N: 1, Unit: calendar.Day}, "resume 2026-11-17 09:00/", refusal.NotNow, []string{"calendar.pause.open"}},
		{"open restart before a closed one", "2026-11-16 09:00", calendar.Limit{N: 1, Unit: calendar.Day}, "restart 2026-11-17 09:00/; restart 2026-11-18 09:00/2026-11-19 09:00", refusal.NotNow, []string{"calendar.pause.open"}},
		{"into 2028", "2027-12-31 10:00", calendar.Limit{N: 1, Unit: calendar.WorkingDay}, "", refusal.NotNow, []string{"calendar.year.missing"}},
		{"days into 2028", "2027-12-31 10:00", calendar.Limit{N: 1, Unit: calendar.Day}, "", refusal.NotNow, []string{"calendar.year.missing"}},
		{"month into 2028", "2027-12-01 10:00", calendar.Limit{N: 1, Unit: calendar.Month}, "", refusal.NotNow, []string{"calendar.year.missing"}},
		{"far away", "2027-12-01 10:00", calendar.Limit{N: 100_000, Unit: calendar.Month}, "", refusal.NotNow, []string{"calendar.year.missing"}},
		{"hours into 2028", "2027-12-31 17:00", calendar.Limit{N: 1, Unit: calendar.WorkingHour}, "", refusal.NotNow, []string{"calendar.year.missing"}},
		{"reception day in 2028", "2027-12-31 17:31", calendar.Limit{N: 1, Unit: calendar.Day}, "", refusal.NotNow, []string{"calendar.year.missing"}},
		{"same day in 2028", "2027-12-31 15:01", calendar.Limit{Unit: calendar.SameDay}, "", refusal.NotNow, []string{"calendar.year.missing"}},
		{"received in 2017", "2017-12-31 10:00", calendar.Limit{N: 1, Unit: calendar.WorkingHour}, "", refusal.NotNow, []string{"calendar.year.missing"}},
		{"same day received in 2017", "2017-12-31 10:00", calendar.Limit{Unit: calendar.SameDay}, "", refusal.NotNow, []string{"calendar.year.missing"}},
		{"pause days in 2028", "2026-11-16 09:00", calendar.Limit{N: 1, Unit: calendar.WorkingDay}, "resume 2028-01-03 09:00/2028-01-04 09:00", refusal.NotNow, []string{"calendar.year.missing"}},
		{"hours, pause into 2028", "2027-12-31 17:00", calendar.Limit{N: 1, Unit: calendar.WorkingHour}, "resume 2027-12-31 17:15/2028-01-04 09:00", refusal.NotNow, []string{"calendar.year.missing"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			due, err := calendar.Builtin().Due(at(tt.received), tt.limit, false, pauses(tt.pauses))
			refused(t, err, tt.kind, tt.want...)
			if !due.IsZero() {
				t.Errorf("a due instant was guessed: %s", due)
			}
		})
	}
	_, err := calendar.Builtin().Due(time.Time{}, calendar.Limit{N: 1, Unit: calendar.Day}, false, nil)
	refused(t, err, refusal.Invalid, "calendar.received.missing")
}

// refused checks the kind and, in order, the keys of the fields or the key.
func refused(t *testing.T, err error, kind refusal.Kind, keys ...string) {
	t.Helper()
	r := refusal.As(err)
	if r == nil || r.Kind != kind {
		t.Fatalf("got %v, want a refusal of kind %d", err, kind)
	}
	var got []string
	for _, f := range r.Fields {
		got = append(got, f.Key)
	}
	if len(got) == 0 {
		got = []string{r.Key}
	}
	if strings.Join(got, " ") != strings.Join(keys, " ") {
		t.Errorf("refused for %v, want %v", got, keys)
	}
}

// A year between reception day and due day that is not loaded is refused even
// where no day of it needs to be looked at.
func TestDueOverAGapOfYears(t *testing.T) {
	cal := calendar.New([]calendar.Holiday{
		{Date: calendar.MustDate("2026-01-01"), Kind: calendar.Public},
		{Date: calendar.MustDate("2028-01-01"), Kind: calendar.Public},
	}, nil)
	for _, limit := range []calendar.Limit{{N: 20, Unit: calendar.Month}, {N: 600, Unit: calendar.Day}, {N: 300, Unit: calendar.WorkingDay}, {N: 2400, Unit: calendar.WorkingHour}} {
		_, err := cal.Due(at("2026-11-16 09:00"), limit, false, nil)
		refused(t, err, refusal.NotNow, "calendar.year.missing")
	}
	_, err := cal.Due(at("2026-12-31 17:00"), calendar.Limit{N: 1, Unit: calendar.WorkingHour}, false, pauses("resume 2026-12-31 17:00/2028-01-03 09:00"))
	refused(t, err, refusal.NotNow, "calendar.year.missing")
	_, err = calendar.New(nil, nil).Due(at("2026-11-16 09:00"), calendar.Limit{N: 1, Unit: calendar.Day}, false, nil)
	refused(t, err, refusal.NotNow, "calendar.year.missing")
}

func TestDueConvertsOffsetsAndForgetsTheMonotonicClock(t *testing.T) {
	cal := calendar.Builtin()
	received := time.Date(2026, time.November, 15, 18, 0, 0, 0, time.UTC) // Monday 01:00 here
	due, err := cal.Due(received, calendar.Limit{N: 1, Unit: calendar.WorkingDay}, false, nil)
	if err != nil || !due.Equal(at("2026-11-17 17:30")) {
		t.Errorf("due %v, %v", due, err)
	}
	now := time.Now()
	year := calendar.New([]calendar.Holiday{{Date: calendar.NewDate(now.Year(), 1, 1), Kind: calendar.Public}, {Date: calendar.NewDate(now.Year()+1, 1, 1), Kind: calendar.Public}}, nil)
	due, err = year.Due(now, calendar.Limit{N: 3, Unit: calendar.WorkingHour}, false, nil)
	if err != nil || strings.Contains(due.String(), "m=") {
		t.Errorf("due %v, %v", due, err)
	}
}

func TestDueWithOtherHours(t *testing.T) {
	summer, err := calendar.ParseHours("07:00-11:30,13:30-17:00")
	if err != nil {
		t.Fatal(err)
	}
	cal := calendar.Builtin().WithHours(summer)
	for _, tt := range []struct {
		received string
		limit    calendar.Limit
		elapsed  bool
		want     string
	}{
		{"2026-11-16 17:00", calendar.Limit{N: 1, Unit: calendar.WorkingDay}, false, "2026-11-17 17:00"},
		{"2026-11-16 17:01", calendar.Limit{N: 1, Unit: calendar.WorkingDay}, false, "2026-11-18 17:00"},
		{"2026-11-16 11:00", calendar.Limit{N: 1, Unit: calendar.WorkingHour}, false, "2026-11-16 14:00"},
		{"2026-11-16 07:00", calendar.Limit{N: 2, Unit: calendar.WorkingDay}, true, "2026-11-17 17:00"},
	} {
		due, err := cal.Due(at(tt.received), tt.limit, tt.elapsed, nil)
		if err != nil || !due.Equal(at(tt.want)) {
			t.Errorf("%s %v: due %v, %v, want %s", tt.received, tt.limit, due, err, tt.want)
		}
	}
	short := calendar.Builtin().WithHours(calendar.Always(calendar.Span{Start: 8 * 60, End: 12 * 60}))
	due, err := short.Due(at("2026-11-16 08:00"), calendar.Limit{N: 1, Unit: calendar.WorkingDay}, true, nil)
	if err != nil || !due.Equal(at("2026-11-17 12:00")) {
		t.Errorf("an elapsed day is eight hours however long the agency's day is: %v, %v", due, err)
	}
}

func TestLeft(t *testing.T) {
	cal := calendar.Builtin()
	three := calendar.Limit{N: 3, Unit: calendar.WorkingDay} // received Monday: due Thursday 17:30
	for _, tt := range []struct {
		name, pauses, now string
		limit             calendar.Limit
		want              time.Duration
	}{
		{"running", "", "2026-11-18 17:00", three, 8*time.Hour + 30*time.Minute},
		{"late", "", "2026-11-20 08:30", three, -time.Hour},
		{"stopped", "resume 2026-11-17 10:00/", "2026-11-25 17:00", three, 21*time.Hour + 30*time.Minute},
		{"stopped after another pause", "resume 2026-11-16 10:00/2026-11-17 09:00; resume 2026-11-17 10:00/", "2026-11-25 17:00", three, 29*time.Hour + 30*time.Minute},
		{"stopped within another pause", "resume 2026-11-16 10:00/2026-11-18 09:00; resume 2026-11-17 10:00/", "2026-11-25 17:00", three, 29*time.Hour + 30*time.Minute},
		{"stopped twice", "resume 2026-11-18 10:00/; resume 2026-11-17 10:00/", "2026-11-25 17:00", three, 21*time.Hour + 30*time.Minute},
		{"stopped when late", "resume 2026-11-20 08:30/", "2026-11-25 17:00", three, -time.Hour},
		{"to restart", "restart 2026-11-19 17:00/", "2026-11-25 17:00", three, 24*time.Hour + 30*time.Minute},
		{"open none", "none 2026-11-17 10:00/", "2026-11-18 17:00", three, 8*time.Hour + 30*time.Minute},
		{"same day", "", "2026-11-16 16:30", calendar.Limit{Unit: calendar.SameDay}, time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := cal.Left(at("2026-11-16 09:00"), tt.limit, false, pauses(tt.pauses), at(tt.now))
			if err != nil || got != tt.want {
				t.Errorf("left %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func BenchmarkDue(b *testing.B) {
	cal := calendar.Builtin()
	received := at("2026-11-16 09:00")
	stops := pauses("resume 2026-11-17 10:00/2026-11-18 09:00; resume 2026-11-18 08:00/2026-11-19 09:00")
	for _, bb := range []struct {
		name   string
		limit  calendar.Limit
		pauses []calendar.Pause
	}{
		{"20 working days", calendar.Limit{N: 20, Unit: calendar.WorkingDay}, nil},
		{"20 working days, 2 pauses", calendar.Limit{N: 20, Unit: calendar.WorkingDay}, stops},
		{"160 working hours", calendar.Limit{N: 160, Unit: calendar.WorkingHour}, nil},
		{"30 days", calendar.Limit{N: 30, Unit: calendar.Day}, nil},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := cal.Due(received, bb.limit, false, bb.pauses); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"motcua/internal/calendar"

	"pgregory.net/rapid"
)

// slow is the rule read aloud: it looks at every day, or at every minute, one
// after the other, and knows no index, no merging and no arithmetic on dates.
type slow struct {
	off, worked map[string]bool
	summer      bool // from 15 April to 14 September 07:00-11:00 and 14:00-17:00
}

func newSlow(holidays []calendar.Holiday, summer bool) slow {
	s := slow{map[string]bool{}, map[string]bool{}, summer}
	for _, h := range holidays {
		if h.Kind == calendar.SwapWork {
			s.worked[h.Date.String()] = true
		} else {
			s.off[h.Date.String()] = true
		}
	}
	return s
}

func (s slow) working(t time.Time) bool {
	day := t.Format(time.DateOnly)
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	return s.worked[day] || !weekend && !s.off[day]
}

func clock(t time.Time, hour, minute int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), hour, minute, 0, 0, t.Location())
}

func (s slow) summerOn(t time.Time) bool {
	day := t.Format("01-02")
	return s.summer && day >= "04-15" && day < "09-15"
}

func (s slow) end(t time.Time) time.Time {
	if s.summerOn(t) {
		return clock(t, 17, 0)
	}
	return clock(t, 17, 30)
}

func (s slow) office(t time.Time) bool {
	m := t.Hour()*60 + t.Minute()
	if s.summerOn(t) {
		return s.working(t) && (m >= 7*60 && m < 11*60 || m >= 14*60 && m < 17*60)
	}
	return s.working(t) && (m >= 7*60+30 && m < 11*60+30 || m >= 13*60+30 && m < 17*60+30)
}

func (s slow) receptionDay(t time.Time) time.Time {
	if s.working(t) && !t.After(s.end(t)) {
		return clock(t, 0, 0)
	}
	return s.nextWorking(t)
}

func (s slow) nextWorking(t time.Time) time.Time {
	for {
		t = clock(t.AddDate(0, 0, 1), 0, 0)
		if s.working(t) {
			return t
		}
	}
}

func (s slow) due(received time.Time, limit calendar.Limit, elapsed bool, pauses []calendar.Pause) time.Time {
	if limit.Unit == calendar.SameDay {
		if s.working(received) && !received.After(clock(received, 15, 0)) {
			return s.end(received)
		}
		return s.end(s.nextWorking(received))
	}
	for _, p := range pauses {
		if p.Policy == calendar.Restart && p.To.After(received) {
			received = p.To
		}
	}
	stopped := func(t time.Time) bool { // at an instant
		for _, p := range pauses {
			if p.Policy == calendar.Resume && !t.Before(p.From) && t.Before(p.To) {
				return true
			}
		}
		return false
	}
	inPause := func(day time.Time) bool { // as a day that a pause gives
		for _, p := range pauses {
			if p.Policy == calendar.Resume && day.After(clock(p.From, 0, 0)) && !day.After(clock(p.To, 0, 0)) {
				return true
			}
		}
		return false
	}
	if limit.Unit == calendar.WorkingHour || elapsed && limit.Unit == calendar.WorkingDay {
		minutes := limit.N * 60
		if limit.Unit == calendar.WorkingDay {
			minutes *= 8
		}
		for t := received; ; t = t.Add(time.Minute) {
			if minutes == 0 {
				return t
			}
			if s.office(t) && !stopped(t) {
				if minutes--; minutes == 0 {
					return t.Add(time.Minute)
				}
			}
		}
	}
	first := s.receptionDay(received)
	// Every pause of these tests ends within 100 days after reception.
	gained := 0
	for day, i := first.AddDate(0, 0, 1), 0; i < 100; day, i = day.AddDate(0, 0, 1), i+1 {
		if inPause(day) && (limit.Unit != calendar.WorkingDay || s.working(day)) {
			gained++
		}
	}
	day := first
	switch limit.Unit {
	case calendar.WorkingDay:
		for range limit.N + gained {
			day = s.nextWorking(day)
		}
		return s.end(day)
	case calendar.Day:
		day = day.AddDate(0, 0, limit.N+gained)
	case calendar.Month:
		month := (int(first.Month())-1+limit.N)%12 + 1
		day = time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, calendar.Zone).AddDate(0, limit.N, first.Day()-1)
		for int(day.Month()) != month {
			day = day.AddDate(0, 0, -1)
		}
		day = day.AddDate(0, 0, gained)
	}
	if !s.working(day) {
		day = s.nextWorking(day)
	}
	return s.end(day)
}

func drawInstant(t *rapid.T, name string, from time.Time, days int) time.Time {
	day := rapid.IntRange(0, days-1).Draw(t, name+" day")
	minute := rapid.OneOf(
		rapid.IntRange(0, 24*60-1),
		rapid.SampledFrom([]int{0, 7 * 60, 7*60 + 30, 11 * 60, 11*60 + 30, 13*60 + 30, 15 * 60, 15*60 + 1, 17 * 60, 17*60 + 1, 17*60 + 30, 17*60 + 31, 24*60 - 1}),
	).Draw(t, name+" minute")
	return clock(from, 0, 0).AddDate(0, 0, day).Add(time.Duration(minute) * time.Minute)
}

// drawCalendar is the built-in calendar, with the same hours all year round or
// shorter ones in summer, and the rule read aloud for it.
func drawCalendar(t *rapid.T) (*calendar.Calendar, slow) {
	cal, summer := calendar.Builtin(), rapid.Bool().Draw(t, "summer")
	if summer {
		hours := "07:30-11:30,13:30-17:30"
		for year := 2018; year <= 2027; year++ {
			hours += fmt.Sprintf("; %d-04-15 07:00-11:00,14:00-17:00; %d-09-15 07:30-11:30,13:30-17:30", year, year)
		}
		seasons, err := calendar.ParseHours(hours)
		if err != nil {
			t.Fatal(err)
		}
		cal = cal.WithHours(seasons)
	}
	return cal, newSlow(cal.Holidays(), summer)
}

func TestDueAgreesWithTheRuleReadAloud(t *testing.T) {
	start := time.Date(2018, 1, 1, 0, 0, 0, 0, calendar.Zone)
	rapid.Check(t, func(t *rapid.T) {
		cal, s := drawCalendar(t)
		received := drawInstant(t, "received", start, 9*365-90) // a year and a month of pauses stay loaded
		limit := calendar.Limit{
			N:    rapid.IntRange(1, 12).Draw(t, "n"),
			Unit: rapid.SampledFrom([]calendar.Unit{calendar.WorkingDay, calendar.Day, calendar.Month, calendar.WorkingHour, calendar.SameDay}).Draw(t, "unit"),
		}
		elapsed := rapid.Bool().Draw(t, "elapsed")
		var list []calendar.Pause
		for range rapid.IntRange(0, 4).Draw(t, "pauses") {
			a, b := drawInstant(t, "from", received, 12), drawInstant(t, "to", received, 15)
			if a.Before(received) {
				a = received
			}
			if b.Before(a) {
				b = a
			}
			policy := rapid.SampledFrom([]calendar.Policy{calendar.Resume, calendar.Resume, calendar.Resume, calendar.Restart, calendar.None}).Draw(t, "policy")
			list = append(list, calendar.Pause{From: a, To: b, Policy: policy})
		}
		got, err := cal.Due(received, limit, elapsed, list)
		if err != nil {
			t.Fatal(err)
		}
		if want := s.due(received, limit, elapsed, list); !got.Equal(want) {
			t.Fatalf("received %s, %v, pauses %v: due %s, read aloud %s", received, limit, list, got, want)
		}
	})
}

func TestDueNeverDependsOnTheOrderOfPauses(t *testing.T) {
	cal := calendar.Builtin()
	rapid.Check(t, func(t *rapid.T) {
		received := at("2026-11-16 09:00")
		var list []calendar.Pause
		for range rapid.IntRange(0, 5).Draw(t, "pauses") {
			from := received.Add(time.Duration(rapid.IntRange(0, 20*24*3600).Draw(t, "from")) * time.Second)
			to := from.Add(time.Duration(rapid.IntRange(0, 9*24*3600).Draw(t, "length")) * time.Second)
			list = append(list, calendar.Pause{From: from, To: to, Policy: rapid.SampledFrom([]calendar.Policy{calendar.Resume, calendar.Restart, calendar.None}).Draw(t, "policy")})
		}
		limit := calendar.Limit{N: 5, Unit: rapid.SampledFrom([]calendar.Unit{calendar.WorkingDay, calendar.Day, calendar.Month, calendar.WorkingHour}).Draw(t, "unit")}
		a, errA := cal.Due(received, limit, false, list)
		b, errB := cal.Due(received, limit, false, rapid.Permutation(list).Draw(t, "other order"))
		if errA != nil || errB != nil || !a.Equal(b) {
			t.Fatalf("%s %v, %s %v", a, errA, b, errB)
		}
	})
}

func TestWorkingBetweenAgreesWithCountingMinutes(t *testing.T) {
	start := time.Date(2018, 1, 1, 0, 0, 0, 0, calendar.Zone)
	rapid.Check(t, func(t *rapid.T) {
		cal, s := drawCalendar(t)
		a := drawInstant(t, "a", start, 9*365)
		b := drawInstant(t, "b", a, 20)
		if b.Before(a) {
			a, b = b, a
		}
		want := time.Duration(0)
		for m := a; m.Before(b); m = m.Add(time.Minute) {
			if s.office(m) {
				want += time.Minute
			}
		}
		got, err := cal.WorkingBetween(a, b)
		back, errBack := cal.WorkingBetween(b, a)
		if err != nil || errBack != nil || got != want || back != -want {
			t.Fatalf("%s to %s: %v %v, back %v %v, want %v", a, b, got, err, back, errBack, want)
		}
	})
}

func TestShiftGoesAndComesBack(t *testing.T) {
	cal := calendar.Builtin()
	rapid.Check(t, func(t *rapid.T) {
		day := calendar.MustDate("2019-01-01") + calendar.Date(rapid.IntRange(0, 8*365).Draw(t, "day"))
		n := rapid.IntRange(1, 60).Draw(t, "n")
		to, err := cal.Shift(day, n)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for d := day + 1; d <= to; d++ {
			if working, _ := cal.IsWorkingDay(d); working {
				seen++
			}
		}
		if seen != n {
			t.Fatalf("%d working days after %s is %s, which is %d", n, day, to, seen)
		}
		back, err := cal.Shift(to, -n)
		if working, _ := cal.IsWorkingDay(day); err != nil || working && back != day || !working && back >= day {
			t.Fatalf("%s and back: %s %v", day, back, err)
		}
	})
}

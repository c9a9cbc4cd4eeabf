// SPDX-License-Identifier: Apache-2.0

package calendar_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/refusal"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBuiltin(t *testing.T) {
	cal := calendar.Builtin()
	if diff := cmp.Diff([]int{2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026, 2027}, cal.Years()); diff != "" {
		t.Error(diff)
	}
	for day, want := range map[string]bool{
		"2018-12-31": false,                                          // swapped
		"2019-01-05": true,                                           // the Saturday worked for it
		"2019-01-12": false,                                          // another Saturday
		"2026-04-26": false, "2026-04-27": false, "2026-04-28": true, // a holiday on Sunday and its day off
		"2024-02-29": true,
		"2027-02-03": true, "2027-02-04": false, "2027-02-10": false, "2027-02-11": true,
	} {
		if got, err := cal.IsWorkingDay(calendar.MustDate(day)); err != nil || got != want {
			t.Errorf("%s working: %v %v, want %v", day, got, err, want)
		}
	}
	_, err := cal.IsWorkingDay(calendar.MustDate("2028-01-03"))
	refused(t, err, refusal.NotNow, "calendar.year.missing")
}

// What a calendar hands out is a copy: a pinned calendar cannot be changed.
func TestCalendarNeverChanges(t *testing.T) {
	source := []calendar.Holiday{{Date: calendar.MustDate("2026-11-17"), Kind: calendar.Public}}
	cal := calendar.New(source, calendar.OfficeHours())
	source[0].Date++
	cal.Holidays()[0].Date++
	cal.Hours()[0].Spans[0].Start = 0
	cal.Years()[0] = 1
	due, err := cal.Due(at("2026-11-16 09:00"), calendar.Limit{N: 1, Unit: calendar.WorkingDay}, false, nil)
	if err != nil || !due.Equal(at("2026-11-18 17:30")) || cal.StartOfDay(calendar.DateOf(due)) != at("2026-11-18 07:30").In(calendar.Zone) {
		t.Errorf("due %v, %v", due, err)
	}
}

func TestCalendarRoundTrip(t *testing.T) {
	hours, _ := calendar.ParseHours("07:00-11:30,13:30-17:00")
	cal := calendar.Builtin().WithHours(hours)
	data, err := json.Marshal(cal)
	if err != nil {
		t.Fatal(err)
	}
	var back calendar.Calendar
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cal, &back, cmp.AllowUnexported(calendar.Calendar{})); diff != "" {
		t.Error(diff)
	}
	if want := `{"hours":"07:00-11:30,13:30-17:00","holidays":[{"date":"2018-01-01","kind":"holiday","name":"Tết Dương lịch"},`; !strings.HasPrefix(string(data), want) {
		t.Errorf("stored as %.150s", data)
	}
	for _, wrong := range []string{
		`{"hours":"07:00-25:00","holidays":[]}`,
		`{"holidays":[{"date":"2026-11-31","kind":"holiday"}]}`,
		`{"holidays":[{"date":"2026-11-30","kind":"party"}]}`,
		`{"holidays":[{"kind":"holiday"}]}`,
		`[]`,
	} {
		if err := json.Unmarshal([]byte(wrong), new(calendar.Calendar)); err == nil {
			t.Errorf("%s was read", wrong)
		}
	}
}

func TestParseHolidays(t *testing.T) {
	got, err := calendar.ParseHolidays(strings.NewReader("\ufeffkind, date ,basis\n# a comment\nholiday,2030-01-01,x\r\nswap_work,2030-01-05\n"))
	want := []calendar.Holiday{{Date: calendar.MustDate("2030-01-01"), Kind: calendar.Public}, {Date: calendar.MustDate("2030-01-05"), Kind: calendar.SwapWork}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}

	_, err = calendar.ParseHolidays(strings.NewReader("date,kind,name\n2030-02-30,holiday,a\n2030-01-02,off,b\n2030-01-06,swap_work,c\n2030-01-05,swap_work,d\n2030-01-05,holiday,e\n1066-01-01,holiday,f\n2030-01-01\n"))
	refused(t, err, refusal.Invalid, "calendar.holiday.date", "calendar.holiday.kind", "calendar.holiday.saturday", "calendar.holiday.contradiction", "calendar.holiday.date", "calendar.holiday.kind")
	var lines []string
	for _, f := range refusal.As(err).Fields {
		lines = append(lines, f.Pointer)
	}
	if diff := cmp.Diff([]string{"/2", "/3", "/4", "/6", "/7", "/8"}, lines); diff != "" {
		t.Error(diff)
	}

	_, err = calendar.ParseHolidays(strings.NewReader("day,kind\n2030-01-01,holiday\n"))
	refused(t, err, refusal.Invalid, "calendar.holidays.columns")
	_, err = calendar.ParseHolidays(strings.NewReader(""))
	refused(t, err, refusal.Invalid, "calendar.holidays.columns")
	_, err = calendar.ParseHolidays(strings.NewReader("date,kind\n"))
	refused(t, err, refusal.Incomplete, "calendar.holidays.none")
	_, err = calendar.ParseHolidays(strings.NewReader("date,kind\n2030-01-01,\"holiday\n"))
	refused(t, err, refusal.Invalid, "calendar.holidays.csv")
	broken := errors.New("disk")
	if _, err = calendar.ParseHolidays(iotest.ErrReader(broken)); !errors.Is(err, broken) || refusal.As(err) != nil {
		t.Errorf("a failing reader is a fault: %v", err)
	}
}

func TestHours(t *testing.T) {
	for _, good := range []string{"07:30-11:30,13:30-17:30", "00:00-23:59", "08:00-12:00,12:00-16:00", "07:30-11:30,13:30-17:30; 2026-04-15 07:00-11:00,13:30-17:30; 2026-09-15 08:00-12:00"} {
		h, err := calendar.ParseHours(good)
		if err != nil || h.String() != good {
			t.Errorf("%s: %s %v", good, h, err)
		}
	}
	if h, err := calendar.ParseHours(" 07:30 - 11:30 , 13:30-17:30"); err != nil || h[0].Spans.Length() != 8*time.Hour {
		t.Errorf("%v %v", h, err)
	}
	for _, wrong := range []string{"", ",", "07:30", "7:30-11:30", "07:30-24:00", "07:60-11:00", "+7:30-11:30", "11:30-07:30", "07:30-07:30", "13:30-17:30,07:30-11:30", "07:30-12:00,11:00-17:00", "07:30-11:30,", "07:30-11:30;", "2026-04-15 07:00-11:00", "07:30-11:30; 08:00-12:00",
		"07:30-11:30; 2026-02-30 08:00-12:00", "07:30-11:30; 2026-04-15", "07:30-11:30; 2026-04-15 08:00-12:00; 2026-04-15 08:00-11:00"} {
		_, err := calendar.ParseHours(wrong)
		refused(t, err, refusal.Invalid, "calendar.hours")
	}
	odd := calendar.New(nil, calendar.Always(calendar.Span{Start: 900, End: 1000}, calendar.Span{Start: 500, End: 400}, calendar.Span{Start: 450, End: 950})).Hours()
	if odd.String() != "07:30-16:40" {
		t.Errorf("hours made in code: %s", odd)
	}
	if none := calendar.New(nil, calendar.Always(calendar.Span{Start: 5, End: 5})).Hours(); none.String() != "07:30-11:30,13:30-17:30" {
		t.Errorf("no hours: %s", none)
	}
}

func TestDate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		std := time.Date(rapid.IntRange(1, 9998).Draw(t, "year"), time.January, rapid.IntRange(1, 366).Draw(t, "day"), 12, 0, 0, 0, time.UTC)
		d := calendar.NewDate(std.Date())
		parsed, err := calendar.ParseDate(std.Format(time.DateOnly))
		if err != nil && std.Year() <= 9999 {
			t.Fatal(err)
		}
		if d.String() != std.Format(time.DateOnly) || parsed != d || d.Weekday() != std.Weekday() || d.Year() != std.Year() {
			t.Fatalf("%s is %s, parsed %s, %s", std, d, parsed, d.Weekday())
		}
		if first := d.At(0); calendar.DateOf(first) != d || calendar.DateOf(first.Add(-1)) != d-1 || first.Format("2006-01-02 15:04 -0700") != d.String()+" 00:00 +0700" {
			t.Fatalf("%s begins at %s", d, first)
		}
	})
	var none calendar.Date
	if text, _ := none.MarshalText(); !none.IsZero() || len(text) != 0 || none.UnmarshalText(nil) != nil {
		t.Error("no day is no text")
	}
	if d := calendar.NewDate(1, time.January, 1); d != 1 || d.IsZero() || d.Weekday() != time.Monday {
		t.Errorf("counting begins at %d, %s", d, d.Weekday())
	}
	for _, wrong := range []string{"", "2026-2-03", "2026-02-30", "2026-02-03T00:00:00Z", "03/02/2026"} {
		if d, err := calendar.ParseDate(wrong); err == nil {
			t.Errorf("%q is %s", wrong, d)
		}
	}
}

func TestReceptionDay(t *testing.T) {
	for received, want := range map[string]string{
		"2026-11-16 06:00": "2026-11-16", "2026-11-16 17:30": "2026-11-16", "2026-11-16 17:31": "2026-11-17",
		"2026-11-13 23:59": "2026-11-16", "2026-11-15 10:00": "2026-11-16", "2024-05-04 10:00": "2024-05-04",
	} {
		if got, err := calendar.Builtin().ReceptionDay(at(received)); err != nil || got.String() != want {
			t.Errorf("%s: %s %v, want %s", received, got, err, want)
		}
	}
}

func TestForwardBy(t *testing.T) {
	for received, want := range map[string]string{
		"2027-02-03 14:59": "2027-02-03 17:30", "2027-02-03 15:00": "2027-02-03 17:30",
		"2027-02-03 15:01": "2027-02-11 07:30", "2026-11-21 09:00": "2026-11-23 07:30",
		"2024-05-04 09:00": "2024-05-04 17:30",
	} {
		if got, err := calendar.Builtin().ForwardBy(at(received)); err != nil || !got.Equal(at(want)) {
			t.Errorf("%s: %s %v, want %s", received, got, err, want)
		}
	}
	for _, received := range []string{"2027-12-31 15:01", "2028-01-03 09:00"} {
		_, err := calendar.Builtin().ForwardBy(at(received))
		refused(t, err, refusal.NotNow, "calendar.year.missing")
	}
}

func TestShiftOutOfTheCalendar(t *testing.T) {
	cal := calendar.Builtin()
	for _, tt := range []struct {
		day  string
		n    int
		year int
	}{
		{"2027-12-31", 1, 2028}, {"2018-01-02", -1, 2017}, {"2026-11-16", 1 << 62, 2028}, {"2026-11-16", -1 << 62, 2017},
		{"2028-01-03", 0, 2028}, {"2030-01-03", -1, 2028}, {"2016-01-04", 1, 2016},
	} {
		d, err := cal.Shift(calendar.MustDate(tt.day), tt.n)
		refused(t, err, refusal.NotNow, "calendar.year.missing")
		if year := refusal.As(err).Args["year"]; year != tt.year {
			t.Errorf("%s %d: %s, missing %v, want %d", tt.day, tt.n, d, year, tt.year)
		}
	}
	if d, err := cal.Shift(calendar.MustDate("2026-11-15"), 0); err != nil || d.String() != "2026-11-16" {
		t.Errorf("%s %v", d, err)
	}
}

func TestOutcome(t *testing.T) {
	due := at("2026-11-18 17:30")
	for finished, want := range map[string]calendar.Outcome{
		"2026-11-17 23:59": calendar.Early, "2026-11-18 00:00": calendar.OnTime, "2026-11-18 17:30": calendar.OnTime,
		"2026-11-18 17:30:00.001": calendar.Late, "2026-11-19 08:00": calendar.Late,
	} {
		if got := calendar.OutcomeOf(at(finished).UTC(), due); got != want {
			t.Errorf("%s: %s, want %s", finished, got, want)
		}
	}
}

func TestExtendBy(t *testing.T) {
	for due, want := range map[string]string{
		"2026-11-23 17:30": "2026-11-20 17:30", "2027-02-11 10:15": "2027-02-03 10:15",
	} {
		if got, err := calendar.Builtin().ExtendBy(at(due)); err != nil || !got.Equal(at(want)) {
			t.Errorf("%s: %s %v, want %s", due, got, err, want)
		}
	}
}

// A year is that of the calendar which had it first, whole; others are added.
func TestWithYears(t *testing.T) {
	first := calendar.New([]calendar.Holiday{{Date: calendar.MustDate("2026-01-01"), Kind: calendar.Public}}, calendar.Always(calendar.Span{Start: 8 * 60, End: 12 * 60}))
	later := calendar.New([]calendar.Holiday{{Date: calendar.MustDate("2026-03-02"), Kind: calendar.Public}, {Date: calendar.MustDate("2027-01-01"), Kind: calendar.Public}}, nil)
	both := first.WithYears(later)
	for day, want := range map[string]bool{"2026-01-01": false, "2026-03-02": true, "2027-01-01": false, "2027-03-02": true} {
		if working, err := both.IsWorkingDay(calendar.MustDate(day)); err != nil || working != want {
			t.Errorf("%s is a working day: %v, %v", day, working, err)
		}
	}
	if got := both.Hours().String(); got != "08:00-12:00" {
		t.Errorf("office hours %s", got)
	}
	if len(first.Years()) != 1 {
		t.Error("the first calendar has changed")
	}
}

// SPDX-License-Identifier: Apache-2.0

package agency_test

import (
	"strings"
	"testing"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db/dbtest"
	"motcua/internal/refusal"

	"time"
)

const head = "from,field,procedure,keep,years,identity_days,name,basis\n"

func schedule(t *testing.T, lines string) agency.Schedule {
	t.Helper()
	s, err := agency.ParseSchedule(strings.NewReader(head + lines))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A term counts in years after the year in which the dossier was closed, whatever
// day of it that was.
func TestTermOfKeeping(t *testing.T) {
	for _, x := range []struct {
		closed string
		years  int
		due    string
	}{
		{"2026-12-31", 10, "2037-01-01"}, {"2027-01-01", 10, "2038-01-01"}, {"2026-01-01", 10, "2037-01-01"},
		{"2028-02-29", 2, "2031-01-01"}, {"2024-02-29", 5, "2030-01-01"}, {"2026-06-15", 70, "2097-01-01"}, {"2026-06-15", 0, "2027-01-01"},
	} {
		if due := (agency.Keep{Years: x.years}).Due(calendar.MustDate(x.closed)); due != calendar.MustDate(x.due) {
			t.Errorf("closed %s, kept %d years: due %s, want %s", x.closed, x.years, due, x.due)
		}
	}
}

// The narrowest line that is in force on the day of closing applies, and of those
// the latest.
func TestNarrowestLine(t *testing.T) {
	s := schedule(t, `2020-01-01,,,years,10,,all,B
2025-07-01,,,years,12,,all anew,B
2021-01-01,ho-tich,,permanent,5,90,civil,B
2025-07-01,ho-tich,2.001,years,2,30,copies,B
`)
	for _, x := range []struct{ day, field, procedure, want string }{
		{"2019-12-31", "a", "b", ""}, {"2020-01-01", "a", "b", "all"}, {"2025-06-30", "a", "b", "all"}, {"2025-07-01", "a", "b", "all anew"},
		{"2020-06-01", "ho-tich", "1", "all"}, {"2026-01-01", "ho-tich", "1", "civil"}, {"2026-01-01", "ho-tich", "2.001", "copies"}, {"2025-06-30", "ho-tich", "2.001", "civil"},
		{"2026-01-01", "other", "2.001", "all anew"},
	} {
		name := ""
		if k := s.On(calendar.MustDate(x.day), x.field, x.procedure); k != nil {
			name = k.Name
		}
		if name != x.want {
			t.Errorf("%s %s %s: %q, want %q", x.day, x.field, x.procedure, name, x.want)
		}
	}
}

// Every line that is wrong is told, by its number.
func TestScheduleIsRefused(t *testing.T) {
	_, err := agency.ParseSchedule(strings.NewReader(head + `2026-02-30,,,years,10,,a,B
2026-01-01,,,years,1,,a,B
2026-01-01,,,years,71,,a,B
2026-01-01,,,ever,10,,a,B
2026-01-01,,,years,10,0,a,B
2026-01-01,,,years,10,,,B
2026-01-01,,,years,10,,a,
2026-01-01,,,years,10
2026-01-01,x,,years,10,,a,B
2026-01-01,x,,years,20,,a,B
2026-01-01,"x,,years,20,,a,B`))
	e := refusal.As(err)
	if e == nil || len(e.Fields) != 10 {
		t.Fatalf("%v", err)
	}
	want := []string{"from", "years", "years", "years", "identity", "basis", "basis", "cells", "twice", "cells"}
	for i, f := range e.Fields {
		if f.Key != "schedule.line."+want[i] || f.Args["line"] != i+2 && i != 8 && i != 9 {
			t.Errorf("%d: %s %v", i, f.Key, f.Args)
		}
	}
	for _, text := range []string{"", "a,b\n1,2\n", head} {
		if _, err := agency.ParseSchedule(strings.NewReader(text)); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Lines are added; one that applies already stays as it is.
func TestScheduleIsAddedTo(t *testing.T) {
	now := calendar.MustDate("2026-11-23").At(9 * 60)
	d := dbtest.Open(t)
	s, err := agency.OpenSite(t.Context(), d, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	add := func(lines string) error { return s.AddSchedule(t.Context(), audit.By{}, schedule(t, lines)) }
	for _, lines := range []string{"2025-07-01,,,years,10,,a,B\n2027-01-01,,,years,20,,b,B\n", "2025-07-01,,,years,10,,a,B\n2027-01-01,,,years,15,,b,B\n"} {
		if err := add(lines); err != nil {
			t.Fatal(err)
		}
	}
	err = add("2025-07-01,,,years,2,,a,B\n2026-12-01,,,years,2,,c,B\n")
	if e := refusal.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Key != "schedule.line.applies" {
		t.Errorf("a line that applies was changed: %v", err)
	}
	if list := s.Schedule(); len(list) != 2 || list[0].Years != 15 || list[1].Years != 10 {
		t.Errorf("%+v", list)
	}
}

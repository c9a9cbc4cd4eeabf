// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/regime"
)

// The instants of this file were counted by hand on these calendars, not by the
// program. Office hours end at 17:30; they begin at 07:30, and at the ward of
// the tests at 07:00 from 15 April to 14 September 2026 (07:00–11:00, 13:30–17:30).
//
//	January 2020    20 Mo 21 Tu 22 We | 23–29 Tết | 30 Th 31 Fr | 3 Mo 4 Tu
//	February 2024   5 Mo 6 Tu 7 We | 8–14 Tết | 15 Th 16 Fr | 19 Mo 20 Tu
//	February 2026   9 Mo 10 Tu 11 We 12 Th 13 Fr | 14–22 Tết | 23 Mo 24 Tu 25 We
//	August 2026     20 Th 21 Fr 22 Sa (worked) | 24 Mo … 28 Fr | 31 Mo (off) 1 Tu 2 We (holidays) | 3 Th 4 Fr | 7 Mo

// instant reads "2026-02-13 10:00" in local time.
func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, calendar.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// clock sets the clock of the office, and lets it take up the day.
func (o *office) clock(text string) {
	o.Helper()
	o.now = instant(o.T, text)
	if err := o.site.Refresh(o.Context()); err != nil {
		o.Fatal(err)
	}
}

// birth is a procedure that the province offered under each of the four laws.
const birth = "1.001193"

// limited gives the procedure of the tests another limit, and what a special
// law says of supplements, since the first law.
func (o *office) limited(limit calendar.Limit, supplement calendar.Policy) {
	o.Helper()
	err := o.DB.Write(o.Context(), func(tx *db.Tx) error {
		e, err := o.Catalogue.InForce(tx, birth, calendar.MustDate("2026-08-05"))
		if err != nil {
			return err
		}
		changed := *e
		changed.Facts.ValidFrom, changed.Facts.Supplement = calendar.MustDate("2018-06-21"), supplement
		changed.Facts.Cases = slices.Clone(e.Facts.Cases)
		for i := range changed.Facts.Cases {
			changed.Facts.Cases[i].Limits = []procedure.Limit{{Limit: limit}}
		}
		_, err = procedure.Publish(tx, &changed)
		return err
	})
	if err == nil {
		err = o.Catalogue.Refresh(o.Context())
	}
	if err != nil {
		o.Fatal(err)
	}
}

// birthOf files the procedure of the tests for a child of the year before the
// first law, so that any day will do.
func (o *office) birthOf(login string, channel procedure.Channel) dossier.State {
	o.Helper()
	f, err := o.Sample(o.Context(), birth, "vi")
	if err != nil {
		o.Fatal(err)
	}
	f.Channel, f.Answers = channel, maps.Clone(f.Answers)
	for _, early := range []struct{ group, field, day string }{{"child", "birth_date", "2017-12-01"}, {"marriage", "issued_on", "2016-12-01"}} {
		group, _ := f.Answers[early.group].(map[string]any)
		group = maps.Clone(group)
		group[early.field] = early.day
		f.Answers[early.group] = group
	}
	s, err := o.Submit(o.Context(), o.who[login], f, nil)
	if err != nil {
		o.Fatal(err)
	}
	return s
}

// turn does "ask 2026-02-10 10:00" and the like, with the leader's signature at
// the same instant where one is needed.
func (o *office) turn(s dossier.State, text string) dossier.State {
	o.Helper()
	act, at, _ := strings.Cut(text, " ")
	o.clock(at)
	switch act {
	case "ask":
		s = o.must(handler, s, "ask_supplement", nil)
	case "supplement":
		return o.must("nguoidan", s, "supplement", nil)
	case "pause":
		return o.must(handler, s, "pause", map[string]any{"cause": "payment"})
	case "resume":
		return o.must(handler, s, "resume", nil)
	default:
		days := 0
		if _, err := fmt.Sscanf(act, "extend+%d", &days); err != nil {
			o.Fatalf("%s: %v", text, err)
		}
		s = o.must(handler, s, "extend", map[string]any{"days": float64(days)})
	}
	if s.ToSign != nil {
		s = o.must("lanhdao", s, "sign", nil)
	}
	return s
}

func TestDeadlines(t *testing.T) {
	wd := func(n int) calendar.Limit { return calendar.Limit{N: n, Unit: calendar.WorkingDay} }
	days := func(n int) calendar.Limit { return calendar.Limit{N: n, Unit: calendar.Day} }
	months := func(n int) calendar.Limit { return calendar.Limit{N: n, Unit: calendar.Month} }
	hours := func(n int) calendar.Limit { return calendar.Limit{N: n, Unit: calendar.WorkingHour} }
	sameDay := calendar.Limit{Unit: calendar.SameDay}
	const usual = calendar.Policy("") // no special law on supplements

	tests := []struct {
		name       string
		law        regime.ID
		limit      calendar.Limit
		received   string
		promised   string // what the receipt says
		supplement calendar.Policy
		turns      []string
		due        string // after the turns; empty: as promised
	}{
		// Tết 2026.
		{"eve of Tết", "R2025", wd(1), "2026-02-13 10:00", "2026-02-23 17:30", usual, nil, ""},                                 // 23
		{"over Tết", "R2025", wd(3), "2026-02-12 09:00", "2026-02-24 17:30", usual, nil, ""},                                   // 13, 23, 24
		{"23:59 on the eve of Tết", "R2025", wd(1), "2026-02-13 23:59", "2026-02-24 17:30", usual, nil, ""},                    // belongs to 23; 24
		{"first of the year", "R2025", wd(1), "2026-02-17 08:00", "2026-02-24 17:30", usual, nil, ""},                          // belongs to 23; 24
		{"same day, in Tết", "R2025", sameDay, "2026-02-17 08:00", "2026-02-23 17:30", usual, nil, ""},                         // 23 itself
		{"calendar days end in Tết", "R2025", days(5), "2026-02-12 09:00", "2026-02-23 17:30", usual, nil, ""},                 // 17, a holiday
		{"a month ends in Tết", "R2025", months(1), "2026-01-20 10:00", "2026-02-23 17:30", usual, nil, ""},                    // 20 February, a holiday
		{"hours over Tết", "R2025", hours(8), "2026-02-13 16:30", "2026-02-23 16:30", usual, nil, ""},                          // 1 h on 13; 4 + 3 h on 23
		{"hours full at the end of the eve of Tết", "R2025", hours(1), "2026-02-13 16:30", "2026-02-13 17:30", usual, nil, ""}, // not the next start

		// Saturday 22 August 2026 is worked for Monday the 31st.
		{"to the worked Saturday", "R2026", wd(1), "2026-08-21 09:00", "2026-08-22 17:30", usual, nil, ""},
		{"from the worked Saturday", "R2026", wd(1), "2026-08-22 10:00", "2026-08-24 17:30", usual, nil, ""},
		{"23:59 before the worked Saturday", "R2026", wd(1), "2026-08-21 23:59", "2026-08-24 17:30", usual, nil, ""}, // belongs to 22
		{"23:59 on the worked Saturday", "R2026", wd(1), "2026-08-22 23:59", "2026-08-25 17:30", usual, nil, ""},     // belongs to 24
		{"over the Monday off", "R2026", wd(1), "2026-08-28 09:00", "2026-09-03 17:30", usual, nil, ""},              // 31, 1, 2 off
		{"calendar days end on the Monday off", "R2026", days(4), "2026-08-27 09:00", "2026-09-03 17:30", usual, nil, ""},
		{"calendar days end on the worked Saturday", "R2026", days(2), "2026-08-20 09:00", "2026-08-22 17:30", usual, nil, ""},
		{"hours on the worked Saturday, in summer", "R2026", hours(2), "2026-08-21 17:00", "2026-08-22 08:30", usual, nil, ""}, // ½ h; from 07:00 1½ h

		// The edge of 15:00 is that of same_day, and of no other limit.
		{"same day, 14:59", "R2025", sameDay, "2026-03-12 14:59", "2026-03-12 17:30", usual, nil, ""},
		{"same day, 15:00", "R2025", sameDay, "2026-03-12 15:00", "2026-03-12 17:30", usual, nil, ""},
		{"same day, 15:01", "R2025", sameDay, "2026-03-12 15:01", "2026-03-13 17:30", usual, nil, ""},
		{"same day, 15:01 before the worked Saturday", "R2026", sameDay, "2026-08-21 15:01", "2026-08-22 17:30", usual, nil, ""},
		{"a day, 15:01", "R2025", wd(1), "2026-03-12 15:01", "2026-03-13 17:30", usual, nil, ""},
		{"a day, 17:30", "R2025", wd(1), "2026-03-12 17:30", "2026-03-13 17:30", usual, nil, ""},
		{"a day, 17:31", "R2025", wd(1), "2026-03-12 17:31", "2026-03-16 17:30", usual, nil, ""}, // belongs to Friday 13; Monday 16

		// Ends of months and years, leap days.
		{"no 31st: Saturday 29 February", "R2019", months(1), "2020-01-31 10:00", "2020-03-02 17:30", usual, nil, ""},
		{"to a leap day", "R2021", months(1), "2024-01-31 10:00", "2024-02-29 17:30", usual, nil, ""},
		{"from a leap day", "R2021", months(1), "2024-02-29 10:00", "2024-03-29 17:30", usual, nil, ""},
		{"a year from a leap day", "R2021", months(12), "2024-02-29 10:00", "2025-02-28 17:30", usual, nil, ""},
		{"the day before a leap day", "R2021", wd(1), "2024-02-28 10:00", "2024-02-29 17:30", usual, nil, ""},
		{"no 31st: Sunday 30 September", "R2019", months(1), "2018-08-31 10:00", "2018-10-01 17:30", usual, nil, ""},
		{"over a year to a worked Saturday", "R2019", wd(4), "2018-12-28 10:00", "2019-01-05 17:30", usual, nil, ""}, // 31 off, 1 holiday; 2, 3, 4, 5
		{"two months from 31 December", "R2021", months(2), "2021-12-31 10:00", "2022-02-28 17:30", usual, nil, ""},

		// The law of the day of reception, on both sides of each change.
		{"last working day of R2019", "R2019", wd(1), "2021-12-03 10:00", "2021-12-06 17:30", usual, nil, ""},
		{"first day of R2021", "R2021", wd(1), "2021-12-06 10:00", "2021-12-07 17:30", usual, nil, ""},
		{"last day of R2021", "R2021", wd(1), "2025-06-30 10:00", "2025-07-01 17:30", usual, nil, ""},
		{"first day of R2025", "R2025", wd(1), "2025-07-01 10:00", "2025-07-02 17:30", usual, nil, ""},
		{"last day of R2025", "R2025", wd(1), "2026-08-04 10:00", "2026-08-05 17:30", usual, nil, ""},
		{"first day of R2026", "R2026", wd(1), "2026-08-05 10:00", "2026-08-06 17:30", usual, nil, ""},

		// A pause stands still: as many days as lie in (from, to].
		{"paused over Tết", "R2025", wd(3), "2026-02-09 09:00", "2026-02-12 17:30", usual,
			[]string{"pause 2026-02-11 10:00", "resume 2026-02-24 09:00"}, "2026-02-25 17:30"}, // 12, 13, 23, 24 stand still: the 7th day
		{"paused over Tết, calendar days", "R2025", days(5), "2026-02-09 09:00", "2026-02-23 17:30", usual,
			[]string{"pause 2026-02-11 10:00", "resume 2026-02-24 09:00"}, "2026-02-27 17:30"}, // 14 + 13, before any shift
		{"paused over Tết, a month", "R2021", months(1), "2024-01-10 10:00", "2024-02-15 17:30", usual,
			[]string{"pause 2024-02-05 09:00", "resume 2024-02-15 09:00"}, "2024-02-20 17:30"}, // 10 + 10
		{"paused in Tết only", "R2019", wd(3), "2020-01-20 09:00", "2020-01-30 17:30", usual,
			[]string{"pause 2020-01-22 17:00", "resume 2020-01-28 09:00"}, "2020-01-30 17:30"}, // no working day stands still
		{"paused over the Monday off, hours", "R2026", hours(4), "2026-08-27 16:30", "2026-08-28 10:00", usual,
			[]string{"pause 2026-08-28 08:00", "resume 2026-09-03 10:00"}, "2026-09-03 14:30"}, // 1 + 1 h ran; 10–11, 13:30–14:30
		{"paused twice", "R2026", wd(3), "2026-08-19 09:00", "2026-08-22 17:30", usual,
			[]string{"pause 2026-08-20 10:00", "resume 2026-08-21 10:00", "pause 2026-08-24 10:00", "resume 2026-08-25 10:00"}, "2026-08-25 17:30"}, // 21 and 25 stand still: the 5th day

		// A supplement makes the limit count anew, unless a special law says otherwise.
		{"supplement in Tết", "R2019", wd(3), "2020-01-20 09:00", "2020-01-30 17:30", usual,
			[]string{"ask 2020-01-21 10:00", "supplement 2020-01-26 10:00"}, "2020-02-04 17:30"}, // belongs to 30; 31, 3, 4
		{"supplement in the evening", "R2026", wd(3), "2026-08-19 09:00", "2026-08-22 17:30", usual,
			[]string{"ask 2026-08-20 10:00", "supplement 2026-08-28 18:00"}, "2026-09-08 17:30"}, // belongs to 3; 4, 7, 8
		{"supplement, then a pause", "R2025", wd(2), "2026-02-02 09:00", "2026-02-04 17:30", usual,
			[]string{"ask 2026-02-03 10:00", "supplement 2026-02-05 09:00", "pause 2026-02-06 10:00", "resume 2026-02-12 10:00"}, "2026-02-13 17:30"}, // 6 | 9, 10, 11, 12 stand still | 13
		{"a pause, then a supplement", "R2021", wd(2), "2024-02-01 09:00", "2024-02-05 17:30", usual,
			[]string{"pause 2024-02-01 10:00", "resume 2024-02-05 10:00", "ask 2024-02-06 10:00", "supplement 2024-02-07 09:00"}, "2024-02-16 17:30"}, // the pause is forgotten; 15, 16
		{"supplement asked late, with a visa", "R2021", wd(5), "2024-01-29 09:00", "2024-02-05 17:30", usual,
			[]string{"ask 2024-02-02 09:00", "supplement 2024-02-15 09:00"}, "2024-02-22 17:30"}, // 16, 19, 20, 21, 22
		{"special law: the clock stands still", "R2025", wd(3), "2026-02-09 09:00", "2026-02-12 17:30", calendar.Resume,
			[]string{"ask 2026-02-10 10:00", "supplement 2026-02-23 09:00"}, "2026-02-25 17:30"}, // 11, 12, 13, 23 stand still
		{"special law: the clock runs on", "R2025", wd(3), "2026-02-09 09:00", "2026-02-12 17:30", calendar.None,
			[]string{"ask 2026-02-10 10:00", "supplement 2026-02-23 09:00"}, "2026-02-12 17:30"},

		// An extension moves the due day if it is signed one working day before.
		{"extended in time", "R2026", wd(3), "2026-08-24 09:00", "2026-08-27 17:30", usual, []string{"extend+2 2026-08-26 10:00"}, "2026-09-03 17:30"}, // 28, 3
		{"extended at the last instant", "R2026", wd(3), "2026-08-24 09:00", "2026-08-27 17:30", usual, []string{"extend+2 2026-08-26 17:30"}, "2026-09-03 17:30"},
		{"extended a minute late", "R2026", wd(3), "2026-08-24 09:00", "2026-08-27 17:30", usual, []string{"extend+2 2026-08-26 17:31"}, "2026-08-27 17:30"},
		{"extended over Tết", "R2025", wd(3), "2026-02-09 09:00", "2026-02-12 17:30", usual, []string{"extend+3 2026-02-11 09:00"}, "2026-02-24 17:30"},                    // 13, 23, 24
		{"extended before Tết, for a day after", "R2025", wd(5), "2026-02-10 09:00", "2026-02-24 17:30", usual, []string{"extend+1 2026-02-23 17:30"}, "2026-02-25 17:30"}, // the day before the 24th is the 23rd
		{"last day before a due day after Tết", "R2025", wd(4), "2026-02-10 09:00", "2026-02-23 17:30", usual, []string{"extend+1 2026-02-20 09:00"}, "2026-02-23 17:30"},  // the day before the 23rd is the 13th
		{"extended, then paused", "R2021", wd(5), "2023-06-05 09:00", "2023-06-12 17:30", usual,
			[]string{"extend+2 2023-06-07 09:00", "pause 2023-06-08 10:00", "resume 2023-06-09 10:00"}, "2023-06-15 17:30"}, // 13 with the pause, 14, 15
		{"paused, then extended", "R2019", wd(3), "2020-01-20 09:00", "2020-01-30 17:30", usual,
			[]string{"pause 2020-01-21 10:00", "resume 2020-01-22 10:00", "extend+2 2020-01-30 09:00"}, "2020-02-04 17:30"}, // 31 with the pause, 3, 4
	}
	o := open(t)
	for _, tt := range tests {
		o.limited(tt.limit, tt.supplement)
		o.clock(tt.received)
		s := o.must("motcua", o.birthOf("nguoidan", procedure.Online), "receive", nil)
		if promised := instant(t, tt.promised); s.Regime != tt.law || !s.Original.Equal(promised) || !s.Due.Equal(promised) {
			t.Errorf("%s: %s promised %s, due %s, want %s %s", tt.name, s.Regime, s.Original, s.Due, tt.law, promised)
		}
		for _, turn := range tt.turns {
			s = o.turn(s, turn)
		}
		if tt.due == "" {
			continue
		}
		if due := instant(t, tt.due); !s.Due.Equal(due) || !s.Original.Equal(instant(t, tt.promised)) {
			t.Errorf("%s: due %s, want %s; promised %s", tt.name, s.Due, due, s.Original)
		}
	}
	o.verify() // the same again from what was pinned
}

// Paper received by 15:00 is forwarded the same working day, later at the
// beginning of the next one (NĐ 61/2018 art. 18).
func TestForwardBy(t *testing.T) {
	o := open(t)
	for _, tt := range []struct {
		law           regime.ID
		received, due string
	}{
		{"R2019", "2018-06-21 15:00", "2018-06-21 17:30"}, // the first day of all
		{"R2021", "2024-02-07 15:01", "2024-02-15 07:30"}, // over Tết
		{"R2025", "2026-03-12 14:59", "2026-03-12 17:30"},
		{"R2025", "2026-03-12 15:00", "2026-03-12 17:30"},
		{"R2025", "2026-03-12 15:01", "2026-03-13 07:30"},
		{"R2025", "2026-02-13 15:01", "2026-02-23 07:30"}, // over Tết
		{"R2025", "2026-02-14 09:00", "2026-02-23 07:30"}, // a Saturday at the counter is no working day
		{"R2026", "2026-08-21 15:01", "2026-08-22 07:00"}, // the worked Saturday, in summer
		{"R2026", "2026-08-22 15:00", "2026-08-22 17:30"},
		{"R2026", "2026-08-22 15:01", "2026-08-24 07:00"},
		{"R2026", "2026-08-28 15:01", "2026-09-03 07:00"}, // over the Monday off
	} {
		o.clock(tt.received)
		s := o.must("motcua", o.birthOf("motcua", procedure.Counter), "receive", nil)
		if due := instant(t, tt.due); s.Regime != tt.law || !s.Forward || !s.ForwardBy.Equal(due) {
			t.Errorf("%s: %s, to forward %v by %s, want %s by %s", tt.received, s.Regime, s.Forward, s.ForwardBy, tt.law, due)
		}
	}
	o.verify()
}

// Who files on line is answered within eight working hours, since the law
// promises it (NĐ 45/2020).
func TestAnsweredBy(t *testing.T) {
	o := open(t)
	for _, tt := range []struct{ filed, by string }{
		{"2020-05-21 10:00", ""},                 // the day before
		{"2020-05-22 10:00", "2020-05-25 10:00"}, // Friday to Monday
		{"2026-02-13 16:30", "2026-02-23 16:30"}, // 1 h, then 4 + 3 after Tết
		{"2026-02-13 23:59", "2026-02-23 17:30"}, // the whole of the day after Tết
		{"2026-08-21 23:59", "2026-08-22 17:30"}, // the worked Saturday
		{"2026-08-28 23:59", "2026-09-03 17:30"}, // the Monday off
	} {
		o.clock(tt.filed)
		s := o.birthOf("nguoidan", procedure.Online)
		want := time.Time{}
		if tt.by != "" {
			want = instant(t, tt.by)
		}
		if !s.StepDue.Equal(want) {
			t.Errorf("filed %s: answered by %s, want %s", tt.filed, s.StepDue, want)
		}
	}
	o.verify()
}

// A late extension (form 04) tells the person a day to come, and the dossier
// still counts by the old one; one in time is what counts.
func TestExtensionTold(t *testing.T) {
	o := open(t)
	o.limited(calendar.Limit{N: 3, Unit: calendar.WorkingDay}, "")
	for _, tt := range []struct {
		turn, told, finished string
		outcome              calendar.Outcome
	}{
		{"extend+2 2026-08-26 10:00", "2026-09-03 17:30", "2026-08-28 09:00", calendar.Early}, // 28, 3
		{"extend+2 2026-08-26 10:00", "2026-09-03 17:30", "2026-09-03 17:30", calendar.OnTime},
		{"extend+2 2026-08-26 10:00", "2026-09-03 17:30", "2026-09-03 17:31", calendar.Late},
		{"extend+2 2026-08-26 17:31", "2026-09-03 17:30", "2026-08-28 09:00", calendar.Late}, // due 27 all the same
		{"extend+2 2026-08-28 09:00", "2026-09-04 17:30", "2026-08-28 09:30", calendar.Late}, // counted from today: 3, 4
	} {
		o.clock("2026-08-24 09:00") // due Thursday 27
		s := o.turn(o.must("motcua", o.birthOf("nguoidan", procedure.Online), "receive", nil), tt.turn)
		if told := instant(t, tt.told); !s.Extension.To.Equal(told) {
			t.Errorf("%s: told %s, want %s", tt.turn, s.Extension.To, told)
		}
		if forms := s.Papers(); forms[len(forms)-1].Form != "04" {
			t.Errorf("%s: no form 04 among %v", tt.turn, forms)
		}
		o.clock(tt.finished)
		for more := true; more && s.IssuedAt.IsZero(); {
			s, more = o.next(s)
		}
		if s.Outcome != tt.outcome {
			t.Errorf("%s, finished %s: %s, want %s", tt.turn, tt.finished, s.Outcome, tt.outcome)
		}
	}
	o.verify()
}

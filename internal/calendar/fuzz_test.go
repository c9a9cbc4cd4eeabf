// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"reflect"
	"strings"
	"testing"
)

// Hours that are taken are in order and within a day.
func FuzzParseHours(f *testing.F) {
	f.Add("07:30-11:30,13:30-17:30")
	f.Add("07:30-11:30,13:30-17:30; 2027-04-15 07:00-11:00,13:30-17:30")
	f.Add("24:00-00:00;")
	f.Fuzz(func(t *testing.T, text string) {
		hours, err := ParseHours(text)
		if err != nil {
			return
		}
		for i, s := range hours {
			if (i == 0) != s.From.IsZero() || i > 1 && s.From <= hours[i-1].From || len(s.Spans) == 0 {
				t.Errorf("%q: season %d: %+v", text, i, s)
			}
			last := 0
			for _, span := range s.Spans {
				if span.Start < last || span.End <= span.Start || span.End > 24*60 {
					t.Errorf("%q: %+v", text, s.Spans)
				}
				last = span.End
			}
		}
	})
}

// Holidays that are taken make a calendar, and are the same when read again.
func FuzzParseHolidays(f *testing.F) {
	f.Add("date,kind,name\n2031-01-01,holiday,Tết\n2031-01-04,swap_work,\n")
	f.Add("\ufeffkind,date\nholiday,0000-01-01\nholiday,9999-12-31\n# x")
	f.Add("date,kind\n\"2031-01-01")
	f.Fuzz(func(t *testing.T, text string) {
		holidays, err := ParseHolidays(strings.NewReader(text))
		if err != nil {
			return
		}
		again, err := ParseHolidays(strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(holidays, again) {
			t.Errorf("read again: %v", err)
		}
		if len(holidays) < 400 && New(holidays, nil) == nil {
			t.Error("no calendar")
		}
	})
}

// A due instant is never before the reception it counts from.
func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(`{"received":"2027-02-04T16:45:00+07:00","limit":3,"unit":"working_day"}`))
	f.Add([]byte(`{"received":"2027-02-04T16:45:00+07:00","limit":8,"unit":"working_hour","policy":"restart","pauses":[["2027-02-05T08:00:00+07:00","2027-02-06T08:00:00+07:00"]]}`))
	f.Add([]byte(`{"received":"0001-01-01T00:00:00Z","limit":1e9,"unit":"month"}`))
	cal := Builtin()
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseRequest(data, Request{})
		if err != nil {
			return
		}
		if due, err := r.Due(cal); err == nil && due.Before(r.Received) {
			t.Errorf("%s: due %s before it was received", data, due)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package calendar_test

import (
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/refusal"

	"github.com/google/go-cmp/cmp"
)

func TestParseRequest(t *testing.T) {
	got, err := calendar.ParseRequest([]byte(`{"id":7,"received":"2026-11-16T02:00:00Z","limit":3,"unit":"working_day","policy":"none","elapsed":true,
		"pauses":[["2026-11-17T08:00:00+07:00","2026-11-18T08:00:00+07:00"],{"from":"2026-11-19T08:00:00+07:00","to":null,"policy":"restart"},["2026-11-20T08:00:00+07:00",null]]}`), calendar.Request{})
	want := calendar.Request{
		Received: at("2026-11-16 09:00"), Limit: calendar.Limit{N: 3, Unit: calendar.WorkingDay}, Elapsed: true, Policy: calendar.None,
		Pauses: []calendar.Pause{
			{From: at("2026-11-17 08:00"), To: at("2026-11-18 08:00"), Policy: calendar.None},
			{From: at("2026-11-19 08:00"), Policy: calendar.Restart},
			{From: at("2026-11-20 08:00"), Policy: calendar.None},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if got.Received.Location() != calendar.Zone {
		t.Errorf("received in %s", got.Received.Location())
	}

	got, err = calendar.ParseRequest([]byte(`{"received":"2026-11-16T09:00:00+07:00","limit":1}`), calendar.Request{Limit: calendar.Limit{N: 9, Unit: calendar.Day}, Elapsed: true, Policy: calendar.Restart})
	want = calendar.Request{Received: at("2026-11-16 09:00"), Limit: calendar.Limit{N: 1, Unit: calendar.Day}, Elapsed: true, Policy: calendar.Restart}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error("what is not said is taken from elsewhere:", err, diff)
	}
}

func TestParseRequestIsRefused(t *testing.T) {
	for line, keys := range map[string][]string{
		``:            {"calendar.json"},
		`{`:           {"calendar.json"},
		`[]`:          {"calendar.json"},
		`7`:           {"calendar.json"},
		`{} {}`:       {"calendar.json"},
		`{"limit":3}`: {"calendar.received.missing", "calendar.limit.unit"},
		`{"received":"2026-11-16T09:00:00","limit":"3","unit":"working_day"}`:                                                                 {"calendar.type", "calendar.instant"},
		`{"received":"2026-11-16T9:00:00+07:00","limit":3.5,"unit":"week","policy":"later"}`:                                                  {"calendar.type", "calendar.instant", "calendar.pause.policy", "calendar.limit.unit"},
		`{"received":"2026-11-16T09:00:00+07:00","limit":3,"unit":"day","pauses":{}}`:                                                         {"calendar.type"},
		`{"received":"2026-11-16T09:00:00+07:00","limit":3,"unit":"day","pauses":[[],["a","b","c"],[1,2],7,{},["2026-11-17T09:00:00Z","x"]]}`: {"calendar.instant", "calendar.instant", "calendar.instant", "calendar.instant", "calendar.instant", "calendar.instant"},
	} {
		request, err := calendar.ParseRequest([]byte(line), calendar.Request{})
		if err == nil {
			_, err = request.Due(calendar.Builtin())
		}
		refused(t, err, refusal.Invalid, keys...)
	}
}

func TestParseQuery(t *testing.T) {
	got, err := calendar.ParseQuery(map[string][]string{
		"received": {"2026-11-16T09:00:00 07:00"}, // "+" unescaped in an address
		"limit":    {"3"}, "unit": {"working_hour"}, "policy": {"restart"}, "elapsed": {"true"}, "hours": {"08:00-12:00"},
		"pause": {"2026-11-17T08:00:00+07:00/2026-11-18T08:00:00+07:00", "2026-11-19T08:00:00+07:00/", ""},
	})
	want := calendar.Request{
		Received: at("2026-11-16 09:00"), Limit: calendar.Limit{N: 3, Unit: calendar.WorkingHour}, Elapsed: true, Policy: calendar.Restart,
		Pauses: []calendar.Pause{{From: at("2026-11-17 08:00"), To: at("2026-11-18 08:00"), Policy: calendar.Restart}, {From: at("2026-11-19 08:00"), Policy: calendar.Restart}},
		Hours:  calendar.Always(calendar.Span{Start: 480, End: 720}),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}

	got, err = calendar.ParseQuery(map[string][]string{"received": {"2026-11-16T16:00:00+07:00"}, "limit": {"x"}, "unit": {"same_day"}, "elapsed": {""}, "policy": {""}, "hours": {""}, "other": {"1"}})
	if err != nil || !got.Elapsed {
		t.Fatal(got, err)
	}
	if due, err := got.Due(calendar.Builtin()); err != nil || due.Format(time.RFC3339) != "2026-11-17T17:30:00+07:00" {
		t.Error(due, err)
	}

	_, err = calendar.ParseQuery(map[string][]string{"received": {"today"}, "limit": {"x"}, "unit": {"week"}, "elapsed": {"yes"}, "policy": {"later"}, "hours": {"9-5"}, "pause": {"2026-11-17T08:00:00+07:00/later"}})
	refused(t, err, refusal.Invalid, "calendar.type", "calendar.type", "calendar.hours", "calendar.instant", "calendar.pause.policy", "calendar.instant", "calendar.limit.unit")
}

func TestInstantsAreRFC3339(t *testing.T) {
	for text, good := range map[string]bool{
		"2026-11-16T09:00:00+07:00": true, "2026-11-16T09:00:00.25Z": true, "2026-11-16T09:00:00-00:00": true, "2024-02-29T09:00:00Z": true,
		"2026-11-16T9:00:00+07:00": false, "2026-11-16T09:00:00,25Z": false, "2026-11-16T09:00:00+24:00": false, "2026-11-16T09:00:00+07:60": false,
		"2026-11-16T09:00:00": false, "2026-11-16T09:00+07:00": false, "2026-11-16 09:00:00": false, "2026-02-29T09:00:00Z": false, "2026-11-16T24:00:00Z": false, "2026-11-16": false,
	} {
		if _, err := calendar.ParseQuery(map[string][]string{"received": {text}}); good != (err == nil) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRequestWithItsOwnHours(t *testing.T) {
	r := calendar.Request{Received: at("2026-11-16 09:00"), Limit: calendar.Limit{N: 1, Unit: calendar.WorkingDay}, Hours: calendar.Always(calendar.Span{Start: 480, End: 720})}
	if due, err := r.Due(calendar.Builtin()); err != nil || !due.Equal(at("2026-11-17 12:00")) {
		t.Error(due, err)
	}
}

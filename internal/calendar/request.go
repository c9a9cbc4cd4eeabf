// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/refusal"
)

// Request asks for one due instant: what the command reads from its options or
// from a line of its batch, and the API from a query.
type Request struct {
	Received time.Time
	Limit    Limit
	Elapsed  bool
	Policy   Policy // of the pauses that name none; empty: Resume
	Pauses   []Pause
	Hours    Hours // office hours; none: the calendar's
}

// Due answers the request on a calendar.
func (r Request) Due(c *Calendar) (time.Time, error) {
	if r.Hours != nil {
		c = c.WithHours(r.Hours)
	}
	return c.Due(r.Received, r.Limit, r.Elapsed, r.Pauses)
}

// ParseRequest reads a JSON object with received, limit, unit and optionally
// policy, pauses and elapsed; a pause is [from, to] or {from, to, policy}, and
// without to it is open. What the object does not say is taken from otherwise.
// Other members are left alone, so that a line may carry its own marks.
func ParseRequest(data []byte, otherwise Request) (Request, error) {
	d := draft{Limit: otherwise.Limit.N, Unit: otherwise.Limit.Unit, Elapsed: otherwise.Elapsed, Policy: otherwise.Policy}
	var wrong []refusal.Field
	if err := json.Unmarshal(data, &d); err != nil {
		var mismatch *json.UnmarshalTypeError
		if !errors.As(err, &mismatch) {
			return Request{}, refusal.New(refusal.Invalid, "calendar.json", "why", err.Error())
		}
		if mismatch.Field == "" {
			return Request{}, refusal.New(refusal.Invalid, "calendar.json", "why", "not an object")
		}
		wrong = append(wrong, refusal.At("/"+mismatch.Field, "calendar.type", "value", mismatch.Value))
	}
	return d.request(otherwise, wrong)
}

// ParseQuery reads the options of the command or the query of the API:
// received, limit, unit, policy, pause (FROM/TO, repeatable; FROM/ is open),
// elapsed and hours. Empty values are as good as absent.
func ParseQuery(query map[string][]string) (Request, error) {
	value := func(name string) string {
		if all := query[name]; len(all) > 0 {
			return strings.TrimSpace(all[len(all)-1])
		}
		return ""
	}
	var wrong []refusal.Field
	d := draft{Received: unplus(value("received")), Unit: Unit(value("unit")), Policy: Policy(value("policy"))}
	if s := value("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil && d.Unit != SameDay {
			wrong = append(wrong, refusal.At("/limit", "calendar.type", "value", s))
		}
		d.Limit = n
	}
	if said, ok := query["elapsed"]; ok {
		elapsed, err := strconv.ParseBool(value("elapsed"))
		if err != nil && value("elapsed") != "" {
			wrong = append(wrong, refusal.At("/elapsed", "calendar.type", "value", value("elapsed")))
		}
		d.Elapsed = elapsed || len(said) > 0 && value("elapsed") == ""
	}
	for _, s := range query["pause"] {
		if s = strings.TrimSpace(s); s != "" {
			from, to, _ := strings.Cut(s, "/")
			d.Pauses = append(d.Pauses, draftPause{From: unplus(from), To: unplus(to)})
		}
	}
	var otherwise Request
	if s := value("hours"); s != "" {
		hours, err := ParseHours(s)
		if err != nil {
			wrong = append(wrong, refusal.At("/hours", "calendar.hours", "value", s))
		}
		otherwise.Hours = hours
	}
	return d.request(otherwise, wrong)
}

// unplus gives back the plus sign of an offset that a query turned into a space.
func unplus(s string) string { return strings.ReplaceAll(s, " ", "+") }

// draft is a request as it is written.
type draft struct {
	Received string       `json:"received"`
	Limit    int          `json:"limit"`
	Unit     Unit         `json:"unit"`
	Policy   Policy       `json:"policy"`
	Pauses   []draftPause `json:"pauses"`
	Elapsed  bool         `json:"elapsed"`
}

type draftPause struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Policy Policy `json:"policy"`
}

// UnmarshalJSON reads [from, to] or {from, to, policy}. Anything else becomes
// an instant that cannot be read, so that it is named with its place.
func (p *draftPause) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("[")) {
		type object draftPause
		if err := json.Unmarshal(data, (*object)(p)); err != nil || p.From == "" {
			*p = draftPause{From: string(data)}
		}
		return nil
	}
	var pair []string
	if err := json.Unmarshal(data, &pair); err != nil || len(pair) != 2 {
		*p = draftPause{From: string(data)}
		return nil
	}
	*p = draftPause{From: pair[0], To: pair[1]}
	return nil
}

// request reads the instants and refuses everything that is wrong at once; of
// two complaints about one place the first stands.
func (d draft) request(otherwise Request, wrong []refusal.Field) (Request, error) {
	r := otherwise
	r.Limit, r.Elapsed, r.Policy = Limit{d.Limit, d.Unit}, d.Elapsed, d.Policy
	if r.Policy == "" {
		r.Policy = Resume
	}
	read := func(pointer, text string) time.Time {
		t, ok := parseInstant(text)
		if !ok {
			wrong = append(wrong, refusal.At(pointer, "calendar.instant", "value", text))
		}
		return t
	}
	if d.Received != "" {
		r.Received = read("/received", d.Received)
	}
	if r.Policy != Resume && r.Policy != Restart && r.Policy != None {
		wrong = append(wrong, refusal.At("/policy", "calendar.pause.policy", "value", string(r.Policy)))
		r.Policy = None
	}
	if d.Pauses != nil {
		r.Pauses = make([]Pause, len(d.Pauses))
	}
	for i, p := range d.Pauses {
		pointer := "/pauses/" + strconv.Itoa(i)
		pause := Pause{From: read(pointer, p.From), Policy: p.Policy}
		if pause.Policy == "" {
			pause.Policy = r.Policy
		}
		if p.To != "" && p.To != ".." {
			pause.To = read(pointer, p.To)
		}
		r.Pauses[i] = pause
	}
	if len(wrong) == 0 {
		return r, nil
	}
	for _, f := range check(r.Received, r.Limit, r.Pauses) {
		if !slices.ContainsFunc(wrong, func(w refusal.Field) bool { return w.Pointer == f.Pointer }) {
			wrong = append(wrong, f)
		}
	}
	return Request{}, refusal.Fields("calendar.deadline", wrong)
}

// parseInstant reads RFC 3339 into Zone. The standard library lets an hour of
// one digit, a comma and an offset of 24:60 pass; RFC 3339 does not.
func parseInstant(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || s[len("2026-11-16T09")] != ':' || strings.Contains(s, ",") {
		return time.Time{}, false
	}
	if offset := s[len(s)-len("07:00"):]; !strings.HasSuffix(s, "Z") && (offset[:2] > "23" || offset[3:] > "59") {
		return time.Time{}, false
	}
	return t.In(Zone), true
}

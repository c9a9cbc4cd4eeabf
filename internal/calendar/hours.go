// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/refusal"
)

// Span is a stretch of office hours, in minutes of the day: [Start, End).
type Span struct{ Start, End int }

// Spans is the office hours of one working day, in order and without overlap.
type Spans []Span

// Season is the office hours from a day on, until the next season begins.
type Season struct {
	From  Date // zero: since ever
	Spans Spans
}

// Hours is the office hours of an agency: seasons in order, the first of which
// has always been. Text and JSON are as ParseHours reads them.
type Hours []Season

// OfficeHours is what holds where an agency has not set its own: eight hours.
func OfficeHours() Hours { return Always(Span{7*60 + 30, 11*60 + 30}, Span{13*60 + 30, 17*60 + 30}) }

// Always is office hours that are the same on every working day.
func Always(spans ...Span) Hours { return Hours{{Spans: spans}} }

// ParseHours reads "07:30-11:30,13:30-17:30" and, where hours change, what
// holds from a day on after it: "07:30-11:30,13:30-17:30; 2027-04-15
// 07:00-11:00,13:30-17:30". Seasons and spans are in order, spans do not overlap and
// lie within one day.
func ParseHours(s string) (Hours, error) {
	var hours Hours
	for part := range strings.SplitSeq(s, ";") {
		season, ok := parseSeason(strings.TrimSpace(part))
		if !ok || season.From.IsZero() != (len(hours) == 0) || len(hours) > 0 && season.From <= hours[len(hours)-1].From {
			return nil, refusal.New(refusal.Invalid, "calendar.hours", "value", s)
		}
		hours = append(hours, season)
	}
	return hours, nil
}

func parseSeason(s string) (Season, bool) {
	var season Season
	if from, spans, dated := strings.Cut(s, " "); dated && len(from) == len(time.DateOnly) {
		day, err := ParseDate(from)
		if err != nil {
			return season, false
		}
		season.From, s = day, spans
	}
	for part := range strings.SplitSeq(s, ",") {
		from, to, _ := strings.Cut(strings.TrimSpace(part), "-")
		start, ok1 := parseMinute(from)
		end, ok2 := parseMinute(to)
		if !ok1 || !ok2 || end <= start || len(season.Spans) > 0 && start < season.Spans[len(season.Spans)-1].End {
			return season, false
		}
		season.Spans = append(season.Spans, Span{start, end})
	}
	return season, true
}

func parseMinute(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if len(s) != len("07:30") || s[2] != ':' {
		return 0, false
	}
	hour, err1 := strconv.ParseUint(s[:2], 10, 8)
	minute, err2 := strconv.ParseUint(s[3:], 10, 8)
	return int(hour*60 + minute), err1 == nil && err2 == nil && hour < 24 && minute < 60
}

// String is what ParseHours reads.
func (h Hours) String() string {
	seasons := make([]string, len(h))
	for i, s := range h {
		if !s.From.IsZero() {
			seasons[i] = s.From.String() + " "
		}
		seasons[i] += s.Spans.String()
	}
	return strings.Join(seasons, "; ")
}

// String is the spans of a day: "07:30-11:30,13:30-17:30".
func (d Spans) String() string {
	spans := make([]string, len(d))
	for i, s := range d {
		spans[i] = fmt.Sprintf("%02d:%02d-%02d:%02d", s.Start/60, s.Start%60, s.End/60, s.End%60)
	}
	return strings.Join(spans, ",")
}

// On is the office hours of a day, if it is a working day.
func (h Hours) On(day Date) Spans {
	i := len(h) - 1
	for i > 0 && h[i].From > day {
		i--
	}
	return h[i].Spans
}

// MarshalText writes String.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what ParseHours reads.
func (h *Hours) UnmarshalText(text []byte) error {
	read, err := ParseHours(string(text))
	if err != nil {
		return err
	}
	*h = read
	return nil
}

// Length is the working time of the day.
func (d Spans) Length() time.Duration {
	total := 0
	for _, s := range d {
		total += s.End - s.Start
	}
	return time.Duration(total) * time.Minute
}

// orderly returns seasons and spans sorted, with empty spans dropped and
// overlapping ones joined; the default when nothing remains. A calendar built
// in code can so never count with hours that make no day.
func (h Hours) orderly() Hours {
	var hours Hours
	for _, s := range slices.SortedStableFunc(slices.Values(h), func(a, b Season) int { return cmp.Compare(a.From, b.From) }) {
		if s.Spans = s.Spans.orderly(); len(s.Spans) > 0 {
			hours = append(hours, s)
		}
	}
	if len(hours) == 0 {
		return OfficeHours()
	}
	hours[0].From = 0
	return hours
}

func (d Spans) orderly() Spans {
	sorted := slices.SortedFunc(slices.Values(d), func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	var day Spans
	for _, s := range sorted {
		s.Start, s.End = max(s.Start, 0), min(s.End, 24*60-1)
		if last := len(day) - 1; last >= 0 && s.Start < day[last].End {
			day[last].End = max(day[last].End, s.End)
		} else if s.Start < s.End {
			day = append(day, s)
		}
	}
	return day
}

// passed is the working time of the day before an offset into it.
func (d Spans) passed(offset time.Duration) time.Duration {
	var total time.Duration
	for _, s := range d {
		start, end := time.Duration(s.Start)*time.Minute, time.Duration(s.End)*time.Minute
		total += max(0, min(offset, end)-start)
	}
	return total
}

// reach is the first offset into the day at which so much working time has
// passed; work is above zero and at most Length.
func (d Spans) reach(work time.Duration) time.Duration {
	for _, s := range d {
		length := time.Duration(s.End-s.Start) * time.Minute
		if work <= length {
			return time.Duration(s.Start)*time.Minute + work
		}
		work -= length
	}
	return time.Duration(d[len(d)-1].End) * time.Minute
}

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

// Hours is the office hours of a working day, in order and without overlap.
// Text and JSON are as ParseHours reads them.
type Hours []Span

// OfficeHours is what holds where an agency has not set its own: eight hours.
func OfficeHours() Hours { return Hours{{7*60 + 30, 11*60 + 30}, {13*60 + 30, 17*60 + 30}} }

// ParseHours reads "07:30-11:30,13:30-17:30". Spans are in order, do not
// overlap and lie within one day.
func ParseHours(s string) (Hours, error) {
	wrong := refusal.New(refusal.Invalid, "calendar.hours", "value", s)
	var hours Hours
	for part := range strings.SplitSeq(s, ",") {
		from, to, _ := strings.Cut(strings.TrimSpace(part), "-")
		start, ok1 := parseMinute(from)
		end, ok2 := parseMinute(to)
		if !ok1 || !ok2 || end <= start || len(hours) > 0 && start < hours[len(hours)-1].End {
			return nil, wrong
		}
		hours = append(hours, Span{start, end})
	}
	return hours, nil
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
	parts := make([]string, len(h))
	for i, s := range h {
		parts[i] = fmt.Sprintf("%02d:%02d-%02d:%02d", s.Start/60, s.Start%60, s.End/60, s.End%60)
	}
	return strings.Join(parts, ",")
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

// Length is the working time of one day.
func (h Hours) Length() time.Duration {
	total := 0
	for _, s := range h {
		total += s.End - s.Start
	}
	return time.Duration(total) * time.Minute
}

// orderly returns the hours sorted, with empty spans dropped and overlapping
// ones joined; the default when nothing remains. A calendar built in code can
// so never count with hours that make no day.
func (h Hours) orderly() Hours {
	sorted := slices.SortedFunc(slices.Values(h), func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	var hours Hours
	for _, s := range sorted {
		s.Start, s.End = max(s.Start, 0), min(s.End, 24*60-1)
		if last := len(hours) - 1; last >= 0 && s.Start < hours[last].End {
			hours[last].End = max(hours[last].End, s.End)
		} else if s.Start < s.End {
			hours = append(hours, s)
		}
	}
	if len(hours) == 0 {
		return OfficeHours()
	}
	return hours
}

// passed is the working time of a day before an offset into it.
func (h Hours) passed(offset time.Duration) time.Duration {
	var total time.Duration
	for _, s := range h {
		start, end := time.Duration(s.Start)*time.Minute, time.Duration(s.End)*time.Minute
		total += max(0, min(offset, end)-start)
	}
	return total
}

// reach is the first offset into a day at which so much working time has
// passed; work is above zero and at most Length.
func (h Hours) reach(work time.Duration) time.Duration {
	for _, s := range h {
		length := time.Duration(s.End-s.Start) * time.Minute
		if work <= length {
			return time.Duration(s.Start)*time.Minute + work
		}
		work -= length
	}
	return time.Duration(h[len(h)-1].End) * time.Minute
}

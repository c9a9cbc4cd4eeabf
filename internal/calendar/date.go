// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"fmt"
	"time"
)

// Zone is the legal time of Việt Nam, +07:00 without summer time; it needs no
// time zone database.
var Zone = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// Date is a day in Zone. It counts from 1 January of the year 1, which is 1, so
// days are added and compared as numbers; the zero Date is no day at all. Text
// and JSON are YYYY-MM-DD, or "" for no day.
type Date int32

const (
	unixDay     = 719163 // 1970-01-01 as a Date
	daySeconds  = 24 * 60 * 60
	zoneSeconds = 7 * 60 * 60
)

// NewDate makes a date; month and day overflow as in time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/daySeconds + unixDay)
}

// DateOf returns the local date of an instant.
func DateOf(t time.Time) Date {
	return Date((t.Unix() + zoneSeconds + unixDay*daySeconds) / daySeconds)
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("date %q is not YYYY-MM-DD", s)
	}
	return Date((t.Unix() + unixDay*daySeconds) / daySeconds), nil
}

// MustDate is ParseDate for dates written in the program; it panics.
func MustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// IsZero is true when d is no day.
func (d Date) IsZero() bool { return d == 0 }

// Before is true when d is an earlier day than e.
func (d Date) Before(e Date) bool { return d < e }

// After is true when d is a later day than e.
func (d Date) After(e Date) bool { return d > e }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday(((d % 7) + 7) % 7) }

// Year returns the year.
func (d Date) Year() int { return d.utc().Year() }

// At returns the local instant so many minutes into the day.
func (d Date) At(minute int) time.Time {
	return time.Unix((int64(d)-unixDay)*daySeconds-zoneSeconds+int64(minute)*60, 0).In(Zone)
}

// AddMonths returns the same day of the month n months on, or the last day of
// that month if it has no such day.
func (d Date) AddMonths(n int) Date {
	year, month, day := d.utc().Date()
	last := NewDate(year, month+time.Month(n)+1, 0)
	return min(NewDate(year, month+time.Month(n), day), last)
}

// String is YYYY-MM-DD, or "" for no day.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format(time.DateOnly)
}

// MarshalText writes String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD, or "" as no day.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	read, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = read
	return nil
}

func (d Date) utc() time.Time { return time.Unix((int64(d)-unixDay)*daySeconds, 0).UTC() }

// SPDX-License-Identifier: Apache-2.0

// Package calendar is working time: working days and office hours, and the due
// date that the State promises with them.
//
// A due date is a pure function of calendar, reception, limit and pauses, so
// recomputing it gives the same answer for ever; nothing adjusts one by adding
// to it. A year whose holidays are not loaded is refused, never guessed. There
// is no clock here: every instant is given. Law: Civil Code 2015 art. 147–148,
// Labour Code 2019 art. 112. Start at (*Calendar).Due.
package calendar

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"motcua/internal/refusal"
)

// Calendar is the holidays of some years and the office hours of an agency. It
// never changes, so a dossier can pin it and many may read it at once.
type Calendar struct {
	holidays []Holiday // by date
	hours    Hours
	years    []int           // loaded, ascending
	days     []Date          // every working day of the loaded years, ascending
	worked   []time.Duration // working time before each of the days, and after the last
}

// New makes a calendar of the years in which holidays fall; no hours are
// OfficeHours.
func New(holidays []Holiday, hours Hours) *Calendar {
	c := &Calendar{holidays: slices.Clone(holidays)}
	slices.SortStableFunc(c.holidays, func(a, b Holiday) int { return int(a.Date - b.Date) })
	off, worked := map[Date]bool{}, map[Date]bool{}
	for _, h := range c.holidays {
		if h.Kind == SwapWork {
			worked[h.Date] = true
		} else {
			off[h.Date] = true
		}
		if year := h.Date.Year(); len(c.years) == 0 || c.years[len(c.years)-1] != year {
			c.years = append(c.years, year)
		}
	}
	for _, year := range c.years {
		for d := NewDate(year, time.January, 1); d <= NewDate(year, time.December, 31); d++ {
			switch d.Weekday() {
			case time.Sunday:
			case time.Saturday:
				if worked[d] {
					c.days = append(c.days, d)
				}
			default:
				if !off[d] {
					c.days = append(c.days, d)
				}
			}
		}
	}
	c.keep(hours)
	return c
}

// keep sets the office hours and adds up the working time they make.
func (c *Calendar) keep(hours Hours) {
	c.hours = hours.orderly()
	c.worked = make([]time.Duration, len(c.days)+1)
	for i, d := range c.days {
		c.worked[i+1] = c.worked[i] + c.hours.On(d).Length()
	}
}

//go:embed holidays.csv
var builtin []byte

var loadBuiltin = sync.OnceValue(func() *Calendar {
	holidays, err := ParseHolidays(bytes.NewReader(builtin))
	if err != nil {
		panic(fmt.Errorf("built-in calendar: %w", err)) // a broken build
	}
	return New(holidays, nil)
})

// Builtin is the calendar of 2018 to 2027 with OfficeHours.
func Builtin() *Calendar { return loadBuiltin() }

// WithHours is the same calendar with the office hours of another agency; no
// hours are OfficeHours.
func (c *Calendar) WithHours(hours Hours) *Calendar {
	other := *c
	other.keep(hours)
	return &other
}

// WithYears is the same calendar with those years of another one that it lacks.
func (c *Calendar) WithYears(other *Calendar) *Calendar {
	missing := slices.DeleteFunc(other.Holidays(), func(h Holiday) bool { return c.loaded(h.Date.Year()) })
	if len(missing) == 0 {
		return c
	}
	return New(append(missing, c.holidays...), c.hours)
}

// Hours returns the office hours.
func (c *Calendar) Hours() Hours { return c.hours.orderly() }

// Years lists the loaded years, ascending.
func (c *Calendar) Years() []int { return slices.Clone(c.years) }

// Holidays lists every date that differs from its weekday, by date.
func (c *Calendar) Holidays() []Holiday { return slices.Clone(c.holidays) }

// edition is a calendar as it is stored.
type edition struct {
	Hours    Hours     `json:"hours"`
	Holidays []Holiday `json:"holidays"`
}

// MarshalJSON writes the whole edition: hours and holidays. The loaded years
// are those of the holidays.
func (c *Calendar) MarshalJSON() ([]byte, error) {
	return json.Marshal(edition{c.hours, c.holidays})
}

// UnmarshalJSON reads an edition into a new calendar and refuses what
// ParseHours and ParseHolidays refuse.
func (c *Calendar) UnmarshalJSON(data []byte) error {
	var e edition
	if err := json.Unmarshal(data, &e); err != nil {
		return fmt.Errorf("calendar: %w", err)
	}
	pointers := make([]string, len(e.Holidays))
	for i := range pointers {
		pointers[i] = fmt.Sprintf("/holidays/%d", i)
	}
	if err := refusal.Fields("calendar.holidays", checkHolidays(e.Holidays, pointers)); err != nil {
		return err
	}
	*c = *New(e.Holidays, e.Hours)
	return nil
}

// IsWorkingDay is true on Monday to Friday unless a holiday or a day given off,
// and on a Saturday that is worked in exchange.
func (c *Calendar) IsWorkingDay(d Date) (bool, error) {
	if err := c.covers(d, d); err != nil {
		return false, err
	}
	_, working := slices.BinarySearch(c.days, d)
	return working, nil
}

// ReceptionDay is the day to which a reception belongs: its local date if that
// is a working day and office hours are not over, otherwise the next working day.
func (c *Calendar) ReceptionDay(t time.Time) (Date, error) {
	d := DateOf(t)
	if t.After(c.EndOfDay(d)) {
		return c.Shift(d, 1)
	}
	return c.Shift(d, 0)
}

// EndOfDay is the end of office hours on a day.
func (c *Calendar) EndOfDay(d Date) time.Time {
	day := c.hours.On(d)
	return d.At(day[len(day)-1].End)
}

// StartOfDay is the beginning of office hours on a day.
func (c *Calendar) StartOfDay(d Date) time.Time { return d.At(c.hours.On(d)[0].Start) }

// Shift moves by working days: to the n-th one after d, the n-th one before it
// when n is below zero, and for 0 to d or, if that is none, the next one.
func (c *Calendar) Shift(d Date, n int) (Date, error) {
	n = max(-maxLimit, min(n, maxLimit))
	i, working := slices.BinarySearch(c.days, d)
	if n > 0 && !working {
		n--
	}
	if i+n < 0 {
		return 0, c.beyond(d, -1)
	}
	return c.workingDay(i+n, d)
}

// WorkingBetween is the working time from a to b, below zero when b is earlier.
func (c *Calendar) WorkingBetween(a, b time.Time) (time.Duration, error) {
	if err := c.covers(min(DateOf(a), DateOf(b)), max(DateOf(a), DateOf(b))); err != nil {
		return 0, err
	}
	return c.between(a, b), nil
}

// ForwardBy is when a paper dossier must have been forwarded to who handles it:
// the same working day if received by 15:00, otherwise the beginning of the
// next working day (Art. 18 NĐ 61/2018/NĐ-CP).
func (c *Calendar) ForwardBy(received time.Time) (time.Time, error) {
	d := DateOf(received)
	working, err := c.IsWorkingDay(d)
	if err != nil {
		return time.Time{}, err
	}
	if working && !received.After(d.At(latestSameDay)) {
		return c.EndOfDay(d), nil
	}
	next, err := c.Shift(d, 1)
	if err != nil {
		return time.Time{}, err
	}
	return c.StartOfDay(next), nil
}

// latestSameDay is 15:00, the last minute at which what comes in is still dealt
// with on that day.
const latestSameDay = 15 * 60

// workingDay is the i-th working day of the calendar, refused unless every year
// between it and from is loaded.
func (c *Calendar) workingDay(i int, from Date) (Date, error) {
	if i >= len(c.days) {
		return 0, c.beyond(from, +1)
	}
	d := c.days[i]
	return d, c.covers(min(d, from), max(d, from))
}

// count is the number of working days in (a, b].
func (c *Calendar) count(a, b Date) int {
	i, _ := slices.BinarySearch(c.days, a+1)
	j, _ := slices.BinarySearch(c.days, b+1)
	return max(0, j-i)
}

// before is the working time of the loaded years that has passed at t.
func (c *Calendar) before(t time.Time) time.Duration {
	d := DateOf(t)
	i, working := slices.BinarySearch(c.days, d)
	if !working {
		return c.worked[i]
	}
	return c.worked[i] + c.hours.On(d).passed(t.Sub(d.At(0)))
}

func (c *Calendar) between(a, b time.Time) time.Duration { return c.before(b) - c.before(a) }

// after is the first instant at which so much working time has passed since
// start; work is above zero. Years are checked back to from.
func (c *Calendar) after(start time.Time, work time.Duration, from Date) (time.Time, error) {
	work += c.before(start)
	i, _ := slices.BinarySearch(c.worked, work) // exactly full is the end of that day, not the start of the next
	d, err := c.workingDay(i-1, from)
	if err != nil {
		return time.Time{}, err
	}
	return d.At(0).Add(c.hours.On(d).reach(work - c.worked[i-1])), nil
}

// covers refuses a year that is not loaded, from the one of a to the one of b.
func (c *Calendar) covers(a, b Date) error {
	for year, last := a.Year(), b.Year(); year <= last; year++ {
		if !c.loaded(year) {
			return missing(year)
		}
	}
	return nil
}

// beyond refuses the nearest year that is not loaded, later or earlier than d.
func (c *Calendar) beyond(d Date, direction int) error {
	year := d.Year()
	for c.loaded(year) {
		year += direction
	}
	return missing(year)
}

func (c *Calendar) loaded(year int) bool {
	_, ok := slices.BinarySearch(c.years, year)
	return ok
}

func missing(year int) error {
	return refusal.New(refusal.NotNow, "calendar.year.missing", "year", year)
}

// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"slices"
	"strconv"
	"time"

	"motcua/internal/refusal"
)

// Unit is what a limit counts.
type Unit string

// The units of limits.
const (
	WorkingDay  Unit = "working_day"
	Day         Unit = "day"   // calendar days
	Month       Unit = "month" // calendar months
	WorkingHour Unit = "working_hour"
	SameDay     Unit = "same_day" // takes no number and knows no pauses
)

// Limit is the time that the law or a process allows.
type Limit struct {
	N    int  `json:"n"`
	Unit Unit `json:"unit"`
}

// Valid is true when the unit is known and the number one that it can count.
func (l Limit) Valid() bool { return len(l.check()) == 0 }

// maxLimit keeps every sum of working time within an int64 of nanoseconds.
const maxLimit = 100_000

// hoursOfDay is what `elapsed` counts a working day as.
const hoursOfDay = 8

// Policy says what a pause does to the clock.
type Policy string

// The policies of pauses.
const (
	Resume  Policy = "resume"  // the clock stands still and goes on
	Restart Policy = "restart" // the whole limit is counted anew from the end (Art. 19(4) NĐ 61/2018/NĐ-CP)
	None    Policy = "none"    // the clock runs on
)

// Pause is an interval [From, To) in which the agency waits, with why, by what
// law and by whom. While it is open, To is zero.
type Pause struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"`
	Policy Policy    `json:"policy"`
	Cause  string    `json:"cause,omitempty"`
	Basis  string    `json:"basis,omitempty"`
	By     string    `json:"by,omitempty"`
}

// Due is the due instant of a dossier received at an instant: the appointment.
// elapsed counts working days as eight working hours each instead of to the end
// of a day. Refused: a wrong limit or pause (Invalid, all of them at once), an
// open pause and a year that is not loaded (NotNow).
func (c *Calendar) Due(received time.Time, limit Limit, elapsed bool, pauses []Pause) (time.Time, error) {
	if wrong := check(received, limit, pauses); len(wrong) > 0 {
		return time.Time{}, refusal.Fields("calendar.deadline", wrong)
	}
	received = received.Round(0).In(Zone) // a monotonic reading would survive into the answer
	if limit.Unit == SameDay {
		return c.sameDay(received)
	}
	start, stops, err := running(received, pauses)
	if err != nil {
		return time.Time{}, err
	}
	switch {
	case limit.Unit == WorkingHour:
		return c.spend(start, time.Duration(limit.N)*time.Hour, stops)
	case limit.Unit == WorkingDay && elapsed:
		return c.spend(start, time.Duration(limit.N)*hoursOfDay*time.Hour, stops)
	}
	day, err := c.dueDay(start, limit, stops)
	if err != nil {
		return time.Time{}, err
	}
	return c.EndOfDay(day), nil
}

// Left is the working time to the due instant, below zero when it has passed.
// In an open pause there is no due instant: what was left when it began stays,
// or the whole limit if the pause makes the clock restart.
func (c *Calendar) Left(received time.Time, limit Limit, elapsed bool, pauses []Pause, now time.Time) (time.Duration, error) {
	held := slices.Clone(pauses)
	stopped, restarts := false, false
	for _, p := range pauses {
		if p.Policy == None || !p.To.IsZero() || limit.Unit == SameDay {
			continue
		}
		if !stopped || p.From.Before(now) {
			now = p.From
		}
		stopped, restarts = true, restarts || p.Policy == Restart
	}
	if restarts {
		received, held = now, nil
	} else if stopped {
		held = slices.DeleteFunc(held, func(p Pause) bool { return p.From.After(now) || p.To.IsZero() && p.Policy != None })
		for i, p := range held {
			if p.Policy == Resume && p.To.After(now) {
				held[i].To = now
			}
		}
	}
	due, err := c.Due(received, limit, elapsed, held)
	if err != nil {
		return 0, err
	}
	return c.WorkingBetween(now, due)
}

// check names everything that is wrong in itself.
func check(received time.Time, limit Limit, pauses []Pause) []refusal.Field {
	var wrong []refusal.Field
	if received.IsZero() {
		wrong = append(wrong, refusal.At("/received", "calendar.received.missing"))
	}
	wrong = append(wrong, limit.check()...)
	if limit.Unit == SameDay {
		pauses = nil
	}
	for i, p := range pauses {
		pointer := "/pauses/" + strconv.Itoa(i)
		switch {
		case p.Policy != Resume && p.Policy != Restart && p.Policy != None:
			wrong = append(wrong, refusal.At(pointer, "calendar.pause.policy", "value", string(p.Policy)))
		case p.From.Before(received):
			wrong = append(wrong, refusal.At(pointer, "calendar.pause.early"))
		case !p.To.IsZero() && p.To.Before(p.From):
			wrong = append(wrong, refusal.At(pointer, "calendar.pause.order"))
		}
	}
	return wrong
}

func (l Limit) check() []refusal.Field {
	switch l.Unit {
	case SameDay:
	case WorkingDay, Day, Month, WorkingHour:
		if l.N < 1 || l.N > maxLimit {
			return []refusal.Field{refusal.At("/limit", "calendar.limit.n", "value", l.N, "min", 1, "max", maxLimit)}
		}
	default:
		return []refusal.Field{refusal.At("/unit", "calendar.limit.unit", "value", string(l.Unit))}
	}
	return nil
}

// stop is a stretch in which the clock stands still: [from, to).
type stop struct{ from, to time.Time }

// running is when the clock that counts was started, and when it stood still
// since: the end of the latest restart, and the resumed pauses after it, merged.
// What of a pause lies before the start is forgotten with all that passed there.
func running(received time.Time, pauses []Pause) (time.Time, []stop, error) {
	start := received
	for _, p := range pauses {
		if p.Policy != None && p.To.IsZero() {
			return start, nil, refusal.New(refusal.NotNow, "calendar.pause.open")
		}
		if p.Policy == Restart && p.To.After(start) {
			start = p.To.Round(0).In(Zone)
		}
	}
	var stops []stop
	for _, p := range pauses {
		if p.Policy != Resume || !p.To.After(start) {
			continue
		}
		s := stop{p.From.Round(0), p.To.Round(0)}
		if s.from.Before(start) {
			s.from = start
		}
		stops = append(stops, s)
	}
	return start, merge(stops), nil
}

func merge(stops []stop) []stop {
	slices.SortFunc(stops, func(a, b stop) int { return a.from.Compare(b.from) })
	merged := stops[:0]
	for _, s := range stops {
		if last := len(merged) - 1; last < 0 || s.from.After(merged[last].to) {
			merged = append(merged, s)
		} else if s.to.After(merged[last].to) {
			merged[last].to = s.to
		}
	}
	return merged
}

// sameDay is today for what comes in by 15:00 on a working day, otherwise the
// next working day.
func (c *Calendar) sameDay(received time.Time) (time.Time, error) {
	day := DateOf(received)
	working, err := c.IsWorkingDay(day)
	if err != nil {
		return time.Time{}, err
	}
	if !working || received.After(day.At(latestSameDay)) {
		if day, err = c.Shift(day, 1); err != nil {
			return time.Time{}, err
		}
	}
	return c.EndOfDay(day), nil
}

// dueDay counts days from the day after the reception day and moves on by those
// that lie in pauses (Civil Code 2015 art. 147–148).
func (c *Calendar) dueDay(start time.Time, limit Limit, stops []stop) (Date, error) {
	first, err := c.ReceptionDay(start)
	if err != nil {
		return 0, err
	}
	calendarDays, workingDays := 0, 0
	for _, s := range stops {
		a, b := max(DateOf(s.from), first), DateOf(s.to)
		if b <= a {
			continue
		}
		calendarDays += int(b - a)
		if limit.Unit == WorkingDay {
			if err := c.covers(a, b); err != nil {
				return 0, err
			}
			workingDays += c.count(a, b)
		}
	}
	var due Date
	switch limit.Unit {
	case WorkingDay:
		i, _ := slices.BinarySearch(c.days, first)
		return c.workingDay(i+limit.N+workingDays, first)
	case Day:
		due = first + Date(limit.N+calendarDays)
	case Month:
		due = first.AddMonths(limit.N) + Date(calendarDays)
	}
	i, _ := slices.BinarySearch(c.days, due)
	return c.workingDay(i, first)
}

// spend is the first instant at which so much working time has passed since
// start, outside the stops.
func (c *Calendar) spend(start time.Time, work time.Duration, stops []stop) (time.Time, error) {
	clock := start
	for _, s := range stops {
		ran := c.between(clock, s.from)
		if work <= ran {
			break
		}
		work -= ran
		clock = s.to
	}
	return c.after(clock, work, DateOf(start))
}

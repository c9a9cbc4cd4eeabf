// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"fmt"

	"motcua/internal/refusal"
)

// A legal month holds at least four weeks, a step of a month lasts at most 31 days.
const (
	shortestMonth = 28
	longestMonth  = 31
)

// Weigh is the working time, in minutes, that limits take one after another at
// most. A working day, and whatever is dealt with on the same day, is one day of
// office hours; a calendar day is a working day at most, a month 31 of them.
func (c *Calendar) Weigh(limits []Limit) int {
	day, total := c.office(), 0
	for _, l := range limits {
		switch l.Unit {
		case WorkingDay, Day:
			total += l.N * day
		case Month:
			total += l.N * longestMonth * day
		case WorkingHour:
			total += l.N * 60
		case SameDay:
			total += day
		}
	}
	return total
}

// CheckSteps refuses steps whose limits together may take longer than the legal
// limit; units may be mixed. A legal limit in working time is compared by Weigh.
// A legal limit in calendar days or months is compared in calendar days of weeks
// without holidays: a month has 28 days after the steps' own months are taken
// off it, and working time counts as the shortest limit in days that always
// holds it, whatever the weekday (1 working day: 1 day, 2: 4, 5: 7, 10: 14).
func (c *Calendar) CheckSteps(legal Limit, steps []Limit) error {
	wrong := legal.check()
	for i, s := range steps {
		for _, f := range s.check() {
			f.Pointer = fmt.Sprintf("/steps/%d", i)
			wrong = append(wrong, f)
		}
	}
	if err := refusal.Fields("calendar.steps", wrong); err != nil {
		return err
	}
	if legal.Unit == Day || legal.Unit == Month {
		return c.checkCalendarSteps(legal, steps)
	}
	if sum, allowed := c.Weigh(steps), c.Weigh([]Limit{legal}); sum > allowed {
		return refusal.New(refusal.Invalid, "calendar.steps.hours", "sum", hours(sum), "allowed", hours(allowed))
	}
	return nil
}

func (c *Calendar) checkCalendarSteps(legal Limit, steps []Limit) error {
	months, days := 0, 0
	var working []Limit
	for _, s := range steps {
		switch s.Unit {
		case Month:
			months += s.N
		case Day:
			days += s.N
		default:
			working = append(working, s)
		}
	}
	office := c.office()
	sum, allowed := days+holding((c.Weigh(working)+office-1)/office), legal.N
	if legal.Unit == Month {
		allowed = (legal.N - months) * shortestMonth
	} else {
		sum += months * longestMonth
	}
	if sum > allowed {
		return refusal.New(refusal.Invalid, "calendar.steps.days", "sum", sum, "allowed", max(0, allowed))
	}
	return nil
}

// office is the minutes of the shortest working day of all seasons.
func (c *Calendar) office() int {
	shortest := c.hours[0].Spans.Length()
	for _, s := range c.hours {
		shortest = min(shortest, s.Spans.Length())
	}
	return int(shortest.Minutes())
}

// holding is the shortest limit in calendar days that holds so many working
// days from any weekday; it ends on the next working day, so one day holds one.
func holding(workingDays int) int {
	if workingDays == 0 {
		return 0
	}
	weeks, rest := (workingDays-1)/5, (workingDays-1)%5
	return weeks*7 + [...]int{1, 4, 5, 6, 7}[rest]
}

// hours writes minutes as hours, exactly.
func hours(minutes int) string {
	if minutes%60 == 0 {
		return fmt.Sprint(minutes / 60)
	}
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}

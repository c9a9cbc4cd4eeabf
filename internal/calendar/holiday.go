// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"motcua/internal/refusal"
)

// Kind says how a date differs from its weekday.
type Kind string

// The kinds of dates.
const (
	Public   Kind = "holiday"   // public holiday (Labour Code 2019 art. 112)
	Observed Kind = "observed"  // day off in place of a holiday on a weekly day of rest
	SwapOff  Kind = "swap_off"  // working day given off, a Saturday is worked instead
	SwapWork Kind = "swap_work" // the Saturday worked instead
)

// Holiday is a date that differs from its weekday, by law or by the yearly
// announcement.
type Holiday struct {
	Date Date   `json:"date"`
	Kind Kind   `json:"kind"`
	Name string `json:"name,omitempty"`
}

// ParseHolidays reads CSV with a header line: the columns date and kind are
// needed, name is kept, others are left alone; lines that begin with # are
// comments. The years that occur are the years that are loaded. Every wrong
// line is refused at once, by its number.
func ParseHolidays(r io.Reader) ([]Holiday, error) {
	rows := csv.NewReader(r)
	rows.Comment, rows.FieldsPerRecord, rows.TrimLeadingSpace = '#', -1, true
	header, err := rows.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadable(err)
	}
	for i := range header {
		header[i] = strings.TrimSpace(strings.TrimPrefix(header[i], "\ufeff"))
	}
	date, kind, name := slices.Index(header, "date"), slices.Index(header, "kind"), slices.Index(header, "name")
	if date < 0 || kind < 0 {
		return nil, refusal.New(refusal.Invalid, "calendar.holidays.columns", "needed", "date, kind")
	}
	var holidays []Holiday
	var lines []string
	var wrong []refusal.Field
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		number, _ := rows.FieldPos(0)
		line := fmt.Sprintf("/%d", number)
		cell := func(i int) string {
			if i < 0 || i >= len(row) {
				return ""
			}
			return strings.TrimSpace(row[i])
		}
		day, err := ParseDate(cell(date))
		if err != nil {
			wrong = append(wrong, refusal.At(line, "calendar.holiday.date", "value", cell(date)))
			continue
		}
		holidays = append(holidays, Holiday{day, Kind(cell(kind)), cell(name)})
		lines = append(lines, line)
	}
	wrong = append(wrong, checkHolidays(holidays, lines)...)
	if len(holidays)+len(wrong) == 0 {
		return nil, refusal.New(refusal.Incomplete, "calendar.holidays.none")
	}
	if err := refusal.Fields("calendar.holidays", wrong); err != nil {
		return nil, err
	}
	return holidays, nil
}

// unreadable sorts what the reader says: bad CSV is refused, a failing reader
// is a fault.
func unreadable(err error) error {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return refusal.New(refusal.Invalid, "calendar.holidays.csv", "line", bad.Line, "why", bad.Err.Error())
	}
	return fmt.Errorf("holidays: %w", err)
}

// checkHolidays names every date that is out of range, of an unknown kind, a
// swapped working day that is no Saturday, or both off and worked.
func checkHolidays(holidays []Holiday, pointers []string) []refusal.Field {
	var wrong []refusal.Field
	worked := map[Date]bool{}
	for i, h := range holidays {
		before, known := worked[h.Date]
		worked[h.Date] = h.Kind == SwapWork
		switch year := h.Date.Year(); {
		case year < 1900 || year > 2199:
			wrong = append(wrong, refusal.At(pointers[i], "calendar.holiday.date", "value", h.Date.String()))
		case h.Kind != Public && h.Kind != Observed && h.Kind != SwapOff && h.Kind != SwapWork:
			wrong = append(wrong, refusal.At(pointers[i], "calendar.holiday.kind", "value", string(h.Kind)))
		case h.Kind == SwapWork && h.Date.Weekday() != time.Saturday:
			wrong = append(wrong, refusal.At(pointers[i], "calendar.holiday.saturday", "date", h.Date.String()))
		case known && before != worked[h.Date]:
			wrong = append(wrong, refusal.At(pointers[i], "calendar.holiday.contradiction", "date", h.Date.String()))
		}
	}
	return wrong
}

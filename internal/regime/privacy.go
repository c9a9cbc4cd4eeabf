// SPDX-License-Identifier: Apache-2.0

package regime

import (
	"time"

	"motcua/internal/calendar"
)

// Right is what a person may ask of the data that are kept of them.
type Right string

// The rights, in the order in which they are offered (Luật Bảo vệ dữ liệu cá nhân
// 91/2025/QH15, Điều 4).
const (
	Access   Right = "access"
	Export   Right = "export"
	Correct  Right = "correct"
	Object   Right = "object" // withdraw a consent, or object to a use
	Restrict Right = "restrict"
	Erase    Right = "delete"
)

// Rights lists them.
var Rights = []Right{Access, Export, Correct, Object, Restrict, Erase}

// Term is a time limit that may also be in hours of the clock, by day and night.
type Term struct {
	calendar.Limit
	Hours int // by the clock, if it is not zero
}

// End is when a term is over that began at an instant, and was made longer by days.
func (t Term) End(from time.Time, more int, cal *calendar.Calendar) (time.Time, error) {
	if t.Hours > 0 {
		return from.In(calendar.Zone).Add(time.Duration(t.Hours) * time.Hour), nil
	}
	t.N += more
	return cal.Due(from, t.Limit, false, nil)
}

// DataLaw is the law on personal data from a day on.
type DataLaw struct {
	ID         ID
	From       calendar.Date
	Basis      string
	Without    string         // by what data are processed without consent
	Answer     Term           // to say whether and how it will be done
	Done       map[Right]Term // to do it
	WithOthers Term           // to stop or erase what others process too
	Longest    int            // days of the one extension; 0: there is none
	Breach     Term           // to tell the ministry, from when it was noticed
	BreachBy   string         // article, as cited
}

var dataLaws = []DataLaw{
	{ID: "D2023", From: calendar.MustDate("2023-07-01"), Basis: "Nghị định 13/2023/NĐ-CP", Without: "Nghị định 13/2023/NĐ-CP, Điều 17",
		Answer: clock72, Done: map[Right]Term{Access: clock72, Export: clock72, Correct: clock72, Object: clock72, Restrict: clock72, Erase: clock72}, WithOthers: clock72,
		Breach: clock72, BreachBy: "Nghị định 13/2023/NĐ-CP, Điều 23 (mẫu số 03)"},
	{ID: "D2026", From: calendar.MustDate("2026-01-01"), Basis: "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15, Nghị định 356/2025/NĐ-CP", Without: "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15, Điều 19",
		Answer:     Term{Limit: calendar.Limit{N: 2, Unit: calendar.WorkingDay}},
		Done:       map[Right]Term{Access: days(10), Export: days(10), Correct: days(10), Object: days(15), Restrict: days(15), Erase: days(15)},
		WithOthers: days(20), Longest: 15,
		Breach: clock72, BreachBy: "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15, Điều 23, Nghị định 356/2025/NĐ-CP"},
}

var clock72 = Term{Hours: 72}

func days(n int) Term { return Term{Limit: calendar.Limit{N: n, Unit: calendar.Day}} }

// Do is within what time a right is carried out; others means that data have to be
// stopped or erased at a processor or somebody else, too.
func (l DataLaw) Do(r Right, others bool) Term {
	if others && (r == Object || r == Restrict || r == Erase) {
		return l.WithOthers
	}
	return l.Done[r]
}

// DataLawOn returns the law on personal data in force on a day; days before the
// first belong to the first.
func DataLawOn(day calendar.Date) DataLaw { return on(dataLaws, day) }

// FindDataLaw returns a law on personal data by its id; the latest if there is none.
func FindDataLaw(id ID) DataLaw { return named(dataLaws, id) }

func (l DataLaw) force() (ID, calendar.Date) { return l.ID, l.From }

// Complaint is within what time a complaint is decided, and by which law: ten days
// to take it up, thirty to decide.
func Complaint() (Term, string) {
	return days(40), "Luật Khiếu nại 02/2011/QH13, Điều 27 và 28"
}

// SPDX-License-Identifier: Apache-2.0

package form

import (
	"math"
	"time"
)

// Examples answers questions as their examples have it: each that must be
// answered, given the answers before it.
func Examples(fields []Field, now time.Time) Answers {
	answers := Answers{}
	for i := range fields {
		if q := &fields[i]; !q.Optional && q.When.Holds(Scope{Answers: answers}) {
			answers[q.ID] = Example(q, now)
		}
	}
	return answers
}

// Example is an answer to a question that is valid now.
func Example(q *Field, now time.Time) any {
	switch q.Type {
	case Name:
		return "Nguyễn Văn Mẫu"
	case IDNumber:
		return "046190000000"
	case OrgCode:
		return "3300000000"
	case Phone:
		return "0905000000"
	case Email:
		return "mau@example.vn"
	case Address:
		return "01 Lê Lợi, thành phố Huế"
	case TimeOfDay:
		return "09:00"
	case YesNo:
		return true
	case Date:
		return exampleDate(q, now)
	case Integer, Money, Decimal:
		return exampleNumber(q)
	case Choice:
		return q.Options[0].Value
	case Choices:
		return []any{q.Options[0].Value}
	case Group:
		return exampleGroup(q, now)
	}
	text := "Đã kiểm tra, đúng quy định"
	if r := []rune(text); q.Length > 0 && q.Length < len(r) {
		return string(r[:q.Length])
	}
	return text
}

// exampleGroup is one group, or as many items as there have to be, at least one.
func exampleGroup(q *Field, now time.Time) any {
	one := map[string]any(Examples(q.Fields, now))
	if q.Repeat == nil {
		return one
	}
	list := []any{one}
	for len(list) < q.Repeat.Min {
		list = append(list, one)
	}
	return list
}

func exampleDate(q *Field, now time.Time) string {
	c := checker{today: now}
	day := c.day()
	if from, ok := dateBound(q.From, day); ok && day.Before(from) {
		day = from
	}
	if to, ok := dateBound(q.To, day); ok && day.After(to) {
		day = to
	}
	return day.Format(time.DateOnly)
}

func exampleNumber(q *Field) any {
	n := 1.0
	if q.Type == Money {
		n = 1_500_000
	}
	if q.Min != nil {
		n = math.Max(n, *q.Min)
	}
	if q.Max != nil {
		n = math.Min(n, *q.Max)
	}
	if q.Type == Decimal {
		return n
	}
	return int64(n)
}

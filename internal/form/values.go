// SPDX-License-Identifier: Apache-2.0

package form

import (
	"net/url"
	"strconv"
	"strings"
)

// FromValues reads what an HTML form sent for these fields: names are dotted
// paths ("mother.name", "children.0.name"). Text stays as typed, so that
// nothing typed is lost when it is wrong; numbers and yes/no become themselves
// where they can. Fields that the page did not send are left out, except
// unticked choices, which become empty.
func FromValues(fields []Field, values url.Values) Answers {
	return fromValues(fields, values, "")
}

func fromValues(fields []Field, values url.Values, prefix string) map[string]any {
	answers := map[string]any{}
	for i := range fields {
		q := &fields[i]
		name := prefix + q.ID
		switch {
		case q.Type == Group && q.Repeat == nil:
			answers[q.ID] = fromValues(q.Fields, values, name+".")
		case q.Type == Group:
			items := []any{}
			for n := 0; n < itemsSent(values, name+".", q.Repeat.Max); n++ {
				items = append(items, fromValues(q.Fields, values, name+"."+strconv.Itoa(n)+"."))
			}
			answers[q.ID] = items
		case q.Type == Choices:
			list := []any{}
			for _, v := range values[name] {
				if v != "" {
					list = append(list, v)
				}
			}
			answers[q.ID] = list
		default:
			if sent, ok := values[name]; ok && len(sent) > 0 {
				answers[q.ID] = typed(q.Type, sent[len(sent)-1])
			}
		}
	}
	return answers
}

// itemsSent counts the items of a repeating group: the highest index sent.
func itemsSent(values url.Values, prefix string, most int) int {
	n := 0
	for name := range values {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		index, _, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(index); err == nil && i >= n && i < most {
			n = i + 1
		}
	}
	return n
}

func typed(t Type, s string) any {
	switch t {
	case YesNo:
		switch s {
		case "yes", "true":
			return true
		case "no", "false":
			return false
		}
	case Integer, Money:
		if n, err := strconv.ParseInt(strings.NewReplacer(".", "", " ", "", "\u00a0", "").Replace(s), 10, 64); err == nil {
			return n
		}
	case Decimal:
		if n, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(s), ",", "."), 64); err == nil {
			return n
		}
	}
	return s
}

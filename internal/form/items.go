// SPDX-License-Identifier: Apache-2.0

package form

import (
	"strconv"
	"strings"
)

// AddItem adds an empty item to the list at a dotted path. It returns the
// path of the new item's first question; "" if there is no such list or it is
// full.
func AddItem(fields []Field, answers map[string]any, path string) string {
	q, holder := listAt(fields, answers, path)
	if q == nil {
		return ""
	}
	items, _ := holder[q.ID].([]any)
	for len(items) < shownAtLeast(q) {
		items = append(items, map[string]any{})
	}
	if len(items) >= q.Repeat.Max {
		return ""
	}
	holder[q.ID] = append(items, map[string]any{})
	return path + "." + strconv.Itoa(len(items)) + "." + q.Fields[0].ID
}

// shownAtLeast is how many items a page shows of a list that has none.
func shownAtLeast(q *Field) int {
	if q.Repeat.Min == 0 && q.Optional {
		return 0
	}
	return max(1, q.Repeat.Min)
}

// RemoveItem takes the item with a prefix ("children.2.") out of its list.
func RemoveItem(fields []Field, answers map[string]any, prefix string) {
	path := strings.TrimSuffix(prefix, ".")
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return
	}
	n, err := strconv.Atoi(path[dot+1:])
	q, holder := listAt(fields, answers, path[:dot])
	if err != nil || q == nil {
		return
	}
	items, _ := holder[q.ID].([]any)
	if n < 0 || n >= len(items) {
		return
	}
	holder[q.ID] = append(items[:n:n], items[n+1:]...)
}

// listAt finds a repeating group and the answers that hold its list.
func listAt(fields []Field, answers map[string]any, path string) (*Field, map[string]any) {
	first, rest, deeper := strings.Cut(path, ".")
	for i := range fields {
		q := &fields[i]
		if q.ID != first || q.Type != Group {
			continue
		}
		if !deeper {
			if q.Repeat == nil {
				return nil, nil
			}
			return q, answers
		}
		if q.Repeat == nil {
			item, _ := answers[q.ID].(map[string]any)
			if item == nil {
				item = map[string]any{}
			}
			list, holder := listAt(q.Fields, item, rest)
			if list != nil {
				answers[q.ID] = item
			}
			return list, holder
		}
		index, rest, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(index)
		items, _ := answers[q.ID].([]any)
		if err != nil || n < 0 || n >= len(items) {
			return nil, nil
		}
		item, _ := items[n].(map[string]any)
		if item == nil {
			return nil, nil
		}
		return listAt(q.Fields, item, rest)
	}
	return nil, nil
}

// Prune drops the items of lists in which nothing was typed, above the least
// number of the list.
func Prune(fields []Field, answers map[string]any) {
	for i := range fields {
		q := &fields[i]
		if q.Type != Group {
			continue
		}
		if q.Repeat == nil {
			if item, _ := answers[q.ID].(map[string]any); item != nil {
				Prune(q.Fields, item)
			}
			continue
		}
		items, _ := answers[q.ID].([]any)
		kept := make([]any, 0, len(items))
		for n, x := range items {
			left := len(items) - n - 1
			if Blank(x) && len(kept)+left >= q.Repeat.Min {
				continue
			}
			if item, _ := x.(map[string]any); item != nil {
				Prune(q.Fields, item)
			}
			kept = append(kept, x)
		}
		if items != nil {
			answers[q.ID] = kept
		}
	}
}

// Blank is true when nothing was typed in an answer or in any part of it.
func Blank(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(x) == ""
	case []any:
		for _, y := range x {
			if !Blank(y) {
				return false
			}
		}
		return true
	case map[string]any:
		for _, y := range x {
			if !Blank(y) {
				return false
			}
		}
		return true
	}
	return false
}

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/url"
	"strconv"
	"strings"

	"motcua/internal/form"
)

// This file keeps what is typed: what a page sent is laid over what was kept,
// question by question, so that a page that sends less loses nothing. Items of
// a list go only when somebody removes them.

// keep lays what a page sent for these questions over the answers kept.
func keep(fields []form.Field, kept map[string]any, values url.Values) {
	merge(fields, kept, form.FromValues(fields, values), values, "")
}

func merge(fields []form.Field, kept, sent map[string]any, values url.Values, prefix string) {
	for i := range fields {
		q := &fields[i]
		v, ok := sent[q.ID]
		if !ok {
			continue
		}
		switch {
		case q.Type == form.Group && q.Repeat == nil:
			mergeItem(q, kept, v, values, prefix+q.ID+".")
		case q.Type == form.Group:
			mergeItems(q, kept, v, values, prefix+q.ID+".")
		case q.Type == form.Choices:
			if _, there := values[prefix+q.ID]; there {
				kept[q.ID] = v
			}
		default:
			kept[q.ID] = v
		}
	}
}

func mergeItem(q *form.Field, kept map[string]any, v any, values url.Values, prefix string) {
	sent, _ := v.(map[string]any)
	item, _ := kept[q.ID].(map[string]any)
	if item == nil {
		item = map[string]any{}
	}
	merge(q.Fields, item, sent, values, prefix)
	if len(item) > 0 {
		kept[q.ID] = item
	}
}

func mergeItems(q *form.Field, kept map[string]any, v any, values url.Values, prefix string) {
	sent, _ := v.([]any)
	items, _ := kept[q.ID].([]any)
	for n, x := range sent {
		if n == len(items) {
			items = append(items, map[string]any{})
		}
		item, _ := items[n].(map[string]any)
		if item == nil {
			item = map[string]any{}
		}
		one, _ := x.(map[string]any)
		merge(q.Fields, item, one, values, prefix+strconv.Itoa(n)+".")
		items[n] = item
	}
	if len(items) > 0 {
		kept[q.ID] = items
	}
}

// addItem adds an empty item to the list at a dotted path. It returns the
// path of the new item's first question; "" if there is no such list or it is
// full.
func addItem(fields []form.Field, answers map[string]any, path string) string {
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
func shownAtLeast(q *form.Field) int {
	if q.Repeat.Min == 0 && q.Optional {
		return 0
	}
	return max(1, q.Repeat.Min)
}

// removeItem takes the item with a prefix ("children.2.") out of its list.
func removeItem(fields []form.Field, answers map[string]any, prefix string) {
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
func listAt(fields []form.Field, answers map[string]any, path string) (*form.Field, map[string]any) {
	first, rest, deeper := strings.Cut(path, ".")
	for i := range fields {
		q := &fields[i]
		if q.ID != first || q.Type != form.Group {
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

// prune drops items in which nothing was typed, above the least number.
func prune(fields []form.Field, answers map[string]any) {
	for i := range fields {
		q := &fields[i]
		if q.Type != form.Group {
			continue
		}
		if q.Repeat == nil {
			if item, _ := answers[q.ID].(map[string]any); item != nil {
				prune(q.Fields, item)
			}
			continue
		}
		items, _ := answers[q.ID].([]any)
		kept := make([]any, 0, len(items))
		for n, x := range items {
			left := len(items) - n - 1
			if blank(x) && len(kept)+left >= q.Repeat.Min {
				continue
			}
			if item, _ := x.(map[string]any); item != nil {
				prune(q.Fields, item)
			}
			kept = append(kept, x)
		}
		if items != nil {
			answers[q.ID] = kept
		}
	}
}

// blank is true when nothing was typed.
func blank(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(x) == ""
	case []any:
		for _, y := range x {
			if !blank(y) {
				return false
			}
		}
		return true
	case map[string]any:
		for _, y := range x {
			if !blank(y) {
				return false
			}
		}
		return true
	}
	return false
}

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/url"
	"strconv"

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

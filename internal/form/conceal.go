// SPDX-License-Identifier: Apache-2.0

package form

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Concealed are the types of answers that are hidden on officers' screens until
// somebody asks for one: what finds a person, and is of use elsewhere.
func Concealed(t Type) bool { return t == IDNumber || t == Phone || t == Email }

// Conceal hides the middle of an answer of a concealed type: 0460•••••123,
// •••••••456, h•••@example.vn. Any other answer stays as it is.
func Conceal(t Type, s string) string {
	r := []rune(s)
	switch {
	case s == "" || !Concealed(t):
		return s
	case t == Email:
		_, host, ok := strings.Cut(s, "@")
		if !ok {
			host = ""
		}
		return string(r[:1]) + "•••@" + host
	case t == IDNumber && len(r) >= 9:
		return string(r[:4]) + strings.Repeat("•", len(r)-7) + string(r[len(r)-3:])
	case len(r) < 6:
		return strings.Repeat("•", len(r))
	}
	return strings.Repeat("•", len(r)-3) + string(r[len(r)-3:])
}

// ConcealAnswers is a copy of answers in which those of concealed types are
// hidden.
func ConcealAnswers(fields []Field, answers map[string]any) map[string]any {
	return walkConcealed(fields, answers, func(q *Field, s string) string { return Conceal(q.Type, s) })
}

// walkConcealed copies answers, with those of concealed types as change has them.
func walkConcealed(fields []Field, answers map[string]any, change func(q *Field, s string) string) map[string]any {
	if answers == nil {
		return nil
	}
	out := make(map[string]any, len(answers))
	for id, v := range answers {
		out[id] = v
	}
	for i := range fields {
		q := &fields[i]
		switch v := answers[q.ID].(type) {
		case string:
			if Concealed(q.Type) && v != "" {
				out[q.ID] = change(q, v)
			}
		case map[string]any:
			out[q.ID] = walkConcealed(q.Fields, v, change)
		case []any:
			list := make([]any, len(v))
			for n, x := range v {
				list[n] = x
				if item, ok := x.(map[string]any); ok {
					list[n] = walkConcealed(q.Fields, item, change)
				}
			}
			out[q.ID] = list
		}
	}
	return out
}

// Questions are all questions of the form, page by page.
func (f *Form) Questions() []Field { return f.all() }

// Numbers are the answers of concealed types that are known, each with how it is
// written where it is concealed: who gets them so, and sends them back unchanged,
// sends what they are.
type Numbers struct{ hidden, whole map[string]string }

// Add makes an answer known.
func (n *Numbers) Add(t Type, s string) {
	if !Concealed(t) || s == "" || n.hidden[s] != "" {
		return
	}
	if n.hidden == nil {
		n.hidden, n.whole = map[string]string{}, map[string]string{}
	}
	hidden := Conceal(t, s)
	for i := 2; n.whole[hidden] != ""; i++ { // two that look the same
		hidden = fmt.Sprintf("%s (%d)", Conceal(t, s), i)
	}
	n.hidden[s], n.whole[hidden] = hidden, s
}

// AddAnswers makes all of these answers known.
func (n *Numbers) AddAnswers(fields []Field, answers map[string]any) {
	walkConcealed(fields, answers, func(q *Field, s string) string {
		n.Add(q.Type, s)
		return s
	})
}

// Conceal is a copy of a value as JSON has it, with what is known concealed.
func (n *Numbers) Conceal(v any) any {
	if len(n.hidden) == 0 {
		return v
	}
	switch v.(type) {
	case nil, string, bool, float64, []any, map[string]any:
	default:
		var plain any
		if text, err := json.Marshal(v); err == nil && json.Unmarshal(text, &plain) == nil {
			v = plain
		}
	}
	return exchange(v, n.hidden)
}

// Whole is a copy of answers in which what came back concealed is what it was; only
// where it is concealed again, so that nobody reads it for having sent it.
func (n *Numbers) Whole(fields []Field, answers map[string]any) map[string]any {
	return walkConcealed(fields, answers, func(q *Field, s string) string {
		sent := strings.TrimSpace(s)
		if whole := n.whole[sent]; whole != "" && strings.HasPrefix(sent, Conceal(q.Type, whole)) {
			return whole
		}
		return s
	})
}

func exchange(v any, by map[string]string) any {
	switch x := v.(type) {
	case string:
		if other := by[strings.TrimSpace(x)]; other != "" {
			return other
		}
	case []any:
		list := make([]any, len(x))
		for i, y := range x {
			list[i] = exchange(y, by)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(x))
		for name, y := range x {
			m[name] = exchange(y, by)
		}
		return m
	}
	return v
}

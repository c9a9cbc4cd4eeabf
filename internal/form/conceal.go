// SPDX-License-Identifier: Apache-2.0

package form

import "strings"

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

// Secrets are the answers of concealed types, as they are concealed and as they
// are. Two that look the same concealed are left out: which is meant could not
// be told.
func Secrets(fields []Field, answers map[string]any) map[string]string {
	known := map[string]string{}
	twice := map[string]bool{}
	walkConcealed(fields, answers, func(q *Field, s string) string {
		hidden := Conceal(q.Type, s)
		if before, ok := known[hidden]; ok && before != s {
			twice[hidden] = true
		}
		known[hidden] = s
		return s
	})
	for hidden := range twice {
		delete(known, hidden)
	}
	return known
}

// ConcealAnswers is a copy of answers in which those of concealed types are
// hidden.
func ConcealAnswers(fields []Field, answers map[string]any) map[string]any {
	return walkConcealed(fields, answers, func(q *Field, s string) string { return Conceal(q.Type, s) })
}

// RevealAnswers is a copy of answers in which those of concealed types are what
// they are known to stand for: what came back concealed is what it was.
func RevealAnswers(fields []Field, answers map[string]any, known map[string]string) map[string]any {
	return walkConcealed(fields, answers, func(_ *Field, s string) string {
		if whole, ok := known[strings.TrimSpace(s)]; ok {
			return whole
		}
		return s
	})
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

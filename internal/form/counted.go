// SPDX-License-Identifier: Apache-2.0

package form

import "reflect"

// Counted are the answers that count: those to questions that are asked. An
// answer to a question that a condition hides is left out, and so are answers
// to questions that only hung on it. What is left may share parts with answers,
// which do not change.
func (f *Form) Counted(answers Answers, facts map[string]string) Answers {
	counted, left := answers, 0
	for range mostDepth { // a round settles the questions one condition further away
		s := Scope{Answers: counted, Facts: facts}
		next, n := Answers{}, 0
		for id, v := range answers {
			p, q := f.question(id)
			switch {
			case q == nil:
				next[id] = v // not of this form, which the check says
			case !p.When.Holds(s) || !q.When.Holds(s):
				n++
			default:
				item, m := counting(q, s, v)
				next[id] = item
				n += m
			}
		}
		if n == left && (n == 0 || reflect.DeepEqual(next, counted)) {
			return counted
		}
		counted, left = next, n
	}
	return counted
}

// mostDepth bounds how long a chain of conditions is followed.
const mostDepth = 16

// question finds a top-level question and its page.
func (f *Form) question(id string) (*Page, *Field) {
	for i := range f.Pages {
		if q := find(f.Pages[i].Fields, id); q != nil {
			return &f.Pages[i], q
		}
	}
	return nil, nil
}

// counting is what counts of an answer, and how many answers in it do not.
func counting(q *Field, s Scope, v any) (counted any, left int) {
	if q.Type != Group {
		return v, 0
	}
	if q.Repeat == nil {
		if item, ok := v.(map[string]any); ok {
			return countingItem(q, s, item)
		}
		return v, 0
	}
	items, ok := v.([]any)
	if !ok {
		return v, 0
	}
	list := make([]any, len(items))
	for i, x := range items {
		list[i] = x
		if item, ok := x.(map[string]any); ok {
			n := 0
			list[i], n = countingItem(q, s, item)
			left += n
		}
	}
	return list, left
}

// countingItem settles the questions of one item, whose conditions look at
// each other first.
func countingItem(q *Field, s Scope, item map[string]any) (map[string]any, int) {
	counted, left := item, 0
	for range mostDepth {
		inner := s.inside(counted)
		next, n := map[string]any{}, 0
		for id, v := range item {
			f := find(q.Fields, id)
			switch {
			case f == nil:
				next[id] = v
			case !f.When.Holds(inner):
				n++
			default:
				part, m := counting(f, inner, v)
				next[id] = part
				n += m
			}
		}
		if n == left && (n == 0 || reflect.DeepEqual(next, counted)) {
			return counted, left
		}
		counted, left = next, n
	}
	return counted, left
}

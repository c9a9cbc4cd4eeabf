// SPDX-License-Identifier: Apache-2.0

package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// When is a condition on answers: exactly one of All, Any, Not, or Field with
// one comparison. It is data, typed and checked when a form or process is
// loaded, so that a misspelt id is refused and never silently false.
type When struct {
	Field  string   `json:"field,omitempty"` // id, dotted path ("mother.nationality"), or "@case", "@channel", "@applicant"
	Is     any      `json:"is,omitempty"`
	IsNot  any      `json:"is_not,omitempty"`
	In     []any    `json:"in,omitempty"`
	Has    any      `json:"has,omitempty"`    // a list of choices holds this one
	Filled *bool    `json:"filled,omitempty"` // answered at all, or not
	More   *float64 `json:"more,omitempty"`   // strictly greater
	Less   *float64 `json:"less,omitempty"`

	All []When `json:"all,omitempty"`
	Any []When `json:"any,omitempty"`
	Not *When  `json:"not,omitempty"`
}

// Scope is where a condition looks its fields up: the items around it from the
// inside out, then the facts of the dossier.
type Scope struct {
	Answers Answers
	Facts   map[string]string // "@case", "@channel", "@applicant"
	outer   *Scope
}

// Holds evaluates the condition; nil always holds.
func (w *When) Holds(s Scope) bool {
	switch {
	case w == nil:
		return true
	case len(w.All) > 0:
		for i := range w.All {
			if !w.All[i].Holds(s) {
				return false
			}
		}
		return true
	case len(w.Any) > 0:
		for i := range w.Any {
			if w.Any[i].Holds(s) {
				return true
			}
		}
		return false
	case w.Not != nil:
		return !w.Not.Holds(s)
	}
	v, ok := s.lookup(w.Field)
	switch {
	case w.Filled != nil:
		return (ok && !empty(v)) == *w.Filled
	case w.Is != nil:
		return ok && same(v, w.Is)
	case w.IsNot != nil:
		return ok && !empty(v) && !same(v, w.IsNot)
	case len(w.In) > 0:
		for _, x := range w.In {
			if ok && same(v, x) {
				return true
			}
		}
		return false
	case w.Has != nil:
		list, _ := v.([]any)
		for _, x := range list {
			if same(x, w.Has) {
				return true
			}
		}
		return false
	case w.More != nil:
		n, isNumber := number(v)
		return isNumber && n > *w.More
	case w.Less != nil:
		n, isNumber := number(v)
		return isNumber && n < *w.Less
	}
	return false
}

func (s Scope) lookup(path string) (any, bool) {
	if strings.HasPrefix(path, "@") {
		for sc := &s; sc != nil; sc = sc.outer {
			if v, ok := sc.Facts[path]; ok {
				return v, true
			}
		}
		return nil, false
	}
	first, rest, dotted := strings.Cut(path, ".")
	for sc := &s; sc != nil; sc = sc.outer {
		v, ok := sc.Answers[first]
		if !ok {
			continue
		}
		for dotted {
			m, isObject := v.(map[string]any)
			if !isObject {
				return nil, false
			}
			first, rest, dotted = strings.Cut(rest, ".")
			if v, ok = m[first]; !ok {
				return nil, false
			}
		}
		return v, true
	}
	return nil, false
}

func (s Scope) inside(item map[string]any) Scope {
	return Scope{Answers: item, outer: &s}
}

func same(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	return a == b
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}

func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		for _, y := range x {
			if !empty(y) {
				return false
			}
		}
		return true
	}
	return false
}

// Facts a condition may ask for beside answers.
var facts = []string{"@case", "@channel", "@applicant"}

func (f *Form) all() []Field {
	var all []Field
	for _, p := range f.Pages {
		all = append(all, p.Fields...)
	}
	return all
}

// checkWhen looks fields up in scopes, the innermost first.
func checkWhen(w *When, scopes [][]Field) error {
	parts, comparisons := 0, 0
	for _, set := range []bool{len(w.All) > 0, len(w.Any) > 0, w.Not != nil, w.Field != ""} {
		if set {
			parts++
		}
	}
	if parts != 1 {
		return fmt.Errorf("condition needs exactly one of field, all, any, not")
	}
	for _, sub := range append(append([]When{}, w.All...), w.Any...) {
		if err := checkWhen(&sub, scopes); err != nil {
			return err
		}
	}
	if w.Not != nil {
		return checkWhen(w.Not, scopes)
	}
	if w.Field == "" {
		return nil
	}
	for _, set := range []bool{w.Is != nil, w.IsNot != nil, len(w.In) > 0, w.Has != nil, w.Filled != nil, w.More != nil, w.Less != nil} {
		if set {
			comparisons++
		}
	}
	if comparisons != 1 {
		return fmt.Errorf("condition on %q needs exactly one comparison", w.Field)
	}
	if strings.HasPrefix(w.Field, "@") {
		if !contains(facts, w.Field) {
			return fmt.Errorf("condition on unknown fact %q", w.Field)
		}
		return nil
	}
	q := resolve(w.Field, scopes)
	if q == nil {
		return fmt.Errorf("condition on unknown field %q", w.Field)
	}
	return comparableTo(w, q)
}

func resolve(path string, scopes [][]Field) *Field {
	first, rest, dotted := strings.Cut(path, ".")
	for _, fields := range scopes {
		q := find(fields, first)
		if q == nil {
			continue
		}
		for dotted {
			if q.Type != Group || q.Repeat != nil {
				return nil
			}
			first, rest, dotted = strings.Cut(rest, ".")
			if q = find(q.Fields, first); q == nil {
				return nil
			}
		}
		return q
	}
	return nil
}

// comparableTo refuses a comparison whose value the field can never have.
func comparableTo(w *When, q *Field) error {
	wrong := func(v any) error {
		return fmt.Errorf("condition compares %q (%s) with %v", w.Field, q.Type, v)
	}
	values := append([]any{}, w.In...)
	if w.Is != nil {
		values = append(values, w.Is)
	}
	if w.IsNot != nil {
		values = append(values, w.IsNot)
	}
	if w.Has != nil {
		if q.Type != Choices {
			return wrong(w.Has)
		}
		values = append(values, w.Has)
	}
	for _, v := range values {
		switch q.Type {
		case YesNo:
			if _, ok := v.(bool); !ok {
				return wrong(v)
			}
		case Choice, Choices:
			s, ok := v.(string)
			if !ok || !hasOption(q, s) {
				return wrong(v)
			}
		case Integer, Decimal, Money:
			if _, ok := number(v); !ok {
				return wrong(v)
			}
		case Group:
			return wrong(v)
		default:
			if _, ok := v.(string); !ok {
				return wrong(v)
			}
		}
	}
	if (w.More != nil || w.Less != nil) && q.Type != Integer && q.Type != Decimal && q.Type != Money {
		return wrong("more/less")
	}
	return nil
}

func hasOption(q *Field, value string) bool {
	for _, o := range q.Options {
		if o.Value == value {
			return true
		}
	}
	return false
}

// CheckWhen refuses a condition that names a question which neither the inputs
// nor the form have, or compares it with a value it can never take. Inputs are
// looked up first; a nil form knows only facts and inputs.
func CheckWhen(w *When, f *Form, inputs []Field) error {
	if w == nil {
		return nil
	}
	scopes := [][]Field{inputs}
	if f != nil {
		scopes = append(scopes, f.all())
	}
	return checkWhen(w, scopes)
}

// In returns the scope of an officer's inputs within the dossier's answers.
func (s Scope) In(inputs Answers) Scope { return s.inside(inputs) }

// Bare checks a list of questions outside any form, such as the inputs of a
// step; shared blocks cannot be used here.
func Bare(fields []Field) ([]Field, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	return fields, errors.Join(validateFields("fields", fields, [][]Field{fields}, map[string]bool{})...)
}

// Lookup finds the answer at a dotted path, from the inside out.
func (s Scope) Lookup(path string) (any, bool) { return s.lookup(path) }

// SPDX-License-Identifier: Apache-2.0

package form

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

// validate refuses a form that could not be filled in or checked.
func (f *Form) validate() error {
	var errs []error
	add := func(place, format string, args ...any) {
		errs = append(errs, fmt.Errorf(place+": "+format, args...))
	}
	if f.Title.VI == "" {
		add("title", "missing")
	}
	if f.Source.Kind != "official" && f.Source.Kind != "derived" {
		add("source.kind", "%q is neither official nor derived", f.Source.Kind)
	}
	if f.Source.Document == "" {
		add("source.document", "missing")
	}
	if f.Declaration.VI == "" {
		add("declaration", "missing")
	}
	if len(f.Pages) == 0 {
		add("pages", "none")
	}
	seen, pages := map[string]bool{}, map[string]bool{}
	root := [][]Field{f.all()}
	for i, p := range f.Pages {
		place := fmt.Sprintf("pages[%d] (%s)", i, p.ID)
		if !idPattern.MatchString(p.ID) || pages[p.ID] {
			add(place, "id is malformed or used twice")
		}
		pages[p.ID] = true
		if p.Title.VI == "" {
			add(place, "title missing")
		}
		if err := checkWhenOrNil(p.When, root); err != nil {
			add(place, "when: %w", err)
		}
		if len(p.Fields) == 0 {
			add(place, "no fields")
		}
		errs = append(errs, validateFields(place, p.Fields, root, seen)...)
	}
	if len(errs) == 0 {
		if cycle := f.cycle(); cycle != "" {
			add("conditions", "%s depends on itself", cycle)
		}
	}
	return errors.Join(errs...)
}

func checkWhenOrNil(w *When, scopes [][]Field) error {
	if w == nil {
		return nil
	}
	return checkWhen(w, scopes)
}

func validateFields(place string, fields []Field, scopes [][]Field, seen map[string]bool) []error {
	var errs []error
	for i := range fields {
		q := &fields[i]
		at := fmt.Sprintf("%s.fields[%d] (%s)", place, i, q.ID)
		add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(at+": "+format, args...)) }
		if !idPattern.MatchString(q.ID) {
			add("id must be lower case letters, digits and _")
		}
		if seen[q.ID] {
			add("id used twice")
		}
		seen[q.ID] = true
		if q.Label.VI == "" {
			add("label missing")
		}
		if err := checkWhenOrNil(q.When, scopes); err != nil {
			add("when: %w", err)
		}
		if q.Prefill != "" && !contains(PrefillKeys, q.Prefill) {
			add("unknown prefill %q", q.Prefill)
		}
		for _, bound := range []string{q.From, q.To} {
			if bound == "" {
				continue
			}
			if q.Type != Date {
				add("from and to are for dates")
			} else if _, ok := dateBound(bound, time.Time{}); !ok && resolve(bound, scopes) == nil {
				add("unknown date bound %q", bound)
			}
		}
		switch q.Type {
		case ShortText, LongText, Name, IDNumber, OrgCode, Phone, Email, Address, Date, TimeOfDay, Integer, Decimal, Money, YesNo:
		case Choice, Choices:
			if len(q.Options) < 2 && q.Type == Choice || len(q.Options) == 0 {
				add("too few options")
			}
			values := map[string]bool{}
			for _, o := range q.Options {
				if o.Value == "" || o.Label.VI == "" || values[o.Value] {
					add("option %q is empty, without label or there twice", o.Value)
				}
				values[o.Value] = true
			}
		case Group:
			if len(q.Fields) == 0 {
				add("group without fields")
			}
			if q.Repeat != nil && (q.Repeat.Max < 1 || q.Repeat.Min > q.Repeat.Max || q.Repeat.Max > 200 || q.Repeat.Item.VI == "") {
				add("repeat needs 0 ≤ min ≤ max ≤ 200 and the name of an item")
			}
			inner := append([][]Field{q.Fields}, scopes...)
			errs = append(errs, validateFields(at, q.Fields, inner, map[string]bool{})...)
		default:
			add("unknown type %q", q.Type)
		}
		if q.Type != Group && (len(q.Fields) > 0 || q.Repeat != nil) {
			add("only a group has fields and repeats")
		}
		if len(q.Options) > 0 && q.Type != Choice && q.Type != Choices {
			add("only choices have options")
		}
	}
	return errs
}

// cycle returns a top-level question whose visibility depends on itself, or "".
func (f *Form) cycle() string {
	deps := map[string][]string{}
	for _, p := range f.Pages {
		for i := range p.Fields {
			q := &p.Fields[i]
			deps[q.ID] = append(roots(p.When), dependsOn(q)...)
		}
	}
	state := map[string]int{}
	var visit func(id string) bool
	visit = func(id string) bool {
		switch state[id] {
		case 1:
			return true
		case 2:
			return false
		}
		state[id] = 1
		for _, d := range deps[id] {
			if visit(d) {
				return true
			}
		}
		state[id] = 2
		return false
	}
	for _, q := range f.all() {
		if visit(q.ID) {
			return q.ID
		}
	}
	return ""
}

// dependsOn lists what decides whether a question itself is asked; conditions
// deeper in a group decide about parts of it only.
func dependsOn(q *Field) []string { return roots(q.When) }

func roots(w *When) []string {
	if w == nil {
		return nil
	}
	var ids []string
	for i := range w.All {
		ids = append(ids, roots(&w.All[i])...)
	}
	for i := range w.Any {
		ids = append(ids, roots(&w.Any[i])...)
	}
	ids = append(ids, roots(w.Not)...)
	if w.Field != "" && w.Field[0] != '@' {
		id := w.Field
		for i, c := range id {
			if c == '.' {
				id = id[:i]
				break
			}
		}
		ids = append(ids, id)
	}
	return ids
}

var relative = regexp.MustCompile(`^([+-]?)(\d{1,4})([dmy])$`)

// dateBound reads "today", "2026-01-31", "-60d", "-18y", "+3m" as a date.
func dateBound(s string, today time.Time) (time.Time, bool) {
	if s == "today" {
		return today, true
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, true
	}
	m := relative.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	n := 0
	for _, c := range m[2] {
		n = n*10 + int(c-'0')
	}
	if m[1] == "-" {
		n = -n
	}
	switch m[3] {
	case "d":
		return today.AddDate(0, 0, n), true
	case "m":
		return today.AddDate(0, n, 0), true
	}
	return today.AddDate(n, 0, 0), true
}

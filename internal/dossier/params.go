// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"motcua/internal/form"
	"motcua/internal/refusal"
)

// params reads what a caller sent for an act and gathers every wrong field.
type params struct {
	given map[string]any
	asked []string // the names that the act has looked for
	bad   []refusal.Field
}

func (p *params) wrong() error { return refusal.Fields("request.invalid", p.bad) }

// end refuses what was wrong, and what the act never asked for.
func (p *params) end() error {
	for _, name := range slices.Sorted(maps.Keys(p.given)) {
		if !slices.Contains(p.asked, name) {
			p.refuse(name, "form.unknown")
		}
	}
	return p.wrong()
}

// take reads what was sent under a name.
func (p *params) take(name string) (any, bool) {
	p.asked = append(p.asked, name)
	v, ok := p.given[name]
	return v, ok
}

func (p *params) refuse(name, key string, args ...any) {
	p.bad = append(p.bad, refusal.At("/"+name, key, args...))
}

// text reads a text parameter, tidied.
func (p *params) text(name string, required bool) string {
	v, ok := p.take(name)
	s, isString := v.(string)
	if ok && v != nil && !isString {
		p.refuse(name, "form.type")
		return ""
	}
	if s = form.Tidy(s); s == "" && required {
		p.refuse(name, "form.required")
	}
	if len([]rune(s)) > 4000 {
		p.refuse(name, "form.length", "max", 4000)
	}
	return s
}

// pick reads what is chosen, not written.
func (p *params) pick(name string, required bool) string {
	before := len(p.bad)
	s := p.text(name, false)
	if s == "" && required && len(p.bad) == before {
		p.refuse(name, "form.required.choice")
	}
	return s
}

// choice reads one of the values; def stands in for a missing one, unless empty.
func (p *params) choice(name string, values []string, def string) string {
	s := p.pick(name, def == "")
	if s == "" {
		return def
	}
	for _, v := range values {
		if v == s {
			return s
		}
	}
	p.refuse(name, "form.choice")
	return ""
}

// choices reads a list of values; nil when the caller sent none.
func (p *params) choices(name string, values []string) []string {
	v, ok := p.take(name)
	if !ok || v == nil {
		return nil
	}
	list, isList := v.([]any)
	if !isList {
		if s, isString := v.(string); isString {
			list = []any{s}
		} else {
			p.refuse(name, "form.type")
			return nil
		}
	}
	chosen := []string{}
	for _, x := range list {
		s, _ := x.(string)
		known := false
		for _, v := range values {
			known = known || v == s
		}
		if !known {
			p.refuse(name, "form.choice")
			return nil
		}
		chosen = append(chosen, s)
	}
	return chosen
}

// answers reads answers by question.
func (p *params) answers(name string) form.Answers {
	v, ok := p.take(name)
	if !ok || v == nil {
		return nil
	}
	m, isObject := v.(map[string]any)
	if !isObject {
		p.refuse(name, "form.type")
	}
	return m
}

// papers reads papers as a filing has them.
func (p *params) papers(name string) []Paper {
	v, ok := p.take(name)
	if !ok || v == nil {
		return nil
	}
	list, err := papersOf(v)
	if err != nil {
		p.refuse(name, "form.type")
	}
	return list
}

// papersOf reads papers as the program has them, or as JSON does.
func papersOf(v any) ([]Paper, error) {
	if list, ok := v.([]Paper); ok {
		return list, nil
	}
	text, err := json.Marshal(v)
	var list []Paper
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	return list, err
}

// sameAnswer is true when two answers are the same as they are written.
func sameAnswer(a, b any) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(x) == string(y)
}

// fields reads an officer's inputs, whose names stand beside the act's own.
func (p *params) fields(fields []form.Field, d *desk) form.Answers {
	if len(fields) == 0 {
		return nil
	}
	given := form.Answers{}
	for i := range fields {
		q := &fields[i]
		if v, ok := p.take(q.ID); ok {
			given[q.ID] = loosen(q, v)
		}
	}
	clean, bad := form.CheckFields(fields, given, "", d.now)
	p.bad = append(p.bad, bad...)
	return clean
}

// loosen takes a number or yes/no that came as text, as forms and simple
// callers send them.
func loosen(q *form.Field, v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	switch q.Type {
	case form.YesNo:
		switch s {
		case "yes", "true":
			return true
		case "no", "false":
			return false
		}
	case form.Integer, form.Money, form.Decimal:
		if n, err := strconv.ParseFloat(s, 64); err == nil {
			return n
		}
	case form.Choices:
		return []any{s}
	}
	return v
}

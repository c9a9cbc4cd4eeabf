// SPDX-License-Identifier: Apache-2.0

package form

import (
	"strconv"
	"strings"
)

// Explain says a condition on the answers of a form in words: “Quan hệ với
// trẻ”: Người được cha, mẹ ủy quyền. fact names a fact of the dossier
// ("@channel") and says its value. A condition that is nil has no words.
func (f *Form) Explain(w *When, lang string, fact func(name, value string) (label, said string)) string {
	e := explaining{fields: f.all(), lang: lang, fact: fact}
	return e.words(w)
}

type explaining struct {
	fields []Field
	lang   string
	fact   func(name, value string) (label, said string)
}

func (e *explaining) t(vi, en string) string { return Text{VI: vi, EN: en}.In(e.lang) }

func (e *explaining) words(w *When) string {
	switch {
	case w == nil:
		return ""
	case len(w.All) > 0:
		return e.join(w.All, e.t("; và ", "; and "))
	case len(w.Any) > 0:
		return e.join(w.Any, e.t("; hoặc ", "; or "))
	case w.Not != nil:
		return e.t("không phải: ", "not: ") + e.words(w.Not)
	case w.Filled != nil && *w.Filled:
		return e.label(w.Field) + e.t(": có khai", ": answered")
	case w.Filled != nil:
		return e.label(w.Field) + e.t(": không khai", ": not answered")
	case w.IsNot != nil && e.others(w) != nil:
		return e.words(&When{Field: w.Field, In: e.others(w)})
	case w.IsNot != nil:
		return e.label(w.Field) + e.t(": không phải ", ": not ") + e.value(w.Field, w.IsNot)
	case w.More != nil:
		return e.label(w.Field) + e.t(": trên ", ": more than ") + e.value(w.Field, *w.More)
	case w.Less != nil:
		return e.label(w.Field) + e.t(": dưới ", ": less than ") + e.value(w.Field, *w.Less)
	}
	values := w.In
	if w.Is != nil {
		values = []any{w.Is}
	} else if w.Has != nil {
		values = []any{w.Has}
	}
	var said []string
	for _, v := range values {
		said = append(said, e.value(w.Field, v))
	}
	return e.label(w.Field) + ": " + strings.Join(said, e.t(" hoặc ", " or "))
}

func (e *explaining) join(parts []When, by string) string {
	var said []string
	for i := range parts {
		words := e.words(&parts[i])
		if len(parts[i].All) > 1 || len(parts[i].Any) > 1 {
			words = "(" + words + ")"
		}
		said = append(said, words)
	}
	return strings.Join(said, by)
}

// others are the values left by a condition that excludes one of a few.
func (e *explaining) others(w *When) []any {
	q := resolve(w.Field, [][]Field{e.fields})
	if q == nil || q.Type != Choice || len(q.Options) > 4 {
		return nil
	}
	var left []any
	for _, o := range q.Options {
		if o.Value != w.IsNot {
			left = append(left, o.Value)
		}
	}
	return left
}

// label is the question, behind the groups it stands in.
func (e *explaining) label(path string) string {
	if strings.HasPrefix(path, "@") {
		label, _ := e.fact(path, "")
		return "“" + label + "”"
	}
	var labels []string
	fields := e.fields
	for id := range strings.SplitSeq(path, ".") {
		q := find(fields, id)
		if q == nil {
			break
		}
		labels, fields = append(labels, q.Label.In(e.lang)), q.Fields
	}
	return "“" + strings.Join(labels, " – ") + "”"
}

func (e *explaining) value(path string, v any) string {
	if strings.HasPrefix(path, "@") {
		_, said := e.fact(path, Raw(v))
		return said
	}
	q := resolve(path, [][]Field{e.fields})
	if q == nil {
		return Raw(v)
	}
	switch q.Type {
	case Choices:
		return q.OptionLabel(Raw(v), e.lang)
	case YesNo:
		if b, ok := v.(bool); ok {
			v = map[bool]string{true: "yes", false: "no"}[b]
		}
		for _, o := range yesNo {
			if o.Value == v {
				return strings.ToLower(o.Label.In(e.lang))
			}
		}
	}
	if n, ok := number(v); ok {
		v = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return Say(q, v, e.lang)
}

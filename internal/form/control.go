// SPDX-License-Identifier: Apache-2.0

package form

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"motcua/internal/refusal"
)

// Control is a question as a page shows it, with what was answered and what is
// wrong with it. Names are dotted paths, as FromValues reads them.
type Control struct {
	Name     string
	ID       string // of the HTML element: the name with hyphens
	Type     Type
	Label    string
	Hint     string
	Unit     string
	Optional bool
	Prefill  string // tells the browser what it may fill in
	Length   int
	Value    string
	Options  []ControlOption
	Wrong    []refusal.Field // refusals of this very question
	Hidden   bool            // its condition does not hold for the answers so far
	When     string          // the condition as JSON, for pages that hide and show at once
	Fields   []Control       // of a group
	Repeats  bool
	Items    []ControlItem // of a repeating group
	CanAdd   bool
	ItemName string
}

// confidentialHint stands with a question that is marked confidential.
var confidentialHint = Text{VI: "Câu trả lời được mã hóa khi lưu giữ.", EN: "Your answer is kept encrypted."}

// longest is how many options stand open on a page; more are folded into a list.
const longest = 12

// Long is true for a choice with so many options that they are folded.
func (c Control) Long() bool { return c.Type == Choice && len(c.Options) > longest }

// ControlOption is one answer of a choice.
type ControlOption struct {
	Value, Label, Hint, ID string
	Chosen                 bool
}

// ControlItem is one item of a repeating group.
type ControlItem struct {
	Number int // from 1
	Prefix string
	Fields []Control
}

// Controls lays out questions for a page in one language. wrong holds refusals
// with pointers below root ("/answers").
func Controls(fields []Field, answers Answers, s Scope, root string, wrong []refusal.Field, lang string) []Control {
	return controls(fields, s, answers, "", root, wrong, lang)
}

func controls(fields []Field, s Scope, answers map[string]any, prefix, pointer string, wrong []refusal.Field, lang string) []Control {
	list := make([]Control, 0, len(fields))
	for i := range fields {
		q := &fields[i]
		c := Control{Name: prefix + q.ID, ID: strings.ReplaceAll(prefix+q.ID, ".", "-"), Type: q.Type, Label: q.Label.In(lang), Hint: q.Hint.In(lang), Unit: q.Unit.In(lang),
			Optional: q.Optional, Prefill: q.Prefill, Length: q.Length, Hidden: !q.When.Holds(s)}
		if q.Confidential {
			c.Hint = strings.TrimSpace(c.Hint + " " + confidentialHint.In(lang))
		}
		if q.When != nil {
			b, _ := json.Marshal(q.When)
			c.When = string(b)
		}
		at := pointer + "/" + q.ID
		for _, w := range wrong {
			if w.Pointer == at {
				c.Wrong = append(c.Wrong, w)
			}
		}
		v := answers[q.ID]
		switch {
		case q.Type == Group && q.Repeat == nil:
			item, _ := v.(map[string]any)
			c.Fields = controls(q.Fields, s.inside(item), item, c.Name+".", at, wrong, lang)
		case q.Type == Group:
			c.items(q, s, v, at, wrong, lang)
		default:
			c.answer(q, v, lang)
		}
		list = append(list, c)
	}
	return list
}

func (c *Control) items(q *Field, s Scope, v any, at string, wrong []refusal.Field, lang string) {
	c.Repeats, c.ItemName = true, q.Repeat.Item.In(lang)
	items, _ := v.([]any)
	for len(items) < shownAtLeast(q) {
		items = append(items, map[string]any{})
	}
	for n, x := range items {
		item, _ := x.(map[string]any)
		prefix := c.Name + "." + strconv.Itoa(n) + "."
		c.Items = append(c.Items, ControlItem{n + 1, prefix, controls(q.Fields, s.inside(item), item, prefix, at+"/"+strconv.Itoa(n), wrong, lang)})
	}
	c.CanAdd = len(items) < q.Repeat.Max
}

func (c *Control) answer(q *Field, v any, lang string) {
	c.Value = Raw(v)
	if q.Type == Date {
		c.Value = DateText(c.Value)
	}
	chosen := map[string]bool{c.Value: true}
	if list, ok := v.([]any); ok {
		chosen = map[string]bool{}
		for _, x := range list {
			chosen[Raw(x)] = true
		}
	}
	options := q.Options
	if q.Type == YesNo {
		options = yesNo
	}
	for _, o := range options {
		c.Options = append(c.Options, ControlOption{o.Value, o.Label.In(lang), o.Hint.In(lang), c.ID + "-" + o.Value, chosen[o.Value]})
	}
}

var yesNo = []Option{{Value: "yes", Label: Text{VI: "Có", EN: "Yes"}}, {Value: "no", Label: Text{VI: "Không", EN: "No"}}}

// Raw is an answer as an HTML form holds it.
func Raw(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// DateText shows YYYY-MM-DD as dd/mm/yyyy, and anything else as it is.
func DateText(s string) string {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Format("02/01/2006")
	}
	return s
}

// Answered is an answer as people read it, for check pages and papers.
type Answered struct {
	Label string
	Value string
	Field string // id, or path of ids
	Page  string // of the form it stands on
	Type  Type
	Items []Answered // of a group
	Group bool
}

// Shown lists answers as people read them, in the order of the form, without
// what conditions hide.
func (f *Form) Shown(answers Answers, facts map[string]string, lang string) []Answered {
	answers = f.Counted(answers, facts)
	s := Scope{Answers: answers, Facts: facts}
	var list []Answered
	for _, p := range f.Visible(answers, facts) {
		page := Answered{Label: p.Title.In(lang), Page: p.ID, Group: true, Items: shown(p.Fields, s, answers, lang)}
		list = append(list, page)
	}
	return list
}

func shown(fields []Field, s Scope, answers map[string]any, lang string) []Answered {
	var list []Answered
	for i := range fields {
		q := &fields[i]
		if !q.When.Holds(s) {
			continue
		}
		v := answers[q.ID]
		a := Answered{Label: q.Label.In(lang), Field: q.ID, Type: q.Type}
		switch {
		case q.Type == Group && q.Repeat == nil:
			item, _ := v.(map[string]any)
			if item == nil && q.Optional {
				continue
			}
			a.Group, a.Items = true, shown(q.Fields, s.inside(item), item, lang)
		case q.Type == Group:
			items, _ := v.([]any)
			for n, x := range items {
				item, _ := x.(map[string]any)
				list = append(list, Answered{Label: q.Repeat.Item.In(lang) + " " + strconv.Itoa(n+1), Field: q.ID, Group: true, Items: shown(q.Fields, s.inside(item), item, lang)})
			}
			continue
		default:
			a.Value = Say(q, v, lang)
		}
		list = append(list, a)
	}
	return list
}

// Say is one answer in words: labels of choices, dates as dd/mm/yyyy, numbers
// grouped, with their unit.
func Say(q *Field, v any, lang string) string {
	switch q.Type {
	case Date:
		return DateText(Raw(v))
	case Choice:
		return q.OptionLabel(Raw(v), lang)
	case Choices:
		list, _ := v.([]any)
		var labels []string
		for _, x := range list {
			labels = append(labels, q.OptionLabel(Raw(x), lang))
		}
		return strings.Join(labels, "; ")
	case YesNo:
		for _, o := range yesNo {
			if v != nil && o.Value == Raw(v) {
				return o.Label.In(lang)
			}
		}
		return ""
	case Money:
		if s := Raw(v); s != "" {
			return Grouped(s) + " đồng"
		}
		return ""
	}
	s := Raw(v)
	unit := q.Unit.In(lang)
	if s != "" && (q.Type == Decimal || q.Type == Integer && unit != "") {
		s = spoken(s, lang)
	}
	if s != "" && unit != "" {
		s += " " + unit
	}
	return s
}

// spoken writes a number as people of a language do: 1.800,5 in Vietnamese.
func spoken(s, lang string) string {
	whole, part, broken := strings.Cut(s, ".")
	s = Grouped(whole)
	if broken {
		s += "," + part
	}
	if lang == "en" {
		s = strings.NewReplacer(".", ",", ",", ".").Replace(s)
	}
	return s
}

// Grouped writes a whole number with dots between thousands: 1.234.000.
func Grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return sign + s
}

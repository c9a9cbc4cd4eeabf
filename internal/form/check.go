// SPDX-License-Identifier: Apache-2.0

package form

import (
	"math"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/internal/refusal"
)

// Answers are what a person filled in: field id to string, number, boolean,
// list or object, as in JSON.
type Answers map[string]any

// Text is the answer to a question if that is a text, else "".
func (a Answers) Text(id string) string {
	s, _ := a[id].(string)
	return s
}

// Check holds answers against the form and returns them clean: NFC, trimmed,
// dates as YYYY-MM-DD, whole numbers as int64, without what a condition hides.
// Every wrong field is returned at once, with a JSON pointer below
// "/answers". today bounds dates; facts are "@case", "@channel", "@applicant".
func (f *Form) Check(answers Answers, facts map[string]string, today time.Time) (Answers, []refusal.Field) {
	c := checker{today: today}
	return c.form(f, answers, facts, nil), c.wrong
}

// CheckPage is Check for one page of a draft: only this page's questions are
// checked and returned, seen in the light of all answers so far.
func (f *Form) CheckPage(page string, answers Answers, facts map[string]string, today time.Time) (Answers, []refusal.Field) {
	c := checker{today: today}
	return c.form(f, answers, facts, f.Page(page)), c.wrong
}

// CheckFields checks answers to a bare list of questions, such as what an
// officer records with a step; pointers start with prefix.
func CheckFields(fields []Field, answers Answers, prefix string, today time.Time) (Answers, []refusal.Field) {
	c := checker{today: today}
	clean := c.fields(fields, Scope{Answers: answers}, answers, prefix)
	c.unknown(fields, answers, prefix)
	return clean, c.wrong
}

// Visible lists the pages that are asked, given the answers so far.
func (f *Form) Visible(answers Answers, facts map[string]string) []*Page {
	s := Scope{Answers: f.Counted(answers, facts), Facts: facts}
	var pages []*Page
	for i := range f.Pages {
		if f.Pages[i].When.Holds(s) {
			pages = append(pages, &f.Pages[i])
		}
	}
	return pages
}

type checker struct {
	today  time.Time
	wrong  []refusal.Field
	within Text // the group whose questions are checked: "Người làm chứng 1"
}

func (c *checker) form(f *Form, answers Answers, facts map[string]string, only *Page) Answers {
	clean := Answers{}
	counted := f.Counted(answers, facts)
	s := Scope{Answers: counted, Facts: facts}
	for i := range f.Pages {
		p := &f.Pages[i]
		if only != nil && p != only || !p.When.Holds(s) {
			continue
		}
		for id, v := range c.fields(p.Fields, s, counted, "/answers") {
			clean[id] = v
		}
	}
	if only == nil {
		c.unknown(f.all(), answers, "/answers")
	}
	return clean
}

func (c *checker) unknown(fields []Field, answers Answers, at string) {
	for id := range answers {
		if find(fields, id) == nil {
			c.refuse(at+"/"+id, "form.unknown")
		}
	}
}

func (c *checker) refuse(pointer, key string, args ...any) {
	if c.within != (Text{}) {
		args = append(args, "within", c.within)
	}
	c.wrong = append(c.wrong, refusal.At(pointer, key, args...))
}

func (c *checker) fields(fields []Field, s Scope, answers map[string]any, at string) map[string]any {
	clean := make(map[string]any, len(fields))
	for i := range fields {
		q := &fields[i]
		if !q.When.Holds(s) {
			continue
		}
		v, ok := answers[q.ID]
		pointer := at + "/" + q.ID
		if q.Type == Group {
			if g := c.group(q, s, v, pointer); g != nil {
				clean[q.ID] = g
			}
			continue
		}
		if str, isString := v.(string); isString {
			v = tidy(str, q.Type == LongText)
		}
		if !ok || empty(v) {
			switch {
			case q.Optional:
			case q.Type == Choice || q.Type == Choices || q.Type == YesNo:
				c.refuse(pointer, "form.required.choice", "label", q.Label)
			default:
				c.refuse(pointer, "form.required", "label", q.Label)
			}
			continue
		}
		if a, key, args := c.answer(q, v, s); key != "" {
			c.refuse(pointer, key, append(args, "label", q.Label)...)
		} else {
			clean[q.ID] = a
		}
	}
	return clean
}

func (c *checker) group(q *Field, s Scope, v any, pointer string) any {
	if q.Repeat == nil {
		item, isObject := v.(map[string]any)
		if v != nil && !isObject {
			c.refuse(pointer, "form.type", "label", q.Label)
			return nil
		}
		if q.Optional && empty(v) {
			return nil
		}
		if item == nil {
			item = map[string]any{}
		}
		return c.inside(q.Label, q, s, item, pointer)
	}
	items, isList := v.([]any)
	if v != nil && !isList {
		c.refuse(pointer, "form.type", "label", q.Label)
		return nil
	}
	if len(items) < q.Repeat.Min {
		c.refuse(pointer, "form.repeat.min", "label", q.Label, "n", q.Repeat.Min, "item", q.Repeat.Item)
	}
	if len(items) > q.Repeat.Max {
		c.refuse(pointer, "form.repeat.max", "label", q.Label, "n", q.Repeat.Max, "item", q.Repeat.Item)
		return nil
	}
	list := make([]any, 0, len(items))
	for i, x := range items {
		at := pointer + "/" + strconv.Itoa(i)
		item, isObject := x.(map[string]any)
		if !isObject {
			c.refuse(at, "form.type", "label", q.Label)
			continue
		}
		number := " " + strconv.Itoa(i+1)
		list = append(list, c.inside(Text{VI: q.Repeat.Item.VI + number, EN: q.Repeat.Item.In("en") + number}, q, s, item, at))
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// inside checks the questions of a group, or of one item of it, that is called name.
func (c *checker) inside(name Text, q *Field, s Scope, item map[string]any, at string) map[string]any {
	around := c.within
	c.within = name
	c.unknown(q.Fields, item, at)
	clean := c.fields(q.Fields, s.inside(item), item, at)
	c.within = around
	return clean
}

// Tidy is what every text becomes before it is kept: NFC, no control
// characters, outer blanks gone, runs of blanks one.
func Tidy(s string) string { return tidy(s, false) }

// TidyText is Tidy for a text of several lines.
func TidyText(s string) string { return tidy(s, true) }

func tidy(s string, lines bool) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if isTidy(s) {
		return s
	}
	var b strings.Builder
	blank := false
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case r == '\n' && lines:
			b.WriteRune(r)
			blank = false
		case unicode.IsSpace(r):
			blank = true
		case invisible(r) && !(lines && (r == '\u200c' || r == '\u200d')): // joiners make some scripts and signs
		default:
			if blank && b.Len() > 0 {
				b.WriteByte(' ')
			}
			blank = false
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(strings.Trim(b.String(), " \n"))
}

// invisible characters would let an empty name pass for one, or turn the
// direction of what is printed after it.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0'
}

// isTidy is the fast path: letters and signs composed already, without double
// or outer blanks.
func isTidy(s string) bool {
	ascii := true
	for i, r := range s {
		if r == ' ' && (i == 0 || i == len(s)-1 || s[i+1] == ' ') || r != ' ' && (!unicode.IsGraphic(r) || invisible(r)) || r >= 0x80 && unicode.IsSpace(r) {
			return false
		}
		ascii = ascii && r < 0x80
	}
	return ascii || norm.NFC.IsNormalString(s)
}

var (
	idNumber  = regexp.MustCompile(`^(\d{12}|\d{9})$`)
	orgCode   = regexp.MustCompile(`^(\d{10}|\d{10}-?\d{3})$`)
	phone     = regexp.MustCompile(`^(0|\+84)\d{9,10}$`)
	timeOfDay = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
)

// answer checks one answer that is there; key is "" when it is right.
func (c *checker) answer(q *Field, v any, s Scope) (clean any, key string, args []any) {
	wrongType := func() (any, string, []any) { return nil, "form.type", nil }
	switch q.Type {
	case Integer, Decimal, Money:
		return c.number(q, v)
	case YesNo:
		if b, ok := v.(bool); ok {
			return b, "", nil
		}
		return wrongType()
	case Choices:
		list, ok := v.([]any)
		if !ok {
			return wrongType()
		}
		for _, x := range list {
			if str, isString := x.(string); !isString || !hasOption(q, str) {
				return nil, "form.choice", nil
			}
		}
		return list, "", nil
	}
	str, ok := v.(string)
	if !ok {
		return wrongType()
	}
	return c.text(q, str, s)
}

func (c *checker) number(q *Field, v any) (any, string, []any) {
	n, ok := number(v)
	if !ok || math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, "form.number", nil
	}
	if q.Type != Decimal && (n != math.Trunc(n) || math.Abs(n) > 1<<53) {
		return nil, "form.integer", nil
	}
	least := math.Inf(-1)
	if q.Type == Money {
		least = 0
	}
	if q.Min != nil {
		least = *q.Min
	}
	if n < least {
		return nil, "form.min", []any{"min", least}
	}
	if q.Max != nil && n > *q.Max {
		return nil, "form.max", []any{"max", *q.Max}
	}
	if q.Type == Decimal {
		return n, "", nil
	}
	return int64(n), "", nil
}

func (c *checker) text(q *Field, s string, scope Scope) (any, string, []any) {
	most := q.most()
	if utf8.RuneCountInString(s) > most {
		return nil, "form.length", []any{"max", most}
	}
	switch q.Type {
	case Choice:
		if !hasOption(q, s) {
			return nil, "form.choice", nil
		}
	case Name:
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsDigit(r) && q.Prefill != "org_name" || r == '<' || r == '>' }) {
			return nil, "form.name", nil
		}
	case IDNumber:
		if s = digits(s); !idNumber.MatchString(s) {
			return nil, "form.id_number", nil
		}
	case OrgCode:
		if !orgCode.MatchString(s) {
			return nil, "form.org_code", nil
		}
	case Phone:
		if s = digits(s); !phone.MatchString(s) {
			return nil, "form.phone", nil
		}
	case Email:
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@')+1:], ".") {
			return nil, "form.email", nil
		}
	case TimeOfDay:
		if !timeOfDay.MatchString(s) {
			return nil, "form.time", nil
		}
	case Date:
		return c.date(q, s, scope)
	}
	return s, "", nil
}

// most is how many characters an answer may have.
func (q *Field) most() int {
	switch {
	case q.Length != 0:
		return q.Length
	case q.Type == LongText:
		return 4000
	case q.Type == Address:
		return 300
	case q.Type == Email:
		return 254
	}
	return 200
}

var numberSigns = strings.NewReplacer(" ", "", ".", "", "-", "")

// digits drops the blanks, dots and hyphens people put into numbers.
func digits(s string) string {
	return numberSigns.Replace(s)
}

// ParseDate reads YYYY-MM-DD and what people write: 2/9/2026, 02-09-2026.
func ParseDate(s string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, "2/1/2006", "2-1-2006", "2.1.2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1800 {
			return t, true
		}
	}
	return time.Time{}, false
}

func (c *checker) date(q *Field, s string, scope Scope) (any, string, []any) {
	t, ok := ParseDate(s)
	if !ok {
		return nil, "form.date", nil
	}
	bound := func(b string) (time.Time, bool) {
		if b == "" {
			return time.Time{}, false
		}
		if d, ok := dateBound(b, c.day()); ok {
			return d, true
		}
		if v, ok := scope.lookup(b); ok {
			if str, isString := v.(string); isString {
				return ParseDate(str)
			}
		}
		return time.Time{}, false
	}
	if from, ok := bound(q.From); ok && t.Before(from) {
		return nil, "form.date.from", []any{"from", from.Format("02/01/2006")}
	}
	if to, ok := bound(q.To); ok && t.After(to) {
		return nil, "form.date.to", []any{"to", to.Format("02/01/2006")}
	}
	return t.Format(time.DateOnly), "", nil
}

func (c *checker) day() time.Time {
	y, m, d := c.today.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

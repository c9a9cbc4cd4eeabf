// SPDX-License-Identifier: Apache-2.0

package form

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
)

// Form is one edition of an electronic declaration.
type Form struct {
	Title       Text   `json:"title"`
	Source      Source `json:"source"`
	Pages       []Page `json:"pages"`
	Declaration Text   `json:"declaration"` // the sentence the applicant vouches for when sending
}

// Source says where the questions come from: the official form at hand
// ("official"), or the procedure's components and the law ("derived").
type Source struct {
	Kind     string `json:"kind"`
	Document string `json:"document"` // the form's name, number and the text that issued it
	Note     Text   `json:"note,omitzero"`
}

// Page is one group of questions, shown together.
type Page struct {
	ID     string  `json:"id"`
	Title  Text    `json:"title"`
	Help   Text    `json:"help,omitzero"`
	When   *When   `json:"when,omitempty"`
	Fields []Field `json:"fields"`
}

// Type is the kind of answer a question takes.
type Type string

// The types of answers. JSON shapes: strings, except integer and money
// (numbers), decimal (number), yes_no (boolean), choices (array of strings),
// group (object, or array of objects when it repeats).
const (
	ShortText Type = "text"
	LongText  Type = "long_text"
	Name      Type = "name"      // a person's or organisation's name
	IDNumber  Type = "id_number" // 12 digits, or the 9 of the old card
	OrgCode   Type = "org_code"  // enterprise or tax code: 10 digits, or 13 written with or without the hyphen
	Phone     Type = "phone"
	Email     Type = "email"
	Address   Type = "address"
	Date      Type = "date" // YYYY-MM-DD
	TimeOfDay Type = "time" // HH:MM
	Integer   Type = "integer"
	Decimal   Type = "decimal"
	Money     Type = "money" // whole đồng
	YesNo     Type = "yes_no"
	Choice    Type = "choice"
	Choices   Type = "choices"
	Group     Type = "group"
)

// Field is one question, or a group of them.
type Field struct {
	ID       string   `json:"id"`
	Type     Type     `json:"type"`
	Label    Text     `json:"label"`
	Hint     Text     `json:"hint,omitzero"`
	Optional bool     `json:"optional,omitempty"`
	When     *When    `json:"when,omitempty"`
	Prefill  string   `json:"prefill,omitempty"` // what of the account fills it: see PrefillKeys; on a group with a block: "applicant"
	Length   int      `json:"length,omitempty"`  // most characters of a text
	Min      *float64 `json:"min,omitempty"`     // least integer, decimal or money
	Max      *float64 `json:"max,omitempty"`
	From     string   `json:"from,omitempty"` // earliest date: "today", "YYYY-MM-DD", "-60d", "-18y" (relative to today) or the id of another date
	To       string   `json:"to,omitempty"`   // latest date, in the same words
	Unit     Text     `json:"unit,omitzero"`  // shown behind a number
	Options  []Option `json:"options,omitempty"`
	Block    string   `json:"block,omitempty"` // a group's fields come from this shared block
	Omit     []string `json:"omit,omitempty"`  // fields of the block that are not asked here
	Fields   []Field  `json:"fields,omitempty"`
	Repeat   *Repeat  `json:"repeat,omitempty"`

	Confidential bool `json:"confidential,omitempty"` // sensitive personal data (Luật 91/2025 art. 2): kept sealed
}

// Option is one answer of a choice.
type Option struct {
	Value string `json:"value"`
	Label Text   `json:"label"`
	Hint  Text   `json:"hint,omitzero"`
}

// Repeat makes a group a list of at least Min and at most Max items.
type Repeat struct {
	Min  int  `json:"min"`
	Max  int  `json:"max"`
	Item Text `json:"item"` // what one of them is called: "Người con"
}

// PrefillKeys are the facts of an account that may fill a question.
var PrefillKeys = []string{"name", "id_number", "birth_date", "gender", "phone", "email", "address", "nationality", "ethnicity", "org_name", "org_code"}

// Blocks are groups of questions that many forms share, by name.
type Blocks map[string][]Field

// ParseBlocks reads shared blocks: an object of name to list of fields.
func ParseBlocks(data []byte) (Blocks, error) {
	var b Blocks
	if err := strict(data, &b); err != nil {
		return nil, fmt.Errorf("blocks: %w", err)
	}
	return b, nil
}

// Parse reads one form, puts its blocks in place and refuses whatever it does
// not know: a key, type, option, block, prefill or condition. The error names
// the place ("pages[1].fields[3] (child_name): …"), all of them at once.
func Parse(data []byte, blocks Blocks) (*Form, error) {
	var f Form
	if err := strict(data, &f); err != nil {
		return nil, err
	}
	for i := range f.Pages {
		if err := expand(f.Pages[i].Fields, blocks); err != nil {
			return nil, fmt.Errorf("pages[%d]: %w", i, err)
		}
	}
	if err := f.validate(); err != nil {
		return nil, err
	}
	return &f, nil
}

// Page returns the page with this id, or nil.
func (f *Form) Page(id string) *Page {
	for i := range f.Pages {
		if f.Pages[i].ID == id {
			return &f.Pages[i]
		}
	}
	return nil
}

// Field returns the question with this id among the form's top-level ones, or nil.
func (f *Form) Field(id string) *Field {
	for i := range f.Pages {
		if q := find(f.Pages[i].Fields, id); q != nil {
			return q
		}
	}
	return nil
}

// Confides tells whether answers hold one to a question that is marked confidential.
func (f *Form) Confides(a Answers) bool {
	for i := range f.Pages {
		if confides(f.Pages[i].Fields, a) {
			return true
		}
	}
	return false
}

func confides(fields []Field, answers map[string]any) bool {
	for i := range fields {
		q := &fields[i]
		answer, answered := answers[q.ID]
		if answered && q.Confidential {
			return true
		}
		items, _ := answer.([]any)
		for _, item := range append(items, answer) {
			if inner, ok := item.(map[string]any); ok && confides(q.Fields, inner) {
				return true
			}
		}
	}
	return false
}

func find(fields []Field, id string) *Field {
	for i := range fields {
		if fields[i].ID == id {
			return &fields[i]
		}
	}
	return nil
}

// OptionLabel returns the label of the option with this value, or the value itself.
func (q *Field) OptionLabel(value, lang string) string {
	for _, o := range q.Options {
		if o.Value == value {
			return o.Label.In(lang)
		}
	}
	return value
}

func expand(fields []Field, blocks Blocks) error {
	for i := range fields {
		q := &fields[i]
		if q.Block != "" {
			block, ok := blocks[q.Block]
			if !ok {
				return fmt.Errorf("fields[%d] (%s): no block %q", i, q.ID, q.Block)
			}
			own := q.Fields
			q.Fields = nil
			for _, b := range block {
				if contains(q.Omit, b.ID) {
					continue
				}
				if q.Prefill != "applicant" {
					b.Prefill = ""
				}
				q.Fields = append(q.Fields, b)
			}
			q.Fields = append(q.Fields, own...)
			q.Block, q.Omit, q.Prefill = "", nil, ""
		}
		if err := expand(q.Fields, blocks); err != nil {
			return fmt.Errorf("fields[%d] (%s): %w", i, q.ID, err)
		}
	}
	return nil
}

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

func contains[T comparable](list []T, x T) bool {
	for _, v := range list {
		if v == x {
			return true
		}
	}
	return false
}

func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more than one JSON value")
	}
	return nil
}

// Resolve returns the question at a dotted path ("mother.name"); a repeating
// group can be named but not entered. nil if there is none.
func (f *Form) Resolve(path string) *Field { return resolve(path, [][]Field{f.all()}) }

// SPDX-License-Identifier: Apache-2.0

package procedure

import "motcua/internal/form"

// Template is the paper a procedure ends in, as data: what the officer fills
// in when drafting, and the lines it is drawn from.
type Template struct {
	ID        string       `json:"id"`
	Code      string       `json:"code,omitempty"` // KQ.G15.000031, from the national catalogue
	Name      form.Text    `json:"name"`
	Title     string       `json:"title"`                // heading on the paper, Vietnamese
	Subtitle  string       `json:"subtitle,omitempty"`   // "Về việc …"
	Number    string       `json:"number"`               // sign behind the number: "GKS" gives 12/2026/GKS
	When      *form.When   `json:"when,omitempty"`       // the first template whose condition holds is used
	Inputs    []form.Field `json:"inputs,omitempty"`     // what the drafter adds or changes
	Fill      Fill         `json:"fill,omitempty"`       // input id → path in the answers it starts from ("child.name")
	Lines     []Line       `json:"lines"`                // the body, top to bottom
	SignedBy  string       `json:"signed_by"`            // "TM. ỦY BAN NHÂN DÂN|CHỦ TỊCH"
	ValidDays int          `json:"valid_days,omitempty"` // how long the paper is valid; 0: no end
	Checked   string       `json:"checked,omitempty"`    // official model, or "derived"
}

// Fill says where an input starts from.
type Fill map[string]string

// Line is one line of a result: exactly one of Text, Label, List or Heading.
// Texts hold {placeholders}: an input id, a path in the answers
// ("{mother.name}"), or {code}, {received_on}, {issued_on}, {agency},
// {procedure}, {number}. A placeholder that nothing fills is refused when loaded.
type Line struct {
	Text    string     `json:"text,omitempty"`
	Heading string     `json:"heading,omitempty"`
	Label   string     `json:"label,omitempty"` // with Value: "Họ, chữ đệm, tên:" – value
	Value   string     `json:"value,omitempty"`
	List    string     `json:"list,omitempty"` // path of a repeating group, drawn as a table
	Columns []Column   `json:"columns,omitempty"`
	When    *form.When `json:"when,omitempty"`
}

// Column of a list: heading and the field of each item.
type Column struct {
	Title string `json:"title"`
	Field string `json:"field"`
}

// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"slices"

	"motcua/internal/calendar"
	"motcua/internal/form"
)

// FileKinds are the kinds of files a component may ask for.
var FileKinds = []string{"pdf", "jpg", "png", "docx", "xlsx", "dwg"}

// usual is what a component takes when it names no kinds.
var usual = []string{"pdf", "jpg", "png"}

// MaxMB is the largest file of a component that names no limit.
const MaxMB = 10

// MaxPages is the longest PDF of a component that names no limit.
const MaxPages = 500

// FactsOf names the facts that conditions may ask for.
func FactsOf(caseID string, channel Channel, applicant string) map[string]string {
	return map[string]string{"@case": caseID, "@channel": string(channel), "@applicant": applicant}
}

// Case returns the case with this id; "" stands for the first. nil if unknown.
func (f *Facts) Case(id string) *Case {
	for i := range f.Cases {
		if id == "" || f.Cases[i].ID == id {
			return &f.Cases[i]
		}
	}
	return nil
}

// LimitOn returns the legal time limit of a case for a channel.
func (c *Case) LimitOn(channel Channel) (calendar.Limit, bool) {
	found, ok := calendar.Limit{}, false
	for _, l := range c.Limits {
		if l.Channel == channel {
			return l.Limit, true
		}
		if l.Channel == "" {
			found, ok = l.Limit, true
		}
	}
	return found, ok
}

// Asked lists the papers this dossier must or may hold.
func (c *Case) Asked(s form.Scope) []Component {
	var asked []Component
	for _, k := range c.Components {
		if k.When.Holds(s) {
			asked = append(asked, k)
		}
	}
	return asked
}

// ToCheck lists the components that reception checks: those asked, but for
// papers that are only shown at a counter when the dossier comes on line.
func (c *Case) ToCheck(s form.Scope) []Component {
	return slices.DeleteFunc(c.Asked(s), func(k Component) bool { return k.Show && s.Facts["@channel"] == string(Online) })
}

// Named lists the components with these ids, in the order of the procedure.
func (c *Case) Named(ids []string) []Component {
	var named []Component
	for _, k := range c.Components {
		if slices.Contains(ids, k.ID) {
			named = append(named, k)
		}
	}
	return named
}

// Uploads is true when the component is handed in as a file on line: neither
// the e-form itself nor a paper only shown at the counter.
func (k *Component) Uploads() bool { return !k.EForm && !k.Show }

// Kinds lists the file kinds the component takes.
func (k *Component) Kinds() []string {
	if len(k.Accept) == 0 {
		return usual
	}
	return k.Accept
}

// MaxBytes is the size of the largest file the component takes.
func (k *Component) MaxBytes() int64 {
	mb := k.MaxMB
	if mb == 0 {
		mb = MaxMB
	}
	return int64(mb) << 20
}

// PagesMost is how many pages the longest PDF has that the component takes.
func (k *Component) PagesMost() int {
	if k.MaxPages == 0 {
		return MaxPages
	}
	return k.MaxPages
}

// Due is one amount to be paid for a dossier.
type Due struct {
	ID     string    `json:"id"`
	Name   form.Text `json:"name"`
	Kind   string    `json:"kind"`
	Amount int64     `json:"amount"` // whole đồng
}

// FeesDue lists what is to be paid in a case by a channel with these answers.
// Fees that are free, unpublished or told in a note are not due by themselves.
func (c *Case) FeesDue(channel Channel, s form.Scope) []Due {
	var due []Due
	for _, fee := range c.Fees {
		if fee.State != Amount || fee.Channel != "" && fee.Channel != channel || !fee.When.Holds(s) {
			continue
		}
		n := int64(1)
		if fee.Per != "" {
			n = wholeNumber(s.Answers[fee.Per])
		}
		if n > 0 {
			due = append(due, Due{ID: fee.ID, Name: fee.Name, Kind: fee.Kind, Amount: fee.Amount * n})
		}
	}
	return due
}

func wholeNumber(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return 0
}

// Template returns the paper a dossier with these answers ends in.
func (e *Edition) Template(s form.Scope) *Template {
	for i := range e.Results {
		if e.Results[i].When.Holds(s) {
			return &e.Results[i]
		}
	}
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"slices"

	"motcua/internal/form"
)

// Entry is a procedure as lists show it: offered here, or only known from the
// national catalogue.
type Entry struct {
	Code       string    `json:"code"`
	Name       form.Text `json:"name"`
	Summary    form.Text `json:"summary,omitzero"`
	Field      string    `json:"field"` // key of an offered one; the catalogue's words of an imported one
	Levels     []string  `json:"level"`
	Audience   []string  `json:"audience"`
	Online     string    `json:"online_level"` // full, partial, or "" where it cannot be filed here
	Competent  []string  `json:"-"`
	LifeEvents []string  `json:"life_events,omitempty"`
	Offered    bool      `json:"offered"`
	text       []weighed // what it is found by
}

// weighed is a text and how much a word in it says about the procedure.
type weighed struct {
	text   string
	weight float32
}

func entryOf(e *Edition) Entry {
	f := &e.Facts
	entry := Entry{Code: f.Code, Name: f.Name, Summary: f.Summary, Field: f.Field, Levels: f.Levels, Audience: f.Audience,
		Online: f.Online.Level, Competent: f.Competent, LifeEvents: f.LifeEvents, Offered: true}
	entry.text = append(entry.text, weighed{f.Name.VI, 4}, weighed{f.Name.EN, 2}, weighed{f.Summary.VI, 1})
	for _, k := range f.Keywords {
		entry.text = append(entry.text, weighed{k, 3})
	}
	for _, t := range e.Results {
		entry.text = append(entry.text, weighed{t.Name.VI, 2})
	}
	for _, c := range f.Cases {
		entry.text = append(entry.text, weighed{c.Name.VI, 1})
		for _, k := range c.Components {
			entry.text = append(entry.text, weighed{k.Name.VI, 0.5})
		}
	}
	return entry
}

// Filter narrows a list of procedures; empty fields do not.
type Filter struct {
	Query     string
	Field     string
	Competent []string // an agency's identifier and kind: what it may decide
	Level     string
	Audience  string
	LifeEvent string
	Offered   bool
}

func (f *Filter) keeps(e *Entry) bool {
	return (f.Field == "" || e.Field == f.Field) &&
		(f.Level == "" || slices.Contains(e.Levels, f.Level)) &&
		(f.Audience == "" || slices.Contains(e.Audience, f.Audience)) &&
		(f.LifeEvent == "" || slices.Contains(e.LifeEvents, f.LifeEvent)) &&
		(!f.Offered || e.Offered) &&
		(len(f.Competent) == 0 || slices.ContainsFunc(f.Competent, func(c string) bool { return slices.Contains(e.Competent, c) }))
}

// Find lists the procedures that a filter keeps: by relevance if it has a
// query, offered ones first within equal relevance, otherwise by code. It
// returns at most limit entries after the first skip.
func (c *Catalogue) Find(f Filter, skip, limit int) []Entry {
	s := c.current.Load()
	if f.Query != "" {
		return s.search(f, skip, limit)
	}
	var found []Entry
	for i := range s.entries {
		if f.keeps(&s.entries[i]) {
			if skip > 0 {
				skip--
			} else if found = append(found, s.entries[i]); len(found) == limit {
				break
			}
		}
	}
	return found
}

// Entries returns every procedure known, offered ones first.
func (c *Catalogue) Entries() []Entry { return c.current.Load().entries }

// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"slices"

	"motcua/internal/calendar"
	"motcua/internal/form"
)

// Entry is a procedure as lists show it: offered here, or only known from the
// national catalogue.
type Entry struct {
	Code       string    `json:"code"`
	Name       form.Text `json:"name"`
	Summary    form.Text `json:"summary,omitzero"`
	Field      string    `json:"field"`      // key of a field of work
	FieldName  string    `json:"field_name"` // the catalogue's words for it, of an imported one
	Levels     []string  `json:"level"`
	Audience   []string  `json:"audience"`
	Online     string    `json:"online_level"` // full, partial, or "" where it cannot be filed here
	Competent  []string  `json:"-"`
	LifeEvents []string  `json:"life_events,omitempty"`
	Offered    bool      `json:"offered"`
	edition    int
}

// weighed is a text and how much a word in it says about the procedure.
type weighed struct {
	text   string
	weight float32
}

// entryOf is an edition as lists show it, with what it is found by.
func entryOf(e *Edition) (Entry, []weighed) {
	f := &e.Facts
	entry := Entry{Code: f.Code, Name: f.Name, Summary: f.Summary, Field: f.Field, Levels: f.Levels, Audience: f.Audience,
		Online: f.Online.Level, Competent: f.Competent, LifeEvents: f.LifeEvents, Offered: true, edition: e.Number}
	texts := []weighed{{f.Name.VI, 8}, {f.Name.EN, 4}, {f.Summary.VI, 1}, {f.Summary.EN, 1}}
	for _, k := range f.Keywords {
		texts = append(texts, weighed{k, 6})
	}
	for _, t := range e.Results {
		texts = append(texts, weighed{t.Name.VI, 1})
	}
	for _, c := range f.Cases {
		texts = append(texts, weighed{c.Name.VI, 0.5})
		for _, k := range c.Components {
			texts = append(texts, weighed{k.Name.VI, 0.5})
		}
	}
	for _, step := range f.Steps {
		texts = append(texts, weighed{step.VI, 0.25})
	}
	return entry, texts
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
	On        calendar.Date // what is offered must be in force that day; the zero day asks for none

	terms map[string][]term // of the editions, by code
}

func (f *Filter) keeps(e *Entry) bool {
	return (f.Field == "" || e.Field == f.Field) &&
		(f.Level == "" || slices.Contains(e.Levels, f.Level)) &&
		(f.Audience == "" || slices.Contains(e.Audience, f.Audience)) &&
		(f.LifeEvent == "" || slices.Contains(e.LifeEvents, f.LifeEvent)) &&
		(!f.Offered || e.Offered) &&
		(!e.Offered || f.On.IsZero() || inForce(f.terms[e.Code], f.On) > 0) &&
		(len(f.Competent) == 0 || slices.ContainsFunc(f.Competent, func(c string) bool { return slices.Contains(e.Competent, c) }))
}

// Find lists the procedures that a filter keeps: by relevance if it has a
// query, offered ones first within equal relevance, otherwise by code. It
// returns at most limit entries after the first skip.
func (c *Catalogue) Find(f Filter, skip, limit int) []Entry {
	s := c.current.Load()
	f.terms = s.byCode
	index := s.index.Load()
	if f.Query != "" && index == nil {
		c.Settle() // the very first index, just after the start
		index = s.index.Load()
	}
	if f.Query != "" && index != nil {
		return c.asOf(index.search(f, skip, limit), f)
	}
	var found []Entry
	for _, e := range c.Entries() {
		if f.keeps(&e) {
			if skip > 0 {
				skip--
			} else if found = append(found, e); len(found) == limit {
				break
			}
		}
	}
	return c.asOf(found, f)
}

// asOf shows what was found as it is in force on the day of the filter: an
// edition that is published already may be one to come, or the search may not
// know it yet.
func (c *Catalogue) asOf(found []Entry, f Filter) []Entry {
	if f.On.IsZero() {
		return found
	}
	for i := range found {
		e := &found[i]
		if n := inForce(f.terms[e.Code], f.On); e.Offered && n != e.edition {
			if known, ok := c.editions.Load(key{e.Code, n}); ok {
				*e, _ = entryOf(known.(*Edition))
			}
		}
	}
	return found
}

// Entries returns every procedure known, offered ones first.
func (c *Catalogue) Entries() []Entry {
	s := c.current.Load()
	if f := s.index.Load(); f != nil {
		return f.entries
	}
	return s.entries
}

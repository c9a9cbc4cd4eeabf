// SPDX-License-Identifier: Apache-2.0

// Package agency is who the State is here: agencies and their one-stops, and
// the posts that officers hold in them.
//
// The directory of a site is small, read whole and held in memory; a change
// replaces it as one. Start at Directory.
package agency

import (
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// ID is an organisation identifier of QĐ 20/2020: "H57.21.3".
type ID string

// Kind sorts agencies.
type Kind string

// The kinds of agencies of a province.
const (
	Province   Kind = "province"
	Office     Kind = "office"
	Department Kind = "department"
	Commune    Kind = "commune"
	Centre     Kind = "centre" // Trung tâm Phục vụ hành chính công: a one-stop
)

// Agency is one organisation of the site.
type Agency struct {
	ID       ID        `json:"id"`
	Kind     Kind      `json:"kind"`
	Parent   ID        `json:"parent,omitempty"`
	Name     form.Text `json:"name"`
	Address  string    `json:"address,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	Email    string    `json:"email,omitempty"`
	Invented bool      `json:"invented,omitempty"` // the identifier or contact is made up for the demo
	Receives []ID      `json:"receives,omitempty"` // of a centre: the agencies whose dossiers it receives
	Hours    string    `json:"hours,omitempty"`    // office hours "07:30-11:30,13:30-17:30"; empty: the calendar's
}

// Post is an officer's office: a role at an agency for a time.
type Post struct {
	Account int64         `json:"account"`
	Role    workflow.Role `json:"role"`
	Agency  ID            `json:"agency"`
	From    calendar.Date `json:"from"`
	To      calendar.Date `json:"to,omitzero"` // last day; zero: open
}

// On is true when the post is held on a day.
func (p Post) On(day calendar.Date) bool {
	return !day.Before(p.From) && (p.To.IsZero() || !p.To.Before(day))
}

// Officer is an account that holds posts.
type Officer struct {
	Account int64
	Login   string
	Name    string
	Posts   []Post
}

// Directory is the agencies and officers of the site at one moment; it never
// changes once read.
type Directory struct {
	Agencies []Agency
	Officers []Officer
	byID     map[ID]*Agency
	byOwner  map[int64]*Officer
}

// NewDirectory indexes agencies and officers.
func NewDirectory(agencies []Agency, officers []Officer) *Directory {
	d := &Directory{Agencies: agencies, Officers: officers, byID: map[ID]*Agency{}, byOwner: map[int64]*Officer{}}
	for i := range agencies {
		d.byID[agencies[i].ID] = &agencies[i]
	}
	for i := range officers {
		d.byOwner[officers[i].Account] = &officers[i]
	}
	return d
}

// Find returns an agency, or nil.
func (d *Directory) Find(id ID) *Agency { return d.byID[id] }

// Name returns an agency's name in lang, or its identifier when unknown.
func (d *Directory) Name(id ID, lang string) string {
	if a := d.byID[id]; a != nil {
		return a.Name.In(lang)
	}
	return string(id)
}

// Officer returns who holds an account, or nil.
func (d *Directory) Officer(account int64) *Officer { return d.byOwner[account] }

// With lists the officers who hold a role at an agency on a day, in the order
// of the directory.
func (d *Directory) With(role workflow.Role, at ID, day calendar.Date) []*Officer {
	var found []*Officer
	for i := range d.Officers {
		for _, p := range d.Officers[i].Posts {
			if p.Role == role && p.Agency == at && p.On(day) {
				found = append(found, &d.Officers[i])
				break
			}
		}
	}
	return found
}

// Offering is a pair of agencies that offer a procedure: the one-stop that
// receives and the agency that decides.
type Offering struct {
	Reception ID `json:"reception"`
	Competent ID `json:"competent"`
}

// Offerings lists where a procedure can be filed. competent holds identifiers
// or kinds ("commune"), as in the catalogue.
func (d *Directory) Offerings(competent []string) []Offering {
	var found []Offering
	for _, a := range d.Agencies {
		decides := false
		for _, c := range competent {
			decides = decides || c == string(a.ID) || c == string(a.Kind)
		}
		if !decides {
			continue
		}
		for _, centre := range d.Agencies {
			for _, r := range centre.Receives {
				if r == a.ID {
					found = append(found, Offering{Reception: centre.ID, Competent: a.ID})
				}
			}
		}
	}
	return found
}

// Decides lists what the catalogue may call an agency by: its identifier and
// kind, or, of a one-stop, those of the agencies it receives for.
func (d *Directory) Decides(id ID) []string {
	a := d.byID[id]
	if a == nil {
		return []string{"?"}
	}
	if a.Kind != Centre {
		return []string{string(a.ID), string(a.Kind)}
	}
	var keys []string
	for _, r := range a.Receives {
		if o := d.byID[r]; o != nil {
			keys = append(keys, string(o.ID), string(o.Kind))
		}
	}
	return keys
}

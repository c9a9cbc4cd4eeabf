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
	"slices"
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

// Agency is one organisation of the site as it is from a day on: when its name,
// head or hours change, another edition of it begins and this one stays for
// what was done under it.
type Agency struct {
	ID       ID            `json:"id"`
	From     calendar.Date `json:"from,omitzero"` // zero: since ever
	Kind     Kind          `json:"kind"`
	Parent   ID            `json:"parent,omitempty"`
	Name     form.Text     `json:"name"`
	Address  string        `json:"address,omitempty"`
	Place    string        `json:"place,omitempty"` // as papers write it before the date; empty: that of the agency above
	Phone    string        `json:"phone,omitempty"`
	Email    string        `json:"email,omitempty"`
	Invented bool          `json:"invented,omitempty"` // the identifier or contact is made up for the demo
	Receives []ID          `json:"receives,omitempty"` // of a centre: the agencies whose dossiers it receives
	Hours    string        `json:"hours,omitempty"`    // office hours, as calendar.ParseHours reads them; empty: the calendar's
	Opens    form.Text     `json:"opens,omitzero"`     // when its counters are open besides; not working time
}

// Officer is an account that holds posts.
type Officer struct {
	Account  int64
	Login    string
	Name     string
	Left     bool // the account is closed
	Posts    []Post
	Absences []Absence
}

// Directory is the agencies and officers of the site on one day; it never
// changes once read.
type Directory struct {
	Agencies []Agency // as they are on the day
	Officers []Officer
	day      calendar.Date
	editions map[ID][]Agency // by From
	byID     map[ID]*Agency
	byOwner  map[int64]*Officer
	posted   map[post][]*Officer  // who ever held it, in the order of the directory
	away     map[int64][]*Officer // by substitute
}

// NewDirectory makes the directory of a day from the editions of all agencies,
// those of one agency in the order of their days, and the officers.
func NewDirectory(editions []Agency, officers []Officer, day calendar.Date) *Directory {
	d := &Directory{Officers: officers, day: day, editions: map[ID][]Agency{}, byID: map[ID]*Agency{}, byOwner: map[int64]*Officer{}, posted: map[post][]*Officer{}, away: map[int64][]*Officer{}}
	var order []ID
	for _, a := range editions {
		if d.editions[a.ID] == nil {
			order = append(order, a.ID)
		}
		d.editions[a.ID] = append(d.editions[a.ID], a)
	}
	for _, id := range order {
		if a := d.On(id, day); !a.From.After(day) {
			d.Agencies = append(d.Agencies, *a)
		}
	}
	for i := range d.Agencies {
		d.byID[d.Agencies[i].ID] = &d.Agencies[i]
	}
	for i := range officers {
		o := &officers[i]
		d.byOwner[o.Account] = o
		for _, a := range o.Absences {
			if !slices.Contains(d.away[a.Substitute], o) {
				d.away[a.Substitute] = append(d.away[a.Substitute], o)
			}
		}
		for _, p := range o.Posts {
			if k := (post{p.Role, p.Agency}); !slices.Contains(d.posted[k], o) {
				d.posted[k] = append(d.posted[k], o)
			}
		}
	}
	return d
}

// Day is the day of the directory.
func (d *Directory) Day() calendar.Date { return d.day }

// Find returns an agency as it is on the day of the directory, or nil.
func (d *Directory) Find(id ID) *Agency { return d.byID[id] }

// Below is true for an agency and all that stand below it.
func (d *Directory) Below(id, over ID) bool {
	for range 10 { // agencies that stand above each other in a ring stand below none
		if id == over {
			return true
		}
		a := d.Find(id)
		if a == nil || a.Parent == "" {
			return false
		}
		id = a.Parent
	}
	return false
}

// On returns an agency as it was on a day, or as it first was if that is later;
// nil if there is none.
func (d *Directory) On(id ID, day calendar.Date) *Agency {
	editions := d.editions[id]
	for i := len(editions) - 1; i >= 0; i-- {
		if i == 0 || !editions[i].From.After(day) {
			return &editions[i]
		}
	}
	return nil
}

// PlaceOn returns the place that papers of an agency are dated at on a day; ""
// if neither it nor an agency above it names one.
func (d *Directory) PlaceOn(id ID, day calendar.Date) string {
	for range 10 { // agencies that stand above each other in a ring name none
		a := d.On(id, day)
		if a == nil || a.Place != "" || a.Parent == "" {
			if a == nil {
				return ""
			}
			return a.Place
		}
		id = a.Parent
	}
	return ""
}

// NameOn returns an agency's name on a day in lang, or its identifier when unknown.
func (d *Directory) NameOn(id ID, day calendar.Date, lang string) string {
	if a := d.On(id, day); a != nil {
		return a.Name.In(lang)
	}
	return string(id)
}

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
// of the directory: all, or those whose post is for this matter.
func (d *Directory) With(role workflow.Role, at ID, day calendar.Date, matter *Matter) []*Officer {
	var found []*Officer
	for _, o := range d.posted[post{role, at}] {
		if slices.ContainsFunc(o.Posts, func(p Post) bool {
			return p.Role == role && p.Agency == at && p.On(day) && (matter == nil || p.Covers(*matter))
		}) {
			found = append(found, o)
		}
	}
	return found
}

// post is a role at an agency.
type post struct {
	role workflow.Role
	at   ID
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

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// View is an officer's look into a dossier, as the journal keeps it.
type View struct {
	At      time.Time     `json:"-"`
	Code    Code          `json:"code"`
	Name    string        `json:"name"` // of the officer
	Role    workflow.Role `json:"role,omitempty"`
	Agency  agency.ID     `json:"-"`
	What    string        `json:"what"` // dossier, lookup, form, number NAME, file NAME, original NAME, paper NAME
	Purpose Purpose       `json:"purpose"`
	Said    string        `json:"said,omitempty"` // the officer's own reason
	Address string        `json:"address,omitempty"`
	Flagged bool          `json:"-"`
	Look    Look          `json:"-"`
	Settled *Settlement   `json:"-"` // nil while it is open

	dossier int64
}

// Purpose is why an officer looks into a dossier.
type Purpose string

// The purposes, as the system knows them. Who has none is flagged to the head of
// the agency, with what the officer said.
const (
	ForTask      Purpose = "task"      // it waits for them
	ForOversight Purpose = "oversight" // they answer for the agency or unit
	ForPart      Purpose = "part"      // they had a hand in it
	ForNone      Purpose = "none"
)

// Viewed notes that an officer looks at a part of a dossier, such as "file NAME",
// before it is shown.
func (b *Book) Viewed(ctx context.Context, who Actor, f *File, what string) error {
	return b.viewed(ctx, who, &f.State, f.Events, what)
}

// Reveal notes that an officer has asked for what is concealed or withheld, such
// as "number NAME", before it is shown: each time, and only to who says what for
// (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15: what is processed is what the purpose
// needs).
func (b *Book) Reveal(ctx context.Context, who Actor, f *File, what, purpose string) error {
	if purpose = strings.TrimSpace(purpose); purpose == "" || len([]rune(purpose)) > 300 {
		return refusal.Fields("view.say", []refusal.Field{refusal.At("/purpose", "view.say")})
	}
	who.Reason = purpose
	return b.look(ctx, who, &f.State, f.Events, what, false)
}

// Tasked is why an officer looks into a dossier, by what they have to do with it.
func (a Actor) Tasked(f *File) Purpose { return a.On(&f.State).purpose(&f.State, f.Events) }

// seenFor is how long one look lasts: the same again within it is the same look.
const seenFor = 10 * time.Minute

// viewed notes that an officer looks into a dossier of others; before anything of
// it is shown.
func (b *Book) viewed(ctx context.Context, who Actor, s *State, events []Record, what string) error {
	return b.look(ctx, who, s, events, what, true)
}

// look notes a look; the same again a little later is the same look, if it may be.
func (b *Book) look(ctx context.Context, who Actor, s *State, events []Record, what string, same bool) error {
	if !who.Officer || who.Account == s.Account {
		return nil
	}
	now, who := b.Now(), who.On(s)
	if s.sealed() {
		what = s.discreetly(what)
	}
	role, at := who.through(s)
	at = cmp.Or(at, s.Competent) // whose head is told of a look from elsewhere
	purpose := who.purpose(s, events)
	if purpose == ForNone && events == nil {
		if err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
			events, err = records(tx, s.ID)
			return err
		}); err != nil {
			return err
		}
		purpose = who.purpose(s, events)
	}
	v := View{Code: s.Code, Name: who.Name, Role: role, What: what, Purpose: purpose, Said: strings.TrimSpace(who.Reason), Address: who.Address}
	key := fmt.Sprint(who.Account, s.ID, what, v.Purpose, v.Said)
	if same && b.Looks.lately(key, now) {
		return nil
	}
	err := b.DB.Write(ctx, func(tx *db.Tx) error {
		return audit.Write(tx, audit.Entry{At: now, Kind: audit.Viewed, Account: who.Account, Dossier: s.ID, Agency: string(at), Flag: v.Purpose == ForNone, Detail: v})
	})
	if err == nil && same {
		b.Looks.note(key, now)
	}
	return err
}

// Looks remembers the looks of the last minutes, so that one who reads on is noted
// once. It is safe for use by many goroutines.
type Looks struct{ at sync.Map }

func (l *Looks) lately(key string, now time.Time) bool {
	if l == nil {
		return false
	}
	last, ok := l.at.Load(key)
	return ok && now.Sub(last.(time.Time)).Abs() < seenFor
}

func (l *Looks) note(key string, now time.Time) {
	if l != nil {
		l.at.Store(key, now)
	}
}

// forget drops what is over.
func (l *Looks) forget(now time.Time) {
	if l == nil {
		return
	}
	l.at.Range(func(key, at any) bool {
		if now.Sub(at.(time.Time)).Abs() >= seenFor {
			l.at.Delete(key)
		}
		return true
	})
}

// through is the post by which an officer sees a dossier.
func (a Actor) through(s *State) (workflow.Role, agency.ID) {
	at, role := s.Holder()
	places := []agency.ID{at, s.Competent, s.Reception, s.Home, s.Support}
	for _, p := range s.Parts {
		places = append(places, p.To)
	}
	for _, o := range s.Opinions {
		places = append(places, o.To)
	}
	if a.Holds(role, at) {
		return role, at
	}
	for _, place := range places {
		for _, p := range a.Posts {
			if p.Agency == place && handles(p.Role) {
				return p.Role, p.Agency
			}
		}
	}
	return "", ""
}

// purpose is why an officer looks into a dossier, by what they have to do with it.
func (a Actor) purpose(s *State, events []Record) Purpose {
	at, role := s.Holder()
	mine := s.Assignee == 0 || s.Assignee == a.Account || a.Away[s.Assignee] != ""
	for _, p := range s.OpenParts() {
		if a.partakes(p.To) {
			return ForTask
		}
	}
	switch {
	case !s.Closed() && a.Holds(role, at) && (role != workflow.Specialist || mine):
		return ForTask
	case !s.Closed() && s.Assignee != 0 && mine:
		return ForTask
	case len(s.Unpaid()) > 0 && a.Holds(workflow.Cashier, s.Reception):
		return ForTask
	case slices.ContainsFunc(s.Opinions, func(o Opinion) bool { return o.Open() && a.answers(o.To) }):
		return ForTask
	case a.answers(s.Competent), a.answers(s.Reception):
		return ForOversight
	case slices.ContainsFunc(events, func(r Record) bool { return r.By.Account == a.Account }):
		return ForPart
	}
	return ForNone
}

// Views lists who looked into a dossier, the last first, for its applicant and for
// who heads its agencies. The applicant sees no addresses.
func (b *Book) Views(ctx context.Context, who Actor, code Code) ([]View, error) {
	s, err := b.Find(ctx, who, code)
	if err != nil {
		return nil, err
	}
	if who = who.On(&s); who.Account != s.Account && !who.answers(s.Competent) && !who.answers(s.Reception) {
		return nil, refusal.New(refusal.NotAllowed, "view.heads_only")
	}
	var list []View
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = views(tx, `dossier = $1 AND kind = 'viewed'`, s.ID, viewsShown)
		return err
	})
	for i := range list {
		if who.Account == s.Account {
			list[i].Address = ""
		}
		list[i].What = s.plainly(list[i].What)
	}
	return list, err
}

// discreetly names a file of a sealed dossier by its id: the journal lies open, and
// is never written anew.
func (s *State) discreetly(what string) string {
	kind, name, _ := strings.Cut(what, " ")
	if kind != "file" && kind != "original" {
		return what
	}
	for _, d := range s.Documents {
		if d.File != "" && name == d.Name {
			return kind + " " + d.File
		}
	}
	return kind // one that was replaced since
}

// plainly names a file as people know it.
func (s *State) plainly(what string) string {
	for _, d := range s.Documents {
		if kind, ok := strings.CutSuffix(what, " "+d.File); ok && d.File != "" && (kind == "file" || kind == "original") {
			return kind + " " + d.Name
		}
	}
	return what
}

// FlaggedViews lists the looks without a task at the agencies that the caller
// heads, those that are not settled first, the last first. A dossier that the caller
// may not see has no code.
func (b *Book) FlaggedViews(ctx context.Context, who Actor) ([]View, error) {
	var list []View
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		var seen []agency.ID
		for _, p := range who.Posts {
			if !who.answers(p.Agency) || slices.Contains(seen, p.Agency) {
				continue
			}
			seen = append(seen, p.Agency)
			some, err := views(tx, `agency = $1 AND flag = 1`, string(p.Agency), viewsRead)
			if err != nil {
				return err
			}
			list = append(list, some...)
		}
		if err := follow(tx, list); err != nil {
			return err
		}
		slices.SortStableFunc(list, func(a, b View) int {
			if open := a.Settled == nil; open != (b.Settled == nil) {
				return map[bool]int{true: -1, false: 1}[open]
			}
			return b.At.Compare(a.At)
		})
		list = list[:min(len(list), viewsShown)]
		return who.withhold(tx, list)
	})
	return list, err
}

// viewsShown is how many looks are shown at once, and viewsRead how many are looked
// through for those that are open: settled ones do not hide one that waits.
const (
	viewsShown = 200
	viewsRead  = 5000
)

func views(tx *db.Tx, where string, arg any, most int) ([]View, error) {
	lines, err := audit.Find(tx, where, arg, most)
	if err != nil {
		return nil, err
	}
	var list []View
	for _, l := range lines {
		v := View{At: l.At, Agency: agency.ID(l.Agency), Flagged: l.Flag, Look: Look{l.Chain, l.Seq}, dossier: l.Dossier}
		if err := l.Read(&v); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// PurposeNames are the purposes in words.
var PurposeNames = map[Purpose]form.Text{
	ForTask:      {VI: "hồ sơ đang chờ người này xử lý", EN: "the dossier waits for them"},
	ForOversight: {VI: "phụ trách cơ quan, đơn vị", EN: "they answer for the agency or unit"},
	ForPart:      {VI: "đã tham gia xử lý hồ sơ", EN: "they had a hand in the dossier"},
	ForNone:      {VI: "không có nhiệm vụ ở hồ sơ", EN: "no task in the dossier"},
}

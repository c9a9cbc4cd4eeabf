// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// A dossier is kept as the record schedule says on the day on which it is closed
// (Luật Lưu trữ 33/2024/QH15; thời hạn lưu trữ). That is an event like any other,
// so what is destroyed one day was bound to be since then, or by a later act that
// says who wanted it otherwise and why.

const archiveBasis = "Luật Lưu trữ số 33/2024/QH15"

// What is done with a dossier that was kept long enough.
const (
	ToDestroy  = "destroy"
	ToHandOver = "hand_over" // to the historical archive: it is kept for ever
)

// Retention is how long a closed dossier is kept.
type Retention struct {
	agency.Keep           // the line of the schedule; zero if none applies: it is kept until one does
	Due         time.Time `json:"due,omitzero"`      // from when it may be destroyed, or is to be handed over
	PurgeAt     time.Time `json:"purge_at,omitzero"` // when its identity papers are removed; zero if it has none, or none any more
}

// Retained is that a closed dossier is kept for a term: the system says so when it
// is closed, a leader if it is determined anew.
type Retained struct {
	Retention
	Reason string `json:"reason,omitempty"` // why anew
}

func (Retained) kind() string { return "retained" }

func (e Retained) apply(s *State, _ Record) { s.Retention, s.Listed = &e.Retention, 0 }

// Listed is that the dossier stands in the list of a round: the applicant is told
// before anything is done.
type Listed struct {
	Round int64  `json:"round"`
	Year  int    `json:"year"`
	What  string `json:"what"`
	Days  int    `json:"days"` // from approval until it is carried out
}

func (Listed) kind() string { return "listed" }

func (e Listed) apply(s *State, _ Record) { s.Listed = e.Round }

// Archived is that the dossier was handed over to the historical archive.
type Archived struct {
	Round    int64  `json:"round"`
	Decision string `json:"decision"`
}

func (Archived) kind() string { return "archived" }

func (Archived) apply(s *State, r Record) { s.Archived, s.Listed = r.At, 0 }

// Purged is that identity papers were removed: their names and digests stay, what
// they showed does not (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15: no longer than
// what they were asked for).
type Purged struct {
	Papers []Document `json:"papers"`
	Days   int        `json:"days"` // after closing
	Basis  string     `json:"basis"`
}

func (Purged) kind() string { return "purged" }

func (e Purged) apply(s *State, _ Record) {
	s.Purged = slices.Clone(s.Purged)
	for _, d := range e.Papers {
		s.Purged = append(s.Purged, d.File)
	}
	if s.Retention != nil {
		kept := *s.Retention
		kept.PurgeAt = time.Time{}
		s.Retention = &kept
	}
}

// Gone is true for a file of the dossier whose content was removed by rule.
func (s *State) Gone(file string) bool { return slices.Contains(s.Purged, file) }

// Readable refuses a paper whose content was removed by rule, saying when and why.
func (f *File) Readable(d Document) error {
	if !f.State.Gone(d.File) {
		return nil
	}
	for _, r := range f.Events {
		e, ok := r.Event.(Purged)
		if ok && slices.ContainsFunc(e.Papers, func(x Document) bool { return x.File == d.File }) {
			return refusal.New(refusal.NotFound, "document.purged", "name", d.Name, "on", shortDate(r.At), "n", e.Days).Because(e.Basis)
		}
	}
	return fmt.Errorf("dossier %s: nothing says when %s was removed", f.State.Code, d.File)
}

// ClosedOn is the day on which the dossier was closed.
func (s *State) ClosedOn() calendar.Date {
	if s.Phase == Returned {
		return local(s.ReturnedAt)
	}
	return local(s.ClosedAt)
}

// retained is how long a dossier that was closed is kept by the schedule as it is
// on a day.
func (d *desk) retained(s *State, on calendar.Date) (Retained, error) {
	k := d.schedule.On(on, s.Field, s.Procedure)
	if k == nil {
		return Retained{}, nil
	}
	e := Retained{Retention: Retention{Keep: *k, Due: k.Due(s.ClosedOn()).At(0)}}
	papers, err := d.identityPapers(s)
	if len(papers) > 0 && k.Identity > 0 {
		e.PurgeAt = (s.ClosedOn() + calendar.Date(k.Identity) + 1).At(0)
	}
	return e, err
}

// identityPapers are the files of identity papers that the dossier has, also of
// those that were replaced.
func (d *desk) identityPapers(s *State) ([]Document, error) {
	marked := map[string]bool{} // components
	for _, c := range d.edition.Facts.Cases {
		for _, k := range c.Components {
			marked[k.ID] = marked[k.ID] || k.IdentityPaper
		}
	}
	if !slices.Contains(slices.Collect(maps.Values(marked)), true) {
		return nil, nil
	}
	all, err := d.uploads()
	return slices.DeleteFunc(all, func(x Document) bool { return !marked[x.Component] || s.Gone(x.File) }), err
}

// uploaded are all files that a history speaks of, each once.
func uploaded(events []Record) []Document { return replacedIn(events, nil) }

// purge removes the identity papers of the dossier.
func (d *desk) purge() (Event, error) {
	papers, err := d.identityPapers(d.State)
	return Purged{Papers: papers, Days: d.Retention.Identity, Basis: d.Retention.Basis}, err
}

// keepPapers keeps which files stand in which dossier, and forgets those that do
// not any more, if they stand nowhere else.
func keepPapers(tx *db.Tx, s *State, r Record) error {
	note := func(documents []Document) error {
		for _, d := range documents {
			if d.File != "" && !s.Gone(d.File) {
				tx.Exec(`INSERT INTO paper (file, dossier) VALUES ($1, $2) ON CONFLICT DO NOTHING`, d.File, s.ID)
				document.Used(tx, d.File)
			}
		}
		return tx.Err()
	}
	switch e := r.Event.(type) {
	case Submitted:
		return note(e.Documents)
	case Supplemented:
		return note(e.Documents)
	case Corrected:
		return note(e.Documents)
	case Retained: // also what was handed in before this was kept
		events, err := records(tx, s.ID)
		if err != nil {
			return err
		}
		return note(uploaded(events))
	case Purged:
		return letGo(tx, s.ID, e.Papers)
	}
	return nil
}

// HandedIn is true for a file that stands in a dossier.
func HandedIn(tx *db.Tx, file string) (bool, error) {
	return tx.One(`SELECT 1 FROM paper WHERE file = $1`, []any{file}, new(int))
}

// letGo takes files out of a dossier, and forgets those that stand in no other
// dossier and in no draft.
func letGo(tx *db.Tx, id int64, papers []Document) error {
	for _, d := range papers {
		tx.Exec(`DELETE FROM paper WHERE dossier = $1 AND file = $2`, id, d.File)
		f, err := document.Find(tx, d.File)
		if refusal.Is(err, refusal.NotFound) {
			continue
		}
		if err == nil {
			err = forgetUnused(tx, f)
		}
		if err != nil {
			return err
		}
	}
	return tx.Err()
}

// keeping is what the index of rounds has of a dossier.
type keeping struct {
	agency agency.ID
	what   string
	due    int64
	round  int64
}

func (s *State) keeping() keeping {
	if s.Retention == nil {
		return keeping{}
	}
	k := keeping{s.Competent, ToDestroy, 0, s.Listed}
	if s.Retention.Permanent {
		k.what = ToHandOver
	}
	if s.Hold == nil && s.Archived.IsZero() && !s.Retention.Due.IsZero() {
		k.due = s.Retention.Due.UnixMilli()
	}
	return k
}

// setRetained keeps what rounds are made from.
func setRetained(tx *db.Tx, before, after *State) {
	var was keeping
	if before != nil {
		was = before.keeping()
	}
	switch is := after.keeping(); {
	case was == is:
	case is == (keeping{}):
		tx.Exec(`DELETE FROM retained WHERE dossier = $1`, after.ID)
	default:
		tx.Exec(`INSERT INTO retained (dossier, agency, what, due_at, round) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (dossier) DO UPDATE SET agency = excluded.agency, what = excluded.what, due_at = excluded.due_at, round = excluded.round`,
			after.ID, string(is.agency), is.what, is.due, is.round)
	}
}

// Happened adds to a dossier what the system does by itself, in a transaction.
func (b *Book) Happened(tx *db.Tx, code Code, e Event) error {
	d, err := b.deskOf(tx, code)
	if err != nil {
		return err
	}
	_, err = b.happen(tx, d, []Event{e})
	return err
}

// MayArchive is true for who may take the whole of a dossier out: who heads the
// agency that decided it.
func (a Actor) MayArchive(s *State) bool { return a.On(s).answers(s.Competent) }

// TermWords is a term of keeping in words.
func TermWords(k agency.Keep) form.Text {
	switch {
	case k.From.IsZero():
		return form.Text{VI: "chưa có trong bảng thời hạn, giữ lại", EN: "not in the record schedule, kept"}
	case k.Permanent:
		return form.Text{VI: "vĩnh viễn", EN: "permanent"}
	}
	return form.Text{VI: fmt.Sprintf("%d năm sau năm kết thúc", k.Years), EN: fmt.Sprintf("%d years after the year of closing", k.Years)}
}

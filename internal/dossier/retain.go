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
	"motcua/internal/workflow"
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

// Hold is why a dossier is not destroyed although its term is over.
type Hold struct {
	Why    string    `json:"why"` // complaint, dispute, inspection, value
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	Since  time.Time `json:"since"`
}

// Held is that a dossier is kept longer than its term, with its identity papers.
type Held struct {
	Why    string `json:"why"`
	Reason string `json:"reason"`
}

func (Held) kind() string { return "held" }

func (e Held) apply(s *State, r Record) {
	s.Hold, s.Listed = &Hold{e.Why, e.Reason, r.By.Name, r.At}, 0
}

// HoldEnded is that what a dossier was held for is over.
type HoldEnded struct {
	Reason string `json:"reason"`
}

func (HoldEnded) kind() string { return "hold_ended" }

func (HoldEnded) apply(s *State, _ Record) { s.Hold = nil }

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

var holdReasons = []form.Option{
	{Value: "complaint", Label: form.Text{VI: "Đang có khiếu nại, tố cáo", EN: "A complaint is pending"}},
	{Value: "dispute", Label: form.Text{VI: "Đang có tranh chấp, khởi kiện", EN: "A dispute or lawsuit is pending"}},
	{Value: "inspection", Label: form.Text{VI: "Phục vụ thanh tra, kiểm tra, điều tra", EN: "Inspection or investigation"}},
	{Value: "value", Label: form.Text{VI: "Còn giá trị sử dụng, nghiên cứu", EN: "Still of use, or of value to research"}},
}

var holdAct = act{
	name: "hold", label: form.Text{VI: "Giữ lại, chưa hủy", EN: "Keep longer"},
	aside: true,
	open: func(d *desk) error {
		if !d.Closed() || d.Hold != nil {
			return refusal.New(refusal.NotNow, "dossier.hold.not_now").Because(archiveBasis)
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) {
		return []Param{{Name: "why", Label: form.Text{VI: "Vì sao giữ lại", EN: "What it is kept for"}, Type: "choice", Required: true, Choices: holdReasons}, reasonParam}, nil
	},
	rule: func(d *desk) ([]Event, error) {
		var whys []string
		for _, o := range holdReasons {
			whys = append(whys, o.Value)
		}
		e := Held{d.params.choice("why", whys, ""), d.params.text("reason", true)}
		return []Event{e}, d.params.wrong()
	},
}

var releaseAct = act{
	name: "release", label: form.Text{VI: "Thôi giữ lại", EN: "Keep no longer than the term"},
	aside: true,
	open: func(d *desk) error {
		if d.Hold == nil {
			return refusal.New(refusal.NotNow, "dossier.release.not_now").Because(archiveBasis)
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) { return []Param{reasonParam}, nil },
	rule: func(d *desk) ([]Event, error) {
		return []Event{HoldEnded{d.params.text("reason", true)}}, d.params.wrong()
	},
}

var retermAct = act{
	name: "reterm", label: form.Text{VI: "Xác định lại thời hạn lưu trữ", EN: "Determine the term of keeping anew"},
	aside: true,
	open: func(d *desk) error {
		k := d.schedule.On(local(d.now), d.Field, d.Procedure)
		if !d.Closed() || d.Retention == nil || k == nil || *k == d.Retention.Keep || !d.Archived.IsZero() {
			return refusal.New(refusal.NotNow, "dossier.reterm.not_now").Because(archiveBasis)
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) { return []Param{reasonParam}, nil },
	rule: func(d *desk) ([]Event, error) {
		e, err := d.retained(d.State, local(d.now))
		if e.Reason = d.params.text("reason", true); err != nil {
			return nil, err
		}
		return []Event{e}, d.params.wrong()
	},
}

// keeper is the post in which somebody decides how long dossiers are kept.
func (a Actor) keeper(s *State) (right, bool) {
	return right{workflow.Leader, s.Competent}, a.Holds(workflow.Leader, s.Competent)
}

// HoldNames are what dossiers are kept longer for, in words.
func HoldNames(why string) form.Text {
	for _, o := range holdReasons {
		if o.Value == why {
			return o.Label
		}
	}
	return form.Text{VI: why}
}

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

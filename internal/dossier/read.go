// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"slices"

	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// Find returns a dossier that the caller may see; everybody else is told it
// does not exist.
func (b *Book) Find(ctx context.Context, who Actor, code Code) (State, error) {
	var s State
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		found, err := findSeen(tx, who, code)
		if err == nil {
			s = *found
		}
		return err
	})
	return s, err
}

// File is a dossier with all that was said in it.
type File struct {
	State   State
	Events  []Record
	Answers form.Answers
}

// Open returns a dossier with its history and answers, if the caller may see it;
// that an officer looks is noted first.
func (b *Book) Open(ctx context.Context, who Actor, code Code) (File, error) {
	f, err := b.open(ctx, func(tx *db.Tx) (*State, error) { return findSeen(tx, who, code) })
	if err == nil {
		err = b.viewed(ctx, who, &f.State, f.Events, "dossier")
	}
	return f, err
}

// OpenBySecret opens a dossier for who knows its secret; that an officer who is signed
// in looks so is noted first, as any look.
func (b *Book) OpenBySecret(ctx context.Context, who Actor, code Code, secret string) (File, error) {
	f, err := b.open(ctx, func(tx *db.Tx) (*State, error) {
		s, err := find(tx, code)
		if err == nil && !sameSecret(s.Secret, secret) {
			err = unknown(code)
		}
		return s, err
	})
	if err == nil {
		err = b.Viewed(ctx, who, &f, "lookup")
	}
	return f, err
}

func (b *Book) open(ctx context.Context, state func(tx *db.Tx) (*State, error)) (File, error) {
	var f File
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		s, err := state(tx)
		if err != nil {
			return err
		}
		f.State = *s
		if f.Events, err = records(tx, s.ID); err != nil {
			return err
		}
		f.Answers = answersIn(f.Events)
		return nil
	})
	return f, err
}

// Sight is a dossier as one caller sees it now, without its history.
type Sight struct {
	State   State
	Answers json.RawMessage
	Track   Track
	Offers  []Offer
}

// See returns a dossier as the caller sees it, if the caller may; that an officer
// looks is noted first.
func (b *Book) See(ctx context.Context, who Actor, code Code) (Sight, error) {
	v, err := b.sight(ctx, who, func(tx *db.Tx) (*State, error) { return findSeen(tx, who, code) })
	if err == nil {
		err = b.viewed(ctx, who, &v.State, nil, "dossier")
	}
	return v, err
}

// SeeAs is See for a state the caller has just been given by an act.
func (b *Book) SeeAs(ctx context.Context, who Actor, s State) (Sight, error) {
	return b.sight(ctx, who, func(*db.Tx) (*State, error) { return &s, nil })
}

func (b *Book) sight(ctx context.Context, who Actor, state func(tx *db.Tx) (*State, error)) (Sight, error) {
	var v Sight
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		s, err := state(tx)
		if err != nil {
			return err
		}
		v.State = *s
		if v.Answers, err = answersText(tx, s.ID); err != nil {
			return err
		}
		if v.Track, err = b.track(tx, s); err != nil {
			return err
		}
		v.Offers, err = b.offers(tx, who, s)
		return err
	})
	return v, err
}

func sameSecret(kept, given string) bool {
	return kept != "" && subtle.ConstantTimeCompare([]byte(kept), []byte(given)) == 1
}

// Glance is what the public may know of a dossier: how far it is, nothing else
// (TT 01/2018 art. 16).
type Glance struct {
	Code     Code
	Progress int // percent
	Status   int // national code
}

// Lookup tells strangers how far a dossier is; of one that was destroyed, that.
func (b *Book) Lookup(ctx context.Context, code Code) (Glance, error) {
	g := Glance{Code: code}
	found := false
	err := b.DB.Look(ctx, func(tx *db.Tx) (err error) {
		found, err = tx.One(`SELECT progress, status FROM dossier WHERE code = $1`, []any{string(code)}, &g.Progress, &g.Status)
		return err
	})
	if err == nil && !found {
		err = b.DB.Look(ctx, func(tx *db.Tx) error {
			list, err := stones(tx, `code = $1`, string(code))
			if err == nil && len(list) > 0 {
				return refusal.New(refusal.NotFound, GoneKey, "code", string(code))
			}
			return cmp.Or(err, unknown(code))
		})
	}
	return g, err
}

// Document returns a paper that was handed in, by the id of its file; also one
// that was replaced since.
func (f *File) Document(id string) (Document, bool) {
	for _, d := range append(slices.Clone(f.State.Documents), f.Replaced()...) {
		if d.File == id && id != "" {
			return d, true
		}
	}
	return Document{}, false
}

// Replaced are the papers that were handed in before, and of which there are
// others now.
func (f *File) Replaced() []Document { return replacedIn(f.Events, f.State.Documents) }

func replacedIn(events []Record, now []Document) []Document {
	var list []Document
	add := func(documents []Document) {
		for _, d := range documents {
			same := func(x Document) bool { return x.File == d.File }
			if d.File != "" && !slices.ContainsFunc(now, same) && !slices.ContainsFunc(list, same) {
				list = append(list, d)
			}
		}
	}
	for _, r := range events {
		switch e := r.Event.(type) {
		case Submitted:
			add(e.Documents)
		case Supplemented:
			add(e.Documents)
		case Corrected:
			add(e.Documents)
		}
	}
	return list
}

// Told is the history as the applicant may read it: what officers note among
// themselves, why a draft went back, and what a result says before it is
// issued are left out.
func (f *File) Told() []Record {
	told := make([]Record, len(f.Events))
	for i, r := range f.Events {
		if r.By.Role != "" {
			r.By.Account = 0
		}
		if e, ok := r.Event.(discreet); ok {
			r.Event = e.told()
		}
		told[i] = r
	}
	return told
}

// Last returns the latest event of a kind in a history, as its type; ok is false
// if there is none that was not undone.
func Last[E Event](records []Record) (e E, r Record, ok bool) {
	records = effective(records)
	for i := len(records) - 1; i >= 0; i-- {
		if e, ok := records[i].Event.(E); ok {
			return e, records[i], true
		}
	}
	return e, r, false
}

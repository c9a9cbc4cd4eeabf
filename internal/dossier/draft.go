// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// Draft is a filing that is being written: kept on the server after every page
// and field, until it is sent. It shows the form in force on the day; what was
// typed stays when another edition comes in force meanwhile.
type Draft struct {
	ID        string    `json:"-"`
	Account   int64     `json:"-"`
	Version   int       `json:"-"`
	UpdatedAt time.Time `json:"-"`
	Code      Code      `json:"-"` // of the dossier it became
	Edition   int       `json:"edition"`
	Filing    Filing    `json:"filing"`
	Seen      []string  `json:"seen,omitempty"` // pages that were sent at least once

	For   Code   `json:"for,omitempty"` // the dossier that it completes
	Lacks []Lack `json:"lacks,omitempty"`
}

// Begin opens a draft for a procedure, with what the account already knows.
func (b *Book) Begin(ctx context.Context, who Actor, filing Filing) (Draft, error) {
	now := b.Now()
	d := Draft{ID: randomID(), Account: who.Account, Version: 1, UpdatedAt: now, Filing: filing}
	if err := who.Follows(); err != nil {
		return d, err
	}
	err := b.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := b.Catalogue.InForce(tx, filing.Procedure, local(now))
		if err != nil {
			return err
		}
		c := e.Facts.Case(filing.Case)
		if c == nil {
			return refusal.New(refusal.Invalid, "dossier.case.unknown")
		}
		d.Edition, d.Filing.Case = e.Number, c.ID
		if d.Filing.Answers == nil {
			d.Filing.Answers = form.Prefill(e.Form, who.Known())
		}
		if d.Filing.Return == "" {
			d.Filing.Return = e.Facts.Returns[0]
		}
		return insertDraft(tx, &d)
	})
	return d, err
}

// Known are the facts of an account that may fill questions, by prefill key.
func (a Actor) Known() map[string]string {
	if a.Bare {
		return nil
	}
	p := a.Person
	known := map[string]string{"name": p.Name, "id_number": p.IDNumber, "birth_date": p.BirthDate, "phone": p.Phone, "email": p.Email, "address": p.Address}
	for k, v := range a.Facts {
		known[k] = v
	}
	return known
}

// Draft returns a draft of the caller's own.
func (b *Book) Draft(ctx context.Context, who Actor, id string) (Draft, error) {
	var d Draft
	err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		d, err = findDraft(tx, who, id)
		return err
	})
	return d, err
}

// Drafts lists the caller's unsent drafts, the latest first.
func (b *Book) Drafts(ctx context.Context, who Actor) ([]Draft, error) {
	var list []Draft
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT id, version, updated_at, body FROM draft WHERE account = $1 AND code = '' ORDER BY updated_at DESC LIMIT 50`, who.Account) {
			d := Draft{Account: who.Account}
			var at int64
			var body string
			row.Scan(&d.ID, &d.Version, &at, &body)
			if err := d.read(tx, body); err != nil {
				return err
			}
			d.UpdatedAt = instant(at)
			list = append(list, d)
		}
		return tx.Err()
	})
	return list, err
}

func findDraft(tx *db.Tx, who Actor, id string) (Draft, error) {
	d := Draft{ID: id}
	var at int64
	var body string
	found, err := tx.One(`SELECT account, version, updated_at, code, body FROM draft WHERE id = $1`, []any{id}, &d.Account, &d.Version, &at, &d.Code, &body)
	if err != nil {
		return d, err
	}
	if !found || d.Account != who.Account || who.Account == 0 {
		return d, refusal.New(refusal.NotFound, "draft.unknown")
	}
	d.UpdatedAt = instant(at)
	return d, d.read(tx, body)
}

func (d *Draft) place() string { return "draft/" + d.ID }

// read reads the body of a draft's row.
func (d *Draft) read(tx *db.Tx, body string) error {
	if err := unseal(tx, d.place(), body, d); err != nil {
		return fmt.Errorf("draft %s: %w", d.ID, err)
	}
	return nil
}

func insertDraft(tx *db.Tx, d *Draft) error {
	body, err := seal(tx, d.place(), d)
	tx.Exec(`INSERT INTO draft (id, account, version, updated_at, code, body) VALUES ($1, $2, 1, $3, '', $4)`, d.ID, d.Account, d.UpdatedAt.UnixMilli(), body)
	return err
}

// save writes a draft that was changed; one that changed meanwhile is db.ErrStale.
func (d *Draft) save(tx *db.Tx) error {
	body, err := seal(tx, d.place(), d)
	tx.ExecOne(`UPDATE draft SET version = $1, updated_at = $2, body = $3 WHERE id = $4 AND version = $5 AND code = ''`, d.Version+1, d.UpdatedAt.UnixMilli(), body, d.ID, d.Version)
	d.Version++
	return err
}

// Edit changes a draft and saves it. change may run more than once.
func (b *Book) Edit(ctx context.Context, who Actor, id string, change func(d *Draft) error) (Draft, error) {
	return b.edit(ctx, who, id, func(_ *db.Tx, d *Draft) error { return change(d) })
}

func (b *Book) edit(ctx context.Context, who Actor, id string, change func(tx *db.Tx, d *Draft) error) (Draft, error) {
	var d Draft
	if err := who.Follows(); err != nil {
		return d, err
	}
	err := b.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if d, err = findDraft(tx, who, id); err != nil {
			return err
		}
		if d.Code != "" {
			return refusal.New(refusal.Conflict, "draft.sent", "code", string(d.Code))
		}
		if err := change(tx, &d); err != nil {
			return err
		}
		d.UpdatedAt = b.Now()
		return d.save(tx)
	})
	return d, err
}

// draftQuiet is after how long a draft that was not sent is brought to mind.
const draftQuiet = 7 * 24 * time.Hour

// NoticeDraft is the kind of a notice about a draft; its code is the draft's.
const NoticeDraft = "draft"

// remindDrafts tells people of drafts that they did not touch for a week, once
// for each time they were saved.
func (b *Book) remindDrafts(tx *db.Tx) error {
	type quiet struct {
		id          string
		account, at int64
	}
	var list []quiet
	for row := range tx.Query(`SELECT id, account, updated_at FROM draft WHERE code = '' AND updated_at < $1
			AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.account = draft.account AND notice.code = draft.id AND notice.at >= draft.updated_at)
			AND NOT EXISTS (SELECT 1 FROM account WHERE account.id = draft.account AND (account.stopped = 'restricted' OR account.stopped LIKE '%remind%')) LIMIT 500`, b.Now().Add(-draftQuiet).UnixMilli()) {
		var q quiet
		row.Scan(&q.id, &q.account, &q.at)
		list = append(list, q)
	}
	for _, q := range list {
		Tell(tx, q.account, q.id, NoticeDraft, b.Now())
	}
	return tx.Err()
}

// Discard forgets a draft that was not sent, with its files.
func (b *Book) Discard(ctx context.Context, who Actor, id string) error {
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		d, err := findDraft(tx, who, id)
		if err != nil || d.Code != "" {
			return err
		}
		if err := who.Follows(); err != nil {
			return err
		}
		tx.Exec(`DELETE FROM draft WHERE id = $1 AND code = ''`, id)
		tx.Exec(`DELETE FROM invitation WHERE draft = $1`, id)
		return b.drop(tx, who, d.Filing.Documents)
	})
}

// Form returns the edition whose form a draft shows: the one in force now,
// which is the one that it would be sent by; of a supplement, the one that the
// dossier pinned.
func (b *Book) Form(ctx context.Context, d Draft) (*procedure.Edition, error) {
	if d.For != "" {
		var e *procedure.Edition
		err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
			e, err = b.Catalogue.Edition(tx, d.Filing.Procedure, d.Edition)
			return err
		})
		return e, err
	}
	return b.Catalogue.Show(ctx, d.Filing.Procedure, local(b.Now()))
}

// Send files a draft. Sent twice, it is the same dossier; one that is edited
// in the same moment is sent with the edit.
func (b *Book) Send(ctx context.Context, who Actor, id string) (State, error) {
	var s State
	var err error
	for range 5 {
		if s, err = b.send(ctx, who, id); !errors.Is(err, db.ErrStale) {
			break
		}
	}
	return s, err
}

func (b *Book) send(ctx context.Context, who Actor, id string) (State, error) {
	d, err := b.Draft(ctx, who, id)
	if err != nil {
		return State{}, err
	}
	if d.Code != "" {
		return b.Find(ctx, who, d.Code)
	}
	consents, wrong, err := b.Consents(ctx, who, id)
	if err == nil {
		err = refusal.Fields("request.invalid", wrong)
	}
	if err != nil {
		return State{}, err
	}
	d.Filing.Consents = consents
	return b.submit(ctx, who, d.Filing, nil, func(tx *db.Tx, s *State) error {
		tx.ExecOne(`UPDATE draft SET code = $1, updated_at = $2 WHERE id = $3 AND version = $4 AND code = ''`, string(s.Code), b.Now().UnixMilli(), id, d.Version)
		return nil
	})
}

// Uploads are the files of a draft, by id.
func (b *Book) Uploads(ctx context.Context, d Draft) (map[string]document.File, error) {
	files := map[string]document.File{}
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		for _, p := range d.Filing.Documents {
			f, err := document.Find(tx, p.File)
			if err != nil {
				return err
			}
			files[p.File] = f
		}
		return nil
	})
	return files, err
}

// Room refuses one more file for a draft that has as many as it may have.
func (d *Draft) Room() error {
	if len(d.Filing.Documents) >= mostPapers {
		return refusal.New(refusal.Invalid, "dossier.component.many", "max", mostPapers)
	}
	return nil
}

// Attach adds a file to a draft's component: another page of it, if there is one.
// The same content given again, as by a repeated call, is there once.
func (b *Book) Attach(ctx context.Context, who Actor, id string, k *procedure.Component, f document.File) (Draft, error) {
	d, err := b.edit(ctx, who, id, func(tx *db.Tx, d *Draft) error {
		for _, p := range d.Filing.Documents {
			if p.Component != k.ID || p.File == "" {
				continue
			}
			there, err := document.Find(tx, p.File)
			if err != nil {
				return err
			}
			if there.SHA256 == f.SHA256 {
				document.Forget(tx, f)
				return nil
			}
		}
		if err := d.Room(); err != nil {
			return err
		}
		d.Filing.Documents = append(d.Filing.Documents, Paper{Component: k.ID, File: f.ID, Name: f.Name})
		return nil
	})
	if refusal.As(err) != nil {
		err = errors.Join(err, b.DB.Write(ctx, func(tx *db.Tx) error { document.Forget(tx, f); return nil }))
	}
	return d, err
}

// Detach takes a file out of a draft, and forgets it if it stands nowhere else.
func (b *Book) Detach(ctx context.Context, who Actor, id, file string) (Draft, error) {
	var gone []Paper
	d, err := b.Edit(ctx, who, id, func(d *Draft) error {
		gone = nil
		kept := d.Filing.Documents[:0]
		for _, p := range d.Filing.Documents {
			if p.File != file {
				kept = append(kept, p)
			} else {
				gone = append(gone, p)
			}
		}
		d.Filing.Documents = kept
		return nil
	})
	if err == nil && len(gone) > 0 {
		err = b.DB.Write(ctx, func(tx *db.Tx) error { return b.drop(tx, who, gone) })
	}
	return d, err
}

func randomID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

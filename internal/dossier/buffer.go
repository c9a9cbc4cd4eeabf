// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"errors"
	"fmt"

	"motcua/internal/db"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// BeginSupplement opens the draft in which an applicant completes a dossier: it
// holds the answers as they are and no papers yet, is kept like any other draft,
// and is sent as a whole. There is one for each request.
func (b *Book) BeginSupplement(ctx context.Context, who Actor, code Code) (Draft, error) {
	var d Draft
	err := b.DB.Write(ctx, func(tx *db.Tx) error {
		s, err := find(tx, code)
		if err != nil {
			return err
		}
		if err := who.Follows(); err != nil {
			return err
		}
		if who.Account == 0 || who.Account != s.Account {
			return refusal.New(refusal.NotFound, "dossier.unknown", "code", string(code))
		}
		if s.Wait == nil || s.Wait.For != regime.Supplement {
			return refusal.New(refusal.NotNow, "dossier.supplement.not_asked")
		}
		asked := 0
		for _, i := range s.Issues {
			if i.Form == "02" {
				asked = i.Seq
			}
		}
		id := fmt.Sprintf("bs-%s-%d", code, asked)
		if d, err = findDraft(tx, who, id); !refusal.Is(err, refusal.NotFound) {
			return err
		}
		answers, err := answersOf(tx, s.ID)
		if err != nil {
			return err
		}
		d = Draft{ID: id, Account: who.Account, Version: 1, UpdatedAt: b.Now(), Edition: s.Edition, For: code, Lacks: s.Lacks,
			Filing: Filing{Procedure: s.Procedure, Case: s.Case, Agency: s.Reception, Channel: s.Channel, Applicant: s.Applicant, Submitter: s.Submitter, Answers: answers, Return: s.Return}}
		return insertDraft(tx, &d)
	})
	return d, err
}

// SendSupplement hands in what was completed. Sent twice, it is handed in once.
func (b *Book) SendSupplement(ctx context.Context, who Actor, id, note string) (State, error) {
	d, err := b.Draft(ctx, who, id)
	if err != nil {
		return State{}, err
	}
	if d.Code != "" {
		return b.Find(ctx, who, d.Code)
	}
	s, err := b.Find(ctx, who, d.For)
	if err != nil {
		return s, err
	}
	params := map[string]any{"answers": map[string]any(d.Filing.Answers), "documents": d.Filing.Documents, "note": note}
	return b.actWith(ctx, who, d.For, Request{Act: "supplement", Version: s.Version, Params: params}, func(tx *db.Tx) error {
		tx.ExecOne(`UPDATE draft SET code = $1, updated_at = $2 WHERE id = $3 AND version = $4 AND code = ''`, string(d.For), b.Now().UnixMilli(), id, d.Version)
		return tx.Err()
	})
}

// actWith does an act and something beside it in the same transaction.
func (b *Book) actWith(ctx context.Context, who Actor, code Code, req Request, with func(tx *db.Tx) error) (State, error) {
	done, err := b.act(ctx, who, code, req, with)
	if errors.Is(err, db.ErrDuplicate) {
		done, err = b.act(ctx, who, code, req, with) // another process was first: with the same call, or another act
	}
	return done, err
}

// Lacking are the papers that a draft has to bring: of a supplement those that
// were asked for, and those that other answers ask for now.
func (d *Draft) Lacking(asked []procedure.Component, there func(component string) bool) []procedure.Component {
	if d.For == "" {
		return asked
	}
	var list []procedure.Component
	for _, k := range asked {
		named := false
		for _, l := range d.Lacks {
			named = named || l.Component == k.ID
		}
		if named || !there(k.ID) && !k.Optional && k.Uploads() {
			list = append(list, k)
		}
	}
	return list
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"errors"
	"io"
	"strings"

	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// Upload keeps a file that will be handed in for a component, or for one that is
// told later if it is nil. The same key with the same name and content gives the
// same file; with others it is a conflict.
func (b *Book) Upload(ctx context.Context, who Actor, k *procedure.Component, name string, content io.Reader, key *Key) (document.File, error) {
	f, err := document.Store(ctx, b.DB, who.Account, name, content, takenFor(k))
	if err != nil || key == nil {
		return f, err
	}
	asked := Key{key.Value, key.Hash + " " + f.Name + " " + f.SHA256}
	kept := f
	settle := func() error {
		return b.DB.Write(ctx, func(tx *db.Tx) error {
			var before, id string
			found, err := tx.One(`SELECT hash, code FROM idempotency WHERE account = $1 AND key = $2`, []any{who.Account, key.Value}, &before, &id)
			switch {
			case err != nil:
				return err
			case !found:
				tx.ExecOne(`INSERT INTO idempotency (account, key, hash, code, version, at) VALUES ($1, $2, $3, $4, 0, $5)`, who.Account, key.Value, asked.digest(tx), f.ID, b.Now().UnixMilli())
				return tx.Err()
			case !asked.same(tx, before):
				err = refusal.New(refusal.Conflict, "request.key_reused")
			default:
				if kept, err = document.Find(tx, id); err == nil {
					document.Forget(tx, f)
				}
			}
			return err
		})
	}
	err = settle()
	if errors.Is(err, db.ErrDuplicate) {
		err = settle() // the same call was just answered
	}
	if refusal.Is(err, refusal.Conflict) {
		err = errors.Join(err, b.DB.Write(ctx, func(tx *db.Tx) error { document.Forget(tx, f); return nil }))
	}
	return kept, err
}

func takenFor(k *procedure.Component) document.Takes {
	if k == nil {
		return document.Takes{}
	}
	return document.Takes{Kinds: k.Kinds(), Most: k.MaxBytes(), Pages: k.PagesMost()}
}

// drop forgets files of the caller's that stand in no dossier and no draft.
func (b *Book) drop(tx *db.Tx, who Actor, papers []Paper) error {
	for _, p := range papers {
		f, err := document.Find(tx, p.File)
		if p.File == "" || refusal.Is(err, refusal.NotFound) || err == nil && f.Account != who.Account {
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

// forgetUnused forgets a file that stands nowhere any more.
func forgetUnused(tx *db.Tx, f document.File) error {
	used, err := stands(tx, f)
	if err == nil && !used {
		document.Forget(tx, f)
	}
	return err
}

// unusedAtOnce is how many files are looked at in one sweep.
const unusedAtOnce = 5000

// sweepUnused forgets files that were uploaded and have stood nowhere for long. One
// that stands in a draft is looked at again the next day.
func (b *Book) sweepUnused(ctx context.Context) error {
	var ids []string
	if err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		ids, err = document.Unused(tx, b.Now(), unusedAtOnce)
		return err
	}); err != nil {
		return err
	}
	for _, id := range ids {
		err := b.DB.Write(ctx, func(tx *db.Tx) error {
			document.Later(tx, id, b.Now().AddDate(0, 0, 1))
			f, err := document.Find(tx, id)
			if err != nil {
				return err
			}
			return forgetUnused(tx, f)
		})
		if err != nil && !errors.Is(err, db.ErrStale) && !refusal.Is(err, refusal.NotFound) {
			return err
		}
	}
	return nil
}

// stands tells whether a file stands in a dossier, or in a draft of its account that
// is not sent.
func stands(tx *db.Tx, f document.File) (bool, error) {
	if filed, err := HandedIn(tx, f.ID); filed || err != nil {
		return filed, err
	}
	drafts, err := draftsWith(tx, f)
	return len(drafts) > 0, err
}

// draftsWith lists the drafts of a file's account that name it and are not sent.
func draftsWith(tx *db.Tx, f document.File) (ids []string, err error) {
	for row := range tx.Query(`SELECT id, body FROM draft WHERE account = $1 AND code = ''`, f.Account) {
		var id, body string
		row.Scan(&id, &body)
		plain, err := tx.Vault().OpenText("draft/"+id, body)
		if err != nil {
			return nil, err
		}
		if strings.Contains(plain, `"`+f.ID+`"`) {
			ids = append(ids, id)
		}
	}
	return ids, tx.Err()
}

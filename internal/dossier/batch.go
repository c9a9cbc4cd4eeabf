// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// BatchMost is how many dossiers one batch has at most.
const BatchMost = 500

// Batch is one act that an officer does on many dossiers with the same
// parameters. It is stored before it is done, so that it goes on when the
// officer leaves and when the process ends; each dossier is an act by itself.
type Batch struct {
	ID        int64
	Queue     Work // it was picked from; "" if from none
	Act       string
	Params    map[string]any
	StartedAt time.Time
	Items     []BatchItem
	N, Done   int // dossiers; those of which the outcome is known
}

// BatchItem is a dossier of a batch and what became of it.
type BatchItem struct {
	Code    Code // as it was picked; there may be no such dossier
	Version int  // as the officer saw it
	DoneAt  time.Time
	DueAt   time.Time      // of the dossier after the act
	Refused *refusal.Error // nil if the act was done, or not yet tried
}

// StartBatch stores a batch and returns its id; nothing is done yet: see Carry.
// The same key again is the same batch. Refused (Invalid): no dossier, or more
// than BatchMost.
func (b *Book) StartBatch(ctx context.Context, who Actor, x Batch, key *Key) (int64, error) {
	if actNamed(x.Act) == nil {
		return 0, refusal.New(refusal.NotFound, "dossier.act.unknown", "act", x.Act)
	}
	items := make([]BatchItem, 0, len(x.Items))
	for _, i := range x.Items {
		if !slices.ContainsFunc(items, func(k BatchItem) bool { return k.Code == i.Code }) {
			items = append(items, i)
		}
	}
	switch {
	case len(items) == 0:
		return 0, refusal.New(refusal.Invalid, "dossier.batch.none")
	case len(items) > BatchMost:
		return 0, refusal.New(refusal.Invalid, "dossier.batch.many", "n", BatchMost)
	}
	id := db.NewID()
	if key == nil {
		key = &Key{Value: fmt.Sprint(id)}
	}
	start := func(tx *db.Tx) error {
		var stored int64
		var hash string
		found, err := tx.One(`SELECT id, hash FROM batch WHERE account = $1 AND key = $2`, []any{who.Account, key.Value}, &stored, &hash)
		if err != nil {
			return err
		}
		if found && !key.same(tx, hash) {
			return refusal.New(refusal.Conflict, "request.key_reused")
		}
		if found {
			id = stored
			return nil
		}
		params, err := seal(tx, batchPlace(id), x.Params)
		if err != nil {
			return err
		}
		tx.Exec(`INSERT INTO batch (id, account, key, hash, queue, act, params, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id, who.Account, key.Value, key.digest(tx), string(x.Queue), x.Act, params, b.Now().UnixMilli())
		for n, i := range items {
			tx.Exec(`INSERT INTO batch_item (batch, n, code, version, done_at, due_at, refused) VALUES ($1, $2, $3, $4, 0, 0, '')`, id, n, string(i.Code), i.Version)
		}
		return nil
	}
	err := b.DB.Write(ctx, start)
	if errors.Is(err, db.ErrDuplicate) {
		err = b.DB.Write(ctx, start) // another process was first with the same form
	}
	return id, err
}

// portion is a dossier of a batch of which the outcome is not known yet.
type portion struct {
	batch, account int64
	n, version     int
	code, act      string
	params         []byte
}

// left reads at most most dossiers that are left to do, of one batch or, if it
// is 0, of all, the eldest batch first.
func (b *Book) left(ctx context.Context, batch int64, most int) ([]portion, error) {
	sql, args := `done_at = 0`, []any{most}
	if batch != 0 {
		sql, args = `done_at = 0 AND batch = $2`, append(args, batch)
	}
	var list []portion
	err := b.DB.Look(ctx, func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT batch.id, account, n, version, code, act, params FROM batch_item JOIN batch ON batch.id = batch_item.batch WHERE `+sql+` ORDER BY batch, n LIMIT $1`, args...) {
			var p portion
			var params string
			row.Scan(&p.batch, &p.account, &p.n, &p.version, &p.code, &p.act, &params)
			plain, err := tx.Vault().OpenText(batchPlace(p.batch), params)
			if err != nil {
				return err
			}
			p.params = []byte(plain)
			list = append(list, p)
		}
		return tx.Err()
	})
	return list, err
}

// Carry does at most most dossiers of a batch for whose it is.
func (b *Book) Carry(ctx context.Context, who Actor, batch int64, most int) error {
	list, err := b.left(ctx, batch, most)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.account != who.Account {
			return unknownBatch(batch)
		}
		if err := b.carry(ctx, who, p); err != nil {
			return err
		}
	}
	return nil
}

// CarryOn does at most most dossiers that are left of all batches, for the
// officers whose batches they are, in the posts they hold now. It returns how
// many it took up.
func (b *Book) CarryOn(ctx context.Context, who func(ctx context.Context, account int64) (Actor, error), most int) (int, error) {
	list, err := b.left(ctx, 0, most)
	if err != nil {
		return 0, err
	}
	var actor Actor
	for i, p := range list {
		if actor.Account != p.account {
			if actor, err = who(ctx, p.account); refusal.Is(err, refusal.NotFound) {
				actor = Actor{Account: p.account} // gone: what is left is refused, and holds up no other
			} else if err != nil {
				return i, err
			}
		}
		if err := b.carry(ctx, actor, p); err != nil {
			return i, err
		}
	}
	return len(list), nil
}

// carry does the act on one dossier. That it is done stands in the transaction
// of the act itself, so that two who do the same batch do nothing twice. Of
// what cannot be done just now nothing is written; a fault is an outcome too,
// or nothing behind it would ever be done.
func (b *Book) carry(ctx context.Context, who Actor, p portion) error {
	var params map[string]any
	err := json.Unmarshal(p.params, &params)
	if err == nil {
		_, err = b.actWith(ctx, who, Code(p.code), Request{Act: p.act, Version: p.version, Params: params}, func(tx *db.Tx) error {
			tx.ExecOne(`UPDATE batch_item SET done_at = $1, due_at = (SELECT due_at FROM dossier WHERE code = $2) WHERE batch = $3 AND n = $4 AND done_at = 0`, b.Now().UnixMilli(), p.code, p.batch, p.n)
			tx.Exec(`UPDATE seen SET version = (SELECT version FROM dossier WHERE code = $1) WHERE account = $2 AND version = $3 AND dossier = (SELECT id FROM dossier WHERE code = $1)`, p.code, who.Account, p.version)
			return nil
		})
	}
	if err == nil || ctx.Err() != nil || refusal.Is(err, refusal.Unavailable) {
		return err
	}
	why, fault := refusal.As(err), error(nil)
	if why == nil && !errors.Is(err, db.ErrStale) {
		why, fault = refusal.New(refusal.Unavailable, "dossier.batch.fault"), fmt.Errorf("batch %d, %s: %w", p.batch, p.code, err)
	}
	if why == nil {
		return nil // another process was first
	}
	text, err := json.Marshal(why)
	if err != nil {
		return err
	}
	return errors.Join(fault, b.DB.Write(ctx, func(tx *db.Tx) error {
		refused, err := tx.Vault().SealText(itemPlace(p.batch, p.n), string(text))
		tx.Exec(`UPDATE batch_item SET done_at = $1, refused = $2 WHERE batch = $3 AND n = $4 AND done_at = 0`, b.Now().UnixMilli(), refused, p.batch, p.n)
		return err
	}))
}

func batchPlace(id int64) string       { return fmt.Sprintf("batch/%d", id) }
func itemPlace(id int64, n int) string { return fmt.Sprintf("item/%d/%d", id, n) }

func unknownBatch(id int64) error {
	return refusal.New(refusal.NotFound, "dossier.batch.unknown", "id", id)
}

// FindBatch returns an officer's own batch with what became of each dossier.
func (b *Book) FindBatch(ctx context.Context, who Actor, id int64) (Batch, error) {
	x := Batch{ID: id}
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		var params string
		found, err := tx.One(`SELECT queue, act, params, started_at FROM batch WHERE id = $1 AND account = $2`, []any{id, who.Account}, &x.Queue, &x.Act, &params, &x.StartedAt)
		if err != nil {
			return err
		}
		if !found {
			return unknownBatch(id)
		}
		if err := unseal(tx, batchPlace(id), params, &x.Params); err != nil {
			return err
		}
		x.Items, x.Done = nil, 0
		for row := range tx.Query(`SELECT n, code, version, done_at, due_at, refused FROM batch_item WHERE batch = $1 ORDER BY n`, id) {
			var i BatchItem
			var n int
			var refused string
			row.Scan(&n, &i.Code, &i.Version, &i.DoneAt, &i.DueAt, &refused)
			if refused, err = tx.Vault().OpenText(itemPlace(id, n), refused); err != nil {
				return err
			}
			if refused != "" {
				if i.Refused, err = recalled([]byte(refused)); err != nil {
					return err
				}
			}
			if !i.DoneAt.IsZero() {
				x.Done++
			}
			x.Items = append(x.Items, i)
		}
		x.N = len(x.Items)
		return tx.Err()
	})
	return x, err
}

// Batches lists an officer's batches without their dossiers, the latest first.
func (b *Book) Batches(ctx context.Context, who Actor, limit int) ([]Batch, error) {
	var list []Batch
	err := b.DB.Look(ctx, func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT id, queue, act, started_at, (SELECT COUNT(*) FROM batch_item WHERE batch = id), (SELECT COUNT(*) FROM batch_item WHERE batch = id AND done_at > 0)
				FROM batch WHERE account = $1 ORDER BY id DESC LIMIT $2`, who.Account, limit) {
			var x Batch
			row.Scan(&x.ID, &x.Queue, &x.Act, &x.StartedAt, &x.N, &x.Done)
			list = append(list, x)
		}
		return tx.Err()
	})
	return list, err
}

// recalled is a refusal as it was stored: texts in both languages are texts again.
func recalled(stored []byte) (*refusal.Error, error) {
	var e refusal.Error
	if err := json.Unmarshal(stored, &e); err != nil {
		return nil, err
	}
	texts := func(args map[string]any) {
		for name, v := range args {
			if m, ok := v.(map[string]any); ok {
				vi, _ := m["vi"].(string)
				en, _ := m["en"].(string)
				args[name] = form.Text{VI: vi, EN: en}
			}
		}
	}
	texts(e.Args)
	for _, f := range e.Fields {
		texts(f.Args)
	}
	return &e, nil
}

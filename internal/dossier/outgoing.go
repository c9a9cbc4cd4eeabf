// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"time"

	"motcua/internal/db"
)

// told are the events of which the applicant is told at once (NĐ 224/2026
// art. 15: each change of status, in real time).
var told = map[string]bool{"submitted": true, "received": true, "forwarded": true, "assigned": true, "issued": true, "collected": true, "handed_over": true,
	"asked_supplement": true, "supplemented": true, "refused": true, "withdrawn": true, "stopped": true, "extended": true, "paused": true, "resumed": true, "said": true, "incident": true, "revoked": true, "verified_on_site": true, "part_done": true, "reminded": true, "outage_counted": true,
	"held": true, "purged": true, "listed": true, "archived": true}

// Announce follows events: it puts what the applicant must be told among the
// outgoing work, in the transaction of the event.
func Announce(tx *db.Tx, s *State, r Record) error {
	if s.Account == 0 || !told[r.Kind()] {
		return nil
	}
	tx.Exec(`INSERT INTO outgoing (id, kind, code, seq, at) VALUES ($1, $2, $3, $4, $5)`, db.NewID(), r.Kind(), string(s.Code), r.Seq, r.At.UnixMilli())
	return nil
}

// Deliver takes up at most n pieces of outgoing work and puts each into the
// inbox of whose dossier it is, once. It returns how many it took up.
func (b *Book) Deliver(ctx context.Context, n int) (int, error) {
	type piece struct {
		id, at     int64
		kind, code string
	}
	var list []piece
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT id, kind, code, at FROM outgoing ORDER BY id LIMIT $1`, n) {
			var p piece
			row.Scan(&p.id, &p.kind, &p.code, &p.at)
			list = append(list, p)
		}
		return tx.Err()
	})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return len(list), b.DB.Write(ctx, func(tx *db.Tx) error {
		for _, p := range list {
			tx.Exec(`INSERT INTO notice (id, account, code, kind, at, read_at) SELECT $1, account, code, $2, $3, 0 FROM dossier WHERE code = $4 ON CONFLICT DO NOTHING`, db.NewID(), p.kind, p.at, p.code)
			tx.Exec(`DELETE FROM outgoing WHERE id = $1`, p.id)
		}
		return nil
	})
}

// Tell puts a notice into an account's inbox, once; its code is of what it speaks of.
func Tell(tx *db.Tx, account int64, code, kind string, at time.Time) {
	tx.Exec(`INSERT INTO notice (id, account, code, kind, at, read_at) VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING`, db.NewID(), account, code, kind, at)
}

// unsentAfter is after how long outgoing work that waits is a fault.
const unsentAfter = 10 * time.Minute

// Unsent counts the outgoing work that waits too long.
func (b *Book) Unsent(ctx context.Context) (int64, error) {
	var n int64
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.One(`SELECT count(*) FROM outgoing WHERE at < $1`, []any{b.Now().Add(-unsentAfter).UnixMilli()}, &n)
		return err
	})
	return n, err
}

// Notice is what a person was told of a dossier.
type Notice struct {
	ID   int64
	Code Code
	Kind string // of the event
	At   int64  // milliseconds
	Read bool
}

// Notices lists what an account was told, the latest first.
func (b *Book) Notices(ctx context.Context, who Actor, limit int) ([]Notice, error) {
	var list []Notice
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for row := range tx.Query(`SELECT id, code, kind, at, read_at FROM notice WHERE account = $1 ORDER BY id DESC LIMIT $2`, who.Account, limit) {
			var n Notice
			var read int64
			row.Scan(&n.ID, &n.Code, &n.Kind, &n.At, &read)
			n.Read = read != 0
			list = append(list, n)
		}
		return tx.Err()
	})
	return list, err
}

// NoticesRead marks what an account was told as read, up to the latest notice
// it was shown.
func (b *Book) NoticesRead(ctx context.Context, who Actor, latest int64) error {
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`UPDATE notice SET read_at = $1 WHERE account = $2 AND read_at = 0 AND id <= $3`, b.Now().UnixMilli(), who.Account, latest)
		return nil
	})
}

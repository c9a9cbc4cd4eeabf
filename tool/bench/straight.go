// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"motcua/internal/db"
)

// straight writes the rows of one filing in a loop straight into a database of
// the same kind: the limit of what a filing can cost.
func (b *bench) straight(filing []byte) error {
	ctx := context.Background()
	target := "sqlite:" + filepath.Join(b.folder, "straight.db")
	if *database != "" {
		target = *database
	}
	d, err := db.Open(ctx, target)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	if err := d.Write(ctx, func(tx *db.Tx) error { // events are not taken away again, but with their dossier
		tx.Exec(`CREATE TABLE bench_event (dossier BIGINT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (dossier, seq))`)
		return tx.Err()
	}); err != nil {
		return err
	}
	for _, together := range []int{1, 64} {
		n, began := 0, time.Now()
		for time.Since(began) < *each {
			if err := d.Write(ctx, func(tx *db.Tx) error {
				for range together {
					rows(tx, string(filing))
				}
				return tx.Err()
			}); err != nil {
				return err
			}
			n += together
		}
		fmt.Printf("%-22s %9.0f/s, %d in a commit\n", "W1 rows, straight", float64(n)/time.Since(began).Seconds(), together)
	}
	if *database == "" {
		return nil
	}
	return d.Write(ctx, func(tx *db.Tx) error { // leave the site as it was
		tx.Exec(`DELETE FROM dossier WHERE procedure = 'bench'`)
		tx.Exec(`DROP TABLE bench_event`)
		tx.Exec(`DELETE FROM outgoing WHERE kind = 'bench'`)
		tx.Exec(`DELETE FROM idempotency WHERE hash = 'bench'`)
		return tx.Err()
	})
}

// rows are what a filing writes beside its counters.
func rows(tx *db.Tx, body string) {
	id := db.NewID()
	code := fmt.Sprintf("bench-%d", id)
	tx.Exec(`INSERT INTO bench_event (dossier, seq, at, kind, actor, body) VALUES ($1, 1, $2, 'bench', '{}', $3)`, id, id, body)
	tx.Exec(`INSERT INTO dossier (id, code, version, account, procedure, applicant, name_key, id_number, reception, competent, queue, edition, process, step, assignee, status, progress, sent_at, due_at, watch, until, alarm_at, body)
		VALUES ($1, $2, 1, 1, 'bench', 'bench', 'bench', 'bench', 'bench', 'bench', 'bench', 1, 1, 'bench', 0, 1, 5, $1, $1, 'bench', $1, $1, $3)`, id, code, body[:len(body)/2])
	tx.Exec(`INSERT INTO outgoing (id, kind, code, seq, at) VALUES ($1, 'bench', $2, 1, $1)`, id, code)
	tx.Exec(`INSERT INTO idempotency (account, key, hash, code, version, at) VALUES (1, $1, 'bench', $1, 1, $2)`, code, id)
}

// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"motcua/internal/db"
	"motcua/internal/db/dbtest"
)

// benchOpen opens a durable database with the tables of a submission.
func benchOpen(b *testing.B) *db.DB {
	b.Helper()
	d := dbtest.OpenURL(b, durable(dbtest.URL(b)))
	key, blob := "INTEGER PRIMARY KEY", ""
	if d.Postgres() {
		key = "BIGINT PRIMARY KEY"
	}
	create(b, d,
		`CREATE TABLE bench_idem (key TEXT PRIMARY KEY, at BIGINT NOT NULL, answer TEXT NOT NULL)`+blob,
		`CREATE TABLE bench_dossier (id `+key+`, code TEXT NOT NULL UNIQUE, agency TEXT NOT NULL, procedure TEXT NOT NULL,
			status TEXT NOT NULL, applicant TEXT NOT NULL, due BIGINT NOT NULL, body TEXT NOT NULL)`,
		`CREATE INDEX bench_dossier_queue ON bench_dossier (agency, status, due)`,
		`CREATE INDEX bench_dossier_applicant ON bench_dossier (applicant, id)`,
		`CREATE TABLE bench_event (id `+key+`, dossier BIGINT NOT NULL, n BIGINT NOT NULL, at BIGINT NOT NULL, body TEXT NOT NULL)`,
		`CREATE UNIQUE INDEX bench_event_order ON bench_event (dossier, n)`,
		`CREATE TABLE bench_outgoing (id `+key+`, at BIGINT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)`)
	return d
}

var (
	body1000 = strings.Repeat(`{"ho_ten":"Nguyễn Thị Bưởi"}`, 32)
	body1500 = strings.Repeat(`{"ho_ten":"Nguyễn Thị Bưởi"}`, 48)
)

// submit is a submission: six rows, a number and two figures.
func submit(d *db.DB, id int64) error {
	agency := fmt.Sprintf("H57.%02d", id%7)
	return d.Write(context.Background(), func(tx *db.Tx) error {
		n, err := tx.Next(agency + "-251123")
		if err != nil {
			return err
		}
		code := fmt.Sprintf("%s-251123-%06d", agency, n)
		tx.Exec(`INSERT INTO bench_idem (key, at, answer) VALUES ($1, $2, $3)`, fmt.Sprintf("018f-%020d", id), id, code)
		tx.Exec(`INSERT INTO bench_dossier (id, code, agency, procedure, status, applicant, due, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id, code, agency, "1.004222", "received", fmt.Sprintf("0460%08d", id%100_000), id, body1000)
		tx.Exec(`INSERT INTO bench_event (id, dossier, n, at, body) VALUES ($1, $2, $3, $4, $5)`, db.NewID(), id, 1, id, body1500)
		tx.Delta(db.DeltaKey{Day: 20251123, Agency: agency, Procedure: "1.004222", Status: "received"}, 1)
		tx.Delta(db.DeltaKey{Agency: agency, Procedure: "1.004222", Status: "received"}, 1)
		tx.Exec(`INSERT INTO bench_outgoing (id, at, kind, body) VALUES ($1, $2, $3, $4)`, db.NewID(), id, "mail", "buoi@example.vn")
		return nil
	})
}

func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			d := benchOpen(b)
			if err := submit(d, db.NewID()); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			parallel(b, writers, func() error { return submit(d, db.NewID()) })
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}

// parallel runs do b.N times from n goroutines.
func parallel(b *testing.B, n int, do func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan error, n)
	for range n {
		go func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range n {
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	d := benchOpen(b)
	const rows = 20_000
	ids := make([]int64, rows)
	var next atomic.Int64
	done := make(chan error)
	for range 64 {
		go func() {
			for {
				i := next.Add(1) - 1
				if i >= rows {
					done <- nil
					return
				}
				ids[i] = db.NewID()
				if err := submit(d, ids[i]); err != nil {
					done <- err
					return
				}
			}
		}()
	}
	for range 64 {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	create(b, d, "ANALYZE")
	ctx := context.Background()
	point := func(read func(context.Context, func(*db.Tx) error) error) error {
		return read(ctx, func(tx *db.Tx) error {
			var id, due int64
			var code, agency, procedure, status, applicant, body string
			found, err := tx.One(`SELECT id, code, agency, procedure, status, applicant, due, body FROM bench_dossier WHERE id = $1`,
				[]any{ids[next.Add(1)*7919%rows]}, &id, &code, &agency, &procedure, &status, &applicant, &due, &body)
			if err == nil && !found {
				b.Error("not found")
			}
			return err
		})
	}
	list := func() error {
		return d.Read(ctx, func(tx *db.Tx) error {
			n := 0
			for row := range tx.Query(`SELECT id, code, applicant, due FROM bench_dossier
				WHERE agency = $1 AND status = 'received' ORDER BY due LIMIT 50`, fmt.Sprintf("H57.%02d", next.Add(1)%7)) {
				var id, due int64
				var code, applicant string
				row.Scan(&id, &code, &applicant, &due)
				n++
			}
			if n != 50 {
				b.Error(n, "rows")
			}
			return tx.Err()
		})
	}
	for name, do := range map[string]func() error{
		"point":  func() error { return point(d.Read) },
		"look":   func() error { return point(d.Look) },
		"list50": list,
	} {
		for _, readers := range []int{1, 16} {
			b.Run(fmt.Sprint(name, "/", readers), func(b *testing.B) { b.ReportAllocs(); parallel(b, readers, do) })
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/refusal"
)

// write runs fn in d and fails the test if it fails.
func write(t testing.TB, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func create(t testing.TB, d *db.DB, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		write(t, d, func(tx *db.Tx) error { tx.Exec(sql); return nil })
	}
}

// count is the one integer that sql selects.
func count(t testing.TB, d *db.DB, sql string, args ...any) (n int64) {
	t.Helper()
	err := d.Look(context.Background(), func(tx *db.Tx) error {
		_, err := tx.One(sql, args, &n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// durable is the address of a test's database without the speed of tests.
func durable(url string) string {
	url = strings.TrimSuffix(url, "?sync=off")
	return strings.Replace(url, "synchronous_commit=off", "synchronous_commit=on", 1)
}

func TestValuesComeBack(t *testing.T) {
	t.Parallel()
	type code string
	type rank int
	type yes bool
	type raw []byte
	type row struct {
		S    string
		N    int64
		I    int
		B    bool
		Y    []byte
		J    json.RawMessage
		T    time.Time
		Code code
		Rank rank
		Yes  yes
		Raw  raw
	}
	d := dbtest.Open(t)
	blob := "BLOB"
	if d.Postgres() {
		blob = "BYTEA"
	}
	create(t, d, `CREATE TABLE t_v (k BIGINT, s TEXT, n BIGINT, i BIGINT, b BIGINT, y `+blob+`, j TEXT, t BIGINT, code TEXT, rank BIGINT, yes BIGINT, raw `+blob+`)`)
	at := time.UnixMilli(1_764_000_000_123).UTC()
	want := []row{
		{"Huế – “một cửa”", -1 << 62, 7, true, []byte{0, 255}, json.RawMessage(`{"a":"b"}`), at, "H57", -3, true, raw{1}},
		{"", 0, 0, false, []byte{}, json.RawMessage{}, time.Time{}, "", 0, false, raw{}},
		{S: strings.Repeat("ữ", 700_000), Y: bytes.Repeat([]byte{7}, 3000), J: json.RawMessage{}, Raw: raw{}},
	}
	write(t, d, func(tx *db.Tx) error {
		for i, r := range want {
			tx.Exec(`INSERT INTO t_v (k, s, n, i, b, y, j, t, code, rank, yes, raw) VALUES ($12, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
				r.S, r.N, r.I, r.B, r.Y, r.J, r.T, r.Code, r.Rank, r.Yes, r.Raw, i)
		}
		tx.Exec(`INSERT INTO t_v (k, y) VALUES (3, $1)`, []byte(nil))
		return nil
	})
	want = append(want, row{}) // NULLs
	var got []row
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		for r := range tx.Query(`SELECT s, n, i, b, y, j, t, code, rank, yes, raw FROM t_v ORDER BY k`) {
			var v row
			r.Scan(&v.S, &v.N, &v.I, &v.B, &v.Y, &v.J, &v.T, &v.Code, &v.Rank, &v.Yes, &v.Raw)
			got = append(got, v)
		}
		return tx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM t_v WHERE y IS NULL`); n != 1 {
		t.Errorf("%d rows where y is NULL, want 1: a nil slice is NULL, an empty one is not", n)
	}
	if n := count(t, d, `SELECT CAST($2 AS BIGINT) - CAST($1 AS BIGINT) + CAST($2 AS BIGINT) * 100`, 1, 3); n != 302 {
		t.Errorf("placeholders out of order and repeated: %d, want 302", n)
	}
}

// Wrong use is an error on both databases, and stays the error of the
// transaction whatever fn returns.
func TestMisuseFails(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	create(t, d, `CREATE TABLE t_m (a BIGINT PRIMARY KEY, s TEXT)`)
	write(t, d, func(tx *db.Tx) error { tx.Exec(`INSERT INTO t_m (a, s) VALUES (1, 'x'), (2, 'y')`); return nil })
	in := map[string]func(context.Context, func(*db.Tx) error) error{"Read": d.Read, "Look": d.Look, "Write": d.Write}
	for _, c := range []struct {
		name, in string
		fn       func(*db.Tx)
	}{
		{"Exec reads only", "Read", func(tx *db.Tx) { tx.Exec(`DELETE FROM t_m`) }},
		{"Delta reads only", "Read", func(tx *db.Tx) { tx.Delta(db.DeltaKey{}, 1) }},
		{"Next reads only", "Read", func(tx *db.Tx) { tx.Next("a") }},
		{"Touch reads only", "Read", func(tx *db.Tx) { tx.Touch("a") }},
		{"query that writes", "Read", func(tx *db.Tx) { tx.One(`DELETE FROM t_m RETURNING a`, nil, new(int)) }},
		{"query that writes", "Look", func(tx *db.Tx) { tx.One(`DELETE FROM t_m RETURNING a`, nil, new(int)) }},
		{"second statement", "Look", func(tx *db.Tx) {
			tx.One(`SELECT a FROM t_m`, nil, new(int))
			tx.One(`SELECT a FROM t_m`, nil, new(int))
		}},
		{"statement in loop", "Write", func(tx *db.Tx) {
			for range tx.Query(`SELECT a FROM t_m`) {
				tx.Exec(`DELETE FROM t_m`)
			}
		}},
		{"too few variables", "Read", func(tx *db.Tx) { tx.One(`SELECT a, a FROM t_m`, nil, new(int)) }},
		{"text into integer", "Read", func(tx *db.Tx) { tx.One(`SELECT s FROM t_m`, nil, new(int)) }},
		{"small variable", "Read", func(tx *db.Tx) { tx.One(`SELECT CAST(300 AS BIGINT)`, nil, new(int8)) }},
		{"unknown variable", "Read", func(tx *db.Tx) { tx.One(`SELECT a FROM t_m`, nil, new(struct{})) }},
		{"unknown argument", "Write", func(tx *db.Tx) { tx.Exec(`DELETE FROM t_m WHERE a = $1`, struct{}{}) }},
		{"too many arguments", "Write", func(tx *db.Tx) { tx.Exec(`DELETE FROM t_m WHERE a = $1`, 1, 2) }},
		{"too few arguments", "Write", func(tx *db.Tx) { tx.Exec(`DELETE FROM t_m WHERE a = $1`) }},
		{"two statements", "Write", func(tx *db.Tx) { tx.Exec(`DELETE FROM t_m; DELETE FROM t_m`) }},
		{"no statement", "Write", func(tx *db.Tx) { tx.Exec(`delete all`) }},
		{"late error", "Write", func(tx *db.Tx) { tx.Exec(`DELETE FROM t_m`); tx.Exec(`DELETE FROM nowhere`) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := in[c.in](t.Context(), func(tx *db.Tx) error { c.fn(tx); return nil }); err == nil {
				t.Error("no error")
			}
			if n := count(t, d, `SELECT COUNT(*) FROM t_m`); n != 2 {
				t.Errorf("%d rows, want 2", n)
			}
		})
	}
}

// A statement that runs while the loop of the same statement does, as in a
// function that calls itself, needs its own: here across two transactions.
func TestReadWithinRead(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	create(t, d, `CREATE TABLE t_r (a BIGINT)`)
	write(t, d, func(tx *db.Tx) error { tx.Exec(`INSERT INTO t_r (a) VALUES (1), (2), (3)`); return nil })
	var sum int64
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT a FROM t_r`) {
			var a int64
			row.Scan(&a)
			sum += a * count(t, d, `SELECT COUNT(*) FROM t_r`)
		}
		return tx.Err()
	})
	if err != nil || sum != 18 {
		t.Errorf("sum %d, error %v; want 18", sum, err)
	}
}

// What a Read sees does not change while it looks.
func TestReadIsOneState(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	create(t, d, `CREATE TABLE t_account (a BIGINT PRIMARY KEY, n BIGINT NOT NULL)`)
	write(t, d, func(tx *db.Tx) error { tx.Exec(`INSERT INTO t_account (a, n) VALUES (1, 100), (2, 0)`); return nil })
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				err := d.Write(ctx, func(tx *db.Tx) error {
					tx.Exec(`UPDATE t_account SET n = n - 1 WHERE a = 1`)
					tx.Exec(`UPDATE t_account SET n = n + 1 WHERE a = 2`)
					return nil
				})
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	for range 300 {
		var one, two int64
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			tx.One(`SELECT n FROM t_account WHERE a = 1`, nil, &one)
			tx.One(`SELECT n FROM t_account WHERE a = 2`, nil, &two)
			return nil
		})
		if err != nil || one+two != 100 {
			t.Fatalf("%d + %d, error %v; want a sum of 100", one, two, err)
		}
	}
	cancel()
	wg.Wait()
}

func TestReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := d.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.One(`WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000000000) SELECT COUNT(*) FROM c`, nil, new(int64))
		return err
	})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
		t.Errorf("error %v after %v, want the deadline", err, time.Since(start))
	}
	if n := count(t, d, `SELECT 1`); n != 1 {
		t.Error("no read after one that was ended")
	}
}

func TestPanicInReadIsAnError(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	for range 50 { // more than there are connections
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			for range tx.Query(`SELECT 1`) {
				panic("boo")
			}
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "boo") {
			t.Fatalf("error %v, want the panic", err)
		}
	}
}

func TestCommitsAndRevision(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	d, other := dbtest.OpenURL(t, url), dbtest.OpenURL(t, url)
	revision := func(d *db.DB) int64 {
		t.Helper()
		n, err := d.Revision(t.Context(), "catalogue")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if revision(d) != 0 || revision(other) != 0 {
		t.Error("revision before the first touch is not 0")
	}
	for i := range int64(3) {
		before := d.Commits()
		write(t, d, func(tx *db.Tx) error { tx.Touch("catalogue"); tx.Touch("catalogue"); return nil })
		if d.Commits() <= before {
			t.Error("commits do not increase")
		}
		if n := revision(d); n != i+1 {
			t.Errorf("own revision %d, want %d at once", n, i+1)
		}
	}
	before := d.Commits()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { tx.Touch("catalogue"); return errors.New("no") }); err == nil {
		t.Error("no error")
	}
	if d.Commits() != before || revision(d) != 3 {
		t.Errorf("an act that failed changed commits or revision")
	}
	time.Sleep(1100 * time.Millisecond)
	if n := revision(other); n != 3 {
		t.Errorf("revision %d in another process, want 3 after a second", n)
	}
}

func TestMigrateAgainAndTogether(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	var wg sync.WaitGroup
	for range 3 {
		d := dbtest.OpenURL(t, url)
		wg.Go(func() {
			if err := d.Migrate(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestOpenRefusesStrangeAddresses(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "motcua.db", "mysql://x", "sqlite:", "sqlite:/no/such/folder/motcua.db", "postgres://127.0.0.1:1/x?connect_timeout=1"} {
		if d, err := db.Open(t.Context(), url); err == nil {
			d.Close()
			t.Errorf("%q: no error", url)
		}
	}
}

func TestCloseRefusesWhatWaits(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	started, finish := make(chan struct{}), make(chan struct{})
	first := make(chan error)
	go func() {
		var once sync.Once
		first <- d.Write(context.Background(), func(tx *db.Tx) error {
			once.Do(func() { close(started) })
			<-finish
			return nil
		})
	}()
	<-started
	closed := make(chan struct{})
	go func() { d.Close(); close(closed) }()
	time.Sleep(10 * time.Millisecond)
	if err := d.Write(context.Background(), func(tx *db.Tx) error { return nil }); !refusal.Is(err, refusal.Unavailable) {
		t.Errorf("write while closing: %v, want unavailable", err)
	}
	close(finish)
	if err := <-first; err != nil {
		t.Errorf("act that was running: %v", err)
	}
	<-closed
}

func TestIDs(t *testing.T) {
	t.Parallel()
	const each = 20_000
	var mu sync.Mutex
	seen := map[int64]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			ids := make([]int64, each)
			for i := range ids {
				ids[i] = db.NewID()
			}
			mu.Lock()
			defer mu.Unlock()
			for i, id := range ids {
				if seen[id] || id <= 0 || i > 0 && id <= ids[i-1] {
					t.Fatalf("id %d after %v: repeated, not positive or not greater", id, ids[max(0, i-1)])
				}
				seen[id] = true
			}
		})
	}
	wg.Wait()
	at := time.UnixMilli(db.NewID()>>22 + time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	if off := time.Since(at).Abs(); off > 2*time.Second {
		t.Errorf("the id says %v, %v off", at, off)
	}
}

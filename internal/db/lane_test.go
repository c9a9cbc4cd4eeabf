// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/refusal"
)

var errNo = errors.New("no")

// Fifty acts at once of which one fails, in every way an act can: it alone
// fails, and numbers and figures are those of the others.
func TestOneOfAGroupFails(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(tx *db.Tx) error{
		"before it has written": func(tx *db.Tx) error { return errNo },
		"after it has written": func(tx *db.Tx) error {
			tx.Exec(`INSERT INTO t_act (id, n) VALUES (-1, 0)`)
			tx.One(`SELECT n FROM t_act WHERE id = -1`, nil, new(int))
			return errNo
		},
		"by a statement": func(tx *db.Tx) error { tx.Exec(`INSERT INTO t_act (id) VALUES (-1)`); return nil },
		"by a panic": func(tx *db.Tx) error {
			tx.Exec(`INSERT INTO t_act (id, n) VALUES (-1, 0)`)
			panic("boo")
		},
		"by a key that exists": func(tx *db.Tx) error {
			tx.Exec(`INSERT INTO t_act (id, n) VALUES (-1, 0)`)
			tx.Exec(`INSERT INTO t_act (id, n) VALUES (0, 0)`)
			return nil
		},
		"by being stale": func(tx *db.Tx) error {
			tx.Exec(`INSERT INTO t_act (id, n) VALUES (-1, 0)`)
			tx.ExecOne(`UPDATE t_act SET n = 1 WHERE id = 0 AND n = 99`)
			return nil
		},
		"by ending its goroutine": func(tx *db.Tx) error {
			tx.Exec(`INSERT INTO t_act (id, n) VALUES (-1, 0)`)
			runtime.Goexit()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t)
			create(t, d, `CREATE TABLE t_act (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)`, `INSERT INTO t_act (id, n) VALUES (0, 0)`)
			const acts = 50
			errs := together(d, acts, func(i int, tx *db.Tx) error {
				n, err := tx.Next("series")
				if err != nil {
					return err
				}
				tx.Delta(db.DeltaKey{Day: 20251123, Agency: "H57"}, 1)
				tx.Delta(db.DeltaKey{Agency: "H57"}, 2)
				if i == 25 {
					return fail(tx)
				}
				tx.Exec(`INSERT INTO t_act (id, n) VALUES ($1, $2)`, i+1, n)
				return nil
			})
			for i, err := range errs {
				if (err != nil) != (i == 25) {
					t.Errorf("act %d: error %v", i, err)
				}
			}
			switch name {
			case "by being stale":
				if !errors.Is(errs[25], db.ErrStale) {
					t.Errorf("error %v, want ErrStale", errs[25])
				}
			case "by a key that exists":
				if !errors.Is(errs[25], db.ErrDuplicate) {
					t.Errorf("error %v, want ErrDuplicate", errs[25])
				}
			}
			for sql, want := range map[string]int64{
				`SELECT COUNT(*) FROM t_act`:                                acts,
				`SELECT COUNT(*) FROM t_act WHERE id < 0`:                   0,
				`SELECT COUNT(DISTINCT n) FROM t_act WHERE id > 0`:          acts - 1,
				`SELECT MAX(n) FROM t_act`:                                  acts - 1,
				`SELECT MIN(n) FROM t_act WHERE id > 0`:                     1,
				`SELECT last FROM number WHERE series = 'series'`:           acts - 1,
				`SELECT n FROM counter WHERE day = 20251123`:                acts - 1,
				`SELECT n FROM counter WHERE day = 0 AND agency = 'H57'`:    2 * (acts - 1),
				`SELECT COUNT(*) FROM counter`:                              2,
				`SELECT CAST(SUM(n) AS BIGINT) FROM t_act WHERE id = 0`:     0,
				`SELECT COUNT(*) FROM number WHERE series NOT LIKE '#%'`:    1,
				`SELECT CAST(SUM(last) AS BIGINT) FROM number WHERE last>0`: acts - 1,
			} {
				if n := count(t, d, sql); n != want {
					t.Errorf("%s: %d, want %d", sql, n, want)
				}
			}
		})
	}
}

// hold keeps every lane busy until release is called.
func hold(d *db.DB) (release func()) {
	finish := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		started := make(chan struct{})
		wg.Go(func() {
			_ = d.Write(context.Background(), func(*db.Tx) error { close(started); <-finish; return nil })
		})
		<-started
		if !d.Postgres() {
			break
		}
	}
	return func() { close(finish); wg.Wait() }
}

// together runs n acts while the lanes are held up, so that they form groups.
func together(d *db.DB, n int, fn func(int, *db.Tx) error) []error {
	release := hold(d)
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range errs {
		wg.Go(func() {
			errs[i] = d.Write(context.Background(), func(tx *db.Tx) error { return fn(i, tx) })
		})
	}
	time.Sleep(5 * time.Millisecond)
	release()
	wg.Wait()
	return errs
}

// However acts write, count, number and fail: what is there in the end is
// what those that succeeded did.
func TestGroupsKeepExactlyWhatSucceeded(t *testing.T) {
	d := dbtest.Open(t)
	create(t, d, `CREATE TABLE t_line (act BIGINT NOT NULL, series TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (series, n))`)
	type step struct {
		Kind, Series int
	}
	var run int
	rapid.Check(t, func(t *rapid.T) {
		run++
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{rapid.SampledFrom([]int{0, 0, 0, 0, 1, 1, 2, 3, 4}).Draw(t, "kind"), rapid.IntRange(0, 4).Draw(t, "series")}
		}), 1, 5)
		acts := rapid.SliceOfN(steps, 1, 20).Draw(t, "acts")
		series := func(s int) string { return fmt.Sprint(run, "-", s) }
		want := map[string]int64{}
		errs := together(d, len(acts), func(i int, tx *db.Tx) error {
			for _, s := range acts[i] {
				switch s.Kind {
				case 0:
					n, err := tx.Next(series(s.Series))
					if err != nil {
						return err
					}
					tx.Exec(`INSERT INTO t_line (act, series, n) VALUES ($1, $2, $3)`, i, series(s.Series), n)
				case 1:
					tx.Delta(db.DeltaKey{Day: run, Agency: series(s.Series)}, int64(i+1))
				case 2:
					tx.One(`SELECT COUNT(*) FROM t_line WHERE act = $1`, []any{i}, new(int))
				case 3:
					if s.Series < 2 {
						return errNo
					}
				case 4:
					if s.Series == 0 {
						tx.ExecOne(`UPDATE t_line SET n = 0 WHERE series = 'none'`)
					}
				}
			}
			return nil
		})
		for i, steps := range acts {
			fails := slices.ContainsFunc(steps, func(s step) bool { return s.Kind == 3 && s.Series < 2 || s.Kind == 4 && s.Series == 0 })
			if (errs[i] != nil) != fails {
				t.Fatalf("act %d %v: error %v", i, steps, errs[i])
			}
			for _, s := range steps {
				switch {
				case fails:
				case s.Kind == 0:
					want["number "+series(s.Series)]++
				case s.Kind == 1:
					want["figure "+series(s.Series)] += int64(i + 1)
				}
			}
		}
		for s := range 5 {
			var lines, last, given, figure int64
			err := d.Read(context.Background(), func(tx *db.Tx) error {
				tx.One(`SELECT COUNT(*), MAX(n) FROM t_line WHERE series = $1`, []any{series(s)}, &lines, &last)
				tx.One(`SELECT last FROM number WHERE series = $1`, []any{series(s)}, &given)
				tx.One(`SELECT n FROM counter WHERE day = $1 AND agency = $2`, []any{run, series(s)}, &figure)
				return nil
			})
			if n := want["number "+series(s)]; err != nil || lines != n || last != n || given != n {
				t.Fatalf("series %d: %d lines, highest %d, number says %d, error %v; want %d", s, lines, last, given, err, n)
			}
			if n := want["figure "+series(s)]; figure != n {
				t.Fatalf("figure %d: %d, want %d", s, figure, n)
			}
		}
	})
}

// Increments by compare-and-set: none is lost, and who has a stale view to
// begin with is told so, with nothing of the act done.
func TestCompareAndSet(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	handles := []*db.DB{dbtest.OpenURL(t, url), dbtest.OpenURL(t, url)}
	d := handles[0]
	create(t, d, `CREATE TABLE t_cell (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)`, `INSERT INTO t_cell (id, n) VALUES (1, 0)`)
	var done atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				err := handles[i%2].Write(context.Background(), func(tx *db.Tx) error {
					var n int64
					if _, err := tx.One(`SELECT n FROM t_cell WHERE id = 1`, nil, &n); err != nil {
						return err
					}
					tx.ExecOne(`UPDATE t_cell SET n = $1 WHERE id = 1 AND n = $2`, n+1, n)
					return nil
				})
				if err == nil {
					done.Add(1)
				} else if !errors.Is(err, db.ErrStale) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := count(t, d, `SELECT n FROM t_cell WHERE id = 1`); n != done.Load() || n < 80 {
		t.Errorf("%d, want %d, the acts that succeeded, and most of 160", n, done.Load())
	}
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO t_cell (id, n) VALUES (2, 0)`)
		tx.ExecOne(`UPDATE t_cell SET n = 7 WHERE n = -5`)
		return nil
	})
	if !errors.Is(err, db.ErrStale) || count(t, d, `SELECT COUNT(*) FROM t_cell`) != 1 {
		t.Errorf("stale view: error %v, or half of the act is there", err)
	}
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO t_cell (id, n) VALUES (2, 0)`)
		tx.ExecOne(`UPDATE t_cell SET n = 7`)
		return nil
	})
	if !errors.Is(err, db.ErrStale) || count(t, d, `SELECT COUNT(*) FROM t_cell WHERE n = 7`) != 0 {
		t.Errorf("two rows changed by ExecOne: error %v, or they are", err)
	}
}

func TestCancelledBeforeItsTurn(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	create(t, d, `CREATE TABLE t_c (id BIGINT)`)
	release := hold(d)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	ran := false
	err := d.Write(ctx, func(tx *db.Tx) error { ran = true; return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v while the lanes are held, want the deadline", err)
	}
	release()
	write(t, d, func(tx *db.Tx) error { return nil })
	if ran {
		t.Error("the act was run after its caller had gone")
	}
}

// Several processes take numbers of several series, in any order: no gap,
// none twice.
func TestTwoProcessesNumber(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	handles := []*db.DB{dbtest.OpenURL(t, url), dbtest.OpenURL(t, url)}
	create(t, handles[0], `CREATE TABLE t_given (series TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (series, n))`)
	const each, workers = 25, 16
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				err := handles[w%2].Write(context.Background(), func(tx *db.Tx) error {
					for _, s := range []int{w + i, 7 * i} {
						series := fmt.Sprint("s", s%6)
						n, err := tx.Next(series)
						if err != nil {
							return err
						}
						tx.Exec(`INSERT INTO t_given (series, n) VALUES ($1, $2)`, series, n)
						tx.Delta(db.DeltaKey{Agency: series}, 1)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	d := handles[1]
	if n := count(t, d, `SELECT COUNT(*) FROM t_given`); n != 2*each*workers {
		t.Errorf("%d numbers, want %d", n, 2*each*workers)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM (SELECT series FROM t_given GROUP BY series HAVING COUNT(*) <> MAX(n)) AS gap`); n != 0 {
		t.Errorf("%d series with a gap", n)
	}
	if n := count(t, d, `SELECT CAST(SUM(n) AS BIGINT) FROM counter`); n != 2*each*workers {
		t.Errorf("figures add up to %d, want %d", n, 2*each*workers)
	}
}

// A full disk refuses what does not fit, and nothing else; once there is room,
// writing goes on.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	if d.Postgres() {
		t.Log("the server's disk is not ours to fill")
		return
	}
	create(t, d, `CREATE TABLE t_big (id BIGINT PRIMARY KEY, body TEXT)`)
	limit := count(t, d, `SELECT page_count FROM pragma_page_count`) + 5
	write(t, d, func(tx *db.Tx) error {
		_, err := tx.One(fmt.Sprintf(`PRAGMA max_page_count = %d`, limit), nil, new(int))
		return err
	})
	errs := together(d, 20, func(i int, tx *db.Tx) error {
		tx.Exec(`INSERT INTO t_big (id, body) VALUES ($1, $2)`, i, strings.Repeat("x", 10_000))
		return nil
	})
	full := 0
	for i, err := range errs {
		if err == nil {
			continue
		}
		full++
		if !refusal.Is(err, refusal.Unavailable) || refusal.As(err).Key != "db.unavailable" {
			t.Errorf("act %d: error %v, want unavailable", i, err)
		}
	}
	if full == 0 {
		t.Fatal("the disk was not full")
	}
	if n := count(t, d, `SELECT COUNT(*) FROM t_big`); n != int64(20-full) {
		t.Errorf("%d rows, but %d acts succeeded", n, 20-full)
	}
	// The limit is the connection's; the lane has taken a new one.
	write(t, d, func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO t_big (id, body) VALUES (100, $1)`, strings.Repeat("x", 100_000))
		return nil
	})
}

// A database whose connections are cut answers "unavailable" at worst, and
// works again by itself.
func TestConnectionLost(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	d := dbtest.OpenURL(t, url)
	if !d.Postgres() {
		t.Log("there is no connection to lose")
		return
	}
	create(t, d, `CREATE TABLE t_lost (id BIGINT PRIMARY KEY)`)
	admin, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	cut := func() {
		t.Helper()
		if _, err := admin.Exec(context.Background(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND application_name = 'motcua' AND datname = current_database()
			AND pid IN (SELECT pid FROM pg_locks WHERE relation = 't_lost'::regclass)`); err != nil {
			t.Fatal(err)
		}
	}
	for i, do := range map[string]func(context.Context, func(*db.Tx) error) error{"read": d.Read, "write": d.Write} {
		once := sync.OnceFunc(cut)
		err := do(t.Context(), func(tx *db.Tx) error {
			tx.One(`SELECT COUNT(*) FROM t_lost`, nil, new(int)) // takes the lock by which cut finds it
			once()
			_, err := tx.One(`SELECT COUNT(*) FROM t_lost`, nil, new(int))
			return err
		})
		if !refusal.Is(err, refusal.Unavailable) {
			t.Errorf("%s: error %v, want unavailable", i, err)
		}
	}
	write(t, d, func(tx *db.Tx) error { tx.Exec(`INSERT INTO t_lost (id) VALUES (1)`); return nil })
	if n := count(t, d, `SELECT COUNT(*) FROM t_lost`); n != 1 {
		t.Errorf("%d rows after the connection is back, want 1", n)
	}
}

// TestMain is the process that TestKilled kills, if it is asked to.
func TestMain(m *testing.M) {
	if url := os.Getenv("MOTCUA_TEST_CRASH"); url != "" {
		writeUntilKilled(url)
	}
	os.Exit(m.Run())
}

// writeUntilKilled writes and prints each number once it is answered.
func writeUntilKilled(url string) {
	d, err := db.Open(context.Background(), url)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for range 16 {
		go func() {
			for {
				var n int64
				err := d.Write(context.Background(), func(tx *db.Tx) (err error) {
					n, err = tx.Next("crash")
					tx.Exec(`INSERT INTO t_crash (n, body) VALUES ($1, $2)`, n, strings.Repeat("x", 2000))
					tx.Delta(db.DeltaKey{Agency: "crash"}, 1)
					return err
				})
				if err != nil {
					fmt.Println(err)
					os.Exit(1)
				}
				fmt.Println("done", n)
			}
		}()
	}
	select {}
}

// A process that is killed in the middle of writing has kept everything that
// it had answered, and nothing by half.
func TestKilled(t *testing.T) {
	t.Parallel()
	url := durable(dbtest.URL(t))
	d := dbtest.OpenURL(t, url)
	create(t, d, `CREATE TABLE t_crash (n BIGINT PRIMARY KEY, body TEXT)`)
	d.Close()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "MOTCUA_TEST_CRASH="+url)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var answered []int64
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var n int64
		if _, err := fmt.Sscanf(lines.Text(), "done %d", &n); err != nil {
			t.Errorf("child: %s", lines.Text())
			break
		}
		if answered = append(answered, n); len(answered) == 1000 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait()
	d = dbtest.OpenURL(t, url)
	if d.Postgres() {
		time.Sleep(500 * time.Millisecond) // the server may still finish what it was sent
	}
	kept := map[int64]bool{}
	err = d.Read(t.Context(), func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT n FROM t_crash`) {
			var n int64
			row.Scan(&n)
			kept[n] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range answered {
		if !kept[n] {
			t.Errorf("%d was answered and is lost", n)
		}
	}
	for sql, want := range map[string]int64{
		`SELECT MAX(n) FROM t_crash`:                          int64(len(kept)),
		`SELECT last FROM number WHERE series = 'crash'`:      int64(len(kept)),
		`SELECT n FROM counter WHERE agency = 'crash'`:        int64(len(kept)),
		`SELECT COUNT(*) FROM t_crash WHERE LENGTH(body) = 0`: 0,
	} {
		if n := count(t, d, sql); n != want {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
	t.Logf("%d answered, %d kept", len(answered), len(kept))
}

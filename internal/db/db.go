// SPDX-License-Identifier: Apache-2.0

// Package db keeps what the province knows: it opens the database, runs
// transactions and brings the schema up to date. It is the only place that
// knows which database it is, an SQLite file or a PostgreSQL server.
//
// Its invariant: when Write returns nil, everything the act wrote is on disk,
// and nothing of an act that failed is. Acts that wait at the same time are
// committed together (lane.go), which is what makes them fast; figures and
// numbers that many acts share are added up in memory and written once a
// commit (tally.go).
//
// Start at Open, DB.Write and Tx.
package db

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"motcua/internal/refusal"
	"motcua/internal/vault"
)

var (
	// ErrStale is the failure of an act whose ExecOne did not change exactly
	// one row: what it was decided on has changed since.
	ErrStale = errors.New("db: changed by someone else")
	// ErrDuplicate is the failure of an act that wrote a row whose key exists.
	ErrDuplicate = errors.New("db: key exists")

	errClosed = errors.New("db: closed")
)

// DB is one site's database. It is safe for use by many goroutines.
type DB struct {
	Key   []byte       // of the site, to be set before the first Write: it seals the journal
	Vault *vault.Vault // of what must not lie open in the database, to be set before the first of it

	engine  engine
	queue   chan *job
	lanes   []*lane
	stop    chan struct{} // closed by Close: take nothing new
	running sync.WaitGroup
	closing sync.Once
	commits atomic.Uint64

	revisions atomic.Pointer[revisions]
}

// engine is what the two databases do differently.
type engine interface {
	// lanes is how many transactions may write at the same time.
	lanes() int
	// write opens a transaction of lane n that numbers series of the classes in
	// need, or if there are none, of class n.
	write(n int, need uint) (session, error)
	// read opens a transaction that sees one state of the database; a single
	// statement needs none.
	read(ctx context.Context, single bool) (session, error)
	migrate(ctx context.Context) error
	// fault tells what an error means for those who wait.
	fault(err error) fault
	close()
}

// fault sorts errors of a database.
type fault int

const (
	faultOther fault = iota // of the statement
	faultRetry              // of the company it ran in: run again
	faultDown               // of the database itself: disk full, connection lost
)

// session is one transaction on one connection.
type session interface {
	// exec runs or queues a statement; with one, it must change one row.
	exec(sql string, args []any, one bool) error
	// query runs a statement and calls each for its rows until it says no.
	query(sql string, args []any, each func(cursor) bool) error
	// number reads the last number of a series and keeps others from it until
	// the transaction ends, or returns elsewhere.
	number(series string) (int64, error)
	// head reads where a chain of the journal ends and keeps others from it until
	// the transaction ends.
	head(chain int64) (seq int64, hash string, err error)

	// member says who the following statements are from.
	member(i int)
	// undo forgets what the member has queued and says whether the database
	// is as it was before the member.
	undo() bool
	// commit ends the transaction well; when it fails, the session is over.
	commit() error
	// rollback ends the transaction badly; err is why.
	rollback(err error)
}

// cursor is the current row of a query.
type cursor interface {
	columns() int
	column(i int) column
}

// memberError is an error that came late, by a statement of another member of
// the group than the one that now runs.
type memberError struct {
	member int
	err    error
}

func (e *memberError) Error() string { return e.err.Error() }
func (e *memberError) Unwrap() error { return e.err }

// Open opens the database at url: "sqlite:PATH" (the file is made if it is
// missing) or "postgres://…". "sqlite:PATH?sync=off" gives up durability for
// speed, for tests and throw-away data.
func Open(ctx context.Context, url string) (*DB, error) {
	var e engine
	var err error
	switch scheme, rest, _ := strings.Cut(url, ":"); scheme {
	case "sqlite":
		e, err = openSQLite(rest)
	case "postgres", "postgresql":
		e, err = openPostgres(ctx, url)
	default:
		return nil, fmt.Errorf("open database: want sqlite:PATH or postgres://…, have scheme %q", scheme)
	}
	if err != nil {
		return nil, err
	}
	d := &DB{engine: e, queue: make(chan *job, 1024), stop: make(chan struct{})}
	d.revisions.Store(&revisions{})
	for n := range e.lanes() {
		d.lanes = append(d.lanes, &lane{db: d, n: n, own: make(chan *job, 1024)})
	}
	for _, l := range d.lanes {
		d.running.Add(1)
		go l.loop()
	}
	return d, nil
}

// Close waits for the acts that run, refuses those that wait and closes the
// database.
func (d *DB) Close() error {
	d.closing.Do(func() {
		close(d.stop)
		d.running.Wait()
		for _, l := range d.lanes {
			for len(l.own) > 0 {
				(<-l.own).answer(errClosed)
			}
		}
		d.engine.close()
	})
	return nil
}

// Migrate brings the schema up to date. It is safe to call from several
// processes at once.
func (d *DB) Migrate(ctx context.Context) error {
	if err := d.engine.migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Postgres tells whether the database is PostgreSQL; ask only where one text
// of SQL cannot serve both.
func (d *DB) Postgres() bool {
	_, ok := d.engine.(*postgres)
	return ok
}

// Commits counts the commits of this process that changed something. What was
// read after asking is at least as new as the count, so it can be kept under
// it, as far as other processes do not matter.
func (d *DB) Commits() uint64 { return d.commits.Load() }

// Read runs fn on one state of the database: everything committed before, and
// nothing of what is committed meanwhile. It returns the first error of the
// transaction, else that of fn. Exec, Next and their kin fail.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return d.read(ctx, fn, false)
}

// Look is Read for a fn that runs one statement, which sees one state of the
// database by itself. It costs a good deal less; a second statement fails.
func (d *DB) Look(ctx context.Context, fn func(*Tx) error) error {
	return d.read(ctx, fn, true)
}

func (d *DB) read(ctx context.Context, fn func(*Tx) error, single bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s, err := d.engine.read(ctx, single)
	if err != nil {
		return d.unavailable(ctx, err)
	}
	tx := &Tx{session: s, vault: d.Vault, single: single}
	err = errExit
	defer func() { s.rollback(err) }()
	err = tx.run(fn)
	return d.unavailable(ctx, err)
}

// unavailable turns the fault of a database that cannot work just now into
// the refusal of that name.
func (d *DB) unavailable(ctx context.Context, err error) error {
	switch {
	case err == nil || refusal.As(err) != nil:
		return err
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return ctx.Err()
	case errors.Is(err, ErrStale):
		return err
	case errors.Is(err, errClosed) || d.engine.fault(err) != faultOther:
		return fmt.Errorf("%w: %w", refusal.New(refusal.Unavailable, "db.unavailable"), err)
	}
	return err
}

// Tx is a transaction within Read or Write, and ends with it.
//
// Its first error stays: later calls do nothing, and Read or Write return it,
// whatever fn returns. So statements need no checks of their own, except
// where fn would go on to do much, or to do what follows from an empty list.
type Tx struct {
	session session
	vault   *vault.Vault
	group   *group // nil in Read
	looping bool   // over the rows of a Query
	single  bool   // one statement only, of Look
	looked  bool   // which has been
	err     error
}

var (
	errReadOnly = errors.New("db: write within Read")
	errSingle   = errors.New("db: second statement within Look")
	errLooping  = errors.New("db: statement within the loop of another's rows")
	errExit     = errors.New("db: goroutine ended within a transaction")
)

// Vault is the database's.
func (tx *Tx) Vault() *vault.Vault { return tx.vault }

// Err is the first error of the transaction so far.
func (tx *Tx) Err() error { return tx.err }

// Query runs a statement and yields its rows; $1, $2 … stand for args. No
// other statement may run within the loop. A loop that ended early by an
// error looks like one at the end of the rows: see Err.
//
//	for row := range tx.Query(`SELECT id, code FROM dossier WHERE agency = $1`, agency) {
//		var d Dossier
//		row.Scan(&d.ID, &d.Code)
//		list = append(list, d)
//	}
//	return tx.Err()
func (tx *Tx) Query(sql string, args ...any) func(yield func(Row) bool) {
	return func(yield func(Row) bool) {
		if !tx.ready() {
			return
		}
		if tx.single && tx.looked {
			tx.fail(errSingle)
			return
		}
		tx.looping, tx.looked = true, true
		defer func() { tx.looping = false }()
		tx.fail(tx.session.query(sql, args, func(c cursor) bool {
			return yield(Row{tx, c}) && tx.err == nil
		}))
	}
}

// One runs a statement and scans its first row into dest. It tells whether
// there was one; if not, dest is as it was.
func (tx *Tx) One(sql string, args []any, dest ...any) (found bool, err error) {
	for row := range tx.Query(sql, args...) {
		found = true
		row.Scan(dest...)
		break
	}
	return found && tx.err == nil, tx.err
}

// Exec runs a statement that changes rows. It may be sent later, together
// with others, so that its error is known at the next Query or at the end.
func (tx *Tx) Exec(sql string, args ...any) { tx.exec(sql, args, false) }

// ExecOne is Exec for a statement that must change exactly one row: if it does
// not, the act fails with ErrStale. An INSERT, UPDATE or DELETE without
// RETURNING, its condition naming the version that was read, makes this a
// compare-and-set. Where other transactions may have come between, the act is
// run again a few times before it fails.
func (tx *Tx) ExecOne(sql string, args ...any) { tx.exec(sql, args, true) }

func (tx *Tx) exec(sql string, args []any, one bool) {
	if tx.ready() && tx.writable() {
		tx.fail(tx.session.exec(sql, args, one))
	}
}

func (tx *Tx) ready() bool {
	if tx.looping {
		tx.fail(errLooping)
	}
	return tx.err == nil
}

func (tx *Tx) writable() bool {
	if tx.group == nil {
		tx.fail(errReadOnly)
	}
	return tx.err == nil
}

func (tx *Tx) fail(err error) {
	if tx.err == nil {
		tx.err = err
	}
}

// run calls fn; a panic of fn is its error.
func (tx *Tx) run(fn func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in transaction: %v\n%s", p, debug.Stack())
		}
	}()
	err = fn(tx)
	if tx.err != nil {
		err = tx.err
	}
	return err
}

// Row is one row of a Query; it is good until the next.
type Row struct {
	tx  *Tx
	row cursor
}

// Scan stores the columns where dest points: *string, *int64, *int, *bool
// (from 0 and 1), *[]byte, *json.RawMessage, *time.Time (from milliseconds; 0
// is the zero instant), or types made of these. NULL is the zero value. An
// error is the transaction's and ends the loop.
func (r Row) Scan(dest ...any) {
	if n := r.row.columns(); n != len(dest) {
		r.tx.fail(fmt.Errorf("db: %d columns into %d variables", n, len(dest)))
		return
	}
	for i, d := range dest {
		if err := scan(r.row.column(i), d); err != nil {
			r.tx.fail(fmt.Errorf("db: column %d: %w", i+1, err))
			return
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"

	lib "modernc.org/sqlite/lib"
)

// sqlite is the database in one file: one connection that writes, some that
// read. Other processes may use the file too.
type sqlite struct {
	path    string
	sync    string // the pragma synchronous
	pragmas []string
	writer  *sqliteConn // of the one lane; nil after a fault

	readers chan struct{} // one entry for each that reads
	mu      sync.Mutex
	idle    []*sqliteConn // last used last: its cache is the warmest
}

func openSQLite(name string) (*sqlite, error) {
	path, query, _ := strings.Cut(name, "?")
	options, err := url.ParseQuery(query)
	if err != nil || path == "" {
		return nil, fmt.Errorf("open database: want sqlite:PATH, have %q", name)
	}
	e := &sqlite{
		path:    path,
		sync:    "FULL",
		readers: make(chan struct{}, max(4, 2*runtime.GOMAXPROCS(0))),
	}
	if options.Get("sync") == "off" {
		e.sync = "OFF"
	}
	e.pragmas = []string{"busy_timeout=10000", "journal_mode=WAL", "synchronous=" + e.sync, "foreign_keys=ON"}
	e.writer, err = e.openWriter(true)
	return e, err
}

func (e *sqlite) openWriter(create bool) (*sqliteConn, error) {
	return openSQLiteConn(e.path, create, append(slices.Clone(e.pragmas),
		"cache_size=-32768",
		"wal_autocheckpoint=2000", // 8 MB: more is hardly faster and makes longer pauses
		"journal_size_limit=67108864")...)
}

// openReader opens a connection that reads. It does not map the file into
// memory: that is faster, but counts every page once for each reader.
func (e *sqlite) openReader() (*sqliteConn, error) {
	c, err := openSQLiteConn(e.path, false, append(slices.Clone(e.pragmas),
		"cache_size=-8192", "query_only=ON")...)
	if err == nil {
		c.watch()
	}
	return c, err
}

func (e *sqlite) lanes() int { return 1 }

func (e *sqlite) close() {
	for range cap(e.readers) {
		e.readers <- struct{}{}
	}
	for _, c := range e.idle {
		c.close()
	}
	if e.writer != nil {
		e.writer.close()
	}
}

func (e *sqlite) write(int, uint) (session, error) {
	if e.writer == nil {
		// Not to be made anew: if the file is lost, an empty province is no answer.
		c, err := e.openWriter(false)
		if err != nil {
			return nil, err
		}
		e.writer = c
	}
	s := &sqliteSession{engine: e, c: e.writer, writes: true}
	if _, err := s.c.exec("BEGIN IMMEDIATE", nil); err != nil {
		s.rollback(err)
		return nil, err
	}
	return s, nil
}

func (e *sqlite) read(ctx context.Context, single bool) (session, error) {
	select {
	case e.readers <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c, err := e.reader()
	if err != nil {
		<-e.readers
		return nil, err
	}
	c.ctx = ctx
	s := &sqliteSession{engine: e, c: c}
	if !single {
		if _, err := c.exec("BEGIN", nil); err != nil {
			s.rollback(err)
			return nil, err
		}
	}
	return s, nil
}

func (e *sqlite) reader() (*sqliteConn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n := len(e.idle); n > 0 {
		c := e.idle[n-1]
		e.idle = e.idle[:n-1]
		return c, nil
	}
	return e.openReader()
}

func (e *sqlite) fault(err error) fault {
	var s *sqliteError
	if !errors.As(err, &s) {
		return faultOther
	}
	switch s.code & 0xff {
	case lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN, lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_NOMEM,
		lib.SQLITE_READONLY, lib.SQLITE_PROTOCOL, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return faultDown
	}
	return faultOther
}

// sqliteSession is a transaction on one of the connections.
type sqliteSession struct {
	engine *sqlite
	c      *sqliteConn
	writes bool
	dirty  bool // the member has written, or the transaction is lost
}

func (s *sqliteSession) exec(sql string, args []any, one bool) error {
	changed, err := s.c.exec(sql, args)
	if err != nil {
		return s.failed(err)
	}
	if one && changed != 1 {
		s.dirty = s.dirty || changed > 1
		return ErrStale
	}
	s.dirty = true
	return nil
}

func (s *sqliteSession) query(sql string, args []any, each func(cursor) bool) error {
	st, err := s.c.start(sql, args)
	if err != nil {
		return s.failed(err)
	}
	defer st.stop()
	s.dirty = s.dirty || !st.readonly
	for {
		row, err := st.step()
		if err != nil {
			return s.failed(err)
		}
		if !row || !each(st) {
			return nil
		}
	}
}

// failed sorts an error. A statement that fails has undone itself; some
// errors undo the whole transaction.
func (s *sqliteSession) failed(err error) error {
	if !s.c.inTransaction() || s.engine.fault(err) == faultDown {
		s.dirty = true
	}
	var e *sqliteError
	if errors.As(err, &e) && (e.code == lib.SQLITE_CONSTRAINT_UNIQUE || e.code == lib.SQLITE_CONSTRAINT_PRIMARYKEY || e.code == lib.SQLITE_CONSTRAINT_ROWID) {
		return fmt.Errorf("%w: %w", ErrDuplicate, err)
	}
	return err
}

func (s *sqliteSession) number(series string) (last int64, err error) {
	err = s.query(`SELECT last FROM number WHERE series = $1`, []any{series}, func(c cursor) bool {
		last, err = c.column(0).integer()
		return false
	})
	return last, err
}

func (s *sqliteSession) head(chain int64) (int64, string, error) {
	return head(s, `SELECT seq, hash FROM journal_head WHERE chain = $1`, chain)
}

func (s *sqliteSession) member(int) { s.dirty = false }

func (s *sqliteSession) undo() bool { return !s.dirty }

func (s *sqliteSession) commit() error {
	_, err := s.c.exec("COMMIT", nil)
	if err != nil {
		s.rollback(err)
	}
	return err
}

func (s *sqliteSession) rollback(err error) {
	c := s.c
	if c.inTransaction() {
		end := "ROLLBACK"
		if !s.writes {
			end = "COMMIT"
		}
		if _, e := c.exec(end, nil); e != nil && err == nil {
			err = e
		}
	}
	broken := c.inTransaction() || s.engine.fault(err) == faultDown
	if broken {
		c.close()
	}
	if s.writes {
		if broken {
			s.engine.writer = nil
		}
		return
	}
	c.ctx = nil
	if !broken {
		s.engine.mu.Lock()
		s.engine.idle = append(s.engine.idle, c)
		s.engine.mu.Unlock()
	}
	<-s.engine.readers
}

// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// sqliteConn is one connection to an SQLite file, used by one goroutine at a
// time. It calls the translated C library itself: through database/sql a point
// read takes twice as long and a write a third more, most of it in finding the
// names and types of columns that nobody asks for.
type sqliteConn struct {
	tls      *libc.TLS
	db       uintptr
	prepared map[string]*sqliteStmt
	ctx      context.Context // ends what runs, when set
}

// sqliteError is what SQLite answered; code is its extended result code.
type sqliteError struct {
	code int32
	text string
}

func (e *sqliteError) Error() string { return fmt.Sprintf("sqlite: %s (%d)", e.text, e.code) }

// maxPrepared bounds the statements kept by a connection; the program has a
// few hundred, only lists of varying length could make more.
const maxPrepared = 1000

var errNul = errors.New("sqlite: statement contains a zero byte")

// watched finds the connection that a progress callback, which can carry no
// Go pointer, is about.
var watched sync.Map // uintptr → *sqliteConn

// wordSize is the size of a pointer of the C library.
const wordSize = unsafe.Sizeof(uintptr(0))

// openSQLiteConn opens the file at path; only with create does it make one.
func openSQLiteConn(path string, create bool, pragmas ...string) (*sqliteConn, error) {
	c := &sqliteConn{tls: libc.NewTLS(), prepared: map[string]*sqliteStmt{}}
	name, err := libc.CString(path)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(c.tls, name)
	out := libc.Xmalloc(c.tls, libc.Tsize_t(wordSize))
	defer libc.Xfree(c.tls, out)
	flags := int32(lib.SQLITE_OPEN_READWRITE | lib.SQLITE_OPEN_NOMUTEX | lib.SQLITE_OPEN_EXRESCODE)
	if create {
		flags |= lib.SQLITE_OPEN_CREATE
	}
	rc := lib.Xsqlite3_open_v2(c.tls, name, out, flags, 0)
	c.db = *(*uintptr)(at(out))
	if rc != lib.SQLITE_OK {
		err := c.err(rc)
		c.close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	for _, pragma := range pragmas {
		if _, err := c.exec("PRAGMA "+pragma, nil); err != nil {
			c.close()
			return nil, fmt.Errorf("open %s: %s: %w", path, pragma, err)
		}
	}
	return c, nil
}

// watch makes what runs on c end when c.ctx does.
func (c *sqliteConn) watch() {
	watched.Store(c.db, c)
	callback := struct {
		f func(*libc.TLS, uintptr) int32
	}{func(_ *libc.TLS, db uintptr) int32 {
		if c, ok := watched.Load(db); ok {
			if ctx := c.(*sqliteConn).ctx; ctx != nil && ctx.Err() != nil {
				return 1
			}
		}
		return 0
	}}
	lib.Xsqlite3_progress_handler(c.tls, c.db, 10_000, *(*uintptr)(unsafe.Pointer(&callback)), c.db)
}

func (c *sqliteConn) close() {
	watched.Delete(c.db)
	c.forget()
	lib.Xsqlite3_close_v2(c.tls, c.db)
	c.tls.Close()
	c.db = 0
}

func (c *sqliteConn) forget() {
	for sql, s := range c.prepared {
		if !s.busy {
			s.close()
			delete(c.prepared, sql)
		}
	}
}

// err reads the message; it must be called before anything else is.
func (c *sqliteConn) err(rc int32) error {
	if rc == lib.SQLITE_OK {
		return nil
	}
	if rc&0xff == lib.SQLITE_INTERRUPT && c.ctx != nil && c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	text := libc.GoString(lib.Xsqlite3_errstr(c.tls, rc))
	if c.db != 0 {
		text = libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db))
	}
	return &sqliteError{rc, text}
}

// inTransaction tells whether a transaction is open: SQLite itself rolls back
// on some errors.
func (c *sqliteConn) inTransaction() bool {
	return lib.Xsqlite3_get_autocommit(c.tls, c.db) == 0
}

// exec runs sql to its end and returns how many rows it changed, which means
// something for INSERT, UPDATE and DELETE only.
func (c *sqliteConn) exec(sql string, args []any) (changed int64, err error) {
	s, err := c.start(sql, args)
	if err != nil {
		return 0, err
	}
	for more := true; more && err == nil; {
		more, err = s.step()
	}
	if err == nil && !s.readonly {
		changed = lib.Xsqlite3_changes64(c.tls, c.db)
	}
	s.stop()
	return changed, err
}

// start takes the statement of sql out of the cache and binds its arguments;
// the caller must stop it.
func (c *sqliteConn) start(sql string, args []any) (*sqliteStmt, error) {
	s := c.prepared[sql]
	if s == nil || s.busy {
		if len(c.prepared) >= maxPrepared {
			c.forget()
		}
		fresh, err := c.prepare(sql)
		if err != nil {
			return nil, err
		}
		if fresh.single = s != nil; !fresh.single {
			c.prepared[sql] = fresh
		}
		s = fresh
	}
	s.busy = true
	if err := s.bind(args); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (c *sqliteConn) prepare(sql string) (*sqliteStmt, error) {
	if strings.IndexByte(sql, 0) >= 0 {
		return nil, errNul
	}
	text, err := libc.CString(sql)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(c.tls, text)
	out := libc.Xmalloc(c.tls, libc.Tsize_t(2*wordSize))
	defer libc.Xfree(c.tls, out)
	tail := out + wordSize
	rc := lib.Xsqlite3_prepare_v3(c.tls, c.db, text, int32(len(sql))+1, lib.SQLITE_PREPARE_PERSISTENT, out, tail)
	if rc != lib.SQLITE_OK {
		return nil, c.err(rc)
	}
	s := &sqliteStmt{c: c, stmt: *(*uintptr)(at(out))}
	if rest := strings.TrimLeft(sql[*(*uintptr)(at(tail))-text:], "; \t\r\n"); rest != "" || s.stmt == 0 {
		s.close()
		return nil, fmt.Errorf("sqlite: not one statement: %q", sql)
	}
	s.readonly = lib.Xsqlite3_stmt_readonly(c.tls, s.stmt) != 0
	s.width = lib.Xsqlite3_column_count(c.tls, s.stmt)
	for i := range lib.Xsqlite3_bind_parameter_count(c.tls, s.stmt) {
		name := libc.GoString(lib.Xsqlite3_bind_parameter_name(c.tls, s.stmt, i+1))
		n, _ := strconv.Atoi(strings.TrimPrefix(name, "$"))
		if n < 1 || name != "$"+strconv.Itoa(n) {
			s.close()
			return nil, fmt.Errorf("sqlite: placeholder %q, want $1, $2 …", name)
		}
		s.order = append(s.order, n-1)
		s.args = max(s.args, n)
	}
	return s, nil
}

// sqliteStmt is a prepared statement, and while it runs its current row.
type sqliteStmt struct {
	c        *sqliteConn
	stmt     uintptr
	order    []int // argument of each parameter: SQLite counts $2 … $1 in the order it meets them
	args     int
	width    int32
	readonly bool
	busy     bool // between start and stop
	single   bool // not cached: the cached one was busy
	buffer   uintptr
	size     int
	col      int32 // the column asked for
}

func (s *sqliteStmt) close() {
	lib.Xsqlite3_finalize(s.c.tls, s.stmt)
	libc.Xfree(s.c.tls, s.buffer)
	s.stmt, s.buffer, s.size = 0, 0, 0
}

// stop ends the statement and makes it ready for its next start.
func (s *sqliteStmt) stop() {
	lib.Xsqlite3_reset(s.c.tls, s.stmt)
	s.busy = false
	if s.single {
		s.close()
	} else if s.size > 1<<20 {
		lib.Xsqlite3_clear_bindings(s.c.tls, s.stmt)
		libc.Xfree(s.c.tls, s.buffer)
		s.buffer, s.size = 0, 0
	}
}

func (s *sqliteStmt) step() (row bool, err error) {
	switch rc := lib.Xsqlite3_step(s.c.tls, s.stmt); rc {
	case lib.SQLITE_ROW:
		return true, nil
	case lib.SQLITE_DONE:
		return false, nil
	default:
		return false, s.c.err(rc)
	}
}

// mostBound is how many bytes a statement may bind: what SQLite takes by default, and
// what it counts in 32 bits.
const mostBound = 1_000_000_000

// bind copies text and bytes into a buffer of the statement, where they stay
// until it is started again.
func (s *sqliteStmt) bind(args []any) error {
	if len(args) != s.args {
		return fmt.Errorf("sqlite: %d arguments for %d placeholders", len(args), s.args)
	}
	if len(args) == 0 {
		return nil
	}
	var few [24]any
	values := append(few[:0], args...)
	need := 0
	for i, arg := range args {
		v, err := plain(arg)
		if err != nil {
			return fmt.Errorf("sqlite: $%d: %w", i+1, err)
		}
		values[i] = v
		switch v := v.(type) {
		case string:
			need += len(v) + 1
		case []byte:
			need += len(v) + 1
		}
	}
	if need > mostBound {
		return &sqliteError{lib.SQLITE_TOOBIG, "string or blob too big"}
	}
	if need > s.size {
		libc.Xfree(s.c.tls, s.buffer)
		s.size = need * 3 / 2
		if s.buffer = libc.Xmalloc(s.c.tls, libc.Tsize_t(s.size)); s.buffer == 0 {
			s.size = 0
			return &sqliteError{lib.SQLITE_NOMEM, "out of memory"}
		}
	}
	next := s.buffer
	for i, n := range s.order {
		var rc int32
		param := int32(i + 1)
		switch v := values[n].(type) {
		case nil:
			rc = lib.Xsqlite3_bind_null(s.c.tls, s.stmt, param)
		case int64:
			rc = lib.Xsqlite3_bind_int64(s.c.tls, s.stmt, param, v)
		case string:
			copy(view(next, len(v)), v)
			rc = lib.Xsqlite3_bind_text(s.c.tls, s.stmt, param, next, int32(len(v)), 0)
			next += uintptr(len(v)) + 1
		case []byte:
			copy(view(next, len(v)), v)
			rc = lib.Xsqlite3_bind_blob(s.c.tls, s.stmt, param, next, int32(len(v)), 0)
			next += uintptr(len(v)) + 1
		}
		if rc != lib.SQLITE_OK {
			return s.c.err(rc)
		}
	}
	return nil
}

func (s *sqliteStmt) columns() int { return int(s.width) }

func (s *sqliteStmt) column(i int) column {
	s.col = int32(i)
	return s
}

func (s *sqliteStmt) text() (string, error) {
	return string(s.raw()), nil
}

func (s *sqliteStmt) bytes() ([]byte, error) {
	if lib.Xsqlite3_column_type(s.c.tls, s.stmt, s.col) == lib.SQLITE_NULL {
		return nil, nil
	}
	return append([]byte{}, s.raw()...), nil
}

func (s *sqliteStmt) integer() (int64, error) {
	switch kind := lib.Xsqlite3_column_type(s.c.tls, s.stmt, s.col); kind {
	case lib.SQLITE_INTEGER:
		return lib.Xsqlite3_column_int64(s.c.tls, s.stmt, s.col), nil
	case lib.SQLITE_NULL:
		return 0, nil
	default:
		return 0, fmt.Errorf("sqlite: column %d is no integer: %.40q", s.col+1, s.raw())
	}
}

// raw is the column as it lies in SQLite's memory until the next call.
func (s *sqliteStmt) raw() []byte {
	p := lib.Xsqlite3_column_blob(s.c.tls, s.stmt, s.col)
	if p == 0 {
		return nil
	}
	return view(p, int(lib.Xsqlite3_column_bytes(s.c.tls, s.stmt, s.col)))
}

// at and view look at memory of the C library, which Go does not move.
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func view(p uintptr, n int) []byte { return unsafe.Slice((*byte)(at(p)), n) }

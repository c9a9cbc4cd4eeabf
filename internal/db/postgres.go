// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// postgresLanes is how many transactions of this process write at a time.
	// It is the same in every process and the number of '#' rows in number.
	postgresLanes = 4
	// postgresPatience is what a transaction that writes may take before its
	// server counts as gone.
	postgresPatience = 30 * time.Second
)

// postgres is a database on a server. Statements wait until an answer is
// needed, so that an act costs one round trip and not one a row.
type postgres struct {
	writers *pgxpool.Pool
	readers *pgxpool.Pool
	checked sync.Map // statement → itself, made to fail unless it changes one row
}

func openPostgres(ctx context.Context, url string) (*postgres, error) {
	writers, err := openPool(ctx, url, postgresLanes, "off")
	if err != nil {
		return nil, err
	}
	readers, err := openPool(ctx, url, int32(max(8, 4*runtime.GOMAXPROCS(0))), "on")
	if err != nil {
		writers.Close()
		return nil, err
	}
	return &postgres{writers: writers, readers: readers}, nil
}

func openPool(ctx context.Context, url string, size int32, readOnly string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	config.MaxConns = size
	settings := map[string]string{
		"application_name":              "motcua",
		"lock_timeout":                  "10s",
		"default_transaction_read_only": readOnly,
	}
	params := config.ConnConfig.RuntimeParams
	for name, value := range settings {
		if params[name] == "" {
			params[name] = value
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return pool, nil
}

func (e *postgres) lanes() int { return postgresLanes }

func (e *postgres) close() {
	e.writers.Close()
	e.readers.Close()
}

func (e *postgres) write(n int, need uint) (session, error) {
	ctx, cancel := context.WithTimeout(context.Background(), postgresPatience)
	conn, err := e.writers.Acquire(ctx)
	if err != nil {
		cancel()
		return nil, &lostError{err}
	}
	s := &pgSession{engine: e, conn: conn, ctx: ctx, cancel: cancel, lane: n, begin: "BEGIN"}
	for class := range postgresLanes {
		if need&(1<<class) != 0 {
			s.lock(class)
		}
	}
	return s, nil
}

func (e *postgres) read(ctx context.Context, single bool) (session, error) {
	conn, err := e.readers.Acquire(ctx)
	if err != nil {
		return nil, &lostError{err}
	}
	s := &pgSession{engine: e, conn: conn, ctx: ctx}
	if !single {
		s.begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	}
	return s, nil
}

// lostError is any error after which there is no connection.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

func (e *postgres) fault(err error) fault {
	var lost *lostError
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, ErrStale):
		return faultRetry
	case errors.As(err, &lost):
		return faultDown
	case errors.As(err, &pg):
		switch {
		case pg.Code == "40001", pg.Code == "40P01", pg.Code == "55P03", // serialization, deadlock, lock timeout
			pg.Code == "0A000" && pg.Routine == "RevalidateCachedQuery": // the schema has changed under a prepared statement
			return faultRetry
		case pg.Code == "25006", strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "53"),
			strings.HasPrefix(pg.Code, "57P"), strings.HasPrefix(pg.Code, "58"):
			return faultDown
		}
	}
	return faultOther
}

// pgSession is a transaction on one of the connections.
type pgSession struct {
	engine *postgres
	conn   *pgxpool.Conn
	ctx    context.Context
	cancel context.CancelFunc // nil when it only reads
	lane   int
	begin  string // how the transaction begins; "" when it has
	open   bool   // it has

	queue  []pgStatement
	now    int  // the member whose turn it is
	from   int  // its first statement in queue
	dirty  bool // it has sent a statement that may have written
	broken bool // a statement has failed, and with it the transaction
	locked uint // the classes of series, a bit each
}

type pgStatement struct {
	sql    string
	args   []any
	one    bool
	member int
}

func (s *pgSession) exec(sql string, args []any, one bool) error {
	values, err := plainAll(args)
	if err != nil {
		return err
	}
	if one {
		sql = s.engine.check(sql)
	}
	s.queue = append(s.queue, pgStatement{sql, values, one, s.now})
	return nil
}

// check makes a statement that divides by zero unless it changes one row: the
// server must notice, as the commit may be in the same round trip.
func (e *postgres) check(sql string) string {
	if made, ok := e.checked.Load(sql); ok {
		return made.(string)
	}
	made := "WITH act AS (" + sql + " RETURNING 1) SELECT 1 / (COUNT(*) = 1)::int FROM act"
	e.checked.Store(sql, made)
	return made
}

func plainAll(args []any) ([]any, error) {
	values := make([]any, len(args))
	for i, arg := range args {
		v, err := plain(arg)
		if err != nil {
			return nil, fmt.Errorf("postgres: $%d: %w", i+1, err)
		}
		values[i] = v
	}
	return values, nil
}

func (s *pgSession) query(sql string, args []any, each func(cursor) bool) error {
	values, err := plainAll(args)
	if err != nil {
		return err
	}
	s.dirty = s.dirty || s.cancel != nil && mayWrite(sql)
	return s.send(&pgStatement{sql: sql, args: values, member: s.now}, each)
}

// mayWrite is on the safe side.
func mayWrite(sql string) bool {
	sql = strings.ToUpper(strings.TrimSpace(sql))
	return !strings.HasPrefix(sql, "SELECT") &&
		(strings.Contains(sql, "INSERT") || strings.Contains(sql, "UPDATE") || strings.Contains(sql, "DELETE"))
}

// send sends what waits, and last in one round trip with it: a query whose
// rows go to each, or else "COMMIT".
func (s *pgSession) send(last *pgStatement, each func(cursor) bool) error {
	batch := &pgx.Batch{}
	if s.begin != "" {
		batch.Queue(s.begin)
		s.open = true
	}
	for _, q := range s.queue {
		batch.Queue(q.sql, q.args...)
		s.dirty = s.dirty || q.member == s.now
	}
	batch.Queue(last.sql, last.args...)
	results := s.conn.SendBatch(s.ctx, batch)
	err := s.receive(results, last, each)
	if e := results.Close(); err == nil && e != nil {
		err = s.failed(*last, e)
	}
	s.begin = ""
	s.queue, s.from = s.queue[:0], 0
	return err
}

func (s *pgSession) receive(results pgx.BatchResults, last *pgStatement, each func(cursor) bool) error {
	if s.begin != "" {
		if _, err := results.Exec(); err != nil {
			return s.failed(pgStatement{member: -1}, err)
		}
	}
	for _, q := range s.queue {
		if _, err := results.Exec(); err != nil {
			return s.failed(q, err)
		}
	}
	if each == nil {
		tag, err := results.Exec()
		if err == nil && tag.String() != last.sql {
			err = fmt.Errorf("%s: answer %s", last.sql, tag)
		}
		return s.failed(*last, err)
	}
	rows, err := results.Query()
	if err != nil {
		return s.failed(*last, err)
	}
	defer rows.Close()
	c := &pgRow{fields: rows.FieldDescriptions()}
	for rows.Next() {
		if c.values = rows.RawValues(); !each(c) {
			break
		}
	}
	rows.Close()
	return s.failed(*last, rows.Err())
}

// failed says whose error it is, and what it means.
func (s *pgSession) failed(q pgStatement, err error) error {
	if err == nil {
		return nil
	}
	s.broken = true
	var pg *pgconn.PgError
	switch {
	case s.conn.Conn().IsClosed():
		err = &lostError{err}
	case !errors.As(err, &pg):
	case q.one && pg.Code == "22012":
		err = ErrStale
	case pg.Code == "23505":
		err = fmt.Errorf("%w: %w", ErrDuplicate, err)
	}
	return &memberError{q.member, err}
}

func (s *pgSession) number(series string) (last int64, err error) {
	class := seriesClass(series)
	if s.locked == 0 && class == s.lane {
		s.lock(class)
	}
	if s.locked&(1<<class) == 0 {
		return 0, elsewhere(class)
	}
	// Not the member's: a series without a number given hurts nobody.
	name := []any{series}
	s.queue = append(s.queue, pgStatement{
		sql: `INSERT INTO number (series, last) VALUES ($1, 0) ON CONFLICT (series) DO NOTHING`, args: name, member: -1})
	read := pgStatement{sql: `SELECT last FROM number WHERE series = $1 FOR UPDATE`, args: name, member: -1}
	var bad error
	err = s.send(&read, func(c cursor) bool {
		last, bad = c.column(0).integer()
		return false
	})
	return last, errors.Join(err, bad)
}

func (s *pgSession) head(chain int64) (int64, string, error) {
	return head(s, `SELECT seq, hash FROM journal_head WHERE chain = $1 FOR UPDATE`, chain)
}

// lock keeps other lanes, here and in other processes, from a class of series.
func (s *pgSession) lock(class int) {
	s.locked |= 1 << class
	s.queue = append(s.queue, pgStatement{
		sql: `SELECT 1 FROM number WHERE series = $1 FOR UPDATE`, args: []any{"#" + strconv.Itoa(class)}, member: -1})
}

func seriesClass(series string) int {
	h := fnv.New32a()
	h.Write([]byte(series))
	return int(h.Sum32() % postgresLanes)
}

func (s *pgSession) member(i int) {
	s.now, s.from, s.dirty = i, len(s.queue), false
}

func (s *pgSession) undo() bool {
	if s.dirty || s.broken {
		return false
	}
	s.queue = s.queue[:s.from]
	return true
}

func (s *pgSession) commit() error {
	var err error
	if s.open || len(s.queue) > 0 {
		err = s.send(&pgStatement{sql: "COMMIT", member: -1}, nil)
	}
	s.end(err)
	return err
}

// rollback ends a transaction that only read behind the back of its caller,
// who has all he wants.
func (s *pgSession) rollback(err error) {
	if s.open && s.cancel == nil && err == nil {
		go s.end(errExit)
		return
	}
	s.end(errExit)
}

// end leaves the connection without a transaction, or without a connection.
func (s *pgSession) end(err error) {
	if err != nil && s.open && !s.conn.Conn().IsClosed() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		_, _ = s.conn.Exec(ctx, "ROLLBACK") // if it fails, Release drops the connection
		cancel()
	}
	s.conn.Release()
	if s.cancel != nil {
		s.cancel()
	}
}

// pgRow is the current row, in the binary format of the protocol.
type pgRow struct {
	fields []pgconn.FieldDescription
	values [][]byte
	i      int
}

func (r *pgRow) columns() int { return len(r.fields) }

func (r *pgRow) column(i int) column {
	r.i = i
	return r
}

func (r *pgRow) integer() (int64, error) {
	v, field := r.values[r.i], r.fields[r.i]
	if v == nil {
		return 0, nil
	}
	switch field.DataTypeOID {
	case pgtype.Int8OID:
		return int64(binary.BigEndian.Uint64(v)), nil
	case pgtype.Int4OID:
		return int64(int32(binary.BigEndian.Uint32(v))), nil
	case pgtype.Int2OID:
		return int64(int16(binary.BigEndian.Uint16(v))), nil
	case pgtype.BoolOID:
		return int64(v[0]), nil
	}
	return 0, fmt.Errorf("postgres: %s (type %d) is no integer: CAST(… AS BIGINT)", field.Name, field.DataTypeOID)
}

func (r *pgRow) text() (string, error) {
	b, err := r.raw()
	return string(b), err
}

func (r *pgRow) bytes() ([]byte, error) {
	b, err := r.raw()
	if b == nil {
		return nil, err
	}
	return append([]byte{}, b...), err
}

func (r *pgRow) raw() ([]byte, error) {
	v, field := r.values[r.i], r.fields[r.i]
	switch field.DataTypeOID {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID, pgtype.ByteaOID, pgtype.JSONOID, pgtype.UnknownOID:
		return v, nil
	case pgtype.Int8OID, pgtype.Int4OID, pgtype.Int2OID, pgtype.BoolOID:
		if v == nil {
			return nil, nil
		}
		n, err := r.integer()
		return strconv.AppendInt(nil, n, 10), err
	}
	return nil, fmt.Errorf("postgres: %s (type %d) is no text: CAST(… AS TEXT)", field.Name, field.DataTypeOID)
}

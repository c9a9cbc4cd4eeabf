// SPDX-License-Identifier: Apache-2.0

// Package dbtest gives each test a database of its own, migrated and empty:
// an SQLite file, or a schema on the PostgreSQL server that the environment
// variable MOTCUA_TEST_POSTGRES names. Tests may run in parallel.
//
// Start at Open.
package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"motcua/internal/db"
	"motcua/internal/vault"
)

// Open opens a database for t, which is gone when t ends. Its commits are not
// durable, for speed.
func Open(t testing.TB) *db.DB {
	t.Helper()
	return OpenURL(t, URL(t))
}

// OpenURL opens a further handle on a database of URL, as another process
// would, until t ends.
func OpenURL(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	d.Vault, err = keys()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// keys are the vault of all databases of a run, so that further handles open what
// the first one seals.
var keys = sync.OnceValues(vault.New)

// URL makes a database for t, which is gone when t ends, and returns where it is.
func URL(t testing.TB) string {
	t.Helper()
	if server := os.Getenv("MOTCUA_TEST_POSTGRES"); server != "" {
		return postgres(t, server)
	}
	file, err := template()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "motcua.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path + "?sync=off"
}

// template is a migrated SQLite file.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "dbtest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "motcua.db")
	if err := migrate("sqlite:" + path + "?sync=off"); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(url string) error {
	d, err := db.Open(context.Background(), url)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Migrate(context.Background())
}

// postgres makes a schema on the server.
func postgres(t testing.TB, server string) string {
	t.Helper()
	at, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	schema := fmt.Sprintf("test_%d", db.NewID())
	admin(t, server, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { admin(t, server, "DROP SCHEMA "+schema+" CASCADE") })
	query := at.Query()
	query.Set("search_path", schema)
	query.Set("synchronous_commit", "off")
	at.RawQuery = query.Encode()
	if err := migrate(at.String()); err != nil {
		t.Fatal(err)
	}
	return at.String()
}

func admin(t testing.TB, server, statement string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}

// Tamper changes the database as somebody would who may do everything with it: past
// the program and past the guards of what is only added to, which stand again
// afterwards.
func Tamper(t testing.TB, d *db.DB, change func(tx *db.Tx)) {
	t.Helper()
	if err := d.Write(context.Background(), func(tx *db.Tx) error {
		again := unguard(tx, d)
		change(tx)
		for _, statement := range again {
			tx.Exec(statement)
		}
		return tx.Err()
	}); err != nil {
		t.Fatal(err)
	}
}

// Unguard takes the guards away for good.
func Unguard(t testing.TB, d *db.DB) {
	t.Helper()
	if err := d.Write(context.Background(), func(tx *db.Tx) error {
		unguard(tx, d)
		return tx.Err()
	}); err != nil {
		t.Fatal(err)
	}
}

// unguard takes the guards away; it returns the statements that make them anew.
func unguard(tx *db.Tx, d *db.DB) (again []string) {
	definition, on := `SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = $1 AND name = $2`, ""
	if d.Postgres() {
		definition = `SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = to_regclass($1::text) AND tgname = $2`
	}
	for _, g := range d.Guards() {
		var sql string
		if found, err := tx.One(definition, []any{g.Table, g.Name}, &sql); err != nil || !found {
			continue
		}
		if d.Postgres() {
			on = " ON " + g.Table
		}
		tx.Exec("DROP TRIGGER " + g.Name + on)
		again = append(again, sql)
	}
	return again
}

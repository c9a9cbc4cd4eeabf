// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // database/sql driver "sqlite"
)

// schema holds the migrations, one a file, forward only: NNNN_name.sql for
// both databases, or a pair NNNN_name.sqlite.sql and NNNN_name.postgres.sql.
// A few words stand for what the databases name differently, see words.
//
//go:embed schema/*.sql
var schema embed.FS

// words are what the databases have different names for.
var (
	sqliteWords = strings.NewReplacer(
		"{{id}}", "INTEGER PRIMARY KEY", // the row's own address: no second index
		"{{blob}}", "BLOB",
		"{{clustered}}", "WITHOUT ROWID", // rows lie in the order of the primary key
		"{{bytes}}", "TEXT COLLATE BINARY", // text in the order of its bytes, found by its beginning
	)
	postgresWords = strings.NewReplacer(
		"{{id}}", "BIGINT PRIMARY KEY",
		"{{blob}}", "BYTEA",
		" {{clustered}}", "",
		"{{bytes}}", `TEXT COLLATE "C"`,
	)
)

// migrations reads the files for one of the databases, "sqlite" or "postgres".
func migrations(files fs.FS, dialect string, words *strings.Replacer, lock string) ([]*goose.Migration, error) {
	names, err := fs.Glob(files, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	var list []*goose.Migration
	for _, name := range names {
		base := strings.TrimSuffix(path.Base(name), ".sql")
		if ext := path.Ext(base); ext != "" && ext != "."+dialect {
			continue
		}
		number, _, _ := strings.Cut(base, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		list = append(list, migration(version, name, words.Replace(string(text)), lock))
	}
	return list, nil
}

// migration is one file as a step. Another process may have taken it since
// goose looked, so it looks again when others must wait.
func migration(version int64, name, text, lock string) *goose.Migration {
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, lock); err != nil {
			return err
		}
		var done int
		err := tx.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*) FROM goose_db_version WHERE version_id = %d", version)).Scan(&done)
		if err != nil || done > 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}}, nil)
}

func (e *sqlite) migrate(ctx context.Context) error {
	conn, err := sql.Open("sqlite", e.path+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=synchronous("+e.sync+")")
	if err != nil {
		return err
	}
	defer conn.Close()
	return up(ctx, goose.DialectSQLite3, conn, "sqlite", sqliteWords, "SELECT 1")
}

func (e *postgres) migrate(ctx context.Context) error {
	config := e.writers.Config().ConnConfig.Copy()
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol // a file holds many statements
	conn := stdlib.OpenDB(*config)
	defer conn.Close()
	return up(ctx, goose.DialectPostgres, conn, "postgres", postgresWords, "LOCK TABLE goose_db_version IN EXCLUSIVE MODE")
}

// up takes the steps that are missing. It tries twice: goose makes its own
// table without looking out for others who do.
func up(ctx context.Context, dialect goose.Dialect, conn *sql.DB, name string, words *strings.Replacer, lock string) error {
	steps, err := migrations(schema, name, words, lock)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, conn, nil, goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		_, err = p.Up(ctx)
	}
	return err
}

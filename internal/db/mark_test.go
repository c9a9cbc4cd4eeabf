// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"errors"
	"slices"
	"testing"

	"motcua/internal/db"
	"motcua/internal/db/dbtest"
)

// A row that somebody changed, put there or gave another's mark is told, by name; what
// the program changes is not, and nothing forged is made good by a change of the
// program.
func TestMark(t *testing.T) {
	d := dbtest.Open(t)
	write := func(fn func(tx *db.Tx) error) error { return d.Write(t.Context(), fn) }
	forged := func() (list []string) {
		t.Helper()
		if err := d.VerifyMarks(t.Context(), func(where, _ string) { list = append(list, where) }); err != nil {
			t.Fatal(err)
		}
		return list
	}
	if err := write(func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO post (account, role, agency, valid_from, valid_to, remit) VALUES (1, 'clerk', 'a|b', '2026-01-01', '', '{}'), (2, 'clerk', 'a', '2026-01-01', '', '{}')`)
		tx.Mark("post", `account IN ($1, $2)`, 1, 2)
		return tx.Err()
	}); err != nil {
		t.Fatal(err)
	}
	if list := forged(); len(list) != 0 {
		t.Fatalf("the program's own: %q", list)
	}
	change := func() error {
		return write(func(tx *db.Tx) error {
			return tx.Amend("post", `account = 1`, nil, func() { tx.Exec(`UPDATE post SET valid_to = '2026-12-31' WHERE account = 1`) })
		})
	}
	if err := change(); err != nil || len(forged()) != 0 {
		t.Fatal(err, forged())
	}
	for name, x := range map[string]struct {
		sql, told string
	}{
		"changed":        {`UPDATE post SET role = 'leader' WHERE account = 1`, "post 1|leader|a|b|2026-01-01|{}"},
		"lasts longer":   {`UPDATE post SET valid_to = '' WHERE account = 1`, "post 1|clerk|a|b|2026-01-01|{}"},
		"put there":      {`INSERT INTO post (account, role, agency, valid_from, valid_to, remit) VALUES (3, 'leader', 'a', '2026-01-01', '', '{}')`, "post 3|leader|a|2026-01-01|{}"},
		"another's mark": {`INSERT INTO post (account, role, agency, valid_from, valid_to, remit, mark) SELECT 3, role, agency, valid_from, valid_to, remit, mark FROM post WHERE account = 1`, "post 3|clerk|a|b|2026-01-01|{}"},
		"no mark":        {`UPDATE post SET mark = '' WHERE account = 1`, "post 1|clerk|a|b|2026-01-01|{}"},
		"a setting":      {`INSERT INTO setting (name, body) VALUES ('key/form', 'known')`, "setting key/form"},
	} {
		undo := errors.New("undo")
		if err := write(func(tx *db.Tx) error {
			tx.Exec(x.sql)
			if tx.Err() != nil {
				return tx.Err()
			}
			var list []string
			for _, table := range []string{"post", "setting"} {
				for _, key := range tx.Forged(table, `1 = 1`) {
					list = append(list, table+" "+key)
				}
			}
			if !slices.Equal(list, []string{x.told}) {
				t.Errorf("%s: told %q", name, list)
			}
			return undo
		}); !errors.Is(err, undo) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := write(func(tx *db.Tx) error {
		tx.Exec(`UPDATE post SET role = 'leader' WHERE account = 1`)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := change(); !errors.Is(err, db.ErrForged) {
		t.Errorf("a change makes good what was forged: %v", err)
	}
	if err := write(func(tx *db.Tx) error {
		tx.Exec(`UPDATE post SET mark = '' WHERE account = 1`)
		if list := tx.Vouch(); !slices.Equal(list, []string{"post 1|leader|a|b|2026-01-01|{}"}) {
			t.Errorf("vouched for %q", list)
		}
		return tx.Err()
	}); err != nil || len(forged()) != 0 {
		t.Error(err, forged())
	}
}

// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"strings"
	"testing"

	"motcua/internal/db"
	"motcua/internal/db/dbtest"
)

// The database refuses to change and to take away what is only added to, but for
// what the program itself has to do; each guard that is gone is told.
func TestGuards(t *testing.T) {
	d := dbtest.Open(t)
	run := func(sql string) error {
		return d.Write(t.Context(), func(tx *db.Tx) error { tx.Exec(sql); return tx.Err() })
	}
	for _, sql := range []string{
		`INSERT INTO journal (chain, seq, at, kind, account, dossier, agency, flag, body, hash) VALUES (0, 1, 1, 'viewed', 1, 1, '', 0, '{}', 'x')`,
		`INSERT INTO event (dossier, seq, at, kind, actor, body) VALUES (1, 1, 1, 'x', '{}', '{}'), (2, 1, 1, 'x', '{}', '{}')`,
		`INSERT INTO tombstone (id, code, account, at, round, body) VALUES (2, 'x', 1, 1, 1, '{}')`,
		`INSERT INTO data_step (request, seq, at, body) VALUES (1, 1, 1, '{}')`,
		`INSERT INTO data_breach_entry (breach, seq, at, body) VALUES (1, 1, 1, '{}')`,
		`UPDATE event SET actor = '{"sealed": "anew"}', body = '{"sealed": "anew"}'`,
		`UPDATE tombstone SET account = 2`,
		`DELETE FROM event WHERE dossier = 2`,
	} {
		if err := run(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	refused := []string{
		`UPDATE journal SET body = '{}'`, `DELETE FROM journal WHERE seq = 1`, `DELETE FROM journal`,
		`UPDATE event SET at = 2`, `UPDATE event SET kind = 'y'`, `UPDATE event SET seq = 2`, `UPDATE event SET dossier = 2`, `DELETE FROM event WHERE dossier = 1`, `DELETE FROM event`,
		`UPDATE tombstone SET round = 2`, `UPDATE tombstone SET id = 3`, `UPDATE tombstone SET body = '{"a": 1}'`, `DELETE FROM tombstone`,
		`UPDATE data_step SET at = 2`, `DELETE FROM data_step`,
		`UPDATE data_breach_entry SET body = '{"a": 1}'`, `DELETE FROM data_breach_entry`,
	}
	if d.Postgres() {
		refused = append(refused, `TRUNCATE journal`, `TRUNCATE event`, `TRUNCATE tombstone`, `TRUNCATE data_step`, `TRUNCATE data_breach_entry`)
	}
	for _, sql := range refused {
		if err := run(sql); err == nil || !strings.Contains(err.Error(), "is only added to") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if gone := unguarded(t, d); len(gone) != 0 {
		t.Errorf("gone: %v", gone)
	}
	dbtest.Tamper(t, d, func(tx *db.Tx) { tx.Exec(`DELETE FROM journal`) })
	if gone := unguarded(t, d); len(gone) != 0 {
		t.Errorf("gone after they were put back: %v", gone)
	}
	dbtest.Unguard(t, d)
	if gone := unguarded(t, d); len(gone) != len(d.Guards()) {
		t.Errorf("gone: %v", gone)
	}
}

// A guard that is there and does not act is as good as gone.
func TestGuardsThatSleep(t *testing.T) {
	d := dbtest.Open(t)
	sleep, want := `DROP TRIGGER journal_delete`, 1
	if d.Postgres() {
		sleep, want = `ALTER TABLE journal DISABLE TRIGGER USER`, 2
	}
	if err := d.Write(t.Context(), func(tx *db.Tx) error { tx.Exec(sleep); return tx.Err() }); err != nil {
		t.Fatal(err)
	}
	if gone := unguarded(t, d); len(gone) != want || gone[0].Table != "journal" {
		t.Errorf("gone: %v", gone)
	}
}

func unguarded(t *testing.T, d *db.DB) (gone []db.Guard) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		gone, err = d.Unguarded(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return gone
}

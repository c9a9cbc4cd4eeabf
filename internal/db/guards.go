// SPDX-License-Identifier: Apache-2.0

package db

import "slices"

// guards are the triggers by which the database itself refuses to change or take away
// what is only added to, each with its table; PostgreSQL has one more.
var guards = []Guard{
	{"journal", "journal_update"}, {"journal", "journal_delete"},
	{"event", "event_update"}, {"event", "event_delete"},
	{"tombstone", "tombstone_update"}, {"tombstone", "tombstone_delete"},
	{"data_step", "data_step_update"}, {"data_step", "data_step_delete"},
	{"data_breach_entry", "data_breach_entry_update"}, {"data_breach_entry", "data_breach_entry_delete"},
	{"ledger", "ledger_update"}, {"ledger", "ledger_delete"},
	{"receipt", "receipt_update"}, {"receipt", "receipt_delete"},
	{"receipt_end", "receipt_end_update"}, {"receipt_end", "receipt_end_delete"},
}

var truncateGuard = Guard{"event", "event_truncate"}

// Guard is a trigger that guards a table.
type Guard struct{ Table, Name string }

// Guards are all of a database.
func (d *DB) Guards() []Guard {
	if d.Postgres() {
		return append(slices.Clone(guards), truncateGuard)
	}
	return slices.Clone(guards)
}

// Unguarded lists the guards that are not there any more, or do not act: somebody
// had a reason to take them away.
func (d *DB) Unguarded(tx *Tx) ([]Guard, error) {
	sql := `SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'`
	if d.Postgres() {
		sql = `SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
			WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')`
	}
	missing := d.Guards()
	for row := range tx.Query(sql) {
		var g Guard
		row.Scan(&g.Table, &g.Name)
		missing = slices.DeleteFunc(missing, func(x Guard) bool { return x == g })
	}
	return missing, tx.Err()
}

// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// marked are the tables whose rows give somebody a right, or say what holds for all:
// each row carries a mark of the site's key over these columns, the key of the table
// first. Who can write to the database but has not the key gives no right by it.
var marked = map[string]struct {
	keys int
	of   []string
}{
	"account":     {1, []string{"id", "login", "kind", "name", "password", "person", "verified", "merged", "left_at", "stopped"}},
	"post":        {5, []string{"account", "role", "agency", "valid_from", "remit", "valid_to"}},
	"absence":     {2, []string{"account", "valid_from", "valid_to", "substitute"}},
	"mandate":     {1, []string{"id", "organisation", "member", "role", "valid_from", "valid_to", "basis", "given_by", "given_at", "ended_by", "ended_at"}},
	"token":       {1, []string{"hash", "account", "scopes", "level", "created_at", "expires_at"}},
	"factor":      {1, []string{"id", "account", "kind", "CASE WHEN kind = 'totp' THEN '' ELSE body END", "step", "used_at"}}, // a generator's key lies sealed for its place
	"linked":      {2, []string{"provider", "subject", "account"}},
	"readmission": {1, []string{"account", "first", "second", "asked_by", "asked_at", "vouched_by"}},
	"session":     {1, []string{"hash", "id", "account", "level", "acting", "provider", "created_at", "expires_at"}},
	"agency":      {2, []string{"id", "valid_from", "rank", "body"}},
	"calendar":    {1, []string{"number", "body"}},
	"setting":     {1, []string{"name", "body"}},
	"reconciled":  {2, []string{"way", "day", "open", "body"}},
	"refund":      {1, []string{"id", "code", "agency", "ref", "way", "amount", "at", "paid_at", "body"}},
	"outage":      {1, []string{"id", "body"}},
	"round":       {1, []string{"id", "agency", "what", "year", "opened_at", "approved_at", "carry_at", "done_at", "body"}},
}

// ErrForged is a row that this site did not write so.
var ErrForged = errors.New("db: a row was changed past the program (motcua verify)")

// Mark marks the rows of a table that meet a condition as written by the site. A row
// that was there is changed by Amend, so that nothing forged is made good.
func (tx *Tx) Mark(table, where string, args ...any) {
	var list []markedRow
	tx.eachMarked(table, where, args, func(r markedRow) {
		if r.mark != r.want {
			list = append(list, r)
		}
	})
	// The condition finds the rows by its index, the key as text is the row among them.
	t, n := marked[table], len(args)
	match := "(" + where + ")"
	for i, c := range t.of[:t.keys] {
		match += fmt.Sprintf(" AND CAST(%s AS TEXT) = $%d", c, n+1+i)
	}
	for _, r := range list {
		values := slices.Clone(args)
		for _, k := range r.key {
			values = append(values, k)
		}
		tx.ExecOne(fmt.Sprintf(`UPDATE %s SET mark = $%d WHERE %s`, table, n+1+t.keys, match), append(values, r.want)...)
	}
}

// Amend changes rows that meet a condition, which must be as the site wrote them, and
// marks those that meet it afterwards.
func (tx *Tx) Amend(table, where string, args []any, change func()) error {
	if err := tx.Proved(table, where, args...); err != nil {
		return err
	}
	change()
	tx.Mark(table, where, args...)
	return tx.err
}

// Proved fails the transaction with ErrForged if a row that meets a condition is not
// as the site wrote it.
func (tx *Tx) Proved(table, where string, args ...any) error {
	if forged := tx.Forged(table, where, args...); len(forged) > 0 {
		tx.fail(fmt.Errorf("%s %s: %w", table, forged[0], ErrForged))
	}
	return tx.err
}

// Forged lists the rows that meet a condition and are not as the site wrote them, by
// their keys joined with "|".
func (tx *Tx) Forged(table, where string, args ...any) []string {
	var list []string
	tx.eachMarked(table, where, args, func(r markedRow) {
		if subtle.ConstantTimeCompare([]byte(r.mark), []byte(r.want)) != 1 {
			list = append(list, strings.Join(r.key, keySeparator))
		}
	})
	return list
}

const keySeparator = "|"

// RowKey is how Forged names a row with these values in its key.
func RowKey(values ...any) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = fmt.Sprint(v)
	}
	return strings.Join(list, keySeparator)
}

type markedRow struct {
	key        []string
	mark, want string
}

func (tx *Tx) eachMarked(table, where string, args []any, each func(markedRow)) {
	t := marked[table]
	cast := make([]string, len(t.of))
	for i, c := range t.of {
		cast[i] = "CAST(" + c + " AS TEXT)"
	}
	for row := range tx.Query(`SELECT `+strings.Join(cast, ", ")+`, mark FROM `+table+` WHERE `+where, args...) {
		values := make([]string, len(t.of))
		into := make([]any, len(t.of)+1)
		for i := range values {
			into[i] = &values[i]
		}
		var r markedRow
		into[len(values)] = &r.mark
		row.Scan(into...)
		text, _ := json.Marshal(values) // texts have one way to be written
		r.key, r.want = values[:t.keys], tx.vault.Digest("mark/"+table, string(text))
		each(r)
	}
}

// VerifyMarks tells of each row that gives a right or says what holds for all, and
// that the site did not write so.
func (d *DB) VerifyMarks(ctx context.Context, wrong func(where, detail string)) error {
	return d.Read(ctx, func(tx *Tx) error {
		for _, table := range slices.Sorted(maps.Keys(marked)) {
			for _, key := range tx.Forged(table, "1 = 1") {
				wrong(table+" "+key, "is not as this site wrote it")
			}
		}
		return tx.Err()
	})
}

// Vouch marks every row that has no mark at all, as one written before rows had marks
// or mended by hand, and lists them: who calls it answers for them.
func (tx *Tx) Vouch() []string {
	var list []string
	for _, table := range slices.Sorted(maps.Keys(marked)) {
		for _, key := range tx.Forged(table, `mark = ''`) {
			list = append(list, table+" "+key)
		}
		tx.Mark(table, `mark = ''`)
	}
	return list
}

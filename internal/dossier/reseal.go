// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"
	"math"
	"strings"

	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/vault"
)

// column is a column of which texts lie sealed.
type column struct {
	table, name string
	keys        []string
	place       string // format of the place, of the keys
	named       bool   // the key is a text
	always      bool   // every text lies sealed, but empty ones
	only        string // condition on the rows, if not all
}

// columns are all of them.
var columns = []column{
	{table: "draft", name: "body", keys: []string{"id"}, place: "draft/%v", named: true, always: true},
	{table: "invitation", name: "body", keys: []string{"id"}, place: "invitation/%v", named: true, always: true},
	{table: "note", name: "body", keys: []string{"account", "dossier"}, place: "note/%v/%v", always: true},
	{table: "batch", name: "params", keys: []string{"id"}, place: "batch/%v", always: true},
	{table: "batch_item", name: "refused", keys: []string{"batch", "n"}, place: "item/%v/%v", always: true},
	{table: "factor", name: "body", keys: []string{"id"}, place: "factor/%v", always: true, only: ` AND kind = 'totp'`},
	{table: "errand", name: "body", keys: []string{"hash"}, place: "errand/%v", named: true, always: true}, // place: see identity
	{table: "dossier", name: "body", keys: []string{"id"}, place: "dossier/%v"},
	{table: "dossier", name: "applicant", keys: []string{"id"}, place: "applicant/%v"},
	{table: "event", name: "body", keys: []string{"dossier", "seq"}, place: "event/%v/%v"},
	{table: "event", name: "actor", keys: []string{"dossier", "seq"}, place: "actor/%v/%v"},
}

// text is a text of a column.
type text struct {
	keys  []any
	place string
	kept  string
}

// resealBatch is how many texts are sealed anew in one transaction.
const resealBatch = 200

// page reads texts that meet a condition on the column ($1, $2), behind the keys of
// one; nil is the front.
func (c *column) page(tx *db.Tx, where string, args []any, after []any) ([]text, error) {
	if after == nil {
		after = []any{int64(math.MinInt64), int64(math.MinInt64)}[:len(c.keys)]
		if c.named {
			after = []any{""}
		}
	}
	q := query{args: args}
	keys, marks := strings.Join(c.keys, ", "), make([]string, len(after))
	for i, k := range after {
		marks[i] = q.arg(k)
	}
	sql := fmt.Sprintf(`SELECT %[1]s, %[2]s FROM %[3]s WHERE (%[1]s) > (%[4]s) AND %[2]s <> ''%[5]s ORDER BY %[1]s LIMIT %[6]d`, keys, c.name, c.table, strings.Join(marks, ", "), c.only+where, resealBatch)
	var list []text
	for row := range tx.Query(sql, q.args...) {
		var id string
		var n [2]int64
		t := text{}
		switch {
		case c.named:
			row.Scan(&id, &t.kept)
			t.keys = []any{id}
		case len(c.keys) == 1:
			row.Scan(&n[0], &t.kept)
			t.keys = []any{n[0]}
		default:
			row.Scan(&n[0], &n[1], &t.kept)
			t.keys = []any{n[0], n[1]}
		}
		t.place = fmt.Sprintf(c.place, t.keys...)
		list = append(list, t)
	}
	return list, tx.Err()
}

// old is the condition on texts that are sealed with a key that does not seal any
// more; with always, on those too that lie open.
func (c *column) old(tx *db.Tx) (string, []any) {
	now := tx.Vault().Prefix() + "%"
	if c.always {
		return ` AND ` + c.name + ` NOT LIKE $1`, []any{now}
	}
	return fmt.Sprintf(` AND (%[1]s LIKE $1 AND %[1]s NOT LIKE $2 OR %[1]s LIKE $3 AND %[1]s NOT LIKE $4)`, c.name),
		[]any{vault.Mark + "%", now, laidOpen + vault.Mark + "%", laidOpen + now}
}

// Reseal seals anew, with the key that seals now, what is sealed with another, and
// what lies open and should not, dossiers and files; dossiers are worked on
// meanwhile. It can be stopped and called again. done is told of how much is done.
func (b *Book) Reseal(ctx context.Context, done func(n int64)) error {
	var n int64
	for i := range columns {
		c := &columns[i]
		var after []any
		for {
			var list []text
			if err := b.DB.Write(ctx, func(tx *db.Tx) (err error) {
				where, args := c.old(tx)
				if list, err = c.page(tx, where, args, after); err != nil {
					return err
				}
				for _, t := range list {
					if err := c.reseal(tx, t); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				return err
			}
			if len(list) == 0 {
				break
			}
			after, n = list[len(list)-1].keys, n+int64(len(list))
			done(n)
		}
	}
	if err := b.sealLying(ctx); err != nil {
		return err
	}
	return document.Reseal(ctx, b.DB, func(files int64) { done(n + files) })
}

// reseal seals one text anew, unless it was written anew meanwhile.
func (c *column) reseal(tx *db.Tx, t text) error {
	before := ""
	if strings.HasPrefix(t.kept, laidOpen+vault.Mark) {
		before = laidOpen
	}
	plain, err := tx.Vault().OpenText(t.place, strings.TrimPrefix(t.kept, before))
	if err != nil {
		return err
	}
	sealed, err := tx.Vault().SealText(t.place, plain)
	if err != nil {
		return err
	}
	q := query{args: []any{before + sealed, t.kept}}
	sql := fmt.Sprintf(`UPDATE %s SET %[2]s = $1 WHERE %[2]s = $2`, c.table, c.name)
	for i, k := range t.keys {
		sql += fmt.Sprintf(` AND %s = %s`, c.keys[i], q.arg(k))
	}
	tx.Exec(sql, q.args...)
	return tx.Err()
}

// sealLying seals what lies open from before it was sealed: dossiers of restricted
// access, and the numbers of who was invited.
func (b *Book) sealLying(ctx context.Context) error {
	for after := int64(0); ; {
		var ids []int64
		if err := b.DB.Write(ctx, func(tx *db.Tx) error {
			ids = nil
			states := map[int64]string{}
			for row := range tx.Query(`SELECT id, body FROM dossier WHERE restricted = 1 AND body LIKE '{%' AND id > $1 ORDER BY id LIMIT 100`, after) {
				var id int64
				var body string
				row.Scan(&id, &body)
				ids, states[id] = append(ids, id), body
			}
			for _, id := range ids {
				if err := sealWhole(tx, id, states[id]); err != nil {
					return err
				}
			}
			return tx.Err()
		}); err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
	}
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		numbers := map[string]string{}
		for row := range tx.Query(`SELECT id, id_number FROM invitation WHERE id_number NOT LIKE '~%'`) {
			var id, number string
			row.Scan(&id, &number)
			numbers[id] = number
		}
		for id, number := range numbers {
			tx.Exec(`UPDATE invitation SET id_number = $1 WHERE id = $2`, digestKey(tx, "number", number), id)
		}
		return tx.Err()
	})
}

func sealWhole(tx *db.Tx, id int64, body string) error {
	s, err := readState(tx, id, body)
	if err != nil {
		return err
	}
	sealed, err := s.kept(tx)
	if err != nil {
		return err
	}
	applicant, key, number, err := s.whose(tx)
	if err != nil {
		return err
	}
	tx.Exec(`UPDATE dossier SET body = $1, applicant = $2, name_key = $3, id_number = $4 WHERE id = $5`, sealed, applicant, key, number, id)
	return sealPast(tx, id)
}

// Unrenewed tells how many texts, pieces and files are not sealed with the key that
// seals now: as long as there are any, the other keys must not be retired.
func (b *Book) Unrenewed(ctx context.Context) (int64, error) {
	var sum int64
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if sum, err = document.Unrenewed(tx); err != nil {
			return err
		}
		for i := range columns {
			c := &columns[i]
			where, args := c.old(tx)
			var n int64
			if _, err := tx.One(`SELECT COUNT(*) FROM `+c.table+` WHERE `+c.name+` <> ''`+c.only+where, args, &n); err != nil {
				return err
			}
			sum += n
		}
		return nil
	})
	return sum, err
}

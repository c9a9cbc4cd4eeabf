// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"encoding/json"

	"motcua/internal/db"
)

// SignUp makes a citizen's account of the site itself; a login that exists is
// refused (Conflict), a short password too (Invalid).
func (r *Register) SignUp(ctx context.Context, login, password string, p Person) error {
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := Enrol(tx, Account{Login: login, Name: p.Name, Person: p}, hash, r.Now())
		return err
	})
}

// SavePerson keeps what an account knows of its holder, and names it so.
func (r *Register) SavePerson(ctx context.Context, id int64, p Person) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		tx.ExecOne(`UPDATE account SET name = $1, person = $2 WHERE id = $3`, p.Name, string(body), id)
		return nil
	})
	r.cache.Range(func(name, c any) bool {
		if c.(cached).account.ID == id {
			r.cache.Delete(name)
		}
		return true
	})
	return err
}

// SiteKey returns a secret of the site by its name, made when it is first asked
// for: every process of the site gets the same.
func SiteKey(ctx context.Context, d *db.DB, name string) ([]byte, error) {
	fresh, kept := randomSecret(), ""
	err := d.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO setting (name, body) VALUES ($1, $2) ON CONFLICT DO NOTHING`, "key/"+name, fresh)
		_, err := tx.One(`SELECT body FROM setting WHERE name = $1`, []any{"key/" + name}, &kept)
		return err
	})
	return []byte(kept), err
}

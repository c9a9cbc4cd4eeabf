// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"encoding/json"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// SignUp makes a citizen's account of the site itself; a login that exists is
// refused (Conflict), a short password too (Invalid).
func (r *Register) SignUp(ctx context.Context, login, password string, p Person) error {
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		id, err := Enrol(tx, Account{Login: login, Name: p.Name, Person: p}, hash, r.Now())
		if err != nil {
			return err
		}
		return r.note(tx, id, id, audit.Account, "made")
	})
}

// SavePerson keeps what an account knows of its holder, and names it so. What was
// proved of them does not change by being typed (Invalid).
func (r *Register) SavePerson(ctx context.Context, id int64, p Person) error {
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		inTurn(tx, id)
		a, _, err := findID(tx, id)
		if err != nil {
			return err
		}
		before := a.Person
		if p.Verified = before.Verified; p.Verified {
			var wrong []refusal.Field
			for _, x := range []struct{ pointer, now, proved string }{{"/name", p.Name, before.Name}, {"/id_number", p.IDNumber, before.IDNumber}, {"/birth_date", p.BirthDate, before.BirthDate}} {
				if x.now != x.proved {
					wrong = append(wrong, refusal.At(x.pointer, "identity.person.verified"))
				}
			}
			if err := refusal.Fields("request.invalid", wrong); err != nil {
				return err
			}
		}
		body, err := json.Marshal(p)
		if err != nil {
			return err
		}
		amend(tx, id, func() {
			tx.ExecOne(`UPDATE account SET name = $1, person = $2 WHERE id = $3`, p.Name, string(body), id)
		})
		return r.note(tx, id, id, audit.Account, "changed")
	})
	r.forget(id)
	return err
}

// amend changes the row of an account; the transaction fails if it is not as the site
// wrote it (db.ErrForged).
func amend(tx *db.Tx, id int64, change func()) {
	_ = tx.Amend("account", `id = $1`, []any{id}, change) // the transaction's error
}

// FindVerified returns the account of the person with a number that was proved
// to be theirs; ok is false if there is none.
func FindVerified(tx *db.Tx, number string) (id int64, ok bool, err error) {
	if number == "" {
		return 0, false, nil
	}
	ok, err = tx.One(`SELECT id FROM account WHERE verified = $1 AND kind = 'citizen' ORDER BY id LIMIT 1`, []any{number}, &id)
	return id, ok, err
}

// CheckPassword refuses (Invalid) a password that is not the account's.
func (r *Register) CheckPassword(ctx context.Context, id int64, password string) error {
	var hash string
	if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		_, hash, err = findID(tx, id)
		return err
	}); err != nil {
		return err
	}
	if right, err := checkPassword(ctx, 0, hash, password); err != nil {
		return err
	} else if !right {
		return refusal.New(refusal.Invalid, "identity.sign_in.wrong")
	}
	return nil
}

// ChangePassword gives an account another password and ends its sessions but
// the one that secret opens. Tokens of programs stay.
func (r *Register) ChangePassword(ctx context.Context, id int64, password, secret string) error {
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		amend(tx, id, func() { tx.ExecOne(`UPDATE account SET password = $1 WHERE id = $2`, hash, id) })
		tx.Exec(`DELETE FROM session WHERE account = $1 AND hash <> $2`, id, digest(secret))
		return r.note(tx, id, id, audit.Account, "password")
	})
	r.forget(id)
	return err
}

// forget drops what is remembered of an account.
func (r *Register) forget(id int64) {
	r.cache.Range(func(name, c any) bool {
		if c.(cached).account.ID == id {
			r.cache.Delete(name)
		}
		return true
	})
}

// SiteKey returns a secret of the site by its name, made when it is first asked
// for: every process of the site gets the same.
func SiteKey(ctx context.Context, d *db.DB, name string) ([]byte, error) {
	fresh, kept := randomSecret(), ""
	err := d.Write(ctx, func(tx *db.Tx) error {
		name := "key/" + name
		return tx.Amend("setting", `name = $1`, []any{name}, func() {
			tx.Exec(`INSERT INTO setting (name, body) VALUES ($1, $2) ON CONFLICT DO NOTHING`, name, fresh)
			_, _ = tx.One(`SELECT body FROM setting WHERE name = $1`, []any{name}, &kept) // the transaction's error
		})
	})
	return []byte(kept), err
}

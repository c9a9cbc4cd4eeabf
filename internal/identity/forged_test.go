// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"errors"
	"testing"
	"time"

	"motcua/internal/db"
	"motcua/internal/identity"
	"motcua/internal/refusal"
)

// Who can write to the database but has not the site's key comes in nowhere by it.
func TestForgedRights(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	sql := func(r *identity.Register, statements ...string) {
		t.Helper()
		if err := r.DB.Write(t.Context(), func(tx *db.Tx) error {
			for _, s := range statements {
				tx.Exec(s)
			}
			return tx.Err()
		}); err != nil {
			t.Fatal(err)
		}
	}
	begin := func() (r *identity.Register, lan string) {
		r = register(t, &now)
		if err := r.SignUp(t.Context(), "lan", password, identity.Person{Kind: "citizen", Name: "Trần Thị Lan"}); err != nil {
			t.Fatal(err)
		}
		_, secret, err := r.SignIn(t.Context(), "lan", password, identity.From{})
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute) // nothing is remembered
		return r, secret
	}
	shut := func(name string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s opens", name)
		}
	}

	r, lan := begin()
	sql(r, `UPDATE session SET account = (SELECT id FROM account WHERE login = 'mai')`)
	_, err := r.Session(t.Context(), lan)
	shut("a session turned to another's account", err)

	r, lan = begin()
	sql(r, `UPDATE session SET level = 3`)
	_, err = r.Session(t.Context(), lan)
	shut("a session raised", err)
	_, _, err = r.Enlist(t.Context(), lan, "máy", "x", "000000")
	shut("a second factor on it", err)

	r, _ = begin()
	sql(r, `UPDATE account SET password = (SELECT password FROM account WHERE login = 'lan') WHERE login = 'mai'`)
	_, _, err = r.SignIn(t.Context(), "mai", password, identity.From{})
	if !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("another password: %v", err)
	}

	r, _ = begin()
	sql(r, `UPDATE account SET kind = 'officer' WHERE login = 'lan'`)
	_, _, err = r.SignIn(t.Context(), "lan", password, identity.From{})
	shut("an account made an officer's", err)

	r, _ = begin()
	token, err := r.CreateToken(t.Context(), "lan", []string{"read"}, identity.Single, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	sql(r, `UPDATE token SET scopes = 'read file handle'`)
	_, _, err = r.Token(t.Context(), token)
	shut("a token of more scopes", err)

	r, lan = begin()
	founder, err := r.Session(t.Context(), lan)
	if err != nil {
		t.Fatal(err)
	}
	firm, err := r.Found(t.Context(), founder.ID, identity.Person{Kind: "organisation", Name: "Công ty An", IDNumber: "0312345678"}, "giấy")
	if err != nil {
		t.Fatal(err)
	}
	_, mai, err := r.SignIn(t.Context(), "mai", password, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	sql(r, `INSERT INTO mandate (id, organisation, member, role, valid_from, valid_to, basis, given_by, given_at, ended_by, ended_at, mark)
		SELECT 9, organisation, (SELECT id FROM account WHERE login = 'mai'), role, valid_from, valid_to, basis, given_by, given_at, ended_by, ended_at, mark FROM mandate`)
	shut("a mandate put there", r.ActFor(t.Context(), mai, firm))
	if list, err := r.Members(t.Context(), firm); err != nil || len(list) != 1 {
		t.Error(list, err)
	}

	r, _ = begin()
	enlisted(t, r, now)
	sql(r, `UPDATE factor SET account = (SELECT id FROM account WHERE login = 'lan')`)
	_, _, err = r.SignIn(t.Context(), "lan", password, identity.From{})
	if !errors.Is(err, db.ErrForged) {
		t.Errorf("another's second factor: %v", err)
	}
}

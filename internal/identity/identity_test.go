// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/identity"
	"motcua/internal/refusal"
)

// password is of the account that register makes.
const password = "mật khẩu dài của Mai"

func register(t *testing.T, now *time.Time) *identity.Register {
	t.Helper()
	r := &identity.Register{DB: dbtest.Open(t), Now: func() time.Time { return *now }}
	if err := r.SignUp(t.Context(), "mai", "mật khẩu dài của Mai", identity.Person{Kind: "citizen", Name: "Lê Thị Mai"}); err != nil {
		t.Fatal(err)
	}
	return r
}

// A sign-in needs the right password, lasts for its time and ends when one signs out.
func TestSignIn(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	for login, password := range map[string]string{"mai": "mật khẩu", "lan": "mật khẩu dài của Mai", "": ""} {
		if _, _, err := r.SignIn(t.Context(), login, password, identity.From{}); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%q with %q: %v", login, password, err)
		}
	}
	account, secret, err := r.SignIn(t.Context(), "mai", "mật khẩu dài của Mai", identity.From{})
	if err != nil || account.Name != "Lê Thị Mai" {
		t.Fatal(account, err)
	}
	if a, err := r.Session(t.Context(), secret); err != nil || a.ID != account.ID {
		t.Error(a, err)
	}
	now = now.Add(identity.SessionFor + time.Minute)
	if _, err := r.Session(t.Context(), secret); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("a session never ends: %v", err)
	}
	if _, secret, err = r.SignIn(t.Context(), "mai", "mật khẩu dài của Mai", identity.From{}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SignOut(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(t.Context(), secret); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("signed out and still in: %v", err)
	}
}

func TestSignUpRefuses(t *testing.T) {
	now := time.Now()
	r := register(t, &now)
	if err := r.SignUp(t.Context(), "mai", "một mật khẩu khác", identity.Person{}); !refusal.Is(err, refusal.Conflict) {
		t.Errorf("a login twice: %v", err)
	}
	if err := r.SignUp(t.Context(), "lan", "ngắn", identity.Person{}); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("a short password: %v", err)
	}
}

// What an account knows of its holder is changed at once for this process.
func TestSavePerson(t *testing.T) {
	now := time.Now()
	r := register(t, &now)
	account, secret, err := r.SignIn(t.Context(), "mai", "mật khẩu dài của Mai", identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if err := r.SavePerson(t.Context(), account.ID, identity.Person{Kind: "citizen", Name: "Lê Thị Thanh Mai"}); err != nil {
		t.Fatal(err)
	}
	if a, err := r.Session(t.Context(), secret); err != nil || a.Name != "Lê Thị Thanh Mai" {
		t.Error(a.Name, err)
	}
}

// Another password ends all sessions but the one that asked for it.
func TestChangePassword(t *testing.T) {
	now := time.Now()
	r := register(t, &now)
	const old, fresh = "mật khẩu dài của Mai", "một mật khẩu khác"
	account, here, err := r.SignIn(t.Context(), "mai", old, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	_, there, err := r.SignIn(t.Context(), "mai", old, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(t.Context(), there); err != nil {
		t.Fatal(err)
	}
	if err := r.ChangePassword(t.Context(), account.ID, "ngắn ạ", here); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("a short password: %v", err)
	}
	if err := r.ChangePassword(t.Context(), account.ID, fresh, here); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(t.Context(), here); err != nil {
		t.Errorf("the session that asked has ended: %v", err)
	}
	if _, err := r.Session(t.Context(), there); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("the other session goes on: %v", err)
	}
	if err := r.CheckPassword(t.Context(), account.ID, old); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("the old password holds: %v", err)
	}
	if _, _, err := r.SignIn(t.Context(), "mai", fresh, identity.From{}); err != nil {
		t.Error(err)
	}
}

// A token opens its account until it expires; scopes that are none are refused.
func TestTokens(t *testing.T) {
	now := time.Now()
	r := register(t, &now)
	token, err := r.CreateToken(t.Context(), "mai", []string{"read"}, identity.Double, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if a, scopes, err := r.Token(t.Context(), token); err != nil || a.Login != "mai" || len(scopes) != 1 || scopes[0] != "read" {
		t.Error(a, scopes, err)
	}
	if _, _, err := r.Token(t.Context(), token+"x"); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("a wrong token: %v", err)
	}
	if _, err := r.CreateToken(t.Context(), "mai", []string{"rule"}, identity.Double, time.Hour); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("an unknown scope: %v", err)
	}
	if _, err := r.CreateToken(t.Context(), "nobody", nil, identity.Double, time.Hour); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("an unknown login: %v", err)
	}
	now = now.Add(2 * time.Hour)
	if _, _, err := r.Token(t.Context(), token); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("a token never ends: %v", err)
	}
}

// What is changed of an account at the same moment is all kept: no use that somebody
// had stopped goes on, no correction is lost.
func TestChangesOfAnAccountAtOnce(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	mai, err := r.FindLogin(t.Context(), "mai")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		phone, email := fmt.Sprintf("09050000%02d", n), fmt.Sprintf("mai%d@example.vn", n)
		var all sync.WaitGroup
		for _, change := range []func(tx *db.Tx) error{
			func(tx *db.Tx) error { return identity.Stop(tx, mai.ID, identity.UsePrefill) },
			func(tx *db.Tx) error { return identity.Stop(tx, mai.ID, identity.UseRemind) },
			func(tx *db.Tx) error { return identity.CorrectFact(tx, mai.ID, "phone", phone) },
			func(tx *db.Tx) error { return identity.CorrectFact(tx, mai.ID, "email", email) },
		} {
			all.Go(func() {
				if err := r.DB.Write(t.Context(), change); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		r.Forget(mai.ID)
		a, err := r.Find(t.Context(), mai.ID)
		if err != nil || !a.Stops(identity.UsePrefill) || !a.Stops(identity.UseRemind) || a.Person.Phone != phone || a.Person.Email != email {
			t.Fatalf("%d: %v %+v %v", n, a.Stopped, a.Person, err)
		}
		if err := r.DB.Write(t.Context(), func(tx *db.Tx) error { return identity.Stop(tx, mai.ID) }); err != nil {
			t.Fatal(err)
		}
	}
}

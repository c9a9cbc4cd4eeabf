// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"motcua/internal/db"
	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/vault"
)

// code is what a generator with this key shows at an instant.
func code(t *testing.T, key string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(key, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// enlisted signs in and adds a code generator.
func enlisted(t *testing.T, r *identity.Register, now time.Time) (key, secret string, codes []string) {
	t.Helper()
	_, secret, err := r.SignIn(t.Context(), "mai", password, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	key, _, err = identity.NewKey("Một Cửa", "mai")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Enlist(t.Context(), secret, "Điện thoại", key, "000000"); !refusal.Is(err, refusal.Invalid) {
		t.Fatalf("a generator that does not work was added: %v", err)
	}
	fresh, codes, err := r.Enlist(t.Context(), secret, "Điện thoại", key, code(t, key, now))
	if err != nil || len(codes) != 10 {
		t.Fatal(codes, err)
	}
	if _, err := r.Session(t.Context(), secret); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("the secret of before the second factor still opens: %v", err)
	}
	if a, err := r.Session(t.Context(), fresh); err != nil || a.Level != identity.Double {
		t.Error(a.Level, err)
	}
	return key, fresh, codes
}

// Who has a second factor gets in with it only, and each code opens once.
func TestSecondFactor(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	key, _, codes := enlisted(t, r, now)
	half := func() string {
		t.Helper()
		a, secret, err := r.SignIn(t.Context(), "mai", password, identity.From{})
		if err != nil || a.Level != identity.Half {
			t.Fatal(a.Level, err)
		}
		if _, err := r.Session(t.Context(), secret); !refusal.Is(err, refusal.NotSignedIn) {
			t.Fatalf("a password alone opens: %v", err)
		}
		return secret
	}
	secret := half()
	for _, wrong := range []string{"", "123456", code(t, key, now), code(t, key, now.Add(-5*time.Minute)), code(t, key, now.Add(5*time.Minute)), codes[0][1:]} {
		if _, err := r.Confirm(t.Context(), secret, wrong); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%q, used, old, of the future or none: %v", wrong, err)
		}
	}
	now = now.Add(time.Minute)
	spaced := code(t, key, now)
	fresh, err := r.Confirm(t.Context(), secret, spaced[:3]+" "+spaced[3:])
	if err != nil {
		t.Fatal(err)
	}
	if a, err := r.Session(t.Context(), fresh); err != nil || a.Level != identity.Double {
		t.Error(a.Level, err)
	}
	if _, err := r.Confirm(t.Context(), fresh, code(t, key, now.Add(time.Minute))); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("a session was raised twice: %v", err)
	}
	if _, err := r.Confirm(t.Context(), half(), codes[3]); err != nil {
		t.Errorf("a recovery code: %v", err)
	}
	if _, err := r.Confirm(t.Context(), half(), codes[3]); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("a recovery code twice: %v", err)
	}
	secret = half()
	now = now.Add(11 * time.Minute)
	if _, err := r.Confirm(t.Context(), secret, code(t, key, now)); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("half a sign-in waits for ever: %v", err)
	}
}

// Recovery codes are made anew, and generators taken away, against a code only;
// an officer who needs a second factor keeps one.
func TestFactorsKept(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	key, secret, old := enlisted(t, r, now)
	a, err := r.Session(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Recovery(t.Context(), a.ID, "000000"); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("recovery codes for nothing: %v", err)
	}
	now = now.Add(time.Minute)
	fresh, err := r.Recovery(t.Context(), a.ID, code(t, key, now))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Recovery(t.Context(), a.ID, old[0]); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("an old recovery code still opens: %v", err)
	}
	list, n, err := r.Factors(t.Context(), a.ID)
	if err != nil || len(list) != 1 || n != len(fresh) || list[0].Name != "Điện thoại" {
		t.Fatal(list, n, err)
	}
	if err := r.Delist(t.Context(), a.ID, list[0].ID, "000000"); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("taken away for nothing: %v", err)
	}
	if err := r.Delist(t.Context(), a.ID, list[0].ID, fresh[0]); err != nil {
		t.Fatal(err)
	}
	if a, _, err := r.SignIn(t.Context(), "mai", password, identity.From{}); err != nil || a.Level != identity.Single {
		t.Errorf("after the last generator is gone: %v, %v", a.Level, err)
	}
}

// A stolen browser that is signed in by password cannot put its own generator
// beside the owner's.
func TestEnlistNeedsTheOther(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	_, stolen, err := r.SignIn(t.Context(), "mai", password, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	enlisted(t, r, now)
	key, _, _ := identity.NewKey("Một Cửa", "mai")
	if _, _, err := r.Enlist(t.Context(), stolen, "", key, code(t, key, now)); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("added from a session without the second factor: %v", err)
	}
}

// The key of a generator does not lie open: who has a copy of the database makes no codes.
func TestGeneratorLiesSealed(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	key, _, _ := enlisted(t, r, now)
	var body string
	if err := r.DB.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT body FROM factor WHERE kind = 'totp'`, nil, &body)
		return err
	}); err != nil || !vault.Sealed(body) || strings.Contains(body, key) {
		t.Errorf("it lies as %q, %v", body, err)
	}
}

// What somebody had typed goes along to a provider and back; on the way it lies sealed,
// as a draft does.
func TestErrandLiesSealed(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	if _, _, err := r.AskPasskey(t.Context(), here); err != nil {
		t.Fatal(err)
	}
	var body string
	if err := r.DB.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT body FROM errand`, nil, &body)
		return err
	}); err != nil || !vault.Sealed(body) {
		t.Errorf("it lies as %q, %v", body, err)
	}
}

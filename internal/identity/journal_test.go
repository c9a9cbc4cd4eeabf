// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/identity"
)

// What is done with accounts is in the journal: who came in and how, who was kept
// out, what was added and taken away. No password, code or secret is.
func TestAccountsAreJournalled(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	_, _, _ = r.SignIn(t.Context(), "mai", "sai mật khẩu", identity.From{Address: "192.0.2.9"})
	key, secret, codes := enlisted(t, r, now)
	_, half, err := r.SignIn(t.Context(), "mai", password, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = r.Confirm(t.Context(), half, "000000")
	if _, err := r.Confirm(t.Context(), half, codes[0]); err != nil {
		t.Fatal(err)
	}
	a, err := r.Session(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.ChangePassword(t.Context(), a.ID, "một mật khẩu khác", secret); err != nil {
		t.Fatal(err)
	}
	token, err := r.CreateToken(t.Context(), "mai", []string{"read"}, identity.Single, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.SignOut(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	var kinds, text []string
	if err := r.DB.Read(t.Context(), func(tx *db.Tx) error {
		kinds, text = nil, nil
		return audit.Walk(tx, [audit.Chains]int64{}, func(l audit.Line) bool {
			kinds, text = append(kinds, string(l.Kind)), append(text, l.Body)
			return true
		})
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []audit.Kind{audit.Account, audit.SignRefuse, audit.SignedIn, audit.Factor, audit.Token, audit.SignedOut} {
		if !slices.Contains(kinds, string(want)) {
			t.Errorf("no line of %s: %v", want, kinds)
		}
	}
	all := strings.Join(text, "\n")
	if !strings.Contains(all, "192.0.2.9") {
		t.Error("not whence a wrong password came")
	}
	for _, never := range []string{password, "sai mật khẩu", "một mật khẩu khác", key, secret, half, token, codes[0], "000000"} {
		if strings.Contains(all, never) {
			t.Errorf("the journal says %q", never)
		}
	}
}

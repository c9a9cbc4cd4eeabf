// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"strings"
	"testing"
	"time"

	"motcua/internal/identity"
	"motcua/internal/refusal"
)

// A session ends when nothing is done in it, and goes on while something is.
func TestIdle(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	_, secret, err := r.SignIn(t.Context(), "mai", password, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		now = now.Add(identity.IdleFor - time.Minute)
		if _, err := r.Session(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(identity.IdleFor + time.Minute)
	if _, err := r.Session(t.Context(), secret); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("not used for %s and still open: %v", identity.IdleFor, err)
	}
}

// Somebody sees where they are signed in, and ends what is not theirs to see.
func TestSessions(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	open := func(device string) (identity.Account, string) {
		t.Helper()
		a, secret, err := r.SignIn(t.Context(), "mai", password, identity.From{Device: device, Address: "192.0.2.7"})
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
		return a, secret
	}
	a, here := open("Điện thoại " + strings.Repeat("ộ", 300))
	_, there := open("Máy ở quán")
	_, third := open("")
	list, err := r.Sessions(t.Context(), a.ID, here)
	if err != nil || len(list) != 3 || !list[2].Current || list[0].Current || list[1].Device != "Máy ở quán" || list[0].Address != "192.0.2.7" || len(list[2].Device) > 200 {
		t.Fatalf("%+v %v", list, err)
	}
	if err := r.EndSession(t.Context(), a.ID+1, list[1].ID, here); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(t.Context(), there); err != nil {
		t.Errorf("a stranger ended it: %v", err)
	}
	if err := r.EndSession(t.Context(), a.ID, list[1].ID, here); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(t.Context(), there); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("ended and still open: %v", err)
	}
	if err := r.EndSession(t.Context(), a.ID, 0, here); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(t.Context(), third); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("all ended but one still open: %v", err)
	}
	if _, err := r.Session(t.Context(), here); err != nil {
		t.Error(err)
	}
}

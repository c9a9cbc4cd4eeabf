// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"slices"
	"testing"
	"time"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/identity"
	"motcua/internal/refusal"
)

// A wrong password, a login that is none and one that signs in elsewhere take the
// same work – one hash, one line in the journal – and are answered the same: who
// tries logins learns of none.
func TestUnknownLoginsTakeAsLong(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	if err := r.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := identity.Enrol(tx, identity.Account{Login: "vneid-only"}, "", now)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	lines := func() (n int) {
		if err := r.DB.Read(t.Context(), func(tx *db.Tx) error {
			n = 0
			return audit.Walk(tx, [audit.Chains]int64{}, func(l audit.Line) bool {
				if l.Kind == audit.SignRefuse {
					n++
				}
				return true
			})
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	took := map[string][]time.Duration{}
	for range 9 {
		for _, login := range []string{"mai", "khong-co", "vneid-only"} {
			before, began := lines(), time.Now()
			_, _, err := r.SignIn(t.Context(), login, "sai mật khẩu", identity.From{Address: "192.0.2.9"})
			took[login] = append(took[login], time.Since(began))
			if e := refusal.As(err); e == nil || e.Key != "identity.sign_in.wrong" || e.Kind != refusal.Invalid {
				t.Fatalf("%s: %v", login, err)
			}
			if n := lines() - before; n != 1 {
				t.Errorf("%s: %d lines in the journal", login, n)
			}
		}
	}
	for _, login := range []string{"mai", "khong-co"} {
		before := lines()
		if _, _, err := r.ComeIn(t.Context(), login, "AAAA-AAAA-AAAA", "AAAA-AAAA-AAAA", "mật khẩu đã chọn", identity.From{}); !refusal.Is(err, refusal.Invalid) || lines()-before != 1 {
			t.Errorf("%s with a code that is none: %v, %d lines in the journal", login, err, lines()-before)
		}
	}
	for login, list := range took {
		slices.Sort(list)
		if median := list[len(list)/2]; median < 5*time.Millisecond {
			t.Errorf("%s is answered in %s: nothing was hashed", login, median)
		}
		t.Logf("%s: median %s", login, list[len(list)/2])
	}
}

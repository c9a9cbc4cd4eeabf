// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"sync"
	"testing"
	"time"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/identity"
	"motcua/internal/refusal"
)

// Two people who are not the officer give a code in two parts; one part alone, a
// code of before, one that is too old or was typed wrong five times opens nothing.
func TestReadmit(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	ctx := t.Context()
	var lan, admin, head int64
	if err := r.DB.Write(ctx, func(tx *db.Tx) (err error) {
		for login, id := range map[string]*int64{"lan": &lan, "admin": &admin, "head": &head} {
			if *id, err = identity.Enrol(tx, identity.Account{Login: login, Name: login, Officer: true}, "", now); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	const chosen = "mật khẩu đã chọn"
	in := func(first, second string) error {
		t.Helper()
		_, _, err := r.ComeIn(ctx, "lan", first, second, chosen, identity.From{})
		return err
	}
	refused := func(what string, err error, kind refusal.Kind) {
		t.Helper()
		if !refusal.Is(err, kind) {
			t.Errorf("%s: %v", what, err)
		}
	}
	codes := func() (first, second string) {
		t.Helper()
		var err error
		if first, err = r.Readmit(ctx, audit.By{Account: admin}, lan); err == nil {
			second, err = r.VouchFor(ctx, audit.By{Account: head}, lan)
		}
		if err != nil {
			t.Fatal(err)
		}
		return first, second
	}
	_, err := r.VouchFor(ctx, audit.By{Account: head}, lan)
	refused("nothing was given", err, refusal.NotFound)
	_, err = r.Readmit(ctx, audit.By{Account: lan}, lan)
	refused("oneself", err, refusal.NotAllowed)
	mai, err := r.FindLogin(ctx, "mai")
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Readmit(ctx, audit.By{Account: admin}, mai.ID)
	refused("a citizen", err, refusal.NotFound)
	_, err = r.Readmit(ctx, audit.By{Account: admin}, 1)
	refused("nobody", err, refusal.NotFound)

	first, err := r.Readmit(ctx, audit.By{Account: admin}, lan)
	if err != nil {
		t.Fatal(err)
	}
	refused("one part only", in(first, ""), refusal.Invalid)
	refused("one part twice", in(first, first), refusal.Invalid)
	_, err = r.VouchFor(ctx, audit.By{Account: admin}, lan)
	refused("both parts by one", err, refusal.NotAllowed)
	_, err = r.VouchFor(ctx, audit.By{Account: lan}, lan)
	refused("vouching for oneself", err, refusal.NotAllowed)

	before, _ := codes()
	first, second := codes()
	refused("a part of before", in(before, second), refusal.Invalid)
	again, err := r.VouchFor(ctx, audit.By{Account: head}, lan)
	if err != nil {
		t.Fatal(err)
	}
	refused("a second part of before", in(first, second), refusal.Invalid)
	if _, _, err := r.ComeIn(ctx, "lan", first, again, "ngắn", identity.From{}); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("a short password: %v", err)
	}
	_, _, err = r.ComeIn(ctx, "ai-do", first, again, chosen, identity.From{})
	refused("another login", err, refusal.Invalid)
	if err := in(first, again); err != nil {
		t.Fatal(err)
	}
	refused("a code twice", in(first, again), refusal.Invalid)
	if _, _, err := r.SignIn(ctx, "lan", chosen, identity.From{}); err != nil {
		t.Errorf("the chosen password: %v", err)
	}

	first, second = codes()
	now = now.Add(identity.ReadmitFor)
	refused("too old", in(first, second), refusal.Invalid)
	first, second = codes()
	for range identity.ReadmitTries {
		refused("wrong", in(first, "AAAA-AAAA-AAAA"), refusal.Invalid)
	}
	refused("after five wrong tries", in(first, second), refusal.Invalid)
	first, second = codes()
	for range identity.ReadmitTries - 1 {
		refused("wrong", in("AAAA-AAAA-AAAA", second), refusal.Invalid)
	}
	if err := in(first, second); err != nil {
		t.Errorf("after four wrong tries: %v", err)
	}
	// Who has the machine gives both.
	if first, err = r.Readmit(ctx, audit.By{}, lan); err == nil {
		second, err = r.VouchFor(ctx, audit.By{}, lan)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := in(first, second); err != nil {
		t.Error(err)
	}
}

// Who gives a first part while they give a second one has not both; and who comes in
// twice at once with a code comes in once.
func TestReadmitAtOnce(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	ctx := t.Context()
	var lan int64
	if err := r.DB.Write(ctx, func(tx *db.Tx) (err error) {
		lan, err = identity.Enrol(tx, identity.Account{Login: "lan", Name: "lan", Officer: true}, "", now)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	const one, other = 7, 8
	come := func(first, second string) error {
		_, _, err := r.ComeIn(ctx, "lan", first, second, "mật khẩu đã chọn", identity.From{})
		return err
	}
	for range 25 {
		if _, err := r.Readmit(ctx, audit.By{Account: other}, lan); err != nil {
			t.Fatal(err)
		}
		var first, second string
		var all sync.WaitGroup
		all.Go(func() { second, _ = r.VouchFor(ctx, audit.By{Account: one}, lan) })
		all.Go(func() { first, _ = r.Readmit(ctx, audit.By{Account: one}, lan) })
		all.Wait()
		if err := come(first, second); !refusal.Is(err, refusal.Invalid) {
			t.Fatalf("one person gave both parts: %v", err)
		}
	}
	first, err := r.Readmit(ctx, audit.By{Account: one}, lan)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.VouchFor(ctx, audit.By{Account: other}, lan)
	if err != nil {
		t.Fatal(err)
	}
	in := make([]error, 8)
	var all sync.WaitGroup
	for i := range in {
		all.Go(func() { in[i] = come(first, second) })
	}
	all.Wait()
	came := 0
	for _, err := range in {
		if err == nil {
			came++
		} else if !refusal.Is(err, refusal.Invalid) {
			t.Error(err)
		}
	}
	if came != 1 {
		t.Errorf("%d came in with one code", came)
	}
}

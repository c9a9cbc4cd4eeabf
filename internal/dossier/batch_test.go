// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// whose makes actors of accounts, as a process does that goes on with batches.
func (o *office) whose(_ context.Context, account int64) (dossier.Actor, error) {
	for _, a := range o.who {
		if a.Account == account {
			return a, nil
		}
	}
	return dossier.Actor{}, nil
}

// A batch goes on after the process that began it, by several at once, and
// does nothing twice; of each dossier it is known what became of it and why.
func TestBatchGoesOn(t *testing.T) {
	o := open(t)
	x := dossier.Batch{Queue: dossier.ToReceive, Act: "receive"}
	var states []dossier.State
	for range 8 {
		s := o.file("1.001193")
		states = append(states, s)
		x.Items = append(x.Items, dossier.BatchItem{Code: s.Code, Version: s.Version})
	}
	x.Items = append(x.Items, x.Items[0], dossier.BatchItem{Code: "no code", Version: 1})
	clerk := o.who["motcua"]
	if _, err := o.do("motcua", states[7], "receive", nil); err != nil { // somebody is first
		t.Fatal(err)
	}
	key := &dossier.Key{Value: "k", Hash: "h"}
	id, err := o.StartBatch(t.Context(), clerk, x, key)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.StartBatch(t.Context(), clerk, x, key); again != id || err != nil {
		t.Errorf("the same form is another batch: %v", err)
	}
	if _, err := o.StartBatch(t.Context(), clerk, x, &dossier.Key{Value: "k", Hash: "other"}); !refusal.Is(err, refusal.Conflict) {
		t.Errorf("a key used twice: %v", err)
	}
	if err := o.Carry(t.Context(), o.who["motcua2"], id, 2); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("somebody else's batch: %v", err)
	}
	if err := o.Carry(t.Context(), clerk, id, 2); err != nil {
		t.Fatal(err)
	}
	if b, err := o.FindBatch(t.Context(), clerk, id); err != nil || b.N != 9 || b.Done != 2 || !b.Items[2].DoneAt.IsZero() {
		t.Fatalf("%+v %v", b, err)
	}
	var processes sync.WaitGroup
	for range 3 {
		other := book(t, o.DB, o.Now)
		processes.Go(func() {
			for {
				n, err := other.CarryOn(t.Context(), o.whose, 3)
				if err != nil {
					t.Error(err)
				}
				if n == 0 || err != nil {
					return
				}
			}
		})
	}
	processes.Wait()
	b, err := o.FindBatch(t.Context(), clerk, id)
	if err != nil || b.Done != b.N {
		t.Fatalf("%d of %d, %v", b.Done, b.N, err)
	}
	for i, item := range b.Items {
		switch {
		case i == 7 && (item.Refused == nil || item.Refused.Key != "dossier.version.stale"),
			i == 8 && (item.Refused == nil || item.Refused.Key != "dossier.unknown"),
			i < 7 && (item.Refused != nil || item.DueAt.IsZero()):
			t.Errorf("%s: %+v", item.Code, item)
		}
	}
	for _, s := range states {
		f, err := o.Open(t.Context(), clerk, s.Code)
		if err != nil {
			t.Fatal(err)
		}
		received := 0
		for _, r := range f.Events {
			if r.Kind() == "received" {
				received++
			}
		}
		if received != 1 {
			t.Errorf("%s was received %d times", s.Code, received)
		}
	}
	if _, err := o.FindBatch(t.Context(), o.who["motcua2"], id); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("somebody else reads it: %v", err)
	}
	if list, err := o.Batches(t.Context(), clerk, 10); err != nil || len(list) != 1 || list[0].N != 9 || list[0].Done != 9 {
		t.Errorf("%+v %v", list, err)
	}
}

// What is refused long after it was picked says why in both languages; who has
// lost the post meanwhile does nothing any more.
func TestBatchRefusals(t *testing.T) {
	o := open(t)
	s, other := o.file("1.001193"), o.file("1.001193")
	start := func(login, act string, params map[string]any, s dossier.State) int64 {
		t.Helper()
		id, err := o.StartBatch(t.Context(), o.who[login], dossier.Batch{Act: act, Params: params, Items: []dossier.BatchItem{{Code: s.Code, Version: s.Version}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	early, lost, open, said := start("motcua", "hand_over", nil, s), start("motcua2", "receive", nil, s), start("motcua", "receive", nil, s), start("motcua", "message", map[string]any{"text": "Mời ông bà đến nhận."}, other)
	if err := o.Carry(t.Context(), o.who["motcua"], early, 10); err != nil {
		t.Fatal(err)
	}
	if n, err := o.CarryOn(t.Context(), o.whose, 10); n != 3 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	why := func(login string, id int64) *refusal.Error {
		b, err := o.FindBatch(t.Context(), o.who[login], id)
		if err != nil || b.Done != 1 {
			t.Fatalf("%+v %v", b, err)
		}
		return b.Items[0].Refused
	}
	e := why("motcua", early)
	if e == nil || e.Key != "dossier.act.not_now" {
		t.Fatalf("handed over: %v", e)
	}
	if step, ok := e.Args["step"].(form.Text); !ok || step.VI == "" {
		t.Errorf("the step is %#v", e.Args["step"])
	}
	if e := why("motcua2", lost); e == nil || e.Kind != refusal.NotFound {
		t.Errorf("a clerk of another commune: %v", e)
	}
	if e := why("motcua", open); e != nil {
		t.Errorf("received: %v", e)
	}
	if e := why("motcua", said); e != nil {
		t.Errorf("said: %v", e)
	}
	if f, err := o.Open(t.Context(), o.who["nguoidan"], other.Code); err != nil || f.Events[len(f.Events)-1].Event.(dossier.Said).Text != "Mời ông bà đến nhận." {
		t.Errorf("the applicant reads %+v %v", f.Events, err)
	}
	many := dossier.Batch{Act: "receive"}
	for n := range dossier.BatchMost + 1 {
		many.Items = append(many.Items, dossier.BatchItem{Code: dossier.Code(fmt.Sprint(n)), Version: 1})
	}
	for key, x := range map[string]dossier.Batch{"dossier.batch.many": many, "dossier.batch.none": {Act: "receive"}, "dossier.act.unknown": {Act: "x", Items: many.Items[:1]}} {
		if _, err := o.StartBatch(t.Context(), o.who["motcua"], x, nil); err == nil || refusal.As(err).Key != key {
			t.Errorf("%s: %v", key, err)
		}
	}
	many.Items = many.Items[:dossier.BatchMost]
	kept, err := o.StartBatch(t.Context(), o.who["motcua"], many, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(31 * 24 * time.Hour)
	if err := o.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.FindBatch(t.Context(), o.who["motcua"], early); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("a report of last month: %v", err)
	}
	if b, err := o.FindBatch(t.Context(), o.who["motcua"], kept); err != nil || b.N != dossier.BatchMost {
		t.Errorf("what is still to be done was forgotten: %v", err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"testing"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// Fees of a received dossier wait in the cashier's queue until they are taken.
func TestCashierQueue(t *testing.T) {
	o := open(t)
	waiting := func() int64 {
		queues, err := o.Queues(t.Context(), o.who["thuquy"])
		if err != nil || len(queues) != 1 || queues[0].Name != dossier.ToCollect {
			t.Fatalf("queues of the cashier: %v, %v", queues, err)
		}
		items, _, err := o.List(t.Context(), o.who["thuquy"], dossier.ToCollect, 10, dossier.After{})
		if err != nil || int64(len(items)) != queues[0].Count {
			t.Fatalf("%d listed, %d counted, %v", len(items), queues[0].Count, err)
		}
		return queues[0].Count
	}
	s := o.file("1.000828")
	if len(s.Unpaid()) == 0 {
		t.Fatal("nothing is due")
	}
	if n := waiting(); n != 0 {
		t.Errorf("%d wait before reception", n)
	}
	s, err := o.do("motcua", s, "receive", nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := waiting(); n != 1 {
		t.Errorf("%d wait", n)
	}
	if _, err := o.do("thuquy", s, "collect", nil); err != nil {
		t.Fatal(err)
	}
	if n := waiting(); n != 0 {
		t.Errorf("%d wait after the fees were taken", n)
	}
	o.verify()
}

// What an act does not ask for is refused by its name, and nothing is done.
func TestUnknownParameter(t *testing.T) {
	o := open(t)
	s := o.file("1.001193")
	_, err := o.Act(t.Context(), o.who["motcua"], s.Code, dossier.Request{Act: "receive", Version: s.Version, Params: map[string]any{"note": "đủ", "nhote": "x"}})
	e := refusal.As(err)
	if e == nil || e.Kind != refusal.Invalid || len(e.Fields) != 1 || e.Fields[0].Pointer != "/nhote" || e.Fields[0].Key != "form.unknown" {
		t.Fatalf("%v", err)
	}
	if now, err := o.Find(t.Context(), o.who["motcua"], s.Code); err != nil || now.Version != s.Version {
		t.Errorf("version %d, %v", now.Version, err)
	}
}

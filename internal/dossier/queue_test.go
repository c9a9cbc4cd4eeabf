// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"testing"

	"motcua/internal/dossier"
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

// SPDX-License-Identifier: Apache-2.0

// Package paymenttest is what every gateway must do, whoever speaks for it.
package paymenttest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"motcua/internal/payment"
)

// Subject is a gateway to be tried and what plays the other side of it.
type Subject struct {
	Gateway payment.Gateway
	Visit   payment.Visit
	Asks    bool // it can be asked what became of an order
	// Pay lets a payer pay an order that was started, and returns the call that the
	// gateway makes; forged is by somebody who does not know the secret.
	Pay func(t *testing.T, o payment.Order, s payment.Started, forged bool) *http.Request
}

// Run tries a gateway with an order.
func Run(t *testing.T, order payment.Order, s Subject) {
	ctx := t.Context()
	started, err := s.Gateway.Start(ctx, order, s.Visit)
	if err != nil || (started.URL == "") == (started.Transfer == nil) {
		t.Fatalf("started %+v: %v", started, err)
	}
	if _, err := s.Gateway.Ask(ctx, order); !errors.Is(err, payment.ErrPending) {
		t.Errorf("asked before anybody paid: %v", err)
	}
	notices, answer, err := s.Gateway.Read(s.Pay(t, order, started, true))
	if !errors.Is(err, payment.ErrForged) || len(notices) != 0 {
		t.Errorf("forged: %+v, %v", notices, err)
	}
	answered(t, answer, nil, err)
	call := s.Pay(t, order, started, false)
	notices, answer, err = s.Gateway.Read(call)
	if err != nil || len(notices) != 1 {
		t.Fatalf("told %+v: %v", notices, err)
	}
	n := notices[0]
	if n.Ref != order.Ref || n.Amount != order.Amount || !n.Paid || n.Bank == "" || n.At.IsZero() {
		t.Errorf("told %+v", n)
	}
	if code := answered(t, answer, []payment.Outcome{payment.Settled}, nil); code >= 300 {
		t.Errorf("a call that was taken is answered %d", code)
	}
	for _, became := range []payment.Outcome{payment.Again, payment.Over, payment.Stray, payment.Unknown, payment.Mismatch, payment.Noted} {
		answered(t, answer, []payment.Outcome{became}, nil)
	}
	if s.Asks {
		m, err := s.Gateway.Ask(ctx, order)
		if err != nil || m.Ref != n.Ref || m.Amount != n.Amount || m.Bank != n.Bank || !m.Paid {
			t.Errorf("asked, it says %+v, %v; it told %+v", m, err, n)
		}
	}
}

func answered(t *testing.T, answer payment.Answer, outcomes []payment.Outcome, err error) int {
	t.Helper()
	w := httptest.NewRecorder()
	answer(w, outcomes, err)
	return w.Code
}

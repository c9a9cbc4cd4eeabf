// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"context"
	"errors"
	"net/http"

	"motcua/internal/form"
)

// Gateway is a way to pay without cash. Its suite is paymenttest.Run.
type Gateway interface {
	// Start tells the gateway of an order, if it wants to be told, and returns how it
	// is paid.
	Start(ctx context.Context, o Order, v Visit) (Started, error)
	// Read reads a call of the gateway: what it says, and how it is answered once that
	// was taken. ErrForged if it is not the gateway's.
	Read(r *http.Request) ([]Notice, Answer, error)
	// Ask asks the gateway what became of an order; ErrPending if it does not know yet.
	Ask(ctx context.Context, o Order) (Notice, error)
}

// Answer answers a call of a gateway: outcomes are one for each of its notices; err is
// why they were not taken.
type Answer func(w http.ResponseWriter, outcomes []Outcome, err error)

var (
	// ErrForged is a call that is not the gateway's, or was changed on its way.
	ErrForged = errors.New("payment: not what the gateway signed")
	// ErrPending is that a gateway does not know yet, or nobody has paid.
	ErrPending = errors.New("payment: nothing is known of it yet")
)

// Way is a gateway as a site offers it.
type Way struct {
	ID       string
	Name     form.Text
	Credited bool // it tells of all money that came in, also of what names no order: a bank's account
	Gateway
}

// most is more than any payment.
const most VND = 1_000_000_000_000

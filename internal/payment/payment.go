// SPDX-License-Identifier: Apache-2.0

// Package payment is money that people pay for dossiers: what they are asked for, the
// ways to pay, what came in, the receipts for it and where every đồng is (Luật Phí và
// lệ phí 97/2015/QH13; NĐ 61/2018 Điều 22; NĐ 123/2020 and NĐ 70/2025 on receipts).
//
// A gateway is told of an order before anybody pays, and says itself that it was
// paid: what a browser brings back only shows. All that money does is an entry of the
// ledger, which adds up to nothing (Verify). No gateway is called in a transaction.
//
// Start at Office: Begin, Take.
package payment

import (
	"strconv"
	"time"

	"motcua/internal/agency"
	"motcua/internal/form"
)

// VND is an amount of money in whole đồng.
type VND int64

// String is the amount as people read it: 1.234.000.
func (v VND) String() string { return form.Grouped(strconv.FormatInt(int64(v), 10)) }

// The kinds of what is paid (Luật 97/2015 Điều 3).
const (
	Phi   = "phi"    // a fee: who collects it keeps a share
	LePhi = "le_phi" // a charge: all of it goes to the budget
)

// Part is one fee or charge of a bill.
type Part struct {
	Fee    string    `json:"fee"` // within its dossier
	Name   form.Text `json:"name"`
	Kind   string    `json:"kind"` // phi, le_phi
	Amount VND       `json:"amount"`
}

// Payer is whom a receipt names.
type Payer struct {
	Name    string `json:"name"`
	Number  string `json:"number,omitempty"` // personal or enterprise number
	Address string `json:"address,omitempty"`
}

// Bill is what is asked for a dossier at one time.
type Bill struct {
	Code      string    `json:"code"` // of the dossier
	Agency    agency.ID `json:"agency"`
	Procedure string    `json:"procedure"` // code
	Title     form.Text `json:"title"`     // of the procedure
	Parts     []Part    `json:"parts"`
	Payer     Payer     `json:"payer"`
}

// Amount is the sum of a bill.
func (b *Bill) Amount() VND { return total(b.Parts) }

func total(parts []Part) (sum VND) {
	for _, p := range parts {
		sum += p.Amount
	}
	return sum
}

// Ref names an order to a gateway and in a transfer: MC and twelve letters and
// figures that are not taken for each other.
type Ref string

// State is how an order stands.
type State string

// The states of an order.
const (
	Asked   State = "asked"   // the gateway knows it, or will
	Paid    State = "paid"    // the gateway said so
	Failed  State = "failed"  // the gateway said that nothing was paid
	Expired State = "expired" // nobody paid in time; what is paid later counts all the same
)

// Order is that somebody was asked to pay a bill by one way.
type Order struct {
	Ref Ref
	Way string
	Bill
	Amount    VND
	State     State
	CreatedAt time.Time
	ExpiresAt time.Time
	Started   Started
	PaidAt    time.Time
	Bank      string // the gateway's own number of the transaction
	AskAt     time.Time
	Tries     int
}

// Open is true for an order that can still be paid in time.
func (o *Order) Open(now time.Time) bool { return o.State == Asked && now.Before(o.ExpiresAt) }

// Visit is from where somebody pays, as gateways ask.
type Visit struct {
	Address string // of the network
	Lang    string
	Return  string // the page of ours that the gateway leads back to
}

// Started is how an order is paid: at an address, or by a transfer.
type Started struct {
	URL      string    `json:"url,omitempty"`
	Transfer *Transfer `json:"transfer,omitempty"`
}

// Transfer is what a bank transfer needs to be matched.
type Transfer struct {
	Bank    string `json:"bank"` // BIN of six digits
	Name    string `json:"name"` // of the bank
	Account string `json:"account"`
	Holder  string `json:"holder"`
	Text    string `json:"text"` // what the transfer must say
	QR      string `json:"qr"`   // VietQR
}

// Notice is what a gateway says of money.
type Notice struct {
	Ref    Ref    // "" if the money names no order
	Bank   string // the gateway's own number of the transaction: the same is one payment
	Amount VND
	Paid   bool // false: nothing was paid, and nothing will be by it
	At     time.Time
	Text   string // what the payer wrote, for people who look
}

// Outcome is what became of a notice.
type Outcome string

// The outcomes of a notice.
const (
	Settled  Outcome = "settled"  // the dossier's fees are paid by it
	Again    Outcome = "again"    // it was said before
	Over     Outcome = "over"     // the money is there, and nothing is due by it: to be given back
	Stray    Outcome = "stray"    // the money is there, and is nobody's so far: a person looks
	Unknown  Outcome = "unknown"  // no such order
	Mismatch Outcome = "mismatch" // another amount than was asked for: nothing is taken as paid
	Noted    Outcome = "noted"    // that nothing was paid
)

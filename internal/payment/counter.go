// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"context"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// AtCounter takes money that a cashier was handed at an agency, in the transaction that
// says so of the dossier: the ledger and the receipt.
func (o *Office) AtCounter(tx *db.Tx, by audit.By, at agency.ID, b Bill, method string) error {
	till := drawer(method, at, by.Account)
	e := entry{at: o.Now(), code: b.Code, why: "counter " + method}
	for _, p := range b.Parts {
		e.move(till, income(b.Agency, p.Kind), p.Amount)
	}
	if err := e.write(tx); err != nil {
		return err
	}
	return o.receipt(tx, &b, b.Parts, method, "", by.Name)
}

// Moved is a line of a cash book.
type Moved struct {
	At     time.Time
	Code   string // of the dossier; "" for cash that was handed in
	Amount VND    // less than nothing went out
	Why    string
}

// CashBook is what a cashier took and gave on a day at an agency (sổ quỹ).
type CashBook struct {
	Agency  agency.ID
	Account int64
	Day     calendar.Date
	Before  VND // held from the days before
	Lines   []Moved
	Cash    VND // held at the end of the day
	Card    VND // taken by card on the day
}

// CashBook reads a cashier's book of a day from the ledger.
func (o *Office) CashBook(ctx context.Context, at agency.ID, account int64, day calendar.Date) (b CashBook, err error) {
	from, to := day.At(0).UnixMilli(), (day + 1).At(0).UnixMilli()
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		b = CashBook{Agency: at, Account: account, Day: day}
		var before, card int64
		if _, err := tx.One(`SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger WHERE account = $1 AND at < $2`, []any{string(drawer("cash", at, account)), from}, &before); err != nil {
			return err
		}
		if _, err := tx.One(`SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger WHERE account = $1 AND at >= $2 AND at < $3`, []any{string(drawer("card", at, account)), from, to}, &card); err != nil {
			return err
		}
		b.Before, b.Card, b.Cash = VND(before), VND(card), VND(before)
		for row := range tx.Query(`SELECT at, code, amount, why FROM ledger WHERE account = $1 AND at >= $2 AND at < $3 ORDER BY at, entry`, string(drawer("cash", at, account)), from, to) {
			var m Moved
			var when, amount int64
			row.Scan(&when, &m.Code, &amount, &m.Why)
			m.At, m.Amount = time.UnixMilli(when), VND(amount)
			b.Cash += m.Amount
			b.Lines = append(b.Lines, m)
		}
		return tx.Err()
	})
	return b, err
}

// HandIn is that a cashier hands in cash at the end of a shift: proof is the number of the
// voucher, or of the deposit at the bank. Refused (Invalid): more than they hold, nothing,
// no proof.
func (o *Office) HandIn(ctx context.Context, by audit.By, at agency.ID, amount VND, proof string) error {
	proof = db.Clip(strings.TrimSpace(proof), 100)
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		held, err := Balance(tx, drawer("cash", at, by.Account))
		if err != nil {
			return err
		}
		var bad []refusal.Field
		if amount <= 0 || amount > held {
			bad = append(bad, refusal.At("/amount", "payment.hand_in.amount", "held", held.String()))
		}
		if proof == "" {
			bad = append(bad, refusal.At("/proof", "form.required"))
		}
		if err := refusal.Fields("request.invalid", bad); err != nil {
			return err
		}
		e := entry{at: o.Now(), why: "handed in " + proof}
		e.move(Account("deposit/"+string(at)), drawer("cash", at, by.Account), amount)
		if err := e.write(tx); err != nil {
			return err
		}
		return by.Note(tx, o.Now(), audit.Money, "handed_in", "agency", at, "amount", amount, "proof", proof)
	})
}

// Taken is what agencies were paid in a time, by agency, kind and what goes to the
// budget or stays.
type Taken struct {
	Agency agency.ID
	Kind   string // phi, le_phi
	Amount VND
	N      int64 // entries
}

// Taken adds up the income of a time, of agencies that one may see.
func (o *Office) Taken(ctx context.Context, from, to calendar.Date, at func(agency.ID) bool) (list []Taken, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for row := range tx.Query(`SELECT account, CAST(SUM(amount) AS BIGINT), COUNT(*) FROM ledger WHERE account LIKE 'income/%' AND at >= $1 AND at < $2 GROUP BY account ORDER BY account`, from.At(0).UnixMilli(), (to + 1).At(0).UnixMilli()) {
			var account string
			var sum, n int64
			row.Scan(&account, &sum, &n)
			parts := strings.Split(account, "/")
			if id := agency.ID(parts[1]); len(parts) == 3 && at(id) {
				list = append(list, Taken{id, parts[2], VND(-sum), n})
			}
		}
		return tx.Err()
	})
	return list, err
}

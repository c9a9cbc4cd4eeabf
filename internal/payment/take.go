// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"motcua/internal/db"
)

// Call is a call of a way's gateway: it is read, taken and answered. However often and
// in whatever order a gateway says the same, it counts once.
func (o *Office) Call(w http.ResponseWriter, r *http.Request, way string) error {
	at, err := o.Way(way)
	if err != nil {
		return err
	}
	notices, answer, err := at.Read(r)
	var outcomes []Outcome
	for i := 0; err == nil && i < len(notices); i++ {
		var became Outcome
		if became, err = o.Take(r.Context(), at, notices[i]); err == nil {
			outcomes = append(outcomes, became)
		}
	}
	if err != nil {
		slog.WarnContext(r.Context(), "payment call", "way", way, "error", err)
	}
	answer(w, outcomes, err)
	return nil
}

// Take takes what a gateway says of money, in one transaction with all that follows:
// the dossier's fees, the ledger, the receipt.
func (o *Office) Take(ctx context.Context, w *Way, n Notice) (Outcome, error) {
	var became Outcome
	take := func(tx *db.Tx) (err error) {
		became, err = o.take(tx, w, n)
		return err
	}
	err := o.DB.Write(ctx, take)
	if errors.Is(err, db.ErrDuplicate) {
		err = o.DB.Write(ctx, take) // it was said twice at the same moment
	}
	return became, err
}

func (o *Office) take(tx *db.Tx, w *Way, n Notice) (Outcome, error) {
	n.Bank, n.Text = db.Clip(n.Bank, 100), db.Clip(n.Text, 500)                     // others' words
	tx.Exec(`UPDATE payment_order SET state = state WHERE ref = $1`, string(n.Ref)) // one after the other
	var order *Order
	if n.Ref != "" {
		list, err := orders(tx, `ref = $1`, string(n.Ref))
		if err != nil {
			return "", err
		}
		if len(list) > 0 && (list[0].Way == w.ID || w.Credited) {
			order = &list[0]
		}
	}
	if !n.Paid {
		switch {
		case order == nil:
			return Unknown, nil
		case order.State == Asked:
			tx.Exec(`UPDATE payment_order SET state = 'failed', ask_at = 0 WHERE ref = $1`, string(n.Ref))
		}
		return Noted, tx.Err()
	}
	var before, ref string
	if found, err := tx.One(`SELECT outcome, ref FROM payment_in WHERE way = $1 AND bank = $2`, []any{w.ID, n.Bank}, &before, &ref); err != nil {
		return "", err
	} else if found && order != nil && Ref(ref) != n.Ref {
		return "", fmt.Errorf("payment: transaction %s of %s was told of order %q before, now of %q", n.Bank, w.ID, ref, n.Ref)
	} else if found && Outcome(before) == Mismatch {
		return Mismatch, nil
	} else if found {
		return Again, nil
	}
	return o.credit(tx, w, n, order)
}

// credit takes money that was not told of before.
func (o *Office) credit(tx *db.Tx, w *Way, n Notice, order *Order) (Outcome, error) {
	became, ref, code := Stray, "", ""
	if order != nil {
		ref, code = string(order.Ref), order.Code
	}
	switch {
	case order == nil && !w.Credited:
		return Unknown, nil
	case order != nil && n.Amount == order.Amount:
		var err error
		if became, err = o.settle(tx, w, n, order); err != nil {
			return "", err
		}
	case !w.Credited:
		became = Mismatch // the gateway is told so, and a person looks
	default:
		e := entry{at: o.Now(), ref: ref, code: code, why: "stray " + n.Bank}
		e.move(moneyAt(w.ID), unmatched, n.Amount)
		if err := e.write(tx); err != nil {
			return "", err
		}
	}
	tx.Exec(`INSERT INTO payment_in (way, bank, ref, code, amount, at, taken_at, outcome, text, settled_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '{}')`,
		w.ID, n.Bank, ref, code, int64(n.Amount), n.At.UnixMilli(), o.Now().UnixMilli(), string(became), n.Text)
	return became, tx.Err()
}

// settle pays what is still due of an order with money that came in; what is not due
// any more is to be given back.
func (o *Office) settle(tx *db.Tx, w *Way, n Notice, order *Order) (Outcome, error) {
	method := "online"
	if w.Credited {
		method = "transfer"
	}
	paid, err := o.Settle(tx, order, method)
	if err != nil {
		return "", err
	}
	e := entry{at: o.Now(), ref: string(order.Ref), code: order.Code, why: "paid " + n.Bank}
	for _, p := range paid {
		e.move(moneyAt(w.ID), income(order.Agency, p.Kind), p.Amount)
	}
	rest := n.Amount - total(paid)
	if rest < 0 {
		return "", errors.New("payment: more was settled than came in")
	}
	if rest > 0 {
		e.move(moneyAt(w.ID), refundDue, rest)
		if err := o.owe(tx, w.ID, order, rest, n.Bank); err != nil {
			return "", err
		}
	}
	if err := e.write(tx); err != nil {
		return "", err
	}
	if len(paid) > 0 {
		if err := o.receipt(tx, &order.Bill, paid, method, string(order.Ref), ""); err != nil {
			return "", err
		}
	}
	tx.Exec(`UPDATE payment_order SET state = 'paid', paid_at = $1, bank = $2, ask_at = 0 WHERE ref = $3 AND state <> 'paid'`, n.At.UnixMilli(), n.Bank, string(order.Ref))
	if len(paid) == 0 {
		return Over, tx.Err()
	}
	return Settled, tx.Err()
}

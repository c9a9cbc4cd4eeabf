// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Refund is money to be given back: of an order that was paid twice or when nothing
// was due any more, or of a dossier that was refused. One person proposes, another
// approves, and the proof of the transfer closes it.
type Refund struct {
	ID     int64
	Code   string
	Agency agency.ID
	Ref    string // of the order; "" for money taken at the counter
	Way    string // where the money is
	Amount VND
	Body   RefundBody
	At     time.Time // it became due
}

// RefundBody is what was said of a refund.
type RefundBody struct {
	Why        string    `json:"why"`            // over, twice, refused, mistake
	Bank       string    `json:"bank,omitempty"` // number of the transaction
	Payer      Payer     `json:"payer"`
	To         string    `json:"to,omitempty"` // account of the payer
	ProposedBy int64     `json:"proposed_by,omitempty"`
	Proposer   string    `json:"proposer,omitempty"`
	ProposedAt time.Time `json:"proposed_at,omitzero"`
	ApprovedBy int64     `json:"approved_by,omitempty"`
	Approver   string    `json:"approver,omitempty"`
	ApprovedAt time.Time `json:"approved_at,omitzero"`
	Proof      string    `json:"proof,omitempty"` // number of the transfer or the cash voucher
	PaidBy     string    `json:"paid_by,omitempty"`
	PaidAt     time.Time `json:"paid_at,omitzero"`
}

// Step is what a refund waits for: propose, approve, pay; "" for nothing.
func (r *Refund) Step() string {
	switch b := &r.Body; {
	case !b.PaidAt.IsZero():
		return ""
	case !b.ApprovedAt.IsZero():
		return "pay"
	case !b.ProposedAt.IsZero():
		return "approve"
	}
	return "propose"
}

// owe notes that money of an order is to be given back.
func (o *Office) owe(tx *db.Tx, way string, order *Order, amount VND, bank string) error {
	why := "over"
	if order.State == Paid {
		why = "twice"
	}
	return o.due(tx, Refund{Code: order.Code, Agency: order.Agency, Ref: string(order.Ref), Way: way, Amount: amount, Body: RefundBody{Why: why, Bank: bank, Payer: order.Payer}})
}

func (o *Office) due(tx *db.Tx, r Refund) error {
	body, err := json.Marshal(r.Body)
	if err != nil {
		return err
	}
	r.ID = db.NewID()
	tx.Exec(`INSERT INTO refund (id, code, agency, ref, way, amount, at, paid_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)`, r.ID, r.Code, string(r.Agency), r.Ref, r.Way, int64(r.Amount), o.Now().UnixMilli(), string(body))
	tx.Mark("refund", `id = $1`, r.ID)
	return tx.Err()
}

// GiveBack says that what was paid for a dossier is to be given back, in the transaction
// of what makes it so: its receipts are cancelled.
func (o *Office) GiveBack(tx *db.Tx, by audit.By, code string, why string) error {
	list, err := ReceiptsOf(tx, code)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.Ended != "" {
			continue
		}
		if _, err := o.end(tx, by, code, r.ID, "cancelled", why); err != nil {
			return err
		}
		e := entry{at: o.Now(), ref: r.Ref, code: code, why: "give back " + r.Collector.Series + " " + r.NumberText()}
		for _, p := range r.Parts {
			e.move(income(r.Agency, p.Kind), refundDue, p.Amount)
		}
		if err := e.write(tx); err != nil {
			return err
		}
		way := r.Method
		if r.Ref != "" {
			found, err := orders(tx, `ref = $1`, r.Ref)
			if err != nil {
				return err
			}
			if len(found) > 0 {
				way = found[0].Way
			}
		}
		if err := o.due(tx, Refund{Code: code, Agency: r.Agency, Ref: r.Ref, Way: way, Amount: r.Amount, Body: RefundBody{Why: why, Payer: r.Payer}}); err != nil {
			return err
		}
	}
	return nil
}

// Refunds lists those of agencies that wait for something, the oldest first, or that
// were paid lately.
func (o *Office) Refunds(ctx context.Context, at func(agency.ID) bool) (open, done []Refund, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		open, done = nil, nil
		list, err := refunds(tx, `paid_at = 0 OR paid_at > $1`, o.Now().Add(-90*24*time.Hour).UnixMilli())
		for _, r := range list {
			switch {
			case !at(r.Agency):
			case r.Step() == "":
				done = append(done, r)
			default:
				open = append(open, r)
			}
		}
		return err
	})
	return open, done, err
}

// Refund is one of agencies; NotFound if they have none of that id.
func (o *Office) Refund(ctx context.Context, at func(agency.ID) bool, id int64) (r Refund, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := refunds(tx, `id = $1`, id)
		if err == nil && (len(list) == 0 || !at(list[0].Agency)) {
			return refusal.New(refusal.NotFound, "payment.refund.unknown")
		}
		if err == nil {
			r = list[0]
		}
		return err
	})
	return r, err
}

// RefundsOf are those of a dossier.
func (o *Office) RefundsOf(ctx context.Context, code string) (list []Refund, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = refunds(tx, `code = $1`, code)
		return err
	})
	return list, err
}

func refunds(tx *db.Tx, where string, args ...any) ([]Refund, error) {
	var list []Refund
	for row := range tx.Query(`SELECT id, code, agency, ref, way, amount, at, body FROM refund WHERE `+where+` ORDER BY at, id`, args...) {
		var r Refund
		var at string
		var amount, since int64
		var body []byte
		row.Scan(&r.ID, &r.Code, &at, &r.Ref, &r.Way, &amount, &since, &body)
		r.Agency, r.Amount, r.At = agency.ID(at), VND(amount), time.UnixMilli(since)
		if err := json.Unmarshal(body, &r.Body); err != nil {
			return nil, fmt.Errorf("refund %d: %w", r.ID, err)
		}
		list = append(list, r)
	}
	return list, tx.Err()
}

// Said is what somebody says with a step of a refund.
type Said struct {
	To    string    // account of the payer, when it is proposed
	Proof string    // when it is paid
	Till  agency.ID // whose drawer it is taken out of, if it was taken at the counter
}

// Advance takes the next step of a refund: it is proposed, approved by somebody else, or
// paid. Refused: another step is next (Conflict), the same person (NotAllowed), what must
// be said with it is missing (Invalid), not one of these agencies' (NotFound).
func (o *Office) Advance(ctx context.Context, by audit.By, at func(agency.ID) bool, id int64, step string, said Said) error {
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`UPDATE refund SET at = at WHERE id = $1`, id) // one after the other
		list, err := refunds(tx, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 || !at(list[0].Agency) {
			return refusal.New(refusal.NotFound, "payment.refund.unknown")
		}
		r, now := list[0], o.Now()
		if r.Step() != step || step == "" {
			return refusal.New(refusal.Conflict, "payment.refund.step")
		}
		b, paid := &r.Body, int64(0)
		said.To, said.Proof = strings.TrimSpace(said.To), strings.TrimSpace(said.Proof)
		switch step {
		case "propose":
			if said.To == "" {
				return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/to", "form.required")})
			}
			b.To, b.ProposedBy, b.Proposer, b.ProposedAt = db.Clip(said.To, 200), by.Account, by.Name, now
		case "approve":
			if by.Account == b.ProposedBy {
				return refusal.New(refusal.NotAllowed, "payment.refund.two_people")
			}
			b.ApprovedBy, b.Approver, b.ApprovedAt = by.Account, by.Name, now
		case "pay":
			if said.Proof == "" {
				return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/proof", "form.required")})
			}
			b.Proof, b.PaidBy, b.PaidAt, paid = db.Clip(said.Proof, 200), by.Name, now, now.UnixMilli()
			e := entry{at: now, ref: r.Ref, code: r.Code, why: fmt.Sprint("refund ", r.ID)}
			from := moneyAt(r.Way)
			if r.Way == "cash" || r.Way == "card" { // it goes out of the drawer of who gives it back
				from = drawer(r.Way, said.Till, by.Account)
				if held, err := Balance(tx, from); err != nil || held < r.Amount {
					return cmp.Or(err, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/till", "payment.refund.drawer", "held", held.String())}))
				}
			}
			e.move(refundDue, from, r.Amount)
			if err := e.write(tx); err != nil {
				return err
			}
		}
		body, err := json.Marshal(b)
		if err != nil {
			return err
		}
		if err := tx.Amend("refund", `id = $1`, []any{id}, func() {
			tx.ExecOne(`UPDATE refund SET paid_at = $1, body = $2 WHERE id = $3`, paid, string(body), id)
		}); err != nil {
			return err
		}
		return by.Note(tx, now, audit.Money, "refund_"+step, "refund", id, "code", r.Code, "amount", r.Amount)
	})
}

// verifyRefunds holds what is to be given back against the ledger.
func verifyRefunds(tx *db.Tx, wrong func(where, detail string)) error {
	differ(tx, "refunds", `SELECT code, amount FROM refund WHERE paid_at = 0 UNION ALL SELECT code, amount FROM ledger WHERE account = 'refund_due'`, wrong)
	return tx.Err()
}

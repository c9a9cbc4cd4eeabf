// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// In is money that a gateway told of.
type In struct {
	Way     string
	Bank    string // the gateway's number of the transaction
	Ref     Ref
	Code    string
	Amount  VND
	At      time.Time
	Outcome Outcome
	Text    string // what the payer wrote
	Settled time.Time
	Said    InSaid
}

// InSaid is what a person said of money that named no order, or the wrong amount.
type InSaid struct {
	What string `json:"what,omitempty"` // order, give_back, explained
	Ref  Ref    `json:"ref,omitempty"`  // of the order it is for
	Why  string `json:"why,omitempty"`
	To   string `json:"to,omitempty"` // account it is given back to
	By   string `json:"by,omitempty"`
}

func ins(tx *db.Tx, where string, args ...any) ([]In, error) {
	var list []In
	for row := range tx.Query(`SELECT way, bank, ref, code, amount, at, outcome, text, settled_at, body FROM payment_in WHERE `+where+` ORDER BY taken_at, way, bank`, args...) {
		var x In
		var ref, outcome string
		var amount, at, settled int64
		var body []byte
		row.Scan(&x.Way, &x.Bank, &ref, &x.Code, &amount, &at, &outcome, &x.Text, &settled, &body)
		x.Ref, x.Amount, x.At, x.Outcome = Ref(ref), VND(amount), time.UnixMilli(at), Outcome(outcome)
		if settled != 0 {
			x.Settled = time.UnixMilli(settled)
		}
		if err := json.Unmarshal(body, &x.Said); err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, tx.Err()
}

// Strays lists money of which a person has to say whose it is, the oldest first.
func (o *Office) Strays(ctx context.Context) (list []In, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = ins(tx, `settled_at = 0 AND outcome IN ('stray', 'mismatch')`)
		return err
	})
	return list, err
}

// SayStray says what such money is: of an order, whose parts it then pays while the rest
// is to be given back; to be given back; or explained, where nothing came in. Refused:
// money that was said of before (Conflict), an order that it is not enough for or that is
// none (Invalid). at is the agency of who says so: it gives back what is nobody's.
func (o *Office) SayStray(ctx context.Context, by audit.By, way, bank string, said InSaid, at agency.ID) error {
	w, err := o.Way(way)
	if err != nil {
		return err
	}
	said.By, said.Why, said.To = by.Name, db.Clip(strings.TrimSpace(said.Why), 500), db.Clip(strings.TrimSpace(said.To), 200)
	bad := func(pointer, key string) error {
		return refusal.Fields("request.invalid", []refusal.Field{refusal.At(pointer, key)})
	}
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`UPDATE payment_in SET code = code WHERE way = $1 AND bank = $2`, way, bank) // one after the other
		list, err := ins(tx, `way = $1 AND bank = $2`, way, bank)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return refusal.New(refusal.NotFound, "payment.stray.unknown")
		}
		x, now := list[0], o.Now()
		if !x.Settled.IsZero() || x.Outcome != Stray && x.Outcome != Mismatch {
			return refusal.New(refusal.Conflict, "payment.stray.said")
		}
		e := entry{at: now, ref: string(x.Ref), code: x.Code, why: "said of " + bank}
		switch {
		case said.What == "explained" && x.Outcome == Mismatch:
			if said.Why == "" {
				return bad("/why", "form.required")
			}
		case said.What == "give_back" && x.Outcome == Stray:
			if said.To == "" {
				return bad("/to", "form.required")
			}
			e.move(unmatched, refundDue, x.Amount)
			r := Refund{Code: x.Code, Agency: at, Ref: string(x.Ref), Way: way, Amount: x.Amount, Body: RefundBody{Why: "mistake", Bank: bank, Payer: Payer{Name: x.Text}, To: said.To, ProposedBy: by.Account, Proposer: by.Name, ProposedAt: now}}
			if x.Ref != "" {
				if found, err := orders(tx, `ref = $1`, string(x.Ref)); err == nil && len(found) > 0 {
					r.Agency, r.Body.Payer = found[0].Agency, found[0].Payer
				}
			}
			if err := o.due(tx, r); err != nil {
				return err
			}
		case said.What == "order" && x.Outcome == Stray:
			tx.Exec(`UPDATE payment_order SET state = state WHERE ref = $1`, string(said.Ref))
			found, err := orders(tx, `ref = $1`, string(said.Ref))
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return bad("/ref", "payment.order.unknown")
			}
			if found[0].Amount > x.Amount {
				return bad("/ref", "payment.stray.little")
			}
			// What was nobody's leaves that account; settle takes it in as it would have.
			e.move(unmatched, moneyAt(way), x.Amount)
			if _, err := o.settle(tx, w, Notice{Ref: said.Ref, Bank: bank + "/" + string(said.Ref), Amount: x.Amount, Paid: true, At: x.At}, &found[0]); err != nil {
				return err
			}
		default:
			return refusal.New(refusal.Invalid, "request.unreadable")
		}
		if len(e.lines) > 0 {
			if err := e.write(tx); err != nil {
				return err
			}
		}
		body, err := json.Marshal(said)
		if err != nil {
			return err
		}
		tx.ExecOne(`UPDATE payment_in SET settled_at = $1, body = $2 WHERE way = $3 AND bank = $4 AND settled_at = 0`, now.UnixMilli(), string(body), way, bank)
		return by.Note(tx, now, audit.Money, "stray_"+said.What, "way", way, "bank", bank, "amount", x.Amount)
	})
}

// Stray is money of which a person has to say whose it is; NotFound if it is none.
func (o *Office) Stray(ctx context.Context, way, bank string) (In, error) {
	list, err := o.Strays(ctx)
	for _, x := range list {
		if x.Way == way && x.Bank == bank {
			return x, nil
		}
	}
	if err == nil {
		err = refusal.New(refusal.NotFound, "payment.stray.unknown")
	}
	return In{}, err
}

// Difference is a line in which a gateway's file and our book are not the same.
type Difference struct {
	Bank   string    `json:"bank"`
	What   string    `json:"what"` // not_here, not_there, amount
	Theirs VND       `json:"theirs,omitempty"`
	Ours   VND       `json:"ours,omitempty"`
	Text   string    `json:"text,omitempty"`
	Why    string    `json:"why,omitempty"` // as a person explained it
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Reconciled is a day of a way held against the gateway's file (đối soát).
type Reconciled struct {
	Way         string        `json:"way"`
	Day         calendar.Date `json:"day"`
	Lines       int           `json:"lines"` // of the file
	Same        int           `json:"same"`
	Theirs      VND           `json:"theirs"`
	Ours        VND           `json:"ours"`
	Differences []Difference  `json:"differences"`
	By          string        `json:"by"`
	At          time.Time     `json:"at"`
}

// Open counts the differences that nobody has explained.
func (r *Reconciled) Open() int {
	n := 0
	for _, d := range r.Differences {
		if d.Why == "" {
			n++
		}
	}
	return n
}

// Reconcile holds a day of a way against the gateway's file of that day. What an account's
// statement has and was not told of is taken in first. A day that is done again keeps the
// explanations of differences that are still there. Refused (Invalid): lines of another
// day.
func (o *Office) Reconcile(ctx context.Context, by audit.By, way string, day calendar.Date, lines []Credit) (Reconciled, error) {
	r := Reconciled{Way: way, Day: day, Lines: len(lines), By: by.Name, At: o.Now()}
	w, err := o.Way(way)
	if err != nil {
		return r, err
	}
	for _, c := range lines {
		if calendar.DateOf(c.At) != day {
			return r, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/file", "payment.reconcile.day", "day", calendar.DateOf(c.At).String())})
		}
	}
	if w.Credited {
		for _, c := range lines {
			if _, err := o.Take(ctx, w, c.notice()); err != nil {
				return r, err
			}
		}
	}
	err = o.DB.Write(ctx, func(tx *db.Tx) error {
		r.Same, r.Theirs, r.Ours, r.Differences = 0, 0, 0, nil
		from, to := day.At(0).UnixMilli(), (day + 1).At(0).UnixMilli()
		list, err := ins(tx, `way = $1 AND at >= $2 AND at < $3`, way, from, to)
		if err != nil {
			return err
		}
		ours := map[string]In{}
		for _, x := range list {
			ours[x.Bank] = x
			r.Ours += x.Amount
		}
		for _, c := range lines {
			x, here := ours[c.Transaction]
			delete(ours, c.Transaction)
			r.Theirs += c.Amount
			switch {
			case !here:
				r.Differences = append(r.Differences, Difference{Bank: c.Transaction, What: "not_here", Theirs: c.Amount, Text: db.Clip(c.Text, 200)})
			case x.Amount != c.Amount:
				r.Differences = append(r.Differences, Difference{Bank: c.Transaction, What: "amount", Theirs: c.Amount, Ours: x.Amount, Text: string(x.Ref)})
			default:
				r.Same++
			}
		}
		for _, x := range ours {
			r.Differences = append(r.Differences, Difference{Bank: x.Bank, What: "not_there", Ours: x.Amount, Text: string(x.Ref)})
		}
		slices.SortFunc(r.Differences, func(a, b Difference) int { return strings.Compare(a.Bank, b.Bank) })
		before, err := reconciled(tx, `way = $1 AND day = $2`, way, day.String())
		if err != nil {
			return err
		}
		for i := range r.Differences {
			d := &r.Differences[i]
			for _, b := range before {
				for _, x := range b.Differences {
					if x.Bank == d.Bank && x.What == d.What && x.Theirs == d.Theirs && x.Ours == d.Ours {
						d.Why, d.By, d.At = x.Why, x.By, x.At
					}
				}
			}
		}
		if err := saveReconciled(tx, &r); err != nil {
			return err
		}
		return by.Note(tx, r.At, audit.Money, "reconciled", "way", way, "day", day.String(), "same", r.Same, "differences", len(r.Differences))
	})
	return r, err
}

func saveReconciled(tx *db.Tx, r *Reconciled) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return tx.Amend("reconciled", `way = $1 AND day = $2`, []any{r.Way, r.Day.String()}, func() {
		tx.Exec(`INSERT INTO reconciled (way, day, open, body) VALUES ($1, $2, $3, $4) ON CONFLICT (way, day) DO UPDATE SET open = excluded.open, body = excluded.body`, r.Way, r.Day.String(), r.Open(), string(body))
	})
}

func reconciled(tx *db.Tx, where string, args ...any) ([]Reconciled, error) {
	var list []Reconciled
	for row := range tx.Query(`SELECT body FROM reconciled WHERE `+where+` ORDER BY day DESC, way`, args...) {
		var body []byte
		row.Scan(&body)
		var r Reconciled
		if err := json.Unmarshal(body, &r); err != nil {
			return nil, fmt.Errorf("reconciled: %w", err)
		}
		list = append(list, r)
	}
	return list, tx.Err()
}

// Days lists the days that were reconciled since one, the last first.
func (o *Office) Days(ctx context.Context, since calendar.Date) (list []Reconciled, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = reconciled(tx, `day >= $1 OR open > 0`, since.String())
		return err
	})
	return list, err
}

// Day is a reconciled day of a way; NotFound if it was not.
func (o *Office) Day(ctx context.Context, way string, day calendar.Date) (r Reconciled, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := reconciled(tx, `way = $1 AND day = $2`, way, day.String())
		if err == nil && len(list) == 0 {
			return refusal.New(refusal.NotFound, "payment.reconcile.unknown")
		}
		if err == nil {
			r = list[0]
		}
		return err
	})
	return r, err
}

// Explain says why a line of a reconciled day is not the same.
func (o *Office) Explain(ctx context.Context, by audit.By, way string, day calendar.Date, bank, why string) error {
	if why = db.Clip(strings.TrimSpace(why), 500); why == "" {
		return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/why", "form.required")})
	}
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`UPDATE reconciled SET open = open WHERE way = $1 AND day = $2`, way, day.String())
		list, err := reconciled(tx, `way = $1 AND day = $2`, way, day.String())
		if err != nil {
			return err
		}
		for i := range list {
			for j := range list[i].Differences {
				if d := &list[i].Differences[j]; d.Bank == bank {
					d.Why, d.By, d.At = why, by.Name, o.Now()
					if err := saveReconciled(tx, &list[i]); err != nil {
						return err
					}
					return by.Note(tx, o.Now(), audit.Money, "difference_explained", "way", way, "day", day.String(), "bank", bank)
				}
			}
		}
		return refusal.New(refusal.NotFound, "payment.reconcile.unknown")
	})
}

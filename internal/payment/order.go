// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Office is where a site takes money.
type Office struct {
	DB         *db.DB
	Now        func() time.Time
	Ways       []*Way
	Collectors []Collector
	// Settle pays, in the transaction that takes the money, those of an order's parts
	// that are still due, and returns them: none if the dossier is closed or was paid
	// otherwise. method is how, as the dossier calls it.
	Settle func(tx *db.Tx, o *Order, method string) ([]Part, error)
}

// How long an order can be paid; what comes later counts all the same. Each way may
// be asked for as often as the pauses say. The terms are ours.
const (
	orderFor    = 15 * time.Minute
	transferFor = 3 * 24 * time.Hour
	askFirst    = 2 * time.Minute
	askMost     = time.Hour
	askUntil    = 48 * time.Hour // after it was to be paid
	ordersOpen  = 20             // of a dossier in a day
)

// Way is a way to pay by its id; NotFound if there is none.
func (o *Office) Way(id string) (*Way, error) {
	for _, w := range o.Ways {
		if w.ID == id {
			return w, nil
		}
	}
	return nil, refusal.New(refusal.NotFound, "payment.way.unknown")
}

// Begin asks somebody to pay a bill by a way. The same bill by the same way that can
// still be paid is the same order, in however many tabs. Refused: nothing to pay
// (NotNow), too many orders (TooMany), the gateway does not answer (Unavailable).
func (o *Office) Begin(ctx context.Context, b Bill, way string, v Visit) (Order, error) {
	w, err := o.Way(way)
	if err != nil {
		return Order{}, err
	}
	if b.Amount() <= 0 {
		return Order{}, refusal.New(refusal.NotNow, "payment.nothing")
	}
	if _, ok := o.collector(b.Agency); !ok {
		return Order{}, refusal.New(refusal.Unavailable, "payment.no_collector")
	}
	order, fresh, err := o.ask(ctx, b, w)
	if err != nil || !fresh && order.Started != (Started{}) {
		return order, err
	}
	// The order stands before the gateway is told: what it says of it is known.
	started, err := w.Start(ctx, order, v)
	if err != nil {
		slog.ErrorContext(ctx, "payment", "way", w.ID, "error", err)
		return order, refusal.New(refusal.Unavailable, "payment.away", "way", w.Name.In(v.Lang))
	}
	body, err := json.Marshal(started)
	if err != nil {
		return order, err
	}
	order.Started = started
	return order, o.DB.Write(ctx, func(tx *db.Tx) error {
		tx.ExecOne(`UPDATE payment_order SET started = $1 WHERE ref = $2`, string(body), string(order.Ref))
		return nil
	})
}

// ask finds the order of a bill that can still be paid, or makes one.
func (o *Office) ask(ctx context.Context, b Bill, w *Way) (order Order, fresh bool, err error) {
	now := o.Now()
	err = o.DB.Write(ctx, func(tx *db.Tx) error {
		fresh = false
		list, err := orders(tx, `code = $1 AND created_at > $2`, b.Code, now.Add(-24*time.Hour).UnixMilli())
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.Way == w.ID && x.Open(now) && slices.Equal(x.Parts, b.Parts) {
				order = x
				return nil
			}
		}
		if len(list) >= ordersOpen {
			return refusal.New(refusal.TooMany, "payment.many", "n", ordersOpen)
		}
		lasts := orderFor
		if w.Credited {
			lasts = transferFor
		}
		order = Order{Ref: newRef(), Way: w.ID, Bill: b, Amount: b.Amount(), State: Asked, CreatedAt: now, ExpiresAt: now.Add(lasts), AskAt: now.Add(askFirst)}
		if w.Credited {
			order.AskAt = order.ExpiresAt // it is not asked
		}
		fresh = true
		body, err := json.Marshal(b)
		if err != nil {
			return err
		}
		tx.Exec(`INSERT INTO payment_order (ref, way, code, amount, state, created_at, expires_at, paid_at, ask_at, tries, bank, started, body) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 0, '', '{}', $9)`,
			string(order.Ref), w.ID, b.Code, int64(order.Amount), string(Asked), now.UnixMilli(), order.ExpiresAt.UnixMilli(), order.AskAt.UnixMilli(), string(body))
		return nil
	})
	return order, fresh, err
}

func newRef() Ref {
	b := make([]byte, 10)
	rand.Read(b)
	for i := range b {
		b[i] = refLetters[int(b[i])%len(refLetters)]
	}
	return Ref("MC" + string(b))
}

func orders(tx *db.Tx, where string, args ...any) ([]Order, error) {
	var list []Order
	for row := range tx.Query(`SELECT ref, way, amount, state, created_at, expires_at, paid_at, ask_at, tries, bank, started, body FROM payment_order WHERE `+where+` ORDER BY created_at DESC, ref`, args...) {
		var x Order
		var ref, state string
		var amount, created, expires, paid, ask int64
		var started, body []byte
		row.Scan(&ref, &x.Way, &amount, &state, &created, &expires, &paid, &ask, &x.Tries, &x.Bank, &started, &body)
		if err := errors.Join(json.Unmarshal(started, &x.Started), json.Unmarshal(body, &x.Bill)); err != nil {
			return nil, fmt.Errorf("order %s: %w", ref, err)
		}
		x.Ref, x.Amount, x.State = Ref(ref), VND(amount), State(state)
		x.CreatedAt, x.ExpiresAt, x.AskAt = time.UnixMilli(created), time.UnixMilli(expires), time.UnixMilli(ask)
		if paid != 0 {
			x.PaidAt = time.UnixMilli(paid)
		}
		list = append(list, x)
	}
	return list, tx.Err()
}

// Find is an order of a dossier; NotFound if it has none of that name.
func (o *Office) Find(ctx context.Context, code string, ref Ref) (Order, error) {
	list, err := o.list(ctx, `code = $1 AND ref = $2`, code, string(ref))
	if err == nil && len(list) == 0 {
		return Order{}, refusal.New(refusal.NotFound, "payment.order.unknown")
	}
	if err != nil {
		return Order{}, err
	}
	return list[0], nil
}

// Named is an order by its reference, as gateways name it; NotFound if there is none.
func (o *Office) Named(ctx context.Context, ref Ref) (Order, error) {
	list, err := o.list(ctx, `ref = $1`, string(ref))
	if err == nil && len(list) == 0 {
		return Order{}, refusal.New(refusal.NotFound, "payment.order.unknown")
	}
	if err != nil {
		return Order{}, err
	}
	return list[0], nil
}

// Orders are those of a dossier, the last first.
func (o *Office) Orders(ctx context.Context, code string) ([]Order, error) {
	return o.list(ctx, `code = $1`, code)
}

func (o *Office) list(ctx context.Context, where string, args ...any) (list []Order, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = orders(tx, where, args...)
		return err
	})
	return list, err
}

// Back is that a payer came back from the gateway: if it has not said yet what became
// of the order, it is asked at once.
func (o *Office) Back(ctx context.Context, order *Order) error {
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		now := o.Now()
		tx.Exec(`UPDATE payment_order SET ask_at = $1 WHERE ref = $2 AND state = 'asked' AND tries = 0 AND ask_at > $1`, now.UnixMilli(), string(order.Ref))
		return nil
	})
}

// AskDue asks the gateways what became of at most n orders of which they have not said
// so, and returns how many it asked. Who does not answer is asked again later.
func (o *Office) AskDue(ctx context.Context, n int) (int, error) {
	now := o.Now()
	due, err := o.list(ctx, askable, now.UnixMilli(), n)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	if err := o.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if due, err = orders(tx, askable, now.UnixMilli(), n); err != nil {
			return err
		}
		for i := range due {
			x := &due[i]
			x.Tries++
			tx.Exec(`UPDATE payment_order SET ask_at = $1, tries = $2 WHERE ref = $3`, now.Add(askAgain(x.Tries)).UnixMilli(), x.Tries, string(x.Ref))
		}
		return nil
	}); err != nil {
		return 0, err
	}
	var failed []error
	for i := range due {
		if err := o.askOne(ctx, &due[i], now); err != nil {
			failed = append(failed, fmt.Errorf("order %s: %w", due[i].Ref, err))
		}
	}
	return len(due), errors.Join(failed...)
}

// askable are the orders that are to be asked for by $1, at most $2.
const askable = `ref IN (SELECT ref FROM payment_order WHERE state = 'asked' AND ask_at > 0 AND ask_at <= $1 ORDER BY ask_at LIMIT $2)`

func askAgain(tries int) time.Duration {
	pause := askFirst << min(tries-1, 10)
	return min(pause, askMost)
}

func (o *Office) askOne(ctx context.Context, x *Order, now time.Time) error {
	w, err := o.Way(x.Way)
	if err != nil {
		return err
	}
	notice, err := w.Ask(ctx, *x)
	switch {
	case err == nil:
		_, err = o.Take(ctx, w, notice)
		return err
	case !errors.Is(err, ErrPending) && now.Before(x.ExpiresAt.Add(askUntil)):
		return err // and it is asked again
	case now.Before(x.ExpiresAt):
		return nil
	}
	ask := now.Add(askMost).UnixMilli() // it may have been paid at the last moment
	if w.Credited || !now.Before(x.ExpiresAt.Add(askUntil)) {
		ask = 0
	}
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		if ask == 0 {
			tx.Exec(`UPDATE payment_order SET state = 'expired', ask_at = 0 WHERE ref = $1 AND state = 'asked'`, string(x.Ref))
			return nil
		}
		tx.Exec(`UPDATE payment_order SET ask_at = $1 WHERE ref = $2 AND state = 'asked'`, ask, string(x.Ref))
		return nil
	})
}

// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/db"
)

// Account is a place of the ledger where money is, or whose it is.
type Account string

const (
	unmatched Account = "unmatched"  // came in, and is nobody's so far
	refundDue Account = "refund_due" // is to be given back
)

// moneyAt is money with a gateway or on a bank's account; income is what an agency was
// paid, by kind; drawer is what a cashier has taken at an agency, in cash or by card.
func moneyAt(way string) Account               { return Account("money/" + way) }
func income(at agency.ID, kind string) Account { return Account("income/" + string(at) + "/" + kind) }
func drawer(method string, at agency.ID, cashier int64) Account {
	return Account(fmt.Sprintf("%s/%s/%d", method, at, cashier))
}

// entry is what one thing does to the ledger: its lines add up to nothing.
type entry struct {
	at        time.Time
	ref, code string // of the order and the dossier
	why       string
	lines     []line
}

type line struct {
	account Account
	amount  VND
}

// move lets money come to one account from another.
func (e *entry) move(to, from Account, amount VND) {
	add := func(a Account, n VND) {
		for i := range e.lines {
			if e.lines[i].account == a {
				e.lines[i].amount += n
				return
			}
		}
		e.lines = append(e.lines, line{a, n})
	}
	add(to, amount)
	add(from, -amount)
}

// write adds an entry: to the end, for ever.
func (e *entry) write(tx *db.Tx) error {
	id, sum := db.NewID(), VND(0)
	for i, l := range e.lines {
		sum += l.amount
		tx.Exec(`INSERT INTO ledger (entry, line, at, account, amount, ref, code, why, proof) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			id, i, e.at.UnixMilli(), string(l.account), int64(l.amount), e.ref, e.code, e.why, prove(tx, id, int64(i), e.at.UnixMilli(), string(l.account), int64(l.amount), e.ref, e.code, e.why))
	}
	if sum != 0 {
		return fmt.Errorf("ledger: an entry adds up to %d", sum)
	}
	return tx.Err()
}

// prove is a line's proof by the site's key.
func prove(tx *db.Tx, values ...any) string {
	return tx.Vault().Digest("ledger", strings.TrimSpace(fmt.Sprintln(values...)))
}

// Balance is what stands on an account and all below it.
func Balance(tx *db.Tx, account Account) (sum VND, err error) {
	var n int64
	_, err = tx.One(`SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger WHERE account = $1 OR account LIKE $2`, []any{string(account), string(account) + "/%"}, &n)
	return VND(n), err
}

// Verify proves the money: every entry adds up to nothing and is as it was written,
// what came in stands in the ledger, receipts have each number of their series once
// and say what the ledger says, refunds are of money that was to be given back.
func (o *Office) Verify(ctx context.Context, wrong func(where, detail string)) error {
	return o.DB.Read(ctx, func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT entry, CAST(SUM(amount) AS BIGINT) FROM ledger GROUP BY entry HAVING SUM(amount) <> 0 ORDER BY entry`) {
			var id, sum int64
			row.Scan(&id, &sum)
			wrong(fmt.Sprint("ledger ", id), fmt.Sprintf("adds up to %d", sum))
		}
		for row := range tx.Query(`SELECT entry, line, at, account, amount, ref, code, why, proof FROM ledger ORDER BY entry, line`) {
			var id, i, at, amount int64
			var account, ref, code, why, proof string
			row.Scan(&id, &i, &at, &account, &amount, &ref, &code, &why, &proof)
			if prove(tx, id, i, at, account, amount, ref, code, why) != proof {
				wrong(fmt.Sprintf("ledger %d/%d", id, i), "is not what this site wrote")
			}
		}
		for row := range tx.Query(`SELECT way, bank, payment_in.amount, COALESCE(l.amount, 0) FROM payment_in
				LEFT JOIN (SELECT account, why, CAST(SUM(amount) AS BIGINT) AS amount FROM ledger WHERE account LIKE 'money/%' GROUP BY account, why) l
				ON l.account = 'money/' || way AND l.why = CASE WHEN outcome = 'stray' THEN 'stray ' ELSE 'paid ' END || bank
				WHERE outcome <> 'mismatch' AND payment_in.amount <> COALESCE(l.amount, 0) ORDER BY way, bank`) {
			var way, bank string
			var amount, got int64
			row.Scan(&way, &bank, &amount, &got)
			wrong("payment "+way+" "+bank, fmt.Sprintf("brought in %d, the ledger has %d", amount, got))
		}
		for row := range tx.Query(`SELECT ref FROM payment_order WHERE state = 'paid' AND NOT EXISTS (SELECT 1 FROM ledger WHERE ledger.code = payment_order.code AND ledger.ref = payment_order.ref) ORDER BY ref`) {
			var ref string
			row.Scan(&ref)
			wrong("order "+ref, "is paid, and the ledger has no money of it")
		}
		if err := verifyReceipts(tx, wrong); err != nil {
			return err
		}
		return verifyRefunds(tx, wrong)
	})
}

// differ tells of each dossier whose amounts of a query, which are to be the same with
// opposite signs, do not add up to nothing.
func differ(tx *db.Tx, what, query string, wrong func(where, detail string)) {
	for row := range tx.Query(`SELECT code, CAST(SUM(amount) AS BIGINT) FROM (` + query + `) both_sides GROUP BY code HAVING SUM(amount) <> 0 ORDER BY code`) {
		var code string
		var left int64
		row.Scan(&code, &left)
		wrong(what+" of "+code, fmt.Sprintf("differ from the ledger by %d", left))
	}
}

// SPDX-License-Identifier: Apache-2.0

package payment

import (
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

// Collector is an organisation that collects fees and charges, with the sign and the
// series of its receipts (NĐ 123/2020, sửa đổi bởi NĐ 70/2025).
type Collector struct {
	Agency   agency.ID `json:"agency"` // it collects for this agency and all below it
	Name     string    `json:"name"`
	TaxCode  string    `json:"tax_code"`
	FormSign string    `json:"form_sign"` // ký hiệu mẫu biên lai
	Series   string    `json:"series"`    // ký hiệu biên lai
}

// collector is who collects for an agency: the nearest above it.
func (o *Office) collector(at agency.ID) (Collector, bool) {
	best, found := Collector{}, false
	for _, c := range o.Collectors {
		if (at == c.Agency || strings.HasPrefix(string(at), string(c.Agency)+".")) && (!found || len(c.Agency) > len(best.Agency)) {
			best, found = c, true
		}
	}
	return best, found
}

// Collects is true where somebody collects for an agency, and receipts can be given.
func (o *Office) Collects(at agency.ID) bool {
	_, ok := o.collector(at)
	return ok
}

// Receipt is an electronic receipt (biên lai điện tử). It never changes; that it was
// replaced or cancelled stands beside it.
type Receipt struct {
	ID        int64     `json:"-"`
	Collector Collector `json:"collector"`
	Number    int64     `json:"number"` // in its series, from 1, without a gap
	Code      string    `json:"code"`   // of the dossier
	Agency    agency.ID `json:"agency"`
	Parts     []Part    `json:"parts"`
	Amount    VND       `json:"amount"`
	Payer     Payer     `json:"payer"`
	Method    string    `json:"method"` // cash, card, online, transfer
	Ref       string    `json:"ref,omitempty"`
	By        string    `json:"by,omitempty"` // the cashier
	At        time.Time `json:"at"`
	Replaces  int64     `json:"replaces,omitempty"` // id

	Ended  string    `json:"-"` // replaced, cancelled; "" is valid
	Why    string    `json:"-"`
	EndAt  time.Time `json:"-"`
	EndsBy string    `json:"-"`
}

// NumberText is the number as it is printed: seven digits.
func (r *Receipt) NumberText() string { return fmt.Sprintf("%07d", r.Number) }

// numberMost is the last number of a series.
const numberMost = 9_999_999

func (c *Collector) seriesName() string {
	return "receipt/" + c.TaxCode + "/" + c.FormSign + "/" + c.Series
}

// receipt writes the receipt for what was paid, with the next number of its series.
func (o *Office) receipt(tx *db.Tx, b *Bill, paid []Part, method, ref, by string) error {
	c, ok := o.collector(b.Agency)
	if !ok {
		return refusal.New(refusal.Unavailable, "payment.no_collector")
	}
	_, err := o.write(tx, Receipt{Collector: c, Code: b.Code, Agency: b.Agency, Parts: paid, Amount: total(paid), Payer: b.Payer, Method: method, Ref: ref, By: by})
	return err
}

func (o *Office) write(tx *db.Tx, r Receipt) (Receipt, error) {
	var err error
	if r.Number, err = tx.Next(r.Collector.seriesName()); err != nil {
		return r, err
	}
	if r.Number > numberMost {
		return r, refusal.New(refusal.Unavailable, "payment.series_full", "series", r.Collector.Series)
	}
	r.ID, r.At = db.NewID(), o.Now()
	body, err := json.Marshal(r)
	if err != nil {
		return r, err
	}
	tx.Exec(`INSERT INTO receipt (id, series, number, code, ref, amount, at, body, proof) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.ID, r.Collector.seriesName(), r.Number, r.Code, r.Ref, int64(r.Amount), r.At.UnixMilli(), string(body), prove(tx, r.ID, r.Collector.seriesName(), r.Number, string(body)))
	return r, tx.Err()
}

// Receipts are those of a dossier, in their order.
func (o *Office) Receipts(ctx context.Context, code string) (list []Receipt, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = ReceiptsOf(tx, code)
		return err
	})
	return list, err
}

// ReceiptsOf is Receipts in a transaction.
func ReceiptsOf(tx *db.Tx, code string) ([]Receipt, error) {
	return receipts(tx, `receipt.code = $1`, code)
}

// FindReceipt is a receipt of a dossier; NotFound if it has none of that id.
func (o *Office) FindReceipt(ctx context.Context, code string, id int64) (Receipt, error) {
	list, err := o.Receipts(ctx, code)
	for _, r := range list {
		if r.ID == id {
			return r, nil
		}
	}
	if err == nil {
		err = refusal.New(refusal.NotFound, "payment.receipt.unknown")
	}
	return Receipt{}, err
}

func receipts(tx *db.Tx, where string, args ...any) ([]Receipt, error) {
	var list []Receipt
	for row := range tx.Query(`SELECT receipt.id, receipt.body, COALESCE(receipt_end.how, ''), COALESCE(receipt_end.why, ''), COALESCE(receipt_end.at, 0), COALESCE(receipt_end.by_name, '')
			FROM receipt LEFT JOIN receipt_end ON receipt_end.receipt = receipt.id WHERE `+where+` ORDER BY receipt.at, receipt.id`, args...) {
		var r Receipt
		var body []byte
		var ended int64
		row.Scan(&r.ID, &body, &r.Ended, &r.Why, &ended, &r.EndsBy)
		if err := json.Unmarshal(body, &r); err != nil {
			return nil, fmt.Errorf("receipt %d: %w", r.ID, err)
		}
		if ended != 0 {
			r.EndAt = time.UnixMilli(ended)
		}
		list = append(list, r)
	}
	return list, tx.Err()
}

// Replace gives a new receipt in the place of one that names the payer wrongly: the
// money stays as it is. Refused: no reason, no name (Invalid), one that does not hold any
// more (NotNow).
func (o *Office) Replace(ctx context.Context, by audit.By, code string, id int64, payer Payer, why string) (fresh Receipt, err error) {
	why, payer.Name = strings.TrimSpace(why), strings.TrimSpace(payer.Name)
	var bad []refusal.Field
	if why == "" {
		bad = append(bad, refusal.At("/why", "form.required"))
	}
	if payer.Name == "" {
		bad = append(bad, refusal.At("/payer", "form.required"))
	}
	if err := refusal.Fields("request.invalid", bad); err != nil {
		return fresh, err
	}
	err = o.DB.Write(ctx, func(tx *db.Tx) error {
		old, err := o.end(tx, by, code, id, "replaced", why)
		if err != nil {
			return err
		}
		next := old
		next.Payer, next.Replaces, next.By = payer, old.ID, by.Name
		fresh, err = o.write(tx, next)
		return err
	})
	return fresh, err
}

// end notes, once, that a receipt does not hold any more.
func (o *Office) end(tx *db.Tx, by audit.By, code string, id int64, how, why string) (Receipt, error) {
	list, err := receipts(tx, `receipt.code = $1 AND receipt.id = $2`, code, id)
	if err != nil {
		return Receipt{}, err
	}
	if len(list) == 0 {
		return Receipt{}, refusal.New(refusal.NotFound, "payment.receipt.unknown")
	}
	if list[0].Ended != "" {
		return Receipt{}, refusal.New(refusal.NotNow, "payment.receipt.ended")
	}
	tx.Exec(`INSERT INTO receipt_end (receipt, how, why, at, by_account, by_name) VALUES ($1, $2, $3, $4, $5, $6)`, id, how, why, o.Now().UnixMilli(), by.Account, by.Name)
	return list[0], by.Note(tx, o.Now(), audit.Money, "receipt_"+how, "receipt", list[0].NumberText(), "series", list[0].Collector.Series, "code", code)
}

func verifyReceipts(tx *db.Tx, wrong func(where, detail string)) error {
	for row := range tx.Query(`SELECT number.series, last, COUNT(receipt.number), COUNT(DISTINCT receipt.number), COALESCE(MIN(receipt.number), 0), COALESCE(MAX(receipt.number), 0)
			FROM number LEFT JOIN receipt ON receipt.series = number.series WHERE number.series LIKE 'receipt/%' GROUP BY number.series, last ORDER BY number.series`) {
		var series string
		var given, n, distinct, first, last int64
		row.Scan(&series, &given, &n, &distinct, &first, &last)
		if n != distinct || first != 1 || last != n || given != n {
			wrong(series, fmt.Sprintf("gave %d numbers and has %d receipts with %d from %d to %d", given, n, distinct, first, last))
		}
	}
	for row := range tx.Query(`SELECT id, series, number, amount, body, proof FROM receipt ORDER BY id`) {
		var id, number, amount int64
		var series, body, proof string
		row.Scan(&id, &series, &number, &amount, &body, &proof)
		var r Receipt
		if err := json.Unmarshal([]byte(body), &r); err != nil || prove(tx, id, series, number, body) != proof || int64(r.Amount) != amount || r.Number != number {
			wrong(fmt.Sprintf("%s %d", series, number), "is not the receipt that this site gave")
		}
	}
	// What was paid has a receipt, and no receipt is without money: valid ones by dossier
	// are the income of the ledger.
	differ(tx, "receipts", `SELECT code, -amount AS amount FROM ledger WHERE account LIKE 'income/%'
		UNION ALL SELECT code, -amount FROM receipt WHERE NOT EXISTS (SELECT 1 FROM receipt_end WHERE receipt_end.receipt = receipt.id)`, wrong)
	return tx.Err()
}

// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"motcua/internal/calendar"
)

// Bank is transfers to an account, by VietQR or typed: what came in is told by the
// bank's call (Standard Webhooks) or read from its statement, and matched by the
// reference in the text and by the amount.
type Bank struct {
	BIN, Name, Account, Holder string
	Secret                     string // whsec_…
}

// Start says how to transfer; nobody is told.
func (g *Bank) Start(_ context.Context, o Order, _ Visit) (Started, error) {
	qr, err := QR(g.BIN, g.Account, o.Amount, string(o.Ref))
	return Started{Transfer: &Transfer{Bank: g.BIN, Name: g.Name, Account: g.Account, Holder: g.Holder, Text: string(o.Ref), QR: qr}}, err
}

// Credit is money that came in on the account, as the bank tells it.
type Credit struct {
	Transaction string    `json:"transaction"`
	Account     string    `json:"account"`
	Amount      VND       `json:"amount"`
	At          time.Time `json:"at"`
	Text        string    `json:"text"`
}

// Read reads the bank's call: {"type": "account.credited", "data": [Credit, …]}.
func (g *Bank) Read(r *http.Request) ([]Notice, Answer, error) {
	answer := func(w http.ResponseWriter, _ []Outcome, err error) {
		switch {
		case err == nil:
			w.WriteHeader(http.StatusNoContent)
		case errors.Is(err, ErrForged):
			http.Error(w, "signature", http.StatusUnauthorized)
		default:
			http.Error(w, "not taken", http.StatusInternalServerError) // to be sent again
		}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil, answer, err
	}
	hook, err := standardwebhooks.NewWebhook(g.Secret)
	if err != nil {
		return nil, answer, err
	}
	if hook.Verify(body, r.Header) != nil {
		return nil, answer, ErrForged
	}
	var said struct {
		Type string   `json:"type"`
		Data []Credit `json:"data"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, answer, fmt.Errorf("bank: %w", err)
	}
	var list []Notice
	for _, c := range said.Data {
		if said.Type != "account.credited" || c.Account != g.Account {
			continue
		}
		if c.Transaction == "" || c.Amount <= 0 || c.Amount > most {
			return nil, answer, fmt.Errorf("bank: credit %q of %d", c.Transaction, c.Amount)
		}
		list = append(list, c.notice())
	}
	return list, answer, nil
}

func (c *Credit) notice() Notice {
	return Notice{Ref: refIn(c.Text), Bank: c.Transaction, Amount: c.Amount, Paid: true, At: c.At, Text: c.Text}
}

// Ask knows nothing: the bank tells, or its statement.
func (g *Bank) Ask(context.Context, Order) (Notice, error) { return Notice{}, ErrPending }

// refLetters are letters and figures that are not taken for each other.
const refLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

var refForm = regexp.MustCompile(`MC[A-HJ-NP-Z2-9]{10}`)

// refIn is the one reference in the text of a transfer, however banks and people write
// it: in small letters, with spaces and marks between; "" for none or several.
func refIn(text string) Ref {
	text = strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToUpper(text))
	found := refForm.FindAllString(text, -1)
	for _, f := range found {
		if f != found[0] {
			return ""
		}
	}
	if len(found) == 0 {
		return ""
	}
	return Ref(found[0])
}

// statementMost is how many lines a statement may have.
const statementMost = 100_000

// ReadStatement reads an account's statement of credits: CSV with a head that names
// transaction, at (2006-01-02 15:04:05, legal time), amount, text. All that is wrong is
// said, line by line.
func ReadStatement(r io.Reader) ([]Credit, error) {
	in := csv.NewReader(io.LimitReader(r, 64<<20))
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("statement: %w", err)
	}
	column := map[string]int{}
	for i, name := range head {
		column[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i
	}
	var wrong []error
	for _, name := range []string{"transaction", "at", "amount", "text"} {
		if _, ok := column[name]; !ok {
			wrong = append(wrong, fmt.Errorf("statement: no column %q", name))
		}
	}
	if wrong != nil {
		return nil, errors.Join(wrong...)
	}
	var list []Credit
	seen := map[string]bool{}
	for {
		row, err := in.Read()
		if err == io.EOF {
			return list, errors.Join(wrong...)
		}
		if err != nil {
			return nil, errors.Join(append(wrong, fmt.Errorf("statement: %w", err))...)
		}
		line, _ := in.FieldPos(0)
		c := Credit{Transaction: strings.TrimSpace(row[column["transaction"]]), Text: row[column["text"]]}
		amount, bad := strconv.ParseInt(strings.TrimSpace(row[column["amount"]]), 10, 64)
		at, late := time.ParseInLocation(time.DateTime, strings.TrimSpace(row[column["at"]]), calendar.Zone)
		if c.Amount, c.At = VND(amount), at; bad != nil || late != nil || c.Transaction == "" || amount <= 0 || c.Amount > most || seen[c.Transaction] {
			wrong = append(wrong, fmt.Errorf("statement: line %d", line))
		}
		seen[c.Transaction] = true
		if list = append(list, c); len(list) > statementMost || len(wrong) > 100 {
			return nil, errors.Join(append(wrong, fmt.Errorf("statement: more than %d lines", len(list)))...)
		}
	}
}

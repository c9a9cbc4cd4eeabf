// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/refusal"
	"slices"
)

// Collected is money that was paid: at the counter, or without cash.
type Collected struct {
	Fees   []string `json:"fees"`
	Amount int64    `json:"amount"`          // whole đồng
	Method string   `json:"method"`          // cash, card; online, transfer
	Order  string   `json:"order,omitempty"` // by which it was paid without cash
}

func (Collected) kind() string { return "collected" }

func (e Collected) apply(s *State, r Record) {
	for i := range s.Fees {
		if slices.Contains(e.Fees, s.Fees[i].ID) {
			s.Fees[i].PaidAt, s.Fees[i].Method = r.At, e.Method
		}
	}
}

var collectAct = act{
	name: "collect", label: form.Text{VI: "Thu phí, lệ phí", EN: "Collect fees"},
	open: func(d *desk) error {
		if d.Phase == Filed || d.Closed() || len(d.Unpaid()) == 0 {
			return refusal.New(refusal.NotNow, "dossier.collect.nothing")
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) {
		return []Param{{Name: "method", Label: form.Text{VI: "Hình thức thu", EN: "Paid by"}, Type: "choice", Required: true, Choices: []form.Option{
			{Value: "cash", Label: form.Text{VI: "Tiền mặt", EN: "Cash"}}, {Value: "card", Label: form.Text{VI: "Thẻ", EN: "Card"}}}}}, nil
	},
	rule: collect,
}

// collect takes every unpaid fee of a received dossier at the counter, in cash
// or by card (NĐ 61/2018 art. 22).
func collect(d *desk) ([]Event, error) {
	unpaid := d.Unpaid()
	e := Collected{Method: d.params.choice("method", PayWays, PayWays[0]), Amount: sum(unpaid)}
	for _, f := range unpaid {
		e.Fees = append(e.Fees, f.ID)
	}
	return []Event{e}, nil
}

// sum adds fees up, in đồng.
func sum(fees []Fee) int64 {
	var all int64
	for _, f := range fees {
		all += f.Amount
	}
	return all
}

// PayWays are the ways to pay at the counter.
var PayWays = []string{"cash", "card"}

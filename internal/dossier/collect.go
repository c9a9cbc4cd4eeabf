// SPDX-License-Identifier: Apache-2.0

package dossier

import "motcua/internal/refusal"

// collect takes every unpaid fee of a received dossier at the counter, in cash
// or by card (NĐ 61/2018 art. 22).
func collect(d *desk) ([]Event, error) {
	unpaid := d.Unpaid()
	if len(unpaid) == 0 || d.Phase == Filed {
		return nil, refusal.New(refusal.NotNow, "dossier.collect.nothing")
	}
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

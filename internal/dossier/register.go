// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"encoding/json"
	"fmt"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Register is the tracking register of a one-stop: every dossier that was filed
// there from a day to a day, in the order of their codes, at most limit of them
// (form 06 of 2018, 07 of 2025). Only who works there may read it.
func (b *Book) Register(ctx context.Context, who Actor, at agency.ID, from, to calendar.Date, limit int) ([]State, error) {
	if !who.Works(at) {
		return nil, refusal.New(refusal.NotFound, "agency.unknown", "agency", string(at))
	}
	edge := func(day calendar.Date) string { return fmt.Sprintf("%s-%06d", at, number(day)%1_000_000) }
	var list []State
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for row := range tx.Query(`SELECT body FROM dossier WHERE code >= $1 AND code < $2 ORDER BY code LIMIT $3`, edge(from), edge(to+1), limit) {
			var body []byte
			row.Scan(&body)
			var s State
			if err := json.Unmarshal(body, &s); err != nil {
				return err
			}
			list = append(list, s)
		}
		return tx.Err()
	})
	return list, err
}

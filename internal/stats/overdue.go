// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"context"
	"time"

	"motcua/internal/db"
)

// Overdue counts the dossiers that are still being handled at an instant after
// they were due, by the agency that decides. No counter keeps that, as time
// passes without any act: it is read from the open dossiers.
func Overdue(ctx context.Context, d *db.DB, at time.Time) (map[string]int64, error) {
	late := map[string]int64{}
	err := d.Read(ctx, func(tx *db.Tx) error {
		clear(late)
		for row := range tx.Query(`SELECT competent, COUNT(*) FROM dossier WHERE queue <> '' AND due_at < $1 AND status IN (2, 4) GROUP BY competent`, at.UnixMilli()) {
			var agency string
			var n int64
			row.Scan(&agency, &n)
			late[agency] = n
		}
		return tx.Err()
	})
	return late, err
}

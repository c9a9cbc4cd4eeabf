// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"context"
	"math"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/db"
)

// Overdue counts the dossiers that are still being handled at an instant after
// they were due, by the agency that decides: of those filed from a day to a
// day; zero days are open. What waits only to be received, returned or paid for
// is not among them, nor what waits for others while the clock stands still. No counter keeps that, as time passes without any act: it
// is read from the index of the dossiers that wait for somebody.
func Overdue(ctx context.Context, d *db.DB, from, to calendar.Date, at time.Time) (map[string]int64, error) {
	first, end := int64(0), int64(math.MaxInt64)
	if from != 0 {
		first = from.At(0).UnixMilli()
	}
	if to != 0 {
		end = (to + 1).At(0).UnixMilli()
	}
	late := map[string]int64{}
	err := d.Look(ctx, func(tx *db.Tx) error {
		clear(late)
		for row := range tx.Query(overdueSQL, at.UnixMilli(), first, end) {
			var agency string
			var n int64
			row.Scan(&agency, &n)
			late[agency] = n
		}
		return tx.Err()
	})
	return late, err
}

// overdueSQL is answered from the index of the queues alone; by competent as it
// stands, SQLite would walk through all dossiers in the order of another index.
// The statuses are received and processing; what waits for others may have
// these too, and another instant to be ordered by.
const overdueSQL = `SELECT competent || '', COUNT(*) FROM dossier
	WHERE queue <> '' AND queue NOT LIKE '% wait%' AND status IN (2, 4) AND due_at < $1 AND sent_at >= $2 AND sent_at < $3 GROUP BY competent || ''`

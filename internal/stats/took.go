// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"context"
	"strconv"

	"motcua/internal/calendar"
	"motcua/internal/db"
)

// Duration is how long a procedure really took: half of the dossiers were
// issued within Half days of reception, nine in ten within Most.
type Duration struct {
	Dossiers   int64
	Half, Most int
}

// Took tells how long a procedure took in the month of a day and the two
// before it; no dossiers if none was issued.
func Took(ctx context.Context, d *db.DB, procedure string, day calendar.Date) (Duration, error) {
	var t Duration
	byDays := map[int]int64{}
	longest := 0
	months := make([]int, 3)
	for i := range months {
		months[i] = -number(day.AddMonths(-i)) / 100
	}
	err := d.Read(ctx, func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT outcome, n FROM counter WHERE day IN ($1, $2, $3) AND procedure = $4 AND status = 'took'`, months[0], months[1], months[2], procedure) {
			var text string
			var n int64
			row.Scan(&text, &n)
			days, _ := strconv.Atoi(text)
			byDays[days] += n
			t.Dossiers += n
			longest = max(longest, days)
		}
		return tx.Err()
	})
	var seen int64
	half, most := false, false
	for days := 0; days <= longest && !most; days++ {
		seen += byDays[days]
		if !half && seen*2 >= t.Dossiers {
			t.Half, half = days, true
		}
		if seen*10 >= t.Dossiers*9 {
			t.Most, most = days, true
		}
	}
	return t, err
}

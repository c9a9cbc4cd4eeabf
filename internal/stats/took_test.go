// SPDX-License-Identifier: Apache-2.0

package stats_test

import (
	"strconv"
	"testing"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/stats"
)

func TestTook(t *testing.T) {
	d := dbtest.Open(t)
	add := func(month int, procedure string, days int, n int64) {
		t.Helper()
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			tx.Delta(db.DeltaKey{Day: -month, Procedure: procedure, Status: "took", Outcome: strconv.Itoa(days)}, n)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	add(202611, "1.1", 2, 6)
	add(202610, "1.1", 3, 3)
	add(202609, "1.1", 40, 1)
	add(202608, "1.1", 90, 50) // too long ago
	add(202611, "1.2", 90, 50) // another procedure
	day := calendar.MustDate("2026-11-23")
	if got, err := stats.Took(t.Context(), d, "1.1", day); err != nil || got != (stats.Duration{Dossiers: 10, Half: 2, Most: 3}) {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := stats.Took(t.Context(), d, "1.3", day); err != nil || got.Dossiers != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
)

// put writes a row as a dossier has it: its agency, what it waits for, status,
// when it was filed and is due.
func put(t *testing.T, d *db.DB, id int64, agency, work string, status int, sent, due time.Time) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO dossier (id, code, version, account, procedure, applicant, name_key, id_number, reception, competent, queue, edition, process, step, assignee, status, progress, sent_at, due_at, watch, until, alarm_at, body)
			VALUES ($1, $6, 1, 0, '', '', '', '', '', $2, $7, 1, 1, '', 0, $3, 0, $4, $5, '', 0, 0, '{}')`, id, agency, status, sent.UnixMilli(), due.UnixMilli(), strconv.FormatInt(id, 10), agency+" specialist "+work+" 7")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestOverdue(t *testing.T) {
	d := dbtest.Open(t)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, calendar.Zone)
	day := time.Date(2026, 11, 10, 0, 0, 0, 0, calendar.Zone)
	for status := 1; status <= 10; status++ { // of these only what was received or is processed
		put(t, d, int64(status), "a", "handle", status, day, now.Add(-time.Hour))
	}
	put(t, d, 11, "b", "handle", 4, day, now)                                               // due this instant
	put(t, d, 12, "b", "handle", 4, day, now.Add(time.Hour))                                // not yet
	put(t, d, 13, "b", "handle", 4, day.Add(-time.Millisecond), now.Add(-time.Millisecond)) // filed the day before
	put(t, d, 14, "b", "handle", 4, day.Add(24*time.Hour-time.Millisecond), now.Add(-1e9))  // in the last instant of the day
	put(t, d, 15, "b", "handle", 4, day.Add(24*time.Hour), now.Add(-365*24*time.Hour))      // the day after
	put(t, d, 16, "c", "handle", 9, day, now.Add(-time.Hour))                               // only waits to be returned
	put(t, d, 17, "d", "wait", 4, day, now.Add(-time.Hour))                                 // its clock stands still
	on := calendar.MustDate("2026-11-10")
	for _, c := range []struct {
		from, to calendar.Date
		want     map[string]int64
	}{
		{0, 0, map[string]int64{"a": 2, "b": 3}},
		{on, on, map[string]int64{"a": 2, "b": 1}},
		{on, 0, map[string]int64{"a": 2, "b": 2}},
		{0, on, map[string]int64{"a": 2, "b": 2}},
		{on + 1, 0, map[string]int64{"b": 1}},
		{on + 2, 0, map[string]int64{}},
	} {
		got, err := Overdue(t.Context(), d, c.from, c.to, now)
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("from %v to %v: %v %v, want %v", c.from, c.to, got, err, c.want)
		}
	}
}

// However many dossiers there are, those that are done are not looked at: the
// index of those that wait answers alone.
func TestOverdueReadsItsIndexAlone(t *testing.T) {
	d := dbtest.Open(t)
	explain, wanted := "EXPLAIN QUERY PLAN ", "COVERING INDEX dossier_queue"
	if d.Postgres() {
		explain, wanted = "EXPLAIN ", "dossier_queue"
	}
	var plan []string
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		if d.Postgres() {
			for range tx.Query(`SET LOCAL enable_seqscan = off`) { // which is the best there is for an empty table
			}
		}
		for row := range tx.Query(explain+overdueSQL, int64(1), int64(0), int64(2)) {
			var a, b, c int64
			var line string
			if d.Postgres() {
				row.Scan(&line)
			} else {
				row.Scan(&a, &b, &c, &line)
			}
			plan = append(plan, line)
		}
		return tx.Err()
	}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(plan, "\n"), wanted) {
		t.Errorf("the plan is\n%s", strings.Join(plan, "\n"))
	}
}

// SPDX-License-Identifier: Apache-2.0

// Package stats is the figures: how many dossiers, where, in which state, how
// late. They are read from counters that every act keeps in its own
// transaction, so they are right now and never rebuilt; only what is overdue,
// which time makes and no act, is counted when asked. Start at Dossiers.
package stats

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"motcua/internal/calendar"
	"motcua/internal/db"
)

// Dimensions are what dossiers can be counted by: agency is the one that
// decides, status the national code, outcome early, on_time, late or "" while
// running, day and month those of filing.
var Dimensions = []string{"agency", "status", "outcome", "procedure", "channel", "day", "month"}

// Known is true for a dimension.
func Known(by string) bool { return slices.Contains(Dimensions, by) }

// Query asks for counts by dimensions, of dossiers filed from a day to a day;
// zero days are open.
type Query struct {
	By       []string
	From, To calendar.Date
}

// Detailed is true when the answer is added up from the figures of each day,
// which are many.
func (q Query) Detailed() bool {
	return q.From != 0 || q.To != 0 || slices.ContainsFunc(q.By, func(by string) bool { return by == "procedure" || by == "channel" || by == "day" || by == "month" })
}

// Row is one count with the value of each dimension.
type Row map[string]any

// Dossiers counts. Without days and details it reads the figures of all time,
// which are few however many dossiers there are.
func Dossiers(ctx context.Context, d *db.DB, q Query) ([]Row, error) {
	if len(q.By) == 0 || slices.ContainsFunc(q.By, func(by string) bool { return !Known(by) }) {
		return nil, fmt.Errorf("count dossiers by %q: no such dimension", q.By)
	}
	columns := make([]string, len(q.By))
	for i, by := range q.By {
		switch by {
		case "month":
			columns[i] = "day / 100"
		default:
			columns[i] = by
		}
	}
	group := strings.Join(columns, ", ")
	sql := `SELECT ` + group + `, CAST(SUM(n) AS BIGINT) FROM counter WHERE day = 0 GROUP BY ` + group + ` HAVING SUM(n) <> 0 ORDER BY ` + group
	var args []any
	if q.Detailed() {
		from, to := 1, 99999999
		if q.From != 0 {
			from = number(q.From)
		}
		if q.To != 0 {
			to = number(q.To)
		}
		sql = strings.Replace(sql, "day = 0", "day >= $1 AND day <= $2", 1)
		args = []any{from, to}
	}
	rows := []Row{}
	err := d.Read(ctx, func(tx *db.Tx) error {
		for row := range tx.Query(sql, args...) {
			values := make([]string, len(q.By))
			var n int64
			dest := make([]any, 0, len(q.By)+1)
			numbers := make([]int64, len(q.By))
			for i, by := range q.By {
				if by == "day" || by == "month" {
					dest = append(dest, &numbers[i])
				} else {
					dest = append(dest, &values[i])
				}
			}
			row.Scan(append(dest, &n)...)
			r := Row{"count": n}
			for i, by := range q.By {
				r[by] = shown(by, values[i], numbers[i])
			}
			rows = append(rows, r)
		}
		return tx.Err()
	})
	return rows, err
}

// shown is a value as the API writes it.
func shown(by, value string, number int64) any {
	switch by {
	case "status":
		n, _ := strconv.Atoi(value)
		return n
	case "day":
		s := strconv.FormatInt(number, 10)
		return s[:4] + "-" + s[4:6] + "-" + s[6:]
	case "month":
		s := strconv.FormatInt(number, 10)
		return s[:4] + "-" + s[4:]
	}
	return value
}

func number(d calendar.Date) int {
	n, _ := strconv.Atoi(strings.ReplaceAll(d.String(), "-", ""))
	return n
}

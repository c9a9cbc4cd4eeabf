// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/regime"
)

// Verify proves the requests and the register of breaches: each row is the fold of
// its steps, which are as the journal has them, every limit recomputes from what was
// pinned, no number has a gap. wrong is told what is not so.
func (o *Office) Verify(ctx context.Context, wrong func(where, detail string)) error {
	return o.DB.Read(ctx, func(tx *db.Tx) error {
		numbers := map[string]int{}
		if err := o.verifyRequests(tx, numbers, wrong); err != nil {
			return err
		}
		if err := o.verifyBreaches(tx, numbers, wrong); err != nil {
			return err
		}
		if err := asWritten(tx, wrong); err != nil {
			return err
		}
		for row := range tx.Query(`SELECT series, last FROM number WHERE series LIKE 'privacy/%'`) {
			var series string
			var last int
			row.Scan(&series, &last)
			name := strings.ReplaceAll(strings.TrimPrefix(series, "privacy/"), "/", "-")
			if numbers[name] != last {
				wrong(series, fmt.Sprintf("last given %d, found %d", last, numbers[name]))
			}
		}
		for row := range tx.Query(`SELECT DISTINCT request FROM data_step WHERE NOT EXISTS (SELECT 1 FROM data_request WHERE id = request)
				UNION ALL SELECT DISTINCT breach FROM data_breach_entry WHERE NOT EXISTS (SELECT 1 FROM data_breach WHERE id = breach)`) {
			var id int64
			row.Scan(&id)
			wrong(fmt.Sprint(id), "steps of a case that is not there")
		}
		return tx.Err()
	})
}

// asWritten proves by the journal that steps and entries are what was written, all of
// them and no others.
func asWritten(tx *db.Tx, wrong func(where, detail string)) error {
	type sums map[string]int
	lines := map[string]sums{} // by number
	for row := range tx.Query(`SELECT body FROM journal WHERE kind = $1`, string(audit.Privacy)) {
		var body string
		var said struct{ Number, Sum string }
		row.Scan(&body)
		if json.Unmarshal([]byte(body), &said) != nil || said.Sum == "" {
			continue // what cannot be read, the journal's own proof tells
		}
		if lines[said.Number] == nil {
			lines[said.Number] = sums{}
		}
		lines[said.Number][said.Sum]++
	}
	for row := range tx.Query(`SELECT r.number, s.request, s.seq, s.at, s.body FROM data_step s JOIN data_request r ON r.id = s.request
			UNION ALL SELECT b.number, e.breach, e.seq, e.at, e.body FROM data_breach_entry e JOIN data_breach b ON b.id = e.breach`) {
		var number, body string
		var id, at int64
		var seq int
		row.Scan(&number, &id, &seq, &at, &body)
		sum := sumOf(id, seq, at, body)
		if lines[number] == nil {
			lines[number] = sums{}
		}
		if lines[number][sum]--; lines[number][sum] < 0 {
			wrong(number, fmt.Sprintf("step %d is not what was written", seq))
			lines[number][sum] = 0
		}
	}
	for number, left := range lines {
		for _, n := range left {
			if n > 0 {
				wrong(number, fmt.Sprintf("%d steps that were written are not there as they were", n))
			}
		}
	}
	return tx.Err()
}

// series is a number without its last part.
func series(number string) string { return number[:max(0, strings.LastIndexByte(number, '-'))] }

func (o *Office) verifyRequests(tx *db.Tx, numbers map[string]int, wrong func(where, detail string)) error {
	type row struct {
		id, account, received, version, due int64
		number                              string
		body                                []byte
	}
	var rows []row
	for r := range tx.Query(`SELECT id, number, account, received_at, version, due_at, body FROM data_request ORDER BY id`) {
		var x row
		r.Scan(&x.id, &x.number, &x.account, &x.received, &x.version, &x.due, &x.body)
		rows = append(rows, x)
	}
	for _, x := range rows {
		numbers[series(x.number)]++
		list, err := steps(tx, x.id)
		if err != nil {
			wrong(x.number, err.Error())
			continue
		}
		if len(list) == 0 || list[0].Asked == nil {
			wrong(x.number, "nothing was asked")
			continue
		}
		r := Request{ID: x.id, Number: x.number, Account: x.account}
		for i, s := range list {
			if s.Seq != i+1 {
				wrong(x.number, fmt.Sprintf("step %d follows step %d", s.Seq, i))
			}
			if err := o.recount(tx, &r, &s, func(detail string) { wrong(x.number, detail) }); err != nil {
				return err
			}
			r.apply(s)
		}
		fold, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if !bytes.Equal(fold, x.body) || x.version != int64(r.Version) || x.due != r.dueMs() || x.received != r.ReceivedAt.UnixMilli() {
			wrong(x.number, "is not the fold of its steps")
		}
	}
	return tx.Err()
}

// recount computes the limits of a step again.
func (o *Office) recount(tx *db.Tx, r *Request, s *Step, wrong func(detail string)) error {
	pinned := r.Calendar
	if s.Act == ActAsk {
		pinned = s.Asked.Calendar
	}
	cal, err := o.Site.CalendarEdition(tx, pinned, "")
	if err != nil {
		return err
	}
	if s.Act == ActAsk {
		answer, done, err := limits(s.Asked, cal)
		if err == nil && (!answer.Equal(s.Asked.AnswerBy) || !done.Equal(s.Asked.DoneBy)) {
			wrong("its limits are not those of the law that it pinned")
		}
		return err
	}
	until, err := r.until(s, cal)
	if err == nil && !until.Equal(s.Until) {
		wrong(fmt.Sprintf("the limit of step %d is not that of the law that it pinned", s.Seq))
	}
	return err
}

func (o *Office) verifyBreaches(tx *db.Tx, numbers map[string]int, wrong func(where, detail string)) error {
	type row struct {
		id, version, due int64
		number           string
		body             []byte
	}
	var rows []row
	for r := range tx.Query(`SELECT id, number, version, due_at, body FROM data_breach ORDER BY id`) {
		var x row
		r.Scan(&x.id, &x.number, &x.version, &x.due, &x.body)
		rows = append(rows, x)
	}
	for _, x := range rows {
		numbers[series(x.number)]++
		list, err := entries(tx, x.id)
		if err != nil {
			wrong(x.number, err.Error())
			continue
		}
		b := Breach{ID: x.id, Number: x.number}
		for i, e := range list {
			if e.Seq != i+1 {
				wrong(x.number, fmt.Sprintf("entry %d follows entry %d", e.Seq, i))
			}
			b.apply(e)
		}
		fold, err := json.Marshal(b)
		if err != nil {
			return err
		}
		if !bytes.Equal(fold, x.body) || x.version != int64(b.Version) || x.due != b.dueMs() {
			wrong(x.number, "is not the fold of its entries")
		}
		if end, err := regime.FindDataLaw(b.Law).Breach.End(b.NoticedAt, 0, nil); err != nil || !end.Equal(b.NotifyBy) {
			wrong(x.number, "the clock to the ministry is not that of its law")
		}
	}
	return tx.Err()
}

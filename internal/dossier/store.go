// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// find reads the state row of a dossier; NotFound if there is none.
func find(tx *db.Tx, code Code) (*State, error) {
	var body []byte
	found, err := tx.One(`SELECT body FROM dossier WHERE code = $1`, []any{string(code)}, &body)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, refusal.New(refusal.NotFound, "dossier.unknown", "code", string(code))
	}
	var s State
	if err := json.Unmarshal(body, &s); err != nil {
		return nil, fmt.Errorf("dossier %s: %w", code, err)
	}
	return &s, nil
}

// records reads the events of a dossier in order.
func records(tx *db.Tx, id int64) ([]Record, error) {
	var list []Record
	var fault error
	for row := range tx.Query(`SELECT seq, at, kind, actor, body FROM event WHERE dossier = $1 ORDER BY seq`, id) {
		r, err := scanRecord(row)
		if err != nil {
			fault = err
			break
		}
		list = append(list, r)
	}
	if fault != nil {
		return nil, fault
	}
	return list, tx.Err()
}

func scanRecord(row db.Row) (Record, error) {
	var r Record
	var at int64
	var kind string
	var actor, body []byte
	row.Scan(&r.Seq, &at, &kind, &actor, &body)
	r.At = time.UnixMilli(at).In(calendar.Zone)
	if err := json.Unmarshal(actor, &r.By); err != nil {
		return r, fmt.Errorf("event %d: actor: %w", r.Seq, err)
	}
	var err error
	r.Event, err = decodeEvent(kind, body)
	return r, err
}

// submission reads the first event of a dossier: its answers.
func submission(tx *db.Tx, id int64) (Submitted, error) {
	var body []byte
	if _, err := tx.One(`SELECT body FROM event WHERE dossier = $1 AND seq = 1`, []any{id}, &body); err != nil {
		return Submitted{}, err
	}
	return decode[Submitted](body)
}

// lastOf reads the last event of a kind, which must be there.
func lastOf[E Event](tx *db.Tx, id int64) (E, error) {
	var e E
	var body []byte
	found, err := tx.One(`SELECT body FROM event WHERE dossier = $1 AND kind = $2 ORDER BY seq DESC LIMIT 1`, []any{id, e.kind()}, &body)
	if err != nil || !found {
		return e, cmp.Or(err, fmt.Errorf("dossier %d has no event %s", id, e.kind()))
	}
	return decode[E](body)
}

// append writes events and the state they lead to, with the counters and the
// outgoing work that follow; before is the state so far, nil for a new dossier.
func (b *Book) append(tx *db.Tx, before *State, after *State, added []Record) error {
	for _, r := range added {
		actor, err := json.Marshal(r.By)
		if err != nil {
			return err
		}
		body, err := json.Marshal(r.Event)
		if err != nil {
			return err
		}
		tx.Exec(`INSERT INTO event (dossier, seq, at, kind, actor, body) VALUES ($1, $2, $3, $4, $5, $6)`,
			after.ID, r.Seq, r.At.UnixMilli(), r.Kind(), string(actor), string(body))
		for _, follow := range b.Followers {
			if err := follow(tx, after, r); err != nil {
				return fmt.Errorf("%s %s: %w", r.Kind(), after.Code, err)
			}
		}
	}
	return save(tx, before, after)
}

// save writes the state row; a row that changed meanwhile is db.ErrStale.
func save(tx *db.Tx, before, after *State) error {
	body, err := json.Marshal(after)
	if err != nil {
		return err
	}
	if before == nil {
		tx.Exec(`INSERT INTO dossier (id, code, version, account, procedure, applicant, name_key, id_number, reception, competent, queue, edition, process, cash, step, assignee, status, progress, sent_at, due_at, body)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
			after.ID, string(after.Code), after.Version, after.Account, after.Procedure, after.Applicant.Name, nameKey(after.Applicant.Name), after.Applicant.IDNumber, string(after.Reception), string(after.Competent),
			queueText(after.queueKey()), after.Edition, after.Process, queueText(after.cashKey()), after.Step, after.Assignee, int(after.Status()), after.Progress, after.SentAt.UnixMilli(), after.sorted(), string(body))
		return nil
	}
	tx.ExecOne(`UPDATE dossier SET version = $1, queue = $2, process = $3, cash = $4, step = $5, assignee = $6, status = $7, progress = $8, due_at = $9, body = $10 WHERE id = $11 AND version = $12`,
		after.Version, queueText(after.queueKey()), after.Process, queueText(after.cashKey()), after.Step, after.Assignee, int(after.Status()), after.Progress, after.sorted(), string(body), after.ID, before.Version)
	return nil
}

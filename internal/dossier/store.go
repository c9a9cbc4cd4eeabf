// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"encoding/json"
	"fmt"
	"slices"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// find reads the state row of a dossier; NotFound if there is none, any more.
func find(tx *db.Tx, code Code) (*State, error) {
	var id int64
	var body string
	found, err := tx.One(`SELECT id, body FROM dossier WHERE code = $1`, []any{string(code)}, &id, &body)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, unknown(code)
	}
	return readState(tx, id, body)
}

// findSeen reads a dossier that somebody may see; of all others it says the same,
// whether there is one, was one, or never was.
func findSeen(tx *db.Tx, who Actor, code Code) (*State, error) {
	s, err := find(tx, code)
	if refusal.Is(err, refusal.NotFound) {
		return nil, who.gone(tx, code)
	}
	if err == nil && !who.Sees(s) {
		return nil, unknown(code)
	}
	return s, err
}

func unknown(code Code) error {
	return refusal.New(refusal.NotFound, "dossier.unknown", "code", string(code))
}

// states reads the dossiers of a condition.
func states(tx *db.Tx, where string, args ...any) ([]State, error) {
	var list []State
	for row := range tx.Query(`SELECT id, body FROM dossier WHERE `+where, args...) {
		var id int64
		var body string
		row.Scan(&id, &body)
		s, err := readState(tx, id, body)
		if err != nil {
			return nil, err
		}
		list = append(list, *s)
	}
	return list, tx.Err()
}

// records reads the events of a dossier in order.
func records(tx *db.Tx, id int64) ([]Record, error) {
	var list []Record
	var fault error
	for row := range tx.Query(`SELECT `+eventColumns+` FROM event WHERE dossier = $1 ORDER BY seq`, id) {
		e := scanEvent(row)
		r, err := e.record(tx)
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

// answersOf reads the answers of a dossier as they were given last.
func answersOf(tx *db.Tx, id int64) (form.Answers, error) {
	text, err := answersText(tx, id)
	if err != nil {
		return nil, err
	}
	var a form.Answers
	return a, json.Unmarshal(text, &a)
}

// answersText is the same as it is stored.
func answersText(tx *db.Tx, id int64) (json.RawMessage, error) {
	var e eventRow
	for row := range tx.Query(`SELECT `+eventColumns+` FROM event WHERE dossier = $1 AND kind IN ('submitted', 'supplemented', 'corrected') ORDER BY seq DESC LIMIT 1`, id) {
		e = scanEvent(row)
	}
	if tx.Err() != nil {
		return nil, tx.Err()
	}
	plain, err := e.open(tx)
	if err != nil {
		return nil, err
	}
	var said struct{ Answers json.RawMessage }
	if err := json.Unmarshal([]byte(plain.body), &said); err != nil {
		return nil, fmt.Errorf("dossier %d: answers: %w", id, err)
	}
	return said.Answers, nil
}

// answersIn are the answers as a history gave them last.
func answersIn(events []Record) form.Answers {
	for i := len(events) - 1; i >= 0; i-- {
		switch e := events[i].Event.(type) {
		case Submitted:
			return e.Answers
		case Supplemented:
			return e.Answers
		case Corrected:
			return e.Answers
		}
	}
	return nil
}

// append writes events and the state they lead to, with the counters and the
// outgoing work that follow; before is the state so far, nil for a new dossier.
func (b *Book) append(tx *db.Tx, before *State, after *State, added []Record) error {
	var total digests
	done := acted{Code: after.Code, From: added[0].Seq, To: added[len(added)-1].Seq}
	for _, r := range added {
		e, err := rowOf(tx, after, r)
		if err != nil {
			return err
		}
		tx.Exec(`INSERT INTO event (`+eventColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`, e.dossier, e.seq, e.at, e.kind, e.actor, e.body)
		digest, err := e.digest(tx)
		if err != nil {
			return err
		}
		total.add(digest)
		done.Kinds = append(done.Kinds, r.Kind())
		if err := keepPapers(tx, after, r); err != nil {
			return err
		}
		for _, follow := range b.Followers {
			if err := follow(tx, after, r); err != nil {
				return fmt.Errorf("%s %s: %w", r.Kind(), after.Code, err)
			}
		}
	}
	if before != nil && after.sealed() && !before.sealed() {
		if err := sealPast(tx, after.ID); err != nil {
			return err
		}
	}
	done.Sum = total.text()
	if err := audit.Write(tx, audit.Entry{At: after.Latest, Kind: audit.Acted, Account: added[0].By.Account, Dossier: after.ID, Agency: string(added[0].By.Agency), Detail: done}); err != nil {
		return err
	}
	return save(tx, before, after)
}

// save writes the state row; a row that changed meanwhile is db.ErrStale.
func save(tx *db.Tx, before, after *State) error {
	body, err := after.kept(tx)
	if err != nil {
		return err
	}
	applicant, key, number, err := after.whose(tx)
	if err != nil {
		return err
	}
	watch := after.watched()
	setRetained(tx, before, after)
	if before == nil {
		tx.Exec(`INSERT INTO dossier (id, code, version, account, procedure, applicant, name_key, id_number, reception, competent, queue, edition, process, step, assignee, status, progress, sent_at, due_at, watch, until, alarm_at, body, field, restricted)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
			after.ID, string(after.Code), after.Version, after.Account, after.Procedure, applicant, key, number, string(after.Reception), string(after.Competent),
			queueText(after.queueKey()), after.Edition, after.Process, after.Step, after.Assignee, int(after.Status()), after.Progress, after.SentAt.UnixMilli(), after.sorted(), watch.text(), watch.ms(), after.alarmMs(), body, after.Field, flag(after.Restricted))
		setAside(tx, nil, after)
		return nil
	}
	setAside(tx, before, after)
	if before.matter() != after.matter() || before.Edition != after.Edition || before.Competent != after.Competent || before.Applicant != after.Applicant || before.Account != after.Account {
		tx.ExecOne(`UPDATE dossier SET procedure = $1, edition = $2, competent = $3, applicant = $4, name_key = $5, id_number = $6, account = $7, field = $8, restricted = $9 WHERE id = $10`,
			after.Procedure, after.Edition, string(after.Competent), applicant, key, number, after.Account, after.Field, flag(after.Restricted), after.ID)
	}
	tx.ExecOne(`UPDATE dossier SET version = $1, queue = $2, process = $3, step = $4, assignee = $5, status = $6, progress = $7, due_at = $8, watch = $9, until = $10, alarm_at = $11, body = $12 WHERE id = $13 AND version = $14`,
		after.Version, queueText(after.queueKey()), after.Process, after.Step, after.Assignee, int(after.Status()), after.Progress, after.sorted(), watch.text(), watch.ms(), after.alarmMs(), body, after.ID, before.Version)
	return nil
}

// flag is a truth value as a column.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// setAside keeps where the dossier waits beside the step in hand.
func setAside(tx *db.Tx, before, after *State) {
	var was []aside
	if before != nil {
		was = before.asides()
	}
	is := after.asides()
	for _, a := range was {
		if !slices.Contains(is, a) {
			tx.Exec(`DELETE FROM aside WHERE queue = $1 AND due_at = $2 AND dossier = $3`, queueText(a.key), a.due, after.ID)
		}
	}
	for _, a := range is {
		if !slices.Contains(was, a) {
			tx.Exec(`INSERT INTO aside (queue, due_at, dossier) VALUES ($1, $2, $3)`, queueText(a.key), a.due, after.ID)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"encoding/json"
	"fmt"
	"strings"

	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/vault"
)

// What lies sealed (docs/decisions/015): of a dossier of restricted access, and of one
// that holds an answer or a paper marked confidential, the row's body and all events;
// of restricted ones also whose they are. Drafts, invitations, officers' own notes
// and batches are sealed always. Everything else lies open, for lists and figures.

// sealed tells whether the dossier lies sealed.
func (s *State) sealed() bool { return s.Restricted || s.Confidential }

// confides tells whether a filing holds something marked confidential.
func confides(e *procedure.Edition, in *procedure.Case, answers form.Answers, documents []Document) bool {
	if e.Form.Confides(answers) {
		return true
	}
	for _, d := range documents {
		if k := componentOf(in.Components, d.Component); k != nil && k.Confidential && d.File != "" {
			return true
		}
	}
	return false
}

func (s *State) lies() string { return fmt.Sprintf("dossier/%d", s.ID) }

// readState reads the body of a dossier's row.
func readState(tx *db.Tx, id int64, body string) (*State, error) {
	s := State{ID: id}
	if err := unseal(tx, s.lies(), body, &s); err != nil {
		return nil, fmt.Errorf("dossier %d: %w", id, err)
	}
	return &s, nil
}

// kept is the body of the row as it lies.
func (s *State) kept(tx *db.Tx) (string, error) {
	if s.sealed() {
		return seal(tx, s.lies(), s)
	}
	body, err := json.Marshal(s)
	return string(body), err
}

// whose are the columns that say whose the dossier is. Those of restricted access are
// found by the whole number and the whole name only.
func (s *State) whose(tx *db.Tx) (applicant, key, number string, err error) {
	if !s.Restricted {
		return s.Applicant.Name, nameKey(s.Applicant.Name), s.Applicant.IDNumber, nil
	}
	applicant, err = tx.Vault().SealText(fmt.Sprintf("applicant/%d", s.ID), s.Applicant.Name)
	return applicant, digestKey(tx, "name", nameKey(s.Applicant.Name)), digestKey(tx, "number", s.Applicant.IDNumber), err
}

// digestKey is what stands for a text in a column that sealed dossiers are found by:
// no name or number begins so.
func digestKey(tx *db.Tx, kind, text string) string { return "~" + tx.Vault().Digest(kind, text) }

// openApplicant reads whose a dossier is from its column; "" if that does not open.
func openApplicant(tx *db.Tx, id int64, applicant string) string {
	if !vault.Sealed(applicant) {
		return applicant
	}
	name, err := tx.Vault().OpenText(fmt.Sprintf("applicant/%d", id), applicant)
	if err != nil {
		return "" // the dossier itself tells, and verify
	}
	return name
}

// eventRow is an event as it lies.
type eventRow struct {
	dossier     int64
	seq         int
	at          int64
	kind        string
	actor, body string
}

// laidOpen begins a sealed text that lay open when the journal took its digest.
const laidOpen = "o"

// rowOf is the row of an event of a dossier.
func rowOf(tx *db.Tx, s *State, r Record) (eventRow, error) {
	row := eventRow{dossier: s.ID, seq: r.Seq, at: r.At.UnixMilli(), kind: r.Kind()}
	actor, err := json.Marshal(r.By)
	if err != nil {
		return row, err
	}
	body, err := json.Marshal(r.Event)
	if err != nil {
		return row, err
	}
	row.actor, row.body = string(actor), string(body)
	if s.sealed() {
		err = row.seal(tx, "")
	}
	return row, err
}

func (e *eventRow) place(part string) string {
	return fmt.Sprintf("%s/%d/%d", part, e.dossier, e.seq)
}

func (e *eventRow) seal(tx *db.Tx, before string) error {
	actor, err := tx.Vault().SealText(e.place("actor"), e.actor)
	if err != nil {
		return err
	}
	body, err := tx.Vault().SealText(e.place("event"), e.body)
	e.actor, e.body = before+actor, before+body
	return err
}

// lies tells whether part of the row lies open.
func (e *eventRow) lies() bool { return e.actor[:1] == "{" || e.body[:1] == "{" }

// open returns the row with its texts open.
func (e *eventRow) open(tx *db.Tx) (eventRow, error) {
	plain := *e
	var err error
	if plain.actor, err = tx.Vault().OpenText(e.place("actor"), strings.TrimPrefix(e.actor, laidOpen)); err != nil {
		return plain, err
	}
	plain.body, err = tx.Vault().OpenText(e.place("event"), strings.TrimPrefix(e.body, laidOpen))
	return plain, err
}

// record reads an event.
func (e *eventRow) record(tx *db.Tx) (Record, error) {
	r := Record{Seq: e.seq, At: instant(e.at)}
	plain, err := e.open(tx)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal([]byte(plain.actor), &r.By); err != nil {
		return r, fmt.Errorf("event %d: actor: %w", r.Seq, err)
	}
	r.Event, err = decodeEvent(e.kind, []byte(plain.body))
	return r, err
}

// digest is of the row as the journal knows it: of what is sealed it is a keyed one,
// the same whichever key seals.
func (e *eventRow) digest(tx *db.Tx) ([32]byte, error) {
	plain, err := e.open(tx)
	if err != nil {
		return [32]byte{}, err
	}
	if vault.Sealed(e.actor) {
		plain.actor = tx.Vault().Digest("actor", plain.actor)
	}
	if vault.Sealed(e.body) {
		plain.body = tx.Vault().Digest("event", plain.body)
	}
	return eventDigest(e.dossier, e.seq, e.at, e.kind, plain.actor, plain.body), nil
}

const eventColumns = `dossier, seq, at, kind, actor, body`

func scanEvent(row db.Row) eventRow {
	var e eventRow
	row.Scan(&e.dossier, &e.seq, &e.at, &e.kind, &e.actor, &e.body)
	return e
}

// sealPast seals what lies open of a dossier that was not sealed before: a mistaken
// procedure was put right, or something confidential was handed in later.
func sealPast(tx *db.Tx, id int64) error {
	var open []eventRow
	for row := range tx.Query(`SELECT `+eventColumns+` FROM event WHERE dossier = $1 ORDER BY seq`, id) {
		if e := scanEvent(row); e.lies() {
			open = append(open, e)
		}
	}
	for _, e := range open {
		if err := e.seal(tx, laidOpen); err != nil {
			return err
		}
		tx.Exec(`UPDATE event SET actor = $1, body = $2 WHERE dossier = $3 AND seq = $4`, e.actor, e.body, e.dossier, e.seq)
	}
	return tx.Err()
}

// seal is a value as a sealed text, and unseal reads it again.
func seal(tx *db.Tx, place string, v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return tx.Vault().SealText(place, string(text))
}

func unseal(tx *db.Tx, place, text string, into any) error {
	plain, err := tx.Vault().OpenText(place, text)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(plain), into)
}

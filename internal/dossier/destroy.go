// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/identity"
	"motcua/internal/refusal"
)

// Tombstone is what is left of a dossier that was destroyed when its term of
// keeping was over: which it was, by what it was destroyed, and the figures and
// numbers that it is part of. Nothing of persons.
type Tombstone struct {
	ID      int64     `json:"-"`
	Code    Code      `json:"-"`
	Account int64     `json:"-"` // in whose list it stands
	At      time.Time `json:"-"`
	Round   int64     `json:"-"`

	Procedure string        `json:"procedure"`
	Reception agency.ID     `json:"reception"`
	Competent agency.ID     `json:"competent"`
	Field     string        `json:"field,omitempty"`
	Open      bool          `json:"open,omitempty"` // not of restricted access; false from before this was kept
	Sent      calendar.Date `json:"sent"`
	Closed    calendar.Date `json:"closed"`
	Keep      agency.Keep   `json:"keep"` // the term that was over
	Order     Order         `json:"order"`

	Figures []db.DeltaKey `json:"figures"`
	Numbers []numbered    `json:"numbers"`
	Events  int           `json:"events"`
	Owner   *int64        `json:"owner,omitempty"` // whose it was then; nil from before this was kept
	Sum     string        `json:"sum"`             // of the digests of the rows of its events, as the journal has them
}

// Order is the decision by which dossiers are destroyed.
type Order struct {
	Year     int    `json:"year"` // of the round
	Decision string `json:"decision"`
	By       string `json:"by"`
}

// numbered is a number of a series that has no gap.
type numbered struct {
	Series string `json:"series"`
	N      int64  `json:"n"`
}

// buried is what the journal says of a dossier that was destroyed.
type buried struct {
	Code   Code   `json:"code"`
	Order  Order  `json:"order"`
	Digest string `json:"digest"` // of the tombstone
}

// approval is what the journal says of a round that was approved, or of which the
// approval was taken back (records).
type approval struct {
	What  string `json:"what"`
	Round string `json:"round"`
	Year  int    `json:"year"`
}

// What the journal calls the approval of a round, and taking it back.
const (
	RoundApproved  = "round_approved"
	RoundTakenBack = "round_taken_back"
)

// stone is a tombstone's row.
type stone struct {
	id, at, round int64
	code, body    string
}

func (x stone) digest() [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %d %d %s%s", x.id, x.at, x.round, len(x.code), x.code, x.body)
	return [32]byte(h.Sum(nil))
}

// remains are the tables whose rows go with a dossier. It waits nowhere any more,
// and the keys of calls, batches and assignments are swept within weeks.
var (
	remainsByID   = []string{"event", "seen", "note", "labelled", "retained", "paper"}
	remainsByCode = []string{"outgoing", "outage_left"}
)

// Destroy destroys a dossier that a round lists, in a transaction: what it holds
// goes, a tombstone stays and the journal says so. Refused if its term is not over,
// it is held, or the round does not list it.
func (b *Book) Destroy(tx *db.Tx, code Code, round int64, order Order) error {
	s, err := find(tx, code)
	if err != nil {
		return err
	}
	now := b.Now().Truncate(time.Millisecond)
	if k := s.keeping(); k.what != ToDestroy || k.due == 0 || k.due > now.UnixMilli() || k.round != round {
		return refusal.New(refusal.NotNow, "dossier.destroy.kept", "code", string(code)).Because(archiveBasis)
	}
	events, err := records(tx, s.ID)
	if err != nil {
		return err
	}
	t := Tombstone{Procedure: s.Procedure, Reception: s.Reception, Competent: s.Competent, Field: s.Field, Open: !s.Restricted, Sent: local(s.SentAt), Closed: s.ClosedOn(),
		Keep: s.Retention.Keep, Order: order, Figures: s.counted(), Numbers: numbersOf(s, events), Events: len(events), Owner: &s.Account}
	sum, err := eventSum(tx, s.ID)
	if err != nil {
		return err
	}
	t.Sum = sum.text()
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	x := stone{s.ID, now.UnixMilli(), round, string(code), string(body)}
	tx.ExecOne(`INSERT INTO tombstone (id, code, account, at, round, body) VALUES ($1, $2, $3, $4, $5, $6)`, x.id, x.code, s.Account, x.at, x.round, x.body)
	if err := letGo(tx, s.ID, uploaded(events)); err != nil {
		return err
	}
	tx.Exec(`DELETE FROM invitation WHERE draft IN (SELECT id FROM draft WHERE code = $1 AND code <> '')`, x.code)
	tx.Exec(`DELETE FROM draft WHERE code = $1 AND code <> ''`, x.code)
	for _, table := range remainsByID {
		tx.Exec(`DELETE FROM `+table+` WHERE dossier = $1`, s.ID)
	}
	for _, table := range remainsByCode {
		tx.Exec(`DELETE FROM `+table+` WHERE code = $1`, x.code)
	}
	tx.Exec(`DELETE FROM notice WHERE account = $1 AND code = $2`, s.Account, x.code)
	tx.ExecOne(`DELETE FROM dossier WHERE id = $1 AND version = $2`, s.ID, s.Version)
	if s.Account != 0 {
		Tell(tx, s.Account, x.code, NoticeDestroyed, now)
	}
	digest := x.digest()
	return audit.Write(tx, audit.Entry{At: now, Kind: audit.Destroyed, Dossier: s.ID, Agency: string(s.Competent), Detail: buried{code, order, hex.EncodeToString(digest[:])}})
}

// NoticeDestroyed is the kind of the notice that a dossier was destroyed.
const NoticeDestroyed = "destroyed"

// eventSum adds up the digests of a dossier's rows of events as they stand.
func eventSum(tx *db.Tx, id int64) (digests, error) {
	var sum digests
	for row := range tx.Query(`SELECT `+eventColumns+` FROM event WHERE dossier = $1`, id) {
		e := scanEvent(row)
		digest, err := e.digest(tx)
		if err != nil {
			return sum, err
		}
		sum.add(digest)
	}
	return sum, tx.Err()
}

const stoneColumns = `id, code, account, at, round, body`

func scanStone(row db.Row) (Tombstone, stone, error) {
	var x stone
	var t Tombstone
	row.Scan(&x.id, &x.code, &t.Account, &x.at, &x.round, &x.body)
	err := json.Unmarshal([]byte(x.body), &t)
	t.ID, t.Code, t.At, t.Round = x.id, Code(x.code), instant(x.at), x.round
	return t, x, err
}

func stones(tx *db.Tx, where string, args ...any) ([]Tombstone, error) {
	var list []Tombstone
	var fault error
	for row := range tx.Query(`SELECT `+stoneColumns+` FROM tombstone WHERE `+where, args...) {
		t, _, err := scanStone(row)
		if fault = err; err != nil {
			break
		}
		list = append(list, t)
	}
	if fault != nil {
		return nil, fault
	}
	return list, tx.Err()
}

// gone refuses a code that no dossier has: of one that was destroyed it says when
// and by which rule, to who could have seen it.
func (a Actor) gone(tx *db.Tx, code Code) error {
	list, err := stones(tx, `code = $1`, string(code))
	if err != nil {
		return err
	}
	if len(list) == 1 && a.Sees(list[0].state()) {
		t := list[0]
		return refusal.New(refusal.NotFound, DestroyedKey, "code", string(code), "on", shortDate(t.At), "rule", t.Keep.Name, "term", TermWords(t.Keep), "decision", t.Order.Decision).Because(t.Keep.Basis)
	}
	return unknown(code)
}

// state is what the policy asks of a dossier, as far as a tombstone has it.
func (t *Tombstone) state() *State {
	return &State{Account: t.Account, Procedure: t.Procedure, Field: t.Field, Restricted: !t.Open, Reception: t.Reception, Competent: t.Competent, Phase: Returned}
}

// The keys of the refusal of a dossier that was destroyed: to who could have seen
// it, and to the public, which learns how a dossier stands and nothing else.
const (
	DestroyedKey = "dossier.destroyed"
	GoneKey      = "dossier.gone"
)

// Destroyed lists what is left of an account's dossiers that were destroyed, the
// latest first.
func (b *Book) Destroyed(ctx context.Context, who Actor, limit int) ([]Tombstone, error) {
	var list []Tombstone
	if who.Account == 0 {
		return nil, nil
	}
	err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = stones(tx, `account = $1 ORDER BY at DESC, id DESC LIMIT $2`, who.Account, limit)
		return err
	})
	return list, err
}

// DestroyedIn lists what is left of the dossiers that a round destroyed, in the
// order in which they were filed.
func DestroyedIn(tx *db.Tx, round int64, limit int) ([]Tombstone, error) {
	return stones(tx, `round = $1 ORDER BY id LIMIT $2`, round, limit)
}

// graves counts what was destroyed into the figures, the numbers and the journal.
func (v *verifier) graves(tx *db.Tx) error {
	for after, n := int64(0), verifyBatch; n == verifyBatch; {
		n = 0
		for row := range tx.Query(`SELECT `+stoneColumns+` FROM tombstone WHERE id > $1 ORDER BY id LIMIT $2`, after, verifyBatch) {
			t, x, err := scanStone(row)
			after = x.id
			n++
			if err == nil {
				err = v.events.addText(t.Sum)
			}
			if err != nil {
				v.wrong("tombstone", x.code, "%v", err)
				continue
			}
			v.stones.add(x.digest())
			if t.Owner != nil && *t.Owner != t.Account {
				v.moved = append(v.moved, t)
			}
			for _, k := range t.Figures {
				v.counts[k]++
			}
			for _, x := range t.Numbers {
				v.number(x.Series, x.N)
			}
		}
		if tx.Err() != nil {
			return tx.Err()
		}
	}
	for row := range tx.Query(`SELECT dossier.code FROM dossier JOIN tombstone ON tombstone.id = dossier.id OR tombstone.code = dossier.code`) {
		var code string
		row.Scan(&code)
		v.wrong("tombstone", code, "stands beside its dossier")
	}
	return tx.Err()
}

// merger is what the journal says of an account that took over another.
type merger struct {
	What string `json:"what"`
	From int64  `json:"from"`
}

// owners holds whose the tombstones are against whose they were and the accounts that
// became one since.
func (v *verifier) owners(tx *db.Tx) error {
	for _, t := range v.moved {
		owner := *t.Owner
		for n := 0; n <= len(v.merged) && v.merged[owner] != 0; n++ {
			owner = v.merged[owner]
		}
		if owner != t.Account {
			v.wrong("tombstone", string(t.Code), "stands in the list of another account than its dossier did")
		}
	}
	for from := range v.merged {
		for row := range tx.Query(`SELECT code FROM tombstone WHERE account = $1`, from) {
			var code string
			row.Scan(&code)
			v.wrong("tombstone", code, "stands in the list of an account that is another's now")
		}
	}
	return tx.Err()
}

// ordered holds lines of the journal on what was destroyed against those on what
// was approved, and keeps which accounts became one.
func (v *verifier) ordered(l audit.Line) {
	key := func(year int) string { return fmt.Sprintf("%s %d", l.Agency, year) }
	var a approval
	var b buried
	var m merger
	switch {
	case l.Kind == audit.Kept && l.Read(&a) == nil && a.Round == ToDestroy:
		switch a.What {
		case RoundApproved:
			v.approved[key(a.Year)]++
		case RoundTakenBack:
			v.approved[key(a.Year)]--
		}
	case l.Kind == audit.Account && l.Read(&m) == nil && m.What == identity.MergedNote:
		v.merged[m.From] = l.Account
	case l.Kind == audit.Destroyed && l.Read(&b) == nil:
		v.orders[key(b.Order.Year)] = true
	}
}

// unburied finds the tombstones that are not those of the journal.
func (v *verifier) unburied(tx *db.Tx, found *int) error {
	told := map[int64]bool{}
	err := audit.Walk(tx, [audit.Chains]int64{}, func(l audit.Line) bool {
		var b buried
		if l.Kind != audit.Destroyed || l.Read(&b) != nil {
			return true
		}
		told[l.Dossier] = true
		var x stone
		there, err := tx.One(`SELECT id, code, at, round, body FROM tombstone WHERE id = $1`, []any{l.Dossier}, &x.id, &x.code, &x.at, &x.round, &x.body)
		if digest := x.digest(); err == nil && (!there || hex.EncodeToString(digest[:]) != b.Digest) {
			*found++
			v.wrong("tombstone", string(b.Code), "was written, and is missing or another now")
		}
		return tx.Err() == nil
	})
	if err != nil {
		return err
	}
	for row := range tx.Query(`SELECT id, code FROM tombstone`) {
		var id int64
		var code string
		if row.Scan(&id, &code); !told[id] {
			*found++
			v.wrong("tombstone", code, "the journal does not have that it was destroyed")
		}
	}
	return tx.Err()
}

// InRound lists the dossiers that a round lists, as far as the caller sees them,
// in the order in which they were filed. That they were is noted.
func (b *Book) InRound(ctx context.Context, who Actor, round int64, limit int) ([]State, error) {
	var list []State
	err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		q := query{args: []any{round, limit}}
		where := `id IN (SELECT dossier FROM retained WHERE round = $1) AND ` + who.seen(&q) + ` ORDER BY id LIMIT $2`
		list, err = states(tx, where, q.args...)
		return err
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	l := Listing{What: ListedRound, Of: list[0].Competent, N: len(list)}
	for i := range list[:min(len(list), mostListed)] {
		l.Codes = append(l.Codes, list[i].Code)
	}
	return list, b.listed(ctx, who, l)
}

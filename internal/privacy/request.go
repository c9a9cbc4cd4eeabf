// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// State is how far a request is.
type State string

// The states of a request.
const (
	Received   State = "received"   // to be answered
	Accepted   State = "accepted"   // to be carried out
	Done       State = "done"       // carried out
	Refused    State = "refused"    // with why and by what law
	Withdrawn  State = "withdrawn"  // by who asked
	Complained State = "complained" // and the complaint is to be decided
)

// States lists them, in the order of a life.
var States = []State{Received, Accepted, Done, Refused, Withdrawn, Complained}

// Request is what a person asks of the data that are kept of them.
type Request struct {
	ID      int64  `json:"-"`
	Number  string `json:"number"`
	Account int64  `json:"account"`
	Version int    `json:"version"` // number of its last step
	State   State  `json:"state"`
	Asked
	Others      bool      `json:"others,omitempty"`  // data have to be stopped or erased elsewhere, too
	More        int       `json:"more,omitempty"`    // days of the extension
	Decided     int64     `json:"decided,omitempty"` // who accepted, refused or did it
	AnsweredAt  time.Time `json:"answered_at,omitzero"`
	ClosedAt    time.Time `json:"closed_at,omitzero"`
	ComplaintBy time.Time `json:"complaint_by,omitzero"` // when a complaint is decided
	Steps       []Step    `json:"-"`
}

// Asked is what is asked for, and what it pinned: the law and the calendar of the
// day, and the limits that they give.
type Asked struct {
	Right      regime.Right `json:"right"`
	Subject    string       `json:"subject,omitempty"` // a fact to correct, a use to stop, "account" to close it
	Value      string       `json:"value,omitempty"`   // what is right
	Text       string       `json:"text,omitempty"`
	Law        regime.ID    `json:"law"`
	Calendar   int64        `json:"calendar"`
	ReceivedAt time.Time    `json:"received_at"`
	AnswerBy   time.Time    `json:"answer_by"`
	DoneBy     time.Time    `json:"done_by"`
}

// Says is what is asked for in the words of a language, which say has; facts as fact
// shows them, and uses by their names on a day.
func (a *Asked) Says(say func(key string, args ...any) string, fact func(name, value, lang string) string, lang string, on calendar.Date) []Said {
	var list []Said
	add := func(key, value string) {
		if value != "" {
			list = append(list, Said{say(key), value})
		}
	}
	switch {
	case a.Right == regime.Correct && a.Subject != "":
		add("privacy.ask.correct", say("portal.person."+a.Subject))
		add("privacy.ask.value", fact(a.Subject, a.Value, lang))
	case a.Right == regime.Object:
		add("privacy.ask.object", UseName(a.Subject, on).In(lang))
	case a.Right == regime.Erase && a.Subject == CloseAccount:
		add("privacy.ask.delete", say("privacy.ask.close_account"))
	}
	add("privacy.ask.text", a.Text)
	return list
}

// Step is what was done with a request, when and by whom; steps are only added.
type Step struct {
	Seq    int       `json:"-"`
	At     time.Time `json:"-"`
	Act    string    `json:"act"`
	By     int64     `json:"by,omitempty"`   // 0 is the system
	Name   string    `json:"name,omitempty"` // of an officer
	Asked  *Asked    `json:"asked,omitempty"`
	Text   string    `json:"text,omitempty"` // what the person is told, or why
	Basis  string    `json:"basis,omitempty"`
	Value  string    `json:"value,omitempty"`  // that was put in
	Others bool      `json:"others,omitempty"` // accepted with data elsewhere
	Days   int       `json:"days,omitempty"`   // longer
	Until  time.Time `json:"until,omitzero"`   // the limit that follows
	Upheld bool      `json:"upheld,omitempty"` // a complaint was right, and the request is taken up again
	Kept   []string  `json:"kept,omitempty"`   // what the law lets nobody erase: codes of dossiers
	Closed bool      `json:"closed,omitempty"` // the account was
}

// The acts on a request.
const (
	ActAsk      = "ask"
	ActAccept   = "accept"
	ActRefuse   = "refuse"
	ActExtend   = "extend"
	ActDo       = "do"
	ActWithdraw = "withdraw"
	ActComplain = "complain"
	ActResolve  = "resolve"
)

// Acts lists what can be done with a request that is there: by officers, and by who
// asked.
var Acts = []string{ActAccept, ActRefuse, ActExtend, ActDo, ActResolve, ActWithdraw, ActComplain}

// apply is what a step does to the request.
func (r *Request) apply(s Step) {
	r.Version = s.Seq
	switch s.Act {
	case ActAsk:
		r.Asked, r.State = *s.Asked, Received
	case ActAccept:
		r.State, r.Others, r.AnsweredAt, r.DoneBy, r.Decided = Accepted, s.Others, s.At, s.Until, s.By
	case ActRefuse:
		r.State, r.ClosedAt, r.Decided = Refused, s.At, s.By
		if r.AnsweredAt.IsZero() {
			r.AnsweredAt = s.At
		}
	case ActExtend:
		r.More, r.DoneBy = s.Days, s.Until
	case ActDo:
		r.State, r.ClosedAt, r.Decided = Done, s.At, s.By
		if r.AnsweredAt.IsZero() {
			r.AnsweredAt = s.At
		}
	case ActWithdraw:
		r.State, r.ClosedAt = Withdrawn, s.At
	case ActComplain:
		r.State, r.ComplaintBy = Complained, s.Until
	case ActResolve:
		if r.State = r.before(); s.Upheld {
			r.State, r.DoneBy, r.More, r.ClosedAt = Accepted, s.Until, 0, time.Time{}
		}
	}
	r.Steps = append(r.Steps, s)
}

// before is how a request stood that was complained of.
func (r *Request) before() State {
	for i := len(r.Steps) - 1; i >= 0; i-- {
		switch r.Steps[i].Act {
		case ActDo:
			return Done
		case ActRefuse:
			return Refused
		}
	}
	return Done
}

// did is true when an act was done to the request.
func (r *Request) did(act string) bool {
	for _, s := range r.Steps {
		if s.Act == act {
			return true
		}
	}
	return false
}

// Due is by when the next thing is to be done; zero when nothing is.
func (r *Request) Due() time.Time {
	switch r.State {
	case Received:
		return r.AnswerBy
	case Accepted:
		return r.DoneBy
	case Complained:
		return r.ComplaintBy
	}
	return time.Time{}
}

// Last is the last step of an act; nil if there is none.
func (r *Request) Last(act string) *Step {
	for i := len(r.Steps) - 1; i >= 0; i-- {
		if r.Steps[i].Act == act {
			return &r.Steps[i]
		}
	}
	return nil
}

// dueMs is Due as its row has it.
func (r *Request) dueMs() int64 {
	if due := r.Due(); !due.IsZero() {
		return due.UnixMilli()
	}
	return 0
}

// save writes the fold of a request that was there.
func (r *Request) save(tx *db.Tx) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	tx.ExecOne(`UPDATE data_request SET account = $1, version = $2, due_at = $3, body = $4 WHERE id = $5`, r.Account, r.Version, r.dueMs(), string(body), r.ID)
	return tx.Err()
}

// step adds a step and writes it with the fold; what is how the journal calls it.
func (o *Office) step(tx *db.Tx, who dossier.Actor, r *Request, s Step, what string) error {
	s.Seq = r.Version + 1
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	r.apply(s)
	tx.Exec(`INSERT INTO data_step (request, seq, at, body) VALUES ($1, $2, $3, $4)`, r.ID, s.Seq, s.At.UnixMilli(), string(body))
	fold, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if s.Seq == 1 {
		tx.Exec(`INSERT INTO data_request (id, number, account, received_at, version, due_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			r.ID, r.Number, r.Account, r.ReceivedAt.UnixMilli(), r.Version, r.dueMs(), string(fold))
	} else {
		tx.ExecOne(`UPDATE data_request SET version = $1, due_at = $2, body = $3 WHERE id = $4 AND version = $5`, r.Version, r.dueMs(), string(fold), r.ID, r.Version-1)
	}
	return o.note(tx, who, s.At, what, r.Number, "sum", sumOf(r.ID, s.Seq, s.At.UnixMilli(), string(body)))
}

const columns = `id, account, body`

func scan(row db.Row) (Request, error) {
	var r Request
	var body []byte
	var account int64
	row.Scan(&r.ID, &account, &body)
	if err := json.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("data request %d: %w", r.ID, err)
	}
	r.Account = account
	return r, nil
}

func find(tx *db.Tx, number string) (Request, error) {
	list, err := requests(tx, `number = $1`, number)
	if err == nil && len(list) == 0 {
		err = refusal.New(refusal.NotFound, "privacy.unknown")
	}
	if err != nil {
		return Request{}, err
	}
	r := list[0]
	r.Steps, err = steps(tx, r.ID)
	return r, err
}

func requests(tx *db.Tx, where string, arg any) ([]Request, error) {
	var list []Request
	for row := range tx.Query(`SELECT `+columns+` FROM data_request WHERE `+where, arg) {
		r, err := scan(row)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, tx.Err()
}

func steps(tx *db.Tx, request int64) ([]Step, error) {
	var list []Step
	for row := range tx.Query(`SELECT seq, at, body FROM data_step WHERE request = $1 ORDER BY seq`, request) {
		var s Step
		var at int64
		var body []byte
		row.Scan(&s.Seq, &at, &body)
		if err := json.Unmarshal(body, &s); err != nil {
			return nil, fmt.Errorf("data request %d: %w", request, err)
		}
		s.At = time.UnixMilli(at).In(calendar.Zone)
		list = append(list, s)
	}
	return list, tx.Err()
}

// Mine lists what a person asked for, the latest first.
func (o *Office) Mine(ctx context.Context, who dossier.Actor) ([]Request, error) {
	var list []Request
	err := o.DB.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = requests(tx, `account = $1 ORDER BY received_at DESC, id DESC`, who.Account)
		return err
	})
	return list, err
}

// Find returns a request to who asked, and to the officer in charge, whose look is
// noted; everybody else is told that it does not exist.
func (o *Office) Find(ctx context.Context, who dossier.Actor, number string) (Request, error) {
	var r Request
	err := o.DB.Read(ctx, func(tx *db.Tx) (err error) {
		r, err = o.mayFind(tx, who, number)
		return err
	})
	if err == nil && r.Account != who.Account {
		err = o.DB.Write(ctx, func(tx *db.Tx) error { return o.note(tx, who, o.now(), "looked", number) })
	}
	return r, err
}

func (o *Office) mayFind(tx *db.Tx, who dossier.Actor, number string) (Request, error) {
	r, err := find(tx, number)
	if err == nil && (who.Account == 0 || r.Account != who.Account && !InCharge(who)) {
		err = refusal.New(refusal.NotFound, "privacy.unknown")
	}
	return r, err
}

// closedShown is how many requests are listed that are done.
const closedShown = 50

// List lists the requests for the officer in charge: what waits, the most pressing
// first, and what was done last.
func (o *Office) List(ctx context.Context, who dossier.Actor) (open, closed []Request, err error) {
	if err := officersOnly(who); err != nil {
		return nil, nil, err
	}
	err = o.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if open, err = requests(tx, `due_at > $1 ORDER BY due_at, id`, 0); err != nil {
			return err
		}
		closed, err = requests(tx, `due_at = 0 ORDER BY received_at DESC, id DESC LIMIT $1`, closedShown)
		return err
	})
	return open, closed, err
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Book is the handling book of a site: where dossiers are filed, handled and
// found. Its clock is the site's clock.
type Book struct {
	DB        *db.DB
	Catalogue *procedure.Catalogue
	Site      *agency.Site
	Now       func() time.Time
	Followers []Follower

	Looks *Looks // nil notes every look anew
}

// Follower is what follows from an event, in the same transaction: it may
// write, must be quick, and must not call anything outside.
type Follower func(tx *db.Tx, s *State, r Record) error

// Request is an act somebody wants done: what the caller sent.
type Request struct {
	Act     string
	Version int            // of the dossier, as the caller last saw it
	Params  map[string]any // by name, as offered
	Key     *Key           // idempotency, if the caller gave one
}

// Key makes a repeated call give the same answer: the caller's key and a
// digest of what was asked.
type Key struct {
	Value string
	Hash  string
}

// digest is how the digest of what was asked is kept: what a call said cannot be
// guessed from it.
func (k *Key) digest(tx *db.Tx) string { return tx.Vault().Digest("request", k.Hash) }

// same tells whether a kept digest is of the same call.
func (k *Key) same(tx *db.Tx, kept string) bool { return kept == k.digest(tx) || kept == k.Hash }

// desk is what a rule decides on: the dossier, who acts in which post, the
// pinned law, and the instant. Rules get it and return events or a refusal.
type desk struct {
	*State
	who     Actor
	right   right
	edition *procedure.Edition // pinned when sent: facts, form, templates
	process *workflow.Process  // pinned at reception; before, what would be followed
	cal     *calendar.Calendar
	now     time.Time
	params  params
	dir     *agency.Directory
	terms   agency.Terms

	schedule agency.Schedule
	uploads  func() ([]Document, error)               // every file of the dossier, also those that were replaced
	closed   func() (map[string]document.Scan, error) // its files that may not be opened, by digest
	signed   bool                                     // the act is done by signing what was put to the leader
	answers  func() (form.Answers, error)
	draft    func() (Proposed, error)           // the last one; zero if there was none
	next     func(series string) (int64, error) // gap-free numbers
	take     func(asked []procedure.Component, given []Paper) ([]Document, []refusal.Field, error)
	promise  func() (*Answer, error)                     // by when what is filed now is answered
	refile   func(Filing, time.Time) (*Submitted, error) // the same dossier filed otherwise, as of an instant
	lay      func(*State) (*desk, error)                 // the desk with the dossier in another state
	since    time.Time                                   // it was really handed in, if before now
	pinned   pins
}

// pins are the editions that reception would pin.
type pins struct {
	process  int
	calendar int64
	hours    string
}

// act is an act of the law. Who may do it says policy.go; all else of it stands
// in its file.
type act struct {
	name  string
	label form.Text
	aside bool                           // leads aside or back, not forward
	open  func(d *desk) error            // why the dossier does not permit it now; nil if it does
	asks  func(d *desk) ([]Param, error) // what must be said with it; nil for nothing
	rule  func(d *desk) ([]Event, error) // what follows; pure but for the numbers it draws
}

// acts in the order in which they are offered: what carries the dossier forward
// before what leads back.
var acts = []act{
	receiveAct, forwardAct, takeOverAct, determineAct, assignAct, sendPartsAct, finishPartAct, stepAct, proposeAct, approveAct, issueAct, handOverAct, collectAct,
	supplementAct, resumeAct, signAct, answerConsultAct, confirmWithdrawalAct,
	sendBackAct, declineAct, askSupplementAct, correctAct, doubtCompetenceAct, refuseAct, consultAct, verifyOnSiteAct, pauseAct, extendAct, stopAct, undoAct, claimAct, reassignAct, withdrawAct,
	incidentAct, revokeAct, messageAct, rateAct,
	holdAct, endHoldAct, retermAct,
}

// Acts lists the names of all acts.
func Acts() []string {
	names := make([]string, len(acts))
	for i := range acts {
		names[i] = acts[i].name
	}
	return names
}

// byName are the acts by name; filled at the start, as acts may be done by acts.
var byName = map[string]*act{}

func init() {
	for i := range acts {
		byName[acts[i].name] = &acts[i]
	}
}

func actNamed(name string) *act { return byName[name] }

// Act does one act on a dossier: load, decide, append, fold, follow, commit.
// The order of refusals is: not found, not allowed, stale version, content.
func (b *Book) Act(ctx context.Context, who Actor, code Code, req Request) (State, error) {
	if actNamed(req.Act) == nil {
		return State{}, refusal.New(refusal.NotFound, "dossier.act.unknown", "act", req.Act)
	}
	req, err := req.prepared(ctx)
	if err != nil {
		return State{}, err
	}
	return b.actWith(ctx, who, code, req, func(*db.Tx) error { return nil })
}

// prepared is the request with its inlined papers looked into; what is not as it
// should be is left for the act to refuse.
func (r Request) prepared(ctx context.Context) (Request, error) {
	given := maps.Clone(r.Params)
	if papers, err := papersOf(given["documents"]); err == nil && len(papers) > 0 {
		if given["documents"], err = Prepare(ctx, papers); err != nil {
			return r, err
		}
	}
	if f, err := filingOf(given["filing"]); err == nil && len(f.Documents) > 0 {
		if f.Documents, err = Prepare(ctx, f.Documents); err != nil {
			return r, err
		}
		given["filing"] = f
	}
	r.Params = given
	return r, nil
}

func (b *Book) act(ctx context.Context, who Actor, code Code, req Request, with func(tx *db.Tx) error) (State, error) {
	var done State
	err := b.DB.Write(ctx, func(tx *db.Tx) error {
		s, err := findSeen(tx, who, code)
		if err != nil {
			return err
		}
		if again, err := b.replay(tx, who, req.Key); again != nil || err != nil {
			if again != nil {
				done = *again
			}
			return err
		}
		d, err := b.desk(tx, s, who)
		if err != nil {
			return err
		}
		if err := d.entitle(req.Act); err != nil {
			return err
		}
		if req.Version == 0 {
			return refusal.Fields("dossier.version.missing", []refusal.Field{refusal.At("/version", "dossier.version.missing")})
		}
		if req.Version != s.Version {
			return refusal.New(refusal.Conflict, "dossier.version.stale", "version", s.Version, "given", req.Version)
		}
		events, err := d.decide(req.Act, req.Params)
		if err != nil {
			return d.instead(err)
		}
		after, err := b.happen(tx, d, events)
		if err != nil {
			return err
		}
		if req.Act == correctAct.name {
			if after, err = b.sparedOf(tx, after); err != nil {
				return err
			}
		}
		if err := with(tx); err != nil {
			return err
		}
		done = *after
		return remember(tx, who, req.Key, after, d.now)
	})
	return done, err
}

// entitle puts the post in which the actor may do an act on the desk, and
// refuses those who never may.
func (d *desk) entitle(act string) error {
	right, ok := d.who.may(act, d.State, d.process)
	if !ok {
		return refusal.New(refusal.NotAllowed, "dossier.act.not_allowed", "act", act)
	}
	d.right = right
	return nil
}

// decide asks the rule of an act what follows from what was sent.
func (d *desk) decide(name string, given map[string]any) ([]Event, error) {
	a := actNamed(name)
	if err := a.open(d); err != nil {
		return nil, err
	}
	d.params = params{given: given}
	events, err := a.rule(d)
	if err == nil {
		err = d.params.end()
	}
	return events, d.named(err, a)
}

// instead adds to a refusal for the state of the dossier what the actor could
// do with it now.
func (d *desk) instead(err error) error {
	e := refusal.As(err)
	if e == nil || e.Kind != refusal.NotNow {
		return err
	}
	offers, fault := d.offers()
	if fault != nil {
		return fault
	}
	for _, o := range offers {
		e.Next = append(e.Next, o.Label)
	}
	return e
}

// named gives the wrong fields of a refusal the labels they were asked by.
func (d *desk) named(err error, a *act) error {
	e := refusal.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	asked, fault := d.asks(a)
	if fault != nil {
		return fault
	}
	for i, f := range e.Fields {
		for _, p := range asked {
			if f.Pointer == "/"+p.Name {
				e.Fields[i] = f.Named(p.Label)
			}
		}
	}
	return e
}

// happen appends events to the dossier on the desk, and what the system itself
// does next because of them.
func (b *Book) happen(tx *db.Tx, d *desk, events []Event) (*State, error) {
	before := d.State
	after := before.clone()
	by := d.who.by(d.right.role, d.right.at)
	if name := d.who.Away[before.Assignee]; name != "" && by.Role == workflow.Specialist {
		by.For = name // whose dossier it is
	}
	var added []Record
	add := func(e Event, by By) {
		r := Record{Seq: after.Version + 1, At: d.now, By: by, Event: e}
		added = append(added, r)
		after.apply(r)
	}
	for _, e := range events {
		add(e, by)
	}
	if _, undoes := events[0].(Undone); undoes {
		all, err := records(tx, before.ID)
		if err != nil {
			return nil, err
		}
		if len(all) != before.Version {
			return nil, refusal.New(refusal.Conflict, "dossier.version.stale", "version", len(all), "given", before.Version)
		}
		folded, err := Fold(before.ID, append(all, added...))
		if err != nil {
			return nil, err
		}
		after = &folded
	}
	for e := after.automatic(); e != nil; e = after.automatic() {
		add(e, By{})
	}
	if after.Closed() && after.Retention == nil {
		e, err := d.retained(after, after.ClosedOn())
		if err != nil {
			return nil, err
		}
		add(e, By{})
	}
	count(tx, before, after)
	return after, b.append(tx, before, after, added)
}

// automatic is what the system does at once: it forwards a dossier that has no
// paper by the system link (NĐ 61/2018 art. 18), and hands over on line a
// result that is asked for on line and paid.
func (s *State) automatic() Event {
	switch {
	case s.Forward && !s.Transit && s.Wait == nil && s.Channel == procedure.Online:
		return Forwarded{To: s.Competent}
	case s.Phase == Ready && s.Return == procedure.Online && len(s.Unpaid()) == 0:
		return HandedOver{From: s.Step, Channel: procedure.Online}
	}
	return nil
}

func (s *State) clone() *State {
	c := *s
	c.Fees = slices.Clone(s.Fees)
	return &c
}

// deskOf lays out a dossier for what the system does by itself.
func (b *Book) deskOf(tx *db.Tx, code Code) (*desk, error) {
	s, err := find(tx, code)
	if err != nil {
		return nil, err
	}
	return b.desk(tx, s, Actor{})
}

// desk lays a dossier out with the law it has pinned.
func (b *Book) desk(tx *db.Tx, s *State, who Actor) (*desk, error) {
	d := &desk{State: s, who: who.On(s), now: b.Now().Truncate(time.Millisecond).In(calendar.Zone), dir: b.Site.Directory(), terms: b.Site.Terms(), schedule: b.Site.Schedule()}
	if d.now.Before(s.Latest) {
		d.now = s.Latest // a clock was put back, or another server's is ahead: history runs forward
	}
	var err error
	if d.edition, err = b.Catalogue.Edition(tx, s.Procedure, s.Edition); err != nil {
		return nil, err
	}
	if s.Process == 0 {
		err = d.preview(tx, b)
	} else {
		err = d.recall(tx, b)
	}
	if err != nil {
		return nil, err
	}
	d.answers = func() (form.Answers, error) {
		return answersOf(tx, s.ID)
	}
	d.take = func(asked []procedure.Component, given []Paper) ([]Document, []refusal.Field, error) {
		return taker{tx, who.Account, s.Documents}.papers(asked, given)
	}
	d.refile = func(f Filing, since time.Time) (*Submitted, error) { return b.check(tx, who, f, s, since) }
	d.lay = func(s *State) (*desk, error) {
		next, err := b.desk(tx, s, who)
		if err == nil {
			next.right, next.now, next.next = d.right, d.now, d.next
		}
		return next, err
	}
	d.promise = func() (*Answer, error) { return b.promise(s.Reception, d.now) }
	d.uploads = func() ([]Document, error) {
		all, err := records(tx, s.ID)
		return uploaded(all), err
	}
	d.closed = func() (map[string]document.Scan, error) { return closed(tx, s.Digests()) }
	d.draft = func() (Proposed, error) {
		if s.Template == "" {
			return Proposed{}, nil
		}
		all, err := records(tx, s.ID)
		e, _, _ := Last[Proposed](all)
		return e, err
	}
	d.next = func(series string) (int64, error) { return tx.Next(series) }
	return d, nil
}

// preview takes the process and calendar in force now: reception will pin them.
func (d *desk) preview(tx *db.Tx, b *Book) error {
	current, err := b.Catalogue.InForce(tx, d.Procedure, local(d.now))
	if refusal.Is(err, refusal.NotFound) {
		current, err = d.edition, nil // abolished since it was sent
	}
	if err != nil {
		return err
	}
	d.process = current.Process
	if a := d.dir.Find(d.Competent); a != nil {
		d.pinned.hours = a.Hours
	}
	d.pinned.process = current.Number
	d.pinned.calendar, d.cal, err = b.Site.Calendar(d.pinned.hours)
	return err
}

// recall takes the process and calendar that were pinned.
func (d *desk) recall(tx *db.Tx, b *Book) error {
	e, err := b.Catalogue.Edition(tx, d.Procedure, d.Process)
	if err != nil {
		return err
	}
	d.process = e.Process
	d.cal, err = b.Site.CalendarEdition(tx, d.State.Calendar, d.Hours)
	return err
}

// move leads to a step of the process, due by its own limit from now.
func (d *desk) move(to string) (Move, error) {
	step := d.process.Step(to)
	if step == nil {
		return Move{}, fmt.Errorf("dossier %s: process has no step %q", d.Code, to)
	}
	m := Move{Step: step.ID, Role: step.Role, At: d.place(step.At), Work: workOf(step), Progress: d.process.Progress(step.ID)}
	if step.Limit != nil {
		due, err := d.cal.Due(d.now, *step.Limit, d.Elapsed, nil)
		if err != nil {
			return m, err
		}
		m.StepDue = due
	}
	return m, nil
}

// notNow refuses an act that the dossier does not permit as it stands.
func (d *desk) notNow(act string) error {
	return refusal.New(refusal.NotNow, "dossier.act.not_now", "act", act, "step", d.stepName()).Because(d.law().Basis)
}

// byStep opens an act to who holds a step of the process that has it.
func byStep(act workflow.Act) func(d *desk) error {
	return func(d *desk) error {
		_, err := d.inHand(act)
		return err
	}
}

// inHand returns the step in hand if this act is one of its own and the
// actor's to do; otherwise why not.
func (d *desk) inHand(act workflow.Act) (*workflow.StepOfWay, error) {
	step := d.current()
	if step == nil || d.Closed() || d.Forward || !step.Has(act) {
		return nil, d.notNow(string(act))
	}
	if d.Wait != nil {
		return nil, d.waiting(string(act))
	}
	if !d.who.holdsStep(d.State) {
		return nil, d.notYours()
	}
	return step, d.joined(step)
}

func (d *desk) current() *workflow.StepOfWay {
	if d.Phase == Filed {
		return &d.process.Steps[0]
	}
	return d.process.Step(d.Step)
}

func (d *desk) stepName() form.Text {
	if s := d.current(); s != nil {
		return s.Name
	}
	return form.Text{VI: "đã kết thúc", EN: "ended"}
}

// ways lists the actions of a step by an act that are open. Conditions look at
// the inputs, then at the answers, which are read only if there are any.
func (d *desk) ways(in *workflow.StepOfWay, act workflow.Act, inputs form.Answers) ([]workflow.Action, error) {
	if !in.Guarded(act) {
		return in.Ways(act, form.Scope{}), nil
	}
	answers, err := d.answers()
	return in.Ways(act, form.Scope{Answers: answers, Facts: d.facts()}.In(inputs)), err
}

// replay returns the dossier as a call with the same key left it; nil if the
// key is new. The same key with another request is a conflict.
func (b *Book) replay(tx *db.Tx, who Actor, key *Key) (*State, error) {
	if key == nil {
		return nil, nil
	}
	var hash, code string
	var version int
	found, err := tx.One(`SELECT hash, code, version FROM idempotency WHERE account = $1 AND key = $2`, []any{who.Account, key.Value}, &hash, &code, &version)
	if err != nil || !found {
		return nil, err
	}
	if !key.same(tx, hash) {
		return nil, refusal.New(refusal.Conflict, "request.key_reused")
	}
	now, err := find(tx, Code(code))
	if err != nil || now.Version == version {
		return now, err
	}
	events, err := records(tx, now.ID)
	if err != nil {
		return nil, err
	}
	then, err := Fold(now.ID, events[:version])
	return &then, err
}

// KeysKept is how long a repeated call gives the same answer.
const KeysKept = 30 * 24 * time.Hour

// Sweep forgets the keys of calls that nobody repeats any more, batches that
// are done, and who was given dossiers, when nobody asks for them any more, and
// files that were uploaded and never used; and it reminds people of what they
// began to write and did not send.
func (b *Book) Sweep(ctx context.Context) error {
	b.Looks.forget(b.Now())
	return errors.Join(b.sweepUnused(ctx), b.DB.Write(ctx, func(tx *db.Tx) error {
		old := b.Now().Add(-KeysKept).UnixMilli()
		tx.Exec(`DELETE FROM idempotency WHERE at < $1`, old)
		tx.Exec(`DELETE FROM assignment WHERE at < $1`, old)
		tx.Exec(`DELETE FROM batch WHERE started_at < $1 AND NOT EXISTS (SELECT 1 FROM batch_item WHERE batch = batch.id AND done_at = 0)`, old)
		tx.Exec(`DELETE FROM batch_item WHERE NOT EXISTS (SELECT 1 FROM batch WHERE id = batch_item.batch)`)
		if err := b.remindInvited(tx); err != nil {
			return err
		}
		return b.remindDrafts(tx)
	}))
}

func remember(tx *db.Tx, who Actor, key *Key, s *State, now time.Time) error {
	if key != nil {
		tx.ExecOne(`INSERT INTO idempotency (account, key, hash, code, version, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			who.Account, key.Value, key.digest(tx), string(s.Code), s.Version, now.UnixMilli())
	}
	return tx.Err()
}

// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// CloseAccount is the subject of a deletion that closes the account, too.
const CloseAccount = "account"

const (
	textMost  = 2000 // characters
	askedMost = 20   // requests of a person in a day
	copyMost  = 5    // copies of everything, of these
)

// Ask files a request of a person about their own data; it has its limits from this
// moment. Refused: what is not said (Invalid), the same asked for while the first is
// open (Conflict), more than a person can mean (TooMany), what an officer's account
// does not have (NotAllowed).
func (o *Office) Ask(ctx context.Context, who dossier.Actor, a Asked) (Request, error) {
	if a.Text = form.TidyText(a.Text); a.Right == regime.Export {
		return Request{}, refusal.New(refusal.Invalid, "request.unreadable") // Copy
	}
	if err := a.check(who, o.now()); err != nil {
		return Request{}, err
	}
	var r Request
	err := o.DB.Write(ctx, func(tx *db.Tx) (err error) {
		r, err = o.ask(tx, who, a)
		return err
	})
	return r, err
}

// check refuses what a request lacks.
func (a *Asked) check(who dossier.Actor, now time.Time) error {
	if who.Account == 0 || who.Member != nil {
		return refusal.New(refusal.NotAllowed, "privacy.oneself")
	}
	if who.Officer && a.Right != regime.Access && a.Right != regime.Correct {
		return refusal.New(refusal.NotAllowed, "privacy.officer")
	}
	if who.Officer && a.Subject != "" { // what it knows of its holder is the agency's to keep
		return refusal.New(refusal.NotAllowed, "portal.account.officer")
	}
	var wrong []refusal.Field
	if utf8.RuneCountInString(a.Text) > textMost || utf8.RuneCountInString(a.Value) > 300 {
		wrong = append(wrong, refusal.At("/text", "form.length", "max", textMost))
	}
	switch a.Right {
	case regime.Access:
		a.Subject, a.Value = "", ""
	case regime.Restrict:
		a.Subject, a.Value = "", ""
	case regime.Correct:
		if a.Value = form.Tidy(a.Value); a.Subject != "" && !slices.Contains(identity.PersonFacts, a.Subject) {
			wrong = append(wrong, refusal.At("/subject", "form.choice"))
		}
		if a.Subject != "" && len(wrong) == 0 {
			a.Value, wrong = fact(a.Subject, a.Value, now)
		}
		if a.Subject == "" && a.Text == "" {
			wrong = append(wrong, refusal.At("/text", "form.required"))
		}
	case regime.Object:
		if a.Value = ""; !slices.Contains(identity.Uses, a.Subject) {
			wrong = append(wrong, refusal.At("/subject", "form.choice"))
		}
	case regime.Erase:
		if a.Value = ""; a.Subject != "" && a.Subject != CloseAccount {
			wrong = append(wrong, refusal.At("/subject", "form.choice"))
		}
	default:
		return refusal.New(refusal.NotFound, "privacy.unknown")
	}
	return refusal.Fields("request.invalid", wrong)
}

// ask writes a request that was checked.
func (o *Office) ask(tx *db.Tx, who dossier.Actor, a Asked) (Request, error) {
	now := o.now()
	r := Request{ID: db.NewID(), Account: who.Account}
	tx.Exec(`UPDATE account SET stopped = stopped WHERE id = $1`, who.Account) // one after the other
	list, err := requests(tx, `account = $1`, who.Account)
	if err != nil {
		return r, err
	}
	today := 0
	for _, x := range list {
		if a.Right != regime.Export && x.Right == a.Right && x.Subject == a.Subject && !x.Due().IsZero() {
			return r, refusal.New(refusal.Conflict, "privacy.open_already", "number", x.Number)
		}
		if x.ReceivedAt.After(now.Add(-24*time.Hour)) && (a.Right != regime.Export || x.Right == regime.Export) {
			today++
		}
	}
	if most := map[bool]int{true: copyMost, false: askedMost}[a.Right == regime.Export]; today >= most {
		return r, refusal.New(refusal.TooMany, "privacy.many", "n", most)
	}
	law := regime.DataLawOn(calendar.DateOf(now))
	number, cal, err := o.Site.Calendar("")
	if err != nil {
		return r, err
	}
	a.Law, a.Calendar, a.ReceivedAt = law.ID, number, now
	if a.AnswerBy, a.DoneBy, err = limits(&a, cal); err != nil {
		return r, err
	}
	if r.Number, err = numbered(tx, "DL", now); err != nil {
		return r, err
	}
	dossier.Tell(tx, r.Account, r.Number, NoticeRequest, now)
	return r, o.step(tx, who, &r, Step{At: now, Act: ActAsk, By: who.Account, Asked: &a}, "asked: "+string(a.Right))
}

// limits are when a request is answered and carried out by what it pinned.
func limits(a *Asked, cal *calendar.Calendar) (answer, done time.Time, err error) {
	law := regime.FindDataLaw(a.Law)
	answer, err = law.Answer.End(a.ReceivedAt, 0, cal)
	if err == nil {
		done, err = law.Do(a.Right, false).End(a.ReceivedAt, 0, cal)
	}
	return answer, done, err
}

// Given is what comes with an act.
type Given struct {
	Version int // as it was seen
	Text    string
	Basis   string
	Value   string
	Others  bool
	Days    int
	Upheld  bool
}

// Offers lists what somebody may do with a request now.
func (o *Office) Offers(who dossier.Actor, r *Request) []string {
	var list []string
	for _, act := range Acts {
		if o.may(who, r, act) == nil {
			list = append(list, act)
		}
	}
	return list
}

// open are the states in which an act is open.
var open = map[string][]State{
	ActAccept: {Received}, ActRefuse: {Received, Accepted}, ActExtend: {Accepted}, ActDo: {Accepted}, ActResolve: {Complained},
	ActWithdraw: {Received, Accepted}, ActComplain: {Done, Refused},
}

// may refuses who may not do an act, and an act that is not open. Nobody decides on
// what they asked for themselves, nor on a complaint of what they decided.
func (o *Office) may(who dossier.Actor, r *Request, act string) error {
	asked := act == ActWithdraw || act == ActComplain
	switch {
	case open[act] == nil:
		return refusal.New(refusal.NotFound, "privacy.act")
	case asked && (who.Account != r.Account || who.Account == 0 || who.Member != nil):
		return refusal.New(refusal.NotAllowed, "privacy.oneself")
	case !asked && !InCharge(who):
		return refusal.New(refusal.NotAllowed, "privacy.officers_only")
	case !asked && (who.Account == r.Account || who.Away[r.Account] != ""):
		return refusal.New(refusal.NotAllowed, "privacy.own")
	case act == ActResolve && r.Decided == who.Account:
		return refusal.New(refusal.NotAllowed, "privacy.decided").Because("Luật Khiếu nại 02/2011/QH13, Điều 6")
	case !slices.Contains(open[act], r.State):
		return refusal.New(refusal.NotNow, "privacy.state")
	case act == ActComplain && r.did(ActComplain):
		return refusal.New(refusal.NotNow, "privacy.complained")
	}
	if act == ActExtend {
		law := regime.FindDataLaw(r.Law)
		switch {
		case law.Longest == 0, r.More > 0:
			return refusal.New(refusal.NotNow, "privacy.extended").Because(law.Basis)
		case o.Now().After(r.DoneBy):
			return refusal.New(refusal.NotNow, "privacy.extend_late").Because(law.Basis)
		}
	}
	return nil
}

// Act does something with a request: step, fold, what it does to the account, the
// notice and the journal in one transaction.
func (o *Office) Act(ctx context.Context, who dossier.Actor, number, act string, g Given) (Request, error) {
	var r Request
	err := o.write(ctx, func(tx *db.Tx) (err error) {
		if r, err = o.mayFind(tx, who, number); err != nil {
			return err
		}
		if err := o.may(who, &r, act); err != nil {
			return err
		}
		if g.Version != r.Version {
			return refusal.New(refusal.Conflict, "privacy.changed")
		}
		return o.act(tx, who, &r, act, g)
	})
	if err == nil && act == ActDo {
		o.Register.Forget(r.Account)
	}
	return r, err
}

func (o *Office) act(tx *db.Tx, who dossier.Actor, r *Request, act string, g Given) error {
	s := Step{At: o.now(), Act: act, By: who.Account, Text: form.TidyText(g.Text), Basis: form.Tidy(g.Basis)}
	if who.Account != r.Account {
		s.Name = who.Name
	}
	if err := r.told(&s, g); err != nil {
		return err
	}
	if err := o.clock(tx, r, &s, g); err != nil {
		return err
	}
	if act == ActAccept && r.Right == regime.Correct {
		if err := identity.Correctable(tx, r.Account, r.Subject); err != nil {
			return err // nothing is promised that cannot be done
		}
	}
	if act == ActDo {
		if err := o.do(tx, who, r, &s, g); err != nil {
			return err
		}
	}
	if !s.Closed {
		dossier.Tell(tx, r.Account, r.Number, NoticeRequest, s.At)
	}
	return o.step(tx, who, r, s, act)
}

// told refuses an act without the words that it needs.
func (r *Request) told(s *Step, g Given) error {
	var wrong []refusal.Field
	need := func(pointer, text string) {
		if text == "" {
			wrong = append(wrong, refusal.At(pointer, "form.required"))
		} else if utf8.RuneCountInString(text) > textMost {
			wrong = append(wrong, refusal.At(pointer, "form.length", "max", textMost))
		}
	}
	switch s.Act {
	case ActRefuse:
		need("/text", s.Text)
		need("/basis", s.Basis)
	case ActExtend:
		need("/text", s.Text)
		if longest := regime.FindDataLaw(r.Law).Longest; g.Days < 1 || g.Days > longest {
			wrong = append(wrong, refusal.At("/days", "privacy.days", "n", longest))
		}
	case ActComplain, ActResolve:
		need("/text", s.Text)
	case ActDo:
		if r.Right == regime.Access || r.Right == regime.Correct && r.Subject == "" {
			need("/text", s.Text)
		}
	}
	return refusal.Fields("request.invalid", wrong)
}

// clock is the limit that follows from a step.
func (o *Office) clock(tx *db.Tx, r *Request, s *Step, g Given) error {
	switch s.Act {
	case ActAccept:
		s.Others = g.Others
	case ActExtend:
		s.Days = g.Days
	case ActResolve:
		s.Upheld = g.Upheld
	}
	cal, err := o.Site.CalendarEdition(tx, r.Calendar, "")
	if err == nil {
		s.Until, err = r.until(s, cal)
	}
	return err
}

// until is the limit that follows from a step, by what the request pinned.
func (r *Request) until(s *Step, cal *calendar.Calendar) (time.Time, error) {
	law := regime.FindDataLaw(r.Law)
	switch {
	case s.Act == ActAccept:
		return law.Do(r.Right, s.Others).End(r.ReceivedAt, 0, cal)
	case s.Act == ActExtend:
		return law.Do(r.Right, r.Others).End(r.ReceivedAt, s.Days, cal)
	case s.Act == ActComplain:
		term, _ := regime.Complaint()
		return term.End(s.At, 0, cal)
	case s.Act == ActResolve && s.Upheld:
		return law.Do(r.Right, r.Others).End(s.At, 0, cal)
	}
	return time.Time{}, nil
}

// do carries a request out.
func (o *Office) do(tx *db.Tx, who dossier.Actor, r *Request, s *Step, g Given) error {
	switch r.Right {
	case regime.Correct:
		if r.Subject == "" {
			return nil
		}
		var wrong []refusal.Field
		if s.Value, wrong = fact(r.Subject, g.Value, s.At); len(wrong) > 0 {
			return refusal.Fields("request.invalid", wrong)
		}
		return identity.CorrectFact(tx, r.Account, r.Subject, s.Value)
	case regime.Object:
		return identity.Stop(tx, r.Account, r.Subject)
	case regime.Restrict:
		return identity.Stop(tx, r.Account, identity.Restricted)
	case regime.Erase:
		return o.erase(tx, r, s)
	}
	return nil
}

// erase erases what no law keeps: drafts, facts of the account, files that no dossier
// holds. Dossiers stay until their retention is over, and the person is told which.
func (o *Office) erase(tx *db.Tx, r *Request, s *Step) error {
	for row := range tx.Query(`SELECT code FROM dossier WHERE account = $1 ORDER BY id`, r.Account) {
		var code string
		row.Scan(&code)
		s.Kept = append(s.Kept, code)
	}
	if err := tx.Err(); err != nil {
		return err
	}
	if r.Subject == CloseAccount {
		n, err := dossier.Unfinished(tx, r.Account)
		if err != nil {
			return err
		}
		if n > 0 {
			return refusal.New(refusal.NotNow, "privacy.unfinished", "n", n).Because("Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15, Điều 19")
		}
	}
	if err := dossier.Forget(tx, r.Account); err != nil {
		return err
	}
	if r.Subject != CloseAccount {
		return identity.EraseFacts(tx, r.Account)
	}
	s.Closed = true
	return identity.Close(tx, r.Account, calendar.DateOf(s.At), s.At.UnixMilli())
}

// Resume lets every use of a person's data go on that they had stopped.
func (o *Office) Resume(ctx context.Context, who dossier.Actor) error {
	if who.Account == 0 || who.Member != nil {
		return refusal.New(refusal.NotAllowed, "privacy.oneself")
	}
	err := o.DB.Write(ctx, func(tx *db.Tx) error {
		return errors.Join(identity.Stop(tx, who.Account), o.note(tx, who, o.now(), "resumed", ""))
	})
	o.Register.Forget(who.Account)
	return err
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"errors"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// No waiting state is forgotten: each has an owner and a limit. Past it the
// dossier stands on the watch page of the owner's agency, and where the law says
// what follows, the system does it by itself.

// Watch names what is waited for.
type Watch string

// What is waited for, in the order of a life.
const (
	WatchReceive    Watch = "receive"    // the answer to who filed on line
	WatchForward    Watch = "forward"    // the papers on their way to who decides (NĐ 61/2018 art. 18)
	WatchTakeOver   Watch = "take_over"  // papers that another one-stop sent
	WatchCompetence Watch = "competence" // which agency decides
	WatchStep       Watch = "step"       // a step of the process
	WatchPart       Watch = "part"       // another agency's part of an interlinked procedure
	WatchOpinion    Watch = "opinion"    // another agency's opinion
	WatchSupplement Watch = "supplement" // the applicant
	WatchOutside    Watch = "outside"    // what the clock stands still for
	WatchUnpaid     Watch = "unpaid"     // fees of a result that is there
	WatchCollect    Watch = "collect"    // a result that nobody comes for
)

// Watches are all that is waited for, in the order of a life.
var Watches = []Watch{WatchReceive, WatchForward, WatchTakeOver, WatchCompetence, WatchStep, WatchPart, WatchOpinion, WatchSupplement, WatchOutside, WatchUnpaid, WatchCollect}

// watched is what the dossier waits for, whose matter that is, and until when;
// the zero value for one that waits for nothing with a limit.
type watched struct {
	what  Watch
	at    agency.ID
	until time.Time
}

func (s *State) watched() watched {
	at, _ := s.Holder()
	switch {
	case s.Closed():
	case s.Wait != nil && s.Wait.For == regime.Supplement:
		return watched{WatchSupplement, at, s.Wait.Until}
	case s.Wait != nil && s.Wait.For == regime.Competence:
		return watched{WatchCompetence, s.Reception, s.Wait.Until}
	case s.Wait != nil && !s.Wait.Until.IsZero():
		return watched{WatchOutside, at, s.Wait.Until}
	case s.Wait != nil:
	case s.Phase == Filed && !s.StepDue.IsZero():
		return watched{WatchReceive, at, s.StepDue}
	case s.Transit:
		return watched{WatchTakeOver, at, s.ForwardBy}
	case s.Forward:
		return watched{WatchForward, at, s.ForwardBy}
	case s.Phase == Ready && !s.CollectBy.IsZero() && len(s.Unpaid()) > 0:
		return watched{WatchUnpaid, at, s.CollectBy}
	case s.Phase == Ready && !s.CollectBy.IsZero():
		return watched{WatchCollect, at, s.CollectBy}
	case s.Phase == Running && !s.StepDue.IsZero():
		return watched{WatchStep, at, s.StepDue}
	}
	return watched{}
}

// WaitsUntil is by when what the dossier waits for should be done; zero if it
// waits for nothing with a limit.
func (s *State) WaitsUntil() time.Time { return s.watched().until }

// text is how the place is written in the index; "" for none.
func (w watched) text() string {
	if w.what == "" {
		return ""
	}
	return string(w.at) + " " + string(w.what)
}

// ms is the limit in milliseconds; 0 for none.
func (w watched) ms() int64 {
	if w.what == "" {
		return 0
	}
	return w.until.UnixMilli()
}

// alarm is when the system has something to do by itself; zero for never.
func (s *State) alarm() time.Time {
	var first time.Time
	soon := func(at time.Time) {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	switch {
	case s.Closed() && s.Retention == nil:
		soon(time.UnixMilli(1)) // closed before terms were kept
	case s.Closed() && s.Hold == nil:
		soon(s.Retention.PurgeAt)
	case s.Closed():
	case s.Wait != nil && s.Wait.For == regime.Supplement && !s.Wait.Remind.IsZero():
		soon(s.Wait.Remind)
	case s.Wait != nil && s.Wait.For == regime.Supplement:
		soon(s.Wait.Until)
	case s.Phase == Ready && !s.Reminded:
		soon(s.CollectBy)
	case s.Phase == Running && !s.Foreseen && s.Extension == nil && !s.Due.IsZero():
		soon(s.Foresee)
	}
	for _, o := range s.asked() {
		if !o.Overdue {
			soon(o.Due)
		}
	}
	return first
}

func (s *State) alarmMs() int64 {
	if at := s.alarm(); !at.IsZero() {
		return at.UnixMilli()
	}
	return 0
}

// Reminded is that the applicant was reminded of what is theirs to do.
type Reminded struct {
	Of    Watch     `json:"of"` // supplement, collect
	Until time.Time `json:"until"`
}

func (Reminded) kind() string { return "reminded" }

func (e Reminded) apply(s *State, _ Record) {
	if e.Of == WatchCollect {
		s.Reminded = true
	} else if s.Wait != nil {
		w := *s.Wait
		w.Remind = time.Time{}
		s.Wait = &w
	}
}

// Foreseen is that the dossier may not be done in time: on the working day
// before the last one on which an extension can be asked for, who has it in hand
// is told so.
type Foreseen struct {
	Last time.Time `json:"last"` // instant for an extension that counts
}

func (Foreseen) kind() string { return "foreseen" }

func (Foreseen) apply(s *State, _ Record) { s.Foreseen = true }

// OpinionOverdue is that another agency did not answer in time; the head of the
// one-stop is told (NĐ 61/2018 art. 19(5)).
type OpinionOverdue struct {
	N  int       `json:"n"`
	To agency.ID `json:"to"`
}

func (OpinionOverdue) kind() string { return "opinion_overdue" }

func (e OpinionOverdue) apply(s *State, _ Record) {
	s.Opinions = append([]Opinion(nil), s.Opinions...)
	for i := range s.Opinions {
		if s.Opinions[i].N == e.N {
			s.Opinions[i].Overdue = true
		}
	}
}

// remindDays is how many working days before its end an applicant is reminded of
// a supplement.
const remindDays = 3

// foresee is when the system warns of a due instant: the morning of the working
// day before the last one on which an extension can be asked for; zero if that
// is past already.
func (d *desk) foresee(due time.Time) (time.Time, error) {
	last, err := d.cal.ExtendBy(due)
	if err != nil || due.IsZero() {
		return time.Time{}, err
	}
	day, err := d.cal.Shift(calendar.DateOf(last), -1)
	if at := d.cal.StartOfDay(day); err == nil && at.After(d.now) {
		return at, nil
	}
	return time.Time{}, err
}

// Watch does what is due for the system itself, at most n dossiers, each in a
// transaction of its own; it returns how many it looked at. What cannot be done
// is tried again the next time, and holds up nothing else.
func (b *Book) Watch(ctx context.Context, n int) (int, error) {
	var failed []error
	for rounds := range watchRounds {
		codes, err := b.alarmed(ctx, n, len(failed)) // what failed stands before the others
		if err != nil {
			return rounds * n, err
		}
		before := len(failed)
		for _, code := range codes {
			if err := b.DB.Write(ctx, func(tx *db.Tx) error { return b.rouse(tx, code) }); err != nil && !errors.Is(err, db.ErrStale) {
				failed = append(failed, err)
			}
		}
		if len(codes) < n || len(failed) == before {
			return rounds*n + len(codes), errors.Join(failed...)
		}
	}
	return watchRounds * n, errors.Join(failed...)
}

// watchRounds is how often one look goes on behind what cannot be done.
const watchRounds = 10

// alarmed are dossiers whose alarm has come, behind some that are passed over.
func (b *Book) alarmed(ctx context.Context, n, past int) ([]Code, error) {
	var codes []Code
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		codes = nil
		for row := range tx.Query(`SELECT code FROM dossier WHERE alarm_at > 0 AND alarm_at <= $1 ORDER BY alarm_at, id LIMIT $2 OFFSET $3`, b.Now().UnixMilli(), n, past) {
			var c Code
			row.Scan(&c)
			codes = append(codes, c)
		}
		return tx.Err()
	})
	return codes, err
}

// rouse does what is due on one dossier, if it still is.
func (b *Book) rouse(tx *db.Tx, code Code) error {
	d, err := b.deskOf(tx, code)
	if err != nil {
		return err
	}
	if at := d.alarm(); at.IsZero() || at.After(d.now) {
		return nil // somebody came first
	}
	e, err := d.alarmed()
	if err != nil {
		return err
	}
	_, err = b.happen(tx, d, []Event{e})
	return err
}

// alarmed is what the system does now that an alarm has come.
func (d *desk) alarmed() (Event, error) {
	for _, o := range d.asked() {
		if !o.Overdue && !o.Due.After(d.now) {
			return OpinionOverdue{N: o.N, To: o.To}, nil
		}
	}
	switch {
	case d.Closed() && d.Retention == nil:
		return d.retained(d.State, d.ClosedOn())
	case d.Closed():
		return d.purge()
	case d.Wait != nil && d.Wait.For == regime.Supplement && !d.Wait.Remind.IsZero() && d.Wait.Until.After(d.now):
		return Reminded{Of: WatchSupplement, Until: d.Wait.Until}, nil
	case d.Wait != nil && d.Wait.For == regime.Supplement:
		return d.unanswered()
	case d.Phase == Ready:
		return Reminded{Of: WatchCollect, Until: d.CollectBy}, nil
	}
	last, err := d.cal.ExtendBy(d.Due)
	return Foreseen{Last: last}, err
}

// unanswered ends a dossier that the applicant did not complete in time: it is
// refused before reception, and stopped after it; by form 03 under the law that
// knows no notice of stopping.
func (d *desk) unanswered() (Event, error) {
	why := Why{Text: "Hết thời hạn bổ sung, hoàn thiện hồ sơ mà người đề nghị không bổ sung.", Basis: d.law().Hold(regime.Supplement).Basis}
	guidance := "Ông/Bà được nhận lại giấy tờ đã nộp và có thể nộp lại hồ sơ đầy đủ bất cứ lúc nào."
	if d.Phase == Filed || !d.law().Stops {
		number, err := d.formNumber("03")
		return RefusedFiling{Reasons: []Why{why}, Guidance: guidance, Basis: d.law().Basis, Number: number}, err
	}
	number, err := d.formNumber("05")
	return StopNotice{Why: why, Guidance: guidance, Number: number}, err
}

// watchedBeside are the places beside the step in hand that have a limit of their
// own.
var watchedBeside = map[Watch]db.DeltaKey{WatchOpinion: {Channel: string(workflow.Head), Status: string(ToOpine)}, WatchPart: {Channel: string(workflow.Specialist), Status: string(ToPartake), Outcome: "0"}}

// Forgotten are the dossiers of an officer's agencies that wait past a limit, by
// what they wait for: how many, and those that wait longest.
type Forgotten struct {
	What  Watch
	Count int64
	Items []Item
}

// Forgotten lists what waits past its limit where the officer works. That it was is
// noted.
func (b *Book) Forgotten(ctx context.Context, who Actor, limit int) ([]Forgotten, error) {
	if len(who.agencies()) == 0 {
		return nil, refusal.New(refusal.NotFound, "desk.no_page")
	}
	now := b.Now().UnixMilli()
	var list []Forgotten
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for _, what := range Watches {
			f := Forgotten{What: what}
			columns, from, order, q := who.waiting(what, now)
			if _, err := tx.One(`SELECT count(*) FROM `+from, q.args, &f.Count); err != nil {
				return err
			}
			if f.Count > 0 {
				sql := `SELECT ` + columns + ` FROM ` + from + ` ORDER BY ` + order + `, dossier.id LIMIT ` + q.arg(limit)
				for row := range tx.Query(sql, q.args...) {
					f.Items = append(f.Items, scanItem(tx, row))
				}
			}
			list = append(list, f)
		}
		return tx.Err()
	})
	l := Listing{What: ListedWatch}
	for _, f := range list {
		l.N, l.Codes = l.N+len(f.Items), append(l.Codes, codesOf(f.Items)...)
	}
	if err != nil || l.N == 0 {
		return list, err
	}
	return list, b.listed(ctx, who, l)
}

// waiting finds what waits past a limit for something where the officer works; order
// is the column of the limit.
func (a Actor) waiting(what Watch, now int64) (columns, from, order string, q query) {
	k, beside := watchedBeside[what]
	column := `watch`
	columns, from, order = itemColumns, `dossier`, `until`
	if beside {
		column = `q.queue`
		columns, from, order = besideColumns, `dossier JOIN aside AS q ON q.dossier = dossier.id`, `q.due_at`
	}
	var parts []string
	for _, r := range a.remits() {
		var places []string
		for _, id := range r.agencies {
			if k.Agency = id; !beside {
				places = append(places, watched{what: what, at: agency.ID(id)}.text())
				continue
			}
			places = append(places, queueText(k))
			if r.Cleared {
				of := k
				of.Status = workText(Work(k.Status), true)
				places = append(places, queueText(of))
			}
		}
		parts = append(parts, `(`+column+` IN (`+q.list(places)+`)`+r.condition(&q)+`)`)
	}
	from += ` WHERE (` + strings.Join(parts, ` OR `) + `) AND ` + order + ` < ` + q.arg(now)
	return columns, from, order, q
}

// SPDX-License-Identifier: Apache-2.0

package province

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/workflow"
)

// History gives the demo province a past: a few hundred dossiers, finished
// early, in time and late, running, near due and overdue, on line and at the
// counter, some of the law of 2019. Instants are relative to now.
func History(ctx context.Context, b *dossier.Book, r *identity.Register, now time.Time) error {
	t, err := newTeller(ctx, b, r, now, 1)
	if err != nil {
		return err
	}
	for n, code := range t.codes {
		for i := range 6 {
			t.known = n%4 == 0 && i == 0 // some dossiers are those of an account that can be signed in to
			ago := time.Duration(t.chance.IntN(200)) * 24 * time.Hour
			if i < 3 {
				ago = time.Duration(t.chance.IntN(20*24)) * time.Hour
			}
			if t.neglected = n%5 == 1 && i == 5; t.neglected {
				ago = time.Duration(60+n) * 24 * time.Hour
			}
			if err := t.tell(ctx, code, now.Add(-ago), now); err != nil {
				return fmt.Errorf("history of %s: %w", code, err)
			}
		}
	}
	for _, code := range t.old {
		for i := range 4 {
			t.home = i == 0 // some of what is due for a round by now is the demo's own clerk's
			at := calendar.MustDate("2019-03-04").At(8 * 60).Add(time.Duration(t.chance.IntN(400*24)) * time.Hour)
			if err := t.tell(ctx, code, at, now); err != nil {
				return fmt.Errorf("history of %s in 2019: %w", code, err)
			}
		}
	}
	t.home = false
	if err := t.detours(ctx, now); err != nil {
		return err
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	if err := t.outage(ctx, now); err != nil {
		return err
	}
	for range 2 { // what the system would have done meanwhile: reminders, and what follows them
		if _, err := t.book.Watch(ctx, 1000); err != nil {
			return err
		}
	}
	return nil
}

// Fill adds dossiers until the site has n, filed over the last two years, and
// shows how far it is.
func Fill(ctx context.Context, b *dossier.Book, r *identity.Register, n int, now time.Time, progress io.Writer) error {
	have := 0
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.One(`SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM counter WHERE day = 0`, nil, &have)
		return err
	})
	if err != nil || have >= n {
		return err
	}
	t, err := newTeller(ctx, b, r, now, uint64(have)+2)
	if err != nil {
		return err
	}
	bar := progressbar.NewOptions(n-have, progressbar.OptionSetWriter(progress), progressbar.OptionSetDescription("dossiers"), progressbar.OptionShowCount(), progressbar.OptionThrottle(200*time.Millisecond))
	days := 730
	for i := have; i < n; i++ {
		// In order of time, so that numbers of a day grow with its hours.
		ago := time.Duration(float64(n-i) / float64(n-have) * float64(days) * 24 * float64(time.Hour))
		at := now.Add(-ago)
		if err := t.tell(ctx, t.pick(at), at, now); err != nil {
			return err
		}
		_ = bar.Add(1)
	}
	return t.flush(ctx)
}

// pick is a procedure that was in force at an instant.
func (t *teller) pick(at time.Time) string {
	day := calendar.DateOf(at)
	var from []string
	for _, code := range t.codes {
		if !day.Before(t.editions[code].Facts.ValidFrom) || slices.Contains(t.old, code) {
			from = append(from, code)
		}
	}
	return from[t.chance.IntN(len(from))]
}

// teller makes up lives.
type teller struct {
	book     dossier.Book
	chance   *rand.Rand
	codes    []string // offered now
	old      []string // offered under the law of 2019 too
	editions map[string]*procedure.Edition
	citizens []citizen     // the first is the demo's own citizen
	firm     dossier.Actor // an organisation, through one of its members
	paper    []byte
	known    bool // the next dossier is that one's
	home     bool // and is received by the demo's own clerk
	// neglected means that the next dossier is received and then left lying.
	neglected bool
	officers  map[agency.ID]map[workflow.Role]dossier.Actor
	waiting   []life
}

type citizen struct {
	dossier.Actor
	file document.File
}

type life struct {
	who    dossier.Actor
	filing dossier.Filing
	at     time.Time
	tell   func() dossier.Teller // anew each time the transaction runs
}

const lives = 250 // in one transaction

func newTeller(ctx context.Context, b *dossier.Book, r *identity.Register, now time.Time, seed uint64) (*teller, error) {
	t := &teller{book: *b, chance: rand.New(rand.NewPCG(2026, seed)), editions: map[string]*procedure.Edition{}, officers: map[agency.ID]map[workflow.Role]dossier.Actor{}}
	t.book.Followers = nil
	today := calendar.DateOf(now)
	for _, e := range b.Catalogue.Find(procedure.Filter{Offered: true}, 0, 10_000) {
		edition, err := b.Catalogue.Show(ctx, e.Code, today)
		if err != nil {
			return nil, err
		}
		t.codes, t.editions[e.Code] = append(t.codes, e.Code), edition
		if _, err := b.Catalogue.Show(ctx, e.Code, calendar.MustDate("2019-03-01")); err == nil {
			t.old = append(t.old, e.Code)
		}
	}
	d := b.Site.Directory()
	for _, o := range d.Officers {
		account, err := r.Find(ctx, o.Account)
		if err != nil {
			return nil, err
		}
		for _, p := range o.Posts {
			if t.officers[p.Agency] == nil {
				t.officers[p.Agency] = map[workflow.Role]dossier.Actor{}
			}
			if _, taken := t.officers[p.Agency][p.Role]; !taken {
				t.officers[p.Agency][p.Role] = sure(account, d, today)
			}
		}
	}
	if err := t.theFirm(ctx, r, now); err != nil {
		return nil, err
	}
	return t, t.people(ctx, r, now)
}

// people are invented applicants with accounts nobody can sign in to, each
// with one sample paper.
func (t *teller) people(ctx context.Context, r *identity.Register, now time.Time) error {
	paper, err := t.book.SamplePaper()
	if err != nil {
		return err
	}
	t.paper = paper
	ready, err := document.Prepare(ctx, paperName, paper)
	if err != nil {
		return err
	}
	own, err := r.FindLogin(ctx, sampleLogin)
	if err != nil {
		return err
	}
	return t.book.DB.Write(ctx, func(tx *db.Tx) error {
		t.citizens = nil
		if err := t.own(tx, own, ready); err != nil {
			return err
		}
		for i := range 400 {
			a := identity.Account{Login: fmt.Sprintf("mau%04d", i), Name: madeUpName(i)}
			a.Person = identity.Person{Kind: "citizen", Name: a.Name, IDNumber: fmt.Sprintf("0461990%05d", i), Phone: fmt.Sprintf("09050%05d", i), Address: "thành phố Huế", BirthDate: "1990-01-01", Gender: []string{"male", "female"}[i%2], Ethnicity: "Kinh", Nationality: "Việt Nam"}
			var id int64
			found, err := tx.One(`SELECT id FROM account WHERE login = $1`, []any{a.Login}, &id)
			if err != nil {
				return err
			}
			if !found {
				if id, err = identity.Enrol(tx, a, "none", now); err != nil {
					return err
				}
			}
			a.ID = id
			f, err := ready.Keep(tx, id, document.Takes{})
			if err != nil {
				return err
			}
			t.citizens = append(t.citizens, citizen{sure(a, t.book.Site.Directory(), calendar.DateOf(now)), f})
		}
		return nil
	})
}

// own adds the citizen whom samples name, who can be signed in to.
func (t *teller) own(tx *db.Tx, a identity.Account, ready document.Ready) error {
	f, err := ready.Keep(tx, a.ID, document.Takes{})
	t.citizens = append(t.citizens, citizen{sure(a, t.book.Site.Directory(), calendar.DateOf(t.book.Now())), f})
	return err
}

// theFirm finds the organisation that somebody else than the demo's own citizen may
// file for too.
func (t *teller) theFirm(ctx context.Context, r *identity.Register, now time.Time) error {
	own, err := r.FindLogin(ctx, sampleLogin)
	if err != nil {
		return err
	}
	mandates, err := r.Mandates(ctx, own.ID)
	if err != nil || len(mandates) == 0 {
		return err
	}
	members, err := r.Members(ctx, mandates[0].Organisation)
	if err != nil {
		return err
	}
	account, err := r.Find(ctx, mandates[0].Organisation)
	account.Mandate = &members[0]
	t.firm = sure(account, t.book.Site.Directory(), calendar.DateOf(now))
	return err
}

// paperName is what the sample paper is called.
const paperName = "giay-to-mau.pdf"

// sampleLogin is the account of the person whom samples name.
const sampleLogin = "nguoidan"

// sampleClerk is the demo's own clerk.
const sampleClerk = "motcua"

var (
	familyNames = []string{"Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Tôn Thất", "Tôn Nữ"}
	middleNames = []string{"Văn", "Thị", "Đức", "Thị Thu", "Quang", "Thị Mỹ", "Minh", "Ngọc", "Hữu", "Thị Kim", "Công", "Thanh"}
	givenNames  = []string{"An", "Bình", "Châu", "Dung", "Giang", "Hà", "Hải", "Hạnh", "Hiếu", "Hoa", "Huệ", "Hùng", "Khánh", "Lan", "Linh", "Long", "Mai", "Nam", "Nga", "Phúc", "Quân", "Sơn", "Tâm", "Thảo", "Trang", "Tuấn", "Vân", "Yến"}
)

func madeUpName(i int) string {
	return familyNames[i%len(familyNames)] + " " + middleNames[i/3%len(middleNames)] + " " + givenNames[(i*7)%len(givenNames)]
}

// tell makes up a dossier that was filed at an instant and lived until now.
func (t *teller) tell(ctx context.Context, code string, at, now time.Time) error {
	e := t.editions[code]
	offerings := t.book.Site.Directory().Offerings(e.Facts.Competent)
	o := offerings[t.chance.IntN(len(offerings))]
	if i := slices.IndexFunc(offerings, func(o agency.Offering) bool { return t.officers[o.Reception][workflow.Clerk].Login == sampleClerk }); t.home && i >= 0 {
		o = offerings[i]
	}
	who := t.citizens[t.chance.IntN(len(t.citizens)-1)+1]
	if t.known {
		who = t.citizens[0]
	}
	answers, err := earlier(e, int(calendar.DateOf(now)-calendar.DateOf(at)))
	if err != nil {
		return err
	}
	f := dossier.Filing{Procedure: code, Case: e.Sample.Case, Agency: o.Reception, Channel: procedure.Online, Answers: answers, Return: e.Sample.Return, Applicant: who.Person}
	actor := who.Actor
	c := e.Facts.Case(f.Case)
	scope := form.Scope{Answers: f.Answers, Facts: procedure.FactsOf(c.ID, f.Channel, "citizen")}
	for _, k := range c.Asked(scope) {
		if k.Optional || !k.Uploads() {
			continue
		}
		if !slices.Contains(k.Kinds(), "pdf") {
			f.Channel = procedure.Counter
			break
		}
		f.Documents = append(f.Documents, dossier.Paper{Component: k.ID, File: who.file.ID})
	}
	if f.Channel == procedure.Counter || t.chance.IntN(4) == 0 && !t.known {
		clerk, ok := t.officers[o.Reception][workflow.Clerk]
		if !ok {
			return fmt.Errorf("no clerk at %s", o.Reception)
		}
		f.Channel, f.Documents, actor = procedure.Counter, nil, clerk
		at = t.office(at)
	}
	l := life{actor, f, at, t.pace(now)}
	t.waiting = append(t.waiting, l)
	if len(t.waiting) >= lives {
		return t.flush(ctx)
	}
	return nil
}

// earlier is the sample as it would have been answered some days ago: every
// date in it lies as long before that day as it lies before today.
func earlier(e *procedure.Edition, days int) (form.Answers, error) {
	text, err := json.Marshal(e.Sample.Answers)
	if err != nil {
		return nil, err
	}
	text = answeredDate.ReplaceAllFunc(text, func(quoted []byte) []byte {
		day, err := time.Parse(time.DateOnly, string(quoted[1:len(quoted)-1]))
		if err != nil {
			return quoted
		}
		if days < int(lately.Hours()/24) && time.Since(day) > lately {
			return quoted // a birthday is what it is
		}
		return []byte(`"` + day.AddDate(0, 0, -days).Format(time.DateOnly) + `"`)
	})
	var answers form.Answers
	return answers, json.Unmarshal(text, &answers)
}

// lately is how far back a date of a sample lies at the most that is one of the
// matter itself.
const lately = 365 * 24 * time.Hour

var answeredDate = regexp.MustCompile(`"\d{4}-\d{2}-\d{2}"`)

// office moves an instant into office hours.
func (t *teller) office(at time.Time) time.Time {
	_, cal, err := t.book.Site.Calendar("")
	if err != nil {
		return at
	}
	day, err := cal.ReceptionDay(at)
	if err != nil {
		return at
	}
	return day.At(7*60 + 30 + t.chance.IntN(230))
}

// pace decides how fast a dossier goes: most are done early, some on the day,
// one in twelve late.
func (t *teller) pace(now time.Time) func() dossier.Teller {
	share := 0.35 + 0.5*t.chance.Float64()
	switch n := t.chance.IntN(24); {
	case n < 2:
		share = 1.05 + 0.6*t.chance.Float64()
	case n < 8:
		share = 0.95
	}
	if t.neglected {
		return func() dossier.Teller { return left(t.paced(share, now)) }
	}
	return func() dossier.Teller { return t.paced(share, now) }
}

// left stops once the competent agency has the dossier.
func left(tell dossier.Teller) dossier.Teller {
	return func(s *dossier.State, p *workflow.Process, cal *calendar.Calendar) (dossier.Turn, bool) {
		if s.Phase == dossier.Running && !s.Forward {
			return dossier.Turn{}, false
		}
		return tell(s, p, cal)
	}
}

func (t *teller) paced(share float64, now time.Time) dossier.Teller {
	paid := false
	var last time.Time
	return func(s *dossier.State, p *workflow.Process, cal *calendar.Calendar) (dossier.Turn, bool) {
		var turn dossier.Turn
		if last.IsZero() {
			last = s.SentAt
		}
		if !s.IssuedAt.IsZero() && len(s.Unpaid()) > 0 && !paid {
			paid = true
			turn.Act = "collect"
			turn.Who = t.officers[s.Reception][workflow.Cashier]
		} else if s.Phase == dossier.Returned {
			return turn, false
		} else {
			turn.Act, turn.Who = t.next(s, p)
		}
		if turn.Act == "" || turn.Who.Account == 0 {
			return turn, false
		}
		turn.At = t.when(s, last, share)
		if work, err := cal.WorkingBetween(turn.At, turn.At.Add(time.Minute)); err == nil && work == 0 {
			turn.At = t.office(turn.At)
		}
		if !turn.At.After(last) {
			turn.At = last.Add(time.Duration(1+t.chance.IntN(50)) * time.Minute)
		}
		if turn.At.After(now) {
			return turn, false
		}
		last = turn.At
		return turn, true
	}
}

// next is the act that the step in hand waits for, and who does it.
func (t *teller) next(s *dossier.State, p *workflow.Process) (string, dossier.Actor) {
	at, role := s.Holder()
	who := t.officers[at][role]
	switch {
	case s.Transit:
		return "take_over", who
	case s.Forward:
		return "forward", who
	}
	step := p.Step(s.Step)
	if s.Phase == dossier.Filed {
		step = &p.Steps[0]
	}
	if step == nil {
		return "", who
	}
	if open := s.OpenParts(); len(open) > 0 {
		return "finish_part", t.officers[open[0].To][workflow.Specialist]
	}
	if len(step.Legs) > 0 && !slices.ContainsFunc(s.Parts, func(p dossier.Part) bool { return p.Step == s.Step }) {
		return "send_parts", who
	}
	for _, a := range step.Actions {
		if a.Act != workflow.SendBack {
			return string(a.Act), who
		}
	}
	return "", who
}

// when spreads the steps over the share of the legal time that the dossier takes.
func (t *teller) when(s *dossier.State, last time.Time, share float64) time.Time {
	switch {
	case s.ReceivedAt.IsZero():
		return t.office(last.Add(time.Duration(t.chance.IntN(240)) * time.Minute))
	case s.Forward:
		return last.Add(time.Duration(10+t.chance.IntN(60)) * time.Minute)
	case !s.IssuedAt.IsZero():
		return t.office(last.Add(time.Duration(2+t.chance.IntN(70)) * time.Hour))
	}
	whole := time.Duration(float64(s.Due.Sub(s.ReceivedAt)) * share)
	return s.ReceivedAt.Add(whole * time.Duration(max(1, s.Progress)) / 90)
}

func (t *teller) flush(ctx context.Context) error {
	if len(t.waiting) == 0 {
		return nil
	}
	list := t.waiting
	t.waiting = nil
	return t.book.DB.Write(ctx, func(tx *db.Tx) error {
		for _, l := range list {
			if _, err := t.book.Live(tx, l.who, l.filing, l.at, l.tell()); err != nil {
				return fmt.Errorf("%s: %w", l.filing.Procedure, err)
			}
		}
		return nil
	})
}

// sure is an account's holder as if signed in with the highest level.
func sure(a identity.Account, d *agency.Directory, day calendar.Date) dossier.Actor {
	a.Level = identity.High
	return dossier.ActorOf(a, d, day)
}

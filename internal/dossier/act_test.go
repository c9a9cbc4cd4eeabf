// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/refusal"
)

// office is the demo province with a clock the test moves and every account.
type office struct {
	*testing.T
	*dossier.Book
	now  time.Time
	who  map[string]dossier.Actor
	site *agency.Site
}

var logins = []string{"nguoidan", "nguoidan2", "motcua", "motcua2", "chuyenvien", "chuyenvien2", "truongphong", "lanhdao", "thuquy", "quantri",
	"bhxh", "phuxuan", "phuxuan.cv", "phuxuan.ld", "vyda", "vyda.cv", "vyda.ld", "phuvang", "phuvang.cv", "phuvang.ld", "aluoi.cv", "aluoi.ld"}

func open(t *testing.T) *office {
	t.Helper()
	return openOn(t, dbtest.Open(t))
}

func openOn(t *testing.T, d *db.DB) *office {
	t.Helper()
	o := &office{T: t, who: map[string]dossier.Actor{}, now: time.Date(2026, 11, 23, 9, 0, 0, 0, calendar.Zone)}
	if _, err := province.Load(t.Context(), d, demo.Files, o.now); err != nil {
		t.Fatal(err)
	}
	o.Book = book(t, d, func() time.Time { return o.now })
	o.site = o.Book.Site
	register := &identity.Register{DB: d, Now: o.Book.Now}
	for _, login := range logins {
		var account identity.Account
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			var id int64
			if _, err := tx.One(`SELECT id FROM account WHERE login = $1`, []any{login}, &id); err != nil {
				return err
			}
			account.ID = id
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		account, err := register.Find(t.Context(), account.ID)
		if err != nil {
			t.Fatal(err)
		}
		account.Level = identity.Double
		o.who[login] = dossier.ActorOf(account, o.site.Directory(), calendar.DateOf(o.now))
	}
	return o
}

// book is a process of a site.
func book(t testing.TB, d *db.DB, now func() time.Time) *dossier.Book {
	t.Helper()
	site, err := agency.OpenSite(t.Context(), d, now)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := procedure.OpenCatalogue(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return &dossier.Book{DB: d, Catalogue: catalogue, Site: site, Now: now, Followers: []dossier.Follower{dossier.Announce, dossier.NoteAssigned}}
}

func (o *office) file(procedure string) dossier.State {
	o.Helper()
	f, err := o.Sample(o.Context(), procedure, "vi")
	if err != nil {
		o.Fatal(err)
	}
	s, err := o.Submit(o.Context(), o.who["nguoidan"], f, nil)
	if err != nil {
		o.Fatal(err)
	}
	return s
}

// do does an offered act with its required parameters filled in as offered.
func (o *office) do(login string, s dossier.State, act string, params map[string]any) (dossier.State, error) {
	o.Helper()
	offers, err := o.Offers(o.Context(), o.who[login], &s)
	if err != nil {
		o.Fatal(err)
	}
	given := map[string]any{}
	for _, offer := range offers {
		if offer.Act == act {
			given = dossier.Filled(offer.Params)
		}
	}
	for k, v := range params {
		given[k] = v
	}
	return o.Act(o.Context(), o.who[login], s.Code, dossier.Request{Act: act, Version: s.Version, Params: given})
}

// next does what is offered first to anyone, leaving aside what leads nowhere.
func (o *office) next(s dossier.State) (dossier.State, bool) {
	o.Helper()
	for _, login := range logins[2:] {
		if !o.who[login].Sees(&s) {
			continue
		}
		offers, err := o.Offers(o.Context(), o.who[login], &s)
		if err != nil {
			o.Fatal(err)
		}
		for _, offer := range offers {
			if offer.Aside {
				continue
			}
			after, err := o.do(login, s, offer.Act, nil)
			if err != nil {
				o.Fatalf("%s by %s at %s: %v", offer.Act, login, s.Step, err)
			}
			return after, true
		}
	}
	return s, false
}

// detour takes each act that leads back or aside once, as soon as it is offered.
func (o *office) detour(s dossier.State, offered map[string]bool) (dossier.State, bool) {
	o.Helper()
	for _, act := range []string{"send_back", "reassign", "pause", "ask_supplement", "extend", "decline", "sign", "consult", "undo"} {
		if offered[act+" taken"] || act == "sign" && !offered["decline taken"] {
			continue
		}
		for _, login := range logins[2:] {
			if !o.who[login].Sees(&s) {
				continue
			}
			offers, err := o.Offers(o.Context(), o.who[login], &s)
			if err != nil {
				o.Fatal(err)
			}
			for _, offer := range offers {
				if offer.Act != act {
					continue
				}
				after, err := o.do(login, s, act, nil)
				if err != nil {
					o.Fatalf("%s by %s at %s: %v", act, login, s.Step, err)
				}
				offered[act+" taken"] = true
				if act == "decline" {
					offered["extend taken"] = false // once more, to be signed
				}
				return after, true
			}
		}
	}
	return s, false
}

func (o *office) verify() {
	o.Helper()
	if err := o.Verify(context.Background(), func(f dossier.Finding) { o.Errorf("%s %s: %s", f.What, f.Where, f.Detail) }, func(int64) {}); err != nil {
		o.Fatal(err)
	}
}

// walked are procedures whose processes differ: a short one of a commune, one
// with assignment and field work, one of a department with fees.
var walked = []string{"1.001193", "1.004859", "2.002516", "1.011609", "2.000986"}

// In every state on the way, and after a draft was sent back and a task given
// to somebody else, for every act and everybody: what is offered is accepted as
// offered, what is not offered is refused, never a fault.
func TestOfferedIsAcceptedAndTheRestRefused(t *testing.T) {
	o := open(t)
	for _, code := range walked {
		s := o.file(code)
		offeredAtAll := map[string]bool{}
		for more, n := true, 0; more && n < 40; n++ {
			for _, login := range logins {
				who := o.who[login]
				for _, act := range dossier.Acts() {
					offered, refused := o.Try(t.Context(), who, s.Code, act)
					if !who.Sees(&s) && refused == nil {
						t.Errorf("%s at %s: %s may %s without seeing it", code, s.Step, login, act)
					}
					if offered != (refused == nil) {
						t.Errorf("%s at %s (%s): %s by %s: offered %v, refused %v", code, s.Step, s.Phase, act, login, offered, refused)
					}
					offeredAtAll[act] = offeredAtAll[act] || offered
				}
			}
			o.now = o.now.Add(time.Hour)
			if after, turned := o.detour(s, offeredAtAll); turned {
				s = after
			} else {
				s, more = o.next(s)
			}
		}
		if s.Phase != dossier.Returned {
			t.Errorf("%s ends %s at %s", code, s.Phase, s.Step)
		}
		for _, act := range dossier.Acts() {
			if rare := []string{"claim", "forward", "hand_over", "assign", "reassign", "step", "collect", "stop", "refuse", "rate", "correct", "take_over", "determine", "send_parts", "finish_part", "end_hold", "reterm"}; !offeredAtAll[act] && !slices.Contains(rare, act) && act != "confirm_withdrawal" {
				t.Errorf("%s: %s was never offered", code, act)
			}
		}
	}
	o.verify()
}

// Two officers act on the same version at once: one wins, the other is told.
func TestTwoOfficersAtOnce(t *testing.T) {
	o := open(t)
	for range 10 {
		s := o.file("1.001193")
		var won, stale int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				_, err := o.Act(t.Context(), o.who["motcua"], s.Code, dossier.Request{Act: "receive", Version: s.Version})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case refusal.Is(err, refusal.Conflict):
					stale++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won != 1 || stale != 3 {
			t.Fatalf("%d won, %d were told", won, stale)
		}
	}
	o.verify()
}

// change publishes what a test changes of the law and of the site.
func (o *office) change(code string, change func(e *procedure.Edition), agencies ...agency.Agency) {
	o.Helper()
	holiday := calendar.New(append(calendar.Builtin().Holidays(), calendar.Holiday{Date: calendar.DateOf(o.now) + 1, Kind: "holiday", Name: "Ngày nghỉ mới"}), nil)
	err := o.DB.Write(o.Context(), func(tx *db.Tx) error {
		e, err := o.Catalogue.InForce(tx, code, calendar.DateOf(o.now))
		if err != nil {
			return err
		}
		changed := *e
		changed.Facts.ValidFrom = calendar.DateOf(o.now)
		change(&changed)
		if _, err := procedure.Publish(tx, &changed); err != nil {
			return err
		}
		if err := agency.SaveAgencies(tx, agencies, calendar.DateOf(o.now)); err != nil {
			return err
		}
		return agency.PublishCalendar(tx, holiday)
	})
	if err == nil {
		err = o.Catalogue.Refresh(o.Context())
	}
	if err == nil {
		err = o.site.Refresh(o.Context())
	}
	if err != nil {
		o.Fatal(err)
	}
}

// A dossier keeps the edition, process, calendar and law it has pinned, and its
// papers are the same files when agencies are called otherwise a year later.
func TestPins(t *testing.T) {
	o := open(t)
	const code = "1.004859"
	received := func() dossier.State {
		s, err := o.do("motcua", o.file(code), "receive", nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	papers := func(s dossier.State) (texts []string) {
		f, err := o.Open(t.Context(), o.who["motcua"], s.Code)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"submission", "receipt"} {
			p, err := o.Paper(t.Context(), &f, id)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(p))
		}
		if s.IssuedAt.IsZero() {
			return texts
		}
		p, err := o.Result(t.Context(), &f, s.Template)
		if err != nil {
			t.Fatal(err)
		}
		return append(texts, string(p))
	}
	if s := o.file(code); s.Edition == 0 || s.Process != 0 || s.Regime != "" {
		t.Fatalf("when sent: edition %d, process %d, regime %q", s.Edition, s.Process, s.Regime)
	}
	running, ended := received(), received()
	for more := true; more; {
		o.now = o.now.Add(time.Minute)
		ended, more = o.next(ended)
	}
	if running.Process == 0 || running.Calendar == 0 || running.Regime != "R2026" || running.Due.IsZero() || running.Receipt == "" {
		t.Errorf("when received: %+v", running)
	}
	before := append(papers(running), papers(ended)...)

	o.now = o.now.AddDate(0, 0, 1)
	centre := *o.site.Directory().Find(running.Reception)
	centre.From, centre.Name.VI, centre.Phone = 0, "Trung tâm đổi tên", "1900"
	decides := *o.site.Directory().Find(running.Competent)
	decides.From, decides.Name.VI, decides.Hours = 0, "Cơ quan đổi tên", "08:00-12:00"
	o.change(code, func(e *procedure.Edition) {
		e.Facts.Name.VI = "Tên mới"
		process := *e.Process
		process.Steps = slices.Clone(process.Steps)
		process.Steps[1].Name.VI = "Bước mới"
		e.Process = &process
	}, centre, decides)

	after := append(papers(running), papers(ended)...)
	for i := range before {
		if before[i] != after[i] {
			t.Errorf("paper %d is another file than before", i)
		}
	}
	track, err := o.Track(t.Context(), &running)
	if err != nil {
		t.Fatal(err)
	}
	if track.Procedure.VI == "Tên mới" || track.Process.Steps[1].Name.VI == "Bước mới" {
		t.Error("a running dossier took the new edition")
	}
	o.verify() // every due instant still follows from what was pinned
	later := received()
	if later.Edition == running.Edition || later.Process == running.Process || later.Calendar == running.Calendar || later.Hours == running.Hours {
		t.Errorf("a new dossier pinned what was before: %+v", later)
	}
	if text := papers(later); text[1] == before[1] {
		t.Error("the receipt of a new dossier names what was before")
	}
}

// An edition that is to come shows in no list before its day.
func TestEditionToCome(t *testing.T) {
	o := open(t)
	today, later := calendar.DateOf(o.now), calendar.DateOf(o.now.AddDate(0, 1, 0))
	err := o.DB.Write(t.Context(), func(tx *db.Tx) error {
		e, err := o.Catalogue.InForce(tx, "1.001193", today)
		if err != nil {
			return err
		}
		changed := *e
		changed.Facts.ValidFrom, changed.Facts.Name.VI = later, "Khai sinh kiểu mới"
		_, err = procedure.Publish(tx, &changed)
		return err
	})
	if err == nil {
		err = o.Catalogue.Refresh(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	name := func(f procedure.Filter) string {
		for _, e := range o.Catalogue.Find(f, 0, 100) {
			if e.Code == "1.001193" {
				return e.Name.VI
			}
		}
		return ""
	}
	for _, query := range []string{"", "khai sinh"} {
		if got := name(procedure.Filter{Query: query, On: today}); got != "Đăng ký khai sinh" {
			t.Errorf("today, seeking %q: %q", query, got)
		}
		if got := name(procedure.Filter{Query: query, On: later}); got != "Khai sinh kiểu mới" {
			t.Errorf("later, seeking %q: %q", query, got)
		}
	}
}

// Verify finds what was changed behind the acts' back.
func TestVerifyFindsTampering(t *testing.T) {
	o := open(t)
	s := o.file("1.001193")
	s, err := o.do("motcua", s, "receive", nil)
	if err != nil {
		t.Fatal(err)
	}
	o.verify()
	for _, tt := range []struct{ name, what, statement string }{
		{"state", "state", `UPDATE dossier SET body = REPLACE(body, '"case"', '"kase"')`},
		{"column", "state", `UPDATE dossier SET status = 9`},
		{"event", "state", `UPDATE event SET body = REPLACE(body, '` + s.Receipt + `', '999/TNHS') WHERE kind = 'received'`},
		{"answer", "due", `UPDATE event SET at = at - 3600000 WHERE seq = 1`},
		{"counter", "counter", `UPDATE counter SET n = n + 1 WHERE day = 0`},
		{"number", "number", `UPDATE number SET last = last + 1 WHERE series LIKE 'dossier/%'`},
		{"missing", "state", `DELETE FROM event WHERE seq = 2`},
		{"time", "event", `UPDATE event SET at = at - 86400000 WHERE seq = 2`},
		{"edition", "edition", `UPDATE edition SET body = REPLACE(body, 'khai sinh', 'khai sin') WHERE code = '1.001193'`},
		{"pinned", "edition", `DELETE FROM edition WHERE code = '1.001193'`},
		{"file", "file", `UPDATE file SET size = size + 1`},
		{"no file", "file", `DELETE FROM file`},
		{"who did it", "journal", `UPDATE event SET actor = REPLACE(actor, 'Linh', 'Lình') WHERE seq = 2`},
		{"line edited", "journal", `UPDATE journal SET body = REPLACE(body, 'received', 'receiver')`},
		{"line dated", "journal", `UPDATE journal SET at = at + 1 WHERE seq = 1`},
		{"line of another", "journal", `UPDATE journal SET account = account + 1 WHERE seq = 1`},
		{"first line removed", "journal", `DELETE FROM journal WHERE seq = 1`},
		{"last line removed", "journal", `DELETE FROM journal WHERE seq = (SELECT MAX(l.seq) FROM journal l WHERE l.chain = journal.chain)`},
		{"line put in", "journal", `INSERT INTO journal (chain, seq, at, kind, account, dossier, agency, flag, body, hash) SELECT chain, seq + 1000, at, kind, account, dossier, agency, flag, body, hash FROM journal WHERE seq = 1`},
		{"line in no chain", "journal", `INSERT INTO journal (chain, seq, at, kind, account, dossier, agency, flag, body, hash) VALUES (9, 1, 1, 'viewed', 1, 1, '', 0, '{}', '')`},
		{"all lines removed", "journal", `DELETE FROM journal`},
		{"journal begun anew", "journal", `UPDATE journal_head SET seq = 0, hash = ''`},
	} {
		found := map[string]bool{}
		dbtest.Tamper(t, o.DB, func(tx *db.Tx) { tx.Exec(tt.statement) })
		if err := o.Verify(t.Context(), func(f dossier.Finding) { found[f.What] = true }, func(int64) {}); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if !found[tt.what] {
			t.Errorf("%s: no %s found wrong, but %v", tt.name, tt.what, found)
		}
		o = open(t)
		s = o.file("1.001193")
		if s, err = o.do("motcua", s, "receive", nil); err != nil {
			t.Fatal(err)
		}
	}
}

// A draft sent from several windows at once is one dossier; an edit that comes
// in the same moment is lost by nobody.
func TestDraftSentAtOnce(t *testing.T) {
	o := open(t)
	who := o.who["nguoidan"]
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	d, err := o.Begin(t.Context(), who, f)
	if err != nil {
		t.Fatal(err)
	}
	codes := make([]dossier.Code, 8)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() {
			s, err := o.Send(t.Context(), who, d.ID)
			if err != nil {
				t.Error(err)
			}
			codes[i] = s.Code
		})
	}
	all.Wait()
	for _, c := range codes {
		if c != codes[0] {
			t.Errorf("several dossiers: %v", codes)
		}
	}
	if _, err := o.Edit(t.Context(), who, d.ID, func(*dossier.Draft) error { return nil }); !refusal.Is(err, refusal.Conflict) {
		t.Errorf("a sent draft is edited: %v", err)
	}
	if _, err := o.Draft(t.Context(), o.who["nguoidan2"], d.ID); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("somebody else opens the draft: %v", err)
	}
	o.verify()
}

// A call repeated with its key is answered again for a month, then its key is free.
func TestKeysAreSwept(t *testing.T) {
	o := open(t)
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	send := func() dossier.Code {
		t.Helper()
		s, err := o.Submit(t.Context(), o.who["nguoidan"], f, &dossier.Key{Value: "k", Hash: "h"})
		if err == nil {
			err = o.Sweep(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		return s.Code
	}
	first := send()
	o.now = o.now.AddDate(0, 0, 29)
	if again := send(); again != first {
		t.Errorf("after 29 days the same call made %s beside %s", again, first)
	}
	o.now = o.now.AddDate(0, 0, 3)
	if err := o.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if later := send(); later == first {
		t.Error("the key is kept for ever")
	}
}

// What the drafter wrote is there again when the draft is sent back.
func TestDraftSentBack(t *testing.T) {
	o := open(t)
	s := o.file("1.001193")
	offered := func() *dossier.Offer {
		for more := true; more; {
			offers, err := o.Offers(t.Context(), o.who["chuyenvien"], &s)
			if err != nil {
				t.Fatal(err)
			}
			for i := range offers {
				if offers[i].Act == "propose" {
					return &offers[i]
				}
			}
			s, more = o.next(s)
		}
		t.Fatal("propose is never offered")
		return nil
	}
	input := ""
	for _, p := range offered().Params {
		if p.Field != nil && p.Field.Type == form.ShortText {
			input = p.Name
		}
	}
	if input == "" {
		t.Fatal("the draft asks for no text")
	}
	var err error
	for _, step := range []struct {
		login, act string
		params     map[string]any
	}{{"chuyenvien", "propose", map[string]any{input: "Viết lại bằng tay"}}, {"lanhdao", "send_back", nil}} {
		if s, err = o.do(step.login, s, step.act, step.params); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range offered().Params {
		if p.Name == input && p.Value != "Viết lại bằng tay" {
			t.Errorf("%s starts from %v", input, p.Value)
		}
	}
}

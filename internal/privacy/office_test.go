// SPDX-License-Identifier: Apache-2.0

package privacy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/privacy"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/regime"
)

// town is the demo province with the office of its data.
type town struct {
	*testing.T
	*privacy.Office
	db        *db.DB
	catalogue *procedure.Catalogue
	now       time.Time
}

func open(t *testing.T) *town {
	ctx := context.Background()
	w := &town{T: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, calendar.Zone), db: dbtest.Open(t)}
	clock := func() time.Time { return w.now }
	must(province.Load(ctx, w.db, demo.Files, w.now))
	site := must(agency.OpenSite(ctx, w.db, clock))
	w.catalogue = must(procedure.OpenCatalogue(ctx, w.db))
	register := &identity.Register{DB: w.db, Now: clock}
	book := &dossier.Book{DB: w.db, Catalogue: w.catalogue, Site: site, Now: clock, Looks: &dossier.Looks{}, Followers: []dossier.Follower{dossier.Announce}}
	w.Office = &privacy.Office{DB: w.db, Book: book, Register: register, Site: site, Now: clock}
	register.Mergers = []identity.Merger{book.Merge, w.Office.Merge}
	t.Cleanup(w.proved)
	return w
}

// proved holds what a test left behind against its proofs.
func (w *town) proved() {
	ctx := context.Background()
	if err := w.Verify(ctx, func(where, detail string) { w.Errorf("%s: %s", where, detail) }); err != nil {
		w.Error(err)
	}
	if err := w.Book.Verify(ctx, func(f dossier.Finding) { w.Errorf("%s %s: %s", f.What, f.Where, f.Detail) }, func(int64) {}); err != nil {
		w.Error(err)
	}
}

func (w *town) actor(login string) dossier.Actor {
	w.Helper()
	a := must(w.Register.FindLogin(context.Background(), login))
	a.Level = identity.Double
	return dossier.ActorOf(a, w.Site.Directory(), calendar.DateOf(w.now))
}

// officer makes another data protection officer.
func (w *town) officer(login string) dossier.Actor {
	w.Helper()
	w.change(func(tx *db.Tx) error {
		id, err := identity.Enrol(tx, identity.Account{Login: login, Name: "Cán bộ " + login, Officer: true, Person: identity.Person{Kind: "officer", Name: login}}, "none", w.now)
		if err == nil {
			err = agency.SavePosts(tx, agency.Post{Account: id, Role: "privacy", Agency: "H57", From: calendar.MustDate("2020-01-01")})
		}
		return err
	})
	if err := w.Site.Refresh(context.Background()); err != nil {
		w.Fatal(err)
	}
	return w.actor(login)
}

func (w *town) change(do func(tx *db.Tx) error) {
	w.Helper()
	if err := w.db.Write(context.Background(), do); err != nil {
		w.Fatal(err)
	}
}

// asks files a request that must be taken.
func (w *town) asks(who dossier.Actor, a privacy.Asked) privacy.Request {
	w.Helper()
	r, err := w.Ask(context.Background(), who, a)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// does does an act that must be let.
func (w *town) does(who dossier.Actor, r privacy.Request, act string, g privacy.Given) privacy.Request {
	w.Helper()
	g.Version, w.now = r.Version, w.now.Add(time.Second)
	r, err := w.Act(context.Background(), who, r.Number, act, g)
	if err != nil {
		w.Fatalf("%s: %v", act, err)
	}
	return r
}

// file sends the sample dossier of a procedure.
func (w *town) file(who dossier.Actor, change func(*dossier.Filing)) dossier.State {
	w.Helper()
	f := must(w.Book.Sample(context.Background(), "1.001193", "vi"))
	if change != nil {
		change(&f)
	}
	w.now = w.now.Add(time.Minute)
	s, err := w.Book.Submit(context.Background(), who, f, nil)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// everything is the whole of a request, to answer any act.
var everything = privacy.Given{Text: "Đã xem xét.", Basis: "Luật 91/2025/QH15, Điều 4", Days: 5, Value: "0905000999"}

// Terms over Tết: two working days to answer end after the holidays, days to carry out
// run through them and end on a working day.
func TestTermsOverTet(t *testing.T) {
	w := open(t)
	for at, want := range map[string][2]string{
		"2027-02-03T16:00:00+07:00": {"2027-02-12", "2027-02-15"}, // Tết is off from Thursday the 4th to Wednesday the 10th; ten days end on a Saturday
		"2027-02-06T10:00:00+07:00": {"2027-02-15", "2027-02-22"}, // asked on its first day, received on Thursday the 11th
		"2026-11-23T09:00:00+07:00": {"2026-11-25", "2026-12-03"},
		"2026-11-27T16:59:00+07:00": {"2026-12-01", "2026-12-07"},
		"2026-11-28T10:00:00+07:00": {"2026-12-02", "2026-12-10"}, // a Saturday counts from Monday
	} {
		w.now = must(time.Parse(time.RFC3339, at))
		r := w.asks(w.actor("nguoidan"), privacy.Asked{Right: regime.Access})
		if got := [2]string{calendar.DateOf(r.AnswerBy).String(), calendar.DateOf(r.DoneBy).String()}; got != want {
			t.Errorf("asked %s: %v, want %v", at, got, want)
		}
		w.does(w.actor("nguoidan"), r, privacy.ActWithdraw, privacy.Given{})
	}
}

// The law that a request pinned stays, whatever comes after it.
func TestTheLawOfTheDay(t *testing.T) {
	w := open(t)
	w.now = time.Date(2025, 12, 31, 15, 0, 0, 0, calendar.Zone)
	old := w.asks(w.actor("nguoidan"), privacy.Asked{Right: regime.Access})
	if old.Law != "D2023" || !old.AnswerBy.Equal(w.now.Add(72*time.Hour)) || !old.DoneBy.Equal(w.now.Add(72*time.Hour)) {
		t.Errorf("before 2026: %s, %s, %s", old.Law, old.AnswerBy, old.DoneBy)
	}
	w.now = time.Date(2026, 1, 2, 9, 0, 0, 0, calendar.Zone)
	old = w.does(w.actor("dulieu"), old, privacy.ActAccept, everything)
	if _, err := w.Act(t.Context(), w.actor("dulieu"), old.Number, privacy.ActExtend, privacy.Given{Version: old.Version, Text: "x", Days: 3}); key(err) != "privacy.extended" {
		t.Errorf("extended under a law that knows no extension: %v", err)
	}
	fresh := w.asks(w.actor("nguoidan2"), privacy.Asked{Right: regime.Restrict})
	if fresh.Law != "D2026" {
		t.Errorf("from 2026: %s", fresh.Law)
	}
	days := func(r privacy.Request) int { return int(calendar.DateOf(r.DoneBy) - calendar.DateOf(r.ReceivedAt)) }
	fresh = w.does(w.actor("dulieu"), fresh, privacy.ActAccept, privacy.Given{Others: true})
	if n := days(fresh); n < 20 || n > 24 {
		t.Errorf("with data elsewhere it is done in %d days", n)
	}
	fresh = w.does(w.actor("dulieu"), fresh, privacy.ActExtend, privacy.Given{Text: "Phải hỏi bên lưu trữ.", Days: 15})
	if n := days(fresh); n < 35 || n > 39 {
		t.Errorf("extended it is done in %d days", n)
	}
	if _, err := w.Act(t.Context(), w.actor("dulieu"), fresh.Number, privacy.ActExtend, privacy.Given{Version: fresh.Version, Text: "x", Days: 3}); key(err) != "privacy.extended" {
		t.Errorf("extended twice: %v", err)
	}
}

// Every act in every state for everybody: what is offered is accepted, what is not is
// refused, and only these are let.
func TestEveryActInEveryState(t *testing.T) {
	w := open(t)
	other := w.officer("dulieu.moi")
	who := map[string]dossier.Actor{"asker": w.actor("nguoidan"), "another": w.actor("nguoidan2"), "officer": w.actor("dulieu"), "other officer": other, "administrator": w.actor("quantri"), "leader": w.actor("lanhdao"), "stranger": {}}
	want := map[privacy.State]map[string]string{
		privacy.Received:   {"asker": "withdraw", "officer": "accept refuse", "other officer": "accept refuse"},
		privacy.Accepted:   {"asker": "withdraw", "officer": "refuse extend do", "other officer": "refuse extend do"},
		privacy.Done:       {"asker": "complain"},
		privacy.Refused:    {"asker": "complain"},
		privacy.Withdrawn:  {},
		privacy.Complained: {"other officer": "resolve"}, // not who decided
	}
	way := map[privacy.State][]string{privacy.Received: nil, privacy.Accepted: {"accept"}, privacy.Done: {"accept", "do"}, privacy.Refused: {"refuse"}, privacy.Withdrawn: {"withdraw"}, privacy.Complained: {"refuse", "complain"}}
	bring := func(state privacy.State) privacy.Request {
		w.now = w.now.Add(48 * time.Hour)
		r := w.asks(who["asker"], privacy.Asked{Right: regime.Access, Text: string(state)})
		for _, act := range way[state] {
			by := who["officer"]
			if act == "withdraw" || act == "complain" {
				by = who["asker"]
			}
			r = w.does(by, r, act, everything)
		}
		if r.State != state {
			t.Fatalf("brought to %s, want %s", r.State, state)
		}
		return r
	}
	for _, state := range privacy.States {
		for name, a := range who {
			r := bring(state)
			offers := strings.Join(w.Offers(a, &r), " ")
			if offers != want[state][name] {
				t.Errorf("%s, %s: offered %q, want %q", state, name, offers, want[state][name])
			}
			for _, act := range privacy.Acts {
				g := everything
				g.Version = r.Version
				after, err := w.Act(t.Context(), a, r.Number, act, g)
				offered := strings.Contains(" "+offers+" ", " "+act+" ")
				if (err == nil) != offered {
					t.Errorf("%s, %s, %s: offered %v, done: %v", state, name, act, offered, err)
				}
				if err == nil {
					r = after
					break // it is in another state now
				}
			}
			if open := r.Due(); !open.IsZero() { // so that the same may be asked again
				w.shut(r, who)
			}
		}
	}
}

// shut brings a request to an end.
func (w *town) shut(r privacy.Request, who map[string]dossier.Actor) {
	w.Helper()
	for _, act := range []string{"withdraw", "resolve"} {
		for _, name := range []string{"asker", "other officer"} {
			for _, x := range w.Offers(who[name], &r) {
				if x == act {
					w.does(who[name], r, act, everything)
					return
				}
			}
		}
	}
}

// An officer does not decide on their own request, nor on that of whom they stand in
// for; what is asked twice is refused; what is not the person's own does not exist.
func TestOwnRequests(t *testing.T) {
	w := open(t)
	officer := w.actor("dulieu")
	r := w.asks(officer, privacy.Asked{Right: regime.Access})
	if _, err := w.Act(t.Context(), officer, r.Number, privacy.ActAccept, privacy.Given{Version: r.Version}); key(err) != "privacy.own" {
		t.Errorf("accepted their own: %v", err)
	}
	second := w.officer("dulieu.moi")
	second.Away = map[int64]string{officer.Account: officer.Name}
	if _, err := w.Act(t.Context(), second, r.Number, privacy.ActAccept, privacy.Given{Version: r.Version}); key(err) != "privacy.own" {
		t.Errorf("accepted by who stands in: %v", err)
	}
	second.Away = nil
	w.does(second, r, privacy.ActAccept, everything)
	if _, err := w.Ask(t.Context(), officer, privacy.Asked{Right: regime.Erase}); key(err) != "privacy.officer" {
		t.Errorf("an officer has their account erased: %v", err)
	}
	if _, err := w.Ask(t.Context(), officer, privacy.Asked{Right: regime.Correct, Subject: "name", Value: "Tên Khác"}); key(err) != "portal.account.officer" {
		t.Errorf("an officer has their name corrected: %v", err)
	}
	if _, err := w.Ask(t.Context(), officer, privacy.Asked{Right: regime.Access}); key(err) != "privacy.open_already" {
		t.Errorf("asked twice: %v", err)
	}
	for _, login := range []string{"nguoidan", "lanhdao", "quantri", "motcua"} {
		if _, err := w.Find(t.Context(), w.actor(login), r.Number); key(err) != "privacy.unknown" {
			t.Errorf("%s finds it: %v", login, err)
		}
		if _, _, err := w.List(t.Context(), w.actor(login)); key(err) != "privacy.officers_only" {
			t.Errorf("%s lists requests: %v", login, err)
		}
	}
	firm := w.actor("nguoidan")
	firm.Member = &dossier.Member{Account: firm.Account}
	if _, err := w.Ask(t.Context(), firm, privacy.Asked{Right: regime.Access}); key(err) != "privacy.oneself" {
		t.Errorf("asked for a firm: %v", err)
	}
	if _, err := w.Copy(t.Context(), firm, "vi"); key(err) != "privacy.oneself" {
		t.Errorf("copied for a firm: %v", err)
	}
}

// A post of data protection shows no dossier.
func TestTheOfficerSeesNoDossier(t *testing.T) {
	w := open(t)
	s := w.file(w.actor("nguoidan"), nil)
	if _, err := w.Book.Find(t.Context(), w.actor("dulieu"), s.Code); key(err) != "dossier.unknown" {
		t.Errorf("found: %v", err)
	}
	items, _, err := w.Book.Seek(t.Context(), w.actor("dulieu"), dossier.Sought{Text: "046190001234"}, 10)
	if len(items) > 0 {
		t.Errorf("sought: %v %v", items, err)
	}
}

// factor gives somebody a code generator.
func (w *town) factor(account int64) {
	w.Helper()
	w.change(func(tx *db.Tx) error {
		id := db.NewID()
		key, err := tx.Vault().SealText(fmt.Sprintf("factor/%d", id), "KEY")
		tx.Exec(`INSERT INTO factor (id, account, kind, name, body, step, created_at, used_at) VALUES ($1, $2, 'totp', 'máy', $3, 0, 0, 0)`, id, account, key)
		tx.Mark("factor", `id = $1`, id)
		return err
	})
}

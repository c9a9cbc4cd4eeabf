// SPDX-License-Identifier: Apache-2.0

package records_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/records"
	"motcua/internal/refusal"
	"motcua/internal/stats"
)

// archive is the demo province with a clock that the test moves by years.
type archive struct {
	*testing.T
	*records.Keeper
	url  string
	now  time.Time
	who  map[string]dossier.Actor
	site *agency.Site
}

var logins = []string{"nguoidan", "nguoidan2", "motcua", "motcua2", "chuyenvien", "truongphong", "lanhdao", "thuquy", "quantri", "phuxuan.ld"}

func open(t *testing.T) *archive {
	t.Helper()
	a := &archive{T: t, url: dbtest.URL(t), who: map[string]dossier.Actor{}, now: day("2026-11-23")}
	d := dbtest.OpenURL(t, a.url)
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := province.Load(t.Context(), d, demo.Files, a.now); err != nil {
		t.Fatal(err)
	}
	a.start(d)
	register := &identity.Register{DB: d, Now: a.clock}
	for _, login := range logins {
		account, err := register.FindLogin(t.Context(), login)
		if err != nil {
			t.Fatal(err)
		}
		account.Level = identity.Double
		a.who[login] = dossier.ActorOf(account, a.site.Directory(), calendar.DateOf(a.now))
	}
	return a
}

func (a *archive) clock() time.Time { return a.now }

// start opens the site as a process does.
func (a *archive) start(d *db.DB) {
	a.Helper()
	var err error
	if a.site, err = agency.OpenSite(a.Context(), d, a.clock); err != nil {
		a.Fatal(err)
	}
	catalogue, err := procedure.OpenCatalogue(a.Context(), d)
	if err != nil {
		a.Fatal(err)
	}
	a.Keeper = &records.Keeper{Book: &dossier.Book{DB: d, Catalogue: catalogue, Site: a.site, Now: a.clock, Followers: []dossier.Follower{dossier.Announce, dossier.NoteAssigned}}}
}

func day(s string) time.Time { return calendar.MustDate(s).At(9 * 60) }

// closed files the sample dossier of a procedure and brings it to its result.
func (a *archive) closed(code string, with ...dossier.Paper) dossier.State {
	a.Helper()
	f, err := a.Book.Sample(a.Context(), code, "vi")
	if err != nil {
		a.Fatal(err)
	}
	for _, p := range with { // in the place of the sample's own
		i := slices.IndexFunc(f.Documents, func(x dossier.Paper) bool { return strings.HasSuffix(x.Name, ".pdf") })
		f.Documents[i].Content = p.Content
	}
	s, err := a.Book.Submit(a.Context(), a.who["nguoidan"], f, nil)
	for n := 0; err == nil && !s.Closed() && n < 40; n++ {
		s, err = a.next(s)
	}
	if err != nil || !s.Closed() {
		a.Fatal(s.Phase, err)
	}
	return s
}

func (a *archive) next(s dossier.State) (dossier.State, error) {
	for _, login := range logins[2:] {
		if !a.who[login].Sees(&s) {
			continue
		}
		offers, err := a.Book.Offers(a.Context(), a.who[login], &s)
		if err != nil {
			return s, err
		}
		for _, o := range offers {
			if !o.Aside {
				return a.Book.Act(a.Context(), a.who[login], s.Code, dossier.Request{Act: o.Act, Version: s.Version, Params: dossier.Filled(o.Params)})
			}
		}
	}
	return s, fmt.Errorf("%s stands still", s.Code)
}

func (a *archive) act(login string, s dossier.State, act string, params map[string]any) dossier.State {
	a.Helper()
	after, err := a.Book.Act(a.Context(), a.who[login], s.Code, dossier.Request{Act: act, Version: a.find(s.Code).Version, Params: params})
	if err != nil {
		a.Fatal(err)
	}
	return after
}

func (a *archive) find(code dossier.Code) dossier.State {
	a.Helper()
	s, err := a.Book.Find(a.Context(), a.who["nguoidan"], code)
	if err != nil {
		a.Fatal(err)
	}
	return s
}

// run lets the system do what is due, until there is nothing.
func (a *archive) run() {
	a.Helper()
	for n := 1; n > 0; {
		some, err := a.Book.Watch(a.Context(), 100)
		if err != nil {
			a.Fatal(err)
		}
		if n, err = a.Watch(a.Context(), 100); err != nil {
			a.Fatal(err)
		}
		n += some
	}
	if err := a.Book.Sweep(a.Context()); err != nil {
		a.Fatal(err)
	}
	for n := 1; n > 0; {
		var err error
		if n, err = a.Book.Deliver(a.Context(), 100); err != nil {
			a.Fatal(err)
		}
	}
}

// found is all that verification finds.
func (a *archive) found() []string {
	a.Helper()
	var list []string
	if err := a.Book.Verify(a.Context(), func(f dossier.Finding) { list = append(list, f.What+" "+f.Where+": "+f.Detail) }, func(int64) {}); err != nil {
		a.Fatal(err)
	}
	if err := document.Verify(a.Context(), a.Book.DB, func(what, detail string) { list = append(list, "file "+what+": "+detail) }); err != nil {
		a.Fatal(err)
	}
	return list
}

func (a *archive) verify() {
	a.Helper()
	for _, f := range a.found() {
		a.Error(f)
	}
}

func (a *archive) count(sql string, args ...any) (n int64) {
	a.Helper()
	if err := a.Book.DB.Read(a.Context(), func(tx *db.Tx) error {
		_, err := tx.One(sql, args, &n)
		return err
	}); err != nil {
		a.Fatal(err)
	}
	return n
}

func (a *archive) exec(sql string, args ...any) {
	a.Helper()
	a.change(func(tx *db.Tx) { tx.Exec(sql, args...) })
}

func (a *archive) change(change func(tx *db.Tx)) {
	a.Helper()
	dbtest.Tamper(a, a.Book.DB, change)
}

// schedule makes lines apply to what is closed from now on.
func (a *archive) schedule(lines ...agency.Keep) {
	a.Helper()
	if err := a.site.AddSchedule(a.Context(), audit.By{}, lines); err != nil {
		a.Fatal(err)
	}
}

func years(code string, n int) agency.Keep {
	return agency.Keep{From: calendar.MustDate("2026-11-01"), Procedure: code, Years: n, Identity: 90, Name: "Nhóm " + code, Basis: "Căn cứ " + code}
}

func (a *archive) round(login, what string) records.Round {
	a.Helper()
	list, err := a.Rounds(a.Context(), a.who[login])
	if err != nil {
		a.Fatal(err)
	}
	for _, r := range list {
		if r.What == what && r.DoneAt.IsZero() {
			return r
		}
	}
	a.Fatalf("no round %s in %+v", what, list)
	return records.Round{}
}

// destroyed lists, approves and destroys everything that is due.
func (a *archive) destroyed(login string) records.Round {
	a.Helper()
	a.run()
	r := a.round(login, dossier.ToDestroy)
	if err := a.Approve(a.Context(), a.who[login], r.ID, "12/QĐ-UBND"); err != nil {
		a.Fatal(err)
	}
	a.now = a.now.AddDate(0, 0, a.Wait()+1)
	a.run()
	return r
}

const (
	birth   = "1.001193" // of a commune
	correct = "1.004859"
)

// identityProcedure has a copy of an identity paper among what is handed in.
const withIdentity = "1.012906"

// The identity papers of a closed dossier are removed some days after it; history
// keeps their names and digests, pages say why, all else stays and proves right.
func TestIdentityPapersAreRemoved(t *testing.T) {
	a := open(t)
	s := a.closed(withIdentity)
	kept := s.Retention
	if kept == nil || kept.PurgeAt.IsZero() || !kept.PurgeAt.Equal((s.ClosedOn() + 91).At(0)) {
		t.Fatalf("%+v", kept)
	}
	held := a.act("lanhdao", a.closed(withIdentity), "hold", map[string]any{"why": "complaint", "reason": "Đang khiếu nại."})
	a.now = kept.PurgeAt.Add(-time.Minute)
	if a.run(); len(a.find(s.Code).Purged) != 0 {
		t.Fatal("removed too early")
	}
	files := a.count(`SELECT COUNT(*) FROM file`)
	a.now = kept.PurgeAt.Add(time.Minute)
	a.run()
	f, err := a.Book.Open(t.Context(), a.who["nguoidan"], s.Code)
	if err != nil || len(f.State.Purged) != 1 || a.count(`SELECT COUNT(*) FROM file`) != files-1 {
		t.Fatal(f.State.Purged, err)
	}
	purged, _, _ := dossier.Last[dossier.Purged](f.Events)
	if d := purged.Papers[0]; d.Name == "" || d.SHA256 == "" || document.Copy(t.Context(), a.Book.DB, d.SHA256, io.Discard) != nil {
		t.Errorf("%+v: the same content in a dossier that is held is gone, or the name", d)
	}
	e := refusal.As(f.Readable(purged.Papers[0]))
	if e == nil || e.Key != "document.purged" || e.Basis == "" {
		t.Errorf("%v", e)
	}
	for _, d := range f.State.Documents {
		if d.Component != "identity" && f.Readable(d) != nil {
			t.Errorf("%s was removed", d.Component)
		}
	}
	if _, err := a.Book.Paper(t.Context(), &f, "submission"); err != nil {
		t.Error(err)
	}
	if s := a.find(held.Code); len(s.Purged) != 0 {
		t.Error("removed from a dossier that is held")
	}
	a.verify()
	a.act("lanhdao", held, "end_hold", map[string]any{"reason": "Đã giải quyết xong."})
	if a.run(); len(a.find(held.Code).Purged) != 1 || document.Copy(t.Context(), a.Book.DB, purged.Papers[0].SHA256, io.Discard) == nil {
		t.Error("still there once it is not held any more")
	}
	a.verify()
}

// A dossier that is opened again after its identity papers were removed is
// completed, ends again, and still proves right.
func TestReopenedAfterRemoval(t *testing.T) {
	a := open(t)
	s := a.closed(withIdentity)
	a.now = s.Retention.PurgeAt.Add(time.Minute)
	a.run()
	offered := func(login, act string) {
		t.Helper()
		s = a.find(s.Code)
		offers, err := a.Book.Offers(t.Context(), a.who[login], &s)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(offers, func(o dossier.Offer) bool { return o.Act == act })
		if i < 0 {
			t.Fatalf("%s is not offered to %s", act, login)
		}
		s = a.act(login, s, act, dossier.Filled(offers[i].Params))
	}
	offered("lanhdao", "revoke")
	if s.Retention != nil || s.Closed() || a.count(`SELECT COUNT(*) FROM retained WHERE dossier = $1`, s.ID) != 0 {
		t.Fatalf("%+v", s.Retention)
	}
	offered("chuyenvien", "ask_supplement")
	if s.ToSign != nil {
		offered("lanhdao", "sign")
	}
	offered("nguoidan", "supplement")
	for n := 0; !s.Closed() && n < 40; n++ {
		var err error
		if s, err = a.next(s); err != nil {
			t.Fatal(err)
		}
	}
	if s.Retention == nil || !s.Retention.PurgeAt.IsZero() || len(s.Purged) != 1 {
		t.Errorf("%+v", s.Retention)
	}
	a.verify()
}

// A file that stands in another dossier stays for that one.
func TestSharedFileStays(t *testing.T) {
	a := open(t)
	first := a.closed(withIdentity)
	f, err := a.Book.Sample(t.Context(), withIdentity, "vi")
	if err != nil {
		t.Fatal(err)
	}
	f.Documents = nil
	for _, d := range first.Documents {
		f.Documents = append(f.Documents, dossier.Paper{Component: d.Component, File: d.File})
	}
	second, err := a.Book.Submit(t.Context(), a.who["nguoidan"], f, nil)
	if err != nil {
		t.Fatal(err)
	}
	a.now = first.Retention.PurgeAt.Add(time.Minute)
	if a.run(); len(a.find(first.Code).Purged) != 1 {
		t.Fatal("not removed")
	}
	open, err := a.Book.Open(t.Context(), a.who["nguoidan"], second.Code)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range open.State.Documents {
		if open.Readable(d) != nil || d.File != "" && a.count(`SELECT COUNT(*) FROM file WHERE id = $1`, d.File) != 1 {
			t.Errorf("%s is gone", d.Component)
		}
	}
	a.verify()
}

// figures are all figures of the site.
func (a *archive) figures() map[string]string {
	a.Helper()
	all := map[string]string{}
	for _, by := range [][]string{{"agency", "status", "outcome"}, {"procedure", "channel", "day"}, {"month"}} {
		rows, err := stats.Dossiers(a.Context(), a.Book.DB, stats.Query{By: by})
		if err != nil {
			a.Fatal(err)
		}
		text, _ := json.Marshal(rows)
		all[strings.Join(by, " ")] = string(text)
	}
	for _, code := range []string{birth, correct, withIdentity} {
		took, err := stats.Took(a.Context(), a.Book.DB, code, calendar.MustDate("2026-11-30"))
		if err != nil {
			a.Fatal(err)
		}
		all[code] = fmt.Sprint(took)
	}
	return all
}

// After a round, what was listed and not held is gone with all that belongs to it;
// figures, numbers and journal are as they were, and people are told.
func TestDestroyed(t *testing.T) {
	a := open(t)
	a.schedule(years(correct, 2))
	gone, held := a.closed(correct), a.closed(correct)
	other := a.closed(birth)
	if k := gone.Retention; k.Years != 2 || !k.Due.Equal(calendar.MustDate("2029-01-01").At(0)) {
		t.Fatalf("%+v", k)
	}
	before := a.figures()
	a.now = calendar.MustDate("2028-12-31").At(23*60 + 59)
	if a.run(); a.count(`SELECT COUNT(*) FROM round`) != 0 {
		t.Fatal("a round before the term is over")
	}
	a.now = calendar.MustDate("2029-01-01").At(1)
	a.run()
	r := a.round("lanhdao", dossier.ToDestroy)
	if r.Year != 2029 || r.Left != 2 || a.find(gone.Code).Listed != r.ID {
		t.Fatalf("%+v", r)
	}
	notices, err := a.Book.Notices(t.Context(), a.who["nguoidan"], 100)
	if err != nil || !slices.ContainsFunc(notices, func(n dossier.Notice) bool { return n.Kind == "listed" && n.Code == gone.Code }) {
		t.Errorf("the applicant is not told: %v", err)
	}
	for login, want := range map[string]refusal.Kind{"motcua": refusal.NotFound, "phuxuan.ld": refusal.NotFound, "truongphong": refusal.NotAllowed, "quantri": refusal.NotFound} {
		if err := a.Approve(t.Context(), a.who[login], r.ID, "1"); !refusal.Is(err, want) {
			t.Errorf("%s approves: %v", login, err)
		}
	}
	if err := a.Approve(t.Context(), a.who["lanhdao"], r.ID, " "); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("approved without a number: %v", err)
	}
	if err := a.Approve(t.Context(), a.who["lanhdao"], r.ID, "12/QĐ-UBND"); err != nil {
		t.Fatal(err)
	}
	a.act("lanhdao", held, "hold", map[string]any{"why": "dispute", "reason": "Đang khởi kiện."})
	a.now = a.round("lanhdao", dossier.ToDestroy).CarryAt.Add(-time.Minute)
	if a.run(); a.count(`SELECT COUNT(*) FROM tombstone`) != 0 {
		t.Fatal("destroyed before it has waited")
	}
	if err := a.TakeBack(t.Context(), a.who["lanhdao"], r.ID); err != nil {
		t.Fatal(err)
	}
	a.now = a.now.AddDate(0, 1, 0)
	if a.run(); a.count(`SELECT COUNT(*) FROM tombstone`) != 0 {
		t.Fatal("destroyed after the approval was taken back")
	}
	a.destroyed("lanhdao")
	if n := a.count(`SELECT COUNT(*) FROM tombstone`); n != 1 || a.find(held.Code).Hold == nil || a.find(other.Code).Code != other.Code {
		t.Fatalf("%d destroyed", n)
	}
	for _, table := range []string{"event", "aside", "seen", "note", "labelled", "assignment", "retained", "paper"} {
		if n := a.count(`SELECT COUNT(*) FROM `+table+` WHERE dossier = $1`, gone.ID); n != 0 {
			t.Errorf("%d rows of it in %s", n, table)
		}
	}
	for _, d := range gone.Documents {
		if d.File != "" && a.count(`SELECT COUNT(*) FROM file WHERE id = $1`, d.File) != 0 {
			t.Errorf("its file %s is there", d.Name)
		}
	}
	told := func(err error) string {
		t.Helper()
		e := refusal.As(err)
		if e == nil {
			t.Fatal(err)
		}
		return fmt.Sprint(e.Key, e.Args["rule"], e.Basis)
	}
	_, err = a.Book.Lookup(t.Context(), gone.Code)
	if told(err) != fmt.Sprint(dossier.GoneKey, nil, "") {
		t.Errorf("looked up: %v", err)
	}
	for login, key := range map[string]string{"nguoidan": dossier.DestroyedKey, "motcua": dossier.DestroyedKey, "lanhdao": dossier.DestroyedKey, "nguoidan2": "dossier.unknown", "phuxuan.ld": "dossier.unknown", "quantri": "dossier.unknown", "": "dossier.unknown"} {
		_, open := a.Book.Open(t.Context(), a.who[login], gone.Code)
		_, see := a.Book.See(t.Context(), a.who[login], gone.Code)
		_, act := a.Book.Act(t.Context(), a.who[login], gone.Code, dossier.Request{Act: "message"})
		for how, err := range map[string]error{"open": open, "see": see, "act": act} {
			if said := told(err); !strings.HasPrefix(said, key) || key == dossier.DestroyedKey != strings.Contains(said, "Nhóm "+correct) {
				t.Errorf("%s %s is told %s", login, how, said)
			}
		}
	}
	mine, err := a.Book.Destroyed(t.Context(), a.who["nguoidan"], 10)
	if err != nil || len(mine) != 1 || mine[0].Code != gone.Code || mine[0].Order.Decision != "12/QĐ-UBND" {
		t.Errorf("%+v %v", mine, err)
	}
	text, _ := json.Marshal(mine)
	for _, secret := range []string{gone.Applicant.Name, gone.Applicant.IDNumber, gone.Secret} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the tombstone says %s", secret)
		}
	}
	if after := a.figures(); !maps.Equal(before, after) {
		t.Errorf("figures\n%v\nwere\n%v", after, before)
	}
	a.verify()
	if list, err := a.Rounds(t.Context(), a.who["lanhdao"]); err != nil || len(list) != 1 || list[0].DoneAt.IsZero() || list[0].Done != 1 {
		t.Errorf("%+v %v", list, err)
	}
	// What was held is listed in the round of the year after it is released.
	a.act("lanhdao", held, "end_hold", map[string]any{"reason": "Đã xét xử xong."})
	if a.run(); a.find(held.Code).Listed != 0 {
		t.Error("a second round in a year")
	}
	a.now = day("2030-01-04")
	a.destroyed("lanhdao")
	if n := a.count(`SELECT COUNT(*) FROM tombstone`); n != 2 {
		t.Errorf("%d destroyed", n)
	}
	a.verify()
}

// Who removes a dossier without a round, takes its tombstone away or makes one is
// found.
func TestDestructionIsProved(t *testing.T) {
	a := open(t)
	a.schedule(years(correct, 2))
	s := a.closed(correct)
	a.now = day("2027-01-04")
	rest := a.closed(correct)
	a.now = day("2029-01-04")
	a.destroyed("lanhdao")
	a.verify()

	finds := func(what, want string, do, undo func()) {
		t.Helper()
		do()
		if list := a.found(); !slices.ContainsFunc(list, func(f string) bool { return strings.Contains(f, want) }) {
			t.Errorf("%s: found %q", what, list)
		}
		undo()
		a.verify()
	}
	var stone struct {
		code, body  string
		at, account int64
		round       int64
	}
	if err := a.Book.DB.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT code, body, at, account, round FROM tombstone WHERE id = $1`, []any{s.ID}, &stone.code, &stone.body, &stone.at, &stone.account, &stone.round)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	put := func(id int64, code, body string) {
		a.exec(`INSERT INTO tombstone (id, code, account, at, round, body) VALUES ($1, $2, $3, $4, $5, $6)`, id, code, stone.account, stone.at, stone.round, body)
	}
	remove := func() { a.exec(`DELETE FROM tombstone WHERE id = $1`, s.ID) }
	restore := func() { put(s.ID, stone.code, stone.body) }
	finds("a tombstone taken away", "missing or another", remove, restore)
	finds("a tombstone changed", "missing or another", func() { remove(); put(s.ID, stone.code, strings.Replace(stone.body, "12/QĐ", "13/QĐ", 1)) }, func() { remove(); restore() })
	finds("a round changed", "missing or another", func() { a.exec(`UPDATE tombstone SET round = 7 WHERE id = $1`, s.ID) }, func() { a.exec(`UPDATE tombstone SET round = $1 WHERE id = $2`, stone.round, s.ID) })
	move := func(to int64) func() {
		return func() { a.exec(`UPDATE tombstone SET account = $1 WHERE id = $2`, to, s.ID) }
	}
	other := a.who["nguoidan2"].Account
	finds("a tombstone put to another account", "of another account", move(other), move(stone.account))
	finds("a tombstone put to nobody", "of another account", move(0), move(stone.account))
	finds("a tombstone beside its dossier", "beside its dossier", func() { put(rest.ID, string(rest.Code), stone.body) }, func() { a.exec(`DELETE FROM tombstone WHERE id = $1`, rest.ID) })

	// A dossier removed by hand, then with the tombstone that would have been right.
	a.now = day("2030-01-04")
	a.run()
	forged := a.wouldBe(rest.Code)
	for _, table := range []string{"event", "paper", "retained"} {
		a.exec(`DELETE FROM `+table+` WHERE dossier = $1`, rest.ID)
	}
	a.exec(`DELETE FROM dossier WHERE id = $1`, rest.ID)
	if list := a.found(); !slices.ContainsFunc(list, func(f string) bool { return strings.Contains(f, "are not what was written") }) {
		t.Errorf("a dossier removed: found %q", list)
	}
	put(rest.ID, string(rest.Code), forged)
	if list := a.found(); len(list) == 0 || !slices.ContainsFunc(list, func(f string) bool { return strings.Contains(f, "journal does not have that it was destroyed") }) {
		t.Errorf("a tombstone forged: found %q", list)
	}
}

// A tombstone goes with the accounts that become one, and stays proved; one that is put
// back is found.
func TestTombstoneOfMergedAccounts(t *testing.T) {
	a := open(t)
	a.schedule(years(correct, 2))
	s := a.closed(correct)
	a.now = day("2029-01-04")
	a.destroyed("lanhdao")
	from, to := a.who["nguoidan"].Account, a.who["nguoidan2"].Account
	if err := a.Book.DB.Write(t.Context(), func(tx *db.Tx) error {
		if err := a.Book.Merge(tx, from, to); err != nil {
			return err
		}
		return audit.By{Account: to}.Note(tx, a.now, audit.Account, identity.MergedNote, "from", from)
	}); err != nil {
		t.Fatal(err)
	}
	a.verify()
	a.exec(`UPDATE tombstone SET account = $1 WHERE id = $2`, from, s.ID)
	if list := a.found(); !slices.ContainsFunc(list, func(f string) bool { return strings.Contains(f, "of an account that is another's now") }) {
		t.Errorf("found %q", list)
	}
}

// A round that is approved in the database and not by a leader is found, and nothing is
// destroyed by it.
func TestForgedApproval(t *testing.T) {
	a := open(t)
	a.schedule(years(correct, 2))
	a.closed(correct)
	a.now = day("2029-01-04")
	a.run()
	a.exec(`UPDATE round SET approved_at = 1, carry_at = 1`)
	if _, err := a.Watch(t.Context(), 100); !errors.Is(err, db.ErrForged) || a.count(`SELECT COUNT(*) FROM tombstone`) != 0 {
		t.Errorf("carried out: %v", err)
	}
	// With the site's key as well, it is carried out, and found.
	a.change(func(tx *db.Tx) { tx.Mark("round", `1 = 1`) })
	a.run()
	if list := a.found(); len(list) != 1 || !strings.Contains(list[0], "nobody approved") || a.count(`SELECT COUNT(*) FROM tombstone`) != 1 {
		t.Errorf("found %q", list)
	}
}

// Leaders who approve a round at the same moment approve it once, or one who takes it
// back would leave an approval in the journal.
func TestApprovedOnce(t *testing.T) {
	a := open(t)
	a.schedule(years(correct, 2))
	a.closed(correct)
	a.now = day("2029-01-04")
	a.run()
	id := a.round("lanhdao", dossier.ToDestroy).ID
	for range 5 {
		var all sync.WaitGroup
		refused := make([]error, 6)
		for i := range refused {
			all.Go(func() { refused[i] = a.Approve(t.Context(), a.who["lanhdao"], id, "12/QĐ-UBND") })
		}
		all.Wait()
		if n := len(slices.DeleteFunc(refused, func(err error) bool { return refusal.Is(err, refusal.Conflict) })); n != 1 {
			t.Fatalf("%d approved", n)
		}
		if err := a.TakeBack(t.Context(), a.who["lanhdao"], id); err != nil {
			t.Fatal(err)
		}
	}
}

// An approval that was taken back is none: who puts it into the database again is found.
func TestForgedApprovalAnew(t *testing.T) {
	a := open(t)
	a.schedule(years(correct, 2))
	a.closed(correct)
	a.now = day("2029-01-04")
	a.run()
	r := a.round("lanhdao", dossier.ToDestroy)
	if err := a.Approve(t.Context(), a.who["lanhdao"], r.ID, "12/QĐ-UBND"); err != nil {
		t.Fatal(err)
	}
	if err := a.TakeBack(t.Context(), a.who["lanhdao"], r.ID); err != nil {
		t.Fatal(err)
	}
	a.change(func(tx *db.Tx) {
		tx.Exec(`UPDATE round SET approved_at = 1, carry_at = 1`)
		tx.Mark("round", `1 = 1`)
	})
	a.run()
	if list := a.found(); len(list) != 1 || !strings.Contains(list[0], "nobody approved") || a.count(`SELECT COUNT(*) FROM tombstone`) != 1 {
		t.Errorf("found %q", list)
	}
}

// wouldBe is the tombstone that a dossier would get.
func (a *archive) wouldBe(code dossier.Code) (body string) {
	a.Helper()
	undo := errors.New("undo")
	if err := a.Book.DB.Write(a.Context(), func(tx *db.Tx) error {
		s := a.find(code)
		if err := a.Book.Destroy(tx, code, s.Listed, dossier.Order{Year: 2030, Decision: "1"}); err != nil {
			return err
		}
		if _, err := tx.One(`SELECT body FROM tombstone WHERE id = $1`, []any{s.ID}, &body); err != nil {
			return err
		}
		return undo
	}); !errors.Is(err, undo) {
		a.Fatal(err)
	}
	return body
}

// What is cut off at any moment goes on where it was: another process finds the
// round as the first one left it.
func TestRoundGoesOn(t *testing.T) {
	a := open(t)
	a.schedule(years(correct, 2))
	for range 5 {
		a.closed(correct)
	}
	a.now = day("2029-01-04")
	if n, err := a.Watch(t.Context(), 2); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	a.verify()
	a.start(dbtest.OpenURL(t, a.url))
	a.run()
	r := a.round("lanhdao", dossier.ToDestroy)
	if r.Left != 5 {
		t.Fatalf("%+v", r)
	}
	if err := a.Approve(t.Context(), a.who["lanhdao"], r.ID, "1/QĐ"); err != nil {
		t.Fatal(err)
	}
	a.now = a.now.AddDate(0, 2, 0)
	if n, err := a.Watch(t.Context(), 3); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	a.verify()
	if err := a.TakeBack(t.Context(), a.who["lanhdao"], r.ID); !refusal.Is(err, refusal.NotNow) {
		t.Errorf("taken back while it is carried out: %v", err)
	}
	a.start(dbtest.OpenURL(t, a.url))
	a.run()
	if n := a.count(`SELECT COUNT(*) FROM tombstone`); n != 5 {
		t.Errorf("%d destroyed", n)
	}
	a.verify()
}

// Twenty-five years: each dossier is destroyed or handed over in the year in which
// the schedule of its closing day says, and none before.
func TestTwentyFiveYears(t *testing.T) {
	a := open(t)
	a.schedule(years(correct, 2), years(withIdentity, 20), agency.Keep{From: calendar.MustDate("2026-11-01"), Procedure: birth, Permanent: true, Years: 5, Name: "Vĩnh viễn", Basis: "B"})
	ends := map[dossier.Code]int{a.closed(correct).Code: 2029, a.closed(withIdentity).Code: 2047}
	forever := a.closed(birth)
	a.schedule(agency.Keep{From: calendar.MustDate("2027-01-01"), Procedure: correct, Years: 10, Name: "Mười năm", Basis: "B"})
	a.now = calendar.MustDate("2026-12-31").At(9 * 60)
	ends[a.closed(correct).Code] = 2029 // closed on the last day of the year, under the line of then
	a.now = calendar.MustDate("2027-01-04").At(9 * 60)
	ends[a.closed(correct).Code] = 2038
	figures := a.count(`SELECT CAST(SUM(n) AS BIGINT) FROM counter WHERE day = 0`)

	gone := map[dossier.Code]int{}
	for year := 2027; year <= 2051; year++ {
		a.now = time.Date(year, 1, 5, 9, 0, 0, 0, calendar.Zone)
		a.run()
		list, err := a.Rounds(t.Context(), a.who["lanhdao"])
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			if r.ApprovedAt.IsZero() {
				if err := a.Approve(t.Context(), a.who["lanhdao"], r.ID, fmt.Sprintf("%d/QĐ", year)); err != nil {
					t.Fatal(err)
				}
			}
		}
		a.now = a.now.AddDate(0, 3, 0)
		a.run()
		mine, err := a.Book.Destroyed(t.Context(), a.who["nguoidan"], 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range mine {
			if gone[s.Code] == 0 {
				gone[s.Code] = year
			}
		}
		if s := a.find(forever.Code); s.Archived.IsZero() != (year < 2032) {
			t.Errorf("in %d: handed over %s", year, s.Archived)
		}
	}
	if !maps.Equal(gone, ends) {
		t.Errorf("destroyed %v, want %v", gone, ends)
	}
	if n := a.count(`SELECT CAST(SUM(n) AS BIGINT) FROM counter WHERE day = 0`); n != figures {
		t.Errorf("%d dossiers counted, were %d", n, figures)
	}
	a.verify()
}

// A term is determined anew only by an act with a reason, by the schedule of the
// day; what applied before is still in the history.
func TestTermAnew(t *testing.T) {
	a := open(t)
	s := a.closed(correct)
	if _, err := a.Book.Act(t.Context(), a.who["lanhdao"], s.Code, dossier.Request{Act: "reterm", Version: s.Version, Params: map[string]any{"reason": "x"}}); !refusal.Is(err, refusal.NotNow) {
		t.Errorf("by the same schedule: %v", err)
	}
	a.schedule(agency.Keep{From: calendar.MustDate("2026-11-20"), Procedure: correct, Years: 30, Name: "Ba mươi", Basis: "B"})
	if s := a.find(s.Code); s.Retention.Years == 30 {
		t.Error("a change of the schedule changes what is closed")
	}
	s = a.act("lanhdao", s, "reterm", map[string]any{"reason": "Quy định mới dài hơn."})
	if s.Retention.Years != 30 || !s.Retention.Due.Equal(calendar.MustDate("2057-01-01").At(0)) {
		t.Errorf("%+v", s.Retention)
	}
	a.verify()
}

// What does harm is in no package, which says so; while a file waits for the scanner
// there is none, before a byte of it is sent.
func TestPackageWithoutHarm(t *testing.T) {
	a := open(t)
	s := a.closed(withIdentity)
	if err := document.StartScanning(t.Context(), a.Book.DB, a.now); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Open(t.Context(), a.who["lanhdao"], s.Code); refusal.As(err) == nil || refusal.As(err).Key != "document.waiting" {
		t.Errorf("while files wait: %v", err)
	}
	a.exec(`UPDATE file_scan SET state = 'infected'`)
	var out bytes.Buffer
	if err := a.Package(t.Context(), a.who["lanhdao"], s.Code, &out); err != nil {
		t.Fatal(err)
	}
	r, err := records.Check(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil || len(r.Wrong) > 0 {
		t.Fatalf("%+v %v", r, err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if strings.Contains(f.Name, "/data/papers/") {
			t.Errorf("%s is in it", f.Name)
		}
	}
	m, err := z.Open(string(s.Code) + "/data/metadata.json")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(m); err != nil || !strings.Contains(string(text), `"infected": true`) {
		t.Errorf("it does not say why: %v", err)
	}
}

// A dossier of which a file waits for the scanner is left out of its round's packages
// and named there, the others are whole; if all wait it is refused before a byte.
func TestPackageRoundWhileFilesWait(t *testing.T) {
	a := open(t)
	other, err := a.Book.SamplePaper()
	if err != nil {
		t.Fatal(err)
	}
	goes, waits := a.closed(withIdentity), a.closed(withIdentity, dossier.Paper{Content: other})
	a.exec(`UPDATE retained SET due_at = 1, what = $1`, dossier.ToDestroy)
	if _, err := a.Watch(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	r := a.round("lanhdao", dossier.ToDestroy)
	if err := document.StartScanning(t.Context(), a.Book.DB, a.now); err != nil {
		t.Fatal(err)
	}
	say := func(e *refusal.Error) string { return e.Key }
	pack := func() (*zip.Reader, error) {
		var out bytes.Buffer
		err := a.PackageRound(t.Context(), a.who["lanhdao"], r.ID, &out, say)
		if err != nil {
			if out.Len() > 0 {
				t.Errorf("%d bytes were sent of what is refused", out.Len())
			}
			return nil, err
		}
		return zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	}
	if _, err := pack(); refusal.As(err) == nil || refusal.As(err).Key != "document.waiting" {
		t.Errorf("while all wait: %v", err)
	}
	for _, sha := range goes.Digests() {
		a.exec(`UPDATE file_scan SET state = 'infected' WHERE sha256 = $1`, "k"+a.Book.DB.Vault.Digest("file", sha))
	}
	z, err := pack()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if want := []string{string(goes.Code) + ".zip", records.LeftOut}; !slices.Equal(names, want) {
		t.Fatalf("%q, want %q", names, want)
	}
	left, err := z.Open(records.LeftOut)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(left); err != nil || string(text) != string(waits.Code)+"\tdocument.waiting\n" {
		t.Errorf("%q %v", text, err)
	}
}

// A package holds what was handed in as it was handed in, what was issued, and the
// log; who may not have it does not get it; a byte that is changed is found.
func TestPackage(t *testing.T) {
	a := open(t)
	s := a.closed(withIdentity)
	for login, want := range map[string]refusal.Kind{"nguoidan": refusal.NotAllowed, "motcua2": refusal.NotFound, "chuyenvien": refusal.NotAllowed, "quantri": refusal.NotFound} {
		if err := a.Package(t.Context(), a.who[login], s.Code, io.Discard); !refusal.Is(err, want) {
			t.Errorf("%s: %v", login, err)
		}
	}
	pack := func() []byte {
		t.Helper()
		var out bytes.Buffer
		if err := a.Package(t.Context(), a.who["lanhdao"], s.Code, &out); err != nil {
			t.Fatal(err)
		}
		r, err := records.Check(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil || len(r.Wrong) > 0 || r.Code != string(s.Code) || r.Files < 8 {
			t.Fatalf("%+v %v", r, err)
		}
		if a.count(`SELECT COUNT(*) FROM journal WHERE dossier = $1 AND kind = 'kept' AND body LIKE $2`, s.ID, "%"+r.Digest+"%") == 0 {
			t.Error("the journal does not have its digest")
		}
		return out.Bytes()
	}
	text := pack()
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		t.Helper()
		f, err := z.Open(string(s.Code) + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		content, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	var m struct {
		Code   string
		Papers []struct {
			Path, Kind, SHA256 string
			Removed            bool
		}
	}
	if err := json.Unmarshal([]byte(read("data/metadata.json")), &m); err != nil || m.Code != string(s.Code) {
		t.Fatal(m, err)
	}
	kinds := map[string]int{}
	for _, p := range m.Papers {
		kinds[p.Kind]++
		if p.Path != "" {
			read(p.Path)
		}
	}
	if kinds["handed_in"] == 0 || kinds["issued"] < 2 || kinds["result"] != 1 {
		t.Errorf("%v", kinds)
	}
	if n := strings.Count(read("data/events.jsonl"), "\n"); n != s.Version {
		t.Errorf("%d events, want %d", n, s.Version)
	}
	if log := read("data/journal.jsonl"); !strings.Contains(log, `"viewed"`) || !strings.Contains(log, `"acted"`) {
		t.Error("looks or acts are not in the log")
	}

	a.now = s.Retention.PurgeAt.Add(time.Minute)
	a.run()
	after := pack()
	z, err = zip.NewReader(bytes.NewReader(after), int64(len(after)))
	if err != nil {
		t.Fatal(err)
	}
	m.Papers = nil
	if err := json.Unmarshal([]byte(read("data/metadata.json")), &m); err != nil || !strings.Contains(read("data/events.jsonl"), `"purged"`) {
		t.Fatal(err)
	}
	removed := 0
	for _, p := range m.Papers {
		if p.Removed {
			removed++
			if p.Path != "" || p.SHA256 == "" {
				t.Errorf("%+v", p)
			}
		}
	}
	if removed != 1 {
		t.Errorf("%d papers said to be removed", removed)
	}
}

// repacked is a package with one file changed, left out, put in or doubled.
func repacked(t *testing.T, text []byte, change func(name string, content []byte) []namedContent) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range change(f.Name, content) {
			e, err := w.Create(x.name)
			if err == nil {
				_, err = e.Write(x.content)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type namedContent struct {
	name    string
	content []byte
}

func TestPackageIsProved(t *testing.T) {
	a := open(t)
	s := a.closed(correct)
	var out bytes.Buffer
	if err := a.Package(t.Context(), a.who["lanhdao"], s.Code, &out); err != nil {
		t.Fatal(err)
	}
	at := func(end string, do func(name string, content []byte) []namedContent) func(string, []byte) []namedContent {
		return func(name string, content []byte) []namedContent {
			if strings.HasSuffix(name, end) {
				return do(name, content)
			}
			return []namedContent{{name, content}}
		}
	}
	for what, x := range map[string]struct {
		key    string
		change func(string, []byte) []namedContent
	}{
		"a byte changed":     {"changed", at("events.jsonl", func(n string, c []byte) []namedContent { c[10] ^= 1; return []namedContent{{n, c}} })},
		"a file left out":    {"missing", at("journal.jsonl", func(string, []byte) []namedContent { return nil })},
		"a file put in":      {"unlisted", at("metadata.json", func(n string, c []byte) []namedContent { return []namedContent{{n, c}, {n + ".2", c}} })},
		"a file twice":       {"twice", at("metadata.json", func(n string, c []byte) []namedContent { return []namedContent{{n, c}, {n, c}} })},
		"a file outside":     {"outside", at("metadata.json", func(n string, c []byte) []namedContent { return []namedContent{{n, c}, {"../x", c}} })},
		"a line of the list": {"changed", at("/manifest-sha256.txt", func(n string, c []byte) []namedContent { c[3] ^= 1; return []namedContent{{n, c}} })},
	} {
		text := repacked(t, out.Bytes(), x.change)
		r, err := records.Check(bytes.NewReader(text), int64(len(text)))
		if err != nil || !slices.ContainsFunc(r.Wrong, func(w records.Wrong) bool { return w.Key == "archive.wrong."+x.key }) {
			t.Errorf("%s: %+v %v", what, r.Wrong, err)
		}
	}
	for at := 0; at < out.Len(); at += 1 + out.Len()/200 { // any byte of the file as it is
		text := bytes.Clone(out.Bytes())
		text[at] ^= 0x10
		r, err := records.Check(bytes.NewReader(text), int64(len(text)))
		if err == nil && len(r.Wrong) == 0 && !sameContent(t, text, out.Bytes()) {
			t.Errorf("byte %d changed and not found", at)
		}
	}
	for _, text := range [][]byte{nil, []byte("PK"), repacked(t, out.Bytes(), func(string, []byte) []namedContent { return nil })} {
		if _, err := records.Check(bytes.NewReader(text), int64(len(text))); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
}

// sameContent is true when two ZIP files hold the same: some of their bytes, such
// as those of times, say nothing of that.
func sameContent(t *testing.T, a, b []byte) bool {
	t.Helper()
	content := func(text []byte) map[string]string {
		all := map[string]string{}
		z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return nil
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				return nil
			}
			c, _ := io.ReadAll(r)
			all[f.Name] = string(c)
		}
		return all
	}
	return maps.Equal(content(a), content(b))
}

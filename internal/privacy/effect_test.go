// SPDX-License-Identifier: Apache-2.0

package privacy_test

import (
	"strings"
	"testing"
	"time"

	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/privacy"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// carriesOut brings a request from its answer to its end.
func (w *town) carriesOut(r privacy.Request, g privacy.Given) (privacy.Request, error) {
	w.Helper()
	officer := w.actor("dulieu")
	r = w.does(officer, r, privacy.ActAccept, privacy.Given{})
	g.Version, w.now = r.Version, w.now.Add(time.Second)
	return w.Act(w.Context(), officer, r.Number, privacy.ActDo, g)
}

// count counts rows that meet a condition on an account.
func (w *town) count(from string, account int64) (n int) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT COUNT(*) FROM `+from, []any{account}, &n)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return n
}

// What is right is written into the account; what was proved is not, and the journal
// keeps no value.
func TestCorrection(t *testing.T) {
	w := open(t)
	who := w.actor("nguoidan")
	r, err := w.carriesOut(w.asks(who, privacy.Asked{Right: regime.Correct, Subject: "phone", Value: "0905 111 222"}), privacy.Given{Value: "0905111222"})
	if err != nil || r.State != privacy.Done {
		t.Fatalf("%s %v", r.State, err)
	}
	if a := w.actor("nguoidan"); a.Person.Phone != "0905111222" {
		t.Errorf("phone is %s", a.Person.Phone)
	}
	for _, bad := range []string{"", "không phải số", strings.Repeat("9", 400)} {
		if _, err := w.Ask(t.Context(), who, privacy.Asked{Right: regime.Correct, Subject: "phone", Value: bad}); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	proved := w.asks(who, privacy.Asked{Right: regime.Correct, Subject: "birth_date", Value: "1/2/1990"})
	if _, err := w.Act(t.Context(), w.actor("dulieu"), proved.Number, privacy.ActAccept, privacy.Given{Version: proved.Version}); key(err) != "privacy.correct.proved" {
		t.Errorf("promised to correct what was proved: %v", err)
	}
	w.does(w.actor("dulieu"), proved, privacy.ActRefuse, privacy.Given{Text: "Sửa tại cơ quan Công an.", Basis: "Luật Căn cước, Điều 10"})
	if n := w.count(`journal WHERE body LIKE '%0905111222%' AND account <> $1`, 0); n != 0 {
		t.Error("the journal holds what was written")
	}
	if n := w.count(`notice WHERE account = $1 AND kind = 'data_request'`, who.Account); n < 3 {
		t.Errorf("told %d times", n)
	}
}

// A restriction stops what no law asks for and nothing else, and its holder lets it go
// on again.
func TestRestriction(t *testing.T) {
	w := open(t)
	who := w.actor("nguoidan")
	begin := func() map[string]any {
		d, err := w.Book.Begin(t.Context(), w.actor("nguoidan"), dossier.Filing{Procedure: "1.001193", Case: "standard"})
		if err != nil {
			t.Fatal(err)
		}
		return d.Filing.Answers
	}
	if len(begin()) == 0 {
		t.Fatal("nothing is filled in")
	}
	if _, err := w.carriesOut(w.asks(who, privacy.Asked{Right: regime.Restrict}), privacy.Given{}); err != nil {
		t.Fatal(err)
	}
	if a := begin(); len(a) != 0 {
		t.Errorf("filled in all the same: %v", a)
	}
	w.file(w.actor("nguoidan"), nil) // dossiers go on
	w.now = w.now.Add(10 * 24 * time.Hour)
	if err := w.Book.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`notice WHERE account = $1 AND kind = 'draft'`, who.Account); n != 0 {
		t.Error("reminded of a draft")
	}
	if err := w.Resume(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	if err := w.Book.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`notice WHERE account = $1 AND kind = 'draft'`, who.Account); n == 0 || len(begin()) == 0 {
		t.Error("does not go on")
	}
	if _, err := w.carriesOut(w.asks(who, privacy.Asked{Right: regime.Object, Subject: identity.UsePrefill}), privacy.Given{}); err != nil {
		t.Fatal(err)
	}
	if a := begin(); len(a) != 0 {
		t.Errorf("objected, and filled in all the same: %v", a)
	}
}

// Deletion takes what no law keeps and leaves dossiers, with their files; an account
// is closed only when they are done, and then nobody signs in with it.
func TestDeletion(t *testing.T) {
	w := open(t)
	who := w.actor("nguoidan2")
	other := w.file(w.actor("nguoidan"), nil)
	s := w.file(who, nil)
	if _, err := w.Book.Begin(t.Context(), who, dossier.Filing{Procedure: "1.001193", Case: "standard"}); err != nil {
		t.Fatal(err)
	}
	files := w.count(`file WHERE account = $1`, who.Account)
	r, err := w.carriesOut(w.asks(who, privacy.Asked{Right: regime.Erase, Text: "Xóa giúp tôi."}), privacy.Given{})
	if err != nil {
		t.Fatal(err)
	}
	if step := r.Last(privacy.ActDo); len(step.Kept) != 1 || step.Kept[0] != string(s.Code) {
		t.Errorf("kept %v", step.Kept)
	}
	if n := w.count(`draft WHERE account = $1`, who.Account); n != 0 {
		t.Error("drafts stay")
	}
	a := w.actor("nguoidan2")
	if a.Person.Phone != "" || a.Person.Address != "" || a.Person.Email != "" || a.Person.Name == "" || a.Person.IDNumber == "" {
		t.Errorf("the account knows %+v", a.Person)
	}
	if n := w.count(`file WHERE account = $1`, who.Account); n != files || files == 0 {
		t.Errorf("files of the dossier: %d of %d", n, files)
	}
	if _, err := w.Book.Open(t.Context(), a, s.Code); err != nil {
		t.Errorf("the dossier is gone: %v", err)
	}
	closing := w.asks(a, privacy.Asked{Right: regime.Erase, Subject: privacy.CloseAccount})
	closing = w.does(w.actor("dulieu"), closing, privacy.ActAccept, privacy.Given{})
	if _, err := w.Act(t.Context(), w.actor("dulieu"), closing.Number, privacy.ActDo, privacy.Given{Version: closing.Version}); key(err) != "privacy.unfinished" {
		t.Errorf("closed with a dossier under way: %v", err)
	}
	clerk := w.actor("motcua")
	s = must(w.Book.Find(t.Context(), clerk, s.Code))
	if _, err := w.Book.Act(t.Context(), clerk, s.Code, dossier.Request{Act: "refuse", Version: s.Version, Params: w.filled(clerk, s, "refuse")}); err != nil {
		t.Fatal(err)
	}
	closing, err = w.Act(t.Context(), w.actor("dulieu"), closing.Number, privacy.ActDo, privacy.Given{Version: closing.Version})
	if err != nil || !closing.Last(privacy.ActDo).Closed {
		t.Fatalf("%v %v", closing.State, err)
	}
	if _, err := w.Register.FindLogin(t.Context(), "nguoidan2"); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("the login is there: %v", err)
	}
	gone := must(w.Register.Find(t.Context(), who.Account))
	if gone.Name != "" || gone.Person != (identity.Person{Kind: "citizen"}) {
		t.Errorf("it still knows %+v", gone)
	}
	for _, table := range []string{"session", "factor", "token", "linked", "draft", "notice"} {
		if n := w.count(table+` WHERE account = $1`, who.Account); n != 0 {
			t.Errorf("%s: %d", table, n)
		}
	}
	if n := w.count(`dossier WHERE account = $1`, who.Account); n != 1 {
		t.Errorf("%d dossiers", n)
	}
	if _, err := w.Book.Open(t.Context(), w.actor("nguoidan"), other.Code); err != nil {
		t.Errorf("another's dossier: %v", err)
	}
}

// filled answers what an act asks for.
func (w *town) filled(who dossier.Actor, s dossier.State, act string) map[string]any {
	w.Helper()
	for _, o := range must(w.Book.Offers(w.Context(), who, &s)) {
		if o.Act == act {
			return dossier.Filled(o.Params)
		}
	}
	w.Fatalf("%s is not offered", act)
	return nil
}

// The last manager of an organisation cannot leave it by closing their account.
func TestTheLastManagerStays(t *testing.T) {
	w := open(t)
	closing := w.asks(w.actor("nguoidan"), privacy.Asked{Right: regime.Erase, Subject: privacy.CloseAccount})
	if _, err := w.carriesOut(closing, privacy.Given{}); key(err) != "identity.mandate.last" {
		t.Errorf("left: %v", err)
	}
	if w.actor("nguoidan").Name == "" {
		t.Error("a refusal changed the account")
	}
}

// When two accounts of a person become one, requests go over and what was stopped
// stays stopped.
func TestMerge(t *testing.T) {
	w := open(t)
	from, to := w.actor("nguoidan2"), w.actor("nguoidan")
	for _, a := range []struct {
		who dossier.Actor
		use string
	}{{from, identity.UsePrefill}, {to, identity.UseRemind}} {
		if _, err := w.carriesOut(w.asks(a.who, privacy.Asked{Right: regime.Object, Subject: a.use}), privacy.Given{}); err != nil {
			t.Fatal(err)
		}
	}
	w.change(func(tx *db.Tx) error { return w.Merge(tx, from.Account, to.Account) })
	if list := must(w.Mine(t.Context(), to)); len(list) != 2 || list[0].Account != to.Account || list[1].Account != to.Account {
		t.Errorf("%+v", list)
	}
	a := must(w.Register.Find(t.Context(), to.Account))
	if !a.Stops(identity.UsePrefill) || !a.Stops(identity.UseRemind) || a.Stops(identity.Restricted) {
		t.Errorf("stopped %v", a.Stopped)
	}
}

// Two officers who press at once: one is told to look again.
func TestTwoAtOnce(t *testing.T) {
	w := open(t)
	r := w.asks(w.actor("nguoidan"), privacy.Asked{Right: regime.Access})
	w.does(w.actor("dulieu"), r, privacy.ActAccept, privacy.Given{})
	if _, err := w.Act(t.Context(), w.officer("dulieu.moi"), r.Number, privacy.ActRefuse, privacy.Given{Version: r.Version, Text: "x", Basis: "y"}); key(err) != "privacy.changed" {
		t.Errorf("decided on what was not seen: %v", err)
	}
}

// Hostile input is refused or kept as text, never a fault.
func TestHostileInput(t *testing.T) {
	w := open(t)
	who := w.actor("nguoidan")
	for name, a := range map[string]privacy.Asked{
		"no right":         {Right: "everything"},
		"export by form":   {Right: regime.Export},
		"unknown fact":     {Right: regime.Correct, Subject: "password", Value: "x"},
		"unknown use":      {Right: regime.Object, Subject: "dossier"},
		"all uses":         {Right: regime.Object, Subject: identity.Restricted},
		"unknown subject":  {Right: regime.Erase, Subject: "everybody"},
		"nothing":          {Right: regime.Correct},
		"long":             {Right: regime.Access, Text: strings.Repeat("ả", 2001)},
		"markup in a fact": {Right: regime.Correct, Subject: "name", Value: "<script>alert(1)</script>"},
	} {
		if r, err := w.Ask(t.Context(), who, a); refusal.As(err) == nil {
			t.Errorf("%s: %v %v", name, r.Number, err)
		}
	}
	r := w.asks(who, privacy.Asked{Right: regime.Access, Text: "'; DROP TABLE account; --\x00\u202e{\"act\":\"do\"}\n<img src=x onerror=alert(1)>", Subject: "account", Value: "x"})
	if strings.ContainsAny(r.Text, "\x00\u202e") || !strings.Contains(r.Text, "\n") || r.Subject != "" || r.Value != "" {
		t.Errorf("%+v", r)
	}
	for _, number := range []string{"", "'", "DL-2026-9999", strings.Repeat("x", 10_000), "DL-2026-%"} {
		if _, err := w.Find(t.Context(), who, number); key(err) != "privacy.unknown" {
			t.Errorf("%.20q: %v", number, err)
		}
	}
	officer := w.actor("dulieu")
	for _, g := range []privacy.Given{{Text: "x"}, {Basis: "x"}, {Text: strings.Repeat("x", 3000), Basis: "x"}, {Text: " \u200b ", Basis: "x"}} {
		g.Version = r.Version
		if _, err := w.Act(t.Context(), officer, r.Number, privacy.ActRefuse, g); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%.20q: %v", g.Text, err)
		}
	}
	for i := range 30 {
		x, err := w.Ask(t.Context(), w.actor("nguoidan2"), privacy.Asked{Right: regime.Access})
		if refusal.Is(err, refusal.TooMany) {
			return
		}
		if err != nil {
			t.Fatal(i, err)
		}
		w.does(w.actor("nguoidan2"), x, privacy.ActWithdraw, privacy.Given{})
	}
	t.Error("asked for ever")
}

// What was changed behind the program is found: a limit, a step, a number, the clock
// of a breach.
func TestVerifyFinds(t *testing.T) {
	for name, sql := range map[string]string{
		"due":      `UPDATE data_request SET due_at = due_at + 1`,
		"body":     `UPDATE data_request SET body = REPLACE(body, '"state":"received"', '"state":"refused"')`,
		"step":     `UPDATE data_step SET body = REPLACE(body, 'access', 'delete')`,
		"limit":    `UPDATE data_step SET body = REPLACE(body, '2026-11-25', '2026-11-26')`,
		"gone":     `DELETE FROM data_request`,
		"no steps": `DELETE FROM data_step`,
		"asked":    `UPDATE data_step SET body = REPLACE(body, 'Tất cả', 'Tất cà')`,
		"answered": `UPDATE data_step SET body = REPLACE(body, 'Đồng ý', 'Không') WHERE seq = 2`,
		"when":     `UPDATE data_step SET at = at - 864000000 WHERE seq = 1`,
		"row too":  `UPDATE data_step SET body = REPLACE(body, 'Tất cả', 'Tất cà'); UPDATE data_request SET body = REPLACE(body, 'Tất cả', 'Tất cà')`,
		"last":     `DELETE FROM data_step WHERE seq = 2`,
		"number":   `UPDATE number SET last = 7 WHERE series LIKE 'privacy/%'`,
		"breach":   `UPDATE data_breach SET due_at = 0`,
		"entry":    `UPDATE data_breach_entry SET body = REPLACE(body, 'CCCD', 'tên')`,
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			r := w.asks(w.actor("nguoidan"), privacy.Asked{Right: regime.Access, Text: "Tất cả."})
			must(w.Record(t.Context(), w.actor("dulieu"), incident(w.now)))
			before := found(w)
			if strings.Contains(sql, "seq = 2") {
				w.does(w.actor("dulieu"), r, privacy.ActAccept, privacy.Given{Text: "Đồng ý."})
				before = found(w)
			}
			dbtest.Tamper(t, w.db, func(tx *db.Tx) {
				for _, s := range strings.Split(sql, ";") {
					tx.Exec(s)
				}
			})
			after := found(w)
			if len(before) != 0 || len(after) == 0 {
				t.Errorf("before %v, after %v", before, after)
			}
			dbtest.Tamper(t, w.db, func(tx *db.Tx) { // so that the proof at the end has nothing left to find
				for _, table := range []string{"data_request", "data_step", "data_breach", "data_breach_entry", "journal"} {
					tx.Exec(`DELETE FROM ` + table)
				}
				tx.Exec(`DELETE FROM number WHERE series LIKE 'privacy/%'`)
				tx.Exec(`UPDATE journal_head SET seq = 0, hash = ''`)
			})
		})
	}
}

func found(w *town) (list []string) {
	w.Helper()
	if err := w.Verify(w.Context(), func(where, detail string) { list = append(list, where+": "+detail) }); err != nil {
		w.Fatal(err)
	}
	return list
}

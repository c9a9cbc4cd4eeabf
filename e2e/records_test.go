// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/records"
	"motcua/internal/vault"
)

// past is a site as it was lived through before the program is started: with a
// clock that the test moves.
type past struct {
	*testing.T
	book     *dossier.Book
	register *identity.Register
	keeper   *records.Keeper
	now      time.Time
}

func live(t *testing.T, data string, from time.Time) *past {
	t.Helper()
	p := &past{T: t, now: from}
	clock := func() time.Time { return p.now }
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(data, "motcua.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	d.Key = make([]byte, 32)
	rand.Read(d.Key)
	if err := os.WriteFile(filepath.Join(data, "motcua.key"), []byte(hex.EncodeToString(d.Key)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := vaultOf(t.Context(), d, data); err != nil {
		t.Fatal(err)
	}
	if _, err := province.Load(t.Context(), d, demo.Files, from); err != nil {
		t.Fatal(err)
	}
	site, err := agency.OpenSite(t.Context(), d, clock)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := procedure.OpenCatalogue(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	p.register = &identity.Register{DB: d, Now: clock}
	p.book = &dossier.Book{DB: d, Catalogue: catalogue, Site: site, Now: clock, Followers: []dossier.Follower{dossier.Announce}}
	p.keeper = &records.Keeper{Book: p.book}
	return p
}

// vaultOf gives a site in a folder its vault, as the program makes it at the first
// start.
func vaultOf(ctx context.Context, d *db.DB, data string) error {
	text := vault.NewKeyText()
	if err := os.WriteFile(filepath.Join(data, "motcua.vault.key"), []byte(text), 0o600); err != nil {
		return err
	}
	key, err := vault.ReadKeyFile(text)
	if err != nil {
		return err
	}
	if d.Vault, err = vault.New(); err != nil {
		return err
	}
	lies, err := d.Vault.Lock(ctx, key)
	if err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO vault (id, seals, digests) VALUES (1, $1, $2)`, lies.Seals, lies.Digests)
		return nil
	})
}

func (p *past) who(login string) dossier.Actor {
	p.Helper()
	account, err := p.register.FindLogin(p.Context(), login)
	if err != nil {
		p.Fatal(err)
	}
	account.Level = identity.Double
	return dossier.ActorOf(account, p.book.Site.Directory(), calendar.DateOf(p.now))
}

// ended is a dossier that was refused on a day.
func (p *past) ended(procedure, day string) dossier.State {
	p.Helper()
	p.now = calendar.MustDate(day).At(9 * 60)
	f, err := p.book.Sample(p.Context(), procedure, "vi")
	if err != nil {
		p.Fatal(err)
	}
	s, err := p.book.Submit(p.Context(), p.who("nguoidan"), f, nil)
	if err == nil {
		s, err = p.book.Act(p.Context(), p.who("motcua"), s.Code, dossier.Request{Act: "refuse", Version: s.Version, Params: map[string]any{"reason": "not_competent", "guidance": "Nộp nơi khác."}})
	}
	if err != nil {
		p.Fatal(err)
	}
	return s
}

// The leader of an agency goes through what was kept long enough, at a desk and on
// a phone; the applicant reads what became of their dossiers.
func TestRecordsWalk(t *testing.T) {
	s := &server{T: t, data: t.TempDir(), tokens: map[string]string{}}
	year := time.Now().Year()
	day := func(years int, rest string) string {
		return time.Date(year+years, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006") + rest
	}
	p := live(t, s.data, calendar.MustDate(day(-4, "-05-04")).At(9*60))
	line := agency.Keep{From: calendar.MustDate("2015-01-01"), Procedure: "1.004884", Years: 2, Name: "Hồ sơ ngắn hạn", Basis: "Quyết định số 15/QĐ-UBND"}
	if err := p.book.Site.AddSchedule(t.Context(), audit.By{}, agency.Schedule{line}); err != nil {
		t.Fatal(err)
	}
	gone := p.ended("1.004884", day(-4, "-05-04"))
	p.now = calendar.MustDate(day(-1, "-01-05")).At(9 * 60)
	if _, err := p.keeper.Watch(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	list, err := p.keeper.Rounds(t.Context(), p.who("lanhdao"))
	if err == nil {
		err = p.keeper.Approve(t.Context(), p.who("lanhdao"), list[0].ID, "12/QĐ-UBND")
	}
	if err == nil {
		p.now = p.now.AddDate(0, 2, 0)
		_, err = p.keeper.Watch(t.Context(), 100)
	}
	if err != nil {
		t.Fatal(err)
	}
	due, held := p.ended("1.004884", day(-3, "-05-04")), p.ended("1.004884", day(-3, "-06-01"))
	identified := p.ended("3.000333", calendar.DateOf(time.Now().AddDate(0, -5, 0)).String())
	if err := p.book.DB.Close(); err != nil {
		t.Fatal(err)
	}
	s.serve("demo")
	t.Cleanup(s.kill)

	desk := s.browse("records-desk", 1280, true)
	desk.signIn("lanhdao")
	for n := 0; !strings.Contains(desk.text("main"), "Chờ lãnh đạo duyệt"); n++ {
		if n > 60 {
			t.Fatal("no round is opened")
		}
		time.Sleep(500 * time.Millisecond)
		desk.open("/mot-cua/luu-tru")
	}
	desk.look("rounds")
	desk.press(`main a[href^="/mot-cua/luu-tru/"]`)
	desk.look("round")
	round := desk.path()
	desk.press(`main button[value="approve"]`)
	desk.look("round-error")
	desk.open("/mot-cua/ho-so/" + string(held.Code))
	act := `form[action$="/viec/hold"]`
	desk.unfold(act)
	desk.look("hold")
	desk.fill(map[string][]string{"hold.why": {"complaint"}, "hold.reason": {"Đang giải quyết khiếu nại."}})
	desk.press(act + ` .actions button`)
	desk.look("held")
	desk.open(round)
	if said := desk.text("main"); !strings.Contains(said, string(due.Code)) || strings.Contains(said, string(held.Code)) {
		t.Errorf("the list is not that of what is due and not held: %s", said)
	}
	desk.fill(map[string][]string{"decision": {"13/QĐ-UBND"}})
	desk.press(`main button[value="approve"]`)
	desk.look("approved")
	phone := s.browse("records-phone", 320, true)
	phone.signIn("lanhdao")
	for _, path := range []string{"/mot-cua/luu-tru", round} {
		phone.open(path)
		phone.look(strings.Trim(strings.ReplaceAll(path, "/", "-"), "-")[:15])
	}
	desk.open("/mot-cua/ho-so/" + string(identified.Code))
	desk.look("removed")
	admin := s.browse("records-admin", 320, true)
	admin.signIn("quantri")
	admin.open("/mot-cua/luu-tru")
	admin.press(`main form[action="/mot-cua/luu-tru"] button[type=submit]`)
	admin.look("schedule-error")

	citizen := s.browse("records-citizen", 320, true)
	citizen.signIn("nguoidan")
	for name, path := range map[string]string{"list": "/ho-so", "removed": "/ho-so/" + string(identified.Code), "listed": "/ho-so/" + string(due.Code), "destroyed": "/ho-so/" + string(gone.Code), "looked-up": "/tra-cuu?code=" + string(gone.Code)} {
		citizen.open(path)
		citizen.look(name)
		if want := "đã được hủy"; (name == "destroyed" || name == "looked-up") && !strings.Contains(citizen.text("main"), want) {
			t.Errorf("%s does not say that it was destroyed", path)
		}
		if name == "removed" && !strings.Contains(citizen.text("main"), "đã được xóa ngày") {
			t.Errorf("%s does not say that a paper was removed", path)
		}
	}
	s.verify()
}

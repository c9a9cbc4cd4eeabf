// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/province"
)

// old fills a site with dossiers that were closed years ago and are listed in a
// round that was approved and has waited.
func old(t *testing.T, data string, n int) {
	t.Helper()
	ctx := t.Context()
	now := time.Now().AddDate(-4, 0, 0)
	d, err := (&where{Data: data}).open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := province.Load(ctx, d, demo.Files, now); err != nil {
		t.Fatal(err)
	}
	s, err := assemble(ctx, d, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.site.AddSchedule(ctx, audit.By{}, agency.Schedule{{From: calendar.MustDate("2015-01-01"), Procedure: "1.004884", Years: 2, Name: "Ngắn hạn", Basis: "Căn cứ"}}); err != nil {
		t.Fatal(err)
	}
	who := func(login string) dossier.Actor {
		account, err := s.register.FindLogin(ctx, login)
		if err != nil {
			t.Fatal(err)
		}
		account.Level = identity.Double
		return dossier.ActorOf(account, s.site.Directory(), calendar.DateOf(now))
	}
	f, err := s.book.Sample(ctx, "1.004884", "vi")
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		filed, err := s.book.Submit(ctx, who("nguoidan"), f, nil)
		if err == nil {
			_, err = s.book.Act(ctx, who("motcua"), filed.Code, dossier.Request{Act: "refuse", Version: filed.Version, Params: map[string]any{"reason": "not_competent", "guidance": "Nộp nơi khác."}})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	now = time.Now().AddDate(0, -3, 0)
	for some := 1; some > 0; {
		if some, err = s.keeper.Watch(ctx, 500); err != nil {
			t.Fatal(err)
		}
	}
	rounds, err := s.keeper.Rounds(ctx, who("lanhdao"))
	if err != nil || len(rounds) != 1 || rounds[0].Left != int64(n) {
		t.Fatalf("%+v %v", rounds, err)
	}
	if err := s.keeper.Approve(ctx, who("lanhdao"), rounds[0].ID, "15/QĐ-UBND"); err != nil {
		t.Fatal(err)
	}
}

// The program is killed while it destroys what was approved: each dossier is there
// whole or gone whole with its tombstone, and in the end all are gone once.
func TestKilledWhileDestroying(t *testing.T) {
	const n = 200
	s := &service{T: t, data: filepath.Join(t.TempDir(), "data")}
	old(t, s.data, n)
	before := s.count(`SELECT CAST(SUM(n) AS BIGINT) FROM counter WHERE day = 0`)
	between := 0
	for starts, gone := 1, 0; gone < n; starts++ {
		s.start()
		until := gone + 1
		if starts > 8 {
			until = n
		}
		for seen, deadline := gone, time.Now().Add(time.Minute); seen < until; seen = s.count(`SELECT COUNT(*) FROM tombstone`) {
			if time.Now().After(deadline) {
				t.Fatalf("%d destroyed after %d starts", seen, starts)
			}
		}
		s.kill()
		if gone = s.count(`SELECT COUNT(*) FROM tombstone`); gone < n {
			between++
		}
		if left := s.count(`SELECT COUNT(*) FROM dossier WHERE procedure = '1.004884'`); left+gone != n {
			t.Fatalf("%d are there and %d are gone of %d", left, gone, n)
		}
		s.verify()
	}
	if between == 0 {
		t.Error("never killed in the middle")
	}
	if after := s.count(`SELECT CAST(SUM(n) AS BIGINT) FROM counter WHERE day = 0`); after != before {
		t.Errorf("%d dossiers counted, were %d", after, before)
	}
	t.Logf("killed %d times in the middle", between)
}

// Lines of the record schedule are loaded, or none is and each wrong one is told.
func TestImportSchedule(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	old(t, data, 1)
	file := write(t, "schedule.csv", "from,field,procedure,keep,years,identity_days,name,basis\n2027-01-01,,,years,15,60,Mới,Căn cứ\n")
	if code, out, told := motcua(t, "import", "schedule", file, "--data", data); code != 0 || !strings.Contains(out, "1 lines loaded") {
		t.Error(code, out, told)
	}
	wrong := write(t, "wrong.csv", "from,field,procedure,keep,years,identity_days,name,basis\n2027-01-01,,,years,1,,Mới,Căn cứ\n2027-13-01,,,years,15,,Mới,Căn cứ\n")
	if code, _, told := motcua(t, "import", "schedule", wrong, "--data", data); code != 1 || !strings.Contains(told, "Dòng 2") || !strings.Contains(told, "Dòng 3") {
		t.Error(code, told)
	}
	if code, _, told := motcua(t, "archive", "check", wrong); code != 1 || !strings.Contains(told, "không phải gói") {
		t.Error(code, told)
	}
}

// write puts a text into a file of its own.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// SPDX-License-Identifier: Apache-2.0

package province_test

import (
	"context"
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
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// The demo province fills, its history is lived by the acts themselves, and
// everything in it proves right, at whatever hour it is started.
func TestHistoryVerifies(t *testing.T) {
	now := time.Now()
	t.Run("now", func(t *testing.T) { historyVerifies(t, now) })
	for _, at := range []string{"2026-11-19T06:10", "2026-11-19T11:00", "2026-11-19T17:31", "2026-11-21T15:00"} {
		at, err := time.ParseInLocation("2006-01-02T15:04", at, calendar.Zone)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(at.Format("Mon 15:04"), func(t *testing.T) { historyVerifies(t, at) })
	}
}

func historyVerifies(t *testing.T, now time.Time) {
	ctx := context.Background()
	d := dbtest.Open(t)
	clock := func() time.Time { return now }
	if filled, err := province.Load(ctx, d, demo.Files, now); err != nil || !filled {
		t.Fatalf("load: %v %v", filled, err)
	}
	site, err := agency.OpenSite(ctx, d, clock)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := procedure.OpenCatalogue(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	register := &identity.Register{DB: d, Now: clock}
	book := &dossier.Book{DB: d, Catalogue: catalogue, Site: site, Now: clock}
	if err := province.History(ctx, book, register, now); err != nil {
		t.Fatal(err)
	}
	var n int64
	err = book.Verify(ctx, func(f dossier.Finding) { t.Errorf("%s %s: %s", f.What, f.Where, f.Detail) }, func(seen int64) { n = seen })
	if err != nil {
		t.Fatal(err)
	}
	if n < 80 {
		t.Errorf("only %d dossiers", n)
	}
	// What a leader must see is there: running, near due and overdue, finished
	// late, dossiers under the law of 2019, and some that were kept long enough.
	var late, overdue, old, kept int
	if err := d.Read(ctx, func(tx *db.Tx) error {
		if _, err := tx.One(`SELECT COUNT(*) FROM dossier WHERE body LIKE '%"outcome":"late"%'`, nil, &late); err != nil {
			return err
		}
		if _, err := tx.One(`SELECT COUNT(*) FROM dossier WHERE queue LIKE '% handle %' AND due_at < $1 OR queue LIKE '% assign%' AND due_at < $1`, []any{now.UnixMilli()}, &overdue); err != nil {
			return err
		}
		if _, err := tx.One(`SELECT COUNT(*) FROM retained WHERE agency = 'H57.101' AND due_at > 0 AND due_at <= $1`, []any{now.UnixMilli()}, &kept); err != nil {
			return err
		}
		_, err := tx.One(`SELECT COUNT(*) FROM dossier WHERE body LIKE '%"regime":"R2019"%'`, nil, &old)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if late < 5 || overdue < 5 || old < 10 || kept == 0 {
		t.Errorf("%d finished late, %d overdue, %d under the law of 2019, %d kept long enough", late, overdue, old, kept)
	}
	// Each situation that the guide explains has a dossier that stands in it.
	examples, err := province.Examples(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	own, err := register.FindLogin(ctx, "nguoidan")
	if err != nil {
		t.Fatal(err)
	}
	clerk, err := register.FindLogin(ctx, "motcua")
	if err != nil {
		t.Fatal(err)
	}
	receives := dossier.ActorOf(clerk, site.Directory(), calendar.DateOf(now))
	applicant := dossier.ActorOf(own, site.Directory(), calendar.DateOf(now))
	for name, holds := range map[string]func(s *dossier.State) bool{
		"corrected":            func(s *dossier.State) bool { return s.Fresh && len(s.Issues) == 2 && s.Issues[0].Replaced },
		"boundless":            func(s *dossier.State) bool { return s.Transit && s.Home == "H57.102.1" },
		"competence":           func(s *dossier.State) bool { return s.Wait != nil && s.Wait.For == regime.Competence },
		"supplement_reception": func(s *dossier.State) bool { return s.Phase == dossier.Filed && s.Wait != nil },
		"supplement_waiting":   func(s *dossier.State) bool { return s.Status() == regime.AskedMore && s.Wait.Until.After(now) },
		"supplement_late":      func(s *dossier.State) bool { return s.Phase == dossier.Stopped },
		"foreseen":             func(s *dossier.State) bool { return s.Foreseen && s.Extension == nil && s.Phase == dossier.Running },
		"supplement_done":      func(s *dossier.State) bool { return s.Wait == nil && !s.Due.Equal(s.Original) && len(s.Lacks) > 0 },
		"supplement_again":     func(s *dossier.State) bool { return s.ToSign != nil && s.ToSign.Act == "ask_supplement" },
		"refused":              func(s *dossier.State) bool { return s.Phase == dossier.Refused },
		"refused_result":       func(s *dossier.State) bool { return s.Phase == dossier.Returned && s.Template == "refusal" },
		"withdrawal_asked":     func(s *dossier.State) bool { return s.Withdraw != nil && !s.Closed() },
		"withdrawn":            func(s *dossier.State) bool { return s.Phase == dossier.Withdrawn },
		"paused_payment":       func(s *dossier.State) bool { return s.Status() == regime.PaymentDue },
		"paused_law":           func(s *dossier.State) bool { return len(s.Pauses) == 1 && s.Wait == nil },
		"extension_to_sign":    func(s *dossier.State) bool { return s.ToSign != nil && s.ToSign.Act == "extend" },
		"extended":             func(s *dossier.State) bool { return s.Extension != nil && s.Extension.InTime },
		"stopped":              func(s *dossier.State) bool { return s.Phase == dossier.Stopped },
		"verified":             func(s *dossier.State) bool { return s.Verifications == 1 && s.Wait == nil && len(s.Pauses) == 1 },
		"interlinked":          func(s *dossier.State) bool { return len(s.Parts) == 2 && len(s.OpenParts()) == 1 },
		"consulted":            func(s *dossier.State) bool { return len(s.Opinions) == 1 && s.Opinions[0].Open() },
		"outage":               func(s *dossier.State) bool { return len(s.Outages) == 1 && s.Due.After(s.Original) },
		"incident":             func(s *dossier.State) bool { return s.Incidents == 1 },
		"authorised": func(s *dossier.State) bool {
			return s.Applicant.IDNumber != s.Submitter.IDNumber && s.Account == own.ID
		},
		"assisted": func(s *dossier.State) bool { return s.Support == "H57.101.1" && s.Channel == procedure.Online },
		"organisation": func(s *dossier.State) bool {
			return s.Applicant.IDNumber == "3300999001" && s.Submitter.Name == "Lê Văn Tùng"
		},
		"joint": func(s *dossier.State) bool {
			return strings.HasPrefix(history(t, book, applicant, s.Code), "father submitted ")
		},
		"sent_back": func(s *dossier.State) bool {
			return s.Phase == dossier.Running && s.Role == workflow.Specialist && strings.Contains(history(t, book, applicant, s.Code), " sent_back ")
		},
		"uncollected": func(s *dossier.State) bool { return s.Phase == dossier.Ready && s.Due.Before(now) },
		"message":     func(s *dossier.State) bool { return s.Phase == dossier.Running },
		"revoked":     func(s *dossier.State) bool { return len(s.Issued) == 2 && s.Issued[0].Revoked },
	} {
		s, err := book.Find(ctx, applicant, examples[name])
		if err != nil { // handed in at the counter: nobody's account
			s, err = book.Find(ctx, receives, examples[name])
		}
		if err != nil || !holds(&s) {
			t.Errorf("%s: %s does not show it: %v", name, examples[name], err)
		}
		delete(examples, name)
	}
	if len(examples) > 0 {
		t.Errorf("not looked at: %v", examples)
	}
}

// history is what happened to a dossier, after the parts that others confirmed.
func history(t *testing.T, b *dossier.Book, who dossier.Actor, code dossier.Code) string {
	t.Helper()
	f, err := b.Open(t.Context(), who, code)
	if err != nil {
		t.Fatal(err)
	}
	told := ""
	for _, c := range f.Events[0].Event.(dossier.Submitted).Consents {
		told += c.Page + " "
	}
	for _, r := range f.Events {
		told += r.Kind() + " "
	}
	return told
}

// A code finds its procedure, with the dot or without; of names that fit, the
// one that says no more than what was typed comes first.
func TestFindByCodeAndName(t *testing.T) {
	d := dbtest.Open(t)
	if _, err := province.Load(t.Context(), d, demo.Files, time.Now()); err != nil {
		t.Fatal(err)
	}
	catalogue, err := procedure.OpenCatalogue(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	catalogue.Settle()
	for query, want := range map[string]string{"1.001193": "1.001193", " 1001193 ": "1.001193", "2.000815.000.00.00.H57": "2.000815", "khai sinh": "1.001193", "dang ky khai sinh": "1.001193",
		"đăng ký lại khai sinh": "1.004884", "khai tử": "1.000656"} {
		found := catalogue.Find(procedure.Filter{Query: query}, 0, 5)
		if len(found) == 0 || found[0].Code != want {
			t.Errorf("%q finds %v, want %s first", query, found, want)
		}
		if len(found) > 1 && query[len(query)-1] <= '9' {
			t.Errorf("%q finds more than its procedure: %v", query, found)
		}
	}
	if found := catalogue.Find(procedure.Filter{Query: "9.999999"}, 0, 5); len(found) != 0 {
		t.Errorf("an unknown code finds %v", found)
	}
	if found := catalogue.Find(procedure.Filter{Query: "1.0011"}, 0, 5); len(found) != 1 || found[0].Code != "1.001193" {
		t.Errorf("the beginning of a code finds %v", found)
	}
}

// Among other words a code comes first, what the words find behind it, on any
// page; a number that is no code is a word.
func TestFindByCodeAmongWords(t *testing.T) {
	d := dbtest.Open(t)
	if _, err := province.Load(t.Context(), d, demo.Files, time.Now()); err != nil {
		t.Fatal(err)
	}
	catalogue, err := procedure.OpenCatalogue(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	catalogue.Settle()
	for _, query := range []string{"thủ tục 2.000815", "chứng thực bản sao (2000815)?", "2.000815.000.00.00.H57 khai sinh"} {
		all := catalogue.Find(procedure.Filter{Query: query}, 0, 60)
		if len(all) < 3 || all[0].Code != "2.000815" {
			t.Errorf("%q finds %v", query, all)
			continue
		}
		seen := map[string]bool{}
		for skip, e := range all {
			page := catalogue.Find(procedure.Filter{Query: query}, skip, 1)
			if len(page) != 1 || page[0].Code != e.Code || seen[e.Code] {
				t.Errorf("%q: place %d is %v, not %s", query, skip, page, e.Code)
			}
			seen[e.Code] = true
		}
	}
	if found := catalogue.Find(procedure.Filter{Query: "thủ tục 2.000815", Field: "none"}, 0, 5); len(found) != 0 {
		t.Errorf("what the filter does not keep is found: %v", found)
	}
	for _, query := range []string{"khai sinh 9999999", "2025", "0912345678 khai sinh"} {
		if len(catalogue.Find(procedure.Filter{Query: query}, 0, 5)) == 0 {
			t.Errorf("%q finds nothing", query)
		}
	}
}

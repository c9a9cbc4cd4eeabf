// SPDX-License-Identifier: Apache-2.0

package privacy_test

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/jsonschema/v6"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/payment"
	"motcua/internal/privacy"
	"motcua/internal/regime"
)

// copied is a person's copy as text, held against its documented shape.
func (w *town) copied(login string) (*privacy.Copy, string) {
	w.Helper()
	a, err := w.Copy(w.Context(), w.actor(login), "vi")
	if err != nil {
		w.Fatal(err)
	}
	text, err := a.JSON()
	if err != nil {
		w.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	shape, err := jsonschema.UnmarshalJSON(bytes.NewReader(privacy.Shape))
	if err == nil {
		err = c.AddResource("shape.json", shape)
	}
	if err != nil {
		w.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err == nil {
		err = must(c.Compile("shape.json")).Validate(instance)
	}
	if err != nil {
		w.Errorf("%s: %v", login, err)
	}
	return a, string(text)
}

// A copy holds everything of its person: account, drafts, dossiers with answers and
// history, papers that open, notices, requests; and it is a request that was done.
func TestCopyHoldsEverything(t *testing.T) {
	w := open(t)
	who := w.actor("nguoidan")
	s := w.file(who, nil)
	if _, err := w.Book.Begin(t.Context(), who, dossier.Filing{Procedure: "1.001193", Case: "standard", Answers: form.Answers{"reason": "BẢN NHÁP CỦA TÔI"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Book.Act(t.Context(), who, s.Code, dossier.Request{Act: "message", Version: s.Version, Params: map[string]any{"text": "TIN NHẮN CỦA TÔI"}}); err != nil {
		t.Fatal(err)
	}
	w.asks(who, privacy.Asked{Right: regime.Access, Text: "YÊU CẦU CỦA TÔI"})
	w.change(func(tx *db.Tx) error {
		for _, e := range []audit.Entry{
			{At: w.now, Kind: audit.SignedIn, Account: who.Account, Detail: map[string]any{"what": "ĐĂNG NHẬP CỦA TÔI", "address": "203.0.113.7"}},
			{At: w.now, Kind: audit.SignRefuse, Detail: map[string]any{"what": "LẦN TỪ CHỐI CỦA TÔI", "of": who.Account}},
			{At: w.now, Kind: audit.Mandate, Account: 5, Detail: map[string]any{"what": "GIAO QUYỀN CHO TÔI", "address": "198.51.100.9", "member": who.Account}},
			{At: w.now, Kind: audit.SignRefuse, Detail: map[string]any{"what": "CỦA NGƯỜI KHÁC", "of": who.Account*10 + 1}},
			{At: w.now, Kind: audit.Account, Account: who.Account, Detail: map[string]any{"what": identity.MergedNote, "from": who.Account + 1}},
			{At: w.now, Kind: audit.SignedIn, Account: who.Account + 1, Detail: map[string]any{"what": "CỦA TÀI KHOẢN CŨ"}},
		} {
			if err := audit.Write(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	money := &payment.Office{DB: w.DB, Now: func() time.Time { return w.now }, Collectors: []payment.Collector{{Agency: "H57", Name: "Trung tâm", TaxCode: "3300000001", FormSign: "01BLP0-001", Series: "HU-26E"}}}
	bill := must(w.Book.Bill(t.Context(), &s))
	w.change(func(tx *db.Tx) error {
		return money.AtCounter(tx, audit.By{Account: 1, Name: "A"}, s.Reception, bill, "cash")
	})
	a, text := w.copied("nguoidan")
	if strings.Contains(text, "CỦA NGƯỜI KHÁC") || strings.Contains(text, "198.51.100.9") {
		t.Error("a line about somebody else, or where they were")
	}
	for _, want := range []string{"046190001234", "0905000123", string(s.Code), "TIN NHẮN CỦA TÔI", "YÊU CẦU CỦA TÔI", "BẢN NHÁP CỦA TÔI", "submitted", "ĐĂNG NHẬP CỦA TÔI", "203.0.113.7", "LẦN TỪ CHỐI CỦA TÔI", "GIAO QUYỀN CHO TÔI", "by_another", "CỦA TÀI KHOẢN CŨ", a.Number} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if !slices.ContainsFunc(a.Files, func(f privacy.CopyFile) bool { return strings.HasSuffix(f.Path, "/bien-lai/0000001.pdf") }) {
		t.Error("no receipt")
	}
	if len(a.Files) < 2 {
		t.Errorf("files: %+v", a.Files)
	}
	paths := map[string]bool{}
	for i := range a.Files {
		f := &a.Files[i]
		var b bytes.Buffer
		if err := w.Write(t.Context(), f, &b); err != nil || b.Len() == 0 {
			t.Errorf("%s: %d bytes, %v", f.Path, b.Len(), err)
		}
		if paths[f.Path] || strings.Contains(f.Path, "..") || strings.HasPrefix(f.Path, "/") {
			t.Errorf("path %s", f.Path)
		}
		paths[f.Path] = true
	}
	r := must(w.Find(t.Context(), who, a.Number))
	if r.State != privacy.Done || r.Right != regime.Export || len(r.Steps) != 2 {
		t.Errorf("%+v", r)
	}
	if n := w.count(`journal WHERE account = $1 AND kind = 'privacy' AND body LIKE '%export%'`, who.Account); n != 1 {
		t.Errorf("%d lines in the journal", n)
	}
	for range 4 {
		w.copied("nguoidan")
	}
	if _, err := w.Copy(t.Context(), who, "vi"); key(err) != "privacy.many" {
		t.Errorf("copied for ever: %v", err)
	}
}

// A file that nobody may open is not in a copy, which says why; the copy is whole.
func TestCopyWithoutHarm(t *testing.T) {
	w := open(t)
	who := w.actor("nguoidan")
	if err := document.StartScanning(t.Context(), w.DB, w.now); err != nil {
		t.Fatal(err)
	}
	w.file(who, nil)
	for _, state := range []document.Scan{document.Waiting, document.Infected} {
		w.change(func(tx *db.Tx) error {
			tx.Exec(`UPDATE file_scan SET state = $1`, string(state))
			return nil
		})
		a, text := w.copied("nguoidan")
		closed := 0
		for i := range a.Files {
			f := &a.Files[i]
			if f.Closed != "" {
				closed++
			} else if err := w.Write(t.Context(), f, io.Discard); err != nil {
				t.Errorf("%s: %s: %v", state, f.Path, err)
			}
		}
		if closed == 0 || !strings.Contains(text, `"closed": "`+string(state)+`"`) {
			t.Errorf("%s: %d files are said to be closed", state, closed)
		}
	}
}

// Nothing of anybody else is in a copy: the page that the father confirmed, whom a
// dossier was filed for, officers' notes, others' dossiers; nor are secrets.
func TestCopyHoldsNobodyElse(t *testing.T) {
	w := open(t)
	mother, father := w.actor("nguoidan"), w.actor("nguoidan2")
	ctx := t.Context()
	f := must(w.Book.Sample(ctx, "1.001193", "vi"))
	var papers []dossier.Paper
	for _, p := range f.Documents {
		kept, err := document.Store(ctx, w.db, mother.Account, "CHUNG-"+p.Name, bytes.NewReader(p.Content), document.Takes{})
		if err != nil {
			t.Fatal(err)
		}
		papers = append(papers, dossier.Paper{Component: p.Component, File: kept.ID, Name: kept.Name})
	}
	mine := maps(f.Answers)
	fathers, _ := mine["father"].(map[string]any)
	if fathers == nil {
		t.Fatalf("the sample has no father: %v", mine)
	}
	fathers = maps(fathers)
	fathers["name"], fathers["id_number"] = "Lê Cha Bí Mật", "046085004321"
	mine["father"] = fathers
	f.Answers, f.Documents, f.Applicant = mine, papers, mother.Person
	d, err := w.Book.Begin(ctx, mother, f)
	if err != nil {
		t.Fatal(err)
	}
	inv, err := w.Book.Invite(ctx, mother, d.ID, "father", "Lê Văn Tùng", "046085004321")
	if err != nil {
		t.Fatal(err)
	}
	if _, text := w.copied("nguoidan"); strings.Contains(text, "Bí Mật") || strings.Contains(text, "046085004321") || strings.Contains(text, "CHUNG-") {
		t.Error("a draft that is shared shows the other's part")
	}
	if err := w.Book.Confirm(ctx, father, inv.ID, func(*form.Page, form.Answers) {}); err != nil {
		t.Fatal(err)
	}
	s, err := w.Book.Send(ctx, mother, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	another := w.file(mother, func(f *dossier.Filing) {
		f.Applicant = dossier.Applicant{Kind: "citizen", Name: "Bà Ngoại Riêng", IDNumber: "046050009999", Phone: "0912999888"}
		f.Submitter = &mother.Person
	})
	w.file(father, func(f *dossier.Filing) { f.Applicant.Phone = "0913777666" })
	clerk := w.actor("motcua")
	if err := w.Book.Note(ctx, clerk, s.Code, "GHI CHÚ NỘI BỘ"); err != nil {
		t.Fatal(err)
	}
	a, text := w.copied("nguoidan")
	for _, not := range []string{"Bí Mật", "046085004321", "Bà Ngoại", "046050009999", "0912999888", "0913777666", "GHI CHÚ", "CHUNG-", s.Secret, another.Secret, "argon2id"} {
		if strings.Contains(text, not) {
			t.Errorf("holds %s", not)
		}
	}
	left := map[string]string{}
	for _, x := range a.Dossiers {
		left[x.Code] = x.LeftOut
	}
	if left[string(s.Code)] != "shared" || left[string(another.Code)] != "another" {
		t.Errorf("left out: %v", left)
	}
	if slices.ContainsFunc(a.Files, func(f privacy.CopyFile) bool { return f.Of == string(s.Code) || f.Of == string(another.Code) }) {
		t.Errorf("files of what is shared: %+v", a.Files)
	}

	b, text := w.copied("nguoidan2")
	if len(b.Pages) != 1 || !strings.Contains(text, "Lê Cha Bí Mật") {
		t.Errorf("the father's own page: %+v", b.Pages)
	}
	for _, not := range []string{"046190001234", "0905000123", "Hương Giang", string(s.Code), s.Secret} {
		if strings.Contains(text, not) {
			t.Errorf("the father's copy holds %s", not)
		}
	}
	var shape map[string]any
	if err := json.Unmarshal(privacy.Shape, &shape); err != nil {
		t.Error(err)
	}
}

// Who has a second factor uses it before.
func TestCopyAsksForTheSecondFactor(t *testing.T) {
	w := open(t)
	who := w.actor("nguoidan")
	who.Level = identity.Single
	if _, err := w.Copy(t.Context(), who, "vi"); err != nil {
		t.Errorf("without a factor: %v", err)
	}
	w.factor(who.Account)
	if _, err := w.Copy(t.Context(), who, "vi"); key(err) != dossier.LevelLow {
		t.Errorf("with a factor that was not used: %v", err)
	}
	who.Level = identity.Double
	if _, err := w.Copy(t.Context(), who, "vi"); err != nil {
		t.Errorf("with it: %v", err)
	}
}

func maps(m map[string]any) map[string]any {
	n := map[string]any{}
	for k, v := range m {
		n[k] = v
	}
	return n
}

// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/document"
	"motcua/internal/document/documenttest"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/refusal"
	"motcua/internal/vault"
)

// sealedOffice is an office with a database and keys of its own, whose bytes can be
// looked through.
func sealedOffice(t *testing.T) (o *office, url string) {
	t.Helper()
	url = dbtest.URL(t)
	d := dbtest.OpenURL(t, url)
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	d.Vault = v
	return openOn(t, d), url
}

// lying is every byte of the database as it lies on the disk.
func lying(t *testing.T, url string) []byte {
	t.Helper()
	if path, is := strings.CutPrefix(url, "sqlite:"); is {
		path, _, _ = strings.Cut(path, "?")
		var all []byte
		for _, part := range []string{"", "-wal"} {
			b, err := os.ReadFile(path + part)
			if err != nil && !(part == "-wal" && os.IsNotExist(err)) {
				t.Fatal(err)
			}
			all = append(all, b...)
		}
		return all
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 20 {
		t.Fatal(tables, err)
	}
	var all bytes.Buffer
	for _, table := range tables {
		if _, err := conn.PgConn().CopyTo(t.Context(), &all, `COPY "`+table+`" TO STDOUT (FORMAT binary)`); err != nil {
			t.Fatal(err)
		}
	}
	return all.Bytes()
}

// markQuestion makes a question of a procedure confidential.
func (o *office) markQuestion(code, question string) {
	o.Helper()
	o.change(code, func(e *procedure.Edition) {
		text, err := json.Marshal(e.Form)
		if err != nil {
			o.Fatal(err)
		}
		var f form.Form
		if err := json.Unmarshal(text, &f); err != nil {
			o.Fatal(err)
		}
		f.Resolve(question).Confidential = true
		e.Form = &f
	})
}

// planted files a sample at the counter with marked values: name, number, answer and
// file.
func (o *office) planted(code, mark, number, question string) dossier.State {
	o.Helper()
	f, err := o.Sample(o.Context(), code, "vi")
	if err != nil {
		o.Fatal(err)
	}
	f.Channel, f.Return = procedure.Counter, procedure.Counter
	f.Applicant.Name, f.Applicant.IDNumber = "Họ Tên "+mark, number
	f.Answers = copied(f.Answers)
	group, inner, nested := strings.Cut(question, ".")
	if nested {
		f.Answers[group].(map[string]any)[inner] = "Trả lời " + mark
	} else {
		f.Answers[question] = "Trả lời " + mark
	}
	if len(f.Documents) > 0 {
		f.Documents[0].Content = []byte(documenttest.PDF(documenttest.Catalogue, documenttest.Tree, documenttest.Page, documenttest.Stream("", "Tep "+mark+" "+strings.Repeat("x", 300<<10)+" Cuoi"+mark)))
		f.Documents[0].Name = "Giay " + mark + ".pdf"
	}
	s, err := o.Submit(o.Context(), o.who["motcua"], f, &dossier.Key{Value: "key of " + code + number[9:], Hash: "h-" + mark})
	if err != nil {
		o.Fatal(err)
	}
	return s
}

func copied(a form.Answers) form.Answers {
	text, _ := json.Marshal(a)
	var c form.Answers
	_ = json.Unmarshal(text, &c)
	return c
}

// What is confidential or of restricted access lies nowhere in the database's bytes,
// wherever the life of a dossier takes it; what is ordinary does, so that the search
// can find something.
func TestNothingConfidentialLiesOpen(t *testing.T) {
	o, url := sealedOffice(t)
	o.clear()
	o.markQuestion("1.004859", "subject.name")
	o.Looks = &dossier.Looks{}
	o.planted("1.001193", "Thuongngay", "046190000017", "remark")
	confidential := o.planted("1.004859", "Kinmot", "046190000025", "subject.name")
	restricted := o.planted("2.001263", "Kinhai", "046190000033", "reason")
	secret := []string{"046190000033", "TepThuongngay", "Tep Kinmot", "CuoiKinmot", "Tep Kinhai", "CuoiKinhai", "CuoiThuongngay", "h-Kinhai"}

	// A draft with an invitation and files, and an officer's notes, batch and looks.
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	f.Answers = copied(f.Answers)
	f.Answers["remark"] = "Nháp Kinba"
	f.Documents = nil
	draft, err := o.Begin(t.Context(), o.who["nguoidan"], f)
	if err != nil {
		t.Fatal(err)
	}
	if draft, err = o.Edit(t.Context(), o.who["nguoidan"], draft.ID, func(d *dossier.Draft) error {
		d.Filing.Answers["proof_number"] = "Số Kinba"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	inv, err := o.Invite(t.Context(), o.who["nguoidan"], draft.ID, "child", "Mời Kinba", "046190000041")
	if err != nil {
		if e := refusal.As(err); e != nil {
			t.Fatal(err, e.Fields)
		}
		t.Fatal(err)
	}
	secret = append(secret, "046190000041")
	for _, s := range []dossier.State{confidential, restricted} {
		s = o.must("motcua", s, "receive", nil)
		if err := o.Note(t.Context(), o.who["motcua"], s.Code, "Ghi chú Kinbon"); err != nil {
			t.Fatal(err)
		}
		file, err := o.Open(t.Context(), o.who["motcua"], s.Code)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.State.Documents {
			if d.File == "" {
				continue
			}
			if err := o.Viewed(t.Context(), o.who["motcua"], &file, "file "+d.Name); err != nil {
				t.Fatal(err)
			}
			if err := o.Reveal(t.Context(), o.who["motcua"], &file, "original "+d.Name, "Đối chiếu"); err != nil {
				t.Fatal(err)
			}
		}
		s = o.to(handler, s, "pause")
		s = o.must(handler, s, "pause", map[string]any{"reason": "Vì sao Kinnam"})
	}
	all := lying(t, url)
	for _, mark := range append(secret, "Kinmot", "Kinhai", "Kinba", "Kinbon", "Kinnam") {
		if mark == "Kinmot" { // the applicant of an ordinary procedure is found by name
			mark = "Trả lời Kinmot"
		}
		if i := bytes.Index(all, []byte(mark)); i >= 0 {
			t.Errorf("%q lies open: %q", mark, all[max(0, i-60):min(len(all), i+60)])
		}
	}
	for _, mark := range []string{"Trả lời Thuongngay", "Họ Tên Thuongngay", "046190000017", "Họ Tên Kinmot"} {
		if !bytes.Contains(all, []byte(mark)) {
			t.Errorf("%q is not found: the search finds nothing", mark)
		}
	}

	// Those who may see it, see it as before.
	file, err := o.Open(t.Context(), o.who["motcua"], restricted.Code)
	if err != nil || file.State.Applicant.Name != "Họ Tên Kinhai" || file.Answers["reason"] != "Trả lời Kinhai" {
		t.Errorf("the restricted dossier reads %+v, %v", file.State.Applicant, err)
	}
	var content bytes.Buffer
	for _, d := range file.State.Documents {
		if strings.Contains(d.Name, "Kinhai") {
			if err := document.Copy(t.Context(), o.DB, d.SHA256, &content); err != nil {
				t.Error(err)
			}
			views, err := o.Views(t.Context(), o.who["lanhdao"], restricted.Code)
			if err != nil && !refusal.Is(err, refusal.NotFound) && !refusal.Is(err, refusal.NotAllowed) {
				t.Error(err)
			} else if err == nil {
				for _, what := range []string{"file ", "original "} {
					if !slices.ContainsFunc(views, func(v dossier.View) bool { return v.What == what+d.Name }) {
						t.Errorf("who looked at which %sis not told: %+v", what, views)
					}
				}
			}
		}
	}
	if !bytes.Contains(content.Bytes(), []byte("CuoiKinhai")) {
		t.Error("the file does not come out as it went in")
	}
	if got, err := o.Book.Draft(t.Context(), o.who["nguoidan"], draft.ID); err != nil || got.Filing.Answers["remark"] != "Nháp Kinba" {
		t.Errorf("the draft reads %+v, %v", got.Filing.Answers["remark"], err)
	}
	if list, err := o.Invitations(t.Context(), o.who["nguoidan"], draft.ID); err != nil || len(list) != 1 || list[0].ID != inv.ID || list[0].Name != "Mời Kinba" {
		t.Errorf("the invitation reads %+v, %v", list, err)
	}
	if j, err := o.Jotted(t.Context(), o.who["motcua"], &restricted); err != nil || j.Note != "Ghi chú Kinbon" {
		t.Errorf("the note reads %+v, %v", j, err)
	}
	o.verify()
}

// A dossier of restricted access is found by who is cleared for it: by the whole
// number or name, not by their beginning; by nobody else.
func TestSeekSealed(t *testing.T) {
	o, _ := sealedOffice(t)
	s := o.planted("2.001263", "Kinhai", "046190000033", "reason")
	o.planted("1.001193", "Kinhai", "046190000033", "remark")
	found := func(login, text string) bool {
		t.Helper()
		items, _, err := o.Seek(t.Context(), o.who[login], dossier.Sought{Text: text}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(items, func(i dossier.Item) bool { return i.Procedure == "1.001193" }) {
			t.Errorf("%q does not find the ordinary one", text)
		}
		return slices.ContainsFunc(items, func(i dossier.Item) bool { return i.Code == s.Code && i.Applicant == "Họ Tên Kinhai" })
	}
	if found("chuyenvien2", "046190000033") {
		t.Error("found without clearance")
	}
	for text, want := range map[string]bool{"046190000033": true, "0461 9000 0033": true, "04619000003": false, "ho ten kinhai": true, "Họ Tên Kinhai": true, "kinhai": false} {
		if got := found("motcua", text); got != want {
			t.Errorf("%q: found %v", text, got)
		}
	}
}

// findings are what verify says of a kind.
func (o *office) findings(what string) (list []string) {
	o.Helper()
	if err := o.Verify(o.Context(), func(f dossier.Finding) {
		if f.What == what {
			list = append(list, f.Where+": "+f.Detail)
		}
	}, func(int64) {}); err != nil {
		o.Fatal(err)
	}
	return list
}

// exec changes the database past the program.
func (o *office) exec(sql string, args ...any) {
	o.Helper()
	dbtest.Tamper(o, o.DB, func(tx *db.Tx) { tx.Exec(sql, args...) })
}

func (o *office) text(sql string, args ...any) (s string) {
	o.Helper()
	if err := o.DB.Read(o.Context(), func(tx *db.Tx) error { _, err := tx.One(sql, args, &s); return err }); err != nil {
		o.Fatal(err)
	}
	return s
}

// What is sealed opens in its own dossier only, unchanged; verify tells.
func TestSealedIsBoundToItsPlace(t *testing.T) {
	o, _ := sealedOffice(t)
	o.clear()
	a, b := o.planted("2.001263", "Kinmot", "046190000025", "reason"), o.planted("2.001263", "Kinhai", "046190000033", "reason")
	body := o.text(`SELECT body FROM event WHERE dossier = $1 AND seq = 1`, a.ID)
	row := o.text(`SELECT body FROM dossier WHERE id = $1`, a.ID)
	reads := func() error {
		_, err := o.Open(t.Context(), o.who["motcua"], a.Code)
		return err
	}
	other := o.text(`SELECT body FROM event WHERE dossier = $1 AND seq = 1`, b.ID)
	flipped := body[:len(body)/2] + string(body[len(body)/2]^1) + body[len(body)/2+1:]
	for name, bad := range map[string]string{"of another dossier": other, "changed": flipped, "cut": body[:len(body)-8]} {
		o.exec(`UPDATE event SET body = $1 WHERE dossier = $2 AND seq = 1`, bad, a.ID)
		if err := reads(); err == nil {
			t.Errorf("an event %s opens", name)
		}
		if len(o.findings("event")) == 0 {
			t.Errorf("an event %s is not found", name)
		}
	}
	o.exec(`UPDATE event SET body = $1 WHERE dossier = $2 AND seq = 1`, body, a.ID)
	o.exec(`UPDATE dossier SET body = $1 WHERE id = $2`, o.text(`SELECT body FROM dossier WHERE id = $1`, b.ID), a.ID)
	if err := reads(); err == nil {
		t.Error("the state of another dossier opens")
	}
	o.exec(`UPDATE dossier SET body = $1 WHERE id = $2`, row, a.ID)
	o.verify()
	state, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	o.exec(`UPDATE dossier SET body = $1 WHERE id = $2`, string(state), a.ID)
	if list := o.findings("sealed"); len(list) != 1 {
		t.Errorf("a dossier that lies open: %v", list)
	}
	o.exec(`UPDATE dossier SET body = $1 WHERE id = $2`, row, a.ID)
	o.verify()
}

// With a new key everything is sealed anew, what lay open is sealed, old keys go, and
// all of it reads as before.
func TestReseal(t *testing.T) {
	o, _ := sealedOffice(t)
	o.clear()
	o.markQuestion("1.004859", "subject.name")
	old := o.DB.Vault.Key()
	restricted := o.planted("2.001263", "Kinhai", "046190000033", "reason")
	confidential := o.planted("1.004859", "Kinmot", "046190000025", "subject.name")
	// Received as an ordinary one, put right: what was written before is sealed too.
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	f.Channel, f.Return, f.Applicant.Name, f.Applicant.IDNumber = procedure.Counter, procedure.Counter, "Họ Tên Kinba", "046190000041"
	mistaken, err := o.ReceiveAtCounter(t.Context(), o.who["motcua"], f, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	right, err := o.Sample(t.Context(), "2.001263", "vi")
	if err != nil {
		t.Fatal(err)
	}
	right.Channel, right.Return, right.Agency, right.Applicant = procedure.Counter, procedure.Counter, f.Agency, f.Applicant
	if mistaken, err = o.Correct(t.Context(), o.who["motcua"], mistaken.Code, mistaken.Version, right, map[string]any{"reason": "Chọn nhầm thủ tục."}, nil); err != nil {
		t.Fatal(err)
	}
	if n := o.text(`SELECT CAST(COUNT(*) AS TEXT) FROM event WHERE dossier = $1 AND (body LIKE '{%' OR actor LIKE '{%')`, mistaken.ID); n != "0" {
		t.Errorf("%s events of what was put right lie open", n)
	}
	draft, err := o.Begin(t.Context(), o.who["nguoidan"], f)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Note(t.Context(), o.who["motcua"], restricted.Code, "Ghi chú Kinbon"); err != nil {
		t.Fatal(err)
	}
	o.verify()

	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	left := func() int64 {
		t.Helper()
		n, err := o.Unrenewed(t.Context())
		must(err)
		return n
	}
	if n := left(); n != 0 {
		t.Errorf("%d to renew before there is a new key", n)
	}
	errand, err := o.DB.Vault.SealText("errand/h", "ANSWER")
	must(err)
	must(o.DB.Vault.Add())
	must(o.DB.Vault.Promote())
	if left() == 0 {
		t.Error("nothing to renew with a new key")
	}
	// It is stopped half way, dossiers go on, and it is called again.
	stopped, stop := context.WithCancel(t.Context())
	if err := o.Reseal(stopped, func(int64) { stop() }); err == nil && left() > 0 {
		t.Error("stopped, it says it is done")
	}
	restricted = o.must("motcua", restricted, "receive", nil)
	// A draft from before drafts were sealed.
	open, err := json.Marshal(draft)
	must(err)
	o.exec(`UPDATE draft SET body = $1 WHERE id = $2`, string(open), draft.ID)
	if len(o.findings("sealed")) != 1 {
		t.Error("a draft that lies open is not found")
	}
	// The key of a code generator, too; a recovery code is a digest.
	o.exec(`INSERT INTO factor (id, account, kind, name, body, step, created_at, used_at) VALUES (1, 5, 'totp', '', 'KEY', 0, 0, 0), (2, 5, 'recovery', '', 'DIGEST', 0, 0, 0)`)
	if len(o.findings("sealed")) != 2 {
		t.Error("a generator that lies open is not found")
	}
	// A sign-in that is under way, and comes back when the old key is gone.
	o.exec(`INSERT INTO errand (hash, kind, body, expires_at) VALUES ('h', 'provider', $1, 0)`, errand)
	must(o.Reseal(t.Context(), func(int64) {}))
	if n := left(); n != 0 {
		t.Errorf("%d are left", n)
	}
	o.verify()
	n, err := o.DB.Vault.Retire()
	must(err)
	if n != 1 || o.DB.Vault.Key() == old {
		t.Errorf("retired %d", n)
	}
	o.verify()
	must(o.DB.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT body FROM errand`, nil, &errand)
		return err
	}))
	if got, err := o.DB.Vault.OpenText("errand/h", errand); err != nil || got != "ANSWER" {
		t.Errorf("a sign-in under way is lost: %q, %v", got, err)
	}
	for _, s := range []dossier.State{restricted, confidential, mistaken} {
		file, err := o.Open(t.Context(), o.who["motcua"], s.Code)
		must(err)
		if file.State.Applicant != s.Applicant {
			t.Errorf("reads %+v", file.State.Applicant)
		}
		for _, d := range file.State.Documents {
			if d.File != "" {
				must(document.Copy(t.Context(), o.DB, d.SHA256, new(bytes.Buffer)))
			}
		}
	}
	if items, _, err := o.Seek(t.Context(), o.who["motcua"], dossier.Sought{Text: "046190000033"}, 5); err != nil || len(items) != 1 {
		t.Errorf("not found any more: %v, %v", items, err)
	}
	if got, err := o.Book.Draft(t.Context(), o.who["nguoidan"], draft.ID); err != nil || got.Filing.Applicant.Name != "Họ Tên Kinba" {
		t.Errorf("the draft reads %+v, %v", got.Filing.Applicant, err)
	}
}

// BenchmarkSealed shows what a sealed dossier costs beside an ordinary one of the same
// size: filing it, and reading it whole.
func BenchmarkSealed(b *testing.B) {
	for _, restricted := range []bool{false, true} {
		o := benchBook(b, restricted)
		f, err := o.Sample(b.Context(), "1.001193", "vi")
		if err != nil {
			b.Fatal(err)
		}
		f.Documents, f.Channel, f.Return = nil, procedure.Counter, procedure.Counter
		who := dossier.Actor{Account: 9, Officer: true, Posts: []agency.Post{{Account: 9, Role: "clerk", Agency: f.Agency, Remit: agency.Remit{Cleared: true}}}}
		var s dossier.State
		b.Run(fmt.Sprintf("file/sealed=%v", restricted), func(b *testing.B) {
			for b.Loop() {
				if s, err = o.Submit(b.Context(), who, f, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("open/sealed=%v", restricted), func(b *testing.B) {
			for b.Loop() {
				if _, err := o.Open(b.Context(), who, s.Code); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchBook(b *testing.B, restricted bool) *dossier.Book {
	d, now := dbtest.Open(b), time.Date(2026, 11, 23, 9, 0, 0, 0, calendar.Zone)
	if _, err := province.Load(b.Context(), d, demo.Files, now); err != nil {
		b.Fatal(err)
	}
	o := book(b, d, func() time.Time { return now })
	o.Looks = &dossier.Looks{}
	if !restricted {
		return o
	}
	if err := d.Write(b.Context(), func(tx *db.Tx) error {
		e, err := o.Catalogue.InForce(tx, "1.001193", calendar.DateOf(now))
		if err != nil {
			return err
		}
		changed := *e
		changed.Facts.Restricted = true
		_, err = procedure.Publish(tx, &changed)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	if err := o.Catalogue.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	return o
}

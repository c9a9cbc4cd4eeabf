// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"

	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/pdf"
	"motcua/internal/refusal"
)

// Officers find by the words people say at the counter, and only what they may see.
func TestSeek(t *testing.T) {
	o := open(t)
	for _, name := range []string{"Nguyễn Thị Hương Giang", "Trần Hương Giang", "Lê Văn Giang Anh"} {
		f, err := o.Sample(t.Context(), "1.001193", "vi")
		if err != nil {
			t.Fatal(err)
		}
		f.Applicant.Name = name
		if _, err := o.Submit(t.Context(), o.who["nguoidan"], f, nil); err != nil {
			t.Fatal(err)
		}
	}
	o.file("1.004194")
	all, _, err := o.Seek(t.Context(), o.who["motcua"], dossier.Sought{Procedure: "1.001193"}, 10)
	if err != nil || len(all) != 3 {
		t.Fatalf("by procedure: %v, %v", all, err)
	}
	code := string(all[0].Code)
	seek := func(login, text, procedure string) []string {
		items, _, err := o.Seek(t.Context(), o.who[login], dossier.Sought{Text: text, Procedure: procedure}, 10)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var names []string
		for _, i := range items {
			names = append(names, i.Applicant)
		}
		return names
	}
	for _, c := range []struct {
		login, text, procedure string
		want                   []string
	}{
		{"motcua", "hương giang", "1.001193", []string{"Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"motcua", "HUONG GIANG", "1.001193", []string{"Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"motcua", "Trần Hương Giang", "", []string{"Trần Hương Giang"}},
		{"motcua", "ang", "", nil}, // whole words only
		{"motcua", "le van", "", []string{"Lê Văn Giang Anh"}},
		{"motcua", "0461 9000 1234", "1.001193", []string{"Lê Văn Giang Anh", "Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"motcua", "046190001235", "", nil},
		{"motcua", code, "", []string{"Lê Văn Giang Anh"}},
		{"motcua", code[:len(code)-4], "1.001193", []string{"Lê Văn Giang Anh", "Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"motcua", "h57", "1.001193", []string{"Lê Văn Giang Anh", "Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"motcua", "%", "", nil},
		{"motcua", "1.001193", "", []string{"Lê Văn Giang Anh", "Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"nguoidan", "hương giang", "", nil}, // no officer
		{"quantri", "hương giang", "", nil},  // configures, does not read
	} {
		if got := seek(c.login, c.text, c.procedure); !slices.Equal(got, c.want) {
			t.Errorf("%s seeks %q: %q, want %q", c.login, c.text, got, c.want)
		}
	}
	for _, login := range []string{"motcua2", "chuyenvien2", "thuquy"} {
		items, _, err := o.Seek(t.Context(), o.who[login], dossier.Sought{Text: "giang"}, 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			if _, err := o.Find(t.Context(), o.who[login], i.Code); err != nil {
				t.Errorf("%s finds %s and may not see it", login, i.Code)
			}
		}
	}
}

// A person's own dossiers come in the order they were sent, the latest first,
// page by page.
func TestMine(t *testing.T) {
	o := open(t)
	who := o.who["nguoidan"]
	start := o.now
	for _, days := range []int{0, 3, 1, 2, 3} {
		o.now = start.AddDate(0, 0, days)
		f, err := o.Sample(t.Context(), "1.001193", "vi")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Submit(t.Context(), who, f, nil); err != nil {
			t.Fatal(err)
		}
	}
	var sent []int
	var after dossier.After
	for {
		items, next, err := o.Mine(t.Context(), who, 2, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			sent = append(sent, int(i.SentAt.Sub(start).Hours()/24))
		}
		if next == nil {
			break
		}
		if after, err = dossier.ParseAfter(next.String()); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(sent, []int{3, 3, 2, 1, 0}) {
		t.Errorf("sent on days %v", sent)
	}
}

// A component takes several files, such as both sides of a card; the same
// content is there once, also when it comes several times at once.
func TestAttach(t *testing.T) {
	o := open(t)
	who := o.who["nguoidan"]
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	papers := f.Documents
	f.Documents = nil
	draft, err := o.Begin(t.Context(), who, f)
	if err != nil {
		t.Fatal(err)
	}
	e, err := o.Form(t.Context(), draft)
	if err != nil {
		t.Fatal(err)
	}
	k := &e.Facts.Case(f.Case).Named([]string{papers[0].Component})[0]
	back, err := pdf.New(pdf.Options{Title: "the other side", CreatedAt: o.now}).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, content := range [][]byte{papers[0].Content, back, papers[0].Content, back, papers[0].Content, back} {
		all.Go(func() {
			file, err := o.Upload(t.Context(), who, k, papers[0].Name, bytes.NewReader(content), nil)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := o.Attach(t.Context(), who, draft.ID, k, file); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if draft, err = o.Book.Draft(t.Context(), who, draft.ID); err != nil {
		t.Fatal(err)
	}
	if n := len(draft.Filing.Documents); n != 2 {
		t.Errorf("%d files taken", n)
	}
	// A paper taken out again is gone.
	file := draft.Filing.Documents[0].File
	if _, err := o.Detach(t.Context(), who, draft.ID, file); err != nil {
		t.Fatal(err)
	}
	if err := o.DB.Read(t.Context(), func(tx *db.Tx) error {
		_, err := document.Find(tx, file)
		return err
	}); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("the file is still there: %v", err)
	}
}

// Each number that an officer looks for is a line, also where nothing is found; the
// same one again a little later is not, and no line says which it was.
func TestEverySearchIsALine(t *testing.T) {
	o := open(t)
	lines := func() (n int) {
		t.Helper()
		if err := o.DB.Read(t.Context(), func(tx *db.Tx) error {
			n = 0
			for row := range tx.Query(`SELECT body FROM journal WHERE kind = 'listed'`) {
				var body string
				row.Scan(&body)
				n++
				if strings.Contains(body, "04619000") {
					t.Errorf("a line says what was looked for: %s", body)
				}
			}
			return tx.Err()
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	o.Looks = &dossier.Looks{}
	before := lines()
	for _, number := range []string{"046190009991", "046190009992", "046190009991"} {
		if _, _, err := o.Seek(t.Context(), o.who["motcua"], dossier.Sought{Text: number}, 10); err != nil {
			t.Fatal(err)
		}
	}
	if n := lines() - before; n != 2 {
		t.Errorf("%d lines of two numbers", n)
	}
}

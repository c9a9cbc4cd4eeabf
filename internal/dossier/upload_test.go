// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"bytes"
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/document/documenttest"
	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// A file that was uploaded and handed in with nothing is forgotten in time with its
// content; one of a dossier, of a draft, or of before this was kept stays.
func TestUnusedUploadsAreSwept(t *testing.T) {
	if document.UnusedFor != dossier.KeysKept+24*time.Hour {
		t.Errorf("%s is not a day longer than a repeated call gives the same file", document.UnusedFor)
	}
	o := open(t)
	who := o.who["nguoidan"]
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	e, err := o.Catalogue.Show(t.Context(), f.Procedure, calendar.DateOf(o.now))
	if err != nil {
		t.Fatal(err)
	}
	k := &e.Facts.Case(f.Case).Named([]string{f.Documents[0].Component})[0]
	plain := []byte(documenttest.Plain())
	other, err := o.SamplePaper()
	if err != nil {
		t.Fatal(err)
	}
	upload := func(by string, content []byte) document.File {
		t.Helper()
		file, err := o.Upload(t.Context(), o.who[by], k, "a.pdf", bytes.NewReader(content), nil)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	there := func(file document.File) (is bool) {
		t.Helper()
		if err := o.DB.Read(t.Context(), func(tx *db.Tx) error {
			_, err := document.Find(tx, file.ID)
			if is = err == nil; refusal.Is(err, refusal.NotFound) {
				return nil
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return is
	}
	filed, drafted, loose, counter, old := upload("nguoidan", plain), upload("nguoidan", plain), upload("nguoidan", other), upload("motcua", plain), upload("nguoidan", plain)
	f.Documents = []dossier.Paper{{Component: k.ID, File: filed.ID}}
	if _, err := o.Submit(t.Context(), who, f, nil); err != nil {
		t.Fatal(err)
	}
	draft, err := o.Begin(t.Context(), who, dossier.Filing{Procedure: f.Procedure, Case: f.Case})
	if err == nil {
		_, err = o.Attach(t.Context(), who, draft.ID, k, drafted)
	}
	if err == nil {
		err = o.DB.Write(t.Context(), func(tx *db.Tx) error { tx.ExecOne(`UPDATE file SET unused_at = 0 WHERE id = $1`, old.ID); return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	at := func(moment time.Time, want map[*document.File]bool) {
		t.Helper()
		o.now = moment
		if err := o.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for file, stays := range want {
			if there(*file) != stays {
				t.Errorf("at %s: there %v, want %v", moment, !stays, stays)
			}
		}
	}
	uploaded := time.Now()
	at(uploaded.Add(document.UnusedFor-time.Hour), map[*document.File]bool{&filed: true, &drafted: true, &loose: true, &counter: true, &old: true})
	at(uploaded.Add(document.UnusedFor+time.Hour), map[*document.File]bool{&filed: true, &drafted: true, &loose: false, &counter: false, &old: true})
	if err := o.DB.Read(t.Context(), func(tx *db.Tx) error {
		if is, err := document.There(tx, loose.SHA256); err != nil || is {
			t.Errorf("its content stays: %v", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	at(uploaded.Add(document.UnusedFor+48*time.Hour), map[*document.File]bool{&filed: true, &drafted: true})
	f.Documents[0].File = loose.ID
	if _, err := o.Submit(t.Context(), who, f, nil); err == nil {
		t.Error("a forgotten file is handed in")
	}
	f.Documents[0].File = drafted.ID
	if _, err := o.Submit(t.Context(), who, f, nil); err != nil {
		t.Errorf("what a draft keeps cannot be handed in: %v", err)
	}
	o.verify()
}

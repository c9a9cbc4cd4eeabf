// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"bytes"
	"slices"
	"testing"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/document/documenttest"
	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// A dossier is sent with files that wait; who handed in one that does harm is told,
// of the dossier and of the draft, and it is not handed in again.
func TestInfected(t *testing.T) {
	o := open(t)
	who := o.who["nguoidan"]
	if err := document.StartScanning(t.Context(), o.DB, o.now); err != nil {
		t.Fatal(err)
	}
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	e, err := o.Catalogue.Show(t.Context(), f.Procedure, calendar.DateOf(o.now))
	if err != nil {
		t.Fatal(err)
	}
	k := &e.Facts.Case(f.Case).Named([]string{f.Documents[0].Component})[0]
	upload := func() document.File {
		t.Helper()
		file, err := o.Upload(t.Context(), who, k, "a.pdf", bytes.NewReader([]byte(documenttest.Plain())), nil)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	send := func() (dossier.State, error) {
		f.Documents = []dossier.Paper{{Component: k.ID, File: upload().ID}}
		return o.Submit(t.Context(), who, f, nil)
	}
	s, err := send()
	if err != nil {
		t.Fatal(err)
	}
	draft, err := o.Begin(t.Context(), who, dossier.Filing{Procedure: f.Procedure, Case: f.Case})
	if err != nil {
		t.Fatal(err)
	}
	file := upload()
	if _, err := o.Attach(t.Context(), who, draft.ID, k, file); err != nil {
		t.Fatal(err)
	}
	if closed, err := o.Scans(t.Context(), file.SHA256); err != nil || closed[file.SHA256] != document.Waiting {
		t.Errorf("%v, %v", closed, err)
	}
	if err := o.DB.Write(t.Context(), func(tx *db.Tx) error {
		tx.Exec(`UPDATE file_scan SET state = 'infected', found = 'x'`)
		files, err := document.Of(tx, who.Account)
		if err != nil {
			return err
		}
		return o.Infected(tx, files, "x")
	}); err != nil {
		t.Fatal(err)
	}
	told, err := o.Notices(t.Context(), who, 100)
	if err != nil {
		t.Fatal(err)
	}
	for kind, code := range map[string]dossier.Code{dossier.NoticeInfected: s.Code, dossier.NoticeInfectedDraft: dossier.Code(draft.ID)} {
		if !slices.ContainsFunc(told, func(n dossier.Notice) bool { return n.Kind == kind && n.Code == code }) {
			t.Errorf("%s is not told of %s", who.Name, code)
		}
	}
	if _, err := send(); refusal.As(err) == nil || refusal.As(err).Fields[0].Key != "document.infected" {
		t.Errorf("handed in again: %v", err)
	}
}

// A draft takes so many files and no more; what it does not take is not kept.
func TestFullDraft(t *testing.T) {
	o := open(t)
	who := o.who["nguoidan"]
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	draft, err := o.Begin(t.Context(), who, dossier.Filing{Procedure: f.Procedure, Case: f.Case})
	if err != nil {
		t.Fatal(err)
	}
	e, err := o.Form(t.Context(), draft)
	if err != nil {
		t.Fatal(err)
	}
	k := &e.Facts.Case(draft.Filing.Case).Named([]string{f.Documents[0].Component})[0]
	if draft, err = o.Edit(t.Context(), who, draft.ID, func(d *dossier.Draft) error {
		for d.Room() == nil {
			d.Filing.Documents = append(d.Filing.Documents, dossier.Paper{Component: "other"})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	file, err := o.Upload(t.Context(), who, k, "a.pdf", bytes.NewReader([]byte(documenttest.Plain())), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Attach(t.Context(), who, draft.ID, k, file); refusal.As(err) == nil || refusal.As(err).Key != "dossier.component.many" {
		t.Errorf("one more: %v", err)
	}
	if err := o.DB.Read(t.Context(), func(tx *db.Tx) error {
		_, err := document.Find(tx, file.ID)
		return err
	}); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("it is kept: %v", err)
	}
}

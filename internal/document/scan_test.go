// SPDX-License-Identifier: Apache-2.0

package document_test

import (
	"bytes"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/document"
	"motcua/internal/document/documenttest"
	"motcua/internal/refusal"
)

// scanned lets the scanner work until nothing is left that it can do now.
func scanned(t *testing.T, s *document.Scanner) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = s.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func opens(t *testing.T, d *db.DB, f document.File, key string) {
	t.Helper()
	var sent bytes.Buffer
	err := document.Copy(t.Context(), d, f.SHA256, &sent)
	switch e := refusal.As(err); {
	case key == "" && (err != nil || int64(sent.Len()) != f.Size):
		t.Errorf("%s: %d bytes, %v", f.Name, sent.Len(), err)
	case key != "" && (e == nil || e.Key != key || sent.Len() > 0):
		t.Errorf("%s: %d bytes, %v, want %s", f.Name, sent.Len(), err, key)
	}
}

// Nobody opens a file before ClamAV has found it clean; while it is away files wait
// and do not pass; what does harm is never opened again, whoever hands it in.
func TestClamAV(t *testing.T) {
	d := dbtest.Open(t)
	store := func(name, content string) document.File {
		t.Helper()
		f, err := document.Store(t.Context(), d, 7, name, strings.NewReader(content), document.Takes{})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	virus := documenttest.PDF(documenttest.Catalogue, documenttest.Tree, documenttest.Page, documenttest.Stream("", documenttest.EICAR))
	earlier := store("earlier.pdf", documenttest.Pages(2))
	opens(t, d, earlier, "") // a site without a scanner

	if err := document.StartScanning(t.Context(), d, time.Now()); err != nil {
		t.Fatal(err)
	}
	c := documenttest.NewClamAV(t)
	clamd, err := document.ParseClamd("unix:" + c.Socket())
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	s := &document.Scanner{DB: d, Clamd: clamd, Now: time.Now, Found: func(_ *db.Tx, files []document.File, what string) error {
		for _, f := range files {
			told = append(told, f.SHA256+" "+what)
		}
		return nil
	}}
	clean, bad, long := store("clean.pdf", documenttest.Plain()), store("bad.pdf", virus), store("long.pdf", documenttest.PDF(documenttest.Catalogue, documenttest.Tree, documenttest.Page, documenttest.Stream("", strings.Repeat("đơn ", 6<<20))))
	for _, f := range []document.File{earlier, clean, bad, long} {
		opens(t, d, f, "document.waiting")
	}
	if wrong := verify(t, d); len(wrong) > 0 {
		t.Error(wrong)
	}
	scanned(t, s) // nobody is there
	opens(t, d, clean, "document.waiting")

	c.Start(t)
	scanned(t, s)
	for _, f := range []document.File{earlier, clean, long} {
		opens(t, d, f, "")
	}
	opens(t, d, bad, "document.infected")
	if want := bad.SHA256 + " Eicar-Test.UNOFFICIAL"; !slices.Equal(told, []string{want}) {
		t.Errorf("told %q, want %q", told, want)
	}
	opens(t, d, store("again.pdf", virus), "document.infected")
	opens(t, d, store("again.pdf", documenttest.Plain()), "") // is known to be clean

	c.Stop()
	later := store("later.pdf", documenttest.Pages(3))
	scanned(t, s)
	opens(t, d, later, "document.waiting")
	c.Start(t)
	scanned(t, s)
	opens(t, d, later, "")
	if wrong := verify(t, d); len(wrong) > 0 {
		t.Error(wrong)
	}

	if err := document.StopScanning(t.Context(), d, time.Now()); err != nil {
		t.Fatal(err)
	}
	opens(t, d, bad, "document.infected")
	opens(t, d, store("after.pdf", documenttest.Pages(4)), "")
	if wrong := verify(t, d); len(wrong) > 0 {
		t.Error(wrong)
	}

	forge := func(statement, key string, says ...string) {
		t.Helper()
		if err := d.Write(t.Context(), func(tx *db.Tx) error { tx.Exec(statement); return nil }); err != nil {
			t.Fatal(err)
		}
		opens(t, d, bad, key)
		if wrong := verify(t, d); !slices.Equal(wrong, says) {
			t.Errorf("%s: %q", statement, wrong)
		}
	}
	const harms, unsaid = "was found to do harm, and may be opened", "clean, but the scanner did not say so"
	forge(`UPDATE file_scan SET state = 'clean' WHERE state = 'infected'`, "document.waiting", unsaid, harms)
	forge(`UPDATE file_scan SET proof = (SELECT MAX(proof) FROM file_scan) WHERE proof = ''`, "document.waiting", unsaid, harms) // another file's
	forge(`DELETE FROM file_scan WHERE found <> ''`, "", harms)
	if err := document.StartScanning(t.Context(), d, time.Now()); err != nil {
		t.Fatal(err)
	}
	forge(`DELETE FROM file_scan WHERE state = 'waiting'`, "document.waiting", "not scanned and not waiting", harms)
	forge(`DELETE FROM file_scanning`, "document.waiting", "waits for a scanner that the site does not have", "the journal says that files are scanned, and they are not", harms)
	if err := document.StartScanning(t.Context(), d, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := document.StopScanning(t.Context(), d, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), func(tx *db.Tx) error { // nobody has it any more; who hands it in again has it looked at again
		files, err := document.Of(tx, 7)
		for _, f := range files {
			document.Forget(tx, f)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	store("once more.pdf", virus)
	if wrong := verify(t, d); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// A scanner that says anything but that a file is clean lets nothing pass, and does
// not keep what else waits from being scanned.
func TestFaultyScanner(t *testing.T) {
	d := dbtest.Open(t)
	if err := document.StartScanning(t.Context(), d, time.Now()); err != nil {
		t.Fatal(err)
	}
	var files []document.File
	for i := range 6 {
		f, err := document.Store(t.Context(), d, 7, "a.pdf", strings.NewReader(documenttest.Pages(i+1)), document.Takes{})
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	answers := []string{"", "INSTREAM size limit exceeded. ERROR\x00", "stream: OK", "OK\x00", "stream: \x00", "stream: OK\nstream: OK\x00"}
	go func() {
		for i := 0; ; i++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, answers[i%len(answers)])
			conn.Close()
		}
	}()
	clamd, err := document.ParseClamd("tcp:" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	s := &document.Scanner{DB: d, Clamd: clamd, Now: func() time.Time { return now }, Found: func(*db.Tx, []document.File, string) error { t.Error("found"); return nil }}
	for range 4 {
		scanned(t, s)
		now = now.Add(time.Hour)
	}
	for _, f := range files {
		opens(t, d, f, "document.waiting")
	}
	var tried int
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT COUNT(*) FROM file_scan WHERE tries = 4`, nil, &tried)
		return err
	}); err != nil || tried != len(files) {
		t.Errorf("%d tried, %v", tried, err)
	}
}

func TestParseClamd(t *testing.T) {
	for text, right := range map[string]bool{"unix:/run/clamav/clamd.ctl": true, "tcp:127.0.0.1:3310": true, "tcp:[::1]:3310": true,
		"": false, "unix:clamd.ctl": false, "127.0.0.1:3310": false, "tcp:127.0.0.1": false, "udp:127.0.0.1:1": false} {
		if _, err := document.ParseClamd(text); (err == nil) != right {
			t.Errorf("%q: %v", text, err)
		}
	}
}

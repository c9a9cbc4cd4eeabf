// SPDX-License-Identifier: Apache-2.0

package document_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/document"
	"motcua/internal/document/documenttest"
	"motcua/internal/refusal"
)

var paper = documenttest.PDF(documenttest.Catalogue, documenttest.Tree, documenttest.Page, documenttest.Stream("", strings.Repeat("nội dung ", 100_000))) // several pieces

func content(t *testing.T, d *db.DB, sha string) string {
	t.Helper()
	var b bytes.Buffer
	if err := document.Copy(t.Context(), d, sha, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func verify(t *testing.T, d *db.DB) []string {
	t.Helper()
	var wrong []string
	if err := document.Verify(t.Context(), d, func(what, detail string) { wrong = append(wrong, detail) }); err != nil {
		t.Fatal(err)
	}
	return wrong
}

// A file comes back byte by byte; the same content is stored once.
func TestStore(t *testing.T) {
	d := dbtest.Open(t)
	var digests []string
	for range 2 {
		f, err := document.Store(t.Context(), d, 7, "giấy tờ.pdf", strings.NewReader(paper), document.Takes{})
		if err != nil {
			t.Fatal(err)
		}
		if f.Size != int64(len(paper)) || f.MediaType != "application/pdf" || f.Name != "giấy tờ.pdf" {
			t.Errorf("%+v", f)
		}
		digests = append(digests, f.SHA256)
	}
	if content(t, d, digests[0]) != paper || digests[0] != digests[1] {
		t.Error("content")
	}
	var pieces int
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT COUNT(*) FROM file_piece WHERE n = 0`, nil, &pieces)
		return err
	}); err != nil || pieces != 1 {
		t.Errorf("%d copies, %v", pieces, err)
	}
	if wrong := verify(t, d); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// What is refused, and what breaks off, leaves nothing behind.
func TestStoreRefuses(t *testing.T) {
	d := dbtest.Open(t)
	for name, c := range map[string]struct {
		content io.Reader
		key     string
	}{
		"empty":      {strings.NewReader(""), "document.empty"},
		"program":    {strings.NewReader("\x7fELF" + strings.Repeat("\x00", 100)), "document.kind"},
		"page":       {strings.NewReader("<!doctype html><script>x</script>"), "document.kind"},
		"too large":  {io.MultiReader(strings.NewReader("%PDF-1.7\n"), io.LimitReader(zeros{}, document.MaxBytes)), "document.too_large"},
		"cut off":    {io.MultiReader(strings.NewReader(paper), iotest.ErrReader(io.ErrUnexpectedEOF)), "request.unreadable"},
		"no picture": {strings.NewReader("\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 100)), "document.broken"},
		"archive":    {bytes.NewReader(documenttest.Zip(map[string]string{"a.pdf": paper})), "document.archive"},
		"old office": {strings.NewReader("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), "document.kind"},
		"code":       {strings.NewReader(documenttest.PDF("<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(x)>>>>", documenttest.Tree, documenttest.Page)), "document.active"},
		"macros":     {bytes.NewReader(documenttest.Word(map[string]string{"word/vbaProject.bin": "x"})), "document.active"},
		"huge":       {bytes.NewReader(documenttest.PixelBomb()), "document.pixels"},
		"unpacks":    {bytes.NewReader(documenttest.Word(map[string]string{"word/a.txt": strings.Repeat("\x00", 50<<20)})), "document.unpacks"},
		"breaks off": {io.MultiReader(strings.NewReader(paper), iotest.ErrReader(errors.New("gone"))), ""},
	} {
		_, err := document.Store(t.Context(), d, 7, name+".pdf", c.content, document.Takes{})
		if e := refusal.As(err); err == nil || (e == nil) != (c.key == "") || e != nil && e.Key != c.key {
			t.Errorf("%s: %v", name, err)
		}
	}
	var rows int
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT (SELECT COUNT(*) FROM file_piece) + (SELECT COUNT(*) FROM file)`, nil, &rows)
		return err
	}); err != nil || rows != 0 {
		t.Errorf("%d rows are left, %v", rows, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Pieces of an upload that a crash cut off are no finding, and are swept in time.
func TestSweep(t *testing.T) {
	d := dbtest.Open(t)
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO file_piece (sha256, n, content) VALUES ('upload:0001700000000:x', 0, 'half')`)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if wrong := verify(t, d); len(wrong) > 0 {
		t.Error(wrong)
	}
	if err := document.Sweep(t.Context(), d, time.Now()); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT COUNT(*) FROM file_piece`, nil, &rows)
		return err
	}); err != nil || rows != 0 {
		t.Errorf("%d pieces, %v", rows, err)
	}
}

// Content that was changed behind our back is found, and not sent as if right.
func TestTampering(t *testing.T) {
	d := dbtest.Open(t)
	f, err := document.Store(t.Context(), d, 7, "a.pdf", strings.NewReader(paper), document.Takes{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		tx.Exec(`UPDATE file_piece SET content = 'other' WHERE n = 1`)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if wrong := verify(t, d); len(wrong) != 1 {
		t.Errorf("found %v", wrong)
	}
	var sent bytes.Buffer
	if err := document.Copy(t.Context(), d, f.SHA256, &sent); err == nil || int64(sent.Len()) >= f.Size {
		t.Errorf("sent as if right: %d of %d bytes, %v", sent.Len(), f.Size, err)
	}
}

func TestCleanName(t *testing.T) {
	for given, want := range map[string]string{
		"giấy.pdf":                           "giấy.pdf",
		"../../etc/passwd":                   "passwd",
		`C:\thư mục\đơn.docx`:                "đơn.docx",
		"a\u202egnp.exe":                     "agnp.exe",
		"x\x00\n<script>.pdf":                "xscript.pdf",
		"":                                   "tep",
		"...":                                "tep",
		".hidden":                            "hidden",
		"a\u0302n.pdf":                       "ân.pdf",
		"con.pdf":                            "tep-con.pdf",
		"Nul":                                "tep-Nul",
		"COM1 .tar.pdf":                      "tep-COM1 .tar.pdf",
		"cong.pdf":                           "cong.pdf",
		"a.pdf. . ":                          "a.pdf",
		strings.Repeat("ế", 300) + ".pdf":    strings.Repeat("ế", 78) + ".pdf",
		strings.Repeat("ă", 300) + ".pdf":    strings.Repeat("ă", 116) + ".pdf",
		"  kho\u0302ng da\u0302\u0301u .pdf": "không dấu .pdf",
	} {
		if got := document.CleanName(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

// A name that lies about its kind ends with it.
func TestNameOfKind(t *testing.T) {
	d := dbtest.Open(t)
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"don.zip":       {documenttest.Word(nil), "don.zip.docx"},
		"giay.hta":      {[]byte(paper), "giay.hta.pdf"},
		"x.PDF":         {[]byte(paper), "x.PDF"},
		"khong-co-duoi": {[]byte(paper), "khong-co-duoi.pdf"},
	} {
		f, err := document.Store(t.Context(), d, 7, name, bytes.NewReader(c.content), document.Takes{})
		if err != nil || f.Name != c.want {
			t.Errorf("%s: %q, %v", name, f.Name, err)
		}
	}
}

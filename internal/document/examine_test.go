// SPDX-License-Identifier: Apache-2.0

package document_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/internal/db/dbtest"
	"motcua/internal/document"
	"motcua/internal/document/documenttest"
	"motcua/internal/refusal"
)

func TestPDF(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		pages   int
	}{
		"plain":               {documenttest.Plain(), 1},
		"packed":              {documenttest.Packed(map[int]string{1: documenttest.Catalogue, 2: documenttest.Tree, 3: documenttest.Page}), 1},
		"packed with a form":  {documenttest.Packed(map[int]string{1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]>>>>", 2: documenttest.Tree, 3: documenttest.Page, 4: "<</S/GoTo/D[3 0 R/Fit]>>"}), 1},
		"empty list of files": {documenttest.PDF("<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 4 0 R>>>>", documenttest.Tree, documenttest.Page, "<</Names[]>>"), 1},
		"opens at its page":   {documenttest.PDF("<</Type/Catalog/Pages 2 0 R/OpenAction[3 0 R/Fit]>>", documenttest.Tree, documenttest.Page), 1},
		"goes to its page":    {documenttest.PDF("<</Type/Catalog/Pages 2 0 R/OpenAction<</S/GoTo/D[3 0 R/Fit]>>>>", documenttest.Tree, documenttest.Page), 1},
		"link":                {documenttest.PDF(documenttest.Catalogue, documenttest.Tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots[<</Subtype/Link/Rect[0 0 1 1]/A<</S/URI/URI(https://x)>>>>]>>"), 1},
		"many pages":          {documenttest.Pages(700), 700},
		"updated":             {documenttest.Plain() + documenttest.Xref(len(documenttest.Plain()), 4, fmt.Sprintf("/Prev %d", strings.LastIndex(documenttest.Plain(), "xref\n0 1")), "<</A 1>>"), 1},
		"ends in blanks":      {documenttest.Plain() + "\r\n\x00\x00", 1},
	} {
		if key, pages := document.Examine("pdf", []byte(c.content)); key != "" || pages != c.pages {
			t.Errorf("%s: %q, %d pages", name, key, pages)
		}
	}
	for name, c := range documenttest.HostilePDFs() {
		if key, _ := document.Examine("pdf", c.Content); key != c.Key {
			t.Errorf("%s: %q, want %q", name, key, c.Key)
		}
	}
}

func TestOffice(t *testing.T) {
	sheet := documenttest.Zip(map[string]string{
		"[Content_Types].xml":                     `<Types><Override PartName="/xl/workbook.xml" ContentType="` + documenttest.SheetMain + `"/></Types>`,
		"xl/workbook.xml":                         `<workbook/>`,
		"xl/printerSettings/printerSettings1.bin": "\x00\x01",
	})
	for name, content := range map[string][]byte{
		"text":       documenttest.Word(nil),
		"sheet":      sheet,
		"link":       documenttest.Word(documenttest.Related(documenttest.Office+"hyperlink", "https://dichvucong.gov.vn/import/link")),
		"page field": documenttest.Word(map[string]string{"word/footer1.xml": `<w:ftr xmlns:w="w"><w:instrText> PAGE \* MERGEFORMAT </w:instrText><w:instrText>HYPERLINK "https://x/import/link"</w:instrText></w:ftr>`}),
		"picture":    documenttest.Word(map[string]string{"word/media/image1.png": "\x89PNG\r\n\x1a\n"}),
	} {
		if key, _ := document.Examine("docx", content); key != "" {
			t.Errorf("%s: %q", name, key)
		}
	}
	hostile := documenttest.HostileOffice()
	hostile["not from its start"] = documenttest.Hostile{Content: append([]byte("MZ"), documenttest.Word(nil)...), Key: "document.broken"}
	for name, c := range hostile {
		if key, _ := document.Examine("docx", c.Content); key != c.Key {
			t.Errorf("%s: %q, want %q", name, key, c.Key)
		}
	}
}

// What is made to fill the memory or to take for ever is refused, and this process
// is as it was.
func TestHeavyFiles(t *testing.T) {
	d := dbtest.Open(t)
	for name, content := range documenttest.HeavyPDFs() {
		if len(content) > document.MaxBytes {
			t.Fatalf("%s is too large to be read at all", name)
		}
		_, err := document.Store(t.Context(), d, 1, name, strings.NewReader(content), document.Takes{})
		e := refusal.As(err)
		if refused := e != nil && strings.HasPrefix(e.Key, "document."); err != nil && !refused {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%-16s %d kB: %v", name, len(content)>>10, err)
	}
	if wrong := verify(t, d); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// A file of several pages is taken where so many are.
func TestPages(t *testing.T) {
	d := dbtest.Open(t)
	for most, taken := range map[int]bool{0: true, 3: true, 2: false} {
		f, err := document.Store(t.Context(), d, 1, "a.pdf", strings.NewReader(documenttest.Pages(3)), document.Takes{Pages: most})
		if e := refusal.As(err); (err == nil) != taken || !taken && e.Key != "document.pages" {
			t.Errorf("%d: %v", most, err)
		}
		if taken && f.Pages != 3 {
			t.Errorf("%d pages", f.Pages)
		}
	}
}

// Whatever bytes come, an examiner ends with a reason or without, and no reason is
// one that has no sentence.
func FuzzPDF(f *testing.F) {
	f.Add([]byte(documenttest.Plain()))
	f.Add([]byte(documenttest.Packed(map[int]string{1: documenttest.Catalogue, 2: documenttest.Tree, 3: documenttest.Page})))
	for _, c := range documenttest.HostilePDFs() {
		f.Add(c.Content)
	}
	f.Fuzz(func(t *testing.T, given []byte) {
		key, pages := document.Examine("pdf", given)
		if (key == "") != (pages > 0) {
			t.Fatalf("%q with %d pages", key, pages)
		}
		if key == "" && bytes.Contains(given, []byte("/JavaScript ")) {
			t.Fatal("taken with code in it")
		}
	})
}

// FuzzOffice holds office files to the same: whatever is taken unpacks whole, to
// names that stay where they are put.
func FuzzOffice(f *testing.F) {
	f.Add(documenttest.Word(nil))
	for name, c := range documenttest.HostileOffice() {
		if name != "bomb" && name != "many entries" && name != "deep XML" {
			f.Add(c.Content)
		}
	}
	f.Fuzz(func(t *testing.T, given []byte) {
		if key, _ := document.ExamineRaw("docx", given); key != "" {
			return
		}
		z, err := zip.NewReader(bytes.NewReader(given), int64(len(given)))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range z.File {
			if strings.Contains(x.Name, "..") && strings.Contains(x.Name, "/../") || strings.HasPrefix(x.Name, "/") || strings.Contains(strings.ToLower(x.Name), "vbaproject") {
				t.Fatalf("taken with %q", x.Name)
			}
		}
	})
}

// FuzzName: a name is made safe once and for all.
func FuzzName(f *testing.F) {
	for _, s := range []string{"giấy.pdf", "../../etc/passwd", "con.pdf", "NUL", "a\u202egnp.exe", "da\u0302\u0301u.pdf", "x.pdf.exe", strings.Repeat("ế", 300), "lpt1. .pdf"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, given string) {
		clean := document.CleanName(given)
		if document.CleanName(clean) != clean {
			t.Fatalf("%q becomes %q becomes %q", given, clean, document.CleanName(clean))
		}
		if clean == "" || len(clean) > 250 || utf8.RuneCountInString(clean) > 124 || !utf8.ValidString(clean) || !norm.NFC.IsNormalString(clean) || strings.ContainsAny(clean, "/\\<>:\"|?*") ||
			strings.ContainsFunc(clean, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) || clean[0] == '.' {
			t.Fatalf("%q becomes %q", given, clean)
		}
		if kept := document.Named(given, "pdf"); !strings.HasSuffix(strings.ToLower(kept), ".pdf") {
			t.Fatalf("%q is kept as %q", given, kept)
		}
	})
}

// FuzzRecognise: what is taken is of a kind that is asked for, and no archive.
func FuzzRecognise(f *testing.F) {
	for _, s := range []string{"%PDF-1.7", "\xff\xd8\xff\xe0", "\x89PNG\r\n\x1a\n", "PK\x03\x04", "Rar!\x1a\x07\x00", "7z\xbc\xaf\x27\x1c", "<svg/>", "AC1032", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "GIF89a", "RIFF\x00\x00\x00\x00WEBP"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		kind, err := document.Recognise(head, "pdf", "jpg")
		if (err == nil) != (kind == "pdf" || kind == "jpg") {
			t.Fatalf("%q, %v", kind, err)
		}
		if kind == "jpg" && !bytes.HasPrefix(head, []byte("\xff\xd8\xff")) {
			t.Fatalf("%x is a picture", head)
		}
	})
}

// FuzzAnswer: only what is plainly said to be clean is.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{"stream: OK\x00", "stream: Eicar-Test-Signature FOUND\x00", "stream: OK", "INSTREAM size limit exceeded. ERROR\x00", "stream:  FOUND\x00", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		found, err := document.ParseAnswer(answer)
		if found == "" && err == nil && answer != "stream: OK\x00" {
			t.Fatalf("%q is clean", answer)
		}
		if found != "" && (err != nil || !strings.HasSuffix(answer, " FOUND\x00")) {
			t.Fatalf("%q found %q", answer, found)
		}
	})
}

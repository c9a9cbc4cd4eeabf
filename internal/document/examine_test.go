// SPDX-License-Identifier: Apache-2.0

package document_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/internal/db/dbtest"
	"motcua/internal/document"
	"motcua/internal/refusal"
)

// pdfOf writes a PDF of these objects, the first of which is its catalogue.
func pdfOf(objects ...string) string { return pdfWith("", objects...) }

// pdfWith is pdfOf with more in its trailer.
func pdfWith(trailer string, objects ...string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return b.String() + xref(b.Len(), 1, trailer, objects...)
}

// xref writes objects with the table that finds them, at a place in a file.
func xref(at, first int, trailer string, objects ...string) string {
	var b, table strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&table, "%010d 00000 n\r\n", at+b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", first+i, o)
	}
	zero := ""
	if first == 1 {
		zero = "0 1\n0000000000 65535 f\r\n"
	}
	start := at + b.Len()
	fmt.Fprintf(&b, "xref\n%s%d %d\n%strailer\n<</Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n", zero, first, len(objects), table.String(), first+len(objects), trailer, start)
	return b.String()
}

const (
	catalogue = "<</Type/Catalog/Pages 2 0 R>>"
	tree      = "<</Type/Pages/Kids[3 0 R]/Count 1>>"
	page      = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
)

func stream(dict, content string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(content), content)
}

func deflated(content io.Reader) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = io.Copy(w, content)
	_ = w.Close()
	return b.String()
}

// packedPDF holds objects in a stream of objects, as newer files do.
func packedPDF(objects map[int]string) string {
	var head, body strings.Builder
	n := 0
	for number := range 100 {
		if o, ok := objects[number]; ok {
			fmt.Fprintf(&head, "%d %d ", number, body.Len())
			body.WriteString(o + " ")
			n++
		}
	}
	var b strings.Builder
	b.WriteString("%PDF-1.7\n")
	at := b.Len()
	fmt.Fprintf(&b, "50 0 obj\n%s\nendobj\n", stream(fmt.Sprintf("/Type/ObjStm/N %d/First %d/Filter/FlateDecode", n, head.Len()), deflated(strings.NewReader(head.String()+body.String()))))
	start := b.Len()
	var rows bytes.Buffer
	i := 0
	for number := range 52 {
		kind, where, index := byte(0), 0, 0
		switch _, in := objects[number]; {
		case in:
			kind, where, index = 2, 50, i
			i++
		case number == 50:
			kind, where = 1, at
		case number == 51:
			kind, where = 1, start
		}
		rows.WriteByte(kind)
		_ = binary.Write(&rows, binary.BigEndian, uint32(where))
		rows.WriteByte(byte(index))
	}
	fmt.Fprintf(&b, "51 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", stream("/Type/XRef/Size 52/W[1 4 1]/Root 1 0 R/Filter/FlateDecode", deflated(&rows)), start)
	return b.String()
}

func plainPDF() string { return pdfOf(catalogue, tree, page) }

// pagesPDF has so many pages.
func pagesPDF(n int) string {
	var kids strings.Builder
	objects := []string{catalogue, ""}
	for i := range n {
		fmt.Fprintf(&kids, "%d 0 R ", 3+i)
		objects = append(objects, page)
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), n)
	return pdfOf(objects...)
}

// hostilePDFs are files that a site must not take, with why.
func hostilePDFs() map[string]struct{ content, key string } {
	does := func(action string) string {
		return pdfOf("<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", tree, page, action)
	}
	updated := plainPDF()
	updated += xref(len(updated), 4, fmt.Sprintf("/Prev %d", strings.LastIndex(updated, "xref\n0 1")), "<</S/JavaScr#69pt/J#53(app.alert(1))>>")
	return map[string]struct{ content, key string }{
		"javascript":                   {does("<</S/JavaScript/JS(app.alert(1))>>"), "document.active"},
		"javascript by escapes":        {does("<</S/J#61vaScript/J#53(app.alert(1))>>"), "document.active"},
		"javascript in packed objects": {packedPDF(map[int]string{1: "<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", 2: tree, 3: page, 4: "<</S/JavaScript/JS(x)>>"}), "document.active"},
		"escaped in packed objects":    {packedPDF(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 2: tree, 3: page, 4: "<</S/Java#53cript/J#53(x)>>"}), "document.active"},
		"xfa in packed objects":        {packedPDF(map[int]string{1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</XFA(x)>>>>", 2: tree, 3: page}), "document.active"},
		"in an update":                 {updated, "document.active"},
		"launch":                       {does("<</S/Launch/F(cmd.exe)>>"), "document.active"},
		"submits":                      {does("<</S/SubmitForm/F(http://x)>>"), "document.active"},
		"imports":                      {does("<</S/ImportData/F(x)>>"), "document.active"},
		"opens another":                {does("<</S/GoToR/F(x.pdf)>>"), "document.active"},
		"opens an address":             {does("<</S/URI/URI(http://x)>>"), "document.active"},
		"goes, then more":              {does("<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(x)>>>>"), "document.active"},
		"additional actions":           {pdfOf(catalogue, tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/AA<</O<</S/URI/URI(x)>>>>>>"), "document.active"},
		"file in it":                   {pdfOf("<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>>>", tree, page, "<</Type/Filespec/F(a)/EF<</F 5 0 R>>>>", stream("/Type/EmbeddedFile", "x")), "document.active"},
		"file by short names":          {pdfOf(catalogue, tree, page, "<</F(a)/EF<</F 5 0 R>>>>", stream("", "x")), "document.active"},
		"xfa":                          {pdfOf("<</Type/Catalog/Pages 2 0 R/AcroForm<</XFA 4 0 R/Fields[]>>>>", tree, page, stream("", "<x/>")), "document.active"},
		"rich media":                   {pdfOf(catalogue, tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots[4 0 R]>>", "<</Subtype/RichMedia/Rect[0 0 1 1]>>"), "document.active"},
		"content elsewhere":            {pdfOf(catalogue, tree, page, stream("/F(http://x)", "")), "document.active"},
		"encrypted":                    {pdfWith("/Encrypt 4 0 R /ID[(aaaaaaaaaaaaaaaa)(aaaaaaaaaaaaaaaa)]", catalogue, tree, page, "<</Filter/Standard/V 1/R 2/O(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)/U(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)/P -4>>"), "document.locked"},
		"encrypted by escapes":         {pdfWith("/Encr#79pt 4 0 R /ID[(aaaaaaaaaaaaaaaa)(aaaaaaaaaaaaaaaa)]", catalogue, tree, page, "<</Filter/Standard/V 1/R 2/O(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)/U(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)/P -4>>"), "document.locked"},
		"something behind it":          {plainPDF() + "<script>alert(1)</script>", "document.two_in_one"},
		"archive behind it":            {plainPDF() + string(packedZip(map[string]string{"a": "b"})), "document.two_in_one"},
		"no pages":                     {pdfOf("<</Type/Catalog>>"), "document.broken"},
		"cyclic pages":                 {pdfOf(catalogue, "<</Type/Pages/Kids[2 0 R 3 0 R]/Count 1>>", page), "document.broken"},
		"cut off":                      {plainPDF()[:60], "document.broken"},
		"noise":                        {"%PDF-1.7\n" + strings.Repeat("nội dung ", 1000), "document.broken"},
	}
}

// heavyPDFs are made to fill the memory or to take for ever.
func heavyPDFs() map[string]string {
	bomb := deflated(io.LimitReader(zeros{}, 256<<20))
	numbers := deflated(strings.NewReader("4 0 [" + strings.Repeat("0 ", 20_000_000) + "]"))
	some := deflated(strings.NewReader("9 0 [" + strings.Repeat("[0]", 2_000_000) + "]"))
	many := []string{catalogue, tree, page}
	for range 200 {
		many = append(many, stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", some))
	}
	return map[string]string{
		"deflate bomb":     pdfOf(catalogue, tree, page, stream("/Type/ObjStm/N 1000/First 5000/Filter/FlateDecode", bomb)),
		"bomb of numbers":  pdfOf(catalogue, tree, page, stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", numbers)),
		"many bombs":       pdfOf(many...),
		"deep":             pdfOf(catalogue, tree, page, strings.Repeat("[", 10_000_000)+strings.Repeat("]", 10_000_000)),
		"deep dictionary":  pdfOf(catalogue, tree, page, strings.Repeat("<</A", 5_000_000)+" 0 "+strings.Repeat(">>", 5_000_000)),
		"wide":             pdfOf(catalogue, tree, page, "["+strings.Repeat("[]", 12_000_000)+"]"),
		"huge length":      strings.Replace(pdfOf(catalogue, tree, page, stream("", "x")), "/Length 1", "/Length 99999999999", 1),
		"huge size":        strings.Replace(plainPDF(), "/Size 4", "/Size 2147483647", 1),
		"huge table":       strings.Replace(plainPDF(), "1 3\n", "1 2147483647\n", 1),
		"tables in a ring": strings.Replace(plainPDF(), "/Root 1 0 R", fmt.Sprintf("/Root 1 0 R /Prev %d", strings.LastIndex(plainPDF(), "xref\n0")), 1),
	}
}

func TestPDF(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		pages   int
	}{
		"plain":               {plainPDF(), 1},
		"packed":              {packedPDF(map[int]string{1: catalogue, 2: tree, 3: page}), 1},
		"packed with a form":  {packedPDF(map[int]string{1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]>>>>", 2: tree, 3: page, 4: "<</S/GoTo/D[3 0 R/Fit]>>"}), 1},
		"empty list of files": {pdfOf("<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 4 0 R>>>>", tree, page, "<</Names[]>>"), 1},
		"opens at its page":   {pdfOf("<</Type/Catalog/Pages 2 0 R/OpenAction[3 0 R/Fit]>>", tree, page), 1},
		"goes to its page":    {pdfOf("<</Type/Catalog/Pages 2 0 R/OpenAction<</S/GoTo/D[3 0 R/Fit]>>>>", tree, page), 1},
		"link":                {pdfOf(catalogue, tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots[<</Subtype/Link/Rect[0 0 1 1]/A<</S/URI/URI(https://x)>>>>]>>"), 1},
		"many pages":          {pagesPDF(700), 700},
		"updated":             {plainPDF() + xref(len(plainPDF()), 4, fmt.Sprintf("/Prev %d", strings.LastIndex(plainPDF(), "xref\n0 1")), "<</A 1>>"), 1},
		"ends in blanks":      {plainPDF() + "\r\n\x00\x00", 1},
	} {
		if key, pages := document.Examine("pdf", []byte(c.content)); key != "" || pages != c.pages {
			t.Errorf("%s: %q, %d pages", name, key, pages)
		}
	}
	for name, c := range hostilePDFs() {
		if key, _ := document.Examine("pdf", []byte(c.content)); key != c.key {
			t.Errorf("%s: %q, want %q", name, key, c.key)
		}
	}
}

// packedZip is an archive of these files.
func packedZip(files map[string]string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, first := range []bool{true, false} {
		for name, content := range files {
			if (name == "[Content_Types].xml") == first {
				f, _ := z.Create(name)
				_, _ = io.WriteString(f, content)
			}
		}
	}
	_ = z.Close()
	return b.Bytes()
}

const (
	wordMain  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
	sheetMain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
	relations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>`
	office    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// wordFile is a text with more parts, or others.
func wordFile(more map[string]string) []byte {
	files := map[string]string{
		"[Content_Types].xml": `<?xml version="1.0" encoding="UTF-8"?><Types><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="` + wordMain + `"/></Types>`,
		"_rels/.rels":         fmt.Sprintf(relations, `<Relationship Id="r1" Type="`+office+`officeDocument" Target="word/document.xml"/>`),
		"word/document.xml":   `<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Đơn đề nghị</w:t></w:r></w:p></w:body></w:document>`,
	}
	for name, content := range more {
		files[name] = content
	}
	return packedZip(files)
}

func related(kind, target string) map[string]string {
	return map[string]string{"word/_rels/document.xml.rels": fmt.Sprintf(relations, `<Relationship Id="r9" Type="`+kind+`" Target="`+target+`" TargetMode="External"/>`)}
}

func hostileOffice() map[string]struct {
	content []byte
	key     string
} {
	type c = struct {
		content []byte
		key     string
	}
	text := func(body string) c {
		return c{wordFile(map[string]string{"word/document.xml": body}), "document.active"}
	}
	locked := wordFile(nil)
	at := bytes.LastIndex(locked, []byte("PK\x01\x02"))
	locked[at+8] |= 1
	many := map[string]string{}
	for i := range 6_000 {
		many[fmt.Sprintf("word/media/%d.txt", i)] = ""
	}
	return map[string]c{
		"macros":               {wordFile(map[string]string{"word/vbaProject.bin": "\xd0\xcf\x11\xe0"}), "document.active"},
		"macro type":           {wordFile(map[string]string{"[Content_Types].xml": `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>`}), "document.active"},
		"entities":             text(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`),
		"billion laughs":       text(`<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>`),
		"entities elsewhere":   {wordFile(map[string]string{"word/media/a.dat": `<!DOCTYPE x [<!ENTITY e SYSTEM "http://x">]><x>&e;</x>`}), "document.active"},
		"entities in UTF-16":   {wordFile(map[string]string{"word/a.xml": "\xff\xfe<\x00!\x00D\x00O\x00C\x00T\x00Y\x00P\x00E\x00"}), "document.broken"},
		"template elsewhere":   {wordFile(related(office+"attachedTemplate", "http://x/a.dotm")), "document.active"},
		"picture elsewhere":    {wordFile(related(office+"image", "http://x/a.png")), "document.active"},
		"script as link":       {wordFile(related(office+"hyperlink", "javascript:alert(1)")), "document.active"},
		"file as link":         {wordFile(related(office+"hyperlink", "file://///server/share")), "document.active"},
		"ole":                  {wordFile(map[string]string{"word/embeddings/oleObject1.bin": "\xd0\xcf\x11\xe0"}), "document.active"},
		"ole under no name":    {wordFile(map[string]string{"word/media/a.png": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}), "document.active"},
		"activex":              {wordFile(map[string]string{"word/activeX/activeX1.xml": "<x/>"}), "document.active"},
		"nested archive":       {wordFile(map[string]string{"word/media/a.png": string(packedZip(map[string]string{"a": "b"}))}), "document.active"},
		"program":              {wordFile(map[string]string{"word/media/a.png": "MZ\x90\x00"}), "document.active"},
		"dde":                  text(`<w:document xmlns:w="w"><w:p><w:r><w:instrText>DDEA</w:instrText></w:r><w:r><w:instrText>UTO c:\\cmd "/k"</w:instrText></w:r></w:p></w:document>`),
		"dde in one":           text(`<w:document xmlns:w="w"><w:fldSimple w:instr=" DDE excel a b "/></w:document>`),
		"slips out":            {wordFile(map[string]string{"../../etc/cron.d/x": "x"}), "document.broken"},
		"slips out on Windows": {wordFile(map[string]string{`..\..\x`: "x"}), "document.broken"},
		"absolute":             {wordFile(map[string]string{"/etc/passwd": "x"}), "document.broken"},
		"twice":                {wordFile(map[string]string{"word/A.xml": "<a/>", "word/a.xml": "<b/>"}), "document.broken"},
		"encrypted":            {locked, "document.broken"},
		"bomb":                 {wordFile(map[string]string{"word/media/a.txt": strings.Repeat("\x00", 100<<20)}), "document.unpacks"},
		"many entries":         {wordFile(many), "document.unpacks"},
		"no main part":         {wordFile(map[string]string{"[Content_Types].xml": "<Types/>"}), "document.broken"},
		"XML that breaks off":  {wordFile(map[string]string{"word/document.xml": "<a><b>"}), "document.broken"},
		"deep XML":             {wordFile(map[string]string{"word/document.xml": strings.Repeat("<a>", 100_000) + strings.Repeat("</a>", 100_000)}), "document.broken"},
		"not from its start":   {append([]byte("MZ"), wordFile(nil)...), "document.broken"},
	}
}

func TestOffice(t *testing.T) {
	sheet := packedZip(map[string]string{
		"[Content_Types].xml":                     `<Types><Override PartName="/xl/workbook.xml" ContentType="` + sheetMain + `"/></Types>`,
		"xl/workbook.xml":                         `<workbook/>`,
		"xl/printerSettings/printerSettings1.bin": "\x00\x01",
	})
	for name, content := range map[string][]byte{
		"text":       wordFile(nil),
		"sheet":      sheet,
		"link":       wordFile(related(office+"hyperlink", "https://dichvucong.gov.vn/import/link")),
		"page field": wordFile(map[string]string{"word/footer1.xml": `<w:ftr xmlns:w="w"><w:instrText> PAGE \* MERGEFORMAT </w:instrText><w:instrText>HYPERLINK "https://x/import/link"</w:instrText></w:ftr>`}),
		"picture":    wordFile(map[string]string{"word/media/image1.png": "\x89PNG\r\n\x1a\n"}),
	} {
		if key, _ := document.Examine("docx", content); key != "" {
			t.Errorf("%s: %q", name, key)
		}
	}
	for name, c := range hostileOffice() {
		if key, _ := document.Examine("docx", c.content); key != c.key {
			t.Errorf("%s: %q, want %q", name, key, c.key)
		}
	}
}

// What is made to fill the memory or to take for ever is refused, and this process
// is as it was.
func TestHeavyFiles(t *testing.T) {
	d := dbtest.Open(t)
	for name, content := range heavyPDFs() {
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
		f, err := document.Store(t.Context(), d, 1, "a.pdf", strings.NewReader(pagesPDF(3)), document.Takes{Pages: most})
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
	f.Add([]byte(plainPDF()))
	f.Add([]byte(packedPDF(map[int]string{1: catalogue, 2: tree, 3: page})))
	for _, c := range hostilePDFs() {
		f.Add([]byte(c.content))
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
	f.Add(wordFile(nil))
	for name, c := range hostileOffice() {
		if name != "bomb" && name != "many entries" && name != "deep XML" {
			f.Add(c.content)
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

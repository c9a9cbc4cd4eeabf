// SPDX-License-Identifier: Apache-2.0

// Package documenttest makes files that people hand in: such as are taken, and such
// as are made to do harm. Nothing of it is kept as it is: a file that does harm
// exists only while a test runs.
//
// Start at HostilePDFs.
package documenttest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// Hostile is a file that must not be taken, and why it is not.
type Hostile struct {
	Content []byte
	Key     string // of the refusal
}

// PDF writes a PDF of these objects, the first of which is its catalogue.
func PDF(objects ...string) string { return PDFWith("", objects...) }

// PDFWith is pdfOf with more in its trailer.
func PDFWith(trailer string, objects ...string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return b.String() + Xref(b.Len(), 1, trailer, objects...)
}

// Xref writes objects with the table that finds them, at a place in a file.
func Xref(at, first int, trailer string, objects ...string) string {
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

// The objects of a PDF with one page.
const (
	Catalogue = "<</Type/Catalog/Pages 2 0 R>>"
	Tree      = "<</Type/Pages/Kids[3 0 R]/Count 1>>"
	Page      = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
)

// Stream is an object with content.
func Stream(dict, content string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(content), content)
}

func deflated(content io.Reader) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = io.Copy(w, content)
	_ = w.Close()
	return b.String()
}

// Packed holds objects in a stream of objects, as newer files do.
func Packed(objects map[int]string) string {
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
	fmt.Fprintf(&b, "50 0 obj\n%s\nendobj\n", Stream(fmt.Sprintf("/Type/ObjStm/N %d/First %d/Filter/FlateDecode", n, head.Len()), deflated(strings.NewReader(head.String()+body.String()))))
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
	fmt.Fprintf(&b, "51 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", Stream("/Type/XRef/Size 52/W[1 4 1]/Root 1 0 R/Filter/FlateDecode", deflated(&rows)), start)
	return b.String()
}

// Plain has one page, and nothing else.
func Plain() string { return PDF(Catalogue, Tree, Page) }

// Pages has so many pages.
func Pages(n int) string {
	var kids strings.Builder
	objects := []string{Catalogue, ""}
	for i := range n {
		fmt.Fprintf(&kids, "%d 0 R ", 3+i)
		objects = append(objects, Page)
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), n)
	return PDF(objects...)
}

// HostilePDFs are files that a site must not take, with why.
func HostilePDFs() map[string]Hostile {
	does := func(action string) string {
		return PDF("<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", Tree, Page, action)
	}
	updated := Plain()
	updated += Xref(len(updated), 4, fmt.Sprintf("/Prev %d", strings.LastIndex(updated, "xref\n0 1")), "<</S/JavaScr#69pt/J#53(app.alert(1))>>")
	all := map[string]Hostile{}
	for name, f := range map[string][2]string{
		"javascript":                   {does("<</S/JavaScript/JS(app.alert(1))>>"), "document.active"},
		"javascript by escapes":        {does("<</S/J#61vaScript/J#53(app.alert(1))>>"), "document.active"},
		"javascript in packed objects": {Packed(map[int]string{1: "<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", 2: Tree, 3: Page, 4: "<</S/JavaScript/JS(x)>>"}), "document.active"},
		"escaped in packed objects":    {Packed(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 2: Tree, 3: Page, 4: "<</S/Java#53cript/J#53(x)>>"}), "document.active"},
		"xfa in packed objects":        {Packed(map[int]string{1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</XFA(x)>>>>", 2: Tree, 3: Page}), "document.active"},
		"in an update":                 {updated, "document.active"},
		"launch":                       {does("<</S/Launch/F(cmd.exe)>>"), "document.active"},
		"submits":                      {does("<</S/SubmitForm/F(http://x)>>"), "document.active"},
		"imports":                      {does("<</S/ImportData/F(x)>>"), "document.active"},
		"opens another":                {does("<</S/GoToR/F(x.pdf)>>"), "document.active"},
		"opens an address":             {does("<</S/URI/URI(http://x)>>"), "document.active"},
		"goes, then more":              {does("<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(x)>>>>"), "document.active"},
		"additional actions":           {PDF(Catalogue, Tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/AA<</O<</S/URI/URI(x)>>>>>>"), "document.active"},
		"file in it":                   {PDF("<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>>>", Tree, Page, "<</Type/Filespec/F(a)/EF<</F 5 0 R>>>>", Stream("/Type/EmbeddedFile", "x")), "document.active"},
		"file by short names":          {PDF(Catalogue, Tree, Page, "<</F(a)/EF<</F 5 0 R>>>>", Stream("", "x")), "document.active"},
		"xfa":                          {PDF("<</Type/Catalog/Pages 2 0 R/AcroForm<</XFA 4 0 R/Fields[]>>>>", Tree, Page, Stream("", "<x/>")), "document.active"},
		"rich media":                   {PDF(Catalogue, Tree, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots[4 0 R]>>", "<</Subtype/RichMedia/Rect[0 0 1 1]>>"), "document.active"},
		"content elsewhere":            {PDF(Catalogue, Tree, Page, Stream("/F(http://x)", "")), "document.active"},
		"encrypted":                    {PDFWith("/Encrypt 4 0 R /ID[(aaaaaaaaaaaaaaaa)(aaaaaaaaaaaaaaaa)]", Catalogue, Tree, Page, "<</Filter/Standard/V 1/R 2/O(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)/U(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)/P -4>>"), "document.locked"},
		"encrypted by escapes":         {PDFWith("/Encr#79pt 4 0 R /ID[(aaaaaaaaaaaaaaaa)(aaaaaaaaaaaaaaaa)]", Catalogue, Tree, Page, "<</Filter/Standard/V 1/R 2/O(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)/U(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)/P -4>>"), "document.locked"},
		"something behind it":          {Plain() + "<script>alert(1)</script>", "document.two_in_one"},
		"archive behind it":            {Plain() + string(Zip(map[string]string{"a": "b"})), "document.two_in_one"},
		"no pages":                     {PDF("<</Type/Catalog>>"), "document.broken"},
		"cyclic pages":                 {PDF(Catalogue, "<</Type/Pages/Kids[2 0 R 3 0 R]/Count 1>>", Page), "document.broken"},
		"cut off":                      {Plain()[:60], "document.broken"},
		"noise":                        {"%PDF-1.7\n" + strings.Repeat("nội dung ", 1000), "document.broken"},
	} {
		all[name] = Hostile{[]byte(f[0]), f[1]}
	}
	return all
}

// HeavyPDFs are made to fill the memory or to take for ever.
func HeavyPDFs() map[string]string {
	bomb := deflated(io.LimitReader(zeros{}, 256<<20))
	numbers := deflated(strings.NewReader("4 0 [" + strings.Repeat("0 ", 20_000_000) + "]"))
	some := deflated(strings.NewReader("9 0 [" + strings.Repeat("[0]", 2_000_000) + "]"))
	many := []string{Catalogue, Tree, Page}
	for range 200 {
		many = append(many, Stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", some))
	}
	return map[string]string{
		"deflate bomb":     PDF(Catalogue, Tree, Page, Stream("/Type/ObjStm/N 1000/First 5000/Filter/FlateDecode", bomb)),
		"bomb of numbers":  PDF(Catalogue, Tree, Page, Stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", numbers)),
		"many bombs":       PDF(many...),
		"deep":             PDF(Catalogue, Tree, Page, strings.Repeat("[", 10_000_000)+strings.Repeat("]", 10_000_000)),
		"deep dictionary":  PDF(Catalogue, Tree, Page, strings.Repeat("<</A", 5_000_000)+" 0 "+strings.Repeat(">>", 5_000_000)),
		"wide":             PDF(Catalogue, Tree, Page, "["+strings.Repeat("[]", 12_000_000)+"]"),
		"huge length":      strings.Replace(PDF(Catalogue, Tree, Page, Stream("", "x")), "/Length 1", "/Length 99999999999", 1),
		"huge size":        strings.Replace(Plain(), "/Size 4", "/Size 2147483647", 1),
		"huge table":       strings.Replace(Plain(), "1 3\n", "1 2147483647\n", 1),
		"tables in a ring": strings.Replace(Plain(), "/Root 1 0 R", fmt.Sprintf("/Root 1 0 R /Prev %d", strings.LastIndex(Plain(), "xref\n0")), 1),
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

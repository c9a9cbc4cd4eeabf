// SPDX-License-Identifier: Apache-2.0

package documenttest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Zip is an archive of these files.
func Zip(files map[string]string) []byte {
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
	SheetMain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
	relations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>`
	Office    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// Word is a text with more parts, or others.
func Word(more map[string]string) []byte {
	files := map[string]string{
		"[Content_Types].xml": `<?xml version="1.0" encoding="UTF-8"?><Types><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="` + wordMain + `"/></Types>`,
		"_rels/.rels":         fmt.Sprintf(relations, `<Relationship Id="r1" Type="`+Office+`officeDocument" Target="word/document.xml"/>`),
		"word/document.xml":   `<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Đơn đề nghị</w:t></w:r></w:p></w:body></w:document>`,
	}
	for name, content := range more {
		files[name] = content
	}
	return Zip(files)
}

// Related is a part that relates the text to something outside it.
func Related(kind, target string) map[string]string {
	return map[string]string{"word/_rels/document.xml.rels": fmt.Sprintf(relations, `<Relationship Id="r9" Type="`+kind+`" Target="`+target+`" TargetMode="External"/>`)}
}

// HostileOffice are office files that a site must not take, with why.
func HostileOffice() map[string]Hostile {
	type c = Hostile
	text := func(body string) c {
		return c{Word(map[string]string{"word/document.xml": body}), "document.active"}
	}
	locked := Word(nil)
	at := bytes.LastIndex(locked, []byte("PK\x01\x02"))
	locked[at+8] |= 1
	many := map[string]string{}
	for i := range 6_000 {
		many[fmt.Sprintf("word/media/%d.txt", i)] = ""
	}
	return map[string]c{
		"macros":               {Word(map[string]string{"word/vbaProject.bin": "\xd0\xcf\x11\xe0"}), "document.active"},
		"macro type":           {Word(map[string]string{"[Content_Types].xml": `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>`}), "document.active"},
		"entities":             text(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`),
		"billion laughs":       text(`<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>`),
		"entities elsewhere":   {Word(map[string]string{"word/media/a.dat": `<!DOCTYPE x [<!ENTITY e SYSTEM "http://x">]><x>&e;</x>`}), "document.active"},
		"entities in UTF-16":   {Word(map[string]string{"word/a.xml": "\xff\xfe<\x00!\x00D\x00O\x00C\x00T\x00Y\x00P\x00E\x00"}), "document.broken"},
		"template elsewhere":   {Word(Related(Office+"attachedTemplate", "http://x/a.dotm")), "document.active"},
		"picture elsewhere":    {Word(Related(Office+"image", "http://x/a.png")), "document.active"},
		"script as link":       {Word(Related(Office+"hyperlink", "javascript:alert(1)")), "document.active"},
		"file as link":         {Word(Related(Office+"hyperlink", "file://///server/share")), "document.active"},
		"ole":                  {Word(map[string]string{"word/embeddings/oleObject1.bin": "\xd0\xcf\x11\xe0"}), "document.active"},
		"ole under no name":    {Word(map[string]string{"word/media/a.png": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}), "document.active"},
		"activex":              {Word(map[string]string{"word/activeX/activeX1.xml": "<x/>"}), "document.active"},
		"nested archive":       {Word(map[string]string{"word/media/a.png": string(Zip(map[string]string{"a": "b"}))}), "document.active"},
		"program":              {Word(map[string]string{"word/media/a.png": "MZ\x90\x00"}), "document.active"},
		"dde":                  text(`<w:document xmlns:w="w"><w:p><w:r><w:instrText>DDEA</w:instrText></w:r><w:r><w:instrText>UTO c:\\cmd "/k"</w:instrText></w:r></w:p></w:document>`),
		"dde in one":           text(`<w:document xmlns:w="w"><w:fldSimple w:instr=" DDE excel a b "/></w:document>`),
		"slips out":            {Word(map[string]string{"../../etc/cron.d/x": "x"}), "document.broken"},
		"slips out on Windows": {Word(map[string]string{`..\..\x`: "x"}), "document.broken"},
		"absolute":             {Word(map[string]string{"/etc/passwd": "x"}), "document.broken"},
		"twice":                {Word(map[string]string{"word/A.xml": "<a/>", "word/a.xml": "<b/>"}), "document.broken"},
		"encrypted":            {locked, "document.broken"},
		"bomb":                 {Word(map[string]string{"word/media/a.txt": strings.Repeat("\x00", 100<<20)}), "document.unpacks"},
		"many entries":         {Word(many), "document.unpacks"},
		"no main part":         {Word(map[string]string{"[Content_Types].xml": "<Types/>"}), "document.broken"},
		"XML that breaks off":  {Word(map[string]string{"word/document.xml": "<a><b>"}), "document.broken"},
		"deep XML":             {Word(map[string]string{"word/document.xml": strings.Repeat("<a>", 100_000) + strings.Repeat("</a>", 100_000)}), "document.broken"},
	}
}

// SPDX-License-Identifier: Apache-2.0

package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What an office file (ECMA-376) may unpack to: more would fill the memory of who
// opens it.
const (
	mostEntries   = 5_000
	mostUnpacked  = 256 << 20 // bytes
	mostRatio     = 200       // of unpacked to packed, once it is more than smallUnpacked
	smallUnpacked = 10 << 20
)

// mains are the types of the main part of the files that are taken: those with
// macros have others.
var mains = map[string]bool{
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": true,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml":       true,
}

// Parts and relations through which an office file does something, holds other
// files or fetches them.
var (
	activeParts     = regexp.MustCompile(`(?i)vba|macro|activex|embeddings/|/ctrlprops/|customui|externallink|\.(bin|exe|dll|js|vbs|hta|lnk|html?|mht|rtf|swf|jar|zip|rar|7z|docx?|xlsx?|docm|xlsm|pptx?)$`)
	settingsOfPrint = regexp.MustCompile(`(?i)^(xl|word)/printerSettings/printerSettings\d+\.bin$`)
	activeRelations = regexp.MustCompile(`(?i)vba|macro|activex|oleobject|/package$|/control$|afchunk|externallink|attachedtemplate|subdocument|/frame$|webextension`)
	linksOut        = regexp.MustCompile(`(?i)^(https?://|mailto:|tel:|#)`)
	activeFields    = regexp.MustCompile(`(?i)\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|MACROBUTTON)\b|\bLINK\s+\w+\.\w`)
)

var (
	errActive = errors.New("does something")
	errUnpack = errors.New("unpacks to too much")
	errWrong  = errors.New("is not as it should be")
)

// examineOffice refuses an office file with macros, with other files in it, that
// fetches something when it is opened, or that would unpack to too much.
func examineOffice(content []byte) findings {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || !bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return refused("document.broken")
	}
	if bytes.Contains(content[:min(len(content), 2048)], []byte("%PDF-")) {
		return refused("document.two_in_one")
	}
	if len(z.File) > mostEntries {
		return refused("document.unpacks")
	}
	o := office{left: min(mostUnpacked, max(smallUnpacked, mostRatio*int64(len(content)))), seen: map[string]bool{}}
	for _, f := range z.File {
		if err = o.part(f); err != nil {
			break
		}
	}
	switch {
	case err == nil && o.main:
		return findings{}
	case errors.Is(err, errActive):
		return refused("document.active")
	case errors.Is(err, errUnpack):
		return refused("document.unpacks")
	}
	return refused("document.broken")
}

// office is an office file that is looked through, part by part.
type office struct {
	left int64 // bytes that it may still unpack to
	seen map[string]bool
	main bool // the main part is of a type that is taken
}

func (o *office) part(f *zip.File) error {
	name := strings.ToLower(f.Name)
	switch {
	case !safePath(f.Name) || o.seen[name] || f.Flags&1 != 0 || f.Method != zip.Store && f.Method != zip.Deflate || !f.Mode().IsRegular() && !f.Mode().IsDir():
		return errWrong
	case activeParts.MatchString(name) && !settingsOfPrint.MatchString(f.Name):
		return errActive
	}
	o.seen[name] = true
	r, err := f.Open()
	if err != nil {
		return errWrong
	}
	defer r.Close()
	within := &allowance{r, &o.left}
	head := make([]byte, 512)
	n, err := io.ReadFull(within, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return wrongUnless(err)
	}
	head = head[:n]
	whole := io.MultiReader(bytes.NewReader(head), within)
	switch ext := path.Ext(name); {
	case isFile(head):
		return errActive
	case ext == ".xml" || ext == ".rels" || ext == ".vml" || isXML(head):
		return wrongUnless(o.xml(f.Name, whole))
	}
	_, err = io.Copy(io.Discard, whole)
	return wrongUnless(err)
}

// safePath is true for a name that stays in the archive wherever it is unpacked.
func safePath(name string) bool {
	clean := path.Clean("/" + name)[1:]
	return name != "" && clean == strings.TrimSuffix(name, "/") && !strings.ContainsAny(name, "\\:") && utf8.ValidString(name) &&
		!strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
}

// isFile is true for the beginning of what is a file of its own: a document, an
// archive or a program.
func isFile(head []byte) bool {
	for _, magic := range []string{"PK\x03\x04", "PK\x05\x06", "\xd0\xcf\x11\xe0", "MZ", "\x7fELF", "%PDF-", "Rar!", "7z\xbc\xaf", "\x1f\x8b", "#!", "{\\rtf"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// isXML is true for the beginning of XML under any name and in any encoding.
func isXML(head []byte) bool {
	text := bytes.TrimLeft(head, "\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
	return len(text) > 0 && text[0] == '<'
}

// wrongUnless keeps what is said of a file, and makes anything else that it is not
// as it should be.
func wrongUnless(err error) error {
	if err == nil || errors.Is(err, errActive) || errors.Is(err, errUnpack) {
		return err
	}
	return errWrong
}

// allowance reads no more than is left for the whole file.
type allowance struct {
	io.Reader
	left *int64
}

func (a *allowance) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if *a.left -= int64(n); *a.left < 0 {
		return 0, errUnpack
	}
	return n, err
}

// xml looks through a part: no definitions of its own (XML entities fetch files and
// grow without end), no relation that fetches or runs something, no field that does.
func (o *office) xml(name string, r io.Reader) error {
	d := xml.NewDecoder(r)
	var instructions strings.Builder
	depth, field := 0, false
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.Directive:
			return errActive
		case xml.StartElement:
			if depth++; depth > 1_000 {
				return errWrong
			}
			if err := o.element(name, t); err != nil {
				return err
			}
			field = t.Name.Local == "instrText"
			if t.Name.Local == "fldSimple" {
				instructions.WriteString(" " + attribute(t, "instr") + " ")
			}
		case xml.EndElement:
			depth--
			field = false
		case xml.CharData:
			if field && instructions.Len() < 1<<20 {
				instructions.Write(t)
			}
		}
	}
	if depth != 0 {
		return errWrong
	}
	if activeFields.MatchString(instructions.String()) {
		return errActive
	}
	return nil
}

func (o *office) element(part string, e xml.StartElement) error {
	switch {
	case e.Name.Local == "Relationship":
		to := attribute(e, "Target")
		outside := strings.EqualFold(attribute(e, "TargetMode"), "External")
		link := strings.HasSuffix(attribute(e, "Type"), "/hyperlink") && linksOut.MatchString(to)
		if activeRelations.MatchString(attribute(e, "Type")) || outside && !link || !outside && strings.Contains(to, ":") {
			return errActive
		}
	case part == "[Content_Types].xml" && (e.Name.Local == "Override" || e.Name.Local == "Default"):
		kind := attribute(e, "ContentType")
		if activeRelations.MatchString(kind) {
			return errActive
		}
		o.main = o.main || mains[kind]
	}
	return nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

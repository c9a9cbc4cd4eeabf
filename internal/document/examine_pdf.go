// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// What a PDF may not do when it is opened (ISO 32000-2, 12.6 and 7.11): run
// anything, fetch or send anything, hold another file, be a form of another kind.
var (
	// activeKeys make a dictionary one that does something, whatever they say.
	activeKeys = []string{"JS", "JavaScript", "AA", "XFA", "EF", "RichMediaContent", "RichMediaSettings"}
	// activeTypes are what the /S of an action or the /Subtype of a note says.
	activeTypes = []string{"JavaScript", "Launch", "SubmitForm", "ImportData", "Rendition", "Movie", "Sound", "GoToR", "GoToE", "RichMediaExecute", "GoTo3DView", "Trans3D",
		"RichMedia", "FileAttachment", "Screen", "3D"}
	// activeAnywhere are names that are too long to stand in a file by chance:
	// they are looked for in every byte, also where no reader should look.
	activeAnywhere = []string{"JavaScript", "EmbeddedFile", "SubmitForm", "ImportData", "RichMedia", "FileAttachment", "Launch"}
)

const (
	pdfDecoded = 16 << 20 // bytes of one stream of objects
	pdfObjects = 1_000_000
	pdfDepth   = 100 // of objects in objects
)

// examinePDF refuses a PDF that does something, that hides what is in it, that is
// another file too, or that cannot be read; of others it counts the pages.
func examinePDF(content []byte) findings {
	if isArchiveToo(content) || !endsAsPDF(content) {
		return refused("document.two_in_one")
	}
	switch {
	case names(content, "Encrypt"):
		return refused("document.locked")
	case names(content, activeAnywhere...):
		return refused("document.active")
	}
	ctx, cancel := context.WithTimeout(context.Background(), examineTime)
	defer cancel()
	model.ConfigPath = "disable" // no settings from this machine
	conf := model.NewDefaultConfiguration()
	conf.Offline, conf.DecodeAllStreams = true, false
	conf.Limits = model.ResourceLimits{MaxStreamBytes: MaxBytes, MaxDecodeBytes: pdfDecoded, MaxImagePixels: 1, MaxImageBytes: 1,
		MaxObjectCount: pdfObjects, MaxObjectStreamCount: pdfObjects, MaxObjectStreamFirst: pdfDecoded, MaxXRefEntries: pdfObjects, MaxRecursionDepth: pdfDepth}
	read, err := pdfcpu.ReadWithContext(ctx, bytes.NewReader(content), conf)
	if err != nil {
		return refused("document.broken")
	}
	if read.Encrypt != nil {
		return refused("document.locked")
	}
	w, active := pdfWalk{ctx: ctx, read: read}, false
	for number, e := range read.Table {
		if e == nil || e.Free {
			continue
		}
		o := w.object(number)
		if o == nil && e.Offset != nil && *e.Offset != 0 {
			w.blind = true
		}
		if w.acts(o, 0) {
			active = true
			break
		}
	}
	pages := w.pages()
	switch {
	case w.blind:
		return refused(unreadable)
	case active:
		return refused("document.active")
	case pages == 0:
		return refused("document.broken")
	}
	return findings{Pages: pages}
}

// endsAsPDF is true when nothing follows the last end of the file's parts.
func endsAsPDF(content []byte) bool {
	end := bytes.LastIndex(content, []byte("%%EOF"))
	return end < 0 || len(bytes.Trim(content[end+5:], "\x00\t\n\f\r ")) == 0 // without an end it is for the reader to say
}

// isArchiveToo is true when the content is a ZIP for who reads it from its end.
func isArchiveToo(content []byte) bool {
	tail := content[max(0, len(content)-(64<<10)-22):]
	for at := bytes.LastIndex(tail, []byte("PK\x05\x06")); at >= 0; at = bytes.LastIndex(tail[:at], []byte("PK\x05\x06")) {
		if at+22 <= len(tail) && at+22+int(tail[at+20])+int(tail[at+21])<<8 >= len(tail) {
			return true
		}
	}
	return false
}

// names is true when one of these names stands in the bytes, written plainly or
// with #xx.
func names(content []byte, wanted ...string) bool {
	for {
		at := bytes.IndexByte(content, '/')
		if at < 0 {
			return false
		}
		content = content[at+1:]
		name := plainName(content)
		if slices.ContainsFunc(wanted, func(n string) bool { return n == string(name) }) {
			return true
		}
	}
}

// plainName is the name that begins here, as it is meant; one that is longer than
// any that is looked for is cut.
func plainName(b []byte) []byte {
	var name [20]byte
	n := 0
	for i := 0; i < len(b) && n < len(name); i, n = i+1, n+1 {
		switch c := b[i]; {
		case c <= ' ' || bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0:
			return name[:n]
		case c == '#' && i+2 < len(b):
			if _, err := hex.Decode(name[n:n+1], b[i+1:i+3]); err == nil {
				i += 2
				continue
			}
			fallthrough
		default:
			name[n] = c
		}
	}
	return name[:n]
}

// pdfWalk looks at every object of a PDF, whether anything leads to it or not.
type pdfWalk struct {
	ctx     context.Context
	read    *model.Context
	decoded int64 // bytes of streams of objects
	blind   bool  // something in it could not be looked at
}

// object is the object of a number; nil for one that is not there.
func (w *pdfWalk) object(number int) types.Object {
	e := w.read.Table[number]
	if e == nil {
		return nil
	}
	packed, ok := e.Object.(types.LazyObjectStreamObject)
	if !ok {
		return e.Object
	}
	o, err := packed.DecodedObject(w.ctx)
	w.blind = w.blind || err != nil
	return o
}

// acts is true when an object does something.
func (w *pdfWalk) acts(o types.Object, depth int) bool {
	if depth > pdfDepth {
		w.blind = true
		return true
	}
	switch o := o.(type) {
	case types.Dict:
		return w.dictActs(o, depth)
	case types.Array:
		return slices.ContainsFunc(o, func(x types.Object) bool { return w.acts(x, depth+1) })
	case types.StreamDict:
		return w.streamActs(&o, depth)
	case *types.StreamDict:
		return w.streamActs(o, depth)
	case types.ObjectStreamDict:
		return w.streamActs(&o.StreamDict, depth)
	case *types.ObjectStreamDict:
		return w.streamActs(&o.StreamDict, depth)
	case types.XRefStreamDict:
		return w.streamActs(&o.StreamDict, depth)
	case *types.XRefStreamDict:
		return w.streamActs(&o.StreamDict, depth)
	}
	return false
}

// streamActs is true when a stream takes its content from elsewhere, or when what
// it holds are objects, perhaps of an earlier state of the file, and they act.
func (w *pdfWalk) streamActs(s *types.StreamDict, depth int) bool {
	if _, elsewhere := s.Dict["F"]; elsewhere || w.dictActs(s.Dict, depth) {
		return true
	}
	_, n := s.Dict["N"]
	_, first := s.Dict["First"]
	if s.Content == nil && n && first {
		if w.decoded > 4*pdfDecoded || s.DecodeWithLimit(pdfDecoded) != nil {
			w.blind = true
			return true
		}
		w.decoded += int64(len(s.Content))
	}
	return n && first && names(s.Content, activeAnywhere...)
}

func (w *pdfWalk) dictActs(d types.Dict, depth int) bool {
	for key, value := range d {
		switch key = string(plainName([]byte(key))); {
		case slices.Contains(activeKeys, key):
			return true
		case key == "S" || key == "Subtype" || key == "Type":
			if n, ok := w.deref(value).(types.Name); ok && w.actsAs(key, string(plainName([]byte(n)))) {
				return true
			}
		case key == "EmbeddedFiles": // programs write the list also when nothing is in it
			list, _ := w.deref(value).(types.Dict)
			files, _ := w.deref(list["Names"]).(types.Array)
			if _, more := list["Kids"]; more || len(files) > 0 {
				return true
			}
		case key == "OpenAction":
			if a, ok := w.deref(value).(types.Dict); ok && !w.goesTo(a) {
				return true
			}
		}
		if w.acts(value, depth+1) {
			return true
		}
	}
	return false
}

func (w *pdfWalk) actsAs(key, name string) bool {
	return key == "Type" && name == "EmbeddedFile" || key != "Type" && slices.Contains(activeTypes, name)
}

// goesTo is true for the one thing that a file may do by itself: show a place in it.
func (w *pdfWalk) goesTo(action types.Dict) bool {
	s, ok := w.deref(action["S"]).(types.Name)
	_, more := action["Next"]
	return ok && s == "GoTo" && !more
}

// deref is what a reference stands for; nil for what is not there.
func (w *pdfWalk) deref(o types.Object) types.Object {
	for range pdfDepth {
		r, ok := o.(types.IndirectRef)
		if !ok {
			return o
		}
		o = w.object(r.ObjectNumber.Value())
	}
	return nil
}

// pages counts the pages by walking their tree, each branch once; 0 if there is none.
func (w *pdfWalk) pages() int {
	if w.read.Root == nil {
		return 0
	}
	root, _ := w.deref(*w.read.Root).(types.Dict)
	seen := map[int]bool{}
	n := 0
	for ahead := []types.Object{root["Pages"]}; len(ahead) > 0; {
		o := ahead[len(ahead)-1]
		ahead = ahead[:len(ahead)-1]
		if r, ok := o.(types.IndirectRef); ok {
			if seen[r.ObjectNumber.Value()] {
				return 0 // a tree does not come back to itself
			}
			seen[r.ObjectNumber.Value()] = true
		}
		node, ok := w.deref(o).(types.Dict)
		if !ok {
			return 0
		}
		kids, branch := w.deref(node["Kids"]).(types.Array)
		if !branch {
			n++
		}
		ahead = append(ahead, kids...)
	}
	return n
}

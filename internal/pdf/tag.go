// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// The library draws, but knows nothing of logical structure. So what is drawn is
// marked on the page, each mark is noted under its element, and the elements are
// put into the finished file (ISO 32000-1, 14.7 and 14.8).

// element is a part of the logical structure, which is read aloud in its order.
type element struct {
	kind   string // "P"
	more   string // further entries of its dictionary
	parent *element
	kids   []any // *element, mark
	object int   // its number in the file
}

// mark is a piece of a page that belongs to an element.
type mark struct{ page, id int }

// structure is the logical structure of a file being drawn.
type structure struct {
	root  element      // the document
	at    *element     // what is being drawn
	marks [][]*element // by page, by id
}

// child makes an element within the one being drawn.
func (d *File) child(kind, more string) *element {
	e := &element{kind: kind, more: more, parent: d.at}
	d.at.kids = append(d.at.kids, e)
	return e
}

// within draws what belongs to an element; what belongs to none is not read.
func (d *File) within(e *element, draw func()) {
	before := d.at
	d.at = e
	draw()
	d.at = before
}

// marked draws one piece of the element being drawn; no page may end within it.
func (d *File) marked(draw func()) {
	if d.at == nil {
		d.artifact(repeated, draw)
		return
	}
	page := d.f.PageNo() - 1
	for len(d.marks) <= page {
		d.marks = append(d.marks, nil)
	}
	m := mark{page, len(d.marks[page])}
	d.marks[page] = append(d.marks[page], d.at)
	d.at.kids = append(d.at.kids, m)
	d.f.RawWriteStr(fmt.Sprintf("/%s <</MCID %d>> BDC", d.at.kind, m.id))
	draw()
	d.f.RawWriteStr("EMC")
}

// artifact draws what is on the paper but not read aloud.
func (d *File) artifact(properties string, draw func()) {
	d.f.RawWriteStr("/Artifact <<" + properties + ">> BDC")
	draw()
	d.f.RawWriteStr("EMC")
}

const (
	decoration = "/Type /Layout"
	repeated   = "/Type /Pagination"
)

// literal is a text as PDF writes it outside of pages.
func literal(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String() + ">"
}

// tagged puts the structure into the finished file.
func (d *File) tagged(raw []byte) ([]byte, error) {
	offsets, table, err := objects(raw)
	if err != nil {
		return nil, err
	}
	w := &writer{offsets: make([]int, len(offsets))}
	w.WriteString("%PDF-1.7")
	catalog := len(offsets) - 1 // the library writes it last
	root := catalog + 1
	next := root + 1
	number(&d.root, &next)
	order := make([]int, 0, len(offsets))
	for id := 1; id <= catalog; id++ {
		order = append(order, id)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(offsets[a], offsets[b]) })
	w.Write(raw[w.Len():offsets[order[0]]])
	var pages []int
	for i, id := range order {
		end := table
		if i+1 < len(order) {
			end = offsets[order[i+1]]
		}
		body := raw[offsets[id]:end]
		head, more := fmt.Sprintf("%d 0 obj\n<<", id), ""
		switch {
		case id == catalog:
			more = fmt.Sprintf("/MarkInfo <</Marked true>> /StructTreeRoot %d 0 R /ViewerPreferences <</DisplayDocTitle true>>\n", root)
		case bytes.HasPrefix(body, []byte(head+"/Type /Page\n")):
			more = fmt.Sprintf("/StructParents %d /Tabs /S\n", len(pages))
			pages = append(pages, id)
		}
		w.offsets[id] = w.Len()
		if more != "" {
			w.WriteString(head + more)
			body = body[len(head):]
		}
		w.Write(body)
	}
	w.structure(d, root, pages)
	w.trailer(catalog)
	return w.Bytes(), nil
}

// objects reads where the objects of a file stand that the library wrote, by
// their numbers, and where its table of them stands.
func objects(raw []byte) (offsets []int, table int, err error) {
	_, tail, _ := strings.Cut(string(raw[max(0, len(raw)-64):]), "startxref\n")
	if table, err = strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(tail), "\n%%EOF")); err != nil || table >= len(raw) {
		return nil, 0, fmt.Errorf("no table of objects: %w", err)
	}
	lines := strings.Split(string(raw[table:]), "\n")
	for _, line := range lines[2:] { // after "xref" and "0 N"
		if len(line) != 19 {
			break
		}
		at, err := strconv.Atoi(line[:10])
		if err != nil {
			return nil, 0, err
		}
		offsets = append(offsets, at)
	}
	if len(offsets) < 3 {
		return nil, 0, fmt.Errorf("table of %d objects", len(offsets))
	}
	return offsets, table, nil
}

// number gives the elements their numbers.
func number(e *element, next *int) {
	e.object = *next
	*next++
	for _, k := range e.kids {
		if child, ok := k.(*element); ok {
			number(child, next)
		}
	}
}

// writer writes objects and remembers where they stand.
type writer struct {
	bytes.Buffer
	offsets []int
}

func (w *writer) object(id int, body string) {
	w.offsets = append(w.offsets, w.Len())
	fmt.Fprintf(w, "%d 0 obj\n<<%s>>\nendobj\n", id, body)
}

// structure writes the root of the structure and its elements, in the order of
// their numbers.
func (w *writer) structure(d *File, root int, pages []int) {
	var parents strings.Builder
	for page, marks := range d.marks {
		fmt.Fprintf(&parents, "%d [", page)
		for _, e := range marks {
			fmt.Fprintf(&parents, "%d 0 R ", e.object)
		}
		parents.WriteString("]\n")
	}
	w.object(root, fmt.Sprintf("/Type /StructTreeRoot /K [%d 0 R] /ParentTreeNextKey %d /ParentTree <</Nums [\n%s]>>", d.root.object, len(pages), &parents))
	w.element(&d.root, root, pages)
}

func (w *writer) element(e *element, parent int, pages []int) {
	own, kids, page := "", make([]string, len(e.kids)), -1
	for i, k := range e.kids {
		switch k := k.(type) {
		case *element:
			kids[i] = fmt.Sprintf("%d 0 R", k.object)
		case mark:
			if page < 0 {
				page, own = k.page, fmt.Sprintf(" /Pg %d 0 R", pages[k.page])
			}
			if kids[i] = strconv.Itoa(k.id); k.page != page {
				kids[i] = fmt.Sprintf("<</Type /MCR /Pg %d 0 R /MCID %d>>", pages[k.page], k.id)
			}
		}
	}
	w.object(e.object, fmt.Sprintf("/Type /StructElem /S /%s /P %d 0 R%s%s /K [%s]", e.kind, parent, own, e.more, strings.Join(kids, " ")))
	for _, k := range e.kids {
		if child, ok := k.(*element); ok {
			w.element(child, e.object, pages)
		}
	}
}

func (w *writer) trailer(catalog int) {
	table := w.Len()
	fmt.Fprintf(w, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets))
	for _, at := range w.offsets[1:] {
		fmt.Fprintf(w, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(w, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(w.offsets), catalog, catalog-1, table)
}

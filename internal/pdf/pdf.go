// SPDX-License-Identifier: Apache-2.0

// Package pdf is the layout of our papers: letterhead, title, paragraphs,
// labelled values, tables, signatures and a QR code, over a PDF library.
//
// It knows nothing of the field. The same input gives the same bytes: nothing
// in a paper comes from the clock or from chance. Start at New.
package pdf

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"golang.org/x/text/unicode/norm"
)

//go:embed font/tinos-regular.ttf
var regular []byte

//go:embed font/tinos-bold.ttf
var bold []byte

//go:embed font/tinos-italic.ttf
var italic []byte

// scripts are the letters that papers are set in: Latin, Vietnamese, Greek and
// Cyrillic, with signs.
var scripts = [][2]rune{{0x20, 0x24f}, {0x2b0, 0x45f}, {0x1e00, 0x1eff}, {0x2000, 0x206f}, {0x20a0, 0x20bf}, {0x2100, 0x22ff}, {0x25a0, 0x25ff}}

// cut are the fonts by style, without the other scripts: the library reads all
// letters of a font for each paper, which is a third of the time a paper takes.
var cut = sync.OnceValue(func() map[string][]byte {
	var letters []rune
	for _, s := range scripts {
		for r := s[0]; r <= s[1]; r++ {
			letters = append(letters, r)
		}
	}
	fonts := map[string][]byte{}
	for style, font := range map[string][]byte{"": regular, "B": bold, "I": italic} {
		fonts[style] = fpdf.UTF8CutFont(font, string(letters))
	}
	return fonts
})

// Format is the sheet a paper is laid down on.
type Format int

// The sheets of our papers: most are A4; receipts and slips are A5 and registers
// A4, both on their side.
const (
	A4 Format = iota
	A5Wide
	A4Wide
)

// sheets are the formats as the library names them, with the margin in mm and
// the size of the body in points.
var sheets = map[Format]struct {
	orientation, size string
	margin, body      float64
}{A4: {"P", "A4", 20, 12.5}, A5Wide: {"L", "A5", 12, 11}, A4Wide: {"L", "A4", 10, 9.5}}

// Options is what a paper is as a file.
type Options struct {
	Title     string
	Subject   string
	Author    string
	Footer    string    // said at the foot of each page, before the page number
	CreatedAt time.Time // of the data it is drawn from, not of the drawing
	Format    Format
	Watermark string // "MẪU", "DỰ THẢO"
}

// File is a PDF file of one paper, or of several to be printed in one go. It is
// named after its first paper unless it has a Title.
type File struct {
	Title string
	f     *fpdf.Fpdf
	last  *Paper
	fonts map[string]bool // those in use, by style
	structure
}

// Paper is a paper being drawn, top to bottom.
type Paper struct {
	*File
	o     Options
	first int     // page
	width float64 // of the text
	left  float64
	body  float64 // size of the text, in points
}

const (
	family = "Tinos"
	point  = 25.4 / 72 // in mm
)

// New begins a paper in a file of its own.
func New(o Options) *Paper { return new(File).Begin(o) }

// Begin begins a paper on a new page; the one before it ends.
func (d *File) Begin(o Options) *Paper {
	if d.f == nil {
		d.open(o)
	} else {
		d.last.end()
	}
	sheet := sheets[o.Format]
	p := &Paper{File: d, o: o, first: d.f.PageNo() + 1, left: sheet.margin, body: sheet.body}
	d.last = p
	d.f.SetMargins(sheet.margin, sheet.margin, sheet.margin)
	d.f.SetAutoPageBreak(false, sheet.margin)
	p.page()
	w, _ := d.f.GetPageSize()
	p.width = w - 2*sheet.margin
	p.font("", 0)
	return p
}

func (d *File) open(o Options) {
	if d.Title == "" {
		d.Title = o.Title
	}
	f := fpdf.New("P", "mm", "A4", "")
	d.f, d.fonts, d.root = f, map[string]bool{}, element{kind: "Document"}
	d.at = &d.root
	f.SetCatalogSort(true)
	f.SetCreationDate(o.CreatedAt.UTC())
	f.SetModificationDate(o.CreatedAt.UTC())
	f.SetTitle(clean(d.Title), true)
	f.SetSubject(clean(o.Subject), true)
	f.SetAuthor(clean(o.Author), true)
	f.SetProducer("Một Cửa", true)
	f.SetLang("vi-VN")
}

// page begins a page.
func (p *Paper) page() {
	sheet := sheets[p.o.Format]
	p.f.AddPageFormat(sheet.orientation, p.f.GetPageSizeStr(sheet.size))
	if p.o.Watermark != "" {
		style := p.f.GetFontStyle()
		size, _ := p.f.GetFontSize()
		p.artifact(repeated+" /Subtype /Watermark", func() { p.watermark(clean(p.o.Watermark)) })
		p.use(style, size)
	}
}

// end draws the feet of the paper's pages, now that their number is known.
func (p *Paper) end() {
	last := p.f.PageNo()
	_, h := p.f.GetPageSize()
	y := h - 12 + 0.5*5 + 0.3*8*point
	p.f.SetTextColor(90, 90, 90)
	for n := p.first; n <= last; n++ {
		p.f.SetPage(n)
		p.use("", 8.5) // so that the library sets the font on this page, whatever it was
		p.use("", 8)
		p.artifact(repeated+" /Subtype /Footer", func() {
			p.f.Text(p.left, y, clean(p.o.Footer))
			count := fmt.Sprintf("%d/%d", n-p.first+1, last-p.first+1)
			p.f.Text(p.left+p.width-p.f.GetStringWidth(count), y, count)
		})
	}
	p.f.SetTextColor(0, 0, 0)
}

// clean makes text fit for paper: NFC, no control characters; characters
// beyond the font's plane become a visible box rather than fail the paper.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r < ' ' || r == 0x7f:
			return -1
		case r > 0xffff:
			return '□'
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "□")))
}

// use sets a font, and takes it into the file when it is first used: each costs
// time and memory.
func (d *File) use(style string, size float64) {
	if !d.fonts[style] {
		d.fonts[style] = true
		d.f.AddUTF8FontFromBytes(family, style, cut()[style])
	}
	d.f.SetFont(family, style, size)
}

func (p *Paper) font(style string, larger float64) { p.use(style, p.body+larger) }

func (p *Paper) line() float64 { return p.body * point * 1.3 }

func (p *Paper) watermark(text string) {
	w, h := p.f.GetPageSize()
	p.use("B", 90)
	p.f.SetTextColor(225, 225, 225)
	p.f.TransformBegin()
	p.f.TransformRotate(45, w/2, h/2)
	p.f.Text(w/2-p.f.GetStringWidth(text)/2, h/2, text)
	p.f.TransformEnd()
	p.f.SetTextColor(0, 0, 0)
}

// wrap breaks text into lines no wider than w, at spaces where it can. A line
// that is followed by another keeps its space, or gets one, so that who copies
// it or hears it has the words apart; a word that was broken gets none.
func (p *Paper) wrap(s string, w float64) []string {
	_, size := p.f.GetFontSize() // in mm
	most := int((w - 2*p.f.GetCellMargin()) * 1000 / size)
	var lines []string
	for part := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		if len(lines) > 0 {
			lines[len(lines)-1] += " "
		}
		start, space, width := 0, 0, 0
		for i, r := range part {
			if width += p.f.GetStringSymbolWidth(string(r)); r == ' ' {
				space = i + 1
			} else if width > most && i > start {
				end := i
				if space > start {
					end = space
				}
				lines = append(lines, part[start:end])
				start, width = end, p.f.GetStringSymbolWidth(part[end:i+utf8.RuneLen(r)])
			}
		}
		lines = append(lines, part[start:])
	}
	return lines
}

// print draws lines in a box, from the current height down.
func (p *Paper) print(x, w, lead float64, lines []string, align string) {
	_, size := p.f.GetFontSize()
	for _, line := range lines {
		p.keep(lead)
		y := p.f.GetY()
		if seen := strings.TrimRight(line, " "); seen != "" {
			at := x + p.f.GetCellMargin()
			switch align {
			case "C":
				at = x + (w-p.f.GetStringWidth(seen))/2
			case "R":
				at = x + w - p.f.GetCellMargin() - p.f.GetStringWidth(seen)
			}
			p.marked(func() { p.f.Text(at, y+lead/2+0.3*size, line) })
		}
		p.f.SetY(y + lead)
	}
}

// block draws text as an element of its own.
func (p *Paper) block(kind string, x, w, lead float64, s, align string) {
	lines := p.wrap(clean(s), w)
	if strings.TrimSpace(s) == "" {
		p.print(x, w, lead, lines, align)
		return
	}
	p.within(p.child(kind, ""), func() { p.print(x, w, lead, lines, align) })
}

// Letterhead draws the agency on the left and the name of the State and its
// motto on the right, as official papers begin (NĐ 30/2020).
func (p *Paper) Letterhead(parent, agency string) {
	y := p.f.GetY()
	leftW, rightW := p.width*0.42, p.width*0.58
	p.font("", -2)
	p.block("P", p.left, leftW, p.line(), parent, "C")
	p.font("B", -2)
	p.block("P", p.left, leftW, p.line(), agency, "C")
	p.rule(p.left+leftW/2, leftW*0.3)
	bottom := p.f.GetY()
	p.f.SetY(y)
	p.font("B", -2)
	p.block("P", p.left+leftW, rightW, p.line(), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "C")
	p.font("B", -1)
	p.block("P", p.left+leftW, rightW, p.line(), "Độc lập - Tự do - Hạnh phúc", "C")
	p.rule(p.left+leftW+rightW/2, rightW*0.45)
	p.f.SetY(max(bottom, p.f.GetY()) + 2)
	p.font("", 0)
}

func (p *Paper) rule(middle, length float64) {
	y := p.f.GetY() + 0.8
	p.f.SetLineWidth(0.25)
	p.artifact(decoration, func() { p.f.Line(middle-length/2, y, middle+length/2, y) })
	p.f.SetY(y + 1)
}

// NumberAndDate draws "Số: …" on the left and place and date on the right.
func (p *Paper) NumberAndDate(number, placeAndDate string) {
	y := p.f.GetY()
	p.font("", -1)
	p.block("P", p.left, p.width*0.42, p.line(), number, "C")
	bottom := p.f.GetY()
	p.f.SetY(y)
	p.font("I", -1)
	p.block("P", p.left+p.width*0.42, p.width*0.58, p.line(), placeAndDate, "C")
	p.f.SetY(max(bottom, p.f.GetY()) + 2)
	p.font("", 0)
}

// draw paints the dark modules as rectangles, one for each run in a row.
func (p *Paper) draw(code barcode.Barcode, x, y, size float64) {
	n := code.Bounds().Dx()
	unit := size / float64(n)
	p.f.SetFillColor(0, 0, 0)
	dark := func(i, j int) bool { r, _, _, _ := code.At(i, j).RGBA(); return r < 0x8000 }
	for j := range n {
		for i := 0; i < n; i++ {
			run := 0
			for i+run < n && dark(i+run, j) {
				run++
			}
			if run > 0 {
				p.f.Rect(x+float64(i)*unit, y+float64(j)*unit, float64(run)*unit, unit, "F")
				i += run
			}
		}
	}
}

// Title draws a centred heading, and a line below it if there is one.
func (p *Paper) Title(title, below string) { p.title(title, below, 0) }

// codeSize is the side of a QR code in mm: enough that one of 160 letters is read
// by a phone, and from a scan of 150 dots to the inch.
const codeSize = 25

// CodedTitle draws a QR code of a text on the left, and a title beside it.
func (p *Paper) CodedTitle(title, below, text string) error {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return fmt.Errorf("qr: %w", err)
	}
	p.keep(codeSize)
	x, y := p.left, p.f.GetY()
	_, h := p.f.GetPageSize()
	box := fmt.Sprintf(" /A <</O /Layout /Placement /Block /BBox [%.2f %.2f %.2f %.2f]>>", x/point, (h-y-codeSize)/point, (x+codeSize)/point, (h-y)/point)
	p.within(p.child("Figure", " /Alt "+literal("Mã QR: "+clean(text))+box), func() {
		p.marked(func() { p.draw(code, x, y, codeSize) })
	})
	p.title(title, below, codeSize+2)
	p.f.SetY(max(p.f.GetY(), y+codeSize+2))
	return nil
}

// title draws a title beside something so wide.
func (p *Paper) title(title, below string, aside float64) {
	p.f.SetY(p.f.GetY() + 1)
	p.font("B", 3)
	x, width := p.left, p.width
	if p.f.GetStringWidth(clean(title)) > p.width-2*aside { // centred on the page it would touch the code
		x, width = p.left+aside, p.width-aside
	}
	p.block("H1", x, width, p.line()*1.2, title, "C")
	if below != "" {
		p.font("B", 0)
		p.block("P", x, width, p.line(), below, "C")
	}
	p.f.SetY(p.f.GetY() + 2)
	p.font("", 0)
}

// Heading draws a heading within the text.
func (p *Paper) Heading(s string) {
	p.keep(3 * p.line())
	p.f.SetY(p.f.GetY() + 1.5)
	p.font("B", 0)
	p.block("H2", p.left, p.width, p.line(), s, "L")
	p.font("", 0)
}

// Para draws a paragraph; emphasis is "", "B" or "I".
func (p *Paper) Para(s, emphasis string) {
	p.font(emphasis, 0)
	p.block("P", p.left, p.width, p.line(), s, "L")
	p.f.SetY(p.f.GetY() + 0.8)
	p.font("", 0)
}

// Field draws a label and its value on one line, the value wrapped beside it.
func (p *Paper) Field(label, value string) {
	p.keep(2 * p.line())
	label = strings.TrimRight(clean(label), ": ") + ": "
	if value = clean(value); value == "" {
		value = "–"
	}
	p.font("", 0)
	p.within(p.child("P", ""), func() {
		y := p.f.GetY()
		w, lines := p.f.GetStringWidth(label)+1, []string{label}
		if w > p.width*0.6 {
			w, lines = 6, p.wrap(label, p.width)
			y += float64(len(lines)) * p.line()
		}
		p.print(p.left, p.width, p.line(), lines, "L")
		p.font("B", 0)
		p.f.SetY(y)
		p.print(p.left+w, p.width-w, p.line(), p.wrap(value, p.width-w), "L")
	})
	p.f.SetY(p.f.GetY() + 0.4)
	p.font("", 0)
}

// Column of a table: heading, share of the width, and alignment L, C or R. Above
// is a heading over this column and its neighbours with the same one.
type Column struct {
	Title string
	Above string
	Share float64
	Align string
}

// Table draws a table; its heading is repeated on every page.
func (p *Paper) Table(columns []Column, rows [][]string) {
	p.f.SetY(p.f.GetY() + 1)
	t := table{Paper: p, columns: columns, widths: make([]float64, len(columns)), lead: p.line() * 0.9}
	total := 0.0
	for _, c := range columns {
		total += c.Share
	}
	titles := make([]string, len(columns))
	for i, c := range columns {
		t.widths[i], titles[i] = p.width*c.Share/total, c.Title
	}
	p.font("B", -2)
	t.heading = t.wrapped(titles)
	t.group()
	p.keep(t.height(t.upper+t.lower) + t.height(1))
	p.within(p.child("Table", ""), func() {
		t.head(true)
		for _, r := range rows {
			t.row(r)
		}
	})
	p.f.SetY(p.f.GetY() + 1.5)
	p.font("", 0)
}

// table is a table being drawn.
type table struct {
	*Paper
	columns []Column
	widths  []float64
	heading [][]string
	groups  []group // headings over several columns
	upper   int     // lines of those
	lower   int     // lines below them
	lead    float64
	top     float64 // of the rows on a page that has only the heading
}

// group is a heading over the columns from one to before another.
type group struct {
	from, to int
	lines    []string
}

// group finds the headings over several columns and how high the heading is.
func (t *table) group() {
	for i, c := range t.columns {
		n := len(t.groups)
		switch {
		case c.Above == "":
		case n > 0 && t.groups[n-1].to == i && t.columns[i-1].Above == c.Above:
			t.groups[n-1].to = i + 1
		default:
			t.groups = append(t.groups, group{from: i, to: i + 1})
		}
	}
	for i := range t.groups {
		g := &t.groups[i]
		g.lines = t.wrap(clean(t.columns[g.from].Above), t.across(g.from, g.to)-1)
		t.upper = max(t.upper, len(g.lines))
	}
	for i, lines := range t.heading {
		if t.columns[i].Above != "" {
			t.lower = max(t.lower, len(lines))
		}
	}
	t.lower = max(t.lower, longest(t.heading)-t.upper)
}

// across is the width of the columns from one to before another.
func (t *table) across(from, to int) (w float64) {
	for _, x := range t.widths[from:to] {
		w += x
	}
	return w
}

func (t *table) height(lines int) float64 { return float64(lines)*t.lead + 1.5 }

// wrapped are the lines of each cell.
func (t *table) wrapped(cells []string) [][]string {
	list := make([][]string, len(cells))
	for i, c := range cells {
		list[i] = t.wrap(clean(c), t.widths[i]-1)
	}
	return list
}

func longest(cells [][]string) int {
	n := 1
	for _, lines := range cells {
		n = max(n, len(lines))
	}
	return n
}

// head draws the heading: read aloud once, only seen where it is repeated.
func (t *table) head(read bool) {
	t.font("B", -2)
	element := func(more string) *element {
		if !read {
			return nil
		}
		return t.child("TH", " /A <</O /Table /Scope /Column"+more+">>")
	}
	y, upper := t.f.GetY(), float64(t.upper)*t.lead
	h := t.height(t.upper + t.lower)
	row := func(draw func()) {
		if read {
			t.within(t.child("TR", ""), draw)
		} else {
			draw()
		}
	}
	row(func() {
		for i, c := range t.columns {
			if g := slices.IndexFunc(t.groups, func(g group) bool { return g.from == i }); g >= 0 {
				x := t.groups[g]
				t.cell(element(fmt.Sprintf(" /ColSpan %d", x.to-x.from)), t.left+t.across(0, i), y, t.across(i, x.to), upper+0.75, x.lines, "C")
			} else if c.Above == "" && len(t.groups) > 0 {
				t.cell(element(" /RowSpan 2"), t.left+t.across(0, i), y, t.widths[i], h, t.heading[i], "C")
			} else if c.Above == "" {
				t.cell(element(""), t.left+t.across(0, i), y, t.widths[i], h, t.heading[i], "C")
			}
		}
	})
	if len(t.groups) > 0 {
		row(func() {
			for i, c := range t.columns {
				if c.Above != "" {
					t.cell(element(""), t.left+t.across(0, i), y+upper+0.75, t.widths[i], h-upper-0.75, t.heading[i], "C")
				}
			}
		})
	}
	t.f.SetY(y + h)
	t.top = t.f.GetY()
	t.font("", -2)
}

// cell draws a cell as an element.
func (t *table) cell(e *element, x, y, w, h float64, lines []string, align string) {
	t.artifact(decoration, func() { t.f.Rect(x, y, w, h, "D") })
	t.f.SetY(y + 0.7)
	t.within(e, func() { t.print(x+0.5, w-1, t.lead, lines, align) })
}

// elements are the elements of a row's cells.
func (t *table) elements() []*element {
	list := make([]*element, len(t.columns))
	t.within(t.child("TR", ""), func() {
		for i := range list {
			list[i] = t.child("TD", "")
		}
	})
	return list
}

// row draws a row; one that is longer than a page goes on over the next.
func (t *table) row(texts []string) {
	left, elements := t.wrapped(texts), t.elements()
	for more := true; more; {
		n := longest(left)
		room := int((t.bottom() - t.f.GetY() - 1.5) / t.lead)
		if n > room && t.f.GetY() > t.top {
			t.page()
			t.head(false)
			continue
		}
		n = min(n, max(room, 1))
		now := make([][]string, len(left))
		more = false
		for i, lines := range left {
			k := min(n, len(lines))
			now[i], left[i] = lines[:k], lines[k:]
			more = more || len(left[i]) > 0
		}
		t.cells(elements, now, n)
	}
}

// cells draws a row of so many lines as these elements.
func (t *table) cells(elements []*element, cells [][]string, n int) {
	h, x, y := t.height(n), t.left, t.f.GetY()
	for i, lines := range cells {
		align := "C"
		if t.columns[i].Align != "" {
			align = t.columns[i].Align
		}
		t.cell(elements[i], x, y, t.widths[i], h, lines, align)
		x += t.widths[i]
	}
	t.f.SetY(y + h)
}

// Signature is who signs: the lines of the office above, the name below.
type Signature struct {
	Office []string
	Note   string // "(Ký, ghi rõ họ tên)"
	Name   string
}

// Signatures draws one to three signature blocks side by side.
func (p *Paper) Signatures(list ...Signature) {
	p.keep(5.5*p.line() + 5)
	w, y := p.width/float64(len(list)), p.f.GetY()+3
	bottom := y
	for i, s := range list {
		x := p.left + float64(i)*w
		p.f.SetY(y)
		p.font("B", -1)
		for _, line := range s.Office {
			p.block("P", x, w, p.line(), line, "C")
		}
		p.font("I", -2)
		p.block("P", x, w, p.line(), s.Note, "C")
		p.f.SetY(y + 4.5*p.line())
		p.font("B", 0)
		p.block("P", x, w, p.line(), s.Name, "C")
		bottom = max(bottom, p.f.GetY())
	}
	p.f.SetY(bottom + 2)
	p.font("", 0)
}

// bottom is how far down text may stand.
func (p *Paper) bottom() float64 {
	_, h := p.f.GetPageSize()
	return h - sheets[p.o.Format].margin
}

// keep begins a new page unless mm are left on this one.
func (p *Paper) keep(mm float64) {
	if p.f.GetY()+mm > p.bottom() {
		p.page()
	}
}

// Bytes ends the file.
func (d *File) Bytes() ([]byte, error) {
	d.last.end()
	var b bytes.Buffer
	if err := d.f.Output(&b); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return d.tagged(b.Bytes())
}

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
	"strings"
	"time"

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

// Options is what a paper is as a file.
type Options struct {
	Title     string
	Subject   string
	Author    string
	Footer    string    // said at the foot of each page, before the page number
	CreatedAt time.Time // of the data it is drawn from, not of the drawing
	Landscape bool      // A5 landscape instead of A4
	Watermark string    // "MẪU", "DỰ THẢO"
}

// Paper is a paper being drawn, top to bottom.
type Paper struct {
	f     *fpdf.Fpdf
	width float64 // of the text
	left  float64
	size  float64 // of the body, in points
	aside float64 // width that a code on the left takes, until Down
}

const family = "Tinos"

// New begins a paper.
func New(o Options) *Paper {
	orientation, size, margin, body := "P", "A4", 20.0, 12.5
	if o.Landscape {
		orientation, size, margin, body = "L", "A5", 12.0, 11.0
	}
	f := fpdf.New(orientation, "mm", size, "")
	f.AddUTF8FontFromBytes(family, "", regular)
	f.AddUTF8FontFromBytes(family, "B", bold)
	f.AddUTF8FontFromBytes(family, "I", italic)
	f.SetCatalogSort(true)
	f.SetCreationDate(o.CreatedAt.UTC())
	f.SetModificationDate(o.CreatedAt.UTC())
	f.SetTitle(clean(o.Title), true)
	f.SetSubject(clean(o.Subject), true)
	f.SetAuthor(clean(o.Author), true)
	f.SetProducer("Một Cửa", true)
	f.SetLang("vi-VN")
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(true, margin)
	f.AliasNbPages("{pages}")
	p := &Paper{f: f, left: margin, size: body}
	w, _ := f.GetPageSize()
	p.width = w - 2*margin
	f.SetHeaderFunc(func() {
		if o.Watermark != "" {
			p.watermark(clean(o.Watermark))
		}
	})
	f.SetFooterFunc(func() {
		f.SetY(-12)
		f.SetFont(family, "", 8)
		f.SetTextColor(90, 90, 90)
		f.CellFormat(p.width*3/4, 5, clean(o.Footer), "", 0, "L", false, 0, "")
		f.CellFormat(p.width/4, 5, fmt.Sprintf("%d/{pages}", f.PageNo()), "", 0, "R", false, 0, "")
		f.SetTextColor(0, 0, 0)
	})
	f.AddPage()
	p.font("", 0)
	return p
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

func (p *Paper) font(style string, larger float64) { p.f.SetFont(family, style, p.size+larger) }

func (p *Paper) line() float64 { return p.size * 0.3528 * 1.3 }

func (p *Paper) watermark(text string) {
	w, h := p.f.GetPageSize()
	p.f.SetFont(family, "B", 90)
	p.f.SetTextColor(225, 225, 225)
	p.f.TransformBegin()
	p.f.TransformRotate(45, w/2, h/2)
	p.f.Text(w/2-p.f.GetStringWidth(text)/2, h/2, text)
	p.f.TransformEnd()
	p.f.SetTextColor(0, 0, 0)
	p.font("", 0)
}

// Letterhead draws the agency on the left and the name of the State and its
// motto on the right, as official papers begin (NĐ 30/2020).
func (p *Paper) Letterhead(parent, agency string) {
	y := p.f.GetY()
	leftW, rightW := p.width*0.42, p.width*0.58
	p.font("", -2)
	p.f.SetXY(p.left, y)
	p.f.MultiCell(leftW, p.line(), clean(parent), "", "C", false)
	p.font("B", -2)
	p.f.SetX(p.left)
	p.f.MultiCell(leftW, p.line(), clean(agency), "", "C", false)
	p.rule(p.left+leftW/2, leftW*0.3)
	bottom := p.f.GetY()
	p.f.SetXY(p.left+leftW, y)
	p.font("B", -2)
	p.f.MultiCell(rightW, p.line(), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "", "C", false)
	p.f.SetX(p.left + leftW)
	p.font("B", -1)
	p.f.MultiCell(rightW, p.line(), "Độc lập - Tự do - Hạnh phúc", "", "C", false)
	p.rule(p.left+leftW+rightW/2, rightW*0.45)
	p.f.SetXY(p.left, max(bottom, p.f.GetY())+2)
	p.font("", 0)
}

func (p *Paper) rule(middle, length float64) {
	y := p.f.GetY() + 0.8
	p.f.SetLineWidth(0.25)
	p.f.Line(middle-length/2, y, middle+length/2, y)
	p.f.SetY(y + 1)
}

// NumberAndDate draws "Số: …" on the left and place and date on the right.
func (p *Paper) NumberAndDate(number, placeAndDate string) {
	p.font("", -1)
	p.f.SetX(p.left)
	p.f.CellFormat(p.width*0.42, p.line(), clean(number), "", 0, "C", false, 0, "")
	p.font("I", -1)
	p.f.CellFormat(p.width*0.58, p.line(), clean(placeAndDate), "", 1, "C", false, 0, "")
	p.f.Ln(2)
	p.font("", 0)
}

// QR draws a QR code of this text at the upper left, below what was drawn; the
// title stands beside it. Down ends what stands beside it.
func (p *Paper) QR(text string, size float64) error {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return fmt.Errorf("qr: %w", err)
	}
	p.draw(code, p.left, p.f.GetY(), size)
	p.aside = size + 2
	return nil
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
func (p *Paper) Title(title, below string) {
	p.f.Ln(1)
	p.font("B", 3)
	x, width := p.left, p.width
	if p.f.GetStringWidth(clean(title)) > p.width-2*p.aside { // centred on the page it would touch the code
		x, width = p.left+p.aside, p.width-p.aside
	}
	p.f.SetX(x)
	p.f.MultiCell(width, p.line()*1.2, clean(title), "", "C", false)
	if below != "" {
		p.font("B", 0)
		p.f.SetX(x)
		p.f.MultiCell(width, p.line(), clean(below), "", "C", false)
	}
	p.f.Ln(2)
	p.font("", 0)
}

// Heading draws a heading within the text.
func (p *Paper) Heading(s string) {
	p.keep(3 * p.line())
	p.f.Ln(1.5)
	p.font("B", 0)
	p.f.SetX(p.left)
	p.f.MultiCell(p.width, p.line(), clean(s), "", "L", false)
	p.font("", 0)
}

// Para draws a paragraph; emphasis is "", "B" or "I".
func (p *Paper) Para(s, emphasis string) {
	p.font(emphasis, 0)
	p.f.SetX(p.left)
	p.f.MultiCell(p.width, p.line(), clean(s), "", "L", false)
	p.f.Ln(0.8)
	p.font("", 0)
}

// Field draws a label and its value on one line, the value wrapped beside it.
func (p *Paper) Field(label, value string) {
	p.keep(2 * p.line())
	label = strings.TrimRight(clean(label), ": ") + ": "
	p.font("", 0)
	w := p.f.GetStringWidth(label) + 1
	if w > p.width*0.6 {
		p.f.SetX(p.left)
		p.f.MultiCell(p.width, p.line(), label, "", "L", false)
		w = 6
	} else {
		p.f.SetX(p.left)
		p.f.CellFormat(w, p.line(), label, "", 0, "L", false, 0, "")
	}
	p.font("B", 0)
	p.f.SetX(p.left + w)
	if value = clean(value); value == "" {
		value = "–"
	}
	p.f.MultiCell(p.width-w, p.line(), value, "", "L", false)
	p.f.Ln(0.4)
	p.font("", 0)
}

// Column of a table: heading, share of the width, and alignment L, C or R.
type Column struct {
	Title string
	Share float64
	Align string
}

// Table draws a table; its heading is repeated on every page.
func (p *Paper) Table(columns []Column, rows [][]string) {
	p.f.Ln(1)
	total := 0.0
	for _, c := range columns {
		total += c.Share
	}
	widths := make([]float64, len(columns))
	titles := make([]string, len(columns))
	for i, c := range columns {
		widths[i], titles[i] = p.width*c.Share/total, c.Title
	}
	heading := func() {
		p.font("B", -2)
		p.row(titles, widths, nil)
		p.font("", -2)
	}
	heading()
	_, pageHeight := p.f.GetPageSize()
	_, _, _, bottom := p.f.GetMargins()
	for _, r := range rows {
		if p.f.GetY()+p.height(r, widths) > pageHeight-bottom {
			p.f.AddPage()
			heading()
		}
		p.row(r, widths, columns)
	}
	p.f.Ln(1.5)
	p.font("", 0)
}

func (p *Paper) height(cells []string, widths []float64) float64 {
	lines := 1
	for i, c := range cells {
		lines = max(lines, len(p.f.SplitText(clean(c), widths[i]-2)))
	}
	return float64(lines)*p.line()*0.9 + 1.5
}

func (p *Paper) row(cells []string, widths []float64, columns []Column) {
	h, x, y := p.height(cells, widths), p.left, p.f.GetY()
	for i, c := range cells {
		align := "C"
		if columns != nil && columns[i].Align != "" {
			align = columns[i].Align
		}
		p.f.Rect(x, y, widths[i], h, "D")
		p.f.SetXY(x+0.5, y+0.7)
		p.f.MultiCell(widths[i]-1, p.line()*0.9, clean(c), "", align, false)
		x += widths[i]
	}
	p.f.SetXY(p.left, y+h)
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
	p.f.Ln(3)
	w, y, bottom := p.width/float64(len(list)), p.f.GetY(), 0.0
	for i, s := range list {
		x := p.left + float64(i)*w
		p.f.SetXY(x, y)
		p.font("B", -1)
		for _, line := range s.Office {
			p.f.SetX(x)
			p.f.MultiCell(w, p.line(), clean(line), "", "C", false)
		}
		if s.Note != "" {
			p.font("I", -2)
			p.f.SetX(x)
			p.f.MultiCell(w, p.line(), clean(s.Note), "", "C", false)
		}
		p.f.SetXY(x, y+4.5*p.line())
		p.font("B", 0)
		p.f.MultiCell(w, p.line(), clean(s.Name), "", "C", false)
		bottom = max(bottom, p.f.GetY())
	}
	p.f.SetXY(p.left, bottom+2)
	p.font("", 0)
}

// Down moves to at least mm below where y was, such as beside a QR code.
func (p *Paper) Down(y float64) {
	p.aside = 0
	if p.f.GetY() < y {
		p.f.SetY(y)
	}
}

// Y is how far down the page the next thing is drawn, in mm.
func (p *Paper) Y() float64 { return p.f.GetY() }

// keep begins a new page unless mm are left on this one.
func (p *Paper) keep(mm float64) {
	_, h := p.f.GetPageSize()
	_, _, _, bottom := p.f.GetMargins()
	if p.f.GetY()+mm > h-bottom {
		p.f.AddPage()
	}
}

// Bytes ends the paper.
func (p *Paper) Bytes() ([]byte, error) {
	var b bytes.Buffer
	if err := p.f.Output(&b); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return b.Bytes(), nil
}

// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

// Mark is what is written across a copy of somebody's paper: for whom and for what
// it was made.
type Mark struct{ Lines []string }

// ErrUnmarked is that a paper cannot be marked: it is broken, locked, or too much.
var ErrUnmarked = errors.New("cannot be marked")

// The copies that are made.
const (
	mostMarkedPages = 300
	longestSide     = 2400 // pixels of a picture: enough to read any paper
	markedQuality   = 85
)

// Picture writes a copy of a picture, of kind jpg or png, with the mark across it; a
// large one becomes smaller.
func (m Mark) Picture(kind string, in io.Reader, out io.Writer) error {
	from, _, err := image.Decode(in)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnmarked, err)
	}
	size := from.Bounds().Size()
	if longest := max(size.X, size.Y); longest > longestSide {
		size = image.Pt(max(1, size.X*longestSide/longest), max(1, size.Y*longestSide/longest))
	}
	to := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(to, to.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(to, to.Bounds(), from, from.Bounds(), draw.Over, nil)
	over, err := m.tile(size.X, size.Y)
	if err != nil {
		return err
	}
	draw.Draw(to, to.Bounds(), over, image.Point{}, draw.Over)
	if kind == "png" {
		return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(out, to)
	}
	return jpeg.Encode(out, to, &jpeg.Options{Quality: markedQuality})
}

// Paper writes a copy of a PDF with the mark across each page. What the pages hold is
// not looked into, only drawn over.
func (m Mark) Paper(in io.ReadSeeker, out io.Writer) (err error) {
	defer func() {
		if p := recover(); p != nil { // the library's own, on a file that is broken
			err = fmt.Errorf("%w: %v", ErrUnmarked, p)
		}
	}()
	quiet()
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode, conf.Optimize, conf.OptimizeBeforeWriting = model.ValidationRelaxed, false, false
	conf.Limits = model.ResourceLimits{MaxStreamBytes: 64 << 20, MaxDecodeBytes: 16 << 20, MaxImagePixels: 4 << 20, MaxImageBytes: 16 << 20,
		MaxObjectCount: 500_000, MaxObjectStreamCount: 50_000, MaxObjectStreamFirst: 4 << 20, MaxXRefEntries: 500_000, MaxRecursionDepth: 60}
	ctx, err := api.ReadContext(in, conf)
	if err == nil {
		err = ctx.EnsurePageCount()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnmarked, err)
	}
	if ctx.PageCount == 0 || ctx.PageCount > mostMarkedPages {
		return fmt.Errorf("%w: %d pages", ErrUnmarked, ctx.PageCount)
	}
	marks := map[bool]*types.IndirectRef{} // by whether the page lies on its side
	for n := 1; n <= ctx.PageCount; n++ {
		if err := m.page(ctx, n, marks); err != nil {
			return fmt.Errorf("%w: page %d: %w", ErrUnmarked, n, err)
		}
	}
	if err := api.WriteContext(ctx, out); err != nil {
		return fmt.Errorf("%w: %w", ErrUnmarked, err)
	}
	return nil
}

// quiet keeps the library from looking for settings of its own in somebody's home.
var quiet = sync.OnceFunc(api.DisableConfigDir)

// markName is the mark among the resources of a page.
const markName = "MotCuaMark"

func (m Mark) page(ctx *model.Context, n int, marks map[bool]*types.IndirectRef) error {
	page, _, above, err := ctx.PageDict(n, false)
	if err != nil {
		return err
	}
	box := above.MediaBox
	if above.CropBox != nil {
		box = above.CropBox
	}
	if box == nil {
		box = types.RectForDim(595, 842)
	}
	wide := box.Width() > box.Height()
	if marks[wide] == nil {
		if marks[wide], err = m.resource(ctx, wide); err != nil {
			return err
		}
	}
	if err := mentions(ctx, page, above.Resources, *marks[wide]); err != nil {
		return err
	}
	open, err := content(ctx, "q\n")
	if err != nil {
		return err
	}
	over, err := content(ctx, fmt.Sprintf("\nQ\nq %f 0 0 %f %f %f cm /%s Do Q\n", box.Width(), box.Height(), box.LL.X, box.LL.Y, markName))
	if err != nil {
		return err
	}
	all := types.Array{*open}
	if was, ok := page.Find("Contents"); ok {
		plain, err := ctx.Dereference(was)
		if err != nil {
			return err
		}
		if list, ok := plain.(types.Array); ok {
			all = append(all, list...)
		} else if plain != nil {
			all = append(all, was)
		}
	}
	page.Update("Contents", append(all, *over))
	return nil
}

// mentions puts the mark among what a page draws with, its own or what it inherits.
func mentions(ctx *model.Context, page, inherited types.Dict, mark types.IndirectRef) error {
	own := inherited
	if was, ok := page.Find("Resources"); ok {
		d, err := ctx.DereferenceDict(was)
		if err != nil {
			return err
		}
		if d != nil {
			own = d
		}
	}
	resources, pictures := types.NewDict(), types.NewDict()
	for name, x := range own {
		resources[name] = x
	}
	if was, ok := resources.Find("XObject"); ok {
		d, err := ctx.DereferenceDict(was)
		if err != nil {
			return err
		}
		for name, x := range d {
			pictures[name] = x
		}
	}
	pictures[markName] = mark
	resources["XObject"] = pictures
	page.Update("Resources", resources)
	return nil
}

func content(ctx *model.Context, text string) (*types.IndirectRef, error) {
	s, err := ctx.NewStreamDictForBuf([]byte(text))
	if err != nil {
		return nil, err
	}
	if err := s.Encode(); err != nil {
		return nil, err
	}
	return ctx.IndRefForNewObject(*s)
}

func (m Mark) resource(ctx *model.Context, wide bool) (*types.IndirectRef, error) {
	w, h := 1000, 1414
	if wide {
		w, h = h, w
	}
	tile, err := m.tile(w, h)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, tile); err != nil {
		return nil, err
	}
	ref, _, _, err := model.CreateImageResource(ctx.XRefTable, &b)
	return ref, err
}

// ink is what the mark is written in: it is seen on white and on a dark picture, and
// what is below can be read.
var ink = color.NRGBA{R: 0xb0, G: 0x10, B: 0x20, A: 0x68}

// tile is the mark, again and again on the slant, over w times h.
func (m Mark) tile(w, h int) (*image.RGBA, error) {
	strip, err := m.strip(max(14, float64(min(w, h))/40))
	if err != nil {
		return nil, err
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	sin, cos := math.Sincos(-math.Pi / 7)
	sw, sh := float64(strip.Bounds().Dx()), float64(strip.Bounds().Dy())
	stepX, stepY := sw*1.08, sh*2.4
	reach := math.Hypot(float64(w), float64(h))
	for row, y := 0, -reach; y < reach; row, y = row+1, y+stepY {
		for x := -reach - float64(row%2)*stepX/2; x < reach; x += stepX {
			at := f64.Aff3{cos, -sin, float64(w)/2 + x*cos - y*sin, sin, cos, float64(h)/2 + x*sin + y*cos}
			draw.BiLinear.Transform(to, at, strip, strip.Bounds(), draw.Over, nil)
		}
	}
	return to, nil
}

// strip is the mark once, lying.
func (m Mark) strip(size float64) (*image.RGBA, error) {
	f, err := opentype.Parse(bold)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		return nil, err
	}
	defer face.Close()
	width, line := 1, int(size*1.3)
	for _, text := range m.Lines {
		width = max(width, font.MeasureString(face, clean(text)).Ceil())
	}
	to := image.NewRGBA(image.Rect(0, 0, width+2, line*len(m.Lines)+line/2))
	d := font.Drawer{Dst: to, Src: image.NewUniform(ink), Face: face}
	for i, text := range m.Lines {
		d.Dot = fixed.P(1, line*(i+1))
		d.DrawString(clean(text))
	}
	return to, nil
}

// SPDX-License-Identifier: Apache-2.0

package pdf_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"motcua/internal/pdf"
)

var mark = pdf.Mark{Lines: []string{"CHỈ DÙNG CHO HỒ SƠ H57.101.1-261123-0001", "Trần Thị Mỹ Linh · Trung tâm Phục vụ hành chính công phường Thuận Hóa", "09:05 ngày 23/11/2026 · xử lý hồ sơ được giao"}}

func photo(w, h int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			p.Set(x, y, color.RGBA{uint8(200 - 150*y/h), uint8(220 - 180*x/w), 200, 255})
		}
	}
	return p
}

// The mark is on every page of a PDF and across a picture, and what was there is
// still there.
func TestMark(t *testing.T) {
	out := os.Getenv("MOTCUA_PICTURES")
	if out == "" {
		out = t.TempDir()
	}
	for name, f := range map[string]pdf.Format{"dung": pdf.A4, "ngang": pdf.A4Wide} {
		p := pdf.New(pdf.Options{Title: "Giấy khai sinh", Format: f})
		for range 60 {
			p.Para("Họ và tên: Nguyễn Thị Hương Giang", "")
		}
		whole, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := mark.Paper(bytes.NewReader(whole), &b); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(out, name)
		if err := os.WriteFile(name+".pdf", b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if said, err := exec.Command("qpdf", "--check", name+".pdf").CombinedOutput(); err != nil {
			t.Errorf("qpdf: %v\n%s", err, said)
		}
		text, err := exec.Command("pdftotext", name+".pdf", "-").Output()
		if err != nil || bytes.Count(text, []byte("Hương Giang")) != 60 {
			t.Errorf("the text is gone: %v %s", err, text)
		}
		if said, err := exec.Command("pdftoppm", "-r", "50", "-png", name+".pdf", name).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, said)
		}
		pages, err := filepath.Glob(name + "-*.png")
		if err != nil || len(pages) < 2 {
			t.Fatalf("%d pages, %v", len(pages), err)
		}
		for _, page := range pages {
			content, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			if n := reds(t, content); n < 2000 {
				t.Errorf("%s: %d points of the mark", page, n)
			}
		}
	}
	for kind, encode := range map[string]func(*bytes.Buffer, image.Image) error{
		"jpg": func(b *bytes.Buffer, i image.Image) error { return jpeg.Encode(b, i, nil) },
		"png": func(b *bytes.Buffer, i image.Image) error { return png.Encode(b, i) },
	} {
		var in, b bytes.Buffer
		if err := encode(&in, photo(3200, 2000)); err != nil {
			t.Fatal(err)
		}
		if err := mark.Picture(kind, &in, &b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(out, "anh."+kind), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		c, got, err := image.DecodeConfig(bytes.NewReader(b.Bytes()))
		if err != nil || c.Width != 2400 || c.Height != 1500 || got[0] != kind[0] {
			t.Errorf("%s: %+v %s %v", kind, c, got, err)
		}
		if n := reds(t, b.Bytes()); n < 20_000 {
			t.Errorf("%s: %d points of the mark", kind, n)
		}
	}
}

// reds counts the points in which red is well above green and blue.
func reds(t *testing.T, content []byte) (n int) {
	t.Helper()
	p, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for y := p.Bounds().Min.Y; y < p.Bounds().Max.Y; y++ {
		for x := p.Bounds().Min.X; x < p.Bounds().Max.X; x++ {
			if r, g, b, _ := p.At(x, y).RGBA(); r > g+0x1400 && r > b+0x1400 {
				n++
			}
		}
	}
	return n
}

// What cannot be marked is said to be so, and is no crash.
func TestUnmarked(t *testing.T) {
	for _, broken := range []string{"", "%PDF-1.7", "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\ntrailer<</Root 1 0 R/Size 2>>\nstartxref\n9\n%%EOF"} {
		if err := mark.Paper(bytes.NewReader([]byte(broken)), new(bytes.Buffer)); !errors.Is(err, pdf.ErrUnmarked) {
			t.Errorf("%q: %v", broken, err)
		}
	}
	if err := mark.Picture("jpg", bytes.NewReader([]byte("\xff\xd8\xff")), new(bytes.Buffer)); !errors.Is(err, pdf.ErrUnmarked) {
		t.Error(err)
	}
}

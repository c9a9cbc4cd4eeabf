// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Picture is a small PNG that shows one word, for samples of papers that must
// be pictures.
func Picture(word string) ([]byte, error) {
	f, err := opentype.Parse(bold)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 96, DPI: 72})
	if err != nil {
		return nil, err
	}
	defer face.Close()
	img := image.NewGray(image.Rect(0, 0, 300, 400))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.Gray{Y: 0xE0}), image.Point{}, draw.Src)
	d := font.Drawer{Dst: img, Src: image.NewUniform(color.Gray{Y: 0x40}), Face: face}
	d.Dot = fixed.P((300-d.MeasureString(word).Round())/2, 230)
	d.DrawString(word)
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return b.Bytes(), err
}

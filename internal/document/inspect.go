// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"image"
	_ "image/jpeg" // known to image.DecodeConfig
	_ "image/png"

	"motcua/internal/refusal"
)

// mostPixels is how large a picture may become when it is shown: a telephone takes
// up to 108 million.
const mostPixels = 120_000_000

// sizing is the beginning of a picture, where it says its size.
type sizing struct{ head []byte }

const headBytes = 256 << 10

func (s *sizing) see(piece []byte) {
	if room := headBytes - len(s.head); room > 0 {
		s.head = append(s.head, piece[:min(room, len(piece))]...)
	}
}

// refuse says why a picture is not taken; nil for one that is, and for other kinds.
func (s *sizing) refuse(kind string) error {
	if kind != "png" && kind != "jpg" {
		return nil
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(s.head))
	if err != nil {
		return errBroken
	}
	if pixels := int64(c.Width) * int64(c.Height); pixels > mostPixels {
		return refusal.New(refusal.TooLarge, "document.pixels", "n", pixels/1_000_000, "max", mostPixels/1_000_000)
	}
	return nil
}

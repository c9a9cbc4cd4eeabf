// SPDX-License-Identifier: Apache-2.0

package document

import (
	"archive/zip"
	"bytes"
	"errors"
	"image"
	_ "image/jpeg" // known to image.DecodeConfig
	_ "image/png"
	"io"

	"motcua/internal/refusal"
)

// What a file may become when it is opened: more would fill the memory of who
// looks at it.
const (
	mostPixels   = 120_000_000 // of a picture; a telephone takes up to 108 million
	mostEntries  = 10_000      // of an archive
	mostUnpacked = 1 << 30     // bytes of an archive unpacked
	mostRatio    = 200         // of unpacked to packed
)

// inspector watches the content of a file go by: its beginning, where pictures
// say their size, and its end, where archives list what is in them.
type inspector struct {
	head, tail []byte
	size       int64
}

const (
	headBytes = 256 << 10
	tailBytes = 1 << 20
)

func (i *inspector) see(piece []byte) {
	if room := headBytes - len(i.head); room > 0 {
		i.head = append(i.head, piece[:min(room, len(piece))]...)
	}
	i.tail = append(i.tail, piece...)
	if len(i.tail) > 2*tailBytes {
		i.tail = append(i.tail[:0], i.tail[len(i.tail)-tailBytes:]...)
	}
	i.size += int64(len(piece))
}

// refuse says why the file, of this kind, is not taken; nil if it is.
func (i *inspector) refuse(kind string) error {
	switch kind {
	case "png", "jpg":
		c, _, err := image.DecodeConfig(bytes.NewReader(i.head))
		if err != nil {
			return refusal.New(refusal.Invalid, "document.broken")
		}
		if pixels := int64(c.Width) * int64(c.Height); pixels > mostPixels {
			return refusal.New(refusal.TooLarge, "document.pixels", "n", pixels/1_000_000, "max", mostPixels/1_000_000)
		}
	case "zip", "docx", "xlsx":
		return i.refuseArchive()
	}
	return nil
}

func (i *inspector) refuseArchive() error {
	z, err := zip.NewReader(i, i.size)
	if err != nil || len(z.File) == 0 {
		return refusal.New(refusal.Invalid, "document.broken")
	}
	unpacked := uint64(0)
	for _, f := range z.File {
		if unpacked += f.UncompressedSize64; unpacked > mostUnpacked || len(z.File) > mostEntries {
			return refusal.New(refusal.TooLarge, "document.unpacks")
		}
	}
	if unpacked > 10<<20 && unpacked > mostRatio*uint64(i.size) {
		return refusal.New(refusal.TooLarge, "document.unpacks")
	}
	return nil
}

var errGone = errors.New("not kept")

// ReadAt reads from the end of the file that was kept.
func (i *inspector) ReadAt(p []byte, off int64) (int, error) {
	start := i.size - int64(len(i.tail))
	if off < start {
		return 0, errGone
	}
	if off >= i.size {
		return 0, io.EOF
	}
	n := copy(p, i.tail[off-start:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

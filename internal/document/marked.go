// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"

	"golang.org/x/sync/semaphore"

	"motcua/internal/db"
	"motcua/internal/pdf"
	"motcua/internal/refusal"
)

// What the copies of all who open a paper at the same time may hold in memory; who
// comes when it is in use waits for it. A copy that would need more is not made.
const markingBytes = 128 << 20

var marking = semaphore.NewWeighted(markingBytes)

// What a copy takes beside what is decoded: the picture that is drawn on and what is
// written; and of a PDF, how many times its size.
const (
	markedPicture = 40 << 20
	markedPaper   = 20 << 20
	paperTimes    = 4
)

// Marked is a copy of a file with a mark across it, which says for whom and for what
// it was made; the file itself stays as it is. A file that cannot be marked is refused
// (Invalid).
func Marked(ctx context.Context, d *db.DB, f File, lines []string) ([]byte, error) {
	mark := pdf.Mark{Lines: lines}
	switch kind := KindOf(f.MediaType); kind {
	case "pdf":
		return f.within(ctx, markedPaper+paperTimes*f.Size, func(out io.Writer) error {
			var whole bytes.Buffer
			whole.Grow(int(f.Size))
			if err := Copy(ctx, d, f.SHA256, &whole); err != nil {
				return err
			}
			return mark.Paper(bytes.NewReader(whole.Bytes()), out)
		})
	case "jpg", "png":
		from, to := io.Pipe()
		copied := make(chan error, 1)
		go func() {
			err := Copy(ctx, d, f.SHA256, to)
			to.CloseWithError(err)
			copied <- err
		}()
		out, err := f.picture(ctx, kind, bufio.NewReaderSize(from, headBytes), mark)
		from.Close()
		if fault := <-copied; fault != nil && !errors.Is(fault, io.ErrClosedPipe) {
			return nil, fault
		}
		return out, err
	}
	return nil, unmarked(f)
}

func (f File) picture(ctx context.Context, kind string, content *bufio.Reader, mark pdf.Mark) ([]byte, error) {
	head, err := content.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	need, err := decoded(kind, head)
	if err != nil {
		return nil, unmarked(f)
	}
	return f.within(ctx, need+markedPicture, func(out io.Writer) error { return mark.Picture(kind, content, out) })
}

// within makes a copy that needs so many bytes, when they are there.
func (f File) within(ctx context.Context, need int64, write func(io.Writer) error) ([]byte, error) {
	if need > markingBytes {
		return nil, unmarked(f)
	}
	if err := marking.Acquire(ctx, need); err != nil {
		return nil, err
	}
	defer marking.Release(need)
	var out bytes.Buffer
	err := write(&out)
	if errors.Is(err, pdf.ErrUnmarked) && ctx.Err() == nil {
		return nil, unmarked(f)
	}
	return out.Bytes(), err
}

func unmarked(f File) error {
	return refusal.New(refusal.Invalid, "document.unmarked", "file", f.Name)
}

// decoded is how many bytes a picture takes once it is decoded.
func decoded(kind string, head []byte) (int64, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(head))
	if err != nil {
		return 0, err
	}
	pixels := int64(c.Width) * int64(c.Height)
	if kind == "jpg" {
		return jpegBytes(head, pixels)
	}
	switch c.ColorModel {
	case color.GrayModel:
		return pixels, nil
	case color.Gray16Model:
		return 2 * pixels, nil
	case color.RGBA64Model, color.NRGBA64Model:
		return 8 * pixels, nil
	}
	if _, ok := c.ColorModel.(color.Palette); ok {
		return pixels, nil
	}
	return 4 * pixels, nil
}

// jpegBytes reads from the frame of a JPEG how finely its colours are sampled, and
// whether all of it must be held until its end, as four bytes for each sample.
func jpegBytes(head []byte, pixels int64) (int64, error) {
	for at := 2; at+9 < len(head); {
		if head[at] != 0xff {
			return 0, fmt.Errorf("no marker at %d", at)
		}
		kind := head[at+1]
		if kind == 0xff {
			at++
			continue
		}
		if kind < 0xc0 || kind > 0xc2 {
			at += 2 + int(head[at+2])<<8 + int(head[at+3])
			continue
		}
		n := int(head[at+9])
		if at+10+3*n > len(head) {
			break
		}
		most, samples := int64(1), int64(0)
		for i := range n {
			across, down := int64(head[at+11+3*i]>>4), int64(head[at+11+3*i]&15)
			most = max(most, across*down)
			samples += across * down
		}
		bytes := pixels * samples / most
		if kind == 0xc2 {
			bytes *= 5
		}
		return bytes, nil
	}
	return 0, errors.New("no frame")
}

// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"motcua/internal/refusal"
)

// What a camera writes beside a picture says where somebody lives. Pictures are
// kept without it, and end where the picture ends: whatever hides behind it goes.
// The picture itself passes through as it is, piece by piece.

// stripped reads a picture without what is not the picture; other kinds as they are.
// It must be read to its end or closed.
func stripped(kind string, content io.Reader) io.ReadCloser {
	strip := map[string]func(*bufio.Reader, io.Writer) error{"jpg": stripJPEG, "png": stripPNG}[kind]
	if strip == nil {
		return io.NopCloser(content)
	}
	r, w := io.Pipe()
	go func() {
		out := bufio.NewWriterSize(w, 64<<10)
		err := strip(bufio.NewReaderSize(content, 64<<10), out)
		if err == nil {
			err = out.Flush()
		}
		if err == nil {
			_, err = io.Copy(io.Discard, content) // what comes after is read, and dropped
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errBroken
		}
		w.CloseWithError(err)
	}()
	return r
}

var errBroken = refusal.New(refusal.Invalid, "document.broken")

const (
	jpegStart, jpegEnd, jpegScan = 0xd8, 0xd9, 0xda
	jpegApp0, jpegApp1, jpegApp2 = 0xe0, 0xe1, 0xe2
	jpegApp14, jpegApp15         = 0xee, 0xef
	jpegComment                  = 0xfe
)

// stripJPEG copies a JPEG (ITU-T T.81) without comments and without the segments of
// applications, but for colours and which way is up.
func stripJPEG(r *bufio.Reader, w io.Writer) error {
	marker, err := nextMarker(r)
	if err != nil || marker != jpegStart {
		return errors.Join(err, errBroken)
	}
	if _, err := w.Write([]byte{0xff, jpegStart}); err != nil {
		return err
	}
	for {
		if marker, err = nextMarker(r); err != nil {
			return err
		}
		switch {
		case marker == jpegEnd:
			_, err := w.Write([]byte{0xff, jpegEnd})
			return err
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd7: // stand alone
			_, err = w.Write([]byte{0xff, marker})
		default:
			err = copySegment(r, w, marker)
		}
		if err == nil && marker == jpegScan {
			err = copyScan(r, w)
		}
		if err != nil {
			return err
		}
	}
}

// nextMarker reads a marker; any number of 0xff may stand before it.
func nextMarker(r *bufio.Reader) (byte, error) {
	b, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	if b != 0xff {
		return 0, errBroken
	}
	for b == 0xff {
		if b, err = r.ReadByte(); err != nil {
			return 0, err
		}
	}
	if b == 0 {
		return 0, errBroken
	}
	return b, nil
}

func copySegment(r *bufio.Reader, w io.Writer, marker byte) error {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return err
	}
	n := int(binary.BigEndian.Uint16(length[:]))
	if n < 2 {
		return errBroken
	}
	body := make([]byte, n-2)
	if _, err := io.ReadFull(r, body); err != nil {
		return err
	}
	switch {
	case marker == jpegApp0 && bytes.HasPrefix(body, []byte("JFIF\x00")) && len(body) >= jfifHead+2:
		body = append(body[:jfifHead], 0, 0) // no small picture in it
	case marker == jpegApp2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")),
		marker == jpegApp14 && bytes.HasPrefix(body, []byte("Adobe")):
	case marker == jpegApp1:
		up := orientation(body)
		if up < 2 || up > 8 {
			return nil
		}
		body = exifOf(up)
	case marker >= jpegApp0 && marker <= jpegApp15, marker == jpegComment:
		return nil
	}
	binary.BigEndian.PutUint16(length[:], uint16(len(body)+2))
	_, err := w.Write(append([]byte{0xff, marker, length[0], length[1]}, body...))
	return err
}

// copyScan copies the data of a scan up to the next marker, which is left unread.
func copyScan(r *bufio.Reader, w io.Writer) error {
	for {
		if _, err := r.Peek(2); err != nil {
			return err
		}
		ahead, _ := r.Peek(r.Buffered())
		end, found := len(ahead)-1, false // of the last byte it is not known yet what follows
		for i := 0; i+1 < len(ahead); i++ {
			if next := ahead[i+1]; ahead[i] == 0xff && next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7) {
				end, found = i, true
				break
			}
		}
		if _, err := w.Write(ahead[:end]); err != nil {
			return err
		}
		if _, err := r.Discard(end); err != nil || found {
			return err
		}
	}
}

const (
	jfifHead       = 12 // bytes before the measures of the small picture
	exifHead       = "Exif\x00\x00"
	tagOrientation = 0x0112
)

// orientation reads which way is up from an Exif segment; 0 if it does not say.
func orientation(segment []byte) int {
	t, ok := bytes.CutPrefix(segment, []byte(exifHead))
	if !ok || len(t) < 14 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(t[:2]) == "MM" {
		order = binary.BigEndian
	} else if string(t[:2]) != "II" {
		return 0
	}
	at := int64(order.Uint32(t[4:]))
	if at+2 > int64(len(t)) {
		return 0
	}
	n := int64(order.Uint16(t[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > int64(len(t)) {
			return 0
		}
		if order.Uint16(t[e:]) == tagOrientation {
			return int(order.Uint16(t[e+8:]))
		}
	}
	return 0
}

// exifOf is an Exif segment that says which way is up, and nothing else.
func exifOf(up int) []byte {
	b := append([]byte(exifHead), "MM\x00*\x00\x00\x00\x08\x00\x01"...)
	b = binary.BigEndian.AppendUint16(b, tagOrientation)
	b = append(b, 0, 3, 0, 0, 0, 1) // one short
	b = binary.BigEndian.AppendUint16(b, uint16(up))
	return append(b, 0, 0, 0, 0, 0, 0)
}

// pngShown are the chunks that say how a PNG (ISO 15948) is to be shown, beside the
// picture itself.
var pngShown = map[string]bool{"tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true, "iCCP": true, "pHYs": true, "sBIT": true, "bKGD": true, "cICP": true}

// pngPicture are the chunks that are the picture: no reader shows a file with others
// that it must know.
var pngPicture = map[string]bool{"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true}

// stripPNG copies a PNG without what is neither the picture nor how to show it.
func stripPNG(r *bufio.Reader, w io.Writer) error {
	if _, err := io.CopyN(w, r, 8); err != nil {
		return err
	}
	for {
		head := make([]byte, 8)
		if _, err := io.ReadFull(r, head); err != nil {
			return err
		}
		length, kind := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		if length > 1<<31-1 {
			return errBroken
		}
		out := w
		switch optional := kind[0]&0x20 != 0; {
		case !optional && !pngPicture[kind]:
			return errBroken
		case optional && !pngShown[kind]:
			out = io.Discard
		}
		if _, err := out.Write(head); err != nil {
			return err
		}
		if _, err := io.CopyN(out, r, length+4); err != nil {
			return err
		}
		if kind == "IEND" {
			return nil
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package document_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"motcua/internal/db/dbtest"
	"motcua/internal/document"
	"motcua/internal/refusal"
)

const home = "16.4637,107.5909 nhà riêng"

// noise is a picture that does not compress away.
func noise() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 160, 120))
	r := rand.New(rand.NewPCG(1, 2))
	for y := range 120 {
		for x := range 160 {
			m.Set(x, y, color.RGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255})
		}
	}
	return m
}

func segment(marker byte, body string) string {
	return string([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}) + body
}

// photo is a JPEG as a telephone writes it: turned, with where it was taken, and
// with something behind its end.
func photo(t *testing.T, up uint16) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, noise(), nil); err != nil {
		t.Fatal(err)
	}
	exif := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00")
	exif = binary.LittleEndian.AppendUint16(exif, 0x0112)
	exif = append(exif, 3, 0, 1, 0, 0, 0)
	exif = binary.LittleEndian.AppendUint16(exif, up)
	exif = append(exif, 0, 0, 0, 0, 0, 0)
	return b.String()[:2] + segment(0xe1, string(exif)+home) + segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x>"+home+"</x>") + segment(0xed, "Photoshop 3.0\x00"+home) + segment(0xfe, home) + b.String()[2:] + "PK\x03\x04" + home
}

func chunk(kind, body string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(b, kind+body...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+body))))
}

func screenshot(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, noise()); err != nil {
		t.Fatal(err)
	}
	const head = 8 + 25 // signature, IHDR
	return b.String()[:head] + chunk("tEXt", "Location\x00"+home) + chunk("eXIf", home) + chunk("pHYs", "\x00\x00\x0b\x13\x00\x00\x0b\x13\x01") + b.String()[head:] + "<script>" + home
}

// A picture is kept as it was, which way up it is too, but not where it was taken
// nor what hides behind it.
func TestPicturesAreStripped(t *testing.T) {
	d := dbtest.Open(t)
	for name, given := range map[string]string{"ảnh.jpg": photo(t, 6), "ảnh.png": screenshot(t)} {
		f, err := document.Store(t.Context(), d, 1, name, strings.NewReader(given), document.Takes{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kept := content(t, d, f.SHA256)
		if strings.Contains(kept, home) || int64(len(kept)) != f.Size {
			t.Errorf("%s: %d of %d bytes, place kept: %v", name, len(kept), f.Size, strings.Contains(kept, home))
		}
		was, _, err := image.Decode(strings.NewReader(given))
		if err != nil {
			t.Fatal(err)
		}
		is, _, err := image.Decode(strings.NewReader(kept))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for y := range 120 {
			for x := range 160 {
				if was.At(x, y) != is.At(x, y) {
					t.Fatalf("%s: another picture at %d, %d", name, x, y)
				}
			}
		}
		if strings.HasSuffix(name, "jpg") != strings.Contains(kept, "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06") {
			t.Errorf("%s: which way is up", name)
		}
		if strings.HasSuffix(name, "png") && !strings.Contains(kept, "pHYs") {
			t.Error("how large it is shown is lost")
		}
	}
}

// A picture that breaks off or breaks its rules is refused; so is none of it.
func TestBrokenPictures(t *testing.T) {
	d := dbtest.Open(t)
	jpg, shot := photo(t, 1), screenshot(t)
	for name, given := range map[string]string{
		"cut in a scan":      jpg[:len(jpg)/2],
		"cut in a segment":   jpg[:30],
		"no end":             strings.SplitAfterN(jpg, "\xff\xda", 2)[0],
		"segment too short":  jpg[:2] + "\xff\xe1\x00\x01" + jpg[2:],
		"png cut":            shot[:len(shot)/2],
		"png chunk too long": shot[:33] + "\xff\xff\xff\xfftEXt" + shot[33:],
	} {
		if _, err := document.Store(t.Context(), d, 1, "ảnh", strings.NewReader(given), document.Takes{}); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if wrong := verify(t, d); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// Whatever bytes come, stripping ends and its result can be stripped again to itself.
func FuzzPictures(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xd9"))
	f.Add([]byte("\xff\xd8\xff\xda\x00\x02\x01\xff\x00\xff\xd0\x02\xff\xff\xd9"))
	f.Add([]byte("\x89PNG\r\n\x1a\n" + chunk("IEND", "")))
	f.Fuzz(func(t *testing.T, given []byte) {
		for _, kind := range []string{"jpg", "png"} {
			once, err := document.Strip(kind, given)
			if err != nil {
				continue
			}
			again, err := document.Strip(kind, once)
			if err != nil || !bytes.Equal(once, again) || len(once) > len(given)+64 {
				t.Fatalf("%s: %x becomes %x becomes %x, %v", kind, given, once, again, err)
			}
		}
	})
}

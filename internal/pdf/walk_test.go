// SPDX-License-Identifier: Apache-2.0

//go:build walk

package pdf_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"motcua/internal/pdf"
	"motcua/internal/pdf/pdftest"
)

// A paper is read aloud in its order, each text as what it is; feet are not read.
func TestReadingOrder(t *testing.T) {
	content, err := receipt().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	p := pdftest.Judge(t, content)
	if diff := cmp.Diff([]string{"Document",
		"P VĂN PHÒNG UBND THÀNH PHỐ HUẾ", "P TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
		"P CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "P Độc lập - Tự do - Hạnh phúc",
		"P Số: 1/TNHS", "P Huế, ngày 23 tháng 11 năm 2026",
		"Figure", "H1 Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "P Mã hồ sơ: H57.21.3-261123-0001",
		"P Tiếp nhận hồ sơ của: Nguyễn Thị Hương Giang",
		"Table", "TR", "TH STT", "TH Tên giấy tờ", "TH Số lượng",
		"TR", "TD 1", "TD Giấy chứng sinh hoặc giấy tờ thay thế", "TD 1",
		"TR", "TD 2", "TD Tờ khai", "TD 1",
		"P NGƯỜI NỘP HỒ SƠ", "P Nguyễn Thị Hương Giang", "P NGƯỜI TIẾP NHẬN HỒ SƠ", "P Trần Thị Mỹ Linh"}, p.Elements); diff != "" {
		t.Error(diff)
	}
	if want := pdftest.Letters("H57.21.3-261123-0001 1/1"); p.Unread != want {
		t.Errorf("not read aloud: %q, want %q", p.Unread, want)
	}
	if !slices.Equal(p.Sizes, []string{"210 x 297"}) || !slices.Equal(p.Codes, []string{"H57.21.3-261123-0001|1.001193"}) {
		t.Error(p.Sizes, p.Codes)
	}
}

// Text goes on over the page without a loss: a paragraph, and a row longer than
// a page under a heading that is repeated but not read again. A line break is
// heard as a space, and a word that was broken is whole again. Letters are those of NFC.
func TestOverThePage(t *testing.T) {
	words := strings.Repeat("nghĩa vụ tài chính về đất đai ", 400)
	digest := strings.Repeat("0123456789abcdef", 16)
	p := pdf.New(pdf.Options{Title: "Dài", Format: pdf.A5Wide, Watermark: "MẪU", Footer: "Chân", CreatedAt: time.Unix(0, 0)})
	p.Heading("Đoạn")
	p.Para(words, "")
	p.Para(digest, "")
	p.Para(norm.NFD.String("Nguyễn Thị Hương\x07"), "")
	p.Table([]pdf.Column{{Title: "STT", Share: 1, Align: "C"}, {Title: "Lý do", Share: 9, Align: "L"}}, [][]string{{"1", words}, {"2", "một\nhai"}})
	content, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	seen := pdftest.Judge(t, content)
	if diff := cmp.Diff([]string{"Document", "H2 Đoạn", "P " + strings.TrimSpace(words), "P " + digest, "P Nguyễn Thị Hương",
		"Table", "TR", "TH STT", "TH Lý do", "TR", "TD 1", "TD " + strings.TrimSpace(words), "TR", "TD 2", "TD một hai"}, seen.Elements); diff != "" {
		t.Error(diff)
	}
	if len(seen.Sizes) < 4 || slices.Compact(slices.Clone(seen.Sizes))[0] != "210 x 148" {
		t.Error(seen.Sizes)
	}
}

// Papers of several sheets in one file keep their own feet and formats.
func TestSeveral(t *testing.T) {
	file := &pdf.File{Title: "Hai giấy"}
	for _, o := range []pdf.Options{{Title: "một", Subject: "mot", Footer: "Ạ", Format: pdf.A5Wide}, {Title: "hai", Subject: "hai", Footer: "Ẹ", Format: pdf.A4Wide}} {
		o.CreatedAt = time.Unix(0, 0)
		if err := file.Begin(o).CodedTitle(o.Title, "", o.Subject); err != nil {
			t.Fatal(err)
		}
	}
	content, err := file.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	p := pdftest.Judge(t, content)
	if diff := cmp.Diff([]string{"Document", "Figure", "H1 một", "Figure", "H1 hai"}, p.Elements); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(p.Sizes, []string{"210 x 148", "297 x 210"}) || !slices.Equal(p.Codes, []string{"mot", "hai"}) || p.Unread != pdftest.Letters("Ạ 1/1 Ẹ 1/1") {
		t.Error(p.Sizes, p.Codes, p.Unread)
	}
}

// SPDX-License-Identifier: Apache-2.0

package pdf_test

import (
	"bytes"
	"testing"
	"time"

	"motcua/internal/pdf"
)

func receipt() *pdf.Paper {
	p := pdf.New(pdf.Options{Title: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", CreatedAt: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Footer: "H57.21.3-261123-0001"})
	p.Letterhead("VĂN PHÒNG UBND THÀNH PHỐ HUẾ", "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG")
	p.NumberAndDate("Số: 1/TNHS", "Huế, ngày 23 tháng 11 năm 2026")
	_ = p.CodedTitle("Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "Mã hồ sơ: H57.21.3-261123-0001", "H57.21.3-261123-0001|1.001193")
	p.Field("Tiếp nhận hồ sơ của", "Nguyễn Thị Hương Giang")
	p.Table([]pdf.Column{{"STT", 1, "C"}, {"Tên giấy tờ", 6, "L"}, {"Số lượng", 2, "C"}}, [][]string{{"1", "Giấy chứng sinh hoặc giấy tờ thay thế", "1"}, {"2", "Tờ khai", "1"}})
	p.Signatures(pdf.Signature{Office: []string{"NGƯỜI NỘP HỒ SƠ"}, Name: "Nguyễn Thị Hương Giang"}, pdf.Signature{Office: []string{"NGƯỜI TIẾP NHẬN HỒ SƠ"}, Name: "Trần Thị Mỹ Linh"})
	return p
}

// A paper drawn again from the same data is the same file, byte for byte.
func TestSameBytes(t *testing.T) {
	a, err := receipt().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	b, err := receipt().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("the same paper has other bytes")
	}
	if len(a) > 100<<10 {
		t.Errorf("a receipt has %d bytes", len(a))
	}
}

func BenchmarkReceipt(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := receipt().Bytes(); err != nil {
			b.Fatal(err)
		}
	}
}

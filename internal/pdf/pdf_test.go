// SPDX-License-Identifier: Apache-2.0

package pdf_test

import (
	"bytes"
	"sync"
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

// A paper drawn again from the same data is the same file, byte for byte, also
// while others are drawn.
func TestSameBytes(t *testing.T) {
	files := make([][]byte, 8)
	var all sync.WaitGroup
	for i := range files {
		all.Go(func() {
			var err error
			if files[i], err = receipt().Bytes(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, f := range files[1:] {
		if !bytes.Equal(f, files[0]) {
			t.Error("the same paper has other bytes")
		}
	}
	if len(files[0]) > 100<<10 {
		t.Errorf("a receipt has %d bytes", len(files[0]))
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

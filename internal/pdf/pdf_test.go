// SPDX-License-Identifier: Apache-2.0

package pdf_test

import (
	"bytes"
	"slices"
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
	p.Table([]pdf.Column{{Title: "STT", Share: 1, Align: "C"}, {Title: "Tên giấy tờ", Share: 6, Align: "L"}, {Title: "Số lượng", Share: 2, Align: "C"}}, [][]string{{"1", "Giấy chứng sinh hoặc giấy tờ thay thế", "1"}, {"2", "Tờ khai", "1"}})
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

// A heading over several columns says over how many, to who hears the table too,
// and is drawn again, but not read again, on the next page.
func TestHeadingOverColumns(t *testing.T) {
	p := pdf.New(pdf.Options{Title: "Sổ", CreatedAt: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)})
	columns := []pdf.Column{{Title: "STT", Share: 1}, {Title: "Nhận", Above: "Ngày, tháng, năm", Share: 2}, {Title: "Hẹn trả", Above: "Ngày, tháng, năm", Share: 2}, {Title: "Ghi chú", Share: 2}}
	p.Table(columns, slices.Repeat([][]string{{"1", "02/11/2026", "05/11/2026", ""}}, 90))
	file, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for part, n := range map[string]int{"/S /TH": 5, "/ColSpan 2": 1, "/RowSpan 2": 2, "/S /TR": 92} {
		if got := bytes.Count(file, []byte(part)); got != n {
			t.Errorf("%s stands %d times, not %d", part, got, n)
		}
	}
}

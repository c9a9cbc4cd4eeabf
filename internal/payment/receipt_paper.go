// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"encoding/xml"
	"fmt"
	"strings"

	"motcua/internal/calendar"
	"motcua/internal/pdf"
	"motcua/internal/search"
)

// methods are the ways to pay as receipts name them.
var methods = map[string]string{"cash": "Tiền mặt", "card": "Thẻ", "online": "Thanh toán trực tuyến", "transfer": "Chuyển khoản"}

// PDF draws a receipt with what NĐ 123/2020 (NĐ 70/2025) wants on it; one that does not
// hold any more says so.
func (r *Receipt) PDF() ([]byte, error) {
	mark := map[string]string{"replaced": "ĐÃ THAY THẾ", "cancelled": "ĐÃ HỦY"}[r.Ended]
	at := r.At.In(calendar.Zone)
	p := pdf.New(pdf.Options{Format: pdf.A5Wide, Title: "Biên lai thu phí, lệ phí " + r.NumberText(), Subject: "Hồ sơ " + r.Code, CreatedAt: r.At, Author: r.Collector.Name, Watermark: mark,
		Footer: fmt.Sprintf("Biên lai điện tử · Mẫu số %s · Ký hiệu %s · Số %s", r.Collector.FormSign, r.Collector.Series, r.NumberText())})
	p.Letterhead(r.Collector.Name, "Mã số thuế: "+r.Collector.TaxCode)
	p.NumberAndDate("Số: "+r.NumberText(), at.Format("Ngày 02 tháng 01 năm 2006"))
	code := strings.Join([]string{r.Collector.TaxCode, r.Collector.FormSign, r.Collector.Series, r.NumberText(), fmt.Sprint(int64(r.Amount)), at.Format("2006-01-02T15:04:05Z07:00"), strings.ToUpper(search.Fold(r.Code))}, "|")
	if err := p.CodedTitle("BIÊN LAI THU PHÍ, LỆ PHÍ", fmt.Sprintf("Mẫu số: %s · Ký hiệu: %s", r.Collector.FormSign, r.Collector.Series), code); err != nil {
		return nil, err
	}
	p.Field("Người nộp", r.Payer.Name)
	if r.Payer.Number != "" {
		p.Field("Số định danh", r.Payer.Number)
	}
	if r.Payer.Address != "" {
		p.Field("Địa chỉ", r.Payer.Address)
	}
	p.Field("Mã hồ sơ", r.Code)
	var rows [][]string
	for i, x := range r.Parts {
		rows = append(rows, []string{fmt.Sprint(i + 1), x.Name.VI, map[string]string{Phi: "Phí", LePhi: "Lệ phí"}[x.Kind], x.Amount.String()})
	}
	rows = append(rows, []string{"", "Cộng", "", r.Amount.String()})
	p.Table([]pdf.Column{{Title: "STT", Share: 1, Align: "C"}, {Title: "Nội dung thu", Share: 7, Align: "L"}, {Title: "Loại", Share: 2, Align: "C"}, {Title: "Số tiền (đồng)", Share: 3, Align: "R"}}, rows)
	p.Field("Bằng chữ", r.Amount.Words())
	p.Field("Hình thức thanh toán", methods[r.Method])
	if r.Ref != "" {
		p.Field("Mã giao dịch", r.Ref)
	}
	if r.By != "" {
		p.Field("Người thu tiền", r.By)
	}
	if r.Ended != "" {
		p.Para(fmt.Sprintf("%s ngày %s. Lý do: %s", map[string]string{"replaced": "Đã thay thế", "cancelled": "Đã hủy"}[r.Ended], r.EndAt.In(calendar.Zone).Format("02/01/2006"), why(r.Why)), "I")
	}
	return p.Bytes()
}

// why is a reason in words: what the system gives stands for a sentence.
func why(s string) string {
	if said, ok := map[string]string{"refused": "hồ sơ kết thúc khi chưa được tiếp nhận"}[s]; ok {
		return said
	}
	return s
}

// XML is a receipt for machines, under the names of the fields of NĐ 70/2025's data
// standard as far as the law text names them.
func (r *Receipt) XML() ([]byte, error) {
	type part struct {
		N      int    `xml:"STT"`
		Kind   string `xml:"LoaiKhoanThu"`
		Code   string `xml:"MaKhoanThu"`
		Name   string `xml:"TenKhoanThu"`
		Amount int64  `xml:"SoTien"`
	}
	type body struct {
		XMLName  xml.Name `xml:"BienLai"`
		FormSign string   `xml:"KyHieuMau"`
		Series   string   `xml:"KyHieu"`
		Number   string   `xml:"So"`
		Date     string   `xml:"NgayLap"`
		Name     string   `xml:"DonViThu>Ten"`
		Tax      string   `xml:"DonViThu>MST"`
		Payer    string   `xml:"NguoiNop>Ten"`
		PayerID  string   `xml:"NguoiNop>SoDinhDanh,omitempty"`
		Address  string   `xml:"NguoiNop>DiaChi,omitempty"`
		Code     string   `xml:"MaHoSo"`
		Parts    []part   `xml:"DSKhoanThu>KhoanThu"`
		Amount   int64    `xml:"TongTien"`
		Words    string   `xml:"TongTienBangChu"`
		Currency string   `xml:"DonViTienTe"`
		Method   string   `xml:"HinhThucThanhToan"`
		Ref      string   `xml:"MaGiaoDich,omitempty"`
		State    string   `xml:"TrangThai"`
	}
	b := body{FormSign: r.Collector.FormSign, Series: r.Collector.Series, Number: r.NumberText(), Date: r.At.In(calendar.Zone).Format("2006-01-02T15:04:05Z07:00"), Name: r.Collector.Name, Tax: r.Collector.TaxCode,
		Payer: r.Payer.Name, PayerID: r.Payer.Number, Address: r.Payer.Address, Code: r.Code, Amount: int64(r.Amount), Words: r.Amount.Words(), Currency: "VND", Method: methods[r.Method], Ref: r.Ref,
		State: map[string]string{"": "Có hiệu lực", "replaced": "Đã thay thế", "cancelled": "Đã hủy"}[r.Ended]}
	for i, p := range r.Parts {
		b.Parts = append(b.Parts, part{i + 1, map[string]string{Phi: "Phí", LePhi: "Lệ phí"}[p.Kind], p.Fee, p.Name.VI, int64(p.Amount)})
	}
	text, err := xml.MarshalIndent(b, "", " ")
	return append([]byte(xml.Header), text...), err
}

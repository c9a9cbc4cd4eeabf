// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"strings"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/pdf"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

var returnWords = map[procedure.Channel]string{
	procedure.Online:  "Trực tuyến, trên cổng dịch vụ công",
	procedure.Counter: "Trực tiếp tại nơi tiếp nhận hồ sơ",
	procedure.Post:    "Qua dịch vụ bưu chính công ích",
}

// drawReceipt draws form 01: the receipt with the appointment (NĐ 61/2018
// art. 17; TT 01/2018, from 15 September 2025 TT 03/2025).
func (b *Book) drawReceipt(to *pdf.File, f *File, t *Track) error {
	s := &f.State
	received, record, ok := Last[Received](f.Events)
	if !ok {
		return refusal.New(refusal.NotFound, "document.unknown")
	}
	directory, day := b.Site.Directory(), local(s.ReceivedAt)
	law, forms := regime.Find(s.Regime), regime.FormsOn(day)
	p := to.Begin(pdf.Options{Format: pdf.A5Wide, Title: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả " + string(s.Code), Subject: t.Procedure.VI, CreatedAt: s.ReceivedAt,
		Author: directory.NameOn(s.Reception, day, "vi"), Footer: fmt.Sprintf("Mã hồ sơ %s · Mẫu số 01, %s", s.Code, forms)})
	b.letterhead(p, s.Reception, s.ReceivedAt)
	p.NumberAndDate("Số: "+received.Receipt, b.placeAndDate(s.Reception, s.ReceivedAt))
	if err := coded(p, s, "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", formNames["01"].VI, s.ReceivedAt, received.Due); err != nil {
		return err
	}
	p.Field("Tiếp nhận hồ sơ của", s.Applicant.Name)
	p.Field("Số định danh", s.Applicant.IDNumber)
	p.Field("Địa chỉ", s.Applicant.Address)
	p.Field("Số điện thoại", s.Applicant.Phone)
	if s.Applicant.Email != "" {
		p.Field("Thư điện tử", s.Applicant.Email)
	}
	if s.Submitter != nil {
		p.Field("Người nộp thay", s.Submitter.Name)
	}
	p.Field("Nội dung yêu cầu giải quyết", t.Procedure.VI)
	p.Para("Thành phần hồ sơ nộp gồm:", "")
	p.Table([]pdf.Column{{Title: "STT", Share: 1, Align: "C"}, {Title: "Tên giấy tờ", Share: 8, Align: "L"}, {Title: "Bản chính", Share: 2, Align: "C"}, {Title: "Bản sao", Share: 2, Align: "C"}, {Title: "Bản điện tử", Share: 2, Align: "C"}},
		componentRows(f, t, received.Checked))
	p.Field("Số lượng hồ sơ", "01 bộ")
	p.Field("Thời gian giải quyết hồ sơ theo quy định", LimitWords(s.Limit, "vi"))
	p.Field("Thời gian nhận hồ sơ", calendar.HourAndDate(s.ReceivedAt))
	p.Field("Thời gian trả kết quả giải quyết hồ sơ", calendar.HourAndDate(received.Due))
	p.Para(law.Starts.VI+" Căn cứ: "+law.Basis+".", "I")
	p.Field("Đăng ký nhận kết quả", returnWords[s.Return])
	for _, fee := range s.Fees {
		p.Field(fee.Name.VI, form.Grouped(fmt.Sprint(fee.Amount))+" đồng")
	}
	p.Field("Mã tra cứu", s.Secret)
	number, _, _ := strings.Cut(received.Receipt, "/") // the register is one book a year (TT 01/2018 art. 10)
	p.Para(fmt.Sprintf("Vào Sổ theo dõi hồ sơ, Quyển số: %d, Số thứ tự: %s", day.Year(), number), "")
	p.Signatures(pdf.Signature{Office: []string{"NGƯỜI NỘP HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên)", Name: s.Applicant.Name},
		pdf.Signature{Office: []string{"NGƯỜI TIẾP NHẬN HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên)", Name: record.By.Name})
	if a := directory.On(s.Reception, day); a != nil && a.Phone != "" {
		p.Para("Khi đến nhận kết quả, xin mang theo giấy này. Liên hệ: "+a.Phone+".", "I")
	}
	return nil
}

func componentRows(f *File, t *Track, checked []string) [][]string {
	var rows [][]string
	for i, k := range t.Edition.Facts.Case(f.State.Case).Named(checked) {
		in := handedIn(&f.State, &k)
		rows = append(rows, []string{fmt.Sprint(i + 1), k.Name.VI, counted(in.originals), counted(in.copies), counted(in.files)})
	}
	return rows
}

// handed is how much of a component came in.
type handed struct{ originals, copies, files int }

func counted(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

// handedIn counts what came in of a component: on line its files, and the
// e-form as one; at the counter papers as the clerk counted them, or as the law
// asks where they were not, and scans.
func handedIn(s *State, k *procedure.Component) handed {
	var h handed
	for _, d := range s.Documents {
		if d.Component != k.ID {
			continue
		}
		if d.File != "" {
			h.files++
		}
		if s.Channel != procedure.Online {
			h.originals, h.copies = h.originals+d.Originals, h.copies+d.Copies
		}
	}
	switch {
	case s.Channel == procedure.Online && k.EForm:
		h.files = 1
	case s.Channel != procedure.Online && h.originals+h.copies == 0:
		h.originals, h.copies = k.Originals, k.Copies
	}
	return h
}

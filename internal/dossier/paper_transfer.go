// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/pdf"
	"motcua/internal/refusal"
)

// TransferSlip is the paper with which the one-stop hands a dossier over to the
// competent agency, or to the one-stop of that; it is not the applicant's.
const TransferSlip = "transfer"

var transferName = form.Text{VI: "Phiếu chuyển hồ sơ", EN: "Transfer slip"}

// drawTransfer draws what was handed over, by whom, to whom and when (NĐ 61/2018
// art. 18). Who receives signs by hand, unless it was taken over in the book.
func (b *Book) drawTransfer(to *pdf.File, f *File, t *Track) error {
	s := &f.State
	received, by, ok := Last[Received](f.Events)
	forwarded, r, sent := Last[Forwarded](f.Events)
	_, taken, arrived := Last[TakenOver](f.Events)
	if !ok || !sent {
		return refusal.New(refusal.NotFound, "document.unknown")
	}
	dir, day := b.Site.Directory(), local(r.At)
	p := to.Begin(pdf.Options{Title: transferName.VI + " " + string(s.Code), Subject: t.Procedure.VI, CreatedAt: r.At,
		Author: dir.NameOn(s.Reception, day, "vi"), Footer: "Mã hồ sơ " + string(s.Code) + " · " + transferName.VI})
	b.letterhead(p, s.Reception, r.At)
	p.NumberAndDate("Số: "+s.Receipt, b.placeAndDate(s.Reception, r.At))
	if err := coded(p, s, "PHIẾU CHUYỂN HỒ SƠ", transferName.VI, r.At); err != nil {
		return err
	}
	p.Field("Kính gửi", dir.NameOn(forwarded.To, day, "vi"))
	if forwarded.To != s.Competent {
		p.Field("Cơ quan giải quyết", dir.NameOn(s.Competent, day, "vi"))
	}
	p.Field("Thủ tục", t.Procedure.VI+" ("+s.Procedure+")")
	p.Field("Hồ sơ của", s.Applicant.Name)
	p.Field("Tiếp nhận", calendar.HourAndDate(s.ReceivedAt)+", "+by.By.Name)
	p.Field("Hẹn trả kết quả", calendar.HourAndDate(received.Due))
	p.Field("Chuyển", calendar.HourAndDate(r.At))
	if arrived {
		p.Field("Nhận", calendar.HourAndDate(taken.At))
	} else if !forwarded.By.IsZero() {
		p.Field("Nhận trước", calendar.HourAndDate(forwarded.By))
	}
	p.Para("Hồ sơ chuyển gồm:", "")
	p.Table([]pdf.Column{{Title: "STT", Share: 1, Align: "C"}, {Title: "Tên giấy tờ", Share: 8, Align: "L"}, {Title: "Bản chính", Share: 2, Align: "C"}, {Title: "Bản sao", Share: 2, Align: "C"}, {Title: "Bản điện tử", Share: 2, Align: "C"}},
		componentRows(f, t, received.Checked))
	p.Field("Số lượng hồ sơ", fmt.Sprintf("01 bộ, %d loại giấy tờ", len(received.Checked)))
	giver := r.By.Name
	if giver == "" { // without paper the system hands it over
		giver = "Hệ thống chuyển tự động"
	}
	p.Signatures(pdf.Signature{Office: []string{"NGƯỜI GIAO HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên)", Name: giver},
		pdf.Signature{Office: []string{"NGƯỜI NHẬN HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên, giờ, ngày nhận)", Name: taken.By.Name})
	return nil
}

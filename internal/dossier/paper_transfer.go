// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"

	"motcua/internal/form"
	"motcua/internal/pdf"
	"motcua/internal/refusal"
)

// TransferSlip is the paper with which the one-stop hands a dossier over to the
// competent agency; it is not the applicant's.
const TransferSlip = "transfer"

var transferName = form.Text{VI: "Phiếu chuyển hồ sơ", EN: "Transfer slip"}

// drawTransfer draws what was handed over, by whom, to whom and when, of the
// dossier as it was at that moment (NĐ 61/2018 art. 18).
func (b *Book) drawTransfer(to *pdf.File, f *File, t *Track) error {
	s, r := &f.State, f.Events[len(f.Events)-1]
	received, by, ok := Last[Received](f.Events)
	if !ok {
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
	p.Field("Kính gửi", dir.NameOn(s.Competent, day, "vi"))
	p.Field("Thủ tục", t.Procedure.VI+" ("+s.Procedure+")")
	p.Field("Hồ sơ của", s.Applicant.Name)
	p.Field("Tiếp nhận", hourAndDate(s.ReceivedAt)+", "+by.By.Name)
	p.Field("Hẹn trả kết quả", hourAndDate(received.Due))
	p.Field("Chuyển", hourAndDate(r.At))
	p.Para("Hồ sơ chuyển gồm:", "")
	p.Table([]pdf.Column{{Title: "STT", Share: 1, Align: "C"}, {Title: "Tên giấy tờ", Share: 8, Align: "L"}, {Title: "Bản chính", Share: 2, Align: "C"}, {Title: "Bản sao", Share: 2, Align: "C"}, {Title: "Bản điện tử", Share: 2, Align: "C"}},
		componentRows(f, t, received.Checked))
	p.Field("Số lượng hồ sơ", fmt.Sprintf("01 bộ, %d loại giấy tờ", len(received.Checked)))
	giver := r.By.Name
	if giver == "" { // without paper the system hands it over
		giver = "Hệ thống chuyển tự động"
	}
	p.Signatures(pdf.Signature{Office: []string{"NGƯỜI GIAO HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên)", Name: giver},
		pdf.Signature{Office: []string{"NGƯỜI NHẬN HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên, giờ, ngày nhận)"})
	return nil
}

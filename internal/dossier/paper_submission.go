// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"strings"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/pdf"
)

var submissionName = form.Text{VI: "Hồ sơ đã nộp", EN: "What was sent"}

// drawSubmission draws exactly what was sent: every answer, every paper with
// its digest.
func (b *Book) drawSubmission(to *pdf.File, f *File, t *Track) error {
	s := &f.State
	p := to.Begin(pdf.Options{Title: submissionName.VI + " " + string(s.Code), Subject: t.Procedure.VI, CreatedAt: s.SentAt,
		Author: s.Applicant.Name, Footer: "Mã hồ sơ " + string(s.Code)})
	b.letterhead(p, s.Reception, s.SentAt)
	if err := coded(p, s, strings.ToUpper(t.Edition.Form.Title.VI), submissionName.VI, s.SentAt); err != nil {
		return err
	}
	p.Field("Thủ tục", t.Procedure.VI+" ("+s.Procedure+")")
	p.Field("Gửi lúc", calendar.HourAndDate(s.SentAt))
	p.Field("Nơi nhận", b.Site.Directory().NameOn(s.Reception, local(s.SentAt), "vi"))
	p.Field("Người đề nghị", s.Applicant.Name)
	p.Field("Số định danh", s.Applicant.IDNumber)
	answered(p, t.Edition.Form.Shown(f.Answers, s.facts(), "vi"))
	if len(s.Documents) > 0 {
		p.Heading("Giấy tờ kèm theo")
		var rows [][]string
		for i, d := range s.Documents {
			name, digest := d.Name, d.SHA256
			if d.File == "" {
				name, digest = "bản giấy", ""
			}
			if k := componentOf(t.Edition.Facts.Case(s.Case).Components, d.Component); k != nil {
				name = k.Name.VI + " – " + name
			}
			rows = append(rows, []string{fmt.Sprint(i + 1), name, digest})
		}
		p.Table([]pdf.Column{{Title: "STT", Share: 1, Align: "C"}, {Title: "Giấy tờ", Share: 7, Align: "L"}, {Title: "SHA-256", Share: 6, Align: "L"}}, rows)
	}
	p.Para(t.Edition.Form.Declaration.VI, "I")
	p.Signatures(pdf.Signature{Office: []string{"NGƯỜI ĐỀ NGHỊ"}, Name: s.Applicant.Name})
	return nil
}

func answered(p *pdf.Paper, list []form.Answered) {
	for _, a := range list {
		if a.Group {
			p.Heading(a.Label)
			answered(p, a.Items)
		} else if a.Value != "" {
			p.Field(a.Label, a.Value)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"slices"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/pdf"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// SampleApplicant is the invented person of every sample dossier.
var SampleApplicant = Applicant{Kind: "citizen", Name: "Nguyễn Thị Hương Giang", IDNumber: "046190001234", Phone: "0905000123",
	Email: "huonggiang@example.vn", Address: "12 Lê Lợi, phường Thuận Hóa, thành phố Huế", BirthDate: "1990-03-15"}

// Sample is the sample dossier the law asks for (TT 01/2018 art. 5): a filing
// that is accepted as it is, with invented persons; its papers are small files
// marked MẪU. It is addressed to the first place that offers the procedure.
func (b *Book) Sample(ctx context.Context, code, lang string) (Filing, error) {
	e, err := b.Catalogue.Show(ctx, code, local(b.Now()))
	if err != nil {
		return Filing{}, err
	}
	offerings := b.Site.Directory().Offerings(e.Facts.Competent)
	if len(offerings) == 0 {
		return Filing{}, refusal.New(refusal.NotFound, "procedure.unknown", "code", code)
	}
	f := Filing{Procedure: code, Case: e.Sample.Case, Agency: offerings[0].Reception, Channel: procedure.Online,
		Applicant: SampleApplicant, Answers: e.Sample.Answers, Return: e.Sample.Return, Documents: []Paper{}}
	c := e.Facts.Case(f.Case)
	scope := form.Scope{Answers: f.Answers, Facts: procedure.FactsOf(c.ID, f.Channel, f.Applicant.Kind)}
	for _, k := range c.Asked(scope) {
		if k.Optional || !k.Uploads() {
			continue
		}
		p, err := sampleOf(k, e.Facts.Name)
		if err != nil {
			return f, err
		}
		f.Documents = append(f.Documents, p)
	}
	return f, nil
}

// sampleOf is a sample file of a kind that the component takes.
func sampleOf(k procedure.Component, name form.Text) (Paper, error) {
	if slices.Contains(k.Kinds(), "pdf") {
		content, err := samplePaper(k, name)
		return Paper{Component: k.ID, Name: k.ID + ".pdf", Content: content}, err
	}
	content, err := pdf.Picture("MẪU")
	return Paper{Component: k.ID, Name: k.ID + ".png", Content: content}, err
}

// samplePaper draws a page marked MẪU that stands for a component.
func samplePaper(k procedure.Component, name form.Text) ([]byte, error) {
	p := pdf.New(pdf.Options{Title: "MẪU – " + k.Name.VI, Subject: name.VI, CreatedAt: sampleTime, Watermark: "MẪU", Footer: "Giấy tờ mẫu, không có giá trị sử dụng"})
	p.Title("MẪU", k.Name.VI)
	p.Para("Giấy tờ mẫu của thủ tục "+name.VI+".", "")
	return p.Bytes()
}

// sampleTime dates every sample paper, so that they are the same files each time.
var sampleTime = time.Date(2025, 7, 1, 9, 0, 0, 0, calendar.Zone)

// SamplePaper is one page marked MẪU that stands for any paper.
func (b *Book) SamplePaper() ([]byte, error) {
	return samplePaper(procedure.Component{Name: form.Text{VI: "Giấy tờ kèm theo"}}, form.Text{VI: "mẫu"})
}

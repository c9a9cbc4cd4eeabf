// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"regexp"
	"strings"

	"motcua/internal/form"
	"motcua/internal/pdf"
	"motcua/internal/procedure"
)

// draftMark stands across a paper that was not issued.
const draftMark = "DỰ THẢO"

// drawResult draws a result from its template, the drafter's inputs and the answers.
func (b *Book) drawResult(to *pdf.File, f *File, t *Track, id, watermark string) error {
	s := &f.State
	template := t.Edition.Result(id)
	if template == nil {
		return fmt.Errorf("dossier %s: no template %q", s.Code, id)
	}
	inputs := form.Answers{}
	if e, _, ok := Last[Proposed](f.Events); ok {
		inputs = e.Inputs
	}
	at := s.IssuedAt
	if at.IsZero() {
		at = s.SentAt
	}
	w := writer{template: template, form: t.Edition.Form, scope: form.Scope{Answers: f.Answers, Facts: s.facts()}.In(inputs), inputs: inputs, builtin: map[string]string{
		"code": string(s.Code), "received_on": shortDate(s.ReceivedAt), "issued_on": shortDate(s.IssuedAt), "agency": b.Site.Directory().NameOn(s.Competent, local(at), "vi"),
		"procedure": t.Procedure.VI, "number": s.Number, "applicant": s.Applicant.Name}}
	p := to.Begin(pdf.Options{Title: template.Title + " " + s.Number, Subject: t.Procedure.VI, CreatedAt: at, Author: w.builtin["agency"],
		Footer: "Mã hồ sơ " + string(s.Code), Watermark: watermark})
	b.letterhead(p, s.Competent, at)
	number, day := "Số: ……", "ngày … tháng … năm …"
	if s.Number != "" && watermark != draftMark {
		number, day = "Số: "+s.Number, b.placeAndDate(s.Competent, at)
	}
	p.NumberAndDate(number, day)
	if err := p.CodedTitle(template.Title, w.fill(template.Subtitle), qrText(s, template.Name.VI, at)); err != nil {
		return err
	}
	for _, l := range template.Lines {
		w.line(p, l)
	}
	signer := ""
	if _, r, ok := Last[Approved](f.Events); ok && watermark != draftMark {
		signer = r.By.Name
	}
	p.Signatures(pdf.Signature{Note: " "}, pdf.Signature{Office: strings.Split(template.SignedBy, "|"), Name: signer})
	return nil
}

// writer fills the lines of a template.
type writer struct {
	template *procedure.Template
	form     *form.Form
	scope    form.Scope
	inputs   form.Answers
	builtin  map[string]string
}

var placeholder = regexp.MustCompile(`\{[a-z_0-9.]+\}`)

func (w *writer) line(p *pdf.Paper, l procedure.Line) {
	if !l.When.Holds(w.scope) {
		return
	}
	switch {
	case l.Heading != "":
		p.Heading(w.fill(l.Heading))
	case l.Text != "":
		p.Para(w.fill(l.Text), "")
	case l.Label != "":
		if value := w.fill(l.Value); value != "" {
			p.Field(w.fill(l.Label), value)
		}
	case l.List != "":
		w.list(p, l)
	}
}

func (w *writer) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		path := m[1 : len(m)-1]
		for i := range w.template.Inputs {
			if q := &w.template.Inputs[i]; q.ID == path {
				return form.Say(q, w.inputs[path], "vi")
			}
		}
		if s, ok := w.builtin[path]; ok {
			return s
		}
		q := w.form.Resolve(path)
		v, ok := w.scope.Lookup(path)
		if q == nil || !ok {
			return ""
		}
		return form.Say(q, v, "vi")
	})
}

func (w *writer) list(p *pdf.Paper, l procedure.Line) {
	q := w.form.Resolve(l.List)
	v, _ := w.scope.Lookup(l.List)
	items, _ := v.([]any)
	if len(items) == 0 {
		return
	}
	columns := []pdf.Column{{Title: "STT", Share: 1, Align: "C"}}
	for _, c := range l.Columns {
		columns = append(columns, pdf.Column{Title: c.Title, Share: 4, Align: "L"})
	}
	var rows [][]string
	for i, x := range items {
		item, _ := x.(map[string]any)
		row := []string{fmt.Sprint(i + 1)}
		for _, c := range l.Columns {
			for j := range q.Fields {
				if q.Fields[j].ID == c.Field {
					row = append(row, form.Say(&q.Fields[j], item[c.Field], "vi"))
				}
			}
		}
		rows = append(rows, row)
	}
	p.Table(columns, rows)
}

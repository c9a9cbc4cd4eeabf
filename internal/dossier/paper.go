// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/pdf"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// Papers are drawn when they are asked for, from what the events pinned: the
// same paper a year later is the same file.

// Paper draws a paper of the one-stop: "submission" or "receipt".
func (b *Book) Paper(ctx context.Context, f *File, id string) ([]byte, error) {
	t, err := b.Track(ctx, &f.State)
	if err != nil {
		return nil, err
	}
	switch {
	case id == "submission":
		return b.drawSubmission(f, &t)
	case id == "receipt" && !f.State.ReceivedAt.IsZero():
		return b.drawReceipt(f, &t)
	}
	return nil, refusal.New(refusal.NotFound, "document.unknown")
}

// Result draws the result that was issued.
func (b *Book) Result(ctx context.Context, f *File, id string) ([]byte, error) {
	s := &f.State
	if s.IssuedAt.IsZero() || id != s.Template {
		return nil, refusal.New(refusal.NotFound, "dossier.result.none")
	}
	t, err := b.Track(ctx, s)
	if err != nil {
		return nil, err
	}
	return b.drawResult(f, &t, s.Template, "")
}

// DraftResult draws the result as it is drafted now, marked as a draft.
func (b *Book) DraftResult(ctx context.Context, f *File) ([]byte, error) {
	t, err := b.Track(ctx, &f.State)
	if err != nil {
		return nil, err
	}
	id := f.State.Template
	if id == "" {
		template := t.Edition.Template(form.Scope{Answers: f.Answers, Facts: f.State.facts()})
		if template == nil {
			return nil, refusal.New(refusal.NotFound, "dossier.result.none")
		}
		id = template.ID
	}
	return b.drawResult(f, &t, id, "DỰ THẢO")
}

func (b *Book) letterhead(p *pdf.Paper, id agency.ID) {
	d := b.Site.Directory()
	parent := ""
	if a := d.Find(id); a != nil && a.Parent != "" {
		parent = d.Name(a.Parent, "vi")
	}
	p.Letterhead(strings.ToUpper(parent), strings.ToUpper(d.Name(id, "vi")))
}

func longDate(t time.Time) string {
	t = t.In(calendar.Zone)
	return fmt.Sprintf("ngày %02d tháng %02d năm %d", t.Day(), int(t.Month()), t.Year())
}

func hourAndDate(t time.Time) string {
	t = t.In(calendar.Zone)
	return fmt.Sprintf("%02d giờ %02d phút, ngày %02d/%02d/%d", t.Hour(), t.Minute(), t.Day(), int(t.Month()), t.Year())
}

var returnWords = map[procedure.Channel]string{
	procedure.Online:  "Trực tuyến, trên cổng dịch vụ công",
	procedure.Counter: "Trực tiếp tại nơi tiếp nhận hồ sơ",
	procedure.Post:    "Qua dịch vụ bưu chính công ích",
}

// drawReceipt draws form 01: the receipt with the appointment (NĐ 61/2018
// art. 17; TT 01/2018, from 15 September 2025 TT 03/2025).
func (b *Book) drawReceipt(f *File, t *Track) ([]byte, error) {
	s := &f.State
	received, record, ok := Last[Received](f.Events)
	if !ok {
		return nil, refusal.New(refusal.NotFound, "document.unknown")
	}
	law, forms := regime.Find(s.Regime), regime.FormsOn(local(s.ReceivedAt))
	p := pdf.New(pdf.Options{Title: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả " + string(s.Code), Subject: t.Procedure.VI, CreatedAt: s.ReceivedAt,
		Author: b.Site.Directory().Name(s.Reception, "vi"), Footer: fmt.Sprintf("Mã hồ sơ %s · Mẫu số 01, %s", s.Code, forms)})
	b.letterhead(p, s.Reception)
	p.NumberAndDate("Số: "+received.Receipt, longDate(s.ReceivedAt))
	top := p.Y()
	if err := p.QR(fmt.Sprintf("%s|%s|%s|01|motcua|%s|%s", s.Code, s.Procedure, s.Applicant.IDNumber, s.ReceivedAt.Format(time.RFC3339), s.Due.Format(time.RFC3339)), 24); err != nil {
		return nil, err
	}
	p.Title("GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "Mã hồ sơ: "+string(s.Code))
	p.Down(top + 26)
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
	p.Table([]pdf.Column{{Title: "STT", Share: 1, Align: "C"}, {Title: "Tên giấy tờ", Share: 8, Align: "L"}, {Title: "Bản chính", Share: 2, Align: "C"}, {Title: "Bản sao", Share: 2, Align: "C"}},
		componentRows(f, t, received.Checked))
	p.Field("Số lượng hồ sơ", "01 bộ")
	p.Field("Thời gian giải quyết hồ sơ theo quy định", LimitWords(s.Limit, "vi"))
	p.Field("Thời gian nhận hồ sơ", hourAndDate(s.ReceivedAt))
	p.Field("Thời gian trả kết quả giải quyết hồ sơ", hourAndDate(received.Due))
	p.Para(law.Starts.VI+" Căn cứ: "+law.Basis+".", "I")
	p.Field("Đăng ký nhận kết quả", returnWords[s.Return])
	for _, fee := range s.Fees {
		p.Field(fee.Name.VI, form.Grouped(fmt.Sprint(fee.Amount))+" đồng")
	}
	p.Field("Mã tra cứu", s.Secret)
	p.Signatures(pdf.Signature{Office: []string{"NGƯỜI NỘP HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên)", Name: s.Applicant.Name},
		pdf.Signature{Office: []string{"NGƯỜI TIẾP NHẬN HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên)", Name: record.By.Name})
	if a := b.Site.Directory().Find(s.Reception); a != nil && a.Phone != "" {
		p.Para("Khi đến nhận kết quả, xin mang theo giấy này. Liên hệ: "+a.Phone+".", "I")
	}
	return p.Bytes()
}

func componentRows(f *File, t *Track, checked []string) [][]string {
	var rows [][]string
	for i, k := range t.Edition.Facts.Case(f.State.Case).Named(checked) {
		originals, copies := handedIn(&f.State, &k)
		rows = append(rows, []string{fmt.Sprint(i + 1), k.Name.VI, fmt.Sprint(originals), fmt.Sprint(copies)})
	}
	return rows
}

// handedIn is how many originals and copies of a component came in: at the
// counter as the clerk counted them, on line as the law asks.
func handedIn(s *State, k *procedure.Component) (originals, copies int) {
	originals, copies = k.Originals, k.Copies
	if s.Channel == procedure.Online {
		return originals, copies
	}
	for _, d := range s.Documents {
		if d.Component == k.ID {
			return d.Originals, d.Copies
		}
	}
	return originals, copies
}

// LimitWords says a time limit: "3 ngày làm việc".
func LimitWords(l calendar.Limit, lang string) string {
	vi := map[calendar.Unit]string{calendar.WorkingDay: "ngày làm việc", calendar.Day: "ngày", calendar.Month: "tháng", calendar.WorkingHour: "giờ làm việc"}
	en := map[calendar.Unit]string{calendar.WorkingDay: "working days", calendar.Day: "days", calendar.Month: "months", calendar.WorkingHour: "working hours"}
	words := vi
	if lang == "en" {
		words = en
	}
	if l.Unit == calendar.SameDay {
		return map[string]string{"vi": "trong ngày", "en": "the same day"}[lang]
	}
	w := words[l.Unit]
	if lang == "en" && l.N == 1 {
		w = strings.TrimSuffix(w, "s")
	}
	return fmt.Sprintf("%d %s", l.N, w)
}

// drawSubmission draws exactly what was sent: every answer, every paper with
// its digest.
func (b *Book) drawSubmission(f *File, t *Track) ([]byte, error) {
	s := &f.State
	p := pdf.New(pdf.Options{Title: "Hồ sơ đã nộp " + string(s.Code), Subject: t.Procedure.VI, CreatedAt: s.SentAt,
		Author: s.Applicant.Name, Footer: "Mã hồ sơ " + string(s.Code)})
	b.letterhead(p, s.Reception)
	top := p.Y()
	if err := p.QR(string(s.Code)+"|"+s.Procedure, 22); err != nil {
		return nil, err
	}
	p.Title(strings.ToUpper(t.Edition.Form.Title.VI), "Mã hồ sơ: "+string(s.Code))
	p.Down(top + 24)
	p.Field("Thủ tục", t.Procedure.VI+" ("+s.Procedure+")")
	p.Field("Gửi lúc", hourAndDate(s.SentAt))
	p.Field("Nơi nhận", b.Site.Directory().Name(s.Reception, "vi"))
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
	return p.Bytes()
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

// drawResult draws a result from its template, the drafter's inputs and the answers.
func (b *Book) drawResult(f *File, t *Track, id, watermark string) ([]byte, error) {
	s := &f.State
	template := templateOf(t.Edition, id)
	if template == nil {
		return nil, fmt.Errorf("dossier %s: no template %q", s.Code, id)
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
		"code": string(s.Code), "received_on": shortDate(s.ReceivedAt), "issued_on": shortDate(s.IssuedAt), "agency": b.Site.Directory().Name(s.Competent, "vi"),
		"procedure": t.Procedure.VI, "number": s.Number, "applicant": s.Applicant.Name}}
	p := pdf.New(pdf.Options{Title: template.Title + " " + s.Number, Subject: t.Procedure.VI, CreatedAt: at, Author: w.builtin["agency"],
		Footer: "Mã hồ sơ " + string(s.Code), Watermark: watermark})
	b.letterhead(p, s.Competent)
	number, day := "Số: ……", "ngày … tháng … năm …"
	if s.Number != "" && watermark == "" {
		number, day = "Số: "+s.Number, longDate(at)
	}
	p.NumberAndDate(number, day)
	top := p.Y()
	if err := p.QR(fmt.Sprintf("%s|%s|%s|%s|motcua|%s", s.Code, s.Procedure, s.Applicant.IDNumber, id, at.Format(time.RFC3339)), 22); err != nil {
		return nil, err
	}
	p.Title(template.Title, template.Subtitle)
	p.Down(top + 24)
	for _, l := range template.Lines {
		w.line(p, l)
	}
	p.Field("Mã hồ sơ", string(s.Code))
	signer := ""
	if _, r, ok := Last[Approved](f.Events); ok && watermark == "" {
		signer = r.By.Name
	}
	p.Signatures(pdf.Signature{Note: " "}, pdf.Signature{Office: strings.Split(template.SignedBy, "|"), Name: signer})
	return p.Bytes()
}

func templateOf(e *procedure.Edition, id string) *procedure.Template {
	for i := range e.Results {
		if e.Results[i].ID == id {
			return &e.Results[i]
		}
	}
	return nil
}

func shortDate(t time.Time) string {
	if t.IsZero() {
		return "…"
	}
	return t.In(calendar.Zone).Format("02/01/2006")
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

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/pdf"
	"motcua/internal/regime"
)

// Issue is an official form that was issued in a dossier.
type Issue struct {
	Form     string    `json:"form"` // "02"
	Number   string    `json:"number"`
	Seq      int       `json:"seq"` // of the event that issued it
	At       time.Time `json:"at"`
	Replaced bool      `json:"replaced,omitempty"` // by one with another number
}

// id names the paper among those of its dossier.
func (i Issue) id() string {
	if i.Form == "01" && !i.Replaced {
		return "receipt"
	}
	return fmt.Sprintf("%s-%d", i.Form, i.Seq)
}

// note notes a form that an event issued.
func (s *State) note(form, number string, r Record) {
	s.Issues = append(s.Issues[:len(s.Issues):len(s.Issues)], Issue{Form: form, Number: number, Seq: r.Seq, At: r.At})
}

// formNames are what the forms are called. That of form 04 differs by set.
var formNames = map[string]form.Text{
	"01": {VI: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", EN: "Receipt with appointment"},
	"02": {VI: "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ", EN: "Request to complete the dossier"},
	"03": {VI: "Phiếu từ chối tiếp nhận, giải quyết hồ sơ", EN: "Refusal to receive"},
	"04": {VI: "Văn bản xin lỗi và hẹn lại ngày trả kết quả", EN: "Apology with another appointment"},
	"05": {VI: "Thông báo dừng giải quyết hồ sơ", EN: "Notice of stopping"},
}

// until is the dossier as it was after an event: what a paper of that moment is
// drawn from, so that it is the same whenever it is drawn.
func (f *File) until(seq int) (*File, error) {
	past := &File{Events: f.Events[:seq]}
	var err error
	past.State, err = Fold(f.State.ID, past.Events)
	past.Answers = answersIn(past.Events)
	return past, err
}

// drawForm draws one of the forms 02 to 05 as the event that ends the file
// issued it.
func (b *Book) drawForm(to *pdf.File, f *File, t *Track) error { return b.drawFormAs(to, f, t, false) }

// drawFormAs draws the form as it is, or as a draft without a number.
func (b *Book) drawFormAs(to *pdf.File, f *File, t *Track, draft bool) error {
	s, r := &f.State, f.Events[len(f.Events)-1]
	kind, _, _ := formOf(r.Event)
	d := formDrawing{Book: b, to: to, s: s, t: t, r: r, set: regime.FormsOn(local(r.At)), draft: draft}
	switch e := r.Event.(type) {
	case AskedSupplement:
		return d.draw(kind, e.Number, s.Reception, "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", func() { d.supplement(e) })
	case RefusedFiling:
		return d.draw(kind, e.Number, s.Reception, "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ", func() { d.refusal(e) })
	case Extended:
		title := "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT"
		if d.set == regime.Forms2018 {
			title = "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"
		}
		return d.draw(kind, e.Number, s.Competent, title, func() { d.extension(e) })
	case StopNotice:
		return d.draw(kind, e.Number, s.Competent, "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", func() { d.stop(e) })
	}
	return fmt.Errorf("dossier %s: event %d issues no form", s.Code, r.Seq)
}

// formDrawing is a form being drawn.
type formDrawing struct {
	*Book
	to  *pdf.File
	s   *State
	t   *Track
	r   Record
	set regime.FormSet
	p   *pdf.Paper

	draft bool
}

func (d *formDrawing) draw(kind, number string, from agency.ID, title string, body func()) error {
	s, dir, day := d.s, d.Site.Directory(), local(d.r.At)
	name := formNames[kind].VI
	watermark := ""
	if d.draft {
		watermark, number = draftMark, "…/"+formSigns[kind]
	}
	d.p = d.to.Begin(pdf.Options{Format: pdf.A5Wide, Watermark: watermark, Title: name + " " + string(s.Code), Subject: d.t.Procedure.VI, CreatedAt: d.r.At,
		Author: dir.NameOn(from, day, "vi"), Footer: fmt.Sprintf("Mã hồ sơ %s · Mẫu số %s, %s", s.Code, kind, d.set)})
	d.letterhead(d.p, from, d.r.At)
	d.p.NumberAndDate("Số: "+number, d.placeAndDate(from, d.r.At))
	if err := coded(d.p, s, title, name, d.r.At); err != nil {
		return err
	}
	body()
	return nil
}

// whose says whose dossier it is and what it asks for.
func (d *formDrawing) whose(label string) {
	a := d.s.Applicant
	d.p.Field(label, a.Name)
	for _, x := range [][2]string{{"Địa chỉ", a.Address}, {"Số điện thoại", a.Phone}, {"Thư điện tử", a.Email}} {
		if x[1] != "" {
			d.p.Field(x[0], x[1])
		}
	}
	d.p.Field("Nội dung yêu cầu giải quyết", d.t.Procedure.VI)
}

func (d *formDrawing) why(w Why, usual string) {
	d.p.Field("Lý do", w.Text)
	if w.Basis == "" {
		w.Basis = usual
	}
	d.p.Field("Căn cứ", w.Basis)
}

// contact says whom to ask.
func (d *formDrawing) contact() {
	if a := d.Site.Directory().On(d.s.Reception, local(d.r.At)); a != nil && a.Phone != "" {
		d.p.Para("Có vướng mắc, xin liên hệ "+a.Name.VI+", điện thoại "+a.Phone+".", "I")
	}
}

func (d *formDrawing) supplement(e AskedSupplement) {
	d.whose("Hồ sơ của")
	d.p.Para("Đề nghị bổ sung, hoàn thiện đầy đủ các điểm sau:", "")
	var rows [][]string
	for i, l := range e.Lacks {
		rows = append(rows, []string{fmt.Sprint(i + 1), LackName(d.t.Edition, d.s.Case, l).VI, strings.TrimSpace(l.Text + " " + bracketed(l.Basis))})
	}
	d.p.Table([]pdf.Column{{Title: "STT", Share: 1, Align: "C"}, {Title: "Giấy tờ, nội dung", Share: 5, Align: "L"}, {Title: "Việc cần làm và lý do", Share: 9, Align: "L"}}, rows)
	d.p.Field("Bổ sung trước", calendar.HourAndDate(e.AnswerBy))
	d.p.Field("Lần yêu cầu ở giai đoạn này", fmt.Sprint(e.Round))
	d.p.Field("Căn cứ", e.Basis)
	d.contact()
	d.p.Signatures(pdf.Signature{Office: []string{"NGƯỜI ĐỀ NGHỊ"}, Note: "(Ký, ghi rõ họ tên)", Name: d.s.Applicant.Name},
		pdf.Signature{Office: []string{"NGƯỜI HƯỚNG DẪN"}, Note: "(Ký, ghi rõ họ tên)", Name: d.r.By.Name})
}

func bracketed(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func (d *formDrawing) refusal(e RefusedFiling) {
	d.whose("Hồ sơ của")
	d.p.Para("Qua xem xét, hồ sơ này không được tiếp nhận, giải quyết với lý do cụ thể như sau:", "")
	for _, w := range e.Reasons {
		d.why(w, e.Basis)
	}
	if e.Guidance != "" {
		d.p.Field("Hướng dẫn", e.Guidance)
	}
	d.contact()
	d.p.Signatures(pdf.Signature{Office: []string{"NGƯỜI NỘP HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên)", Name: d.s.Applicant.Name},
		pdf.Signature{Office: []string{"NGƯỜI TIẾP NHẬN HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên)", Name: d.r.By.Name})
}

func (d *formDrawing) extension(e Extended) {
	d.whose("Kính gửi")
	d.p.Field("Thời gian nhận hồ sơ", calendar.HourAndDate(d.s.ReceivedAt))
	d.p.Field("Thời gian hẹn trả kết quả", calendar.HourAndDate(e.From))
	d.p.Para("Đến nay cơ quan chưa giải quyết xong hồ sơ của Ông/Bà. Chúng tôi xin lỗi vì sự chậm trễ này.", "")
	d.why(e.Why, regime.Find(d.s.Regime).Basis)
	d.p.Field("Thời gian đề nghị gia hạn", fmt.Sprintf("%d ngày làm việc", e.Days))
	d.p.Field("Hẹn lại trả kết quả vào", calendar.HourAndDate(e.To))
	d.contact()
	d.leader()
}

func (d *formDrawing) stop(e StopNotice) {
	d.whose("Kính gửi")
	d.p.Field("Thời gian nhận hồ sơ", calendar.HourAndDate(d.s.ReceivedAt))
	d.p.Para("Cơ quan thông báo dừng giải quyết hồ sơ nêu trên.", "")
	d.why(e.Why, regime.Find(d.s.Regime).Basis)
	if e.Guidance != "" {
		d.p.Field("Hướng dẫn", e.Guidance)
	}
	d.p.Para("Ông/Bà được nhận lại giấy tờ đã nộp, nộp lại hồ sơ khi đủ điều kiện, hoặc khiếu nại theo quy định của pháp luật.", "")
	d.contact()
	d.leader()
}

// leader is the signature of who signed for the agency.
func (d *formDrawing) leader() {
	d.p.Signatures(pdf.Signature{}, pdf.Signature{Office: []string{"THỦ TRƯỞNG CƠ QUAN"}, Note: "(Ký, ghi rõ họ tên)", Name: d.r.By.Name})
}

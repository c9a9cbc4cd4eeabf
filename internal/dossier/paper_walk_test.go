// SPDX-License-Identifier: Apache-2.0

//go:build walk

package dossier_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/pdf/pdftest"
	"motcua/internal/refusal"
)

// want is what a paper must be.
type want struct {
	title, name string   // name as its QR code has it
	size        string   // "" for A4
	foot        string   // after the dossier's code
	says        []string // also
	due         bool     // its code tells the appointment
	mark        string   // across it
}

// judged holds a paper of a dossier against what it must be.
func (o *office) judged(s dossier.State, id string, w want) pdftest.Paper {
	o.Helper()
	f, err := o.Open(o.Context(), o.who["motcua"], s.Code)
	if err != nil {
		o.Fatal(err)
	}
	content, err := o.Paper(o.Context(), &f, id)
	if err != nil {
		o.Fatalf("%s: %v", id, err)
	}
	if again, err := o.Paper(o.Context(), &f, id); err != nil || !bytes.Equal(content, again) {
		o.Errorf("%s is another file when it is drawn again: %v", id, err)
	}
	w.says = append(w.says, string(s.Code))
	return o.held(s, content, w)
}

func (o *office) held(s dossier.State, content []byte, w want) pdftest.Paper {
	o.Helper()
	p := pdftest.Judge(o, content)
	if !slices.Contains(p.Elements, "H1 "+w.title) {
		o.Errorf("%q is not the title of\n%s", w.title, strings.Join(p.Elements, "\n"))
	}
	text := strings.Join(strings.Fields(strings.Join(p.Elements, " ")), " ")
	for _, said := range append(w.says, s.Applicant.Name, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") {
		if !strings.Contains(text, said) {
			o.Errorf("%s does not say %q:\n%s", w.title, said, text)
		}
	}
	if w.size == "" {
		w.size = "210 x 297"
	}
	feet := ""
	for i, size := range p.Sizes {
		if size != w.size {
			o.Errorf("page %d of %s is %s", i+1, w.title, size)
		}
		feet += fmt.Sprintf("Mã hồ sơ %s%s %d/%d%s", s.Code, w.foot, i+1, len(p.Sizes), w.mark)
	}
	if p.Unread != pdftest.Letters(feet) {
		o.Errorf("%s: not read aloud %q, but the foot is %q", w.title, p.Unread, pdftest.Letters(feet))
	}
	if len(p.Codes) != 1 {
		o.Fatalf("%s has the codes %q", w.title, p.Codes)
	}
	parts := strings.Split(p.Codes[0], "|")
	n := 6
	if w.due {
		n = 7
	}
	if len(parts) != n || !slices.Equal(parts[:5], []string{string(s.Code), s.Procedure, s.Applicant.IDNumber, w.name, "motcua"}) {
		o.Fatalf("the code of %s says %q", w.title, parts)
	}
	for _, at := range parts[5:] {
		if _, err := time.Parse(time.RFC3339, at); err != nil {
			o.Errorf("%s: %v", w.title, err)
		}
	}
	return p
}

// Every kind of paper that a dossier can have is judged by tools, as whoever
// receives it would.
func TestEveryPaper(t *testing.T) {
	o := open(t)
	const law = ", TT 03/2025/TT-VPCP"
	a5 := "210 x 148"

	asked := o.must("motcua", o.file("1.001193"), "ask_supplement", nil)
	o.judged(asked, "submission", want{title: "TỜ KHAI ĐĂNG KÝ KHAI SINH", name: "HO SO DA NOP"})
	o.judged(asked, issued(o, asked, "02"), want{title: "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", name: "PHIEU YEU CAU BO SUNG HOAN THIEN HO SO", size: a5, foot: " · Mẫu số 02" + law, says: []string{"Lần yêu cầu ở giai đoạn này: 1"}})

	refused := o.must("motcua", o.file("1.001193"), "refuse", map[string]any{"reason": "not_competent", "guidance": "Nộp tại phường Phú Xuân."})
	o.judged(refused, issued(o, refused, "03"), want{title: "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ", name: "PHIEU TU CHOI TIEP NHAN GIAI QUYET HO SO", size: a5, foot: " · Mẫu số 03" + law, says: []string{"Nộp tại phường Phú Xuân."}})

	late := o.to(handler, o.file("1.011609"), "step")
	late = o.must("lanhdao", o.must(handler, late, "extend", map[string]any{"days": 4.0, "reason": "verification"}), "sign", nil)
	o.judged(late, issued(o, late, "04"), want{title: "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT", name: "VAN BAN XIN LOI VA HEN LAI NGAY TRA KET QUA", size: a5, foot: " · Mẫu số 04" + law, says: []string{"4 ngày làm việc"}})

	stopped := o.to("truongphong", o.file("1.011609"), "stop")
	stopped = o.must("lanhdao", o.must("truongphong", stopped, "stop", map[string]any{"reason": "duplicate"}), "sign", nil)
	o.judged(stopped, issued(o, stopped, "05"), want{title: "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", name: "THONG BAO DUNG GIAI QUYET HO SO", size: a5, foot: " · Mẫu số 05" + law})

	done := o.file("1.001193")
	for more := true; more; done, more = o.next(done) {
		o.now = o.now.Add(time.Hour)
	}
	receipt := o.judged(done, "receipt", want{title: "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", name: "GIAY TIEP NHAN HO SO VA HEN TRA KET QUA", size: a5, foot: " · Mẫu số 01" + law, due: true, says: []string{done.Secret, "Thành phần hồ sơ nộp gồm:"}})
	if due := strings.Split(receipt.Codes[0], "|")[6]; due != done.Original.In(calendar.Zone).Format(time.RFC3339) {
		t.Errorf("the receipt's code says that it is due %s, not %s", due, done.Original)
	}
	o.judged(done, dossier.ControlSlip, want{title: "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ", name: "PHIEU KIEM SOAT QUA TRINH GIAI QUYET HO SO", foot: " · Mẫu số 06" + law, says: []string{"Lê Quang Minh"}})
	o.judged(done, dossier.TransferSlip, want{title: "PHIẾU CHUYỂN HỒ SƠ", name: "PHIEU CHUYEN HO SO", foot: " · Phiếu chuyển hồ sơ", says: []string{"NGƯỜI GIAO HỒ SƠ", "Giấy chứng sinh"}})

	f, err := o.Open(t.Context(), o.who["motcua"], done.Code)
	if err != nil {
		t.Fatal(err)
	}
	result, err := o.Result(t.Context(), &f, done.Issued[0].Template)
	if err != nil {
		t.Fatal(err)
	}
	o.held(done, result, want{title: "GIẤY KHAI SINH", name: "GIAY KHAI SINH"})

	away, err := o.ReceiveAtCounter(t.Context(), o.who["motcua"], o.elsewhere(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	slip := want{title: "PHIẾU CHUYỂN HỒ SƠ", name: "PHIEU CHUYEN HO SO", foot: " · Phiếu chuyển hồ sơ"}
	away = o.must("motcua", away, "forward", nil)
	slip.says = []string{"Kính gửi: Trung tâm Phục vụ hành chính công phường Phú Xuân", "Cơ quan giải quyết: Ủy ban nhân dân phường Phú Xuân", "Nhận trước:", "Trần Thị Mỹ Linh"}
	o.judged(away, dossier.TransferSlip, slip)
	o.now = o.now.Add(time.Hour)
	away = o.must("phuxuan", away, "take_over", nil)
	slip.says = []string{"P Nhận: " + o.now.In(calendar.Zone).Format("15 giờ 04 phút"), o.who["phuxuan"].Name}
	o.judged(away, dossier.TransferSlip, slip)

	drafted := o.must("motcua", o.file("1.001193"), "receive", nil)
	if f, err = o.Open(t.Context(), o.who["motcua"], drafted.Code); err != nil {
		t.Fatal(err)
	}
	if result, err = o.DraftResult(t.Context(), &f); err != nil {
		t.Fatal(err)
	}
	o.held(drafted, result, want{title: "GIẤY KHAI SINH", name: "GIAY KHAI SINH", mark: "DỰ THẢO"})
}

// issued is the paper of a form that was issued.
func issued(o *office, s dossier.State, form string) string {
	o.Helper()
	for _, p := range s.Papers() {
		if p.Form == form {
			return p.ID
		}
	}
	o.Fatalf("form %s was not issued: %+v", form, s.Papers())
	return ""
}

// Papers of several dossiers are printed as one file; what some lack is said.
func TestPrint(t *testing.T) {
	o := open(t)
	var codes []dossier.Code
	for range 3 {
		codes = append(codes, o.must("motcua", o.file("1.001193"), "receive", nil).Code)
	}
	content, err := o.Print(t.Context(), o.who["motcua"], codes, "receipt")
	if err != nil {
		t.Fatal(err)
	}
	p := pdftest.Judge(t, content)
	if len(p.Codes) != 3 || !strings.HasPrefix(p.Codes[2], string(codes[2])) {
		t.Error(p.Codes)
	}
	waits := o.file("1.001193").Code
	if _, err := o.Print(t.Context(), o.who["motcua"], append(codes, waits), "receipt"); !refusal.Is(err, refusal.Invalid) || refusal.As(err).Args["codes"] != string(waits) {
		t.Errorf("printed without one: %v", err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/pdf"
	"motcua/internal/regime"
)

// ControlSlip is the paper that follows the dossier through the agencies; it is
// not the applicant's.
const ControlSlip = "control"

var controlName = form.Text{VI: "Phiếu kiểm soát quá trình giải quyết hồ sơ", EN: "Control slip"}

// Leg is a stretch of a dossier's way: who had it from when to when, and until
// when it was due there.
type Leg struct {
	Step     string
	Name     string // of the step, for officers
	At       By     // agency and role; the name of who finished it
	From, To time.Time
	Due      time.Time
}

// Outcome compares a leg with its own limit; "" while it lasts, or without one.
func (l Leg) Outcome() calendar.Outcome {
	if l.To.IsZero() || l.Due.IsZero() {
		return ""
	}
	return calendar.OutcomeOf(l.To, l.Due)
}

// Legs are the stretches of a dossier's way so far.
func Legs(f *File, t *Track) []Leg {
	var legs []Leg
	var s State
	open := func(at time.Time) {
		if s.Step == "" || s.Closed() {
			return
		}
		holder, role := s.Holder()
		l := Leg{Step: s.Step, Name: t.StepName(s.Step).VI, At: By{Role: role, Agency: holder}, From: at, Due: s.StepDue}
		if s.Phase == Filed {
			l.Step, l.Name = receptionStep, t.Process.Steps[0].Name.VI
		}
		if s.Forward {
			l.Step, l.Name, l.Due = "forward", "Chuyển hồ sơ đến cơ quan giải quyết", s.ForwardBy
		}
		if s.Transit {
			l.Step, l.Name = "take_over", "Nhận hồ sơ từ nơi khác chuyển đến"
		}
		legs = append(legs, l)
	}
	for _, r := range effective(f.Events) {
		before, forward, transit := s.Step, s.Forward, s.Transit
		s.apply(r)
		if s.Step == before && s.Forward == forward && s.Transit == transit {
			continue
		}
		if n := len(legs); n > 0 {
			legs[n-1].To, legs[n-1].At.Name = r.At, r.By.Name
		}
		open(r.At)
	}
	return legs
}

// drawControl draws the control slip, which follows the dossier through the
// agencies (form 05 of 2018, 06 of 2025).
func (b *Book) drawControl(to *pdf.File, f *File, t *Track) error {
	s, at := &f.State, f.Events[len(f.Events)-1].At
	dir, day := b.Site.Directory(), local(at)
	set := regime.FormsOn(local(s.ReceivedAt))
	number := map[regime.FormSet]string{regime.Forms2018: "05", regime.Forms2025: "06"}[set]
	p := to.Begin(pdf.Options{Title: controlName.VI + " " + string(s.Code), Subject: t.Procedure.VI, CreatedAt: at,
		Author: dir.NameOn(s.Reception, day, "vi"), Footer: fmt.Sprintf("Mã hồ sơ %s · Mẫu số %s, %s", s.Code, number, set)})
	b.letterhead(p, s.Reception, s.ReceivedAt)
	p.NumberAndDate("Số: "+s.Receipt, b.placeAndDate(s.Reception, s.ReceivedAt))
	if err := coded(p, s, "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ", controlName.VI, at); err != nil {
		return err
	}
	p.Field("Thủ tục", t.Procedure.VI)
	p.Field("Người đề nghị", s.Applicant.Name)
	p.Field("Cơ quan giải quyết", dir.NameOn(s.Competent, local(s.ReceivedAt), "vi"))
	for _, x := range s.Parts {
		p.Field("Cơ quan phối hợp", dir.NameOn(x.To, local(at), "vi"))
	}
	for _, o := range s.Opinions {
		p.Field("Cơ quan phối hợp", dir.NameOn(o.To, local(o.AskedAt), "vi"))
	}
	p.Field("Tiếp nhận", calendar.HourAndDate(s.ReceivedAt))
	p.Field("Hẹn trả", calendar.HourAndDate(s.Original))
	if !s.Due.IsZero() && !s.Due.Equal(s.Original) {
		p.Field("Hẹn trả hiện nay", calendar.HourAndDate(s.Due))
	}
	var rows [][]string
	for i, l := range Legs(f, t) {
		to, who := "đang giữ", l.At.Name
		if !l.To.IsZero() {
			to = calendar.HourAndDate(l.To)
		}
		if who == "" && !l.To.IsZero() {
			who = "hệ thống"
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), dir.NameOn(l.At.Agency, local(l.From), "vi") + "\n" + l.Name, calendar.HourAndDate(l.From), to, who, outcomeWords[l.Outcome()]})
	}
	for _, x := range s.Parts { // each part of another agency beside the steps
		if x.OpenAt.IsZero() {
			continue
		}
		until := "đang giữ"
		var outcome calendar.Outcome
		if !x.DoneAt.IsZero() {
			until, outcome = calendar.HourAndDate(x.DoneAt), calendar.OutcomeOf(x.DoneAt, x.Due)
		}
		rows = append(rows, []string{fmt.Sprint(len(rows) + 1), dir.NameOn(x.To, local(x.OpenAt), "vi") + "\n" + x.Name.VI, calendar.HourAndDate(x.OpenAt), until, "", outcomeWords[outcome]})
	}
	p.Table([]pdf.Column{{Title: "STT", Share: 2.4, Align: "C"}, {Title: "Cơ quan, bước", Share: 10, Align: "L"}, {Title: "Nhận", Share: 6, Align: "L"},
		{Title: "Giao", Share: 6, Align: "L"}, {Title: "Người giao", Share: 6, Align: "L"}, {Title: "Kết quả", Share: 4, Align: "L"}}, rows)
	return nil
}

var outcomeWords = map[calendar.Outcome]string{calendar.Early: "trước hạn", calendar.OnTime: "đúng hạn", calendar.Late: "quá hạn", "": "–"}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"strconv"
	"strings"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/regime"
)

// Fact is something an event says of itself: a label and a value, which is a
// string, a form.Text, or an instant.
type Fact struct {
	Label form.Text
	Value any
}

// Facts are what an event says of itself, for officers and applicants alike, in
// the words of what the dossier pinned; empty for events that faces tell in
// words of their own.
func Facts(r Record, t *Track) []Fact {
	var list []Fact
	add := func(vi, en string, value any) {
		if s, isText := value.(string); !isText || s != "" {
			list = append(list, Fact{form.Text{VI: vi, EN: en}, value})
		}
	}
	basis := func(own, usual string) {
		if own == "" {
			own = usual
		}
		add("Căn cứ", "Legal basis", own)
	}
	why := func(w Why) {
		add("Lý do", "Reason", w.Text)
		basis(w.Basis, "")
	}
	switch e := r.Event.(type) {
	case Submitted:
		add("Số tạm khi hệ thống gián đoạn", "Provisional number", e.Provisional)
		for _, c := range e.Consents {
			page := t.Edition.Form.Page(c.Page)
			if page == nil {
				continue
			}
			list = append(list, Fact{form.Text{VI: "Đã xác nhận phần “" + page.Title.VI + "”", EN: "Confirmed “" + page.Title.In("en") + "”"}, c.said()})
		}
	case Paused:
		add("Nguyên nhân", "Cause", regime.Find("").Hold(e.Cause).Name)
		add("Nội dung", "What it is about", e.Reason)
		if !e.Until.IsZero() {
			add("Dự kiến đến", "Expected until", e.Until)
		}
		basis(e.Basis, "")
	case PartsSent:
		for _, p := range e.Parts {
			if p.Due.IsZero() {
				list = append(list, Fact{p.Name, form.Text{VI: "bắt đầu khi phần trước xong", EN: "begins when the part before is done"}})
			} else {
				list = append(list, Fact{p.Name, p.Due})
			}
		}
	case PartDone:
		add("Phần việc", "Part", e.Name)
		add("Cơ quan", "Agency", e.Agency)
		if e.Failed {
			add("Kết quả", "Outcome", form.Text{VI: "không giải quyết được", EN: "cannot be done"})
			add("Lý do", "Reason", e.Reason)
		}
		if leg := t.leg(e.ID); leg != nil {
			for i := range leg.Inputs {
				q := &leg.Inputs[i]
				add(q.Label.VI, q.Label.In("en"), form.Conceal(q.Type, form.Say(q, e.Inputs[q.ID], "vi")))
			}
		}
		add("Ghi chú", "Note", e.Note)
	case TakenOver:
		add("Nhận tại", "Taken over at", e.Name)
		for _, id := range e.Papers {
			add("Giấy tờ", "Paper", LackName(t.Edition, t.Case, Lack{Component: id}))
		}
		add("Ghi chú", "Note", e.Note)
		add("Hẹn trả kết quả", "Due", e.Due)
	case CompetenceDoubted:
		add("Lý do", "Reason", e.Reason)
		add("Xác định trước", "To be determined by", e.Until)
	case Determined:
		add("Cơ quan có thẩm quyền", "Competent agency", e.Name)
		add("Ghi chú", "Note", e.Note)
	case Resumed:
		add("Hẹn trả kết quả", "Due", e.Due)
	case AskedSupplement:
		add("Phiếu số", "Number", e.Number)
		for i, l := range e.Lacks {
			name := LackName(t.Edition, t.Case, l)
			n := strconv.Itoa(i+1) + ". "
			list = append(list, Fact{form.Text{VI: n + name.VI, EN: n + name.In("en")}, l.Text})
		}
		add("Bổ sung trước", "To be completed by", e.AnswerBy)
		if e.Round > 1 {
			add("Lần yêu cầu", "Round", strconv.Itoa(e.Round))
		}
		basis(e.Basis, "")
	case Corrected:
		for _, what := range e.Changed {
			list = append(list, Fact{form.Text{VI: "Sửa", EN: "Corrected"}, correctedNames[what]})
		}
		add("Lý do", "Reason", e.Reason)
	case Supplemented:
		for _, id := range e.Changed {
			add("Nội dung khai sửa lại", "Answer changed", LackName(t.Edition, t.Case, Lack{Question: id}))
		}
		for _, id := range e.New {
			add("Giấy tờ nộp mới", "New paper", LackName(t.Edition, t.Case, Lack{Component: id}))
		}
		add("Giải thích", "Explanation", e.Note)
		if !e.Due.IsZero() {
			add("Hẹn trả kết quả", "Due", e.Due)
		}
	case RefusedFiling:
		add("Phiếu số", "Number", e.Number)
		for _, w := range e.Reasons {
			why(w)
		}
		add("Việc cần làm tiếp", "What to do now", e.Guidance)
		basis(e.Basis, "")
	case AskedWithdrawal:
		add("Lý do", "Reason", e.Reason)
	case ConfirmedWithdrawal:
		for _, id := range e.Returned {
			add("Trả lại bản chính", "Original given back", LackName(t.Edition, t.Case, Lack{Component: id}))
		}
		add("Ghi chú", "Note", e.Note)
	case Extended:
		add("Văn bản số", "Number", e.Number)
		why(e.Why)
		add("Hẹn trả cũ", "Due before", e.From)
		add("Hẹn trả mới", "Due now", e.To)
		if !e.InTime {
			add("Tính hạn", "Counted", form.Text{VI: "đề nghị khi đã sát hạn, hồ sơ vẫn tính theo hẹn trả cũ", EN: "asked for too late: the old due instant still counts"})
		}
	case StopNotice:
		add("Thông báo số", "Number", e.Number)
		why(e.Why)
		add("Việc cần làm tiếp", "What to do now", e.Guidance)
	case PutToSign:
		if a := actNamed(e.Act); a != nil {
			add("Văn bản", "Paper", a.label)
		}
	case Said:
		add("Tin nhắn", "Message", e.Text)
	case Reminded:
		if e.Of == WatchSupplement {
			add("Bổ sung trước", "To be completed by", e.Until)
		} else {
			add("Việc", "What", form.Text{VI: "đến nhận kết quả", EN: "collect the result"})
		}
	case OutageCounted:
		add("Không tính vào thời hạn từ", "Not counted from", e.From)
		add("đến", "to", e.To)
		if e.Days > 0 {
			add("Số ngày làm việc được cộng", "Working days added", strconv.Itoa(e.Days))
		}
		if !e.Due.IsZero() {
			add("Hẹn trả kết quả", "Due", e.Due)
		}
		basis(e.Basis, "")
	case Foreseen:
		add("Xin gia hạn chậm nhất", "An extension can be asked for until", e.Last)
	case VerifiedOnSite:
		add("Lúc", "At", e.At)
		add("Địa điểm", "Place", e.Place)
		add("Thành phần tham gia", "Who took part", strings.Join(e.Participants, "; "))
		if !e.Present {
			add("Người đề nghị", "The applicant", form.Text{VI: "không có mặt", EN: "was not there"})
		}
		add("Nội dung, kết quả", "What was found", e.Content)
	case Incident:
		for _, q := range incidentFields[:2] {
			add(q.Label.VI, q.Label.In("en"), optionText(q, map[string]string{"what": e.What, "fault": e.Fault}[q.ID]))
		}
		add("Diễn biến", "How it happened", e.Text)
		add("Khắc phục", "Remedy", e.Remedy)
		if e.Apology {
			add("Cơ quan", "The agency", form.Text{VI: "xin lỗi người đề nghị", EN: "apologises to the applicant"})
		}
	case Revoked:
		add("Kết quả bị thu hồi", "Result revoked", e.Number)
		add("Lý do", "Reason", e.Reason)
		basis(e.Basis, "")
	case Consulted:
		add("Cơ quan được hỏi", "Agency asked", e.Name)
		add("Nội dung", "What is asked", e.Content)
		add("Trả lời trước", "To be answered by", e.Due)
	case Opined:
		add("Cơ quan", "Agency", e.Name)
		add("Ý kiến", "Opinion", e.Text)
		if e.Late {
			add("Trả lời", "Answered", form.Text{VI: "quá hạn", EN: "late"})
		}
	case Retained:
		add("Thời hạn lưu trữ", "Kept", TermWords(e.Keep))
		add("Nhóm hồ sơ", "Group", e.Name)
		if !e.Due.IsZero() {
			add("Xét hủy hoặc nộp lưu trữ lịch sử từ", "To be destroyed or handed over from", shortDate(e.Due))
		}
		if !e.PurgeAt.IsZero() {
			add("Xóa bản chụp giấy tờ tùy thân từ", "Copies of identity papers are removed from", shortDate(e.PurgeAt))
		}
		add("Lý do xác định lại", "Why it was determined anew", e.Reason)
		basis(e.Basis, "")
	case Held:
		add("Giữ lại vì", "Kept longer for", holdName(e.Why))
		add("Lý do", "Reason", e.Reason)
	case HoldEnded:
		add("Lý do", "Reason", e.Reason)
	case Purged:
		for _, d := range e.Papers {
			add(d.Name, d.Name, "SHA-256 "+d.SHA256)
		}
		basis(e.Basis, "")
	case Listed:
		what := form.Text{VI: "hủy khi hết thời hạn lưu trữ", EN: "to be destroyed at the end of its term"}
		if e.What == ToHandOver {
			what = form.Text{VI: "nộp vào lưu trữ lịch sử", EN: "to be handed over to the historical archive"}
		}
		add("Đề nghị", "Proposed", what)
		add("Đợt", "Round of", strconv.Itoa(e.Year))
		add("Làm sau khi được duyệt", "Carried out after approval in", form.Text{VI: fmt.Sprintf("%d ngày", e.Days), EN: fmt.Sprintf("%d days", e.Days)})
	case Archived:
		add("Văn bản", "Decision", e.Decision)
	case Undone:
		for _, kind := range e.What {
			add("Việc", "Act", kindNames[kind])
		}
	case Declined:
		if a := actNamed(e.Act); a != nil {
			add("Văn bản", "Paper", a.label)
		}
		add("Lý do", "Reason", e.Reason)
	}
	return list
}

func optionText(q form.Field, value string) form.Text {
	for _, o := range q.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return form.Text{VI: value}
}

// kindNames are what the acts that can be undone are called.
var kindNames = map[string]form.Text{
	"forwarded": {VI: "chuyển hồ sơ", EN: "forwarding"}, "assigned": {VI: "phân công", EN: "assignment"}, "reassigned": {VI: "phân công lại", EN: "assignment to another"},
	"step_done": {VI: "hoàn thành bước", EN: "a step"}, "proposed": {VI: "trình kết quả", EN: "the result put up"}, "approved": {VI: "ký duyệt", EN: "approval"},
	"sent_back": {VI: "trả lại", EN: "sending back"}, "put_to_sign": {VI: "trình ký", EN: "putting up to sign"}, "declined": {VI: "không ký", EN: "declining to sign"},
}

// DueFacts tell how the due instant came about after reception: pauses, and an
// extension.
func (s *State) DueFacts() []Fact {
	var list []Fact
	for _, p := range s.Pauses {
		name := regime.Find(s.Regime).Hold(regime.Cause(p.Cause)).Name
		switch p.Policy {
		case calendar.Restart:
			list = append(list, Fact{form.Text{VI: name.VI + ", thời hạn tính lại từ đầu sau", EN: name.In("en") + ", the limit counts anew after"}, p.To})
		case calendar.Resume:
			list = append(list, Fact{form.Text{VI: name.VI + ", không tính vào thời hạn: từ", EN: name.In("en") + ", not counted: from"}, p.From},
				Fact{form.Text{VI: "đến", EN: "to"}, p.To})
		}
	}
	for _, l := range s.Outages {
		if l.Days > 0 {
			list = append(list, Fact{form.Text{VI: fmt.Sprintf("Cộng thêm %d ngày làm việc vì hệ thống gián đoạn đến", l.Days), EN: fmt.Sprintf("Working days added as the system was down: %d; until", l.Days)}, l.To})
		}
	}
	if s.Home != "" && !s.CountFrom.IsZero() {
		name := form.Text{VI: "Tiếp nhận không phụ thuộc địa giới: tính từ khi cơ quan có thẩm quyền nhận hồ sơ", EN: "Received regardless of boundary: counts from when the competent agency has it"}
		if s.Transit {
			name.VI, name.EN = name.VI+", dự kiến", name.EN+", expected"
		}
		list = append(list, Fact{name, s.CountFrom})
	}
	if x := s.Extension; x != nil {
		list = append(list, Fact{form.Text{VI: "Đã xin lỗi và hẹn lại, ngày hẹn trước đó", EN: "Apologised and re-appointed; due before"}, x.From})
	}
	if len(list) > 0 && !s.Original.IsZero() {
		list = append([]Fact{{form.Text{VI: "Hẹn trả khi tiếp nhận", EN: "Due as given at reception"}, s.Original}}, list...)
	}
	return list
}

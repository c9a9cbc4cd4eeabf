// SPDX-License-Identifier: Apache-2.0

package province

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/workflow"
)

// detour is a situation that does not go straight, with a dossier that stands in
// it. Its dossier is lived up to a point, and then as the script says.
type detour struct {
	name      string // of the situation, as the guide has it
	procedure string
	days      int // working days ago
	evening   int // the same once the day's work is over; 0: no different
	at        func(s *dossier.State) bool
	script    []scripted
	on        bool                     // goes on to its end afterwards
	counter   bool                     // handed in at the counter
	away      bool                     // for an agency that the one-stop does not belong to
	file      func(t *teller, l *life) // is filed otherwise, by others
}

// scripted is one act of a script.
type scripted struct {
	role   workflow.Role // "": the applicant
	act    string
	params map[string]any
	after  time.Duration
}

// lacks are what is asked for: pairs of a paper or question and of a reason.
func lacks(pairs ...string) map[string]any {
	var list []any
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, map[string]any{"about": pairs[i], "reason": pairs[i+1]})
	}
	return map[string]any{"lacks": list}
}

func filed(s *dossier.State) bool { return s.Phase == dossier.Filed }

// examined is a dossier that a specialist has in hand.
func examined(s *dossier.State) bool {
	return s.Phase == dossier.Running && !s.Forward && s.Role == workflow.Specialist
}

// fresh is a dossier that was just received at the counter.
func fresh(s *dossier.State) bool { return s.Fresh }

func returned(s *dossier.State) bool { return s.Phase == dossier.Returned }

// The demo's detours. The procedures are among those whose specialists examine.
var detours = []detour{
	{name: "supplement_reception", procedure: "1.001193", days: 3, at: filed, script: []scripted{{workflow.Clerk, "ask_supplement", lacks("component:birth_notification", "unreadable", "question:child", "mismatch"), time.Hour}}},
	{name: "supplement_waiting", procedure: "1.011609", days: 5, at: examined, script: []scripted{{workflow.Specialist, "ask_supplement", lacks("question:income", "unclear"), time.Hour}}},
	{name: "supplement_late", procedure: "1.004859", days: 30, at: examined, script: []scripted{{workflow.Specialist, "ask_supplement", lacks("component:grounds", "unreadable"), time.Hour}}},
	{name: "supplement_done", procedure: "1.011609", days: 8, at: examined, script: []scripted{{workflow.Specialist, "ask_supplement", lacks("question:income", "unclear"), time.Hour}, {"", "supplement", nil, 50 * time.Hour}}},
	{name: "supplement_again", procedure: "1.011609", days: 9, at: examined, script: []scripted{{workflow.Specialist, "ask_supplement", lacks("question:income", "unclear"), time.Hour}, {"", "supplement", nil, 50 * time.Hour}, {workflow.Specialist, "ask_supplement", lacks("question:income", "unclear"), 20 * time.Hour}}},
	{name: "corrected", procedure: "1.001193", days: 1, counter: true, at: fresh, script: []scripted{{workflow.Clerk, "correct", map[string]any{"reason": "Bản in đầu thiếu số bản sao."}, 5 * time.Minute}}},
	{name: "boundless", procedure: "1.001193", days: 1, counter: true, away: true, at: func(s *dossier.State) bool { return s.Transit }},
	{name: "competence", procedure: "1.001193", days: 1, at: filed, script: []scripted{{workflow.Clerk, "doubt_competence", map[string]any{"reason": "Địa bàn mới sáp nhập, chưa rõ phường nào giải quyết."}, time.Hour}}},
	{name: "refused", procedure: "1.001193", days: 4, at: filed, script: []scripted{{workflow.Clerk, "refuse", map[string]any{"reason": "not_competent", "guidance": "Nộp tại ủy ban nhân dân nơi cư trú của cha hoặc mẹ."}, time.Hour}}},
	{name: "refused_result", procedure: "1.001193", days: 14, at: func(s *dossier.State) bool { return examined(s) && s.Work == dossier.ToHandle }, on: true},
	{name: "withdrawal_asked", procedure: "1.011609", days: 5, at: examined, script: []scripted{{"", "withdraw", map[string]any{"reason": "Tôi muốn sửa lại nội dung rồi nộp sau."}, time.Hour}}},
	{name: "withdrawn", procedure: "1.011609", days: 10, at: examined, script: []scripted{{"", "withdraw", nil, time.Hour}, {workflow.Clerk, "confirm_withdrawal", nil, 3 * time.Hour}}},
	{name: "paused_payment", procedure: "1.012783", days: 7, at: examined, script: []scripted{{workflow.Specialist, "pause", map[string]any{"cause": "payment", "reason": "Chờ nộp thuế, lệ phí trước bạ theo thông báo của cơ quan thuế.", "basis": "Luật Đất đai"}, time.Hour}}},
	{name: "paused_law", procedure: "1.011609", days: 10, at: examined, script: []scripted{{workflow.Specialist, "pause", map[string]any{"cause": "other_law", "reason": "Chờ kết luận giải quyết tranh chấp."}, time.Hour}, {workflow.Specialist, "resume", nil, 75 * time.Hour}}},
	{name: "foreseen", procedure: "1.012783", days: 15, evening: 14, at: examined},
	{name: "extension_to_sign", procedure: "1.011609", days: 5, at: examined, script: []scripted{{workflow.Specialist, "extend", map[string]any{"days": "5", "reason": "verification"}, time.Hour}}},
	{name: "extended", procedure: "1.011609", days: 6, at: examined, script: []scripted{{workflow.Specialist, "extend", map[string]any{"days": "5", "reason": "opinion"}, time.Hour}, {workflow.Leader, "sign", nil, 2 * time.Hour}}},
	{name: "stopped", procedure: "1.011609", days: 9, at: examined, script: []scripted{{workflow.Specialist, "stop", map[string]any{"reason": "duplicate"}, time.Hour}, {workflow.Leader, "sign", nil, 2 * time.Hour}}},
	{name: "interlinked", procedure: "2.000986", days: 14, at: func(s *dossier.State) bool { return len(s.OpenParts()) == 1 }},
	{name: "consulted", procedure: "1.011609", days: 5, at: examined, script: []scripted{{workflow.Specialist, "consult", map[string]any{"content": "Đề nghị cho biết hộ có đất, nhà tại địa bàn không."}, time.Hour}}},
	{name: "verified", procedure: "1.011609", days: 6, at: examined, script: []scripted{{workflow.Specialist, "pause", map[string]any{"cause": "visit", "reason": "Tổ rà soát đến nhà theo ngày gia đình chọn."}, time.Hour}, {workflow.Specialist, "verify_on_site", map[string]any{"place": "Nhà ở của hộ, tổ dân phố 4", "content": "Nhà ở, thu nhập và các thành viên đúng như giấy đề nghị."}, 26 * time.Hour}}},
	{name: "outage", procedure: "1.012783", days: 8, at: examined},
	{name: "incident", procedure: "1.011609", days: 6, at: examined, script: []scripted{{workflow.Clerk, "incident", map[string]any{"what": "damaged", "fault": "post", "text": "Bưu kiện bị ướt, một bản sao nhòe chữ.", "remedy": "Chụp lại từ bản điện tử; bưu chính chịu chi phí.", "apology": "yes"}, time.Hour}}},
	{name: "message", procedure: "1.011609", days: 5, at: examined, script: []scripted{{"", "message", map[string]any{"text": "Tôi nhận kết quả thay chồng tôi được không?"}, time.Hour}, {workflow.Specialist, "message", map[string]any{"text": "Được, khi đến xin mang theo giấy ủy quyền và căn cước."}, 2 * time.Hour}}},
	{name: "authorised", procedure: "1.001193", days: 4, at: examined, file: func(t *teller, l *life) {
		l.filing.Applicant = t.citizens[1].Person
	}},
	{name: "assisted", procedure: "1.001193", days: 3, at: examined, file: func(t *teller, l *life) {
		l.who, l.filing.Support = t.officers[l.filing.Agency][workflow.Clerk], l.filing.Agency
	}},
	{name: "organisation", procedure: "1.001662", days: 4, at: func(s *dossier.State) bool { return s.Work == dossier.ToApprove }, file: func(t *teller, l *life) {
		l.who, l.filing.Applicant = t.firm, t.firm.Person
	}},
	{name: "joint", procedure: "1.001193", days: 2, at: examined, file: func(t *teller, l *life) {
		father := t.citizens[1].Person
		l.filing.Consents = []dossier.Consent{{Name: father.Name, IDNumber: father.IDNumber, Page: "father", At: l.at.Add(-3 * time.Hour), By: dossier.Signer{Account: t.citizens[1].Account, Name: father.Name, Proved: true}}}
	}},
	{name: "sent_back", procedure: "1.011609", days: 12, at: func(s *dossier.State) bool { return s.Work == dossier.ToApprove }, script: []scripted{{workflow.Leader, "send_back", map[string]any{"reason": "Dự thảo thiếu căn cứ pháp lý."}, time.Hour}}},
	{name: "uncollected", procedure: "1.004859", days: 50, counter: true, at: func(s *dossier.State) bool { return s.Phase == dossier.Ready }},
	{name: "revoked", procedure: "1.001193", days: 20, at: returned, script: []scripted{{workflow.Leader, "revoke", map[string]any{"reason": "Ghi sai tên đệm của cha."}, 24 * time.Hour}}, on: true},
}

// outage tells of a day, some days ago, on which the system was down.
func (t *teller) outage(ctx context.Context, now time.Time) error {
	_, cal, err := t.book.Site.Calendar("")
	if err != nil {
		return err
	}
	day, err := cal.Shift(calendar.DateOf(now), -5)
	if err != nil {
		return err
	}
	if err := t.book.Site.RecordOutage(ctx, agency.Outage{ID: db.NewID(), From: day.At(8 * 60), To: day.At(16 * 60), DeclaredAt: day.At(8*60 + 20), EndedAt: day.At(16 * 60), DeclaredBy: "Đặng Hữu Phước",
		Reason:   form.Text{VI: "Đứt cáp quang trục chính.", EN: "The main fibre was cut."},
		Fallback: form.Text{VI: "Nộp hồ sơ giấy tại quầy, quầy cấp số tạm.", EN: "File on paper at a counter, under a provisional number."}}); err != nil {
		return err
	}
	for n := 1; n > 0; {
		if n, err = t.book.Settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// examplesName is the setting that holds the codes of the detours' dossiers.
const examplesName = "examples"

// Examples are the codes of the demo's dossiers that show a situation, by the
// name of the situation; empty for a site without a demo.
func Examples(ctx context.Context, d *db.DB) (map[string]dossier.Code, error) {
	codes := map[string]dossier.Code{}
	err := d.Read(ctx, func(tx *db.Tx) error {
		var body []byte
		found, err := tx.One(`SELECT body FROM setting WHERE name = $1`, []any{examplesName}, &body)
		if err != nil || !found {
			return err
		}
		return json.Unmarshal(body, &codes)
	})
	return codes, err
}

// detours lives the demo's detours and remembers their dossiers.
func (t *teller) detours(ctx context.Context, now time.Time) error {
	t.known, t.home = true, true
	defer func() { t.known, t.home = false, false }()
	_, cal, err := t.book.Site.Calendar("")
	if err != nil {
		return err
	}
	today := calendar.DateOf(now)
	var all []life
	for _, x := range detours {
		if t.editions[x.procedure] == nil {
			return fmt.Errorf("detour %s: %s is not offered", x.name, x.procedure)
		}
		ago := x.days
		if works, err := cal.IsWorkingDay(today); err != nil {
			return err
		} else if works && x.evening > 0 && !now.Before(cal.EndOfDay(today)) {
			ago = x.evening
		}
		day, err := cal.Shift(today, -ago)
		if err != nil {
			return err
		}
		if err := t.tell(ctx, x.procedure, day.At(8*60), now); err != nil {
			return err
		}
		l := t.waiting[len(t.waiting)-1]
		t.waiting = t.waiting[:len(t.waiting)-1]
		if x.counter {
			l.who, l.at = t.officers[l.filing.Agency][workflow.Clerk], t.office(l.at)
			l.filing.Channel, l.filing.Return, l.filing.Documents = procedure.Counter, procedure.Counter, nil
		}
		if x.file != nil {
			x.file(t, &l)
			for i := range l.filing.Documents { // of who files
				l.filing.Documents[i] = dossier.Paper{Component: l.filing.Documents[i].Component, Name: paperName, Content: t.paper}
			}
			var err error
			if l.filing.Documents, err = dossier.Prepare(ctx, l.filing.Documents); err != nil {
				return err
			}
		}
		if x.away {
			l.filing.At, l.filing.Agency = l.filing.Agency, "H57.102"
		}
		l.tell = func() dossier.Teller { return t.detoured(x, now) }
		all = append(all, l)
	}
	return t.book.DB.Write(ctx, func(tx *db.Tx) error {
		codes := map[string]dossier.Code{}
		for i, l := range all {
			s, err := t.book.Live(tx, l.who, l.filing, l.at, l.tell())
			if err != nil {
				return fmt.Errorf("detour %s: %w", detours[i].name, err)
			}
			codes[detours[i].name] = s.Code
		}
		body, err := json.Marshal(codes)
		if err != nil {
			return err
		}
		return agency.SaveSetting(tx, examplesName, string(body))
	})
}

// detoured goes straight until the detour begins, follows its script, and goes
// on or stops.
func (t *teller) detoured(x detour, now time.Time) dossier.Teller {
	straight := t.paced(0.5, now)
	played, begun := 0, false
	var last time.Time
	return func(s *dossier.State, p *workflow.Process, cal *calendar.Calendar) (dossier.Turn, bool) {
		if !begun && x.at(s) {
			begun = true
		}
		if !begun || played == len(x.script) && x.on {
			turn, ok := straight(s, p, cal)
			if turn.Act == "propose" && x.name == "refused_result" {
				turn.Params = map[string]any{"_decision": "refused", "_reason": "Trẻ đã được đăng ký khai sinh tại nơi khác.", "_basis": "Luật Hộ tịch"}
			}
			if !turn.At.After(last) {
				turn.At = last.Add(30 * time.Minute)
			}
			last = turn.At
			return turn, ok && !last.After(now)
		}
		if played == len(x.script) {
			return dossier.Turn{}, false
		}
		step := x.script[played]
		played++
		if last.IsZero() {
			last = s.SentAt
		}
		turn := dossier.Turn{Act: step.act, Params: step.params, At: t.office(last.Add(step.after)), Who: t.citizens[0].Actor}
		switch step.role {
		case "":
		case workflow.Clerk:
			turn.Who = t.officers[s.Reception][step.role]
		default:
			turn.Who = t.officers[s.Competent][step.role]
		}
		if !turn.At.After(last) {
			turn.At = last.Add(10 * time.Minute)
		}
		last = turn.At
		return turn, !turn.At.After(now) && turn.Who.Account != 0
	}
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// Lack is one thing that the applicant has to complete: a paper or an answer,
// and why.
type Lack struct {
	Component string `json:"component,omitempty"`
	Question  string `json:"question,omitempty"` // id of a question of the form
	Reason    string `json:"reason,omitempty"`   // code in the library; "" for words of its own
	Text      string `json:"text"`
	Basis     string `json:"basis,omitempty"`
}

// The stages at which more is asked for. Each has its own rounds.
const (
	AtReception = "reception"
	AtAppraisal = "appraisal"
)

// AskedSupplement is the one request in which all that is missing or wrong is
// named (NĐ 61/2018 art. 17, 19(4); form 02).
type AskedSupplement struct {
	Stage    string          `json:"stage"`
	Round    int             `json:"round"` // at this stage, from 1
	Lacks    []Lack          `json:"lacks"`
	AnswerBy time.Time       `json:"answer_by"`
	Remind   time.Time       `json:"remind,omitzero"` // when the applicant is reminded
	Policy   calendar.Policy `json:"policy"`
	Basis    string          `json:"basis"`
	Number   string          `json:"number"` // of form 02
	Note     string          `json:"note,omitempty"`
}

func (AskedSupplement) kind() string { return "asked_supplement" }

func (e AskedSupplement) apply(s *State, r Record) {
	rounds := maps.Clone(s.Rounds)
	if rounds == nil {
		rounds = map[string]int{}
	}
	rounds[e.Stage] = e.Round
	s.Rounds, s.Lacks, s.ToSign = rounds, e.Lacks, nil
	s.note("02", e.Number, r)
	s.hold(Wait{For: regime.Supplement, Since: r.At, Until: e.AnswerBy, Remind: e.Remind}, calendar.Pause{From: r.At, Policy: e.Policy, Cause: string(regime.Supplement), Basis: e.Basis, By: r.By.Name})
}

var askSupplementAct = act{
	name: "ask_supplement", label: form.Text{VI: "Yêu cầu bổ sung, hoàn thiện hồ sơ", EN: "Ask for what is missing"},
	aside: true,
	open:  func(d *desk) error { return d.mayAnswerApplicant("ask_supplement") },
	asks: func(d *desk) ([]Param, error) {
		fields, err := d.lackFields()
		if err != nil {
			return nil, err
		}
		return append(inputParams(fields, nil, d.now), noteParam), nil
	},
	rule: askSupplement,
}

// mayAnswerApplicant is open to who has the dossier in hand, before reception
// the clerk: to send it back for more, or to refuse it.
func (d *desk) mayAnswerApplicant(act string) error {
	switch {
	case d.ToSign != nil && !d.signed:
		return d.pending()
	case d.Phase == Filed && d.Wait != nil, d.Phase == Running && d.Wait != nil:
		return d.waiting(act)
	case d.Phase == Filed && (d.signed || d.who.Holds(workflow.Clerk, d.Reception)):
		return nil
	case d.Phase != Running || d.Forward || d.Role == workflow.Clerk || d.Role == workflow.Leader:
		return d.notNow(act)
	case !d.holdsStep():
		return d.notYours()
	}
	return nil
}

// appraisalDays is within how many working days from reception the dossier may
// come back for more after appraisal (NĐ 61/2018 art. 19(4)).
const appraisalDays = 3

// askSupplement names at once all that is missing. A further round at the same
// stage, and one after the three days of appraisal, needs the leader's visa.
func askSupplement(d *desk) ([]Event, error) {
	fields, err := d.lackFields()
	if err != nil {
		return nil, err
	}
	given := d.params.fields(fields, d)
	note := d.params.text("note", false)
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	e := AskedSupplement{Stage: AtReception, Lacks: d.lacks(given), Note: note}
	hold := d.law().Hold(regime.Supplement)
	e.Policy, e.Basis = hold.Policy, hold.Basis
	if d.Phase == Running {
		e.Stage = AtAppraisal
		if p := d.edition.Facts.Supplement; p != "" {
			e.Policy = p
		}
	}
	e.Round = d.Rounds[e.Stage] + 1
	visa := e.Round > 1
	if d.Phase == Running {
		last, err := d.cal.Due(d.ReceivedAt, calendar.Limit{N: appraisalDays, Unit: calendar.WorkingDay}, false, nil)
		if err != nil {
			return nil, err
		}
		visa = visa || d.now.After(last)
	}
	if visa && !d.signed {
		return d.put("ask_supplement")
	}
	if e.AnswerBy, err = d.cal.Due(d.now, d.terms.SupplementWithin, false, nil); err != nil {
		return nil, err
	}
	day, err := d.cal.Shift(local(e.AnswerBy), -remindDays)
	if err != nil {
		return nil, err
	}
	if at := d.cal.StartOfDay(day); at.After(d.now) {
		e.Remind = at
	}
	e.Number, err = d.formNumber("02")
	return []Event{e}, err
}

// formNumber draws the next number of an official form of the one-stop that
// received the dossier; numbers run through the year.
func (d *desk) formNumber(kind string) (string, error) {
	n, err := d.next(fmt.Sprintf("form%s/%s/%d", kind, d.Reception, local(d.now).Year()))
	return fmt.Sprintf("%d/%s", n, formSigns[kind]), err
}

// formSigns are what the numbers of the official forms end in.
var formSigns = map[string]string{"01": "TNHS", "02": "HDHS", "03": "TCTN", "04": "XLHL", "05": "TBD"}

const otherReason = "other"

// lackFields ask for each thing that is missing or wrong, and why, in the words
// of the library.
func (d *desk) lackFields() ([]form.Field, error) {
	about := form.Field{ID: "about", Type: form.Choice, Label: form.Text{VI: "Giấy tờ hoặc nội dung khai", EN: "Paper or answer"}}
	for _, k := range d.toCheck() {
		about.Options = append(about.Options, form.Option{Value: "component:" + k.ID, Label: form.Text{VI: "Giấy tờ: " + k.Name.VI, EN: "Paper: " + k.Name.In("en")}})
	}
	answers, err := d.answers()
	if err != nil {
		return nil, err
	}
	for _, p := range d.edition.Form.Visible(answers, d.facts()) {
		for _, q := range p.Fields {
			about.Options = append(about.Options, form.Option{Value: "question:" + q.ID, Label: form.Text{VI: p.Title.VI + ": " + q.Label.VI, EN: p.Title.In("en") + ": " + q.Label.In("en")}})
		}
	}
	reason := form.Field{ID: "reason", Type: form.Choice, Label: form.Text{VI: "Lý do", EN: "Reason"}}
	for _, r := range d.terms.ReasonsFor("supplement") {
		reason.Options = append(reason.Options, form.Option{Value: r.Code, Label: r.Text})
	}
	reason.Options = append(reason.Options, form.Option{Value: otherReason, Label: form.Text{VI: "Lý do khác, ghi rõ", EN: "Another reason, in your words"}})
	return []form.Field{{ID: "lacks", Type: form.Group, Label: form.Text{VI: "Những điểm cần bổ sung, nêu đủ trong một lần", EN: "What is missing, all at once"},
		Repeat: &form.Repeat{Min: 1, Max: 50, Item: form.Text{VI: "Điểm", EN: "Item"}},
		Fields: []form.Field{about, reason,
			{ID: "text", Type: form.LongText, Label: form.Text{VI: "Ghi rõ cần làm gì", EN: "What is to be done"}, Length: 1000, When: &form.When{Field: "reason", Is: otherReason}},
			{ID: "note", Type: form.LongText, Label: form.Text{VI: "Ghi thêm", EN: "In addition"}, Length: 1000, Optional: true},
			{ID: "basis", Type: form.ShortText, Label: form.Text{VI: "Căn cứ pháp lý, nếu khác căn cứ chung", EN: "Legal basis, if another than the usual one"}, Length: 300, Optional: true},
		}}}, nil
}

// lacks reads the items that were named.
func (d *desk) lacks(given form.Answers) []Lack {
	var list []Lack
	items, _ := given["lacks"].([]any)
	for _, x := range items {
		m, _ := x.(map[string]any)
		item := form.Answers(m)
		var l Lack
		kind, id, _ := strings.Cut(item.Text("about"), ":")
		if kind == "component" {
			l.Component = id
		} else {
			l.Question = id
		}
		if l.Reason = item.Text("reason"); l.Reason == otherReason {
			l.Reason, l.Text = "", item.Text("text")
		} else if r := d.terms.Reason(l.Reason); r != nil {
			l.Text, l.Basis = r.Text.VI, r.Basis
		}
		if note := item.Text("note"); note != "" {
			l.Text += " " + note
		}
		if basis := item.Text("basis"); basis != "" {
			l.Basis = basis
		}
		list = append(list, l)
	}
	return list
}

// LackName is the paper or question that an item is about, by the edition that
// the dossier pinned.
func LackName(e *procedure.Edition, caseID string, l Lack) form.Text {
	if l.Component != "" {
		if found := e.Facts.Case(caseID).Named([]string{l.Component}); len(found) == 1 {
			return found[0].Name
		}
		return form.Text{VI: l.Component}
	}
	for _, p := range e.Form.Pages {
		for _, q := range p.Fields {
			if q.ID == l.Question {
				return q.Label
			}
		}
	}
	return form.Text{VI: l.Question}
}

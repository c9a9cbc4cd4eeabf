// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// Corrected puts right what was mistaken at the counter: procedure, applicant,
// papers, answers or time. The dossier is received anew with another receipt;
// the old one is kept.
type Corrected struct {
	Matter
	Changed []string `json:"changed,omitempty"` // what was mistaken: names of correctedNames
	Reason  string   `json:"reason"`
}

func (Corrected) kind() string { return "corrected" }

func (e Corrected) apply(s *State, _ Record) {
	e.Matter.apply(s)
	s.Process, s.Forward, s.CountFrom, s.Issues = 0, false, time.Time{}, slices.Clone(s.Issues)
	s.Outages, s.Pauses = nil, nil // a fresh dossier has but those of outages, which are counted anew
	for i := range s.Issues {
		s.Issues[i].Replaced = s.Issues[i].Replaced || s.Issues[i].Form == "01"
	}
}

// correctedNames are what can be mistaken at the counter.
var correctedNames = map[string]form.Text{
	"procedure": {VI: "thủ tục", EN: "procedure"}, "applicant": {VI: "người đề nghị", EN: "applicant"}, "papers": {VI: "giấy tờ", EN: "papers"},
	"answers": {VI: "nội dung khai", EN: "answers"}, "time": {VI: "giờ tiếp nhận", EN: "time of reception"}, "return": {VI: "cách nhận kết quả", EN: "how the result is returned"},
}

// correctBack is how many days before the dossier was entered a correction may put
// its reception.
const correctBack = 5

var correctAct = act{
	name: "correct", label: form.Text{VI: "Sửa hồ sơ vừa tiếp nhận", EN: "Correct what was just received"},
	aside: true,
	open: func(d *desk) error {
		if d.Phase != Running || !d.Fresh || d.Wait != nil || d.ToSign != nil || d.Channel == procedure.Online {
			return d.notNow("correct")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) {
		f, err := d.filing()
		if err != nil {
			return nil, err
		}
		return []Param{reasonParam,
			{Name: "filing", Label: form.Text{VI: "Hồ sơ đúng, như khi nộp", EN: "The dossier as it should be, as when it is filed"}, Type: "object", Required: true, Example: f},
			{Name: "components", Label: form.Text{VI: "Thành phần đã kiểm tra", EN: "Components checked"}, Type: "object"},
			{Name: "received_at", Label: form.Text{VI: "Lúc thật sự tiếp nhận", EN: "When it was really received"}, Type: "instant"},
		}, nil
	},
	rule: correct,
}

// correct is open to the counter until the dossier has gone on: it is filed
// otherwise under the same code, and received anew since it was first handed in.
func correct(d *desk) ([]Event, error) {
	reason, checked := d.params.text("reason", true), d.params.given["components"]
	d.params.take("components")
	since := d.ReceivedAt
	if given := d.params.text("received_at", false); given != "" {
		at, err := time.Parse(time.RFC3339, given)
		if since = at.In(calendar.Zone); err != nil || at.After(d.now) || at.Before(d.SentAt.AddDate(0, 0, -correctBack)) {
			d.params.refuse("received_at", "dossier.correct.time", "n", correctBack)
		}
	}
	f, ok := d.params.filing("filing")
	if err := d.params.wrong(); err != nil || !ok {
		return nil, err
	}
	filed, err := d.refile(f, since)
	if err != nil {
		return nil, err
	}
	if filed.Reception != d.Reception || filed.Channel == procedure.Online {
		return nil, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/agency", "dossier.agency.not_offered")})
	}
	e := Corrected{Matter: filed.Matter, Reason: reason}
	e.Provisional = d.Provisional
	if e.Changed, err = d.mistaken(filed, since); err != nil {
		return nil, err
	}
	after := d.State.clone()
	e.apply(after, Record{})
	next, err := d.lay(after)
	if err != nil {
		return nil, err
	}
	next.since = since
	if filed.Procedure == d.Procedure { // only another procedure is followed by another process
		next.process, next.pinned.process = d.process, d.Process
		if filed.Competent == d.Competent {
			next.cal, next.pinned.calendar, next.pinned.hours = d.cal, d.State.Calendar, d.State.Hours
		}
	}
	next.answers = func() (form.Answers, error) { return filed.Answers, nil }
	if checked != nil {
		next.params.given = map[string]any{"components": checked}
	}
	received, err := receive(next)
	return append([]Event{e}, received...), err
}

// mistaken says what of the dossier is otherwise than before; nothing, when only
// the receipt is issued anew.
func (d *desk) mistaken(filed *Submitted, since time.Time) ([]string, error) {
	before, err := d.answers()
	if err != nil {
		return nil, err
	}
	var changed []string
	note := func(name string, otherwise bool) {
		if otherwise {
			changed = append(changed, name)
		}
	}
	note("procedure", filed.Procedure != d.Procedure || filed.Case != d.Case || filed.Competent != d.Competent)
	note("applicant", filed.Applicant != d.Applicant || !sameAnswer(filed.Submitter, d.Submitter))
	note("papers", !sameAnswer(filed.Documents, d.Documents))
	note("answers", !sameAnswer(filed.Answers, before))
	note("time", !since.Equal(d.ReceivedAt))
	note("return", filed.Return != d.Return || filed.Channel != d.Channel)
	return changed, nil
}

// filing is the dossier as it would be filed again.
func (d *desk) filing() (Filing, error) {
	answers, err := d.answers()
	f := Filing{Procedure: d.Procedure, Case: d.Case, Agency: d.Competent, Channel: d.Channel, Support: d.Support, Applicant: d.Applicant, Submitter: d.Submitter, Answers: answers, Return: d.Return}
	if d.Home != "" {
		f.At = d.Reception
	}
	for _, o := range d.dir.Offerings(d.edition.Facts.Competent) {
		if f.At == "" && o.Competent == d.Competent && o.Reception != d.Reception {
			f.Agency = d.Reception // one of several that receive for it
		}
	}
	for _, x := range d.Documents {
		f.Documents = append(f.Documents, Paper{Component: x.Component, File: x.File, Name: x.Name, Copies: x.Copies})
	}
	return f, err
}

// Correct is the act of this name with a filing as the program has it; its
// other parameters are those of the act.
func (b *Book) Correct(ctx context.Context, who Actor, code Code, version int, f Filing, params map[string]any, key *Key) (State, error) {
	params["filing"] = f
	return b.Act(ctx, who, code, Request{Act: "correct", Version: version, Params: params, Key: key})
}

// filing reads a dossier as it is filed.
func (p *params) filing(name string) (Filing, bool) {
	v, ok := p.take(name)
	if !ok || v == nil {
		p.refuse(name, "form.required")
		return Filing{}, false
	}
	f, err := filingOf(v)
	if err != nil {
		p.refuse(name, "form.type")
	}
	return f, err == nil
}

// filingOf reads a filing as the program has it, or as JSON does.
func filingOf(v any) (Filing, error) {
	if f, is := v.(Filing); is {
		return f, nil
	}
	var f Filing
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	return f, err
}

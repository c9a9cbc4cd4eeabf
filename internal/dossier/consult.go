// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// Opinion is what another agency was asked about a dossier, and what it said.
// The clock of the dossier runs on; the opinion has a limit of its own.
type Opinion struct {
	N       int       `json:"n"` // from 1
	To      agency.ID `json:"to"`
	Content string    `json:"content"`
	Due     time.Time `json:"due"`
	AskedAt time.Time `json:"asked_at"`
	SaidAt  time.Time `json:"said_at,omitzero"`
	Overdue bool      `json:"overdue,omitempty"` // the head of the one-stop was told
}

// Open is true while the opinion is waited for.
func (o Opinion) Open() bool { return o.SaidAt.IsZero() }

// Consulted asks another agency for its opinion, with what is asked and until
// when (NĐ 61/2018 art. 19(5)).
type Consulted struct {
	N       int       `json:"n"`
	To      agency.ID `json:"to"`
	Name    form.Text `json:"name"` // of the agency, as it was called then
	Content string    `json:"content"`
	Due     time.Time `json:"due"`
}

func (Consulted) kind() string { return "consulted" }

func (e Consulted) apply(s *State, r Record) {
	s.Opinions = append(s.Opinions[:len(s.Opinions):len(s.Opinions)], Opinion{N: e.N, To: e.To, Content: e.Content, Due: e.Due, AskedAt: r.At})
}

func (e Consulted) told() Event {
	e.Content = ""
	return e
}

var consultAct = act{
	name: "consult", label: form.Text{VI: "Lấy ý kiến cơ quan khác", EN: "Ask another agency"},
	aside: true,
	open:  func(d *desk) error { return d.handles("consult") },
	asks:  func(d *desk) ([]Param, error) { return inputParams(d.consultFields(), nil, d.now), nil },
	rule:  consult,
}

func consult(d *desk) ([]Event, error) {
	given := d.params.fields(d.consultFields(), d)
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	to := agency.ID(given.Text("agency"))
	day, err := calendar.ParseDate(given.Text("until"))
	if err != nil {
		return nil, err
	}
	return []Event{Consulted{N: len(d.Opinions) + 1, To: to, Name: d.agencyName(to), Content: given.Text("content"), Due: d.cal.EndOfDay(day)}}, nil
}

// soonest is the first day by whose end somebody could still do something.
func (d *desk) soonest() string {
	day, err := d.cal.ReceptionDay(d.now)
	if err != nil { // beyond what is known of holidays
		return "today"
	}
	return day.String()
}

func (d *desk) agencyName(id agency.ID) form.Text {
	if a := d.dir.Find(id); a != nil {
		return a.Name
	}
	return form.Text{VI: string(id)}
}

func (d *desk) consultFields() []form.Field {
	to := form.Field{ID: "agency", Type: form.Choice, Label: form.Text{VI: "Cơ quan được hỏi", EN: "Agency asked"}}
	for _, a := range d.dir.Agencies {
		if a.ID != d.Competent && len(d.dir.With(workflow.Head, a.ID, local(d.now), d.about())) > 0 {
			to.Options = append(to.Options, form.Option{Value: string(a.ID), Label: a.Name})
		}
	}
	return []form.Field{to,
		{ID: "content", Type: form.LongText, Label: form.Text{VI: "Nội dung lấy ý kiến", EN: "What is asked"}, Length: 4000},
		{ID: "until", Type: form.Date, Label: form.Text{VI: "Trả lời trước hết ngày", EN: "To be answered by the end of"}, From: d.soonest()},
	}
}

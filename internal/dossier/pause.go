// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/regime"
)

// Paused makes the dossier wait for somebody outside the agency; the clock
// stands still as the law of the cause has it.
type Paused struct {
	Cause  regime.Cause    `json:"cause"`
	Policy calendar.Policy `json:"policy"`
	Basis  string          `json:"basis"`
	Reason string          `json:"reason"`
	Until  time.Time       `json:"until,omitzero"` // by when it is expected to end
}

func (Paused) kind() string { return "paused" }

func (e Paused) apply(s *State, r Record) {
	s.hold(Wait{For: e.Cause, Since: r.At, Until: e.Until}, calendar.Pause{From: r.At, Policy: e.Policy, Cause: string(e.Cause), Basis: e.Basis, By: r.By.Name})
}

var pauseAct = act{
	name: "pause", label: form.Text{VI: "Tạm dừng tính thời hạn", EN: "Pause the time limit"},
	aside: true,
	open:  func(d *desk) error { return d.handles("pause") },
	asks:  func(d *desk) ([]Param, error) { return inputParams(d.pauseFields(), nil, d.now), nil },
	rule:  pause,
}

// pause stops the clock while the applicant does a financial duty, waits for
// the day of a field visit, or for the end of a procedure of another law.
func pause(d *desk) ([]Event, error) {
	given := d.params.fields(d.pauseFields(), d)
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	cause := regime.Cause(given.Text("cause"))
	hold := d.law().Hold(cause)
	e := Paused{Cause: cause, Policy: hold.Policy, Basis: hold.Basis, Reason: given.Text("reason")}
	if basis := given.Text("basis"); basis != "" {
		e.Basis = basis
	}
	if day, err := calendar.ParseDate(given.Text("until")); err == nil {
		e.Until = d.cal.EndOfDay(day)
	}
	return []Event{e}, nil
}

// pauseFields ask why, by what law and until when the clock is to stand still.
func (d *desk) pauseFields() []form.Field {
	cause := form.Field{ID: "cause", Type: form.Choice, Label: form.Text{VI: "Lý do tạm dừng", EN: "Cause"}}
	for _, c := range regime.Causes {
		if c != regime.Supplement { // asked for as such
			cause.Options = append(cause.Options, form.Option{Value: string(c), Label: d.law().Hold(c).Name})
		}
	}
	return []form.Field{cause,
		{ID: "reason", Type: form.LongText, Label: form.Text{VI: "Nội dung báo cho người đề nghị", EN: "What the applicant is told"}, Length: 2000},
		{ID: "until", Type: form.Date, Label: form.Text{VI: "Dự kiến đến ngày", EN: "Expected until"}, Optional: true, From: d.soonest()},
		{ID: "basis", Type: form.ShortText, Label: form.Text{VI: "Căn cứ pháp lý, nếu luật chuyên ngành quy định", EN: "Legal basis, if a special law says so"}, Optional: true, Length: 300},
	}
}

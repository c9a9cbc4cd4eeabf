// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"time"

	"motcua/internal/agency"
	"motcua/internal/form"
	"motcua/internal/procedure"
)

// TakenOver is that the one-stop of the competent agency has the papers which
// another one-stop received for it, whatever the boundary (NĐ 118/2025, NĐ
// 309/2026): custody passes, and where the law says so the limit counts from now.
type TakenOver struct {
	Name      form.Text `json:"name"`             // of the one-stop, as it was called then
	Papers    []string  `json:"papers,omitempty"` // components that came on paper
	Note      string    `json:"note,omitempty"`
	CountFrom time.Time `json:"count_from,omitzero"`
	Due       time.Time `json:"due,omitzero"`
	Foresee   time.Time `json:"foresee,omitzero"`
	Move
}

func (TakenOver) kind() string { return "taken_over" }

func (e TakenOver) apply(s *State, _ Record) {
	s.Forward, s.Transit, s.Move = false, false, e.Move
	if !e.CountFrom.IsZero() {
		s.CountFrom, s.Due, s.Foresee, s.Foreseen = e.CountFrom, e.Due, e.Foresee, false
	}
}

func (e TakenOver) told() Event {
	e.Note = ""
	return e
}

var takeOverAct = act{
	name: "take_over", label: form.Text{VI: "Nhận hồ sơ từ nơi khác chuyển đến", EN: "Take over from another one-stop"},
	open: func(d *desk) error {
		if !d.Transit {
			return d.notNow("take_over")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) {
		p := Param{Name: "papers", Label: form.Text{VI: "Giấy tờ bản giấy đã nhận", EN: "Papers that came"}, Type: "choices", Choices: d.onPaper()}
		if len(p.Choices) == 0 {
			return []Param{noteParam}, nil
		}
		return []Param{p, noteParam}, nil
	},
	rule: takeOver,
}

func takeOver(d *desk) ([]Event, error) {
	var ids []string
	for _, o := range d.onPaper() {
		ids = append(ids, o.Value)
	}
	e := TakenOver{Name: d.agencyName(d.Home), Papers: d.params.choices("papers", ids), Note: d.params.text("note", false)}
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	var err error
	if e.Move, err = d.move(d.Step); err != nil {
		return nil, err
	}
	if d.law().AtCompetent {
		after := *d.State
		after.CountFrom = d.now
		if e.Due, err = after.dueBy(d.cal, d.Pauses); err != nil {
			return nil, err
		}
		if e.Foresee, err = d.foresee(e.Due); err != nil {
			return nil, err
		}
		e.CountFrom = d.now
	}
	return []Event{e}, nil
}

// onPaper are the components that were handed in on paper.
func (d *desk) onPaper() []form.Option {
	var list []form.Option
	for _, k := range d.toCheck() {
		if in := handedIn(d.State, &k); in.originals+in.copies > 0 {
			list = append(list, form.Option{Value: k.ID, Label: k.Name})
		}
	}
	return list
}

// Custody is who has the papers of the dossier; "" while they are on their way,
// and for a dossier without paper.
func (s *State) Custody() (at agency.ID, paper bool) {
	switch {
	case s.Channel == procedure.Online:
		return "", false
	case s.Transit:
		return "", true
	case s.Phase == Filed || s.Forward || s.Phase == Ready || s.Closed():
		return s.Reception, true
	}
	return s.Competent, true
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"time"

	"motcua/internal/form"
	"motcua/internal/regime"
)

// Resumed ends a wait: the clock goes on, or starts anew, to another due instant.
type Resumed struct {
	Due     time.Time `json:"due"`
	Foresee time.Time `json:"foresee,omitzero"`
	Note    string    `json:"note,omitempty"`
	Move
}

func (Resumed) kind() string { return "resumed" }

func (e Resumed) apply(s *State, r Record) {
	s.release(r.At, e.Due, e.Move)
	s.Foresee, s.Foreseen = e.Foresee, false
}

func (e Resumed) told() Event {
	e.Note = ""
	return e
}

var resumeAct = act{
	name: "resume", label: form.Text{VI: "Tiếp tục giải quyết", EN: "Go on"},
	open: func(d *desk) error {
		switch {
		case d.Wait == nil || d.Wait.For == regime.Supplement || d.Wait.For == regime.Competence:
			return d.notNow("resume")
		case !d.who.holdsStep(d.State):
			return d.notYours()
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) { return []Param{noteParam}, nil },
	rule: resume,
}

// resume lets a paused dossier go on, as what it waited for has come.
func resume(d *desk) ([]Event, error) {
	e, err := d.resumed(d.params.text("note", false))
	if err != nil {
		return nil, err
	}
	return []Event{e}, nil
}

func (d *desk) resumed(note string) (Resumed, error) {
	due, err := d.dueAfter()
	if err != nil {
		return Resumed{}, err
	}
	foresee, err := d.foresee(due)
	if err != nil {
		return Resumed{}, err
	}
	move, err := d.goesOn()
	return Resumed{Due: due, Foresee: foresee, Note: note, Move: move}, err
}

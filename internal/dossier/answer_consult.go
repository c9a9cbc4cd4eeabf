// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"slices"
	"strconv"

	"motcua/internal/form"
	"motcua/internal/workflow"
)

// Opined is the opinion of the agency that was asked.
type Opined struct {
	N    int       `json:"n"` // of the question
	Name form.Text `json:"name"`
	Text string    `json:"text"`
	Late bool      `json:"late,omitempty"`
}

func (Opined) kind() string { return "opined" }

func (e Opined) apply(s *State, r Record) {
	s.Opinions = slices.Clone(s.Opinions)
	for i := range s.Opinions {
		if s.Opinions[i].N == e.N {
			s.Opinions[i].SaidAt = r.At
		}
	}
}

func (e Opined) told() Event {
	e.Text = ""
	return e
}

var answerConsultAct = act{
	name: "answer_consult", label: form.Text{VI: "Trả lời ý kiến", EN: "Give the opinion"},
	open: func(d *desk) error {
		if len(d.askedHere()) == 0 {
			return d.notNow("answer_consult")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) { return inputParams(d.opinionFields(), nil, d.now), nil },
	rule: func(d *desk) ([]Event, error) {
		given := d.params.fields(d.opinionFields(), d)
		if err := d.params.wrong(); err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(given.Text("question"))
		if err != nil {
			return nil, err
		}
		o := d.Opinions[n-1]
		d.actAt(o.To, workflow.Head, workflow.Leader)
		return []Event{Opined{N: n, Name: d.agencyName(o.To), Text: given.Text("opinion"), Late: d.now.After(o.Due)}}, nil
	},
}

// askedHere are the open questions to agencies at which the actor answers.
func (d *desk) askedHere() []Opinion {
	return slices.DeleteFunc(slices.Clone(d.State.asked()), func(o Opinion) bool { return !d.who.answers(o.To) })
}

// asked are the questions to other agencies that are open.
func (s *State) asked() []Opinion {
	if s.Phase != Running {
		return nil
	}
	var open []Opinion
	for _, o := range s.Opinions {
		if o.Open() {
			open = append(open, o)
		}
	}
	return open
}

func (d *desk) opinionFields() []form.Field {
	question := form.Field{ID: "question", Type: form.Choice, Label: form.Text{VI: "Trả lời câu hỏi", EN: "Question"}}
	for _, o := range d.askedHere() {
		question.Options = append(question.Options, form.Option{Value: strconv.Itoa(o.N), Label: form.Text{VI: o.Content}})
	}
	return []form.Field{question, {ID: "opinion", Type: form.LongText, Label: form.Text{VI: "Ý kiến", EN: "Opinion"}, Length: 8000}}
}

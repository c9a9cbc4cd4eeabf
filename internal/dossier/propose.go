// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"maps"

	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/workflow"
)

// Proposed is the drafted result, put up for review and approval.
type Proposed struct {
	From     string       `json:"from"`
	Template string       `json:"template"`
	Inputs   form.Answers `json:"inputs,omitempty"`
	Note     string       `json:"note,omitempty"`
	Move
}

func (Proposed) kind() string { return "proposed" }

func (e Proposed) apply(s *State, r Record) {
	s.take(r.By)
	s.Template, s.Move = e.Template, e.Move
}

func (e Proposed) told() Event {
	e.Inputs, e.Note = nil, ""
	return e
}

var proposeAct = act{
	name: "propose", label: form.Text{VI: "Trình kết quả", EN: "Put up the result"},
	open: byStep(workflow.Propose),
	asks: (*desk).proposeParams,
	rule: propose,
}

// propose puts the drafted result up for approval: what was asked for, or its
// refusal. What the drafter fills in starts from the answers and may be changed.
func propose(d *desk) ([]Event, error) {
	in, err := d.inHand(workflow.Propose)
	if err != nil {
		return nil, err
	}
	t, err := d.template()
	if err != nil {
		return nil, err
	}
	if err := d.prefill(t); err != nil {
		return nil, err
	}
	inputs := d.params.fields(resultFields(t), d)
	if inputs[decisionField] == refused {
		t = procedure.Refusal
	}
	delete(inputs, decisionField)
	action, note, err := d.wayNoted(in, workflow.Propose, inputs)
	if err != nil {
		return nil, err
	}
	move, err := d.move(action.To)
	if err != nil {
		return nil, err
	}
	return []Event{Proposed{From: in.ID, Template: t.ID, Inputs: inputs, Note: note, Move: move}}, nil
}

// The question by which a drafter says what the result is.
const (
	decisionField = "_decision" // no form has an id that begins so
	granted       = "granted"
	refused       = "refused"
)

// resultFields ask for the decision, and for what either result says.
func resultFields(t *procedure.Template) []form.Field {
	fields := []form.Field{{ID: decisionField, Type: form.Choice, Label: form.Text{VI: "Kết quả giải quyết", EN: "Decision"}, Options: []form.Option{
		{Value: granted, Label: form.Text{VI: "Giải quyết: " + t.Name.VI, EN: "Granted: " + t.Name.In("en")}},
		{Value: refused, Label: form.Text{VI: "Từ chối giải quyết, có văn bản nêu lý do", EN: "Refused, with the reason in writing"}}}}}
	add := func(decision string, inputs []form.Field) {
		for _, q := range inputs {
			on := form.When{Field: decisionField, Is: decision}
			if q.When != nil {
				on = form.When{All: []form.When{on, *q.When}}
			}
			q.When = &on
			fields = append(fields, q)
		}
	}
	add(granted, t.Inputs)
	add(refused, procedure.Refusal.Inputs)
	return fields
}

// template is the paper in which this dossier ends if it is granted.
func (d *desk) template() (*procedure.Template, error) {
	answers, err := d.answers()
	if err != nil {
		return nil, err
	}
	if t := d.edition.Template(form.Scope{Answers: answers, Facts: d.facts()}); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("dossier %s: no template of %s fits", d.Code, d.Procedure)
}

// prefill lets inputs that the drafter did not send start from the draft that
// was sent back, or the first time from the answers.
func (d *desk) prefill(t *procedure.Template) error {
	given := map[string]any{decisionField: granted}
	draft, err := d.draft()
	if err != nil {
		return err
	}
	if draft.Template != t.ID {
		err = d.fill(t, given)
	}
	if draft.Template == procedure.Refusal.ID {
		given[decisionField] = refused
	}
	maps.Copy(given, draft.Inputs)
	maps.Copy(given, d.params.given)
	d.params.given = given
	return err
}

func (d *desk) fill(t *procedure.Template, given map[string]any) error {
	answers, err := d.answers()
	if err != nil {
		return err
	}
	for input, path := range t.Fill {
		if v, ok := (form.Scope{Answers: answers}).Lookup(path); ok {
			given[input] = v
		}
	}
	return nil
}

func (d *desk) proposeParams() ([]Param, error) {
	t, err := d.template()
	if err != nil {
		return nil, err
	}
	if err := d.prefill(t); err != nil {
		return nil, err
	}
	params, err := d.actionParam(d.current(), workflow.Propose)
	if err != nil {
		return nil, err
	}
	return append(append(params, inputParams(resultFields(t), d.params.given, d.now)...), noteParam), nil
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// StepDone completes a step of the process with one of its actions.
type StepDone struct {
	From   string       `json:"from"`
	Action string       `json:"action"`
	Inputs form.Answers `json:"inputs,omitempty"`
	Note   string       `json:"note,omitempty"`
	Move
}

func (StepDone) kind() string { return "step_done" }

func (e StepDone) apply(s *State, r Record) {
	s.take(r.By)
	s.Move = e.Move
}

func (e StepDone) told() Event {
	e.Inputs, e.Note = nil, ""
	return e
}

var stepAct = act{
	name: "step", label: form.Text{VI: "Hoàn thành bước", EN: "Complete the step"},
	open: byStep(workflow.Step),
	asks: func(d *desk) ([]Param, error) {
		step := d.current()
		params, err := d.actionParam(step, workflow.Step)
		return append(append(params, inputParams(step.Inputs, nil, d.now)...), noteParam), err
	},
	rule: step,
}

// step completes the step in hand with one of the actions that the approved
// process allows for this dossier.
func step(d *desk) ([]Event, error) {
	in, err := d.inHand(workflow.Step)
	if err != nil {
		return nil, err
	}
	inputs := d.params.fields(in.Inputs, d)
	action, err := d.way(in, workflow.Step, inputs)
	if err != nil {
		return nil, err
	}
	note := d.params.text("note", action.Reason)
	move, err := d.move(action.To)
	if err != nil {
		return nil, err
	}
	return []Event{StepDone{From: in.ID, Action: action.ID, Inputs: inputs, Note: note, Move: move}}, nil
}

// way reads which action of a step was chosen. Where only one is open it need
// not be named.
func (d *desk) way(in *workflow.StepOfWay, act workflow.Act, inputs map[string]any) (workflow.Action, error) {
	open, err := d.ways(in, act, inputs)
	if err != nil {
		return workflow.Action{}, err
	}
	var ids []string
	for _, a := range open {
		ids = append(ids, a.ID)
	}
	only := ""
	if len(ids) == 1 {
		only = ids[0]
	}
	id := d.params.choice("action", ids, only)
	if err := d.params.wrong(); err != nil {
		return workflow.Action{}, err
	}
	for _, a := range open {
		if a.ID == id {
			return a, nil
		}
	}
	return workflow.Action{}, refusal.New(refusal.NotNow, "dossier.step.no_way", "step", in.Name)
}

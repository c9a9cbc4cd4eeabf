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
	action, note, err := d.wayNoted(in, workflow.Step, inputs)
	if err != nil {
		return nil, err
	}
	move, err := d.move(action.To)
	if err != nil {
		return nil, err
	}
	return []Event{StepDone{From: in.ID, Action: action.ID, Inputs: inputs, Note: note, Move: move}}, nil
}

// way reads which action of a step was chosen. Where only one is open it need
// not be named.
func (d *desk) way(in *workflow.StepOfWay, act workflow.Act, inputs map[string]any) (workflow.Action, error) {
	a, err := d.chosen(in, act, inputs)
	if err == nil {
		err = d.params.wrong()
	}
	return a, err
}

// wayNoted is way with the note, which some actions demand.
func (d *desk) wayNoted(in *workflow.StepOfWay, act workflow.Act, inputs map[string]any) (workflow.Action, string, error) {
	a, err := d.chosen(in, act, inputs)
	note := d.params.text("note", a.Reason)
	if err == nil {
		err = d.params.wrong()
	}
	return a, note, err
}

// chosen is the action that was named, or the only one that is open. Before the
// inputs are right nobody knows which are open: then it is one of those offered.
func (d *desk) chosen(in *workflow.StepOfWay, act workflow.Act, inputs map[string]any) (workflow.Action, error) {
	ways, err := d.ways(in, act, inputs)
	if err == nil && len(d.params.bad) > 0 {
		ways, err = d.offered(in, act)
	}
	if err != nil {
		return workflow.Action{}, err
	}
	if len(ways) == 0 {
		return workflow.Action{}, refusal.New(refusal.NotNow, "dossier.step.no_way", "step", in.Name)
	}
	var ids []string
	for _, a := range ways {
		ids = append(ids, a.ID)
	}
	only := ""
	if len(ids) == 1 {
		only = ids[0]
	}
	id := d.params.choice("action", ids, only)
	for _, a := range ways {
		if a.ID == id {
			return a, nil
		}
	}
	return workflow.Action{}, d.params.wrong()
}

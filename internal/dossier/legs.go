// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"slices"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// An interlinked procedure is one dossier of several agencies: the one that
// leads sends the others their parts, each with its own limit, at once or one
// after the other; when all are done the leading agency goes on (NĐ 61/2018 art.
// 19(6)). The dossier is counted once, where it was received.

// Part is the work of another agency in an interlinked procedure.
type Part struct {
	ID     string    `json:"id"`
	Step   string    `json:"step"` // of the process, that waits for it
	Name   form.Text `json:"name"`
	To     agency.ID `json:"to"`
	OpenAt time.Time `json:"open_at,omitzero"` // zero while it waits for others
	Due    time.Time `json:"due,omitzero"`
	DoneAt time.Time `json:"done_at,omitzero"`
	Failed bool      `json:"failed,omitempty"` // it could not be done, with the reason in the history
}

// Open is true while the agency has it in hand.
func (p Part) Open() bool { return !p.OpenAt.IsZero() && p.DoneAt.IsZero() }

// PartsSent sends the other agencies their parts.
type PartsSent struct {
	Parts []Part `json:"parts"`
	Note  string `json:"note,omitempty"`
}

func (PartsSent) kind() string { return "parts_sent" }

func (e PartsSent) apply(s *State, _ Record) { s.Parts = slices.Concat(s.Parts, e.Parts) }

func (e PartsSent) told() Event {
	e.Note = ""
	return e
}

// PartDone is what another agency did of its part; it may let others begin.
type PartDone struct {
	ID     string       `json:"id"`
	Name   form.Text    `json:"name"`
	Agency form.Text    `json:"agency"`
	Failed bool         `json:"failed,omitempty"`
	Reason string       `json:"reason,omitempty"` // why it cannot be done
	Inputs form.Answers `json:"inputs,omitempty"`
	Note   string       `json:"note,omitempty"`
	Opens  []Part       `json:"opens,omitempty"` // parts that begin now
}

func (PartDone) kind() string { return "part_done" }

func (e PartDone) apply(s *State, r Record) {
	s.Parts = slices.Clone(s.Parts)
	for i := range s.Parts {
		p := &s.Parts[i]
		if p.ID == e.ID && p.Step == s.Step {
			p.DoneAt, p.Failed = r.At, e.Failed
		}
		for _, o := range e.Opens {
			if p.ID == o.ID && p.Step == o.Step {
				*p = o
			}
		}
	}
}

func (e PartDone) told() Event {
	e.Inputs, e.Note = nil, ""
	return e
}

// parts are those of the step in hand.
func (s *State) parts() []Part {
	var list []Part
	for _, p := range s.Parts {
		if p.Step == s.Step {
			list = append(list, p)
		}
	}
	return list
}

// OpenParts are those that other agencies have in hand now.
func (s *State) OpenParts() []Part {
	if s.Phase != Running {
		return nil
	}
	return slices.DeleteFunc(s.parts(), func(p Part) bool { return !p.Open() })
}

// joined refuses to leave a step while parts of other agencies are not done.
func (d *desk) joined(in *workflow.StepOfWay) error {
	if len(in.Legs) == 0 {
		return nil
	}
	parts := d.parts()
	if len(parts) == 0 {
		return refusal.New(refusal.NotNow, "dossier.parts.unsent", "step", in.Name).Because(d.law().Basis)
	}
	var missing []string
	for _, p := range parts {
		if p.DoneAt.IsZero() {
			missing = append(missing, p.Name.VI+" ("+d.agencyName(p.To).VI+")")
		}
	}
	if len(missing) > 0 {
		return refusal.New(refusal.NotNow, "dossier.parts.open", "parts", strings.Join(missing, "; ")).Because(d.law().Basis)
	}
	return nil
}

var sendPartsAct = act{
	name: "send_parts", label: form.Text{VI: "Gửi các cơ quan phối hợp", EN: "Send the other agencies their parts"},
	open: func(d *desk) error {
		step := d.current()
		switch {
		case step == nil || len(step.Legs) == 0 || len(d.parts()) > 0:
			return d.notNow("send_parts")
		}
		return d.handles("send_parts")
	},
	asks: func(*desk) ([]Param, error) { return []Param{noteParam}, nil },
	rule: func(d *desk) ([]Event, error) {
		e := PartsSent{Note: d.params.text("note", false)}
		step := d.current()
		for i := range step.Legs {
			l := &step.Legs[i]
			p := Part{ID: l.ID, Step: step.ID, Name: l.Name, To: agency.ID(l.At)}
			if len(l.After) == 0 {
				if err := d.begin(&p, l); err != nil {
					return nil, err
				}
			}
			e.Parts = append(e.Parts, p)
		}
		return []Event{e}, nil
	},
}

// begin starts the clock of a part.
func (d *desk) begin(p *Part, l *workflow.Leg) error {
	var err error
	p.OpenAt = d.now
	p.Due, err = d.cal.Due(d.now, l.Limit, false, nil)
	return err
}

var finishPartAct = act{
	name: "finish_part", label: form.Text{VI: "Trả kết quả phần việc phối hợp", EN: "Finish the part of this agency"},
	open: func(d *desk) error {
		if len(d.mine()) == 0 { // also while the dossier waits: the part's own clock runs on
			return d.notNow("finish_part")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) {
		return append(inputParams(d.partFields(), nil, d.now), noteParam), nil
	},
	rule: finishPart,
}

// partOutcome is asked of each part before what its agency records.
var partOutcome = form.Field{ID: "outcome", Type: form.Choice, Label: form.Text{VI: "Kết quả phần việc", EN: "Outcome"}, Options: []form.Option{
	{Value: "done", Label: form.Text{VI: "Đã giải quyết", EN: "Done"}}, {Value: "failed", Label: form.Text{VI: "Không giải quyết được, ghi rõ lý do", EN: "Cannot be done, say why"}}}}

// partFields ask which part it is, if the actor has several, for what its agency
// records, if it could be done, and for the reason if not.
func (d *desk) partFields() []form.Field {
	var fields []form.Field
	mine := d.mine()
	if len(mine) > 1 {
		which := form.Field{ID: "part", Type: form.Choice, Label: form.Text{VI: "Phần việc", EN: "Part"}}
		for _, p := range mine {
			which.Options = append(which.Options, form.Option{Value: p.ID, Label: p.Name})
		}
		fields = append(fields, which)
	}
	fields = append(fields, partOutcome, form.Field{ID: "reason", Type: form.LongText, Label: form.Text{VI: "Lý do không giải quyết được", EN: "Why it cannot be done"}, Length: 2000, When: &form.When{Field: "outcome", Is: "failed"}})
	for _, p := range mine {
		for _, q := range d.leg(&p).Inputs {
			when := []form.When{{Field: "outcome", Is: "done"}}
			if len(mine) > 1 {
				when = append(when, form.When{Field: "part", Is: p.ID})
			}
			if q.When != nil {
				when = append(when, *q.When)
			}
			q.When = &form.When{All: when}
			fields = append(fields, q)
		}
	}
	return fields
}

// mine are the open parts of agencies at which the actor works.
func (d *desk) mine() []Part {
	return slices.DeleteFunc(d.OpenParts(), func(p Part) bool { return !d.who.partakes(p.To) })
}

func (d *desk) leg(p *Part) *workflow.Leg {
	if step := d.process.Step(p.Step); step != nil {
		if l := step.Leg(p.ID); l != nil {
			return l
		}
	}
	return &workflow.Leg{}
}

// finishPart ends a part, and begins those that waited for it.
func finishPart(d *desk) ([]Event, error) {
	mine := d.mine()
	given := d.params.fields(d.partFields(), d)
	p := mine[max(0, slices.IndexFunc(mine, func(p Part) bool { return p.ID == given.Text("part") }))]
	delete(given, "part")
	d.actAt(p.To, workflow.Specialist, workflow.Head, workflow.Leader)
	e := PartDone{ID: p.ID, Name: p.Name, Agency: d.agencyName(p.To), Failed: given.Text("outcome") == "failed", Note: d.params.text("note", false)}
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	if e.Failed {
		e.Reason = given.Text("reason")
	} else if delete(given, "outcome"); len(given) > 0 {
		e.Inputs = given
	}
	for _, next := range d.parts() {
		l := d.leg(&next)
		if !next.OpenAt.IsZero() || slices.ContainsFunc(d.parts(), func(x Part) bool { return slices.Contains(l.After, x.ID) && x.ID != p.ID && x.DoneAt.IsZero() }) {
			continue
		}
		if err := d.begin(&next, l); err != nil {
			return nil, err
		}
		e.Opens = append(e.Opens, next)
	}
	return []Event{e}, nil
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"slices"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// Received is valid reception: it pins law, process and calendar, starts the
// legal clock and names the appointment (NĐ 61/2018 art. 17).
type Received struct {
	Regime    regime.ID      `json:"regime"`
	Process   int            `json:"process"` // edition whose process is followed
	Calendar  int64          `json:"calendar"`
	Hours     string         `json:"hours,omitempty"` // office hours of the competent agency, if its own
	Limit     calendar.Limit `json:"limit"`
	Elapsed   bool           `json:"elapsed,omitempty"`
	Due       time.Time      `json:"due"`
	ForwardBy time.Time      `json:"forward_by"`
	Receipt   string         `json:"receipt"`             // number of form 01
	Checked   []string       `json:"checked"`             // components found complete and correct
	Since     time.Time      `json:"since,omitzero"`      // it was handed in, if that was before
	CountFrom time.Time      `json:"count_from,omitzero"` // if the limit does not count from reception
	Foresee   time.Time      `json:"foresee,omitzero"`
	Note      string         `json:"note,omitempty"`
	Move
}

func (Received) kind() string { return "received" }

func (e Received) apply(s *State, r Record) {
	s.Regime, s.Process, s.Calendar, s.Hours = e.Regime, e.Process, e.Calendar, e.Hours
	s.Limit, s.Elapsed, s.Original, s.Due, s.ForwardBy, s.Receipt = e.Limit, e.Elapsed, e.Due, e.Due, e.ForwardBy, e.Receipt
	s.Phase, s.ReceivedAt, s.Forward, s.Fresh, s.CountFrom = Running, r.At, e.At != s.Reception, true, e.CountFrom
	if !e.Since.IsZero() {
		s.ReceivedAt = e.Since
	}
	s.Move, s.Foresee, s.Foreseen = e.Move, e.Foresee, false
	s.note("01", e.Receipt, r)
}

func (e Received) told() Event {
	e.Note = ""
	return e
}

var receiveAct = act{
	name: "receive", label: form.Text{VI: "Tiếp nhận hồ sơ", EN: "Receive"},
	open: byStep(workflow.Receive),
	asks: func(d *desk) ([]Param, error) {
		return []Param{d.componentsParam(), noteParam}, nil
	},
	rule: receive,
}

// receive accepts a dossier at the one-stop: the components are checked, the
// law, process and calendar are pinned, the legal clock starts and the
// appointment is given (NĐ 61/2018 art. 17; NĐ 118/2025).
func receive(d *desk) ([]Event, error) {
	step, err := d.inHand(workflow.Receive)
	if err != nil {
		return nil, err
	}
	asked := d.toCheck()
	checked := d.params.choices("components", d.ToCheck)
	note := d.params.text("note", false)
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	if checked == nil {
		if err := d.refuseUnopened(asked); err != nil {
			return nil, err
		}
		checked = d.ToCheck
	}
	if err := complete(d, asked, checked); err != nil {
		return nil, err
	}
	return d.reception(step, checked, note)
}

// complete refuses a dossier in which a component that the law asks for was
// not found complete and correct.
func complete(d *desk, asked []procedure.Component, checked []string) error {
	var missing []refusal.Field
	for _, k := range asked {
		if !k.Optional && !slices.Contains(checked, k.ID) {
			missing = append(missing, refusal.At("/components", "dossier.receive.missing", "component", k.Name))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	e := refusal.New(refusal.Incomplete, "dossier.receive.incomplete").Because(regime.On(local(d.now)).Basis)
	e.Fields = missing
	return e
}

// refuseUnopened refuses to take for checked what nobody could open.
func (d *desk) refuseUnopened(asked []procedure.Component) error {
	closed, err := d.closed()
	if err != nil || len(closed) == 0 {
		return err
	}
	e := refusal.New(refusal.Incomplete, "dossier.receive.incomplete")
	for _, k := range asked {
		if d.Unopened(k.ID, closed) {
			e.Fields = append(e.Fields, refusal.At("/components", "dossier.receive.unopened", "component", k.Name))
		}
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

func (d *desk) reception(step *workflow.StepOfWay, checked []string, note string) ([]Event, error) {
	since := d.now
	if !d.since.IsZero() {
		since = d.since
	}
	law := regime.On(local(since))
	limit, ok := d.edition.Facts.Case(d.Case).LimitOn(d.Channel)
	if !ok {
		return nil, fmt.Errorf("dossier %s: no limit for channel %s", d.Code, d.Channel)
	}
	elapsed := d.edition.Facts.Elapsed
	by, err := d.cal.ForwardBy(since)
	if err != nil {
		return nil, err
	}
	var from time.Time // expected, until the competent agency takes it over
	start := since
	if d.Home != "" && law.AtCompetent && d.Channel != procedure.Online {
		from, start = by, by
	}
	due, err := d.cal.Due(start, limit, elapsed, nil)
	if err != nil {
		return nil, err
	}
	move, err := d.move(step.Ways(workflow.Receive, form.Scope{Facts: d.facts()})[0].To)
	if err != nil {
		return nil, err
	}
	foresee, err := d.foresee(due)
	if err != nil {
		return nil, err
	}
	receipt, err := d.formNumber("01")
	if err != nil {
		return nil, err
	}
	return []Event{Received{
		Regime: law.ID, Process: d.pinned.process, Calendar: d.pinned.calendar, Hours: d.pinned.hours,
		Limit: limit, Elapsed: elapsed, Due: due, ForwardBy: by, Since: d.since, CountFrom: from, Foresee: foresee,
		Receipt: receipt, Checked: checked, Note: note, Move: move,
	}}, nil
}

// toCheck are the components that reception checks.
func (d *desk) toCheck() []procedure.Component {
	return d.edition.Facts.Case(d.Case).Named(d.ToCheck)
}

func componentIDs(asked []procedure.Component) []string {
	ids := make([]string, len(asked))
	for i, k := range asked {
		ids[i] = k.ID
	}
	return ids
}

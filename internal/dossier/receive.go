// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"slices"

	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

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

func (d *desk) reception(step *workflow.StepOfWay, checked []string, note string) ([]Event, error) {
	law := regime.On(local(d.now))
	limit, ok := d.edition.Facts.Case(d.Case).LimitOn(d.Channel)
	if !ok {
		return nil, fmt.Errorf("dossier %s: no limit for channel %s", d.Code, d.Channel)
	}
	elapsed := d.edition.Facts.Elapsed
	due, err := d.cal.Due(d.now, limit, elapsed, nil)
	if err != nil {
		return nil, err
	}
	by, err := d.cal.ForwardBy(d.now)
	if err != nil {
		return nil, err
	}
	move, err := d.move(step.Ways(workflow.Receive, form.Scope{Facts: d.facts()})[0].To)
	if err != nil {
		return nil, err
	}
	year := local(d.now).Year()
	n, err := d.next(fmt.Sprintf("form01/%s/%d", d.Reception, year))
	if err != nil {
		return nil, err
	}
	return []Event{Received{
		Regime: law.ID, Process: d.pinned.process, Calendar: d.pinned.calendar, Hours: d.pinned.hours,
		Limit: limit, Elapsed: elapsed, Due: due, ForwardBy: by,
		Receipt: fmt.Sprintf("%d/TNHS", n), Checked: checked, Note: note, Move: move,
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

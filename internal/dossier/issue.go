// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// issue gives the approved result its number and date and brings it to the
// one-stop. This instant decides whether the dossier was early, on time or
// late; early results are announced at once (NĐ 61/2018 art. 20).
func issue(d *desk) ([]Event, error) {
	in, err := d.inHand(workflow.Issue)
	if err != nil {
		return nil, err
	}
	t, err := d.template()
	if err != nil {
		return nil, err
	}
	action, err := d.way(in, workflow.Issue, form.Answers{})
	if err != nil {
		return nil, err
	}
	move, err := d.move(action.To)
	if err != nil {
		return nil, err
	}
	year := local(d.now).Year()
	n, err := d.next(fmt.Sprintf("result/%s/%s/%d", d.Competent, t.Number, year))
	if err != nil {
		return nil, err
	}
	return []Event{Issued{From: in.ID, Number: fmt.Sprintf("%d/%d/%s", n, year, t.Number), Outcome: calendar.OutcomeOf(d.now, d.Due), Move: move}}, nil
}

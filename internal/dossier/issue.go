// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// Issued is the result ready at the one-stop: this instant is compared with
// the due instant (DOMAIN §9).
type Issued struct {
	From      string           `json:"from"`
	Number    string           `json:"number"`
	Outcome   calendar.Outcome `json:"outcome"`
	CollectBy time.Time        `json:"collect_by,omitzero"`
	Move
}

func (Issued) kind() string { return "issued" }

func (e Issued) apply(s *State, r Record) {
	s.Phase, s.IssuedAt, s.Outcome, s.Number, s.Move = Ready, r.At, e.Outcome, e.Number, e.Move
	s.Issued = append(s.Issued[:len(s.Issued):len(s.Issued)], Paperwork{Template: s.Template, Number: e.Number, Seq: r.Seq, At: r.At})
	s.CollectBy, s.Reminded = e.CollectBy, false
	s.ToSign = nil // an extension is not needed any more
}

var issueAct = act{
	name: "issue", label: form.Text{VI: "Phát hành kết quả", EN: "Issue the result"},
	open: byStep(workflow.Issue),
	rule: issue,
}

// issue gives the approved result its number and date and brings it to the
// one-stop. This instant decides whether the dossier was early, on time or
// late; early results are announced at once (NĐ 61/2018 art. 20).
func issue(d *desk) ([]Event, error) {
	in, err := d.inHand(workflow.Issue)
	if err != nil {
		return nil, err
	}
	t := d.edition.Result(d.Template)
	if t == nil {
		return nil, fmt.Errorf("dossier %s: no template %q", d.Code, d.Template)
	}
	action, err := d.way(in, workflow.Issue, form.Answers{})
	if err != nil {
		return nil, err
	}
	move, err := d.move(action.To)
	if err != nil {
		return nil, err
	}
	var collectBy time.Time
	if within := d.terms.CollectWithin; within.N > 0 {
		if collectBy, err = d.cal.Due(d.now, within, false, nil); err != nil {
			return nil, err
		}
	}
	year := local(d.now).Year()
	n, err := d.next(fmt.Sprintf("result/%s/%s/%d", d.Competent, t.Number, year))
	if err != nil {
		return nil, err
	}
	return []Event{Issued{From: in.ID, Number: fmt.Sprintf("%d/%d/%s", n, year, t.Number), Outcome: calendar.OutcomeOf(d.now, d.Due), CollectBy: collectBy, Move: move}}, nil
}

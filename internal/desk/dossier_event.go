// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"strings"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/regime"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

// eventView is one thing that happened, as officers read it.
type eventView struct {
	At         time.Time
	Title, Who string
	Facts      []fact
	Note       string
	Due        string
	New        bool // since the officer looked at the dossier last
}

// fact is one thing that was recorded.
type fact struct{ Label, Value string }

// scoreWords are what an applicant may say, by score.
var scoreWords = map[int]string{3: "desk.score.3", 2: "desk.score.2", 1: "desk.score.1"}

// eventView says what happened, when, by whom, and what was noted.
func (v *visit) eventView(r dossier.Record, t *dossier.Track) eventView {
	e := eventView{At: r.At, Title: v.T("desk.event." + r.Kind()), Who: v.actorName(r.By)}
	add := func(key, value string) { e.Facts = append(e.Facts, fact{v.T(key), value}) }
	d := v.Site.Directory()
	switch x := r.Event.(type) {
	case dossier.Submitted:
		add("desk.fact.channel", v.T("channel."+string(x.Channel)))
		if law, ok := regime.AnswerOn(calendar.DateOf(r.At)); ok && x.Answer != nil {
			e.Due = v.T("desk.event.answer_by", "at", web.Instant(v.Lang, x.Answer.By), "basis", law.Basis)
		}
	case dossier.Received:
		add("desk.fact.receipt", x.Receipt)
		add("desk.fact.due", web.Instant(v.Lang, x.Due))
		e.Note = x.Note
		v.leads(&e, x.Move, t)
	case dossier.Forwarded:
		add("desk.fact.to", d.Name(x.To, v.Lang))
	case dossier.Assigned:
		add("desk.fact.handler", x.Name)
		e.Note = x.Note
		v.leads(&e, x.Move, t)
	case dossier.Reassigned:
		add("desk.fact.handler", x.Name)
		e.Note = x.Reason
	case dossier.Released:
		e.Note = v.T("desk.event.released_note", "name", x.Name)
	case dossier.StepDone:
		v.stepDone(&e, x, t)
	case dossier.Proposed:
		if template := t.Edition.Result(x.Template); template != nil {
			add("desk.fact.result", template.Name.In(v.Lang))
			e.Facts = append(e.Facts, v.inputs(template.Inputs, x.Inputs)...)
		}
		e.Note = x.Note
		v.leads(&e, x.Move, t)
	case dossier.Approved:
		e.Note = x.Note
		v.leads(&e, x.Move, t)
	case dossier.SentBack:
		e.Note = x.Reason
		v.leads(&e, x.Move, t)
	case dossier.Issued:
		word, _ := v.outcome(x.Outcome)
		add("desk.fact.number", x.Number)
		add("desk.fact.outcome", word)
		v.leads(&e, x.Move, t)
	case dossier.Collected:
		add("desk.fact.amount", web.Money(v.Lang, x.Amount))
		add("desk.fact.method", v.T("desk.method."+x.Method))
	case dossier.HandedOver:
		add("desk.fact.return", v.T("channel."+string(x.Channel)))
		if x.To != "" {
			add("desk.fact.received_by", x.To)
		}
	case dossier.Rated:
		for _, c := range dossier.Criteria {
			if n, ok := x.Scores[c]; ok {
				add("desk.criterion."+c, v.T(scoreWords[n]))
			}
		}
		e.Note = x.Comment
	}
	for _, x := range dossier.Facts(r, t) {
		e.Facts = append(e.Facts, fact{x.Label.In(v.Lang), web.Shown(v.Lang, x.Value)})
	}
	return e
}

func (v *visit) stepDone(e *eventView, x dossier.StepDone, t *dossier.Track) {
	e.Title = v.T("desk.event.step_done_named", "step", t.StepName(x.From))
	if s := t.Process.Step(x.From); s != nil {
		for _, a := range s.Actions {
			if a.ID == x.Action {
				e.Facts = append(e.Facts, fact{v.T("desk.fact.action"), a.Label.In(v.Lang)})
			}
		}
		e.Facts = append(e.Facts, v.inputs(s.Inputs, x.Inputs)...)
	}
	e.Note = x.Note
	v.leads(e, x.Move, t)
}

// leads says which step follows, and its limit.
func (v *visit) leads(e *eventView, m dossier.Move, t *dossier.Track) {
	switch {
	case m.Step == "" || m.Step == workflow.End:
	case m.StepDue.IsZero():
		e.Due = v.T("desk.event.next", "step", t.StepName(m.Step))
	default:
		e.Due = v.T("desk.event.next_due", "step", t.StepName(m.Step), "at", web.Instant(v.Lang, m.StepDue))
	}
}

// inputs are what an officer recorded with a step.
func (v *visit) inputs(fields []form.Field, answers form.Answers) []fact {
	var list []fact
	for i := range fields {
		q := &fields[i]
		if q.Type == form.Group {
			list = append(list, v.groupInputs(q, answers[q.ID])...)
		} else if said := form.Conceal(q.Type, form.Say(q, answers[q.ID], v.Lang)); said != "" {
			list = append(list, fact{q.Label.In(v.Lang), said})
		}
	}
	return list
}

func (v *visit) groupInputs(q *form.Field, value any) []fact {
	items, _ := value.([]any)
	if item, ok := value.(map[string]any); ok {
		items = []any{item}
	}
	var list []fact
	for _, x := range items {
		item, _ := x.(map[string]any)
		var said []string
		for _, f := range v.inputs(q.Fields, item) {
			said = append(said, f.Label+": "+f.Value)
		}
		list = append(list, fact{q.Label.In(v.Lang), strings.Join(said, "; ")})
	}
	return list
}

// actorName names who acted, in which post.
func (v *visit) actorName(by dossier.By) string {
	switch {
	case by.Role == "" && by.Account == 0:
		return v.T("desk.event.by_system")
	case by.Role == "":
		return v.T("desk.event.by_applicant", "name", by.Name)
	}
	who := v.T("desk.event.by_officer", "name", by.Name, "role", v.T("role."+string(by.Role)), "agency", v.Site.Directory().Name(by.Agency, v.Lang))
	if by.For != "" {
		return v.T("desk.event.for", "who", who, "name", by.For)
	}
	return who
}

// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"strings"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
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
}

// fact is one thing that was recorded.
type fact struct{ Label, Value string }

// eventWords are the keys of what is told of each kind of event.
var eventWords = map[string]string{
	"submitted": "desk.event.submitted", "received": "desk.event.received", "forwarded": "desk.event.forwarded", "assigned": "desk.event.assigned",
	"reassigned": "desk.event.reassigned", "step_done": "desk.event.step_done", "proposed": "desk.event.proposed", "approved": "desk.event.approved",
	"sent_back": "desk.event.sent_back", "issued": "desk.event.issued", "collected": "desk.event.collected", "handed_over": "desk.event.handed_over", "rated": "desk.event.rated",
}

var roleWords = map[workflow.Role]string{workflow.Clerk: "desk.role.clerk", workflow.Specialist: "desk.role.specialist", workflow.Head: "desk.role.head",
	workflow.Leader: "desk.role.leader", workflow.Cashier: "desk.role.cashier", workflow.Admin: "desk.role.admin"}

var channelWords = map[procedure.Channel]string{procedure.Online: "desk.channel.online", procedure.Counter: "desk.channel.counter", procedure.Post: "desk.channel.post"}

var returnWords = map[procedure.Channel]string{procedure.Online: "desk.return.online", procedure.Counter: "desk.return.counter", procedure.Post: "desk.return.post"}

var kindWords = map[string]string{"citizen": "desk.kind.citizen", "organisation": "desk.kind.organisation", "household_business": "desk.kind.household_business"}

var methodWords = map[string]string{"cash": "desk.method.cash", "card": "desk.method.card"}

// scoreWords are what an applicant may say, by score.
var scoreWords = map[int]string{3: "desk.score.3", 2: "desk.score.2", 1: "desk.score.1"}

var criterionWords = map[string]string{"overall": "desk.criterion.overall", "convenience": "desk.criterion.convenience", "punctuality": "desk.criterion.punctuality", "attitude": "desk.criterion.attitude"}

// eventView says what happened, when, by whom, and what was noted.
func (v *visit) eventView(r dossier.Record, t *dossier.Track) eventView {
	e := eventView{At: r.At, Title: v.t(eventWords[r.Kind()]), Who: v.actorName(r.By)}
	add := func(key, value string) { e.Facts = append(e.Facts, fact{v.t(key), value}) }
	d := v.Site.Directory()
	switch x := r.Event.(type) {
	case dossier.Submitted:
		add("desk.fact.channel", v.t(channelWords[x.Channel]))
		if law, ok := regime.AnswerOn(calendar.DateOf(r.At)); ok && x.Answer != nil {
			e.Due = v.t("desk.event.answer_by", "at", web.Instant(v.lang, x.Answer.By), "basis", law.Basis)
		}
	case dossier.Received:
		add("desk.fact.receipt", x.Receipt)
		add("desk.fact.due", web.Instant(v.lang, x.Due))
		e.Note = x.Note
		v.leads(&e, x.Move, t)
	case dossier.Forwarded:
		add("desk.fact.to", d.Name(x.To, v.lang))
	case dossier.Assigned:
		add("desk.fact.handler", x.Name)
		e.Note = x.Note
		v.leads(&e, x.Move, t)
	case dossier.Reassigned:
		add("desk.fact.handler", x.Name)
		e.Note = x.Reason
	case dossier.StepDone:
		v.stepDone(&e, x, t)
	case dossier.Proposed:
		for _, template := range t.Edition.Results {
			if template.ID == x.Template {
				add("desk.fact.result", template.Name.In(v.lang))
				e.Facts = append(e.Facts, v.inputs(template.Inputs, x.Inputs)...)
			}
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
		add("desk.fact.amount", web.Money(v.lang, x.Amount))
		add("desk.fact.method", v.t(methodWords[x.Method]))
	case dossier.HandedOver:
		add("desk.fact.channel", v.t(channelWords[x.Channel]))
		if x.To != "" {
			add("desk.fact.received_by", x.To)
		}
	case dossier.Rated:
		for _, c := range dossier.Criteria {
			if n, ok := x.Scores[c]; ok {
				add(criterionWords[c], v.t(scoreWords[n]))
			}
		}
		e.Note = x.Comment
	}
	return e
}

func (v *visit) stepDone(e *eventView, x dossier.StepDone, t *dossier.Track) {
	e.Title = v.t("desk.event.step_done_named", "step", t.StepName(x.From))
	if s := t.Process.Step(x.From); s != nil {
		for _, a := range s.Actions {
			if a.ID == x.Action {
				e.Facts = append(e.Facts, fact{v.t("desk.fact.action"), a.Label.In(v.lang)})
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
		e.Due = v.t("desk.event.next", "step", t.StepName(m.Step))
	default:
		e.Due = v.t("desk.event.next_due", "step", t.StepName(m.Step), "at", web.Instant(v.lang, m.StepDue))
	}
}

// inputs are what an officer recorded with a step.
func (v *visit) inputs(fields []form.Field, answers form.Answers) []fact {
	var list []fact
	for i := range fields {
		q := &fields[i]
		if q.Type == form.Group {
			list = append(list, v.groupInputs(q, answers[q.ID])...)
		} else if said := form.Say(q, answers[q.ID], v.lang); said != "" {
			list = append(list, fact{q.Label.In(v.lang), said})
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
		list = append(list, fact{q.Label.In(v.lang), strings.Join(said, "; ")})
	}
	return list
}

// actorName names who acted, in which post.
func (v *visit) actorName(by dossier.By) string {
	switch {
	case by.Role == "" && by.Account == 0:
		return v.t("desk.event.by_system")
	case by.Role == "":
		return v.t("desk.event.by_applicant", "name", by.Name)
	}
	return v.t("desk.event.by_officer", "name", by.Name, "role", v.t(roleWords[by.Role]), "agency", v.Site.Directory().Name(by.Agency, v.lang))
}

// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

// perPage is how many dossiers a page of a list shows.
const perPage = 50

type queuePage struct {
	web.Page
	Queues     []queueTab
	Units      []queueTab // whole agencies
	Hang, Unit string     // what is shown
	Heading    string
	Rows       []row
	Next       string // address of the next page
	Procedures []choice
	Due        []choice
	Labels     []choice
	Kept       []choice // the filter by name and value, for who picks all that it keeps
	Filtered   bool
	Reads      bool           // dossiers, by one of the posts
	Harmed     []dossier.Code // into which the officer put a file that does harm
	Asking     int            // officers who wait for this one to vouch for them
	More       bool           // the queue is longer than the page
	Most       int            // so many of it may be picked at once
	Batch      *batchForm
	Prints     []choice
	Key        string
	Privacy    []dataLink // what waits for the data protection officer
}

// queueTab leads to a queue.
type queueTab struct {
	Href, Label string
	Count       int64
	Current     bool
}

// choice is an option of a select.
type choice struct {
	Value, Label string
	Chosen       bool
}

// row is a dossier in a table.
type row struct {
	Href, Code, Pick         string
	Version                  int
	Procedure, ProcedureName string
	Applicant, Step, Status  string
	SentAt, AnswerBy, DueAt  time.Time
	Until                    time.Time // of what waits for somebody outside
	Left, Tag, Timing        string
	Mark                     dossier.Mark
}

// showQueue shows the officer's queues and one of them, or a whole unit.
func showQueue(v *visit) error {
	queues, err := v.Book.Queues(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	waiting, err := v.dataLinks()
	if err != nil {
		return err
	}
	q := v.R.URL.Query()
	p := queuePage{Page: v.page(v.T("desk.queue.title")), Hang: q.Get("hang"), Unit: q.Get("don-vi"), Key: newKey(), Privacy: waiting}
	p.Reads = slices.ContainsFunc(v.who.Posts, func(x agency.Post) bool { return x.Role != workflow.Admin && x.Role != workflow.Privacy })
	if p.Hang == "" && p.Unit == "" {
		p.Hang = firstQueue(queues)
	}
	for _, x := range queues {
		current := p.Hang == string(x.Name)
		if current {
			p.Heading = x.Label.In(v.Lang)
		}
		p.Queues = append(p.Queues, queueTab{queuePath(string(x.Name)), x.Label.In(v.Lang), x.Count, current})
	}
	for _, id := range v.units() {
		name := v.Site.Directory().Name(id, v.Lang)
		if p.Unit == string(id) {
			p.Heading = name
		}
		p.Units = append(p.Units, queueTab{Href: "/mot-cua?don-vi=" + url.QueryEscape(string(id)), Label: name, Current: p.Unit == string(id)})
	}
	switch {
	case p.Unit != "":
		err = v.listUnit(&p)
	case p.Hang != "":
		err = v.listQueue(&p)
	}
	if err == nil {
		p.Asking, err = v.asking()
	}
	if err == nil {
		p.Harmed, err = v.Book.Harmed(v.R.Context(), v.who)
	}
	if err != nil {
		return err
	}
	return v.Render(http.StatusOK, "queue_show", p)
}

// firstQueue is the first queue in which something waits.
func firstQueue(queues []dossier.Queue) string {
	for _, q := range queues {
		if q.Count > 0 {
			return string(q.Name)
		}
	}
	if len(queues) > 0 {
		return string(queues[0].Name)
	}
	return ""
}

func queuePath(hang string) string {
	if hang == "" {
		return "/mot-cua"
	}
	return "/mot-cua?hang=" + url.QueryEscape(hang)
}

// units are the agencies that decide and that the officer works for.
func (v *visit) units() []agency.ID {
	var ids []agency.ID
	d := v.Site.Directory()
	for _, p := range v.who.Posts {
		a := d.Find(p.Agency)
		if a != nil && a.Kind != agency.Centre && v.who.Works(p.Agency) && !slices.Contains(ids, p.Agency) {
			ids = append(ids, p.Agency)
		}
	}
	return ids
}

func (v *visit) listUnit(p *queuePage) error {
	before, err := dossier.ParseAfter(v.R.URL.Query().Get("tu"))
	if err != nil {
		return err
	}
	items, err := v.Book.Unit(v.R.Context(), v.who, agency.ID(p.Unit), perPage+1, before.ID)
	if err != nil {
		return err
	}
	if len(items) > perPage {
		items = items[:perPage]
		p.Next = v.from(dossier.After{ID: items[perPage-1].Place()})
	}
	p.Rows, err = v.rows(items, "")
	return err
}

func (v *visit) listQueue(p *queuePage) error {
	q := v.R.URL.Query()
	sieve := v.sieve(q)
	after, err := dossier.ParseAfter(q.Get("tu"))
	if err != nil {
		return err
	}
	items, next, err := v.Book.Sift(v.R.Context(), v.who, dossier.Work(p.Hang), sieve, perPage, after)
	if err != nil {
		return err
	}
	if next != nil {
		p.Next = v.from(*next)
	}
	p.More, p.Most = next != nil || after != dossier.After{}, dossier.BatchMost
	for _, name := range []string{"thu-tuc", "han", "nhan"} {
		if x := q.Get(name); x != "" {
			p.Kept = append(p.Kept, choice{Value: name, Label: x})
		}
	}
	if p.Labels, err = v.labelChoices(sieve.Label); err != nil {
		return err
	}
	p.Filtered = sieve != (dossier.Sieve{})
	p.Procedures, p.Due = v.procedureChoices(sieve.Procedure), v.dueChoices(q.Get("han"))
	if p.Rows, err = v.rows(items, p.Hang); err != nil {
		return err
	}
	p.Prints = v.prints()
	p.Batch, err = v.batchOf(items)
	return err
}

// labelChoices are the words that the officer's agencies mark dossiers with.
func (v *visit) labelChoices(chosen string) ([]choice, error) {
	words, err := v.Book.Labels(v.R.Context(), v.who)
	if err != nil || len(words) == 0 && chosen == "" {
		return nil, err
	}
	list := []choice{{"", v.T("desk.queue.label_any"), chosen == ""}}
	for _, w := range words {
		list = append(list, choice{w, w, w == chosen})
	}
	return list, nil
}

func (v *visit) dueChoices(chosen string) []choice {
	return []choice{{"", v.T("desk.queue.due_any"), chosen == ""}, {"near", v.T("desk.queue.due_near"), chosen == "near"}, {"late", v.T("desk.queue.due_late"), chosen == "late"}}
}

// procedureChoices are the procedures that the officer's agencies decide.
func (v *visit) procedureChoices(chosen string) []choice {
	list := []choice{{"", v.T("desk.queue.procedure_any"), chosen == ""}}
	var decides []string
	for _, p := range v.who.Posts {
		if v.who.Works(p.Agency) {
			decides = append(decides, v.Site.Directory().Decides(p.Agency)...)
		}
	}
	if len(decides) == 0 {
		return list
	}
	for _, e := range v.Catalogue.Find(procedure.Filter{On: calendar.DateOf(v.Now()), Offered: true, Competent: decides}, 0, 500) {
		list = append(list, choice{e.Code, e.Code + " – " + e.Name.In(v.Lang), e.Code == chosen})
	}
	return list
}

// from is this list's address from a position on.
func (v *visit) from(a dossier.After) string {
	u, _ := url.Parse(v.without("da", "ma", "lang", "tu"))
	q := u.Query()
	q.Set("tu", a.String())
	return u.Path + "?" + q.Encode()
}

// rows shows items as they stand now.
func (v *visit) rows(items []dossier.Item, hang string) ([]row, error) {
	var rows []row
	marks, err := v.Book.Marks(v.R.Context(), v.who, items)
	if err != nil {
		return nil, err
	}
	for i := range items {
		x := &items[i]
		r := row{Href: dossierPath(x.Code, hang), Code: string(x.Code), Pick: pick(x), Version: x.Version, Procedure: x.Procedure,
			ProcedureName: x.Procedure, Applicant: x.Applicant, SentAt: x.SentAt, DueAt: x.DueAt, Mark: marks[x.Code]}
		if err := v.nameItem(&r, x); err != nil {
			return nil, err
		}
		switch {
		case x.Status == regime.Resolved || x.Status == regime.Returned:
			r.Left, r.Tag = r.Status, "tag-done"
		case x.Status.Closed():
			r.Left, r.Tag = r.Status, "tag-open"
		case x.Waits:
			r.Until = x.Until
			r.Left, r.Tag = r.Status, "tag-open"
			if v.Now().After(x.Until) {
				r.Tag, r.Timing = "tag-near", "near"
			}
		case !x.AnswerBy.IsZero():
			r.AnswerBy = x.AnswerBy
			r.Left, r.Tag, r.Timing = v.left(x.AnswerBy)
		case x.DueAt.IsZero():
			r.Left, r.Tag = v.T("desk.left.none"), "tag-open"
		default:
			r.Left, r.Tag, r.Timing = v.left(x.DueAt)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// nameItem finds the words for an item: those of the editions that the dossier
// pinned, and before reception the first step that it would be received by.
func (v *visit) nameItem(r *row, x *dossier.Item) error {
	r.Status = regime.On(calendar.DateOf(v.Now())).Word(x.Status).In(v.Lang)
	filed, err := v.Catalogue.Pinned(v.R.Context(), x.Procedure, x.Edition)
	if err != nil {
		return err
	}
	r.ProcedureName = filed.Facts.Name.In(v.Lang)
	switch x.Status {
	case regime.Returned:
		r.Step = r.Status
		return nil
	case regime.Received:
		r.Step = v.T("desk.queue.forwarding")
		return nil
	}
	followed := filed
	if x.Process != 0 {
		followed, err = v.Catalogue.Pinned(v.R.Context(), x.Procedure, x.Process)
	} else if now, fault := v.Catalogue.Show(v.R.Context(), x.Procedure, calendar.DateOf(v.Now())); fault == nil {
		followed = now
	} else if !refusal.Is(fault, refusal.NotFound) {
		err = fault
	}
	if err != nil {
		return err
	}
	step := &followed.Process.Steps[0]
	if x.Process != 0 {
		step = followed.Process.Step(x.Step)
	}
	if step != nil {
		r.Step = step.Name.In(v.Lang)
	}
	return nil
}

// left says how much time is left until an instant, or how long it is past.
func (v *visit) left(due time.Time) (words, tag, timing string) {
	now := v.Now()
	switch dossier.TimingOf(due, now) {
	case dossier.Late:
		return v.span("desk.late.", now.Sub(due)), "tag-late", "late"
	case dossier.Near:
		return v.span("desk.left.", due.Sub(now)), "tag-near", "near"
	}
	return v.span("desk.left.", due.Sub(now)), "tag-early", "early"
}

// span says a length of time in its largest unit.
func (v *visit) span(key string, d time.Duration) string {
	n, unit := int(d.Minutes()), "minutes"
	switch {
	case d >= 48*time.Hour:
		n, unit = int(d.Hours()/24), "days"
	case d >= 2*time.Hour:
		n, unit = int(d.Hours()), "hours"
	}
	return v.T(key+unit, "n", max(1, n))
}

// dossierPath is the address of a dossier, come to from a queue.
func dossierPath(code dossier.Code, hang string) string {
	to := "/mot-cua/ho-so/" + string(code)
	if hang != "" {
		to += "?hang=" + url.QueryEscape(hang)
	}
	return to
}

// batchForm is what may be done to many dossiers of a list at once.
type batchForm struct {
	Acts     []choice // act and label
	Officers []choice
}

// batchOf asks what is offered for one dossier of each procedure in the list.
func (v *visit) batchOf(items []dossier.Item) (*batchForm, error) {
	b := &batchForm{}
	var seen []string
	var at []agency.ID
	for i := range items {
		if slices.Contains(seen, items[i].Procedure) {
			continue
		}
		seen = append(seen, items[i].Procedure)
		s, err := v.Book.Find(v.R.Context(), v.who, items[i].Code) // nothing of it is shown but what the list has
		if refusal.Is(err, refusal.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		offers, err := v.Book.Offers(v.R.Context(), v.who, &s)
		if err != nil {
			return nil, err
		}
		for _, o := range offers {
			b.take(o, v.Lang)
			if o.Act == "assign" && !slices.Contains(at, s.Competent) {
				at = append(at, s.Competent)
			}
		}
	}
	if len(b.Acts) == 0 {
		return nil, nil
	}
	var err error
	b.Officers, err = v.officerChoices(at, "")
	return b, err
}

func (b *batchForm) take(o dossier.Offer, lang string) {
	if !slices.Contains(inBatches, o.Act) || slices.ContainsFunc(b.Acts, func(c choice) bool { return c.Value == o.Act }) {
		return
	}
	for _, p := range o.Params {
		if p.Required && p.Name != batchAsks[o.Act] {
			return
		}
	}
	b.Acts = append(b.Acts, choice{Value: o.Act, Label: o.Label.In(lang)})
}

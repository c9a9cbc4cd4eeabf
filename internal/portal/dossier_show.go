// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

// A dossier is shown to whose it is, and, without what was answered and handed
// in, to who holds its look-up secret, as printed on the receipt.

type dossierPage struct {
	web.Page
	Code, Procedure, ProcedureCode string
	Own                            bool // not by the secret
	Status, Public, Tag, Timing    string
	Progress                       int
	Holder, Handler                string // who has it now
	StepDue                        time.Time
	Secret                         string
	Applicant                      string
	Submitter                      string
	Reception, Competent           string
	Due                            time.Time
	DueWhy                         []string
	Outcome, OutcomeTag            string
	Events                         []eventView
	Papers, Results                []paperView
	ResultBarred                   string // why the result is not given out yet
	Files                          []fileView
	Sections                       []section
	Fees                           []feeRow
	Return                         string
	Phone                          string
	MayPay                         bool
	Receipts                       []receiptView
	MayRate, Finished              bool
	Lacks                          []fact // what is asked for now
	LackBy                         time.Time
	Ended                          []fact // why it ended without a result, and what to do now
	Stands                         bool   // the clock, while the dossier waits
	over                           bool   // it ended without a result
	Waits                          []fact // what it waits for, when that is not a supplement
	MayWithdraw, Withdrawing       bool
}

// eventView is one thing that happened, as the applicant reads it.
type eventView struct {
	At              time.Time
	Title, Who, Due string
	Note            string
	Facts           []fact
}

// fact is a label with what it says.
type fact struct{ Label, Value string }

type paperView struct {
	Href, Name, Number string
	At                 time.Time
}

type feeRow struct {
	Name   string
	Amount int64
	PaidAt time.Time
}

func showDossier(v *visit) error {
	f, own, err := v.open()
	if err != nil {
		return err
	}
	s := &f.State
	t, err := v.Book.Track(v.R.Context(), s)
	if err != nil {
		return err
	}
	d := v.Site.Directory()
	p := dossierPage{Page: v.page(t.Procedure.In(v.Lang)), Code: string(s.Code), Procedure: t.Procedure.In(v.Lang), ProcedureCode: s.Procedure, Own: own,
		Status: t.Status.In(v.Lang), Public: t.Public.In(v.Lang), Tag: "tag-open", Progress: s.Progress, Reception: d.Name(s.Reception, v.Lang), Competent: d.Name(s.Competent, v.Lang),
		Return: v.T("return." + string(s.Return)), Due: s.Due, Finished: s.Closed()}
	p.Back = "/tra-cuu"
	if p.Public == p.Status {
		p.Public = ""
	}
	if a := d.Find(s.Reception); a != nil {
		p.Phone = a.Phone
	}
	v.standing(&p, s)
	p.Stands = s.Wait != nil && !s.ReceivedAt.IsZero() && s.Due.IsZero()
	if p.Withdrawing = s.Withdraw != nil && !s.Closed(); s.Wait != nil && s.Wait.For == regime.Supplement {
		p.Lacks, p.LackBy = v.lackList(s, &t), s.Wait.Until
	}
	if p.over = s.Closed() && s.Phase != dossier.Returned; !p.over {
		v.dueWhy(&p, s)
	}
	for _, r := range f.Told() {
		p.Events = append(p.Events, v.eventView(r, &t, own))
		if r.Kind() == "paused" && s.Wait != nil && s.Wait.For != regime.Supplement {
			p.Waits = p.Events[len(p.Events)-1].Facts
		}
	}
	for i, r := range f.Events {
		if k := r.Kind(); s.Closed() && (k == "refused" || k == "stopped") {
			p.Ended = p.Events[i].Facts
		}
	}
	v.papersOf(&p, &f, &t)
	for _, fee := range s.Fees {
		if p.over && fee.PaidAt.IsZero() {
			continue // nothing is owed for what was not done
		}
		p.Fees = append(p.Fees, feeRow{fee.Name.In(v.Lang), fee.Amount, fee.PaidAt})
	}
	if own {
		p.Back = "/ho-so"
		p.MayPay = s.Owes() && v.who.Follows() == nil
		if p.Receipts, err = v.receipts(s.Code); err != nil {
			return err
		}
		if err := v.ownParts(&p, &f, &t); err != nil {
			return err
		}
	}
	return v.Render(http.StatusOK, "dossier_show", p)
}

// ownParts are what only the applicant sees: answers, files, secret, rating.
func (v *visit) ownParts(p *dossierPage, f *dossier.File, t *dossier.Track) error {
	s := &f.State
	p.Applicant, p.Secret = s.Applicant.Name, s.Secret
	if s.Submitter != nil {
		p.Submitter = s.Submitter.Name
	}
	closed, err := v.Book.Scans(v.R.Context(), s.Digests()...)
	if err != nil {
		return err
	}
	for _, d := range s.Documents {
		if d.File != "" {
			x := fileView{Scan: closed[d.SHA256], ID: d.File, Name: d.Name, Href: dossierPath(s.Code) + "/tep/" + d.File, Size: d.Size}
			if e := refusal.As(f.Readable(d)); e != nil {
				x.Gone = web.Sentence(v.Lang, e)
			}
			p.Files = append(p.Files, x)
		}
	}
	for _, a := range t.Edition.Form.Shown(f.Answers, factsOf(s), v.Lang) {
		p.Sections = append(p.Sections, section{Title: a.Label, Blocks: blocks("", a.Items)})
	}
	offers, err := v.Book.Offers(v.R.Context(), v.who, s)
	p.MayWithdraw = slices.ContainsFunc(offers, func(o dossier.Offer) bool { return o.Act == "withdraw" })
	p.MayRate = slices.ContainsFunc(offers, func(o dossier.Offer) bool { return o.Act == "rate" })
	return err
}

// open finds the dossier of the address for its owner, or for who has shown
// its secret in this browser; the owner is told if it was destroyed.
func (v *visit) open() (f dossier.File, own bool, err error) {
	unknown := refusal.New(refusal.NotFound, "portal.dossier.unknown")
	code, ok := dossier.ParseCode(v.R.PathValue("code"))
	if !ok {
		return f, false, unknown
	}
	if v.who.Account != 0 {
		f, err = v.Book.Open(v.R.Context(), v.who, code)
		if err == nil && f.State.Account == v.who.Account {
			return f, true, nil
		}
		if err != nil && (!refusal.Is(err, refusal.NotFound) || refusal.As(err).Key == dossier.DestroyedKey) {
			return f, false, err
		}
	}
	c, err := v.R.Cookie(secretCookie)
	if err != nil {
		return f, false, unknown
	}
	f, err = v.openBySecret(code, c.Value)
	if refusal.Is(err, refusal.NotFound) {
		err = unknown
	}
	return f, false, err
}

// destroyed is true when there was such a dossier, as the look-up tells everybody.
func destroyed(err error) bool {
	e := refusal.As(err)
	return e != nil && e.Key == dossier.GoneKey
}

// openOwn is open for what only the owner may have.
func (v *visit) openOwn() (dossier.File, error) {
	f, own, err := v.open()
	if err == nil && !own {
		err = refusal.New(refusal.NotFound, "portal.dossier.unknown")
	}
	return f, err
}

// standing says who has the dossier now and how it stands against its due
// instant.
func (v *visit) standing(p *dossierPage, s *dossier.State) {
	at, role := s.Holder()
	switch {
	case s.Phase == dossier.Returned || s.Phase == dossier.Ready:
		p.Tag = "tag-done"
		p.Outcome, p.OutcomeTag = v.outcome(s.Outcome)
	case s.Closed():
		p.Due, p.DueWhy = time.Time{}, nil // nothing is promised any more
	case !s.Due.IsZero():
		p.Timing, p.Tag = v.timing(s.Due)
	}
	if s.Closed() {
		return
	}
	p.Holder = v.Site.Directory().Name(at, v.Lang)
	if role == workflow.Specialist {
		p.Handler = s.Handler
	}
	if !s.Forward {
		p.StepDue = s.StepDue
	}
}

func (v *visit) outcome(o calendar.Outcome) (word, tag string) {
	switch o {
	case calendar.Early:
		return v.T("portal.outcome.early"), "tag-early"
	case calendar.OnTime:
		return v.T("portal.outcome.on_time"), "tag-done"
	case calendar.Late:
		return v.T("portal.outcome.late"), "tag-late"
	}
	return "", ""
}

// dueWhy says why the due instant is what it is.
func (v *visit) dueWhy(p *dossierPage, s *dossier.State) {
	if s.ReceivedAt.IsZero() {
		return
	}
	law := regime.Find(s.Regime)
	p.DueWhy = []string{
		v.T("portal.due.received", "at", web.Instant(v.Lang, s.ReceivedAt)),
		v.T("portal.due.limit", "limit", dossier.LimitWords(s.Limit, v.Lang)),
		law.Starts.In(v.Lang),
		v.T("portal.due.counted"),
		v.T("portal.due.basis", "basis", law.Basis),
	}
	for _, x := range s.DueFacts() {
		p.DueWhy = append(p.DueWhy, x.Label.In(v.Lang)+": "+web.Shown(v.Lang, x.Value))
	}
}

// eventView says what happened, by whom and where. What officers note among
// themselves, and to others than the owner who applied, is left out.
func (v *visit) eventView(r dossier.Record, t *dossier.Track, own bool) eventView {
	e := eventView{At: r.At, Title: v.T("portal.event." + r.Kind()), Who: v.actorName(r.By, own)}
	due := func(m dossier.Move) string {
		if m.StepDue.IsZero() || m.Step == workflow.End {
			return ""
		}
		return v.T("portal.event.step_due", "step", t.StepName(m.Step), "at", web.Instant(v.Lang, m.StepDue))
	}
	d := v.Site.Directory()
	switch x := r.Event.(type) {
	case dossier.Submitted:
		e.Due = v.answerBy(r.At, x.Answer)
	case dossier.Received:
		e.Note, e.Due = v.T("portal.event.received_note", "receipt", x.Receipt, "due", web.Instant(v.Lang, x.Due)), due(x.Move)
	case dossier.Forwarded:
		e.Note = v.T("portal.event.forwarded_note", "agency", d.Name(x.To, v.Lang))
	case dossier.Assigned:
		e.Note, e.Due = v.T("portal.event.assigned_note", "name", x.Name), due(x.Move)
	case dossier.Reassigned:
		e.Note = v.T("portal.event.assigned_note", "name", x.Name)
	case dossier.StepDone:
		e.Title, e.Due = v.T("portal.event.step_done_named", "step", t.StepName(x.From)), due(x.Move)
	case dossier.Proposed:
		e.Due = due(x.Move)
	case dossier.Approved:
		e.Due = due(x.Move)
	case dossier.SentBack:
		e.Due = due(x.Move)
	case dossier.Issued:
		e.Note = v.T("portal.event.issued_note", "number", x.Number)
	case dossier.Collected:
		e.Note = v.T("portal.event.collected_note", "amount", web.Money(v.Lang, x.Amount))
	case dossier.HandedOver:
		e.Note = v.T("portal.event.handed_over_note", "way", v.T("channel."+string(x.Channel)))
	}
	for _, x := range dossier.Facts(r, t) {
		e.Facts = append(e.Facts, fact{x.Label.In(v.Lang), web.Shown(v.Lang, x.Value)})
	}
	return e
}

// answerBy says by when a dossier filed on line is answered, and by what law.
func (v *visit) answerBy(sent time.Time, a *dossier.Answer) string {
	law, ok := regime.AnswerOn(calendar.DateOf(sent))
	if !ok || a == nil {
		return ""
	}
	return v.T("portal.event.answer_by", "at", web.Instant(v.Lang, a.By), "limit", dossier.LimitWords(law.Within, v.Lang), "basis", law.Basis)
}

// actorName names who acted.
func (v *visit) actorName(by dossier.By, own bool) string {
	switch {
	case by.Role == "" && by.Account == 0:
		return v.T("portal.event.by_system")
	case by.Role == "" && own && by.For != "":
		return v.T("portal.event.by_member", "name", by.Name, "for", by.For)
	case by.Role == "" && own:
		return v.T("portal.event.by_you", "name", by.Name)
	case by.Role == "":
		return v.T("portal.event.by_applicant")
	}
	return v.T("portal.event.by_officer", "name", by.Name, "role", v.T("role."+string(by.Role)), "agency", v.Site.Directory().Name(by.Agency, v.Lang))
}

// papersOf lists the papers and results that this visitor may have.
func (v *visit) papersOf(p *dossierPage, f *dossier.File, t *dossier.Track) {
	s := &f.State
	for _, paper := range s.Papers() {
		if s.Opens(v.who) && (p.Own || paper.ID != ownPaper) {
			p.Papers = append(p.Papers, paperView{dossierPath(s.Code) + "/giay/" + paper.ID, paper.Name.In(v.Lang), paper.Number, paper.IssuedAt})
		}
	}
	results := s.Results(*t)
	if len(results) == 0 {
		return
	}
	if e := refusal.As(s.MayHaveResult(v.who)); e != nil {
		p.ResultBarred = web.Sentence(v.Lang, e)
	}
	for _, r := range results {
		p.Results = append(p.Results, paperView{dossierPath(s.Code) + "/ket-qua/" + r.ID, r.Name.In(v.Lang), r.Number, r.IssuedAt})
	}
}

func factsOf(s *dossier.State) map[string]string {
	return procedure.FactsOf(s.Case, s.Channel, s.Applicant.Kind)
}

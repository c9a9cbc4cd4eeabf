// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

// dossierPage is one dossier with what an officer needs, on one screen.
// receiptRow is a receipt beside the fees of a dossier.
type receiptRow struct {
	Number, Look, Ended, Replace string
	Amount                       int64
}

type dossierPage struct {
	web.Page
	Code, Hang, HangLabel    string
	Package                  string // address of its archive package, for who may have it
	Procedure, ProcedureCode string
	CaseName                 string
	Applicant                dossier.Applicant
	ApplicantKind            string
	Submitter                *dossier.Applicant
	Channel, Return          string
	Reception, Competent     string
	Support, Home, Custody   string
	Status, Step             string
	Holder, Handler          string
	Due, StepDue             time.Time
	DueWhy                   []string
	Left, Tag                string
	Stands                   bool // the clock, while the dossier waits
	Replaced                 []fileView
	StepLeft, StepTag        string
	Outcome, OutcomeTag      string
	Over                     bool // it ended without a result
	Tabs                     []tab
	View                     viewer
	Sections                 []section
	Components               []componentView
	Fees                     []feeView
	Receipts                 []receiptRow
	Acts                     []actForm
	Later                    string // the next dossier of the queue
	Events                   []eventView
	Secret                   string
	Returned, Idle           string      // why the draft came back; why there is nothing to do
	Changed                  []eventView // since the officer opened the page
	Typed                    []typed     // what was typed for an act that is not offered any more
	Counter                  bool        // just received at the counter
	Seen                     int         // version that the officer had looked at before; 0 if none
	News                     int         // how much has happened since
	Jotting                  jotting
	Harmed                   string // the files that do harm, by name
	closed                   map[string]document.Scan
	track                    dossier.Track
	NoTask                   bool // the officer has nothing to do in it
	numbers
}

// tab chooses what is looked at.
type tab struct {
	Href, Label string
	Current     bool
}

// viewer is the paper that is looked at; the answers if it is zero.
type viewer struct {
	Href, Name, Save  string
	PDF, Picture, Any bool
	Marked            bool          // an identity paper
	Original          string        // where its original is asked for, by who may have it
	Scan              document.Scan // "" while nothing keeps it from being opened
}

// section is a page of the form as it was answered.
type section struct {
	Title  string
	Blocks []block
}

// block is answers that stand together.
type block struct {
	Title string
	Items []form.Answered
}

// componentView is a paper the law asks for and what was handed in for it.
type componentView struct {
	Name             string
	Originals        int
	Copies           int
	Optional, Given  bool
	EForm, PaperOnly bool
	Files            []fileView
}

type fileView struct {
	Href, View, Name string
	Size             int64
	Gone             string        // why its content is not there any more
	Scan             document.Scan // "" while nothing keeps it from being opened
}

type feeView struct {
	Name   string
	Amount int64
	PaidAt time.Time
}

func showDossier(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	p, err := v.dossierPage(&f, v.R.URL.Query().Get("hang"), v.R.URL.Query().Get("xem"), nil)
	if err != nil {
		return err
	}
	if err := v.news(p, &f); err != nil {
		return err
	}
	return v.Render(http.StatusOK, "dossier_show", p)
}

// news marks what others have done since the officer looked at the dossier
// last, and keeps that it has been looked at now. Whoever goes on from paper to
// paper still sees the marks. A database that takes no writes just now is no
// reason not to show the page.
func (v *visit) news(p *dossierPage, f *dossier.File) error {
	seen, err := v.Book.Saw(v.R.Context(), v.who, &f.State)
	if err != nil && !refusal.Is(err, refusal.Unavailable) {
		return err
	}
	if p.Seen > 0 {
		seen = p.Seen
	}
	if seen == 0 {
		return nil
	}
	for i, r := range f.Events {
		if r.Seq > seen && r.By.Account != v.who.Account {
			p.Events[i].New = true
			p.News++
		}
	}
	if p.News == 0 {
		return nil
	}
	for i := range p.Tabs {
		p.Tabs[i].Href = since(p.Tabs[i].Href, seen)
	}
	for _, files := range append([][]fileView{p.Replaced}, filesOf(p.Components)...) {
		for i := range files {
			files[i].View = since(files[i].View, seen)
		}
	}
	return nil
}

func filesOf(components []componentView) (list [][]fileView) {
	for _, c := range components {
		list = append(list, c.Files)
	}
	return list
}

// since adds to an address of the dossier which version had been seen before.
func since(href string, seen int) string {
	u, err := url.Parse(href)
	if err != nil {
		return href
	}
	q := u.Query()
	q.Set("da-xem", strconv.Itoa(seen))
	u.RawQuery = q.Encode()
	return u.String()
}

// dossierPage lays a dossier out. sent is an act that was tried and refused.
func (v *visit) dossierPage(f *dossier.File, hang, look string, sent *attempt) (*dossierPage, error) {
	s, d := &f.State, v.Site.Directory()
	t, err := v.Book.Track(v.R.Context(), s)
	if err != nil {
		return nil, err
	}
	next, known, err := v.behind(hang, s.Position(), s.Code)
	if err != nil {
		return nil, err
	}
	if !known {
		hang = ""
	}
	p := &dossierPage{Page: v.page(t.Procedure.In(v.Lang)), Code: string(s.Code), Hang: hang, Procedure: t.Procedure.In(v.Lang), ProcedureCode: s.Procedure,
		CaseName: caseName(t.Edition, s.Case, v.Lang), ApplicantKind: v.T("kind." + s.Applicant.Kind),
		Channel: v.T("channel." + string(s.Channel)), Return: v.T("return." + string(s.Return)), Reception: d.Name(s.Reception, v.Lang), Competent: d.Name(s.Competent, v.Lang),
		Status: t.Status.In(v.Lang), Step: t.Step.In(v.Lang), Due: s.Due, DueWhy: v.dueWhy(s), track: t}
	p.NoTask = v.who.Officer && v.who.Account != s.Account && v.who.Tasked(f) == dossier.ForNone
	p.Back, p.Counter = queuePath(hang), v.R.URL.Query().Get("da") == "counter"
	p.Seen, _ = strconv.Atoi(v.R.URL.Query().Get("da-xem"))
	if next != "" {
		p.Later = dossierPath(next, hang)
	}
	p.asked = v.number
	p.Applicant = v.concealed(p, "applicant", &s.Applicant)
	if s.Submitter != nil {
		who := v.concealed(p, "submitter", s.Submitter)
		p.Submitter = &who
	}
	v.standing(p, s)
	if s.Support != "" {
		p.Support = d.Name(s.Support, v.Lang)
	}
	if s.Home != "" {
		p.Home = d.Name(s.Home, v.Lang)
	}
	if at, paper := s.Custody(); at != "" {
		p.Custody = d.Name(at, v.Lang)
	} else if paper {
		p.Custody = v.T("desk.dossier.in_transit")
	}
	p.Stands = s.Wait != nil && !s.ReceivedAt.IsZero() && s.Due.IsZero()
	who := v.who.On(s)
	if who.Holds(workflow.Clerk, s.Reception) || s.Support != "" && who.Holds(workflow.Clerk, s.Support) {
		p.Secret = s.Secret
	}
	if s.Closed() && who.MayArchive(s) {
		p.Package = dossierPath(s.Code, "") + "/goi"
	}
	if look == "" && s.Phase == dossier.Running && s.Work == dossier.ToApprove {
		look = draftTab // who signs sees what is signed
	}
	if look == "" && s.ToSign != nil && who.Holds(workflow.Leader, s.Competent) {
		look = signTab
	}
	if err := v.papers(p, f, &t, look); err != nil {
		return nil, err
	}
	p.Returned = v.sentBack(f)
	for _, fee := range s.Fees {
		if p.Over && fee.PaidAt.IsZero() {
			continue // nothing is owed for what was not done
		}
		p.Fees = append(p.Fees, feeView{fee.Name.In(v.Lang), fee.Amount, fee.PaidAt})
	}
	for _, r := range f.Events {
		p.Events = append(p.Events, v.eventView(r, &t))
	}
	p.Idle = v.idle(s)
	if p.Jotting, err = v.jotted(s, nil); err != nil {
		return nil, err
	}
	return p, v.acts(p, f, sent)
}

// standing says who has the dossier and how it stands against its instants.
func (v *visit) standing(p *dossierPage, s *dossier.State) {
	p.Tag = "tag-open"
	switch {
	case s.Phase == dossier.Ready || s.Phase == dossier.Returned:
		p.Outcome, p.OutcomeTag = v.outcome(s.Outcome)
	case s.Closed():
		if p.Over = true; s.Phase == dossier.Withdrawn {
			p.Outcome, p.OutcomeTag = v.T("desk.outcome.withdrawn"), "tag-open"
		}
	case !s.Due.IsZero():
		p.Left, p.Tag, _ = v.left(s.Due)
	}
	if s.Closed() {
		return
	}
	at, role := s.Holder()
	p.Holder = v.T("desk.dossier.holder_at", "role", v.T("role."+string(role)), "agency", v.Site.Directory().Name(at, v.Lang))
	p.Handler, p.StepDue = s.Handler, s.StepDue
	if s.Forward {
		p.StepDue = s.ForwardBy
	}
	if !p.StepDue.IsZero() {
		p.StepLeft, p.StepTag, _ = v.left(p.StepDue)
	}
}

func (v *visit) outcome(o calendar.Outcome) (word, tag string) {
	switch o {
	case calendar.Early:
		return v.T("desk.outcome.early"), "tag-early"
	case calendar.OnTime:
		return v.T("desk.outcome.on_time"), "tag-done"
	case calendar.Late:
		return v.T("desk.outcome.late"), "tag-late"
	}
	return "", ""
}

// dueWhy says why the due instant is what it is.
func (v *visit) dueWhy(s *dossier.State) []string {
	if s.ReceivedAt.IsZero() {
		return nil
	}
	law := regime.Find(s.Regime)
	why := []string{
		v.T("desk.due.received", "at", web.Instant(v.Lang, s.ReceivedAt)),
		v.T("desk.due.limit", "limit", dossier.LimitWords(s.Limit, v.Lang)),
		law.Starts.In(v.Lang),
		v.T("desk.due.counted"),
		v.T("desk.due.basis", "basis", law.Basis),
	}
	for _, x := range s.DueFacts() {
		why = append(why, x.Label.In(v.Lang)+": "+web.Shown(v.Lang, x.Value))
	}
	return why
}

// papers lists what can be looked at, and opens what was asked for: a file, a
// paper of the one-stop, the draft or the result; otherwise the answers.
func (v *visit) papers(p *dossierPage, f *dossier.File, t *dossier.Track, look string) error {
	s := &f.State
	closed, err := v.Book.Scans(v.R.Context(), append(s.Digests(), dossier.DigestsOf(f.Replaced())...)...)
	if err != nil {
		return err
	}
	p.closed, p.Harmed = closed, harmed(s, closed)
	x := pile{visit: v, p: p, f: f, t: t, look: look, at: "/mot-cua/ho-so/" + p.Code}
	p.Tabs = []tab{{x.here("khai"), v.T("desk.dossier.answers"), true}}
	if err := x.made(); err != nil {
		return err
	}
	x.handedIn()
	for _, d := range f.Replaced() {
		p.Replaced = append(p.Replaced, x.file(d))
	}
	p.Tabs[0].Current, p.Look = !p.View.Any, look
	if !p.View.Any {
		p.Look = "khai"
		for n, a := range t.Edition.Form.Shown(f.Answers, factsOf(s), v.Lang) {
			p.concealAnswers("khai."+strconv.Itoa(n), a.Label, a.Items)
			p.Sections = append(p.Sections, section{a.Label, blocks("", a.Items)})
		}
	}
	return nil
}

// pile is what lies in a dossier, of which its page opens one.
type pile struct {
	*visit
	p    *dossierPage
	f    *dossier.File
	t    *dossier.Track
	look string // what is opened
	at   string // address of the dossier
}

// here is the address of the page with something opened.
func (x *pile) here(id string) string {
	q := url.Values{"xem": {id}}
	if x.p.Hang != "" {
		q.Set("hang", x.p.Hang)
	}
	return x.at + "?" + q.Encode() + "#giay-to"
}

// made lists the papers that were made of the dossier, its results, and what is to
// become one.
func (x *pile) made() error {
	s := &x.f.State
	paper := func(id, name, path string) {
		x.p.Tabs = append(x.p.Tabs, tab{x.here(id), name, x.look == id})
		if x.look == id {
			x.p.View = viewer{Href: x.at + path, Name: name, Save: x.at + path, PDF: true, Any: true}
		}
	}
	for _, r := range s.Papers() {
		paper(r.ID, r.Name.In(x.Lang), "/giay/"+r.ID)
	}
	if !s.ReceivedAt.IsZero() {
		paper(dossier.ControlSlip, x.T("desk.dossier.control"), "/giay/"+dossier.ControlSlip)
	}
	if !s.ForwardedAt.IsZero() {
		paper(dossier.TransferSlip, x.T("desk.dossier.transfer"), "/giay/"+dossier.TransferSlip)
	}
	results := s.Results(*x.t)
	for _, r := range results {
		id := "ket-qua"
		if r.Revoked {
			id = r.ID
		}
		paper(id, r.Name.In(x.Lang), "/ket-qua/"+r.ID)
	}
	if len(results) == 0 && !s.ReceivedAt.IsZero() && x.t.Edition.Template(form.Scope{Answers: x.f.Answers, Facts: factsOf(s)}) != nil {
		paper(draftTab, x.T("desk.dossier.draft"), "/du-thao")
	}
	receipts, err := x.Payments.Receipts(x.R.Context(), x.p.Code)
	for _, r := range receipts {
		id, path := "bien-lai-"+r.NumberText(), "/bien-lai/"+strconv.FormatInt(r.ID, 10)
		paper(id, x.T("payment.receipt.name", "number", r.NumberText()), path)
		row := receiptRow{Number: r.Collector.Series + " " + r.NumberText(), Look: x.here(id), Amount: int64(r.Amount)}
		if r.Ended != "" {
			row.Ended = x.T("payment.receipt." + r.Ended)
		} else if x.who.MoneyAt(x.Site.Directory(), s.Competent, cashiers...) {
			row.Replace = x.at + path + "/thay"
		}
		x.p.Receipts = append(x.p.Receipts, row)
	}
	if s.ToSign != nil {
		paper(signTab, x.T("desk.dossier.to_sign"), "/trinh-ky")
	}
	return err
}

// handedIn lists what was handed in for each component.
func (x *pile) handedIn() {
	s := &x.f.State
	received, _, _ := dossier.Last[dossier.Received](x.f.Events)
	for _, k := range x.t.Edition.Facts.Case(s.Case).Named(s.ToCheck) {
		c := componentView{Name: k.Name.In(x.Lang), Originals: k.Originals, Copies: k.Copies, Optional: k.Optional, EForm: k.EForm}
		for _, d := range s.Documents {
			if d.Component != k.ID {
				continue
			}
			c.Given = true
			if d.File == "" {
				c.PaperOnly = true
			} else {
				c.Files = append(c.Files, x.file(d))
			}
		}
		if s.Channel != procedure.Online && len(c.Files) == 0 && slices.Contains(received.Checked, k.ID) {
			c.Given, c.PaperOnly = true, true
		}
		x.p.Components = append(x.p.Components, c)
	}
}

// file is a file in its list; the page opens it if that was asked for.
func (x *pile) file(d dossier.Document) fileView {
	href, gone, scan := x.at+"/tep/"+d.File, x.gone(x.f, d), x.p.closed[d.SHA256]
	if x.look == d.File && gone == "" {
		x.p.View = x.fileViewer(x.f, x.t, d, href, scan)
	}
	return fileView{href, x.here(d.File), d.Name, d.Size, gone, scan}
}

// harmed names the papers of a dossier that do harm.
func harmed(s *dossier.State, closed map[string]document.Scan) string {
	var names []string
	for _, d := range s.Documents {
		if d.File != "" && closed[d.SHA256] == document.Infected {
			names = append(names, d.Name)
		}
	}
	return strings.Join(names, ", ")
}

// fileViewer shows a file that was handed in.
func (v *visit) fileViewer(f *dossier.File, t *dossier.Track, x dossier.Document, href string, scan document.Scan) viewer {
	kind := document.KindOf(x.MediaType)
	show := viewer{Href: href, Name: x.Name, Save: href + "?luu=1", PDF: kind == "pdf", Picture: kind == "jpg" || kind == "png", Any: true, Scan: scan}
	if show.Marked = v.who.Conceals(&f.State) && f.Identifies(t, x); show.Marked && v.who.MayHaveOriginals(&f.State) {
		show.Original = href + "/ban-goc"
	}
	return show
}

// gone is why the content of a paper is not there any more; "" if it is.
func (v *visit) gone(f *dossier.File, d dossier.Document) string {
	if e := refusal.As(f.Readable(d)); e != nil {
		return web.Sentence(v.Lang, e)
	}
	return ""
}

// draftTab names the draft among what can be looked at.
const draftTab = "du-thao"

// signTab names what was put to the leader.
const signTab = "trinh-ky"

// sentBack is why the draft in hand was sent back; "" if it was not, or was put
// up again since.
func (v *visit) sentBack(f *dossier.File) string {
	back, r, ok := dossier.Last[dossier.SentBack](f.Events)
	if _, again, put := dossier.Last[dossier.Proposed](f.Events); !ok || put && again.Seq > r.Seq || f.State.Phase != dossier.Running {
		return ""
	}
	return v.T("desk.dossier.sent_back", "name", r.By.Name, "reason", back.Reason)
}

// idle is why the officer has nothing to do with a dossier, and who has.
func (v *visit) idle(s *dossier.State) string {
	if s.Phase == dossier.Ready && len(s.Unpaid()) > 0 {
		var due int64
		for _, fee := range s.Unpaid() {
			due += fee.Amount
		}
		return v.T("desk.dossier.waits_fee", "amount", web.Money(v.Lang, due))
	}
	return v.T("desk.dossier.no_acts")
}

// blocks puts nested answers into a row of titled blocks.
func blocks(title string, items []form.Answered) []block {
	var list []block
	open := block{Title: title}
	for _, a := range items {
		if !a.Group {
			open.Items = append(open.Items, a)
			continue
		}
		if len(open.Items) > 0 {
			list = append(list, open)
		}
		inner := a.Label
		if title != "" {
			inner = title + " – " + inner
		}
		list = append(list, blocks(inner, a.Items)...)
		open = block{Title: title}
	}
	if len(open.Items) > 0 {
		list = append(list, open)
	}
	return list
}

func factsOf(s *dossier.State) map[string]string {
	return procedure.FactsOf(s.Case, s.Channel, s.Applicant.Kind)
}

// caseName is what a case is called where there is more than one.
func caseName(e *procedure.Edition, id, lang string) string {
	if c := e.Facts.Case(id); c != nil && len(e.Facts.Cases) > 1 {
		return c.Name.In(lang)
	}
	return ""
}

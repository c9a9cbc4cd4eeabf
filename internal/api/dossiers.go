// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"motcua/internal/agency"
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

// view is a dossier as one caller may see it.
type view struct {
	Code           dossier.Code       `json:"code"`
	Secret         string             `json:"secret,omitempty"`
	Version        int                `json:"version"`
	Procedure      string             `json:"procedure"`
	ProcedureName  string             `json:"procedure_name"`
	Case           string             `json:"case"`
	Channel        procedure.Channel  `json:"channel"`
	ReturnChannel  procedure.Channel  `json:"return_channel"`
	Status         dossier.Phase      `json:"status"`
	StatusLabel    string             `json:"status_label"`
	NationalStatus regime.Status      `json:"national_status"`
	Flags          []string           `json:"flags"`
	Progress       int                `json:"progress"`
	Step           *stepView          `json:"step"`
	Agency         agencyView         `json:"agency"`
	Regime         regime.ID          `json:"regime,omitempty"`
	SentAt         time.Time          `json:"sent_at"`
	ReceivedAt     *time.Time         `json:"received_at"`
	DueAt          *time.Time         `json:"due_at"`
	DueOriginal    *time.Time         `json:"due_original"`
	Limit          any                `json:"limit,omitempty"`
	Pauses         []calendar.Pause   `json:"pauses"`
	Wait           *waitView          `json:"wait,omitempty"`
	Lacks          []dossier.Lack     `json:"lacks,omitempty"`
	Extension      *dossier.Extension `json:"extension,omitempty"`
	ToSign         string             `json:"to_sign,omitempty"` // the act that was put to the leader
	Parts          []dossier.Part     `json:"parts,omitempty"`
	Opinions       []dossier.Opinion  `json:"opinions,omitempty"`
	Outcome        *string            `json:"outcome"`
	Applicant      dossier.Applicant  `json:"applicant"`
	Submitter      *dossier.Applicant `json:"submitter,omitempty"`
	Answers        json.RawMessage    `json:"answers"`
	Documents      []documentView     `json:"documents"`
	Papers         []paperView        `json:"papers"`
	Results        []paperView        `json:"results"`
	Fees           []feeView          `json:"fees"`
	Acts           []offerView        `json:"acts"`
}

type stepView struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	DueAt   *time.Time `json:"due_at"`
	Agency  agency.ID  `json:"agency"`
	Role    string     `json:"role"`
	Handler string     `json:"handler,omitempty"`
}

// documentView is a paper with what the virus scanner says of its file.
type documentView struct {
	dossier.Document
	Scan document.Scan `json:"scan,omitempty"` // none of what is on paper only, or removed
}

// waitView is what a dossier waits for from outside the agency.
type waitView struct {
	For   regime.Cause `json:"for"`
	Since time.Time    `json:"since"`
	Until *time.Time   `json:"until"`
}

type agencyView struct {
	Reception agency.ID  `json:"reception"`
	Competent agency.ID  `json:"competent"`
	Support   *agency.ID `json:"support"`        // where somebody was helped to file on line
	Home      *agency.ID `json:"home,omitempty"` // received regardless of boundary: the competent agency's own one-stop
}

type paperView struct {
	ID       string    `json:"id"`
	Form     string    `json:"form"`
	Name     string    `json:"name"`
	Number   string    `json:"number,omitempty"`
	IssuedAt time.Time `json:"issued_at"`
}

type feeView struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	Kind   string     `json:"kind"`
	Amount int64      `json:"amount"`
	PaidAt *time.Time `json:"paid_at"`
	Method string     `json:"method,omitempty"`
}

type offerView struct {
	Act    string      `json:"act"`
	Label  string      `json:"label"`
	Aside  bool        `json:"aside"`
	Params []paramView `json:"params"`
}

type paramView struct {
	Name     string       `json:"name"`
	Label    string       `json:"label,omitempty"`
	Type     string       `json:"type"`
	Required bool         `json:"required"`
	Choices  []choiceView `json:"choices,omitempty"`
	Example  any          `json:"example,omitempty"`
	Params   []paramView  `json:"params,omitempty"`
}

type choiceView struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// show writes a dossier as this caller may see it.
func (a *API) show(w http.ResponseWriter, r *http.Request, status int, who dossier.Actor, d *dossier.Sight) error {
	s, track, lang := &d.State, d.Track, lang(r)
	v := view{Code: s.Code, Version: s.Version, Procedure: s.Procedure, ProcedureName: track.Procedure.In(lang), Case: s.Case,
		Channel: s.Channel, ReturnChannel: s.Return, Status: s.Phase, StatusLabel: track.Status.In(lang), NationalStatus: s.Status(),
		Flags: s.Flags(a.Now()), Progress: s.Progress, Agency: agencyView{Reception: s.Reception, Competent: s.Competent},
		Regime: s.Regime, SentAt: s.SentAt, ReceivedAt: when(s.ReceivedAt), DueAt: when(s.Due), DueOriginal: when(s.Original), Pauses: append([]calendar.Pause{}, s.Pauses...),
		Applicant: s.Applicant, Submitter: s.Submitter, Answers: d.Answers, Documents: []documentView{},
		Papers: []paperView{}, Results: []paperView{}, Fees: []feeView{}, Acts: []offerView{}}
	numbers := &form.Numbers{}
	if who.Conceals(s) {
		n, err := d.Numbers()
		if err != nil {
			return err
		}
		if err := v.conceal(n, track.Edition.Form); err != nil {
			return err
		}
		numbers = n
	}
	if err := a.documents(r, &v, s); err != nil {
		return err
	}
	v.enclose(s, track, lang)
	for _, o := range d.Offers {
		v.Acts = append(v.Acts, offerView{o.Act, o.Label.In(lang), o.Aside, paramViews(o.Params, numbers, lang)})
	}
	if s.Limit.Unit != "" {
		v.Limit = s.Limit
	}
	if who = who.On(s); s.Account == who.Account || who.Holds(workflow.Clerk, s.Reception) {
		v.Secret = s.Secret
	}
	if s.Support != "" {
		v.Agency.Support = &s.Support
	}
	if s.Home != "" {
		v.Agency.Home = &s.Home
	}
	if w := s.Wait; w != nil {
		v.Wait = &waitView{w.For, w.Since, when(w.Until)}
		if w.For == regime.Supplement {
			v.Lacks = s.Lacks
		}
	}
	v.Extension, v.Parts = s.Extension, s.Parts
	if who.Officer {
		v.Opinions = s.Opinions
		if s.ToSign != nil {
			v.ToSign = s.ToSign.Act
		}
	}
	if s.Outcome != "" {
		o := string(s.Outcome)
		v.Outcome = &o
	}
	if !s.Closed() {
		v.Step = &stepView{ID: s.Step, Name: track.Step.In(lang), DueAt: when(s.StepDue), Agency: s.At, Role: string(s.Role), Handler: s.Handler}
	}
	return write(w, status, v)
}

// documents lists what was handed in, with what the scanner says of it.
func (a *API) documents(r *http.Request, v *view, s *dossier.State) error {
	scans, err := a.Book.Scanned(r.Context(), s.Digests()...)
	if err != nil {
		return err
	}
	for _, x := range s.Documents {
		shown := documentView{Document: x}
		if !s.Gone(x.File) {
			shown.Scan = scans[x.SHA256]
		}
		v.Documents = append(v.Documents, shown)
	}
	return nil
}

// enclose lists what was made of the dossier, and its fees.
func (v *view) enclose(s *dossier.State, track dossier.Track, lang string) {
	for _, p := range s.Papers() {
		v.Papers = append(v.Papers, paperView{p.ID, p.Form, p.Name.In(lang), p.Number, p.IssuedAt})
	}
	for _, p := range s.Results(track) {
		v.Results = append(v.Results, paperView{p.ID, p.Form, p.Name.In(lang), p.Number, p.IssuedAt})
	}
	for _, fee := range s.Fees {
		v.Fees = append(v.Fees, feeView{fee.ID, fee.Name.In(lang), fee.Kind, fee.Amount, when(fee.PaidAt), fee.Method})
	}
}

// conceal hides what finds a person, until a program says what it needs it for.
func (v *view) conceal(n *form.Numbers, f *form.Form) error {
	v.Applicant = v.Applicant.Concealed()
	if v.Submitter != nil {
		s := v.Submitter.Concealed()
		v.Submitter = &s
	}
	var answers map[string]any
	if err := json.Unmarshal(v.Answers, &answers); err != nil {
		return err
	}
	var err error
	v.Answers, err = json.Marshal(form.ConcealAnswers(f.Questions(), answers))
	return err
}

// numbers shows in full what is concealed of a dossier, to who says what for.
func (a *API) numbers(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	f, err := a.open(who, r)
	if err != nil {
		return err
	}
	var asked purpose
	if _, err := read(w, r, bodyLimit, &asked); err != nil {
		return err
	}
	if err := a.Book.Reveal(r.Context(), who, &f, "numbers", asked.Purpose); err != nil {
		return err
	}
	return write(w, http.StatusOK, map[string]any{"applicant": f.State.Applicant, "submitter": f.State.Submitter, "answers": f.Answers})
}

// purpose is what something is asked for that is withheld.
type purpose struct {
	Purpose string `json:"purpose"`
}

// showAfter shows a dossier as an act left it.
func (a *API) showAfter(w http.ResponseWriter, r *http.Request, status int, who dossier.Actor, s dossier.State) error {
	d, err := a.Book.SeeAs(r.Context(), who, s)
	if err != nil {
		return err
	}
	return a.show(w, r, status, who, &d)
}

func paramViews(params []dossier.Param, n *form.Numbers, lang string) []paramView {
	list := []paramView{}
	for _, p := range params {
		v := paramView{Name: p.Name, Label: p.Label.In(lang), Type: p.Type, Required: p.Required, Example: n.Conceal(p.Example)}
		for _, c := range p.Choices {
			v.Choices = append(v.Choices, choiceView{c.Value, c.Label.In(lang)})
		}
		if p.Params != nil {
			v.Params = paramViews(p.Params, n, lang)
		}
		list = append(list, v)
	}
	return list
}

func (a *API) upload(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	key, err := idempotency(r, nil)
	if err != nil {
		return err
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return refusal.New(refusal.Invalid, "request.multipart")
	}
	for n := 0; ; n++ {
		part, err := web.NextPart(parts, n)
		if refusal.As(err) != nil {
			return err
		}
		if err != nil {
			return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/file", "form.required")})
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		f, err := a.Book.Upload(r.Context(), who, nil, part.FileName(), part, key)
		if err != nil {
			return err
		}
		scans, err := a.Book.Scanned(r.Context(), f.SHA256)
		if err != nil {
			return err
		}
		return write(w, http.StatusCreated, struct {
			document.File
			Scan document.Scan `json:"scan"`
		}{f, scans[f.SHA256]})
	}
}

func (a *API) submit(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	var f dossier.Filing
	body, err := read(w, r, filingLimit, &f)
	if err != nil {
		return err
	}
	key, err := idempotency(r, body)
	if err != nil {
		return err
	}
	s, err := a.Book.Submit(r.Context(), who, f, key)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/dossiers/"+string(s.Code))
	return a.showAfter(w, r, http.StatusCreated, who, s)
}

func code(r *http.Request) (dossier.Code, error) {
	c, ok := dossier.ParseCode(r.PathValue("code"))
	if !ok {
		return "", refusal.New(refusal.NotFound, "dossier.unknown", "code", r.PathValue("code"))
	}
	return c, nil
}

// open finds the dossier a call names, if its caller may see it.
func (a *API) open(who dossier.Actor, r *http.Request) (dossier.File, error) {
	c, err := code(r)
	if err != nil {
		return dossier.File{}, err
	}
	return a.Book.Open(r.Context(), who, c)
}

func (a *API) dossier(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	c, err := code(r)
	if err != nil {
		return err
	}
	d, err := a.Book.See(r.Context(), who, c)
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, who, &d)
}

func (a *API) events(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	f, err := a.open(who, r)
	if err != nil {
		return err
	}
	type eventView struct {
		Seq   int           `json:"seq"`
		At    time.Time     `json:"at"`
		Kind  string        `json:"kind"`
		By    dossier.By    `json:"by"`
		Event dossier.Event `json:"event"`
	}
	if who.Conceals(&f.State) {
		if f.Events, err = a.Book.Concealed(r.Context(), &f); err != nil {
			return err
		}
	}
	events := f.Events
	if who = who.On(&f.State); !who.Works(f.State.Reception) && !who.Works(f.State.Competent) {
		events = f.Told()
	}
	items := []eventView{}
	for _, e := range events {
		if s, ok := e.Event.(dossier.Submitted); ok && s.Account != who.Account && !who.Holds(workflow.Clerk, s.Reception) {
			s.Secret = ""
			e.Event = s
		}
		items = append(items, eventView{e.Seq, e.At, e.Kind(), e.By, e.Event})
	}
	return write(w, http.StatusOK, list[eventView]{Items: items})
}

// views lists the officers' looks into a dossier.
func (a *API) views(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	c, err := code(r)
	if err != nil {
		return err
	}
	views, err := a.Book.Views(r.Context(), who, c)
	if err != nil {
		return err
	}
	type viewView struct {
		At      time.Time       `json:"at"`
		Name    string          `json:"name"`
		Role    workflow.Role   `json:"role"`
		Agency  agency.ID       `json:"agency"`
		What    string          `json:"what"`
		Purpose dossier.Purpose `json:"purpose"`
		Said    string          `json:"said"`
	}
	items := []viewView{}
	for _, v := range views {
		items = append(items, viewView{v.At.In(calendar.Zone), v.Name, v.Role, v.Agency, v.What, v.Purpose, v.Said})
	}
	return write(w, http.StatusOK, list[viewView]{Items: items})
}

func (a *API) document(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	f, d, err := a.openFile(who, r)
	if err != nil {
		return err
	}
	content, err := a.Book.Give(r.Context(), who, &f, d)
	return sendContent(w, r, d, content, err)
}

// original sends an identity paper without a mark, to who may have it and says what
// for.
func (a *API) original(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	f, d, err := a.openFile(who, r)
	if err != nil {
		return err
	}
	var asked purpose
	if _, err := read(w, r, bodyLimit, &asked); err != nil {
		return err
	}
	content, err := a.Book.GiveOriginal(r.Context(), who, &f, d, asked.Purpose)
	return sendContent(w, r, d, content, err)
}

func (a *API) openFile(who dossier.Actor, r *http.Request) (dossier.File, dossier.Document, error) {
	f, err := a.open(who, r)
	if err != nil {
		return f, dossier.Document{}, err
	}
	d, ok := f.Document(r.PathValue("id"))
	if !ok {
		return f, d, refusal.New(refusal.NotFound, "document.unknown")
	}
	return f, d, nil
}

func sendContent(w http.ResponseWriter, r *http.Request, d dossier.Document, content dossier.Content, err error) error {
	if err != nil {
		return err
	}
	return web.File{Name: d.Name, Type: d.MediaType, Size: content.Size}.Send(w, r, content.Send)
}

// applicants are the acts that are the applicant's own, done with the right to
// file.
var applicants = []string{"supplement", "withdraw", "message", "rate"}

func (a *API) act(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	needs := "handle"
	if !who.Officer && slices.Contains(applicants, r.PathValue("act")) {
		needs = "file"
	}
	if !who.Scope(needs) {
		return refusal.New(refusal.NotAllowed, "identity.scope.missing")
	}
	c, err := code(r)
	if err != nil {
		return err
	}
	params := map[string]any{}
	body, err := read(w, r, bodyLimit, &params)
	if err != nil {
		if _, seen := a.Book.Find(r.Context(), who, c); seen != nil {
			return seen
		}
		return err
	}
	req := dossier.Request{Act: r.PathValue("act"), Params: params}
	version, _ := params["version"].(float64)
	req.Version = int(version)
	delete(params, "version")
	if req.Key, err = idempotency(r, body); err != nil {
		return err
	}
	if req.Params, err = a.Book.WholeParams(r.Context(), who, c, req.Act, req.Params); err != nil {
		return err
	}
	s, err := a.Book.Act(r.Context(), who, c, req)
	if err != nil {
		return err
	}
	return a.showAfter(w, r, http.StatusOK, who, s)
}

func (a *API) paper(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	f, err := a.open(who, r)
	if err != nil {
		return err
	}
	if dossier.OfficersOnly(r.PathValue("id")) && !who.Officer {
		return refusal.New(refusal.NotFound, "document.unknown")
	}
	pdf, err := a.Book.Paper(r.Context(), &f, r.PathValue("id"))
	if err == nil {
		err = a.Book.Viewed(r.Context(), who, &f, "paper "+f.State.PaperName(r.PathValue("id")))
	}
	return sendPDF(w, pdf, err, string(f.State.Code)+"-"+r.PathValue("id"))
}

func (a *API) result(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	f, err := a.open(who, r)
	if err != nil {
		return err
	}
	if err := f.State.MayHaveResult(who); err != nil {
		return err
	}
	pdf, err := a.Book.Result(r.Context(), &f, r.PathValue("id"))
	if err == nil {
		err = a.Book.Viewed(r.Context(), who, &f, "paper Kết quả")
	}
	return sendPDF(w, pdf, err, string(f.State.Code)+"-ket-qua")
}

func sendPDF(w http.ResponseWriter, pdf []byte, err error, name string) error {
	if err != nil {
		return err
	}
	return web.SendPDF(w, name, pdf)
}

// mine lists the caller's own dossiers or, with ?q= or ?procedure=, those that
// an officer looks for; there is no next page of these, only narrower words.
func (a *API) mine(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	limit, after, err := page(r)
	if err != nil {
		return err
	}
	sought := dossier.Sought{Text: r.URL.Query().Get("q"), Procedure: r.URL.Query().Get("procedure")}
	if who.Officer && sought != (dossier.Sought{}) {
		if dossier.SoughtBy(sought.Text) == dossier.ByNumber {
			return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/q", "search.number_in_address")})
		}
		items, _, err := a.Book.Seek(r.Context(), who, sought, limit)
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, listed(items, nil))
	}
	items, next, err := a.Book.Mine(r.Context(), who, limit, place(after))
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, listed(items, next))
}

// search finds what an officer looks for by what stands in no address: a name or a
// number, too.
func (a *API) search(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		Text      string `json:"text"`
		Procedure string `json:"procedure"`
		Limit     int    `json:"limit"`
	}
	if _, err := read(w, r, bodyLimit, &asked); err != nil {
		return err
	}
	if asked.Limit == 0 {
		asked.Limit = 50
	}
	if asked.Limit < 1 || asked.Limit > 100 {
		return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/limit", "request.limit", "max", 100)})
	}
	if !who.Officer {
		return refusal.New(refusal.NotAllowed, "desk.officers_only")
	}
	items, _, err := a.Book.Seek(r.Context(), who, dossier.Sought{Text: asked.Text, Procedure: asked.Procedure}, asked.Limit)
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, listed(items, nil))
}

// listed are items with where the next ones begin; nil is nowhere.
func listed(items []dossier.Item, next *dossier.After) list[dossier.Item] {
	l := list[dossier.Item]{Items: append([]dossier.Item{}, items...)}
	if next != nil {
		l.Next = cursor(next.Sorted, next.ID)
	}
	return l
}

// place is where a cursor of two numbers points; any other is the front.
func place(numbers []int64) dossier.After {
	if len(numbers) != 2 {
		return dossier.After{}
	}
	return dossier.After{Sorted: numbers[0], ID: numbers[1]}
}

func (a *API) queues(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	queues, err := a.Book.Queues(r.Context(), who)
	if err != nil {
		return err
	}
	type queueView struct {
		Name  dossier.Work `json:"name"`
		Label string       `json:"label"`
		Count int64        `json:"count"`
	}
	items := []queueView{}
	for _, q := range queues {
		items = append(items, queueView{q.Name, q.Label.In(lang(r)), q.Count})
	}
	return write(w, http.StatusOK, list[queueView]{Items: items})
}

func (a *API) queue(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	limit, after, err := page(r)
	if err != nil {
		return err
	}
	sieve := dossier.Sieve{Procedure: r.URL.Query().Get("procedure")}
	if s := r.URL.Query().Get("due_before"); s != "" {
		if sieve.DueBefore, err = time.Parse(time.RFC3339, s); err != nil {
			return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/due_before", "calendar.instant", "value", s)})
		}
	}
	items, next, err := a.Book.Sift(r.Context(), who, dossier.Work(r.PathValue("name")), sieve, limit, place(after))
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, listed(items, next))
}

// notices are what the caller was told, the latest first.
func (a *API) notices(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	told, err := a.Book.Notices(r.Context(), who, 100)
	if err != nil {
		return err
	}
	type noticeView struct {
		ID   int64        `json:"id,string"`
		Code dossier.Code `json:"code"`
		Kind string       `json:"kind"`
		At   time.Time    `json:"at"`
		New  bool         `json:"new"`
	}
	items := []noticeView{}
	for _, n := range told {
		items = append(items, noticeView{n.ID, n.Code, n.Kind, time.UnixMilli(n.At).In(calendar.Zone), !n.Read})
	}
	return write(w, http.StatusOK, list[noticeView]{Items: items})
}

// readNotices marks what the caller was told as read.
func (a *API) readNotices(who dossier.Actor, w http.ResponseWriter, r *http.Request) error {
	var until struct {
		Latest int64 `json:"latest,string"`
	}
	if _, err := read(w, r, bodyLimit, &until); err != nil {
		return err
	}
	if err := a.Book.NoticesRead(r.Context(), who, until.Latest); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

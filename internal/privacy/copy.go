// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/payment"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// Shape describes the copy's data.json (JSON Schema 2020-12).
//
//go:embed shape.json
var Shape []byte

// CopyFormat names the shape of a copy's data.
const CopyFormat = "motcua-personal-data/1"

// Copy is everything that is kept of one person, in their language: theirs alone.
// What others declared or are in a dossier for is left out, and said to be; so is what
// officers note among themselves.
type Copy struct {
	Format    string          `json:"format"`
	Number    string          `json:"number"` // of the request
	MadeAt    time.Time       `json:"made_at"`
	Language  string          `json:"language"`
	Account   CopyAccount     `json:"account"`
	Drafts    []CopyFiling    `json:"drafts"`
	Dossiers  []CopyFiling    `json:"dossiers"`
	Destroyed []CopyDestroyed `json:"destroyed"` // dossiers, at the end of their term
	Pages     []CopyPage      `json:"pages"`     // that this person filled in for what others file
	Notices   []CopyNotice    `json:"notices"`
	Requests  []CopyCase      `json:"requests"`
	Journal   []CopyLine      `json:"journal"` // of the account
	Files     []CopyFile      `json:"files"`
	Purposes  []Purpose       `json:"purposes"`
}

// CopyDestroyed is what is left of a dossier that was destroyed.
type CopyDestroyed struct {
	Code      string    `json:"code"`
	Procedure string    `json:"procedure"`
	Agency    string    `json:"agency"`
	At        time.Time `json:"at"`
	Rule      string    `json:"rule"`
	Basis     string    `json:"basis"`
	Decision  string    `json:"decision"`
}

// CopyAccount is the account and how it is signed in to.
type CopyAccount struct {
	Login         string          `json:"login"`
	Person        identity.Person `json:"person"`
	CreatedAt     time.Time       `json:"created_at"`
	Stopped       []string        `json:"stopped"`
	Sessions      []CopySession   `json:"sessions"`
	Factors       []CopyFactor    `json:"factors"` // without keys
	Providers     []string        `json:"providers"`
	Organisations []CopyMandate   `json:"organisations"`
}

// CopySession is a sign-in.
type CopySession struct {
	Device    string    `json:"device"`
	Address   string    `json:"address"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
}

// CopyFactor is a second factor.
type CopyFactor struct {
	Kind      string    `json:"kind"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

// CopyMandate is a right to act for an organisation.
type CopyMandate struct {
	Name  string        `json:"name"`
	Code  string        `json:"code"`
	Role  string        `json:"role"`
	From  calendar.Date `json:"from"`
	To    string        `json:"to"`
	Basis string        `json:"basis"`
}

// Said is a label and what is said under it.
type Said struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// CopyPage is what was declared on one page of a form.
type CopyPage struct {
	Procedure string    `json:"procedure"`
	Title     string    `json:"title"`
	At        time.Time `json:"at,omitzero"`       // it was confirmed
	Outcome   string    `json:"outcome,omitempty"` // of the invitation
	Said      []Said    `json:"said"`
}

// CopyFiling is a draft or a dossier.
type CopyFiling struct {
	Code      string             `json:"code"`
	Procedure string             `json:"procedure"`
	Name      string             `json:"name"`
	Agency    string             `json:"agency"`
	SavedAt   time.Time          `json:"saved_at,omitzero"`
	SentAt    time.Time          `json:"sent_at,omitzero"`
	DueAt     time.Time          `json:"due_at,omitzero"`
	Status    string             `json:"status,omitempty"`
	Applicant *dossier.Applicant `json:"applicant,omitempty"`
	Submitter *dossier.Applicant `json:"submitter,omitempty"`
	LeftOut   string             `json:"left_out,omitempty"` // why something is: another, shared
	Pages     []CopyPage         `json:"pages"`
	Answers   form.Answers       `json:"answers,omitempty"`
	Events    []CopyEvent        `json:"events"`
	Looks     []CopyLook         `json:"looks"`
}

// CopyEvent is something that happened to a dossier.
type CopyEvent struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	By     string    `json:"by,omitempty"` // officers; nobody else
	Agency string    `json:"agency,omitempty"`
	Said   []Said    `json:"said"`
}

// CopyLook is an officer's look into a dossier.
type CopyLook struct {
	At      time.Time `json:"at"`
	Name    string    `json:"name"`
	Agency  string    `json:"agency"`
	What    string    `json:"what"`
	Purpose string    `json:"purpose"`
}

// CopyNotice is what the person was told.
type CopyNotice struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Code string    `json:"code"`
}

// CopyCase is a request about their data.
type CopyCase struct {
	Number string       `json:"number"`
	Right  regime.Right `json:"right"`
	State  State        `json:"state"`
	Steps  []struct {
		At   time.Time `json:"at"`
		Act  string    `json:"act"`
		Text string    `json:"text,omitempty"`
	} `json:"steps"`
}

// CopyLine is what the journal has of the account: sign-ins, also refused ones, and what
// was changed of how it is signed in to. What was done with a dossier stands there.
type CopyLine struct {
	At      time.Time  `json:"at"`
	Kind    audit.Kind `json:"kind"`
	What    string     `json:"what"`
	Address string     `json:"address,omitempty"` // it came from; not another's
	Other   bool       `json:"by_another,omitempty"`
}

// CopyFile is a file in the copy.
type CopyFile struct {
	Path   string        `json:"path"` // in the copy
	Name   string        `json:"name"`
	Of     string        `json:"of,omitempty"` // code of the dossier
	SHA256 string        `json:"sha256,omitempty"`
	Gone   bool          `json:"gone,omitempty"`   // its content is no longer kept
	Closed document.Scan `json:"closed,omitempty"` // why nobody may open it now: waiting, infected
	paper  func(ctx context.Context) ([]byte, error)
}

// Copy notes that a person takes a copy of everything that is kept of them, and
// gathers it. Who has a second factor must have used it (NotAllowed).
func (o *Office) Copy(ctx context.Context, who dossier.Actor, lang string) (*Copy, error) {
	if who.Account == 0 || who.Member != nil {
		return nil, refusal.New(refusal.NotAllowed, "privacy.oneself")
	}
	factors, _, err := o.Register.Factors(ctx, who.Account)
	if err != nil {
		return nil, err
	}
	if len(factors) > 0 && who.Level < identity.Double {
		return nil, refusal.New(refusal.NotAllowed, dossier.LevelLow, "need", dossier.LevelNames[identity.Double], "level", identity.Double).Because("Nghị định 356/2025/NĐ-CP")
	}
	var r Request
	if err := o.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if r, err = o.ask(tx, who, Asked{Right: regime.Export}); err != nil {
			return err
		}
		return o.step(tx, who, &r, Step{At: r.ReceivedAt, Act: ActDo}, ActDo)
	}); err != nil {
		return nil, err
	}
	g := gatherer{Office: o, who: who, lang: lang, Copy: &Copy{Format: CopyFormat, Number: r.Number, MadeAt: r.ReceivedAt, Language: lang, Purposes: PurposesOn(calendar.DateOf(r.ReceivedAt))}, paths: map[string]bool{}}
	for _, part := range []func(context.Context) error{g.account, g.drafts, g.dossiers, g.destroyed, g.pages, g.rest, g.journal, g.files} {
		if err := part(ctx); err != nil {
			return nil, fmt.Errorf("copy %s: %w", r.Number, err)
		}
	}
	return g.Copy, nil
}

// JSON is the copy's data.json.
func (a *Copy) JSON() ([]byte, error) { return json.MarshalIndent(a, "", " ") }

// Write writes the content of one of the copy's files.
func (o *Office) Write(ctx context.Context, f *CopyFile, to io.Writer) error {
	if f.paper == nil {
		return document.Copy(ctx, o.DB, f.SHA256, to)
	}
	content, err := f.paper(ctx)
	if err == nil {
		_, err = to.Write(content)
	}
	return err
}

// gatherer puts a copy together.
type gatherer struct {
	*Office
	*Copy
	who    dossier.Actor
	lang   string
	paths  map[string]bool
	others []string // files of drafts that are for or with others
}

func (g *gatherer) name(id agency.ID) string { return g.Site.Directory().Name(id, g.lang) }

func (g *gatherer) account(ctx context.Context) error {
	a, err := g.Register.Find(ctx, g.who.Account)
	if err != nil {
		return err
	}
	g.Account = CopyAccount{Login: a.Login, Person: a.Person, Stopped: a.Stopped}
	sessions, err := g.Register.Sessions(ctx, a.ID, "")
	if err != nil {
		return err
	}
	for _, s := range sessions {
		g.Account.Sessions = append(g.Account.Sessions, CopySession{s.Device, s.Address, s.CreatedAt, s.SeenAt})
	}
	factors, _, err := g.Register.Factors(ctx, a.ID)
	if err != nil {
		return err
	}
	for _, f := range factors {
		g.Account.Factors = append(g.Account.Factors, CopyFactor{f.Kind, f.Name, f.CreatedAt})
	}
	mandates, err := g.Register.Mandates(ctx, a.ID)
	if err != nil {
		return err
	}
	for _, m := range mandates {
		x := CopyMandate{Name: m.Name, Code: m.Code, Role: string(m.Role), From: m.From, Basis: m.Basis}
		if !m.To.IsZero() {
			x.To = m.To.String()
		}
		g.Account.Organisations = append(g.Account.Organisations, x)
	}
	return g.DB.Read(ctx, func(tx *db.Tx) error {
		g.Account.Providers = nil
		for row := range tx.Query(`SELECT provider FROM linked WHERE account = $1 ORDER BY provider`, a.ID) {
			var p string
			row.Scan(&p)
			g.Account.Providers = append(g.Account.Providers, p)
		}
		var at int64
		_, err := tx.One(`SELECT created_at FROM account WHERE id = $1`, []any{a.ID}, &at)
		g.Account.CreatedAt = time.UnixMilli(at)
		return err
	})
}

func (g *gatherer) drafts(ctx context.Context) error {
	list, err := g.Book.Drafts(ctx, g.who)
	if err != nil {
		return err
	}
	for _, d := range list {
		e, err := g.Book.Form(ctx, d)
		if err != nil {
			return err
		}
		x := CopyFiling{Procedure: d.Filing.Procedure, Name: e.Facts.Name.In(g.lang), Agency: g.name(d.Filing.Agency), SavedAt: d.UpdatedAt}
		invited, err := g.Book.Invitations(ctx, g.who, d.ID)
		if err != nil {
			return err
		}
		var theirs []string
		for _, i := range invited {
			if i.Outcome != dossier.TakenBack {
				theirs = append(theirs, i.Page)
			}
		}
		facts := procedure.FactsOf(d.Filing.Case, d.Filing.Channel, cmp.Or(d.Filing.Applicant.Kind, procedure.Citizen))
		g.declared(&x, e, d.Filing.Answers, facts, d.Filing.Submitter != nil, theirs)
		for _, p := range d.Filing.Documents {
			if x.LeftOut != "" {
				g.others = append(g.others, p.File)
			}
		}
		g.Drafts = append(g.Drafts, x)
	}
	return nil
}

// declared adds what this person declared: nothing of what they file for another, and
// not the pages that others fill in.
func (g *gatherer) declared(x *CopyFiling, e *procedure.Edition, answers form.Answers, facts map[string]string, another bool, theirs []string) {
	switch {
	case another:
		x.LeftOut = "another"
		return
	case len(theirs) > 0:
		x.LeftOut = "shared"
	}
	x.Answers = maps.Clone(answers)
	for _, id := range theirs {
		if page := e.Form.Page(id); page != nil {
			for _, f := range page.Fields {
				delete(x.Answers, f.ID)
			}
		}
	}
	for _, p := range e.Form.Shown(answers, facts, g.lang) {
		if !slices.Contains(theirs, p.Page) {
			x.Pages = append(x.Pages, CopyPage{Procedure: x.Procedure, Title: p.Label, Said: flat(p.Items, "")})
		}
	}
}

// flat writes answers one under the other, those of a group after its name.
func flat(items []form.Answered, within string) []Said {
	var list []Said
	for _, a := range items {
		if a.Group {
			list = append(list, flat(a.Items, within+a.Label+" – ")...)
		} else if a.Value != "" {
			list = append(list, Said{within + a.Label, a.Value})
		}
	}
	return list
}

// dossiersAtOnce is how many dossiers are read at a time.
const dossiersAtOnce = 100

func (g *gatherer) dossiers(ctx context.Context) error {
	for after := (dossier.After{}); ; {
		items, next, err := g.Book.Mine(ctx, g.who, dossiersAtOnce, after)
		if err != nil {
			return err
		}
		for _, i := range items {
			if err := g.dossier(ctx, i.Code); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		after = *next
	}
}

// destroyed are the dossiers of which only that they were destroyed is known.
func (g *gatherer) destroyed(ctx context.Context) error {
	list, err := g.Book.Destroyed(ctx, g.who, mostDestroyed)
	for _, x := range list {
		g.Destroyed = append(g.Destroyed, CopyDestroyed{string(x.Code), x.Procedure, g.name(x.Competent), x.At, x.Keep.Name, x.Keep.Basis, x.Order.Decision})
	}
	return err
}

// mostDestroyed is how many destroyed dossiers a copy tells of.
const mostDestroyed = 10_000

func (g *gatherer) dossier(ctx context.Context, code dossier.Code) error {
	f, err := g.Book.Open(ctx, g.who, code)
	if err != nil {
		return err
	}
	t, err := g.Book.Track(ctx, &f.State)
	if err != nil {
		return err
	}
	s := &f.State
	x := CopyFiling{Code: string(code), Procedure: s.Procedure, Name: t.Procedure.In(g.lang), Agency: g.name(s.Competent), SentAt: s.SentAt, DueAt: s.Due, Status: t.Status.In(g.lang), Submitter: s.Submitter}
	another, theirs := s.Submitter != nil, g.theirs(&f)
	if !another {
		x.Applicant = &s.Applicant
	}
	g.declared(&x, t.Edition, f.Answers, procedure.FactsOf(s.Case, s.Channel, s.Applicant.Kind), another, theirs)
	for _, r := range f.Told() {
		x.Events = append(x.Events, g.event(r, &t, x.LeftOut == ""))
	}
	looks, err := g.Book.Views(ctx, g.who, code)
	if err != nil {
		return err
	}
	for _, v := range looks {
		x.Looks = append(x.Looks, CopyLook{v.At, v.Name, g.name(v.Agency), v.What, dossier.PurposeNames[v.Purpose].In(g.lang)})
	}
	g.Dossiers = append(g.Dossiers, x)
	if x.LeftOut == "" {
		return g.enclose(ctx, &f, &t)
	}
	return nil
}

// theirs are the pages of a dossier that others confirmed.
func (g *gatherer) theirs(f *dossier.File) []string {
	var pages []string
	for _, r := range f.Events {
		e, ok := r.Event.(dossier.Submitted)
		if !ok {
			continue
		}
		for _, c := range e.Consents {
			if c.By.Account != g.who.Account {
				pages = append(pages, c.Page)
			}
		}
	}
	return pages
}

// event is what happened, without who else was there; alone means that the dossier
// is about this person only, so that what was said in it is too.
func (g *gatherer) event(r dossier.Record, t *dossier.Track, alone bool) CopyEvent {
	x := CopyEvent{At: r.At, Kind: r.Kind()}
	if r.By.Role != "" {
		x.By, x.Agency = r.By.Name, g.name(r.By.Agency)
	}
	if !alone {
		return x
	}
	if e, ok := r.Event.(dossier.VerifiedOnSite); ok {
		e.Participants = nil
		r.Event = e
	}
	for _, f := range dossier.Facts(r, t) {
		x.Said = append(x.Said, Said{f.Label.In(g.lang), g.text(f.Value)})
	}
	return x
}

func (g *gatherer) text(v any) string {
	switch v := v.(type) {
	case form.Text:
		return v.In(g.lang)
	case time.Time:
		return v.In(calendar.Zone).Format("02/01/2006 15:04")
	}
	return fmt.Sprint(v)
}

// enclose adds the papers of a dossier: handed in, and issued, and the receipts for what
// was paid.
func (g *gatherer) enclose(ctx context.Context, f *dossier.File, t *dossier.Track) error {
	folder := "ho-so/" + string(f.State.Code) + "/"
	for _, d := range append(slices.Clone(f.State.Documents), f.Replaced()...) {
		if d.File != "" {
			g.Files = append(g.Files, CopyFile{Path: g.path(folder + "giay-to/" + document.CleanName(d.Name)), Name: d.Name, Of: string(f.State.Code), SHA256: d.SHA256, Gone: f.State.Gone(d.File)})
		}
	}
	file := *f
	paper := func(p dossier.PaperRef, kind string, draw func(context.Context, *dossier.File, string) ([]byte, error)) {
		g.Files = append(g.Files, CopyFile{Path: g.path(folder + kind + "/" + document.CleanName(p.ID) + ".pdf"), Name: p.Name.In(g.lang), Of: string(f.State.Code),
			paper: func(ctx context.Context) ([]byte, error) { return draw(ctx, &file, p.ID) }})
	}
	for _, p := range f.State.Papers() {
		if !dossier.OfficersOnly(p.ID) {
			paper(p, "van-ban", g.Book.Paper)
		}
	}
	if f.State.MayHaveResult(g.who) == nil {
		for _, p := range f.State.Results(*t) {
			paper(p, "ket-qua", g.Book.Result)
		}
	}
	var receipts []payment.Receipt
	err := g.DB.Read(ctx, func(tx *db.Tx) (err error) {
		receipts, err = payment.ReceiptsOf(tx, string(f.State.Code))
		return err
	})
	for _, r := range receipts {
		name := form.Text{VI: "Biên lai ", EN: "Receipt "}.In(g.lang) + r.NumberText()
		g.Files = append(g.Files, CopyFile{Path: g.path(folder + "bien-lai/" + r.NumberText() + ".pdf"), Name: name, Of: string(f.State.Code), paper: func(context.Context) ([]byte, error) { return r.PDF() }})
	}
	return err
}

// path is a place in the copy that is not taken.
func (g *gatherer) path(want string) string {
	path := want
	for n := 2; g.paths[strings.ToLower(path)]; n++ {
		dot := strings.LastIndexByte(want, '.')
		if dot <= strings.LastIndexByte(want, '/') {
			dot = len(want)
		}
		path = fmt.Sprintf("%s-%d%s", want[:dot], n, want[dot:])
	}
	g.paths[strings.ToLower(path)] = true
	return path
}

// pages are what this person filled in on pages of what others file; whose that is,
// is theirs to tell.
func (g *gatherer) pages(ctx context.Context) error {
	var list []dossier.Answered
	if err := g.DB.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = dossier.AnsweredBy(tx, g.who.Account)
		return err
	}); err != nil {
		return err
	}
	for _, a := range list {
		e, err := g.Book.Catalogue.Pinned(ctx, a.Draft.Filing.Procedure, a.Draft.Edition)
		if err != nil {
			return err
		}
		x := CopyPage{Procedure: e.Facts.Name.In(g.lang), Outcome: a.Outcome, At: a.At}
		f := a.Draft.Filing
		for _, p := range e.Form.Shown(f.Answers, procedure.FactsOf(f.Case, f.Channel, cmp.Or(f.Applicant.Kind, procedure.Citizen)), g.lang) {
			if p.Page == a.Page {
				x.Title, x.Said = p.Label, flat(p.Items, "")
			}
		}
		g.Pages = append(g.Pages, x)
	}
	return nil
}

// rest adds what the person was told and asked for.
func (g *gatherer) rest(ctx context.Context) error {
	told, err := g.Book.Notices(ctx, g.who, 10_000)
	if err != nil {
		return err
	}
	for _, n := range told {
		g.Notices = append(g.Notices, CopyNotice{time.UnixMilli(n.At), n.Kind, string(n.Code)})
	}
	return g.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := requests(tx, `account = $1 ORDER BY received_at`, g.who.Account)
		if err != nil {
			return err
		}
		g.Requests = nil
		for _, r := range list {
			if r.Steps, err = steps(tx, r.ID); err != nil {
				return err
			}
			x := CopyCase{Number: r.Number, Right: r.Right, State: r.State}
			for _, s := range r.Steps {
				text := s.Text
				if s.Asked != nil {
					text = s.Asked.Text
				}
				x.Steps = append(x.Steps, struct {
					At   time.Time `json:"at"`
					Act  string    `json:"act"`
					Text string    `json:"text,omitempty"`
				}{s.At, s.Act, text})
			}
			g.Requests = append(g.Requests, x)
		}
		return nil
	})
}

// accountKinds are the kinds of lines that are about who holds an account; the others
// are about an officer's work.
var accountKinds = []audit.Kind{audit.SignedIn, audit.SignedOut, audit.SignRefuse, audit.Account, audit.Factor, audit.Mandate, audit.Token}

// journal adds what the journal has of the account, and of those that it took over.
func (g *gatherer) journal(ctx context.Context) error {
	return g.DB.Read(ctx, func(tx *db.Tx) error {
		g.Journal = nil
		accounts := []int64{g.who.Account}
		for i := 0; i < len(accounts); i++ {
			took, err := g.lines(tx, accounts[i])
			if err != nil {
				return err
			}
			for _, id := range took {
				if !slices.Contains(accounts, id) {
					accounts = append(accounts, id)
				}
			}
		}
		slices.SortStableFunc(g.Journal, func(a, b CopyLine) int { return a.At.Compare(b.At) })
		return nil
	})
}

// lines adds those of one account; took are the accounts that it took over.
func (g *gatherer) lines(tx *db.Tx, account int64) (took []int64, err error) {
	var fault error
	err = audit.Of(tx, account, accountKinds, func(l audit.Line) bool {
		var said struct {
			What, Address string
			From          int64
		}
		if fault = l.Read(&said); fault != nil {
			return false
		}
		line := CopyLine{At: l.At, Kind: l.Kind, What: said.What, Address: said.Address}
		if line.Other = l.Account != 0 && l.Account != account; line.Other {
			line.Address = ""
		} else if said.What == identity.MergedNote {
			took = append(took, said.From)
		}
		g.Journal = append(g.Journal, line)
		return true
	})
	return took, cmp.Or(err, fault)
}

// files adds the files of drafts and those that no dossier holds, and says which are
// no longer kept, and which nobody may open. Those of what is filed for or with others
// are left out with it.
func (g *gatherer) files(ctx context.Context) error {
	return g.DB.Read(ctx, func(tx *db.Tx) error {
		own, err := document.Of(tx, g.who.Account)
		if err != nil {
			return err
		}
		have := map[string]bool{}
		for i, f := range g.Files {
			have[f.SHA256] = true
			if f.paper == nil {
				there, err := document.There(tx, f.SHA256)
				if err != nil {
					return err
				}
				g.Files[i].Gone = f.Gone || !there
			}
		}
		for _, f := range own {
			used, err := dossier.HandedIn(tx, f.ID)
			if err != nil {
				return err
			}
			if !used && !have[f.SHA256] && !slices.Contains(g.others, f.ID) {
				g.Files = append(g.Files, CopyFile{Path: g.path("tep/" + document.CleanName(f.Name)), Name: f.Name, SHA256: f.SHA256})
			}
		}
		for i := range g.Files {
			f := &g.Files[i]
			if f.paper != nil || f.Gone {
				continue
			}
			scan, err := document.Scanned(tx, f.SHA256)
			if err != nil {
				return err
			}
			if !scan.Opens() {
				f.Closed = scan
			}
		}
		return tx.Err()
	})
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// Filing is a dossier somebody hands in: on line by the person, or at the
// counter by a clerk for the person who stands there.
type Filing struct {
	Procedure string            `json:"procedure"`
	Case      string            `json:"case,omitempty"`
	Agency    agency.ID         `json:"agency"`
	Channel   procedure.Channel `json:"channel"`
	Applicant Applicant         `json:"applicant"`
	Submitter *Applicant        `json:"submitter,omitempty"`
	Answers   form.Answers      `json:"answers"`
	Documents []Paper           `json:"documents"`
	Return    procedure.Channel `json:"return_channel"`
	At        agency.ID         `json:"at,omitempty"`      // the one-stop that receives, if it is not one of the competent agency's own
	Support   agency.ID         `json:"support,omitempty"` // where an officer helps somebody to file on line
	Consents  []Consent         `json:"-"`                 // of others who were asked for their part

	Provisional string    `json:"-"` // number under which it was received on paper in an outage
	ReceivedAt  time.Time `json:"-"` // then
}

// Paper is a paper handed in: a file that was uploaded, a small file inlined,
// or, at the counter, paper only.
type Paper struct {
	Component string `json:"component"`
	File      string `json:"file,omitempty"`
	Name      string `json:"name,omitempty"`
	Content   []byte `json:"content,omitempty"` // base64 in JSON
	Copies    int    `json:"copies,omitempty"`

	ready   document.Ready // Content, looked into
	refused error          // why it is not taken
}

// Prepare looks into the papers that come inlined, before any transaction.
func Prepare(ctx context.Context, papers []Paper) ([]Paper, error) {
	if len(papers) > mostPapers {
		return papers, nil // is refused as it is
	}
	papers = slices.Clone(papers)
	for i := range papers {
		p := &papers[i]
		if p.Content == nil {
			continue
		}
		if p.ready, p.refused = document.Prepare(ctx, p.Name, p.Content); p.refused != nil && refusal.As(p.refused) == nil {
			return nil, p.refused
		}
	}
	return papers, nil
}

// Submit files a dossier: every wrong field at once, or the dossier with its
// code, which it keeps for ever. The same key gives the same dossier.
func (b *Book) Submit(ctx context.Context, who Actor, f Filing, key *Key) (State, error) {
	return b.submit(ctx, who, f, key, nil)
}

// submit files a dossier; with is done in the same transaction.
func (b *Book) submit(ctx context.Context, who Actor, f Filing, key *Key, with func(tx *db.Tx, s *State) error) (State, error) {
	now := b.Now().Truncate(time.Millisecond).In(calendar.Zone)
	secret, id := newSecret(), db.NewID()
	var filed State
	var err error
	if f.Documents, err = Prepare(ctx, f.Documents); err != nil {
		return filed, err
	}
	write := func() error {
		return b.DB.Write(ctx, func(tx *db.Tx) error {
			if again, err := b.replay(tx, who, key); again != nil || err != nil {
				if again != nil {
					filed = *again
				}
				return err
			}
			e, err := b.check(tx, who, f, nil, now)
			if err != nil {
				return err
			}
			n, err := tx.Next(fmt.Sprintf("dossier/%s/%d", e.Reception, number(local(now))))
			if err != nil {
				return err
			}
			e.Code, e.Secret = codeOf(string(e.Reception), local(now), n), secret
			s := State{ID: id}
			r := Record{Seq: 1, At: now, By: filer(who, e), Event: *e}
			s.apply(r)
			count(tx, nil, &s)
			if err := b.append(tx, nil, &s, []Record{r}); err != nil {
				return err
			}
			filed = s
			if with != nil {
				if err := with(tx, &s); err != nil {
					return err
				}
			}
			return remember(tx, who, key, &s, now)
		})
	}
	err = write()
	if errors.Is(err, db.ErrDuplicate) && key != nil {
		err = write() // the same call was just answered by another process
	}
	return filed, err
}

func filer(who Actor, e *Submitted) By {
	if who.Officer && e.Support != "" {
		return By{Account: who.Account, Name: who.Name, Role: workflow.Clerk, Agency: e.Support}
	}
	if who.Officer {
		return By{Account: who.Account, Name: who.Name, Role: workflow.Clerk, Agency: e.Reception}
	}
	return who.by("", "")
}

const (
	mostPapers = 200 // files that one dossier may come with
	mostCopies = 999 // of one paper
)

// check holds a filing against the procedure in force and makes the event of
// it. Of a dossier that is there already, its papers may be handed in by anybody
// who acts on it, and the same procedure stays the edition that it pinned.
func (b *Book) check(tx *db.Tx, who Actor, f Filing, there *State, now time.Time) (*Submitted, error) {
	if err := who.Follows(); err != nil {
		return nil, err
	}
	if len(f.Documents) > mostPapers {
		return nil, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/documents", "dossier.component.many", "max", mostPapers)})
	}
	var bad []refusal.Field
	refuse := func(pointer, key string, args ...any) { bad = append(bad, refusal.At(pointer, key, args...)) }
	var has []Document
	if there != nil {
		has = there.Documents
	}
	edition, err := b.edition(tx, f, there, now)
	if err != nil {
		return nil, err
	}
	if err := who.Reaches(edition); err != nil {
		return nil, err
	}
	c := edition.Facts.Case(f.Case)
	if c == nil {
		refuse("/case", "dossier.case.unknown")
		c = edition.Facts.Case("")
	}
	offering, boundless, wrongPlace := b.place(edition, f, local(now))
	ok := wrongPlace == nil
	if !ok {
		bad = append(bad, *wrongPlace)
	}
	if !slices.Contains(procedure.Channels, f.Channel) {
		refuse("/channel", "form.choice")
	} else if right, key := mayFile(who.about(agency.Matter{Field: edition.Facts.Field, Procedure: edition.Facts.Code, Reception: offering.Reception, Restricted: edition.Facts.Restricted}), f, offering.Reception); !right && ok {
		return nil, refusal.New(refusal.NotAllowed, key)
	}
	if f.Return == "" {
		f.Return = edition.Facts.Returns[0]
	}
	if !slices.Contains(edition.Facts.Returns, f.Return) {
		refuse("/return_channel", "dossier.return.not_offered")
	}
	applicant, submitter, wrong := who.persons(f, now)
	bad = append(bad, wrong...)
	facts := procedure.FactsOf(c.ID, f.Channel, applicant.Kind)
	answers, wrong := edition.Form.Check(f.Answers, facts, now)
	bad = append(bad, wrong...)
	scope := form.Scope{Answers: answers, Facts: facts}
	number, err := b.booked(tx, f, offering.Reception, now)
	if err != nil {
		return nil, err
	}
	if number != nil {
		bad = append(bad, *number)
	}
	documents, wrong, err := papers(taker{tx, who.Account, has}, c.Asked(scope), f)
	if err != nil {
		return nil, err
	}
	if err := refusal.Fields("request.invalid", append(bad, wrong...)); err != nil {
		return nil, err
	}
	e := &Submitted{Matter: Matter{Confides: confides(edition, c, answers, documents),
		Procedure: edition.Facts.Code, Edition: edition.Number, Field: edition.Facts.Field, Restricted: edition.Facts.Restricted, Case: c.ID, Channel: f.Channel, Return: f.Return,
		Reception: offering.Reception, Competent: offering.Competent, Home: boundless, Support: f.Support, Consents: f.Consents, Provisional: f.Provisional, Applicant: applicant, Submitter: submitter,
		Answers: answers, Documents: documents, ToCheck: componentIDs(c.ToCheck(scope)), Fees: c.FeesDue(f.Channel, scope),
	}}
	if !who.Officer {
		e.Account = who.Account
	}
	if e.Channel == procedure.Online {
		e.Answer, err = b.promise(e.Reception, now)
	}
	return e, err
}

// edition is the one that a filing is checked by.
func (b *Book) edition(tx *db.Tx, f Filing, there *State, now time.Time) (*procedure.Edition, error) {
	if there != nil && there.Procedure == f.Procedure {
		return b.Catalogue.Edition(tx, f.Procedure, there.Edition)
	}
	e, err := b.Catalogue.InForce(tx, f.Procedure, local(now))
	if refusal.Is(err, refusal.NotFound) {
		return nil, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/procedure", "procedure.unknown", "code", f.Procedure)})
	}
	return e, err
}

// persons are for whom something is filed, and who hands it in if that is somebody
// else: on line, who signed in.
func (a Actor) persons(f Filing, now time.Time) (applicant Applicant, submitter *Applicant, bad []refusal.Field) {
	applicant, bad = checkPerson(f.Applicant, "/applicant", form.Text{VI: "Người đề nghị", EN: "Applicant"}, now)
	if f.Submitter != nil {
		s, wrong := checkPerson(*f.Submitter, "/submitter", form.Text{VI: "Người nộp thay", EN: "Person who hands in"}, now)
		bad, submitter = append(bad, wrong...), &s
	}
	self := a.person()
	if a.Officer || applicant.IDNumber == self.IDNumber {
		return applicant, submitter, bad
	}
	if submitter != nil && submitter.IDNumber != self.IDNumber && submitter.IDNumber != a.Person.IDNumber {
		bad = append(bad, refusal.At("/submitter", "dossier.submitter.not_you"))
	}
	return applicant, &self, bad
}

// promise is by when the one-stop answers what is filed on line now; nil where
// the law promises nothing.
func (b *Book) promise(reception agency.ID, now time.Time) (*Answer, error) {
	law, ok := regime.AnswerOn(local(now))
	if !ok {
		return nil, nil
	}
	var a Answer
	if at := b.Site.Directory().Find(reception); at != nil {
		a.Hours = at.Hours
	}
	var cal *calendar.Calendar
	var err error
	if a.Calendar, cal, err = b.Site.Calendar(a.Hours); err != nil {
		return nil, err
	}
	a.By, err = cal.Due(now, law.Within, false, nil)
	return &a, err
}

// mayFile: citizens file on line for themselves, clerks at their counter and
// for what came by post, and on line for who asks for help at a support point.
func mayFile(who Actor, f Filing, reception agency.ID) (bool, string) {
	channel := f.Channel
	if !who.Officer {
		return channel == procedure.Online && f.Support == "", "dossier.submit.online_only"
	}
	if f.Support != "" {
		return channel == procedure.Online && who.Holds(workflow.Clerk, f.Support), "dossier.submit.clerks_only"
	}
	return channel != procedure.Online && who.Holds(workflow.Clerk, reception), "dossier.submit.clerks_only"
}

// place finds where a filing goes: to the one-stop of the agency it names, or to
// another of the province for it (NĐ 118/2025); then home is that agency's own.
func (b *Book) place(e *procedure.Edition, f Filing, day calendar.Date) (o agency.Offering, home agency.ID, wrong *refusal.Field) {
	refuse := func(pointer, key string, args ...any) (agency.Offering, agency.ID, *refusal.Field) {
		w := refusal.At(pointer, key, args...)
		return agency.Offering{}, "", &w
	}
	if f.At == "" {
		o, ok := b.offering(e, f.Agency)
		if !ok {
			return refuse("/agency", "dossier.agency.not_offered")
		}
		return o, "", nil
	}
	d := b.Site.Directory()
	for _, o := range d.Offerings(e.Facts.Competent) {
		if o.Competent != f.Agency {
			continue
		}
		if o.Reception == f.At {
			return o, "", nil
		}
		home = o.Reception
	}
	at := d.Find(f.At)
	switch {
	case home == "":
		return refuse("/agency", "dossier.agency.not_offered")
	case at == nil || at.Kind != agency.Centre || f.Channel == procedure.Online:
		return refuse("/at", "dossier.agency.no_one_stop")
	case regime.On(day).Boundless == "":
		return refuse("/at", "dossier.agency.boundary", "basis", regime.On(day).Basis)
	}
	return agency.Offering{Reception: f.At, Competent: f.Agency}, home, nil
}

// offering finds where a dossier named by one agency goes: the one-stop that
// receives it, or the agency that decides if only one one-stop receives for it.
func (b *Book) offering(e *procedure.Edition, named agency.ID) (agency.Offering, bool) {
	var found []agency.Offering
	for _, o := range b.Site.Directory().Offerings(e.Facts.Competent) {
		if o.Reception == named || o.Competent == named {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		return agency.Offering{}, false
	}
	return found[0], true
}

var personFields = []form.Field{
	{ID: "kind", Type: form.Choice, Label: form.Text{VI: "Loại người yêu cầu", EN: "Kind of applicant"}, Options: kindOptions()},
	{ID: "name", Type: form.ShortText, Label: form.Text{VI: "Họ và tên, hoặc tên tổ chức", EN: "Name"}},
	{ID: "phone", Type: form.Phone, Label: form.Text{VI: "Số điện thoại", EN: "Phone"}, Optional: true},
	{ID: "email", Type: form.Email, Label: form.Text{VI: "Thư điện tử", EN: "Email"}, Optional: true},
	{ID: "address", Type: form.Address, Label: form.Text{VI: "Địa chỉ", EN: "Address"}, Optional: true},
	{ID: "birth_date", Type: form.Date, Label: form.Text{VI: "Ngày sinh", EN: "Date of birth"}, Optional: true, To: "today"},
}

func kindOptions() []form.Option {
	var options []form.Option
	for _, k := range procedure.Applicants {
		options = append(options, form.Option{Value: k})
	}
	return options
}

// checkPerson checks who asks or hands in; a citizen has a personal number, an
// organisation an enterprise or tax code.
func checkPerson(p Applicant, at string, whose form.Text, now time.Time) (Applicant, []refusal.Field) {
	fields := slices.Clone(personFields)
	number := form.Field{ID: "id_number", Type: form.IDNumber, Label: form.Text{VI: "Số định danh cá nhân", EN: "Personal identity number"}}
	if p.Kind == procedure.Organisation || p.Kind == procedure.HouseholdBusiness {
		number.Type, number.Label = form.OrgCode, form.Text{VI: "Mã số doanh nghiệp hoặc mã số thuế", EN: "Enterprise or tax code"}
	}
	given := form.Answers{"kind": p.Kind, "name": p.Name, "id_number": p.IDNumber, "phone": p.Phone, "email": p.Email, "address": p.Address, "birth_date": p.BirthDate}
	clean, bad := form.CheckFields(append(fields, number), given, at, now)
	for i := range bad {
		bad[i].Args["within"] = whose
	}
	return Applicant{Kind: clean.Text("kind"), Name: clean.Text("name"), IDNumber: clean.Text("id_number"), Phone: clean.Text("phone"),
		Email: clean.Text("email"), Address: clean.Text("address"), BirthDate: clean.Text("birth_date")}, bad
}

// papers checks what was handed in against what is asked: each paper belongs
// to a component, is a file of the filer's own and of a kind the component
// takes; on line nothing that is asked may be missing.
func papers(from taker, asked []procedure.Component, f Filing) ([]Document, []refusal.Field, error) {
	var missing []refusal.Field
	online := f.Channel == procedure.Online
	for i, p := range f.Documents {
		if online && p.Content == nil && p.File == "" {
			missing = append(missing, refusal.At(fmt.Sprintf("/documents/%d/file", i), "form.required"))
		}
	}
	documents, bad, err := from.papers(asked, f.Documents)
	if err != nil {
		return nil, nil, err
	}
	for i := range asked {
		k := &asked[i]
		there := slices.ContainsFunc(documents, func(x Document) bool { return x.Component == k.ID && (x.File != "" || !online) })
		if online && !there && !k.Optional && k.Uploads() {
			missing = append(missing, refusal.At("/documents", "dossier.component.missing", "component", k.Name, "id", k.ID))
		}
	}
	return documents, append(bad, missing...), nil
}

// taker is who hands papers in, and what the dossier has already.
type taker struct {
	tx      *db.Tx
	account int64
	has     []Document
}

// papers makes documents of papers: each belongs to a component that is asked
// for, and is a file of the taker's own, or of the dossier, of a kind the
// component takes, or paper only.
func (from taker) papers(asked []procedure.Component, given []Paper) ([]Document, []refusal.Field, error) {
	var documents []Document
	var bad []refusal.Field
	seen := map[string]bool{}
	for i, p := range given {
		at := fmt.Sprintf("/documents/%d", i)
		k := componentOf(asked, p.Component)
		switch {
		case k == nil:
			bad = append(bad, refusal.At(at+"/component", "dossier.component.not_asked", "component", p.Component))
			continue
		case p.Copies != min(max(p.Copies, 0), mostCopies):
			bad = append(bad, refusal.At(at+"/copies", "dossier.component.copies", "max", mostCopies))
			continue
		}
		d := Document{Component: k.ID, Copies: p.Copies}
		if !seen[k.ID] { // further files are further pages of the same paper
			d.Originals = k.Originals
		}
		wrong, err := from.file(&d, k, p, at)
		if err != nil {
			return nil, nil, err
		}
		if wrong != nil {
			bad = append(bad, *wrong)
			continue
		}
		seen[k.ID] = true
		documents = append(documents, d)
	}
	return documents, bad, from.tx.Err()
}

// file puts the file of a paper, inlined or uploaded before, to a document,
// or says what is wrong with it. A paper without a file is paper only.
func (from taker) file(d *Document, k *procedure.Component, p Paper, at string) (*refusal.Field, error) {
	switch {
	case p.Content != nil:
		file, err := document.File{}, p.refused
		if err == nil {
			file, err = p.ready.Keep(from.tx, from.account, takenFor(k))
		}
		if e := refusal.As(err); e != nil {
			return &refusal.Field{Pointer: at + "/content", Key: e.Key, Args: e.Args}, nil
		} else if err != nil {
			return nil, err
		}
		d.take(file)
	case p.File != "":
		file, err := document.Find(from.tx, p.File)
		if err != nil && !refusal.Is(err, refusal.NotFound) {
			return nil, err
		}
		known := slices.ContainsFunc(from.has, func(x Document) bool { return x.File == p.File })
		if err != nil || file.Account != from.account && !known {
			return &refusal.Field{Pointer: at + "/file", Key: "document.unknown"}, nil
		}
		if e := refusal.As(takenFor(k).Refuse(file)); e != nil {
			return &refusal.Field{Pointer: at + "/file", Key: e.Key, Args: e.Args}, nil
		}
		d.take(file)
	}
	return nil, nil
}

func (d *Document) take(f document.File) {
	d.File, d.Name, d.Size, d.SHA256, d.MediaType = f.ID, f.Name, f.Size, f.SHA256, f.MediaType
}

func componentOf(asked []procedure.Component, id string) *procedure.Component {
	for i := range asked {
		if asked[i].ID == id {
			return &asked[i]
		}
	}
	return nil
}

// newSecret makes what opens the look-up of one dossier: 50 random bits as ten
// letters and digits.
func newSecret() string {
	var b [7]byte
	rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:])[:10])
}

// Submitted opens a dossier: what was asked, by whom, with which papers.
type Submitted struct {
	Code    Code   `json:"code"`
	Secret  string `json:"secret"` // opens the look-up
	Account int64  `json:"account"`
	Matter
	Answer *Answer `json:"answer,omitempty"` // promised to who files on line
}

// Matter is what is asked for, by whom, where, with which answers and papers.
type Matter struct {
	Procedure   string            `json:"procedure"`
	Edition     int               `json:"edition"`              // of procedure and form
	Field       string            `json:"field,omitempty"`      // of work
	Restricted  bool              `json:"restricted,omitempty"` // the procedure is of restricted access
	Confides    bool              `json:"confides,omitempty"`   // an answer or paper is marked confidential
	Case        string            `json:"case"`
	Channel     procedure.Channel `json:"channel"`
	Return      procedure.Channel `json:"return"`
	Reception   agency.ID         `json:"reception"`
	Competent   agency.ID         `json:"competent"`
	Home        agency.ID         `json:"home,omitempty"`    // received regardless of boundary: the competent agency's own one-stop
	Support     agency.ID         `json:"support,omitempty"` // where somebody helped to file on line
	Applicant   Applicant         `json:"applicant"`
	Submitter   *Applicant        `json:"submitter,omitempty"`
	Provisional string            `json:"provisional,omitempty"` // number under which it was received on paper
	Consents    []Consent         `json:"consents,omitempty"`    // who else confirmed their part
	Answers     form.Answers      `json:"answers"`
	Documents   []Document        `json:"documents,omitempty"`
	ToCheck     []string          `json:"to_check"` // components that reception checks, as the answers have it
	Fees        []procedure.Due   `json:"fees,omitempty"`
}

func (Submitted) kind() string { return "submitted" }

func (e Submitted) apply(s *State, r Record) {
	s.Code, s.Secret, s.Account = e.Code, e.Secret, e.Account
	s.SentAt = r.At
	e.Matter.apply(s)
	if e.Answer != nil {
		s.StepDue = e.Answer.By
	}
}

// apply makes the dossier one that was filed so and is to be received.
func (e Matter) apply(s *State) {
	s.Procedure, s.Edition, s.Case, s.Field, s.Restricted = e.Procedure, e.Edition, e.Case, e.Field, e.Restricted
	s.Confidential = e.Confides
	s.Channel, s.Return, s.Reception, s.Competent, s.Home, s.Support = e.Channel, e.Return, e.Reception, e.Competent, e.Home, e.Support
	s.Provisional = e.Provisional
	s.Applicant, s.Submitter, s.Documents, s.ToCheck = e.Applicant, e.Submitter, e.Documents, e.ToCheck
	s.Fees = nil
	for _, d := range e.Fees {
		s.Fees = append(s.Fees, Fee{Due: d})
	}
	s.Phase = Filed
	s.Move = Move{Step: receptionStep, Role: workflow.Clerk, At: e.Reception, Work: ToReceive, Progress: 5}
}

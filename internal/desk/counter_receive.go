// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// A clerk fills in on one page who asks, what is asked and which papers were
// handed in. Names that a form may use have no hyphen: those of the page's own
// questions do.
const (
	placeGroup     = "tiep-nhan"
	applicantGroup = "nguoi-de-nghi"
	submitterGroup = "nguoi-nop-thay"
	outageGroup    = "gian-doan"
	tickName       = "giay-"   // the paper is there, complete and valid
	copiesName     = "so-ban-" // how many copies
	fileName       = "tep-"    // a scan
	keptName       = "tep-co-" // a scan that was sent before: its id and name
)

// counting is a filing at the counter that is being written.
type counting struct {
	*visit
	e      *procedure.Edition
	c      *procedure.Case
	values url.Values
	filing dossier.Filing
	place  map[string]any
	people map[string]map[string]any // applicant and submitter, by group
	kept   map[string][]keptFile     // scans by component
	scans  map[string]string         // digests of the scans of this very form, by what it holds of them
	failed map[string]refusal.Field  // what is wrong with a paper, by component
	broken map[int]refusal.Field     // the same by number of the paper in the filing
	params map[string]any            // of reception
	booked map[string]any            // the number and time of what was received on paper
	*again
}

// keptFile is a scan that is stored already.
type keptFile struct {
	ID, Name string
	Scan     document.Scan // "" while nothing keeps it from being opened
}

// Value is what the form holds of it.
func (f keptFile) Value() string { return f.ID + " " + f.Name }

type receivePage struct {
	web.Page
	Code, Known string
	Key         string
	Place       []form.Control
	Applicant   []form.Control
	Submitter   []form.Control
	Pages       []pageView
	Papers      []paperAsked
	Note        string
	Limit       string
	Fees        []fact
	Declaration string
	Action, Do  string // where the page goes, and what its button says
	Version     int
	Booked      []form.Control // of what was received on paper in an outage
	Whole       bool           // the applicant and the place are asked too
	Mend        []form.Control
	Others      []choice // procedures to choose from, if the wrong one was picked
	Lacks       []fact
}

type pageView struct {
	ID, Title, Help, When string
	Hidden                bool
	Controls              []form.Control
}

// paperAsked is a paper the law asks for, as the clerk ticks it.
type paperAsked struct {
	ID, Name, Model, When, Accept string
	Originals                     int
	Copies                        string
	Optional, Hidden              bool
	EForm, Show, Ticked           bool
	Files                         []keptFile
	Wrong                         []string
}

// askCounter shows the empty page.
func askCounter(v *visit) error {
	x, err := v.counting()
	if err != nil {
		return err
	}
	x.read(url.Values{})
	return x.ask(nil, http.StatusOK)
}

// receiveCounter files and receives in one transaction; or it lays the page out
// again, with an item more or less, or with what is wrong.
func receiveCounter(v *visit) error {
	x, err := v.counting()
	if err != nil {
		return err
	}
	key, laid, err := x.sent()
	if laid || err != nil {
		return err
	}
	if x.filing.Support != "" { // the one-stop that is competent receives it
		s, err := v.Book.Submit(v.R.Context(), v.who, x.filing, key)
		if err == nil {
			return v.Redirect(say(dossierPath(s.Code, "")+"?xem=submission", "assist", s.Code))
		}
		return x.refuse(err)
	}
	s, err := v.Book.ReceiveAtCounter(v.R.Context(), v.who, x.filing, x.params, key)
	if err == nil {
		return v.Redirect(say(dossierPath(s.Code, "")+"?xem=receipt", "counter", s.Code))
	}
	return x.refuse(err)
}

// sent reads the page that was sent, and its key for the act; laid is true when it was
// laid out again instead.
func (x *counting) sent() (key *dossier.Key, laid bool, err error) {
	if err := x.readBody(); err != nil {
		return nil, false, err
	}
	if laid, err := x.relaid(); laid || err != nil {
		return nil, laid, err
	}
	key, err = x.key("", x.typed())
	return key, false, err
}

// relaid reads what was typed, and lays the page out again if that was asked
// for: with an item more or less, or with what the answers so far make of it.
func (x *counting) relaid() (bool, error) {
	add, remove := x.values.Get("add"), x.values.Get("remove")
	x.read(x.values)
	switch {
	case add != "":
		form.AddItem(x.fields(), x.filing.Answers, add)
	case remove != "":
		form.RemoveItem(x.fields(), x.filing.Answers, remove)
	case x.values.Get("then") == "update":
		fillBlank(x.filing.Answers, form.Prefill(x.e.Form, x.known()))
	default:
		form.Prune(x.fields(), x.filing.Answers)
		return false, nil
	}
	return true, x.ask(nil, http.StatusOK)
}

// counting opens the procedure of the address, for a clerk of a place that
// receives it.
func (v *visit) counting() (*counting, error) {
	e, err := v.Catalogue.Show(v.R.Context(), v.R.PathValue("procedure"), calendar.DateOf(v.Now()))
	if err != nil {
		return nil, err
	}
	if len(v.counters(e)) == 0 {
		return nil, refusal.New(refusal.NotAllowed, "dossier.submit.clerks_only")
	}
	return v.countingOf(e), nil
}

func (v *visit) countingOf(e *procedure.Edition) *counting {
	return &counting{visit: v, e: e, kept: map[string][]keptFile{}, scans: map[string]string{}, failed: map[string]refusal.Field{}, broken: map[int]refusal.Field{}}
}

// read makes a filing of what was typed; what was not typed starts as usual at
// a counter.
func (x *counting) read(values url.Values) {
	x.values = values
	x.place = x.group(x.placeFields(), placeGroup, values)
	x.people = map[string]map[string]any{
		applicantGroup: x.group(personFields(false), applicantGroup, values), submitterGroup: x.group(personFields(true), submitterGroup, values)}
	text := func(name string) string { s, _ := x.place[name].(string); return s }
	x.c = x.e.Facts.Case(text("case"))
	if x.c == nil {
		x.c = x.e.Facts.Case("")
	}
	f := &x.filing
	if x.again != nil {
		x.readAgain(values)
	}
	x.booked, _ = form.FromValues([]form.Field{{ID: outageGroup, Type: form.Group, Fields: bookFields()}}, values)[outageGroup].(map[string]any)
	f.Provisional, f.ReceivedAt = "", time.Time{}
	clean, _ := form.CheckFields(bookFields(), x.booked, "", x.Now())
	typed := func(id string) string { s, _ := clean[id].(string); return s }
	f.Provisional, f.ReceivedAt = typed("number"), instantOf(typed("day"), typed("time"))
	f.Procedure, f.Case, f.Channel, f.Return = x.e.Facts.Code, text("case"), procedure.Channel(text("channel")), procedure.Channel(text("return"))
	f.Agency, f.At, f.Support = x.agencyNamed(text("agency")), "", ""
	if f.Channel == procedure.Online {
		f.Support = x.counter()
	} else if f.Agency != "" && x.elsewhere(f.Agency) && f.Agency == agency.ID(text("agency")) {
		f.At = x.counter()
	}
	f.Applicant = personOf(x.people[applicantGroup])
	if s := personOf(x.people[submitterGroup]); s.Name+s.IDNumber+s.Phone+s.Email+s.Address+s.BirthDate != "" {
		f.Submitter = &s
	}
	f.Answers = form.FromValues(x.fields(), values)
	for name, list := range values {
		if component, ok := strings.CutPrefix(name, keptName); ok {
			for _, s := range list {
				if id, shown, _ := strings.Cut(s, " "); id != "" {
					x.kept[component] = append(x.kept[component], keptFile{ID: id, Name: shown})
				}
			}
		}
	}
	x.readPapers()
}

// group reads one group of the page's own questions.
func (x *counting) group(fields []form.Field, id string, values url.Values) map[string]any {
	g, _ := form.FromValues([]form.Field{{ID: id, Type: form.Group, Fields: fields}}, values)[id].(map[string]any)
	start := map[string]any{}
	switch id {
	case placeGroup:
		start = map[string]any{"channel": string(procedure.Counter), "case": x.e.Facts.Cases[0].ID, "return": string(usualReturn(x.e)), "agency": ""}
		if places := x.counters(x.e); len(places) > 0 {
			start["agency"] = string(places[0].Competent)
		}
	default:
		start["kind"] = "citizen"
	}
	for name, v := range start {
		if _, sent := g[name]; !sent {
			g[name] = v
		}
	}
	return g
}

// usualReturn is at the counter, where the procedure allows that.
func usualReturn(e *procedure.Edition) procedure.Channel {
	if slices.Contains(e.Facts.Returns, procedure.Counter) {
		return procedure.Counter
	}
	return e.Facts.Returns[0]
}

// readPapers makes the papers of the filing, and what reception found complete.
func (x *counting) readPapers() {
	ticked := []any{}
	for _, k := range x.c.Asked(x.scope()) {
		p := dossier.Paper{Component: k.ID, Copies: k.Copies}
		if s := strings.TrimSpace(x.values.Get(copiesName + k.ID)); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 || n > 999 {
				x.failed[k.ID] = refusal.At("/"+copiesName+k.ID, "form.integer", "label", k.Name)
			}
			p.Copies = n
		}
		there := x.values.Get(tickName+k.ID) != ""
		if there {
			ticked = append(ticked, k.ID)
		}
		if wrong, failed := x.failed[k.ID]; failed {
			x.broken[len(x.filing.Documents)] = wrong
			p.File = "?" // no such file: the book refuses the paper along with all else
			x.filing.Documents = append(x.filing.Documents, p)
			continue
		}
		for _, file := range x.kept[k.ID] {
			p.File = file.ID
			x.filing.Documents = append(x.filing.Documents, p)
			p.Copies = 0 // counted once
		}
		if there && len(x.kept[k.ID]) == 0 && x.filing.Channel != procedure.Online {
			x.filing.Documents = append(x.filing.Documents, p)
		}
	}
	x.params = map[string]any{"components": ticked, "note": x.values.Get("ghi-chu")}
}

func (x *counting) facts() map[string]string {
	return procedure.FactsOf(x.c.ID, x.filing.Channel, x.filing.Applicant.Kind)
}

func (x *counting) scope() form.Scope {
	return form.Scope{Answers: x.e.Form.Counted(x.filing.Answers, x.facts()), Facts: x.facts()}
}

// fields are all questions of the form.
func (x *counting) fields() []form.Field {
	var all []form.Field
	for i := range x.e.Form.Pages {
		all = append(all, x.e.Form.Pages[i].Fields...)
	}
	return all
}

// known is what the applicant's data answer of the form.
func (x *counting) known() map[string]string {
	a := x.filing.Applicant
	known := map[string]string{"name": a.Name, "id_number": a.IDNumber, "birth_date": a.BirthDate, "phone": a.Phone, "email": a.Email, "address": a.Address}
	if a.Kind != "citizen" {
		known = map[string]string{"org_name": a.Name, "org_code": a.IDNumber, "phone": a.Phone, "email": a.Email, "address": a.Address}
	}
	return known
}

// ask lays the page out with what was typed and what is wrong.
func (x *counting) ask(e *refusal.Error, status int) error {
	p := receivePage{Page: x.page(x.e.Facts.Name.In(x.Lang)), Code: x.e.Facts.Code, Note: x.values.Get("ghi-chu"), Key: x.values.Get("key"), Declaration: x.e.Form.Declaration.In(x.Lang)}
	p.Back = x.atCounter("/mot-cua/tiep-nhan")
	if p.Key == "" {
		p.Key = newKey()
	}
	var wrong []refusal.Field
	if e != nil {
		said := *e
		said.Fields = x.placed(e.Fields)
		wrong = said.Fields
		p.Refuse(&said, "")
	}
	p.Action, p.Do, p.Whole = x.atCounter("/mot-cua/tiep-nhan/"+p.Code), x.T("desk.counter.receive"), true
	if x.again == nil && len(x.Site.Outages()) > 0 {
		g := []form.Field{{ID: outageGroup, Type: form.Group, Fields: bookFields()}}
		p.Booked = form.Controls(g, form.Answers{outageGroup: x.booked}, form.Scope{}, "", wrong, x.Lang)[0].Fields
	}
	group := func(id string, fields []form.Field, answers map[string]any) []form.Control {
		g := []form.Field{{ID: id, Type: form.Group, Fields: fields}}
		return form.Controls(g, form.Answers{id: answers}, form.Scope{Answers: form.Answers{id: answers}}, "", wrong, x.Lang)[0].Fields
	}
	p.Place = group(placeGroup, x.placeFields(), x.place)
	p.Applicant = group(applicantGroup, personFields(false), x.people[applicantGroup])
	p.Submitter = group(submitterGroup, personFields(true), x.people[submitterGroup])
	for i := range x.e.Form.Pages {
		q := &x.e.Form.Pages[i]
		p.Pages = append(p.Pages, pageView{ID: q.ID, Title: q.Title.In(x.Lang), Help: q.Help.In(x.Lang), When: whenText(q.When), Hidden: !q.When.Holds(x.scope()),
			Controls: form.Controls(q.Fields, x.filing.Answers, x.scope(), "", wrong, x.Lang)})
	}
	if err := x.scanned(); err != nil {
		return err
	}
	for i := range x.c.Components {
		p.Papers = append(p.Papers, x.paperAsked(&x.c.Components[i], wrong))
	}
	facts, err := json.Marshal(x.facts())
	if err != nil {
		return err
	}
	p.Known = string(facts)
	if l, ok := x.c.LimitOn(x.filing.Channel); ok {
		p.Limit = dossier.LimitWords(l, x.Lang)
	}
	for _, due := range x.c.FeesDue(x.filing.Channel, x.scope()) {
		p.Fees = append(p.Fees, fact{due.Name.In(x.Lang), web.Money(x.Lang, due.Amount)})
	}
	if x.again != nil {
		x.askedAgain(&p, func() []form.Control { return group(mendGroup, mendFields(), x.mend) })
	}
	p.Stead = strings.TrimSpace(p.Stead + " " + x.helping())
	return x.Render(status, "counter_receive", p)
}

// scanned says of the scans that were sent what the virus scanner says of them.
func (x *counting) scanned() error {
	var ids []string
	for _, files := range x.kept {
		for _, f := range files {
			ids = append(ids, f.ID)
		}
	}
	closed, err := x.Book.ScansOf(x.R.Context(), ids...)
	for _, files := range x.kept {
		for i := range files {
			files[i].Scan = closed[files[i].ID]
		}
	}
	return err
}

// helping says for whom the clerk fills the page in.
func (x *counting) helping() string {
	if name := x.filing.Applicant.Name; name != "" {
		return x.T("desk.counter.for", "name", name)
	}
	return x.T("desk.counter.for_somebody")
}

func whenText(w *form.When) string {
	if w == nil {
		return ""
	}
	b, _ := json.Marshal(w)
	return string(b)
}

func (x *counting) paperAsked(k *procedure.Component, wrong []refusal.Field) paperAsked {
	a := paperAsked{ID: k.ID, Name: k.Name.In(x.Lang), Model: k.Model, When: whenText(k.When), Accept: "." + strings.Join(k.Kinds(), ",."), Originals: k.Originals,
		Copies: x.values.Get(copiesName + k.ID), Optional: k.Optional, Hidden: !k.When.Holds(x.scope()), EForm: k.EForm, Show: k.Show,
		Ticked: x.values.Get(tickName+k.ID) != "", Files: x.kept[k.ID]}
	if a.Copies == "" {
		a.Copies = strconv.Itoa(k.Copies)
	}
	for _, f := range wrong {
		if f.Pointer == "/"+tickName+k.ID || f.Pointer == "/"+copiesName+k.ID || f.Pointer == "/"+fileName+k.ID {
			a.Wrong = append(a.Wrong, web.FieldSentence(x.Lang, f))
		}
	}
	return a
}

// placed moves what the book found wrong to where the page asks for it.
func (x *counting) placed(fields []refusal.Field) []refusal.Field {
	var list []refusal.Field
	for _, f := range fields {
		first, rest, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		switch first {
		case "answers":
			f.Pointer = "/" + rest
		case "applicant":
			f = labelled(f, applicantGroup, rest)
		case "submitter":
			f = labelled(f, submitterGroup, rest)
		case "at":
			f.Pointer = "/" + placeGroup + "/agency"
		case "case", "agency", "channel":
			f.Pointer = "/" + placeGroup + "/" + first
		case "return_channel":
			f.Pointer = "/" + placeGroup + "/return"
		case "provisional":
			f.Pointer = "/" + outageGroup + "/number"
		case "reason":
			f.Pointer = "/" + mendGroup + "/reason"
		case "received_at":
			if f.Pointer = "/" + mendGroup + "/time"; x.again == nil {
				f.Pointer = "/" + outageGroup + "/day"
			}
		case "components":
			f.Pointer = "/" + tickName + x.componentNamed(f.Args["component"])
		case "documents":
			f = x.placedPaper(f, rest)
		default:
			f.Pointer = ""
		}
		list = append(list, f)
	}
	return list
}

// labelled names the question of a person that is wrong as the page asks it.
func labelled(f refusal.Field, group, id string) refusal.Field {
	f.Pointer = "/" + group + "/" + id
	for _, q := range personFields(false) {
		if q.ID == id {
			f.Args = maps.Clone(f.Args)
			f.Args["label"] = q.Label
		}
	}
	return f
}

func (x *counting) placedPaper(f refusal.Field, rest string) refusal.Field {
	number, _, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(number)
	if err != nil || i >= len(x.filing.Documents) {
		f.Pointer = ""
		return f
	}
	if own, ok := x.broken[i]; ok {
		return own
	}
	f.Pointer = "/" + tickName + x.filing.Documents[i].Component
	return f
}

func (x *counting) componentNamed(name any) string {
	for _, k := range x.c.Components {
		if k.Name == name {
			return k.ID
		}
	}
	return ""
}

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"
	"strings"

	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type checkPage struct {
	draftPage
	Sections     []section
	Papers       []paperAsked
	Return       string
	Applicant    dossier.Applicant
	Submitter    *dossier.Applicant
	Fees         []dueFee
	FeeNotes     []feeView // what cannot be reckoned here
	Total        int64
	Limit        string
	LimitNote    string
	Due          string // if it were received now
	Presence     string
	Rise         *web.Refusal // how to sign in more surely, where that is needed
	Declaration  string
	WrongDeclare string
	Ready        bool
	Note         string // of a supplement
	Lacks        []lack
}

// section is a page of the form with its answers.
type section struct {
	Title, Href string
	Blocks      []block
}

// block is answers that stand together, under the name of their group.
type block struct {
	Title string
	Items []form.Answered
}

// blocks cuts answers into those that stand together, in the order of the form.
func blocks(title string, items []form.Answered) []block {
	list := []block{{Title: title}}
	for _, a := range items {
		switch last := &list[len(list)-1]; {
		case a.Group:
			name := a.Label
			if title != "" {
				name = title + " – " + a.Label
			}
			list = append(append(list, blocks(name, a.Items)...), block{})
		default:
			last.Items = append(last.Items, a)
		}
	}
	return slices.DeleteFunc(list, func(b block) bool { return len(b.Items) == 0 })
}

type dueFee struct {
	Name   string
	Amount int64
}

// lack is what keeps the draft from being sent, with where to mend it.
type lack struct{ Href, Part, Sentence string }

// checkDraft shows all that would be sent, what it costs, how long it takes,
// and what is still wrong.
var checkDraft = drafted(func(v *drafting) error { return v.check(nil, http.StatusOK) })

func (v *drafting) check(refused *refusal.Error, status int) error {
	f := &v.d.Filing
	p := checkPage{draftPage: v.draftPage(v.T("portal.check.title")), Return: v.T("return." + string(f.Return)), Applicant: f.Applicant, Submitter: f.Submitter, Declaration: v.form.Declaration.In(v.Lang), Note: v.R.PostForm.Get("note")}
	p.Back = v.path("")
	shown := v.pages()
	for _, a := range v.form.Shown(f.Answers, v.facts(), v.Lang) {
		if !slices.ContainsFunc(shown, func(q *form.Page) bool { return q.ID == a.Page }) {
			continue
		}
		p.Sections = append(p.Sections, section{a.Label, v.path("trang/"+a.Page) + "?tu=" + checkPart, blocks("", a.Items)})
	}
	var err error
	if p.Papers, _, err = v.papersAsked(nil); err != nil {
		return err
	}
	v.cost(&p)
	if low := refusal.As(v.who.Reaches(v.edition)); low != nil {
		p.Rise = &web.Refusal{Sentence: web.Sentence(v.Lang, low), Basis: low.Basis, Next: toRise(low, v.path(checkPart))}
	}
	if v.edition.Facts.Online.Level == "partial" {
		p.Presence = v.T(partialWhy[v.edition.Facts.Online.Reason])
	}
	wrong := v.wrong()
	if v.d.For == "" {
		_, asked, err := v.Book.Consents(v.R.Context(), v.who, v.d.ID)
		if err != nil {
			return err
		}
		wrong = append(wrong, asked...)
	}
	p.Lacks = v.lacks(wrong)
	if refused != nil {
		v.sayRefused(&p, refused)
	}
	p.Ready = len(p.Lacks) == 0
	return v.Render(status, "draft_check", p)
}

// sayRefused puts a refusal on top, with its fields as links to their parts.
func (v *drafting) sayRefused(p *checkPage, refused *refusal.Error) {
	p.Refuse(refused, "")
	p.Page.Refusal.Next = v.T("portal.check.refused_next")
	for _, f := range refused.Fields {
		if f.Pointer == "/declare" {
			p.WrongDeclare = p.Wrong(f)
			return
		}
	}
	p.Page.Refusal.Fields = nil // listed below with links to where they are mended
	if len(refused.Fields) > 0 {
		p.Lacks = v.lacks(refused.Fields)
	}
	if len(p.Lacks) > 0 {
		p.Page.Refusal.Fields = []web.WrongField{{ID: "lacks", Sentence: v.T("portal.check.lacks_link", "n", len(p.Lacks))}}
	}
}

// cost says what is to be paid and how long the law allows.
func (v *drafting) cost(p *checkPage) {
	channel := v.d.Filing.Channel
	answers, _ := v.form.Check(v.d.Filing.Answers, v.facts(), v.now())
	scope := form.Scope{Answers: answers, Facts: v.facts()}
	for _, due := range v.part.FeesDue(channel, scope) {
		p.Fees = append(p.Fees, dueFee{due.Name.In(v.Lang), due.Amount})
		p.Total += due.Amount
	}
	for _, fee := range v.part.Fees {
		if fee.State != procedure.Amount && (fee.Channel == "" || fee.Channel == channel) && fee.When.Holds(scope) {
			p.FeeNotes = append(p.FeeNotes, feeView{Name: fee.Name.In(v.Lang), Amount: v.feeWords(fee), Note: fee.Note.In(v.Lang)})
		}
	}
	limit, ok := v.part.LimitOn(channel)
	if !ok {
		return
	}
	p.Limit = dossier.LimitWords(limit, v.Lang)
	hours := ""
	if a := v.Site.Directory().Find(v.d.Filing.Agency); a != nil {
		hours = a.Hours
	}
	// An estimate: it is left out where the calendar cannot give it.
	if _, cal, err := v.Site.Calendar(hours); err == nil {
		if due, err := cal.Due(v.now(), limit, v.edition.Facts.Elapsed, nil); err == nil {
			p.Due = web.Instant(v.Lang, due)
		}
	}
}

// wrong lists all that would be refused, by the pointers that sending uses.
func (v *drafting) wrong() []refusal.Field {
	var all []refusal.Field
	if v.d.For == "" {
		for _, f := range v.wrongApplicant() {
			f.Pointer = "/applicant" + f.Pointer
			all = append(all, f)
		}
	}
	_, wrong := v.form.Check(v.d.Filing.Answers, v.facts(), v.now())
	all = append(all, wrong...)
	for _, k := range v.asked() {
		if k.Uploads() && !k.Optional && v.filesOf(k.ID) == 0 && !v.had(k.ID) {
			all = append(all, refusal.At("/documents", "dossier.component.missing", "component", k.Name, "id", k.ID))
		}
	}
	return all
}

// lacks leads each wrong field to the part where it is mended.
func (v *drafting) lacks(fields []refusal.Field) []lack {
	var list []lack
	for _, f := range fields {
		l := lack{Sentence: web.FieldSentence(v.Lang, f)}
		first, rest, _ := strings.Cut(strings.Trim(f.Pointer, "/"), "/")
		id := strings.ReplaceAll(rest, "/", "-")
		switch first {
		case "answers":
			question, _, _ := strings.Cut(rest, "/")
			page := v.pageOf(question)
			if page == nil {
				l.Href, l.Part = v.path(""), v.T("portal.draft.tasks")
				break
			}
			l.Href, l.Part = v.path("trang/"+page.ID)+"?tu="+checkPart+"#"+id, page.Title.In(v.Lang)
		case "applicant", "submitter":
			l.Href, l.Part = v.path(applicantPart)+"?tu="+checkPart+"#"+id, v.T("portal.applicant.title")
		case "documents":
			l.Href, l.Part = v.path(papersPart)+"?tu="+checkPart, v.T("portal.papers.title")
			if component, ok := f.Args["id"].(string); ok {
				l.Href += "#" + inputOf(component)
			}
		case "invitations":
			l.Href, l.Part = v.path(invitePart), v.T("portal.invite.title")
		case "return_channel":
			l.Href, l.Part = v.path(returnPart)+"?tu="+checkPart, v.T("portal.return.title")
		default:
			l.Href, l.Part = "/thu-tuc/"+v.edition.Facts.Code, v.edition.Facts.Name.In(v.Lang)
		}
		list = append(list, l)
	}
	return list
}

func (v *drafting) pageOf(question string) *form.Page {
	for i := range v.form.Pages {
		p := &v.form.Pages[i]
		if slices.ContainsFunc(p.Fields, func(q form.Field) bool { return q.ID == question }) {
			return p
		}
	}
	return nil
}

// sendDraft files the draft; sent twice, it is the same dossier.
func sendDraft(v *visit) error {
	d, err := v.Book.Draft(v.R.Context(), v.who, v.R.PathValue("draft"))
	if err != nil {
		return err
	}
	if d.Code != "" {
		return v.Redirect(sentPath(d.Code))
	}
	x := &drafting{visit: v}
	if err := x.take(d); err != nil {
		return err
	}
	if len(x.wrong()) == 0 && v.R.PostForm.Get("declare") != "yes" {
		return x.check(refusal.As(refusal.Fields("request.invalid", []refusal.Field{refusal.At("/declare", "portal.check.declare_missing")})), http.StatusUnprocessableEntity)
	}
	if d.For != "" {
		return x.sendSupplement()
	}
	s, err := x.send(d.Filing.Applicant)
	if e := refusal.As(err); e != nil && e.Kind != refusal.Unavailable && e.Kind != refusal.NotFound {
		if e.Key == dossier.LevelLow {
			return v.Redirect(toRise(e, x.path(checkPart)))
		}
		return x.check(e, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return v.Redirect(sentPath(s.Code))
}

// send files the draft as it was checked: for the applicant as the account
// knows the person now, without files that are not asked for any more.
func (v *drafting) send(kept dossier.Applicant) (s dossier.State, err error) {
	asked := v.asked()
	rest := func(p dossier.Paper) bool {
		return !slices.ContainsFunc(asked, func(k procedure.Component) bool { return k.ID == p.Component })
	}
	if applicant := v.d.Filing.Applicant; applicant != kept || slices.ContainsFunc(v.d.Filing.Documents, rest) {
		_, err := v.Book.Edit(v.R.Context(), v.who, v.d.ID, func(d *dossier.Draft) error {
			d.Filing.Applicant = applicant
			d.Filing.Documents = slices.DeleteFunc(d.Filing.Documents, rest)
			return nil
		})
		if err != nil && !refusal.Is(err, refusal.Conflict) {
			return s, err
		}
	}
	return v.Book.Send(v.R.Context(), v.who, v.d.ID)
}

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// drafting is a visit to a draft, with the law that it is written against.
type drafting struct {
	*visit
	d       dossier.Draft
	edition *procedure.Edition
	form    *form.Form
	part    *procedure.Case
	before  []dossier.Document // papers of the dossier that is completed
}

// drafted makes a handler of one that works on the draft of the address; a
// draft that was sent leads to its dossier.
func drafted(h func(v *drafting) error) handler {
	return func(v *visit) error {
		d, err := v.Book.Draft(v.R.Context(), v.who, v.R.PathValue("draft"))
		if err != nil {
			return err
		}
		if d.Code != "" {
			return v.Redirect(dossierPath(d.Code))
		}
		x := &drafting{visit: v}
		if err := x.take(d); err != nil {
			return err
		}
		return h(x)
	}
}

func (v *drafting) take(d dossier.Draft) error {
	e, err := v.Book.Form(v.R.Context(), d)
	if err != nil {
		return err
	}
	v.d, v.edition, v.form = d, e, e.Form
	if v.part = e.Facts.Case(d.Filing.Case); v.part == nil {
		return refusal.New(refusal.NotNow, "dossier.case.unknown")
	}
	if d.For != "" {
		s, err := v.Book.Find(v.R.Context(), v.who, d.For)
		if err != nil {
			return err
		}
		v.before = s.Documents
		return nil
	}
	if d.Filing.Submitter == nil {
		v.d.Filing.Applicant = v.who.Person // as the account knows the person now
	}
	return nil
}

// edit changes the draft and takes up what became of it.
func (v *drafting) edit(change func(d *dossier.Draft)) error {
	d, err := v.Book.Edit(v.R.Context(), v.who, v.d.ID, func(d *dossier.Draft) error {
		if d.Filing.Answers == nil {
			d.Filing.Answers = form.Answers{}
		}
		change(d)
		return nil
	})
	if err != nil {
		return err
	}
	return v.take(d)
}

func (v *drafting) facts() map[string]string {
	return procedure.FactsOf(v.part.ID, v.d.Filing.Channel, v.d.Filing.Applicant.Kind)
}

func (v *drafting) scope() form.Scope {
	return form.Scope{Answers: v.form.Counted(v.d.Filing.Answers, v.facts()), Facts: v.facts()}
}

// path is the address of the draft, or of a part of it.
func (v *drafting) path(part string) string {
	if part == "" {
		return "/ho-so/nhap/" + v.d.ID
	}
	return "/ho-so/nhap/" + v.d.ID + "/" + part
}

// asked lists the papers that the answers so far ask for.
func (v *drafting) asked() []procedure.Component {
	return v.d.Lacking(v.part.Asked(v.scope()), v.had)
}

// had is true if the dossier that is completed has a paper for a component.
func (v *drafting) had(component string) bool {
	return slices.ContainsFunc(v.before, func(x dossier.Document) bool { return x.Component == component })
}

// pages lists the pages of the form that are asked: of a supplement those with
// an answer that was asked for, or that is wrong now.
func (v *drafting) pages() []*form.Page {
	all := v.form.Visible(v.d.Filing.Answers, v.facts())
	if v.d.For == "" {
		return all
	}
	return slices.DeleteFunc(all, func(p *form.Page) bool {
		if len(v.lacksOn(p)) > 0 {
			return false
		}
		_, wrong := v.form.CheckPage(p.ID, v.d.Filing.Answers, v.facts(), v.now())
		return len(wrong) == 0
	})
}

// lacksOn are the things to be mended on a page of the form.
func (v *drafting) lacksOn(p *form.Page) []string {
	var list []string
	for _, l := range v.d.Lacks {
		if slices.ContainsFunc(p.Fields, func(q form.Field) bool { return q.ID == l.Question }) {
			list = append(list, dossier.LackName(v.edition, v.part.ID, l).In(v.Lang)+": "+l.Text)
		}
	}
	return list
}

// lacksOf are the things to be mended of a paper.
func (v *drafting) lacksOf(component string) []string {
	var list []string
	for _, l := range v.d.Lacks {
		if l.Component == component {
			list = append(list, l.Text)
		}
	}
	return list
}

// task is a part of the draft with how far it is.
type task struct {
	Path, Title string
	State       string // done, started, untouched, optional, depends (on the answers)
	Word        string
}

// The parts of a draft beside the pages of its form.
const (
	applicantPart = "nguoi-nop"
	papersPart    = "giay-to"
	returnPart    = "nhan-ket-qua"
	checkPart     = "kiem-tra"
)

// tasks lists the parts of the draft in their order.
func (v *drafting) tasks() []task {
	var list []task
	if v.d.For == "" {
		list = append(list, v.task(applicantPart, v.T("portal.applicant.title"), v.stateOf(applicantPart, len(v.wrongApplicant()) == 0, false)))
	}
	for _, page := range v.pages() {
		_, wrong := v.form.CheckPage(page.ID, v.d.Filing.Answers, v.facts(), v.now())
		list = append(list, v.task("trang/"+page.ID, page.Title.In(v.Lang), v.stateOf(page.ID, len(wrong) == 0, true)))
	}
	if needed, given := v.uploads(); slices.ContainsFunc(v.part.Components, mayUpload) && (v.d.For == "" || len(v.asked()) > 0) {
		state := "untouched"
		switch {
		case !slices.ContainsFunc(v.asked(), mayUpload):
			state = "depends"
		case needed == 0 && given == 0:
			state = "optional"
		case needed == 0:
			state = "done"
		case given > 0:
			state = "started"
		}
		list = append(list, v.task(papersPart, v.T("portal.papers.title"), state))
	}
	if v.d.For != "" {
		return list
	}
	return append(list, v.task(returnPart, v.T("portal.return.title"), v.stateOf(returnPart, true, true)))
}

func (v *drafting) task(part, title, state string) task {
	return task{Path: v.path(part), Title: title, State: state, Word: v.T("portal.task." + state)}
}

// stateOf is how far a part is; a part that must be looked at is not done
// before it was sent once, even if what it asks was filled in beforehand.
func (v *drafting) stateOf(part string, right, look bool) string {
	seen := slices.Contains(v.d.Seen, part)
	switch {
	case right && (seen || !look):
		return "done"
	case seen:
		return "started"
	}
	return "untouched"
}

func mayUpload(k procedure.Component) bool { return k.Uploads() }

// uploads counts the papers that are still needed, and the files given.
func (v *drafting) uploads() (needed, given int) {
	for _, k := range v.asked() {
		n := v.filesOf(k.ID)
		given += n
		if n == 0 && k.Uploads() && !k.Optional && !v.had(k.ID) {
			needed++
		}
	}
	return needed, given
}

func (v *drafting) filesOf(component string) int {
	n := 0
	for _, p := range v.d.Filing.Documents {
		if p.Component == component {
			n++
		}
	}
	return n
}

// next is the part after one, the check after the last; who came from the
// check goes back to it.
func (v *drafting) next(part string) string {
	if v.R.FormValue("tu") == checkPart {
		return v.path(checkPart)
	}
	list := v.tasks()
	for i, t := range list {
		if t.Path == v.path(part) && i+1 < len(list) {
			return list[i+1].Path
		}
	}
	return v.path(checkPart)
}

// see remembers that a part was sent.
func see(d *dossier.Draft, part string) {
	if !slices.Contains(d.Seen, part) {
		d.Seen = append(d.Seen, part)
	}
}

// draftPage is what every page of a draft shows.
type draftPage struct {
	web.Page
	Procedure, Code string
	Draft           string // path
	From            string // "kiem-tra" for who came from the check
	AgencyName      string
	For             string // code of the dossier that is completed
}

func (v *drafting) draftPage(title string) draftPage {
	p := draftPage{Page: v.page(title), Procedure: v.edition.Facts.Name.In(v.Lang), Code: v.edition.Facts.Code, Draft: v.path(""), AgencyName: v.Site.Directory().Name(v.d.Filing.Agency, v.Lang)}
	p.Back, p.For = v.path(""), string(v.d.For)
	if v.R.FormValue("tu") == checkPart {
		p.From, p.Back = checkPart, v.path(checkPart)
	}
	return p
}

type draftShowPage struct {
	draftPage
	Case     string
	Tasks    []task
	Done     int
	Changed  bool // the form is of a newer edition than the draft was begun with
	SavedAt  time.Time
	NextPath string
	Lacks    []fact // what was asked for, of a supplement
}

// showDraft is the task list of a draft.
var showDraft = drafted(func(v *drafting) error {
	p := draftShowPage{draftPage: v.draftPage(v.edition.Facts.Name.In(v.Lang)), Tasks: v.tasks(), Changed: v.d.Edition != v.edition.Number, SavedAt: v.d.UpdatedAt, NextPath: v.path(checkPart)}
	p.Back = "/ho-so"
	if v.d.For != "" {
		p.Back, p.Lacks = dossierPath(v.d.For), v.lackViews()
	}
	if len(v.edition.Facts.Cases) > 1 {
		p.Case = v.part.Name.In(v.Lang)
	}
	for i := len(p.Tasks) - 1; i >= 0; i-- {
		switch p.Tasks[i].State {
		case "done":
			p.Done++
		case "untouched", "started":
			p.NextPath = p.Tasks[i].Path
		}
	}
	return v.Render(http.StatusOK, "draft_show", p)
})

// lackViews are all things that were asked for.
func (v *drafting) lackViews() []fact {
	var list []fact
	for _, l := range v.d.Lacks {
		list = append(list, fact{dossier.LackName(v.edition, v.part.ID, l).In(v.Lang), l.Text})
	}
	return list
}

// discardDraft forgets a draft.
var discardDraft = drafted(func(v *drafting) error {
	if err := v.Book.Discard(v.R.Context(), v.who, v.d.ID); err != nil {
		return err
	}
	return v.Redirect("/ho-so?da=bo")
})

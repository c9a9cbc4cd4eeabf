// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type fillPage struct {
	draftPage
	PageID   string
	Help     string
	Controls []form.Control
	Number   int // of this page among those asked, from 1
	Count    int
	Lacks    []string // to be mended here, of a supplement
	Depends  bool     // questions of it hang on others of it
	Known    string   // what conditions may ask for beside this page's answers, as JSON
}

// askPage shows one page of questions of the form.
var askPage = drafted(func(v *drafting) error {
	page, err := v.formPage(v.R.PathValue("page"))
	if err != nil {
		return err
	}
	var wrong []refusal.Field
	if v.R.FormValue("tu") == checkPart {
		_, wrong = v.form.CheckPage(page.ID, v.d.Filing.Answers, v.facts(), v.now())
	}
	return v.ask(page, wrong, http.StatusOK)
})

// formPage finds a page of the form that is asked.
func (v *drafting) formPage(id string) (*form.Page, error) {
	asked := v.pages()
	i := slices.IndexFunc(asked, func(p *form.Page) bool { return p.ID == id })
	if i < 0 {
		return nil, refusal.New(refusal.NotFound, "portal.fill.no_page")
	}
	return asked[i], nil
}

// ask lays a page of questions out, with what was typed and what is wrong.
func (v *drafting) ask(page *form.Page, wrong []refusal.Field, status int) error {
	p := fillPage{draftPage: v.draftPage(page.Title.In(v.Lang)), PageID: page.ID, Help: page.Help.In(v.Lang),
		Controls: form.Controls(page.Fields, v.d.Filing.Answers, v.scope(), "/answers", wrong, v.Lang)}
	p.Lacks = v.lacksOn(page)
	asked := v.pages()
	p.Count = len(asked)
	p.Number = 1 + slices.IndexFunc(asked, func(q *form.Page) bool { return q.ID == page.ID })
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		p.Refuse(e, "/answers")
	}
	p.Depends = depends(page.Fields)
	known, err := json.Marshal(v.known(page))
	if err != nil {
		return err
	}
	p.Known = string(known)
	return v.Render(status, "draft_fill", p)
}

// depends is true if a question is asked only while something holds.
func depends(fields []form.Field) bool {
	return slices.ContainsFunc(fields, func(q form.Field) bool { return q.When != nil || depends(q.Fields) })
}

// known is what conditions of a page may ask for that is not on it: the facts
// of the dossier, and the answers of the other pages.
func (v *drafting) known(page *form.Page) map[string]any {
	known := map[string]any{}
	for name, value := range v.facts() {
		known[name] = value
	}
	for id, answer := range v.d.Filing.Answers {
		if !slices.ContainsFunc(page.Fields, func(q form.Field) bool { return q.ID == id }) {
			known[id] = answer
		}
	}
	return known
}

// savePage keeps what was typed, whatever it is, and goes on if it is right.
var savePage = drafted(func(v *drafting) error {
	page, err := v.formPage(v.R.PathValue("page"))
	if err != nil {
		return err
	}
	add, remove := v.R.PostForm.Get("add"), v.R.PostForm.Get("remove")
	added := ""
	err = v.edit(func(d *dossier.Draft) {
		keep(page.Fields, d.Filing.Answers, v.R.PostForm)
		switch {
		case add != "":
			added = form.AddItem(page.Fields, d.Filing.Answers, add)
		case remove != "":
			form.RemoveItem(page.Fields, d.Filing.Answers, remove)
		default:
			form.Prune(page.Fields, d.Filing.Answers)
			see(d, page.ID)
		}
	})
	if err != nil {
		return err
	}
	part := "trang/" + page.ID
	switch {
	case added != "":
		return v.Redirect(v.again(part, added))
	case add != "" || remove != "":
		return v.Redirect(v.again(part, listOf(add+remove)))
	}
	switch v.R.PostForm.Get("then") {
	case "stop":
		return v.Redirect(v.path("") + "?da=luu")
	case "update":
		return v.Redirect(v.again(part, ""))
	}
	if _, wrong := v.form.CheckPage(page.ID, v.d.Filing.Answers, v.facts(), v.now()); len(wrong) > 0 {
		return v.ask(page, wrong, http.StatusUnprocessableEntity)
	}
	return v.Redirect(v.next(part))
})

// again is a part of the draft, at a question of it.
func (v *drafting) again(part, question string) string {
	to := v.path(part)
	if v.R.FormValue("tu") == checkPart {
		to += "?tu=" + checkPart
	}
	if question == "" {
		return to
	}
	return to + "#" + strings.ReplaceAll(question, ".", "-")
}

// listOf is the list that an item's prefix ("children.2.") belongs to.
func listOf(prefix string) string {
	path := strings.TrimSuffix(prefix, ".")
	if dot := strings.LastIndexByte(path, '.'); dot >= 0 && path != prefix {
		return path[:dot]
	}
	return path
}

// autosave keeps what is typed on a page while it is typed. It answers nothing,
// or a problem document.
func (p *Portal) autosave() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &drafting{visit: p.visit(w, r)}
		if err := v.keepTyped(); err != nil {
			web.Problem(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func (v *drafting) keepTyped() error {
	if err := v.recognise(); err != nil {
		return err
	}
	if v.who.Account == 0 {
		return refusal.New(refusal.NotSignedIn, "identity.not_signed_in")
	}
	if err := v.ReadForm(); err != nil {
		return err
	}
	d, err := v.Book.Draft(v.R.Context(), v.who, v.R.PathValue("draft"))
	if err != nil {
		return err
	}
	if err := v.take(d); err != nil {
		return err
	}
	page := v.form.Page(v.R.PostForm.Get("page"))
	if page == nil {
		return refusal.New(refusal.NotFound, "portal.fill.no_page")
	}
	return v.edit(func(d *dossier.Draft) { keep(page.Fields, d.Filing.Answers, v.R.PostForm) })
}

// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type viewsPage struct {
	web.Page
	Head                bool // of an agency or unit
	Open, Settled, Mine []viewItem
}

// viewItem is an officer's look into a dossier that was no task of theirs.
type viewItem struct {
	ID                            string
	At                            time.Time
	Code, Href                    string
	Who, Agency, What, Said, From string
	Settled                       *dossier.Settlement
	Own                           bool   // of who heads the agency: somebody else settles it
	Typed, Wrong                  string // of a form that was refused
}

// showViews lists for the head of an agency who looked into dossiers without a
// task, and for every officer which of their own looks were such.
func showViews(v *visit) error { return v.showViews(http.StatusOK, "", "", "") }

// showViews shows the page, with what was typed for one of the looks, and what is
// wrong with it.
func (v *visit) showViews(status int, look, typed, wrong string) error {
	p := viewsPage{Page: v.page(v.T("view.flagged")), Head: v.who.Heads()}
	p.Back = "/mot-cua"
	flagged, err := v.Book.FlaggedViews(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	mine, err := v.Book.OwnViews(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	item := func(x dossier.View) viewItem {
		i := v.viewItem(x)
		if i.ID == look {
			i.Typed, i.Wrong = typed, wrong
		}
		return i
	}
	for _, x := range flagged {
		i := item(x)
		i.Own = slices.ContainsFunc(mine, func(m dossier.View) bool { return m.Look == x.Look })
		if x.Settled == nil {
			p.Open = append(p.Open, i)
		} else {
			p.Settled = append(p.Settled, i)
		}
	}
	for _, x := range mine {
		p.Mine = append(p.Mine, item(x))
	}
	if wrong != "" {
		p.Refuse(refusal.New(refusal.Invalid, "view.say"), "")
		p.Refusal.Fields = []web.WrongField{{ID: "vi-" + look, Sentence: wrong}}
	}
	return v.Render(status, "view_show", p)
}

func (v *visit) viewItem(x dossier.View) viewItem {
	i := viewItem{ID: x.Look.String(), At: x.At, Code: string(x.Code), Who: x.Name, Agency: v.Site.Directory().Name(x.Agency, v.Lang), What: web.ViewWhat(v.Lang, x.What), Said: x.Said, From: x.Address, Settled: x.Settled}
	if i.Code != "" {
		i.Href = dossierPath(x.Code, "")
	}
	if x.Role != "" {
		i.Who += ", " + v.T("role."+string(x.Role))
	}
	return i
}

// settleView keeps what a head found of a look; explainView, why somebody looked.
func settleView(v *visit) error {
	found := v.R.PostForm.Get("ket-luan")
	return v.followView(found == "co" || found == "khong", func(look dossier.Look, text string) error {
		return v.Book.SettleView(v.R.Context(), v.who, look, found == "co", text)
	})
}

func explainView(v *visit) error {
	return v.followView(true, func(look dossier.Look, text string) error {
		return v.Book.ExplainView(v.R.Context(), v.who, look, text)
	})
}

func (v *visit) followView(known bool, keep func(dossier.Look, string) error) error {
	id, text := v.R.PostForm.Get("luot"), v.R.PostForm.Get("viet")
	look, ok := dossier.ParseLook(id)
	if !ok || !known {
		return refusal.New(refusal.NotFound, "view.no_such")
	}
	err := keep(look, text)
	if refusal.Is(err, refusal.Invalid) {
		return v.showViews(http.StatusUnprocessableEntity, id, text, web.Sentence(v.Lang, refusal.As(err)))
	}
	if err != nil {
		return err
	}
	return v.Redirect("/mot-cua/luot-xem")
}

// sayWhy keeps why an officer looks into a dossier in which they have no task.
func sayWhy(v *visit) error {
	code, ok := dossier.ParseCode(v.R.PathValue("code"))
	if !ok {
		return refusal.New(refusal.NotFound, "dossier.unknown", "code", v.R.PathValue("code"))
	}
	if _, err := v.Book.Find(v.R.Context(), v.who, code); err != nil {
		return err
	}
	said := strings.TrimSpace(v.R.PostForm.Get("ly-do"))
	if said == "" || len([]rune(said)) > 300 {
		return refusal.New(refusal.Invalid, "view.say")
	}
	v.who.Reason = said
	if _, err := v.Book.Open(v.R.Context(), v.who, code); err != nil {
		return err
	}
	return v.Redirect(dossierPath(code, "") + "?da=said_why&ma=" + string(code))
}

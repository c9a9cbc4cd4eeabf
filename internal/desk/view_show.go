// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strings"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type viewsPage struct {
	web.Page
	Head  bool // of an agency or unit
	Views []viewItem
}

// viewItem is an officer's look into a dossier that was no task of theirs.
type viewItem struct {
	At                            time.Time
	Code, Href                    string
	Who, Agency, What, Said, From string
}

// showViews lists for the head of an agency who looked into dossiers without a
// task in them.
func showViews(v *visit) error {
	list, err := v.Book.FlaggedViews(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	p := viewsPage{Page: v.page(v.T("view.flagged")), Head: v.who.Heads()}
	p.Back = "/mot-cua"
	for _, x := range list {
		i := viewItem{At: x.At, Code: string(x.Code), Href: dossierPath(x.Code, ""), Who: x.Name, Agency: v.Site.Directory().Name(x.Agency, v.Lang), What: web.ViewWhat(v.Lang, x.What), Said: x.Said, From: x.Address}
		if x.Role != "" {
			i.Who += ", " + v.T("role."+string(x.Role))
		}
		p.Views = append(p.Views, i)
	}
	return v.Render(http.StatusOK, "view_show", p)
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

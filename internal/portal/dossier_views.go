// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/web"
)

type viewsPage struct {
	web.Page
	Code  string
	Views []viewItem
}

// viewItem is an officer's look into the dossier.
type viewItem struct {
	At                     time.Time
	Who, Agency, What, Why string
	Without                bool // any task
}

// showViews lists which officers looked into a person's dossier, and why.
func showViews(v *visit) error {
	f, err := v.openOwn()
	if err != nil {
		return err
	}
	list, err := v.Book.Views(v.R.Context(), v.who, f.State.Code)
	if err != nil {
		return err
	}
	p := viewsPage{Page: v.page(v.T("view.title")), Code: string(f.State.Code)}
	p.Back = dossierPath(f.State.Code)
	for _, x := range list {
		i := viewItem{At: x.At, Who: x.Name, Agency: v.Site.Directory().Name(x.Agency, v.Lang), What: web.ViewWhat(v.Lang, x.What), Why: dossier.PurposeNames[x.Purpose].In(v.Lang), Without: x.Purpose == dossier.ForNone}
		if x.Role != "" {
			i.Who += ", " + v.T("role."+string(x.Role))
		}
		if x.Said != "" {
			i.Why += ": “" + x.Said + "”"
		}
		p.Views = append(p.Views, i)
	}
	return v.Render(http.StatusOK, "dossier_views", p)
}

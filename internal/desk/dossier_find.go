// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strings"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type findPage struct {
	web.Page
	Query      string
	Procedures []choice
	Asked      bool
	Rows       []row
	More       bool
}

// findDossiers finds dossiers by code, applicant, identity number or procedure
// among those the officer may see. A whole code leads to its dossier.
func findDossiers(v *visit) error {
	q := v.R.URL.Query()
	text, _, _ := strings.Cut(strings.TrimSpace(q.Get("q")), "|") // the code on a paper goes on behind the dossier's
	sought := dossier.Sought{Text: strings.TrimSpace(text), Procedure: q.Get("thu-tuc")}
	if code, ok := dossier.ParseCode(strings.ToUpper(sought.Text)); ok {
		_, err := v.Book.Find(v.R.Context(), v.who, code)
		if err == nil {
			return v.Redirect(dossierPath(code, ""))
		}
		if e := refusal.As(err); !refusal.Is(err, refusal.NotFound) || e.Key == dossier.DestroyedKey {
			return err
		}
	}
	p := findPage{Page: v.page(v.T("desk.find.title")), Query: sought.Text, Procedures: v.procedureChoices(sought.Procedure), Asked: sought != (dossier.Sought{})}
	p.Back = "/mot-cua"
	items, more, err := v.Book.Seek(v.R.Context(), v.who, sought, perPage)
	if err != nil {
		return err
	}
	p.More = more
	if p.Rows, err = v.rows(items, ""); err != nil {
		return err
	}
	return v.Render(http.StatusOK, "dossier_find", p)
}

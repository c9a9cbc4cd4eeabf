// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"net/url"
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
	Cleared    bool
}

// seekDossiers leads to what is looked for. A name or a number never stands in an
// address as it is: addresses are kept, by browsers and by what logs them.
func seekDossiers(v *visit) error {
	if err := v.R.ParseForm(); err != nil {
		return refusal.New(refusal.Invalid, "request.unreadable")
	}
	to := url.Values{}
	if text := strings.TrimSpace(v.R.Form.Get("q")); text != "" {
		to.Set("tim", v.Guard.Seal(text, v.who.Account))
	}
	if procedure := v.R.Form.Get("thu-tuc"); procedure != "" {
		to.Set("thu-tuc", procedure)
	}
	return v.Redirect("/mot-cua/tim?" + to.Encode())
}

// findDossiers finds dossiers by code, applicant, identity number or procedure
// among those the officer may see. A whole code leads to its dossier.
func findDossiers(v *visit) error {
	q := v.R.URL.Query()
	if q.Has("q") {
		return seekDossiers(v)
	}
	text, _ := v.Guard.Unseal(q.Get("tim"), v.who.Account)
	text, _, _ = strings.Cut(text, "|") // the code on a paper goes on behind the dossier's
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
	p := findPage{Page: v.page(v.T("desk.find.title")), Query: sought.Text, Procedures: v.procedureChoices(sought.Procedure), Asked: sought != (dossier.Sought{}), Cleared: v.who.Cleared()}
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

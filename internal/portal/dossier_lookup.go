// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/web"
)

type lookupPage struct {
	web.Page
	Code, Secret           string
	WrongCode, WrongSecret string
	Found                  *glance
	Destroyed              string // that it was
}

// glance is all that the public may know of a dossier.
type glance struct {
	Code, Status, Tag string
	Progress          int
}

// secretCookie holds the look-up secret of one dossier, for a short while and
// for the addresses of this dossier only.
const secretCookie = "lookup"

const secretFor = 30 * time.Minute

// askLookup shows the form and, with a code, how far that dossier is: nothing
// else (TT 01/2018, Điều 16).
func askLookup(v *visit) error {
	typed := v.R.URL.Query().Get("code")
	p := v.lookupPage(typed)
	if strings.TrimSpace(typed) == "" {
		return v.Render(http.StatusOK, "dossier_lookup", p)
	}
	code, ok := typedCode(typed)
	if !ok {
		return v.refuseLookup(p, refusal.At("/code", "portal.lookup.code_wrong"))
	}
	g, err := v.Book.Lookup(v.R.Context(), code)
	if destroyed(err) {
		p.Destroyed = web.Sentence(v.Lang, refusal.As(err))
		return v.Render(http.StatusOK, "dossier_lookup", p)
	}
	if refusal.Is(err, refusal.NotFound) {
		return v.refuseLookup(p, refusal.At("/code", "portal.lookup.unknown", "code", string(code)))
	}
	if err != nil {
		return err
	}
	p.Found = &glance{Code: string(g.Code), Progress: g.Progress, Status: regime.Find("").Word(regime.Status(g.Status)).In(v.Lang), Tag: "tag-open"}
	if regime.Status(g.Status) >= regime.Resolved {
		p.Found.Tag = "tag-done"
	}
	return v.Render(http.StatusOK, "dossier_lookup", p)
}

func (v *visit) lookupPage(code string) lookupPage {
	return lookupPage{Page: v.page(v.T("portal.lookup.title")), Code: code}
}

func (v *visit) refuseLookup(p lookupPage, bad ...refusal.Field) error {
	p.Refuse(refusal.As(refusal.Fields("request.invalid", bad)), "")
	p.Place(bad, map[string]*string{"/code": &p.WrongCode, "/secret": &p.WrongSecret})
	return v.Render(http.StatusUnprocessableEntity, "dossier_lookup", p)
}

// typedCode reads a code as people type it.
func typedCode(s string) (dossier.Code, bool) {
	return dossier.ParseCode(strings.ToUpper(strings.Join(strings.Fields(s), "")))
}

// lookup leads to what the public may know or, with the secret, to the dossier.
func lookup(v *visit) error {
	typed, secret := v.R.PostForm.Get("code"), strings.ToLower(strings.TrimSpace(v.R.PostForm.Get("secret")))
	p := v.lookupPage(typed)
	p.Secret = secret
	if strings.TrimSpace(typed) == "" {
		return v.refuseLookup(p, refusal.At("/code", "portal.lookup.code_missing"))
	}
	code, ok := typedCode(typed)
	if !ok {
		return v.refuseLookup(p, refusal.At("/code", "portal.lookup.code_wrong"))
	}
	if _, err := v.Book.Lookup(v.R.Context(), code); secret == "" || destroyed(err) {
		return v.Redirect("/tra-cuu?code=" + url.QueryEscape(string(code)))
	}
	_, err := v.openBySecret(code, secret)
	switch {
	case refusal.Is(err, refusal.NotFound):
		return v.refuseLookup(p, refusal.At("/secret", "portal.lookup.secret_wrong"))
	case err != nil:
		return err
	}
	http.SetCookie(v.W, &http.Cookie{Name: secretCookie, Value: secret, Path: dossierPath(code), MaxAge: int(secretFor.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: web.Secure(v.R)})
	return v.Redirect(dossierPath(code))
}

// openBySecret opens a dossier for who knows its secret, and slows down who
// guesses it.
func (v *visit) openBySecret(code dossier.Code, secret string) (dossier.File, error) {
	from := web.Address(v.R)
	if !v.Guesses.Try(string(code), from, v.Now()) {
		return dossier.File{}, refusal.New(refusal.TooMany, "portal.lookup.too_many")
	}
	f, err := v.Book.OpenBySecret(v.R.Context(), v.who, code, secret)
	if err == nil {
		v.Guesses.Right(string(code), from)
	}
	return f, err
}

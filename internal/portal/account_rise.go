// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"net/url"

	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// risePage asks who is signed in to show more surely who they are.
type risePage struct {
	web.Page
	Next         string
	Kept         *web.Kept // never: what a form held is saved before
	Need         string
	Basis        string
	High         bool
	Factors      bool // they have a second factor
	Providers    []*identity.Provider
	WrongCode    string
	WrongPasskey string
}

// needed is the level that a page asks for.
func (v *visit) needed() identity.Level {
	if v.R.FormValue("level") == "high" {
		return identity.High
	}
	return identity.Double
}

func askRise(v *visit) error { return v.askRise(nil) }

func (v *visit) askRise(wrong *refusal.Error) error {
	next, need := web.LocalPath(v.R.FormValue("next"), "/ho-so"), v.needed()
	if v.who.Level >= need {
		return v.Redirect(next)
	}
	list, _, err := v.Register.Factors(v.R.Context(), v.self())
	if err != nil {
		return err
	}
	p := risePage{Page: v.page(v.T("session.rise.title")), Next: next, Need: dossier.LevelNames[need].In(v.Lang), High: need == identity.High, Factors: len(list) > 0, Providers: v.providers("citizen", need)}
	p.Back = next
	status := http.StatusOK
	if wrong != nil {
		status = web.Status(wrong)
		if len(wrong.Fields) == 0 {
			wrong.Fields = []refusal.Field{{Pointer: "/code", Key: wrong.Key, Args: wrong.Args}}
		}
		p.Refuse(wrong, "")
		p.WrongCode = p.Wrong(wrong.Fields[0])
	}
	return v.Render(status, "account_rise", p)
}

// rise takes a code of who is signed in.
func rise(v *visit) error {
	account := v.self()
	if refused := v.tryCode(account); refused != nil {
		return v.askRise(refused)
	}
	fresh, err := v.Register.Rise(v.R.Context(), v.Secret(), v.R.PostForm.Get("code"))
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return v.askRise(e)
	}
	if err != nil {
		return err
	}
	v.codeRight(account)
	v.KeepSession(fresh)
	return v.Redirect(web.LocalPath(v.R.PostForm.Get("next"), "/ho-so"))
}

// toRise is where who did not sign in surely enough for a page can do so.
func toRise(e *refusal.Error, next string) string {
	q := url.Values{"next": {next}}
	if e.Args["level"] == identity.High {
		q.Set("level", "high")
	}
	return "/tai-khoan/nang-muc?" + q.Encode()
}

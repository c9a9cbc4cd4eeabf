// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"

	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

const (
	providerBack = "/dang-nhap/ve" // where identity providers answer
	errandCookie = "errand"        // the answer must come back to the browser that went
)

// providers are those that vouch for these people, at this level or above.
func (v *visit) providers(whom string, least identity.Level) (list []*identity.Provider) {
	for _, p := range v.Register.Providers {
		if p.For == whom && p.Reaches(least) {
			list = append(list, p)
		}
	}
	return list
}

// whom is who signs in on the way to a page.
func whom(next string) string {
	if forDesk(next) {
		return "officer"
	}
	return "citizen"
}

// goToProvider sends the browser to an identity provider: to sign in, or, for who
// is signed in, to be known better.
func goToProvider(v *visit) error {
	p, err := v.Register.Provider(v.R.PathValue("provider"))
	if err != nil {
		return err
	}
	e := identity.Errand{Next: web.LocalPath(v.R.PostForm.Get("next"), ""), Self: v.self()}
	if level := v.R.PostForm.Get("level"); e.Self != 0 && (level == "high" || level == "double") {
		e.Level = v.needed()
	}
	if k := v.KeptHere(); k != nil {
		if e.Kept, err = json.Marshal(k); err != nil {
			return err
		}
	}
	address, secret, err := v.Register.SendTo(v.R.Context(), p, v.place().Origin+providerBack, e)
	if err != nil {
		return err
	}
	http.SetCookie(v.W, &http.Cookie{Name: errandCookie, Value: secret, Path: providerBack, MaxAge: 600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: web.Secure(v.R)})
	return v.Redirect(address)
}

// comeFromProvider takes an identity provider's answer.
func comeFromProvider(v *visit) error {
	q := v.R.URL.Query()
	c, err := v.R.Cookie(errandCookie)
	if err != nil || c.Value != q.Get("state") {
		return v.refuseProvider(refusal.New(refusal.Invalid, "identity.errand.over"), "")
	}
	http.SetCookie(v.W, &http.Cookie{Name: errandCookie, Path: providerBack, MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: web.Secure(v.R)})
	e, err := v.Register.ProviderSignIn(v.R.Context(), v.place().Origin+providerBack, q, v.Secret(), v.from())
	if e.Kept != nil {
		var k web.Kept
		if err := json.Unmarshal(e.Kept, &k); err != nil {
			return err
		}
		v.Keep(&k)
	}
	if no := refusal.As(err); no != nil && no.Kind != refusal.Unavailable {
		slog.WarnContext(v.R.Context(), "identity provider", "error", err)
		return v.refuseProvider(no, e.Next)
	}
	if err != nil {
		return err
	}
	switch {
	case e.Account.Level > identity.Half:
		if e.Merged && e.Next == "" {
			e.Next = "/ho-so?da=gop"
		}
		return v.enter(e.Secret, e.Next)
	case v.KeptHere() != nil:
		v.KeepSession(e.Secret)
		return v.askStep(e.Secret, e.Next, nil)
	}
	v.KeepSession(e.Secret)
	return v.Redirect("/dang-nhap/buoc-hai?next=" + url.QueryEscape(e.Next))
}

// refuseProvider says why a provider's answer is not taken, where one can sign in
// another way.
func (v *visit) refuseProvider(e *refusal.Error, next string) error {
	if v.who.Account != 0 {
		return e
	}
	p := v.signInPage(next)
	p.Refuse(e, "")
	p.Refusal.Next = v.T("session.provider.again")
	return v.Render(web.Status(e), "account_sign_in", p)
}

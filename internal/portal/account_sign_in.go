// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"net/url"
	"strings"

	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type signInPage struct {
	web.Page
	Login, Next               string
	Kept                      *web.Kept
	Providers                 []*identity.Provider
	WrongSignIn               string
	LoginWrong, PasswordWrong bool
	WrongPasskey              string
	Desk                      bool // on the way to an officer's page
}

func askSignIn(v *visit) error {
	next := web.LocalPath(v.R.URL.Query().Get("next"), "")
	if v.who.Account != 0 {
		return v.Redirect(v.home(next, v.who.Officer))
	}
	p := v.signInPage(next)
	if next != "" {
		p.Path += "?next=" + url.QueryEscape(next) // kept when the language is changed
	}
	return v.Render(http.StatusOK, "account_sign_in", p)
}

// signInPage is the page to sign in on the way to another.
func (v *visit) signInPage(next string) signInPage {
	return signInPage{Page: v.page(v.T("portal.sign_in.title")), Next: next, Kept: v.KeptHere(), Desk: forDesk(next), Providers: v.providers(whom(next), identity.Single)}
}

func forDesk(next string) bool { return strings.HasPrefix(next, "/mot-cua") }

// home is where somebody goes who signs in.
func (v *visit) home(next string, officer bool) string {
	switch {
	case next != "" && next != "/dang-xuat": // who signed out does not do so again
		return next
	case officer:
		return "/mot-cua"
	}
	return "/ho-so"
}

// signIn opens a session, or the way to the second step. After ten wrong passwords
// in a quarter of an hour a login is closed for a while to who gave them; what is
// said does not tell whether it exists. Whose browser signed in before goes ahead
// of everybody who guesses.
func signIn(v *visit) error {
	login, next := strings.ToLower(strings.TrimSpace(v.R.PostForm.Get("login"))), web.LocalPath(v.R.PostForm.Get("next"), "")
	if login == "" || v.R.PostForm.Get("password") == "" {
		return v.refuseSignIn(refusal.New(refusal.Incomplete, "portal.sign_in.empty"), login, next)
	}
	from, device := v.from(), v.Device(login)
	turn, ok := v.signIns.Knock(login, from.Address, device, v.Now())
	if !ok {
		return v.refuseSignIn(refusal.New(refusal.TooMany, "portal.sign_in.too_many", "seconds", 900), login, next)
	}
	from.Turn = turn
	account, secret, err := v.Register.SignIn(v.R.Context(), login, v.R.PostForm.Get("password"), from)
	if e := refusal.As(err); e != nil && (e.Kind == refusal.Invalid || e.Key == "identity.sign_in.busy") {
		return v.refuseSignIn(e, login, next)
	}
	if err != nil {
		return err
	}
	v.signIns.Opened(login, from.Address, device)
	if account.Level > identity.Half {
		return v.enter(secret, next)
	}
	v.KeepSession(secret)
	if v.KeptHere() != nil {
		return v.askStep(secret, next, nil)
	}
	return v.Redirect("/dang-nhap/buoc-hai?next=" + url.QueryEscape(next))
}

// from is whence this visit comes.
func (v *visit) from() identity.From {
	return identity.From{Device: v.R.UserAgent(), Address: web.Address(v.R)}
}

func (v *visit) refuseSignIn(e *refusal.Error, login, next string) error {
	p := v.signInPage(next)
	p.Login, p.WrongSignIn = login, web.Sentence(v.Lang, e)
	p.Refuse(e, "")
	p.LoginWrong, p.PasswordWrong = true, true
	switch e.Kind {
	case refusal.Invalid:
		p.Refusal.Fields = []web.WrongField{{ID: "login", Sentence: v.T("portal.sign_in.check")}}
	case refusal.Incomplete:
		p.Refusal.Fields = nil
		if p.LoginWrong = login == ""; p.LoginWrong {
			p.Refusal.Fields = append(p.Refusal.Fields, web.WrongField{ID: "login", Sentence: v.T("portal.sign_in.empty_login")})
		}
		if p.PasswordWrong = v.R.PostForm.Get("password") == ""; p.PasswordWrong {
			p.Refusal.Fields = append(p.Refusal.Fields, web.WrongField{ID: "password", Sentence: v.T("portal.sign_in.empty_password")})
		}
	}
	web.RetryAfter(v.W, e)
	p.Refusal.Next = v.T("portal.sign_in.next")
	if p.Desk {
		p.Refusal.Next = v.T("portal.sign_in.next_desk")
	}
	return v.Render(web.Status(e), "account_sign_in", p)
}

// signOut ends the session.
func signOut(v *visit) error {
	const out = "/?da=dang-xuat"
	v.DropSession()
	if v.Secret() == "" {
		return v.Redirect(out)
	}
	provider, err := v.Register.SignOut(v.R.Context(), v.Secret())
	if err != nil {
		return err
	}
	if provider != nil {
		if there := provider.Leave(v.R.Context(), v.place().Origin+out); there != "" {
			return v.Redirect(there)
		}
	}
	return v.Redirect(out)
}

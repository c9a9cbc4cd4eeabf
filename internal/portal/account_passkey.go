// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"encoding/json"

	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// place is the site as the browser knows it.
func (v *visit) place() identity.Place {
	scheme := "http://"
	if web.Secure(v.R) {
		scheme = "https://"
	}
	return identity.Place{Name: v.Site.Terms().Name.VI, Origin: scheme + v.R.Host}
}

// ask gives a script what to ask the browser for, or the sentence why not.
func (v *visit) ask(options any, errand string, err error) error {
	if refusal.Is(err, refusal.Invalid) {
		web.Problem(v.W, v.R, err)
		return nil
	}
	if err != nil {
		return err
	}
	v.W.Header().Set("Content-Type", "application/json")
	v.W.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(v.W).Encode(map[string]any{"options": options, "errand": errand})
}

func askPasskey(v *visit) error { return v.ask(v.Register.AskPasskey(v.R.Context(), v.place())) }

// passkeySignIn opens a session by a passkey; that is a sign-in with both factors.
func passkeySignIn(v *visit) error {
	next := web.LocalPath(v.R.PostForm.Get("next"), "")
	_, secret, err := v.Register.PasskeySignIn(v.R.Context(), v.place(), v.R.PostForm.Get("errand"), []byte(v.R.PostForm.Get("answer")), v.from())
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		p := v.signInPage(next)
		e = atPasskey(e)
		p.Refuse(e, "")
		p.WrongPasskey = p.Wrong(e.Fields[0])
		return v.Render(web.Status(e), "account_sign_in", p)
	}
	if err != nil {
		return err
	}
	return v.enter(secret, next)
}

func askNewPasskey(v *visit) error {
	account := v.self()
	if account == 0 {
		pending, _, err := v.Register.Pending(v.R.Context(), v.Secret())
		if err != nil {
			return err
		}
		account = pending.ID
	}
	return v.ask(v.Register.AskNewPasskey(v.R.Context(), v.place(), account))
}

// addPasskey adds a passkey, to who is signed in or has to have a second factor first.
func addPasskey(v *visit) error {
	inside, next := v.who.Account != 0, web.LocalPath(v.R.PostForm.Get("next"), "")
	refuse := func(e *refusal.Error) error {
		if inside {
			return v.askFactors(e)
		}
		return v.askStep(v.Secret(), next, e)
	}
	if inside {
		refused, err := v.passwordAgain()
		if err != nil {
			return err
		}
		if refused != nil {
			return refuse(refused)
		}
	}
	name := v.R.PostForm.Get("name")
	if name == "" {
		name = v.device(v.R.UserAgent())
	}
	fresh, codes, err := v.Register.AddPasskey(v.R.Context(), v.place(), v.Secret(), v.R.PostForm.Get("errand"), name, []byte(v.R.PostForm.Get("answer")))
	if e := refusal.As(err); e != nil && (e.Kind == refusal.Invalid || e.Kind == refusal.NotNow) {
		return refuse(atPasskey(e))
	}
	if err != nil {
		return err
	}
	if err := v.become(fresh); err != nil {
		return err
	}
	switch {
	case len(codes) > 0 && inside:
		return v.showCodes(codes, "/tai-khoan/xac-thuc")
	case len(codes) > 0:
		return v.showCodes(codes, v.home(next, v.who.Officer))
	case inside:
		return v.Redirect("/tai-khoan/xac-thuc?da=xac-thuc")
	}
	return v.enter(fresh, next)
}

// passwordAgain asks who has no second factor yet for their password, if they have
// one, before they make one: a browser left open is not enough to lock its owner out.
func (v *visit) passwordAgain() (*refusal.Error, error) {
	account := v.self()
	list, _, err := v.Register.Factors(v.R.Context(), account)
	if err != nil || len(list) > 0 {
		return nil, err
	}
	a, err := v.Register.Find(v.R.Context(), account)
	if err != nil || !a.Local {
		return nil, err
	}
	if refused := v.tryCode(account); refused != nil {
		return refused, nil
	}
	err = v.Register.CheckPassword(v.R.Context(), account, v.R.PostForm.Get("password"))
	if refusal.Is(err, refusal.Invalid) {
		return refusal.As(refusal.Fields("request.invalid", []refusal.Field{refusal.At("/password", "portal.password.old_wrong")})), nil
	}
	if err == nil {
		v.codeRight(account)
	}
	return nil, err
}

// atPasskey is a refusal as the form for passkeys shows it.
func atPasskey(e *refusal.Error) *refusal.Error {
	return refusal.As(refusal.Fields("request.invalid", []refusal.Field{{Pointer: "/passkey", Key: e.Key, Args: e.Args}}))
}

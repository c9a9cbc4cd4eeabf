// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"regexp"
	"strings"

	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type signUpPage struct {
	web.Page
	Login, Next               string
	WrongLogin, WrongPassword string
	WrongAgain                string
	Controls                  []form.Control
}

func askSignUp(v *visit) error {
	next := web.LocalPath(v.R.URL.Query().Get("next"), "")
	if v.who.Account != 0 {
		return v.Redirect(v.home(next, v.who.Officer))
	}
	return v.askSignUp("", next, form.Answers{}, nil)
}

func (v *visit) askSignUp(login, next string, answers form.Answers, wrong []refusal.Field) error {
	p := signUpPage{Page: v.page(v.T("portal.sign_up.title")), Login: login, Next: next, Controls: form.Controls(personFields(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)}
	p.Back = "/dang-nhap"
	status := http.StatusOK
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		status = http.StatusUnprocessableEntity
		p.Refuse(e, "")
	}
	p.Place(wrong, map[string]*string{"/login": &p.WrongLogin, "/password": &p.WrongPassword, "/again": &p.WrongAgain})
	return v.Render(status, "account_sign_up", p)
}

var loginPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{3,49}$`)

// signUp makes an account of the site itself, for who has no VNeID at hand.
func signUp(v *visit) error {
	login, password := strings.ToLower(strings.TrimSpace(v.R.PostForm.Get("login"))), v.R.PostForm.Get("password")
	next := web.LocalPath(v.R.PostForm.Get("next"), "")
	var bad []refusal.Field
	switch {
	case login == "":
		bad = append(bad, refusal.At("/login", "portal.sign_up.login_missing"))
	case !loginPattern.MatchString(login):
		bad = append(bad, refusal.At("/login", "portal.sign_up.login_wrong"))
	default:
		if _, err := v.Register.FindLogin(v.R.Context(), login); err == nil {
			bad = append(bad, refusal.At("/login", "identity.login.taken", "login", login))
		} else if !refusal.Is(err, refusal.NotFound) {
			return err
		}
	}
	bad = append(bad, v.newPassword()...)
	answers := form.FromValues(personFields(), v.R.PostForm)
	clean, wrong := form.CheckFields(personFields(), answers, "", v.now())
	if bad = append(bad, wrong...); len(bad) > 0 {
		return v.askSignUp(login, next, answers, bad)
	}
	err := v.Register.SignUp(v.R.Context(), login, password, personOf("citizen", clean))
	if e := refusal.As(err); e != nil && e.Kind == refusal.Conflict {
		return v.askSignUp(login, next, answers, []refusal.Field{{Pointer: "/login", Key: e.Key, Args: e.Args}})
	}
	if err != nil {
		return err
	}
	_, secret, err := v.Register.SignIn(v.R.Context(), login, password, v.from())
	if err != nil {
		return err
	}
	v.KeepSession(secret)
	if next == "" {
		next = "/ho-so?da=dang-ky"
	}
	return v.Redirect(next)
}

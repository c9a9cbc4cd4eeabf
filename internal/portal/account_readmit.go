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

// readmitPage lets an officer in who has both parts of a code, and a new password.
type readmitPage struct {
	web.Page
	Login, First, Second                 string
	WrongCode, WrongPassword, WrongAgain string
}

func askReadmit(v *visit) error {
	if v.who.Account != 0 {
		return v.Redirect(v.home("", v.who.Officer))
	}
	return v.askReadmit(nil)
}

func (v *visit) askReadmit(wrong *refusal.Error) error {
	form := v.R.PostForm
	p := readmitPage{Page: v.page(v.T("portal.readmit.title")), Login: form.Get("login"), First: form.Get("first"), Second: form.Get("second")}
	p.Path, p.Back = "/dang-nhap/vao-lai", "/dang-nhap?next=/mot-cua"
	status := http.StatusOK
	if wrong != nil {
		status = web.Status(wrong)
		p.Refuse(wrong, "")
		p.Place(wrong.Fields, map[string]*string{"/login": &p.WrongCode, "/password": &p.WrongPassword, "/again": &p.WrongAgain})
	}
	return v.Render(status, "account_readmit", p)
}

// readmit opens a session for who has both parts of a code, and leads to the second
// factor that is to be made anew. Wrong codes are counted as wrong passwords are.
func readmit(v *visit) error {
	form := v.R.PostForm
	if wrong := refusal.As(refusal.Fields("request.invalid", v.newPassword())); wrong != nil {
		return v.askReadmit(wrong)
	}
	login := strings.ToLower(strings.TrimSpace(form.Get("login")))
	refuse := func(e *refusal.Error) error {
		return v.askReadmit(&refusal.Error{Kind: e.Kind, Key: "request.invalid", Fields: []refusal.Field{{Pointer: "/login", Key: e.Key, Args: e.Args}}})
	}
	if !v.signIns.Try("readmit/"+login, web.Address(v.R), v.Now()) {
		return refuse(refusal.New(refusal.TooMany, "portal.sign_in.too_many"))
	}
	account, secret, err := v.Register.ComeIn(v.R.Context(), login, form.Get("first"), form.Get("second"), form.Get("password"), v.from())
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return refuse(e)
	}
	if err != nil {
		return err
	}
	v.signIns.Right("readmit/"+login, web.Address(v.R))
	v.KeepSession(secret)
	if account.Level > identity.Half {
		return v.Redirect("/mot-cua")
	}
	return v.Redirect("/dang-nhap/buoc-hai?next=" + url.QueryEscape("/mot-cua"))
}

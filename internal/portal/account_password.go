// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"unicode/utf8"

	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type passwordPage struct {
	web.Page
	Login                               string
	WrongOld, WrongPassword, WrongAgain string
}

func askPassword(v *visit) error { return v.askPassword(nil) }

func (v *visit) askPassword(wrong []refusal.Field) error {
	a, err := v.Register.Find(v.R.Context(), v.who.Account)
	if err != nil {
		return err
	}
	p := passwordPage{Page: v.page(v.T("portal.password.title")), Login: a.Login}
	p.Back = "/tai-khoan"
	status := http.StatusOK
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		status = http.StatusUnprocessableEntity
		p.Refuse(e, "")
	}
	p.Place(wrong, map[string]*string{"/old": &p.WrongOld, "/password": &p.WrongPassword, "/again": &p.WrongAgain})
	return v.Render(status, "account_password", p)
}

// newPassword says what is wrong with a password that was chosen.
func (v *visit) newPassword() []refusal.Field {
	password := v.R.PostForm.Get("password")
	if utf8.RuneCountInString(password) < identity.PasswordLeast {
		return []refusal.Field{refusal.At("/password", "identity.password.short", "n", identity.PasswordLeast)}
	}
	if v.R.PostForm.Get("again") != password {
		return []refusal.Field{refusal.At("/again", "portal.sign_up.again_wrong")}
	}
	return nil
}

// changePassword gives an account another password and ends its other sessions.
// Wrong guesses of the present one count as those at the door.
func changePassword(v *visit) error {
	a, err := v.Register.Find(v.R.Context(), v.who.Account)
	if err != nil {
		return err
	}
	from, device := web.Address(v.R), v.Device(a.Login)
	if _, ok := v.signIns.Knock(a.Login, from, device, v.Now()); !ok {
		return v.askPassword([]refusal.Field{refusal.At("/old", "portal.sign_in.too_many")})
	}
	wrong := v.newPassword()
	old := v.R.PostForm.Get("old")
	if err := v.Register.CheckPassword(v.R.Context(), a.ID, old); refusal.Is(err, refusal.Invalid) {
		wrong = append([]refusal.Field{refusal.At("/old", "portal.password.old_wrong")}, wrong...)
	} else if err != nil {
		return err
	} else {
		v.signIns.Opened(a.Login, from, device)
	}
	if len(wrong) > 0 {
		return v.askPassword(wrong)
	}
	if err := v.Register.ChangePassword(v.R.Context(), a.ID, v.R.PostForm.Get("password"), v.Secret()); err != nil {
		return err
	}
	return v.Redirect("/tai-khoan?da=mat-khau")
}

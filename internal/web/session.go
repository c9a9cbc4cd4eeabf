// SPDX-License-Identifier: Apache-2.0

package web

import "net/http"

// sessionCookie holds the secret of a sign-in, for all faces.
const sessionCookie = "session"

// Secret is the secret of the sign-in that this browser has; "" if it has none.
func (v *Visit) Secret() string {
	c, err := v.R.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// KeepSession gives this browser the secret of a sign-in, until it is closed.
func (v *Visit) KeepSession(secret string) {
	http.SetCookie(v.W, &http.Cookie{Name: sessionCookie, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: Secure(v.R)})
}

// DropSession takes the secret of a sign-in from this browser.
func (v *Visit) DropSession() {
	http.SetCookie(v.W, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: Secure(v.R)})
}

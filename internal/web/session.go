// SPDX-License-Identifier: Apache-2.0

package web

import "net/http"

// sessionCookie holds the secret of a sign-in, for all faces.
const sessionCookie = "session"

// cookieName is a cookie's name: over TLS it begins with what makes browsers take
// it from this very host only, not from one beside or below it.
func cookieName(r *http.Request, name string) string {
	if Secure(r) {
		return "__Host-" + name
	}
	return name
}

// Secret is the secret of the sign-in that this browser has; "" if it has none.
func (v *Visit) Secret() string { return SessionSecret(v.R) }

// SessionSecret is the secret of the sign-in that a call brings along; "" if none.
func SessionSecret(r *http.Request) string {
	c, err := r.Cookie(cookieName(r, sessionCookie))
	if err != nil {
		return ""
	}
	return c.Value
}

// KeepSession gives this browser the secret of a sign-in, until it is closed.
func (v *Visit) KeepSession(secret string) {
	http.SetCookie(v.W, &http.Cookie{Name: cookieName(v.R, sessionCookie), Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: Secure(v.R)})
}

// DropSession takes the secret of a sign-in from this browser.
func (v *Visit) DropSession() {
	http.SetCookie(v.W, &http.Cookie{Name: cookieName(v.R, sessionCookie), Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: Secure(v.R)})
}

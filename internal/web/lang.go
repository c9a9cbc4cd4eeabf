// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"
)

// langCookie remembers the language a person chose.
const langCookie = "lang"

// Lang is the language of a request: the one chosen by ?lang= or remembered,
// otherwise, for calls without cookies, English if Accept-Language asks for it
// before Vietnamese; Vietnamese by default.
func Lang(r *http.Request) string {
	if strings.Contains(r.URL.RawQuery, "lang=") {
		if l := r.URL.Query().Get("lang"); l == "vi" || l == "en" {
			return l
		}
	}
	if len(r.Header["Cookie"]) > 0 {
		if c, err := r.Cookie(langCookie); err == nil && (c.Value == "vi" || c.Value == "en") {
			return c.Value
		}
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		if accept := r.Header["Accept-Language"]; len(accept) > 0 {
			first, _, _ := strings.Cut(accept[0], ",")
			if strings.HasPrefix(strings.TrimSpace(first), "en") {
				return "en"
			}
		}
	}
	return "vi"
}

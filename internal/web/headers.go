// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"
)

// Headers that every answer has. What a browser may do with an answer is decided
// by what it is: a page of ours takes scripts, styles, fonts and pictures from
// here and from nowhere else, nothing inline; anything else is content that
// cannot run, whoever handed it in.
var (
	nosniff     = []string{"nosniff"}
	sameOrigin  = []string{"same-origin"}
	requireCorp = []string{"require-corp"}
	frameSelf   = []string{"SAMEORIGIN"}
	frameNone   = []string{"DENY"}
	noStore     = []string{"no-store"}
	noFeatures  = []string{"accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"}
	// A year, as browsers ask for before they believe it.
	onlyTLS = []string{"max-age=31536000; includeSubDomains"}

	// PDF viewers do not open in a sandbox; they run no script of a page.
	pdfPolicy  = []string{"default-src 'none'; object-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"}
	filePolicy = []string{"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"}
)

// pagePolicy is what a page of ours may do; forms may lead to beyond too.
func pagePolicy(beyond string) []string {
	return []string{"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'self'; frame-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'" + beyond}
}

// headed puts the headers on an answer when it begins.
type headed struct {
	http.ResponseWriter
	page   []string // the policy of pages; nil where programs call
	secure bool
	begun  bool
}

func (s *headed) WriteHeader(status int) {
	if !s.begun && status >= http.StatusOK {
		s.begun = true
		s.put()
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *headed) put() {
	h := s.Header()
	h["X-Content-Type-Options"], h["Cross-Origin-Resource-Policy"] = nosniff, sameOrigin
	if s.secure {
		h["Strict-Transport-Security"] = onlyTLS
	}
	if _, ok := h["Cache-Control"]; !ok {
		h["Cache-Control"] = noStore
	}
	if s.page == nil {
		h["Content-Security-Policy"] = filePolicy
		return
	}
	h["X-Frame-Options"], h["Referrer-Policy"], h["Permissions-Policy"] = frameNone, sameOrigin, noFeatures
	h["Cross-Origin-Opener-Policy"], h["Cross-Origin-Embedder-Policy"] = sameOrigin, requireCorp
	saved := strings.HasPrefix(h.Get("Content-Disposition"), "attachment")
	switch kind := h.Get("Content-Type"); {
	case strings.HasPrefix(kind, "text/html") && !saved:
		h["Content-Security-Policy"] = s.page
	case kind == "application/pdf" && !saved:
		h["Content-Security-Policy"], h["X-Frame-Options"] = pdfPolicy, frameSelf
	default:
		h["Content-Security-Policy"] = filePolicy
	}
}

func (s *headed) Write(b []byte) (int, error) {
	if !s.begun {
		if h := s.Header(); h.Get("Content-Type") == "" { // else the server would guess it after this
			h.Set("Content-Type", http.DetectContentType(b))
		}
		s.WriteHeader(http.StatusOK)
	}
	return s.ResponseWriter.Write(b)
}

// end puts the headers on an answer that has no body.
func (s *headed) end() {
	if !s.begun {
		s.WriteHeader(http.StatusOK)
	}
}

// Unwrap lets the server reach the connection.
func (s *headed) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// SPDX-License-Identifier: Apache-2.0

package web

import (
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"motcua/internal/refusal"
)

// Visit is one request for a page: where the answer goes and in which language.
// A face embeds it and adds who asks.
type Visit struct {
	W     http.ResponseWriter
	R     *http.Request
	Lang  string
	guard *Guard
	pages *Pages
	kept  *Kept
}

// NewVisit begins a visit to one of these pages.
func NewVisit(w http.ResponseWriter, r *http.Request, g *Guard, p *Pages) *Visit {
	return &Visit{W: w, R: r, Lang: Lang(r), guard: g, pages: p}
}

// FormLimit is the largest form without files, in bytes.
const FormLimit = 1 << 20

// ReadForm reads a form without files and refuses one that was not served to
// this browser.
func (v *Visit) ReadForm() error {
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, FormLimit)
	if err := v.R.ParseForm(); err != nil {
		return Unreadable(err, FormLimit)
	}
	return v.guard.Check(v.R)
}

// MostParts is how many parts a form may come in.
const MostParts = 1_000

// NextPart reads the next part of a form of which n were read before.
func NextPart(parts *multipart.Reader, n int) (*multipart.Part, error) {
	if n >= MostParts {
		return nil, refusal.New(refusal.TooLarge, "request.too_many_parts", "max", MostParts)
	}
	return parts.NextPart()
}

// Unreadable tells a body that was larger than limit bytes from one that is
// broken; a refusal stays as it is.
func Unreadable(err error, limit int64) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return refusal.New(refusal.TooLarge, "request.too_large", "mb", limit>>20)
	case refusal.As(err) != nil:
		return err
	}
	return refusal.New(refusal.Invalid, "request.unreadable")
}

// Interrupted is Unreadable for storing what is read: a body that broke off is
// the sender's, and a fault of ours stays one.
func Interrupted(err error, limit int64) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, io.ErrUnexpectedEOF) {
		return Unreadable(err, limit)
	}
	return err
}

// T says a sentence of the words files in the visitor's language.
func (v *Visit) T(key string, args ...any) string { return T(v.Lang, key, args...) }

// Page is what every page of the face shows; path is its address.
func (v *Visit) Page(title, path string) Page {
	return Page{Lang: v.Lang, Title: title, Face: v.pages.face, Path: path, CSRF: v.guard.Token(v.W, v.R)}
}

// Render answers with a page of the face.
func (v *Visit) Render(status int, name string, data any) error {
	return v.pages.Render(v.W, status, name, data)
}

// Write writes a page of the face to where it is not shown but kept.
func (v *Visit) Write(w io.Writer, name string, data any) error { return v.pages.Write(w, name, data) }

// Redirect sends the browser on after an act.
func (v *Visit) Redirect(to string) error {
	v.W.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.W, v.R, to, http.StatusSeeOther)
	return nil
}

// ProblemPage says that something did not work, why, and what to do next. Each
// face has a page "problem_show" for it.
type ProblemPage struct {
	Page
	Why, Basis, Number string
	NotFound           bool
}

// problemTitles end the keys of the headings of refusals that take a page of
// their own.
var problemTitles = map[refusal.Kind]string{
	refusal.NotFound: "not_found", refusal.NotAllowed: "not_allowed", refusal.TooMany: "too_many", refusal.TooLarge: "too_large", refusal.Unavailable: "unavailable",
}

// Fail answers an error with a page of its own; who has to sign in first is
// asked to, and comes back to here.
func (v *Visit) Fail(page Page, here string, err error) {
	err = late(v.R, err)
	e := refusal.As(err)
	if e != nil && e.Kind == refusal.NotSignedIn {
		if k := v.keep(); k != nil {
			page.Title, page.Wide, page.Notice = v.T("session.over"), false, ""
			v.W.Header().Set("Cache-Control", "no-store")
			if err := v.Render(http.StatusUnauthorized, "session_over", KeptPage{Page: page, Next: here, Kept: k, Doors: v.guard.DoorsFor(v.pages.face)}); err != nil {
				Problem(v.W, v.R, err)
			}
			return
		}
		_ = v.Redirect("/dang-nhap?next=" + url.QueryEscape(here))
		return
	}
	p, title := ProblemPage{Page: page}, "other"
	if e == nil {
		title, p.Number = "fault", Fault(v.R, err)
	} else {
		if own, ok := problemTitles[e.Kind]; ok {
			title = own
		}
		p.Why, p.Basis, p.NotFound = Sentence(v.Lang, e), e.Basis, e.Kind == refusal.NotFound
		if e.Kind == refusal.Unavailable && !atGate(e) {
			slog.ErrorContext(v.R.Context(), "unavailable", "error", err)
		}
		RetryAfter(v.W, e)
	}
	p.Title, p.Wide, p.Notice = v.T("page.problem."+title), false, ""
	if err := v.Render(Status(err), "problem_show", p); err != nil {
		Problem(v.W, v.R, err)
	}
}

// Here is the page to come back to after signing in: this one, or, after a
// form, the page the form stood on if its address begins with prefix; else that.
func (v *Visit) Here(prefix string) string {
	if v.R.Method == http.MethodGet {
		return v.R.URL.RequestURI()
	}
	if from, err := url.Parse(v.R.Referer()); err == nil && from.Host == v.R.Host && strings.HasPrefix(from.Path, prefix) {
		return LocalPath(from.RequestURI(), prefix)
	}
	return prefix
}

// LocalPath keeps a path on this site and answers def to anything else.
func LocalPath(to, def string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return def
	}
	return to
}

// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"motcua/internal/refusal"
)

// Light is a page that costs next to nothing and needs no face: for who is turned
// away, or asked to wait, before a face is reached.
type Light struct {
	Page
	Lead    string
	Lines   []string
	Again   string // address to try again; none if empty
	Refresh int    // seconds until the page loads itself again; 0 is never
	Still   string // address of the page that does not
}

var lightPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(funcs).ParseFS(shell, "templates/light.html"))
})

// Render writes the page.
func (l Light) Render(w http.ResponseWriter, status int) {
	var b bytes.Buffer
	if err := lightPage().ExecuteTemplate(&b, "light", l); err != nil {
		http.Error(w, l.Title, status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if l.Refresh > 0 {
		w.Header().Set("Refresh", strconv.Itoa(l.Refresh))
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// Machine is true for a call that a program makes, not a person's browser
// opening a page.
func Machine(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || !strings.Contains(r.Header.Get("Accept"), "text/html")
}

// Refuse answers an error before a face is reached: programs get a problem
// document, people a light page.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	e := refusal.As(err)
	if e == nil || Machine(r) {
		Problem(w, r, err)
		return
	}
	lang := Lang(r)
	l := Light{Page: Page{Lang: lang, Title: sentence(lang, titles[e.Kind], nil), Path: r.URL.RequestURI()}, Lead: Sentence(lang, e)}
	if r.Method == http.MethodGet {
		l.Again = r.URL.RequestURI()
	} else {
		l.Lines = []string{T(lang, "gate.back")}
	}
	RetryAfter(w, e)
	l.Render(w, Status(err))
}

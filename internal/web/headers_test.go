// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A page may run scripts of ours; what else is sent may run nothing, and over TLS
// browsers are told to stay there.
func TestHeaders(t *testing.T) {
	g := &Guard{Key: []byte("x")}
	for _, x := range []struct {
		path, kind, disposition, policy, frame string
	}{
		{"/", "text/html; charset=utf-8", "", pagePolicy("")[0], "DENY"},
		{"/tep", "text/html; charset=utf-8", `attachment; filename="a.html"`, filePolicy[0], "DENY"},
		{"/tep", "image/svg+xml", "inline", filePolicy[0], "DENY"},
		{"/tep", "image/png", "inline", filePolicy[0], "DENY"},
		{"/tep", "application/pdf", "inline", pdfPolicy[0], "SAMEORIGIN"},
		{"/tep", "application/pdf", `attachment; filename="a.pdf"`, filePolicy[0], "DENY"},
		{"/api/v1/x", "application/json; charset=utf-8", "", filePolicy[0], ""},
		{"/api/v1/x", "", "", filePolicy[0], ""},
	} {
		for _, secure := range []bool{false, true} {
			r := httptest.NewRequest("GET", "http://motcua.example"+x.path, nil)
			if secure {
				r = httptest.NewRequest("GET", "https://motcua.example"+x.path, nil)
			}
			w := httptest.NewRecorder()
			g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if x.kind != "" {
					w.Header().Set("Content-Type", x.kind)
				}
				if x.disposition != "" {
					w.Header().Set("Content-Disposition", x.disposition)
				}
				fmt.Fprint(w, "{}")
			})).ServeHTTP(w, r)
			h := w.Header()
			if h.Get("Content-Security-Policy") != x.policy || h.Get("X-Frame-Options") != x.frame || h.Get("Cache-Control") != "no-store" || (h.Get("Strict-Transport-Security") != "") != secure {
				t.Errorf("%s %s, TLS %v: %v", x.path, x.kind, secure, h)
			}
		}
	}
	w := httptest.NewRecorder()
	g.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("after a panic: %d %v", w.Code, w.Header())
	}
}

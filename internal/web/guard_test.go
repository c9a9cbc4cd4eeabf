// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"motcua/internal/web"
)

// A handler that fails before it has said anything is told as a fault; one that fails
// later is cut off, so that half a page does not pass for a whole one.
func TestPanics(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /at-once", func(http.ResponseWriter, *http.Request) { panic("no") })
	mux.HandleFunc("GET /later", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, strings.Repeat("nửa trang ", 20_000))
		panic("no")
	})
	server := httptest.NewServer((&web.Guard{}).Wrap(mux))
	defer server.Close()
	for path, whole := range map[string]bool{"/at-once": true, "/later": false} {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Accept-Encoding", "identity") // compressed, the reader would see by itself
		r, err := server.Client().Do(q)
		if !whole && err != nil {
			continue // cut off before any of it was sent
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if whole && (err != nil || r.StatusCode != http.StatusInternalServerError || !strings.Contains(string(body), "fault")) {
			t.Errorf("%s: %d %q, %v", path, r.StatusCode, body, err)
		}
		if !whole && err == nil {
			t.Errorf("%s: %d bytes pass for a whole page", path, len(body))
		}
	}
}

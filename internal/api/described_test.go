// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What is described is there: each address and method has a route of its own, and
// the applicant reads who looked.
func TestWhatIsDescribedIsServed(t *testing.T) {
	s := open(t)
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/openapi.json", nil))
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || len(doc.Paths) < 15 {
		t.Fatal(len(doc.Paths), err)
	}
	for path, methods := range doc.Paths {
		for method := range methods {
			w := httptest.NewRecorder()
			at := strings.NewReplacer("{", "", "}", "").Replace(path)
			s.mux.ServeHTTP(w, httptest.NewRequest(strings.ToUpper(method), "/api/v1"+at, nil))
			if kind := w.Header().Get("Content-Type"); !strings.Contains(kind, "json") {
				t.Errorf("%s %s: %d, %s", method, path, w.Code, kind)
			}
		}
	}
	code := s.file(s.offered()[0])["code"].(string)
	looks := s.must(http.StatusOK, "nguoidan", "GET", "/dossiers/"+code+"/views", nil)
	if items := looks.json["items"].([]any); len(items) != 0 {
		t.Errorf("looks at what nobody opened: %v", items)
	}
	s.must(http.StatusOK, "motcua", "GET", "/dossiers/"+code, nil)
	looks = s.must(http.StatusOK, "nguoidan", "GET", "/dossiers/"+code+"/views", nil)
	if items := looks.json["items"].([]any); len(items) != 1 {
		t.Errorf("looks: %v", items)
	}
}

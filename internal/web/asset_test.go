// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestStyleSheetNamesFontsByTheirAddress(t *testing.T) {
	sheet := get(t, Asset("motcua.css"))
	urls := localURL.FindAllStringSubmatch(sheet.Body.String(), -1)
	if len(urls) == 0 {
		t.Fatal("motcua.css names no font")
	}
	for _, u := range urls {
		if font := get(t, u[1]); font.Code != http.StatusOK || font.Header().Get("Content-Type") != "font/woff2" {
			t.Errorf("%s: %d, %s", u[1], font.Code, font.Header().Get("Content-Type"))
		}
	}
}

func TestAddressURLs(t *testing.T) {
	all := map[string]asset{"font/a.woff2": {hash: "0123"}}
	got, err := addressURLs([]byte(`x{src:url("font/a.woff2")} y{background:url("data:image/svg+xml,z")}`), all)
	want := `x{src:url("/tinh/0123/font/a.woff2")} y{background:url("data:image/svg+xml,z")}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	if _, err := addressURLs([]byte(`url("font/b.woff2")`), all); err == nil || !strings.Contains(err.Error(), "font/b.woff2") {
		t.Errorf("a font that does not exist: %v", err)
	}
}

func TestAssetIsServedUnderItsOwnDigestOnly(t *testing.T) {
	for name := range assets() {
		if w := get(t, Asset(name)); w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %q", name, w.Code, w.Header().Get("Cache-Control"))
		}
		if w := get(t, "/tinh/000000000000/"+name); w.Code != http.StatusNotFound {
			t.Errorf("%s under another digest: %d", name, w.Code)
		}
	}
}

func get(t *testing.T, address string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	Assets().ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
	return w
}

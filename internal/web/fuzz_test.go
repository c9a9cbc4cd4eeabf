// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// browsers read an address so: without tabs and ends of lines, a backslash as a
// slash (WHATWG URL).
var browsers = strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/")

// Where somebody is sent on to stays on this site, whatever the address said.
func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/ho-so?da=x", "//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example", "/%2f%2fevil.example", "/..//evil.example", "javascript:alert(1)", " /x"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://site.example/dang-nhap")
	f.Fuzz(func(t *testing.T, text string) {
		to := LocalPath(text, "/")
		for _, read := range []string{to, browsers.Replace(strings.TrimSpace(to))} {
			u, err := base.Parse(read)
			if err != nil || u.Host != base.Host || u.Scheme != "https" || u.User != nil || strings.HasPrefix(read, "//") {
				t.Errorf("%q leads to %q: %v, %v", text, to, u, err)
			}
		}
		w := httptest.NewRecorder()
		v := &Visit{W: w, R: httptest.NewRequest("GET", "/", nil)}
		if err := v.Redirect(to); err != nil {
			t.Fatal(err)
		}
		sent, err := base.Parse(browsers.Replace(w.Header().Get("Location")))
		if err != nil || sent.Host != base.Host {
			t.Errorf("%q sends to %q", text, w.Header().Get("Location"))
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// kinds are what a body may say that it is.
var kinds = []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json", ""}

// Whatever is sent to whatever address, by a stranger, a citizen, officers or a
// program: it is answered, no answer is a fault, and nobody is sent to another site.
// This is every decoder behind the pages and the API: forms, their files, JSON,
// cursors, searches, answers of passkeys and of identity providers.
func FuzzRequest(f *testing.F) {
	l := settle(f)
	routes := routesOf(f, faces...)
	visitors := []*visitor{l.visitor(persona{}), l.visitor(persona{login: "nguoidan"}), l.visitor(persona{login: "motcua"}), l.visitor(persona{login: "quantri"})}
	x := l.things["applicant's"]
	const multipart = "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nCSRF\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../a\x00.pdf\"\r\nContent-Type: image/png\r\n\r\n%PDF-1.7\r\n--b--\r\n"
	paths := make([]string, len(routes)) // with a draft, a dossier and its papers that are there
	for i, r := range routes {
		paths[i] = visitors[0].fill(r, &x)
		f.Add(i, 1+i%3, 0, "after=eyJ4Ijox&tu=1.&q=%FF&next=//evil.example&limit=-1&lang=xx&state=x&code=y", "csrf=CSRF&next=//evil.example&errand=x&answer={}&login=a&code=%00")
	}
	f.Add(12, 1, 1, "tu=9223372036854775808.1", multipart)
	f.Add(70, 1, 2, "limit=1e3", `{"procedure":"1.001193","answers":{"a":[[[[]]]],"b":1e400},"documents":[{"file":"\u0000"}]}`)
	f.Fuzz(func(t *testing.T, n, who, kind int, query, body string) {
		at := func(i, n int) int { return int(uint(i) % uint(n)) }
		r, v := routes[at(n, len(routes))], visitors[at(who, len(visitors))]
		if r.path == "/dang-xuat" || strings.HasPrefix(r.path, "/tai-khoan/phien") {
			return
		}
		path := paths[at(n, len(routes))] + "?" + query
		if _, err := url.ParseRequestURI(path); err != nil {
			return
		}
		q, err := http.NewRequestWithContext(t.Context(), r.method, v.url+path, strings.NewReader(strings.ReplaceAll(body, "CSRF", v.csrf)))
		if err != nil {
			return
		}
		q.Header.Set("Content-Type", kinds[at(kind, len(kinds))])
		if v.token != "" && strings.HasPrefix(path, "/api/") {
			q.Header.Set("Authorization", "Bearer "+v.token)
		}
		answer, err := v.client.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode >= 500 {
			t.Errorf("%s %s as %s: %d", r.method, path, v.name, answer.StatusCode)
		}
		if to := answer.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`)) {
			t.Errorf("%s %s as %s sends to %s", r.method, path, v.name, to)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"motcua/internal/gate"
)

// send asks for a route with a body of a kind and headers, as a visitor.
func (v *visitor) send(method, path, kind, body string, headers ...string) (*http.Response, string) {
	v.Helper()
	q, err := http.NewRequestWithContext(v.Context(), method, v.url+path, strings.NewReader(body))
	if err != nil {
		v.Fatal(err)
	}
	if kind != "" {
		q.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	answer, err := v.client.Do(q)
	if err != nil {
		v.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.Fatal(err)
	}
	return answer, string(text)
}

// asked are the personas that a route lets in, a stranger for those of everybody.
func (l *land) asked(r route) *visitor {
	login, own := "nguoidan", "applicant's"
	switch {
	case strings.HasPrefix(r.path, "/mot-cua"):
		login = "motcua"
	case strings.HasPrefix(r.path, "/dang-"):
		login = ""
	}
	return l.visitor(persona{login: login, own: own})
}

// No form is taken without the token of the page it was on, with somebody else's,
// from another site, or in another shape; a session opens no call of a program.
func TestEveryFormNeedsItsToken(t *testing.T) {
	l := settle(t)
	forms := 0
	for _, r := range routesOf(t, faces...) {
		if r.method != "POST" {
			continue
		}
		v := l.asked(r)
		x := l.things[v.own]
		path := v.fill(r, &x)
		if strings.HasPrefix(r.path, "/api/") {
			if a, text := v.send("POST", path, "application/json", "{}"); a.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s %s with a session alone: %d %.200s", r.method, r.path, a.StatusCode, text)
			}
			continue
		}
		forms++
		const form = "application/x-www-form-urlencoded"
		stranger := l.visitor(persona{})
		good := url.Values{"csrf": {v.csrf}}.Encode()
		for what, send := range map[string]func() (*http.Response, string){
			"without a token": func() (*http.Response, string) { return v.send("POST", path, form, "a=b") },
			"with another's token": func() (*http.Response, string) {
				return v.send("POST", path, form, url.Values{"csrf": {stranger.csrf}}.Encode())
			},
			"in parts without a token": func() (*http.Response, string) {
				return v.send("POST", path, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n")
			},
			"as JSON":        func() (*http.Response, string) { return v.send("POST", path, "text/plain", `{"csrf":"x"}`) },
			"in the address": func() (*http.Response, string) { return v.send("POST", path+"?csrf=x", form, "a=b") },
			"from another site": func() (*http.Response, string) {
				return v.send("POST", path, form, good, "Sec-Fetch-Site", "cross-site")
			},
			"from beside this site": func() (*http.Response, string) {
				return v.send("POST", path, form, good, "Sec-Fetch-Site", "same-site")
			},
			"from another origin": func() (*http.Response, string) {
				return v.send("POST", path, form, good, "Origin", "https://attacker.example")
			},
		} {
			a, text := send()
			if what == "in parts without a token" && a.StatusCode == http.StatusUnprocessableEntity {
				continue // it is not the time for it, which is said before files are read
			}
			if a.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s %s: %d %.200s", r.method, r.path, what, a.StatusCode, text)
			}
		}
	}
	if forms < 40 {
		t.Errorf("only %d forms", forms)
	}
}

// Every answer of every route, to a stranger and to who may, has the headers that
// keep it from being misused, and nothing that a page is made of is inline.
func TestEveryAnswerHasItsHeaders(t *testing.T) {
	l := settle(t)
	always := map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
	browsers := map[string]string{"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
	kinds := map[string]int{}
	for _, r := range append(routesOf(t, faces...), route{"GET", "/khong-co"}, route{"GET", "/api/khong-co"}, route{"GET", "/tinh/khong-co"}, route{"PUT", "/"}, route{"HEAD", "/"}) {
		if r.method == "" {
			continue
		}
		for _, v := range []*visitor{l.visitor(persona{}), l.asked(r)} {
			x := l.things["applicant's"]
			headers := []string{}
			if v.token != "" && strings.HasPrefix(r.path, "/api/") {
				headers = []string{"Authorization", "Bearer " + v.token}
			}
			a, text := v.send(r.method, v.fill(r, &x), "", "", headers...)
			h := a.Header
			for name, want := range always {
				if h.Get(name) != want {
					t.Errorf("%s %s (%d): %s is %q", r.method, r.path, a.StatusCode, name, h.Get(name))
				}
			}
			for name, want := range browsers {
				if h.Get(name) != want && !strings.HasPrefix(r.path, "/api/") {
					t.Errorf("%s %s (%d): %s is %q", r.method, r.path, a.StatusCode, name, h.Get(name))
				}
			}
			policy, kind := h.Get("Content-Security-Policy"), h.Get("Content-Type")
			if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || !strings.HasPrefix(r.path, "/api/") && (h.Get("X-Frame-Options") == "" || h.Get("Permissions-Policy") == "") {
				t.Errorf("%s %s: %v", r.method, r.path, h)
			}
			if kept := h.Get("Cache-Control"); !strings.Contains(kept, "no-store") {
				t.Errorf("%s %s is kept: %s", r.method, r.path, kept)
			}
			kind, _, _ = strings.Cut(kind, ";")
			kinds[kind]++
			if kind == "text/html" {
				for _, inline := range []string{"<style", " style=", "<script>", " onclick=", " onload=", "javascript:"} {
					if strings.Contains(text, inline) {
						t.Errorf("%s %s has %s inline", r.method, r.path, inline)
					}
				}
			}
			if strings.Contains(r.path, "/tep/") && a.StatusCode == 200 && !strings.Contains(policy, "sandbox") && kind != "application/pdf" {
				t.Errorf("%s %s: %s can run: %s", r.method, r.path, kind, policy)
			}
		}
	}
	if kinds["text/html"] < 50 || kinds["application/json"] < 10 || kinds["application/pdf"] < 3 || kinds["application/problem+json"] < 10 {
		t.Errorf("answers seen: %v", kinds)
	}
}

// Every pattern of the table of limits is that of a route or stands above some,
// every route has a limit, and what costs most has one of its own.
func TestEveryRouteHasALimit(t *testing.T) {
	g := gate.New(limits, bodies)
	routes := routesOf(t, faces...)
	names := map[string]string{}
	for _, r := range routes {
		path := strings.NewReplacer("{$}", "", "{", "", "}", "", "...", "").Replace(r.path)
		method := r.method
		if method == "" {
			method = "PUT"
		}
		q, err := http.NewRequest(method, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		l := g.Limit(q)
		if l == nil {
			t.Errorf("%s %s has no limit", r.method, r.path)
			continue
		}
		names[r.method+" "+r.path] = l.Name
	}
	for pattern, want := range map[string]string{"POST /dang-nhap": "sign-in", "POST /dang-nhap/buoc-hai": "sign-in", "GET /thu-tuc": "search", "POST /api/v1/files": "upload", "GET /ho-so/{code}/tep/{file}": "paper",
		"GET /mot-cua/so-theo-doi.xlsx": "export", "GET /mot-cua": "desk", "GET /mot-cua/luot-xem": "desk", "GET /api/v1/dossiers": "api-read", "POST /api/v1/dossiers": "api-write", "GET /ho-so": "page", "POST /ho-so/nhap": "form"} {
		if names[pattern] != want {
			t.Errorf("%s has the limit %q", pattern, names[pattern])
		}
	}
	for _, l := range limits {
		if strings.HasSuffix(l.Pattern, "/") {
			continue
		}
		if !slices.ContainsFunc(routes, func(r route) bool { return r.method+" "+r.path == l.Pattern }) {
			t.Errorf("%s is no route", l.Pattern)
		}
	}
}

// The metrics are for this machine: not for who comes through a proxy, named or
// not.
func TestMetricsAreNotPublic(t *testing.T) {
	v := settle(t).visitor(persona{})
	if a, text := v.send("GET", "/metrics", "", ""); a.StatusCode != http.StatusOK || !strings.Contains(text, "go_goroutines") {
		t.Errorf("here: %d", a.StatusCode)
	}
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "X-Real-IP"} {
		if a, _ := v.send("GET", "/metrics", "", "", header, "198.51.100.1"); a.StatusCode != http.StatusNotFound {
			t.Errorf("through a proxy: %d", a.StatusCode)
		}
	}
	if a, _ := v.send("GET", "/healthz", "", "", "X-Forwarded-For", "198.51.100.1"); a.StatusCode != http.StatusOK {
		t.Errorf("health through a proxy: %d", a.StatusCode)
	}
}

// Where TLS ends at a proxy ahead, nobody comes past it; whether the program is
// well may be asked from elsewhere.
func TestNobodyComesPastTheProxy(t *testing.T) {
	c := &serving{Behind: []string{"10.0.0.1"}}
	proxies, err := c.proxies()
	if err != nil {
		t.Fatal(err)
	}
	h := c.notDirect(proxies, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	for _, x := range []struct {
		peer, path string
		want       int
	}{{"10.0.0.1", "/", 200}, {"127.0.0.1", "/", 200}, {"10.0.0.2", "/", 403}, {"203.0.113.1", "/dang-nhap", 403}, {"203.0.113.1", "/api/v1/procedures", 403}, {"10.0.0.2", "/healthz", 200}} {
		r := httptest.NewRequest("GET", x.path, nil)
		r.RemoteAddr = x.peer + ":99"
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != x.want {
			t.Errorf("%s asks for %s: %d", x.peer, x.path, w.Code)
		}
	}
}

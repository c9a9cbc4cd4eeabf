// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// Only a proxy that is named is believed about whom it calls for and how they came.
func TestProxies(t *testing.T) {
	named := Proxies{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("127.0.0.1/32")}
	for _, x := range []struct {
		proxies       Proxies
		peer          string
		headers       []string
		address       string
		secure, local bool
	}{
		{nil, "203.0.113.5", []string{"X-Forwarded-Proto", "https", "X-Forwarded-For", "127.0.0.1"}, "203.0.113.5", false, false},
		{nil, "127.0.0.1", nil, "127.0.0.1", false, true},
		{nil, "::1", nil, "::1", false, true},
		{nil, "127.0.0.1", []string{"X-Forwarded-For", "198.51.100.1"}, "127.0.0.1", false, false}, // a proxy that was not named
		{nil, "127.0.0.1", []string{"Forwarded", "for=198.51.100.1"}, "127.0.0.1", false, false},
		{named, "203.0.113.5", []string{"X-Forwarded-Proto", "https", "X-Forwarded-For", "198.51.100.1"}, "203.0.113.5", false, false},
		{named, "10.1.2.3", []string{"X-Forwarded-Proto", "https", "X-Forwarded-For", "198.51.100.1"}, "198.51.100.1", true, false},
		{named, "10.1.2.3", []string{"X-Forwarded-For", "127.0.0.1, 198.51.100.1, 10.1.9.9"}, "198.51.100.1", false, false},
		{named, "10.1.2.3", []string{"X-Forwarded-For", "1.1.1.1", "X-Forwarded-For", "198.51.100.1"}, "198.51.100.1", false, false},
		{named, "10.1.2.3", []string{"X-Forwarded-For", "198.51.100.1, nonsense"}, "10.1.2.3", false, false},
		{named, "10.1.2.3", nil, "10.1.2.3", false, false},
		{named, "127.0.0.1", []string{"X-Forwarded-For", "2001:db8::7"}, "2001:db8::7", false, false},
		{named, "127.0.0.1", []string{"X-Forwarded-For", "127.0.0.1"}, "127.0.0.1", false, false}, // a proxy that passes on what a stranger says
		{named, "127.0.0.1", nil, "127.0.0.1", false, true},
	} {
		got := ""
		h := x.proxies.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = fmt.Sprint(Address(r), Secure(r), Local(r))
		}))
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "[" + x.peer + "]:99"
		for i := 0; i+1 < len(x.headers); i += 2 {
			r.Header.Add(x.headers[i], x.headers[i+1])
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if want := fmt.Sprint(x.address, x.secure, x.local); got != want {
			t.Errorf("%s %v behind %v is %s, not %s", x.peer, x.headers, x.proxies, got, want)
		}
	}
}

// Over TLS the cookies that matter can be set by this host only.
func TestCookieNames(t *testing.T) {
	g := &Guard{Key: []byte("x")}
	for address, prefix := range map[string]string{"http://motcua.example/": "", "https://motcua.example/": "__Host-"} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", address, nil)
		v := NewVisit(w, r, g, nil)
		v.KeepSession("secret")
		v.KeepDevice("mai")
		token := g.Token(w, r)
		r = httptest.NewRequest("POST", address, nil)
		r.Form = map[string][]string{"csrf": {token}}
		for _, c := range w.Result().Cookies() {
			if len(c.Name) <= len(prefix) || c.Name[:len(prefix)] != prefix || c.Secure != (prefix != "") || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
				t.Errorf("%s: %v", address, c)
			}
			r.AddCookie(c)
		}
		v = NewVisit(w, r, g, nil)
		if err := g.Check(r); err != nil || v.Secret() != "secret" || v.Device("Mai") == "" || v.Device("lan") != "" {
			t.Errorf("%s: %v %q %q", address, err, v.Secret(), v.Device("mai"))
		}
	}
}

// Whatever a caller sends, it is not taken for a call of this machine, nor for one
// over TLS, and its address can be read.
func FuzzForwarded(f *testing.F) {
	named := Proxies{netip.MustParsePrefix("10.1.0.0/16")}
	f.Add("203.0.113.5", "127.0.0.1, ::1", "https")
	f.Add("10.1.2.3", "127.0.0.1", "https")
	f.Add("10.1.2.3", ",,[::1]:80,fe80::1%eth0", "")
	f.Add("10.1.0.0", "::%e[", "")
	f.Fuzz(func(t *testing.T, peer, list, proto string) {
		if a, err := netip.ParseAddr(peer); err != nil || a.Unmap().IsLoopback() || strings.ContainsAny(peer, "[]") { // no network's name has brackets
			return
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "[" + peer + "]:99"
		r.Header.Set("X-Forwarded-For", list)
		r.Header.Set("X-Forwarded-Proto", proto)
		named.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if a, _ := netip.ParseAddr(peer); Local(r) || Secure(r) && !named.Has(a) {
				t.Errorf("%q saying %q %q: local %v, secure %v", peer, list, proto, Local(r), Secure(r))
			}
			if _, err := netip.ParseAddr(Address(r)); err != nil {
				t.Errorf("%q saying %q comes from %q", peer, list, Address(r))
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	})
}

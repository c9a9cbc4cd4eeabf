// SPDX-License-Identifier: Apache-2.0

package outgoing_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"motcua/internal/outgoing"
)

// What leads inside is no public address, however it is written.
func TestPublic(t *testing.T) {
	inside := `127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.8 198.18.0.1
		224.0.0.1 239.255.255.250 255.255.255.255 240.0.0.1 192.0.2.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd12:3456::1 ff02::1 fec0::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
		::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::a00:1 2002:7f00:1:: 2002:a00:1:: 2001::1 2001:db8::1 100::1 5f00::1`
	for _, s := range strings.Fields(inside) {
		if outgoing.Public(netip.MustParseAddr(s)) {
			t.Errorf("%s may be called", s)
		}
	}
	for _, s := range strings.Fields(`1.1.1.1 8.8.8.8 172.32.0.1 100.128.0.1 2400:cb00::1 2606:4700::1111 ::ffff:1.1.1.1`) {
		if !outgoing.Public(netip.MustParseAddr(s)) {
			t.Errorf("%s may not be called", s)
		}
	}
}

func rules(t *testing.T, allow ...string) outgoing.Rules {
	t.Helper()
	r, err := outgoing.ParseRules(allow, "")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A server inside is not reached, by address, by name or by a redirect of one that
// may be; the operator can name it.
func TestNothingLeadsInside(t *testing.T) {
	reached := 0
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { reached++ }))
	defer inner.Close()
	port := inner.URL[strings.LastIndex(inner.URL, ":"):]
	secure := httptest.NewTLSServer(inner.Config.Handler)
	defer secure.Close()
	t.Setenv("HTTPS_PROXY", inner.URL) // is not looked at
	t.Setenv("HTTP_PROXY", inner.URL)
	client := outgoing.Client(rules(t))
	for _, address := range []string{inner.URL, secure.URL, "https://localhost" + port, "http://localhost" + port, "https://[::1]" + port, "https://[::ffff:127.0.0.1]" + port, "https://2130706433" + port, "https://0x7f.1" + port, "https://0" + port} {
		if r, err := client.Get(address); err == nil {
			t.Errorf("%s is reached: %s", address, r.Status)
		}
	}
	outer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.2"+port, http.StatusFound)
	}))
	defer outer.Close()
	client = outgoing.Client(rules(t, "127.0.0.1"))
	if r, err := client.Get(outer.URL); err == nil {
		t.Errorf("a redirect led inside: %s", r.Status)
	}
	if reached != 0 {
		t.Fatalf("reached %d times", reached)
	}
	r, err := client.Get(inner.URL)
	if err != nil || reached != 1 {
		t.Fatal("what the operator names is not reached", err)
	}
	r.Body.Close()
	if r, err = outgoing.Client(rules(t, "localhost")).Get("http://localhost" + port); err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
}

// Answers are bounded, and a call does not go from TLS to plain.
func TestAnswersAreBounded(t *testing.T) {
	long := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, io.LimitReader(zeros{}, 3<<20))
	}))
	defer long.Close()
	client := outgoing.Client(rules(t, "127.0.0.0/8"))
	r, err := client.Get(long.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if n, err := io.Copy(io.Discard, r.Body); err == nil || n > 1<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
	q := &http.Request{URL: &url.URL{Scheme: "http", Host: "127.0.0.1"}, TLS: &tls.ConnectionState{}}
	if err := client.CheckRedirect(q, []*http.Request{{URL: &url.URL{Scheme: "https", Host: "example.org"}}}); err == nil {
		t.Error("led from TLS to plain")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// A proxy is used when it is named, and what is plainly inside is not asked of it.
func TestProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	r, err := outgoing.ParseRules(nil, proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := outgoing.Client(r)
	for _, address := range []string{"https://vneid.example/x", "https://10.0.0.1/", "https://localhost/", "https://169.254.169.254/"} {
		if a, err := client.Get(address); err == nil {
			a.Body.Close()
			t.Errorf("%s is answered", address)
		}
	}
	if len(asked) != 1 || asked[0] != "CONNECT vneid.example:443" {
		t.Errorf("asked of the proxy: %v", asked)
	}
	for _, wrong := range []string{"", "10.0.0.0/99", "a/b", "host:80"} {
		if _, err := outgoing.ParseRules([]string{wrong}, ""); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package outgoing_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

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

// names has names resolve as a name server of the test says; what it does not know
// is nothing. A name with two addresses has the first one once, then the second.
func names(t *testing.T, known map[string][]string) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]int{}
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			list := known[strings.TrimSuffix(q.Name.String(), ".")]
			if list == nil {
				m.RCode = dnsmessage.RCodeNameError
			} else if q.Type == dnsmessage.TypeA {
				a := netip.MustParseAddr(list[min(asked[q.Name.String()], len(list)-1)])
				asked[q.Name.String()]++
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: a.As4()}}}
			}
			if text, err := m.Pack(); err == nil {
				_, _ = server.WriteTo(text, from)
			}
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = before; server.Close() })
}

// A proxy is used when it is named. What is inside is not asked of it, by address or
// by a name that resolves here; a name that does not is the proxy's to resolve.
func TestProxy(t *testing.T) {
	names(t, map[string][]string{"vneid.example": {"1.1.1.1"}, "inside.example": {"10.0.0.7"}, "metadata.example": {"169.254.169.254"}, "own.example": {"10.0.0.8"}, "network.example": {"10.9.0.1"}})
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	r, err := outgoing.ParseRules([]string{"own.example", "10.9.0.0/16"}, proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := outgoing.Client(r)
	for host, asks := range map[string]bool{"vneid.example": true, "only-the-proxy-knows.example": true, "own.example": true, "network.example": true,
		"inside.example": false, "INSIDE.example.": false, "metadata.example": false, "10.0.0.1": false, "localhost": false, "x.localhost.": false, "169.254.169.254": false, "[::1]": false,
		"2130706433": false, "0x7f.1": false, "0177.0.0.01": false, "0x7f000001.": false} {
		asked = nil
		if a, err := client.Get("https://" + host + "/x"); err == nil {
			a.Body.Close()
			t.Errorf("%s is answered", host)
		}
		if asks && (len(asked) != 1 || asked[0] != "CONNECT "+host+":443") || !asks && len(asked) != 0 {
			t.Errorf("%s: asked of the proxy: %v", host, asked)
		}
	}
	for _, wrong := range []string{"", "10.0.0.0/99", "a/b", "host:80"} {
		if _, err := outgoing.ParseRules([]string{wrong}, ""); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// A name that resolves to what may be called, and a moment later to what may not, is
// not reached: the address that was looked at is the one that is dialled.
func TestNamesThatChange(t *testing.T) {
	reached := 0
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer inner.Close()
	port := inner.URL[strings.LastIndex(inner.URL, ":"):]
	names(t, map[string][]string{"changes.example": {"127.0.0.2", "127.0.0.1"}, "named.example": {"127.0.0.1"}, "metadata.example": {"169.254.169.254"}})
	client := outgoing.Client(rules(t, "127.0.0.2"))
	for range 3 {
		if r, err := client.Get("https://changes.example" + port); err == nil {
			t.Errorf("reached: %s", r.Status)
		}
	}
	if reached != 0 {
		t.Fatal(reached)
	}
	for address, goes := range map[string]bool{"named.example" + port: true, "metadata.example" + port: false, "169.254.169.254.nip.example" + port: false} {
		c, err := outgoing.Dial(t.Context(), "tcp", address)
		if (err == nil) != goes {
			t.Errorf("%s: %v", address, err)
		}
		if err == nil {
			c.Close()
		}
	}
}

// The client of one host that the operator names calls that, inside and in plain
// HTTP, and nothing else, whoever redirects it there.
func TestOnly(t *testing.T) {
	names(t, map[string][]string{"collector.example": {"127.0.0.1"}, "metadata.example": {"169.254.169.254"}})
	reached := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer other.Close()
	named := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer named.Close()
	at := "http://collector.example" + named.URL[strings.LastIndex(named.URL, ":"):]
	client := outgoing.Client(outgoing.Only("Collector.example"))
	if r, err := client.Get(at); err == nil {
		t.Errorf("led elsewhere: %s", r.Status)
	}
	for _, address := range []string{other.URL, "https://1.1.1.1/", "https://vneid.example/"} {
		if r, err := client.Get(address); err == nil || !strings.Contains(err.Error(), "outgoing:") {
			t.Errorf("%s: %v %v", address, r, err)
		}
	}
	if reached != 0 {
		t.Error("what is not named is reached")
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if r, err := client.Get(at); err != nil || r.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("what is named is not reached: %v", err)
	}
	if _, err := outgoing.Client(outgoing.Only("metadata.example")).Get("http://metadata.example/"); err == nil || !strings.Contains(err.Error(), "169.254.169.254") {
		t.Errorf("a name led to the machine's own link: %v", err)
	}
}

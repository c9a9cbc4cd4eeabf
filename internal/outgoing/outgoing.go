// SPDX-License-Identifier: Apache-2.0

// Package outgoing is the only way by which the program calls others, but for its
// database.
//
// An address that others may choose must not lead into the network the program
// stands in: what a name resolves to is checked at the moment of dialling, so
// that nothing can resolve otherwise in between, and every redirect again. Only
// what the operator names leads inside. Start at Client.
package outgoing

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Rules are where calls may lead beside the public network over TLS.
type Rules struct {
	Networks []netip.Prefix // and plain HTTP there
	Hosts    []string       // by name; where they resolve to only has to be a host
	Proxy    *url.URL       // by which all calls go; nil is none, whatever the environment says
	Trust    *tls.Config    // whom calls over TLS believe; nil is the system's roots

	only bool // the hosts, and nothing else
}

// Only are the rules for calls to one host that the operator names for them: it is
// called wherever it stands, over plain HTTP too, and nothing else is.
func Only(host string) Rules { return Rules{Hosts: []string{strings.ToLower(host)}, only: true} }

// Dial connects to what the operator names for this one use: a host and port, or a
// socket of this machine.
func Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if network == "unix" || network == "unixgram" {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return Only(host).dial(ctx, network, address)
}

// ParseRules reads networks, addresses and names of hosts, and a proxy's address.
func ParseRules(allow []string, proxy string) (Rules, error) {
	var r Rules
	for _, s := range allow {
		if p, err := ParseNetwork(s); err == nil {
			r.Networks = append(r.Networks, p)
		} else if u, err := url.Parse("//" + s); err == nil && u.Host == s && u.Port() == "" && !strings.Contains(s, "/") && s != "" {
			r.Hosts = append(r.Hosts, strings.ToLower(s))
		} else {
			return r, fmt.Errorf("%q: CIDR, IP, HOST", s)
		}
	}
	if proxy != "" {
		u, err := url.Parse(proxy)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return r, errors.New("proxy: http://HOST:PORT")
		}
		r.Proxy = u
	}
	return r, nil
}

// ParseNetwork reads a network, or one address as a network.
func ParseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

const (
	timeout   = 10 * time.Second // of a whole call
	lookup    = 2 * time.Second  // of a name, before a proxy is asked for it
	mostBytes = 1 << 20          // of an answer
	redirects = 3
)

// Client makes calls by these rules: within ten seconds, of a megabyte at most.
func Client(r Rules) *http.Client {
	t := &http.Transport{DialContext: r.dial, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout, MaxResponseHeaderBytes: 64 << 10, TLSClientConfig: r.Trust,
		MaxIdleConns: 20, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
	if r.Proxy != nil {
		t.Proxy = http.ProxyURL(r.Proxy)
	}
	return &http.Client{Transport: guarded{r, t}, Timeout: timeout, CheckRedirect: func(q *http.Request, via []*http.Request) error {
		if len(via) > redirects {
			return fmt.Errorf("outgoing: more than %d redirects", redirects)
		}
		if via[0].URL.Scheme == "https" && q.URL.Scheme != "https" {
			return fmt.Errorf("outgoing: redirected from TLS to %s", q.URL.Redacted())
		}
		return nil
	}}
}

// guarded looks at every call, also at those that a redirect makes.
type guarded struct {
	rules Rules
	next  http.RoundTripper
}

// RoundTrip makes one call.
func (g guarded) RoundTrip(q *http.Request) (*http.Response, error) {
	if err := g.rules.check(q.Context(), q.URL); err != nil {
		return nil, err
	}
	a, err := g.next.RoundTrip(q)
	if err == nil {
		a.Body = &bounded{a.Body, mostBytes}
	}
	return a, err
}

// check refuses what is plainly not to be called. Names are looked at as they are
// dialled; those that a proxy will resolve are looked at here.
func (r Rules) check(ctx context.Context, u *url.URL) error {
	host := strings.ToLower(u.Hostname())
	if slices.Contains(r.Hosts, host) {
		return nil
	}
	a, err := netip.ParseAddr(host)
	inside := err == nil && r.has(a)
	switch {
	case u.Scheme != "https" && !inside:
		return fmt.Errorf("outgoing: %s is not called over TLS", u.Redacted())
	case err == nil && !inside && !Public(a):
		return refused(a)
	case err != nil && r.Proxy != nil:
		return r.checkName(ctx, host)
	}
	return nil
}

// checkName refuses a name that a proxy is not to be asked for, as far as it can be
// told here: where the proxy is the only way out, names may not resolve at all.
func (r Rules) checkName(ctx context.Context, host string) error {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndex(host, ".")+1:]
	if last == "localhost" {
		return fmt.Errorf("outgoing: %s is this machine", host)
	}
	if _, err := strconv.ParseUint(last, 0, 64); err == nil || strings.Trim(last, "0123456789") == "" {
		return fmt.Errorf("outgoing: %q is an address in disguise", host)
	}
	ctx, cancel := context.WithTimeout(ctx, lookup)
	defer cancel()
	list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil // the proxy may know it
	}
	for _, a := range list {
		if !r.may(a) {
			return refused(a)
		}
	}
	return nil
}

// may is true for an address that a name may lead to.
func (r Rules) may(a netip.Addr) bool { return r.has(a) || Public(a) }

func (r Rules) has(a netip.Addr) bool {
	return slices.ContainsFunc(r.Networks, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

// dial connects to where a name leads, unless that is not to be called: the address
// is looked at after it is resolved, and it is the one that is connected to.
func (r Rules) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	host = strings.ToLower(host)
	may := r.may
	if _, err := netip.ParseAddr(host); slices.Contains(r.Hosts, host) {
		may = func(a netip.Addr) bool { return err == nil || r.has(a) || isHost(a) }
	} else if r.only {
		return nil, fmt.Errorf("outgoing: %s is not what is called here", host)
	}
	d := &net.Dialer{Timeout: timeout}
	if proxy := r.Proxy != nil && host == strings.ToLower(r.Proxy.Hostname()); !proxy {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err == nil && !may(at.Addr()) {
				err = refused(at.Addr())
			}
			return err
		}
	}
	return d.DialContext(ctx, network, address)
}

// isHost is true for an address that a host can have by a name: a link's own
// addresses, where a cloud tells its machines their secrets, are none.
func isHost(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	return a.IsGlobalUnicast() || a.IsLoopback()
}

func refused(a netip.Addr) error {
	return fmt.Errorf("outgoing: %s is not an address to be called; --outgoing-allow names what may be called inside", a)
}

// special are networks of the public range that lead elsewhere: to themselves,
// into documents, or by an address within the address to where it must not.
var special = func() (list []netip.Prefix) {
	for _, s := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"} {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}()

var globalIPv6 = netip.MustParsePrefix("2000::/3") // what is given out so far; NAT64 is outside

// Public is true for an address of the public network.
func Public(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !globalIPv6.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// bounded is an answer that ends in an error if it goes on for too long.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("outgoing: the answer is larger than %d bytes", mostBytes)
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}

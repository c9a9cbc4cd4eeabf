// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the addresses of the proxies that stand ahead of a site: what they
// say of a caller is believed, and nobody else is.
type Proxies []netip.Prefix

// Has is true for the address of such a proxy.
func (p Proxies) Has(a netip.Addr) bool {
	for _, x := range p {
		if x.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// forwarded are the headers by which a proxy says who called it.
var forwarded = []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-Ip"}

// localKey marks a call from this machine itself.
type localKey struct{}

// Wrap finds out where a call comes from before anybody asks: from a proxy it is
// what the proxy says, the last address that is not a proxy's; what anybody else
// says of it is taken away.
func (p Proxies) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, _ := netip.ParseAddr(Address(r))
		switch {
		case p.Has(peer) && r.Header["X-Forwarded-For"] != nil:
			r.RemoteAddr = net.JoinHostPort(p.client(peer, r.Header["X-Forwarded-For"]).String(), "0")
			next.ServeHTTP(w, r)
			return
		case p.Has(peer):
		case dropForwarded(r.Header):
			next.ServeHTTP(w, r) // passed on by a proxy that was not named: not of this machine
			return
		}
		if peer.Unmap().IsLoopback() {
			r = r.WithContext(context.WithValue(r.Context(), localKey{}, true))
		}
		next.ServeHTTP(w, r)
	})
}

// client is the last of the addresses that a call came by which is not a proxy's.
func (p Proxies) client(peer netip.Addr, lines []string) netip.Addr {
	list := strings.Split(strings.Join(lines, ","), ",")
	for i := len(list) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(list[i]))
		if err != nil {
			break
		}
		if peer = a.Unmap().WithZone(""); !p.Has(peer) { // a zone is of the machine that names it
			break
		}
	}
	return peer
}

func dropForwarded(h http.Header) (any bool) {
	for _, name := range forwarded {
		if _, ok := h[name]; ok {
			any = true
			delete(h, name)
		}
	}
	return any
}

// Local is true for a call from this machine itself, not through a proxy.
func Local(r *http.Request) bool { return r.Context().Value(localKey{}) != nil }

// Address is where a call comes from, without its port.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// Around is the network that an address is of, by its first bits: so many of an
// IPv4 address, so many of an IPv6 one.
func Around(address string, v4, v6 int) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	bits := v4
	if a = a.Unmap(); a.Is6() {
		bits = v6
	}
	p, _ := a.Prefix(bits)
	return p.String()
}

// Secure is true when the browser came over TLS, here or at a proxy of ours.
func Secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

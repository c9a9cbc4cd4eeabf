// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"motcua/demo"
	"motcua/internal/outgoing"
	"motcua/internal/province"
	"motcua/internal/refusal"
	"motcua/internal/secret"
	"motcua/internal/web"
)

// safe refuses to serve in a way that lets strangers in or others listen.
func (c *serving) safe(ctx context.Context, s *site) error {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return refusal.New(refusal.Incomplete, "safe.certificate")
	case c.everyProxy():
		return refusal.New(refusal.NotAllowed, "safe.behind")
	case local(c.Listen):
		return nil
	case c.TLSCert == "" && len(c.Behind) == 0 && !c.IKnowNoTLS:
		return refusal.New(refusal.NotAllowed, "safe.tls", "listen", c.Listen)
	}
	if !c.IKnowDemo {
		if login, err := s.demoAccount(ctx); err != nil {
			return err
		} else if login != "" {
			return refusal.New(refusal.NotAllowed, "safe.demo", "login", login, "listen", c.Listen)
		}
		if !s.register.SecondFactor {
			return refusal.New(refusal.NotAllowed, "safe.second_factor", "listen", c.Listen)
		}
	}
	for _, p := range s.register.Providers {
		if strings.HasPrefix(p.Issuer, "http:") {
			return refusal.New(refusal.NotAllowed, "safe.provider", "id", p.ID, "issuer", p.Issuer)
		}
	}
	return nil
}

// local is true for an address that only this machine reaches.
func local(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

// everyProxy is true when anybody is believed who says to be a proxy.
func (c *serving) everyProxy() bool {
	proxies, _ := c.proxies()
	for _, p := range proxies {
		if p.Bits() == 0 {
			return true
		}
	}
	return false
}

// proxies are those that stand ahead.
func (c *serving) proxies() (list web.Proxies, err error) {
	for _, s := range c.Behind {
		p, err := outgoing.ParseNetwork(s)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// demoAccount is a login that the demo's password opens; "" if none does.
func (s *site) demoAccount(ctx context.Context) (string, error) {
	accounts, err := province.Accounts(demo.Files)
	if err != nil {
		return "", err
	}
	for _, a := range accounts {
		account, err := s.register.FindLogin(ctx, a.Login)
		if refusal.Is(err, refusal.NotFound) {
			continue
		}
		if err == nil {
			err = s.register.CheckPassword(ctx, account.ID, province.Password)
		}
		if err == nil {
			return a.Login, nil
		}
		if !refusal.Is(err, refusal.Invalid) {
			return "", err
		}
	}
	return "", nil
}

// certificate is a TLS certificate in two files, read again when they change, so
// that it is renewed without a restart.
type certificate struct {
	cert, key string

	mu     sync.Mutex
	pair   *tls.Certificate
	read   time.Time // when they were looked at
	edited time.Time
}

const certificateEvery = time.Minute

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair != nil && time.Since(c.read) < certificateEvery {
		return c.pair, nil
	}
	c.read = time.Now()
	info, err := os.Stat(c.cert)
	if err == nil && c.pair != nil && info.ModTime().Equal(c.edited) {
		return c.pair, nil
	}
	if err == nil {
		err = secret.Private(c.key)
	}
	if err == nil {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(c.cert, c.key); err == nil {
			c.pair, c.edited = &pair, info.ModTime()
		}
	}
	if c.pair != nil {
		return c.pair, nil // the one of before holds until the new one is whole
	}
	return nil, err
}

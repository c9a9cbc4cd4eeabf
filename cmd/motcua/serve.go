// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"motcua/internal/api"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/desk"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/gate"
	"motcua/internal/identity"
	"motcua/internal/portal"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// serveCmd serves a site.
type serveCmd struct {
	where
	serving
	SecondFactor bool `default:"true" negatable:"" help:"Cán bộ phải đăng nhập hai lớp. / Officers sign in with a second factor."`
}

// serving is how a site is served.
type serving struct {
	Listen        string   `default:"127.0.0.1:8080" help:"Địa chỉ phục vụ. / Address to serve on."`
	TLSCert       string   `name:"tls-cert" help:"Chứng thư TLS, tệp PEM. / TLS certificate, PEM." type:"path" placeholder:"FILE"`
	TLSKey        string   `name:"tls-key" help:"Khóa của chứng thư TLS, tệp PEM. / Its key, PEM." type:"path" placeholder:"FILE"`
	Behind        []string `help:"Địa chỉ của máy chủ đứng trước (proxy) đã mã hóa TLS. / Addresses of the proxies ahead, which end TLS." placeholder:"CIDR"`
	Clamd         string   `help:"Phần mềm diệt vi-rút ClamAV: unix:/đường-dẫn, tcp:máy:cổng; none: thôi dùng. / Virus scanner: unix:/path, tcp:host:port; none: no more." placeholder:"ADDRESS"`
	Providers     string   `help:"Các nơi định danh (OpenID Connect), tệp JSON. / Identity providers, a JSON file." type:"existingfile" placeholder:"FILE"`
	MetricsListen string   `help:"Địa chỉ riêng của /metrics; để trống: chỉ máy này xem được. / Address of /metrics alone; empty: only this machine sees them."`
	NewVisitors   float64  `default:"50" help:"Số người mới vào mỗi giây, quá thì xếp hàng; 0: không xếp hàng. / New visitors let in a second, the rest wait in line; 0: no line."`
	BusyAt        int64    `default:"200" help:"Số yêu cầu đang xử lý mà từ đó người mới phải chờ. / Calls under way from which new visitors wait."`
	IKnowNoTLS    bool     `name:"i-know-no-tls" help:"Phục vụ không mã hóa trên mạng. / Serve without TLS on a network."`
	IKnowDemo     bool     `name:"i-know-demo-accounts" help:"Phục vụ tài khoản mẫu trên mạng, để tập huấn. / Serve demo accounts on a network, for training."`
	auditing
	paying
}

// Run serves until it is interrupted.
func (c *serveCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	return c.serve(ctx, d, c.keeping, c.SecondFactor, func(string) {})
}

// serve answers on an address until ctx ends; ready is told the address.
func (c *serving) serve(ctx context.Context, d *db.DB, keep keeping, secondFactor bool, ready func(address string)) error {
	s, err := assemble(ctx, d, time.Now)
	if err != nil {
		return err
	}
	s.register.SecondFactor = secondFactor
	client, err := keep.client()
	if err != nil {
		return err
	}
	if c.Providers != "" {
		if s.register.Providers, err = identity.ReadProviders(c.Providers, client); err != nil {
			return usageError{err}
		}
	}
	forwarders, err := c.forwarders(d)
	if err != nil {
		return usageError{err}
	}
	if err := c.openPayments(ctx, s, client); err != nil {
		return err
	}
	if s.site.Terms().Name.VI == "" {
		return refusal.New(refusal.NotFound, "site.empty")
	}
	if err := c.safe(ctx, s); err != nil {
		return err
	}
	proxies, err := c.proxies()
	if err != nil {
		return usageError{err}
	}
	scanner, err := c.scanner(ctx, s)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	l = &gate.Listener{Listener: l, Most: connections, Each: connectionsEach, Free: func(a netip.Addr) bool { return a.IsLoopback() || proxies.Has(a) }}
	if c.MetricsListen != "" {
		if err := serveMetrics(ctx, c.MetricsListen); err != nil {
			return err
		}
	}
	go s.watch(ctx, func(err error) { slog.Error("refresh", "error", err) })
	go keep.renewed(ctx, d, func(err error) { slog.Error("vault", "error", err) })
	go s.deliver(ctx)
	go s.carryOn(ctx)
	for _, f := range forwarders {
		go f.Run(ctx)
	}
	if scanner != nil {
		go repeat(ctx, "scan", func() (bool, error) { return scanner.Work(ctx) })
	}
	handler, err := s.handler(ctx, c, proxies)
	if err != nil {
		return err
	}
	server := newServer(handler)
	if c.TLSCert != "" {
		pair := &certificate{cert: c.TLSCert, key: c.TLSKey}
		if _, err := pair.get(nil); err != nil {
			return err
		}
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get}
	}
	ready(l.Addr().String())
	return answer(ctx, server, l)
}

// answer serves until ctx ends, and what is under way then to its end.
func answer(ctx context.Context, server *http.Server, l net.Listener) error {
	closed := make(chan error, 1)
	go func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		closed <- server.Shutdown(end)
	}()
	serve := server.Serve
	if server.TLSConfig != nil {
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	if err := serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed
}

// How many connections are open at once, in all and from one address.
const (
	connections     = 20_000
	connectionsEach = 300
)

// newServer bounds the time of what no route is known for yet; the gate bounds
// the rest, by route.
func newServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 20 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn)}
}

// serveMetrics serves the metrics alone, until ctx ends.
func serveMetrics(ctx context.Context, address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := newServer(promhttp.Handler())
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("metrics", "error", err)
		}
	}()
	return nil
}

// scanner is who looks at what is handed in before anybody opens it; nil without
// one. A site that had one does not lose it because a flag was forgotten.
func (c *serving) scanner(ctx context.Context, s *site) (*document.Scanner, error) {
	switch c.Clamd {
	case "":
		on, err := document.Scanning(ctx, s.db)
		if err == nil && on {
			err = usageError{refusal.New(refusal.Invalid, "site.scanner.missing")}
		}
		return nil, err
	case "none":
		return nil, document.StopScanning(ctx, s.db, s.now())
	}
	clamd, err := document.ParseClamd(c.Clamd)
	if err != nil {
		return nil, usageError{fmt.Errorf("--clamd: %w", err)}
	}
	return &document.Scanner{DB: s.db, Clamd: clamd, Found: s.book.Infected, Now: s.now}, document.StartScanning(ctx, s.db, s.now())
}

// handler is all routes of all faces behind the gate and the guard.
func (s *site) handler(ctx context.Context, c *serving, proxies web.Proxies) (http.Handler, error) {
	key, err := identity.SiteKey(ctx, s.db, "form")
	if err != nil {
		return nil, err
	}
	inside := gate.New(limits, bodies)
	inside.Known, inside.Now = s.caller, s.now
	if c.NewVisitors > 0 {
		lineKey, err := identity.SiteKey(ctx, s.db, "line")
		if err != nil {
			return nil, err
		}
		inside.Line = &gate.Line{Key: lineKey, Rate: c.NewVisitors, Busy: c.BusyAt}
	}
	mux := http.NewServeMux()
	guard, guesses := &web.Guard{Key: key}, &web.Tries{}
	for _, p := range s.register.Providers {
		guard.Doors = append(guard.Doors, web.Door{ID: p.ID, Name: p.Name, For: p.For, Origin: p.Origin()})
	}
	(&api.API{Book: s.book, Register: s.register, Catalogue: s.catalogue, Site: s.site, Guesses: guesses, Now: s.now, Payments: s.payments}).Routes(mux)
	(&portal.Portal{Book: s.book, Register: s.register, Catalogue: s.catalogue, Site: s.site, Guard: guard, Guesses: guesses, Now: s.now, Privacy: s.privacy, Payments: s.payments}).Routes(mux)
	(&desk.Desk{Book: s.book, Keeper: s.keeper, Register: s.register, Catalogue: s.catalogue, Site: s.site, Guard: guard, Now: s.now, Privacy: s.privacy, Payments: s.payments}).Routes(mux)
	mux.Handle("GET /tinh/", web.Assets())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.db.Read(r.Context(), func(tx *db.Tx) error {
			_, err := tx.One(`SELECT 1`, nil, new(int))
			return err
		}); err != nil {
			web.Problem(w, r, err)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if c.MetricsListen != "" || !web.Local(r) {
			http.NotFound(w, r)
			return
		}
		promhttp.Handler().ServeHTTP(w, r)
	})
	return c.notDirect(proxies, proxies.Wrap(guard.Wrap(inside.Wrap(mux)))), nil
}

// notDirect turns away, where TLS ends at proxies ahead, who comes past them, but
// for whether the program is well.
func (c *serving) notDirect(proxies web.Proxies, next http.Handler) http.Handler {
	if len(proxies) == 0 || c.TLSCert != "" || c.IKnowNoTLS {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, _ := netip.ParseAddr(web.Address(r))
		if !proxies.Has(peer) && !peer.Unmap().IsLoopback() && r.URL.Path != "/healthz" && r.URL.Path != "/readyz" {
			web.Refuse(w, r, refusal.New(refusal.NotAllowed, "gate.direct"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// watchEvery is how often the system looks for what it has to do by itself.
const watchEvery = 10 * time.Second

// deliver takes up the outgoing work: what people are to be told goes to their
// inbox; and what is due for the system itself. While the database is away it
// waits.
func (s *site) deliver(ctx context.Context) {
	var swept, watched time.Time
	repeat(ctx, "deliver", func() (more bool, err error) {
		if s.now().Sub(swept) > time.Hour {
			swept = s.now()
			tell(ctx, "sweep uploads", document.Sweep(ctx, s.db, swept.Add(-24*time.Hour)))
			tell(ctx, "sweep", s.book.Sweep(ctx))
		}
		if s.now().Sub(watched) > watchEvery {
			watched = s.now()
			s.watchOver(ctx)
		}
		n, err := s.book.Deliver(ctx, 500)
		if err != nil {
			return false, err
		}
		m, err := s.privacy.Deliver(ctx, 500)
		return max(n, m) == 500, err
	})
}

// watchOver does what is due for the system itself.
func (s *site) watchOver(ctx context.Context) {
	_, err := s.book.Watch(ctx, 500)
	tell(ctx, "watch", err)
	_, err = s.book.Release(ctx)
	tell(ctx, "release", err)
	_, err = s.keeper.Watch(ctx, 500)
	tell(ctx, "records", err)
	for ctx.Err() == nil {
		n, err := s.book.Settle(ctx)
		tell(ctx, "settle", err)
		if n == 0 || err != nil {
			return
		}
	}
}

// carryOn does what is left of the batches that officers have started, also
// of those that were left when an earlier process ended.
func (s *site) carryOn(ctx context.Context) {
	actor := func(ctx context.Context, account int64) (dossier.Actor, error) {
		a, err := s.register.Find(ctx, account)
		return dossier.ActorOf(a, s.site.Directory(), calendar.DateOf(s.now())), err
	}
	repeat(ctx, "batch", func() (more bool, err error) {
		n, err := s.book.CarryOn(ctx, actor, 50)
		return n == 50, err
	})
}

// repeat does what there is to do, twice a second, at once again while there is
// more, until ctx ends.
func repeat(ctx context.Context, name string, do func() (more bool, err error)) {
	for ctx.Err() == nil {
		more, err := do()
		tell(ctx, name, err)
		pause := 500 * time.Millisecond
		if err == nil && more {
			pause = 10 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// tell notes what failed of the work that nobody waits for. While the database is
// away, and when the program ends, nothing did: it is done later.
func tell(ctx context.Context, name string, err error) {
	if err != nil && !refusal.Is(err, refusal.Unavailable) && ctx.Err() == nil {
		slog.Error(name, "error", err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
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
	Listen    string `default:"127.0.0.1:8080" help:"Địa chỉ phục vụ. / Address to serve on."`
	Providers string `help:"Các nơi định danh (OpenID Connect), tệp JSON. / Identity providers, a JSON file." type:"existingfile" placeholder:"FILE"`
	auditing
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
	return c.serve(ctx, d, c.SecondFactor, func(string) {})
}

// serve answers on an address until ctx ends; ready is told the address.
func (c *serving) serve(ctx context.Context, d *db.DB, secondFactor bool, ready func(address string)) error {
	s, err := assemble(ctx, d, time.Now)
	if err != nil {
		return err
	}
	s.register.SecondFactor = secondFactor
	if c.Providers != "" {
		if s.register.Providers, err = identity.ReadProviders(c.Providers, &http.Client{Timeout: 10 * time.Second}); err != nil {
			return usageError{err}
		}
	}
	forwarders, err := c.forwarders(d)
	if err != nil {
		return usageError{err}
	}
	if s.site.Terms().Name.VI == "" {
		return refusal.New(refusal.NotFound, "site.empty")
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	go s.watch(ctx, func(err error) { slog.Error("refresh", "error", err) })
	go s.deliver(ctx)
	go s.carryOn(ctx)
	for _, f := range forwarders {
		go f.Run(ctx)
	}
	handler, err := s.handler(ctx)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn)}
	closed := make(chan error, 1)
	go func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		closed <- server.Shutdown(end)
	}()
	ready(l.Addr().String())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed
}

// handler is all routes of all faces behind the guard.
func (s *site) handler(ctx context.Context) (http.Handler, error) {
	key, err := identity.SiteKey(ctx, s.db, "form")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	guard, guesses := &web.Guard{Key: key}, &web.Tries{}
	for _, p := range s.register.Providers {
		guard.Doors = append(guard.Doors, web.Door{ID: p.ID, Name: p.Name, For: p.For, Origin: p.Origin()})
	}
	(&api.API{Book: s.book, Register: s.register, Catalogue: s.catalogue, Site: s.site, Guesses: guesses, Now: s.now}).Routes(mux)
	(&portal.Portal{Book: s.book, Register: s.register, Catalogue: s.catalogue, Site: s.site, Guard: guard, Guesses: guesses, Now: s.now}).Routes(mux)
	(&desk.Desk{Book: s.book, Register: s.register, Catalogue: s.catalogue, Site: s.site, Guard: guard, Now: s.now}).Routes(mux)
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
	mux.Handle("GET /metrics", promhttp.Handler())
	return guard.Wrap(mux), nil
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
			_ = document.Sweep(ctx, s.db, swept.Add(-24*time.Hour)) // again in an hour if the database is away
			_ = s.book.Sweep(ctx)
		}
		if s.now().Sub(watched) > watchEvery {
			watched = s.now()
			if _, err := s.book.Watch(ctx, 500); err != nil && !refusal.Is(err, refusal.Unavailable) && ctx.Err() == nil {
				slog.Error("watch", "error", err)
			}
			for n := 1; n > 0 && ctx.Err() == nil; {
				var err error
				if n, err = s.book.Settle(ctx); err != nil {
					slog.Error("settle", "error", err)
					break
				}
			}
		}
		n, err := s.book.Deliver(ctx, 500)
		return n == 500, err
	})
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
		if err != nil && !refusal.Is(err, refusal.Unavailable) && ctx.Err() == nil {
			slog.Error(name, "error", err)
		}
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

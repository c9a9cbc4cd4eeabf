// SPDX-License-Identifier: Apache-2.0

// Package gate stands between strangers and the faces: it bounds what one
// caller and all together may ask, by the kind of route; drops clients that are
// slow on purpose; and lets a rush of visitors in by the order they came in.
//
// What it remembers is bounded, whoever calls. It knows nothing of the faces
// but their routes. Start at Gate.
package gate

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"golang.org/x/sync/semaphore"

	"motcua/internal/refusal"
	"motcua/internal/web"
)

// Limit is what one kind of route bears.
type Limit struct {
	Name     string
	Body     int64         // bytes of a body, at the most
	Keeps    int64         // bytes of a body that are in memory at once, where it is not read whole; 0 is all of it
	Time     time.Duration // until the answer must be there
	Stranger Rate          // from one address, of who is not signed in
	Account  Rate          // of one account
	AtOnce   int           // under way in all; more wait a moment, then are refused
	Each     int           // under way of one caller
	Held     bool          // whoever comes new waits in the line when there is one
}

// Route says which limit the routes of a pattern have; the most special pattern
// counts, as in a mux.
type Route struct {
	Pattern string
	Limit   *Limit
}

// Caller is who calls, as far as it is known.
type Caller struct {
	Account int64 // 0 is a stranger
	Officer bool
}

// Gate holds every call to the limit of its route.
type Gate struct {
	Known func(*http.Request) Caller
	Line  *Line // nil lets everybody in at once
	Now   func() time.Time

	room    room
	routes  *http.ServeMux
	limits  map[string]*Limit // by pattern
	slots   map[*Limit]*semaphore.Weighted
	rates   rates
	counts  counts
	waiting atomic.Int64
}

// New makes a gate for a table of routes, with room for the bodies of calls under
// way, in bytes; a table that is not whole, or a body that finds no room when it is
// alone, is a mistake of the build.
func New(table []Route, bytes int64) *Gate {
	g := &Gate{Now: time.Now, routes: http.NewServeMux(), limits: map[string]*Limit{}, slots: map[*Limit]*semaphore.Weighted{}}
	g.room.measure(bytes)
	for _, r := range table {
		if n := r.Limit.keeps(-1); n > g.room.share(n).each {
			panic(fmt.Sprintf("gate: %s keeps %d bytes, which find no room", r.Pattern, n))
		}
		g.routes.Handle(r.Pattern, http.NotFoundHandler())
		g.limits[r.Pattern] = r.Limit
		if g.slots[r.Limit] == nil && r.Limit.AtOnce > 0 {
			g.slots[r.Limit] = semaphore.NewWeighted(int64(r.Limit.AtOnce))
		}
	}
	return g
}

// Limit is the limit of a call; nil if it has none.
func (g *Gate) Limit(r *http.Request) *Limit {
	_, pattern := g.routes.Handler(r)
	return g.limits[pattern]
}

// SlotFor is how long a call waits for room and a place among those under way.
const SlotFor = 3 * time.Second

// slotsQueue is how many wait for them, in all.
const slotsQueue = 1000

// Wrap puts the gate before a handler.
func (g *Gate) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := g.Limit(r)
		if l == nil {
			next.ServeHTTP(w, r)
			return
		}
		if r.ContentLength > l.Body {
			refuse(w, r, l, refusal.New(refusal.TooLarge, "request.too_large", "mb", max(1, l.Body>>20)))
			return
		}
		if !web.Local(r) && !g.admit(w, r, l) {
			return
		}
		end, err := g.begin(r, l)
		if err != nil {
			hear(w, r)
			refuse(w, r, l, err)
			return
		}
		defer end()
		g.serve(w, r, l, next)
	})
}

// What is turned away is counted, not logged: who floods the site must not flood
// its log.
var (
	refused = promauto.NewCounterVec(prometheus.CounterOpts{Name: "motcua_refused_total", Help: "Calls turned away before a face, by limit and why."}, []string{"limit", "why"})
	inLine  = promauto.NewGauge(prometheus.GaugeOpts{Name: "motcua_line", Help: "Visitors who wait in line."})
)

func refuse(w http.ResponseWriter, r *http.Request, l *Limit, e *refusal.Error) {
	refused.WithLabelValues(l.Name, e.Key).Inc()
	if r.ContentLength != 0 {
		drop(http.NewResponseController(w))
	}
	web.Refuse(w, r, e)
}

// admit lets a call in by its caller's rate and the line; false if it was
// answered.
func (g *Gate) admit(w http.ResponseWriter, r *http.Request, l *Limit) bool {
	who := g.Known(r)
	rate, name := l.Stranger, "s/"+l.Name+"/"+near(web.Address(r))
	if who.Account != 0 {
		rate, name = l.Account, "a/"+l.Name+"/"+strconv.FormatInt(who.Account, 36)
	}
	if wait := g.rates.take(name, rate, g.Now()); wait > 0 {
		refuse(w, r, l, refusal.New(refusal.TooMany, "gate.too_many", "seconds", seconds(wait)))
		return false
	}
	if g.Line == nil || who.Officer {
		return true
	}
	return g.Line.pass(w, r, l, who, g.Now())
}

// begin takes a place among the calls under way, and room for the body; end gives
// both back.
func (g *Gate) begin(r *http.Request, l *Limit) (end func(), err *refusal.Error) {
	var taken []func()
	end = func() {
		for _, free := range slices.Backward(taken) {
			free()
		}
	}
	bytes, near := l.keeps(r.ContentLength), near(web.Address(r))
	share := g.room.share(bytes)
	if !web.Local(r) {
		for _, x := range []struct {
			of        *counts
			name      string
			n, atMost int64
		}{{&g.counts, l.Name + "/" + near, 1, int64(l.Each)}, {&share.callers, near, bytes, share.each}} {
			if x.n == 0 || x.atMost == 0 {
				continue
			}
			if !x.of.take(x.name, x.n, x.atMost) {
				end()
				return nil, refusal.New(refusal.TooMany, "gate.at_once", "seconds", 5)
			}
			taken = append(taken, func() { x.of.free(x.name, x.n) })
		}
	}
	// Room comes first: who waits for it keeps no place from those who need little.
	for _, x := range []struct {
		of *semaphore.Weighted
		n  int64
	}{{share.all, bytes}, {g.slots[l], 1}} {
		if x.n == 0 || x.of == nil {
			continue
		}
		if !g.wait(r.Context(), x.of, x.n) {
			end()
			return nil, refusal.New(refusal.Unavailable, "gate.busy", "seconds", 5)
		}
		taken = append(taken, func() { x.of.Release(x.n) })
	}
	if g.Line != nil && l.AtOnce > 0 {
		g.Line.inside.Add(1)
		taken = append(taken, func() { g.Line.inside.Add(-1) })
	}
	return end, nil
}

// wait takes so much of what there is, or waits a moment for it.
func (g *Gate) wait(ctx context.Context, of *semaphore.Weighted, n int64) bool {
	if of.TryAcquire(n) {
		return true
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > slotsQueue {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, SlotFor)
	defer cancel()
	return of.Acquire(ctx, n) == nil
}

// serve answers within the time and the size of a limit, at the pace that a
// client must keep.
func (g *Gate) serve(w http.ResponseWriter, r *http.Request, l *Limit, next http.Handler) {
	ctx, cancel := context.WithTimeout(r.Context(), l.Time)
	defer cancel()
	r = r.WithContext(ctx)
	control := http.NewResponseController(w)
	if r.Body != nil && r.Body != http.NoBody {
		body := &steady{ReadCloser: http.MaxBytesReader(w, r.Body, l.Body), control: control, began: time.Now()}
		r.Body = body
		defer body.end()
	}
	next.ServeHTTP(&paced{ResponseWriter: w, control: control}, r)
}

// near is an address as callers are counted by: one of IPv6 stands for the 64
// bits that one subscriber has.
func near(address string) string { return web.Around(address, 32, 64) }

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

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
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"motcua/internal/refusal"
	"motcua/internal/web"
)

// Limit is what one kind of route bears.
type Limit struct {
	Name     string
	Body     int64         // bytes of a body, at the most
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

	routes  *http.ServeMux
	limits  map[string]*Limit // by pattern
	slots   map[*Limit]chan struct{}
	rates   rates
	counts  counts
	waiting atomic.Int64
}

// New makes a gate for a table of routes; a table that is not whole is a mistake
// of the build.
func New(table []Route) *Gate {
	g := &Gate{Now: time.Now, routes: http.NewServeMux(), limits: map[string]*Limit{}, slots: map[*Limit]chan struct{}{}}
	for _, r := range table {
		g.routes.Handle(r.Pattern, http.NotFoundHandler())
		g.limits[r.Pattern] = r.Limit
		if g.slots[r.Limit] == nil && r.Limit.AtOnce > 0 {
			g.slots[r.Limit] = make(chan struct{}, r.Limit.AtOnce)
		}
	}
	return g
}

// Limit is the limit of a call; nil if it has none.
func (g *Gate) Limit(r *http.Request) *Limit {
	_, pattern := g.routes.Handler(r)
	return g.limits[pattern]
}

const (
	slotFor    = 3 * time.Second // waited for a place among those under way
	slotsQueue = 1000            // who wait for one, in all
)

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

// begin takes a place among the calls under way; end gives it back.
func (g *Gate) begin(r *http.Request, l *Limit) (end func(), err *refusal.Error) {
	caller := ""
	if l.Each > 0 && !web.Local(r) {
		caller = l.Name + "/" + near(web.Address(r))
		if !g.counts.take(caller, l.Each) {
			return nil, refusal.New(refusal.TooMany, "gate.at_once", "seconds", 5)
		}
	}
	if slots := g.slots[l]; slots != nil && !g.slot(r.Context(), slots) {
		if caller != "" {
			g.counts.free(caller)
		}
		return nil, refusal.New(refusal.Unavailable, "gate.busy", "seconds", 5)
	}
	counts := g.Line != nil && l.AtOnce > 0
	if counts {
		g.Line.inside.Add(1)
	}
	return func() {
		if counts {
			g.Line.inside.Add(-1)
		}
		if slots := g.slots[l]; slots != nil {
			<-slots
		}
		if caller != "" {
			g.counts.free(caller)
		}
	}, nil
}

func (g *Gate) slot(ctx context.Context, slots chan struct{}) bool {
	select {
	case slots <- struct{}{}:
		return true
	default:
	}
	if g.waiting.Add(1) > slotsQueue {
		g.waiting.Add(-1)
		return false
	}
	defer g.waiting.Add(-1)
	t := time.NewTimer(slotFor)
	defer t.Stop()
	select {
	case slots <- struct{}{}:
		return true
	case <-t.C:
	case <-ctx.Done():
	}
	return false
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

// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"motcua/internal/refusal"
	"motcua/internal/web"
)

// Line is the waiting room of a site: when more visitors come than it is set to
// take, new ones wait and are let in by the order they came in. A ticket holds
// the instant somebody came at, signed with the site's key, so that processes
// share nothing else; each lets in its share. Who was let in has a pass and is
// not held again while they go on. Who goes away loses nothing but the time: the
// ticket keeps the place.
type Line struct {
	Key  []byte
	Rate float64 // new visitors a second, at the most
	Busy int64   // calls under way with which nobody new is let in

	inside  atomic.Int64 // calls under way
	mu      sync.Mutex
	places  []place                // who wait, by when they came
	used    [2]map[uint64]struct{} // tickets that were let in: of late, and before
	allowed float64                // visitors that may be let in now
	at      time.Time
}

// place is somebody who waits.
type place struct {
	ticket
	seen time.Time
}

// ticket is when somebody came; the number tells apart who came at once.
type ticket struct{ at, number uint64 }

func (t ticket) before(u ticket) bool {
	return t.at < u.at || t.at == u.at && t.number < u.number
}

// PassFor is how long who was let in is not held again, since they last opened a
// page: as long as a session without use.
const PassFor = 2 * time.Hour

const (
	ticketFor  = 6 * time.Hour
	passRenew  = 5 * time.Minute
	gone       = 90 * time.Second // not asked again: others go ahead meanwhile
	refreshMin = 5
	refreshMax = 30
	placesMost = 200_000
	// ahead is for how many seconds' visitors the door is kept open for those at
	// the head of the line, who learn of it when their page loads again.
	ahead = 2 * refreshMax
)

// turn says whether a ticket may go in now; if not, how many are before it.
func (l *Line) turn(t ticket, now time.Time) (in bool, before int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill(now)
	i := sort.Search(len(l.places), func(i int) bool { return !l.places[i].before(t) })
	waits := i < len(l.places) && l.places[i].ticket == t
	if float64(i)+1 <= l.allowed {
		if waits {
			l.places = slices.Delete(l.places, i, i+1)
		}
		l.allowed--
		l.spend(t)
		return true, 0
	}
	if waits {
		l.places[i].seen = now
	} else if len(l.places) < placesMost {
		l.places = slices.Insert(l.places, i, place{t, now})
	}
	return false, i
}

// refill lets the time since the last call allow more visitors, and forgets who
// went away.
func (l *Line) refill(now time.Time) {
	since := now.Sub(l.at).Seconds()
	if l.at.IsZero() {
		since = 2
	}
	if since < 0.05 {
		return
	}
	l.at = now
	l.places = slices.DeleteFunc(l.places, func(p place) bool { return now.Sub(p.seen) > gone })
	inLine.Set(float64(len(l.places)))
	if l.inside.Load() >= l.Busy {
		return
	}
	most := 2 * l.Rate
	if len(l.places) > 0 {
		most = ahead * l.Rate
	}
	l.allowed = min(max(most, 1), l.allowed+since*l.Rate)
}

// spend remembers a ticket that was let in, so that it is not shown again by
// somebody else; the oldest are forgotten when there are very many.
func (l *Line) spend(t ticket) {
	if l.used[0] == nil || len(l.used[0]) >= placesMost/2 {
		l.used = [2]map[uint64]struct{}{{}, l.used[0]}
	}
	l.used[0][t.number] = struct{}{}
}

func (l *Line) wasUsed(t ticket) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, late := l.used[0][t.number]
	_, before := l.used[1][t.number]
	return late || before
}

// long is true while somebody waits.
func (l *Line) long(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill(now)
	return len(l.places) > 0
}

// The cookies of the line.
const (
	ticketCookie = "hang-cho"
	passCookie   = "vao"
)

// sign writes what a cookie of the line holds.
func (l *Line) sign(kind string, t ticket) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], t.at)
	binary.BigEndian.PutUint64(b[8:], t.number)
	return base64.RawURLEncoding.EncodeToString(append(b[:], l.mac(kind, b[:])...))
}

func (l *Line) mac(kind string, b []byte) []byte {
	m := hmac.New(sha256.New, l.Key)
	m.Write([]byte("line/" + kind + "\n"))
	m.Write(b)
	return m.Sum(nil)[:16]
}

// read reads a cookie of the line; false if it is none of ours, or over.
func (l *Line) read(r *http.Request, kind string, lasts time.Duration, now time.Time) (t ticket, ok bool) {
	c, err := r.Cookie(kind)
	if err != nil {
		return t, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(raw) != 32 || !hmac.Equal(raw[16:], l.mac(kind, raw[:16])) {
		return t, false
	}
	t = ticket{binary.BigEndian.Uint64(raw), binary.BigEndian.Uint64(raw[8:])}
	at := time.UnixMilli(int64(t.at))
	return t, now.Sub(at) < lasts && !at.After(now.Add(time.Minute))
}

func (l *Line) set(w http.ResponseWriter, r *http.Request, kind string, t ticket, lasts time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: kind, Value: l.sign(kind, t), Path: "/", MaxAge: int(lasts.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: web.Secure(r)})
}

func issue(now time.Time) ticket {
	var b [8]byte
	rand.Read(b[:])
	return ticket{uint64(now.UnixMilli()), binary.BigEndian.Uint64(b[:])}
}

// pass lets a call in, or answers it with the place in the line; false if it
// did. Forms are never held: who sends one was let in before, and what they
// typed must not be lost.
func (l *Line) pass(w http.ResponseWriter, r *http.Request, limit *Limit, who Caller, now time.Time) bool {
	if !limit.Held {
		return true
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		if who.Account == 0 && l.long(now) {
			refuse(w, r, limit, refusal.New(refusal.Unavailable, "gate.busy", "seconds", refreshMax))
			return false
		}
		return true
	}
	if r.Method != http.MethodGet || toDesk(r) {
		return true
	}
	if p, ok := l.read(r, passCookie, PassFor, now); ok {
		if now.Sub(time.UnixMilli(int64(p.at))) > passRenew {
			l.set(w, r, passCookie, ticket{uint64(now.UnixMilli()), p.number}, PassFor)
		}
		return true
	}
	t, ok := l.read(r, ticketCookie, ticketFor, now)
	if !ok || l.wasUsed(t) {
		t = issue(now)
	}
	in, before := l.turn(t, now)
	if in {
		l.set(w, r, passCookie, ticket{uint64(now.UnixMilli()), t.number}, PassFor)
		return true
	}
	l.set(w, r, ticketCookie, t, ticketFor)
	refused.WithLabelValues(limit.Name, "gate.wait").Inc()
	l.wait(w, r, before)
	return false
}

// toDesk is true on the way of officers to their sign-in. A citizen who signs in
// there has no pass by that.
func toDesk(r *http.Request) bool {
	return r.URL.Path == "/dang-nhap" && strings.HasPrefix(r.URL.Query().Get("next"), "/mot-cua") || strings.HasPrefix(r.URL.Path, "/dang-nhap/")
}

// wait is the page of who waits: their place, how long it will take, and that it
// loads itself again, which can be turned off.
func (l *Line) wait(w http.ResponseWriter, r *http.Request, before int) {
	expected := float64(before+1) / l.Rate
	again := min(refreshMax, max(refreshMin, int(expected/2)))
	if web.Machine(r) {
		web.Problem(w, r, refusal.New(refusal.Unavailable, "gate.busy", "seconds", again))
		return
	}
	lang := web.Lang(r)
	t := func(key string, args ...any) string { return web.T(lang, key, args...) }
	page := web.Light{Page: web.Page{Lang: lang, Title: t("gate.wait.title"), Path: r.URL.RequestURI()}, Lead: t("gate.wait.place", "n", before+1)}
	long := t("gate.wait.soon")
	if minutes := int(expected/60 + 0.5); minutes >= 1 {
		long = t("gate.wait.minutes", "n", minutes)
	}
	page.Lines = []string{long, t("gate.wait.keep")}
	still, moving := url.Values{}, r.URL.Query()
	for name, values := range moving {
		still[name] = values
	}
	still.Set(stillQuery, "1")
	if page.Again = r.URL.RequestURI(); moving.Get(stillQuery) == "" {
		page.Lines = append(page.Lines, t("gate.wait.refresh", "n", again))
		page.Refresh, page.Still = again, r.URL.Path+"?"+still.Encode()
	}
	w.Header().Set("Retry-After", "30")
	page.Render(w, http.StatusServiceUnavailable)
}

// stillQuery asks for the page that does not load itself again.
const stillQuery = "dung-tai"

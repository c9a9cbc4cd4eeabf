// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// visitor is somebody's browser in simulated time: it keeps cookies, and loads a
// page again when the page says so.
type visitor struct {
	n       int
	came    time.Time
	next    time.Time
	cookies map[string]string
	in      time.Time
}

func (v *visitor) asks(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	cookies := []string{}
	for name, value := range v.cookies {
		cookies = append(cookies, name+"="+value)
	}
	w := ask(h, fmt.Sprintf("198.51.%d.%d", v.n/250, v.n%250+1), path, append(headers, "Cookie", strings.Join(cookies, "; "))...)
	for _, c := range w.Result().Cookies() {
		if v.cookies == nil {
			v.cookies = map[string]string{}
		}
		v.cookies[c.Name] = c.Value
	}
	return w
}

// lined is a gate with a line that takes so many visitors a second.
func lined(t *testing.T, rate float64) (*Gate, *time.Time) {
	g, now := clocked(t, Limit{Name: "page", Held: true, AtOnce: 100})
	g.Line = &Line{Key: []byte("khóa của hệ thống"), Rate: rate, Busy: 100}
	return g, now
}

// Three thousand come within a minute where ten a second are let in: they go in by
// the order they came in, nobody is left, and nobody waits longer than it takes.
func TestRush(t *testing.T) {
	const rate, many = 10.0, 3000
	g, now := lined(t, rate)
	h, began := g.Wrap(fine), *now
	r := rand.New(rand.NewPCG(1, 2))
	var all []*visitor
	for i := range many {
		at := began.Add(time.Duration(r.Int64N(int64(time.Minute))))
		all = append(all, &visitor{n: i, came: at, next: at})
	}
	slices.SortFunc(all, func(a, b *visitor) int { return a.came.Compare(b.came) })
	perSecond, waiting := map[int64]int{}, many
	for step := 0; waiting > 0 && step < 10*1000; step++ {
		*now = began.Add(time.Duration(step) * 100 * time.Millisecond)
		for _, v := range all {
			if !v.in.IsZero() || v.next.After(*now) {
				continue
			}
			switch w := v.asks(h, "/thu-tuc?q=nh%E1%BA%ADp+h%E1%BB%8Dc"); w.Code {
			case http.StatusOK:
				v.in = *now
				waiting--
				perSecond[now.Unix()]++
			case http.StatusServiceUnavailable:
				again, err := strconv.Atoi(w.Header().Get("Refresh"))
				if err != nil || again < refreshMin || again > refreshMax {
					t.Fatalf("loads again after %q", w.Header().Get("Refresh"))
				}
				v.next = now.Add(time.Duration(again) * time.Second)
			default:
				t.Fatal(w.Code, w.Body)
			}
		}
	}
	if waiting > 0 {
		t.Fatalf("%d are never let in", waiting)
	}
	worst, last, longest := time.Duration(0), began, time.Duration(0)
	for _, v := range all { // in the order they came
		if early := last.Sub(v.in); early > worst {
			worst = early
		}
		if v.in.After(last) {
			last = v.in
		}
		longest = max(longest, v.in.Sub(v.came))
	}
	if worst > 2*refreshMax*time.Second {
		t.Errorf("somebody who came later was in %s before one who came earlier", worst)
	}
	if end := last.Sub(began); end > many/rate*time.Second*12/10 {
		t.Errorf("the last is in after %s", end)
	}
	window := 0
	for s := began.Unix(); s < last.Unix(); s++ { // any half minute
		n := 0
		for i := range int64(30) {
			n += perSecond[s+i]
		}
		window = max(window, n)
	}
	if float64(window) > rate*(30+ahead)+2*rate {
		t.Errorf("%d are let in within half a minute", window)
	}
	t.Logf("all in after %s, the longest wait %s, order kept within %s, at most %d in half a minute", last.Sub(began), longest, worst, window)
}

// Who was let in goes on while the line is long; officers, forms and programs with
// a token are not held, programs of strangers are told to come again.
func TestNotHeld(t *testing.T) {
	g, now := lined(t, 1)
	h := g.Wrap(fine)
	first := &visitor{}
	if w := first.asks(h, "/"); w.Code != http.StatusOK || first.cookies[passCookie] == "" {
		t.Fatal(w.Code, w.Body)
	}
	for i := range 50 {
		(&visitor{n: i + 1}).asks(h, "/")
	}
	late := &visitor{n: 99}
	if w := late.asks(h, "/"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Bạn đang ở hàng chờ") || strings.Contains(w.Body.String(), "<script") {
		t.Fatal(w.Code, w.Body)
	}
	for range 40 {
		*now = now.Add(20 * time.Minute)
		(&visitor{n: int(now.Unix() % 1000)}).asks(h, "/")
		if w := first.asks(h, "/ho-so/nhap/1/trang/2"); w.Code != http.StatusOK {
			t.Fatal("who is inside and goes on is held")
		}
		for i := range 9 {
			(&visitor{n: 100 + i}).asks(h, "/")
		}
	}
	*now = now.Add(PassFor + time.Minute)
	for i := range 9 {
		(&visitor{n: 200 + i}).asks(h, "/")
	}
	if w := first.asks(h, "/"); w.Code != http.StatusServiceUnavailable {
		t.Error("a pass holds for ever")
	}
	for what, w := range map[string]*httptest.ResponseRecorder{
		"an officer":             ask(h, "198.51.100.1", "/mot-cua", "Account", "3", "Officer", "x"),
		"an officer's sign-in":   ask(h, "198.51.100.1", "/dang-nhap?next=/mot-cua"),
		"a program with a token": ask(h, "198.51.100.1", "/api/v1/dossiers", "Account", "3"),
	} {
		if w.Code != http.StatusOK {
			t.Errorf("%s is held: %d", what, w.Code)
		}
	}
	r := httptest.NewRequest("POST", "/ho-so/nhap/1/trang/2", strings.NewReader("a=b"))
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Errorf("a form is held: %d", w.Code)
	}
	if w := ask(h, "198.51.100.1", "/api/v1/procedures"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "gate.busy") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(h, "198.51.100.1", "/", "Account", "3"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a session without a pass goes before the line: %d", w.Code)
	}
}

// Tickets that were forged, changed, taken from another site or shared open
// nothing.
func TestForgedTickets(t *testing.T) {
	g, now := lined(t, 1)
	h := g.Wrap(fine)
	for i := range 100 {
		(&visitor{n: i}).asks(h, "/")
	}
	holder := &visitor{n: 100}
	holder.asks(h, "/")
	good := holder.cookies[ticketCookie]
	raw, _ := base64.RawURLEncoding.DecodeString(good)
	earlier := slices.Clone(raw)
	earlier[5]--
	other := Line{Key: []byte("khóa khác")}
	old := ticket{uint64(now.Add(-time.Hour).UnixMilli()), 7}
	*now = now.Add(time.Millisecond) // those of one instant are in no order
	for what, cookie := range map[string]string{"nothing": "", "noise": "xxxx", "an earlier ticket": base64.RawURLEncoding.EncodeToString(earlier),
		"another site's": other.sign(ticketCookie, old), "a pass as a ticket": g.Line.sign(passCookie, old)} {
		forger := &visitor{n: 101, cookies: map[string]string{ticketCookie: cookie}}
		if w := forger.asks(h, "/"); w.Code != http.StatusServiceUnavailable || forger.cookies[ticketCookie] == cookie {
			t.Errorf("%s: %d, and is kept", what, w.Code)
		}
		if strings.Contains(forger.asks(h, "/").Body.String(), "Số thứ tự của bạn: 1.") {
			t.Errorf("%s is first", what)
		}
	}
	forger := &visitor{n: 102, cookies: map[string]string{passCookie: g.Line.sign(ticketCookie, old)}}
	if w := forger.asks(h, "/"); w.Code != http.StatusServiceUnavailable {
		t.Error("a ticket is taken as a pass")
	}
	real := &visitor{n: 103, cookies: map[string]string{ticketCookie: g.Line.sign(ticketCookie, old)}} // given out by another process
	*now = now.Add(2 * time.Second)
	if w := real.asks(h, "/"); w.Code != http.StatusOK {
		t.Errorf("who came first is held: %d", w.Code)
	}
	shared := &visitor{n: 104, cookies: map[string]string{ticketCookie: g.Line.sign(ticketCookie, old)}}
	*now = now.Add(2 * time.Second)
	if w := shared.asks(h, "/"); w.Code != http.StatusServiceUnavailable {
		t.Error("a ticket lets two in")
	}
}

// While too much is under way nobody new is let in, and afterwards they are; who
// goes away does not hold others up, and finds the place again.
func TestBusyAndGone(t *testing.T) {
	g, now := lined(t, 1)
	h := g.Wrap(fine)
	for i := range 10 {
		(&visitor{n: i}).asks(h, "/")
	}
	g.Line.inside.Store(100)
	*now = now.Add(time.Minute)
	v := &visitor{n: 50}
	if w := v.asks(h, "/"); w.Code != http.StatusServiceUnavailable {
		t.Error("let in while too much is under way")
	}
	g.Line.inside.Store(0)
	*now = now.Add(40 * time.Second) // the ten are gone by now
	w := v.asks(h, "/")
	if w.Code != http.StatusOK {
		t.Errorf("%d after the others went: %s", w.Code, w.Body)
	}
}

// A ticket that was let in is not taken again, however many came after it; what is
// remembered of them is bounded, and takes no longer when it is full.
func TestUsedTickets(t *testing.T) {
	var l Line
	for n := range uint64(3 * placesMost) {
		l.spend(ticket{1, n})
		if kept := len(l.used[0]) + len(l.used[1]); kept > placesMost {
			t.Fatalf("%d are remembered", kept)
		}
		if n%1000 == 0 && (!l.wasUsed(ticket{1, n}) || !l.wasUsed(ticket{1, n - min(n, placesMost/2-1)}) || l.wasUsed(ticket{1, n + 1})) {
			t.Fatalf("after %d tickets", n)
		}
	}
	if l.wasUsed(ticket{1, 0}) {
		t.Error("the first is remembered for ever")
	}
}

// No cookie that was not signed here is read as a ticket.
func FuzzTicket(f *testing.F) {
	l := &Line{Key: []byte("khóa của hệ thống")}
	now := time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)
	good := l.sign(ticketCookie, ticket{uint64(now.UnixMilli()), 7})
	f.Add(good)
	f.Add(strings.Repeat("A", 43))
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", ticketCookie+"="+value)
		if c, err := r.Cookie(ticketCookie); err == nil && c.Value != good {
			if got, ok := l.read(r, ticketCookie, ticketFor, now); ok && l.sign(ticketCookie, got) != good {
				t.Errorf("%q is read as %v", value, got)
			}
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"motcua/internal/web"
)

// clocked is a gate with one limit for all routes, and a clock that the test moves.
func clocked(t *testing.T, l Limit) (*Gate, *time.Time) {
	t.Helper()
	l.Body = max(l.Body, 1<<10)
	if l.Time == 0 {
		l.Time = time.Minute
	}
	g, now := New([]Route{{"/", &l}}, 4<<20), time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)
	g.Now = func() time.Time { return now }
	g.Known = func(r *http.Request) Caller {
		var c Caller
		_, _ = fmt.Sscan(r.Header.Get("Account"), &c.Account)
		c.Officer = r.Header.Get("Officer") != ""
		return c
	}
	return g, &now
}

// ask asks the gate from an address and returns the answer.
func ask(h http.Handler, from, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.RemoteAddr = net.JoinHostPort(from, "1234")
	r.Header.Set("Accept", "text/html")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var fine = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "fine") })

// One address is slowed down, others and accounts behind it are not; refusals say
// when to try again, to people and to programs, in both languages.
func TestRates(t *testing.T) {
	g, now := clocked(t, Limit{Name: "x", Stranger: Rate{time.Second, 10}, Account: Rate{time.Second, 3}})
	h := g.Wrap(fine)
	count := func(n int, from string, headers ...string) (passed int) {
		for range n {
			if ask(h, from, "/", headers...).Code == http.StatusOK {
				passed++
			}
		}
		return passed
	}
	if n := count(50, "198.51.100.1"); n != 10 {
		t.Errorf("%d of a stranger pass", n)
	}
	if n := count(50, "198.51.100.2"); n != 10 {
		t.Errorf("%d of another stranger pass", n)
	}
	if n := count(50, "198.51.100.1", "Account", "7"); n != 3 {
		t.Errorf("%d of an account behind a busy address pass", n)
	}
	if n := count(20, "2001:db8::1") + count(20, "2001:db8::2"); n != 10 {
		t.Errorf("%d of one subscriber's addresses pass", n)
	}
	if w := ask(h, "198.51.100.1", "/"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), "<h1>") || !strings.Contains(w.Body.String(), "Xin thử lại sau 1 giây") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := ask(h, "198.51.100.1", "/?lang=en"); !strings.Contains(w.Body.String(), "try again in 1 seconds") {
		t.Error(w.Body)
	}
	if w := ask(h, "198.51.100.1", "/api/v1/x"); w.Code != http.StatusTooManyRequests || w.Header().Get("Content-Type") != "application/problem+json; charset=utf-8" || !strings.Contains(w.Body.String(), "gate.too_many") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	*now = now.Add(2 * time.Second)
	if n := count(50, "198.51.100.1"); n != 2 {
		t.Errorf("%d pass after two seconds", n)
	}
	for i := range 340_000 { // who comes once does not wash out who is slowed down
		g.rates.take(fmt.Sprint("s/x/", i), Rate{time.Second, 10}, *now)
	}
	kept := 0
	for i := range g.rates.shards {
		kept += len(g.rates.shards[i].free)
	}
	if n := count(5, "198.51.100.1"); n != 0 || kept > 16*ratesMost {
		t.Errorf("%d pass after a flood, %d callers are remembered", n, kept)
	}
}

// So many calls are under way at once; one more is refused soon, and the places
// are given back.
func TestAtOnce(t *testing.T) {
	g, _ := clocked(t, Limit{Name: "x", AtOnce: 4, Each: 3})
	hold, begun := make(chan struct{}), make(chan struct{}, 10)
	h := g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { begun <- struct{}{}; <-hold }))
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { ask(h, "198.51.100.1", "/") })
		<-begun
	}
	if w := ask(h, "198.51.100.1", "/"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("a fourth of one address: %d", w.Code)
	}
	all.Go(func() { ask(h, "198.51.100.2", "/") })
	<-begun
	if w := ask(h, "198.51.100.3", "/"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("a fifth: %d", w.Code)
	}
	close(hold)
	all.Wait()
	if w := ask(h, "198.51.100.1", "/"); w.Code != http.StatusOK {
		t.Errorf("afterwards: %d", w.Code)
	}
	if len(g.counts.now) != 0 {
		t.Errorf("still counted: %v", g.counts.now)
	}
}

// Bodies under way have so many bytes of memory in all: who finds no room waits, then
// is refused; small ones go on beside large ones, one address does not have it all,
// and everything is given back.
func TestRoom(t *testing.T) {
	whole, kept := Limit{Name: "whole", Body: 1 << 20, Time: time.Minute, AtOnce: 4}, Limit{Name: "kept", Body: 1 << 30, Keeps: 100 << 10, Time: time.Minute}
	g := New([]Route{{"/", &whole}, {"/kept", &kept}}, 4<<20) // three of the largest, two of an address
	g.Known = func(*http.Request) Caller { return Caller{} }
	hold, begun := make(chan struct{}), make(chan struct{}, 100)
	h := g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Hold") != "" {
			begun <- struct{}{}
			<-hold
		}
	}))
	send := func(from, path string, length int64, headers ...string) (int, time.Duration) {
		r := httptest.NewRequest("POST", path, strings.NewReader("x"))
		r.ContentLength, r.RemoteAddr = length, from+":1234"
		for _, name := range headers {
			r.Header.Set(name, "x")
		}
		w, at := httptest.NewRecorder(), time.Now()
		h.ServeHTTP(w, r)
		if (w.Code != http.StatusOK) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%s: %d without when to try again", path, w.Code)
		}
		return w.Code, time.Since(at)
	}
	var all sync.WaitGroup
	for i, length := range []int64{1 << 20, 1 << 20, -1} { // what does not say its length may be the largest
		all.Go(func() { send(fmt.Sprint("198.51.100.", 1+i/2), "/", length, "Hold") })
		<-begun
	}
	if status, took := send("198.51.100.1", "/", 1<<20); status != http.StatusTooManyRequests || took > time.Second {
		t.Errorf("a third of one address: %d after %s", status, took)
	}
	var late sync.WaitGroup
	for i := range 8 {
		late.Go(func() {
			if status, took := send(fmt.Sprint("198.51.100.", 10+i), "/", 1<<20); status != http.StatusServiceUnavailable || took < SlotFor {
				t.Errorf("one for which there is no room: %d after %s", status, took)
			}
		})
	}
	for g.waiting.Load() < 8 {
		time.Sleep(time.Millisecond)
	}
	for what, length := range map[string]int64{"a small one": Small, "one without a body": 0} {
		if status, took := send("198.51.100.1", "/", length); status != http.StatusOK || took > time.Second {
			t.Errorf("%s beside eight large ones that wait: %d after %s", what, status, took)
		}
	}
	late.Wait()
	waits := make(chan int)
	go func() { status, _ := send("198.51.100.20", "/", 1<<20); waits <- status }()
	for g.waiting.Load() < 1 {
		time.Sleep(time.Millisecond)
	}
	close(hold)
	if status := <-waits; status != http.StatusOK {
		t.Errorf("who waits while others end: %d", status)
	}
	all.Wait()

	hold = make(chan struct{})
	for i := range 30 { // of a gigabyte each, of which little is in memory
		all.Go(func() { send(fmt.Sprint("198.51.100.", 1+i%3), "/kept", 1<<30, "Hold") })
		<-begun
	}
	close(hold)
	all.Wait()
	for _, s := range []*share{&g.room.small, &g.room.large} {
		if len(s.callers.now) != 0 {
			t.Errorf("still counted: %v", s.callers.now)
		}
	}
	if !g.room.small.all.TryAcquire(1<<20) || !g.room.large.all.TryAcquire(3<<20) {
		t.Error("not all room is given back")
	}
	defer func() {
		if recover() == nil {
			t.Error("a route is taken whose body never finds room")
		}
	}()
	New([]Route{{"/", &whole}}, 1<<20)
}

// Who is refused while still sending learns why, and is not listened to for ever.
func TestRefusedIsHeard(t *testing.T) {
	g, _ := clocked(t, Limit{Name: "x", Body: 1 << 30, Keeps: 1 << 20, Each: 1})
	g.counts.take("x/"+near("127.0.0.1"), 1, 1)
	server := httptest.NewServer(g.Wrap(fine))
	defer server.Close()
	open := func(length int) net.Conn {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		_ = c.SetDeadline(time.Now().Add(hearFor + 8*time.Second))
		fmt.Fprintf(c, "POST /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", length)
		return c
	}
	const pieces = 7
	picture := open(pieces << 20)
	for i := range pieces {
		if _, err := picture.Write(make([]byte, 1<<20)); err != nil {
			t.Fatalf("cut off after %d MB: %v", i, err)
		}
		time.Sleep(200 * time.Millisecond)
	}
	if text, err := io.ReadAll(picture); err != nil || !strings.Contains(string(text), "429 Too Many") || !strings.Contains(string(text), "gate.at_once") {
		t.Errorf("%v %.300s", err, text)
	}
	if _, err := io.ReadAll(open(1000)); err != nil {
		t.Errorf("still listened to: %v", err)
	}
}

// A body is no longer than its route's, said before and counted; an answer that
// takes too long ends.
func TestBodyAndTime(t *testing.T) {
	g, _ := clocked(t, Limit{Name: "x", Body: 1 << 10, Time: 50 * time.Millisecond})
	var read int64
	h := g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
			web.Problem(w, r, fmt.Errorf("ask: %w", r.Context().Err()))
			return
		}
		n, err := io.Copy(io.Discard, r.Body)
		if read = n; err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}))
	server := httptest.NewServer(h)
	defer server.Close()
	post := func(body io.Reader) int {
		r, err := http.Post(server.URL, "text/plain", body)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		return r.StatusCode
	}
	if got := post(strings.NewReader(strings.Repeat("x", 5000))); got != http.StatusRequestEntityTooLarge || read != 0 {
		t.Errorf("%d, %d read of a body that says it is too long", got, read)
	}
	if got := post(io.MultiReader(strings.NewReader(strings.Repeat("x", 5000)))); got != http.StatusRequestEntityTooLarge || read > 1<<10 {
		t.Errorf("%d, %d read of a body that is too long", got, read)
	}
	if got := post(strings.NewReader("x")); got != http.StatusOK || read != 1 {
		t.Errorf("%d, %d read", got, read)
	}
	r, err := http.Get(server.URL + "/slow")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if text, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(text), "gate.late") {
		t.Errorf("%d %s", r.StatusCode, text)
	}
}

// Five hundred connections that send a byte now and then do not keep a good one
// out: they are few of one address, and dropped.
func TestSlowConnections(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const each = 50
	l := &Listener{Listener: inner, Most: 10_000, Each: each, Free: func(netip.Addr) bool { return false }}
	server := &http.Server{Handler: fine, ReadHeaderTimeout: 2 * time.Second}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	var all sync.WaitGroup
	var open atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	for i := range 500 {
		all.Go(func() {
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i%2))}}
			c, err := d.Dial("tcp", inner.Addr().String())
			if err != nil {
				return
			}
			defer c.Close()
			open.Add(1)
			fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n")
			for n := 0; ctx.Err() == nil; n++ {
				if _, err := fmt.Fprintf(c, "X-%d: y\r\n", n); err != nil {
					return
				}
				time.Sleep(200 * time.Millisecond)
			}
		})
	}
	time.Sleep(500 * time.Millisecond)
	l.mu.Lock()
	held := l.all
	l.mu.Unlock()
	if n := open.Load(); held > 2*each || n < 100 {
		t.Errorf("%d connections held, %d tried", held, n)
	}
	began := time.Now()
	for range 20 {
		r, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
	}
	t.Logf("20 good ones in %s beside %d slow ones", time.Since(began), held)
	time.Sleep(3 * time.Second) // more than headers may take
	l.mu.Lock()
	held = l.all
	l.mu.Unlock()
	stop()
	all.Wait()
	if held > 5 {
		t.Errorf("%d slow connections are still held", held)
	}
}

// A body that trickles in is dropped; one that comes at the pace of a bad phone
// network is not.
func TestSlowBodies(t *testing.T) {
	body := &steady{began: time.Now().Add(-time.Hour), control: http.NewResponseController(httptest.NewRecorder())}
	for kept, fine := range map[int64]bool{0: false, 1 << 20: false, 8 << 20: true} {
		body.n = kept
		if ok := body.until(time.Now()).After(time.Now()); ok != fine {
			t.Errorf("%d bytes in an hour: %v", kept, ok)
		}
	}
	g, _ := clocked(t, Limit{Name: "x"})
	read := make(chan error, 1)
	h := g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body.(*steady).began = time.Now().Add(-slack + 300*time.Millisecond)
		_, err := io.Copy(io.Discard, r.Body)
		read <- err
	}))
	server := httptest.NewServer(h)
	defer server.Close()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
	go func() {
		for range 100 {
			if _, err := c.Write([]byte("x")); err != nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	select {
	case err := <-read:
		if err == nil {
			t.Error("a body of a few bytes is taken for whole")
		}
	case <-time.After(3 * time.Second):
		t.Error("a body trickles in for ever")
	}
}

// What nobody reads does not hold a connection either, taken or refused.
func TestUnreadBody(t *testing.T) {
	g, _ := clocked(t, Limit{Name: "x", Stranger: Rate{time.Hour, 1}})
	server := httptest.NewServer(g.Wrap(fine))
	defer server.Close()
	for _, status := range []string{"200", "429"} {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if text, err := io.ReadAll(c); err != nil || !strings.Contains(string(text), "HTTP/1.1 "+status) {
			t.Errorf("the connection is still open: %v %.100s", err, text)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Pause and LeastPace are the pace that a client must keep: who is slower holds a
// connection that others need. A phone at the edge of a network is five times as fast.
const (
	Pause     = 20 * time.Second // without a byte
	LeastPace = 1 << 10          // bytes a second, after what they may be late to begin with
	slack     = 20 * time.Second
)

// steady is a body that is read as fast as it must come.
type steady struct {
	io.ReadCloser
	control *http.ResponseController
	began   time.Time
	n       int64
	over    bool
}

func (s *steady) Read(b []byte) (int, error) {
	_ = s.control.SetReadDeadline(s.until(time.Now()))
	n, err := s.ReadCloser.Read(b)
	s.n += int64(n)
	if errors.Is(err, io.EOF) {
		s.over = true
		_ = s.control.SetReadDeadline(time.Time{}) // else the server takes the caller for gone
	}
	return n, err
}

// until is when the next bytes must be there.
func (s *steady) until(now time.Time) time.Time {
	until := s.began.Add(slack + time.Duration(s.n/LeastPace)*time.Second)
	if next := now.Add(Pause); next.Before(until) {
		return next
	}
	return until
}

// end bounds how long the server reads what nobody wanted.
func (s *steady) end() {
	if !s.over {
		drop(s.control)
	}
}

func drop(c *http.ResponseController) { _ = c.SetReadDeadline(time.Now().Add(5 * time.Second)) }

const (
	hearMost = 8 << 20 // bytes: a picture of a phone
	hearFor  = 10 * time.Second
)

// hear lets a caller finish sending what is not wanted, within bounds and keeping
// nothing: browsers read no answer before, and show none if they are cut off.
func hear(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Expect") != "" {
		return // asks first
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(hearFor))
	_, _ = io.CopyN(io.Discard, r.Body, hearMost)
}

// paced is an answer that must be taken as fast as it is sent.
type paced struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (p *paced) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(slack + Pause + time.Duration(len(b)/LeastPace)*time.Second))
	return p.ResponseWriter.Write(b)
}

// Unwrap lets the server reach the connection.
func (p *paced) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// Listener takes connections: so many in all and so many from one address, so
// that who holds many open does not keep others out. Free addresses are not
// counted each for itself: this machine's, and those of proxies ahead.
type Listener struct {
	net.Listener
	Most, Each int
	Free       func(netip.Addr) bool

	mu   sync.Mutex
	all  int
	open map[string]int
}

// Accept returns the next connection that is not one too many.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		key := ""
		if at, err := netip.ParseAddrPort(c.RemoteAddr().String()); err == nil && !l.Free(at.Addr().Unmap()) {
			key = near(at.Addr().String())
		}
		if l.take(key) {
			return &counted{Conn: c, end: sync.OnceFunc(func() { l.free(key) })}, nil
		}
		_ = c.Close()
	}
}

func (l *Listener) take(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= l.Most || key != "" && l.open[key] >= l.Each {
		return false
	}
	l.all++
	if key != "" {
		if l.open == nil {
			l.open = map[string]int{}
		}
		l.open[key]++
	}
	return true
}

func (l *Listener) free(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if key == "" {
		return
	}
	if l.open[key]--; l.open[key] <= 0 {
		delete(l.open, key)
	}
}

// counted is a connection that is counted until it closes.
type counted struct {
	net.Conn
	end func()
}

// Close closes the connection.
func (c *counted) Close() error {
	c.end()
	return c.Conn.Close()
}

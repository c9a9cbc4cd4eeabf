// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// guest is somebody who comes through the proxy ahead, from an address of theirs.
type guest struct {
	server *server
	from   string
	client *http.Client
	csrf   string
}

var formToken = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (s *server) guest(from string, transport *http.Transport) *guest {
	jar, _ := cookiejar.New(nil)
	return &guest{server: s, from: from, client: &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// ask calls from the guest's address.
func (g *guest) ask(ctx context.Context, method, path string, form url.Values) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+g.server.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("X-Forwarded-For", g.from)
	r.Header.Set("Accept", "text/html")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	a, err := g.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	return a.StatusCode, string(text), err
}

// comes opens the sign-in page, as every browser does.
func (g *guest) comes(ctx context.Context) error {
	status, text, err := g.ask(ctx, "GET", "/dang-nhap?next=/mot-cua", nil)
	if err != nil {
		return err
	}
	m := formToken.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("%d: no form in %.300s", status, text)
	}
	g.csrf = m[1]
	return nil
}

// signs tries to sign in; true if it is done.
func (g *guest) signs(ctx context.Context, login, password string) (bool, int, error) {
	status, _, err := g.ask(ctx, "POST", "/dang-nhap", url.Values{"csrf": {g.csrf}, "login": {login}, "password": {password}})
	return status == http.StatusSeeOther, status, err
}

// flood guesses for a while, a thousand times a second, as many as are answered.
func (s *server) flood(ctx context.Context, address, login func(n int) string, every time.Duration) (sent, answered *atomic.Int64, end func()) {
	sent, answered = &atomic.Int64{}, &atomic.Int64{}
	transport := &http.Transport{MaxIdleConnsPerHost: 1000, DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext}
	var all sync.WaitGroup
	token := s.guest("198.18.0.1", transport)
	if err := token.comes(ctx); err != nil {
		s.Fatal(err)
	}
	slots := make(chan struct{}, 1500)
	all.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			select {
			case slots <- struct{}{}:
			default:
				continue // all guessers wait for their answers
			}
			sent.Add(1)
			g := &guest{server: s, from: address(n), client: token.client, csrf: token.csrf}
			all.Go(func() {
				defer func() { <-slots }()
				if _, _, err := g.signs(ctx, login(n), "sai-"+fmt.Sprint(n)); err == nil {
					answered.Add(1)
				}
			})
		}
	})
	return sent, answered, all.Wait
}

// onlyKnown is the attack that nothing tells from as many people who come for the
// first time: who was here before goes ahead of it.
const onlyKnown = "an address for each guess"

// A thousand wrong logins a second, from one address and from many, at one account
// and at many, do not keep a right one out: neither from a browser that was here
// before nor from one that comes for the first time.
func TestFloodOfWrongLogins(t *testing.T) {
	s := start(t, "--behind", "127.0.0.1")
	many := func(base string, of int) func(int) string {
		return func(int) string { n := rand.IntN(of); return fmt.Sprintf("%s.%d.%d", base, n/250, n%250+1) }
	}
	one := func(string) func(int) string { return func(int) string { return "198.51.100.66" } }
	for i, x := range []struct {
		name    string
		address func(int) string
		login   func(int) string
	}{
		{"one address, one account", one(""), func(int) string { return "lanhdao" }},
		{"one address, many accounts", one(""), func(n int) string { return fmt.Sprint("dan", n%997) }},
		{"many addresses, one account", many("198.19", 200), func(int) string { return "lanhdao" }},
		{"many addresses, many accounts", many("100.64", 200), func(n int) string { return fmt.Sprint("dan", n%997) }},
		{onlyKnown, func(n int) string { return fmt.Sprintf("2001:db8:%x:%x::1", n>>8, n&255) }, func(n int) string { return fmt.Sprint("dan", n%997) }},
	} {
		plain := &http.Transport{}
		known := s.guest(fmt.Sprintf("203.0.113.%d", 10+i), plain)
		if err := known.comes(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ok, status, err := known.signs(t.Context(), "lanhdao", "motcua-demo"); !ok {
			t.Fatalf("%s: before: %d %v", x.name, status, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		sent, answered, end := s.flood(ctx, x.address, x.login, time.Millisecond)
		time.Sleep(1500 * time.Millisecond)
		for who, g := range map[string]*guest{"a known browser": known, "a new browser": s.guest(fmt.Sprintf("203.0.113.%d", 100+i), plain)} {
			began := time.Now()
			ok, status, err := false, 0, error(nil)
			if g != known {
				err = g.comes(t.Context())
			}
			for n := 0; err == nil && !ok && n < 3; n++ { // who is told to try again does
				if ok, status, err = g.signs(t.Context(), "lanhdao", "motcua-demo"); status == http.StatusServiceUnavailable {
					time.Sleep(time.Second)
				}
			}
			took := time.Since(began).Round(time.Millisecond)
			if (!ok || took > 5*time.Second) && (g == known || x.name != onlyKnown) {
				t.Errorf("%s: %s signs in: %v, %d %v after %s", x.name, who, ok, status, err, took)
			}
			t.Logf("%s: %s signs in after %s, with %d guesses sent, %d answered", x.name, who, took, sent.Load(), answered.Load())
		}
		cancel()
		end()
	}
}

// Two hundred filings of sixteen megabytes and as many forms of one at once, each
// from elsewhere, do not take more memory than a small machine has, and do not keep
// small calls out.
func TestFloodOfLargeBodies(t *testing.T) {
	const memory = 512 << 10 // in kB
	s := start(t, "--behind", "127.0.0.1")
	filing := s.must(200, "", "GET", "/procedures/1.001193/sample", nil)
	small, err := json.Marshal(filing)
	if err != nil {
		t.Fatal(err)
	}
	content := append([]byte("%PDF-1.7\n"), make([]byte, 11<<20)...)
	filing["documents"].([]any)[0] = map[string]any{"component": filing["documents"].([]any)[0].(map[string]any)["component"], "name": "lon.pdf", "content": content}
	large, err := json.Marshal(filing)
	if err != nil {
		t.Fatal(err)
	}
	token := "Bearer " + s.token("nguoidan")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: 10 * time.Second}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	send := func(from, path, kind string, body []byte) int {
		r, err := http.NewRequest("POST", "http://"+s.address+path, bytes.NewReader(body))
		if err != nil {
			return 0
		}
		for name, value := range map[string]string{"X-Forwarded-For": from, "Content-Type": kind, "Authorization": token, "Expect": "100-continue"} {
			r.Header.Set(name, value)
		}
		a, err := client.Do(r)
		if err != nil {
			return 0
		}
		defer a.Body.Close()
		_, _ = io.Copy(io.Discard, a.Body)
		return a.StatusCode
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for i := range 400 {
		all.Go(func() {
			path, kind, body := "/api/v1/dossiers", "application/json", large
			if i%2 == 1 {
				path, kind, body = "/dang-ky", "application/x-www-form-urlencoded", append([]byte("ten="), bytes.Repeat([]byte("x"), 1<<20-8)...)
			}
			status := send(fmt.Sprintf("198.51.%d.%d", 100+i/250, 1+i%250), path, kind, body)
			mu.Lock()
			statuses[status]++
			mu.Unlock()
		})
	}
	time.Sleep(500 * time.Millisecond)
	for range 3 {
		began := time.Now()
		if status := send("203.0.113.1", "/api/v1/dossiers", "application/json", small); status != http.StatusCreated {
			t.Errorf("a small filing meanwhile: %d after %s", status, time.Since(began))
		}
		t.Logf("a small filing meanwhile after %s", time.Since(began).Round(time.Millisecond))
	}
	all.Wait()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var peak int
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	if _, err := fmt.Sscan(after, &peak); err != nil || peak > memory {
		t.Errorf("the fullest moment: %d kB %v", peak, err)
	}
	if statuses[http.StatusServiceUnavailable] == 0 || statuses[0] > 0 {
		t.Errorf("not told to come again: %v", statuses)
	}
	t.Logf("at most %d MB, answers %v", peak>>10, statuses)
}

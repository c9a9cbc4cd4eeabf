// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/internal/audit"
)

// collector is a log collector for OpenTelemetry that may be away.
type collector struct {
	mu   sync.Mutex
	away bool
	kill func()         // called once, with lines read and not yet answered
	got  map[string]int // by chain, seq and hash
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var logs struct {
		ResourceLogs []struct {
			ScopeLogs []struct {
				LogRecords []struct{ Body struct{ StringValue string } }
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away || json.Unmarshal(body, &logs) != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if c.kill != nil {
		c.kill()
		c.kill = nil
		return
	}
	for _, l := range logs.ResourceLogs[0].ScopeLogs[0].LogRecords {
		c.got[place(l.Body.StringValue)]++
	}
}

func place(line string) string {
	var r audit.Record
	_ = json.Unmarshal([]byte(line), &r)
	return fmt.Sprint(r.Chain, r.Seq, r.Hash)
}

// serveWith starts the program with more flags than service does.
func serveWith(t *testing.T, data string, flags ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], append([]string{"demo", "--data", data, "--listen", "127.0.0.1:0"}, flags...)...)
	c.Env = append(os.Environ(), "MOTCUA_AS_PROGRAM=1")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	return c
}

// The program hands its journal over while it serves: through the collector's
// absence and the program's being killed, every line arrives, and what arrived and
// what is exported prove the journal.
func TestJournalIsHandedOver(t *testing.T) {
	folder := t.TempDir()
	data := filepath.Join(folder, "data")
	if code, _, told := motcua(t, "demo", "--data", data, "--dossiers", "1"); code != 0 {
		t.Fatal(told)
	}
	c := &collector{away: true, got: map[string]int{}}
	server := httptest.NewServer(c)
	defer server.Close()
	exported := func() []string {
		t.Helper()
		code, out, told := motcua(t, "audit", "export", "--data", data)
		if code != 0 {
			t.Fatal(told)
		}
		return strings.Split(strings.TrimSpace(out), "\n")
	}
	lines := exported()
	arrived := func(n int) func() bool {
		return func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.got) >= n }
	}
	child := serveWith(t, data, "--audit-to", server.URL)
	time.Sleep(time.Second)
	c.mu.Lock()
	c.away, c.kill = false, func() { _ = child.Process.Kill() }
	c.mu.Unlock()
	_ = child.Wait()
	serveWith(t, data, "--audit-to", server.URL)
	wait(t, arrived(len(lines)))
	for _, l := range exported() {
		if c.got[place(l)] == 0 {
			t.Errorf("never arrived: %s", l)
		}
	}
	file := filepath.Join(folder, "journal.jsonl")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, told := motcua(t, "verify", "--data", data, "--against", file); code != 0 || !strings.Contains(out, fmt.Sprint(len(lines), " lines of the journal compared")) {
		t.Errorf("exit %d %s%s", code, out, told)
	}
	forged := bytes.Replace([]byte(lines[0]), []byte(`"seq":1,`), []byte(`"seq":99999999,`), 1)
	if err := os.WriteFile(file, forged, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := motcua(t, "verify", "--data", data, "--against", file); code != 1 || !strings.Contains(out, "was handed out, and is no longer there") {
		t.Errorf("a line beyond the end: exit %d %s", code, out)
	}
	for want, args := range map[int][]string{
		0: {"--from", "2000-01-01", "--to", "2000-01-01", "--format", "syslog"},
		2: {"--from", "yesterday"},
	} {
		if code, out, told := motcua(t, append([]string{"audit", "export", "--data", data}, args...)...); code != want || out != "" {
			t.Errorf("%s: exit %d %s%s", args, code, out, told)
		}
	}
	if code, _, _ := motcua(t, "audit", "export", "--data", data, "--audit-to", "ftp://x"); code != 2 {
		t.Errorf("a target of no kind: exit %d", code)
	}
}

func wait(t *testing.T, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not within a minute")
		}
	}
}

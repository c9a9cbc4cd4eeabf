// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leodido/go-syslog/v4"
	"github.com/leodido/go-syslog/v4/octetcounting"
	"github.com/leodido/go-syslog/v4/rfc5424"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
)

// kept is what a collector has: how often it got each line.
type kept struct {
	mu    sync.Mutex
	lines map[[2]int64]int
	last  audit.Place
	gap   string
}

func (k *kept) take(text string) error {
	var r audit.Record
	if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &r); err != nil || r.Hash == "" {
		return fmt.Errorf("%q is no line: %w", text, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.lines == nil {
		k.lines = map[[2]int64]int{}
	}
	k.lines[[2]int64{r.Chain, r.Seq}]++
	if r.Seq > k.last[r.Chain]+1 {
		k.gap = fmt.Sprintf("%d/%d follows %d", r.Chain, r.Seq, k.last[r.Chain])
	}
	k.last[r.Chain] = max(r.Seq, k.last[r.Chain])
	return nil
}

func (k *kept) count() (lines, twice int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, n := range k.lines {
		lines++
		if n > 1 {
			twice++
		}
	}
	return lines, twice
}

// note writes lines, some at once.
func note(t *testing.T, d *db.DB, n int) {
	t.Helper()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := d.Write(t.Context(), func(tx *db.Tx) error {
				return audit.By{Account: int64(i + 1), Name: "Nguyễn Thị Bưởi", Address: "203.0.113.77:4711"}.Note(tx, time.UnixMilli(1_780_000_000_000+int64(i)), audit.SignedIn, "password", "level", 2)
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// receivers are collectors of every kind, each on an address of its own. Each
// listens anew when it is called again, and ends with its context.
var receivers = map[string]func(t *testing.T, ctx context.Context, k *kept, address string) (url string, trust *tls.Config){
	"tcp": func(t *testing.T, ctx context.Context, k *kept, address string) (string, *tls.Config) {
		l := listen(t, ctx, "tcp", address)
		go accept(t, k, l)
		return "tcp://" + l.Addr().String(), nil
	},
	"tls": func(t *testing.T, ctx context.Context, k *kept, address string) (string, *tls.Config) {
		s := httptest.NewUnstartedServer(nil) // for its certificate
		s.StartTLS()
		t.Cleanup(s.Close)
		roots := x509.NewCertPool()
		roots.AddCert(s.Certificate())
		l := listen(t, ctx, "tcp", address)
		go accept(t, k, tls.NewListener(l, s.TLS))
		return "tls://" + l.Addr().String(), &tls.Config{RootCAs: roots}
	},
	"udp": func(t *testing.T, ctx context.Context, k *kept, _ string) (string, *tls.Config) {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		datagrams(t, ctx, k, c)
		return "udp://" + c.LocalAddr().String(), nil
	},
	"unix": func(t *testing.T, ctx context.Context, k *kept, _ string) (string, *tls.Config) {
		path := filepath.Join(t.TempDir(), "log")
		c, err := net.ListenPacket("unixgram", path)
		if err != nil {
			t.Fatal(err)
		}
		datagrams(t, ctx, k, c)
		return "unix://" + path, nil
	},
	"otlp": func(t *testing.T, ctx context.Context, k *kept, address string) (string, *tls.Config) {
		l := listen(t, ctx, "tcp", address)
		go func() {
			_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { collect(t, k, w, r) }))
		}()
		return "http://" + l.Addr().String(), nil
	},
}

func listen(t *testing.T, ctx context.Context, network, address string) net.Listener {
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	context.AfterFunc(ctx, func() { l.Close() })
	return l
}

// accept reads counted syslog messages, as RFC 6587 has them.
func accept(t *testing.T, k *kept, l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			octetcounting.NewParser(syslog.WithListener(func(r *syslog.Result) {
				if r.Error != nil {
					t.Errorf("syslog: %v", r.Error)
					return
				}
				message(t, k, r.Message)
			})).Parse(c)
		}()
	}
}

func message(t *testing.T, k *kept, m syslog.Message) {
	x := m.(*rfc5424.SyslogMessage)
	if *x.Facility != 13 || *x.Appname != "motcua" || *x.MsgID != "signed_in" || (*x.StructuredData)["motcua@32473"]["hash"] == "" {
		t.Errorf("message %+v", x)
	}
	if err := k.take(*x.Message); err != nil {
		t.Error(err)
	}
}

// datagrams reads a message from each.
func datagrams(t *testing.T, ctx context.Context, k *kept, c net.PacketConn) {
	context.AfterFunc(ctx, func() { c.Close() })
	go func() {
		room := make([]byte, 64<<10)
		for {
			n, _, err := c.ReadFrom(room)
			if err != nil {
				return
			}
			m, err := rfc5424.NewParser().Parse(room[:n])
			if err != nil {
				t.Errorf("syslog: %v in %q", err, room[:n])
				continue
			}
			message(t, k, m)
		}
	}()
}

// collect reads OpenTelemetry logs by their official definition, which knows no
// field but its own.
func collect(t *testing.T, k *kept, w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var logs logspb.LogsData
	if err := protojson.Unmarshal(body, &logs); err != nil || r.URL.Path != "/v1/logs" || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("logs at %s: %v", r.URL, err)
	}
	for _, of := range logs.ResourceLogs {
		for _, s := range of.ScopeLogs {
			for _, l := range s.LogRecords {
				if l.TimeUnixNano < 1_780_000_000_000_000_000 || l.SeverityNumber != logspb.SeverityNumber_SEVERITY_NUMBER_INFO {
					t.Errorf("record %v", l)
				}
				if err := k.take(l.Body.GetStringValue()); err != nil {
					t.Error(err)
				}
			}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"partialSuccess":{}}`)
}

// Every kind of collector gets every line once, in the order of its chain.
func TestEveryCollector(t *testing.T) {
	for name, receive := range receivers {
		t.Run(name, func(t *testing.T) {
			d := dbtest.Open(t)
			note(t, d, 120)
			var k kept
			url, trust := receive(t, t.Context(), &k, "127.0.0.1:0")
			f := forwarder(t, d, url, trust)
			for range 2 {
				for n := 1; n > 0; {
					var err error
					if n, err = f.Step(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			until(t, func() bool { n, _ := k.count(); return n == 120 })
			if _, twice := k.count(); twice > 0 || k.gap != "" {
				t.Errorf("%d lines twice, %s", twice, k.gap)
			}
		})
	}
}

func forwarder(t *testing.T, d *db.DB, url string, trust *tls.Config) *audit.Forwarder {
	t.Helper()
	target, err := audit.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	return &audit.Forwarder{DB: d, Target: target, To: target.Open(trust), Now: time.Now}
}

func until(t *testing.T, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not within 20 seconds")
		}
	}
}

// A collector that goes away, dies in the middle of a batch and comes back has
// every line in the end, and none after a gap.
func TestCollectorComesAndGoes(t *testing.T) {
	d := dbtest.Open(t)
	var k kept
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := forwarder(t, d, "tcp://"+l.Addr().String(), nil)
	note(t, d, 50)
	go func() { // dies with a line read and the others unread
		c, err := l.Accept()
		if err == nil {
			_ = c.(*net.TCPConn).SetLinger(0)
			_, _ = bufio.NewReaderSize(c, 16).ReadByte()
			_ = c.Close()
		}
		_ = l.Close()
	}()
	if _, err := f.Step(t.Context()); err == nil {
		t.Error("a collector that died has the batch")
	}
	if _, err := f.Step(t.Context()); err == nil {
		t.Error("a collector that is away has the batch")
	}
	note(t, d, 50)
	receivers["tcp"](t, t.Context(), &k, f.Target.String()[len("tcp://"):])
	if n, err := f.Step(t.Context()); err != nil || n != 100 {
		t.Fatalf("%d lines, %v", n, err)
	}
	until(t, func() bool { n, _ := k.count(); return n == 100 })
	if k.gap != "" {
		t.Error(k.gap)
	}
}

// An answer other than yes keeps the lines for the next time.
func TestRefusedLinesAreSentAgain(t *testing.T) {
	d := dbtest.Open(t)
	note(t, d, 10)
	var k kept
	answers := []func(w http.ResponseWriter){
		func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"partialSuccess":{"rejectedLogRecords":"3"}}`) },
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(answers) > 0 {
			answers[0](w)
			answers = answers[1:]
			return
		}
		collect(t, &k, w, r)
	}))
	defer s.Close()
	f := forwarder(t, d, s.URL, nil)
	for range 2 {
		if _, err := f.Step(t.Context()); err == nil {
			t.Error("refused lines are taken for kept")
		}
	}
	if n, err := f.Step(t.Context()); err != nil || n != 10 {
		t.Errorf("%d, %v", n, err)
	}
}

// Several processes of a site with one collector hand each line over once, and when
// one of them ends another goes on.
func TestOneProcessHandsOver(t *testing.T) {
	url := dbtest.URL(t)
	var k kept
	address, _ := receivers["otlp"](t, t.Context(), &k, "127.0.0.1:0")
	var first *audit.Forwarder
	var clock time.Duration
	var all []*audit.Forwarder
	for range 3 {
		f := forwarder(t, dbtest.OpenURL(t, url), address, nil)
		f.Now = func() time.Time { return time.Now().Add(clock) }
		all = append(all, f)
	}
	note(t, all[0].DB, 20)
	for _, f := range all {
		n, err := f.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && first != nil {
			t.Error("two hand over")
		}
		if n > 0 {
			first = f
		}
	}
	note(t, all[0].DB, 20)
	if n, err := all[2].Step(t.Context()); n > 0 || err != nil {
		t.Errorf("%d lines handed over by who does not hold the collector: %v", n, err)
	}
	clock = time.Hour // the first is no longer there
	if n, err := all[2].Step(t.Context()); n != 20 || err != nil {
		t.Errorf("%d lines by the next, %v", n, err)
	}
	if n, twice := k.count(); n != 40 || twice > 0 {
		t.Errorf("%d lines, %d twice", n, twice)
	}
}

// What leaves names nobody: no name, no address of a person's machine, nothing that
// somebody wrote.
func TestNoNamesLeave(t *testing.T) {
	d := dbtest.Open(t)
	lines := []audit.Entry{
		{Kind: audit.Viewed, Account: 7, Dossier: 9, Agency: "H57.101", Flag: true, Detail: map[string]any{
			"code": "H57.101.1-261123-0005", "name": "MARK", "what": "file MARK.pdf", "purpose": "none", "said": "MARK", "address": "203.0.113.77"}},
		{Kind: audit.Listed, Detail: map[string]any{"what": "search MARK", "q": "MARK", "number": "046190MARK"}},
		{Kind: audit.Account, Detail: map[string]any{"what": "merged", "from": 5, "login": "MARK", "more": map[string]any{"deep": "MARK"}}},
		{Kind: audit.SignedIn, Detail: nil},
	}
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		for _, e := range lines {
			e.At = time.UnixMilli(1)
			if err := audit.Write(tx, e); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, format := range audit.Formats {
		var out bytes.Buffer
		if err := audit.Export(t.Context(), d, audit.Writer(&out, format), func(*audit.Line) bool { return true }, false); err != nil {
			t.Fatal(err)
		}
		for _, said := range []string{"H57.101.1-261123-0005", "203.0.113.0/24", "viewed", "none", "merged"} {
			if !strings.Contains(out.String(), said) {
				t.Errorf("%s does not say %s", format, said)
			}
		}
		if strings.Contains(out.String(), "MARK") || strings.Contains(out.String(), "203.0.113.77") {
			t.Errorf("%s names somebody:\n%s", format, out.String())
		}
	}
}

// Who has database and key can cut a chain off at its end, or write it anew, and
// the journal proves itself right: the lines that were handed out prove it wrong.
func TestCutOffChainShowsAgainstExport(t *testing.T) {
	d := dbtest.Open(t)
	note(t, d, 8)
	var out bytes.Buffer
	if err := audit.Export(t.Context(), d, audit.Writer(&out, "jsonl"), nil, false); err != nil {
		t.Fatal(err)
	}
	exported := out.String()
	compare := func() (wrong []string) {
		t.Helper()
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			wrong = nil
			n, err := audit.Against(tx, strings.NewReader(exported), func(where, detail string) { wrong = append(wrong, where+" "+detail) })
			if n != 8 {
				t.Errorf("%d lines compared", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return wrong
	}
	if wrong := compare(); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	lines, _ := check(t, d)
	last := lines[len(lines)-1]
	before, hash := last.Seq-1, ""
	if len(lines) > 1 && lines[len(lines)-2].Chain == last.Chain {
		hash = lines[len(lines)-2].Hash
	}
	dbtest.Tamper(t, d, func(tx *db.Tx) {
		tx.Exec(`DELETE FROM journal WHERE chain = $1 AND seq = $2`, last.Chain, last.Seq)
		tx.ExecOne(`UPDATE journal_head SET seq = $1, hash = $2 WHERE chain = $3`, before, hash, last.Chain)
	})
	if _, wrong := check(t, d); len(wrong) > 0 {
		t.Fatalf("the database alone shows it: %v", wrong)
	}
	if wrong := compare(); len(wrong) != 1 || !strings.Contains(wrong[0], "no longer there") {
		t.Errorf("cut off: %v", wrong)
	}
	for range 2 * audit.Chains { // written anew with the key, at the same place
		note(t, d, 1)
	}
	if _, wrong := check(t, d); len(wrong) > 0 {
		t.Fatalf("the database alone shows it: %v", wrong)
	}
	wrong := compare()
	if len(wrong) != 1 {
		t.Errorf("written anew: %v", wrong)
	}
}

// Lines that a collector has and the journal no longer has stop the handing over.
func TestForwarderSeesCutOffChain(t *testing.T) {
	d := dbtest.Open(t)
	note(t, d, 3)
	var k kept
	address, _ := receivers["otlp"](t, t.Context(), &k, "127.0.0.1:0")
	f := forwarder(t, d, address, nil)
	if n, err := f.Step(t.Context()); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	dbtest.Tamper(t, d, func(tx *db.Tx) {
		tx.Exec(`DELETE FROM journal`)
		tx.Exec(`UPDATE journal_head SET seq = 0, hash = ''`)
	})
	if _, err := f.Step(t.Context()); err == nil || !strings.Contains(err.Error(), "the journal ends at 0") {
		t.Errorf("a cut off journal: %v", err)
	}
}

// Lines go to the address that is named, not to where it leads on.
func TestCollectorLeadsNowhere(t *testing.T) {
	d := dbtest.Open(t)
	note(t, d, 1)
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.Error("the journal went elsewhere") }))
	defer inner.Close()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		s := httptest.NewServer(http.RedirectHandler(inner.URL, status))
		defer s.Close()
		if n, err := forwarder(t, d, s.URL, nil).Step(t.Context()); n != 0 || err == nil {
			t.Errorf("%d: %d lines, %v", status, n, err)
		}
	}
}

func TestTargets(t *testing.T) {
	for text, want := range map[string]string{
		"unix:///dev/log": "unix:///dev/log", "udp://127.0.0.1:514": "udp://127.0.0.1:514", "tls://h:6514": "tls://h:6514",
		"https://name:secret@h:4318?token=secret": "https://h:4318/v1/logs", "http://h/otlp": "http://h/otlp",
		"tcp://h": "", "unix://": "", "ftp://h:1": "", "": "", "h:514": "", "http://": "",
	} {
		got, err := audit.ParseTarget(text)
		if (err != nil) != (want == "") || err == nil && got.String() != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// Who takes away what keeps the journal from being changed is found, even before
// anything is.
func TestVerifyFindsGuardsGone(t *testing.T) {
	d := dbtest.Open(t)
	note(t, d, 3)
	if _, wrong := check(t, d); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	dbtest.Unguard(t, d)
	if _, wrong := check(t, d); len(wrong) != len(d.Guards()) || !strings.Contains(strings.Join(wrong, "\n"), "journal_delete") {
		t.Errorf("found %q", wrong)
	}
}

// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"motcua/internal/outgoing"
)

// Collector takes lines for keeping. When Send returns nil it has all of them, as
// far as its protocol can tell; else it may have some, and is sent all again.
type Collector interface {
	Send(ctx context.Context, list []Record) error
}

// Target is a collector's address, as an operator names it.
type Target struct{ url *url.URL }

// ParseTarget reads a collector's address: syslog (RFC 5424) over unix:///dev/log,
// udp://HOST:514, tcp://HOST:601 or tls://HOST:6514, or OpenTelemetry logs over
// http:// or https://HOST:4318.
func ParseTarget(text string) (Target, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Target{}, err
	}
	switch u.Scheme {
	case "unix":
		if u.Path == "" {
			return Target{}, errors.New("unix:// wants a path")
		}
	case "udp", "tcp", "tls":
		if u.Port() == "" {
			return Target{}, fmt.Errorf("%s:// wants HOST:PORT", u.Scheme)
		}
	case "http", "https":
		if u.Host == "" {
			return Target{}, fmt.Errorf("%s:// wants a host", u.Scheme)
		}
		if u.Path == "" || u.Path == "/" {
			u.Path = "/v1/logs"
		}
	default:
		return Target{}, fmt.Errorf("%q: want unix, udp, tcp, tls, http or https", u.Scheme)
	}
	return Target{u}, nil
}

// String is the address without what nobody else is to see.
func (t Target) String() string {
	shown := *t.url
	shown.User, shown.RawQuery = nil, ""
	return shown.String()
}

// Open makes ready to send; trust is whom tls:// and https:// believe, nil the
// system's roots.
func (t Target) Open(trust *tls.Config) Collector {
	host, err := os.Hostname()
	if err != nil {
		host = "-"
	}
	if t.url.Scheme == "http" || t.url.Scheme == "https" {
		rules := outgoing.Only(t.url.Hostname())
		rules.Trust = trust
		client := outgoing.Client(rules)
		client.CheckRedirect = stay
		return &otlp{host: host, url: t.url, client: client}
	}
	return &syslog{host: host, url: t.url, trust: trust}
}

// stay follows no redirect: lines go where the operator says, and nowhere else.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Formats are how lines are written to a file or a pipe.
var Formats = []string{"jsonl", "syslog", "otlp"}

// Writer is a collector that is a file or a pipe: JSON lines, syslog messages on a
// line each, or OpenTelemetry logs as their file exporter writes them.
func Writer(w io.Writer, format string) Collector {
	host, err := os.Hostname()
	if err != nil {
		host = "-"
	}
	return writer{w, format, host}
}

type writer struct {
	io.Writer
	format, host string
}

// Send writes lines.
func (w writer) Send(_ context.Context, list []Record) error {
	var b bytes.Buffer
	if w.format == "otlp" {
		text, err := json.Marshal(logsOf(w.host, list))
		if err != nil {
			return err
		}
		b.Write(append(text, '\n'))
		list = nil
	}
	for _, r := range list {
		text, err := json.Marshal(r)
		if err == nil && w.format == "syslog" {
			text, err = message(w.host, r)
		}
		if err != nil {
			return err
		}
		b.Write(append(text, '\n'))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// sendFor is how long a collector may take for a batch.
const sendFor = 10 * time.Second

// syslog sends messages of RFC 5424: a datagram each, or counted (RFC 6587, RFC
// 5425) over a connection.
type syslog struct {
	host  string
	url   *url.URL
	trust *tls.Config
}

// Send sends a batch. Syslog has no answer; over a connection the batch is the
// whole of it: we end our side, and the collector ending its own says that it has
// read to the end. What dies with unread lines answers by a reset.
func (s *syslog) Send(ctx context.Context, list []Record) error {
	ctx, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	end, _ := ctx.Deadline()
	if err := conn.SetDeadline(end); err != nil {
		return err
	}
	closer, counted := conn.(interface{ CloseWrite() error })
	counted = counted && s.url.Scheme != "unix"
	var b bytes.Buffer
	for _, r := range list {
		text, err := message(s.host, r)
		if err != nil {
			return err
		}
		if counted {
			fmt.Fprintf(&b, "%d %s", len(text), text)
			continue
		}
		if _, err := conn.Write(text); err != nil {
			return err
		}
	}
	if !counted {
		return nil
	}
	if _, err := conn.Write(b.Bytes()); err != nil {
		return err
	}
	if err := closer.CloseWrite(); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, conn)
	return err
}

func (s *syslog) dial(ctx context.Context) (net.Conn, error) {
	switch s.url.Scheme {
	case "unix":
		return outgoing.Dial(ctx, "unixgram", s.url.Path)
	case "tls":
		return s.dialTLS(ctx)
	}
	return outgoing.Dial(ctx, s.url.Scheme, s.url.Host)
}

func (s *syslog) dialTLS(ctx context.Context) (net.Conn, error) {
	plain, err := outgoing.Dial(ctx, "tcp", s.url.Host)
	if err != nil {
		return nil, err
	}
	config := s.trust.Clone() // nil stays nil
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	config.ServerName = s.url.Hostname()
	conn := tls.Client(plain, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, plain.Close())
	}
	return conn, nil
}

// Severities of syslog, and its facility for audit logs.
const (
	facility = 13
	warning  = 4
	notice   = 5
	info     = 6
)

// message is a line as a syslog message: its place and hash as structured data,
// and the whole as JSON. 32473 is the number that stands for any enterprise (RFC
// 5612); we have none of our own.
func message(host string, r Record) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	severity := info
	if r.Kind == SignRefuse {
		severity = notice
	}
	if r.Flag {
		severity = warning
	}
	return fmt.Appendf(nil, "<%d>1 %s %s motcua %d %s [motcua@32473 chain=\"%d\" seq=\"%d\" hash=\"%s\"] \ufeff%s",
		facility*8+severity, r.At.Format("2006-01-02T15:04:05.000000Z07:00"), cmp.Or(host, "-"), os.Getpid(), r.Kind, r.Chain, r.Seq, r.Hash, text), nil
}

// otlp sends OpenTelemetry logs over HTTP, in JSON.
type otlp struct {
	host   string
	url    *url.URL
	client *http.Client
}

// Send sends a batch; the collector's answer says that it has it.
func (o *otlp) Send(ctx context.Context, list []Record) error {
	ctx, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	text, err := json.Marshal(logsOf(o.host, list))
	if err != nil {
		return err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url.String(), bytes.NewReader(text))
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "application/json")
	answer, err := o.client.Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", o.url.Redacted(), answer.Status)
	}
	var some struct {
		PartialSuccess struct {
			RejectedLogRecords json.Number `json:"rejectedLogRecords"`
		} `json:"partialSuccess"`
	}
	if json.Unmarshal(said, &some) == nil {
		if n := some.PartialSuccess.RejectedLogRecords; n != "" && n != "0" {
			return fmt.Errorf("%s: %s lines rejected", o.url.Redacted(), n)
		}
	}
	return nil
}

// The messages of OTLP's logs in JSON, as far as we fill them.
type (
	logs struct {
		ResourceLogs []resourceLogs `json:"resourceLogs"`
	}
	resourceLogs struct {
		Resource struct {
			Attributes []attribute `json:"attributes"`
		} `json:"resource"`
		ScopeLogs []scopeLogs `json:"scopeLogs"`
	}
	scopeLogs struct {
		Scope struct {
			Name string `json:"name"`
		} `json:"scope"`
		LogRecords []logRecord `json:"logRecords"`
	}
	logRecord struct {
		TimeUnixNano   string      `json:"timeUnixNano"`
		SeverityNumber int         `json:"severityNumber"`
		SeverityText   string      `json:"severityText"`
		Body           value       `json:"body"`
		Attributes     []attribute `json:"attributes"`
	}
	attribute struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		String *string `json:"stringValue,omitempty"`
		Int    *string `json:"intValue,omitempty"`
	}
)

func textOf(key, s string) attribute { return attribute{key, value{String: &s}} }
func countOf(key string, n int64) attribute {
	s := strconv.FormatInt(n, 10)
	return attribute{key, value{Int: &s}}
}

// logsOf are lines as OpenTelemetry logs: the whole as JSON in the body, its place,
// kind and hash as attributes.
func logsOf(host string, list []Record) logs {
	var s scopeLogs
	s.Scope.Name = "motcua/audit"
	for _, r := range list {
		text, _ := json.Marshal(r)
		whole := string(text)
		l := logRecord{TimeUnixNano: strconv.FormatInt(r.At.UnixNano(), 10), SeverityNumber: 9, SeverityText: "INFO", Body: value{String: &whole},
			Attributes: []attribute{textOf("motcua.kind", string(r.Kind)), countOf("motcua.chain", r.Chain), countOf("motcua.seq", r.Seq), textOf("motcua.hash", r.Hash)}}
		if r.Flag {
			l.SeverityNumber, l.SeverityText = 13, "WARN"
		}
		s.LogRecords = append(s.LogRecords, l)
	}
	var of resourceLogs
	of.Resource.Attributes = []attribute{textOf("service.name", "motcua"), textOf("host.name", host)}
	of.ScopeLogs = []scopeLogs{s}
	return logs{[]resourceLogs{of}}
}

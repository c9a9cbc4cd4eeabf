// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
)

// auditing is where a serving process hands the journal to.
type auditing struct {
	AuditTo    []string `sep:"none" placeholder:"URL" help:"Nơi thu nhật ký: syslog qua unix://, udp://, tcp://, tls://; OpenTelemetry qua http://, https://. / Log collectors: syslog over unix://, udp://, tcp:// or tls://, OpenTelemetry over http:// or https://."`
	AuditTrust string   `type:"existingfile" placeholder:"FILE.pem" help:"Chứng thư gốc của nơi thu nhật ký. / Roots that collectors are believed by."`
}

// forwarders are those who hand the journal over while the process serves.
func (a auditing) forwarders(d *db.DB) (list []*audit.Forwarder, err error) {
	for _, text := range a.AuditTo {
		target, to, err := a.collector(text)
		if err != nil {
			return nil, err
		}
		list = append(list, &audit.Forwarder{DB: d, Target: target, To: to, Now: time.Now})
	}
	return list, nil
}

func (a auditing) collector(text string) (audit.Target, audit.Collector, error) {
	target, err := audit.ParseTarget(text)
	if err != nil {
		return target, nil, err
	}
	var trust *tls.Config
	if a.AuditTrust != "" {
		roots, err := os.ReadFile(a.AuditTrust)
		if err != nil {
			return target, nil, err
		}
		trust = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		if !trust.RootCAs.AppendCertsFromPEM(roots) {
			return target, nil, fmt.Errorf("%s: no certificate", a.AuditTrust)
		}
	}
	return target, target.Open(trust), nil
}

// auditCmd is what can be done with the journal: it is read, never changed.
type auditCmd struct {
	Export auditExportCmd `cmd:"" help:"Kết xuất nhật ký, không có tên người. / Write the journal out, without anybody's name."`
}

type auditExportCmd struct {
	where
	auditing
	From   string `placeholder:"DAY" help:"Từ ngày, năm-tháng-ngày. / From this day on."`
	To     string `placeholder:"DAY" help:"Đến hết ngày. / To the end of this day."`
	Format string `default:"jsonl" enum:"jsonl,syslog,otlp" help:"jsonl, syslog (RFC 5424), otlp (OpenTelemetry, JSON)."`
	Follow bool   `help:"Tiếp tục với những dòng mới. / Go on with the lines that come."`
}

// Run writes to standard output, or sends to the collectors that are named.
func (c *auditExportCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	keep, err := c.days()
	if err != nil {
		return usageError{err}
	}
	d, err := c.openOld(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	if len(c.AuditTo) == 0 {
		return audit.Export(ctx, d, audit.Writer(os.Stdout, c.Format), keep, c.Follow)
	}
	if c.Follow {
		return usageError{errors.New("--follow: serve --audit-to URL tự gửi tiếp / goes on by itself")}
	}
	for _, text := range c.AuditTo {
		target, to, err := c.collector(text)
		if err != nil {
			return usageError{err}
		}
		if err := audit.Export(ctx, d, to, keep, false); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	return nil
}

// days is which lines are wanted.
func (c *auditExportCmd) days() (func(*audit.Line) bool, error) {
	var from, end time.Time
	if c.From != "" {
		day, err := calendar.ParseDate(c.From)
		if err != nil {
			return nil, err
		}
		from = day.At(0)
	}
	if c.To != "" {
		day, err := calendar.ParseDate(c.To)
		if err != nil {
			return nil, err
		}
		end = (day + 1).At(0)
	}
	return func(l *audit.Line) bool { return !l.At.Before(from) && (end.IsZero() || l.At.Before(end)) }, nil
}

// against holds the journal against lines that were exported before.
func (c *verifyCmd) against(ctx context.Context, d *db.DB, wrong func(where, detail string)) error {
	if c.Against == "" {
		return nil
	}
	file, err := os.Open(c.Against)
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	return d.Read(ctx, func(tx *db.Tx) error {
		n, err := audit.Against(tx, file, wrong)
		fmt.Printf("Đã đối chiếu %d dòng nhật ký. / %d lines of the journal compared.\n", n, n)
		return err
	})
}

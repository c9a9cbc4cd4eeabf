// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// deadline runs the command as the shell would and returns what it prints.
func deadline(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	var cmd deadlineCmd
	parser, err := kong.New(&cmd)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		return "", usageError{err}
	}
	var out bytes.Buffer
	err = cmd.run(strings.NewReader(stdin), &out)
	return out.String(), err
}

func TestDeadline(t *testing.T) {
	file := filepath.Join(t.TempDir(), "holidays.csv")
	if err := os.WriteFile(file, []byte("date,weekday,kind,name\n2030-01-01,Tue,holiday,Tết Dương lịch\n2030-01-02,Wed,swap_off,\n2030-01-05,Sat,swap_work,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		want string
	}{
		{"--received 2027-02-04T16:45:00+07:00 --limit 3 --unit working_day", "2027-02-16T17:30:00+07:00"},
		{"--received 2027-02-04T09:45:00Z --limit 3 --unit working_day", "2027-02-16T17:30:00+07:00"},
		{"--received 2026-11-16T15:01:00+07:00 --unit same_day", "2026-11-17T17:30:00+07:00"},
		{"--received 2026-11-16T10:00:00.5+07:00 --limit 1 --unit working_day --elapsed", "2026-11-17T10:00:00.5+07:00"},
		{"--received 2026-11-16T09:00:00+07:00 --limit 1 --unit day --hours 07:00-11:30,13:30-17:00", "2026-11-17T17:00:00+07:00"},
		{"--received 2026-11-16T09:00:00+07:00 --limit 3 --unit working_day --pause 2026-11-17T10:00:00+07:00/2026-11-18T09:00:00+07:00 --pause 2026-11-18T10:00:00+07:00/2026-11-19T09:00:00+07:00", "2026-11-23T17:30:00+07:00"},
		{"--received 2026-11-16T09:00:00+07:00 --limit 3 --unit working_day --policy restart --pause 2026-11-17T10:00:00+07:00/2026-11-18T09:00:00+07:00", "2026-11-23T17:30:00+07:00"},
		{"--received 2026-11-16T09:00:00+07:00 --limit 3 --unit working_day --policy none --pause 2026-11-17T10:00:00+07:00/2026-11-18T09:00:00+07:00", "2026-11-19T17:30:00+07:00"},
		{"--received 2030-01-01T09:00:00+07:00 --limit 2 --unit working_day --holidays " + file, "2030-01-05T17:30:00+07:00"},
	} {
		if got, err := deadline(t, "", strings.Fields(tt.args)...); err != nil || got != tt.want+"\n" {
			t.Errorf("%s: %q %v, want %s", tt.args, got, err, tt.want)
		}
	}
}

func TestDeadlineTellsWrongUseFromRefusal(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.csv")
	if err := os.WriteFile(bad, []byte("date,kind\n2030-13-01,holiday\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	received := "--received 2026-11-16T09:00:00+07:00 "
	for args, usage := range map[string]bool{
		"": true,
		received + "--limit 0 --unit working_day":                                                             true,
		received + "--limit x --unit working_day":                                                             true,
		received + "--limit 1 --unit week":                                                                    true,
		received + "--limit 1 --unit day --policy later":                                                      true,
		received + "--limit 1 --unit day --hours 9-5":                                                         true,
		received + "--limit 1 --unit day --pause tomorrow":                                                    true,
		received + "--limit 1 --unit day --pause 2026-11-15T09:00:00+07:00/2026-11-17T09:00:00+07:00":         true,
		received + "--limit 1 --unit day --holidays /nowhere/holidays.csv":                                    true,
		received + "--limit 1 --unit day --holidays " + bad:                                                   true,
		"--batch --policy later":                                                                              true,
		received + "--limit 1 --unit day --pause 2026-11-17T09:00:00+07:00/":                                  false,
		received + "--limit 24 --unit month":                                                                  false,
		received + "--limit 1 --unit working_day --pause 2028-01-03T09:00:00+07:00/2028-01-04T09:00:00+07:00": false,
	} {
		out, err := deadline(t, "", strings.Fields(args)...)
		var wrong usageError
		if err == nil || errors.As(err, &wrong) != usage || out != "" {
			t.Errorf("%s: %q %v", args, out, err)
		}
	}
}

func TestBatch(t *testing.T) {
	lines := []struct{ in, want string }{ // want: the due instant, or a part of the error
		{`{"received":"2027-02-04T16:45:00+07:00","limit":3,"unit":"working_day"}`, "2027-02-16T17:30:00+07:00"},
		{`{"received":"2026-11-16T02:00:00Z","limit":3,"unit":"working_day","pauses":[["2026-11-17T10:00:00+07:00","2026-11-18T09:00:00+07:00"]]}`, "2026-11-20T17:30:00+07:00"},
		{`{"received":"2026-11-16T09:00:00+07:00","limit":3,"unit":"working_day","policy":"restart","pauses":[["2026-11-17T10:00:00+07:00","2026-11-18T09:00:00+07:00"]]}`, "2026-11-23T17:30:00+07:00"},
		{`{"received":"2026-11-16T09:00:00+07:00","limit":3,"unit":"working_day","policy":"restart","pauses":[{"from":"2026-11-17T10:00:00+07:00","to":"2026-11-18T09:00:00+07:00","policy":"none"}]}`, "2026-11-19T17:30:00+07:00"},
		{`{"received":"2026-11-16T10:00:00+07:00","limit":1,"unit":"working_day","elapsed":true}`, "2026-11-17T10:00:00+07:00"},
		{`{"received":"2026-11-16T15:00:00+07:00","unit":"same_day"}`, "2026-11-16T17:30:00+07:00"},
		{`{"received":"2026-11-16T10:00:00+07:00","limit":0,"unit":"day"}`, "calendar.limit.n"},
		{`{"received":"2026-11-16T10:00:00+07:00","limit":"3","unit":"day"}`, "calendar.type"},
		{`{"received":"yesterday","limit":3,"unit":"day"}`, "calendar.instant"},
		{`{"received":"2026-11-16T10:00:00+07:00","limit":3,"unit":"day","pauses":[["2026-11-17T10:00:00+07:00",null]]}`, "calendar.pause.open"},
		{`{"received":"2027-12-31T10:00:00+07:00","limit":3,"unit":"day"}`, "calendar.year.missing"},
		{`not JSON`, "calendar.json"},
		{``, "calendar.json"},
		{`{"received":"` + strings.Repeat("x", longestLine) + `"}`, errLongLine.Error()},
		{`{"received":"2026-11-16T09:00:00+07:00","limit":1,"unit":"day"}` + "\r", "2026-11-17T17:30:00+07:00"},
		{`{"received":"2026-11-16T09:00:00+07:00","limit":2,"unit":"day"}`, "2026-11-18T17:30:00+07:00"}, // no line end after the last
	}
	var stdin []string
	for _, l := range lines {
		stdin = append(stdin, l.in)
	}
	out, err := deadline(t, strings.Join(stdin, "\n"), "--batch")
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(answers) != len(lines) {
		t.Fatalf("%d answers to %d lines", len(answers), len(lines))
	}
	for i, l := range lines {
		var answer map[string]string
		if err := json.Unmarshal([]byte(answers[i]), &answer); err != nil || len(answer) != 1 {
			t.Fatalf("answer %q: %v", answers[i], err)
		}
		if due, ok := answer["due"]; ok && due != l.want || !ok && !strings.Contains(answer["error"], l.want) {
			t.Errorf("%.120s\n%s\nwant %s", l.in, answers[i], l.want)
		}
	}
	if out, err := deadline(t, "", "--batch"); out != "" || err != nil {
		t.Errorf("nothing asked: %q %v", out, err)
	}
}

func TestBatchTakesOptionsWhereALineSaysNothing(t *testing.T) {
	in := `{"received":"2026-11-16T09:00:00+07:00"}` + "\n" + `{"received":"2026-11-16T09:00:00+07:00","limit":1,"unit":"day"}` + "\n"
	out, err := deadline(t, in, "--batch", "--limit", "2", "--unit", "working_hour", "--hours", "08:00-12:00")
	if diff := cmp.Diff("{\"due\":\"2026-11-16T11:00:00+07:00\"}\n{\"due\":\"2026-11-17T12:00:00+07:00\"}\n", out); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// A program that asks and waits gets each answer before it asks again.
func TestBatchAnswersAtOnce(t *testing.T) {
	asked, ask := io.Pipe()
	answer, answers := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- (&deadlineCmd{Batch: true}).run(asked, answers) }()
	for range 3 {
		if _, err := io.WriteString(ask, `{"received":"2026-11-16T09:00:00+07:00","limit":1,"unit":"day"}`+"\n"); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 100)
		n, err := answer.Read(buf)
		if err != nil || string(buf[:n]) != "{\"due\":\"2026-11-17T17:30:00+07:00\"}\n" {
			t.Fatalf("%q %v", buf[:n], err)
		}
	}
	ask.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestBatchTellsWhenItCannotWrite(t *testing.T) {
	in := strings.NewReader(`{"received":"2026-11-16T09:00:00+07:00","limit":1,"unit":"day"}`)
	if err := (&deadlineCmd{Batch: true}).run(in, fullDisk{}); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Error(err)
	}
}

func BenchmarkBatch(b *testing.B) {
	line := `{"received":"2026-11-16T09:00:00+07:00","limit":3,"unit":"working_day","policy":"resume","pauses":[["2026-11-17T10:00:00+07:00","2026-11-18T09:00:00+07:00"]]}` + "\n"
	in := strings.Repeat(line, 100_000)
	for b.Loop() {
		if err := (&deadlineCmd{Batch: true}).run(strings.NewReader(in), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

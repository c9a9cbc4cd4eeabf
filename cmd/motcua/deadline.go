// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/refusal"
)

// usageError is a command used wrongly: exit code 2 instead of 1.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// deadlineCmd computes due instants without a data folder.
type deadlineCmd struct {
	Received string   `placeholder:"INSTANT" help:"Instant of valid reception, RFC 3339 with any offset."`
	Limit    int      `placeholder:"N" help:"Number of units; same_day takes none."`
	Unit     string   `placeholder:"UNIT" help:"working_day, day, month, working_hour or same_day."`
	Policy   string   `default:"resume" help:"What pauses do to the clock: resume, restart or none."`
	Pause    []string `sep:"none" placeholder:"FROM/TO" help:"A pause, as two instants; may be repeated."`
	Elapsed  bool     `help:"Count each working day as eight working hours from reception."`
	Hours    string   `placeholder:"HOURS" help:"Office hours, such as 07:30-11:30,13:30-17:30 (the default)."`
	Holidays string   `placeholder:"FILE.csv" help:"Holidays with the columns date and kind, in place of the built-in years 2018 to 2027."`
	Batch    bool     `help:"Read one JSON object a line from standard input (received, limit, unit, policy, pauses, elapsed) and answer each on a line. Options hold where a line says nothing."`
}

// Run answers on standard output.
func (c *deadlineCmd) Run() error {
	return c.run(os.Stdin, os.Stdout)
}

func (c *deadlineCmd) run(in io.Reader, out io.Writer) error {
	cal, err := c.calendar()
	if err != nil {
		return wrongUse(err)
	}
	request, err := c.request()
	if err != nil {
		return wrongUse(err)
	}
	if c.Batch {
		return runDeadlines(in, out, cal, request)
	}
	due, err := request.Due(cal)
	if err != nil {
		return wrongUse(err)
	}
	_, err = fmt.Fprintln(out, due.Format(time.RFC3339Nano))
	return err
}

// calendar is the built-in one, or that of the file.
func (c *deadlineCmd) calendar() (*calendar.Calendar, error) {
	if c.Holidays == "" {
		return calendar.Builtin(), nil
	}
	file, err := os.Open(c.Holidays)
	if err != nil {
		return nil, usageError{err}
	}
	defer file.Close()
	holidays, err := calendar.ParseHolidays(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Holidays, err)
	}
	return calendar.New(holidays, nil), nil
}

func (c *deadlineCmd) request() (calendar.Request, error) {
	query := map[string][]string{
		"received": {c.Received}, "limit": {strconv.Itoa(c.Limit)}, "unit": {c.Unit},
		"policy": {c.Policy}, "pause": c.Pause, "elapsed": {strconv.FormatBool(c.Elapsed)}, "hours": {c.Hours},
	}
	return calendar.ParseQuery(query)
}

// wrongUse tells input that is wrong in itself from what the calendar cannot answer.
func wrongUse(err error) error {
	if r := refusal.As(err); r != nil && (r.Kind == refusal.Invalid || r.Kind == refusal.Incomplete) {
		return usageError{err}
	}
	return err
}

// longestLine is far above any dossier's pauses; a longer line is answered by an
// error and passed over.
const longestLine = 1 << 20

// runDeadlines answers every line of in with one line, in order. It writes when
// nothing more waits to be read, so that a program at the other end of a pipe
// gets its answer at once.
func runDeadlines(in io.Reader, out io.Writer, cal *calendar.Calendar, otherwise calendar.Request) error {
	if otherwise.Hours != nil {
		cal, otherwise.Hours = cal.WithHours(otherwise.Hours), nil
	}
	lines, answers := bufio.NewReaderSize(in, 1<<16), bufio.NewWriterSize(out, 1<<16)
	var line, answer []byte
	for {
		var err error
		line, err = readLine(lines, line[:0])
		if errors.Is(err, io.EOF) {
			return answers.Flush()
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return errors.Join(fmt.Errorf("batch: %w", err), answers.Flush())
		}
		var due time.Time
		if err == nil {
			due, err = dueOfLine(line, cal, otherwise)
		}
		if answer, err = appendAnswer(answer[:0], due, err); err != nil {
			return err
		}
		if _, err := answers.Write(answer); err != nil {
			return err
		}
		if lines.Buffered() == 0 {
			if err := answers.Flush(); err != nil {
				return err
			}
		}
	}
}

func dueOfLine(line []byte, cal *calendar.Calendar, otherwise calendar.Request) (time.Time, error) {
	request, err := calendar.ParseRequest(line, otherwise)
	if err != nil {
		return time.Time{}, err
	}
	return request.Due(cal)
}

func appendAnswer(answer []byte, due time.Time, err error) ([]byte, error) {
	if err != nil {
		said := strings.Join(strings.Fields(say(err)), " ")
		if e := refusal.As(err); e != nil && len(e.Fields) > 0 {
			said += " [" + e.Fields[0].Key + "]"
		} else if e != nil {
			said += " [" + e.Key + "]"
		}
		text, err := json.Marshal(map[string]string{"error": said})
		return append(append(answer, text...), '\n'), err
	}
	answer = append(answer, `{"due":"`...)
	answer = due.AppendFormat(answer, time.RFC3339Nano)
	return append(answer, "\"}\n"...), nil
}

var errLongLine = errors.New("line longer than 1 MiB")

// readLine appends the next line without its end; io.EOF only when there is none.
func readLine(r *bufio.Reader, line []byte) ([]byte, error) {
	tooLong, read := false, false
	for {
		part, err := r.ReadSlice('\n')
		read = read || len(part) > 0
		if len(line)+len(part) > longestLine {
			tooLong = true
		}
		if !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !(errors.Is(err, io.EOF) && read):
			return nil, err
		case tooLong:
			return line, errLongLine
		}
		return line, nil
	}
}

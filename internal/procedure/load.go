// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// Load reads one procedure from its folder: procedure.json, form.json,
// process.json, result.json, sample.json. Whatever is unknown, missing or does
// not fit together is refused, each by file and place, all at once.
func Load(dir fs.FS, blocks form.Blocks) (*Edition, error) {
	e := &Edition{Number: 1}
	var errs []error
	read := func(name string, parse func([]byte) error) {
		data, err := fs.ReadFile(dir, name)
		if err == nil {
			err = parse(data)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, where(data, err)))
		}
	}
	read("procedure.json", func(b []byte) error { return strict(b, &e.Facts) })
	read("form.json", func(b []byte) (err error) { e.Form, err = form.Parse(b, blocks); return })
	read("process.json", func(b []byte) (err error) { e.Process, err = workflow.Parse(b, e.Form); return })
	read("result.json", func(b []byte) error { return strict(b, &e.Results) })
	read("sample.json", func(b []byte) error { return strict(b, &e.Sample) })
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if err := e.Validate(); err != nil {
		return nil, err
	}
	return e, nil
}

// where adds the line to a JSON error that knows only its offset.
func where(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	} else if errors.As(err, &kind) {
		offset = kind.Offset
	}
	if offset < 0 || offset > int64(len(data)) {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:offset], []byte("\n")), err)
}

func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return at(data, d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return at(data, d.InputOffset(), errors.New("more than one value"))
	}
	return nil
}

// at adds the line to an error that does not know its place.
func at(data []byte, offset int64, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &kind) || offset > int64(len(data)) {
		return err
	}
	return fmt.Errorf("after line %d: %w", 1+bytes.Count(data[:offset], []byte("\n")), err)
}

var codePattern = regexp.MustCompile(`^\d\.\d{6}(\.[A-Z]\d{2}|-MC\d+)?$`)

// Validate refuses an edition whose parts do not fit together.
func (e *Edition) Validate() error {
	var errs []error
	add := func(place, format string, args ...any) {
		errs = append(errs, fmt.Errorf(place+": "+format, args...))
	}
	f := &e.Facts
	if !codePattern.MatchString(f.Code) {
		add("procedure.json: code", "%q is no procedure code", f.Code)
	}
	for key, missing := range map[string]bool{
		"name": f.Name.VI == "" || f.Name.EN == "", "summary": f.Summary.VI == "", "field": f.Field == "", "keywords": len(f.Keywords) == 0,
		"audience": len(f.Audience) == 0, "levels": len(f.Levels) == 0, "competent": len(f.Competent) == 0, "decision": f.Decision == "",
		"cases": len(f.Cases) == 0, "steps": len(f.Steps) == 0, "basis": len(f.Basis) == 0, "returns": len(f.Returns) == 0, "checked": f.Checked == "",
	} {
		if missing {
			add("procedure.json: "+key, "missing")
		}
	}
	for _, a := range f.Audience {
		if !slices.Contains(Applicants, a) {
			add("procedure.json: audience", "unknown %q", a)
		}
	}
	if !slices.Contains([]string{"restart", "resume", "none"}, f.Resume) {
		add("procedure.json: resume", "unknown %q", f.Resume)
	}
	switch {
	case f.Online.Level == "full" && f.Online.Reason == "":
	case f.Online.Level == "partial" && slices.Contains([]string{"presence", "field_verification", "technical"}, f.Online.Reason):
	default:
		add("procedure.json: online", "level %q with reason %q", f.Online.Level, f.Online.Reason)
	}
	for i := range f.Cases {
		errs = append(errs, e.validateCase(&f.Cases[i], fmt.Sprintf("procedure.json: cases[%d] (%s)", i, f.Cases[i].ID))...)
	}
	errs = append(errs, e.validateResults()...)
	if len(errs) == 0 {
		errs = append(errs, e.validateSample()...)
	}
	return errors.Join(errs...)
}

func (e *Edition) validateCase(c *Case, at string) []error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(at+": "+format, args...)) }
	if c.ID == "" || c.Name.VI == "" {
		add("id or name missing")
	}
	if len(c.Components) == 0 {
		add("no components")
	}
	seen := map[string]bool{}
	for _, k := range c.Components {
		if k.ID == "" || k.Name.VI == "" || seen[k.ID] {
			add("component %q: id or name missing, or id used twice", k.ID)
		}
		seen[k.ID] = true
		if err := form.CheckWhen(k.When, e.Form, nil); err != nil {
			add("component %s: %w", k.ID, err)
		}
		for _, kind := range k.Accept {
			if !slices.Contains(FileKinds, kind) {
				add("component %s: unknown file kind %q", k.ID, kind)
			}
		}
	}
	for _, channel := range Channels {
		limit, ok := c.LimitOn(channel)
		if !ok {
			add("no limit for channel %s", channel)
			continue
		}
		steps := e.Process.Longest(func(l []calendar.Limit) int { return calendar.Builtin().Weigh(l) })
		if err := calendar.Builtin().CheckSteps(limit, steps); err != nil {
			add("channel %s: %w", channel, err)
		}
	}
	for _, fee := range c.Fees {
		if err := e.validateFee(fee); err != nil {
			add("fee %s: %w", fee.ID, err)
		}
	}
	if len(c.Fees) == 0 {
		add("no fees: say free or not_published")
	}
	return errs
}

func (e *Edition) validateFee(fee Fee) error {
	if fee.ID == "" || fee.Name.VI == "" {
		return errors.New("id or name missing")
	}
	switch fee.State {
	case Free, NotPublished:
		if fee.Amount != 0 {
			return errors.New("an amount although free or not published")
		}
	case Amount:
		if fee.Amount <= 0 || fee.Kind != "phi" && fee.Kind != "le_phi" {
			return errors.New("needs an amount above 0 and kind phi or le_phi")
		}
	case ByNote:
		if fee.Note.VI == "" {
			return errors.New("by note, without a note")
		}
	default:
		return fmt.Errorf("unknown state %q", fee.State)
	}
	if fee.Per != "" {
		if q := e.Form.Field(fee.Per); q == nil || q.Type != form.Integer {
			return fmt.Errorf("per %q is no whole-number question", fee.Per)
		}
	}
	return form.CheckWhen(fee.When, e.Form, nil)
}

func (e *Edition) validateResults() []error {
	var errs []error
	if len(e.Results) == 0 {
		return []error{errors.New("result.json: no template")}
	}
	open := false
	for i := range e.Results {
		t := &e.Results[i]
		at := fmt.Sprintf("result.json[%d] (%s)", i, t.ID)
		add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(at+": "+format, args...)) }
		if t.ID == "" || t.Title == "" || t.Number == "" || t.SignedBy == "" || t.Name.VI == "" || len(t.Lines) < 3 {
			add("id, name, title, number, signed_by or lines missing")
		}
		open = open || t.When == nil
		if err := form.CheckWhen(t.When, e.Form, nil); err != nil {
			add("%w", err)
		}
		inputs, err := form.Bare(t.Inputs)
		if err != nil {
			add("%w", err)
		}
		for _, name := range builtin {
			if q := e.Form.Resolve(name); q != nil && q.Type != form.Group || slices.ContainsFunc(inputs, func(q form.Field) bool { return q.ID == name }) {
				add("{%s} is what every dossier fills: no question or input may be called so", name)
			}
		}
		for input, path := range t.Fill {
			if !slices.ContainsFunc(inputs, func(q form.Field) bool { return q.ID == input }) {
				add("fill: no input %q", input)
			}
			if e.Form.Resolve(path) == nil {
				add("fill: no answer %q", path)
			}
		}
		for j, l := range t.Lines {
			if err := e.validateLine(l, inputs); err != nil {
				add("lines[%d]: %w", j, err)
			}
		}
	}
	if !open {
		errs = append(errs, errors.New("result.json: every template has a condition: one without must remain"))
	}
	return errs
}

// builtin are the placeholders that every dossier fills.
var builtin = []string{"code", "received_on", "issued_on", "agency", "procedure", "number", "applicant"}

var placeholder = regexp.MustCompile(`\{([a-z_0-9.]+)\}`)

func (e *Edition) validateLine(l Line, inputs []form.Field) error {
	kinds := 0
	for _, s := range []string{l.Text, l.Heading, l.Label, l.List} {
		if s != "" {
			kinds++
		}
	}
	if kinds != 1 {
		return errors.New("needs exactly one of text, heading, label, list")
	}
	if err := form.CheckWhen(l.When, e.Form, inputs); err != nil {
		return err
	}
	for _, m := range placeholder.FindAllStringSubmatch(l.Text+l.Heading+l.Label+l.Value, -1) {
		if slices.Contains(builtin, m[1]) || slices.ContainsFunc(inputs, func(q form.Field) bool { return q.ID == m[1] }) {
			continue
		}
		if q := e.Form.Resolve(m[1]); q == nil || q.Type == form.Group {
			return fmt.Errorf("nothing fills {%s}", m[1])
		}
	}
	if l.List != "" {
		q := e.Form.Resolve(l.List)
		if q == nil || q.Repeat == nil || len(l.Columns) == 0 {
			return fmt.Errorf("list %q is no repeating group, or has no columns", l.List)
		}
		for _, c := range l.Columns {
			if !slices.ContainsFunc(q.Fields, func(f form.Field) bool { return f.ID == c.Field && f.Type != form.Group }) {
				return fmt.Errorf("column %q is no question of %s", c.Field, l.List)
			}
		}
	}
	return nil
}

func (e *Edition) validateSample() []error {
	c := e.Facts.Case(e.Sample.Case)
	if c == nil {
		return []error{fmt.Errorf("sample.json: case: no case %q", e.Sample.Case)}
	}
	if !slices.Contains(Channels, e.Sample.Channel) || !slices.Contains(e.Facts.Returns, e.Sample.Return) {
		return []error{errors.New("sample.json: channel or return unknown")}
	}
	facts := FactsOf(c.ID, e.Sample.Channel, "citizen")
	_, wrong := e.Form.Check(e.Sample.Answers, facts, time.Now())
	var errs []error
	for _, w := range wrong {
		errs = append(errs, fmt.Errorf("sample.json: %s: %s %v", strings.TrimPrefix(w.Pointer, "/"), w.Key, w.Args))
	}
	return errs
}

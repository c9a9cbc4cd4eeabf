// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"

	"motcua/internal/refusal"
)

// Logs hold no personal data. What the program writes of itself has none; what others
// say in their errors – databases, decoders, identity providers – may quote what
// somebody typed. So every line goes through cleaned: what stands in quotes, long
// numbers and addresses of mail are left out, and of a refusal all but its key.

// newLog writes such lines.
func newLog(to io.Writer) *slog.Logger {
	return slog.New(cleaned{slog.NewTextHandler(to, nil)})
}

type cleaned struct{ slog.Handler }

func (c cleaned) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, withoutPersons(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(cleanAttr(a))
		return true
	})
	return c.Handler.Handle(ctx, clean)
}

func (c cleaned) WithAttrs(attrs []slog.Attr) slog.Handler {
	list := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		list[i] = cleanAttr(a)
	}
	return cleaned{c.Handler.WithAttrs(list)}
}

func (c cleaned) WithGroup(name string) slog.Handler { return cleaned{c.Handler.WithGroup(name)} }

func cleanAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, withoutPersons(v.String()))
	case slog.KindAny:
		text := fmt.Sprint(v.Any())
		if err, ok := v.Any().(error); ok {
			if e := refusal.As(err); e != nil {
				text = strings.ReplaceAll(text, e.Error(), e.Key)
			}
		}
		return slog.String(a.Key, withoutPersons(text))
	case slog.KindGroup:
		var list []any
		for _, x := range v.Group() {
			list = append(list, cleanAttr(x))
		}
		return slog.Group(a.Key, list...)
	}
	return a
}

var (
	quoted  = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.){2,}'|“[^”\n]*”|` + "`[^`\n]*`")
	mailed  = regexp.MustCompile(`[^\s<>()@,;:=]+@[^\s<>()@,;:=]+`)
	numbers = regexp.MustCompile(`\b\+?\d{9,}\b|\b0\d{2,3}[ .]\d{3}[ .]\d{3,4}\b`)
)

func withoutPersons(s string) string {
	s = quoted.ReplaceAllString(s, "“…”")
	s = mailed.ReplaceAllString(s, "…@…")
	return numbers.ReplaceAllString(s, "…")
}

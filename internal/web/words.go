// SPDX-License-Identifier: Apache-2.0

package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"motcua/internal/refusal"
)

//go:embed words/*.json
var wordFiles embed.FS

// dictionary holds the sentences of one language by key.
type dictionary map[string]string

var dictionaries = map[string]dictionary{"vi": readWords("vi"), "en": readWords("en")}

// readWords merges words/<part>.<lang>.json; a key that stands in two files is
// a mistake of the build.
func readWords(lang string) dictionary {
	names, err := fs.Glob(wordFiles, "words/*."+lang+".json")
	if err != nil {
		panic(err)
	}
	all := dictionary{}
	for _, name := range names {
		data, err := wordFiles.ReadFile(name)
		if err != nil {
			panic(err)
		}
		var d dictionary
		if err := json.Unmarshal(data, &d); err != nil {
			panic(fmt.Errorf("%s: %w", name, err))
		}
		for k, v := range d {
			if _, twice := all[k]; twice {
				panic(fmt.Errorf("%s: %q stands in another file too", name, k))
			}
			all[k] = v
		}
	}
	return all
}

// T returns the sentence of a key in lang, with {name} replaced from name,
// value pairs. A key without a sentence is shown in brackets, and a test fails.
func T(lang, key string, args ...any) string {
	named := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		named[args[i].(string)] = args[i+1]
	}
	return sentence(lang, key, named)
}

// Says is true when there is a sentence for a key.
func Says(key string) bool { return dictionaries["vi"][key] != "" }

func sentence(lang, key string, args map[string]any) string {
	d, ok := dictionaries[lang]
	if !ok {
		d = dictionaries["vi"]
	}
	s, ok := d[key]
	if !ok {
		return "[" + key + "]"
	}
	if len(args) == 0 || !strings.Contains(s, "{") {
		return s
	}
	pairs := make([]string, 0, 2*len(args))
	for name, v := range args {
		pairs = append(pairs, "{"+name+"}", show(lang, v))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

func show(lang string, v any) string {
	switch v := v.(type) {
	case refusal.Words:
		return v.In(lang)
	case float64:
		if v == float64(int64(v)) {
			return fmt.Sprint(int64(v))
		}
	}
	return fmt.Sprint(v)
}

// Shown is a value as people read it: a text in both languages, an instant, or
// what it says itself.
func Shown(lang string, v any) string {
	if at, ok := v.(time.Time); ok {
		if at.IsZero() {
			return "…"
		}
		return Instant(lang, at)
	}
	return show(lang, v)
}

// Sentence says a refusal in lang, and what could be done instead.
func Sentence(lang string, e *refusal.Error) string {
	s := sentence(lang, e.Key, e.Args)
	if len(e.Next) == 0 {
		return s
	}
	next := make([]string, len(e.Next))
	for i, w := range e.Next {
		next[i] = w.In(lang)
	}
	return s + " " + T(lang, "refusal.next", "acts", strings.Join(next, "; "))
}

// FieldSentence says what is wrong with one field, after its label if it has
// one, and after what it belongs to: "Người làm chứng 1 – Số điện thoại: cần
// điền mục này."
func FieldSentence(lang string, f refusal.Field) string {
	s := sentence(lang, f.Key, f.Args)
	if label, ok := f.Args["label"].(refusal.Words); ok && label.In(lang) != "" {
		first, size := utf8.DecodeRuneInString(s)
		s = label.In(lang) + ": " + string(unicode.ToLower(first)) + s[size:]
	}
	if within, ok := f.Args["within"].(refusal.Words); ok {
		s = within.In(lang) + " – " + s
	}
	return s
}

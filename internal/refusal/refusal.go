// SPDX-License-Identifier: Apache-2.0

// Package refusal says "the answer is no, and here is why" as an error.
//
// A refusal is the law, the right or the input saying no: it has a kind, a
// stable key that the words files turn into a sentence, and where there is one
// its legal basis. Everything else that goes wrong is a fault: a plain wrapped
// error, of which a person sees only a number. Start at Error.
package refusal

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// Kind sorts refusals by what the edge answers: exactly one function per face
// turns it into a page, a problem document or an exit code.
type Kind int

const (
	// Invalid is input that is wrong in itself (HTTP 422).
	Invalid Kind = iota + 1
	// Incomplete is input that lacks something (422).
	Incomplete
	// NotSignedIn asks to sign in first (401).
	NotSignedIn
	// NotFound is a thing that does not exist, or that this caller may not know of (404).
	NotFound
	// NotAllowed is a right that this caller lacks (403).
	NotAllowed
	// NotNow is an act that the present state does not permit (422).
	NotNow
	// Conflict is a change made from a stale view, or a key used twice (409).
	Conflict
	// TooMany is a caller to be slowed down (429).
	TooMany
	// TooLarge is a body or file over its limit (413).
	TooLarge
	// Unavailable is a part of the system that cannot work just now: nothing
	// was changed, trying again later is right (503).
	Unavailable
)

// Field is one wrong field. Pointer is a JSON pointer into the caller's body
// ("/answers/child/name"); Key and Args as in Error.
type Field struct {
	Pointer string
	Key     string
	Args    map[string]any
}

// Error is a refusal. Key is stable and dotted ("dossier.receive.state"): it is
// the code of a problem document and the key of the sentence in both languages.
// Args fill the sentence. Basis names the article of law, if there is one.
// Fields holds every wrong field at once, Next what would be possible.
type Error struct {
	Kind   Kind
	Key    string
	Args   map[string]any
	Basis  string
	Fields []Field
	Next   []Words `json:"-"` // what could be done instead, as things stand
}

// Words are a text in the languages of the program.
type Words interface{ In(lang string) string }

// Error is for operators and tests; people are shown the sentence of Key.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Key)
	if len(e.Args) > 0 {
		fmt.Fprintf(&b, " %v", e.Args)
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Pointer, f.Key)
		if len(f.Args) > 0 {
			fmt.Fprintf(&b, " %v", f.Args)
		}
	}
	return b.String()
}

// New makes a refusal; args are name, value pairs.
func New(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: pairs(args)}
}

// Because adds the legal basis.
func (e *Error) Because(basis string) *Error {
	e.Basis = basis
	return e
}

// Fields refuses input for every wrong field at once; nil when there is none.
func Fields(key string, fields []Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: key, Fields: fields}
}

// At names one wrong field; args are name, value pairs.
func At(pointer, key string, args ...any) Field {
	return Field{Pointer: pointer, Key: key, Args: pairs(args)}
}

// Named is the field with the label it was asked by, unless it has one.
func (f Field) Named(label Words) Field {
	if _, has := f.Args["label"]; has {
		return f
	}
	args := map[string]any{"label": label}
	maps.Copy(args, f.Args)
	f.Args = args
	return f
}

// Is reports whether err is, or wraps, a refusal of this kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// As returns the refusal in err, or nil for a fault.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}

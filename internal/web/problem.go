// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"motcua/internal/refusal"
)

// problem is a problem document of RFC 9457.
type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Code   string         `json:"code"`
	Basis  string         `json:"basis,omitempty"`
	Errors []problemField `json:"errors,omitempty"`
}

type problemField struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// statuses are the HTTP status of each kind of refusal.
var statuses = map[refusal.Kind]int{
	refusal.Invalid: http.StatusUnprocessableEntity, refusal.Incomplete: http.StatusUnprocessableEntity, refusal.NotNow: http.StatusUnprocessableEntity,
	refusal.NotSignedIn: http.StatusUnauthorized, refusal.NotFound: http.StatusNotFound, refusal.NotAllowed: http.StatusForbidden,
	refusal.Conflict: http.StatusConflict, refusal.TooMany: http.StatusTooManyRequests, refusal.TooLarge: http.StatusRequestEntityTooLarge,
	refusal.Unavailable: http.StatusServiceUnavailable,
}

// Status is the HTTP status that answers an error: that of its refusal, 500
// for a fault.
func Status(err error) int {
	if e := refusal.As(err); e != nil {
		return statuses[e.Kind]
	}
	return http.StatusInternalServerError
}

// Problem answers an error as a problem document: a refusal with its sentence,
// legal basis and every wrong field; a fault with a number, under which the
// whole of it is logged.
func Problem(w http.ResponseWriter, r *http.Request, err error) {
	err = late(r, err)
	lang, status := Lang(r), Status(err)
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status}
	if e := refusal.As(err); e != nil {
		p.Code, p.Basis = e.Key, e.Basis
		p.Title, p.Detail = sentence(lang, titles[e.Kind], nil), Sentence(lang, e)
		for _, f := range e.Fields {
			p.Errors = append(p.Errors, problemField{f.Pointer, f.Key, FieldSentence(lang, f)})
		}
		if e.Kind == refusal.Unavailable && !atGate(e) {
			slog.ErrorContext(r.Context(), "unavailable", "error", err)
		}
		RetryAfter(w, e)
	} else {
		number := Fault(r, err)
		p.Code, p.Title = "fault", sentence(lang, "problem.fault", nil)
		p.Detail = sentence(lang, "problem.fault.number", map[string]any{"number": number})
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p)
}

// late is the refusal of what took longer than its route may take.
func late(r *http.Request, err error) error {
	if refusal.As(err) == nil && errors.Is(err, context.DeadlineExceeded) && r.Context().Err() != nil {
		return fmt.Errorf("%w: %v", refusal.New(refusal.Unavailable, "gate.late", "seconds", 30), err)
	}
	return err
}

// atGate is true for what is refused because too many ask: that is no fault to be
// logged each time, or who floods the site floods its log.
func atGate(e *refusal.Error) bool {
	return strings.HasPrefix(e.Key, "gate.") && e.Key != "gate.late" || e.Key == "identity.sign_in.busy"
}

// RetryAfter says when to try again what is not to be tried now.
func RetryAfter(w http.ResponseWriter, e *refusal.Error) {
	if e.Kind != refusal.Unavailable && e.Kind != refusal.TooMany {
		return
	}
	after := "5"
	if n, ok := e.Args["seconds"].(int); ok {
		after = strconv.Itoa(n)
	}
	w.Header().Set("Retry-After", after)
}

// titles are the keys of the words for each kind of refusal.
var titles = map[refusal.Kind]string{
	refusal.Invalid: "problem.invalid", refusal.Incomplete: "problem.incomplete", refusal.NotNow: "problem.not_now",
	refusal.NotSignedIn: "problem.not_signed_in", refusal.NotFound: "problem.not_found", refusal.NotAllowed: "problem.not_allowed",
	refusal.Conflict: "problem.conflict", refusal.TooMany: "problem.too_many", refusal.TooLarge: "problem.too_large", refusal.Unavailable: "problem.unavailable",
}

// Fault logs a fault whole and returns the number a person is shown instead.
func Fault(r *http.Request, err error) string {
	var b [4]byte
	rand.Read(b[:])
	number := hex.EncodeToString(b[:])
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return number // the caller has gone
	}
	slog.ErrorContext(r.Context(), "fault", "number", number, "method", r.Method, "route", r.Pattern, "error", err)
	return number
}

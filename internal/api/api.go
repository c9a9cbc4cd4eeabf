// SPDX-License-Identifier: Apache-2.0

// Package api is the face for other systems: JSON over HTTP, described by
// openapi.json, which the tests hold the answers against. Everything a page
// can do, a call can do; no rule lives here. Start at (*API).Routes.
package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/payment"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// API answers /api/v1.
type API struct {
	Book      *dossier.Book
	Register  *identity.Register
	Catalogue *procedure.Catalogue
	Site      *agency.Site
	Guesses   *web.Tries // of look-up secrets, by dossier code
	Now       func() time.Time
	Payments  *payment.Office
	stats     statistics
}

//go:embed openapi.json
var description []byte

// Routes adds the calls to a mux.
func (a *API) Routes(mux *http.ServeMux) {
	any := identity.Scopes // every token may read
	public := func(pattern string, h handler) { mux.Handle(pattern, answer(h)) }
	private := func(pattern string, h func(dossier.Actor, http.ResponseWriter, *http.Request) error, scopes ...string) {
		mux.Handle(pattern, answer(func(w http.ResponseWriter, r *http.Request) error {
			who, err := a.actor(r)
			if err != nil {
				return err
			}
			if !who.Scope(scopes...) {
				return refusal.New(refusal.NotAllowed, "identity.scope.missing")
			}
			return h(who, w, r)
		}))
	}
	public("GET /api/v1/openapi.json", a.describe)
	public("GET /api/v1/procedures", a.procedures)
	public("GET /api/v1/procedures/{code}", a.procedure)
	public("GET /api/v1/procedures/{code}/sample", a.sample)
	public("GET /api/v1/lookup/{code}", a.lookup)
	public("GET /api/v1/deadline", a.deadline)
	public("GET /api/v1/outages", a.outages)
	public("GET /api/v1/statistics/dossiers", a.statistics)
	public("GET /api/v1/statistics/overdue", a.overdue)
	public("GET /api/v1/payments/{way}", a.told)
	public("POST /api/v1/payments/{way}", a.told)
	private("POST /api/v1/files", a.upload, "file", "handle")
	private("POST /api/v1/dossiers", a.submit, "file")
	private("GET /api/v1/dossiers", a.mine, any...)
	private("POST /api/v1/dossiers/search", a.search, any...)
	private("GET /api/v1/dossiers/{code}", a.dossier, any...)
	private("GET /api/v1/dossiers/{code}/events", a.events, any...)
	private("GET /api/v1/dossiers/{code}/views", a.views, any...)
	private("POST /api/v1/dossiers/{code}/numbers", a.numbers, "handle")
	private("GET /api/v1/dossiers/{code}/documents/{id}", a.document, any...)
	private("POST /api/v1/dossiers/{code}/documents/{id}/original", a.original, "handle")
	private("POST /api/v1/dossiers/{code}/acts/{act}", a.act, "file", "handle")
	private("GET /api/v1/dossiers/{code}/papers/{id}", a.paper, any...)
	private("GET /api/v1/dossiers/{code}/results/{id}", a.result, any...)
	private("GET /api/v1/notices", a.notices, any...)
	private("POST /api/v1/notices/read", a.readNotices, "file", "handle")
	private("GET /api/v1/queues", a.queues, any...)
	private("GET /api/v1/queues/{name}", a.queue, any...)
	public("/api/", func(http.ResponseWriter, *http.Request) error {
		return refusal.New(refusal.NotFound, "request.no_such_call")
	})
}

type handler func(w http.ResponseWriter, r *http.Request) error

// answer turns what a handler returns into an answer, a problem document if
// it is an error.
func answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			web.Problem(w, r, err)
		}
	})
}

// actor is whose token a call carries.
func (a *API) actor(r *http.Request) (dossier.Actor, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return dossier.Actor{}, refusal.New(refusal.NotSignedIn, "identity.no_token")
	}
	account, scopes, err := a.Register.Token(r.Context(), strings.TrimSpace(token))
	if err != nil {
		return dossier.Actor{}, err
	}
	who := dossier.ActorOf(account, a.Site.Directory(), calendar.DateOf(a.Now()))
	who.Scopes, who.Address = scopes, web.Address(r)
	return who, nil
}

const (
	bodyLimit   = 1 << 20  // the largest JSON body
	filingLimit = 16 << 20 // of a dossier with small files inlined
	mostParts   = 50_000   // values in one body
)

// read decodes a body strictly and says which key is wrong.
func read(w http.ResponseWriter, r *http.Request, limit int64, into any) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, refusal.New(refusal.TooLarge, "request.too_large", "mb", limit>>20)
		}
		return nil, refusal.New(refusal.Invalid, "request.unreadable")
	}
	if bytes.Count(body, []byte(","))+bytes.Count(body, []byte("{")) > mostParts {
		return nil, refusal.New(refusal.TooLarge, "request.too_many", "n", mostParts)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return nil, malformed(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, refusal.New(refusal.Invalid, "request.json", "detail", "more than one value")
	}
	return body, nil
}

func malformed(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		pointer := "/" + strings.ReplaceAll(kind.Field, ".", "/")
		return refusal.Fields("request.invalid", []refusal.Field{refusal.At(pointer, "form.type")})
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/"+name, "form.unknown")})
	}
	return refusal.New(refusal.Invalid, "request.json", "detail", err.Error())
}

// idempotency reads the key of a mutating call; without one the call simply is
// not protected against being repeated.
func idempotency(r *http.Request, body []byte) (*dossier.Key, error) {
	value := r.Header.Get("Idempotency-Key")
	if value == "" {
		return nil, nil
	}
	if !utf8.ValidString(value) {
		return nil, refusal.New(refusal.Invalid, "request.characters")
	}
	if len(value) > 200 {
		return nil, refusal.New(refusal.Invalid, "request.key_long", "n", 200)
	}
	sum := sha256.New()
	io.WriteString(sum, r.Method+" "+r.URL.Path+"\n")
	sum.Write(body)
	return &dossier.Key{Value: value, Hash: hex.EncodeToString(sum.Sum(nil))}, nil
}

func write(w http.ResponseWriter, status int, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	if err != nil {
		return nil // the caller has gone
	}
	return nil
}

// list is a page of a list with the cursor of the next.
type list[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// page reads ?limit= and ?after=.
func page(r *http.Request) (limit int, after []int64, err error) {
	limit = 50
	if s := r.URL.Query().Get("limit"); s != "" {
		n, e := strconv.Atoi(s)
		if e != nil || n < 1 || n > 100 {
			return 0, nil, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/limit", "request.limit", "max", 100)})
		}
		limit = n
	}
	if s := r.URL.Query().Get("after"); s != "" {
		raw, e := base64.RawURLEncoding.DecodeString(s)
		if e == nil {
			e = json.Unmarshal(raw, &after)
		}
		if e != nil || len(after) == 0 {
			return 0, nil, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/after", "request.cursor")})
		}
	}
	return limit, after, nil
}

func cursor(at ...int64) *string {
	raw, _ := json.Marshal(at)
	s := base64.RawURLEncoding.EncodeToString(raw)
	return &s
}

func lang(r *http.Request) string { return web.Lang(r) }

func (a *API) describe(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(description)
	return nil
}

func (a *API) deadline(w http.ResponseWriter, r *http.Request) error {
	q, err := calendar.ParseQuery(r.URL.Query())
	if err != nil {
		return err
	}
	_, cal, err := a.Site.Calendar("")
	if err != nil {
		return err
	}
	due, err := q.Due(cal)
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, map[string]any{"due": due})
}

func (a *API) day(r *http.Request) (calendar.Date, error) {
	s := r.URL.Query().Get("on")
	if s == "" {
		return calendar.DateOf(a.Now()), nil
	}
	d, err := calendar.ParseDate(s)
	if err != nil {
		return d, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/on", "form.date")})
	}
	return d, nil
}

// SPDX-License-Identifier: Apache-2.0

package web

import (
	"compress/gzip"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"motcua/internal/refusal"
)

// Guard is what stands before every face: safe headers, panics caught, answers
// compressed, forms of strangers refused.
type Guard struct {
	Key   []byte // signs form tokens; all processes of a site have the same
	Doors []Door // identity providers, where one signs in too
}

// Door is an identity provider as pages name it.
type Door struct {
	ID     string
	Name   refusal.Words
	For    string // citizen, officer
	Origin string
}

// beyond are the origins that a form may lead to beside this site.
func (g *Guard) beyond() (list string) {
	for _, d := range g.Doors {
		list += " " + d.Origin
	}
	return list
}

// DoorsFor are the identity providers for those who use a face.
func (g *Guard) DoorsFor(face string) (list []Door) {
	for _, d := range g.Doors {
		if (d.For == "officer") == (face == "desk") {
			list = append(list, d)
		}
	}
	return list
}

// Wrap puts the guard before a handler.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	cross, page := http.NewCrossOriginProtection(), pagePolicy(g.beyond())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &headed{ResponseWriter: w, page: page, secure: Secure(r)}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				if answer.begun { // what was begun can only be cut off
					Fault(r, err)
					panic(http.ErrAbortHandler)
				}
				Problem(answer, r, err)
			}
		}()
		w = answer
		if strings.HasPrefix(r.URL.Path, "/api/") {
			answer.page = nil
			next.ServeHTTP(w, r)
			answer.end()
			return
		}
		if err := cross.Check(r); err != nil {
			Refuse(w, r, refusal.New(refusal.NotAllowed, "problem.cross_origin"))
			return
		}
		if l := r.URL.Query().Get("lang"); l == "vi" || l == "en" {
			http.SetCookie(w, &http.Cookie{Name: langCookie, Value: l, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: Secure(r)})
		}
		if !strings.HasPrefix(r.URL.Path, "/tinh/") && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			z := &zipped{ResponseWriter: w}
			defer z.close()
			w = z
		}
		next.ServeHTTP(w, r)
		answer.end()
	})
}

// formCookie ties form tokens to one browser.
const formCookie = "form"

// Token is the form token for this browser; it sets the cookie it is tied to.
func (g *Guard) Token(w http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(cookieName(r, formCookie))
	if err != nil || len(c.Value) < 20 {
		b := make([]byte, 18)
		rand.Read(b)
		c = &http.Cookie{Name: cookieName(r, formCookie), Value: base64.RawURLEncoding.EncodeToString(b), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: Secure(r)}
		http.SetCookie(w, c)
	}
	return g.sign(c.Value)
}

// sign is tied to the cookie alone, so that every process of a site takes it.
func (g *Guard) sign(cookie string) string {
	m := hmac.New(sha256.New, g.Key)
	m.Write([]byte(cookie))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:18])
}

// Seal makes of a text what may stand in an address: nobody but the one it is for
// reads it there, nor in what logs and browsers keep of the address.
func (g *Guard) Seal(text string, account int64) string {
	sealed, err := g.seal().Encrypt([]byte(text), forAccount(account))
	if err != nil {
		panic(err) // of a text that no address could hold
	}
	return base64.RawURLEncoding.EncodeToString(sealed)
}

// Unseal reads what was sealed for an account; ok is false for all else.
func (g *Guard) Unseal(sealed string, account int64) (text string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", false
	}
	plain, err := g.seal().Decrypt(b, forAccount(account))
	return string(plain), err == nil
}

func forAccount(account int64) []byte { return strconv.AppendInt(nil, account, 10) }

func (g *Guard) seal() *subtle.AESGCM {
	m := hmac.New(sha256.New, g.Key)
	m.Write([]byte("sealed addresses"))
	aead, err := subtle.NewAESGCM(m.Sum(nil))
	if err != nil {
		panic(err) // a key of 32 bytes is right
	}
	return aead
}

// Check refuses a form that was not served to this browser.
func (g *Guard) Check(r *http.Request) error {
	c, err := r.Cookie(cookieName(r, formCookie))
	if err != nil || !hmac.Equal([]byte(r.FormValue("csrf")), []byte(g.sign(c.Value))) {
		return refusal.New(refusal.NotAllowed, "request.form_token")
	}
	return nil
}

// Multipart is true for a form that is sent in parts, as files are.
func Multipart(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/")
}

// zipped compresses text answers as they are written.
type zipped struct {
	http.ResponseWriter
	gz      *gzip.Writer
	started bool
}

var gzips = sync.Pool{New: func() any { z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed); return z }}

func (z *zipped) WriteHeader(status int) {
	if !z.started {
		z.started = true
		h := z.Header()
		if t := h.Get("Content-Type"); h.Get("Content-Encoding") == "" && (strings.HasPrefix(t, "text/") || strings.HasPrefix(t, "application/json")) {
			h.Set("Content-Encoding", "gzip")
			h.Add("Vary", "Accept-Encoding")
			h.Del("Content-Length")
			z.gz = gzips.Get().(*gzip.Writer)
			z.gz.Reset(z.ResponseWriter)
		}
	}
	z.ResponseWriter.WriteHeader(status)
}

func (z *zipped) Write(b []byte) (int, error) {
	if !z.started {
		z.WriteHeader(http.StatusOK)
	}
	if z.gz != nil {
		return z.gz.Write(b)
	}
	return z.ResponseWriter.Write(b)
}

// Unwrap lets the server reach the connection.
func (z *zipped) Unwrap() http.ResponseWriter { return z.ResponseWriter }

func (z *zipped) close() {
	if z.gz != nil {
		_ = z.gz.Close()
		z.gz.Reset(nil)
		gzips.Put(z.gz)
	}
}

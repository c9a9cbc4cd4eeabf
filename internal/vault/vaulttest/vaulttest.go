// SPDX-License-Identifier: Apache-2.0

// Package vaulttest holds every Keeper to what a vault relies on, and has a key
// management service to try them against.
//
// Start at Run.
package vaulttest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"motcua/internal/vault"
)

// Run holds a keeper to the contract; other is a keeper with another key.
func Run(t *testing.T, k, other vault.Keeper) {
	ctx := t.Context()
	key := bytes.Repeat([]byte("key!"), 16)
	wrapped, err := k.Wrap(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(wrapped, []byte("key!")) || bytes.Contains(wrapped, []byte(base64.StdEncoding.EncodeToString([]byte("key!key!key!")))) {
		t.Error("the key lies open in what is wrapped")
	}
	if got, err := k.Unwrap(ctx, wrapped); err != nil || !bytes.Equal(got, key) {
		t.Errorf("unwrapped %x, %v", got, err)
	}
	if again, err := k.Wrap(ctx, key); err != nil || bytes.Equal(again, wrapped) {
		t.Errorf("wrapped twice, it is the same: equal keys can be told, %v", err)
	}
	if _, err := other.Unwrap(ctx, wrapped); err == nil {
		t.Error("another key unwraps it")
	}
	changed := bytes.Clone(wrapped)
	changed[len(changed)-3] ^= 1
	for name, bad := range map[string][]byte{"changed": changed, "cut": wrapped[:len(wrapped)-4], "empty": {}} {
		if got, err := k.Unwrap(ctx, bad); err == nil {
			t.Errorf("%s: unwrapped %x", name, got)
		}
	}
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	locked, err := v.Lock(ctx, k)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := v.SealText("a/1", "Nguyễn")
	if err != nil {
		t.Fatal(err)
	}
	same, err := vault.Unlock(ctx, k, locked)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := same.OpenText("a/1", sealed); err != nil || got != "Nguyễn" || same.Digest("n", "1") != v.Digest("n", "1") {
		t.Errorf("after unlocking: %q, %v", got, err)
	}
	if _, err := vault.Unlock(ctx, other, locked); err == nil {
		t.Error("another keeper unlocks the vault")
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, _ = k.Wrap(over, key) // may fail, must return
}

// Service is a key management service with the transit interface, for tests: its
// keys are in memory, one for each name that is asked for.
type Service struct {
	URL   string // of the mount
	Token string // that it wants

	asked atomic.Int64
	keys  map[string]*subtle.AESGCM
}

// Serve starts a key management service until t ends.
func Serve(t testing.TB) *Service {
	s := &Service{Token: "s.test", keys: map[string]*subtle.AESGCM{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/v1/transit"
	return s
}

// Asked tells how often the service was asked.
func (s *Service) Asked() int { return int(s.asked.Load()) }

// ServeHTTP answers encrypt and decrypt.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	var asked struct{ Plaintext, Ciphertext string }
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/transit/"), "/")
	if r.Header.Get("X-Vault-Token") != s.Token {
		refuse(w, http.StatusForbidden, "permission denied")
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || len(parts) != 2 {
		refuse(w, http.StatusBadRequest, "unreadable")
		return
	}
	key, err := s.key(parts[1])
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	switch parts[0] {
	case "encrypt":
		plain, err := base64.StdEncoding.DecodeString(asked.Plaintext)
		if err != nil {
			refuse(w, http.StatusBadRequest, "plaintext is no base64")
			return
		}
		sealed, err := key.Encrypt(plain, nil)
		if err != nil {
			refuse(w, http.StatusInternalServerError, err.Error())
			return
		}
		answer(w, map[string]string{"ciphertext": "vault:v1:" + base64.StdEncoding.EncodeToString(sealed)})
	case "decrypt":
		sealed, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(asked.Ciphertext, "vault:v1:"))
		if err == nil {
			sealed, err = key.Decrypt(sealed, nil)
		}
		if err != nil {
			refuse(w, http.StatusBadRequest, "cipher: message authentication failed")
			return
		}
		answer(w, map[string]string{"plaintext": base64.StdEncoding.EncodeToString(sealed)})
	default:
		refuse(w, http.StatusNotFound, "unsupported path")
	}
}

func (s *Service) key(name string) (*subtle.AESGCM, error) {
	if k := s.keys[name]; k != nil {
		return k, nil
	}
	k, err := subtle.NewAESGCM([]byte(fmt.Sprintf("%-32.32s", name)))
	s.keys[name] = k
	return k, err
}

func answer(w http.ResponseWriter, data any) {
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []string{why}})
}

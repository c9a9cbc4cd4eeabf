// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keeper keeps the key that locks a vault's keys. It is asked at the start and when
// keys change, never within a transaction.
type Keeper interface {
	Wrap(ctx context.Context, key []byte) (wrapped []byte, err error)
	Unwrap(ctx context.Context, wrapped []byte) (key []byte, err error)
}

// kept is a keeper as the library of the keys wants it. The keys of seals and of
// digests are of different types, so that they cannot stand for each other.
type kept struct{ Keeper }

func (k kept) EncryptWithContext(ctx context.Context, plain, _ []byte) ([]byte, error) {
	return k.Wrap(ctx, plain)
}

func (k kept) DecryptWithContext(ctx context.Context, sealed, _ []byte) ([]byte, error) {
	return k.Unwrap(ctx, sealed)
}

// KeyFile is a Keeper whose key is a file's: 64 hexadecimal digits.
type KeyFile struct{ aead tink.AEAD }

const keyBytes = 32

// NewKeyText makes the text of a key file.
func NewKeyText() string {
	key := make([]byte, keyBytes)
	rand.Read(key)
	return hex.EncodeToString(key) + "\n"
}

// ReadKeyFile reads the text of a key file.
func ReadKeyFile(text string) (KeyFile, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keyBytes {
		return KeyFile{}, fmt.Errorf("vault: a key file has %d hexadecimal digits", 2*keyBytes)
	}
	a, err := subtle.NewAESGCM(key)
	return KeyFile{a}, err
}

// fileContext keeps what a key file locks apart from whatever else its key is used for.
const fileContext = "motcua vault keys 1"

// Wrap locks a key.
func (k KeyFile) Wrap(_ context.Context, key []byte) ([]byte, error) {
	return k.aead.Encrypt(key, []byte(fileContext))
}

// Unwrap unlocks a key.
func (k KeyFile) Unwrap(_ context.Context, wrapped []byte) ([]byte, error) {
	key, err := k.aead.Decrypt(wrapped, []byte(fileContext))
	if err != nil {
		return nil, fmt.Errorf("key file: %w", ErrClosed)
	}
	return key, nil
}

// Transit is a Keeper whose key never leaves a key management service with the
// transit interface of HashiCorp Vault and OpenBao: POST …/encrypt/KEY and
// …/decrypt/KEY with a token.
type Transit struct {
	at     url.URL // of the mount: https://kms:8200/v1/transit
	key    string  // its name there
	token  string
	client *http.Client
}

// NewTransit makes a Keeper of a key's address, such as
// https://kms.example:8200/v1/transit/motcua. Beyond this machine it must be https.
func NewTransit(address, token string, client *http.Client) (*Transit, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("key service: %w", err)
	}
	mount, key := path.Split(u.Path)
	if u.Scheme != "https" && !(u.Scheme == "http" && here(u.Hostname())) || u.Host == "" || key == "" || len(mount) < 2 || u.RawQuery != "" {
		return nil, fmt.Errorf("key service %q: want https://HOST/v1/MOUNT/KEY", u.Redacted())
	}
	at := *u
	at.Path = strings.TrimSuffix(mount, "/")
	return &Transit{at, key, token, client}, nil
}

func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Wrap locks a key.
func (t *Transit) Wrap(ctx context.Context, key []byte) ([]byte, error) {
	var done struct{ Ciphertext string }
	if err := t.ask(ctx, "encrypt", map[string]string{"plaintext": base64.StdEncoding.EncodeToString(key)}, &done); err != nil {
		return nil, err
	}
	if done.Ciphertext == "" {
		return nil, fmt.Errorf("key service: answered without a ciphertext")
	}
	return []byte(done.Ciphertext), nil
}

// Unwrap unlocks a key.
func (t *Transit) Unwrap(ctx context.Context, wrapped []byte) ([]byte, error) {
	var done struct{ Plaintext string }
	if err := t.ask(ctx, "decrypt", map[string]string{"ciphertext": string(wrapped)}, &done); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(done.Plaintext)
}

const answerMost = 1 << 20 // bytes

func (t *Transit) ask(ctx context.Context, verb string, what map[string]string, into any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.at.JoinPath(verb, t.key).String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Vault-Token", t.token)
	answer, err := t.client.Do(r)
	if err != nil {
		return fmt.Errorf("key service: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, answerMost))
	if err != nil {
		return fmt.Errorf("key service: %w", err)
	}
	var said struct {
		Data   json.RawMessage
		Errors []string
	}
	if err := json.Unmarshal(text, &said); answer.StatusCode != http.StatusOK || err != nil || said.Data == nil {
		return fmt.Errorf("key service: %s to %s: %s", answer.Status, verb, strings.Join(said.Errors, "; "))
	}
	return json.Unmarshal(said.Data, into)
}

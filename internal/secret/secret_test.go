// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"motcua/internal/refusal"
	"motcua/internal/secret"
)

// A secret that others can read is not one.
func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("bí mật"), 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, fine := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: true, 0o644: false, 0o604: false, 0o660: false, 0o666: false, 0o601: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		text, err := secret.Read(path)
		if fine != (err == nil) || fine != (string(text) == "bí mật") || !fine && !refusal.Is(err, refusal.NotAllowed) {
			t.Errorf("%o: %q %v", mode, text, err)
		}
	}
}

// No setting is shown with the password in it.
func TestHide(t *testing.T) {
	for _, s := range []string{"postgres://mot:s3cret@db/motcua", "postgres://mot:s3cr%65t@db/motcua?sslmode=require", "host=db user=mot password=s3cret dbname=x", "host=db password = 's3cret s3cret'",
		"postgres://db/x?user=mot&password=s3cret&sslmode=require", "postgres://mot:s3cret%zz@db/x", "http://u:s3cret@proxy:3128", "postgres://db/x?sslpassword=s3cret", "https://log.example/v1/logs?token=s3cret", "https://log.example/?a=b&API_KEY=s3cret#x", "https://log.example?sig=s3cret"} {
		if h := secret.Hide(s); strings.Contains(h, "s3cr") || h == s {
			t.Errorf("%s is shown as %s", s, h)
		}
	}
	for _, s := range []string{"", "127.0.0.1:8080", "postgres://mot@db/motcua?sslmode=disable", "/a/file", "vi:en", "--kms-token=/etc/motcua/token", "postgres://db/x?sslkey=/etc/key", "https://log.example/?tokens=5"} {
		if h := secret.Hide(s); h != s {
			t.Errorf("%s is shown as %s", s, h)
		}
	}
}

// A key that was typed is told from one that was drawn.
func TestWeak(t *testing.T) {
	for _, key := range [][]byte{make([]byte, 32), []byte("0123456789abcdef0123456789abcdef"), bytes.Repeat([]byte("change-me"), 5), []byte("change-me-change-me-change-me-now")} {
		if !secret.Weak(key) {
			t.Errorf("%q is taken", key)
		}
	}
	for range 1000 {
		key := make([]byte, 32)
		rand.Read(key)
		if secret.Weak(key) {
			t.Errorf("%x is not taken", key)
		}
	}
}

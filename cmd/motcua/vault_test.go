// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/internal/db"
	"motcua/internal/refusal"
	"motcua/internal/vault"
	"motcua/internal/vault/vaulttest"
)

// A site whose keys cannot be unlocked does not start and says what to do; keys are
// renewed while other processes serve, and pass from a file to a key service.
func TestVault(t *testing.T) {
	folder := t.TempDir()
	data := filepath.Join(folder, "data")
	key := filepath.Join(data, "motcua.vault.key")
	expect := func(want int, says string, args ...string) {
		t.Helper()
		code, out, told := motcua(t, append(args, "--data", data)...)
		if code != want || !strings.Contains(out+told, says) {
			t.Fatalf("motcua %s: exit %d, want %d, saying %q\n%s%s", strings.Join(args, " "), code, want, says, out, told)
		}
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expect(0, "", "demo", "--dossiers", "1")
	right, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if is, err := os.Stat(key); err != nil || is.Mode().Perm() != 0o600 {
		t.Errorf("others read the key: %v, %v", is.Mode(), err)
	}

	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	expect(1, "--vault-key", "verify")
	if _, err := os.Stat(key); err == nil {
		t.Error("another key was made in the place of the one that is missing")
	}
	write(key, vault.NewKeyText())
	expect(1, "--vault-key", "serve", "--listen", "127.0.0.1:0")
	write(key, "no key")
	expect(1, "64", "verify")
	write(key, string(right))
	expect(0, " 0 wrong", "verify")

	// Another process serves meanwhile, and knows each key before something is sealed
	// with it.
	d, w := openSite(t, data)
	serving, stop := context.WithCancel(t.Context())
	defer stop()
	go w.renewed(serving, d, func(err error) { t.Error(err) })
	old := d.Vault.Key()
	before, err := d.Vault.SealText("p", "trước")
	if err != nil {
		t.Fatal(err)
	}
	expect(0, "còn lại 0", "vault", "rotate")
	until := time.Now().Add(10 * time.Second)
	for d.Vault.Key() == old && time.Now().Before(until) {
		time.Sleep(50 * time.Millisecond)
	}
	if d.Vault.Key() == old {
		t.Error("a process that serves does not take up the new key")
	}
	if got, err := d.Vault.OpenText("p", before); err != nil || got != "trước" {
		t.Errorf("the old key opens no more: %v", err)
	}
	expect(0, " 0 wrong", "verify")
	expect(0, "1", "vault", "retire")
	expect(0, " 0 wrong", "verify")

	stop() // what serves would have to start with the new lock

	// From the file to a key service, which is asked at the start only.
	service := vaulttest.Serve(t)
	token := filepath.Join(folder, "token")
	write(token, service.Token+"\n")
	at := []string{"--kms", service.URL + "/motcua", "--kms-token", token, "--outgoing-allow", "127.0.0.1"}
	expect(1, "TLS", "vault", "rewrap", "--to-kms", at[1], "--to-kms-token", token)
	expect(0, "--outgoing-allow 127.0.0.1", "vault", "rewrap", "--to-kms", at[1], "--to-kms-token", token, "--to-outgoing-allow", "127.0.0.1")
	expect(1, "--vault-key", "verify")
	asked := service.Asked()
	expect(0, " 0 wrong", append([]string{"verify"}, at...)...)
	if n := service.Asked() - asked; n != 2 {
		t.Errorf("the key service was asked %d times, for two keys", n)
	}
	write(token, "wrong")
	expect(1, "--kms", append([]string{"verify"}, at...)...)
	expect(2, "https", "verify", "--kms", "http://kms.example/v1/transit/motcua", "--kms-token", token)
	write(token, service.Token)
	other := filepath.Join(folder, "other.key")
	expect(0, other, append([]string{"vault", "rewrap", "--to-vault-key", other}, at...)...)
	expect(0, " 0 wrong", "verify", "--vault-key", other)
}

// Of two who change the keys at once, one is refused: no key is lost.
func TestKeysAreChangedOneAtATime(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	_, w := openSite(t, data)
	err := w.changing(func(ctx context.Context, first *changed) error {
		if err := first.Vault.Add(); err != nil {
			return err
		}
		other := where{Data: data}
		if err := other.changing(func(ctx context.Context, second *changed) error {
			if err := second.Vault.Add(); err != nil {
				return err
			}
			return second.store(ctx, "test")
		}); err != nil {
			t.Error(err)
		}
		return first.store(ctx, "test")
	})
	if !refusal.Is(err, refusal.Conflict) {
		t.Errorf("the second change is lost or the first: %v", err)
	}
}

// openSite opens a site, as a process that serves it.
func openSite(t *testing.T, data string) (*db.DB, *where) {
	t.Helper()
	w := &where{Data: data}
	d, err := w.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, w
}

// SPDX-License-Identifier: Apache-2.0

package vault_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"motcua/internal/vault"
	"motcua/internal/vault/vaulttest"
)

func fresh(t testing.TB) *vault.Vault {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func keyFile(t testing.TB) vault.KeyFile {
	t.Helper()
	k, err := vault.ReadKeyFile(vault.NewKeyText())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeepers(t *testing.T) {
	t.Run("file", func(t *testing.T) { vaulttest.Run(t, keyFile(t), keyFile(t)) })
	t.Run("service", func(t *testing.T) {
		s := vaulttest.Serve(t)
		vaulttest.Run(t, transit(t, s, "motcua", s.Token), transit(t, s, "other", s.Token))
	})
}

func transit(t testing.TB, s *vaulttest.Service, key, token string) *vault.Transit {
	t.Helper()
	k, err := vault.NewTransit(s.URL+"/"+key, token, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A key service that refuses says so, and is not asked in the clear over a network.
func TestKeyServiceRefuses(t *testing.T) {
	s := vaulttest.Serve(t)
	if _, err := transit(t, s, "motcua", "wrong").Wrap(t.Context(), []byte("k")); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("a wrong token: %v", err)
	}
	for _, address := range []string{"http://kms.example/v1/transit/k", "https://kms.example/", "https://kms.example/k", "ftp://kms.example/v1/transit/k", "https:///v1/transit/k", "://"} {
		if _, err := vault.NewTransit(address, "t", http.DefaultClient); err == nil {
			t.Errorf("%s is taken", address)
		}
	}
	if _, err := vault.NewTransit("https://kms.example:8200/v1/transit/motcua", "t", http.DefaultClient); err != nil {
		t.Error(err)
	}
}

func TestKeyFileIsRead(t *testing.T) {
	for _, text := range []string{"", "abcd", strings.Repeat("zz", 32), strings.Repeat("ab", 33)} {
		if _, err := vault.ReadKeyFile(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// What was sealed for one place opens there only, whole and unchanged.
func TestSealedOpensInItsPlaceOnly(t *testing.T) {
	v := fresh(t)
	plain := []byte("con nuôi của ông Trần Văn Ất")
	sealed, err := v.Seal("event/1/1", plain)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := v.Open("event/1/1", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("opened %q, %v", got, err)
	}
	if bytes.Contains(sealed, []byte("Trần")) {
		t.Error("lies open")
	}
	if _, err := v.Open("event/2/1", sealed); !errors.Is(err, vault.ErrClosed) {
		t.Errorf("in another place: %v", err)
	}
	if _, err := fresh(t).Open("event/1/1", sealed); !errors.Is(err, vault.ErrClosed) {
		t.Errorf("in another vault: %v", err)
	}
	for n := range sealed {
		bad := bytes.Clone(sealed)
		bad[n] ^= 4
		if _, err := v.Open("event/1/1", bad); !errors.Is(err, vault.ErrClosed) {
			t.Errorf("byte %d changed: %v", n, err)
		}
		if _, err := v.Open("event/1/1", sealed[:n]); !errors.Is(err, vault.ErrClosed) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

func TestSealedTexts(t *testing.T) {
	v := fresh(t)
	for _, plain := range []string{"", "Ất", strings.Repeat("x", 100_000), `{"a":1}`} {
		sealed, err := v.SealText("p", plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.OpenText("p", sealed); err != nil || got != plain {
			t.Errorf("%.20q opens as %.20q, %v", plain, got, err)
		}
		if !vault.Sealed(sealed) || vault.TextKey(sealed) != v.Key() {
			t.Errorf("%.40q is not told as sealed with %x", sealed, v.Key())
		}
		for _, bad := range []string{sealed[:4], sealed[:len(sealed)-2], strings.Replace(sealed, ".", "", 1), sealed + "!", sealed[:1] + "x" + sealed[2:], sealed[:1] + "00" + sealed[1:]} {
			if got, err := v.OpenText("p", bad); !errors.Is(err, vault.ErrClosed) {
				t.Errorf("%.40q opens as %.20q, %v", bad, got, err)
			}
		}
	}
	if got, err := v.OpenText("p", "open"); err != nil || got != "open" || vault.Sealed("open") || vault.TextKey("open") != 0 {
		t.Errorf("a text that is not sealed: %q, %v", got, err)
	}
}

// After keys change, what the old ones sealed opens until they are retired.
func TestKeysAreRenewed(t *testing.T) {
	v, k := fresh(t), keyFile(t)
	old, digest := v.Key(), v.Digest("n", "046190001234")
	before, err := v.SealText("p", "trước")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := &vault.Vault{}
	elsewhere.Take(v)
	must(t, v.Add())
	if v.Key() != old {
		t.Error("a key seals before every process can know it")
	}
	locked, err := v.Lock(t.Context(), k)
	must(t, err)
	read, err := vault.Unlock(t.Context(), k, locked)
	must(t, err)
	elsewhere.Take(read)
	must(t, v.Promote())
	if v.Key() == old {
		t.Error("the new key does not seal")
	}
	after, err := v.SealText("p", "sau")
	must(t, err)
	for sealed, want := range map[string]string{before: "trước", after: "sau"} {
		if got, err := v.OpenText("p", sealed); err != nil || got != want {
			t.Errorf("%q, %v", got, err)
		}
		if got, err := elsewhere.OpenText("p", sealed); err != nil || got != want {
			t.Errorf("in a process that knew the key before: %q, %v", got, err)
		}
	}
	if n, err := v.Retire(); n != 1 || err != nil {
		t.Errorf("retired %d, %v", n, err)
	}
	if _, err := v.OpenText("p", before); !errors.Is(err, vault.ErrClosed) {
		t.Errorf("a removed key opens: %v", err)
	}
	if got, err := v.OpenText("p", after); err != nil || got != "sau" {
		t.Errorf("%q, %v", got, err)
	}
	if v.Digest("n", "046190001234") != digest {
		t.Error("digests changed with the keys: nothing would be found")
	}
}

func TestDigests(t *testing.T) {
	v := fresh(t)
	one := v.Digest("a", "1")
	if one == v.Digest("a", "2") || one == v.Digest("b", "1") || one == fresh(t).Digest("a", "1") || one != v.Digest("a", "1") {
		t.Error("a digest tells texts, kinds and vaults apart, and nothing else")
	}
}

func TestNoVault(t *testing.T) {
	var none *vault.Vault
	if _, err := none.SealText("p", "x"); err == nil {
		t.Error("without a vault something is sealed")
	}
	if _, err := none.OpenText("p", "\x01x"); err == nil {
		t.Error("without a vault something opens")
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What it costs to seal and open a dossier of 4 kB, and a piece of a file.
func BenchmarkVault(b *testing.B) {
	v := fresh(b)
	text, piece := strings.Repeat("x", 4<<10), bytes.Repeat([]byte("x"), 256<<10)
	sealed, _ := v.SealText("p", text)
	shut, _ := v.Seal("p", piece)
	b.Run("seal4k", func(b *testing.B) {
		for b.Loop() {
			_, _ = v.SealText("p", text)
		}
	})
	b.Run("open4k", func(b *testing.B) {
		for b.Loop() {
			_, _ = v.OpenText("p", sealed)
		}
	})
	b.Run("sealPiece", func(b *testing.B) {
		b.SetBytes(int64(len(piece)))
		for b.Loop() {
			_, _ = v.Seal("p", piece)
		}
	})
	b.Run("openPiece", func(b *testing.B) {
		b.SetBytes(int64(len(piece)))
		for b.Loop() {
			_, _ = v.Open("p", shut)
		}
	})
	b.Run("digest", func(b *testing.B) {
		for b.Loop() {
			v.Digest("n", "046190001234")
		}
	})
}

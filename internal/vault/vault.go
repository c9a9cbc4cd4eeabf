// SPDX-License-Identifier: Apache-2.0

// Package vault seals what must not lie open on a disk, opens it again, and makes
// keyed digests by which it is found (envelope encryption: Luật Bảo vệ dữ liệu cá
// nhân 91/2025/QH15; level 3 of NĐ 85/2016).
//
// Its invariant: what was sealed for one place opens there, whole, or not at all.
// The keys lie beside what they seal, locked by a Keeper that is somewhere else.
// Keys that seal are renewed; the key of the digests stays, or nothing would be
// found any more.
//
// Start at Unlock, Vault.Seal and Vault.Digest.
package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Vault seals, opens and makes digests. It is safe for use by many goroutines. A
// nil Vault fails at all of it.
type Vault struct{ keys atomic.Pointer[keys] }

// keys are what a vault works with at a time.
type keys struct {
	seals, digests *keyset.Handle
	aead           tink.AEAD
	prf            *prf.Set
	primary        uint32
}

// Locked are the keys of a vault as they may lie in a database.
type Locked struct{ Seals, Digests []byte }

// ErrClosed is what a vault does not open: sealed for another place, with a key that
// is not there, or changed since.
var ErrClosed = errors.New("vault: does not open")

var errNone = errors.New("vault: there is none")

// New makes a vault with fresh keys.
func New() (*Vault, error) {
	seals, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	digests, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, err
	}
	v := &Vault{}
	return v, v.use(seals, digests)
}

// Unlock opens the keys of a vault with the keeper that locked them.
func Unlock(ctx context.Context, k Keeper, l Locked) (*Vault, error) {
	seals, err := keyset.ReadWithContext(ctx, keyset.NewBinaryReader(bytes.NewReader(l.Seals)), kept{k}, nil)
	if err != nil {
		return nil, fmt.Errorf("unlock: %w", err)
	}
	digests, err := keyset.ReadWithContext(ctx, keyset.NewBinaryReader(bytes.NewReader(l.Digests)), kept{k}, nil)
	if err != nil {
		return nil, fmt.Errorf("unlock: %w", err)
	}
	v := &Vault{}
	return v, v.use(seals, digests)
}

// Lock locks the keys as they are now with a keeper.
func (v *Vault) Lock(ctx context.Context, k Keeper) (Locked, error) {
	var seals, digests bytes.Buffer
	now := v.keys.Load()
	if err := now.seals.WriteWithContext(ctx, keyset.NewBinaryWriter(&seals), kept{k}, nil); err != nil {
		return Locked{}, fmt.Errorf("lock: %w", err)
	}
	if err := now.digests.WriteWithContext(ctx, keyset.NewBinaryWriter(&digests), kept{k}, nil); err != nil {
		return Locked{}, fmt.Errorf("lock: %w", err)
	}
	return Locked{seals.Bytes(), digests.Bytes()}, nil
}

func (v *Vault) use(seals, digests *keyset.Handle) error {
	a, err := aead.New(seals)
	if err != nil {
		return err
	}
	p, err := prf.NewPRFSet(digests)
	if err != nil {
		return err
	}
	v.keys.Store(&keys{seals, digests, a, p, seals.KeysetInfo().PrimaryKeyId})
	return nil
}

// Take makes the keys of another vault this one's.
func (v *Vault) Take(other *Vault) { v.keys.Store(other.keys.Load()) }

// Add adds a fresh key, which opens but does not seal before Promote: until then
// every process can come to know it.
func (v *Vault) Add() error {
	return v.change(func(m *keyset.Manager, _ *keyset.Handle) error {
		_, err := m.Add(aead.AES256GCMKeyTemplate())
		return err
	})
}

// Promote makes the newest key the one that seals.
func (v *Vault) Promote() error {
	return v.change(func(m *keyset.Manager, now *keyset.Handle) error {
		newest, err := now.Entry(now.Len() - 1)
		if err != nil {
			return err
		}
		return m.SetPrimary(newest.KeyID())
	})
}

// Retire removes every key but the one that seals, and says how many: what is still
// sealed with them never opens again.
func (v *Vault) Retire() (int, error) {
	n := 0
	err := v.change(func(m *keyset.Manager, now *keyset.Handle) error {
		for _, k := range now.KeysetInfo().KeyInfo {
			if k.KeyId == now.KeysetInfo().PrimaryKeyId {
				continue
			}
			if err := m.Delete(k.KeyId); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

func (v *Vault) change(with func(m *keyset.Manager, now *keyset.Handle) error) error {
	now := v.keys.Load()
	m := keyset.NewManagerFromHandle(now.seals)
	if err := with(m, now.seals); err != nil {
		return err
	}
	seals, err := m.Handle()
	if err != nil {
		return err
	}
	return v.use(seals, now.digests)
}

// Seal seals bytes for a place, such as "event/17/3".
func (v *Vault) Seal(place string, plain []byte) ([]byte, error) {
	if v == nil {
		return nil, errNone
	}
	return v.keys.Load().aead.Encrypt(plain, []byte(place))
}

// Open opens what was sealed for a place, with any of the keys.
func (v *Vault) Open(place string, sealed []byte) ([]byte, error) {
	if v == nil {
		return nil, errNone
	}
	plain, err := v.keys.Load().aead.Decrypt(sealed, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrClosed, place)
	}
	return plain, nil
}

// Key is the number of the key that seals now; never 0.
func (v *Vault) Key() int64 { return int64(v.keys.Load().primary) }

// KeyOf is the number of the key with which bytes were sealed; 0 if they were not.
func KeyOf(sealed []byte) int64 {
	if len(sealed) < head || sealed[0] != 1 {
		return 0
	}
	return int64(binary.BigEndian.Uint32(sealed[1:head]))
}

// head is how many bytes before what is sealed say with which key: a 1 and its number.
const head = 5

// Mark begins a sealed text, and no text that people type; then come the number of
// the key and a point.
const Mark = "\x01"

// SealText is Seal for a text that is kept as a text.
func (v *Vault) SealText(place, plain string) (string, error) {
	sealed, err := v.Seal(place, []byte(plain))
	if err != nil {
		return "", err
	}
	return Mark + hex.EncodeToString(sealed[1:head]) + "." + base64.RawStdEncoding.EncodeToString(sealed[head:]), nil
}

// OpenText opens a sealed text; one that is not sealed is returned as it is.
func (v *Vault) OpenText(place, text string) (string, error) {
	if !Sealed(text) {
		return text, nil
	}
	key, rest, _ := strings.Cut(text[len(Mark):], ".")
	number, err := hex.DecodeString(key)
	if err != nil {
		return "", fmt.Errorf("%w: %s: key", ErrClosed, place)
	}
	body, err := base64.RawStdEncoding.DecodeString(rest)
	if err != nil {
		return "", fmt.Errorf("%w: %s: text", ErrClosed, place)
	}
	plain, err := v.Open(place, slices.Concat([]byte{1}, number, body))
	return string(plain), err
}

// Prefix begins every text that is sealed with the key that seals now.
func (v *Vault) Prefix() string { return fmt.Sprintf("%s%08x.", Mark, v.Key()) }

// Sealed tells whether a text is sealed.
func Sealed(text string) bool { return strings.HasPrefix(text, Mark) }

// TextKey is KeyOf of a sealed text.
func TextKey(text string) int64 {
	if !Sealed(text) {
		return 0
	}
	key, _, _ := strings.Cut(text[len(Mark):], ".")
	n, _ := strconv.ParseUint(key, 16, 32)
	return int64(n)
}

// Digest is a keyed digest by which an equal text of a kind is found; without the
// key nobody can tell of which text, not even by trying all.
func (v *Vault) Digest(kind, text string) string {
	if v == nil {
		panic(errNone)
	}
	sum, err := v.keys.Load().prf.ComputePrimaryPRF([]byte(kind+"\x00"+text), 32)
	if err != nil {
		panic(err) // 32 bytes is what it gives
	}
	return hex.EncodeToString(sum)
}

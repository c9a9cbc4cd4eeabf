// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/pquerna/otp/totp"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Factor is what somebody has beside a password: a code generator on a phone
// (TOTP, RFC 6238), or a passkey (WebAuthn).
type Factor struct {
	ID        int64
	Kind      string // totp, passkey
	Name      string
	CreatedAt time.Time
	UsedAt    time.Time // zero is never
	body      string    // the key of a generator
	step      int64
	account   int64
	passkey   *webauthn.Credential
}

const (
	factorsMost   = 10
	recoveryCodes = 10
	codePeriod    = 30 // seconds
)

// factors lists the code generators and passkeys of a person.
func factors(tx *db.Tx, account int64) ([]Factor, error) {
	var list []Factor
	if err := tx.Proved("factor", `account = $1`, account); err != nil {
		return nil, err
	}
	for row := range tx.Query(`SELECT id, kind, name, body, step, created_at, used_at FROM factor WHERE account = $1 AND kind <> 'recovery' ORDER BY id`, account) {
		f := Factor{account: account}
		var created, used int64
		row.Scan(&f.ID, &f.Kind, &f.Name, &f.body, &f.step, &created, &used)
		f.CreatedAt = time.UnixMilli(created)
		if f.Kind == "passkey" {
			if err := json.Unmarshal([]byte(f.body), &f.passkey); err != nil {
				return nil, err
			}
		} else if err := f.open(tx); err != nil {
			return nil, err
		}
		if used != 0 {
			f.UsedAt = time.UnixMilli(used)
		}
		list = append(list, f)
	}
	return list, tx.Err()
}

// The key of a generator lies sealed: who has a copy of the database makes no codes.
func (f *Factor) place() string { return fmt.Sprintf("factor/%d", f.ID) }

func (f *Factor) open(tx *db.Tx) (err error) {
	f.body, err = tx.Vault().OpenText(f.place(), f.body)
	return err
}

// kept is the body as it lies.
func (f *Factor) kept(tx *db.Tx) (string, error) {
	if f.Kind != "totp" {
		return f.body, nil
	}
	return tx.Vault().SealText(f.place(), f.body)
}

// Factors lists the code generators and passkeys of a person, and counts the
// recovery codes that are left.
func (r *Register) Factors(ctx context.Context, account int64) (list []Factor, codes int, err error) {
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		if list, err = factors(tx, account); err != nil {
			return err
		}
		_, err := tx.One(`SELECT COUNT(*) FROM factor WHERE account = $1 AND kind = 'recovery' AND used_at = 0`, []any{account}, &codes)
		return err
	})
	return list, codes, err
}

// Pending returns whose session waits for a second factor, and whether they have
// one; NotSignedIn if it does not.
func (r *Register) Pending(ctx context.Context, secret string) (a Account, enlisted bool, err error) {
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		if a, err = r.pending(tx, secret); err != nil {
			return err
		}
		list, err := factors(tx, a.ID)
		enlisted = len(list) > 0
		return err
	})
	return a, enlisted, err
}

func (r *Register) pending(tx *db.Tx, secret string) (Account, error) {
	var id, level int64
	found, err := tx.One(`SELECT account, level FROM session WHERE hash = $1 AND expires_at > $2`, []any{digest(secret), r.Now().UnixMilli()}, &id, &level)
	if err != nil {
		return Account{}, err
	}
	if !found || Level(level) != Half {
		return Account{}, errUnknown
	}
	a, _, err := findID(tx, id)
	return a, err
}

// Confirm raises a session that waits for a second factor by a code of one of its
// holder's generators, or by a recovery code, and returns its new secret. A code
// opens once. A wrong one is refused (Invalid).
func (r *Register) Confirm(ctx context.Context, secret, code string) (string, error) {
	var fresh string
	var a Account
	err := r.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if a, err = r.pending(tx, secret); err != nil {
			return err
		}
		if err := r.spend(tx, a.ID, code); err != nil {
			return err
		}
		fresh = r.rise(tx, secret, Double)
		return r.note(tx, a.ID, a.ID, audit.SignedIn, "code", "level", Double)
	})
	if refusal.Is(err, refusal.Invalid) {
		if fault := r.DB.Write(ctx, func(tx *db.Tx) error { return r.note(tx, 0, a.ID, audit.SignRefuse, "code") }); fault != nil {
			return "", fault
		}
	}
	return fresh, err
}

// Rise raises a session that was opened by a password to Double by a code of its
// holder, as Confirm does, and returns its new secret.
func (r *Register) Rise(ctx context.Context, secret, code string) (string, error) {
	var fresh string
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		var id int64
		found, err := tx.One(`SELECT account FROM session WHERE hash = $1 AND level > 0 AND expires_at > $2`, []any{digest(secret), r.Now().UnixMilli()}, &id)
		if err != nil {
			return err
		}
		if !found {
			return errUnknown
		}
		if err := r.spend(tx, id, code); err != nil {
			return err
		}
		fresh = r.rise(tx, secret, Double)
		return r.note(tx, id, id, audit.SignedIn, "code", "level", Double)
	})
	return fresh, err
}

// spend takes a code of a person: each is taken once.
func (r *Register) spend(tx *db.Tx, account int64, code string) error {
	code = strings.ToLower(strings.Map(func(c rune) rune {
		if c == ' ' || c == '-' {
			return -1
		}
		return c
	}, code))
	now := r.Now()
	list, err := factors(tx, account)
	if err != nil {
		return err
	}
	for _, f := range list {
		if step, ok := f.takes(code, now); ok {
			return tx.Amend("factor", `id = $1`, []any{f.ID}, func() {
				tx.ExecOne(`UPDATE factor SET step = $1, used_at = $2 WHERE id = $3 AND step = $4`, step, now.UnixMilli(), f.ID, f.step)
			})
		}
	}
	var id int64
	found, err := tx.One(`SELECT id FROM factor WHERE account = $1 AND kind = 'recovery' AND body = $2 AND used_at = 0`, []any{account, digest(code)}, &id)
	if err != nil {
		return err
	}
	if !found {
		return refusal.New(refusal.Invalid, "identity.code.wrong")
	}
	return tx.Amend("factor", `id = $1`, []any{id}, func() {
		tx.ExecOne(`UPDATE factor SET used_at = $1 WHERE id = $2 AND used_at = 0`, now.UnixMilli(), id)
	})
}

// takes is the step of a code that this generator shows now, or a step before or
// after, and that was not taken yet.
func (f *Factor) takes(code string, now time.Time) (int64, bool) {
	if f.Kind != "totp" {
		return 0, false
	}
	for _, step := range []int64{0, -1, 1} {
		at := now.Add(time.Duration(step) * codePeriod * time.Second)
		want, err := totp.GenerateCode(f.body, at)
		if n := at.Unix() / codePeriod; err == nil && want == code && n > f.step {
			return n, true
		}
	}
	return 0, false
}

// NewKey makes the key of a code generator: as letters, and as the address that
// an app reads from a picture (otpauth://).
func NewKey(issuer, login string) (key, address string, err error) {
	k, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: login, SecretSize: 20})
	if err != nil {
		return "", "", err
	}
	return k.Secret(), k.URL(), nil
}

// KeyAddress is the address that an app reads for a key made before.
func KeyAddress(issuer, login, key string) (string, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(key))
	if err != nil || len(raw) != 20 {
		return "", refusal.New(refusal.Invalid, "identity.code.key")
	}
	k, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: login, Secret: raw})
	if err != nil {
		return "", err
	}
	return k.URL(), nil
}

// Enlist adds a code generator to who a session is of, once a code proves that it
// works. The first one comes with recovery codes, which are shown once, and raises
// the session: its new secret is returned.
func (r *Register) Enlist(ctx context.Context, secret, name, key, code string) (fresh string, codes []string, err error) {
	f := Factor{Kind: "totp", Name: name, body: key}
	var ok bool
	if f.step, ok = f.takes(strings.ReplaceAll(code, " ", ""), r.Now()); !ok {
		return "", nil, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/code", "identity.code.wrong")})
	}
	return r.add(ctx, secret, f)
}

// add adds a factor to who a session is of. The first one comes with recovery
// codes; who has one already must have used one in this session.
func (r *Register) add(ctx context.Context, secret string, f Factor) (fresh string, codes []string, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		var id, level int64
		found, err := tx.One(`SELECT account, level FROM session WHERE hash = $1 AND expires_at > $2`, []any{digest(secret), r.Now().UnixMilli()}, &id, &level)
		if err != nil {
			return err
		}
		if !found || f.account != 0 && f.account != id {
			return errUnknown
		}
		list, err := factors(tx, id)
		switch {
		case err != nil:
			return err
		case len(list) > 0 && Level(level) < Double:
			return errUnknown
		case len(list) >= factorsMost:
			return refusal.New(refusal.NotNow, "identity.code.many", "n", factorsMost)
		}
		f.ID = db.NewID()
		body, err := f.kept(tx)
		if err != nil {
			return err
		}
		tx.Exec(`INSERT INTO factor (id, account, kind, name, body, step, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`, f.ID, id, f.Kind, db.Clip(f.Name, 80), body, f.step, r.Now().UnixMilli())
		tx.Mark("factor", `id = $1`, f.ID)
		codes = nil
		if len(list) == 0 {
			codes = r.recovery(tx, id)
		}
		fresh = r.rise(tx, secret, Double)
		return r.note(tx, id, id, audit.Factor, "added", "kind", f.Kind)
	})
	return fresh, codes, err
}

// recovery makes recovery codes anew; those of before open nothing any more.
func (r *Register) recovery(tx *db.Tx, account int64) []string {
	tx.Exec(`DELETE FROM factor WHERE account = $1 AND kind = 'recovery'`, account)
	codes := make([]string, recoveryCodes)
	for i := range codes {
		var b [10]byte
		rand.Read(b[:])
		codes[i] = strings.ToLower(base32.StdEncoding.EncodeToString(b[:])) // 80 bits
		tx.Exec(`INSERT INTO factor (id, account, kind, name, body, step, created_at, used_at) VALUES ($1, $2, 'recovery', '', $3, 0, $4, 0)`, db.NewID(), account, digest(codes[i]), r.Now().UnixMilli())
	}
	tx.Mark("factor", `account = $1 AND kind = 'recovery'`, account)
	return codes
}

// Recovery makes a person's recovery codes anew, against a code of a generator.
func (r *Register) Recovery(ctx context.Context, account int64, code string) ([]string, error) {
	var codes []string
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		if err := r.spend(tx, account, code); err != nil {
			return err
		}
		codes = r.recovery(tx, account)
		return r.note(tx, account, account, audit.Factor, "recovery codes made")
	})
	return codes, err
}

// Delist takes a code generator away, against a code of one of them or a recovery
// code. An officer who needs a second factor keeps one.
func (r *Register) Delist(ctx context.Context, account, factor int64, code string) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		inTurn(tx, account) // the last one stays, whoever takes away another
		list, err := factors(tx, account)
		if err != nil {
			return err
		}
		a, _, err := findID(tx, account)
		if err != nil {
			return err
		}
		if a.Officer && r.SecondFactor && len(list) == 1 {
			return refusal.New(refusal.NotNow, "identity.code.last")
		}
		if err := r.spend(tx, account, code); err != nil {
			return err
		}
		tx.Exec(`DELETE FROM factor WHERE id = $1 AND account = $2`, factor, account)
		if len(list) == 1 && list[0].ID == factor {
			tx.Exec(`DELETE FROM factor WHERE account = $1`, account)
		}
		return r.note(tx, account, account, audit.Factor, "removed")
	})
}

// SPDX-License-Identifier: Apache-2.0

// Package identity is who somebody is to the system: accounts of citizens and
// officers, sign-in, sessions and tokens.
//
// Passwords are kept as argon2id, sessions and tokens only as digests: who
// reads the database cannot sign in with it. Start at Register.
package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Person is what an account knows of its holder.
type Person struct {
	Kind        string `json:"kind"` // citizen, organisation, household_business, officer
	Name        string `json:"name"`
	IDNumber    string `json:"id_number,omitempty"`
	BirthDate   string `json:"birth_date,omitempty"`
	Gender      string `json:"gender,omitempty"`
	Ethnicity   string `json:"ethnicity,omitempty"`
	Nationality string `json:"nationality,omitempty"`
	Address     string `json:"address,omitempty"`
	Phone       string `json:"phone,omitempty"`
	Email       string `json:"email,omitempty"`
	Verified    bool   `json:"verified,omitempty"` // name, number and birth were proved, not only typed
}

// proved is the number of a person if it was proved; "" otherwise.
func (p *Person) proved() string {
	if !p.Verified {
		return ""
	}
	return p.IDNumber
}

// Account is somebody who can sign in.
type Account struct {
	ID      int64
	Login   string
	Officer bool
	Name    string
	Person  Person
	Mandate *Mandate // by which somebody acts for this organisation; nil for oneself
	Level   Level    // how surely it is they; of a session
	Local   bool     // has a password here
	Left    bool     // an officer who left: nobody comes in with the account
	Stopped []string // uses of their data that they had stopped
}

// Register is the accounts of a site.
type Register struct {
	DB           *db.DB
	Now          func() time.Time
	SecondFactor bool // officers need one
	Providers    []*Provider
	Mergers      []Merger
	cache        sync.Map // digest → cached
}

// Enrol makes an account; a login that exists is refused. The password is
// hashed before, outside the transaction, as hashing is slow on purpose.
func Enrol(tx *db.Tx, a Account, hash string, now time.Time) (int64, error) {
	var id int64
	found, err := tx.One(`SELECT id FROM account WHERE login = $1`, []any{a.Login}, &id)
	if err != nil {
		return 0, err
	}
	if found {
		return 0, refusal.New(refusal.Conflict, "identity.login.taken", "login", a.Login)
	}
	person, err := json.Marshal(a.Person)
	if err != nil {
		return 0, err
	}
	kind := "citizen"
	if a.Officer {
		kind = "officer"
	}
	id = db.NewID()
	tx.Exec(`INSERT INTO account (id, login, kind, name, password, person, verified, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, a.Login, kind, a.Name, hash, string(person), a.Person.proved(), now.UnixMilli())
	tx.Mark("account", `id = $1`, id)
	return id, tx.Err()
}

// note keeps in the journal what was done with an account, and by whom.
func (r *Register) note(tx *db.Tx, by, account int64, kind audit.Kind, what string, more ...any) error {
	if account != by {
		more = append(more, "of", account)
	}
	return audit.By{Account: by}.Note(tx, r.Now(), kind, what, more...)
}

// Scopes are what a token may be limited to.
var Scopes = []string{"read", "file", "handle"}

// CreateToken makes a token for an account; it is shown once and kept as a digest.
// Its level is that of who will use it.
func (r *Register) CreateToken(ctx context.Context, login string, scopes []string, level Level, lasts time.Duration) (string, error) {
	for _, s := range scopes {
		known := false
		for _, k := range Scopes {
			known = known || s == k
		}
		if !known {
			return "", refusal.New(refusal.Invalid, "identity.scope.unknown", "scope", s, "scopes", strings.Join(Scopes, ", "))
		}
	}
	if lasts <= 0 {
		return "", refusal.New(refusal.Invalid, "identity.token.lasts")
	}
	token, now := "mc_"+randomSecret(), r.Now()
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		a, _, err := findLogin(tx, login)
		if refusal.Is(err, refusal.Invalid) || a.Left {
			return refusal.New(refusal.NotFound, "identity.login.unknown", "login", login)
		}
		if err != nil {
			return err
		}
		tx.Exec(`INSERT INTO token (hash, account, scopes, level, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`, digest(token), a.ID, strings.Join(scopes, " "), int64(level), now.UnixMilli(), now.Add(lasts).UnixMilli())
		tx.Mark("token", `hash = $1`, digest(token))
		return r.note(tx, 0, a.ID, audit.Token, "made", "scopes", scopes, "level", level, "until", now.Add(lasts))
	})
	return token, err
}

// Find returns an account by its id.
func (r *Register) Find(ctx context.Context, id int64) (Account, error) {
	var a Account
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		a, _, err = findID(tx, id)
		return err
	})
	return a, err
}

// FindLogin returns an account by its login; NotFound if there is none.
func (r *Register) FindLogin(ctx context.Context, login string) (Account, error) {
	var a Account
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		a, _, err = findLogin(tx, login)
		return err
	})
	if refusal.Is(err, refusal.Invalid) {
		err = refusal.New(refusal.NotFound, "identity.login.unknown", "login", login)
	}
	return a, err
}

const columns = `id, login, kind, name, person, password, left_at, stopped`

func findLogin(tx *db.Tx, login string) (Account, string, error) {
	return find(tx, `SELECT `+columns+` FROM account WHERE login = $1`, login)
}

func findID(tx *db.Tx, id int64) (Account, string, error) {
	return find(tx, `SELECT `+columns+` FROM account WHERE id = $1`, id)
}

func find(tx *db.Tx, sql string, arg any) (Account, string, error) {
	var a Account
	var kind, password, stopped string
	var person []byte
	var left int64
	found, err := tx.One(sql, []any{arg}, &a.ID, &a.Login, &kind, &a.Name, &person, &password, &left, &stopped)
	if err != nil {
		return a, "", err
	}
	if !found {
		return a, "", refusal.New(refusal.Invalid, "identity.sign_in.wrong")
	}
	if len(tx.Forged("account", `id = $1`, a.ID)) > 0 {
		return Account{}, "", refusal.New(refusal.NotAllowed, "identity.account.forged")
	}
	a.Stopped = strings.Fields(stopped)
	a.Officer, a.Local, a.Left = kind == "officer", strings.HasPrefix(password, "argon2id$"), left != 0
	return a, password, json.Unmarshal(person, &a.Person)
}

// argon2id with the least memory that is still recommended (OWASP: 19 MiB, two
// passes), so that a small server can check many sign-ins at once.
const (
	argonTime   = 2
	argonMemory = 19 << 10 // KiB
)

// PasswordLeast is the fewest characters of a password (NIST SP 800-63B: at
// least eight, no rules of composition).
const PasswordLeast = 8

// HashPassword makes what is kept of a password; a short one is refused.
func HashPassword(password string) (string, error) {
	if utf8.RuneCountInString(password) < PasswordLeast {
		return "", refusal.New(refusal.Invalid, "identity.password.short", "n", PasswordLeast)
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	enc := base64.RawStdEncoding
	key, err := argon(context.Background(), 1, password, salt, argonTime, argonMemory)
	return fmt.Sprintf("argon2id$%d$%d$%s$%s", argonTime, argonMemory, enc.EncodeToString(salt), enc.EncodeToString(key)), err
}

// argon hashes a password when it is its turn.
func argon(ctx context.Context, turn int, password string, salt []byte, passes, memory uint32) ([]byte, error) {
	if err := hashing.enter(ctx, turn); err != nil {
		return nil, err
	}
	defer hashing.leave()
	return argon2.IDKey([]byte(password), salt, passes, memory, 1, 32), nil
}

// nobodysHash is checked where a login is unknown, so that it takes as long to
// say so as that a password is wrong. No password makes it.
var nobodysHash = sync.OnceValue(func() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("argon2id$%d$%d$%s$%s", argonTime, argonMemory, enc.EncodeToString(make([]byte, 16)), enc.EncodeToString(make([]byte, 32)))
})

// checkPassword is true for the password that a hash was made of.
func checkPassword(ctx context.Context, turn int, hash, password string) (bool, error) {
	passes, memory, salt, key, err := parseHash(hash)
	if err != nil {
		return false, nil // signs in another way
	}
	made, err := argon(ctx, turn, password, salt, passes, memory)
	return subtle.ConstantTimeCompare(key, made) == 1, err
}

func parseHash(hash string) (passes, memory uint32, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 5 || parts[0] != "argon2id" {
		return 0, 0, nil, nil, errors.New("password hash is not argon2id")
	}
	if _, err = fmt.Sscanf(parts[1]+" "+parts[2], "%d %d", &passes, &memory); err != nil {
		return
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[3]); err != nil {
		return
	}
	key, err = base64.RawStdEncoding.DecodeString(parts[4])
	return
}

func randomSecret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

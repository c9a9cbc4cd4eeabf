// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"strings"
	"time"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Level is how surely the one who acts is who they say.
type Level int

// The levels of assurance, the lowest first.
const (
	Half   Level = iota // a password, and a second factor is due: opens nothing yet
	Single              // a password
	Double              // a password and a second factor, or a passkey
	High                // as an identity provider vouches for with its highest level
)

// How long a session lasts: at the most, and without anything being done in it.
// Officers' are shorter, as they see others' data. The terms are ours.
const (
	SessionFor    = 12 * time.Hour
	IdleFor       = 2 * time.Hour
	OfficerIdle   = 45 * time.Minute
	halfFor       = 10 * time.Minute
	seenEvery     = time.Minute // the last use is written no more often
	sessionsShown = 50
)

func idleFor(officer bool) time.Duration {
	if officer {
		return OfficerIdle
	}
	return IdleFor
}

// Session is one sign-in of an account, as its holder sees it.
type Session struct {
	ID        int64
	Device    string // what the browser says it is
	Address   string // it came from
	Level     Level
	CreatedAt time.Time
	SeenAt    time.Time
	Current   bool
}

// From is whence somebody signs in, and how many go before them: the lower the
// turn, the sooner their password is looked at.
type From struct {
	Device, Address string
	Turn            int
}

// cached is an answer kept for a moment, so that a busy caller costs no
// database read; what another process changed shows within cacheFor.
type cached struct {
	account Account
	scopes  []string
	until   time.Time
}

const cacheFor = 2 * time.Second

// SignIn opens a session for who knows the password, and returns its secret. The
// account's level says whether that is enough: a session at Half opens nothing
// until Confirm or Enlist raises it.
func (r *Register) SignIn(ctx context.Context, login, password string, from From) (Account, string, error) {
	a, err := r.knows(ctx, login, password, from)
	if err != nil {
		return a, "", err
	}
	secret, now := randomSecret(), r.Now()
	r.cache.Range(func(name, c any) bool {
		if !now.Before(c.(cached).until) {
			r.cache.Delete(name)
		}
		return true
	})
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		list, err := factors(tx, a.ID)
		if err != nil {
			return err
		}
		a.Level = Single
		lasts := SessionFor
		if len(list) > 0 || a.Officer && r.SecondFactor {
			a.Level, lasts = Half, halfFor
		}
		return r.open(tx, a, secret, lasts, from, "password")
	})
	return a, secret, err
}

// open writes a session; how says by what somebody showed who they are.
func (r *Register) open(tx *db.Tx, a Account, secret string, lasts time.Duration, from From, how string) error {
	now := r.Now()
	tx.Exec(`DELETE FROM session WHERE expires_at < $1`, now.UnixMilli())
	tx.Exec(`INSERT INTO session (hash, id, account, level, device, address, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)`,
		digest(secret), db.NewID(), a.ID, int64(a.Level), db.Clip(from.Device, 200), db.Clip(from.Address, 60), now.UnixMilli(), now.Add(lasts).UnixMilli())
	tx.Mark("session", `hash = $1`, digest(secret))
	return r.note(tx, a.ID, a.ID, audit.SignedIn, how, "level", a.Level, "address", db.Clip(from.Address, 60))
}

// knows finds the account of a login whose password this is.
func (r *Register) knows(ctx context.Context, login, password string, from From) (Account, error) {
	var a Account
	hash, known := nobodysHash(), true
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		found, kept, err := findLogin(tx, strings.ToLower(strings.TrimSpace(login)))
		if known = !refusal.Is(err, refusal.Invalid); known && err == nil {
			if a = found; strings.HasPrefix(kept, "argon2id$") { // else they sign in another way, which must not show
				hash = kept
			}
		} else if !known {
			err = nil // told after as long as a password takes
		}
		return err
	})
	if err != nil {
		return a, err
	}
	right, err := checkPassword(ctx, from.Turn, hash, password)
	if err != nil {
		return Account{}, err
	}
	if !right || !known {
		// A login that is none is noted too: that takes as long.
		if err := r.DB.Write(ctx, func(tx *db.Tx) error {
			return r.note(tx, 0, a.ID, audit.SignRefuse, "password", "address", db.Clip(from.Address, 60))
		}); err != nil {
			return Account{}, err
		}
		return Account{}, refusal.New(refusal.Invalid, "identity.sign_in.wrong")
	}
	return a, nil
}

// rise gives a session a new secret and another level: what was known of it
// before opens it no more.
func (r *Register) rise(tx *db.Tx, secret string, level Level) string {
	fresh, now := randomSecret(), r.Now()
	_ = tx.Proved("session", `hash = $1`, digest(secret)) // the transaction's error
	tx.ExecOne(`UPDATE session SET hash = $1, level = $2, seen_at = $3, expires_at = $4 WHERE hash = $5`,
		digest(fresh), int64(level), now.UnixMilli(), now.Add(SessionFor).UnixMilli(), digest(secret))
	tx.Mark("session", `hash = $1`, digest(fresh))
	r.cache.Delete("session:" + digest(secret))
	return fresh
}

// amendSession changes the row of a session; the transaction fails if it is not as the
// site wrote it (db.ErrForged).
func amendSession(tx *db.Tx, secret string, change func()) {
	_ = tx.Amend("session", `hash = $1`, []any{digest(secret)}, change) // the transaction's error
}

// SignOut ends a session, and returns the provider that somebody signed in at; nil
// if it was here.
func (r *Register) SignOut(ctx context.Context, secret string) (*Provider, error) {
	r.cache.Delete("session:" + digest(secret))
	var at string
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.One(`SELECT provider FROM session WHERE hash = $1`, []any{digest(secret)}, &at); err != nil {
			return err
		}
		var account int64
		if found, err := tx.One(`SELECT account FROM session WHERE hash = $1`, []any{digest(secret)}, &account); !found || err != nil {
			return err
		}
		tx.Exec(`DELETE FROM session WHERE hash = $1`, digest(secret))
		return r.note(tx, account, account, audit.SignedOut, "by oneself")
	})
	if err != nil {
		return nil, err
	}
	p, _ := r.Provider(at) // that is no longer one is none
	return p, nil
}

// Sessions lists where a person is signed in, the one last used first; secret
// opens the one of who asks.
func (r *Register) Sessions(ctx context.Context, account int64, secret string) ([]Session, error) {
	var list []Session
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for row := range tx.Query(`SELECT hash, id, level, device, address, created_at, seen_at FROM session WHERE account = $1 AND expires_at > $2 AND level > 0 ORDER BY seen_at DESC LIMIT $3`,
			account, r.Now().UnixMilli(), sessionsShown) {
			var s Session
			var hash string
			var level, created, seen int64
			row.Scan(&hash, &s.ID, &level, &s.Device, &s.Address, &created, &seen)
			s.Level, s.CreatedAt, s.SeenAt, s.Current = Level(level), time.UnixMilli(created), time.UnixMilli(seen), hash == digest(secret)
			list = append(list, s)
		}
		return tx.Err()
	})
	return list, err
}

// EndSession ends a session of a person by its id; 0 ends all but the one that
// secret opens.
func (r *Register) EndSession(ctx context.Context, account, id int64, secret string) error {
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		if id == 0 {
			tx.Exec(`DELETE FROM session WHERE account = $1 AND hash <> $2`, account, digest(secret))
		} else {
			tx.Exec(`DELETE FROM session WHERE account = $1 AND id = $2`, account, id)
		}
		return r.note(tx, account, account, audit.SignedOut, "sessions ended", "session", id)
	})
	r.cache.Clear() // those who act for an organisation are remembered as that
	return err
}

// errUnknown is a session or token that does not hold.
var errUnknown = refusal.New(refusal.NotSignedIn, "identity.not_signed_in")

// Session returns whose session a secret opens, or the organisation that they act
// for in it; NotSignedIn if it has ended, was not used for too long, or lacks a
// second factor.
func (r *Register) Session(ctx context.Context, secret string) (Account, error) {
	name, now := "session:"+digest(secret), r.Now()
	if a, _, ok := r.recall(name, now); ok {
		return a, nil
	}
	var a Account
	var seen, expires int64
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		var id, acting, level int64
		var by *Mandate
		found, err := tx.One(`SELECT account, acting, level, seen_at, expires_at FROM session WHERE hash = $1`, []any{digest(secret)}, &id, &acting, &level, &seen, &expires)
		if err != nil {
			return err
		}
		if !found || expires <= now.UnixMilli() || Level(level) == Half || len(tx.Forged("session", `hash = $1`, digest(secret))) > 0 {
			return errUnknown
		}
		if acting != 0 {
			m, err := mandate(tx, id, acting, r.today())
			if err != nil {
				return err
			}
			if by = m; m != nil { // else it has ended, and who acted for it is themselves again
				id = acting
			}
		}
		a, _, err = findID(tx, id)
		a.Mandate, a.Level = by, Level(level)
		switch {
		case err != nil:
		case time.UnixMilli(seen).Add(idleFor(a.Officer)).Before(now), a.Officer && r.SecondFactor && a.Level < Double:
			err = errUnknown
		}
		return err
	})
	if err == nil && now.Sub(time.UnixMilli(seen)) >= seenEvery {
		err = r.DB.Write(ctx, func(tx *db.Tx) error {
			tx.Exec(`UPDATE session SET seen_at = $1 WHERE hash = $2`, now.UnixMilli(), digest(secret))
			return nil
		})
	}
	return a, r.remember(name, a, nil, now, expires, err)
}

// Token returns whose token this is and its scopes; NotSignedIn if it does not hold.
func (r *Register) Token(ctx context.Context, token string) (Account, []string, error) {
	name, now := "token:"+digest(token), r.Now()
	if a, scopes, ok := r.recall(name, now); ok {
		return a, scopes, nil
	}
	var a Account
	var scopes string
	var expires int64
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		var id, level int64
		found, err := tx.One(`SELECT account, scopes, level, expires_at FROM token WHERE hash = $1`, []any{digest(token)}, &id, &scopes, &level, &expires)
		if err != nil {
			return err
		}
		if !found || expires <= now.UnixMilli() || len(tx.Forged("token", `hash = $1`, digest(token))) > 0 {
			return errUnknown
		}
		a, _, err = findID(tx, id)
		a.Level = Level(level)
		return err
	})
	list := strings.Fields(scopes)
	return a, list, r.remember(name, a, list, now, expires, err)
}

// recall is what was answered of a name a moment ago.
func (r *Register) recall(name string, now time.Time) (Account, []string, bool) {
	if c, ok := r.cache.Load(name); ok {
		if c := c.(cached); now.Before(c.until) && !now.Before(c.until.Add(-cacheFor)) {
			return c.account, c.scopes, true
		}
	}
	return Account{}, nil, false
}

// remember keeps an answer for a moment, or forgets the name if there was none.
func (r *Register) remember(name string, a Account, scopes []string, now time.Time, expires int64, err error) error {
	if err != nil {
		r.cache.Delete(name)
		return err
	}
	until := now.Add(cacheFor)
	if end := time.UnixMilli(expires); end.Before(until) {
		until = end
	}
	r.cache.Store(name, cached{a, scopes, until})
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// An officer who joins, or has lost the second factor or the password, comes in
// with a code in two parts: an administrator gives the first, somebody who knows
// the person the second. Neither can become the officer alone. Who has the
// machine (the zero By) may give both: that is how the first officers come in.

// Readmission is an officer who is to come in so.
type Readmission struct {
	Account   int64
	AskedBy   int64
	VouchedBy int64 // 0: nobody yet
	AskedAt   time.Time
	Until     time.Time
}

// How long a code opens, and how many wrong ones void it. The terms are ours.
const (
	ReadmitFor   = 7 * 24 * time.Hour
	ReadmitTries = 5
)

// Readmit gives the first part of a code for an officer; a code that was given
// before is void. Refused (NotAllowed) for oneself, (NotFound) for who is no
// officer or has left.
func (r *Register) Readmit(ctx context.Context, by audit.By, account int64) (first string, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) (err error) {
		first, err = r.ReadmitIn(tx, by, account)
		return err
	})
	return first, err
}

// ReadmitIn is Readmit as a part of a transaction.
func (r *Register) ReadmitIn(tx *db.Tx, by audit.By, account int64) (first string, err error) {
	if by.Account == account {
		return "", refusal.New(refusal.NotAllowed, "identity.readmit.oneself")
	}
	a, _, err := findID(tx, account)
	if err != nil && !refusal.Is(err, refusal.Invalid) {
		return "", err
	}
	if !a.Officer || a.Left {
		return "", refusal.New(refusal.NotFound, "identity.readmit.no_officer")
	}
	first = part()
	tx.Exec(`INSERT INTO readmission (account, first, second, asked_by, asked_at, vouched_by, tries) VALUES ($1, $2, '', $3, $4, 0, 0)
		ON CONFLICT (account) DO UPDATE SET first = excluded.first, second = '', asked_by = excluded.asked_by, asked_at = excluded.asked_at, vouched_by = 0, tries = 0`,
		account, digest(plain(first)), by.Account, r.Now().UnixMilli())
	tx.Mark("readmission", `account = $1`, account)
	return first, by.Note(tx, r.Now(), audit.Account, "readmit", "of", account)
}

// VouchFor gives the second part, by who knows that the officer is who asks for it;
// one that was given before is void. Refused (NotAllowed) for oneself and for who
// gave the first part, (NotFound) where none was given.
func (r *Register) VouchFor(ctx context.Context, by audit.By, account int64) (second string, err error) {
	vouch := func(tx *db.Tx) error {
		m, err := r.readmission(tx, account)
		if err != nil {
			return err
		}
		if by.Account != 0 && (by.Account == account || by.Account == m.AskedBy) {
			return refusal.New(refusal.NotAllowed, "identity.readmit.two_people")
		}
		second = part()
		if err := tx.Amend("readmission", `account = $1`, []any{account}, func() {
			tx.ExecOne(`UPDATE readmission SET second = $1, vouched_by = $2 WHERE account = $3 AND asked_by = $4 AND asked_at = $5`, digest(plain(second)), by.Account, account, m.AskedBy, m.AskedAt.UnixMilli())
		}); err != nil {
			return err
		}
		return by.Note(tx, r.Now(), audit.Account, "vouched", "of", account)
	}
	if err = r.DB.Write(ctx, vouch); errors.Is(err, db.ErrStale) {
		err = r.DB.Write(ctx, vouch) // somebody has just given another first part
	}
	return second, err
}

// Readmissions lists the officers who are to come in with a code.
func (r *Register) Readmissions(ctx context.Context) (list []Readmission, err error) {
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for row := range tx.Query(`SELECT account, asked_by, vouched_by, asked_at FROM readmission WHERE asked_at > $1 AND tries < $2 ORDER BY asked_at, account`, r.Now().Add(-ReadmitFor).UnixMilli(), ReadmitTries) {
			list = append(list, scanReadmission(row))
		}
		return tx.Err()
	})
	return list, err
}

func scanReadmission(row db.Row) Readmission {
	var m Readmission
	var at int64
	row.Scan(&m.Account, &m.AskedBy, &m.VouchedBy, &at)
	m.AskedAt = time.UnixMilli(at)
	m.Until = m.AskedAt.Add(ReadmitFor)
	return m
}

func (r *Register) readmission(tx *db.Tx, account int64) (m Readmission, err error) {
	found := false
	for row := range tx.Query(`SELECT account, asked_by, vouched_by, asked_at FROM readmission WHERE account = $1 AND asked_at > $2 AND tries < $3`, account, r.Now().Add(-ReadmitFor).UnixMilli(), ReadmitTries) {
		m, found = scanReadmission(row), true
	}
	if err := tx.Err(); err != nil {
		return m, err
	}
	if !found {
		return m, refusal.New(refusal.NotFound, "identity.readmit.none")
	}
	return m, nil
}

// ComeIn opens a session for an officer who has both parts of a code, with a new
// password: sessions and second factors from before are gone, and a new factor is
// asked for. Five wrong tries void the code. Refused (Invalid) without saying
// which of login and parts is wrong.
func (r *Register) ComeIn(ctx context.Context, login, first, second, password string, from From) (a Account, secret string, err error) {
	hash, err := HashPassword(password)
	if err != nil {
		return a, "", err
	}
	secret, wrong := randomSecret(), false
	err = r.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if a, _, err = findLogin(tx, strings.ToLower(strings.TrimSpace(login))); err != nil && !refusal.Is(err, refusal.Invalid) {
			return err
		}
		var kept [2]string
		found, err := tx.One(`SELECT first, second FROM readmission WHERE account = $1 AND asked_at > $2 AND tries < $3`, []any{a.ID, r.Now().Add(-ReadmitFor).UnixMilli(), ReadmitTries}, &kept[0], &kept[1])
		if err != nil {
			return err
		}
		if wrong = !found || kept != [2]string{digest(plain(first)), digest(plain(second))}; wrong { // of a login that is none, too: that takes as long
			tx.Exec(`UPDATE readmission SET tries = tries + 1 WHERE account = $1`, a.ID)
			return r.note(tx, 0, a.ID, audit.SignRefuse, "readmission", "address", db.Clip(from.Address, 60))
		}
		if err := tx.Proved("readmission", `account = $1`, a.ID); err != nil {
			return err
		}
		tx.ExecOne(`DELETE FROM readmission WHERE account = $1 AND first = $2 AND second = $3`, a.ID, kept[0], kept[1]) // once
		amend(tx, a.ID, func() { tx.ExecOne(`UPDATE account SET password = $1 WHERE id = $2`, hash, a.ID) })
		for _, table := range []string{"session", "factor"} {
			tx.Exec(`DELETE FROM `+table+` WHERE account = $1`, a.ID)
		}
		lasts := SessionFor
		if a.Level = Single; r.SecondFactor {
			a.Level, lasts = Half, halfFor
		}
		if err := r.note(tx, a.ID, a.ID, audit.Account, "readmitted"); err != nil {
			return err
		}
		return r.open(tx, a, secret, lasts, from, "readmission")
	})
	if err == nil && wrong || errors.Is(err, db.ErrStale) {
		err = refusal.New(refusal.Invalid, "identity.readmit.wrong")
	}
	if err != nil {
		return Account{}, "", err
	}
	r.forget(a.ID)
	return a, secret, nil
}

// Leave closes an officer's account in a transaction: nobody signs in with it, and
// no program calls with its tokens, until they return.
func (r *Register) Leave(tx *db.Tx, by audit.By, account int64) error {
	amend(tx, account, func() {
		tx.ExecOne(`UPDATE account SET password = '', left_at = $1 WHERE id = $2`, r.Now().UnixMilli(), account)
	})
	for _, table := range []string{"session", "factor", "token", "linked", "readmission"} {
		tx.Exec(`DELETE FROM `+table+` WHERE account = $1`, account)
	}
	r.forget(account)
	return by.Note(tx, r.Now(), audit.Account, "closed", "of", account)
}

// Return opens the account of an officer who left and is back, in a transaction:
// they come in as who joins does.
func (r *Register) Return(tx *db.Tx, by audit.By, account int64) error {
	amend(tx, account, func() { tx.ExecOne(`UPDATE account SET left_at = 0 WHERE id = $1`, account) })
	r.forget(account)
	return by.Note(tx, r.Now(), audit.Account, "opened", "of", account)
}

// Rename gives an officer another name in a transaction.
func (r *Register) Rename(tx *db.Tx, by audit.By, account int64, name string) error {
	inTurn(tx, account)
	a, _, err := findID(tx, account)
	if err != nil {
		return err
	}
	a.Person.Name = name
	person, err := json.Marshal(a.Person)
	if err != nil {
		return err
	}
	amend(tx, account, func() {
		tx.ExecOne(`UPDATE account SET name = $1, person = $2 WHERE id = $3`, name, string(person), account)
	})
	r.forget(account)
	return by.Note(tx, r.Now(), audit.Account, "renamed", "of", account, "was", a.Name, "is", name)
}

// Taken tells which of these logins are somebody's who is no officer.
func Taken(tx *db.Tx, logins []string) (map[string]bool, error) {
	taken := map[string]bool{}
	for _, login := range logins {
		found, err := tx.One(`SELECT 1 FROM account WHERE login = $1 AND kind <> 'officer'`, []any{login}, new(int64))
		if err != nil {
			return nil, err
		}
		if found {
			taken[login] = true
		}
	}
	return taken, nil
}

// partLetters are letters and figures that are not taken for each other.
const partLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// part is half of a code: 60 bits in three groups.
func part() string {
	b := make([]byte, 12)
	rand.Read(b)
	for i := range b {
		b[i] = partLetters[int(b[i])%len(partLetters)]
	}
	return string(b[:4]) + "-" + string(b[4:8]) + "-" + string(b[8:])
}

// plain is a part as it may be typed.
func plain(part string) string {
	return strings.Map(func(c rune) rune {
		if c == ' ' || c == '-' {
			return -1
		}
		return c
	}, strings.ToUpper(strings.TrimSpace(part)))
}

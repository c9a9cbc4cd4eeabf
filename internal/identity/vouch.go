// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Merger moves what belongs to one account of a person to their other one.
type Merger func(tx *db.Tx, from, to int64) error

// Entry is a sign-in that a provider vouched for.
type Entry struct {
	Account Account
	Secret  string // of the session; the one that was there before opens no more
	Next    string
	Kept    json.RawMessage
	Merged  bool // two accounts of the person have become one
}

// ProviderSignIn takes the answer of an identity provider, as the browser brings it
// to the address back, and opens a session at the level that was vouched for.
//
// One person has one account. The provider's subject finds it; else the number that
// was proved; else the account that was signed in when they left, which becomes
// proved; else it is made. If one of the first two finds another account than the
// one that was signed in, that one is theirs as well: what it holds goes over to the
// account that was found, and it is closed. Two proved numbers are two persons.
// An officer's account is made by their agency and found by its login.
//
// What it was for comes back also with a refusal: Invalid refuses what is not exactly as it should be, Unavailable a provider that
// does not answer, Conflict an account of somebody else.
func (r *Register) ProviderSignIn(ctx context.Context, back string, q url.Values, secret string, from From) (e Entry, err error) {
	v, sent, err := r.answered(ctx, back, q)
	e.Next, e.Kept = sent.Next, sent.Kept
	if err != nil {
		return e, err
	}
	e.Secret = randomSecret()
	gone, err := r.enter(ctx, v, sent, &e, secret, from)
	if errors.Is(err, db.ErrDuplicate) { // another first sign-in of the same person was faster
		gone, err = r.enter(ctx, v, sent, &e, secret, from)
	}
	r.cache.Delete("session:" + digest(secret))
	r.forget(e.Account.ID)
	r.forget(gone)
	return e, err
}

// enter finds or makes the account, and opens the session; gone is an account that
// was merged into it.
func (r *Register) enter(ctx context.Context, v vouched, sent sent, e *Entry, secret string, from From) (gone int64, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		self, err := r.stillIn(tx, sent.Self, secret)
		if err != nil {
			return err
		}
		if v.provider.For == "officer" {
			e.Account, err = r.officer(tx, &v, self)
		} else {
			e.Account, gone, err = r.citizen(tx, &v, self)
		}
		if err != nil {
			return err
		}
		e.Merged = gone != 0
		list, err := factors(tx, e.Account.ID)
		if err != nil {
			return err
		}
		lasts := SessionFor
		if e.Account.Level = v.level; e.Account.Officer && r.SecondFactor && v.level < Double || len(list) > 0 && v.level == Single {
			e.Account.Level, lasts = Half, halfFor
		}
		if secret != "" {
			tx.Exec(`DELETE FROM session WHERE hash = $1`, digest(secret))
		}
		if err := r.open(tx, e.Account, e.Secret, lasts, from, "provider "+v.provider.ID); err != nil {
			return err
		}
		amendSession(tx, e.Secret, func() {
			tx.Exec(`UPDATE session SET provider = $1 WHERE hash = $2`, v.provider.ID, digest(e.Secret))
		})
		if o := v.said["organisation_code"]; o != "" && e.Account.Level > Half {
			return r.forOrganisation(tx, &v, e)
		}
		return nil
	})
	return gone, err
}

// stillIn is the account that was signed in when the browser left, if it still is.
func (r *Register) stillIn(tx *db.Tx, self int64, secret string) (*Account, error) {
	if self == 0 {
		return nil, nil
	}
	var id int64
	found, err := tx.One(`SELECT account FROM session WHERE hash = $1 AND expires_at > $2 AND level > 0`, []any{digest(secret), r.Now().UnixMilli()}, &id)
	if err != nil {
		return nil, err
	}
	if !found || id != self || len(tx.Forged("session", `hash = $1`, digest(secret))) > 0 {
		return nil, errUnknown
	}
	a, _, err := findID(tx, id)
	return &a, err
}

// link notes whom the provider means by its subject.
func (v *vouched) link(tx *db.Tx, account int64, now time.Time) {
	tx.Exec(`INSERT INTO linked (provider, subject, account, created_at) VALUES ($1, $2, $3, $4)`, v.provider.ID, v.subject, account, now.UnixMilli())
	tx.Mark("linked", `provider = $1 AND subject = $2`, v.provider.ID, v.subject)
}

func (v *vouched) linked(tx *db.Tx) (a Account, found bool, err error) {
	var id int64
	if found, err = tx.One(`SELECT account FROM linked WHERE provider = $1 AND subject = $2`, []any{v.provider.ID, v.subject}, &id); !found || err != nil {
		return a, false, err
	}
	if err = tx.Proved("linked", `provider = $1 AND subject = $2`, v.provider.ID, v.subject); err == nil {
		a, _, err = findID(tx, id)
	}
	return a, true, err
}

// officer finds the officer whom the provider vouches for.
func (r *Register) officer(tx *db.Tx, v *vouched, self *Account) (Account, error) {
	a, found, err := v.linked(tx)
	if err != nil {
		return a, err
	}
	if a.Left {
		return a, refusal.New(refusal.Invalid, "identity.provider.stranger", "name", v.provider.Name)
	}
	if !found {
		var kept int64
		a, _, err = findLogin(tx, strings.ToLower(v.said["login"]))
		if err != nil && !refusal.Is(err, refusal.Invalid) {
			return a, err
		}
		taken, fault := tx.One(`SELECT account FROM linked WHERE provider = $1 AND account = $2`, []any{v.provider.ID, a.ID}, &kept)
		if fault != nil {
			return a, fault
		}
		if err != nil || !a.Officer || a.Left || taken {
			return a, refusal.New(refusal.Invalid, "identity.provider.stranger", "name", v.provider.Name)
		}
		v.link(tx, a.ID, r.Now())
		if err := r.note(tx, a.ID, a.ID, audit.Account, "linked", "provider", v.provider.ID); err != nil {
			return a, err
		}
	}
	if self != nil && self.ID != a.ID {
		return a, refusal.New(refusal.Conflict, "identity.provider.other")
	}
	return a, nil
}

// citizen finds or makes the account of the person whom the provider vouches for,
// and keeps what it proved; gone is an account that was merged into it.
func (r *Register) citizen(tx *db.Tx, v *vouched, self *Account) (a Account, gone int64, err error) {
	if v.said["name"] == "" || v.said["id_number"] == "" {
		return a, 0, refusal.New(refusal.Invalid, "identity.provider.nameless", "name", v.provider.Name)
	}
	now := r.Now()
	a, bySubject, err := v.linked(tx)
	if err != nil {
		return a, 0, err
	}
	found := bySubject
	if !found {
		var id int64
		if id, found, err = FindVerified(tx, v.said["id_number"]); err == nil && found {
			a, _, err = findID(tx, id)
		}
		if err != nil {
			return a, 0, err
		}
	}
	if self != nil && (self.Officer || strings.HasPrefix(self.Login, organisationLogin)) {
		return a, 0, refusal.New(refusal.Conflict, "identity.provider.other")
	}
	switch {
	case found && self != nil && self.ID != a.ID:
		if self.Person.Verified {
			return a, 0, refusal.New(refusal.Conflict, "identity.provider.other")
		}
		if err := r.merge(tx, *self, a); err != nil {
			return a, 0, err
		}
		gone = self.ID
	case !found && self != nil:
		if self.Person.Verified {
			return a, 0, refusal.New(refusal.Conflict, "identity.provider.other")
		}
		a = *self
	case !found:
		a = Account{Login: v.provider.ID + ":" + digest(v.subject)[:24], Name: v.said["name"], Person: Person{Kind: "citizen", Name: v.said["name"]}}
		if a.ID, err = Enrol(tx, a, "none", now); err != nil {
			return a, 0, err
		}
	}
	if !bySubject {
		v.link(tx, a.ID, now)
		if err := r.note(tx, a.ID, a.ID, audit.Account, "linked", "provider", v.provider.ID); err != nil {
			return a, 0, err
		}
	}
	return a, gone, v.prove(tx, &a)
}

// prove keeps what the provider says: it knows better who somebody is, and they
// themselves how to reach them.
func (v *vouched) prove(tx *db.Tx, a *Account) error {
	p := &a.Person
	p.Verified, p.Name, p.IDNumber = true, v.said["name"], v.said["id_number"]
	p.BirthDate, p.Gender = cmp.Or(birthday(v.said["birth_date"]), p.BirthDate), cmp.Or(genders[v.said["gender"]], p.Gender)
	p.Phone, p.Email, p.Address = cmp.Or(p.Phone, v.said["phone"]), cmp.Or(p.Email, v.said["email"]), cmp.Or(p.Address, v.said["address"])
	a.Name = p.Name
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	var other int64
	taken, err := tx.One(`SELECT id FROM account WHERE verified = $1 AND kind = 'citizen' AND id <> $2`, []any{p.IDNumber, a.ID}, &other)
	if err != nil {
		return err
	}
	if taken {
		return refusal.New(refusal.Conflict, "identity.provider.other")
	}
	amend(tx, a.ID, func() {
		tx.ExecOne(`UPDATE account SET name = $1, person = $2, verified = $3 WHERE id = $4`, a.Name, string(body), p.proved(), a.ID)
	})
	return nil
}

// genders are the words of OpenID Connect for ours.
var genders = map[string]string{"male": "male", "female": "female"}

// birthday is a day as OpenID Connect writes it, or "" if it is none.
func birthday(s string) string {
	if _, err := calendar.ParseDate(s); err != nil {
		return ""
	}
	return s
}

// MergedNote is what the journal calls it that an account took over another, "from".
const MergedNote = "merged"

// merge closes an account of a person and moves what it holds to their other one.
func (r *Register) merge(tx *db.Tx, from, to Account) error {
	for _, move := range r.Mergers {
		if err := move(tx, from.ID, to.ID); err != nil {
			return err
		}
	}
	for _, x := range [][2]string{{"mandate", "member"}, {"linked", "account"}, {"token", "account"}} {
		table, whose := x[0], x[1]
		if err := tx.Amend(table, whose+` IN ($1, $2)`, []any{to.ID, from.ID}, func() {
			tx.Exec(`UPDATE `+table+` SET `+whose+` = $1 WHERE `+whose+` = $2`, to.ID, from.ID)
		}); err != nil {
			return err
		}
	}
	tx.Exec(`DELETE FROM session WHERE account = $1`, from.ID)
	tx.Exec(`DELETE FROM factor WHERE account = $1`, from.ID)
	amend(tx, from.ID, func() {
		tx.ExecOne(`UPDATE account SET password = 'none', merged = $1 WHERE id = $2`, to.ID, from.ID)
	})
	return r.note(tx, to.ID, to.ID, audit.Account, MergedNote, "from", from.ID)
}

// forOrganisation lets a session act for the organisation that the provider named:
// whom it names, the business register named before.
func (r *Register) forOrganisation(tx *db.Tx, v *vouched, e *Entry) error {
	code, now := v.said["organisation_code"], r.Now()
	basis := v.provider.Name.VI
	a, _, err := findLogin(tx, organisationLogin+code)
	if refusal.Is(err, refusal.Invalid) {
		p := Person{Kind: "organisation", Name: cmp.Or(v.said["organisation_name"], code), IDNumber: code}
		a.ID, err = FoundOrganisation(tx, e.Account.ID, p, basis, now)
	}
	if err != nil {
		return err
	}
	m, err := mandate(tx, e.Account.ID, a.ID, r.today())
	if err != nil {
		return err
	}
	if m == nil {
		if err := GiveMandate(tx, Mandate{Organisation: a.ID, Member: e.Account.ID, Role: Manager, From: r.today(), Basis: basis}, e.Account.ID, now); err != nil {
			return err
		}
	}
	amendSession(tx, e.Secret, func() {
		tx.ExecOne(`UPDATE session SET acting = $1 WHERE hash = $2`, a.ID, digest(e.Secret))
	})
	return nil
}

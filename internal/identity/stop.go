// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"encoding/json"
	"slices"
	"strings"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Uses of an account's data that no law asks for, which its holder may have stopped.
const (
	UsePrefill = "prefill"    // to fill in declarations
	UseRemind  = "remind"     // of drafts that lie
	Restricted = "restricted" // all of them
)

// Uses lists those that may be stopped one by one.
var Uses = []string{UsePrefill, UseRemind}

// Stops is true when the holder had a use of their data stopped.
func (a *Account) Stops(use string) bool {
	return slices.Contains(a.Stopped, use) || slices.Contains(a.Stopped, Restricted)
}

// Stop adds to the uses of an account's data that are stopped; none lets all go on.
func Stop(tx *db.Tx, account int64, uses ...string) error {
	inTurn(tx, account)
	a, _, err := findID(tx, account)
	if err != nil {
		return err
	}
	var all []string
	if len(uses) > 0 {
		all = append(slices.Clone(a.Stopped), uses...)
	}
	if slices.Sort(all); slices.Contains(all, Restricted) {
		all = []string{Restricted}
	}
	amend(tx, account, func() {
		tx.ExecOne(`UPDATE account SET stopped = $1 WHERE id = $2`, strings.Join(slices.Compact(all), " "), account)
	})
	return tx.Err()
}

// PersonFacts are what an account knows of its holder and that can be corrected, by
// name.
var PersonFacts = []string{"name", "id_number", "birth_date", "gender", "ethnicity", "nationality", "phone", "email", "address"}

// fact is a fact of a person by its name; nil if there is none.
func (p *Person) fact(name string) *string {
	return map[string]*string{"name": &p.Name, "id_number": &p.IDNumber, "birth_date": &p.BirthDate, "gender": &p.Gender, "ethnicity": &p.Ethnicity,
		"nationality": &p.Nationality, "phone": &p.Phone, "email": &p.Email, "address": &p.Address}[name]
}

// Fact is what an account knows of its holder under a name; "" if nothing.
func (p Person) Fact(name string) string {
	if f := p.fact(name); f != nil {
		return *f
	}
	return ""
}

// Correctable refuses to correct here what was proved of an account's holder: it is
// corrected where it was proved (NotNow).
func Correctable(tx *db.Tx, account int64, name string) error {
	a, _, err := findID(tx, account)
	if err == nil && a.Person.Verified && slices.Contains(PersonFacts[:3], name) {
		err = refusal.New(refusal.NotNow, "privacy.correct.proved").Because("Luật Căn cước 26/2023/QH15, Điều 10")
	}
	return err
}

// CorrectFact puts what is right in the place of a fact of an account's holder. What
// was proved stays: see Correctable.
func CorrectFact(tx *db.Tx, account int64, name, value string) error {
	inTurn(tx, account)
	if err := Correctable(tx, account, name); err != nil {
		return err
	}
	a, _, err := findID(tx, account)
	if err != nil {
		return err
	}
	f := a.Person.fact(name)
	if f == nil {
		return refusal.New(refusal.Invalid, "request.unreadable")
	}
	*f = value
	return a.keep(tx)
}

// keep writes what an account knows of its holder.
func (a *Account) keep(tx *db.Tx) error {
	body, err := json.Marshal(a.Person)
	if err != nil {
		return err
	}
	amend(tx, a.ID, func() {
		tx.ExecOne(`UPDATE account SET name = $1, person = $2 WHERE id = $3`, a.Person.Name, string(body), a.ID)
	})
	return tx.Err()
}

// EraseFacts forgets what an account knows of its holder beside who they are.
func EraseFacts(tx *db.Tx, account int64) error {
	inTurn(tx, account)
	a, _, err := findID(tx, account)
	if err != nil {
		return err
	}
	for _, name := range PersonFacts[3:] {
		*a.Person.fact(name) = ""
	}
	if !a.Person.Verified {
		a.Person.BirthDate = ""
	}
	return a.keep(tx)
}

// Close ends an account: nobody signs in with it any more, and who it was is
// forgotten. Its row stays for what refers to it. Refused (NotNow) for the last
// manager of an organisation.
func Close(tx *db.Tx, account int64, today calendar.Date, at int64) error {
	held, err := mandates(tx, "member", account)
	if err != nil {
		return err
	}
	for i := range held {
		m := &held[i]
		if m.Role != Manager || !m.On(today) {
			continue
		}
		inTurn(tx, m.Organisation)
		all, err := mandates(tx, "organisation", m.Organisation)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(x Mandate) bool { return x.Member != account && x.Role == Manager && x.To.IsZero() && x.On(today) }) {
			return refusal.New(refusal.NotNow, "identity.mandate.last")
		}
	}
	a, _, err := findID(tx, account)
	if err != nil {
		return err
	}
	body, err := json.Marshal(Person{Kind: a.Person.Kind})
	if err != nil {
		return err
	}
	if err := tx.Amend("mandate", `member = $1`, []any{account}, func() {
		tx.Exec(`UPDATE mandate SET ended_by = $1, ended_at = $2 WHERE member = $1 AND ended_at = 0`, account, at)
	}); err != nil {
		return err
	}
	for _, table := range []string{"session", "factor", "token", "linked"} {
		tx.Exec(`DELETE FROM `+table+` WHERE account = $1`, account)
	}
	amend(tx, account, func() {
		tx.ExecOne(`UPDATE account SET login = 'closed:' || CAST(id AS TEXT), name = '', person = $1, password = 'none', verified = '', stopped = '' WHERE id = $2`, string(body), account)
	})
	return tx.Err()
}

// Forget drops what is remembered of an account, once a change of it is committed.
func (r *Register) Forget(account int64) { r.forget(account) }

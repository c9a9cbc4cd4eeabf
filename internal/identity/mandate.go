// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// MandateRole is what a member may do for an organisation.
type MandateRole string

// The roles of members.
const (
	Manager MandateRole = "manager" // all, and says who else may
	Filer   MandateRole = "filer"   // files and follows
	Viewer  MandateRole = "viewer"  // follows only
)

// MandateRoles lists them.
var MandateRoles = []MandateRole{Manager, Filer, Viewer}

// Mandate is a person's right to act for an organisation for a time (Bộ luật
// Dân sự 2015, Điều 134–140). It is ended, never deleted.
type Mandate struct {
	ID           int64
	Organisation int64  // account
	Name, Code   string // of the organisation
	Member       int64  // account
	Login        string // of the member
	Person       Person // the member
	Role         MandateRole
	From         calendar.Date
	To           calendar.Date // last day; zero is without end
	Basis        string        // the paper that gives it
	EndedAt      time.Time     // before its time
}

// On is true when the mandate holds on a day.
func (m *Mandate) On(day calendar.Date) bool {
	return m.EndedAt.IsZero() && !day.Before(m.From) && (m.To.IsZero() || !day.After(m.To))
}

// organisationLogin begins the login of an organisation, which nobody signs in
// with: its members act for it.
const organisationLogin = "to-chuc:"

// mandateMonths is how long a mandate lasts that names no end (Bộ luật Dân sự
// 2015, Điều 140 khoản 2 điểm b).
const mandateMonths = 12

// membersMost is how many mandates of an organisation hold at a time.
const membersMost = 200

func (r *Register) today() calendar.Date { return calendar.DateOf(r.Now()) }

// Found makes the account of an organisation, with who founds it as its first
// manager, without end. A code that has an account is refused (Conflict).
func (r *Register) Found(ctx context.Context, founder int64, p Person, basis string) (int64, error) {
	var id int64
	err := r.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if id, err = FoundOrganisation(tx, founder, p, basis, r.Now()); err != nil {
			return err
		}
		return r.note(tx, founder, id, audit.Account, "organisation founded")
	})
	if errors.Is(err, db.ErrDuplicate) {
		err = refusal.New(refusal.Conflict, "identity.organisation.taken", "code", p.IDNumber)
	}
	return id, err
}

// FoundOrganisation is Found in a transaction.
func FoundOrganisation(tx *db.Tx, founder int64, p Person, basis string, now time.Time) (int64, error) {
	id, err := Enrol(tx, Account{Login: organisationLogin + p.IDNumber, Name: p.Name, Person: p}, "none", now)
	if refusal.Is(err, refusal.Conflict) {
		return 0, refusal.New(refusal.Conflict, "identity.organisation.taken", "code", p.IDNumber)
	}
	if err != nil {
		return 0, err
	}
	return id, GiveMandate(tx, Mandate{Organisation: id, Member: founder, Role: Manager, From: calendar.DateOf(now), Basis: basis}, founder, now)
}

// GiveMandate writes a mandate as it stands, in a transaction.
func GiveMandate(tx *db.Tx, m Mandate, by int64, now time.Time) error {
	to := ""
	if !m.To.IsZero() {
		to = m.To.String()
	}
	id := db.NewID()
	tx.Exec(`INSERT INTO mandate (id, organisation, member, role, valid_from, valid_to, basis, given_by, given_at, ended_by, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0)`,
		id, m.Organisation, m.Member, string(m.Role), m.From.String(), to, m.Basis, by, now.UnixMilli())
	tx.Mark("mandate", `id = $1`, id)
	return tx.Err()
}

// Give gives a person a mandate for an organisation, by one of its managers. The
// person is named by the login and the personal number of their account, so that
// neither can be guessed. A mandate but a manager's that names no end lasts a year.
func (r *Register) Give(ctx context.Context, by int64, m Mandate) error {
	now := r.Now()
	if m.From.IsZero() {
		m.From = r.today()
	}
	var wrong []refusal.Field
	refuse := func(pointer, key string, args ...any) { wrong = append(wrong, refusal.At(pointer, key, args...)) }
	if !slices.Contains(MandateRoles, m.Role) {
		refuse("/role", "form.choice")
	}
	if m.Basis = strings.TrimSpace(m.Basis); m.Basis == "" {
		refuse("/basis", "form.required")
	}
	if m.To.IsZero() && m.Role != Manager {
		m.To = m.From.AddMonths(mandateMonths) - 1
	}
	if !m.To.IsZero() && (m.To.Before(m.From) || m.To.Before(r.today())) {
		refuse("/to", "identity.mandate.over")
	}
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		wrong := slices.Clone(wrong)
		inTurn(tx, m.Organisation)
		list, err := mandates(tx, "organisation", m.Organisation)
		if err != nil {
			return err
		}
		if err := mayManage(list, by, r.today()); err != nil {
			return err
		}
		a, _, err := findLogin(tx, strings.ToLower(strings.TrimSpace(m.Login)))
		switch {
		case refusal.Is(err, refusal.Invalid) || err == nil && (a.Officer || a.Person.Kind != "citizen" || a.Person.IDNumber != m.Person.IDNumber):
			wrong = append(wrong, refusal.At("/login", "identity.mandate.nobody"))
		case err != nil:
			return err
		}
		held := 0
		for i := range list {
			if x := &list[i]; x.EndedAt.IsZero() && (x.To.IsZero() || !x.To.Before(r.today())) {
				held++
				if x.Member == a.ID {
					wrong = append(wrong, refusal.At("/login", "identity.mandate.twice", "name", x.Person.Name))
				}
			}
		}
		if held >= membersMost {
			wrong = append(wrong, refusal.At("/login", "identity.mandate.many", "n", membersMost))
		}
		if err := refusal.Fields("request.invalid", wrong); err != nil {
			return err
		}
		m.Member = a.ID
		if err := r.note(tx, by, m.Organisation, audit.Mandate, "given", "member", m.Member, "role", m.Role); err != nil {
			return err
		}
		return GiveMandate(tx, m, by, now)
	})
}

// inTurn makes changes of an account, or of an organisation's members, wait for each
// other.
func inTurn(tx *db.Tx, account int64) {
	tx.Exec(`UPDATE account SET name = name WHERE id = $1`, account)
}

// mayManage refuses who is no manager of the organisation today.
func mayManage(list []Mandate, by int64, today calendar.Date) error {
	if slices.ContainsFunc(list, func(m Mandate) bool { return m.Member == by && m.Role == Manager && m.On(today) }) {
		return nil
	}
	return refusal.New(refusal.NotAllowed, "identity.mandate.managers_only")
}

// End ends a mandate at once, by a manager or by who holds it; an organisation
// keeps one manager.
func (r *Register) End(ctx context.Context, by, mandate int64) error {
	var gone Mandate
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		found, err := mandates(tx, "id", mandate)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return refusal.New(refusal.NotFound, "identity.mandate.unknown")
		}
		inTurn(tx, found[0].Organisation)
		list, err := mandates(tx, "organisation", found[0].Organisation)
		if err != nil {
			return err
		}
		gone = list[slices.IndexFunc(list, func(m Mandate) bool { return m.ID == mandate })]
		if gone.Member != by {
			if mayManage(list, by, r.today()) != nil {
				return refusal.New(refusal.NotFound, "identity.mandate.unknown")
			}
		}
		if !gone.EndedAt.IsZero() {
			return nil
		}
		other := slices.ContainsFunc(list, func(m Mandate) bool { return m.ID != mandate && m.Role == Manager && m.To.IsZero() && m.On(r.today()) })
		if gone.Role == Manager && gone.On(r.today()) && !other {
			return refusal.New(refusal.NotNow, "identity.mandate.last")
		}
		if err := tx.Amend("mandate", `id = $1`, []any{mandate}, func() {
			tx.ExecOne(`UPDATE mandate SET ended_by = $1, ended_at = $2 WHERE id = $3`, by, r.Now().UnixMilli(), mandate)
		}); err != nil {
			return err
		}
		return r.note(tx, by, gone.Organisation, audit.Mandate, "ended", "member", gone.Member, "role", gone.Role)
	})
	r.forget(gone.Organisation)
	return err
}

// Mandates lists for whom a person may act, or could once, the latest first.
func (r *Register) Mandates(ctx context.Context, member int64) ([]Mandate, error) {
	return r.mandates(ctx, "member", member)
}

// Members lists who may act for an organisation, or could once, the latest first.
func (r *Register) Members(ctx context.Context, organisation int64) ([]Mandate, error) {
	return r.mandates(ctx, "organisation", organisation)
}

func (r *Register) mandates(ctx context.Context, of string, id int64) ([]Mandate, error) {
	var list []Mandate
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = mandates(tx, of, id)
		return err
	})
	return list, err
}

func mandates(tx *db.Tx, of string, id int64) ([]Mandate, error) {
	var list []Mandate
	forged := tx.Forged("mandate", of+` = $1`, id)
	for row := range tx.Query(`SELECT mandate.id, organisation, member, role, valid_from, valid_to, basis, ended_at, o.person, p.login, p.person
			FROM mandate JOIN account o ON o.id = organisation JOIN account p ON p.id = member WHERE mandate.`+of+` = $1 ORDER BY mandate.id DESC`, id) {
		var m Mandate
		var role, from, to string
		var ended int64
		var organisation, person []byte
		row.Scan(&m.ID, &m.Organisation, &m.Member, &role, &from, &to, &m.Basis, &ended, &organisation, &m.Login, &person)
		m.Role = MandateRole(role)
		if ended != 0 {
			m.EndedAt = time.UnixMilli(ended)
		}
		var o Person
		if err := errors.Join(m.From.UnmarshalText([]byte(from)), m.To.UnmarshalText([]byte(to)), json.Unmarshal(organisation, &o), json.Unmarshal(person, &m.Person)); err != nil {
			return nil, fmt.Errorf("mandate %d: %w", m.ID, err)
		}
		m.Name, m.Code = o.Name, o.IDNumber
		if !slices.Contains(forged, db.RowKey(m.ID)) { // else it gives no right
			list = append(list, m)
		}
	}
	return list, tx.Err()
}

// ActFor makes the session that a secret opens act for an organisation from now
// on, or for its holder again (0). NotFound without a mandate that holds today.
func (r *Register) ActFor(ctx context.Context, secret string, organisation int64) error {
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		var member int64
		found, err := tx.One(`SELECT account FROM session WHERE hash = $1 AND expires_at > $2`, []any{digest(secret), r.Now().UnixMilli()}, &member)
		if err != nil {
			return err
		}
		if !found {
			return errUnknown
		}
		if organisation != 0 {
			m, err := mandate(tx, member, organisation, r.today())
			if err != nil {
				return err
			}
			if m == nil {
				return refusal.New(refusal.NotFound, "identity.mandate.unknown")
			}
		}
		amendSession(tx, secret, func() {
			tx.ExecOne(`UPDATE session SET acting = $1 WHERE hash = $2`, organisation, digest(secret))
		})
		return r.note(tx, member, member, audit.Mandate, "acts for", "organisation", organisation)
	})
	r.cache.Delete("session:" + digest(secret))
	return err
}

// mandate is what a member holds for an organisation on a day; nil if nothing.
func mandate(tx *db.Tx, member, organisation int64, day calendar.Date) (*Mandate, error) {
	list, err := mandates(tx, "member", member)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if m := &list[i]; m.Organisation == organisation && m.On(day) {
			return m, nil
		}
	}
	return nil, nil
}

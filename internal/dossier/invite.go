// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// Where several persons ask together – spouses, heirs, members of an
// organisation – each fills in and confirms, or refuses, a page of the one
// draft. It is sent when all have confirmed what is sent whose invitation was not
// taken back.

// Invitation asks somebody for a page of a draft.
type Invitation struct {
	ID       string    `json:"-"`
	Draft    string    `json:"-"`
	Owner    string    `json:"owner"` // name of whose draft it is
	Name     string    `json:"name"`
	IDNumber string    `json:"id_number"`
	Page     string    `json:"page"` // of the form
	AskedAt  time.Time `json:"asked_at"`
	Until    time.Time `json:"until"`
	Outcome  string    `json:"outcome,omitempty"` // confirmed, refused, taken_back
	At       time.Time `json:"at,omitzero"`       // of the outcome
	Reason   string    `json:"reason,omitempty"`
	Digest   string    `json:"digest,omitempty"` // of what was confirmed
	By       *Signer   `json:"by,omitempty"`     // who answered
}

// Signer is the account that answered an invitation.
type Signer struct {
	Account int64  `json:"account"`
	Name    string `json:"name"`
	Proved  bool   `json:"proved,omitempty"` // the number was proved to be theirs
}

func (i *Invitation) place() string { return "invitation/" + i.ID }

func (i *Invitation) read(tx *db.Tx, body string) error {
	if err := unseal(tx, i.place(), body, i); err != nil {
		return fmt.Errorf("invitation %s: %w", i.ID, err)
	}
	return nil
}

// The outcomes of an invitation.
const (
	Confirmed = "confirmed"
	Declining = "refused"
	TakenBack = "taken_back"
)

// Consent is who confirmed which page of what was filed, with which account.
type Consent struct {
	Name     string    `json:"name"` // as they were invited
	IDNumber string    `json:"id_number"`
	Page     string    `json:"page"`
	At       time.Time `json:"at"`
	By       Signer    `json:"by"`
}

const (
	inviteDays   = 7 // to answer
	inviteRemind = 4 // days after which both are reminded
	invitesMost  = 20
)

// Invite asks a person for a page of one's draft. Refused (Invalid): a page that
// is not asked, oneself, somebody who was asked for it already, a wrong number.
func (b *Book) Invite(ctx context.Context, who Actor, draft, page, name, number string) (Invitation, error) {
	now := b.Now().In(calendar.Zone)
	inv := Invitation{ID: randomID(), Draft: draft, Owner: who.Name, Page: page, AskedAt: now, Until: calendar.DateOf(now.AddDate(0, 0, inviteDays)).At(24*60 - 1)}
	fields := []form.Field{personFields[1], {ID: "id_number", Type: form.IDNumber, Label: form.Text{VI: "Số định danh cá nhân", EN: "Personal identity number"}}}
	clean, bad := form.CheckFields(fields, form.Answers{"name": name, "id_number": number}, "", now)
	err := b.DB.Write(ctx, func(tx *db.Tx) error {
		d, e, err := b.invited(tx, who, draft)
		if err != nil {
			return err
		}
		wrong := slices.Clone(bad)
		inv.Name, inv.IDNumber = clean.Text("name"), clean.Text("id_number")
		if !slices.ContainsFunc(e.Form.Visible(d.Filing.Answers, d.facts()), func(p *form.Page) bool { return p.ID == page }) {
			wrong = append(wrong, refusal.At("/page", "form.choice"))
		}
		if inv.IDNumber != "" && inv.IDNumber == who.Person.IDNumber {
			wrong = append(wrong, refusal.At("/id_number", "draft.invite.yourself"))
		}
		list, err := invitations(tx, draft)
		if err != nil {
			return err
		}
		live := 0
		for _, x := range list {
			switch same := x.Page == page && x.IDNumber == inv.IDNumber; {
			case x.Outcome == TakenBack:
			case same && x.Outcome == "" && !x.Until.After(now): // asked again, the one before is over
				x.Outcome, x.At = TakenBack, now
				if err := closeInvitation(tx, x); err != nil {
					return err
				}
			case same && x.Outcome != Declining:
				wrong = append(wrong, refusal.At("/id_number", "draft.invite.twice"))
			default:
				live++
			}
		}
		if live >= invitesMost {
			wrong = append(wrong, refusal.At("/page", "draft.invite.many", "n", invitesMost))
		}
		if err := refusal.Fields("request.invalid", wrong); err != nil {
			return err
		}
		body, err := seal(tx, inv.place(), inv)
		if err != nil {
			return err
		}
		account, _, err := identity.FindVerified(tx, inv.IDNumber)
		if err != nil {
			return err
		}
		tx.Exec(`INSERT INTO invitation (id, draft, owner, account, id_number, open, remind_at, body) VALUES ($1, $2, $3, $4, $5, 1, $6, $7)`,
			inv.ID, draft, who.Account, account, digestKey(tx, "number", inv.IDNumber), now.AddDate(0, 0, inviteRemind).UnixMilli(), body)
		stir(tx, draft)
		return nil
	})
	return inv, err
}

// invited finds a draft of one's own that is not sent, and its form.
func (b *Book) invited(tx *db.Tx, who Actor, draft string) (Draft, *procedure.Edition, error) {
	d, err := findDraft(tx, who, draft)
	if err == nil {
		err = who.Follows()
	}
	if err != nil {
		return d, nil, err
	}
	if d.Code != "" || d.For != "" {
		return d, nil, refusal.New(refusal.Conflict, "draft.sent", "code", string(d.Code))
	}
	e, err := b.Catalogue.InForce(tx, d.Filing.Procedure, local(b.Now()))
	return d, e, err
}

// facts are what conditions of the form may ask for, the same whoever looks.
func (d *Draft) facts() map[string]string {
	kind := d.Filing.Applicant.Kind
	if kind == "" {
		kind = procedure.Citizen
	}
	return procedure.FactsOf(d.Filing.Case, d.Filing.Channel, kind)
}

// Invitations lists whom one asked for a page of one's draft, in order.
func (b *Book) Invitations(ctx context.Context, who Actor, draft string) ([]Invitation, error) {
	var list []Invitation
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		if _, err := findDraft(tx, who, draft); err != nil {
			return err
		}
		var err error
		list, err = invitations(tx, draft)
		return err
	})
	return list, err
}

func invitations(tx *db.Tx, draft string) ([]Invitation, error) {
	var list []Invitation
	for row := range tx.Query(`SELECT id, body FROM invitation WHERE draft = $1`, draft) {
		inv := Invitation{Draft: draft}
		var body string
		row.Scan(&inv.ID, &body)
		if err := inv.read(tx, body); err != nil {
			return nil, err
		}
		list = append(list, inv)
	}
	slices.SortFunc(list, func(a, b Invitation) int { return a.AskedAt.Compare(b.AskedAt) })
	return list, tx.Err()
}

// Asked lists the open invitations to a person: those of who proved their number,
// and those that they opened by the link that they were given.
func (b *Book) Asked(ctx context.Context, who Actor) ([]Invitation, error) {
	if who.Officer || who.Account == 0 {
		return nil, nil
	}
	var list []Invitation
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		number, digest := "", ""
		if who.Proved {
			number, digest = who.Person.IDNumber, digestKey(tx, "number", who.Person.IDNumber)
		}
		for row := range tx.Query(`SELECT id, draft, body FROM invitation WHERE open = 1 AND (account = $1 OR id_number IN ($2, $3) AND account = 0)`, who.Account, number, digest) {
			var inv Invitation
			var body string
			row.Scan(&inv.ID, &inv.Draft, &body)
			if err := inv.read(tx, body); err != nil {
				return err
			}
			if inv.Until.After(b.Now()) {
				list = append(list, inv)
			}
		}
		return tx.Err()
	})
	return list, err
}

// Inviting opens an invitation for who was asked: the draft it is about, as far
// as the page that is asked for, and its form. Who opens it first by its link, with
// the number that was asked, is who was asked.
func (b *Book) Inviting(ctx context.Context, who Actor, id string) (Invitation, Draft, *procedure.Edition, error) {
	var inv Invitation
	var d Draft
	var e *procedure.Edition
	err := b.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if inv, d, e, err = b.inviting(tx, who, id); err == nil {
			tx.Exec(`UPDATE invitation SET account = $1 WHERE id = $2 AND account = 0`, who.Account, id)
		}
		return err
	})
	return inv, d, e, err
}

func (b *Book) inviting(tx *db.Tx, who Actor, id string) (inv Invitation, d Draft, e *procedure.Edition, err error) {
	inv.ID = id
	var owner, asked int64
	var body, number string
	found, err := tx.One(`SELECT draft, owner, account, id_number, body FROM invitation WHERE id = $1`, []any{id}, &inv.Draft, &owner, &asked, &number, &body)
	if err != nil {
		return inv, d, nil, err
	}
	if !found || who.Account == 0 || who.Officer || number != who.Person.IDNumber && number != digestKey(tx, "number", who.Person.IDNumber) || asked != 0 && asked != who.Account {
		return inv, d, nil, refusal.New(refusal.NotFound, "draft.invite.unknown")
	}
	if err := inv.read(tx, body); err != nil {
		return inv, d, nil, err
	}
	if d, e, err = b.invited(tx, Actor{Account: owner}, inv.Draft); err != nil {
		return inv, d, nil, err
	}
	switch {
	case inv.Outcome != "":
		err = refusal.New(refusal.NotNow, "draft.invite.answered")
	case !inv.Until.After(b.Now()):
		err = refusal.New(refusal.NotNow, "draft.invite.over")
	}
	return inv, d, e, err
}

// Fill keeps what who was asked types on their page of the draft.
func (b *Book) Fill(ctx context.Context, who Actor, id string, change func(page *form.Page, answers form.Answers)) error {
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		inv, d, e, err := b.inviting(tx, who, id)
		if err != nil {
			return err
		}
		return b.filled(tx, inv, &d, e, change)
	})
}

// filled changes the page of an invitation in its draft.
func (b *Book) filled(tx *db.Tx, inv Invitation, d *Draft, e *procedure.Edition, change func(page *form.Page, answers form.Answers)) error {
	page := e.Form.Page(inv.Page)
	if page == nil {
		return refusal.New(refusal.NotNow, "draft.invite.page")
	}
	if d.Filing.Answers == nil {
		d.Filing.Answers = form.Answers{}
	}
	change(page, d.Filing.Answers)
	d.UpdatedAt = b.Now()
	return d.save(tx)
}

// Confirm keeps what who was asked typed and confirms the page as it then is, if
// all of it is right; what is wrong is kept and told.
func (b *Book) Confirm(ctx context.Context, who Actor, id string, change func(page *form.Page, answers form.Answers)) error {
	var wrong []refusal.Field
	var low error
	err := b.DB.Write(ctx, func(tx *db.Tx) error {
		inv, d, e, err := b.inviting(tx, who, id)
		if err != nil {
			return err
		}
		if err := b.filled(tx, inv, &d, e, change); err != nil {
			return err
		}
		if low = who.Reaches(e); low != nil {
			return nil // what was typed is kept
		}
		var answers form.Answers
		if answers, wrong = e.Form.CheckPage(inv.Page, d.Filing.Answers, d.facts(), b.Now()); len(wrong) > 0 {
			return nil
		}
		inv.Outcome, inv.At, inv.Digest, inv.By = Confirmed, b.Now(), digestOf(answers), who.signer()
		return closeInvitation(tx, inv)
	})
	if err = cmp.Or(err, low); err != nil {
		return err
	}
	return refusal.Fields("request.invalid", wrong)
}

// Decline refuses the page with a reason; nothing of it is changed.
func (b *Book) Decline(ctx context.Context, who Actor, id, reason string) error {
	if reason = form.Tidy(reason); reason == "" {
		return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/reason", "form.required")})
	}
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		inv, _, _, err := b.inviting(tx, who, id)
		if err != nil {
			return err
		}
		inv.Outcome, inv.At, inv.Reason, inv.By = Declining, b.Now(), reason, who.signer()
		return closeInvitation(tx, inv)
	})
}

// TakeBack takes an invitation back.
func (b *Book) TakeBack(ctx context.Context, who Actor, draft, id string) error {
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		if _, _, err := b.invited(tx, who, draft); err != nil {
			return err
		}
		list, err := invitations(tx, draft)
		if err != nil {
			return err
		}
		for _, inv := range list {
			if inv.ID == id && inv.Outcome != TakenBack {
				inv.Outcome, inv.At = TakenBack, b.Now()
				return closeInvitation(tx, inv)
			}
		}
		return refusal.New(refusal.NotFound, "draft.invite.unknown")
	})
}

// stir makes who sends the draft in this moment look at its invitations again.
func stir(tx *db.Tx, draft string) {
	tx.ExecOne(`UPDATE draft SET version = version + 1 WHERE id = $1 AND code = ''`, draft)
}

func closeInvitation(tx *db.Tx, inv Invitation) error {
	body, err := seal(tx, inv.place(), inv)
	if err != nil {
		return err
	}
	tx.ExecOne(`UPDATE invitation SET open = 0, remind_at = 0, body = $1 WHERE id = $2`, body, inv.ID)
	stir(tx, inv.Draft)
	return nil
}

// Consents are what was confirmed of a draft, and what keeps it from being sent:
// a page that somebody was asked for and did not confirm, refused, or that
// changed since.
func (b *Book) Consents(ctx context.Context, who Actor, draft string) ([]Consent, []refusal.Field, error) {
	var list []Consent
	var wrong []refusal.Field
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		d, err := findDraft(tx, who, draft)
		if err != nil || d.Code != "" {
			return err // sent in this moment: nothing keeps it any more
		}
		e, err := b.Catalogue.InForce(tx, d.Filing.Procedure, local(b.Now()))
		if err == nil {
			list, wrong, err = b.consents(tx, d, e)
		}
		return err
	})
	return list, wrong, err
}

func (b *Book) consents(tx *db.Tx, d Draft, e *procedure.Edition) ([]Consent, []refusal.Field, error) {
	invs, err := invitations(tx, d.ID)
	if err != nil {
		return nil, nil, err
	}
	var list []Consent
	var wrong []refusal.Field
	for _, inv := range invs {
		page := e.Form.Page(inv.Page)
		if inv.Outcome == TakenBack {
			continue
		}
		if page == nil {
			wrong = append(wrong, refusal.At("/invitations", "draft.invite.page"))
			continue
		}
		refuse := func(key string) {
			wrong = append(wrong, refusal.At("/invitations", key, "name", inv.Name, "page", page.Title))
		}
		answers, _ := e.Form.CheckPage(inv.Page, d.Filing.Answers, d.facts(), b.Now())
		switch {
		case inv.Outcome == Declining:
			refuse("draft.invite.refused")
		case inv.Outcome == "" && !inv.Until.After(b.Now()):
			refuse("draft.invite.late")
		case inv.Outcome == "":
			refuse("draft.invite.open")
		case digestOf(answers) != inv.Digest:
			refuse("draft.invite.changed")
		default:
			c := Consent{Name: inv.Name, IDNumber: inv.IDNumber, Page: inv.Page, At: inv.At}
			if inv.By != nil {
				c.By = *inv.By
			}
			list = append(list, c)
		}
	}
	return list, wrong, nil
}

// said is who confirmed and when, and whose account it was if that says more.
func (c Consent) said() form.Text {
	at := c.Name + " (" + form.Conceal(form.IDNumber, c.IDNumber) + "), "
	t := form.Text{VI: at + c.At.In(calendar.Zone).Format("15:04 ngày 02/01/2006"), EN: at + c.At.In(calendar.Zone).Format("15:04, 2 January 2006")}
	if c.By.Name != "" && c.By.Name != c.Name {
		t.VI, t.EN = t.VI+"; tài khoản của "+c.By.Name, t.EN+"; account of "+c.By.Name
	}
	if !c.By.Proved {
		t.VI, t.EN = t.VI+"; số định danh của tài khoản chưa được xác minh", t.EN+"; the account's number was not verified"
	}
	return t
}

func (a Actor) signer() *Signer { return &Signer{a.Account, a.Name, a.Proved} }

func digestOf(answers form.Answers) string {
	text, _ := json.Marshal(answers)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// NoticeInvitation is the kind of a notice about an invitation that waits; its
// code is the invitation's, or for who asked, the draft's.
const NoticeInvitation = "invitation"

// remindInvited reminds both sides of an invitation that waits.
func (b *Book) remindInvited(tx *db.Tx) error {
	type waiting struct {
		id, draft      string
		owner, account int64
	}
	var list []waiting
	for row := range tx.Query(`SELECT id, draft, owner, account FROM invitation WHERE remind_at > 0 AND remind_at <= $1 LIMIT 500`, b.Now().UnixMilli()) {
		var w waiting
		row.Scan(&w.id, &w.draft, &w.owner, &w.account)
		list = append(list, w)
	}
	for _, w := range list {
		Tell(tx, w.owner, w.draft, NoticeDraft, b.Now())
		if w.account != 0 {
			Tell(tx, w.account, w.id, NoticeInvitation, b.Now())
		}
		tx.Exec(`UPDATE invitation SET remind_at = 0 WHERE id = $1`, w.id)
	}
	return tx.Err()
}

// Answered is a page of another person's draft that somebody filled in or declined.
type Answered struct {
	Invitation
	Draft Draft
}

// AnsweredBy lists the pages of others' drafts that an account was asked for and
// answered itself.
func AnsweredBy(tx *db.Tx, account int64) ([]Answered, error) {
	var list []Answered
	for row := range tx.Query(`SELECT invitation.id, invitation.body, draft.id, draft.account, draft.body FROM invitation JOIN draft ON draft.id = invitation.draft WHERE invitation.account = $1 ORDER BY invitation.id`, account) {
		var a Answered
		var asked, body string
		row.Scan(&a.ID, &asked, &a.Draft.ID, &a.Draft.Account, &body)
		if err := a.Invitation.read(tx, asked); err != nil {
			return nil, err
		}
		if a.By == nil || a.By.Account != account {
			continue
		}
		if err := a.Draft.read(tx, body); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, tx.Err()
}

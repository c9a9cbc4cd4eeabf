// SPDX-License-Identifier: Apache-2.0

// Package privacy is what the law on personal data gives people and asks of the
// agency that keeps their data: requests as cases with time limits, a readable copy
// of everything, what is kept for which purpose, and the register of breaches (Luật
// Bảo vệ dữ liệu cá nhân 91/2025/QH15, NĐ 356/2025; before, NĐ 13/2023).
//
// A request is its steps, as a dossier is its events: the row beside them is their
// fold, what it pinned never changes, and Verify proves it. Start at Office.
package privacy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Office is where people's requests about their data are dealt with.
type Office struct {
	DB       *db.DB
	Book     *dossier.Book
	Register *identity.Register
	Site     *agency.Site
	Now      func() time.Time
}

// InCharge is true for who holds the post of data protection officer. They see
// requests and breaches, and no dossier.
func InCharge(who dossier.Actor) bool { return who.Officer && who.HasRole(workflow.Privacy) }

func officersOnly(who dossier.Actor) error {
	if InCharge(who) {
		return nil
	}
	return refusal.New(refusal.NotAllowed, "privacy.officers_only")
}

// The kinds of notices in a person's inbox; their code is the number of the request
// or the breach.
const (
	NoticeRequest = "data_request"
	NoticeBreach  = "data_breach"
)

// now is the instant to the millisecond, as it is kept.
func (o *Office) now() time.Time { return o.Now().Truncate(time.Millisecond).In(calendar.Zone) }

// note keeps in the journal what was done, by the number of the case: what a case
// says of its person stands in the case alone.
func (o *Office) note(tx *db.Tx, who dossier.Actor, at time.Time, what, number string, more ...any) error {
	by := who.By()
	if !who.Officer {
		by.Name = ""
	}
	return by.Note(tx, at, audit.Privacy, what, append([]any{"number", number}, more...)...)
}

// sumOf is the digest by which the journal proves a step of a case or an entry of a
// breach as it is kept.
func sumOf(id int64, seq int, at int64, body string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d/%d/%s", id, seq, at, body))
	return hex.EncodeToString(sum[:])
}

// write runs a change again when somebody else was faster.
func (o *Office) write(ctx context.Context, change func(tx *db.Tx) error) error {
	var err error
	for range 5 {
		if err = o.DB.Write(ctx, change); !errors.Is(err, db.ErrStale) {
			break
		}
	}
	return err
}

// numbered is the next number of a series of the year: "DL-2026-0001".
func numbered(tx *db.Tx, series string, at time.Time) (string, error) {
	year := calendar.DateOf(at).Year()
	n, err := tx.Next(fmt.Sprintf("privacy/%s/%d", series, year))
	return fmt.Sprintf("%s-%d-%04d", series, year, n), err
}

// Merge moves the requests of one account of a person to their other one, with what
// they had stopped (an identity.Merger).
func (o *Office) Merge(tx *db.Tx, from, to int64) error {
	var numbers []string
	for row := range tx.Query(`SELECT number FROM data_request WHERE account = $1`, from) {
		var n string
		row.Scan(&n)
		numbers = append(numbers, n)
	}
	if tx.Err() != nil {
		return tx.Err()
	}
	for _, n := range numbers {
		r, err := find(tx, n)
		if err != nil {
			return err
		}
		r.Account = to
		if err := r.save(tx); err != nil {
			return err
		}
	}
	var stopped string
	if _, err := tx.One(`SELECT stopped FROM account WHERE id = $1`, []any{from}, &stopped); err != nil || stopped == "" {
		return err
	}
	return identity.Stop(tx, to, strings.Fields(stopped)...)
}

// Waiting is what waits for the officer in charge: how many, and how many of them
// are near their limit or past it.
type Waiting struct{ Open, Near, Late, Breaches, LateBreaches int }

// Waiting counts what waits for the officer in charge; nothing for anybody else.
func (o *Office) Waiting(ctx context.Context, who dossier.Actor) (w Waiting, err error) {
	if !InCharge(who) {
		return w, nil
	}
	now := o.Now()
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		w = Waiting{}
		for row := range tx.Query(`SELECT due_at FROM data_request WHERE due_at > 0`) {
			var due int64
			row.Scan(&due)
			w.Open++
			switch dossier.TimingOf(time.UnixMilli(due), now) {
			case dossier.Late:
				w.Late++
			case dossier.Near:
				w.Near++
			}
		}
		for row := range tx.Query(`SELECT due_at FROM data_breach WHERE due_at > 0`) {
			var due int64
			row.Scan(&due)
			w.Breaches++
			if time.UnixMilli(due).Before(now) {
				w.LateBreaches++
			}
		}
		return tx.Err()
	})
	return w, err
}

// Home is the agency that answers for the site's data: the one above all others.
func (o *Office) Home() *agency.Agency {
	list := o.Site.Directory().Agencies
	i := slices.IndexFunc(list, func(a agency.Agency) bool { return a.Kind == agency.Province && a.Parent == "" })
	if i < 0 {
		return nil
	}
	return &list[i]
}

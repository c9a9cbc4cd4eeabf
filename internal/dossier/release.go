// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/db"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Released is that a dossier went back to its unit, as who had it in hand no longer
// has a post for it: a specialist takes it, or the head assigns it anew.
type Released struct {
	From int64  `json:"from"`
	Name string `json:"name"`
}

func (Released) kind() string { return "released" }

func (Released) apply(s *State, _ Record) { s.Assignee, s.Handler = 0, "" }

func (e Released) told() Event {
	e.From = 0
	return e
}

// Hand is how many dossiers of an agency an officer has in hand.
type Hand struct {
	Account int64
	Agency  agency.ID
	Open    int64
}

// InHand lists how many dossiers each specialist has in hand at each agency, from
// the counters.
func (b *Book) InHand(ctx context.Context) ([]Hand, error) {
	var list []Hand
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for _, h := range heldPlaces(tx) {
			if slices.Contains(asideWorks, Work(strings.TrimSuffix(h.key.Status, "*"))) {
				continue // stands in another queue as well
			}
			i := slices.IndexFunc(list, func(x Hand) bool { return x.Account == h.account && string(x.Agency) == h.key.Agency })
			if i < 0 {
				i, list = len(list), append(list, Hand{Account: h.account, Agency: agency.ID(h.key.Agency)})
			}
			list[i].Open += h.n
		}
		return tx.Err()
	})
	return list, err
}

// heldPlace is where dossiers wait for one specialist.
type heldPlace struct {
	key     db.DeltaKey
	account int64
	n       int64
}

func heldPlaces(tx *db.Tx) (list []heldPlace) {
	for row := range tx.Query(`SELECT agency, status, outcome, n FROM counter WHERE day = -1 AND channel = $1 AND n > 0`, string(workflow.Specialist)) {
		h := heldPlace{key: db.DeltaKey{Day: -1, Channel: string(workflow.Specialist)}}
		row.Scan(&h.key.Agency, &h.key.Status, &h.key.Outcome, &h.n)
		var err error
		if h.account, err = strconv.ParseInt(h.key.Outcome, 10, 64); err == nil && h.account != 0 {
			list = append(list, h)
		}
	}
	return list
}

// Release gives back to their units the dossiers in the hands of officers who left
// or no longer have a post for them, each in a transaction of its own; it returns
// how many. No dossier waits for somebody who does not come (NĐ 61/2018 art. 19(1)).
func (b *Book) Release(ctx context.Context) (int, error) {
	if err := b.Site.Refresh(ctx); err != nil {
		return 0, err
	}
	var codes []Code
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		codes = nil
		for _, h := range heldPlaces(tx) {
			sql, args := b.stranded(h)
			if sql == "" {
				continue
			}
			for row := range tx.Query(sql, args...) {
				var c Code
				row.Scan(&c)
				codes = append(codes, c)
			}
		}
		return tx.Err()
	})
	var failed []error
	n := 0
	for _, code := range codes {
		gone := false
		err := b.DB.Write(ctx, func(tx *db.Tx) (err error) {
			gone, err = b.release(tx, code)
			return err
		})
		switch {
		case err == nil && gone:
			n++
		case err == nil:
		case refusal.Is(err, refusal.Unavailable):
			return n, err
		case !errors.Is(err, db.ErrStale): // somebody acted on it: it is looked at again
			failed = append(failed, err)
		}
	}
	return n, errors.Join(append(failed, err)...)
}

// stranded finds the dossiers in a place that their specialist has no post for; ""
// for none.
func (b *Book) stranded(h heldPlace) (sql string, args []any) {
	p := place{key: queueText(h.key)}
	status, restricted := strings.CutSuffix(h.key.Status, "*")
	for _, post := range b.specialistPosts(h.account, agency.ID(h.key.Agency)) {
		if restricted && !post.Cleared {
			continue
		}
		p.remits = append(p.remits, remit{Remit: post.Remit})
		p.all = p.all || remit{Remit: post.Remit}.narrow(new(query)) == ""
	}
	if p.all {
		return "", nil
	}
	q := query{args: []any{p.key}}
	sql = `SELECT code FROM dossier WHERE queue = $1 AND queue <> ''`
	if slices.Contains(asideWorks, Work(status)) {
		sql = `SELECT dossier.code FROM aside JOIN dossier ON dossier.id = aside.dossier WHERE aside.queue = $1`
	}
	for _, r := range p.remits {
		sql += ` AND NOT (1 = 1` + r.narrow(&q) + `)`
	}
	return sql, q.args
}

func (b *Book) specialistPosts(account int64, at agency.ID) []agency.Post {
	o := b.Site.Directory().Officer(account)
	if o == nil {
		return nil
	}
	return slices.DeleteFunc(PostsOn(o.Posts, local(b.Now())), func(p agency.Post) bool { return p.Role != workflow.Specialist || p.Agency != at })
}

// release gives one dossier back, if it is still so.
func (b *Book) release(tx *db.Tx, code Code) (bool, error) {
	s, err := find(tx, code)
	if err != nil {
		return false, err
	}
	if s.Assignee == 0 || s.Closed() || slices.ContainsFunc(b.specialistPosts(s.Assignee, s.Competent), func(p agency.Post) bool { return p.Covers(s.matter()) }) {
		return false, nil
	}
	d, err := b.desk(tx, s, Actor{})
	if err != nil {
		return false, err
	}
	_, err = b.happen(tx, d, []Event{Released{From: s.Assignee, Name: s.Handler}})
	return err == nil, err
}

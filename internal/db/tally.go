// SPDX-License-Identifier: Apache-2.0

package db

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

// DeltaKey names a figure of the table counter. Day is yyyymmdd, or 0 for the
// figure of all time.
type DeltaKey struct {
	Day                                         int
	Agency, Procedure, Channel, Status, Outcome string
}

func (k DeltaKey) compare(o DeltaKey) int {
	return cmp.Or(cmp.Compare(k.Day, o.Day), cmp.Compare(k.Agency, o.Agency),
		cmp.Compare(k.Procedure, o.Procedure), cmp.Compare(k.Channel, o.Channel),
		cmp.Compare(k.Status, o.Status), cmp.Compare(k.Outcome, o.Outcome))
}

// Delta adds n to a figure, in this transaction. It is not seen by the
// transaction's own queries.
func (tx *Tx) Delta(key DeltaKey, n int64) {
	if tx.ready() && tx.writable() && n != 0 {
		tx.group.deltas = append(tx.group.deltas, delta{key, n})
	}
}

// Next gives the next number of a series, which begins with 1 and has no gap:
// a number given to an act that fails is given again. Take it early: nobody
// else gets a number of the series until the transaction ends.
func (tx *Tx) Next(name string) (int64, error) {
	if !tx.ready() || !tx.writable() {
		return 0, tx.err
	}
	g := tx.group
	given := g.numbers[name]
	if given == nil {
		last, err := tx.session.number(name)
		if err != nil {
			tx.fail(err)
			return 0, err
		}
		given = &series{was: last, last: last}
		g.numbers[name] = given
	}
	given.last++
	g.taken = append(g.taken, given)
	return given.last, nil
}

// Touch says that the named part of the configuration changes with this
// transaction.
func (tx *Tx) Touch(name string) {
	if tx.ready() && tx.writable() {
		tx.group.touched = append(tx.group.touched, name)
	}
}

// group is what the members of a transaction share: sums and numbers, written
// once before the commit, in a fixed order so that lanes and processes that
// write the same rows never wait for each other in a circle.
type group struct {
	numbers map[string]*series
	taken   []*series // one entry a number
	deltas  []delta
	touched []string
	lines   []Line
	start   struct{ taken, deltas, touched, lines int } // of the present member
}

type delta struct {
	key DeltaKey
	n   int64
}

// series is what is known of a row of number: before the transaction and now.
type series struct{ was, last int64 }

func (g *group) mark() {
	g.start.taken, g.start.deltas, g.start.touched, g.start.lines = len(g.taken), len(g.deltas), len(g.touched), len(g.lines)
}

// undo takes back what came since mark.
func (g *group) undo() {
	for _, s := range g.taken[g.start.taken:] {
		s.last--
	}
	g.taken = g.taken[:g.start.taken]
	g.deltas = g.deltas[:g.start.deltas]
	g.touched = g.touched[:g.start.touched]
	g.lines = g.lines[:g.start.lines]
}

const (
	sqlNumber = `INSERT INTO number (series, last) VALUES ($1, $2)
		ON CONFLICT (series) DO UPDATE SET last = excluded.last`
	sqlCounter = `INSERT INTO counter (day, agency, procedure, channel, status, outcome, n) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (day, agency, procedure, channel, status, outcome) DO UPDATE SET n = counter.n + excluded.n`
	sqlRevision = `INSERT INTO revision (name, n) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET n = revision.n + 1`
)

// flush writes numbers, figures and revisions.
func (g *group) flush(s session) error {
	for _, name := range slices.Sorted(maps.Keys(g.numbers)) {
		if n := g.numbers[name]; n.last != n.was {
			if err := s.exec(sqlNumber, []any{name, n.last}, false); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(g.deltas, func(a, b delta) int { return a.key.compare(b.key) })
	for i := 0; i < len(g.deltas); {
		k, n := g.deltas[i].key, int64(0)
		for ; i < len(g.deltas) && g.deltas[i].key == k; i++ {
			n += g.deltas[i].n
		}
		if n == 0 {
			continue
		}
		args := []any{k.Day, k.Agency, k.Procedure, k.Channel, k.Status, k.Outcome, n}
		if err := s.exec(sqlCounter, args, false); err != nil {
			return err
		}
	}
	slices.Sort(g.touched)
	for _, name := range slices.Compact(g.touched) {
		if err := s.exec(sqlRevision, []any{name}, false); err != nil {
			return err
		}
	}
	return nil
}

// revisionAge is how old Revision's answer may be.
const revisionAge = time.Second

type revisions struct {
	known   map[string]int64
	until   time.Time
	reading atomic.Bool
}

// Revision tells how often Touch was committed for a name: at once for this
// process, within a second for others. It is cheap enough to ask in every
// request.
func (d *DB) Revision(ctx context.Context, name string) (int64, error) {
	old := d.revisions.Load()
	if time.Now().Before(old.until) || old.known != nil && !old.reading.CompareAndSwap(false, true) {
		return old.known[name], nil
	}
	defer old.reading.Store(false)
	fresh := &revisions{known: map[string]int64{}, until: time.Now().Add(revisionAge)}
	err := d.Read(ctx, func(tx *Tx) error {
		for row := range tx.Query(`SELECT name, n FROM revision`) {
			var name string
			var n int64
			row.Scan(&name, &n)
			fresh.known[name] = n
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	d.revisions.CompareAndSwap(old, fresh)
	return fresh.known[name], nil
}

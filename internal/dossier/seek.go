// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/db"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/search"
)

// Sieve narrows a queue; empty fields do not.
type Sieve struct {
	Procedure string    // code
	DueBefore time.Time // received, and due before this instant
}

// Sift is List for the part of a queue that a sieve keeps.
func (b *Book) Sift(ctx context.Context, who Actor, work Work, sieve Sieve, limit int, after After) ([]Item, *After, error) {
	if sieve == (Sieve{}) {
		return b.List(ctx, who, work, limit, after)
	}
	keys := who.queues(work)
	if len(keys) == 0 {
		return nil, nil, refusal.New(refusal.NotFound, "queue.unknown", "queue", string(work))
	}
	args := []any{after.Sorted, after.ID}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	where := ""
	if sieve.Procedure != "" {
		where += ` AND procedure = ` + arg(sieve.Procedure)
	}
	if !sieve.DueBefore.IsZero() {
		where += ` AND due_at < ` + arg(sieve.DueBefore.UnixMilli()) + ` AND status <> ` + arg(int(regime.NewlyFiled))
	}
	most := arg(limit + 1)
	var parts []string
	for i, k := range keys {
		parts = append(parts, fmt.Sprintf(`SELECT * FROM (SELECT due_at, id FROM dossier WHERE queue = %s AND queue <> '' AND (due_at, id) > ($1, $2)%s ORDER BY due_at, id LIMIT %s) AS q%d`, arg(k), where, most, i))
	}
	sql := `SELECT ` + itemColumns + ` FROM dossier WHERE id IN (SELECT id FROM (` + strings.Join(parts, ` UNION ALL `) + ` ORDER BY due_at, id LIMIT ` + most + `) AS q) ORDER BY due_at, id`
	var items []Item
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		items = nil
		for row := range tx.Query(sql, args...) {
			items = append(items, scanItem(row))
		}
		return tx.Err()
	})
	if err != nil || len(items) <= limit {
		return items, nil, err
	}
	items = items[:limit]
	last := items[limit-1]
	return items, &After{last.sorted, last.id}, nil
}

// Place is where the next page of a list by age starts: see Unit.
func (i Item) Place() int64 { return i.id }

// Position is where a dossier stands in its queue, to go on behind it.
func (s *State) Position() After { return After{s.sorted(), s.ID} }

// Sought is what an officer looks for: a code or its beginning, an applicant's
// name or identity number, in a procedure. Empty fields do not narrow.
type Sought struct {
	Text      string
	Procedure string // code
}

// seekDepth is how many dossiers of an agency are looked through, the newest first.
const seekDepth = 50_000

// Seek finds dossiers among those that an officer may see, the newest first,
// at most limit; more tells that there are others. A name is found by whole
// words in their order, with or without marks; a number from its first digits.
func (b *Book) Seek(ctx context.Context, who Actor, sought Sought, limit int) (items []Item, more bool, err error) {
	text := strings.TrimSpace(sought.Text)
	where, keep, args := matching(text, sought.Procedure)
	if where == "" && keep == nil {
		return nil, false, nil
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		items = nil
		for _, at := range b.seen(who) {
			found := 0
			sql, args := seekSQL(who, at, where, args)
			for row := range tx.Query(sql, args...) {
				i := scanItem(row)
				if keep != nil && !keep(&i) {
					continue
				}
				items = append(items, i)
				if found++; found > limit {
					break
				}
			}
		}
		return tx.Err()
	})
	slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(b.id, a.id) })
	if len(items) > limit {
		return items[:limit], true, err
	}
	return items, false, err
}

// seekSQL reads the newest dossiers that an agency decides, of which an officer
// who does not work there sees those received where the officer works.
func seekSQL(who Actor, at agency.ID, where string, args []any) (string, []any) {
	args = append([]any{string(at)}, args...)
	if !who.Works(at) {
		var places []string
		for _, id := range who.agencies() {
			args = append(args, id)
			places = append(places, fmt.Sprintf("$%d", len(args)))
		}
		where += ` AND reception IN (` + strings.Join(places, ", ") + `)`
	}
	return fmt.Sprintf(`SELECT %s FROM dossier WHERE id IN (SELECT id FROM dossier WHERE competent = $1 ORDER BY id DESC LIMIT %d)%s ORDER BY id DESC`, itemColumns, seekDepth, where), args
}

// matching is the condition for what is sought, from $2 on, and what of it
// only the program can tell.
func matching(text, procedure string) (where string, keep func(*Item) bool, args []any) {
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args)+1)
	}
	if procedure != "" {
		where = ` AND procedure = ` + arg(procedure)
	}
	number := strings.NewReplacer(" ", "", ".", "", "-", "").Replace(text)
	folded := search.Fold(text)
	switch {
	case text == "":
	case codeStart.MatchString(text):
		where += ` AND code LIKE ` + arg(strings.ToUpper(text)+"%")
	case procedureCode.MatchString(text):
		where += ` AND procedure = ` + arg(text)
	case len(number) >= 4 && strings.Trim(number, "0123456789") == "":
		where += ` AND body LIKE ` + arg(`%"id_number":"`+number+`%`)
	case folded == "":
		return "", nil, nil
	default:
		keep = func(i *Item) bool { return strings.Contains(" "+search.Fold(i.Applicant)+" ", " "+folded+" ") }
	}
	return where, keep, args
}

// What begins like a dossier code ("H57.21"), and the code of a procedure.
var (
	codeStart     = regexp.MustCompile(`^[A-Ya-y]\d{2}[A-Za-z0-9.-]{0,60}$`)
	procedureCode = regexp.MustCompile(`^\d\.\d{6}(\.\S{1,20})?$`)
)

// seen lists the agencies whose decisions an officer may see dossiers of: where
// the officer works, and what a one-stop the officer works at receives for.
func (b *Book) seen(who Actor) []agency.ID {
	var ids []agency.ID
	add := func(id agency.ID) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	d := b.Site.Directory()
	for _, id := range who.agencies() {
		add(agency.ID(id))
		if a := d.Find(agency.ID(id)); a != nil {
			for _, r := range a.Receives {
				add(r)
			}
		}
	}
	return ids
}

// SPDX-License-Identifier: Apache-2.0

// Package records is what becomes of dossiers that were kept long enough: once a
// year each agency goes through them, destroys those whose term is over and hands
// the permanent ones over to the historical archive (Luật Lưu trữ 33/2024/QH15).
// The system proposes, tells the applicants, waits for who leads the agency, waits
// again, and carries out what was approved, one dossier a transaction.
//
// How long a dossier is kept is pinned in its own history (dossier.Retained).
// Start at Keeper.Watch.
package records

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Keeper goes through the dossiers of a site that were kept long enough.
type Keeper struct{ Book *dossier.Book }

// Round is a yearly round of an agency through what it has to destroy, or to hand
// over.
type Round struct {
	ID         int64
	Agency     agency.ID
	What       string // dossier.ToDestroy, dossier.ToHandOver
	Year       int
	OpenedAt   time.Time
	ApprovedAt time.Time // zero: not yet
	CarryAt    time.Time // when what was approved is carried out
	DoneAt     time.Time // zero: not yet
	Approval
	Left, Done int64 // dossiers
}

// Approval is by what a round is carried out.
type Approval struct {
	Decision string `json:"decision,omitempty"` // its number
	By       string `json:"by,omitempty"`
	Handed   int64  `json:"handed,omitempty"` // dossiers handed over
}

// usualWait is after how many days an approved round is carried out, if the site
// says nothing: long enough for an applicant who was told to complain.
const usualWait = 30

// Wait is after how many days an approved round is carried out.
func (k *Keeper) Wait() int {
	if n := k.Book.Site.Terms().ListedFor; n > 0 {
		return n
	}
	return usualWait
}

// Watch does what is due for the system itself, at most n dossiers of each kind:
// it opens rounds, lists in them what was kept long enough, and carries out what
// was approved. Whenever it is cut off it goes on where it was. It returns how many
// dossiers it wrote to.
func (k *Keeper) Watch(ctx context.Context, n int) (int, error) {
	if err := k.open(ctx); err != nil {
		return 0, err
	}
	listed, err := k.list(ctx, n)
	done, failed := k.carryOut(ctx, n)
	return listed + done, errors.Join(err, failed)
}

// open opens a round for each agency that has something due, one a year and none
// beside another.
func (k *Keeper) open(ctx context.Context) error {
	now := k.Book.Now()
	year := calendar.DateOf(now).Year()
	var due []Round
	err := k.Book.DB.Read(ctx, func(tx *db.Tx) error {
		due = nil
		for row := range tx.Query(`SELECT DISTINCT agency, what FROM retained WHERE due_at > 0 AND due_at <= $1 AND round = 0
			AND NOT EXISTS (SELECT 1 FROM round WHERE round.agency = retained.agency AND round.what = retained.what AND (round.done_at = 0 OR round.year = $2))`, now.UnixMilli(), year) {
			var at string
			var r Round
			row.Scan(&at, &r.What)
			r.Agency, r.Year = agency.ID(at), year
			due = append(due, r)
		}
		return tx.Err()
	})
	if err != nil {
		return err
	}
	for _, r := range due {
		err := k.Book.DB.Write(ctx, func(tx *db.Tx) error {
			id := db.NewID()
			tx.ExecOne(`INSERT INTO round (id, agency, what, year, opened_at, approved_at, carry_at, done_at, body) VALUES ($1, $2, $3, $4, $5, 0, 0, 0, '{}')`,
				id, string(r.Agency), r.What, r.Year, now.UnixMilli())
			tx.Mark("round", `id = $1`, id)
			return note(tx, now, r, audit.By{}, "round")
		})
		if err != nil && !errors.Is(err, db.ErrDuplicate) {
			return err
		}
	}
	return nil
}

// note writes into the journal what was done about a round.
func note(tx *db.Tx, at time.Time, r Round, by audit.By, what string, more ...any) error {
	detail := map[string]any{"what": what, "round": r.What, "year": r.Year}
	if by.Name != "" {
		detail["name"] = by.Name
	}
	for i := 0; i+1 < len(more); i += 2 {
		detail[more[i].(string)] = more[i+1]
	}
	return audit.Write(tx, audit.Entry{At: at, Kind: audit.Kept, Account: by.Account, Agency: string(r.Agency), Detail: detail})
}

// item is a dossier of a round.
type item struct {
	id, round  int64
	code, what string
	year       int
}

// list puts what is due into the rounds that nobody has approved yet.
func (k *Keeper) list(ctx context.Context, n int) (int, error) {
	now := k.Book.Now().UnixMilli()
	return k.each(ctx, n, `SELECT retained.dossier, round.id, dossier.code, round.what, round.year FROM retained
		JOIN round ON round.agency = retained.agency AND round.what = retained.what AND round.approved_at = 0 AND round.done_at = 0
		JOIN dossier ON dossier.id = retained.dossier
		WHERE retained.due_at > 0 AND retained.due_at <= $1 AND retained.round = 0 AND retained.dossier > $2 ORDER BY retained.dossier LIMIT $3`, now,
		func(tx *db.Tx, x item) error {
			there, err := tx.One(`SELECT 1 FROM retained WHERE dossier = $1 AND round = 0 AND due_at > 0 AND EXISTS (SELECT 1 FROM round WHERE id = $2 AND approved_at = 0)`, []any{x.id, x.round}, new(int))
			if err != nil || !there {
				return err
			}
			return k.Book.Happened(tx, dossier.Code(x.code), dossier.Listed{Round: x.round, Year: x.year, What: x.what, Days: k.Wait()})
		})
}

// each does something with each dossier of a query, in a transaction of its own:
// at most n; what fails is passed over and told.
func (k *Keeper) each(ctx context.Context, n int, sql string, arg int64, do func(tx *db.Tx, x item) error) (int, error) {
	var failed []error
	done := 0
	for after := int64(0); done < n && ctx.Err() == nil; {
		var items []item
		err := k.Book.DB.Read(ctx, func(tx *db.Tx) error {
			items = nil
			for row := range tx.Query(sql, arg, after, n) {
				var x item
				row.Scan(&x.id, &x.round, &x.code, &x.what, &x.year)
				items = append(items, x)
			}
			return tx.Err()
		})
		if err != nil {
			return done, errors.Join(append(failed, err)...)
		}
		if len(items) == 0 {
			break
		}
		for _, x := range items {
			err := k.Book.DB.Write(ctx, func(tx *db.Tx) error { return do(tx, x) })
			switch {
			case err == nil:
				done++
			case !errors.Is(err, db.ErrStale) && !refusal.Is(err, refusal.NotNow) && !refusal.Is(err, refusal.NotFound):
				failed = append(failed, err)
			}
			after = x.id
		}
	}
	return done, errors.Join(failed...)
}

// carryOut destroys or hands over what approved rounds list, once they have waited.
func (k *Keeper) carryOut(ctx context.Context, n int) (int, error) {
	now := k.Book.Now()
	var ready []Round
	if err := k.Book.DB.Read(ctx, func(tx *db.Tx) (err error) {
		ready, err = rounds(tx, `approved_at > 0 AND done_at = 0 AND carry_at <= $1`, now.UnixMilli())
		return err
	}); err != nil {
		return 0, err
	}
	done := 0
	var failed []error
	for _, r := range ready {
		some, err := k.each(ctx, n-done, `SELECT retained.dossier, retained.round, dossier.code, retained.what, 0 FROM retained JOIN dossier ON dossier.id = retained.dossier
			WHERE retained.round = $1 AND retained.dossier > $2 ORDER BY retained.dossier LIMIT $3`, r.ID,
			func(tx *db.Tx, x item) error { return k.carry(tx, r, dossier.Code(x.code)) })
		done += some
		if err == nil {
			err = k.end(ctx, r)
		}
		if err != nil {
			failed = append(failed, err)
		}
		if done >= n {
			break
		}
	}
	return done, errors.Join(failed...)
}

// carry does to one dossier what was approved, if it still is.
func (k *Keeper) carry(tx *db.Tx, r Round, code dossier.Code) error {
	now := k.Book.Now().UnixMilli()
	inTurn(tx, r.ID)
	if err := tx.Proved("round", `id = $1`, r.ID); err != nil {
		return err // nobody approved it so
	}
	list, err := rounds(tx, `id = $1`, r.ID)
	if err != nil || len(list) == 0 || list[0].ApprovedAt.IsZero() || list[0].CarryAt.UnixMilli() > now {
		return err
	}
	if r = list[0]; r.What == dossier.ToHandOver {
		r.Handed++
		if err := save(tx, r); err != nil {
			return err
		}
		return k.Book.Happened(tx, code, dossier.Archived{Round: r.ID, Decision: r.Decision})
	}
	return k.Book.Destroy(tx, code, r.ID, dossier.Order{Year: r.Year, Decision: r.Decision, By: r.By})
}

// end closes a round in which nothing is left.
func (k *Keeper) end(ctx context.Context, r Round) error {
	return k.Book.DB.Write(ctx, func(tx *db.Tx) error {
		inTurn(tx, r.ID)
		list, err := rounds(tx, `id = $1`, r.ID)
		if err != nil || len(list) == 0 || list[0].Left > 0 || !list[0].DoneAt.IsZero() {
			return err
		}
		r, now := list[0], k.Book.Now()
		r.DoneAt = now
		if err := save(tx, r); err != nil {
			return err
		}
		return note(tx, now, r, audit.By{}, "round_done", "dossiers", r.Done)
	})
}

// inTurn lets who changes a round at the same time do so one after the other.
func inTurn(tx *db.Tx, round int64) { tx.Exec(`UPDATE round SET year = year WHERE id = $1`, round) }

func save(tx *db.Tx, r Round) error {
	body, err := json.Marshal(r.Approval)
	if err != nil {
		return err
	}
	return tx.Amend("round", `id = $1`, []any{r.ID}, func() {
		tx.ExecOne(`UPDATE round SET approved_at = $1, carry_at = $2, done_at = $3, body = $4 WHERE id = $5`, r.ApprovedAt, r.CarryAt, r.DoneAt, string(body), r.ID)
	})
}

// rounds reads rounds with how many dossiers they have left and have done.
func rounds(tx *db.Tx, where string, args ...any) ([]Round, error) {
	var list []Round
	var fault error
	for row := range tx.Query(`SELECT id, agency, what, year, opened_at, approved_at, carry_at, done_at, body,
		(SELECT COUNT(*) FROM retained WHERE round = round.id), (SELECT COUNT(*) FROM tombstone WHERE round = round.id) FROM round WHERE `+where+` ORDER BY year DESC, agency, what`, args...) {
		var r Round
		var destroyed int64
		var body []byte
		row.Scan(&r.ID, &r.Agency, &r.What, &r.Year, &r.OpenedAt, &r.ApprovedAt, &r.CarryAt, &r.DoneAt, &body, &r.Left, &destroyed)
		if fault = json.Unmarshal(body, &r.Approval); fault != nil {
			break
		}
		r.Done = destroyed + r.Handed
		list = append(list, r)
	}
	if fault != nil {
		return nil, fault
	}
	return list, tx.Err()
}

// heads is true for who may know of the rounds of an agency.
func heads(who dossier.Actor, at agency.ID) bool {
	return who.Holds(workflow.Leader, at) || who.Holds(workflow.Head, at)
}

// Rounds lists the rounds of the agencies that the caller heads, the latest first.
func (k *Keeper) Rounds(ctx context.Context, who dossier.Actor) ([]Round, error) {
	var list []Round
	err := k.Book.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		seen := map[agency.ID]bool{}
		for _, p := range who.Posts {
			if seen[p.Agency] || !heads(who, p.Agency) {
				continue
			}
			seen[p.Agency] = true
			some, err := rounds(tx, `agency = $1`, string(p.Agency))
			if err != nil {
				return err
			}
			list = append(list, some...)
		}
		return nil
	})
	return list, err
}

// Find returns a round of an agency that the caller heads; everybody else is told
// that there is none.
func (k *Keeper) Find(ctx context.Context, who dossier.Actor, id int64) (Round, error) {
	var r Round
	err := k.Book.DB.Read(ctx, func(tx *db.Tx) (err error) {
		r, err = find(tx, who, id)
		return err
	})
	return r, err
}

func find(tx *db.Tx, who dossier.Actor, id int64) (Round, error) {
	list, err := rounds(tx, `id = $1`, id)
	if err != nil {
		return Round{}, err
	}
	if len(list) == 0 || !heads(who, list[0].Agency) {
		return Round{}, refusal.New(refusal.NotFound, "round.unknown")
	}
	return list[0], nil
}

// Destroyed lists what is left of the dossiers that a round destroyed.
func (k *Keeper) Destroyed(ctx context.Context, who dossier.Actor, id int64, limit int) ([]dossier.Tombstone, error) {
	var list []dossier.Tombstone
	err := k.Book.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := find(tx, who, id)
		if err == nil {
			list, err = dossier.DestroyedIn(tx, id, limit)
		}
		return err
	})
	return list, err
}

const basis = "Luật Lưu trữ số 33/2024/QH15"

// Approve lets a round be carried out once it has waited; only who leads the agency
// may, under the number of their decision.
func (k *Keeper) Approve(ctx context.Context, who dossier.Actor, id int64, decision string) error {
	return k.decide(ctx, who, id, func(tx *db.Tx, r *Round, now time.Time) error {
		switch {
		case !r.ApprovedAt.IsZero():
			return refusal.New(refusal.Conflict, "round.approved")
		case r.Left == 0:
			return refusal.New(refusal.NotNow, "round.empty")
		case form.Tidy(decision) == "":
			return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/decision", "form.required")})
		case len([]rune(decision)) > 200:
			return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/decision", "form.length", "max", 200)})
		}
		r.ApprovedAt, r.CarryAt = now, (calendar.DateOf(now) + calendar.Date(k.Wait()) + 1).At(0)
		r.Decision, r.By = form.Tidy(decision), who.Name
		return note(tx, now, *r, who.By(), dossier.RoundApproved, "decision", r.Decision, "dossiers", r.Left)
	})
}

// TakeBack takes an approval back, while nothing of it is carried out.
func (k *Keeper) TakeBack(ctx context.Context, who dossier.Actor, id int64) error {
	return k.decide(ctx, who, id, func(tx *db.Tx, r *Round, now time.Time) error {
		if r.ApprovedAt.IsZero() || !r.CarryAt.After(now) {
			return refusal.New(refusal.NotNow, "round.too_late").Because(basis)
		}
		r.ApprovedAt, r.CarryAt, r.Approval = time.Time{}, time.Time{}, Approval{}
		return note(tx, now, *r, who.By(), dossier.RoundTakenBack)
	})
}

func (k *Keeper) decide(ctx context.Context, who dossier.Actor, id int64, change func(tx *db.Tx, r *Round, now time.Time) error) error {
	return k.Book.DB.Write(ctx, func(tx *db.Tx) error {
		inTurn(tx, id)
		r, err := find(tx, who, id)
		if err != nil {
			return err
		}
		if !who.Holds(workflow.Leader, r.Agency) {
			return refusal.New(refusal.NotAllowed, "round.leaders").Because(basis)
		}
		if !r.DoneAt.IsZero() {
			return refusal.New(refusal.Conflict, "round.done")
		}
		if err := change(tx, &r, k.Book.Now().Truncate(time.Millisecond)); err != nil {
			return err
		}
		return save(tx, r)
	})
}

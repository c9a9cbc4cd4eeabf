// SPDX-License-Identifier: Apache-2.0

package staff

import (
	"context"
	"encoding/json"
	"time"

	"motcua/internal/db"
	"motcua/internal/refusal"
)

// keepFor is how long a list waits to be taken up.
const keepFor = 24 * time.Hour

// Keep keeps a list that was handed in until who did so takes it up, for a day.
func (o *Office) Keep(ctx context.Context, by Administrator, l List) (int64, error) {
	body, err := json.Marshal(l)
	if err != nil {
		return 0, err
	}
	id := db.NewID()
	return id, o.Register.DB.Write(ctx, func(tx *db.Tx) error {
		now := o.Register.Now()
		tx.Exec(`DELETE FROM staff_list WHERE made_at < $1`, now.Add(-keepFor).UnixMilli())
		tx.Exec(`INSERT INTO staff_list (id, account, made_at, body) VALUES ($1, $2, $3, $4)`, id, by.Account, now.UnixMilli(), string(body))
		return nil
	})
}

// Kept returns a list that somebody handed in; NotFound if it is not theirs, was
// taken up or waited for too long.
func (o *Office) Kept(ctx context.Context, by Administrator, id int64) (l List, err error) {
	err = o.Register.DB.Read(ctx, func(tx *db.Tx) error {
		var body []byte
		found, err := tx.One(`SELECT body FROM staff_list WHERE id = $1 AND account = $2 AND made_at >= $3`, []any{id, by.Account, o.Register.Now().Add(-keepFor).UnixMilli()}, &body)
		if err != nil {
			return err
		}
		if !found {
			return refusal.New(refusal.NotFound, "staff.list.gone")
		}
		l = List{}
		return json.Unmarshal(body, &l)
	})
	return l, err
}

// TakeUpKept is TakeUp of a list that was kept, which is gone then.
func (o *Office) TakeUpKept(ctx context.Context, by Administrator, id int64, seen string) (Plan, error) {
	l, err := o.Kept(ctx, by, id)
	if err != nil {
		return Plan{}, err
	}
	return o.takeUp(ctx, by, l, seen, func(tx *db.Tx) error {
		found, err := tx.One(`DELETE FROM staff_list WHERE id = $1 RETURNING 1`, []any{id}, new(int64))
		if err == nil && !found {
			err = refusal.New(refusal.NotFound, "staff.list.gone")
		}
		return err
	})
}

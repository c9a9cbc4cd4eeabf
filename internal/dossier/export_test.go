// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"errors"
	"fmt"

	"motcua/internal/db"
)

// Try tells whether an act is offered to an actor now, and whether it is
// accepted with its required parameters filled in as offered; nothing is
// written. refused is why it is not accepted.
func (b *Book) Try(ctx context.Context, who Actor, code Code, act string) (offered bool, refused error) {
	err := b.DB.Write(ctx, func(tx *db.Tx) error {
		s, err := find(tx, code)
		if err != nil {
			return err
		}
		d, err := b.desk(tx, s, who)
		if err != nil {
			return err
		}
		offers, err := d.offers()
		if err != nil {
			return err
		}
		given := map[string]any{}
		for _, o := range offers {
			if o.Act != act {
				continue
			}
			offered = true
			given = Filled(o.Params)
		}
		if d, err = b.desk(tx, s, who); err != nil {
			return err
		}
		refused = b.try(tx, d, act, given)
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		return offered, fmt.Errorf("try %s: %w", act, err)
	}
	return offered, refused
}

var errUndo = errors.New("undo")

// try does an act, and undoes it with the transaction.
func (b *Book) try(tx *db.Tx, d *desk, act string, given map[string]any) error {
	if err := d.entitle(act); err != nil {
		return err
	}
	events, err := d.decide(act, given)
	if err != nil {
		return err
	}
	if len(events) == 0 {
		return errors.New("no events")
	}
	_, err = b.happen(tx, d, events)
	return err
}

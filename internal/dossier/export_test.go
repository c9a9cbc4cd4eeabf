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
			for _, p := range o.Params {
				switch {
				case p.Required && len(p.Choices) > 0 && p.Type == "choices":
					given[p.Name] = []any{p.Choices[0].Value}
				case p.Required && len(p.Choices) > 0:
					given[p.Name] = p.Choices[0].Value
				case p.Required:
					given[p.Name] = p.Example
				}
			}
		}
		if d, err = b.desk(tx, s, who); err != nil {
			return err
		}
		refused = b.decide(tx, d, act, given)
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		return offered, fmt.Errorf("try %s: %w", act, err)
	}
	return offered, refused
}

var errUndo = errors.New("undo")

func (b *Book) decide(tx *db.Tx, d *desk, act string, given map[string]any) error {
	right, ok := d.who.may(act, d.State, d.process)
	if !ok {
		return errNever
	}
	d.right, d.params = right, params{given: given}
	events, err := rules[act](d)
	if err == nil {
		err = d.params.wrong()
	}
	if err != nil {
		return err
	}
	if len(events) == 0 {
		return errors.New("no events")
	}
	_, err = b.happen(tx, d, events)
	return err
}

// errNever is the answer to who may never do an act.
var errNever = errors.New("may never")

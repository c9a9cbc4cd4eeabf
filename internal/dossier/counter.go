// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"

	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// ReceiveAtCounter files a dossier that a clerk was handed, at the counter or
// by post, and receives it, both in one transaction: there is a dossier with
// its receipt and appointment, or there is nothing (NĐ 61/2018 art. 17). params
// are those of "receive". What is wrong with the filing and which components
// are missing is said at once. The same key gives the same dossier.
func (b *Book) ReceiveAtCounter(ctx context.Context, who Actor, f Filing, given map[string]any, key *Key) (State, error) {
	var received State
	filed, err := b.submit(ctx, who, f, key, func(tx *db.Tx, s *State) error {
		d, err := b.desk(tx, s, who)
		if err != nil {
			return err
		}
		if err := d.entitle("receive"); err != nil {
			return err
		}
		if d.since = f.ReceivedAt; f.Provisional != "" {
			tx.ExecOne(`UPDATE provisional SET code = $1 WHERE number = $2 AND code = '' AND void = ''`, string(s.Code), f.Provisional)
		}
		events, err := d.decide("receive", given)
		if err != nil {
			return err
		}
		after, err := b.happen(tx, d, events)
		if err != nil {
			return err
		}
		if f.Provisional != "" { // of the outage, what came after reception does not count
			if after, err = b.sparedOf(tx, after); err != nil {
				return err
			}
		}
		*s, received = *after, *after // what is remembered under the key
		return nil
	})
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid && len(e.Fields) > 0 {
		return State{}, b.withLacking(ctx, f, given, e)
	}
	if err == nil && received.ID == filed.ID {
		return received, nil
	}
	return filed, err // the dossier that the same key made before
}

// withLacking adds the components that are missing to what is wrong with a
// filing, as far as its answers tell what is asked.
func (b *Book) withLacking(ctx context.Context, f Filing, given map[string]any, e *refusal.Error) error {
	now := b.Now()
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		edition, err := b.Catalogue.InForce(tx, f.Procedure, local(now))
		if err != nil {
			return err
		}
		c := edition.Facts.Case(f.Case)
		if c == nil {
			return nil
		}
		asked := c.ToCheck(form.Scope{Answers: edition.Form.Counted(f.Answers, procedure.FactsOf(c.ID, f.Channel, f.Applicant.Kind)), Facts: procedure.FactsOf(c.ID, f.Channel, f.Applicant.Kind)})
		p := params{given: given}
		checked := p.choices("components", componentIDs(asked))
		if checked == nil {
			return nil
		}
		if lacking := refusal.As(complete(&desk{now: now}, asked, checked)); lacking != nil {
			e.Fields = append(e.Fields, lacking.Fields...)
		}
		return nil
	})
	if err != nil && refusal.As(err) == nil {
		return err
	}
	return e
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"

	"motcua/internal/db"
	"motcua/internal/pdf"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// PreviewSigned draws the paper that was put to the leader as it would be issued
// now, marked as a draft and without a number; NotFound if none was put.
func (b *Book) PreviewSigned(ctx context.Context, who Actor, f *File) ([]byte, error) {
	if f.State.ToSign == nil {
		return nil, refusal.New(refusal.NotFound, "document.unknown")
	}
	after := *f
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		state := f.State
		d, err := b.desk(tx, &state, who)
		if err != nil {
			return err
		}
		d.next = func(string) (int64, error) { return 0, nil }
		events, err := d.decide("sign", nil)
		if err != nil {
			return err
		}
		after.State, after.Events = *d.State.clone(), f.Events[:len(f.Events):len(f.Events)]
		for _, e := range events {
			r := Record{Seq: after.State.Version + 1, At: d.now, By: who.by(workflow.Leader, f.State.Competent), Event: e}
			after.Events = append(after.Events, r)
			after.State.apply(r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t, err := b.Track(ctx, &after.State)
	if err != nil {
		return nil, err
	}
	return drawn(func(to *pdf.File) error { return b.drawFormAs(to, &after, &t, true) })
}

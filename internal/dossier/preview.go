// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"slices"

	"motcua/internal/db"
	"motcua/internal/pdf"
	"motcua/internal/refusal"
)

// PreviewSigned draws the paper that was put to the leader as it would be issued
// now, marked as a draft and without a number; NotFound if none was put.
func (b *Book) PreviewSigned(ctx context.Context, who Actor, f *File) ([]byte, error) {
	if f.State.ToSign == nil {
		return nil, refusal.New(refusal.NotFound, "document.unknown")
	}
	return b.preview(ctx, who, f, "sign", nil)
}

// previewed are the acts that issue an official form.
var previewed = []string{"ask_supplement", "refuse", "extend", "stop"}

// Previews is true for an act whose form can be looked at before it is issued.
func Previews(act string) bool { return slices.Contains(previewed, act) }

// Preview draws the form that an act would issue with these parameters, marked as
// a draft and without a number. It is refused as the act would be; nothing is done.
func (b *Book) Preview(ctx context.Context, who Actor, f *File, act string, given map[string]any) ([]byte, error) {
	if !Previews(act) {
		return nil, refusal.New(refusal.NotFound, "document.unknown")
	}
	return b.preview(ctx, who, f, act, given)
}

func (b *Book) preview(ctx context.Context, who Actor, f *File, act string, given map[string]any) ([]byte, error) {
	after := *f
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		state := f.State
		d, err := b.desk(tx, &state, who)
		if err != nil {
			return err
		}
		d.next = func(string) (int64, error) { return 0, nil }
		if err := d.entitle(act); err != nil {
			return err
		}
		by := who.by(d.right.role, d.right.at)
		if d.signed = act != "sign"; d.signed { // what needs the leader's hand is drawn as if it had it
			unsigned := *d
			unsigned.signed = false
			if err := actNamed(act).open(&unsigned); err != nil {
				return err
			}
			if act == "extend" || act == "stop" {
				by = By{}
			}
		}
		events, err := d.decide(act, given)
		if err != nil {
			return err
		}
		after.State, after.Events = *d.State.clone(), f.Events[:len(f.Events):len(f.Events)]
		for _, e := range events {
			r := Record{Seq: after.State.Version + 1, At: d.now, By: by, Event: e}
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

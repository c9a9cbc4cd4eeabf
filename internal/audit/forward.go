// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"motcua/internal/db"
)

// Forwarder hands the journal to a collector as it is written. How far it came is
// in the database, so that after a restart it goes on from there: no line is left
// out, and a batch comes twice only when the process died between the collector's
// having it and our noting so; its lines say by chain and seq that they are the same.
type Forwarder struct {
	DB     *db.DB
	Target Target
	To     Collector
	Now    func() time.Time

	holder int64
}

// holdsFor is how long a process may hold a collector without saying so again.
const holdsFor = sendFor + sendFor/2

// The pauses while a collector is away grow from one to the other.
const (
	firstPause = time.Second
	lastPause  = time.Minute
)

// Run goes on until ctx ends. While the collector is away it waits, longer each
// time; what is written meanwhile is in the journal.
func (f *Forwarder) Run(ctx context.Context) {
	f.holder = db.NewID()
	pause := firstPause
	for away := false; ctx.Err() == nil; {
		n, err := f.Step(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			if !away {
				slog.Warn("audit: the journal is not handed over", "target", f.Target.String(), "error", err)
			}
			away, pause = true, min(2*pause, lastPause)
		case away:
			slog.Info("audit: the journal is handed over again", "target", f.Target.String())
			away = false
			fallthrough
		default:
			pause = firstPause
		}
		if err == nil && n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// Step hands over what there is, up to a batch, and says how many lines it was.
func (f *Forwarder) Step(ctx context.Context) (int, error) {
	if f.holder == 0 {
		f.holder = db.NewID()
	}
	at, err := f.place(ctx)
	if err != nil {
		return 0, err
	}
	end, err := Ends(ctx, f.DB)
	if err != nil || end == at {
		return 0, err
	}
	for chain := range end {
		if end[chain] < at[chain] {
			return 0, fmt.Errorf("audit: %s has chain %d to line %d, but the journal ends at %d: see motcua verify --against", f.Target, chain, at[chain], end[chain])
		}
	}
	at, mine, err := f.hold(ctx)
	if err != nil || !mine {
		return 0, err
	}
	lines, next, err := Next(ctx, f.DB, at, exportBatch)
	if err != nil || len(lines) == 0 {
		return 0, err
	}
	list, err := leaving(lines, nil)
	if err != nil {
		return 0, err
	}
	if err := f.To.Send(ctx, list); err != nil {
		return 0, err
	}
	return len(list), f.note(ctx, next)
}

// place reads how far the collector has the journal.
func (f *Forwarder) place(ctx context.Context) (at Place, err error) {
	err = f.DB.Look(ctx, func(tx *db.Tx) error {
		at, _, _, err = f.row(tx)
		return err
	})
	return at, err
}

func (f *Forwarder) row(tx *db.Tx) (at Place, holder, until int64, err error) {
	var text string
	found, err := tx.One(`SELECT place, holder, until FROM audit_target WHERE target = $1`, []any{f.Target.String()}, &text, &holder, &until)
	if found {
		err = json.Unmarshal([]byte(text), &at)
	}
	return at, holder, until, err
}

// hold takes the collector for this process, unless another has it.
func (f *Forwarder) hold(ctx context.Context) (at Place, mine bool, err error) {
	err = f.DB.Write(ctx, func(tx *db.Tx) error {
		now := f.Now().UnixMilli()
		var holder, until int64
		var err error
		if at, holder, until, err = f.row(tx); err != nil {
			return err
		}
		if mine = holder == f.holder || until < now; !mine {
			return nil
		}
		start, err := json.Marshal(Place{})
		if err != nil {
			return err
		}
		tx.Exec(`INSERT INTO audit_target (target, place, holder, until) VALUES ($1, $2, 0, 0) ON CONFLICT (target) DO NOTHING`, f.Target.String(), string(start))
		tx.ExecOne(`UPDATE audit_target SET holder = $1, until = $2 WHERE target = $3 AND holder = $4 AND until = $5`, f.holder, now+holdsFor.Milliseconds(), f.Target.String(), holder, until)
		return tx.Err()
	})
	if errors.Is(err, db.ErrStale) {
		return at, false, nil
	}
	return at, mine, err
}

// note remembers how far the collector has the journal.
func (f *Forwarder) note(ctx context.Context, at Place) error {
	text, err := json.Marshal(at)
	if err != nil {
		return err
	}
	if err := f.DB.Write(ctx, func(tx *db.Tx) error {
		tx.ExecOne(`UPDATE audit_target SET place = $1 WHERE target = $2 AND holder = $3`, string(text), f.Target.String(), f.holder)
		return tx.Err()
	}); err != nil {
		return fmt.Errorf("audit: note how far %s has it: %w", f.Target, err)
	}
	return nil
}

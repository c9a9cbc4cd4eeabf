// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"sync"

	"motcua/internal/refusal"
)

// turns bounds how many passwords are hashed at once, as each takes memory, and
// says whose is next: the lowest turn, of equal ones who came first. When more
// wait than fit, the last of the highest turn is refused, so that a flood of
// guesses stands behind who rarely comes.
type turns struct {
	mu   sync.Mutex
	free int
	most int // who wait
	wait []*waiting
}

// waiting is somebody who waits: told nil when it is their turn.
type waiting struct {
	turn int
	told chan error
}

var hashing = &turns{free: 2, most: 256}

// enter waits for a turn; leave must follow if there is no error.
func (t *turns) enter(ctx context.Context, turn int) error {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return nil
	}
	me := &waiting{turn, make(chan error, 1)}
	if len(t.wait) >= t.most {
		last := t.pick(func(a, b *waiting) bool { return a.turn >= b.turn })
		if t.wait[last].turn <= turn {
			t.mu.Unlock()
			return errBusy
		}
		t.take(last).told <- errBusy
	}
	t.wait = append(t.wait, me)
	t.mu.Unlock()
	select {
	case err := <-me.told:
		return err
	case <-ctx.Done():
	}
	t.mu.Lock()
	for i, w := range t.wait {
		if w == me {
			t.take(i)
			t.mu.Unlock()
			return ctx.Err()
		}
	}
	t.mu.Unlock()
	if <-me.told == nil {
		t.leave()
	}
	return ctx.Err()
}

// leave lets the next one in.
func (t *turns) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.wait) == 0 {
		t.free++
		return
	}
	t.take(t.pick(func(a, b *waiting) bool { return a.turn < b.turn })).told <- nil
}

// pick is the one of those who wait that all others are not better than.
func (t *turns) pick(better func(a, b *waiting) bool) (best int) {
	for i, w := range t.wait {
		if i > 0 && better(w, t.wait[best]) {
			best = i
		}
	}
	return best
}

// take takes one out of those who wait.
func (t *turns) take(i int) *waiting {
	w := t.wait[i]
	t.wait = append(t.wait[:i], t.wait[i+1:]...)
	return w
}

var errBusy = refusal.New(refusal.Unavailable, "identity.sign_in.busy", "seconds", 5)

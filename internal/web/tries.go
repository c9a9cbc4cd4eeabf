// SPDX-License-Identifier: Apache-2.0

package web

import (
	"sync"
	"time"
)

// Tries slows down who guesses: after ten wrong tries at one thing within a
// quarter of an hour, further ones are not even looked at. The zero Tries is ready; each process
// counts by itself.
type Tries struct {
	sync.Mutex
	wrong map[string]wrongTries
}

type wrongTries struct {
	n     int
	until time.Time
}

const (
	tryLimit  = 10
	tryWindow = 15 * time.Minute
	tryMost   = 100_000 // things remembered at once
)

// Closed is true when no further try at a thing is looked at.
func (t *Tries) Closed(thing string, now time.Time) bool {
	t.Lock()
	defer t.Unlock()
	w := t.wrong[thing]
	return w.n >= tryLimit && now.Before(w.until)
}

// Missed remembers a wrong try.
func (t *Tries) Missed(thing string, now time.Time) {
	t.Lock()
	defer t.Unlock()
	if t.wrong == nil || len(t.wrong) > tryMost {
		t.wrong = map[string]wrongTries{}
	}
	w := t.wrong[thing]
	if !now.Before(w.until) {
		w = wrongTries{until: now.Add(tryWindow)}
	}
	w.n++
	t.wrong[thing] = w
}

// Right forgets the wrong tries at a thing.
func (t *Tries) Right(thing string) {
	t.Lock()
	defer t.Unlock()
	delete(t.wrong, thing)
}

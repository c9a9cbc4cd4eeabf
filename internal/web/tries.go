// SPDX-License-Identifier: Apache-2.0

package web

import (
	"crypto/sha256"
	"sync"
	"time"
)

// Tries slows down who guesses. Within a quarter of an hour ten tries at one
// thing from one address are looked at, and a hundred from everywhere, so that
// a stranger who guesses does not shut out whose thing it is. A try counts
// before it is looked at and is taken back if it was right. The zero Tries is
// ready; each process counts by itself, in bounded memory.
type Tries struct {
	mu   sync.Mutex
	made map[tryKey]tries
}

type tryKey [16]byte

type tries struct {
	n     int
	until time.Time
}

const (
	tryLimit  = 10  // at one thing, from one address
	tryOthers = 100 // at one thing, from everywhere
	tryWindow = 15 * time.Minute
	tryMost   = 100_000 // counts kept at once
)

// Try counts a try at a thing from an address; false means it is not to be
// looked at.
func (t *Tries) Try(thing, from string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, all := keysOf(thing, from)
	if t.count(one, now) >= tryLimit || t.count(all, now) >= tryOthers {
		return false
	}
	t.add(one, now)
	t.add(all, now)
	return true
}

// Right takes back the tries at a thing from an address: one was right.
func (t *Tries) Right(thing, from string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, all := keysOf(thing, from)
	rest := t.made[all]
	rest.n -= t.made[one].n
	delete(t.made, one)
	if rest.n > 0 {
		t.made[all] = rest
	} else {
		delete(t.made, all)
	}
}

func keysOf(thing, from string) (one, all tryKey) {
	a, b := sha256.Sum256([]byte(from+"\n"+thing)), sha256.Sum256([]byte(thing))
	return tryKey(a[:16]), tryKey(b[:16])
}

func (t *Tries) count(k tryKey, now time.Time) int {
	if c := t.made[k]; now.Before(c.until) {
		return c.n
	}
	return 0
}

func (t *Tries) add(k tryKey, now time.Time) {
	if len(t.made) >= tryMost {
		t.forget(now)
	}
	if t.made == nil {
		t.made = map[tryKey]tries{}
	}
	c := t.made[k]
	if !now.Before(c.until) {
		c = tries{until: now.Add(tryWindow)}
	}
	c.n++
	t.made[k] = c
}

// forget makes room: what is over goes, then what was tried a few times only,
// so that many new things do not open those that are closed.
func (t *Tries) forget(now time.Time) {
	for _, least := range []int{0, 3, tryLimit, tryOthers + 1} {
		for k, c := range t.made {
			if c.n < least || !now.Before(c.until) {
				delete(t.made, k)
			}
		}
		if len(t.made) < tryMost/2 {
			return
		}
	}
}

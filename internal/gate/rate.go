// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"hash/maphash"
	"sync"
	"time"
)

// Rate is how much one caller may ask: Burst at once, and one more each Every.
type Rate struct {
	Every time.Duration
	Burst int
}

// rates counts callers against a rate by when each will have used up nothing
// again, in bounded memory. The zero rates is ready.
type rates struct {
	shards [16]struct {
		sync.Mutex
		free map[string]time.Time
	}
}

// ratesMost is how many callers are counted at once in a shard.
const ratesMost = 20_000

var seed = maphash.MakeSeed()

// take counts a call, and returns how long to wait if it is one too many.
func (t *rates) take(caller string, r Rate, now time.Time) (wait time.Duration) {
	if r.Every <= 0 {
		return 0
	}
	s := &t.shards[maphash.String(seed, caller)%uint64(len(t.shards))]
	s.Lock()
	defer s.Unlock()
	at := s.free[caller]
	if at.Before(now) {
		at = now
	}
	if wait = at.Sub(now) - time.Duration(r.Burst-1)*r.Every; wait > 0 {
		return wait
	}
	if s.free == nil {
		s.free = map[string]time.Time{}
	} else if len(s.free) >= ratesMost {
		forget(s.free, now)
	}
	s.free[caller] = at.Add(r.Every)
	return 0
}

// forget makes room: who used up nothing goes, then who used up least, so that
// many new callers do not wash out those who are slowed down.
func forget(free map[string]time.Time, now time.Time) {
	for _, least := range []time.Duration{0, time.Second, 10 * time.Second, time.Minute, 24 * time.Hour} {
		for k, at := range free {
			if at.Sub(now) <= least {
				delete(free, k)
			}
		}
		if len(free) < ratesMost/2 {
			return
		}
	}
}

// counts is how much each caller has under way.
type counts struct {
	mu  sync.Mutex
	now map[string]int64
}

// take counts n more; false if that is more than most.
func (c *counts) take(caller string, n, most int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now[caller]+n > most {
		return false
	}
	if c.now == nil {
		c.now = map[string]int64{}
	}
	c.now[caller] += n
	return true
}

func (c *counts) free(caller string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now[caller] -= n; c.now[caller] <= 0 {
		delete(c.now, caller)
	}
}

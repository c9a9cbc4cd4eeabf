// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"testing"
	"time"
)

// Whoever guesses, at one account or at many, from one address or from many: the
// holder goes before them, from a browser that is known and from elsewhere.
func TestKnocks(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	t.Run("one address, one account", func(t *testing.T) {
		var k Knocks
		let := 0
		for range 1000 {
			if _, ok := k.Knock("mai", "198.51.100.1", "", now); ok {
				let++
			}
		}
		if let != tryLimit {
			t.Errorf("%d guesses are looked at", let)
		}
		if turn, ok := k.Knock("mai", "203.0.113.9", "", now); !ok || turn > 1 {
			t.Errorf("elsewhere: %d %v", turn, ok)
		}
		if turn, ok := k.Knock("mai", "198.51.100.1", "known", now); !ok || turn != 0 {
			t.Errorf("from a known browser behind the same address: %d %v", turn, ok)
		}
	})
	t.Run("many addresses, one account", func(t *testing.T) {
		var k Knocks
		let := 0
		for i := range 5000 {
			if _, ok := k.Knock("mai", fmt.Sprintf("198.51.%d.%d", i%4, i/4%125), "", now); ok {
				let++
			}
		}
		if most := tryOthers + 500*knocksLeft; let > most {
			t.Errorf("%d guesses are looked at, from 500 addresses", let)
		}
		if turn, ok := k.Knock("mai", "203.0.113.9", "", now); !ok || turn > 1 {
			t.Errorf("elsewhere: %d %v", turn, ok)
		}
		if turn, ok := k.Knock("mai", "198.51.0.7", "known", now); !ok || turn != 0 {
			t.Errorf("from a known browser: %d %v", turn, ok)
		}
	})
	t.Run("one address, many accounts", func(t *testing.T) {
		var k Knocks
		least := 1000
		for i := range 2000 {
			if turn, ok := k.Knock(fmt.Sprint("login", i), "198.51.100.1", "", now); ok && i > 20 {
				least = min(least, turn)
			}
		}
		if turn, ok := k.Knock("mai", "203.0.113.9", "", now); !ok || turn >= least {
			t.Errorf("somebody elsewhere has turn %d, who guesses %d", turn, least)
		}
		for range 100 { // an office behind one address, whose passwords are right
			k.Knock("lan", "203.0.113.200", "", now)
			k.Opened("lan", "203.0.113.200", "")
		}
		if turn, ok := k.Knock("huệ", "203.0.113.200", "", now); !ok || turn > 4 {
			t.Errorf("right ones count against an office: %d %v", turn, ok)
		}
	})
	t.Run("a stolen browser", func(t *testing.T) {
		var k Knocks
		ahead := 0
		for range 100 {
			if turn, ok := k.Knock("mai", "198.51.100.1", "known", now); ok && turn == 0 {
				ahead++
			}
		}
		if ahead != tryLimit {
			t.Errorf("%d guesses go ahead", ahead)
		}
	})
}

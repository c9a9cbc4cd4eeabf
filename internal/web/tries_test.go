// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestTries(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var tried Tries
	var looked atomic.Int32
	var all sync.WaitGroup
	for range 200 { // at once: no more than ten are looked at
		all.Go(func() {
			if tried.Try("motcua", "198.51.100.1", now) {
				looked.Add(1)
			}
		})
	}
	all.Wait()
	if n := looked.Load(); n != tryLimit {
		t.Errorf("%d tries looked at", n)
	}
	if !tried.Try("motcua", "198.51.100.2", now) {
		t.Error("a stranger shuts out somebody elsewhere")
	}
	tried.Right("motcua", "198.51.100.2")
	if tried.Try("motcua", "198.51.100.1", now) {
		t.Error("somebody else's right try opens the stranger's")
	}
	for i := range 2 * tryMost { // many other things do not open it
		tried.Try(fmt.Sprint("other", i), "198.51.100.1", now)
	}
	if tried.Try("motcua", "198.51.100.1", now) {
		t.Error("open again after many other tries")
	}
	if n := len(tried.made); n > tryMost+2 {
		t.Errorf("%d counts kept", n)
	}
	if !tried.Try("motcua", "198.51.100.1", now.Add(tryWindow)) {
		t.Error("still closed when the time is over")
	}
	var everywhere Tries
	n := 0
	for i := range 300 {
		if everywhere.Try("motcua", fmt.Sprint("198.51.100.", i), now) {
			n++
		}
	}
	if n != tryOthers {
		t.Errorf("%d tries looked at from everywhere", n)
	}
}

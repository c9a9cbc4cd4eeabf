// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"motcua/internal/refusal"
)

// The lowest turn is next, of equal ones who came first; when it is full the last
// of the highest goes, and who gives up leaves no place taken.
func TestTurns(t *testing.T) {
	q := &turns{free: 1, most: 4}
	if err := q.enter(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var order, refused []int
	var all sync.WaitGroup
	come := func(ctx context.Context, turn int) {
		waiting := q.length()
		all.Go(func() {
			err := q.enter(ctx, turn)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case refusal.Is(err, refusal.Unavailable):
				refused = append(refused, turn)
			case errors.Is(err, context.Canceled):
			case err == nil:
				order = append(order, turn)
				q.leave()
			}
		})
		for n := 0; q.length() == waiting && n < 50; n++ {
			time.Sleep(time.Millisecond)
		}
	}
	given, give := context.WithCancel(t.Context())
	come(t.Context(), 5)
	come(given, 0)
	come(t.Context(), 5)
	come(t.Context(), 1)
	give()
	for q.length() != 3 {
		time.Sleep(time.Millisecond)
	}
	come(t.Context(), 7)
	come(t.Context(), 8) // is refused
	come(t.Context(), 0) // takes the place of the seventh
	mu.Lock()
	if !slices.Equal(refused, []int{8, 7}) {
		t.Errorf("refused %v", refused)
	}
	mu.Unlock()
	q.leave()
	all.Wait()
	if !slices.Equal(order, []int{0, 1, 5, 5}) || q.free != 1 || q.length() != 0 {
		t.Errorf("in the order %v, %d free", order, q.free)
	}
}

func (t *turns) length() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.wait)
}

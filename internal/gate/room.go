// SPDX-License-Identifier: Apache-2.0

package gate

import "golang.org/x/sync/semaphore"

// room is the memory for the bodies of all calls under way. A quarter is for small
// ones alone, so that they find room beside however many large ones.
type room struct{ small, large share }

// share is a part of the room. An address has two thirds of it, so that it does not
// keep others out.
type share struct {
	all     *semaphore.Weighted
	callers counts // bytes of each address
	each    int64
}

// Small is up to where a body is one: most forms and calls of programs.
const Small = 64 << 10

// measure makes the room so many bytes large.
func (r *room) measure(bytes int64) {
	for share, n := range map[*share]int64{&r.small: bytes / 4, &r.large: bytes / 4 * 3} {
		share.all, share.each = semaphore.NewWeighted(n), n/3*2
	}
}

// share is where a body finds its room.
func (r *room) share(bytes int64) *share {
	if bytes <= Small {
		return &r.small
	}
	return &r.large
}

// keeps is how many bytes of a body of a length will be in memory at once; of a
// length that is not said, the most that there may be.
func (l *Limit) keeps(length int64) int64 {
	most := l.Body
	if l.Keeps > 0 {
		most = min(most, l.Keeps)
	}
	if length < 0 {
		return most
	}
	return min(length, most)
}

// SPDX-License-Identifier: Apache-2.0

package search

import (
	"cmp"
	"slices"
)

// neighbours finds the plain words one typing mistake away: each word stands
// under its own hash and under those of all that one letter less makes of it.
type neighbours struct {
	entries []neighbour // by hash
	words   []string    // by place
}

type neighbour struct{ hash, word uint32 }

func newNeighbours(vocabulary map[string]uint32) neighbours {
	var n neighbours
	for w := range vocabulary {
		if isPlain(w) && len(w) >= 2 {
			n.words = append(n.words, w)
		}
	}
	slices.Sort(n.words)
	for i, w := range n.words {
		for h := range lessOne(w) {
			n.entries = append(n.entries, neighbour{h, uint32(i)})
		}
	}
	slices.SortFunc(n.entries, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.word, b.word))
	})
	n.entries = slices.Compact(n.entries)
	return n
}

// isPlain is true for a spelling of small letters alone: numbers and foreign
// scripts are not guessed at.
func isPlain(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return true
}

// lessOne yields the hash of a word and of each word that it is with a letter left out.
func lessOne(w string) func(yield func(uint32) bool) {
	return func(yield func(uint32) bool) {
		if !yield(hash(w, -1)) {
			return
		}
		for i := range len(w) {
			if !yield(hash(w, i)) {
				return
			}
		}
	}
}

// hash is FNV-1a over a word without its letter at a place.
func hash(w string, without int) uint32 {
	h := uint32(2166136261)
	for i := range len(w) {
		if i != without {
			h = (h ^ uint32(w[i])) * 16777619
		}
	}
	return h
}

// of lists the words one mistake away from a plain one, in order, itself not.
func (n *neighbours) of(w string) []string {
	var near []string
	for h := range lessOne(w) {
		at, _ := slices.BinarySearchFunc(n.entries, h, func(e neighbour, h uint32) int { return cmp.Compare(e.hash, h) })
		for ; at < len(n.entries) && n.entries[at].hash == h; at++ {
			if other := n.words[n.entries[at].word]; oneMistake(w, other) {
				near = append(near, other)
			}
		}
	}
	slices.Sort(near)
	return slices.Compact(near)
}

// oneMistake is true if a letter too many, too few or wrong, or two swapped,
// make one word of the other.
func oneMistake(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return a[i+1:] == b[i+1:] ||
		i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

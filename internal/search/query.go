// SPDX-License-Identifier: Apache-2.0

package search

import (
	"iter"
	"maps"
	"slices"
)

// said is a word of a query; aside if it says little about what is sought.
type said struct {
	token
	aside bool
}

// question gathers what a query asks for: terms and how much each counts.
type question struct {
	*Index
	marksTyped bool
	weight     map[uint32]float32
}

// wanted yields the terms that a query asks for; in order, so that equal
// queries add up equally.
func (x *Index) wanted(query string) iter.Seq2[uint32, float32] {
	typed := tokens(query)
	typed = typed[:min(len(typed), maxQuery)]
	q := question{Index: x, weight: map[uint32]float32{}, marksTyped: slices.ContainsFunc(typed, token.marked)}
	words := q.mend(x.lexicon.read(typed, q.marksTyped))
	q.strand(words, 1)
	for _, phrase := range x.lexicon.meanings(words, q.marksTyped) {
		q.strand(phrase, meantWeight)
	}
	return func(yield func(uint32, float32) bool) {
		for _, term := range slices.Sorted(maps.Keys(q.weight)) {
			if !yield(term, q.weight[term]) {
				return
			}
		}
	}
}

func (q *question) ask(term uint32, weight float32) {
	q.weight[term] = max(q.weight[term], weight)
}

// strand asks for words in a row and for each two of them.
func (q *question) strand(words []said, weight float32) {
	for i, w := range words {
		one := weight
		if w.aside {
			one *= asideWeight
		}
		if term, ok := q.words[w.plain]; ok {
			q.ask(term, one)
		}
		if exact, ok := q.words[w.exact]; ok && w.marked() {
			q.ask(exact, one*exactWeight)
		}
		if i == 0 {
			continue
		}
		if w.aside != words[i-1].aside {
			one = weight * asidePair
		}
		if pair, ok := q.beside(words[i-1].token, w.token); ok {
			q.ask(pair, one*pairWeight)
		}
	}
}

// beside returns the term of two words in a row, if a document has them so.
func (q *question) beside(first, second token) (uint32, bool) {
	a, ok := q.words[first.plain]
	if !ok {
		return 0, false
	}
	b, ok := q.words[second.plain]
	if !ok {
		return 0, false
	}
	return q.pair(a, b)
}

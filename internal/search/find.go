// SPDX-License-Identifier: Apache-2.0

package search

import (
	"container/heap"
	"encoding/binary"
	"slices"
)

// Hit is a document found: its number and how well it fits, higher is better.
// Scores compare within one answer only.
type Hit struct {
	Doc   int
	Score float32
}

// How much what a query says counts, beside a word typed as it stands: 1.
const (
	pairWeight  = 0.9  // two words side by side
	exactWeight = 0.2  // the same marks, in the heaviest fields
	asideWeight = 0.08 // a word that says little
	asidePair   = 0.8  // such a word beside another: they may be one (căn cước, cần)
	meantWeight = 0.8  // what an everyday word means in the law
	guessWeight = 0.4  // another reading of a word that does not fit its neighbours
)

// maxQuery bounds the words of a query that are looked at.
const maxQuery = 64

// faint is the share of the best score below which a document is no answer.
const faint = 0.1

// Find lists the documents that fit a query best, at most limit of them, equal
// ones in order of their number. keep, unless nil, says which may be listed.
func (x *Index) Find(query string, limit int, keep func(doc int) bool) []Hit {
	if limit <= 0 || len(x.ids) == 0 {
		return nil
	}
	acc := x.scratch.Get().(*accumulator)
	defer x.scratch.Put(acc)
	for term, weight := range x.wanted(query) {
		x.addUp(term, weight*x.idf[term], acc.score)
	}
	return acc.best(limit, keep)
}

// addUp adds a term's weight to the documents that have it.
func (x *Index) addUp(term uint32, weight float32, score []float32) {
	list := x.postings[x.start[term]:x.start[term+1]]
	weight /= 255
	doc := uint32(0)
	for i := 0; i < len(list); i += 2 {
		step := uint32(list[i])
		if step >= 0x80 {
			long, n := binary.Uvarint(list[i:])
			step, i = uint32(long), i+n-1
		}
		doc += step
		score[doc] += weight * float32(list[i+1])
	}
}

// accumulator is the scores of one query, all zero between queries.
type accumulator struct{ score []float32 }

// best takes the best out of the scores and clears them.
func (a *accumulator) best(limit int, keep func(doc int) bool) []Hit {
	defer clear(a.score)
	top := slices.Max(a.score)
	var hits worstFirst
	for doc, score := range a.score {
		h := Hit{doc, score}
		if score <= top*faint || len(hits) == limit && !h.beats(hits[0]) || keep != nil && !keep(doc) {
			continue
		}
		if len(hits) < limit {
			heap.Push(&hits, h)
		} else {
			hits[0] = h
			heap.Fix(&hits, 0)
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		if a.beats(b) {
			return -1
		}
		return 1
	})
	return hits
}

func (h Hit) beats(o Hit) bool {
	return h.Score > o.Score || h.Score == o.Score && h.Doc < o.Doc
}

// worstFirst is a heap of the hits kept so far.
type worstFirst []Hit

func (h worstFirst) Len() int           { return len(h) }
func (h worstFirst) Less(i, j int) bool { return h[j].beats(h[i]) }
func (h worstFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *worstFirst) Push(hit any)      { *h = append(*h, hit.(Hit)) }
func (h *worstFirst) Pop() any          { panic("never taken out") }

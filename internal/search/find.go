// SPDX-License-Identifier: Apache-2.0

package search

import (
	"cmp"
	"encoding/binary"
	"maps"
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
	pairWeight  = 0.9 // two words side by side
	asideWeight = 0.2 // a word that says little
	asidePair   = 0.8 // such a word beside another: they may be one (căn cước, cần)
	meantWeight = 0.5 // what an everyday word means in the law
)

// A query is looked at up to its first maxWords words within maxBytes, and so
// takes bounded time.
const (
	maxBytes = 4096
	maxWords = 64
)

// faint is the share of the best score below which a document is no answer.
const faint = 0.1

// Find lists the documents that fit a query best, at most limit of them, equal
// ones in order of their number. keep, unless nil, says which may be listed.
func (x *Index) Find(query string, limit int, keep func(doc int) bool) []Hit {
	wanted := x.wanted(query)
	if limit <= 0 || len(wanted) == 0 {
		return nil
	}
	score := make([]float32, len(x.ids))
	// Term by term in one order: sums of floats depend on it.
	for _, term := range slices.Sorted(maps.Keys(wanted)) {
		x.addUp(term, wanted[term]*x.idf[term], score)
	}
	return best(score, limit, keep)
}

// addUp adds a term's weight to the documents that have it.
func (x *Index) addUp(term uint32, weight float32, score []float32) {
	list := x.postings[x.start[term]:x.start[term+1]]
	weight /= 255
	doc := uint64(0)
	for len(list) > 0 {
		step, n := binary.Uvarint(list)
		doc += step
		score[doc] += weight * float32(list[n])
		list = list[n+1:]
	}
}

func best(score []float32, limit int, keep func(doc int) bool) []Hit {
	least := slices.Max(score) * faint
	var hits []Hit
	for doc, s := range score {
		if s > least && (keep == nil || keep(doc)) {
			hits = append(hits, Hit{doc, s})
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), a.Doc-b.Doc) })
	return hits[:min(limit, len(hits))]
}

// said is a word of a query; aside if it says little about what is sought.
type said struct {
	token
	aside bool
}

// question gathers what a query asks for: terms and how much each counts.
type question struct {
	*Index
	weight map[uint32]float32
}

// wanted gives the terms that a query asks for and how much each counts.
func (x *Index) wanted(query string) map[uint32]float32 {
	typed := tokens(query[:min(len(query), maxBytes)], maxWords)
	marksTyped := slices.ContainsFunc(typed, func(t token) bool { return t.marks != "" })
	q := question{x, map[uint32]float32{}}
	words := x.mend(x.lexicon.read(typed, marksTyped))
	q.ask(words, 1)
	for _, phrase := range x.lexicon.meanings(words, marksTyped) {
		q.ask(phrase, meantWeight)
	}
	return q.weight
}

// ask asks for words in a row and for each two of them.
func (q *question) ask(words []said, weight float32) {
	for i, w := range words {
		one := weight
		if w.aside {
			one *= asideWeight
		}
		if term, ok := q.words[w.plain]; ok {
			q.weight[term] = max(q.weight[term], one)
		}
		if i == 0 {
			continue
		}
		if w.aside != words[i-1].aside {
			one = weight * asidePair
		}
		if pair, ok := q.pair(words[i-1].plain, w.plain); ok {
			q.weight[pair] = max(q.weight[pair], one*pairWeight)
		}
	}
}

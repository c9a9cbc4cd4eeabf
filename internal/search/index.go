// SPDX-License-Identifier: Apache-2.0

// Package search finds Vietnamese documents in memory by everyday words: with
// or without diacritics, with typing mistakes, in one or the other Unicode form.
//
// An Index never changes once it is built, so any number of queries may run at
// once, and the same query always gives the same answer. What it knows of
// Vietnamese beyond spelling is data: words.txt. Start at Build and Find.
package search

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// Document is what is found. ID is the caller's.
type Document struct {
	ID     string
	Fields []Field
}

// Field is a text of a document and how much a word in it says: 1 is usual,
// 0 or less leaves it out. Fields of equal weight count as one text; its length
// is compared with that of the same weight in other documents.
type Field struct {
	Text   string
	Weight float32
}

// Index is a set of documents that can be searched.
type Index struct {
	ids      []string
	words    map[string]uint32 // spelling → term
	pairs    []uint64          // two terms of words, sorted
	pairTerm []uint32          // the term of each pair
	start    []uint32          // of each term's postings; one more than terms
	idf      []float32         // of each term
	rarest   float32           // the idf of a term in one document
	postings []byte            // (document − last document, varint; impact, one byte)…
	guesses  []string          // the words a mistyped one may stand for, the shortest first
	lexicon  lexicon
}

const (
	saturation = 1.2 // BM25 k1: how soon another occurrence adds nothing
	lengthNorm = 0.6 // BM25 b: how much a long text dilutes its words
)

// Build makes an index of documents; a document's number is its place in docs.
// If ctx ends before, its cause is the error.
func Build(ctx context.Context, docs []Document) (*Index, error) {
	b := builder{words: map[string]uint32{}, pairs: map[uint64]uint32{}, usual: usualLengths(docs)}
	for i := range docs {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		b.add(uint32(i), &docs[i])
	}
	return b.finish(docs), nil
}

// usualLengths gives the mean length of each weight's text, in bytes.
func usualLengths(docs []Document) map[float32]float64 {
	sum, having := map[float32]float64{}, map[float32]float64{}
	for i := range docs {
		for w, n := range lengths(&docs[i]) {
			sum[w] += n
			having[w]++
		}
	}
	for w := range sum {
		sum[w] /= having[w]
	}
	return sum
}

func lengths(d *Document) map[float32]float64 {
	by := make(map[float32]float64, 8)
	for _, f := range d.Fields {
		if f.says() {
			by[f.Weight] += float64(len(f.Text))
		}
	}
	return by
}

func (f Field) says() bool { return f.Text != "" && f.Weight > 0 }

// builder gathers postings document by document.
type builder struct {
	words   map[string]uint32
	pairs   map[uint64]uint32
	lists   []list
	usual   map[float32]float64
	weight  []float32 // by term: what the present document adds up
	touched []uint32  // terms of the present document
}

// list is the postings of one term so far.
type list struct {
	posted []byte
	last   uint32
	docs   uint32
}

func (b *builder) term() uint32 {
	b.lists = append(b.lists, list{})
	b.weight = append(b.weight, 0)
	return uint32(len(b.lists) - 1)
}

func (b *builder) word(spelling []byte) uint32 {
	t, ok := b.words[string(spelling)]
	if !ok {
		t = b.term()
		b.words[string(spelling)] = t
	}
	return t
}

func (b *builder) pair(first, second uint32) uint32 {
	key := pairKey(first, second)
	t, ok := b.pairs[key]
	if !ok {
		t = b.term()
		b.pairs[key] = t
	}
	return t
}

func pairKey(first, second uint32) uint64 { return uint64(first)<<32 | uint64(second) }

func (b *builder) count(term uint32, weight float32) {
	if b.weight[term] == 0 {
		b.touched = append(b.touched, term)
	}
	b.weight[term] += weight
}

func (b *builder) add(doc uint32, d *Document) {
	length := lengths(d)
	for _, f := range d.Fields {
		if f.says() {
			dilution := 1 - lengthNorm + lengthNorm*length[f.Weight]/b.usual[f.Weight]
			b.addText(f.Text, f.Weight/float32(dilution))
		}
	}
	for _, t := range b.touched {
		l, w := &b.lists[t], float64(b.weight[t])
		l.posted = binary.AppendUvarint(l.posted, uint64(doc-l.last))
		l.posted = append(l.posted, byte(max(1, math.Round(255*w/(w+saturation)))))
		l.last = doc
		l.docs++
		b.weight[t] = 0
	}
	b.touched = b.touched[:0]
}

func (b *builder) addText(text string, weight float32) {
	const none = math.MaxUint32
	last := uint32(none)
	eachWord(text, func(plain, _ []byte) {
		t := b.word(spelling(plain))
		b.count(t, weight)
		if last != none {
			b.count(b.pair(last, t), weight)
		}
		last = t
	})
}

// finish packs what was gathered.
func (b *builder) finish(docs []Document) *Index {
	x := &Index{words: b.words, lexicon: readLexicon(), guesses: guesses(b.words)}
	for i := range docs {
		x.ids = append(x.ids, strings.Clone(docs[i].ID))
	}
	x.rarest = rarity(len(docs), 1)
	b.packPostings(x)
	b.packPairs(x)
	return x
}

func (b *builder) packPostings(x *Index) {
	size := 0
	for _, l := range b.lists {
		size += len(l.posted)
	}
	x.postings = make([]byte, 0, size)
	x.start = make([]uint32, len(b.lists)+1)
	x.idf = make([]float32, len(b.lists))
	for t := range b.lists {
		l := &b.lists[t]
		x.postings = append(x.postings, l.posted...)
		l.posted = nil
		x.start[t+1] = uint32(len(x.postings))
		x.idf[t] = rarity(len(x.ids), l.docs)
	}
}

func (b *builder) packPairs(x *Index) {
	x.pairs = make([]uint64, 0, len(b.pairs))
	for key := range b.pairs {
		x.pairs = append(x.pairs, key)
	}
	slices.Sort(x.pairs)
	x.pairTerm = make([]uint32, len(x.pairs))
	for i, key := range x.pairs {
		x.pairTerm[i] = b.pairs[key]
	}
}

// rarity is BM25's idf of a term that some of all documents have.
func rarity(all int, some uint32) float32 {
	return float32(math.Log1p((float64(all) - float64(some) + 0.5) / (float64(some) + 0.5)))
}

// guesses lists the words of small Latin letters: numbers and foreign scripts
// are not guessed at.
func guesses(words map[string]uint32) []string {
	var all []string
	for w := range words {
		if len(w) >= 2 && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") == "" {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(a)-len(b), cmp.Compare(a, b)) })
	return all
}

// Len is the number of documents.
func (x *Index) Len() int { return len(x.ids) }

// ID is the caller's name of a document.
func (x *Index) ID(doc int) string { return x.ids[doc] }

// pair returns the term of two words that stand side by side somewhere.
func (x *Index) pair(first, second string) (uint32, bool) {
	a, ok := x.words[first]
	if !ok {
		return 0, false
	}
	b, ok := x.words[second]
	if !ok {
		return 0, false
	}
	i, ok := slices.BinarySearch(x.pairs, pairKey(a, b))
	if !ok {
		return 0, false
	}
	return x.pairTerm[i], true
}

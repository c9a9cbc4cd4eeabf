// SPDX-License-Identifier: Apache-2.0

package search

import "strings"

// mend reads typing mistakes. A word that no document has becomes the likeliest
// one that it may stand for. One that documents have, though never beside these
// neighbours, stays, and its likelier reading is asked for too.
func (q *question) mend(typed []said) []said {
	mended := make([]said, 0, len(typed)+4)
	for i, w := range typed {
		var left, right []said
		if left = mended; len(left) > 0 {
			left = left[len(left)-1:]
		}
		if right = typed[i+1:]; len(right) > 0 {
			right = right[:1]
		}
		_, known := q.words[w.plain]
		if known && (w.aside || len(w.plain) < 3 || len(typed) == 1 || q.fit(left, []said{w}, right) > 0) {
			mended = append(mended, w)
			continue
		}
		best, fit := q.likeliest(w, left, right)
		switch {
		case best == nil || known && fit < fitting:
			mended = append(mended, w)
		case known:
			mended = append(mended, w)
			q.strand(append(append(append([]said{}, left...), best...), right...), guessWeight)
		default:
			mended = append(mended, best...)
		}
	}
	return mended
}

// fitting is how common a pair must be to speak against a word as it stands.
const fitting = 1.5

// common says how many documents have a term, as a logarithm: 0 for one.
func (q *question) common(term uint32) float32 { return q.rarest - q.idf[term] }

// fit says how common it is to see these words between their neighbours; 0 if
// no document has it.
func (q *question) fit(left, words, right []said) (sum float32) {
	row := append(append(append(make([]said, 0, 4), left...), words...), right...)
	for i := 1; i < len(row); i++ {
		if pair, ok := q.beside(row[i-1].token, row[i].token); ok {
			sum += q.common(pair) + 0.1
		}
	}
	return sum
}

// likeliest returns the reading of a mistyped word that fits its neighbours best.
func (q *question) likeliest(w said, left, right []said) (best []said, fit float32) {
	likely := float32(-1)
	try := func(head float32, words ...string) {
		row := make([]said, len(words))
		for i, word := range words {
			term, ok := q.words[word]
			if !ok {
				return
			}
			row[i].token = token{word, word}
			head += 0.2 * q.common(term)
		}
		f := q.fit(left, row, right)
		if len(words) > 1 && q.fit(nil, row, nil) == 0 {
			return
		}
		if head+f > likely {
			best, fit, likely = row, f, head+f
		}
	}
	for _, word := range untyped(w.plain) {
		try(3, word)
	}
	for _, word := range q.near.of(w.plain) {
		try(0, word)
	}
	if _, known := q.words[w.plain]; !known {
		for i := 1; i < len(w.plain); i++ {
			try(0, w.plain[:i], w.plain[i:])
		}
	}
	return best, fit
}

// telexShapes are the keys of the usual input methods for a letter with a mark,
// when the method was off.
var telexShapes = strings.NewReplacer("dd", "d", "aa", "a", "ee", "e", "oo", "o", "aw", "a", "ow", "o", "uw", "u", "w", "u")

// untyped takes the keys of an input method off a word that was typed while it
// was off: "ddawng", "kys", "d9a8ng".
func untyped(word string) []string {
	var words []string
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, word)
	if digits != word && digits != "" {
		words = append(words, digits)
	}
	bare := telexShapes.Replace(word)
	if bare != word {
		words = append(words, bare)
	}
	// A tone's key stands at the end or right behind the vowel.
	for i := len(bare) - 1; i > 0; i-- {
		if strings.IndexByte("sfrxj", bare[i]) >= 0 {
			words = append(words, bare[:i]+bare[i+1:])
		}
	}
	return words
}

// SPDX-License-Identifier: Apache-2.0

package search

import (
	"slices"
	"strings"
)

// maxMended bounds the words of a query that are mended.
const maxMended = 12

// mend makes of each word that neither documents nor words.txt have the likeliest one, or two, that
// it may stand for.
func (x *Index) mend(typed []said) []said {
	mended := make([]said, 0, len(typed)+maxMended)
	tried := 0
	for i, w := range typed {
		if _, known := x.words[w.plain]; known || x.lexicon.known[w.plain] || tried == maxMended {
			mended = append(mended, w)
			continue
		}
		tried++
		var left, right string
		if len(mended) > 0 {
			left = mended[len(mended)-1].plain
		}
		if i+1 < len(typed) {
			right = typed[i+1].plain
		}
		reading := x.likeliest(w.plain, left, right)
		if reading == nil {
			mended = append(mended, w)
		}
		for _, word := range reading {
			mended = append(mended, said{token: token{plain: word}})
		}
	}
	return mended
}

// likeliest returns the reading of a mistyped word that fits best between its
// neighbours and is common; nil if there is none.
func (x *Index) likeliest(word, left, right string) (best []string) {
	most := float32(-1)
	try := func(head float32, reading ...string) {
		for _, w := range reading {
			term, ok := x.words[w]
			if !ok {
				return
			}
			head += 0.2 * x.common(term)
		}
		if len(reading) > 1 && x.fit(reading...) == 0 {
			return
		}
		if likely := head + x.fit(slices.Concat([]string{left}, reading, []string{right})...); likely > most {
			best, most = reading, likely
		}
	}
	// Keys of an input method explain a word better than a slip does.
	for _, w := range untyped(word) {
		try(3, w)
	}
	for _, w := range x.near(word) {
		try(0, w)
	}
	for i := 1; i < len(word); i++ {
		try(0, word[:i], word[i:])
	}
	return best
}

// common says how many documents have a term, as a logarithm: 0 for one.
func (x *Index) common(term uint32) float32 { return x.rarest - x.idf[term] }

// fit says how common it is to see words side by side; 0 if no document has any two.
func (x *Index) fit(words ...string) (sum float32) {
	for i := 1; i < len(words); i++ {
		if pair, ok := x.pair(words[i-1], words[i]); ok {
			sum += x.common(pair) + 0.1
		}
	}
	return sum
}

// near lists the words one mistake away.
func (x *Index) near(word string) (found []string) {
	at, _ := slices.BinarySearchFunc(x.guesses, len(word)-1, func(w string, n int) int { return len(w) - n })
	for _, w := range x.guesses[at:] {
		if len(w) > len(word)+1 {
			break
		}
		if oneMistake(word, w) {
			found = append(found, w)
		}
	}
	return found
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

// telexShapes are the keys of the usual input method for a letter with a mark.
var telexShapes = strings.NewReplacer("dd", "d", "aa", "a", "ee", "e", "oo", "o", "aw", "a", "ow", "o", "uw", "u", "w", "u")

var vniKeys = strings.NewReplacer("0", "", "1", "", "2", "", "3", "", "4", "", "5", "", "6", "", "7", "", "8", "", "9", "")

// untyped takes the keys of an input method, Telex or VNI, off a word that was
// typed while it was off: "ddawng", "kys", "d9a8ng".
func untyped(word string) []string {
	var words []string
	if letters := vniKeys.Replace(word); letters != word {
		words = append(words, letters)
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

// SPDX-License-Identifier: Apache-2.0

package search

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Words are kept in one of two spellings, both ASCII where the word is
// Vietnamese: exact, with capitals for what the marks say ("đường" is DUPngF:
// the tone last, so that hoà and hòa are one), and plain, without ("duong").
// Equal sounds written i or y are written i ("kỹ", "kĩ").

// letter is what one rune says: a base letter and a tone, 0 for none.
type letter struct{ base, tone byte }

// latin knows every rune of the scripts that Vietnamese texts use.
var latin = func() (table [0x1F00]letter) {
	for r := range rune(len(table)) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		var l letter
		for _, part := range norm.NFKD.String(string(unicode.ToLower(r))) {
			if l.base == 0 && part < 0x80 {
				l.base = byte(part)
			} else {
				l.mark(part)
			}
		}
		if r == 'đ' || r == 'Đ' {
			l.base = 'D'
		}
		table[r] = l
	}
	return table
}()

// shapes are the letters that a mark makes of a base.
var shapes = map[[2]rune]byte{
	{'a', '\u0302'}: 'A', {'a', '\u0306'}: 'B', {'e', '\u0302'}: 'E',
	{'o', '\u0302'}: 'O', {'o', '\u031b'}: 'P', {'u', '\u031b'}: 'U',
}

// mark puts a combining mark on a letter; one that Vietnamese does not use is dropped.
func (l *letter) mark(m rune) {
	switch m {
	case '\u0300':
		l.tone = 'F'
	case '\u0301':
		l.tone = 'S'
	case '\u0309':
		l.tone = 'R'
	case '\u0303':
		l.tone = 'X'
	case '\u0323':
		l.tone = 'J'
	default:
		if shaped, ok := shapes[[2]rune{rune(l.base), m}]; ok {
			l.base = shaped
		}
	}
}

// maxWord is the longest spelling kept; what is longer is cut.
const maxWord = 32

// eachWord calls yield with the exact spelling of each word; it may be kept
// only until yield returns.
func eachWord(text string, yield func(exact []byte)) {
	var buf [maxWord + utf8.UTFMax + 1]byte
	word, tone := buf[:0], byte(0)
	flush := func() {
		if len(word) > 0 {
			word = oneI(word)
			if tone != 0 {
				word = append(word, tone)
			}
			yield(word)
			word, tone = buf[:0], 0
		}
	}
	for _, r := range text {
		if r >= '\u0300' && r <= '\u036f' {
			if n := len(word); n > 0 {
				l := letter{base: word[n-1]}
				l.mark(r)
				word[n-1] = l.base
				if l.tone != 0 {
					tone = l.tone
				}
			}
			continue
		}
		var l letter
		if int(r) < len(latin) {
			l = latin[r]
		}
		switch {
		case l.base != 0:
			if len(word) < maxWord {
				word = append(word, l.base)
			}
			if l.tone != 0 {
				tone = l.tone
			}
		case r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			if len(word) < maxWord {
				word = utf8.AppendRune(word, unicode.ToLower(r))
			}
		default:
			flush()
		}
	}
	flush()
}

// oneI writes the i that may be written y as i: kỹ, lý, mỹ, quý, sỹ, tỷ, hy.
func oneI(word []byte) []byte {
	n := len(word)
	if n < 2 || word[n-1] != 'y' {
		return word
	}
	switch string(word[:n-1]) {
	case "h", "k", "l", "m", "s", "t", "qu":
		word[n-1] = 'i'
	}
	return word
}

// plain takes the marks off an exact spelling, in place.
func plain(exact []byte) []byte {
	word := exact[:0]
	for _, c := range exact {
		switch c {
		case 'A', 'B':
			c = 'a'
		case 'O', 'P':
			c = 'o'
		case 'E', 'U', 'D':
			c += 'a' - 'A'
		case 'F', 'S', 'R', 'X', 'J':
			continue
		}
		word = append(word, c)
	}
	return word
}

// SPDX-License-Identifier: Apache-2.0

package search

import (
	"bytes"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold writes a text in small letters without marks, its words one space
// apart: "Hộ tịch" is "ho tich", in whichever Unicode form it was typed.
func Fold(text string) string {
	var b strings.Builder
	eachWord(text, func(plain, _ []byte) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.Write(plain)
	})
	return b.String()
}

// eachWord calls yield with each word of a text: its letters without marks,
// and the marks in a row, so that "hòa" and "hoà" are one word. Both may be
// kept only until yield returns.
func eachWord(text string, yield func(plain, marks []byte)) {
	var plain, marks []byte
	for _, r := range norm.NFKD.String(text) {
		r = unicode.ToLower(r)
		switch {
		case r == 'đ':
			plain, marks = append(plain, 'd'), append(marks, '-')
		case unicode.Is(unicode.Mn, r):
			marks = append(marks, string(r)...)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			plain = append(plain, string(r)...)
		case len(plain) > 0:
			yield(plain, marks)
			fallthrough
		default:
			plain, marks = plain[:0], marks[:0]
		}
	}
	if len(plain) > 0 {
		yield(plain, marks)
	}
}

// maxWord is the longest spelling looked at, in bytes; what is longer is cut.
const maxWord = 32

// spelling is a plain word as the index keeps it: cut, and with the i that may
// be written y as i (kỹ, lý, mỹ, quý, sỹ, tỷ, hy). It may change plain.
func spelling(plain []byte) []byte {
	plain = plain[:min(len(plain), maxWord)]
	if before, ok := bytes.CutSuffix(plain, []byte("y")); ok {
		switch string(before) {
		case "h", "k", "l", "m", "s", "t", "qu":
			plain[len(plain)-1] = 'i'
		}
	}
	return plain
}

// token is a word of a query or of the lexicon.
type token struct{ plain, marks string }

// tokens lists the words of a text, at most limit.
func tokens(text string, limit int) []token {
	var all []token
	eachWord(text, func(plain, marks []byte) {
		if len(all) < limit {
			all = append(all, token{string(spelling(plain)), string(marks)})
		}
	})
	return all
}

// reads is true if what was typed can be read as the word: with its marks, or
// without by someone who types none.
func (t token) reads(typed token, marksTyped bool) bool {
	return typed.plain == t.plain && (!marksTyped || typed.marks == t.marks)
}

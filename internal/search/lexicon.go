// SPDX-License-Identifier: Apache-2.0

package search

import (
	_ "embed"
	"fmt"
	"strings"
)

// wordsFile is what the index knows of everyday Vietnamese; its head says how to edit it.
//
//go:embed words.txt
var wordsFile string

// lexicon is words.txt, read.
type lexicon struct {
	asides  rules           // phrases that say little about what is sought
	written rules           // what the left side is a way of writing
	meant   rules           // what the left side also means
	known   map[string]bool // the plain words of every left side: no mistakes
}

// rule says what a query that has the pattern has in mind.
type rule struct {
	pattern pattern
	means   [][]token
}

// rules stand under each plain word that they may begin with.
type rules map[string][]rule

func (r rules) add(p pattern, means [][]token) {
	for _, w := range p[0].anyOf {
		r[w.plain] = append(r[w.plain], rule{p, means})
	}
}

// pattern is words in a row. One place may hold any of several words; where gap
// is set, up to maxGap others may stand before it.
type pattern []place

type place struct {
	anyOf []token
	gap   bool
}

const maxGap = 4

func readLexicon() lexicon {
	l, err := parseLexicon(wordsFile)
	if err != nil {
		panic(err) // the file is part of the program; a test reads it
	}
	return l
}

func parseLexicon(text string) (lexicon, error) {
	l := lexicon{asides: rules{}, written: rules{}, meant: rules{}, known: map[string]bool{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		left, right, means := strings.Cut(line, "=")
		right, written := strings.CutPrefix(right, ">")
		var all [][]token
		for phrase := range strings.SplitSeq(right, ";") {
			if t := tokens(phrase, maxWords); len(t) > 0 {
				all = append(all, t)
			}
		}
		if means == (len(all) == 0) || written && len(all) != 1 {
			return l, fmt.Errorf("words.txt:%d: %q needs one right side of words", number, line)
		}
		for phrase := range strings.SplitSeq(left, ",") {
			p := parsePattern(phrase)
			for _, place := range p {
				for _, w := range place.anyOf {
					l.known[w.plain] = true
				}
			}
			switch {
			case len(p) == 0 || p[0].gap:
				return l, fmt.Errorf("words.txt:%d: %q begins with no word", number, phrase)
			case !means:
				l.asides.add(p, nil)
			case written:
				l.written.add(p, all)
			default:
				l.meant.add(p, all)
			}
		}
	}
	return l, nil
}

func parsePattern(phrase string) pattern {
	var p pattern
	gap := false
	for part := range strings.FieldsSeq(phrase) {
		if part == ".." {
			gap = true
			continue
		}
		var words []token
		for word := range strings.SplitSeq(part, "|") {
			words = append(words, tokens(word, 1)...)
		}
		if len(words) > 0 {
			p = append(p, place{words, gap})
			gap = false
		}
	}
	return p
}

// match returns the places of the typed words that a pattern takes when it
// begins at from; nil if it does not.
func (p pattern) match(typed []token, from int, marksTyped bool) []int {
	var took []int
	at := from
	for i, place := range p {
		end := at
		if place.gap {
			end = at + maxGap
		}
		for ; at < len(typed) && at <= end; at++ {
			if place.has(typed[at], marksTyped) {
				took = append(took, at)
				break
			}
		}
		if len(took) != i+1 {
			return nil
		}
		at++
	}
	return took
}

func (p place) has(typed token, marksTyped bool) bool {
	for _, w := range p.anyOf {
		if w.reads(typed, marksTyped) {
			return true
		}
	}
	return false
}

// read spells out what was written short and sets aside what says little.
func (l *lexicon) read(typed []token, marksTyped bool) []said {
	var words []said
	for i := 0; i < len(typed) && len(words) < maxWords; {
		if r, took := l.written.longest(typed, i, marksTyped); took != nil {
			for _, w := range r.means[0] {
				words = append(words, said{token: w})
			}
			i += len(took)
		} else {
			words = append(words, said{token: typed[i]})
			i++
		}
	}
	typed = bare(words)
	for i := range typed {
		for _, r := range l.asides[typed[i].plain] {
			for _, at := range r.pattern.match(typed, i, marksTyped) {
				words[at].aside = true
			}
		}
	}
	return words
}

// longest returns the rule that takes most words from a place on.
func (r rules) longest(typed []token, from int, marksTyped bool) (best rule, took []int) {
	for _, rule := range r[typed[from].plain] {
		if places := rule.pattern.match(typed, from, marksTyped); len(places) > len(took) {
			best, took = rule, places
		}
	}
	return best, took
}

// meanings lists what the words also mean.
func (l *lexicon) meanings(words []said, marksTyped bool) [][]said {
	var all [][]said
	typed := bare(words)
	for i := range typed {
		for _, r := range l.meant[typed[i].plain] {
			took := r.pattern.match(typed, i, marksTyped)
			if took == nil || words[took[len(took)-1]].aside {
				continue
			}
			for _, phrase := range r.means {
				row := make([]said, len(phrase))
				for j, w := range phrase {
					row[j].token = w
				}
				all = append(all, row)
			}
		}
	}
	return all
}

func bare(words []said) []token {
	row := make([]token, len(words))
	for i, w := range words {
		row[i] = w.token
	}
	return row
}

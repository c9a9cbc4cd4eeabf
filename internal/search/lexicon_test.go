// SPDX-License-Identifier: Apache-2.0

package search

import (
	"strings"
	"testing"
)

func TestWordsFile(t *testing.T) {
	if _, err := parseLexicon(wordsFile); err != nil {
		t.Fatal(err)
	}
}

// A left side stands once: a second one would be overlooked when editing.
func TestWordsFileSaysThingsOnce(t *testing.T) {
	line := map[string]string{}
	for l := range strings.Lines(wordsFile) {
		l, _, _ = strings.Cut(strings.TrimSpace(l), "#")
		left, right, means := strings.Cut(l, "=")
		for phrase := range strings.SplitSeq(left, ",") {
			kind := "aside "
			if strings.HasPrefix(right, ">") {
				kind = "written "
			} else if means {
				kind = "meant "
			}
			phrase = strings.TrimSpace(phrase)
			if before, again := line[kind+phrase]; again && phrase != "" {
				t.Errorf("%q stands in %q and %q", phrase, before, l)
			}
			line[kind+phrase] = l
		}
	}
}

func TestParseLexiconRefuses(t *testing.T) {
	for _, text := range []string{"a =", "a => b ; c", "a =>", "= b", ".. a = b", ", = b", "a, , b"} {
		if _, err := parseLexicon("# fine\nx = y\n" + text); err == nil || !strings.Contains(err.Error(), "words.txt:3:") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

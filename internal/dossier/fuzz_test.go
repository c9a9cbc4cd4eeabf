// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"net/url"
	"strings"
	"testing"
)

// A code that is taken can stand in an address and in a file's name as it is.
func FuzzParseCode(f *testing.F) {
	f.Add("H57.101.1-261123-0005")
	f.Add("000.00.01.H57-20261123-0001")
	f.Add("H57-261123-0001\n")
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := ParseCode(text)
		if !ok {
			return
		}
		if string(code) != text || url.PathEscape(text) != text || strings.Contains(text, "..") || strings.ToUpper(text) != text {
			t.Errorf("%q is taken for a code", text)
		}
		if again, ok := ParseCode(string(code)); !ok || again != code {
			t.Errorf("%q is not taken again", code)
		}
	})
}

// A place in a list that is taken is written as the same place.
func FuzzParseAfter(f *testing.F) {
	f.Add("1780000000000.4711")
	f.Add("-1.+7")
	f.Add(".")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := ParseAfter(text)
		if err != nil {
			return
		}
		if again, err := ParseAfter(at.String()); err != nil || again != at {
			t.Errorf("%q: %+v, then %+v, %v", text, at, again, err)
		}
	})
}

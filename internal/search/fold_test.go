// SPDX-License-Identifier: Apache-2.0

package search

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"Hộ tịch", "ho tich"},
		{"ĐƯỜNG ĐI", "duong di"},
		{norm.NFD.String("Đăng ký – thường trú"), "dang ky thuong tru"},
		{"hoà hòa", "hoa hoa"},
		{"  (cấp tỉnh);  mẫu số 01/TT ", "cap tinh mau so 01 tt"},
		{"ﬁ Ａ１", "fi a1"},
		{"日本", "日本"},
		{"\u0301", ""},
		{"\xff", ""},
	} {
		if got := Fold(c.text); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestFoldHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := vietnamese.Draw(t, "text")
		folded := Fold(text)
		if again := Fold(folded); again != folded {
			t.Fatalf("folded again: %q, not %q", again, folded)
		}
		if nfc, nfd := Fold(norm.NFC.String(text)), Fold(norm.NFD.String(text)); nfc != folded || nfd != folded {
			t.Fatalf("NFC %q, NFD %q, as it is %q", nfc, nfd, folded)
		}
		if strings.Join(strings.Fields(folded), " ") != folded {
			t.Fatalf("%q is not one space apart", folded)
		}
		for _, r := range folded {
			if r == 'đ' || unicode.Is(unicode.Mn, r) || unicode.ToLower(r) != r {
				t.Fatalf("%q keeps %q", folded, r)
			}
		}
	})
}

func TestTokensKeepMarksAndEqualSpellings(t *testing.T) {
	for _, same := range [][2]string{{"hoà", "hòa"}, {"kỹ", "kĩ"}, {"quý", "quí"}, {"LÝ", "lí"}, {norm.NFD.String("đường"), "Đường"}} {
		a, b := tokens(same[0], 1), tokens(same[1], 1)
		if len(a) != 1 || len(b) != 1 || a[0] != b[0] {
			t.Errorf("%q and %q are %v and %v", same[0], same[1], a, b)
		}
	}
	for _, apart := range [][2]string{{"bố", "bỏ"}, {"đa", "da"}, {"tuy", "tui"}} {
		if a, b := tokens(apart[0], 1), tokens(apart[1], 1); a[0] == b[0] {
			t.Errorf("%q and %q are one: %v", apart[0], apart[1], a)
		}
	}
	if long := tokens(strings.Repeat("a", 99), 1); len(long[0].plain) != maxWord {
		t.Errorf("a long word keeps %d bytes", len(long[0].plain))
	}
}

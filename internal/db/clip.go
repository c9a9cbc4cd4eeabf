// SPDX-License-Identifier: Apache-2.0

package db

import "strings"

// Clip is a text of others as both databases take it: valid UTF-8 without NUL, of at most
// so many bytes, cut at a letter.
func Clip(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
}

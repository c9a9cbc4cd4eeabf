// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

// What the measure of costs takes out of the program is there to be taken out.
func TestWhatIsRemovedIsThere(t *testing.T) {
	t.Chdir("../..")
	for _, r := range without {
		if _, err := r.overlay(t.TempDir()); err != nil {
			t.Error(err)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

// The end of the time is no failure; what a target found is.
func TestEnded(t *testing.T) {
	for out, want := range map[string]bool{
		"fuzz: elapsed: 1m0s, execs: 469085 (0/sec)\n--- FAIL: FuzzLocalPath (60.04s)\n    context deadline exceeded\nFAIL\nexit status 1\n":                                                    true,
		"--- FAIL: FuzzX (3.91s)\n    --- FAIL: FuzzX (0.00s)\n        x_test.go:1: context deadline exceeded\n    \n    Failing input written to testdata/fuzz/FuzzX/3dfc9dc61ae852ec\nFAIL\n": false,
		"--- FAIL: FuzzX (0.01s)\n    x_test.go:1: wrong\nFAIL\n": false,
	} {
		if ended.MatchString(out) != want {
			t.Errorf("ended is %v for\n%s", !want, out)
		}
	}
}

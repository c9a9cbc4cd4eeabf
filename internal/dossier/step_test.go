// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"slices"
	"testing"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// A step of which nothing was filled in is refused for all that is missing at once:
// the inputs and the way on, which no input decides yet.
func TestStepRefusedForAllAtOnce(t *testing.T) {
	for code, asks := range map[string][]string{
		"1.001193": {"/action", "/marriage_check"}, // the channel decides the way
		"1.001662": {"/action", "/zone"},           // an input does
	} {
		o := open(t)
		s := o.to("chuyenvien", o.file(code), "step")
		_, err := o.Act(t.Context(), o.who["chuyenvien"], s.Code, dossier.Request{Act: "step", Version: s.Version, Params: map[string]any{}})
		e := refusal.As(err)
		if e == nil {
			t.Fatalf("%s: %v", code, err)
		}
		var wrong []string
		for _, f := range e.Fields {
			wrong = append(wrong, f.Pointer)
		}
		slices.Sort(wrong)
		for _, at := range asks {
			if !slices.Contains(wrong, at) {
				t.Errorf("%s: %s is not asked for among %q", code, at, wrong)
			}
		}
		o.must("chuyenvien", s, "step", nil)
	}
}

// SPDX-License-Identifier: Apache-2.0

package form_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/form"
)

// An item is added at the end and removed where it stands; paths that lead
// nowhere change nothing.
func TestItems(t *testing.T) {
	questions := []form.Field{
		{ID: "a", Type: form.ShortText},
		{ID: "group", Type: form.Group, Fields: []form.Field{{ID: "b", Type: form.ShortText}}},
		{ID: "list", Type: form.Group, Repeat: &form.Repeat{Max: 4}, Fields: []form.Field{
			{ID: "d", Type: form.ShortText},
			{ID: "inner", Type: form.Group, Repeat: &form.Repeat{Max: 3}, Fields: []form.Field{{ID: "e", Type: form.ShortText}}},
		}},
	}
	answers := form.FromValues(questions, url.Values{"list.0.d": {"0"}, "list.1.d": {"1"}, "list.1.inner.0.e": {"i"}})
	delete(answers, "a")
	delete(answers, "group")
	if at := form.AddItem(questions, answers, "list.1.inner"); at != "list.1.inner.1.e" {
		t.Errorf("added at %q", at)
	}
	form.RemoveItem(questions, answers, "list.1.inner.0.")
	form.RemoveItem(questions, answers, "list.0.")
	for _, path := range []string{"", "a", "a.0.", "list", "list.", "list.-1.", "list.7.", "list.x.", "group.0.", "list.0.inner.9.", "list.9.inner.0.", "....", "no.0."} {
		form.RemoveItem(questions, answers, path)
	}
	for _, path := range []string{"", "a", "group", "group.b", "list.9.inner", "list.x.inner", "list.0", "no"} {
		if at := form.AddItem(questions, answers, path); at != "" {
			t.Errorf("added to %q at %q", path, at)
		}
	}
	want := form.Answers{"list": []any{map[string]any{"d": "1", "inner": []any{map[string]any{}}}}}
	if diff := cmp.Diff(want, answers); diff != "" {
		t.Error(diff)
	}
	for range 9 {
		form.AddItem(questions, answers, "list")
	}
	if n := len(answers["list"].([]any)); n != 4 {
		t.Errorf("%d items", n)
	}
	form.Prune(questions, answers)
	if n := len(answers["list"].([]any)); n != 1 {
		t.Errorf("%d items after pruning", n)
	}
}

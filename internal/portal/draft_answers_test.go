// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/internal/form"
)

// questions has every shape a page may have: plain, in a group, in a list, in
// a list within a list.
var questions = []form.Field{
	{ID: "a", Type: form.ShortText},
	{ID: "many", Type: form.Choices, Options: []form.Option{{Value: "x"}, {Value: "y"}}},
	{ID: "group", Type: form.Group, Fields: []form.Field{{ID: "b", Type: form.ShortText}, {ID: "c", Type: form.ShortText}}},
	{ID: "list", Type: form.Group, Repeat: &form.Repeat{Max: 4}, Fields: []form.Field{
		{ID: "d", Type: form.ShortText},
		{ID: "inner", Type: form.Group, Repeat: &form.Repeat{Max: 3}, Fields: []form.Field{{ID: "e", Type: form.ShortText}}},
	}},
}

// names lists what a page with so many items sends.
func names(items, inner int) []string {
	all := []string{"a", "many", "group.b", "group.c"}
	for i := range items {
		all = append(all, fmt.Sprintf("list.%d.d", i))
		for j := range inner {
			all = append(all, fmt.Sprintf("list.%d.inner.%d.e", i, j))
		}
	}
	return all
}

// Whatever part of a page is sent, what it does not send stays as it was, and
// what it sends is kept.
func TestKeepLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SampledFrom([]string{"x", "y"})
		all := names(rapid.IntRange(1, 4).Draw(t, "items"), rapid.IntRange(1, 3).Draw(t, "inner"))
		whole, part := url.Values{}, url.Values{}
		for _, name := range all {
			whole.Set(name, value.Draw(t, name))
			if rapid.Bool().Draw(t, "send "+name) {
				part.Set(name, value.Draw(t, "new "+name))
			}
		}
		kept := form.Answers{}
		keep(questions, kept, whole)
		if diff := cmp.Diff(form.FromValues(questions, whole), kept); diff != "" {
			t.Fatalf("a whole page is not kept: %s", diff)
		}
		want := url.Values{}
		for _, name := range all {
			want[name] = whole[name]
			if part.Has(name) {
				want[name] = part[name]
			}
		}
		keep(questions, kept, part)
		if diff := cmp.Diff(form.FromValues(questions, want), kept); diff != "" {
			t.Fatalf("sending %v: %s", part, diff)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"slices"
	"testing"

	"motcua/internal/dossier"
)

// Officers find by the words people say at the counter, and only what they may see.
func TestSeek(t *testing.T) {
	o := open(t)
	for _, name := range []string{"Nguyễn Thị Hương Giang", "Trần Hương Giang", "Lê Văn Giang Anh"} {
		f, err := o.Sample(t.Context(), "1.001193", "vi")
		if err != nil {
			t.Fatal(err)
		}
		f.Applicant.Name = name
		if _, err := o.Submit(t.Context(), o.who["nguoidan"], f, nil); err != nil {
			t.Fatal(err)
		}
	}
	o.file("1.004194")
	all, _, err := o.Seek(t.Context(), o.who["motcua"], dossier.Sought{Procedure: "1.001193"}, 10)
	if err != nil || len(all) != 3 {
		t.Fatalf("by procedure: %v, %v", all, err)
	}
	code := string(all[0].Code)
	seek := func(login, text, procedure string) []string {
		items, _, err := o.Seek(t.Context(), o.who[login], dossier.Sought{Text: text, Procedure: procedure}, 10)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var names []string
		for _, i := range items {
			names = append(names, i.Applicant)
		}
		return names
	}
	for _, c := range []struct {
		login, text, procedure string
		want                   []string
	}{
		{"motcua", "hương giang", "1.001193", []string{"Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"motcua", "HUONG GIANG", "1.001193", []string{"Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"motcua", "Trần Hương Giang", "", []string{"Trần Hương Giang"}},
		{"motcua", "ang", "", nil}, // whole words only
		{"motcua", "le van", "", []string{"Lê Văn Giang Anh"}},
		{"motcua", "0461 9000 1234", "1.001193", []string{"Lê Văn Giang Anh", "Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"motcua", "046190001235", "", nil},
		{"motcua", code, "", []string{"Lê Văn Giang Anh"}},
		{"motcua", code[:len(code)-4], "1.001193", []string{"Lê Văn Giang Anh", "Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"motcua", "h57", "1.001193", []string{"Lê Văn Giang Anh", "Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"motcua", "%", "", nil},
		{"motcua", "1.001193", "", []string{"Lê Văn Giang Anh", "Trần Hương Giang", "Nguyễn Thị Hương Giang"}},
		{"nguoidan", "hương giang", "", nil}, // no officer
		{"quantri", "hương giang", "", nil},  // configures, does not read
	} {
		if got := seek(c.login, c.text, c.procedure); !slices.Equal(got, c.want) {
			t.Errorf("%s seeks %q: %q, want %q", c.login, c.text, got, c.want)
		}
	}
	for _, login := range []string{"motcua2", "chuyenvien2", "thuquy"} {
		items, _, err := o.Seek(t.Context(), o.who[login], dossier.Sought{Text: "giang"}, 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			if _, err := o.Find(t.Context(), o.who[login], i.Code); err != nil {
				t.Errorf("%s finds %s and may not see it", login, i.Code)
			}
		}
	}
}

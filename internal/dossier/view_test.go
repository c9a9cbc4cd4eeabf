// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"testing"
	"time"

	"motcua/internal/dossier"
)

// Every officer's look is noted with why, once in a while; looks without a task are
// shown to who heads the agency; the applicant sees all of them, and is not one.
func TestViews(t *testing.T) {
	o := open(t)
	o.Looks = &dossier.Looks{}
	s := o.file("1.001193")
	s = o.must("motcua", s, "receive", nil)
	s = o.must("truongphong", s, "assign", map[string]any{"officer": "chuyenvien"})
	look := func(login string) {
		t.Helper()
		if _, err := o.Open(t.Context(), o.who[login], s.Code); err != nil {
			t.Fatalf("%s: %v", login, err)
		}
		o.now = o.now.Add(time.Second)
	}
	views := func(login string) []dossier.View {
		t.Helper()
		list, err := o.Views(t.Context(), o.who[login], s.Code)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	look("nguoidan")
	if list := views("nguoidan"); len(list) != 0 {
		t.Errorf("the applicant's own look is noted: %+v", list)
	}
	for _, login := range []string{"chuyenvien", "chuyenvien", "lanhdao", "motcua", "chuyenvien2"} {
		look(login)
	}
	list := views("nguoidan")
	want := []struct {
		login   string
		purpose dossier.Purpose
	}{{"chuyenvien2", dossier.ForNone}, {"motcua", dossier.ForPart}, {"lanhdao", dossier.ForOversight}, {"chuyenvien", dossier.ForTask}}
	if len(list) != len(want) {
		t.Fatalf("%d looks: %+v", len(list), list)
	}
	for i, w := range want {
		if v := list[i]; v.Name != o.who[w.login].Name || v.Purpose != w.purpose || v.Flagged != (w.purpose == dossier.ForNone) || v.Code != s.Code || v.What != "dossier" || v.Agency == "" {
			t.Errorf("%s: %+v", w.login, v)
		}
	}
	flagged := func(login string) int {
		t.Helper()
		list, err := o.FlaggedViews(t.Context(), o.who[login])
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	for login, n := range map[string]int{"lanhdao": 1, "truongphong": 1, "phuxuan.ld": 0, "chuyenvien2": 0, "quantri": 0, "nguoidan": 0} {
		if got := flagged(login); got != n {
			t.Errorf("%s sees %d flagged looks, not %d", login, got, n)
		}
	}
	who := o.who["chuyenvien2"]
	who.Reason = "Người dân gọi điện hỏi"
	if _, err := o.Open(t.Context(), who, s.Code); err != nil {
		t.Fatal(err)
	}
	if list := views("lanhdao"); list[0].Said != who.Reason {
		t.Errorf("the reason is not kept: %+v", list[0])
	}
	o.now = o.now.Add(11 * time.Minute)
	before := len(views("nguoidan"))
	look("chuyenvien")
	if after := len(views("nguoidan")); after != before+1 {
		t.Errorf("a look much later is no other look: %d, then %d", before, after)
	}
	o.verify()
}

// A stranger's look is no look: it is refused, and not told apart from one at a
// dossier that does not exist.
func TestNoViewOfWhatIsNotSeen(t *testing.T) {
	o := open(t)
	s := o.file("1.001193")
	for _, login := range []string{"phuvang", "quantri", "nguoidan2"} {
		if _, err := o.Open(t.Context(), o.who[login], s.Code); err == nil {
			t.Errorf("%s opens it", login)
		}
	}
	list, err := o.Views(t.Context(), o.who["nguoidan"], s.Code)
	if err != nil || len(list) != 0 {
		t.Errorf("noted: %+v %v", list, err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"slices"
	"testing"
	"time"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/dossier"
)

// Whose names an officer's queue shows is written before it is shown: once in ten
// minutes each, so that a queue that is read all day is a line for what is new in
// it; what is picked from it is no other look. Going on to the next dossier shows
// no name.
func TestQueueIsListed(t *testing.T) {
	o := open(t)
	one, two := o.file("1.004859"), o.file("1.004859")
	o.Looks = &dossier.Looks{}
	who := o.who["motcua"]
	read := 0
	lines := func() (list []dossier.Listing) {
		t.Helper()
		var all []audit.Line
		if err := o.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			all, err = audit.Find(tx, `kind = 'listed' AND account = $1`, who.Account, 100)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(all) // the last comes first
		for _, l := range all[read:] {
			var x dossier.Listing
			if err := l.Read(&x); err != nil {
				t.Fatal(err)
			}
			list = append(list, x)
		}
		read = len(all)
		return list
	}
	show := func() {
		t.Helper()
		o.now = o.now.Add(time.Second)
		if _, _, err := o.List(t.Context(), who, dossier.ToReceive, 50, dossier.After{}); err != nil {
			t.Fatal(err)
		}
	}
	is := func(when, what string, codes ...dossier.Code) {
		t.Helper()
		list := lines()
		if len(codes) == 0 && len(list) == 0 {
			return
		}
		if len(list) != 1 || list[0].What != what || list[0].Purpose != dossier.ForTask || list[0].N != len(codes) || !slices.Equal(list[0].Codes, codes) || list[0].Name != who.Name {
			t.Errorf("%s: %+v, want %s %v", when, list, what, codes)
		}
	}
	lines()
	if next, err := o.Next(t.Context(), who, dossier.ToReceive, one.Position(), one.Code); err != nil || next != two.Code {
		t.Errorf("next is %s %v", next, err)
	}
	is("the next one", "")
	show()
	is("shown", dossier.ListedQueue, one.Code, two.Code)
	show()
	is("again", "")
	o.must("motcua", one, "receive", nil)
	lines()
	show()
	is("some of it is done", "")
	three := o.file("1.004859")
	show()
	is("one more", dossier.ListedQueue, three.Code)
	if list, err := o.Picked(t.Context(), who, []dossier.Code{three.Code, "H57.101.1-990101-9999", two.Code}); err != nil || len(list) != 2 || list[0].Code != three.Code || list[1].Code != two.Code {
		t.Errorf("picked %d %v", len(list), err)
	}
	is("picked from it", "")
	o.now = o.now.Add(11 * time.Minute)
	if _, err := o.Picked(t.Context(), who, []dossier.Code{three.Code}); err != nil {
		t.Fatal(err)
	}
	is("picked later", dossier.ListedBatch, three.Code)
	show()
	is("later", dossier.ListedQueue, two.Code)
}

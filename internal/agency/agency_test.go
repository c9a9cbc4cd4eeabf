// SPDX-License-Identifier: Apache-2.0

package agency_test

import (
	"slices"
	"testing"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

func named(id agency.ID, from, name string) agency.Agency {
	a := agency.Agency{ID: id, Kind: agency.Department, Name: form.Text{VI: name}}
	if from != "" {
		a.From = calendar.MustDate(from)
	}
	return a
}

func TestDirectoryKnowsWhatAnAgencyWasCalled(t *testing.T) {
	d := agency.NewDirectory([]agency.Agency{named("H57", "", "tỉnh"), named("H57", "2025-01-01", "thành phố"), named("H57.9", "2027-01-01", "sở mới")}, nil, calendar.MustDate("2026-11-23"))
	for day, want := range map[string]string{"2018-06-21": "tỉnh", "2024-12-31": "tỉnh", "2025-01-01": "thành phố", "2030-01-01": "thành phố"} {
		if got := d.NameOn("H57", calendar.MustDate(day), "vi"); got != want {
			t.Errorf("on %s it is %q, want %q", day, got, want)
		}
	}
	if a := d.Find("H57"); a == nil || a.Name.VI != "thành phố" || d.Name("H57", "vi") != "thành phố" {
		t.Errorf("today: %v", a)
	}
	if d.Find("H57.9") != nil || len(d.Agencies) != 1 {
		t.Errorf("an agency that begins later is listed: %v", d.Agencies)
	}
	if d.On("H58", 1) != nil || d.NameOn("H58", 1, "vi") != "H58" {
		t.Error("an unknown agency has a name")
	}
}

func TestPlaceIsThatOfTheAgencyAbove(t *testing.T) {
	above, below, alone, ring := named("H57", "", "a"), named("H57.1", "", "b"), named("H58", "", "c"), named("H59", "", "d")
	above.Place, below.Parent, ring.Parent = "Huế", "H57", "H59"
	d := agency.NewDirectory([]agency.Agency{above, below, alone, ring}, nil, 1)
	for id, want := range map[agency.ID]string{"H57": "Huế", "H57.1": "Huế", "H58": "", "H59": "", "H60": ""} {
		if got := d.PlaceOn(id, 1); got != want {
			t.Errorf("%s is at %q, want %q", id, got, want)
		}
	}
}

func TestOfferings(t *testing.T) {
	centre := agency.Agency{ID: "H57.1", Kind: agency.Centre, Receives: []agency.ID{"H57.2", "H57.3"}}
	ward := agency.Agency{ID: "H57.3", Kind: agency.Commune}
	own := agency.Agency{ID: "H57.3.1", Kind: agency.Centre, Receives: []agency.ID{"H57.3"}}
	d := agency.NewDirectory([]agency.Agency{centre, named("H57.2", "", "sở"), ward, own}, nil, 1)
	for _, tt := range []struct {
		competent []string
		want      []agency.Offering
	}{
		{[]string{"H57.2"}, []agency.Offering{{Reception: "H57.1", Competent: "H57.2"}}},
		{[]string{"commune"}, []agency.Offering{{Reception: "H57.1", Competent: "H57.3"}, {Reception: "H57.3.1", Competent: "H57.3"}}},
		{[]string{"H57.4"}, nil},
		{nil, nil},
	} {
		if got := d.Offerings(tt.competent); !slices.Equal(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.competent, got, tt.want)
		}
	}
	if got := d.Decides("H57.1"); !slices.Equal(got, []string{"H57.2", "department", "H57.3", "commune"}) {
		t.Errorf("the centre decides as %v", got)
	}
}

func TestPostsAreHeldForATime(t *testing.T) {
	post := agency.Post{Role: "clerk", Agency: "H57.1", From: calendar.MustDate("2026-01-01"), To: calendar.MustDate("2026-06-30")}
	d := agency.NewDirectory(nil, []agency.Officer{{Account: 7, Login: "a", Posts: []agency.Post{post}}}, 1)
	for day, held := range map[string]bool{"2025-12-31": false, "2026-01-01": true, "2026-06-30": true, "2026-07-01": false} {
		if got := len(d.With("clerk", "H57.1", calendar.MustDate(day), nil)) == 1; got != held {
			t.Errorf("held on %s: %v", day, got)
		}
	}
}

func write(t *testing.T, d *db.DB, do func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// What changes in the directory begins on a day; what was before stays.
func TestSaveAgencies(t *testing.T) {
	d := dbtest.Open(t)
	now := time.Date(2026, 11, 23, 23, 59, 0, 0, calendar.Zone)
	save := func(today string, list ...agency.Agency) {
		write(t, d, func(tx *db.Tx) error { return agency.SaveAgencies(tx, list, calendar.MustDate(today)) })
	}
	save("2026-11-01", named("H57.1", "", "cũ"), named("H57.2", "", "khác"))
	save("2026-11-24", named("H57.1", "", "mới"), named("H57.2", "", "khác"))
	site, err := agency.OpenSite(t.Context(), d, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	if name := site.Directory().Name("H57.1", "vi"); name != "cũ" {
		t.Errorf("a day too early: %s", name)
	}
	now = now.Add(time.Minute)
	if err := site.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	directory := site.Directory()
	if directory.Name("H57.1", "vi") != "mới" || directory.NameOn("H57.1", calendar.MustDate("2026-11-23"), "vi") != "cũ" {
		t.Errorf("today %s, yesterday %s", directory.Name("H57.1", "vi"), directory.NameOn("H57.1", calendar.MustDate("2026-11-23"), "vi"))
	}
	if len(directory.Agencies) != 2 || !directory.Find("H57.2").From.IsZero() {
		t.Errorf("what did not change has another edition: %v", directory.Agencies)
	}
	wrong := named("H57.3", "", "giờ sai")
	wrong.Hours = "7h"
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return agency.SaveAgencies(tx, []agency.Agency{wrong}, 1) }); refusal.As(err) == nil {
		t.Errorf("wrong hours: %v", err)
	}
}

// The calendar in force is the one that was published last, also when it was
// in force before; each keeps its number for the dossiers that pinned it.
func TestPublishCalendar(t *testing.T) {
	d := dbtest.Open(t)
	builtin := calendar.Builtin()
	other := calendar.New(append(builtin.Holidays(), calendar.Holiday{Date: calendar.MustDate("2026-11-24"), Kind: "holiday", Name: "Ngày Văn hóa Việt Nam"}), nil)
	for i, c := range []*calendar.Calendar{builtin, builtin, other, builtin} {
		write(t, d, func(tx *db.Tx) error { return agency.PublishCalendar(tx, c) })
		site, err := agency.OpenSite(t.Context(), d, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		number, cal, err := site.Calendar("")
		if err != nil {
			t.Fatal(err)
		}
		if want := []int64{1, 1, 2, 3}[i]; number != want {
			t.Errorf("publication %d is edition %d, want %d", i, number, want)
		}
		if working, _ := cal.IsWorkingDay(calendar.MustDate("2026-11-24")); working != (i != 2) {
			t.Errorf("publication %d: 24 November is worked: %v", i, working)
		}
		summer := "07:30-11:30,13:30-17:30; 2026-04-15 07:00-11:00,13:30-17:00"
		_, own, err := site.Calendar(summer)
		if err != nil || own.Hours().String() != summer || !own.EndOfDay(calendar.MustDate("2026-05-04")).Equal(time.Date(2026, 5, 4, 17, 0, 0, 0, calendar.Zone)) {
			t.Errorf("own hours: %v %v", own, err)
		}
	}
}

// A post or an absence that was given by a statement in the database gives no right.
func TestForgedPosts(t *testing.T) {
	d := dbtest.Open(t)
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO account (id, login, kind, name, password, person, created_at) VALUES (1, 'a', 'officer', 'A', '', '{}', 0), (2, 'b', 'officer', 'B', '', '{}', 0)`)
		if err := agency.SavePosts(tx, agency.Post{Account: 1, Role: "clerk", Agency: "H57", From: 1}, agency.Post{Account: 2, Role: "clerk", Agency: "H57", From: 1}); err != nil {
			return err
		}
		tx.Exec(`INSERT INTO post (account, role, agency, valid_from, valid_to, remit, mark) SELECT account, 'leader', agency, valid_from, valid_to, remit, mark FROM post WHERE account = 2`)
		tx.Exec(`UPDATE post SET agency = 'H57.1' WHERE account = 2 AND role = 'clerk'`)
		tx.Exec(`INSERT INTO absence (account, valid_from, valid_to, substitute) VALUES (1, '2026-01-01', '2027-01-01', 2)`)
		return tx.Err()
	}); err != nil {
		t.Fatal(err)
	}
	site, err := agency.OpenSite(t.Context(), d, func() time.Time { return time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	list := site.Directory()
	if n := len(list.Officer(1).Posts); n != 1 {
		t.Errorf("an officer has %d posts", n)
	}
	if o := list.Officer(2); len(o.Posts) != 0 || len(list.StandsInFor(2, calendar.MustDate("2026-12-01"))) != 0 {
		t.Errorf("forged: %v", o.Posts)
	}
}

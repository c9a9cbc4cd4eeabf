// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"testing"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/workflow"
)

// handled is a dossier that chuyenvien has in hand.
func (o *office) handled() dossier.State {
	o.Helper()
	s := o.file("1.004859")
	for range 10 {
		for _, login := range []string{"motcua", "truongphong", "chuyenvien"} {
			offers, err := o.Offers(o.Context(), o.who[login], &s)
			if err != nil {
				o.Fatal(err)
			}
			if s.Handler != "" || len(offers) == 0 || offers[0].Aside {
				continue
			}
			given := map[string]any{}
			if offers[0].Act == "assign" {
				given["officer"] = "chuyenvien"
			}
			if s, err = o.do(login, s, offers[0].Act, given); err != nil {
				o.Fatal(err)
			}
		}
	}
	if s.Handler == "" || s.Role != workflow.Specialist {
		o.Fatalf("in the hands of %q, a %s", s.Handler, s.Role)
	}
	return s
}

// posts changes the posts that an officer holds as a specialist at an agency.
func (o *office) posts(login string, at agency.ID, change func(*agency.Post) []agency.Post) {
	o.Helper()
	err := o.DB.Write(o.Context(), func(tx *db.Tx) error {
		for _, p := range o.site.Directory().Officer(o.who[login].Account).Posts {
			if p.Role == workflow.Specialist && p.Agency == at {
				if err := agency.SavePosts(tx, change(&p)...); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		o.Fatal(err)
	}
}

// released lets the system give back what is stranded, and says how much that was.
func (o *office) released(want int) {
	o.Helper()
	for _, want := range []int{want, 0} {
		if n, err := o.Release(o.Context()); n != want || err != nil {
			o.Fatalf("%d released, want %d: %v", n, want, err)
		}
	}
	o.verify()
}

func (o *office) again(s dossier.State) dossier.State {
	o.Helper()
	now, err := o.Find(o.Context(), o.who["truongphong"], s.Code)
	if err != nil {
		o.Fatal(err)
	}
	return now
}

// A post that ends by its day leaves its dossiers to the unit: a colleague takes
// one, the head assigns the other. Before, and for who still has a post, all stays.
func TestReleasedWhenAPostEnds(t *testing.T) {
	o := open(t)
	one, two := o.handled(), o.handled()
	o.released(0)
	o.posts("chuyenvien", one.Competent, func(p *agency.Post) []agency.Post {
		p.To = calendar.DateOf(o.now)
		return []agency.Post{*p}
	})
	o.released(0)
	o.now = o.now.Add(24 * time.Hour)
	o.released(2)
	one, two = o.again(one), o.again(two)
	if one.Handler != "" || one.Assignee != 0 || one.Role != workflow.Specialist {
		t.Fatalf("%+v", one)
	}
	items, _, err := o.List(t.Context(), o.who["chuyenvien2"], dossier.ToHandle, 50, dossier.After{})
	if err != nil || len(items) != 2 {
		t.Fatalf("the unit finds %d: %v", len(items), err)
	}
	if one, err = o.do("chuyenvien2", one, "claim", nil); err != nil || one.Handler != "Bùi Đức Anh" {
		t.Error(one.Handler, err)
	}
	if two, err = o.do("truongphong", two, "assign", map[string]any{"officer": "chuyenvien2"}); err != nil || two.Handler != "Bùi Đức Anh" {
		t.Error(two.Handler, err)
	}
	o.released(0)
}

// A post that is for other dossiers now leaves those that it is not for.
func TestReleasedWhenAPostNarrows(t *testing.T) {
	o := open(t)
	s := o.handled()
	narrow := func(procedures ...string) {
		o.posts("chuyenvien", s.Competent, func(p *agency.Post) []agency.Post {
			old := *p
			old.To = calendar.DateOf(o.now) - 1
			p.Procedures, p.From, p.To = procedures, calendar.DateOf(o.now), 0
			return []agency.Post{old, *p}
		})
	}
	narrow("1.004859", "1.001193")
	o.released(0)
	narrow("1.001193")
	if err := o.site.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.posts("chuyenvien", s.Competent, func(p *agency.Post) []agency.Post {
		if len(p.Procedures) == 2 {
			p.To = calendar.DateOf(o.now) - 1
		}
		return []agency.Post{*p}
	})
	o.released(1)
}

// What lies with the leader meanwhile goes back to the unit once it is sent back.
func TestReleasedWhenSentBack(t *testing.T) {
	o := open(t)
	s := o.handled()
	for range 10 {
		offers, err := o.Offers(t.Context(), o.who["chuyenvien"], &s)
		if err != nil {
			t.Fatal(err)
		}
		if s.Role != workflow.Specialist || len(offers) == 0 {
			break
		}
		if s, err = o.do("chuyenvien", s, offers[0].Act, nil); err != nil {
			t.Fatal(err)
		}
	}
	o.posts("chuyenvien", s.Competent, func(p *agency.Post) []agency.Post {
		p.To = calendar.DateOf(o.now) - 1
		return []agency.Post{*p}
	})
	o.released(0)
	sent := false
	for range 3 {
		for _, login := range []string{"truongphong", "lanhdao"} {
			offers, err := o.Offers(t.Context(), o.who[login], &s)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range offers {
				if x.Act == "send_back" && !sent {
					if s, err = o.do(login, s, "send_back", map[string]any{"reason": "Cần làm rõ"}); err != nil {
						t.Fatal(err)
					}
					sent = s.Role == workflow.Specialist
				}
			}
		}
	}
	if !sent {
		t.Fatalf("not sent back: %s %s", s.Step, s.Role)
	}
	o.released(1)
}

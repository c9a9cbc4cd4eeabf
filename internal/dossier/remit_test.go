// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// posted are dossiers of several fields, one of restricted access, in several
// states, and everything that lists them for an officer.
func posted(t *testing.T) (o *office, all []dossier.State) {
	o = open(t)
	o.change("1.012783", func(e *procedure.Edition) { e.Facts.Restricted = true })
	o.clear()
	for i, code := range []string{"1.001193", "1.012783", "1.004859", "1.011609", "2.000986", "1.012783"} {
		for n := range 4 {
			s := o.file(code)
			for more, k := true, 0; more && k < (n+i)%4*2; k++ {
				s, more = o.next(s)
			}
			all = append(all, s)
		}
	}
	return o, all
}

// clear clears every officer for what is of restricted access.
func (o *office) clear() {
	o.Helper()
	err := o.DB.Write(o.Context(), func(tx *db.Tx) error {
		for _, officer := range o.site.Directory().Officers {
			for _, p := range officer.Posts {
				p.Cleared = true
				if err := agency.SavePosts(tx, p); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		err = o.site.Refresh(o.Context())
	}
	if err != nil {
		o.Fatal(err)
	}
	for login, who := range o.who {
		if officer := o.site.Directory().Officer(who.Account); officer != nil {
			who.Posts = officer.Posts
			o.who[login] = who
		}
	}
}

// lists returns what every list shows an officer, by the list's name.
func (o *office) lists(who dossier.Actor, all []dossier.State) map[string][]dossier.Code {
	o.Helper()
	ctx, day := o.Context(), calendar.DateOf(o.now)
	shown := map[string][]dossier.Code{}
	add := func(name string, items []dossier.Item, err error) {
		if err != nil && !refusal.Is(err, refusal.NotFound) {
			o.Fatal(name, err)
		}
		for _, i := range items {
			shown[name] = append(shown[name], i.Code)
		}
	}
	queues, err := o.Queues(ctx, who)
	if err != nil {
		o.Fatal(err)
	}
	for _, q := range queues {
		items, _, err := o.List(ctx, who, q.Name, 1000, dossier.After{})
		add("queue "+string(q.Name), items, err)
		if int64(len(items)) != q.Count {
			o.Errorf("queue %s: %d listed, %d counted for %+v", q.Name, len(items), q.Count, who.Posts)
		}
	}
	var places []agency.ID
	for _, s := range all {
		for _, at := range []agency.ID{s.Competent, s.Reception} {
			if !slices.Contains(places, at) {
				places = append(places, at)
			}
		}
	}
	for _, at := range places {
		items, err := o.Unit(ctx, who, at, 1000, 0)
		add("unit", items, err)
		register, err := o.Register(ctx, who, dossier.RegisterShown, at, day-30, day+30, 1000)
		if err != nil && !refusal.Is(err, refusal.NotFound) {
			o.Fatal(err)
		}
		for _, s := range register {
			shown["register"] = append(shown["register"], s.Code)
		}
	}
	for _, sought := range []dossier.Sought{{Text: all[0].Applicant.Name}, {Text: all[0].Applicant.IDNumber}, {Text: "H57."}, {Text: string(all[0].Code[:9])}, {Text: "H57.101.1-"}} {
		items, _, err := o.Seek(ctx, who, sought, 1000)
		add("seek "+sought.Text, items, err)
	}
	for _, s := range all {
		items, _, err := o.Seek(ctx, who, dossier.Sought{Procedure: s.Procedure}, 1000)
		add("procedure", items, err)
	}
	forgotten, err := o.Forgotten(ctx, who, 1000)
	for _, f := range forgotten {
		add("forgotten", f.Items, err)
	}
	return shown
}

// No list shows an officer what the check of the same policy hides, whatever
// posts the officer has; and what the policy shows where the officer works is
// found.
func TestListsAndCheckAreOnePolicy(t *testing.T) {
	o, all := posted(t)
	byCode := map[dossier.Code]*dossier.State{}
	fields, procedures, receptions, agencies := map[string]bool{}, map[string]bool{}, map[agency.ID]bool{}, map[agency.ID]bool{"H57.102": true}
	for i := range all {
		s := &all[i]
		byCode[s.Code] = s
		fields[s.Field], procedures[s.Procedure], receptions[s.Reception], agencies[s.Reception], agencies[s.Competent] = true, true, true, true, true
	}
	r := rand.New(rand.NewPCG(7, 11))
	some := func(n int) bool { return r.IntN(n) == 0 }
	hidden, seen := 0, 0
	for range 150 {
		who := dossier.Actor{Account: 99, Officer: true, Name: "thử"}
		for range 1 + r.IntN(3) {
			p := agency.Post{Account: 99, Role: anyOf(r, []workflow.Role{workflow.Clerk, workflow.Specialist, workflow.Head, workflow.Leader, workflow.Cashier, workflow.Admin, workflow.Privacy}), Agency: anyOf(r, slices.Sorted(maps.Keys(agencies)))}
			if some(3) {
				p.Fields = []string{anyOf(r, slices.Sorted(maps.Keys(fields)))}
			}
			if some(4) {
				p.Procedures = []string{anyOf(r, slices.Sorted(maps.Keys(procedures))), anyOf(r, slices.Sorted(maps.Keys(procedures)))}
			}
			if some(4) {
				p.Territory = []agency.ID{anyOf(r, slices.Sorted(maps.Keys(receptions)))}
			}
			p.Cleared, p.External = some(2), p.Role == workflow.Clerk && some(3)
			who.Posts = append(who.Posts, p)
		}
		lists := o.lists(who, all)
		found := map[dossier.Code]bool{}
		for name, codes := range lists {
			for _, code := range codes {
				found[code] = true
				s, err := o.Find(t.Context(), who, code)
				if err != nil {
					t.Errorf("%s shows %s (%v) to %+v: %v", name, code, byCode[code], who.Posts, err)
				} else if !who.Sees(&s) {
					t.Errorf("%s shows what the check hides", name)
				}
			}
		}
		for code, s := range byCode {
			if _, err := o.Find(t.Context(), who, code); err != nil {
				hidden++
				if !refusal.Is(err, refusal.NotFound) {
					t.Errorf("%s: %v", code, err)
				}
				continue
			}
			seen++
			on := who.On(s)
			if (on.Works(s.Competent) || on.Works(s.Reception)) && !found[code] {
				t.Errorf("%s is in no list of %+v", code, who.Posts)
			}
		}
	}
	if hidden < 500 || seen < 200 {
		t.Errorf("%d hidden, %d seen: the posts prove little", hidden, seen)
	}
	o.verify()
}

func anyOf[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// A specialist who is for one field is shown and given nothing of another; a
// procedure of restricted access waits for who is cleared for it.
func TestRemitNarrowsAPost(t *testing.T) {
	o := open(t)
	o.change("1.012783", func(e *procedure.Edition) { e.Facts.Restricted = true })
	o.clear()
	s := o.file("1.012783")
	for more := true; more && s.Work != dossier.ToAssign; {
		s, more = o.next(s)
	}
	assigns := func() (logins []string) {
		for _, login := range []string{"truongphong", "lanhdao"} {
			offers, err := o.Offers(t.Context(), o.who[login], &s)
			if err != nil {
				t.Fatal(err)
			}
			for _, offer := range offers {
				for _, p := range offer.Params {
					for _, option := range p.Choices {
						if offer.Act == "assign" && p.Name == "officer" {
							logins = append(logins, option.Value)
						}
					}
				}
			}
		}
		return logins
	}
	if len(assigns()) == 0 {
		t.Fatal("it can be given to nobody")
	}
	for i, tt := range []struct {
		remit agency.Remit
		sees  bool
	}{
		{agency.Remit{}, false},
		{agency.Remit{Cleared: true}, true},
		{agency.Remit{Cleared: true, Fields: []string{s.Field}}, true},
		{agency.Remit{Cleared: true, Fields: []string{"khac"}}, false},
		{agency.Remit{Cleared: true, Procedures: []string{"khac", s.Procedure}}, true},
		{agency.Remit{Cleared: true, Procedures: []string{"khac"}}, false},
		{agency.Remit{Cleared: true, Territory: []agency.ID{s.Reception}}, true},
		{agency.Remit{Cleared: true, Territory: []agency.ID{"H57.102.1"}}, false},
	} {
		login := fmt.Sprint("moi", i)
		who := o.join(login, agency.Post{Role: workflow.Specialist, Agency: s.Competent, From: calendar.DateOf(o.now), Remit: tt.remit})
		if got := who.Sees(&s); got != tt.sees {
			t.Errorf("%+v sees it: %v", tt.remit, got)
		}
		if got := slices.Contains(assigns(), login); got != tt.sees {
			t.Errorf("%+v may be given it: %v", tt.remit, got)
		}
	}
}

// join makes an officer with one post.
func (o *office) join(login string, p agency.Post) dossier.Actor {
	o.Helper()
	a := identity.Account{Login: login, Name: login, Officer: true}
	err := o.DB.Write(o.Context(), func(tx *db.Tx) (err error) {
		if a.ID, err = identity.Enrol(tx, a, "", o.now); err != nil {
			return err
		}
		p.Account = a.ID
		return agency.SavePosts(tx, p)
	})
	if err == nil {
		err = o.site.Refresh(o.Context())
	}
	if err != nil {
		o.Fatal(err)
	}
	return dossier.ActorOf(a, o.site.Directory(), calendar.DateOf(o.now))
}

// Staff of a contractor receives and returns at the counter, and sees a dossier
// only while it waits there.
func TestStaffOfAContractor(t *testing.T) {
	o := open(t)
	who := o.who["phuxuan"]
	who.Posts = slices.Clone(who.Posts)
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	f.Agency = "H57.102.1"
	s, err := o.Submit(t.Context(), o.who["nguoidan"], f, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range who.Posts {
		who.Posts[i].External = true
	}
	o.who["phuxuan"] = who
	var may []string
	for _, act := range dossier.Acts() {
		if offered, refused := o.Try(t.Context(), who, s.Code, act); offered {
			if refused != nil {
				t.Errorf("%s is offered and refused: %v", act, refused)
			}
			may = append(may, act)
		} else if refused == nil {
			t.Errorf("%s is done without being offered", act)
		}
	}
	if fmt.Sprint(may) != "[receive message]" {
		t.Errorf("may do %v with what was just filed", may)
	}
	if _, err := o.Register(t.Context(), who, dossier.RegisterShown, s.Reception, calendar.DateOf(o.now), calendar.DateOf(o.now), 10); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("reads the register: %v", err)
	}
	s, err = o.do("phuxuan", s, "receive", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Find(t.Context(), who, s.Code); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("sees it at step %s: %v", s.Step, err)
	}
}

// Who stands in for somebody does not become more than staff of a contractor, or than
// an administrator: neither approves what is destroyed, nor reads who looked.
func TestStandingInMakesNobodyALeader(t *testing.T) {
	o := open(t)
	day := calendar.DateOf(o.now)
	idOf := func(login string) (id int64) {
		t.Helper()
		if err := o.DB.Read(t.Context(), func(tx *db.Tx) error {
			_, err := tx.One(`SELECT id FROM account WHERE login = $1`, []any{login}, &id)
			return err
		}); err != nil || id == 0 {
			t.Fatal(login, err)
		}
		return id
	}
	roles := map[workflow.Role]bool{workflow.Leader: true, workflow.Clerk: true, workflow.Admin: true, workflow.Privacy: true}
	away := idOf("aluoi.ld")
	for login, holds := range map[string][]workflow.Role{
		"chuyenvien2": {workflow.Leader, workflow.Clerk, workflow.Admin, workflow.Privacy},
		"buudien":     {workflow.Clerk}, // of a contractor
		"quantri":     {workflow.Clerk, workflow.Admin, workflow.Privacy},
	} {
		id := idOf(login)
		at := o.Site.Directory().Officer(id).Posts[0].Agency
		if err := o.Site.Change(t.Context(), func(tx *db.Tx) error {
			for role := range roles {
				if err := agency.SavePosts(tx, agency.Post{Account: away, Role: role, Agency: at, From: day}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := o.Site.SaveAbsence(t.Context(), audit.By{}, agency.Absence{Account: away, From: day, To: day + 5, Substitute: id}); err != nil {
			t.Fatal(err)
		}
		who := dossier.ActorOf(identity.Account{ID: id, Officer: true}, o.Site.Directory(), day)
		if len(who.Away) != 1 {
			t.Fatalf("%s stands in for %v", login, who.Away)
		}
		for role := range roles {
			if want := slices.Contains(holds, role); who.Holds(role, at) != want {
				t.Errorf("%s holds %s: %v, want %v", login, role, !want, want)
			}
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package staff

import (
	"context"
	"fmt"
	"slices"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// Office is where lists are taken up.
type Office struct {
	Site      *agency.Site
	Register  *identity.Register
	Catalogue *procedure.Catalogue
}

// Plan is what a list changes: nothing is done before it is taken up.
type Plan struct {
	Joins  []Change // accounts that are made
	Moves  []Change // other posts or another name
	Leaves []Change // no post is left: the account is closed
	Same   int      // officers of the list of whom nothing changes
}

// Change is what changes for one officer.
type Change struct {
	Account int64 // 0 of who joins
	Login   string
	Name    string
	Renamed bool
	Begins  []agency.Post
	Ends    []agency.Post // with their last day
	First   string        // of who joins, once taken up: the first part of the code to come in
}

// Plan compares a list with the directory on the day of the site. The list says
// everything about each officer in it; if it is whole, also who is at the agencies
// it names: whoever is not in it leaves these. Refused (Invalid) line by line:
// agencies and procedures that do not exist, agencies that are not below those that
// by administers, a change of by's own posts.
func (o *Office) Plan(by Administrator, list []Row, whole bool) (Plan, error) {
	d := o.Site.Directory()
	if err := refusal.Fields("staff.list.wrong", o.check(by, list, d)); err != nil {
		return Plan{}, err
	}
	var p Plan
	var logins []string
	rowsOf := map[string][]Row{}
	var named []agency.ID
	for _, r := range list {
		if rowsOf[r.Login] == nil {
			logins = append(logins, r.Login)
		}
		rowsOf[r.Login] = append(rowsOf[r.Login], r)
		named = append(named, r.Post.Agency)
	}
	officers := map[string]*agency.Officer{}
	for i := range d.Officers {
		officers[d.Officers[i].Login] = &d.Officers[i]
	}
	for _, login := range logins {
		c := compare(officers[login], rowsOf[login], by)
		switch {
		case c.Account == 0:
			p.Joins = append(p.Joins, c)
		case len(c.Begins)+len(c.Ends) > 0 || c.Renamed:
			p.Moves = append(p.Moves, c)
		default:
			p.Same++
		}
	}
	for i := range d.Officers {
		x := &d.Officers[i]
		if !whole || rowsOf[x.Login] != nil || x.Account == by.Account {
			continue
		}
		c := Change{Account: x.Account, Login: x.Login, Name: x.Name}
		left := 0
		for _, post := range x.Posts {
			switch {
			case !held(post, by.Today):
			case slices.Contains(named, post.Agency):
				post.To = by.Today - 1
				c.Ends = append(c.Ends, post)
			default:
				left++
			}
		}
		switch {
		case len(c.Ends) == 0:
		case left == 0:
			p.Leaves = append(p.Leaves, c)
		default:
			p.Moves = append(p.Moves, c)
		}
	}
	return p, nil
}

// Administrator is who takes a list up.
type Administrator struct {
	audit.By
	Over  []agency.ID // what they administer, and all below
	Today calendar.Date
}

// held is true of a post that is held today or will be.
func held(p agency.Post, today calendar.Date) bool { return p.To.IsZero() || !p.To.Before(today) }

// compare tells what a list changes for one officer, who may be new.
func compare(o *agency.Officer, list []Row, by Administrator) Change {
	c := Change{Login: list[0].Login, Name: list[0].Name}
	var there []agency.Post
	if o != nil {
		c.Account, c.Renamed = o.Account, o.Name != c.Name
		for _, p := range o.Posts {
			if held(p, by.Today) {
				there = append(there, p)
			}
		}
	}
	for _, r := range list {
		want := r.Post
		if want.From.IsZero() {
			want.From = by.Today
		}
		i := slices.IndexFunc(there, func(p agency.Post) bool {
			return p.Role == want.Role && p.Agency == want.Agency && p.Remit.Same(want.Remit) && (r.Post.From.IsZero() || p.From == want.From)
		})
		if i < 0 {
			c.Begins = append(c.Begins, want)
			continue
		}
		if p := there[i]; p.To != want.To {
			p.To = want.To
			c.Begins = append(c.Begins, p) // goes on to another day
		}
		there = slices.Delete(there, i, i+1)
	}
	for _, p := range there {
		p.To = by.Today - 1
		c.Ends = append(c.Ends, p)
	}
	return c
}

// check holds the lines against what exists.
func (o *Office) check(by Administrator, list []Row, d *agency.Directory) (wrong []refusal.Field) {
	refuse := func(r Row, key string, args ...any) {
		wrong = append(wrong, refusal.At(fmt.Sprint("/", r.Line), key, append(args, "line", r.Line)...))
	}
	fields, codes := map[string]bool{}, map[string]bool{}
	for _, f := range o.Site.Terms().Fields {
		fields[f.Key] = true
	}
	for _, e := range o.Catalogue.Entries() {
		codes[e.Code] = true
	}
	names := map[string]string{}
	for _, r := range list {
		if d.Find(r.Post.Agency) == nil {
			refuse(r, "staff.list.agency", "value", string(r.Post.Agency))
		} else if !slices.ContainsFunc(by.Over, func(over agency.ID) bool { return d.Below(r.Post.Agency, over) }) {
			refuse(r, "staff.list.elsewhere", "value", string(r.Post.Agency))
		}
		for _, f := range r.Post.Fields {
			if !fields[f] {
				refuse(r, "staff.list.field", "value", f)
			}
		}
		for _, c := range r.Post.Procedures {
			if !codes[c] {
				refuse(r, "staff.list.procedure", "value", c)
			}
		}
		for _, at := range r.Post.Territory {
			if a := d.Find(at); a == nil || a.Kind != agency.Centre {
				refuse(r, "staff.list.territory", "value", string(at))
			}
		}
		if before, there := names[r.Login]; there && before != r.Name {
			refuse(r, "staff.list.two_names", "value", r.Login)
		}
		names[r.Login] = r.Name
		if officer := d.Officer(by.Account); officer != nil && officer.Login == r.Login {
			refuse(r, "staff.list.oneself")
		}
	}
	return wrong
}

// TakeUp does what a plan says, as one: accounts, posts, and the journal's lines.
// It returns the plan with what those who join come in with. A login that was taken
// meanwhile is refused (Conflict).
func (o *Office) TakeUp(ctx context.Context, by Administrator, p Plan) (Plan, error) {
	var done Plan
	err := o.Site.Change(ctx, func(tx *db.Tx) error {
		done = p
		done.Joins = slices.Clone(p.Joins)
		now := o.Register.Now()
		for i := range done.Joins {
			c := &done.Joins[i]
			var err error
			if c.Account, err = identity.Enrol(tx, identity.Account{Login: c.Login, Name: c.Name, Officer: true, Person: identity.Person{Kind: "officer", Name: c.Name}}, "", now); err != nil {
				return err
			}
			if err := o.post(tx, by, *c); err != nil {
				return err
			}
			if c.First, err = o.Register.ReadmitIn(tx, by.By, c.Account); err != nil {
				return err
			}
		}
		for _, c := range p.Moves {
			if c.Renamed {
				if err := o.Register.Rename(tx, by.By, c.Account, c.Name); err != nil {
					return err
				}
			}
			if err := o.post(tx, by, c); err != nil {
				return err
			}
		}
		for _, c := range p.Leaves {
			if err := o.post(tx, by, c); err != nil {
				return err
			}
			if err := o.Register.Leave(tx, by.By, c.Account); err != nil {
				return err
			}
		}
		return tx.Err()
	})
	return done, err
}

// post writes the posts of one officer that begin and end.
func (o *Office) post(tx *db.Tx, by Administrator, c Change) error {
	for i := range c.Begins {
		c.Begins[i].Account = c.Account
	}
	if err := agency.SavePosts(tx, append(slices.Clone(c.Begins), c.Ends...)...); err != nil {
		return err
	}
	return by.Note(tx, o.Register.Now(), audit.Configured, "posts", "of", c.Account, "begin", c.Begins, "end", c.Ends)
}

// SPDX-License-Identifier: Apache-2.0

package staff

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/search"
	"motcua/internal/workflow"
)

// Office is where lists are taken up and officers let in.
type Office struct {
	Site      *agency.Site
	Register  *identity.Register
	Catalogue *procedure.Catalogue
	Book      *dossier.Book
}

// Administrator is who takes a list up.
type Administrator struct {
	audit.By
	Over []agency.ID // what they administer, with all below
}

// Administrator is an officer as what their posts let them administer.
func (o *Office) Administrator(who dossier.Actor) Administrator {
	by := Administrator{By: who.By()}
	for _, p := range who.Posts {
		if p.Role == workflow.Admin {
			by.Over = append(by.Over, p.Agency)
		}
	}
	return by
}

// Machine is who has the machine that the site runs on: they administer all of it.
func (o *Office) Machine() Administrator {
	var by Administrator
	for _, a := range o.Site.Directory().Agencies {
		if a.Parent == "" {
			by.Over = append(by.Over, a.ID)
		}
	}
	return by
}

// Administers is true for the agencies that somebody administers.
func (by Administrator) Administers(d *agency.Directory, id agency.ID) bool {
	return slices.ContainsFunc(by.Over, func(over agency.ID) bool { return d.Below(id, over) })
}

// Plan is what a list changes: nothing is done before it is taken up.
type Plan struct {
	Agencies []agency.ID // that the list speaks of; posts elsewhere stay
	Below    bool        // and of all below them
	Joins    []Change    // who has no account, or comes back
	Moves    []Change    // other posts or another name
	Leaves   []Change    // no post is left: the account is closed
	Same     int         // officers of the list of whom nothing changes
	Spared   bool        // who takes it up would lose posts: they keep them
}

// Change is what changes for one officer.
type Change struct {
	Account int64 // 0 of who has none
	Login   string
	Name    string
	Was     string // the name so far, if it changes
	Begins  []agency.Post
	Lasts   []agency.Post  // that go on to another last day
	Ends    []agency.Post  // with their last day
	First   string         `json:"-"` // of who joins, once taken up: the first part of the code to come in
	Hands   []dossier.Hand `json:"-"` // what goes back to the units, as they have no post for it any more
	For     []string       `json:"-"` // of who leaves: whom they were to stand in for
	rest    int            // posts that are left
	admin   bool           // one of them is an administrator's, today
}

func (c *Change) changes() bool {
	return len(c.Begins)+len(c.Lasts)+len(c.Ends) > 0 || c.Was != ""
}

// Empty is true of a plan that changes nothing.
func (p *Plan) Empty() bool { return len(p.Joins)+len(p.Moves)+len(p.Leaves) == 0 }

// Digest names what is planned: two plans that do the same have the same.
func (p *Plan) Digest() string {
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Plan compares a list with the directory as it is today. It says everything about
// the posts of its officers at the agencies that it speaks of and, if it is whole,
// who else has none there. Posts elsewhere stay as they are, and so do those of who
// takes it up. Refused (Invalid), all lines at once: what is unknown, what they do
// not administer, a change of their own posts, the end of the last administrator.
func (o *Office) Plan(ctx context.Context, by Administrator, l List) (p Plan, err error) {
	var d *agency.Directory
	if err := o.Register.DB.Read(ctx, func(tx *db.Tx) error {
		if d, err = o.Site.DirectoryIn(tx); err == nil {
			p, err = o.plan(tx, d, by, l)
		}
		return err
	}); err != nil {
		return p, err
	}
	hands, err := o.Book.InHand(ctx)
	if err != nil {
		return p, err
	}
	for _, list := range [][]Change{p.Moves, p.Leaves} {
		for i := range list {
			list[i].foresee(d, hands)
		}
	}
	return p, nil
}

// foresee tells what goes back to the units, and whom somebody who leaves does not
// stand in for any more.
func (c *Change) foresee(d *agency.Directory, hands []dossier.Hand) {
	gone := func(at agency.ID) bool {
		is := func(p agency.Post) bool { return p.Role == workflow.Specialist && p.Agency == at }
		return slices.ContainsFunc(c.Ends, is) && !slices.ContainsFunc(c.Begins, is)
	}
	for _, h := range hands {
		if h.Account == c.Account && gone(h.Agency) {
			c.Hands = append(c.Hands, h)
		}
	}
	if c.rest > 0 {
		return
	}
	for _, x := range d.Officers {
		if slices.ContainsFunc(x.Absences, func(a agency.Absence) bool { return a.Substitute == c.Account && !a.To.Before(d.Day()) }) {
			c.For = append(c.For, x.Name)
		}
	}
}

func (o *Office) plan(tx *db.Tx, d *agency.Directory, by Administrator, l List) (Plan, error) {
	p := Plan{Agencies: l.Agencies, Below: len(l.Agencies) > 0}
	var logins []string
	rowsOf := map[string][]Row{}
	for _, r := range l.Rows {
		if rowsOf[r.Login] == nil {
			logins = append(logins, r.Login)
		}
		rowsOf[r.Login] = append(rowsOf[r.Login], r)
		if len(l.Agencies) == 0 && !slices.Contains(p.Agencies, r.Post.Agency) {
			p.Agencies = append(p.Agencies, r.Post.Agency)
		}
	}
	slices.Sort(p.Agencies)
	taken, err := identity.Taken(tx, logins)
	if err != nil {
		return p, err
	}
	wrong := append(slices.Clone(l.Wrong), o.check(by, l, d, taken)...)
	was, left, speaks := 0, 0, p.speaksOf(d) // administrators before and after
	officers := map[string]*agency.Officer{}
	for i := range d.Officers {
		x := &d.Officers[i]
		officers[x.Login] = x
		if administers(x.Posts, d.Day()) {
			was++
		}
		if rowsOf[x.Login] != nil {
			continue
		}
		c := compare(x, nil, speaks, d.Day())
		switch {
		case !l.Whole || !c.changes() && (c.rest > 0 || x.Left || !slices.ContainsFunc(x.Posts, func(p agency.Post) bool { return speaks(p.Agency) })):
			c.admin = administers(x.Posts, d.Day())
		case x.Account == by.Account:
			c.admin, p.Spared = administers(x.Posts, d.Day()), true
		default:
			p.add(c, x)
		}
		if c.admin {
			left++
		}
	}
	for _, login := range logins {
		of := speaks
		if !l.Whole && !p.Below { // of this officer it speaks where their own lines do
			of = func(id agency.ID) bool {
				return slices.ContainsFunc(rowsOf[login], func(r Row) bool { return r.Post.Agency == id })
			}
		}
		c := compare(officers[login], rowsOf[login], of, d.Day())
		if c.Account == by.Account && c.Account != 0 && c.changes() && len(wrong) == 0 {
			wrong = append(wrong, at(rowsOf[login][0].Line, "staff.list.oneself"))
		}
		p.add(c, officers[login])
		if c.admin {
			left++
		}
	}
	if was > 0 && left == 0 && len(wrong) == 0 {
		wrong = append(wrong, refusal.At("/0", "staff.list.last_administrator"))
	}
	slices.SortStableFunc(wrong, func(a, b refusal.Field) int { return cmp.Compare(lineOf(a), lineOf(b)) })
	return p, refusal.Fields("staff.list.wrong", wrong)
}

func lineOf(f refusal.Field) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(f.Pointer, "/")) // all are numbers
	return n
}

// speaksOf tells which agencies the list speaks of.
func (p *Plan) speaksOf(d *agency.Directory) func(agency.ID) bool {
	return func(id agency.ID) bool {
		return slices.ContainsFunc(p.Agencies, func(a agency.ID) bool { return a == id || p.Below && d.Below(id, a) })
	}
}

// add puts a change where it belongs.
func (p *Plan) add(c Change, o *agency.Officer) {
	switch {
	case o == nil && len(c.Begins) == 0, o != nil && o.Left && c.rest == 0:
		p.Same++ // of the past
	case o == nil || o.Left:
		p.Joins = append(p.Joins, c)
	case c.rest == 0:
		p.Leaves = append(p.Leaves, c)
	case c.changes():
		p.Moves = append(p.Moves, c)
	default:
		p.Same++
	}
}

// Held is true of a post that is held today or will be.
func Held(p agency.Post, today calendar.Date) bool { return p.To.IsZero() || !p.To.Before(today) }

// administers is true of who is an administrator today.
func administers(posts []agency.Post, today calendar.Date) bool {
	return slices.ContainsFunc(posts, func(p agency.Post) bool { return p.Role == workflow.Admin && p.On(today) })
}

// compare tells what a list changes for one officer, who may be new: rows are all
// of theirs, and speak of the posts at some agencies.
func compare(o *agency.Officer, rows []Row, speaks func(agency.ID) bool, today calendar.Date) Change {
	var c Change
	var after, there []agency.Post
	if o != nil {
		c.Account, c.Login, c.Name = o.Account, o.Login, o.Name
		for _, p := range o.Posts {
			if Held(p, today) && speaks(p.Agency) {
				there = append(there, p)
			} else if Held(p, today) {
				after = append(after, p)
			}
		}
	}
	if len(rows) > 0 {
		if c.Login, c.Name = rows[0].Login, rows[0].Name; o != nil && o.Name != c.Name {
			c.Was = o.Name
		}
	}
	rows = slices.SortedStableFunc(slices.Values(rows), func(a, b Row) int { // who names a day is asked first
		return cmp.Compare(min(b.Post.From, 1), min(a.Post.From, 1))
	})
	for _, r := range rows {
		want := r.Post
		if want.From.IsZero() {
			want.From = today
		}
		i := slices.IndexFunc(there, func(p agency.Post) bool {
			return p.Role == want.Role && p.Agency == want.Agency && p.Remit.Same(want.Remit) && (p.From == want.From || r.Post.From.IsZero() && p.From.Before(today))
		})
		switch {
		case i < 0 && Held(want, today):
			c.Begins, after = append(c.Begins, want), append(after, want)
		case i < 0: // it was over before
		default:
			p := there[i]
			there = slices.Delete(there, i, i+1)
			same := p.To == want.To
			p.To = want.To
			switch {
			case !Held(p, today):
				c.Ends = append(c.Ends, p)
			case !same:
				c.Lasts, after = append(c.Lasts, p), append(after, p)
			default:
				after = append(after, p)
			}
		}
	}
	for _, p := range there {
		p.To = today - 1
		c.Ends = append(c.Ends, p)
	}
	c.rest, c.admin = len(after), administers(after, today)
	return c
}

// check holds the lines against what exists.
func (o *Office) check(by Administrator, l List, d *agency.Directory, taken map[string]bool) (wrong []refusal.Field) {
	fields, codes := map[string]bool{}, map[string]bool{}
	for _, f := range o.Site.Terms().Fields {
		fields[f.Key] = true
	}
	for _, e := range o.Catalogue.Entries() {
		codes[e.Code] = true
	}
	for _, id := range l.Agencies {
		if d.Find(id) == nil {
			wrong = append(wrong, refusal.At("/0", "staff.list.agency", "value", string(id), "line", "–"))
		} else if !by.Administers(d, id) {
			wrong = append(wrong, refusal.At("/0", "staff.list.elsewhere", "value", string(id), "line", "–"))
		}
	}
	before := map[string][]Row{}
	for _, r := range l.Rows {
		deny := func(key string, args ...any) { wrong = append(wrong, at(r.Line, key, args...)) }
		switch id := r.Post.Agency; {
		case d.Find(id) == nil:
			deny("staff.list.agency", "value", string(id))
		case !by.Administers(d, id):
			deny("staff.list.elsewhere", "value", string(id))
		case len(l.Agencies) > 0 && !slices.ContainsFunc(l.Agencies, func(a agency.ID) bool { return d.Below(id, a) }):
			deny("staff.list.outside", "value", string(id))
		}
		// A data protection officer answers for the data of all of the site.
		if a := d.Find(r.Post.Agency); r.Post.Role == workflow.Privacy && a != nil && a.Parent != "" {
			deny("staff.list.privacy")
		}
		for _, f := range r.Post.Fields {
			if !fields[f] {
				deny("staff.list.field", "value", f)
			}
		}
		for _, c := range r.Post.Procedures {
			if !codes[c] {
				deny("staff.list.procedure", "value", c)
			}
		}
		for _, id := range r.Post.Territory {
			if a := d.Find(id); a == nil || a.Kind != agency.Centre {
				deny("staff.list.territory", "value", string(id))
			}
		}
		if taken[r.Login] {
			deny("staff.list.taken", "value", r.Login)
		}
		for _, b := range before[r.Login] {
			if b.Name != r.Name && b.Name != "" && r.Name != "" {
				deny("staff.list.two_names", "value", r.Login, "other", strconv.Itoa(b.Line))
				break
			}
		}
		for _, b := range before[r.Login] {
			if r.overlaps(b) {
				deny("staff.list.twice", "other", strconv.Itoa(b.Line))
			}
		}
		before[r.Login] = append(before[r.Login], r)
	}
	return wrong
}

// overlaps is true for the same post in periods that are not apart.
func (r Row) overlaps(b Row) bool {
	p, q := r.Post, b.Post
	return p.Role == q.Role && p.Agency == q.Agency && p.Remit.Same(q.Remit) && (p.To.IsZero() || !p.To.Before(q.From)) && (q.To.IsZero() || !q.To.Before(p.From))
}

// TakeUp does what a list changes, as one: accounts, posts, and the journal's lines.
// It returns what was done, with what those who join come in with. If that is not
// the plan that was seen, by its digest, nothing is done (Conflict). What leavers
// have in hand goes back to their units next (dossier.Book.Release).
func (o *Office) TakeUp(ctx context.Context, by Administrator, l List, seen string) (Plan, error) {
	return o.takeUp(ctx, by, l, seen, func(*db.Tx) error { return nil })
}

func (o *Office) takeUp(ctx context.Context, by Administrator, l List, seen string, with func(tx *db.Tx) error) (Plan, error) {
	var p Plan
	err := o.Site.Change(ctx, func(tx *db.Tx) error {
		d, err := o.Site.DirectoryIn(tx)
		if err != nil {
			return err
		}
		if p, err = o.plan(tx, d, by, l); err != nil {
			return err
		}
		if p.Digest() != seen {
			return refusal.New(refusal.Conflict, "staff.plan.changed")
		}
		if err := o.perform(tx, by, &p); err != nil {
			return err
		}
		if err := by.Note(tx, o.Register.Now(), audit.Configured, "staff", "agencies", p.Agencies, "joins", len(p.Joins), "moves", len(p.Moves), "leaves", len(p.Leaves)); err != nil {
			return err
		}
		return with(tx)
	})
	return p, err
}

func (o *Office) perform(tx *db.Tx, by Administrator, p *Plan) error {
	for i := range p.Joins {
		if err := o.join(tx, by, &p.Joins[i]); err != nil {
			return err
		}
	}
	for i := range p.Moves {
		if err := o.post(tx, by, &p.Moves[i]); err != nil {
			return err
		}
	}
	for i := range p.Leaves {
		if err := o.post(tx, by, &p.Leaves[i]); err != nil {
			return err
		}
		if err := o.Register.Leave(tx, by.By, p.Leaves[i].Account); err != nil {
			return err
		}
	}
	return nil
}

// join makes an account, or opens that of who comes back, with posts and the first
// part of a code to come in.
func (o *Office) join(tx *db.Tx, by Administrator, c *Change) (err error) {
	if c.Account == 0 {
		c.Account, err = identity.Enrol(tx, identity.Account{Login: c.Login, Name: c.Name, Officer: true, Person: identity.Person{Kind: "officer", Name: c.Name}}, "", o.Register.Now())
	} else {
		err = o.Register.Return(tx, by.By, c.Account)
	}
	if err != nil {
		return err
	}
	if err := o.post(tx, by, c); err != nil {
		return err
	}
	c.First, err = o.Register.ReadmitIn(tx, by.By, c.Account)
	return err
}

// post writes an officer's name and posts, as far as they change.
func (o *Office) post(tx *db.Tx, by Administrator, c *Change) error {
	if c.Was != "" {
		if err := o.Register.Rename(tx, by.By, c.Account, c.Name); err != nil {
			return err
		}
	}
	for i := range c.Begins {
		c.Begins[i].Account = c.Account
	}
	posts := slices.Concat(c.Begins, c.Lasts, c.Ends)
	if len(posts) == 0 {
		return nil
	}
	if err := agency.SavePosts(tx, posts...); err != nil {
		return err
	}
	return by.Note(tx, o.Register.Now(), audit.Configured, "posts", "of", c.Account, "begin", c.Begins, "last", c.Lasts, "end", c.Ends)
}

// Rows is the directory as a list: the posts that are held or will be, at what
// somebody administers. Handed in again as it is, it changes nothing.
func (o *Office) Rows(by Administrator) []Row {
	d := o.Site.Directory()
	var list []Row
	for _, x := range d.Officers {
		for _, p := range x.Posts {
			if Held(p, d.Day()) && by.Administers(d, p.Agency) {
				list = append(list, Row{Line: len(list) + 2, Login: x.Login, Name: x.Name, Post: p})
			}
		}
	}
	return list
}

// Called is true of an officer in whose name or login a text is found, marks or not.
func Called(o *agency.Officer, text string) bool {
	return strings.Contains(search.Fold(o.Name+" "+o.Login), search.Fold(text))
}

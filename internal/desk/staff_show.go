// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/staff"
	"motcua/internal/web"
)

// staffOnPage is how many officers a page shows.
const staffOnPage = 100

type staffPage struct {
	web.Page
	Agencies []choice
	Asked    string // name or login
	Left     bool   // those who left, too
	Officers []officerRow
	More     int
}

// officerRow is an officer as the list shows them.
type officerRow struct {
	Account             int64
	Name, Login, Absent string
	Left, Self          bool
	Posts, Then         []string // held or to come, and over
}

func (v *visit) office() *staff.Office {
	return &staff.Office{Site: v.Site, Register: v.Register, Catalogue: v.Catalogue, Book: v.Book}
}

// administrator is who asks, if they are one.
func (v *visit) administrator() (staff.Administrator, error) {
	by := v.office().Administrator(v.who)
	if len(by.Over) == 0 {
		return by, refusal.New(refusal.NotAllowed, "staff.administrators")
	}
	return by, nil
}

// administered are the agencies that an administrator may choose from.
func (v *visit) administered(by staff.Administrator, chosen string) []choice {
	var list []choice
	d := v.Site.Directory()
	for _, a := range d.Agencies {
		if by.Administers(d, a.ID) {
			list = append(list, choice{string(a.ID), a.Name.In(v.Lang), string(a.ID) == chosen})
		}
	}
	return list
}

// showStaff lists the officers of what an administrator administers, with their
// posts and periods.
func showStaff(v *visit) error {
	by, err := v.administrator()
	if err != nil {
		return err
	}
	q := v.R.URL.Query()
	p := staffPage{Page: v.page(v.T("desk.staff.title")), Asked: q.Get("ten"), Left: q.Get("da-roi") != "", Agencies: v.administered(by, q.Get("don-vi"))}
	p.Back = "/mot-cua"
	d := v.Site.Directory()
	for i := range d.Officers {
		o := &d.Officers[i]
		if o.Left && !p.Left || !staff.Called(o, p.Asked) {
			continue
		}
		row, here := v.officerRow(by, o, agency.ID(q.Get("don-vi")))
		if !here || len(row.Posts) == 0 && !p.Left {
			continue
		}
		if len(p.Officers) == staffOnPage {
			p.More++
			continue
		}
		p.Officers = append(p.Officers, row)
	}
	return v.Render(http.StatusOK, "staff_show", p)
}

// officerRow says who an officer is; here is false for who has no post at what is
// asked for.
func (v *visit) officerRow(by staff.Administrator, o *agency.Officer, at agency.ID) (row officerRow, here bool) {
	d, today := v.Site.Directory(), calendar.DateOf(v.Now())
	row = officerRow{Account: o.Account, Name: o.Name, Login: o.Login, Left: o.Left, Self: o.Account == v.who.Account}
	var posts, then []agency.Post
	for _, p := range o.Posts {
		if !by.Administers(d, p.Agency) {
			continue
		}
		here = here || at == "" || d.Below(p.Agency, at)
		if staff.Held(p, today) {
			posts = append(posts, p)
		} else {
			then = append(then, p)
		}
	}
	row.Posts, row.Then = v.postsSaid(posts), v.postsSaid(then)
	for _, a := range o.Absences {
		if s := d.Officer(a.Substitute); s != nil && !a.To.Before(today) {
			row.Absent = v.T("desk.absence.row", "from", form.DateText(a.From.String()), "to", form.DateText(a.To.String()), "name", s.Name)
		}
	}
	return row, here
}

// names are officers as a sentence names them: the first ones.
func (v *visit) names(list []*agency.Officer) string {
	var names []string
	for _, o := range list {
		if len(names) == 5 {
			names = append(names, "…")
			break
		}
		names = append(names, o.Name)
	}
	return strings.Join(names, ", ")
}

// postsSaid are posts in words, those that differ by the agency only together.
func (v *visit) postsSaid(posts []agency.Post) []string {
	var said []string
	for len(posts) > 0 {
		first, names := posts[0], []string(nil)
		alike := func(p agency.Post) bool {
			return p.Role == first.Role && p.From == first.From && p.To == first.To && p.Remit.Same(first.Remit)
		}
		for _, p := range posts {
			if alike(p) {
				names = append(names, v.Site.Directory().Name(p.Agency, v.Lang))
			}
		}
		posts = slices.DeleteFunc(slices.Clone(posts), alike)
		said = append(said, v.postSaid(first, strings.Join(names, ", ")))
	}
	return said
}

// postSaid is a post in words: role, where, period, and what it is for.
func (v *visit) postSaid(p agency.Post, where string) string {
	said := v.T("role."+string(p.Role)) + " – " + where
	switch {
	case p.To.IsZero():
		said += ", " + v.T("desk.staff.since", "from", form.DateText(p.From.String()))
	case p.To.Before(p.From): // it ended before it began
		said += ", " + v.T("desk.staff.never", "from", form.DateText(p.From.String()))
	default:
		said += ", " + v.T("desk.staff.between", "from", form.DateText(p.From.String()), "to", form.DateText(p.To.String()))
	}
	terms, d := v.Site.Terms(), v.Site.Directory()
	add := func(key string, list []string) {
		if len(list) > 0 {
			said += "; " + v.T(key, "list", strings.Join(list, ", "))
		}
	}
	var fields, territory []string
	for _, f := range p.Fields {
		fields = append(fields, terms.Field(f).In(v.Lang))
	}
	for _, id := range p.Territory {
		territory = append(territory, d.Name(id, v.Lang))
	}
	add("desk.staff.fields", fields)
	add("desk.staff.procedures", p.Procedures)
	add("desk.staff.territory", territory)
	if p.Cleared {
		said += "; " + v.T("desk.staff.cleared")
	}
	if p.External {
		said += "; " + v.T("desk.staff.external")
	}
	return said
}

// sendStaff sends the directory as a list, or with ?mau= the list to fill in.
func sendStaff(kind string) handler {
	return func(v *visit) error {
		by, err := v.administrator()
		if err != nil {
			return err
		}
		name, rows := "can-bo-"+calendar.DateOf(v.Now()).String(), v.office().Rows(by)
		if v.R.URL.Query().Get("mau") != "" {
			name, rows = "can-bo-mau", nil
		}
		if kind == "csv" {
			return web.File{Name: name + ".csv", Type: web.CSV}.Send(v.W, v.R, func(to io.Writer) error { return staff.WriteCSV(to, rows) })
		}
		return web.File{Name: name + ".xlsx", Type: web.XLSX}.Send(v.W, v.R, func(to io.Writer) error { return v.office().WriteXLSX(to, v.Lang, rows) })
	}
}

// askCode asks once more before a code is given: one from before opens no more.
func askCode(v *visit) error {
	if _, err := v.administrator(); err != nil {
		return err
	}
	o, err := v.officerNamed(v.R.URL.Query().Get("can-bo"))
	if err != nil {
		return err
	}
	p := askCodePage{Page: v.page(v.T("desk.staff.give_title", "name", o.Name)), Account: o.Account, Name: o.Name, Login: o.Login}
	p.Back = "/mot-cua/can-bo"
	return v.Render(http.StatusOK, "staff_ask_code", p)
}

type askCodePage struct {
	web.Page
	Account     int64
	Name, Login string
}

// codePage shows a part of a code, once.
type codePage struct {
	web.Page
	Name, Login, Part, Vouchers string
	Second                      bool
}

// giveCode gives the first part of a code for an officer who lost their way in.
func giveCode(v *visit) error {
	by, err := v.administrator()
	if err != nil {
		return err
	}
	o, err := v.officerAsked()
	if err != nil {
		return err
	}
	first, err := v.office().Readmit(v.R.Context(), by, o.Account)
	if err != nil {
		return err
	}
	return v.showCode(codePage{Page: v.page(v.T("desk.staff.code_title")), Name: o.Name, Login: o.Login, Part: first, Vouchers: v.names(staff.Vouchers(v.Site.Directory(), o))}, "/mot-cua/can-bo")
}

func (v *visit) showCode(p codePage, back string) error {
	p.Back = back
	v.W.Header().Set("Cache-Control", "no-store")
	return v.Render(http.StatusOK, "staff_code", p)
}

// officerAsked is the officer whom a form names.
func (v *visit) officerAsked() (*agency.Officer, error) {
	return v.officerNamed(v.R.PostForm.Get("can-bo"))
}

func (v *visit) officerNamed(account string) (*agency.Officer, error) {
	id, err := strconv.ParseInt(account, 10, 64)
	if o := v.Site.Directory().Officer(id); err == nil && o != nil {
		return o, nil
	}
	return nil, refusal.New(refusal.NotFound, "identity.readmit.no_officer")
}

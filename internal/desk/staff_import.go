// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"errors"
	"net/http"
	"strconv"

	"motcua/internal/agency"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/staff"
	"motcua/internal/web"
)

// listPage asks for a list of officers.
type listPage struct {
	web.Page
	Controls  []form.Control
	WrongFile string
	Columns   []columnHelp
}

type columnHelp struct{ Name, Help string }

func (v *visit) listFields(by staff.Administrator) []form.Field {
	at := form.Field{ID: "agency", Type: form.Choice, Label: said("desk.staff.about"), Hint: said("desk.staff.about_hint"), Optional: true}
	for _, a := range v.administered(by, "") {
		at.Options = append(at.Options, form.Option{Value: a.Value, Label: form.Text{VI: a.Label, EN: a.Label}})
	}
	return []form.Field{
		{ID: "whole", Type: form.Choice, Label: said("desk.staff.whole"), Options: []form.Option{{Value: "yes", Label: said("desk.staff.whole_yes")}, {Value: "no", Label: said("desk.staff.whole_no")}}},
		at,
	}
}

func askStaff(v *visit) error {
	by, err := v.administrator()
	if err != nil {
		return err
	}
	return v.askStaff(by, form.Answers{}, nil)
}

func (v *visit) askStaff(by staff.Administrator, answers form.Answers, wrong *refusal.Error) error {
	p := listPage{Page: v.page(v.T("desk.staff.import_title"))}
	p.Back = "/mot-cua/can-bo"
	status := http.StatusOK
	var fields []refusal.Field
	if wrong != nil {
		status, fields = web.Status(wrong), wrong.Fields
		p.Refuse(wrong, "")
		for _, f := range fields {
			if f.Pointer == "/tep" {
				p.WrongFile = v.T("staff.list.wrong")
			}
		}
	}
	for _, c := range staff.Columns {
		p.Columns = append(p.Columns, columnHelp{c.Names[0], c.Help.In(v.Lang)})
	}
	p.Controls = form.Controls(v.listFields(by), answers, form.Scope{Answers: answers}, "", fields, v.Lang)
	return v.Render(status, "staff_import", p)
}

// readStaff reads a list that is handed in, and leads to what it would change.
func readStaff(v *visit) error {
	by, err := v.administrator()
	if err != nil {
		return err
	}
	if web.Multipart(v.R) {
		if err := v.readListForm(); err != nil {
			return err
		}
	}
	fields := v.listFields(by)
	answers := form.FromValues(fields, v.R.PostForm)
	clean, wrong := form.CheckFields(fields, answers, "", v.Now())
	l, err := v.listSent()
	if err == nil && len(wrong) == 0 {
		l.Whole = clean.Text("whole") == "yes"
		if at := clean.Text("agency"); at != "" {
			l.Agencies = []agency.ID{agency.ID(at)}
		}
		_, err = v.office().Plan(v.R.Context(), by, l)
	}
	if e := refusal.As(err); e != nil && (e.Kind == refusal.Invalid || e.Kind == refusal.TooLarge) {
		return v.askStaff(by, answers, &refusal.Error{Kind: e.Kind, Key: "request.invalid", Fields: append(wrong, atFile(e)...)})
	}
	if err != nil {
		return err
	}
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		return v.askStaff(by, answers, e)
	}
	id, err := v.office().Keep(v.R.Context(), by, l)
	if err != nil {
		return err
	}
	return v.Redirect("/mot-cua/can-bo/nhap/" + strconv.FormatInt(id, 10))
}

// readListForm reads the form with its file into memory, which its limit allows.
func (v *visit) readListForm() error {
	const limit = staff.MostBytes + web.FormLimit
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, limit)
	if err := v.R.ParseMultipartForm(limit); err != nil {
		return web.Unreadable(err, limit)
	}
	return v.Guard.Check(v.R)
}

func (v *visit) listSent() (staff.List, error) {
	file, _, err := v.R.FormFile("tep")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return staff.List{}, refusal.New(refusal.Invalid, "staff.list.file")
	}
	if err != nil {
		return staff.List{}, err
	}
	defer file.Close()
	return staff.Read(file)
}

// atFile points all that is wrong with a list to where it was chosen.
func atFile(e *refusal.Error) []refusal.Field {
	if len(e.Fields) == 0 {
		return []refusal.Field{{Pointer: "/tep", Key: e.Key, Args: e.Args}}
	}
	var list []refusal.Field
	for _, f := range e.Fields {
		f.Pointer = "/tep"
		list = append(list, f)
	}
	return list
}

// planPage shows what a list changes, to be confirmed, or what it has changed.
type planPage struct {
	web.Page
	staff.Plan
	Action, Seen string
	About        []string
	Whole        bool
	Groups       []planGroup
}

type planGroup struct {
	Key     string // joins, moves, leaves
	Changes []changeRow
}

type changeRow struct {
	Name, Login, Was, First, Vouchers string
	Begins, Lasts, Ends               []string
	Hands, For                        []string
}

func (v *visit) listAsked() (id int64, path string) {
	path = v.R.PathValue("list")
	id, err := strconv.ParseInt(path, 10, 64)
	if err != nil {
		id = 0 // which is none
	}
	return id, "/mot-cua/can-bo/nhap/" + path
}

// planStaff shows what a list that was handed in would change now.
func planStaff(v *visit) error { return v.planStaff(nil) }

func (v *visit) planStaff(changed *refusal.Error) error {
	by, err := v.administrator()
	if err != nil {
		return err
	}
	id, path := v.listAsked()
	l, err := v.office().Kept(v.R.Context(), by, id)
	if err != nil {
		return err
	}
	plan, err := v.office().Plan(v.R.Context(), by, l)
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid { // something it names is no more
		answers := form.Answers{"whole": map[bool]string{true: "yes", false: "no"}[l.Whole]}
		if len(l.Agencies) > 0 {
			answers["agency"] = string(l.Agencies[0])
		}
		return v.askStaff(by, answers, &refusal.Error{Kind: e.Kind, Key: e.Key, Fields: atFile(e)})
	}
	if err != nil {
		return err
	}
	p := v.planPage(plan, v.T("desk.staff.plan_title"))
	p.Back, p.Action, p.Seen, p.Whole = "/mot-cua/can-bo/nhap", path, plan.Digest(), l.Whole
	status := http.StatusOK
	if changed != nil {
		status = web.Status(changed)
		p.Refuse(changed, "")
	}
	return v.Render(status, "staff_plan", p)
}

func (v *visit) planPage(plan staff.Plan, title string) planPage {
	p := planPage{Page: v.page(title), Plan: plan}
	d := v.Site.Directory()
	for _, id := range plan.Agencies {
		p.About = append(p.About, d.Name(id, v.Lang))
	}
	for _, g := range []struct {
		key     string
		changes []staff.Change
	}{{"joins", plan.Joins}, {"moves", plan.Moves}, {"leaves", plan.Leaves}} {
		group := planGroup{Key: g.key}
		for _, c := range g.changes {
			row := changeRow{Name: c.Name, Login: c.Login, Was: c.Was, First: c.First, For: c.For}
			row.Begins, row.Lasts, row.Ends = v.postsSaid(c.Begins), v.postsSaid(c.Lasts), v.postsSaid(c.Ends)
			for _, h := range c.Hands {
				row.Hands = append(row.Hands, v.T("desk.staff.hand", "n", strconv.FormatInt(h.Open, 10), "agency", d.Name(h.Agency, v.Lang)))
			}
			if o := d.Officer(c.Account); o != nil && c.First != "" {
				row.Vouchers = v.names(staff.Vouchers(d, o))
			}
			group.Changes = append(group.Changes, row)
		}
		if len(group.Changes) > 0 {
			p.Groups = append(p.Groups, group)
		}
	}
	return p
}

// takeUpStaff does what was shown, or shows anew what it would be.
func takeUpStaff(v *visit) error {
	by, err := v.administrator()
	if err != nil {
		return err
	}
	id, _ := v.listAsked()
	plan, err := v.office().TakeUpKept(v.R.Context(), by, id, v.R.PostForm.Get("da-xem"))
	if e := refusal.As(err); e != nil && (e.Kind == refusal.Conflict || e.Kind == refusal.Invalid) {
		return v.planStaff(e)
	}
	if err != nil {
		return err
	}
	p := v.planPage(plan, v.T("desk.staff.done_title"))
	p.Back = "/mot-cua/can-bo"
	v.W.Header().Set("Cache-Control", "no-store")
	return v.Render(http.StatusOK, "staff_done", p)
}

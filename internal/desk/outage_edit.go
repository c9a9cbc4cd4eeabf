// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

type outagePage struct {
	web.Page
	Admin    bool
	Controls []form.Control
	Open     []outageRow
	Counters []choice // at which the officer is a clerk
}

// outageRow is an outage with the numbers of the officer's counters.
type outageRow struct {
	ID, When, Reason string
	Ended            bool
	Numbers          []numberRow
	Free             int
}

type numberRow struct{ Number, Code, Href, Void string }

// outageFields ask what is declared.
func outageFields() []form.Field {
	return []form.Field{
		{ID: "kind", Type: form.Choice, Label: said("desk.outage.kind"), Options: []form.Option{{Value: "sudden", Label: said("desk.outage.sudden")}, {Value: "planned", Label: said("desk.outage.planned")}}},
		{ID: "from_day", Type: form.Date, Label: said("desk.outage.from_day")},
		{ID: "from_time", Type: form.TimeOfDay, Label: said("desk.outage.from_time")},
		{ID: "to_day", Type: form.Date, Label: said("desk.outage.to_day"), When: &form.When{Field: "kind", Is: "planned"}},
		{ID: "to_time", Type: form.TimeOfDay, Label: said("desk.outage.to_time"), When: &form.When{Field: "kind", Is: "planned"}},
		{ID: "reason", Type: form.ShortText, Label: said("desk.outage.reason"), Length: 300},
		{ID: "reason_en", Type: form.ShortText, Label: said("desk.outage.reason_en"), Length: 300, Optional: true},
		{ID: "fallback", Type: form.LongText, Label: said("desk.outage.fallback"), Length: 1000},
	}
}

// askOutage shows outages; administrators declare and end them, clerks draw
// provisional numbers.
func askOutage(v *visit) error {
	return v.askOutage(form.Answers{"kind": "sudden", "from_day": calendar.DateOf(v.Now()).String(), "from_time": v.Now().In(calendar.Zone).Format("15:04")}, nil)
}

func (v *visit) askOutage(answers form.Answers, refused *refusal.Error) error {
	p := outagePage{Page: v.page(v.T("desk.outage.title")), Admin: v.ofSite()}
	p.Back = "/mot-cua"
	var wrong []refusal.Field
	status := http.StatusOK
	if refused != nil {
		wrong, status = refused.Fields, web.Status(refused)
		p.Refuse(refused, "")
	}
	if p.Admin {
		p.Controls = form.Controls(outageFields(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	}
	d := v.Site.Directory()
	for _, x := range v.who.Posts {
		if a := d.Find(x.Agency); x.Role == workflow.Clerk && a != nil && a.Kind == agency.Centre {
			p.Counters = append(p.Counters, choice{Value: string(x.Agency), Label: a.Name.In(v.Lang)})
		}
	}
	for _, o := range v.Site.Outages() {
		if o.Cancelled || len(p.Open) == 10 {
			continue
		}
		r := outageRow{ID: strconv.FormatInt(o.ID, 10), When: v.T("outage.since", "from", web.Instant(v.Lang, o.From)), Reason: o.Reason.In(v.Lang), Ended: o.Over(v.Now())}
		if !o.To.IsZero() {
			r.When = v.T("outage.span", "from", web.Instant(v.Lang, o.From), "to", web.Instant(v.Lang, o.To))
		}
		list, err := v.Book.Provisionals(v.R.Context(), v.who, o.ID)
		if err != nil {
			return err
		}
		for _, x := range list {
			n := numberRow{Number: x.Number, Code: string(x.Code), Void: x.Void}
			if x.Code != "" {
				n.Href = dossierPath(x.Code, "")
			} else if x.Void == "" {
				r.Free++
			}
			r.Numbers = append(r.Numbers, n)
		}
		p.Open = append(p.Open, r)
	}
	return v.Render(status, "outage_edit", p)
}

// saveOutage declares or ends an outage, draws numbers or declares one void.
func saveOutage(v *visit) error {
	values := v.R.PostForm
	id, _ := strconv.ParseInt(values.Get("id"), 10, 64)
	var err error
	switch values.Get("viec") {
	case "declare", "end":
		if !v.ofSite() {
			return refusal.New(refusal.NotAllowed, "outage.administrators")
		}
		if values.Get("viec") == "declare" {
			return v.declareOutage()
		}
		err = v.Site.EndOutage(v.R.Context(), v.by(), id)
	case "draw":
		n, fault := strconv.Atoi(strings.TrimSpace(values.Get("n")))
		if fault != nil {
			n = 0
		}
		err = v.Book.DrawProvisional(v.R.Context(), v.who, id, agency.ID(values.Get("noi")), n)
	case "void":
		err = v.Book.Void(v.R.Context(), v.who, values.Get("number"), form.Tidy(values.Get("why")))
	default:
		return refusal.New(refusal.Invalid, "request.unreadable")
	}
	if e := refusal.As(err); e != nil && (e.Kind == refusal.Invalid || e.Kind == refusal.Conflict) {
		for i := range e.Fields {
			e.Fields[i].Pointer = "" // the same is asked of each outage
		}
		return v.askOutage(form.Answers{}, e)
	}
	if err != nil {
		return err
	}
	return v.Redirect("/mot-cua/gian-doan")
}

func (v *visit) declareOutage() error {
	answers := form.FromValues(outageFields(), v.R.PostForm)
	clean, wrong := form.CheckFields(outageFields(), answers, "", v.Now())
	if err := refusal.As(refusal.Fields("request.invalid", wrong)); err != nil {
		return v.askOutage(answers, err)
	}
	o := agency.Outage{Planned: clean.Text("kind") == "planned", From: instantOf(clean.Text("from_day"), clean.Text("from_time")), DeclaredBy: v.who.Name,
		Reason: form.Text{VI: clean.Text("reason"), EN: clean.Text("reason_en")}, Fallback: form.Text{VI: clean.Text("fallback")}}
	if o.Planned {
		o.To = instantOf(clean.Text("to_day"), clean.Text("to_time"))
	}
	_, err := v.Site.DeclareOutage(v.R.Context(), v.by(), o)
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		for i, f := range e.Fields {
			switch f.Pointer {
			case "/from":
				e.Fields[i].Pointer = "/from_day"
			case "/to":
				e.Fields[i].Pointer = "/to_day"
			}
		}
		return v.askOutage(answers, e)
	}
	if err != nil {
		return err
	}
	return v.Redirect("/mot-cua/gian-doan")
}

// instantOf is a day and a time of day in Vietnam; zero if they are none.
func instantOf(day, at string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+at, calendar.Zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// sendSlips sends the receipts of numbers that are free, to be printed.
func sendSlips(v *visit) error {
	id, _ := strconv.ParseInt(v.R.PathValue("outage"), 10, 64)
	list, err := v.Book.Provisionals(v.R.Context(), v.who, id)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return refusal.New(refusal.NotFound, "outage.unknown")
	}
	paper, err := v.Book.DrawSlips(list)
	return v.sendPDF("so-tam", paper, err)
}

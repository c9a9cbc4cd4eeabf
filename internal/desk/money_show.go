// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strconv"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/payment"
	"motcua/internal/refusal"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

// Who has to do with money: cashiers take and give it, who heads an agency approves.
var (
	cashiers  = []workflow.Role{workflow.Cashier}
	approvers = []workflow.Role{workflow.Head, workflow.Leader}
)

// money is true for who has to do with money anywhere.
func (v *visit) money() bool { return v.who.HasRole(workflow.Cashier) || v.who.Heads() }

// moneyOf are the agencies whose money an officer in these roles has to do with; NotAllowed
// for who has none of them.
func (v *visit) moneyOf(roles ...workflow.Role) (func(agency.ID) bool, error) {
	for _, r := range roles {
		if v.who.HasRole(r) {
			return func(at agency.ID) bool { return v.who.MoneyAt(v.Site.Directory(), at, roles...) }, nil
		}
	}
	return nil, refusal.New(refusal.NotAllowed, "payment.cashiers")
}

// tills are the agencies at which an officer is a cashier.
func (v *visit) tills() (list []agency.ID) {
	for _, p := range v.who.Posts {
		if p.Role == workflow.Cashier {
			list = append(list, p.Agency)
		}
	}
	return list
}

// till is the agency in whose drawer an officer puts money; "" for who has none.
func (v *visit) till() agency.ID {
	if list := v.tills(); len(list) > 0 {
		return list[0]
	}
	return ""
}

type moneyPage struct {
	web.Page
	Cashier       bool
	Refunds, Done []refundRow
	Strays        []strayRow
	Days          []dayRow
	Taken         []takenRow
	From          string
}

type refundRow struct {
	Href, Code, Agency, Why, State string
	Amount                         int64
	At                             string
}

type strayRow struct {
	Href, Way, Bank, Text, What string
	Amount                      int64
	At                          string
}

type dayRow struct {
	Href, Way, Day    string
	Lines, Same, Open int
	Theirs, Ours      int64
	Differences       int
}

type takenRow struct {
	Agency, Kind string
	Amount, N    int64
}

// showMoney shows what waits for who has to do with money, and what was taken.
func showMoney(v *visit) error {
	at, err := v.moneyOf(append(approvers, cashiers...)...)
	if err != nil {
		return err
	}
	ctx, d := v.R.Context(), v.Site.Directory()
	p := moneyPage{Page: v.page(v.T("desk.money.title")), Cashier: v.who.HasRole(workflow.Cashier)}
	p.Back = "/mot-cua"
	open, done, err := v.Payments.Refunds(ctx, at)
	if err != nil {
		return err
	}
	var codes []string
	row := func(r payment.Refund) refundRow {
		codes = append(codes, r.Code)
		state := r.Step()
		if state == "" {
			state = "done"
		}
		return refundRow{Href: "/mot-cua/tien/hoan-tra/" + strconv.FormatInt(r.ID, 10), Code: r.Code, Agency: d.Name(r.Agency, v.Lang), Why: v.T("desk.money.why." + r.Body.Why), State: v.T("desk.money.step." + state), Amount: int64(r.Amount), At: calendar.HourAndDate(r.At)}
	}
	for _, r := range open {
		p.Refunds = append(p.Refunds, row(r))
	}
	for _, r := range done {
		p.Done = append(p.Done, row(r))
	}
	if p.Cashier {
		strays, err := v.Payments.Strays(ctx)
		if err != nil {
			return err
		}
		for _, x := range strays {
			codes = append(codes, x.Code)
			p.Strays = append(p.Strays, strayRow{Href: strayPath(x.Way, x.Bank), Way: v.wayName(x.Way), Bank: x.Bank, Text: x.Text, What: v.T("desk.money.outcome." + string(x.Outcome)), Amount: int64(x.Amount), At: calendar.HourAndDate(x.At)})
		}
	}
	if len(codes) > 0 {
		if err := v.Book.SeesMoney(ctx, v.who, codes...); err != nil {
			return err
		}
	}
	today := calendar.DateOf(v.Now())
	days, err := v.Payments.Days(ctx, today-31)
	if err != nil {
		return err
	}
	for _, r := range days {
		p.Days = append(p.Days, dayRow{Href: dayPath(r.Way, r.Day), Way: v.wayName(r.Way), Day: form.DateText(r.Day.String()), Lines: r.Lines, Same: r.Same, Open: r.Open(), Differences: len(r.Differences), Theirs: int64(r.Theirs), Ours: int64(r.Ours)})
	}
	from := calendar.MustDate(today.String()[:8] + "01")
	p.From = form.DateText(from.String())
	taken, err := v.Payments.Taken(ctx, from, today, at)
	if err != nil {
		return err
	}
	for _, x := range taken {
		p.Taken = append(p.Taken, takenRow{d.Name(x.Agency, v.Lang), v.T("desk.money.kind." + x.Kind), int64(x.Amount), x.N})
	}
	return v.Render(http.StatusOK, "money_show", p)
}

// wayName names where money is.
func (v *visit) wayName(id string) string {
	if id == "cash" || id == "card" {
		return v.T("desk.method." + id)
	}
	if w, err := v.Payments.Way(id); err == nil {
		return w.Name.In(v.Lang)
	}
	return id
}

// sayPage asks to say something of money.
type sayPage struct {
	web.Page
	Facts    []fact
	Controls []form.Control
	Action   string
	Button   string
	Note     string
}

func (v *visit) sayPage(p sayPage, fields []form.Field, refused *refusal.Error) error {
	p.Back = "/mot-cua/tien"
	answers, status := form.FromValues(fields, v.R.PostForm), http.StatusOK
	var wrong []refusal.Field
	if refused != nil {
		name(refused.Fields, fields...)
		wrong, status = refused.Fields, web.Status(refused)
		p.Refuse(refused, "")
	}
	p.Controls = form.Controls(fields, answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	return v.Render(status, "money_say", p)
}

// name gives wrong fields the labels by which they were asked.
func name(wrong []refusal.Field, asked ...form.Field) {
	for i, w := range wrong {
		for _, f := range asked {
			if w.Pointer == "/"+f.ID {
				wrong[i] = w.Named(f.Label)
			}
		}
	}
}

// anew shows a form anew with what is wrong, or returns a fault.
func anew(err error, show func(*refusal.Error) error) error {
	if e := refusal.As(err); e != nil && e.Kind != refusal.Unavailable && e.Kind != refusal.NotFound {
		return show(e)
	}
	return err
}

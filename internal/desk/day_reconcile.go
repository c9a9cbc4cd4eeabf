// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/payment"
	"motcua/internal/refusal"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

func dayPath(way string, day calendar.Date) string {
	return "/mot-cua/tien/doi-soat/" + url.PathEscape(way) + "/" + day.String()
}

type reconcilePage struct {
	web.Page
	Controls  []form.Control
	WrongFile string
}

func (v *visit) reconcileFields() []form.Field {
	way := form.Field{ID: "way", Type: form.Choice, Label: said("desk.money.way")}
	for _, w := range v.Payments.Ways {
		way.Options = append(way.Options, form.Option{Value: w.ID, Label: w.Name})
	}
	return []form.Field{way, {ID: "day", Type: form.Date, Label: said("desk.money.day")}}
}

func askReconcile(v *visit) error {
	answers := form.Answers{"day": (calendar.DateOf(v.Now()) - 1).String()}
	return v.askReconcile(answers, nil)
}

func (v *visit) askReconcile(answers form.Answers, refused *refusal.Error) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	p := reconcilePage{Page: v.page(v.T("desk.money.reconcile"))}
	p.Back = "/mot-cua/tien"
	status := http.StatusOK
	var wrong []refusal.Field
	if refused != nil {
		status, wrong = web.Status(refused), refused.Fields
		p.Refuse(refused, "")
		for _, f := range wrong {
			if f.Pointer == "/tep" {
				p.WrongFile = web.FieldSentence(v.Lang, f)
			}
		}
	}
	p.Controls = form.Controls(v.reconcileFields(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	return v.Render(status, "day_reconcile", p)
}

// reconcile holds a day against a file that is handed in.
func reconcile(v *visit) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	if web.Multipart(v.R) {
		if err := v.readListForm(); err != nil {
			return err
		}
	}
	fields := v.reconcileFields()
	answers := form.FromValues(fields, v.R.PostForm)
	clean, wrong := form.CheckFields(fields, answers, "", v.Now())
	var lines []payment.Credit
	file, _, err := v.R.FormFile("tep")
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
		wrong = append(wrong, refusal.At("/tep", "payment.statement.none"))
	case err != nil:
		return err
	default:
		defer file.Close()
		if lines, err = payment.ReadStatement(file); err != nil {
			wrong = append(wrong, refusal.At("/tep", "payment.statement.wrong", "what", clippedLines(err.Error())))
		}
	}
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		return v.askReconcile(answers, e)
	}
	day, err := calendar.ParseDate(clean.Text("day"))
	if err != nil {
		return err
	}
	way := clean.Text("way")
	if _, err := v.Payments.Reconcile(v.R.Context(), v.who.By(), way, day, lines); err != nil {
		return anew(err, func(e *refusal.Error) error {
			for i := range e.Fields {
				e.Fields[i].Pointer = "/tep"
			}
			return v.askReconcile(answers, e)
		})
	}
	return v.Redirect(dayPath(way, day) + "")
}

// clippedLines are the first lines of what is wrong with a file.
func clippedLines(s string) string {
	lines := strings.Split(s, "\n")
	return strings.ReplaceAll(strings.Join(lines[:min(5, len(lines))], "; "), "statement: ", "")
}

type reconciledPage struct {
	web.Page
	Way, Day, By string
	Action       string
	payment.Reconciled
	SumTheirs, SumOurs int64
	Rows               []differenceRow
	Cashier            bool
}

type differenceRow struct {
	Bank, What, Text, Why, By string
	Typed, Wrong              string
	Theirs, Ours              int64
}

func showReconciled(v *visit) error { return v.showReconciled(nil) }

func (v *visit) showReconciled(refused *refusal.Error) error {
	if _, err := v.moneyOf(append(approvers, cashiers...)...); err != nil {
		return err
	}
	day, err := calendar.ParseDate(v.R.PathValue("day"))
	if err != nil {
		return refusal.New(refusal.NotFound, "payment.reconcile.unknown")
	}
	r, err := v.Payments.Day(v.R.Context(), v.R.PathValue("way"), day)
	if err != nil {
		return err
	}
	if err := v.Book.SeesMoney(v.R.Context(), v.who, make([]string, len(r.Differences))...); err != nil {
		return err
	}
	p := reconciledPage{Page: v.page(v.T("desk.money.reconcile")), Way: v.wayName(r.Way), Day: form.DateText(day.String()), By: r.By, Action: dayPath(r.Way, day), Reconciled: r, SumTheirs: int64(r.Theirs), SumOurs: int64(r.Ours), Cashier: v.who.HasRole(workflow.Cashier)}
	p.Back = "/mot-cua/tien"
	if refused != nil {
		name(refused.Fields, explained)
	}
	for _, x := range r.Differences {
		d := differenceRow{Bank: x.Bank, What: v.T("desk.money.difference." + x.What), Why: x.Why, By: x.By, Theirs: int64(x.Theirs), Ours: int64(x.Ours)}
		if p.Cashier { // others need not know what payers wrote
			d.Text = x.Text
		}
		if refused != nil && x.Bank == v.R.PostForm.Get("bank") {
			d.Typed = v.R.PostForm.Get("why")
			for _, f := range refused.Fields {
				d.Wrong = web.FieldSentence(v.Lang, f)
			}
		}
		p.Rows = append(p.Rows, d)
	}
	status := http.StatusOK
	if refused != nil {
		status = web.Status(refused)
		p.Refuse(refused, "")
	}
	return v.Render(status, "day_show", p)
}

func explainDifference(v *visit) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	day, err := calendar.ParseDate(v.R.PathValue("day"))
	if err != nil {
		return refusal.New(refusal.NotFound, "payment.reconcile.unknown")
	}
	way := v.R.PathValue("way")
	if err := v.Payments.Explain(v.R.Context(), v.who.By(), way, day, v.R.PostForm.Get("bank"), v.R.PostForm.Get("why")); err != nil {
		return anew(err, v.showReconciled)
	}
	return v.Redirect(dayPath(way, day) + "")
}

// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/payment"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type cashPage struct {
	web.Page
	Books    []bookView
	Controls []form.Control
	Day, ISO string
}

type bookView struct {
	Agency, At         string
	Before, Cash, Card int64
	Lines              []bookLine
}

type bookLine struct {
	At, Code, Why string
	Amount        int64
}

// tillField asks for one of the agencies at which an officer is a cashier.
func (v *visit) tillField(id string) form.Field {
	at, d := form.Field{ID: id, Type: form.Choice, Label: said("desk.money.till")}, v.Site.Directory()
	for _, a := range v.tills() {
		at.Options = append(at.Options, form.Option{Value: string(a), Label: form.Text{VI: d.Name(a, "vi"), EN: d.Name(a, "en")}})
	}
	return at
}

func (v *visit) handInFields() []form.Field {
	return []form.Field{v.tillField("agency"), {ID: "amount", Type: form.Money, Label: said("desk.money.hand_amount")}, refundProof}
}

func showCashBook(v *visit) error { return v.showCashBook(nil) }

func (v *visit) showCashBook(refused *refusal.Error) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	day := calendar.DateOf(v.Now())
	if d, err := calendar.ParseDate(v.R.URL.Query().Get("ngay")); err == nil {
		day = d
	}
	p := cashPage{Page: v.page(v.T("desk.money.book")), Day: form.DateText(day.String()), ISO: day.String()}
	p.Back = "/mot-cua/tien"
	for _, at := range v.tills() {
		b, err := v.Payments.CashBook(v.R.Context(), at, v.who.Account, day)
		if err != nil {
			return err
		}
		x := bookView{Agency: v.Site.Directory().Name(at, v.Lang), At: string(at), Before: int64(b.Before), Cash: int64(b.Cash), Card: int64(b.Card)}
		for _, l := range b.Lines {
			why := v.T("desk.money.line.taken")
			if proof, ok := strings.CutPrefix(l.Why, "handed in "); ok {
				why = v.T("desk.money.line.handed", "proof", proof)
			} else if l.Amount < 0 {
				why = v.T("desk.money.line.refunded")
			}
			x.Lines = append(x.Lines, bookLine{calendar.HourAndDate(l.At), l.Code, why, int64(l.Amount)})
		}
		p.Books = append(p.Books, x)
	}
	fields := v.handInFields()
	answers, status := form.FromValues(fields, v.R.PostForm), http.StatusOK
	var wrong []refusal.Field
	if refused != nil {
		name(refused.Fields, fields...)
		status, wrong = web.Status(refused), refused.Fields
		p.Refuse(refused, "")
	}
	p.Controls = form.Controls(fields, answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	return v.Render(status, "cash_book", p)
}

func handIn(v *visit) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	fields := v.handInFields()
	clean, wrong := form.CheckFields(fields, form.FromValues(fields, v.R.PostForm), "", v.Now())
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		return v.showCashBook(e)
	}
	amount, _ := clean["amount"].(int64)
	if err := v.Payments.HandIn(v.R.Context(), v.who.By(), agency.ID(clean.Text("agency")), payment.VND(amount), clean.Text("proof")); err != nil {
		return anew(err, v.showCashBook)
	}
	return v.Redirect("/mot-cua/tien/so-quy")
}

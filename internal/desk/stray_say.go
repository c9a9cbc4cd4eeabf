// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/url"
	"strings"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/payment"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

func strayPath(way, bank string) string {
	return "/mot-cua/tien/chua-ro/" + url.PathEscape(way) + "/" + url.PathEscape(bank)
}

func strayFields(x payment.In) []form.Field {
	if x.Outcome == payment.Mismatch {
		return []form.Field{explained}
	}
	return []form.Field{
		{ID: "what", Type: form.Choice, Label: said("desk.money.stray_what"), Options: []form.Option{{Value: "order", Label: said("desk.money.stray.order")}, {Value: "give_back", Label: said("desk.money.stray.give_back")}}},
		{ID: "ref", Type: form.ShortText, Label: said("desk.money.ref"), Hint: said("desk.money.ref_hint"), Length: 20, Optional: true},
		{ID: "to", Type: form.ShortText, Label: said("desk.money.to"), Hint: said("desk.money.to_hint"), Length: 200, Optional: true},
	}
}

func askStray(v *visit) error { return v.askStray(nil) }

func (v *visit) askStray(refused *refusal.Error) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	x, err := v.Payments.Stray(v.R.Context(), v.R.PathValue("way"), v.R.PathValue("bank"))
	if err != nil {
		return err
	}
	if err := v.Book.SeesMoney(v.R.Context(), v.who, x.Code); err != nil {
		return err
	}
	p := sayPage{Page: v.page(v.T("desk.money.stray_title")), Action: strayPath(x.Way, x.Bank), Button: v.T("desk.money.say"), Note: v.T("desk.money.outcome." + string(x.Outcome)),
		Facts: []fact{{v.T("desk.money.way"), v.wayName(x.Way)}, {v.T("desk.money.transaction"), x.Bank}, {v.T("desk.money.amount"), web.Money(v.Lang, int64(x.Amount))}, {v.T("desk.money.at"), calendar.HourAndDate(x.At)}, {v.T("desk.money.text"), x.Text}}}
	if x.Code != "" {
		p.Facts = append(p.Facts, fact{v.T("desk.row.code"), x.Code})
	}
	return v.sayPage(p, strayFields(x), refused)
}

func sayStray(v *visit) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	way, bank := v.R.PathValue("way"), v.R.PathValue("bank")
	x, err := v.Payments.Stray(v.R.Context(), way, bank)
	if err != nil {
		return err
	}
	what := v.R.PostForm.Get("what")
	if x.Outcome == payment.Mismatch {
		what = "explained"
	} else if what == "" {
		return v.askStray(refusal.As(refusal.Fields("request.invalid", []refusal.Field{refusal.At("/what", "form.required")})))
	}
	said := payment.InSaid{What: what, Ref: payment.Ref(strings.ToUpper(strings.TrimSpace(v.R.PostForm.Get("ref")))), Why: v.R.PostForm.Get("why"), To: v.R.PostForm.Get("to")}
	if err := v.Payments.SayStray(v.R.Context(), v.who.By(), way, bank, said, v.till()); err != nil {
		return anew(err, v.askStray)
	}
	return v.Redirect("/mot-cua/tien")
}

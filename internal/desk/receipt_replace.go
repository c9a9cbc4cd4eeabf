// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"strconv"

	"motcua/internal/form"
	"motcua/internal/payment"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// openReceipt is a receipt of a dossier that an officer may see.
func (v *visit) openReceipt() (payment.Receipt, error) {
	f, err := v.open()
	if err != nil {
		return payment.Receipt{}, err
	}
	id, err := strconv.ParseInt(v.R.PathValue("receipt"), 10, 64)
	if err != nil {
		return payment.Receipt{}, refusal.New(refusal.NotFound, "payment.receipt.unknown")
	}
	r, err := v.Payments.FindReceipt(v.R.Context(), string(f.State.Code), id)
	return r, err
}

// sendReceipt sends a receipt to be printed.
func sendReceipt(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	r, err := v.openReceipt()
	if err != nil {
		return err
	}
	pdf, err := r.PDF()
	return v.showPDF(&f, "Biên lai", "bien-lai-"+r.NumberText(), pdf, err)
}

func askReplace(v *visit) error { return v.askReplace(nil) }

func (v *visit) askReplace(refused *refusal.Error) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	r, err := v.openReceipt()
	if err != nil {
		return err
	}
	p := sayPage{Page: v.page(v.T("desk.money.replace")), Action: "/mot-cua/ho-so/" + r.Code + "/bien-lai/" + strconv.FormatInt(r.ID, 10) + "/thay", Button: v.T("desk.money.replace"), Note: v.T("desk.money.replace_note"),
		Facts: []fact{{v.T("desk.money.receipt"), r.Collector.Series + " " + r.NumberText()}, {v.T("desk.row.code"), r.Code}, {v.T("desk.money.amount"), web.Money(v.Lang, int64(r.Amount))}, {v.T("desk.money.payer"), r.Payer.Name}}}
	return v.sayPage(p, replaceFields, refused)
}

var replaceFields = []form.Field{{ID: "payer", Type: form.ShortText, Label: said("desk.money.payer"), Length: 200}, {ID: "why", Type: form.ShortText, Label: said("desk.money.explain"), Length: 300}}

// replaceReceipt gives a receipt with another name in the place of one.
func replaceReceipt(v *visit) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	r, err := v.openReceipt()
	if err != nil {
		return err
	}
	payer := r.Payer
	payer.Name = v.R.PostForm.Get("payer")
	if _, err := v.Payments.Replace(v.R.Context(), v.who.By(), r.Code, r.ID, payer, v.R.PostForm.Get("why")); err != nil {
		return anew(err, v.askReplace)
	}
	return v.Redirect("/mot-cua/ho-so/" + r.Code)
}

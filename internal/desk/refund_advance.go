// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"strconv"

	"motcua/internal/agency"
	"motcua/internal/form"
	"motcua/internal/payment"
	"motcua/internal/refusal"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

var (
	refundTo    = form.Field{ID: "to", Type: form.ShortText, Label: said("desk.money.to"), Hint: said("desk.money.to_hint"), Length: 200}
	refundProof = form.Field{ID: "proof", Type: form.ShortText, Label: said("desk.money.proof"), Hint: said("desk.money.proof_hint"), Length: 100}
	explained   = form.Field{ID: "why", Type: form.LongText, Label: said("desk.money.explain"), Length: 500}
)

func askRefund(v *visit) error { return v.askRefund(nil) }

func (v *visit) askRefund(refused *refusal.Error) error {
	at, err := v.moneyOf(append(approvers, cashiers...)...)
	if err != nil {
		return err
	}
	id, _ := strconv.ParseInt(v.R.PathValue("refund"), 10, 64)
	r, err := v.Payments.Refund(v.R.Context(), at, id)
	if err != nil {
		return err
	}
	if err := v.Book.SeesMoney(v.R.Context(), v.who, r.Code); err != nil {
		return err
	}
	b, step := &r.Body, r.Step()
	p := sayPage{Page: v.page(v.T("desk.money.refund")), Action: "/mot-cua/tien/hoan-tra/" + strconv.FormatInt(r.ID, 10)}
	add := func(key, value string) {
		if value != "" {
			p.Facts = append(p.Facts, fact{v.T(key), value})
		}
	}
	add("desk.row.code", r.Code)
	add("desk.money.amount", web.Money(v.Lang, int64(r.Amount)))
	add("desk.money.reason", v.T("desk.money.why."+b.Why))
	add("desk.money.way", v.wayName(r.Way))
	add("desk.money.payer", b.Payer.Name)
	add("desk.money.to", b.To)
	add("desk.money.proposed", b.Proposer)
	add("desk.money.approved", b.Approver)
	add("desk.money.proof", b.Proof)
	add("desk.money.paid_by", b.PaidBy)
	var fields []form.Field
	may := v.mayStep(step)
	switch {
	case step == "":
		p.Note = v.T("desk.money.step.done")
	case !may:
		p.Note = v.T("desk.money.step." + step)
	case step == "propose":
		fields = []form.Field{refundTo}
	case step == "pay":
		fields = v.refundPaid(&r)
	}
	if may {
		p.Button = v.T("desk.money.do." + step)
	}
	return v.sayPage(p, fields, refused)
}

// refundPaid asks how a refund was paid, and out of which till if that was in cash or by card.
func (v *visit) refundPaid(r *payment.Refund) []form.Field {
	if r.Way == "cash" || r.Way == "card" {
		return []form.Field{v.tillField("till"), refundProof}
	}
	return []form.Field{refundProof}
}

// mayStep is true for who takes a step of a refund: cashiers propose and pay, who heads an
// agency approves.
func (v *visit) mayStep(step string) bool {
	switch step {
	case "propose", "pay":
		return v.who.HasRole(workflow.Cashier)
	case "approve":
		return v.who.Heads()
	}
	return false
}

func advanceRefund(v *visit) error {
	any, err := v.moneyOf(append(approvers, cashiers...)...)
	if err != nil {
		return err
	}
	id, _ := strconv.ParseInt(v.R.PathValue("refund"), 10, 64)
	r, err := v.Payments.Refund(v.R.Context(), any, id)
	if err != nil {
		return err
	}
	step, roles := r.Step(), cashiers
	if step == "approve" {
		roles = approvers
	}
	at, err := v.moneyOf(roles...)
	if err != nil {
		return err
	}
	err = v.Payments.Advance(v.R.Context(), v.who.By(), at, id, step, payment.Said{To: v.R.PostForm.Get("to"), Proof: v.R.PostForm.Get("proof"), Till: agency.ID(v.R.PostForm.Get("till"))})
	if err != nil {
		return anew(err, v.askRefund)
	}
	return v.Redirect("/mot-cua/tien")
}

// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"motcua/internal/agency"
	"motcua/internal/payment"
)

// A cashier proposes what is to be given back, a leader approves it and the cashier notes
// that it was paid; money that is nobody's waits for the cashier; a clerk sees none of it.
func TestMoney(t *testing.T) {
	w := open(t)
	ctx := context.Background()
	s := w.file("1.001193")
	bill, err := w.book.Bill(ctx, &s)
	if err != nil || bill.Amount() == 0 {
		t.Fatal(bill, err)
	}
	order, err := w.payments.Begin(ctx, bill, "bank", payment.Visit{})
	if err != nil {
		t.Fatal(err)
	}
	bank, _ := w.payments.Way("bank")
	for _, n := range []payment.Notice{{Ref: order.Ref, Bank: "FT1"}, {Ref: order.Ref, Bank: "FT2"}, {Bank: "FT3", Text: "ung ho"}} {
		n.Amount, n.Paid, n.At = order.Amount, true, w.clock.Now()
		if _, err := w.payments.Take(ctx, bank, n); err != nil {
			t.Fatal(err)
		}
	}
	w.browser("motcua").Get("/mot-cua/tien").At(http.StatusForbidden).Has("Chỉ thủ quỹ")
	cashier, leader := w.browser("thuquy"), w.browser("lanhdao")
	cashier.Get("/mot-cua/tien").At(http.StatusOK).Has("Nộp hai lần", "FT3", "ung ho", "Chờ thủ quỹ đề nghị")
	open, _, err := w.payments.Refunds(ctx, func(agency.ID) bool { return true })
	if err != nil || len(open) != 1 {
		t.Fatal(open, err)
	}
	refund := "/mot-cua/tien/hoan-tra/" + itoa(open[0].ID)
	cashier.Get(refund).At(http.StatusOK).Submit(refund, url.Values{"to": {""}}, "").At(http.StatusUnprocessableEntity).Has("Hoàn vào đâu: cần điền mục này")
	cashier.Submit(refund, url.Values{"to": {"VCB 123"}}, "").At(http.StatusOK).Has("Chờ lãnh đạo phê duyệt")
	cashier.Get(refund).At(http.StatusOK).Has("VCB 123").Lacks("Phê duyệt hoàn trả")
	leader.Get(refund).At(http.StatusOK).Submit(refund, nil, "").At(http.StatusOK).Has("Chờ chuyển trả")
	cashier.Get(refund).Submit(refund, url.Values{"proof": {"UNC 5"}}, "").At(http.StatusOK).Has("Đã hoàn trả")
	stray := "/mot-cua/tien/chua-ro/bank/FT3"
	cashier.Get(stray).At(http.StatusOK).Submit(stray, nil, "").At(http.StatusUnprocessableEntity)
	cashier.Submit(stray, url.Values{"what": {"give_back"}, "to": {"VCB 9"}}, "").At(http.StatusOK).Lacks("FT3")
	cashier.Get("/mot-cua/tien/so-quy").At(http.StatusOK).Has("Tiền mặt đang giữ")
	cashier.Get("/mot-cua/tien/doi-soat").At(http.StatusOK).Submit("/mot-cua/tien/doi-soat", nil, "").At(http.StatusUnprocessableEntity).Has("Xin chọn tệp sao kê")
	cashier.Get("/mot-cua/ho-so/" + string(s.Code)).At(http.StatusOK).Has("Biên lai HU-26E 0000001")
}

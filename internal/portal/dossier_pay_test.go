// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"motcua/internal/dossier"
	"motcua/internal/payment"
	"motcua/internal/web/webtest"
)

// owed files a dossier of which something is due, and is at its page.
func (b *browser) owed() dossier.Code {
	b.t.Helper()
	code, _ := b.fileOne("1.001193")
	b.Get("/ho-so/" + code).At(http.StatusOK)
	if len(b.links("/ho-so/"+code+"/thanh-toan")) == 0 {
		b.t.Fatal("nothing can be paid")
	}
	return dossier.Code(code)
}

// Somebody pays by a gateway: what the browser brings back shows that it waits, and the
// gateway's own call that it was paid; there is a receipt, as PDF and XML.
func TestPay(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	code := b.owed()
	page := "/ho-so/" + string(code) + "/thanh-toan"
	b.Get(page).At(http.StatusOK).Has("Các khoản phải nộp", "VNPay", "Chuyển khoản")
	b.Submit(page, nil, "").At(http.StatusUnprocessableEntity).Has("Xin chọn một cách thanh toán")
	b.Submit(page, url.Values{"cach": {"khong-co"}}, "").At(http.StatusNotFound)
	b.Get(page).Submit(page, url.Values{"cach": {"vnpay"}}, "").At(http.StatusOK).Has("Sang trang VNPay")
	order := b.Path
	ref := order[strings.LastIndex(order, "/")+1:]
	leave := b.links("https://pay.example/")
	if len(leave) != 1 {
		t.Fatalf("leads to %q", leave)
	}
	asked := must(url.Parse(leave[0])).Query()
	if asked.Get("vnp_TxnRef") != ref || !strings.HasSuffix(asked.Get("vnp_ReturnUrl"), "/thanh-toan/ve") {
		t.Errorf("asks %v", asked)
	}
	b.Get(page).Has("Bạn đã mở một lần thanh toán")
	b.Get("/thanh-toan/ve?vnp_TxnRef="+ref+"&vnp_ResponseCode=00&vnp_TransactionStatus=00").At(http.StatusOK).Has("Đang chờ cổng thanh toán xác nhận").Lacks("Đã nộp đủ", "Chọn cách thanh toán khác")
	b.Get("/thanh-toan/ve?vnp_TxnRef=MCAAAAAAAAAA").At(http.StatusNotFound)

	q := url.Values{"vnp_TmnCode": {"M"}, "vnp_Amount": {asked.Get("vnp_Amount")}, "vnp_TxnRef": {ref}, "vnp_TransactionNo": {"14117917"}, "vnp_PayDate": {"20261123091500"}, "vnp_ResponseCode": {"00"}, "vnp_TransactionStatus": {"00"}}
	told := "/api/v1/payments/vnpay?" + q.Encode() + "&vnp_SecureHash="
	gateway := w.browser()
	gateway.Get(told + "00").At(http.StatusOK).Has("97")
	b.Get(order + "?ve=1").Lacks("Đã nộp đủ")
	for _, answer := range []string{`"RspCode":"00"`, `"RspCode":"02"`} {
		if gateway.Get(told + payment.VNPaySum("secret", q.Encode())).At(http.StatusOK); !strings.Contains(gateway.Text, answer) {
			t.Errorf("answered %s", gateway.Text)
		}
	}
	gateway.Get("/api/v1/payments/khong-co").At(http.StatusNotFound)

	b.Get(order).At(http.StatusOK).Has("Đã nộp đủ", "14117917", "Biên lai HU-26E 0000001")
	receipt := b.links("/ho-so/" + string(code) + "/bien-lai/")
	if len(receipt) != 2 {
		t.Fatalf("receipts at %q", receipt)
	}
	if b.Get(receipt[0]).At(http.StatusOK); !strings.HasPrefix(b.Text, "%PDF-") {
		t.Error("the receipt is no PDF")
	}
	if b.Get(receipt[1]).At(http.StatusOK); !strings.Contains(b.Text, "<So>0000001</So>") {
		t.Errorf("the receipt as XML: %s", b.Text)
	}
	b.Get("/ho-so/"+string(code)).At(http.StatusOK).Has("Biên lai HU-26E 0000001", "Đã thu phí, lệ phí").Lacks("/thanh-toan\"")
	b.Get(page).Has("Hiện không có phí, lệ phí nào phải nộp")

	other := w.citizen("nguoidan2")
	for _, path := range []string{page, order, receipt[0], receipt[1]} {
		other.Get(path).At(http.StatusNotFound)
	}
}

// Who pays by a transfer sees the code and all it says.
func TestPayByTransfer(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	page := "/ho-so/" + string(b.owed()) + "/thanh-toan"
	b.Get(page).Submit(page, url.Values{"cach": {"bank"}}, "").At(http.StatusOK).Has("0123456789", "TRUNG TAM", "Ngân hàng (970436)", b.Path[strings.LastIndex(b.Path, "/")+1:])
	if webtest.First(b.Page, func(n *html.Node) bool {
		return n.Data == "img" && strings.HasPrefix(webtest.Attr(n, "src"), "data:image/png;base64,")
	}) == nil {
		t.Error("no code")
	}
	b.Get(strings.Replace(b.Path, "/thanh-toan/", "/thanh-toan/X", 1)).At(http.StatusNotFound)
}

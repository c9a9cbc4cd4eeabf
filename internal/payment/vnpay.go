// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"motcua/internal/calendar"
)

// VNPay is the gateway of that name, version 2.1.0: the payer is led to its page; its
// server says by a call (IPN) what became of it, and is asked by querydr.
type VNPay struct {
	Pay, Query string // addresses
	Merchant   string // vnp_TmnCode
	Secret     string
	Client     *http.Client
	Now        func() time.Time
}

const vnpayTime = "20060102150405"

// VNPaySum signs a text as VNPay does.
func VNPaySum(secret, text string) string {
	m := hmac.New(sha512.New, []byte(secret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// Start makes the address that leads to VNPay's page; nobody is called.
func (g *VNPay) Start(_ context.Context, o Order, v Visit) (Started, error) {
	locale := "vn"
	if v.Lang == "en" {
		locale = "en"
	}
	q := url.Values{"vnp_Version": {"2.1.0"}, "vnp_Command": {"pay"}, "vnp_TmnCode": {g.Merchant}, "vnp_Amount": {strconv.FormatInt(int64(o.Amount)*100, 10)},
		"vnp_CurrCode": {"VND"}, "vnp_TxnRef": {string(o.Ref)}, "vnp_OrderInfo": {plain("Phi le phi ho so "+o.Code, 200)}, "vnp_OrderType": {"other"}, "vnp_Locale": {locale},
		"vnp_ReturnUrl": {v.Return}, "vnp_IpAddr": {v.Address}, "vnp_CreateDate": {o.CreatedAt.In(calendar.Zone).Format(vnpayTime)}, "vnp_ExpireDate": {o.ExpiresAt.In(calendar.Zone).Format(vnpayTime)}}
	text := q.Encode() // sorted by key, as it is signed
	return Started{URL: g.Pay + "?" + text + "&vnp_SecureHash=" + VNPaySum(g.Secret, text)}, nil
}

// Read reads an IPN.
func (g *VNPay) Read(r *http.Request) ([]Notice, Answer, error) {
	answer := func(w http.ResponseWriter, outcomes []Outcome, err error) {
		code := "99"
		if err == nil && len(outcomes) == 1 {
			code = map[Outcome]string{Settled: "00", Noted: "00", Over: "00", Stray: "00", Again: "02", Unknown: "01", Mismatch: "04"}[outcomes[0]]
		} else if err == ErrForged {
			code = "97"
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"RspCode": code, "Message": vnpaySays[code]})
	}
	q := r.URL.Query()
	given := q.Get("vnp_SecureHash")
	q.Del("vnp_SecureHash")
	q.Del("vnp_SecureHashType")
	for name, values := range q {
		if !strings.HasPrefix(name, "vnp_") || len(values) != 1 {
			delete(q, name)
		}
	}
	if !hmac.Equal([]byte(strings.ToLower(given)), []byte(VNPaySum(g.Secret, q.Encode()))) || q.Get("vnp_TmnCode") != g.Merchant {
		return nil, answer, ErrForged
	}
	n, err := g.notice(q.Get("vnp_TxnRef"), q.Get("vnp_Amount"), q.Get("vnp_TransactionNo"), q.Get("vnp_PayDate"), q.Get("vnp_ResponseCode"), q.Get("vnp_TransactionStatus"))
	return []Notice{n}, answer, err
}

var vnpaySays = map[string]string{"00": "Confirm Success", "01": "Order not found", "02": "Order already confirmed", "04": "Invalid amount", "97": "Invalid signature", "99": "Unknown error"}

func (g *VNPay) notice(ref, amount, transaction, paid, response, status string) (Notice, error) {
	hundredths, err := strconv.ParseInt(amount, 10, 64)
	if err != nil || hundredths < 0 || hundredths%100 != 0 {
		return Notice{}, fmt.Errorf("vnpay: amount %q", amount)
	}
	at, err := time.ParseInLocation(vnpayTime, paid, calendar.Zone)
	if err != nil {
		at = g.Now() // what failed has no day
	}
	return Notice{Ref: Ref(ref), Bank: transaction, Amount: VND(hundredths / 100), Paid: response == "00" && status == "00", At: at}, nil
}

// vnpayAnswer is what querydr says, in the order in which it is signed.
type vnpayAnswer struct {
	ResponseID   string `json:"vnp_ResponseId"`
	Command      string `json:"vnp_Command"`
	ResponseCode string `json:"vnp_ResponseCode"`
	Message      string `json:"vnp_Message"`
	TmnCode      string `json:"vnp_TmnCode"`
	TxnRef       string `json:"vnp_TxnRef"`
	Amount       string `json:"vnp_Amount"`
	BankCode     string `json:"vnp_BankCode"`
	PayDate      string `json:"vnp_PayDate"`
	Transaction  string `json:"vnp_TransactionNo"`
	Type         string `json:"vnp_TransactionType"`
	Status       string `json:"vnp_TransactionStatus"`
	OrderInfo    string `json:"vnp_OrderInfo"`
	PromoCode    string `json:"vnp_PromotionCode"`
	PromoAmount  string `json:"vnp_PromotionAmount"`
	Hash         string `json:"vnp_SecureHash"`
}

func (a *vnpayAnswer) text() string {
	return strings.Join([]string{a.ResponseID, a.Command, a.ResponseCode, a.Message, a.TmnCode, a.TxnRef, a.Amount, a.BankCode, a.PayDate, a.Transaction, a.Type, a.Status, a.OrderInfo, a.PromoCode, a.PromoAmount}, "|")
}

// Ask asks by querydr.
func (g *VNPay) Ask(ctx context.Context, o Order) (Notice, error) {
	id, now := rand.Text(), g.Now().In(calendar.Zone).Format(vnpayTime)
	q := map[string]string{"vnp_RequestId": id, "vnp_Version": "2.1.0", "vnp_Command": "querydr", "vnp_TmnCode": g.Merchant, "vnp_TxnRef": string(o.Ref), "vnp_OrderInfo": plain("Hoi giao dich "+string(o.Ref), 200),
		"vnp_TransactionDate": o.CreatedAt.In(calendar.Zone).Format(vnpayTime), "vnp_CreateDate": now, "vnp_IpAddr": "127.0.0.1"}
	q["vnp_SecureHash"] = VNPaySum(g.Secret, strings.Join([]string{q["vnp_RequestId"], q["vnp_Version"], q["vnp_Command"], q["vnp_TmnCode"], q["vnp_TxnRef"], q["vnp_TransactionDate"], q["vnp_CreateDate"], q["vnp_IpAddr"], q["vnp_OrderInfo"]}, "|"))
	var a vnpayAnswer
	if err := postJSON(ctx, g.Client, g.Query, q, &a); err != nil {
		return Notice{}, fmt.Errorf("vnpay: %w", err)
	}
	switch {
	case !hmac.Equal([]byte(strings.ToLower(a.Hash)), []byte(VNPaySum(g.Secret, a.text()))):
		return Notice{}, ErrForged
	case a.ResponseCode == "91", a.ResponseCode == "00" && a.Status == "01": // it knows of none, or nobody has paid
		return Notice{}, ErrPending
	case a.ResponseCode != "00" || a.TxnRef != string(o.Ref):
		return Notice{}, fmt.Errorf("vnpay: answers %s %s", a.ResponseCode, a.Message)
	}
	return g.notice(a.TxnRef, a.Amount, a.Transaction, a.PayDate, a.ResponseCode, a.Status)
}

// postJSON calls a gateway and reads its answer.
func postJSON(ctx context.Context, client *http.Client, to string, what, into any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "application/json")
	p, err := client.Do(q)
	if err != nil {
		return err
	}
	defer p.Body.Close()
	if p.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", p.StatusCode)
	}
	return json.NewDecoder(io.LimitReader(p.Body, 1<<20)).Decode(into)
}

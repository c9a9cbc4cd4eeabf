// SPDX-License-Identifier: Apache-2.0

// Package sandbox is a stand-in for the gateways people pay through: VNPay 2.1.0, the
// payment platform of the national portal, and a bank that tells of transfers. It speaks
// their protocols over HTTP with real signatures, moves no money, and fails on demand.
//
// It is for tests, for the demo and for trying a site out. Start at Sandbox.
package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"motcua/internal/calendar"
	"motcua/internal/payment"
)

// Fault is how a sandbox misbehaves with one payment.
type Fault string

// The faults.
const (
	None    Fault = "none"
	Late    Fault = "late"    // it tells a while after the payer came back
	Double  Fault = "double"  // it tells twice
	Partial Fault = "partial" // less came in than was asked for
	Forged  Fault = "forged"  // somebody else tells first, with another signature
	Silent  Fault = "silent"  // it does not tell, and has to be asked
	Down    Fault = "down"    // it does not tell, and answers nothing for a while
	Refused Fault = "refused" // the payer's bank says no
)

// Faults lists them.
var Faults = []Fault{None, Late, Double, Partial, Forged, Silent, Down, Refused}

// Sandbox is the gateways together. Tell is where each tells of payments, at the site.
type Sandbox struct {
	Merchant, Secret string // of VNPay
	Partner, Key     string // of the platform
	Hook             string // secret of the bank's calls, whsec_…
	Account          string // at the bank
	Tell             struct{ VNPay, Platform, Bank string }
	Client           *http.Client
	Now              func() time.Time
	Delay            time.Duration // of what is late
	Base             string        // its own address, as payers reach it
	Back             string        // where the platform leads payers back to

	mu    sync.Mutex
	paid  map[string]*payed
	away  time.Time // it answers nothing until then
	calls sync.WaitGroup
}

// payed is a payment as the sandbox knows it.
type payed struct {
	way, ref, back, info string
	amount, asked        int64
	transaction          string
	state                string // "", paid, refused
	at                   time.Time
}

// Handler serves its pages and protocols.
func (s *Sandbox) Handler() http.Handler {
	s.paid = map[string]*payed{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /vnpay/pay", s.vnpayPage)
	mux.HandleFunc("POST /vnpay/query", s.vnpayQuery)
	mux.HandleFunc("POST /platform", s.platform)
	mux.HandleFunc("GET /pay/{way}/{ref}", s.page)
	mux.HandleFunc("POST /pay/{way}/{ref}", s.pay)
	mux.HandleFunc("POST /bank/transfer", s.transfer)
	mux.HandleFunc("GET /bank", s.bank)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		away := s.Now().Before(s.away)
		s.mu.Unlock()
		if away {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Up ends a time in which it answers nothing.
func (s *Sandbox) Up() {
	s.mu.Lock()
	s.away = time.Time{}
	s.mu.Unlock()
}

// Wait waits until all was told that is to be.
func (s *Sandbox) Wait() { s.calls.Wait() }

//go:embed page.html
var pageText string

var pages = template.Must(template.New("page").Parse(pageText))

func (s *Sandbox) show(w http.ResponseWriter, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := pages.Execute(w, data); err != nil {
		slog.Error("sandbox", "error", err)
	}
}

type pageData struct {
	Title, Action, Info, Account string
	Amount                       payment.VND
	Faults                       []Fault
	Bank                         bool
	Said                         string
}

// vnpayPage takes an order in and leads to its page, as VNPay does.
func (s *Sandbox) vnpayPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	given := q.Get("vnp_SecureHash")
	q.Del("vnp_SecureHash")
	amount, err := strconv.ParseInt(q.Get("vnp_Amount"), 10, 64)
	if !hmac.Equal([]byte(given), []byte(payment.VNPaySum(s.Secret, q.Encode()))) || q.Get("vnp_TmnCode") != s.Merchant || err != nil || amount%100 != 0 {
		http.Error(w, "signature", http.StatusForbidden)
		return
	}
	s.enter(&payed{way: "vnpay", ref: q.Get("vnp_TxnRef"), back: q.Get("vnp_ReturnUrl"), info: q.Get("vnp_OrderInfo"), asked: amount / 100})
	http.Redirect(w, r, "/pay/vnpay/"+url.PathEscape(q.Get("vnp_TxnRef")), http.StatusSeeOther)
}

func (s *Sandbox) enter(p *payed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paid[p.way+"/"+p.ref] == nil {
		s.paid[p.way+"/"+p.ref] = p
	}
}

func (s *Sandbox) find(way, ref string) *payed {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.paid[way+"/"+ref]; p != nil {
		c := *p
		return &c
	}
	return nil
}

func (s *Sandbox) page(w http.ResponseWriter, r *http.Request) {
	p := s.find(r.PathValue("way"), r.PathValue("ref"))
	if p == nil {
		http.NotFound(w, r)
		return
	}
	s.show(w, pageData{Title: "Cổng thanh toán thử / Sandbox gateway: " + p.way, Action: r.URL.Path, Info: p.info, Amount: payment.VND(p.asked), Faults: Faults})
}

// pay is that the payer pays, or does not.
func (s *Sandbox) pay(w http.ResponseWriter, r *http.Request) {
	way, ref := r.PathValue("way"), r.PathValue("ref")
	fault := Fault(r.FormValue("fault"))
	s.mu.Lock()
	p := s.paid[way+"/"+ref]
	if p == nil {
		s.mu.Unlock()
		http.NotFound(w, r)
		return
	}
	if p.state == "" {
		p.state, p.amount, p.transaction, p.at = "paid", p.asked, number(), s.Now()
		switch fault {
		case Refused:
			p.state = "refused"
		case Partial:
			p.amount = p.asked / 2
		case Down:
			s.away = s.Now().Add(s.Delay)
		}
	}
	done := *p
	s.mu.Unlock()
	s.tell(done, fault)
	back, err := url.Parse(done.back)
	if err != nil || done.back == "" {
		s.show(w, pageData{Title: "Xong / Done", Said: done.state})
		return
	}
	if way == "vnpay" {
		q := back.Query()
		for name, values := range s.vnpaySays(&done) {
			q[name] = values
		}
		back.RawQuery = q.Encode()
	}
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// number is a number of a transaction.
func number() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1e14))
	if err != nil {
		panic(err)
	}
	return n.String()
}

// tell calls the site as the gateway does, with its fault.
func (s *Sandbox) tell(p payed, fault Fault) {
	if fault == Silent || fault == Down {
		return
	}
	s.calls.Add(1)
	go func() {
		defer s.calls.Done()
		if fault == Late {
			time.Sleep(s.Delay)
		}
		if fault == Forged {
			s.call(&p, "guessed")
		}
		s.call(&p, "")
		if fault == Double {
			s.call(&p, "")
		}
	}()
}

// call tells once; secret is another than the gateway's, if it is not "".
func (s *Sandbox) call(p *payed, secret string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var q *http.Request
	var err error
	if p.way == "vnpay" {
		values := s.vnpaySays(p)
		if secret != "" {
			values.Set("vnp_SecureHash", payment.VNPaySum(secret, values.Encode()))
		}
		q, err = http.NewRequestWithContext(ctx, http.MethodGet, s.Tell.VNPay+"?"+values.Encode(), nil)
	} else {
		m := payment.PlatformMessage{Kind: "CONFIRM", Code: "00", Partner: s.Partner, Ref: p.ref, Amount: strconv.FormatInt(p.amount, 10), Currency: "VND", Transaction: p.transaction, Bank: "SANDBOX", At: stamp(p.at), Info: p.info}
		if p.state != "paid" {
			m.Code = "24"
		}
		if secret == "" {
			secret = s.Key
		}
		m.Sum = m.Sign(secret)
		body, _ := json.Marshal(m)
		q, err = http.NewRequestWithContext(ctx, http.MethodPost, s.Tell.Platform, bytes.NewReader(body))
	}
	s.send(q, err)
}

func (s *Sandbox) send(q *http.Request, err error) {
	if err == nil {
		var p *http.Response
		if p, err = s.Client.Do(q); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(p.Body, 1<<16))
			_ = p.Body.Close()
		}
	}
	if err != nil {
		slog.Warn("sandbox tells nobody", "error", err)
	}
}

func stamp(at time.Time) string { return at.In(calendar.Zone).Format("20060102150405") }

// vnpaySays is what VNPay says of a payment, to the site and by the browser.
func (s *Sandbox) vnpaySays(p *payed) url.Values {
	code := map[string]string{"paid": "00", "refused": "24"}[p.state]
	q := url.Values{"vnp_TmnCode": {s.Merchant}, "vnp_Amount": {strconv.FormatInt(p.amount*100, 10)}, "vnp_BankCode": {"NCB"}, "vnp_BankTranNo": {"VNP" + p.transaction}, "vnp_CardType": {"ATM"}, "vnp_PayDate": {stamp(p.at)},
		"vnp_OrderInfo": {p.info}, "vnp_TransactionNo": {p.transaction}, "vnp_ResponseCode": {code}, "vnp_TransactionStatus": {map[string]string{"00": "00", "24": "02"}[code]}, "vnp_TxnRef": {p.ref}}
	q.Set("vnp_SecureHash", payment.VNPaySum(s.Secret, q.Encode()))
	return q
}

// vnpayQuery answers querydr.
func (s *Sandbox) vnpayQuery(w http.ResponseWriter, r *http.Request) {
	var q map[string]string
	if err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a := map[string]string{"vnp_ResponseId": rand.Text(), "vnp_Command": "querydr", "vnp_TmnCode": s.Merchant, "vnp_TxnRef": q["vnp_TxnRef"], "vnp_ResponseCode": "00", "vnp_Message": "OK"}
	text := strings.Join([]string{q["vnp_RequestId"], q["vnp_Version"], q["vnp_Command"], q["vnp_TmnCode"], q["vnp_TxnRef"], q["vnp_TransactionDate"], q["vnp_CreateDate"], q["vnp_IpAddr"], q["vnp_OrderInfo"]}, "|")
	p := s.find("vnpay", q["vnp_TxnRef"])
	switch {
	case !hmac.Equal([]byte(q["vnp_SecureHash"]), []byte(payment.VNPaySum(s.Secret, text))):
		a["vnp_ResponseCode"], a["vnp_Message"] = "97", "Checksum failed"
	case p == nil:
		a["vnp_ResponseCode"], a["vnp_Message"] = "91", "Order not found"
	case p.state == "":
		a["vnp_TransactionStatus"] = "01"
	default:
		says := s.vnpaySays(p)
		for _, name := range []string{"vnp_Amount", "vnp_BankCode", "vnp_PayDate", "vnp_TransactionNo", "vnp_TransactionStatus", "vnp_OrderInfo"} {
			a[name] = says.Get(name)
		}
		a["vnp_TransactionType"] = "01"
	}
	a["vnp_SecureHash"] = payment.VNPaySum(s.Secret, strings.Join([]string{a["vnp_ResponseId"], a["vnp_Command"], a["vnp_ResponseCode"], a["vnp_Message"], a["vnp_TmnCode"], a["vnp_TxnRef"], a["vnp_Amount"], a["vnp_BankCode"], a["vnp_PayDate"],
		a["vnp_TransactionNo"], a["vnp_TransactionType"], a["vnp_TransactionStatus"], a["vnp_OrderInfo"], a["vnp_PromotionCode"], a["vnp_PromotionAmount"]}, "|"))
	answer(w, a)
}

func answer(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(what); err != nil {
		slog.Warn("sandbox", "error", err)
	}
}

// platform answers INIT, QUERY and GET_BILL.
func (s *Sandbox) platform(w http.ResponseWriter, r *http.Request) {
	var m payment.PlatformMessage
	if err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a := payment.PlatformMessage{Code: "97", Partner: m.Partner, Ref: m.Ref}
	known := hmac.Equal([]byte(m.Sum), []byte(m.Sign(s.Key))) && m.Partner == s.Partner
	p := s.find("platform", m.Ref)
	switch m.Kind {
	case "INIT":
		a.Kind = "INIT_RESULT"
		if amount, err := strconv.ParseInt(m.Amount, 10, 64); known && err == nil && m.Receipt != nil {
			s.enter(&payed{way: "platform", ref: m.Ref, info: m.Receipt.Says, asked: amount, back: s.Back + "?MaThamChieu=" + url.QueryEscape(m.Ref)})
			a.Code, a.URL = "00", s.Base+"/pay/platform/"+url.PathEscape(m.Ref)
		}
	case "QUERY":
		a.Kind = "QUERY_RESULT"
		switch {
		case !known:
		case p == nil:
			a.Code = "01"
		default:
			a.Code, a.Amount, a.Transaction, a.At, a.State = "00", strconv.FormatInt(p.amount, 10), p.transaction, stamp(p.at), map[string]string{"paid": "1", "refused": "0"}[p.state]
		}
	case "GET_BILL":
		a.Kind = "BILL_RESULT"
		if a.Code = "01"; known && p != nil && p.state == "paid" {
			a.Code, a.Bill = "00", s.Base+"/pay/platform/"+url.PathEscape(m.Ref)
		}
	}
	a.Sum = a.Sign(s.Key)
	answer(w, a)
}

// bank shows where a transfer is tried out.
func (s *Sandbox) bank(w http.ResponseWriter, r *http.Request) {
	amount, _ := strconv.ParseInt(r.FormValue("amount"), 10, 64)
	s.show(w, pageData{Title: "Ngân hàng thử / Sandbox bank", Action: "/bank/transfer", Info: r.FormValue("text"), Account: s.Account, Amount: payment.VND(amount), Bank: true, Faults: []Fault{None, Double, Partial, Forged, Silent}})
}

// transfer is that somebody transfers money; the bank tells of it.
func (s *Sandbox) transfer(w http.ResponseWriter, r *http.Request) {
	amount, err := strconv.ParseInt(strings.ReplaceAll(r.FormValue("amount"), ".", ""), 10, 64)
	if err != nil || amount <= 0 {
		http.Error(w, "amount", http.StatusUnprocessableEntity)
		return
	}
	fault := Fault(r.FormValue("fault"))
	if fault == Partial {
		amount /= 2
	}
	s.Credit(payment.Credit{Transaction: "FT" + rand.Text()[:12], Account: s.Account, Amount: payment.VND(amount), At: s.Now(), Text: r.FormValue("text")}, fault)
	s.show(w, pageData{Title: "Đã chuyển khoản / Transferred", Said: "paid"})
}

// Credit tells the site of money that came in.
func (s *Sandbox) Credit(c payment.Credit, fault Fault) {
	if fault == Silent || fault == Down {
		return
	}
	s.calls.Add(1)
	go func() {
		defer s.calls.Done()
		if fault == Late {
			time.Sleep(s.Delay)
		}
		if fault == Forged {
			s.hook(c, "whsec_Z3Vlc3NlZGd1ZXNzZWRndWVzc2Vk")
		}
		s.hook(c, s.Hook)
		if fault == Double {
			s.hook(c, s.Hook)
		}
	}()
}

func (s *Sandbox) hook(c payment.Credit, secret string) {
	body, _ := json.Marshal(map[string]any{"type": "account.credited", "timestamp": s.Now(), "data": []payment.Credit{c}})
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		slog.Error("sandbox", "error", err)
		return
	}
	id, now := "msg_"+c.Transaction, time.Now()
	sum, err := hook.Sign(id, now, body)
	if err != nil {
		slog.Error("sandbox", "error", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Tell.Bank, bytes.NewReader(body))
	if err == nil {
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("webhook-id", id)
		q.Header.Set("webhook-timestamp", fmt.Sprint(now.Unix()))
		q.Header.Set("webhook-signature", sum)
	}
	s.send(q, err)
}

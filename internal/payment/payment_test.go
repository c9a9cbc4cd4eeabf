// SPDX-License-Identifier: Apache-2.0

package payment_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/form"
	"motcua/internal/payment"
	"motcua/internal/payment/paymenttest"
	"motcua/internal/payment/sandbox"
	"motcua/internal/refusal"
)

// till is an office with its sandbox, and dossiers that are only their fees.
type till struct {
	testing.TB
	*payment.Office
	sand *sandbox.Sandbox
	web  *httptest.Server
	mu   sync.Mutex
	time time.Time
}

func (l *till) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.time
}

func (l *till) move(d time.Duration) {
	l.mu.Lock()
	l.time = l.time.Add(d)
	l.mu.Unlock()
}

var by = audit.By{Account: 7, Name: "Võ Thị Ngọc Bích"}

func open(t testing.TB) *till { return openWith(t, dbtest.Open(t)) }

func openWith(t testing.TB, d *db.DB) *till {
	l := &till{TB: t, time: time.Date(2026, 12, 1, 9, 0, 0, 0, calendar.Zone)}
	site := http.NewServeMux()
	l.web = httptest.NewServer(site)
	t.Cleanup(l.web.Close)
	l.sand = &sandbox.Sandbox{Merchant: "MOTCUA01", Secret: "vnpay secret", Partner: "H57", Key: "platform key", Hook: "whsec_" + base64.StdEncoding.EncodeToString([]byte("a secret of the bank")),
		Account: "0123456789", Client: http.DefaultClient, Now: l.now, Delay: 50 * time.Millisecond}
	gateways := httptest.NewServer(l.sand.Handler())
	t.Cleanup(gateways.Close)
	l.sand.Base, l.sand.Back = gateways.URL, l.web.URL+"/ve"
	l.sand.Tell.VNPay, l.sand.Tell.Platform, l.sand.Tell.Bank = l.web.URL+"/told/vnpay", l.web.URL+"/told/dvcqg", l.web.URL+"/told/bank"
	l.Office = &payment.Office{DB: d, Now: l.now, Settle: l.settle, Collectors: []payment.Collector{{Agency: "H57", Name: "Trung tâm", TaxCode: "3300000001", FormSign: "01BLP0-001", Series: "HU-26E"}},
		Ways: []*payment.Way{
			{ID: "vnpay", Name: form.Text{VI: "VNPay", EN: "VNPay"}, Gateway: &payment.VNPay{Pay: gateways.URL + "/vnpay/pay", Query: gateways.URL + "/vnpay/query", Merchant: "MOTCUA01", Secret: "vnpay secret", Client: http.DefaultClient, Now: l.now}},
			{ID: "dvcqg", Name: form.Text{VI: "Nền tảng", EN: "Platform"}, Gateway: &payment.Platform{URL: gateways.URL + "/platform", Partner: "H57", Secret: "platform key", Client: http.DefaultClient, Now: l.now}},
			{ID: "bank", Name: form.Text{VI: "Chuyển khoản", EN: "Transfer"}, Credited: true, Gateway: &payment.Bank{BIN: "970436", Name: "VCB", Account: "0123456789", Holder: "TRUNG TAM", Secret: l.sand.Hook}},
		}}
	site.HandleFunc("/told/{way}", func(w http.ResponseWriter, r *http.Request) {
		if err := l.Call(w, r, r.PathValue("way")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	site.HandleFunc("/ve", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "back") })
	return l
}

// settle pays what is due of a dossier, which is a row of a setting here.
func (l *till) settle(tx *db.Tx, o *payment.Order, _ string) ([]payment.Part, error) {
	var body string
	if found, err := tx.One(`SELECT body FROM setting WHERE name = $1`, []any{"due/" + o.Code}, &body); err != nil || !found || body != "due" {
		return nil, err
	}
	tx.Exec(`UPDATE setting SET body = 'paid' WHERE name = $1`, "due/"+o.Code)
	return o.Parts, tx.Err()
}

func (l *till) exec(sql string, args ...any) {
	l.Helper()
	if err := l.DB.Write(l.Context(), func(tx *db.Tx) error { tx.Exec(sql, args...); return nil }); err != nil {
		l.Fatal(err)
	}
}

var bills int

// bill is a bill of a dossier on which that much is due.
func (l *till) bill(amounts ...payment.VND) payment.Bill {
	bills++
	b := payment.Bill{Code: fmt.Sprintf("H57.101.1-261201-%04d", bills), Agency: "H57.101", Procedure: "1.004194", Title: form.Text{VI: "Cấp phép xây dựng", EN: "Building permit"}, Payer: payment.Payer{Name: "Nguyễn Thị Hương Giang", Number: "046190001234"}}
	for i, n := range amounts {
		b.Parts = append(b.Parts, payment.Part{Fee: fmt.Sprint("f", i), Name: form.Text{VI: "Lệ phí", EN: "Charge"}, Kind: []string{payment.LePhi, payment.Phi}[i%2], Amount: n})
	}
	l.exec(`INSERT INTO setting (name, body) VALUES ($1, 'due')`, "due/"+b.Code)
	return b
}

func (l *till) begin(b payment.Bill, way string) payment.Order {
	l.Helper()
	o, err := l.Begin(l.Context(), b, way, payment.Visit{Address: "203.0.113.5", Lang: "vi", Return: l.web.URL + "/ve"})
	if err != nil {
		l.Fatal(err)
	}
	return o
}

// pay pays an order in the sandbox as a browser does, with a fault.
func (l *till) pay(o payment.Order, fault sandbox.Fault) {
	l.Helper()
	if tr := o.Started.Transfer; tr != nil {
		amount := o.Amount
		if fault == sandbox.Partial {
			amount /= 2
		}
		l.sand.Credit(payment.Credit{Transaction: "FT" + string(o.Ref), Account: tr.Account, Amount: amount, At: l.now(), Text: "MBVCB.123. chuyen tien " + strings.ToLower(tr.Text)}, fault)
		l.sand.Wait()
		return
	}
	p, err := http.Get(o.Started.URL)
	if err != nil {
		l.Fatal(err)
	}
	p.Body.Close()
	if p, err = http.PostForm(p.Request.URL.String(), url.Values{"fault": {string(fault)}}); err != nil {
		l.Fatal(err)
	}
	text, _ := io.ReadAll(p.Body)
	p.Body.Close()
	if string(text) != "back" {
		l.Fatalf("led to %s", text)
	}
	l.sand.Wait()
}

func (l *till) state(o payment.Order) payment.Order {
	l.Helper()
	o, err := l.Find(l.Context(), o.Code, o.Ref)
	if err != nil {
		l.Fatal(err)
	}
	return o
}

func (l *till) balance(a payment.Account) (sum payment.VND) {
	l.Helper()
	if err := l.DB.Read(l.Context(), func(tx *db.Tx) (err error) {
		sum, err = payment.Balance(tx, a)
		return err
	}); err != nil {
		l.Fatal(err)
	}
	return sum
}

func (l *till) wrong() (list []string) {
	l.Helper()
	if err := l.Verify(l.Context(), func(where, detail string) { list = append(list, where+": "+detail) }); err != nil {
		l.Fatal(err)
	}
	return list
}

func (l *till) holds() {
	l.Helper()
	if list := l.wrong(); len(list) != 0 {
		l.Errorf("verify: %q", list)
	}
}

func (l *till) receipts(code string) []payment.Receipt {
	l.Helper()
	list, err := l.Receipts(l.Context(), code)
	if err != nil {
		l.Fatal(err)
	}
	return list
}

// Every gateway does what every gateway must.
func TestGateways(t *testing.T) {
	l := open(t)
	for _, w := range l.Ways {
		t.Run(w.ID, func(t *testing.T) {
			order := l.begin(l.bill(50_000), w.ID)
			told := make(chan *http.Request, 4)
			catch := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				q := r.Clone(t.Context())
				q.Body = io.NopCloser(strings.NewReader(string(body)))
				told <- q
			}))
			defer catch.Close()
			l.sand.Tell.VNPay, l.sand.Tell.Platform, l.sand.Tell.Bank = catch.URL, catch.URL, catch.URL
			paid := false
			paymenttest.Run(t, order, paymenttest.Subject{Gateway: w.Gateway, Visit: payment.Visit{Address: "203.0.113.5", Lang: "vi", Return: l.web.URL + "/ve"}, Asks: !w.Credited, Pay: func(t *testing.T, o payment.Order, s payment.Started, forged bool) *http.Request {
				if !paid {
					o.Started = s
					l.pay(o, sandbox.Forged) // tells forged, then right
					paid = true
				}
				return <-told
			}})
		})
	}
}

// A payment ends as it should under every fault, by every way that can have it.
func TestFaults(t *testing.T) {
	for _, way := range []string{"vnpay", "dvcqg", "bank"} {
		for _, fault := range sandbox.Faults {
			if way == "bank" && (fault == sandbox.Refused || fault == sandbox.Down || fault == sandbox.Silent) {
				continue // a bank tells of money that came in only; its statement has what it did not tell
			}
			t.Run(way+" "+string(fault), func(t *testing.T) {
				l := open(t)
				o := l.begin(l.bill(50_000, 20_000), way)
				l.pay(o, fault)
				if fault == sandbox.Silent || fault == sandbox.Down {
					if l.state(o).State != payment.Asked {
						t.Fatal("paid without being told")
					}
					if err := l.Back(t.Context(), &o); err != nil {
						t.Fatal(err)
					}
					_, err := l.AskDue(t.Context(), 10)
					if (fault == sandbox.Down) != (err != nil) {
						t.Errorf("asked: %v", err)
					}
					if fault == sandbox.Down {
						l.sand.Up()
						if n, err := l.AskDue(t.Context(), 10); n != 0 || err != nil {
							t.Errorf("who does not answer is asked again at once: %d, %v", n, err)
						}
						l.move(3 * time.Minute)
						if n, err := l.AskDue(t.Context(), 10); n != 1 || err != nil {
							t.Errorf("asked again: %d, %v", n, err)
						}
					}
				}
				want, receipts := payment.Paid, 1
				switch {
				case fault == sandbox.Refused:
					want, receipts = payment.Failed, 0
				case fault == sandbox.Partial:
					want, receipts = payment.Asked, 0
				}
				if got := l.state(o); got.State != want || (got.State == payment.Paid) != (got.Bank != "" && !got.PaidAt.IsZero()) {
					t.Errorf("the order is %+v", got)
				}
				list := l.receipts(o.Code)
				if len(list) != receipts || receipts == 1 && (list[0].Amount != 70_000 || list[0].NumberText() != "0000001" || list[0].Payer.Name == "") {
					t.Errorf("receipts: %+v", list)
				}
				strays, err := l.Strays(t.Context())
				if err != nil || len(strays) != map[bool]int{true: 1}[fault == sandbox.Partial] {
					t.Errorf("a person is to look at %+v, %v", strays, err)
				}
				l.holds()
			})
		}
	}
}

// The same call twenty times at once is one payment with one receipt.
func TestTwentyAtOnce(t *testing.T) {
	l := open(t)
	o := l.begin(l.bill(50_000), "vnpay")
	w, _ := l.Way("vnpay")
	var all sync.WaitGroup
	became := make([]payment.Outcome, 20)
	for i := range became {
		all.Go(func() {
			var err error
			if became[i], err = l.Take(t.Context(), w, payment.Notice{Ref: o.Ref, Bank: "14", Amount: 50_000, Paid: true, At: l.now()}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	count := map[payment.Outcome]int{}
	for _, b := range became {
		count[b]++
	}
	if count[payment.Settled] != 1 || count[payment.Again] != 19 || len(l.receipts(o.Code)) != 1 || l.balance("money/vnpay") != 50_000 {
		t.Errorf("%v", count)
	}
	l.holds()
}

// What a gateway says in an odd order, too late, of another's or of nobody's.
func TestOddNotices(t *testing.T) {
	l := open(t)
	vnpay, _ := l.Way("vnpay")
	bank, _ := l.Way("bank")
	say := func(w *payment.Way, n payment.Notice) payment.Outcome {
		t.Helper()
		if n.At.IsZero() {
			n.At = l.now()
		}
		became, err := l.Take(t.Context(), w, n)
		if err != nil {
			t.Fatal(err)
		}
		return became
	}
	expect := func(what string, got, want payment.Outcome) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	expect("an order that is none", say(vnpay, payment.Notice{Ref: "MCAAAAAAAAAA", Bank: "1", Amount: 1000, Paid: true}), payment.Unknown)
	o := l.begin(l.bill(50_000), "vnpay")
	expect("another's amount", say(vnpay, payment.Notice{Ref: o.Ref, Bank: "2", Amount: 5_000, Paid: true}), payment.Mismatch)
	expect("the same again", say(vnpay, payment.Notice{Ref: o.Ref, Bank: "2", Amount: 5_000, Paid: true}), payment.Mismatch)
	other, _ := l.Way("dvcqg")
	expect("by another gateway", say(other, payment.Notice{Ref: o.Ref, Bank: "3", Amount: 50_000, Paid: true}), payment.Unknown)
	expect("that it failed", say(vnpay, payment.Notice{Ref: o.Ref, Bank: "4", Amount: 50_000}), payment.Noted)
	l.move(24 * time.Hour)
	expect("paid after all, after its time", say(vnpay, payment.Notice{Ref: o.Ref, Bank: "5", Amount: 50_000, Paid: true}), payment.Settled)
	expect("that it failed, late", say(vnpay, payment.Notice{Ref: o.Ref, Bank: "4", Amount: 50_000}), payment.Noted)
	if _, err := l.Take(t.Context(), vnpay, payment.Notice{Ref: l.begin(l.bill(50_000), "vnpay").Ref, Bank: "5", Amount: 50_000, Paid: true, At: l.now()}); err == nil {
		t.Error("one transaction pays two orders")
	}
	if l.state(o).State != payment.Paid {
		t.Error("what was paid is no longer")
	}
	expect("paid twice", say(vnpay, payment.Notice{Ref: o.Ref, Bank: "6", Amount: 50_000, Paid: true}), payment.Over)
	refunds, err := l.RefundsOf(t.Context(), o.Code)
	if err != nil || len(refunds) != 1 || refunds[0].Amount != 50_000 || refunds[0].Body.Why != "twice" {
		t.Errorf("to be given back: %+v, %v", refunds, err)
	}
	// Of a dossier that was refused meanwhile: the money is there and not due.
	refused := l.begin(l.bill(30_000), "vnpay")
	l.exec(`UPDATE setting SET body = 'closed' WHERE name = $1`, "due/"+refused.Code)
	expect("of a refused dossier", say(vnpay, payment.Notice{Ref: refused.Ref, Bank: "7", Amount: 30_000, Paid: true}), payment.Over)
	expect("a transfer that names nothing", say(bank, payment.Notice{Bank: "8", Amount: 12_000, Paid: true, Text: "ung ho"}), payment.Stray)
	expect("in letters no database takes, cut within one", say(bank, payment.Notice{Bank: "8\x00b", Amount: 1_000, Paid: true, Text: "\x00\xff" + strings.Repeat("ậ", 300)}), payment.Stray)
	if l.balance("unmatched") != -13_000 || l.balance("refund_due") != -80_000 || l.balance("income") != -50_000 {
		t.Error(l.balance("unmatched"), l.balance("refund_due"), l.balance("income"))
	}
	l.holds()
}

// The same bill by the same way in two tabs is one order; another way is another, and who
// pays both gets one back.
func TestTwoTabs(t *testing.T) {
	l := open(t)
	b := l.bill(50_000)
	one, two := l.begin(b, "vnpay"), l.begin(b, "vnpay")
	if one.Ref != two.Ref || one.Started.URL == "" || one.Started.URL != two.Started.URL {
		t.Errorf("%s and %s", one.Ref, two.Ref)
	}
	other := l.begin(b, "dvcqg")
	l.pay(one, sandbox.None)
	l.pay(other, sandbox.None)
	refunds, err := l.RefundsOf(t.Context(), b.Code)
	if err != nil || len(refunds) != 1 || len(l.receipts(b.Code)) != 1 || refunds[0].Way != "dvcqg" {
		t.Errorf("%+v, %v", refunds, err)
	}
	l.holds()
	for range 30 {
		l.move(16 * time.Minute)
		if _, err = l.Begin(t.Context(), b, "vnpay", payment.Visit{}); err != nil {
			break
		}
	}
	if !refusal.Is(err, refusal.TooMany) {
		t.Errorf("asked for ever: %v", err)
	}
}

// A gateway that is away when somebody wants to pay is said, and the order can be begun
// again.
func TestGatewayAway(t *testing.T) {
	l := open(t)
	b := l.bill(50_000)
	down := l.begin(l.bill(10_000), "vnpay")
	l.sand.Delay = time.Hour
	l.pay(down, sandbox.Down)
	if _, err := l.Begin(t.Context(), b, "dvcqg", payment.Visit{}); !refusal.Is(err, refusal.Unavailable) {
		t.Errorf("away: %v", err)
	}
	l.sand.Up()
	o := l.begin(b, "dvcqg")
	l.pay(o, sandbox.None)
	if l.state(o).State != payment.Paid {
		t.Error("not paid")
	}
	l.holds()
}

// Orders that nobody pays end, and gateways are not asked for ever.
func TestOrdersEnd(t *testing.T) {
	l := open(t)
	a, b := l.begin(l.bill(50_000), "vnpay"), l.begin(l.bill(50_000), "bank")
	asked := 0
	for range 24 * 6 {
		l.move(time.Hour)
		n, err := l.AskDue(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		asked += n
	}
	if l.state(a).State != payment.Expired || l.state(b).State != payment.Expired || asked > 60 {
		t.Errorf("%s, %s after asking %d times", l.state(a).State, l.state(b).State, asked)
	}
	bank, _ := l.Way("bank")
	if became, err := l.Take(t.Context(), bank, payment.Notice{Ref: b.Ref, Bank: "9", Amount: 50_000, Paid: true, At: l.now()}); became != payment.Settled || err != nil {
		t.Errorf("paid after its time: %s, %v", became, err)
	}
	l.holds()
}

// A person says whose stray money is.
func TestStrays(t *testing.T) {
	l := open(t)
	bank, _ := l.Way("bank")
	o := l.begin(l.bill(50_000), "bank")
	for i, n := range []payment.VND{60_000, 20_000, 7_000} {
		if _, err := l.Take(t.Context(), bank, payment.Notice{Bank: fmt.Sprint(i), Amount: n, Paid: true, At: l.now(), Text: "le phi"}); err != nil {
			t.Fatal(err)
		}
	}
	say := func(transaction string, said payment.InSaid) error {
		return l.SayStray(t.Context(), by, "bank", transaction, said, "H57")
	}
	for name, err := range map[string]error{
		"too little":    say("1", payment.InSaid{What: "order", Ref: o.Ref}),
		"no such order": say("0", payment.InSaid{What: "order", Ref: "MCAAAAAAAAAA"}),
		"no account":    say("1", payment.InSaid{What: "give_back"}),
		"nothing":       say("1", payment.InSaid{}),
		"explained":     say("1", payment.InSaid{What: "explained", Why: "x"}),
	} {
		if !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := errors.Join(say("0", payment.InSaid{What: "order", Ref: o.Ref}), say("1", payment.InSaid{What: "give_back", To: "VCB 99"})); err != nil {
		t.Fatal(err)
	}
	if err := say("0", payment.InSaid{What: "order", Ref: o.Ref}); !refusal.Is(err, refusal.Conflict) {
		t.Errorf("twice: %v", err)
	}
	if l.state(o).State != payment.Paid || len(l.receipts(o.Code)) != 1 || l.balance("unmatched") != -7_000 || l.balance("refund_due") != -30_000 || l.balance("money/bank") != 87_000 {
		t.Error(l.state(o).State, l.balance("unmatched"), l.balance("refund_due"), l.balance("money/bank"))
	}
	if list, err := l.Strays(t.Context()); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
	l.holds()
}

// A refund is proposed, approved by another, and paid against a proof; each once.
func TestRefund(t *testing.T) {
	l := open(t)
	all := func(agency.ID) bool { return true }
	o := l.begin(l.bill(50_000, 20_000), "vnpay")
	l.pay(o, sandbox.None)
	if err := l.DB.Write(t.Context(), func(tx *db.Tx) error { return l.GiveBack(tx, by, o.Code, "refused") }); err != nil {
		t.Fatal(err)
	}
	open, _, err := l.Refunds(t.Context(), all)
	if err != nil || len(open) != 1 || open[0].Amount != 70_000 || open[0].Way != "vnpay" {
		t.Fatal(open, err)
	}
	if r := l.receipts(o.Code); len(r) != 1 || r[0].Ended != "cancelled" {
		t.Errorf("%+v", r)
	}
	l.holds()
	step := func(by audit.By, step string, said payment.Said) error {
		return l.Advance(t.Context(), by, all, open[0].ID, step, said)
	}
	head := audit.By{Account: 8, Name: "Hoàng Thị Thanh Tâm"}
	kind := func(k refusal.Kind) *refusal.Kind { return &k }
	for _, x := range []struct {
		name string
		err  error
		kind *refusal.Kind
	}{
		{"approved before it is proposed", step(head, "approve", payment.Said{}), kind(refusal.Conflict)},
		{"no account", step(by, "propose", payment.Said{To: " "}), kind(refusal.Invalid)},
		{"another agency's", l.Advance(t.Context(), by, func(agency.ID) bool { return false }, open[0].ID, "propose", payment.Said{To: "1"}), kind(refusal.NotFound)},
		{"proposed", step(by, "propose", payment.Said{To: "VCB 123"}), nil},
		{"approved by the same", step(by, "approve", payment.Said{}), kind(refusal.NotAllowed)},
		{"approved", step(head, "approve", payment.Said{}), nil},
		{"approved again", step(head, "approve", payment.Said{}), kind(refusal.Conflict)},
		{"without a proof", step(by, "pay", payment.Said{}), kind(refusal.Invalid)},
		{"paid", step(by, "pay", payment.Said{Proof: "UNC 17"}), nil},
		{"paid again", step(by, "pay", payment.Said{Proof: "UNC 17"}), kind(refusal.Conflict)},
	} {
		if x.kind == nil && x.err != nil || x.kind != nil && !refusal.Is(x.err, *x.kind) {
			t.Errorf("%s: %v", x.name, x.err)
		}
	}
	if l.balance("money/vnpay") != 0 || l.balance("refund_due") != 0 || l.balance("income") != 0 {
		t.Error(l.balance("money/vnpay"), l.balance("refund_due"), l.balance("income"))
	}
	l.holds()
}

// A receipt with a wrong name is replaced by another number; both stay.
func TestReplace(t *testing.T) {
	l := open(t)
	o := l.begin(l.bill(50_000), "vnpay")
	l.pay(o, sandbox.None)
	first := l.receipts(o.Code)[0]
	if _, err := l.Replace(t.Context(), by, o.Code, first.ID, payment.Payer{}, ""); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("no reason: %v", err)
	}
	fresh, err := l.Replace(t.Context(), by, o.Code, first.ID, payment.Payer{Name: "Nguyễn Thị Hương Giáng"}, "sai tên")
	if err != nil || fresh.NumberText() != "0000002" || fresh.Amount != first.Amount || fresh.Replaces != first.ID {
		t.Fatalf("%+v, %v", fresh, err)
	}
	if _, err := l.Replace(t.Context(), by, o.Code, first.ID, payment.Payer{Name: "X"}, "y"); !refusal.Is(err, refusal.NotNow) {
		t.Errorf("replaced twice: %v", err)
	}
	if list := l.receipts(o.Code); len(list) != 2 || list[0].Ended != "replaced" || list[0].Why != "sai tên" || list[1].Ended != "" {
		t.Errorf("%+v", list)
	}
	l.holds()
}

// Cash goes into the drawer of who takes it, and out when it is handed in.
func TestCashBook(t *testing.T) {
	l := open(t)
	take := func(b payment.Bill, method string) {
		t.Helper()
		if err := l.DB.Write(t.Context(), func(tx *db.Tx) error { return l.AtCounter(tx, by, "H57.101", b, method) }); err != nil {
			t.Fatal(err)
		}
	}
	take(l.bill(50_000), "cash")
	take(l.bill(8_000, 2_000), "cash")
	take(l.bill(70_000), "card")
	day := calendar.DateOf(l.now())
	if err := l.HandIn(t.Context(), by, "H57.101", 61_000, "PT 1"); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("more than there is: %v", err)
	}
	if err := l.HandIn(t.Context(), by, "H57.101", 45_000, "PT 1"); err != nil {
		t.Fatal(err)
	}
	b, err := l.CashBook(t.Context(), "H57.101", by.Account, day)
	if err != nil || b.Cash != 15_000 || b.Card != 70_000 || len(b.Lines) != 3 || b.Before != 0 {
		t.Errorf("%+v, %v", b, err)
	}
	// What was taken in cash is given back out of a drawer that holds it.
	all := func(agency.ID) bool { return true }
	back := l.bill(12_000)
	take(back, "cash")
	if err := l.DB.Write(t.Context(), func(tx *db.Tx) error { return l.GiveBack(tx, by, back.Code, "refused") }); err != nil {
		t.Fatal(err)
	}
	list, err := l.RefundsOf(t.Context(), back.Code)
	if err != nil || len(list) != 1 || list[0].Way != "cash" {
		t.Fatal(list, err)
	}
	id := list[0].ID
	if err := errors.Join(l.Advance(t.Context(), by, all, id, "propose", payment.Said{To: "tiền mặt"}), l.Advance(t.Context(), audit.By{Account: 8}, all, id, "approve", payment.Said{})); err != nil {
		t.Fatal(err)
	}
	if err := l.Advance(t.Context(), by, all, id, "pay", payment.Said{Proof: "PC 1", Till: "H57.102"}); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("out of an empty drawer: %v", err)
	}
	if err := l.Advance(t.Context(), by, all, id, "pay", payment.Said{Proof: "PC 1", Till: "H57.101"}); err != nil {
		t.Fatal(err)
	}
	l.move(24 * time.Hour)
	if b, err = l.CashBook(t.Context(), "H57.101", by.Account, day+1); err != nil || b.Before != 15_000 || len(b.Lines) != 0 {
		t.Errorf("%+v, %v", b, err)
	}
	taken, err := l.Taken(t.Context(), day, day, func(agency.ID) bool { return true })
	if err != nil || len(taken) != 2 || taken[0].Amount != 128_000 || taken[1].Amount != 2_000 {
		t.Errorf("%+v, %v", taken, err)
	}
	l.holds()
}

// A day is held against the gateway's file: what differs is explained line by line, and
// what an account's statement has and was not told of is taken in.
func TestReconcile(t *testing.T) {
	l := open(t)
	day := calendar.DateOf(l.now())
	a, b, c := l.begin(l.bill(10_000), "vnpay"), l.begin(l.bill(20_000), "vnpay"), l.begin(l.bill(30_000), "bank")
	l.pay(a, sandbox.None)
	l.pay(b, sandbox.None)
	a, b = l.state(a), l.state(b)
	r, err := l.Reconcile(t.Context(), by, "vnpay", day, []payment.Credit{{Transaction: a.Bank, Amount: 10_000, At: l.now()}, {Transaction: "x", Amount: 5_000, At: l.now(), Text: "?"}})
	if err != nil || r.Same != 1 || len(r.Differences) != 2 || r.Open() != 2 || r.Ours != 30_000 || r.Theirs != 15_000 {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := l.Explain(t.Context(), by, "vnpay", day, "x", ""); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("no reason: %v", err)
	}
	if err := l.Explain(t.Context(), by, "vnpay", day, "y", "gì"); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("no such line: %v", err)
	}
	if err := l.Explain(t.Context(), by, "vnpay", day, "x", "của đơn vị khác"); err != nil {
		t.Fatal(err)
	}
	r, err = l.Reconcile(t.Context(), by, "vnpay", day, []payment.Credit{{Transaction: a.Bank, Amount: 10_000, At: l.now()}, {Transaction: b.Bank, Amount: 20_000, At: l.now()}, {Transaction: "x", Amount: 5_000, At: l.now(), Text: "?"}})
	if err != nil || r.Same != 2 || r.Open() != 0 || len(r.Differences) != 1 {
		t.Fatalf("again: %+v, %v", r, err)
	}
	if _, err := l.Reconcile(t.Context(), by, "vnpay", day-1, []payment.Credit{{Transaction: a.Bank, Amount: 10_000, At: l.now()}}); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("another day's file: %v", err)
	}
	list, err := payment.ReadStatement(strings.NewReader("\ufeffTransaction,At,Amount,Text\nFT1,2026-12-01 10:00:00,30000,\"NGUYEN VAN A ck " + string(c.Ref) + "\"\nFT2,2026-12-01 11:00:00,1000,khong ro\n"))
	if err != nil {
		t.Fatal(err)
	}
	if r, err = l.Reconcile(t.Context(), by, "bank", day, list); err != nil || r.Same != 2 || r.Open() != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if l.state(c).State != payment.Paid {
		t.Error("a transfer of the statement is not taken")
	}
	if days, err := l.Days(t.Context(), day); err != nil || len(days) != 2 {
		t.Error(days, err)
	}
	l.holds()
	for name, text := range map[string]string{"columns": "a,b\n1,2\n", "amount": "transaction,at,amount,text\n1,2026-12-01 10:00:00,1.5,x\n", "day": "transaction,at,amount,text\n1,hom qua,1,x\n",
		"twice": "transaction,at,amount,text\n1,2026-12-01 10:00:00,1,x\n1,2026-12-01 10:00:00,1,x\n", "nothing": ""} {
		if _, err := payment.ReadStatement(strings.NewReader(text)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

// Whatever happens in whatever order, the ledger balances, receipts have no gap, and money
// is with the dossiers, to be given back, or nobody's.
func TestLedgerHolds(t *testing.T) {
	l := open(t)
	rapid.Check(t, func(r *rapid.T) {
		ways := []string{"vnpay", "dvcqg", "bank"}
		var orders []payment.Order
		var in payment.VND
		seen := map[string]bool{}
		had := l.balance("money")
		for range rapid.IntRange(1, 12).Draw(r, "events") {
			switch rapid.IntRange(0, 4).Draw(r, "event") {
			case 0, 1:
				b := l.bill(payment.VND(rapid.IntRange(1, 100).Draw(r, "amount") * 1000))
				for range rapid.IntRange(1, 2).Draw(r, "ways") {
					orders = append(orders, l.begin(b, rapid.SampledFrom(ways).Draw(r, "way")))
				}
			case 2, 3:
				if len(orders) == 0 {
					continue
				}
				o := rapid.SampledFrom(orders).Draw(r, "order")
				n := payment.Notice{Ref: o.Ref, Bank: fmt.Sprint(o.Ref, rapid.IntRange(1, 2).Draw(r, "transaction")), Amount: o.Amount, Paid: rapid.Bool().Draw(r, "paid"), At: l.now()}
				if rapid.IntRange(0, 5).Draw(r, "odd") == 0 {
					n.Amount++
				}
				w, _ := l.Way(o.Way)
				became, err := l.Take(t.Context(), w, n)
				if err != nil {
					r.Fatal(err)
				}
				if became == payment.Settled || became == payment.Over || became == payment.Stray {
					if seen[o.Way+n.Bank] {
						r.Fatalf("%s of money that was told before", became)
					}
					in += n.Amount
				}
				seen[o.Way+n.Bank] = seen[o.Way+n.Bank] || n.Paid
			case 4:
				l.move(time.Duration(rapid.IntRange(1, 90).Draw(r, "minutes")) * time.Minute)
				if len(orders) > 0 {
					o := rapid.SampledFrom(orders).Draw(r, "given back")
					if err := l.DB.Write(t.Context(), func(tx *db.Tx) error { return l.GiveBack(tx, by, o.Code, "refused") }); err != nil {
						r.Fatal(err)
					}
				}
			}
		}
		if got := l.balance("money") - had; got != in {
			r.Fatalf("%d came in, the ledger has %d", in, got)
		}
		if sum := l.balance("money") + l.balance("income") + l.balance("refund_due") + l.balance("unmatched"); sum != 0 {
			r.Fatalf("adds up to %d", sum)
		}
		if list := l.wrong(); len(list) != 0 {
			r.Fatalf("verify: %q", list)
		}
	})
}

// Every hand at the money in the database is told.
func TestTamperedMoney(t *testing.T) {
	for _, x := range []struct{ sql, told string }{
		{`UPDATE ledger SET amount = amount * 2`, "ledger"},
		{`UPDATE ledger SET account = 'money/mine' WHERE account LIKE 'money/%'`, "is not what this site wrote"},
		{`DELETE FROM ledger`, "the ledger has 0"},
		{`UPDATE receipt SET body = REPLACE(body, 'Giang', 'Khác')`, "is not the receipt"},
		{`UPDATE receipt SET number = 7`, "from 7 to 7"},
		{`DELETE FROM receipt`, "differ from the ledger"},
		{`INSERT INTO payment_order SELECT 'MCAAAAAAAAAA', way, code, amount, state, created_at, expires_at, paid_at, ask_at, tries, bank, started, body FROM payment_order`, "order MCAAAAAAAAAA: is paid"},
		{`DELETE FROM refund`, "refunds of"},
		{`UPDATE refund SET paid_at = 1`, "refunds of"},
	} {
		l := open(t)
		o := l.begin(l.bill(50_000), "vnpay")
		w, _ := l.Way("vnpay")
		for _, bank := range []string{"1", "2"} {
			if _, err := l.Take(t.Context(), w, payment.Notice{Ref: o.Ref, Bank: bank, Amount: 50_000, Paid: true, At: l.now()}); err != nil {
				t.Fatal(err)
			}
		}
		l.holds()
		dbtest.Tamper(t, l.DB, func(tx *db.Tx) { tx.Exec(x.sql) })
		if list := l.wrong(); !strings.Contains(strings.Join(list, "\n"), x.told) {
			t.Errorf("%s: %q", x.sql, list)
		}
	}
}

// VietQR as the standard's own example and as it is read back; what cannot be written is
// refused.
func TestVietQR(t *testing.T) {
	qr, err := payment.QR("970436", "0123456789", 50_000, "MCABCDEFGHJK")
	if err != nil || !strings.HasPrefix(qr, "00020101021238540010A00000072701240006970436011001234567890208QRIBFTTA530370454055000058") {
		t.Fatal(qr, err)
	}
	bank, account, amount, text, err := payment.ReadQR(qr)
	if err != nil || bank != "970436" || account != "0123456789" || amount != 50_000 || text != "MCABCDEFGHJK" {
		t.Error(bank, account, amount, text, err)
	}
	for i := range len(qr) {
		damaged := qr[:i] + string(qr[i]^1) + qr[i+1:]
		if _, _, _, _, err := payment.ReadQR(damaged); err == nil {
			t.Fatalf("damaged at %d it is read", i)
		}
	}
	for _, x := range []struct {
		bank, account, text string
		amount              payment.VND
	}{{"97043", "1", "A", 1}, {"970436", "", "A", 1}, {"970436", "1", "tiếng", 1}, {"970436", "1", "A", 0}, {"970436", "1", strings.Repeat("A", 26), 1}} {
		if _, err := payment.QR(x.bank, x.account, x.amount, x.text); err == nil {
			t.Errorf("%+v is written", x)
		}
	}
}

func FuzzReadQR(f *testing.F) {
	qr, _ := payment.QR("970436", "0123456789", 50_000, "MCABCDEFGHJK")
	f.Add(qr)
	f.Add("63046304")
	f.Fuzz(func(_ *testing.T, s string) { _, _, _, _, _ = payment.ReadQR(s) })
}

func FuzzReadStatement(f *testing.F) {
	f.Add("transaction,at,amount,text\n1,2026-12-01 10:00:00,1,x\n")
	f.Add("\ufefftransaction,at,amount,text\n\"")
	f.Fuzz(func(t *testing.T, s string) {
		list, err := payment.ReadStatement(strings.NewReader(s))
		for _, c := range list {
			if err == nil && (c.Amount <= 0 || c.Transaction == "") {
				t.Errorf("%+v", c)
			}
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/payment"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// payBack is where gateways lead people back to.
const payBack = "/thanh-toan/ve"

type payPage struct {
	web.Page
	Code, Procedure  string
	Parts            []feeRow
	Total            int64
	Ways             []payWay
	Chosen, WrongWay string
	Agency           string
	Open             *payment.Order // that can still be paid
}

type payWay struct{ ID, Name, Note string }

// askPay shows what is due and by which ways it can be paid.
func askPay(v *visit) error { return v.askPay(nil) }

func (v *visit) askPay(refused *refusal.Error) error {
	f, err := v.openOwn()
	if err != nil {
		return err
	}
	s := &f.State
	bill, err := v.Book.Bill(v.R.Context(), s)
	if err != nil {
		return err
	}
	p := payPage{Page: v.page(v.T("portal.pay.title")), Code: string(s.Code), Procedure: bill.Title.In(v.Lang), Total: int64(bill.Amount()), Chosen: v.R.PostForm.Get("cach"), Agency: v.Site.Directory().Name(s.Reception, v.Lang)}
	p.Back = dossierPath(s.Code)
	if !s.Owes() {
		p.Total = 0
	}
	for _, x := range bill.Parts {
		p.Parts = append(p.Parts, feeRow{Name: x.Name.In(v.Lang), Amount: int64(x.Amount)})
	}
	if v.Payments.Collects(s.Competent) {
		for _, w := range v.Payments.Ways {
			note := v.T("portal.pay.way_online")
			if w.Credited {
				note = v.T("portal.pay.way_transfer")
			}
			p.Ways = append(p.Ways, payWay{w.ID, w.Name.In(v.Lang), note})
		}
	}
	orders, err := v.Payments.Orders(v.R.Context(), string(s.Code))
	if err != nil {
		return err
	}
	for i := range orders {
		if orders[i].Open(v.Now()) && s.Owes() {
			p.Open = &orders[i]
			break
		}
	}
	status := http.StatusOK
	if refused != nil {
		status = web.Status(refused)
		p.Refuse(refused, "")
		for _, w := range refused.Fields {
			p.WrongWay = p.Page.Wrong(w)
		}
	}
	return v.Render(status, "dossier_pay", p)
}

// pay begins an order by the way that was chosen.
func pay(v *visit) error {
	f, err := v.openOwn()
	if err != nil {
		return err
	}
	s := &f.State
	way := v.R.PostForm.Get("cach")
	if way == "" {
		return v.askPay(refusal.As(refusal.Fields("request.invalid", []refusal.Field{refusal.At("/cach", "portal.pay.choose")})))
	}
	if !s.Owes() {
		return v.askPay(refusal.New(refusal.NotNow, "payment.nothing"))
	}
	bill, err := v.Book.Bill(v.R.Context(), s)
	if err != nil {
		return err
	}
	order, err := v.Payments.Begin(v.R.Context(), bill, way, payment.Visit{Address: web.Address(v.R), Lang: v.Lang, Return: v.place().Origin + payBack})
	if e := refusal.As(err); e != nil && e.Key != "db.unavailable" {
		return v.askPay(e)
	}
	if err != nil {
		return err
	}
	return v.Redirect(orderPath(s.Code, order.Ref))
}

func orderPath(code dossier.Code, ref payment.Ref) string {
	return dossierPath(code) + "/thanh-toan/" + string(ref)
}

type orderPage struct {
	web.Page
	Code, Ref, Way string
	Order          payment.Order
	State          string // paid, failed, over, expired, waiting, transfer, leave
	Amount         int64
	Said           string // key of how it stands, for who cannot see that the page changed
	QR             template.URL
	Poll           bool // a script looks whether it was paid
	Receipts       []receiptView
	Again          bool // it can be paid otherwise
}

type receiptView struct {
	Number, PDF, XML string
	At               time.Time
	Amount           int64
	Ended            string
}

// showOrder shows how an order stands: how to pay it, that it waits to be told of, or
// that it was paid. A page that waits is loaded again by who reads it, or by a script.
func showOrder(v *visit) error {
	f, err := v.openOwn()
	if err != nil {
		return err
	}
	s := &f.State
	order, err := v.Payments.Find(v.R.Context(), string(s.Code), payment.Ref(v.R.PathValue("ref")))
	if err != nil {
		return err
	}
	p := orderPage{Page: v.page(v.T("portal.pay.title")), Code: string(s.Code), Ref: string(order.Ref), Order: order, Amount: int64(order.Amount), Way: order.Way}
	p.Back = dossierPath(s.Code)
	if w, err := v.Payments.Way(order.Way); err == nil {
		p.Way = w.Name.In(v.Lang)
	}
	back := v.R.URL.Query().Get("ve") != ""
	switch {
	case order.State == payment.Paid:
		p.State = "paid"
	case order.State == payment.Failed:
		p.State = "failed"
	case order.Started.Transfer != nil && order.Open(v.Now()):
		p.State, p.Poll = "transfer", true
		if p.QR, err = picture(order.Started.Transfer.QR); err != nil {
			return err
		}
	case back && order.State == payment.Asked:
		p.State, p.Poll = "waiting", true
	case order.Open(v.Now()):
		p.State = "leave"
	default:
		p.State = "expired"
	}
	p.Again = s.Owes() && p.State != "waiting" // who has paid is not to pay again
	p.Said = map[string]string{"paid": "portal.pay.paid", "waiting": "portal.pay.waiting", "failed": "portal.pay.failed", "expired": "portal.pay.expired"}[p.State]
	if p.Receipts, err = v.receipts(s.Code); err != nil {
		return err
	}
	return v.Render(http.StatusOK, "order_show", p)
}

// comeBack leads from the gateway to the order, which it names; whether it was paid the
// gateway itself says.
func comeBack(v *visit) error {
	q := v.R.URL.Query()
	ref := q.Get("vnp_TxnRef")
	if ref == "" {
		ref = q.Get("MaThamChieu")
	}
	order, err := v.Payments.Named(v.R.Context(), payment.Ref(ref))
	if err != nil {
		return err
	}
	if err := v.Payments.Back(v.R.Context(), &order); err != nil {
		return err
	}
	return v.Redirect(orderPath(dossier.Code(order.Code), order.Ref) + "?ve=1")
}

// receipts are those of a dossier, as the page lists them.
func (v *visit) receipts(code dossier.Code) ([]receiptView, error) {
	list, err := v.Payments.Receipts(v.R.Context(), string(code))
	var views []receiptView
	for _, r := range list {
		at := dossierPath(code) + "/bien-lai/" + strconv.FormatInt(r.ID, 10)
		x := receiptView{Number: r.Collector.Series + " " + r.NumberText(), PDF: at, XML: at + ".xml", At: r.At, Amount: int64(r.Amount)}
		if r.Ended != "" {
			x.Ended = v.T("payment.receipt." + r.Ended)
		}
		views = append(views, x)
	}
	return views, err
}

// sendReceipt sends a receipt as PDF, or as XML.
func sendReceipt(v *visit) error {
	f, err := v.openOwn()
	if err != nil {
		return err
	}
	name, isXML := strings.CutSuffix(v.R.PathValue("receipt"), ".xml")
	id, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return refusal.New(refusal.NotFound, "payment.receipt.unknown")
	}
	r, err := v.Payments.FindReceipt(v.R.Context(), string(f.State.Code), id)
	if err != nil {
		return err
	}
	if err := v.Book.Viewed(v.R.Context(), v.who, &f, "paper Biên lai"); err != nil {
		return err
	}
	if isXML {
		text, err := r.XML()
		if err != nil {
			return err
		}
		return web.SendXML(v.W, "bien-lai-"+r.NumberText(), text)
	}
	pdf, err := r.PDF()
	if err != nil {
		return err
	}
	return web.SendPDF(v.W, "bien-lai-"+r.NumberText(), pdf)
}

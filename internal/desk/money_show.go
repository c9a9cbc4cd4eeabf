// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/payment"
	"motcua/internal/refusal"
	"motcua/internal/staff"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

// Who has to do with money: cashiers take and give it, who heads an agency approves.
var (
	cashiers  = []workflow.Role{workflow.Cashier}
	approvers = []workflow.Role{workflow.Head, workflow.Leader}
)

// money is true for who has to do with money anywhere.
func (v *visit) money() bool { return v.who.HasRole(workflow.Cashier) || v.who.Heads() }

// moneyOf are the agencies whose money an officer in these roles has to do with; NotAllowed
// for who has none of them.
func (v *visit) moneyOf(roles ...workflow.Role) (func(agency.ID) bool, error) {
	for _, r := range roles {
		if v.who.HasRole(r) {
			return func(at agency.ID) bool { return v.who.MoneyAt(v.Site.Directory(), at, roles...) }, nil
		}
	}
	return nil, refusal.New(refusal.NotAllowed, "payment.cashiers")
}

// tills are the agencies at which an officer is a cashier.
func (v *visit) tills() (list []agency.ID) {
	for _, p := range v.who.Posts {
		if p.Role == workflow.Cashier {
			list = append(list, p.Agency)
		}
	}
	return list
}

// till is the agency in whose drawer an officer puts money; "" for who has none.
func (v *visit) till() agency.ID {
	if list := v.tills(); len(list) > 0 {
		return list[0]
	}
	return ""
}

type moneyPage struct {
	web.Page
	Cashier       bool
	Refunds, Done []refundRow
	Strays        []strayRow
	Days          []dayRow
	Taken         []takenRow
	From          string
}

type refundRow struct {
	Href, Code, Agency, Why, State string
	Amount                         int64
	At                             string
}

type strayRow struct {
	Href, Way, Bank, Text, What string
	Amount                      int64
	At                          string
}

type dayRow struct {
	Href, Way, Day    string
	Lines, Same, Open int
	Theirs, Ours      int64
	Differences       int
}

type takenRow struct {
	Agency, Kind string
	Amount, N    int64
}

// showMoney shows what waits for who has to do with money, and what was taken.
func showMoney(v *visit) error {
	at, err := v.moneyOf(append(approvers, cashiers...)...)
	if err != nil {
		return err
	}
	ctx, d := v.R.Context(), v.Site.Directory()
	p := moneyPage{Page: v.page(v.T("desk.money.title")), Cashier: v.who.HasRole(workflow.Cashier)}
	p.Back = "/mot-cua"
	open, done, err := v.Payments.Refunds(ctx, at)
	if err != nil {
		return err
	}
	row := func(r payment.Refund) refundRow {
		state := r.Step()
		if state == "" {
			state = "done"
		}
		return refundRow{Href: "/mot-cua/tien/hoan-tra/" + strconv.FormatInt(r.ID, 10), Code: r.Code, Agency: d.Name(r.Agency, v.Lang), Why: v.T("desk.money.why." + r.Body.Why), State: v.T("desk.money.step." + state), Amount: int64(r.Amount), At: calendar.HourAndDate(r.At)}
	}
	for _, r := range open {
		p.Refunds = append(p.Refunds, row(r))
	}
	for _, r := range done {
		p.Done = append(p.Done, row(r))
	}
	if p.Cashier {
		strays, err := v.Payments.Strays(ctx)
		if err != nil {
			return err
		}
		for _, x := range strays {
			p.Strays = append(p.Strays, strayRow{Href: strayPath(x.Way, x.Bank), Way: v.wayName(x.Way), Bank: x.Bank, Text: x.Text, What: v.T("desk.money.outcome." + string(x.Outcome)), Amount: int64(x.Amount), At: calendar.HourAndDate(x.At)})
		}
	}
	today := calendar.DateOf(v.Now())
	days, err := v.Payments.Days(ctx, today-31)
	if err != nil {
		return err
	}
	for _, r := range days {
		p.Days = append(p.Days, dayRow{Href: dayPath(r.Way, r.Day), Way: v.wayName(r.Way), Day: form.DateText(r.Day.String()), Lines: r.Lines, Same: r.Same, Open: r.Open(), Differences: len(r.Differences), Theirs: int64(r.Theirs), Ours: int64(r.Ours)})
	}
	from := calendar.MustDate(today.String()[:8] + "01")
	p.From = form.DateText(from.String())
	taken, err := v.Payments.Taken(ctx, from, today, at)
	if err != nil {
		return err
	}
	for _, x := range taken {
		p.Taken = append(p.Taken, takenRow{d.Name(x.Agency, v.Lang), v.T("desk.money.kind." + x.Kind), int64(x.Amount), x.N})
	}
	return v.Render(http.StatusOK, "money_show", p)
}

// wayName names where money is.
func (v *visit) wayName(id string) string {
	if id == "cash" || id == "card" {
		return v.T("desk.method." + id)
	}
	if w, err := v.Payments.Way(id); err == nil {
		return w.Name.In(v.Lang)
	}
	return id
}

// sayPage asks to say something of money.
type sayPage struct {
	web.Page
	Facts    []fact
	Controls []form.Control
	Action   string
	Button   string
	Note     string
}

func (v *visit) sayPage(p sayPage, fields []form.Field, refused *refusal.Error) error {
	p.Back = "/mot-cua/tien"
	answers, status := form.FromValues(fields, v.R.PostForm), http.StatusOK
	var wrong []refusal.Field
	if refused != nil {
		wrong, status = refused.Fields, web.Status(refused)
		p.Refuse(refused, "")
	}
	p.Controls = form.Controls(fields, answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	return v.Render(status, "money_say", p)
}

// anew shows a form anew with what is wrong, or returns a fault.
func anew(err error, show func(*refusal.Error) error) error {
	if e := refusal.As(err); e != nil && e.Kind != refusal.Unavailable && e.Kind != refusal.NotFound {
		return show(e)
	}
	return err
}

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
		fields = []form.Field{refundProof}
	}
	if may {
		p.Button = v.T("desk.money.do." + step)
	}
	return v.sayPage(p, fields, refused)
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
	err = v.Payments.Advance(v.R.Context(), v.who.By(), at, id, step, payment.Said{To: v.R.PostForm.Get("to"), Proof: v.R.PostForm.Get("proof"), Till: v.till()})
	if err != nil {
		return anew(err, v.askRefund)
	}
	return v.Redirect("/mot-cua/tien")
}

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

func dayPath(way string, day calendar.Date) string {
	return "/mot-cua/tien/doi-soat/" + url.PathEscape(way) + "/" + day.String()
}

type reconcilePage struct {
	web.Page
	Controls  []form.Control
	WrongFile string
}

func (v *visit) reconcileFields() []form.Field {
	way := form.Field{ID: "way", Type: form.Choice, Label: said("desk.money.way")}
	for _, w := range v.Payments.Ways {
		way.Options = append(way.Options, form.Option{Value: w.ID, Label: w.Name})
	}
	return []form.Field{way, {ID: "day", Type: form.Date, Label: said("desk.money.day")}}
}

func askReconcile(v *visit) error {
	answers := form.Answers{"day": (calendar.DateOf(v.Now()) - 1).String()}
	return v.askReconcile(answers, nil)
}

func (v *visit) askReconcile(answers form.Answers, refused *refusal.Error) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	p := reconcilePage{Page: v.page(v.T("desk.money.reconcile"))}
	p.Back = "/mot-cua/tien"
	status := http.StatusOK
	var wrong []refusal.Field
	if refused != nil {
		status, wrong = web.Status(refused), refused.Fields
		p.Refuse(refused, "")
		for _, f := range wrong {
			if f.Pointer == "/tep" {
				p.WrongFile = web.FieldSentence(v.Lang, f)
			}
		}
	}
	p.Controls = form.Controls(v.reconcileFields(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	return v.Render(status, "money_reconcile", p)
}

// reconcile holds a day against a file that is handed in.
func reconcile(v *visit) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	if web.Multipart(v.R) {
		const limit = staff.MostBytes + web.FormLimit
		v.R.Body = http.MaxBytesReader(v.W, v.R.Body, limit)
		if err := v.R.ParseMultipartForm(limit); err != nil {
			return web.Unreadable(err, limit)
		}
		if err := v.Guard.Check(v.R); err != nil {
			return err
		}
	}
	fields := v.reconcileFields()
	answers := form.FromValues(fields, v.R.PostForm)
	clean, wrong := form.CheckFields(fields, answers, "", v.Now())
	var lines []payment.Credit
	file, _, err := v.R.FormFile("tep")
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
		wrong = append(wrong, refusal.At("/tep", "payment.statement.none"))
	case err != nil:
		return err
	default:
		defer file.Close()
		if lines, err = payment.ReadStatement(file); err != nil {
			wrong = append(wrong, refusal.At("/tep", "payment.statement.wrong", "what", clippedLines(err.Error())))
		}
	}
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		return v.askReconcile(answers, e)
	}
	day, err := calendar.ParseDate(clean.Text("day"))
	if err != nil {
		return err
	}
	way := clean.Text("way")
	if _, err := v.Payments.Reconcile(v.R.Context(), v.who.By(), way, day, lines); err != nil {
		return anew(err, func(e *refusal.Error) error {
			for i := range e.Fields {
				e.Fields[i].Pointer = "/tep"
			}
			return v.askReconcile(answers, e)
		})
	}
	return v.Redirect(dayPath(way, day) + "")
}

// clippedLines are the first lines of what is wrong with a file.
func clippedLines(s string) string {
	lines := strings.Split(s, "\n")
	return strings.ReplaceAll(strings.Join(lines[:min(5, len(lines))], "; "), "statement: ", "")
}

type reconciledPage struct {
	web.Page
	Way, Day, By string
	Action       string
	payment.Reconciled
	SumTheirs, SumOurs int64
	Rows               []differenceRow
	Cashier            bool
}

type differenceRow struct {
	Bank, What, Text, Why, By string
	Typed, Wrong              string
	Theirs, Ours              int64
}

func showReconciled(v *visit) error { return v.showReconciled(nil) }

func (v *visit) showReconciled(refused *refusal.Error) error {
	if _, err := v.moneyOf(append(approvers, cashiers...)...); err != nil {
		return err
	}
	day, err := calendar.ParseDate(v.R.PathValue("day"))
	if err != nil {
		return refusal.New(refusal.NotFound, "payment.reconcile.unknown")
	}
	r, err := v.Payments.Day(v.R.Context(), v.R.PathValue("way"), day)
	if err != nil {
		return err
	}
	p := reconciledPage{Page: v.page(v.T("desk.money.reconcile")), Way: v.wayName(r.Way), Day: form.DateText(day.String()), By: r.By, Action: dayPath(r.Way, day), Reconciled: r, SumTheirs: int64(r.Theirs), SumOurs: int64(r.Ours), Cashier: v.who.HasRole(workflow.Cashier)}
	p.Back = "/mot-cua/tien"
	for _, x := range r.Differences {
		d := differenceRow{Bank: x.Bank, What: v.T("desk.money.difference." + x.What), Text: x.Text, Why: x.Why, By: x.By, Theirs: int64(x.Theirs), Ours: int64(x.Ours)}
		if refused != nil && x.Bank == v.R.PostForm.Get("bank") {
			d.Typed = v.R.PostForm.Get("why")
			for _, f := range refused.Fields {
				d.Wrong = web.FieldSentence(v.Lang, f)
			}
		}
		p.Rows = append(p.Rows, d)
	}
	status := http.StatusOK
	if refused != nil {
		status = web.Status(refused)
		p.Refuse(refused, "")
	}
	return v.Render(status, "money_reconciled", p)
}

func explainDifference(v *visit) error {
	if _, err := v.moneyOf(cashiers...); err != nil {
		return err
	}
	day, err := calendar.ParseDate(v.R.PathValue("day"))
	if err != nil {
		return refusal.New(refusal.NotFound, "payment.reconcile.unknown")
	}
	way := v.R.PathValue("way")
	if err := v.Payments.Explain(v.R.Context(), v.who.By(), way, day, v.R.PostForm.Get("bank"), v.R.PostForm.Get("why")); err != nil {
		return anew(err, v.showReconciled)
	}
	return v.Redirect(dayPath(way, day) + "")
}

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

func (v *visit) handInFields() []form.Field {
	at := form.Field{ID: "agency", Type: form.Choice, Label: said("desk.money.till")}
	for _, id := range v.tills() {
		d := v.Site.Directory()
		at.Options = append(at.Options, form.Option{Value: string(id), Label: form.Text{VI: d.Name(id, "vi"), EN: d.Name(id, "en")}})
	}
	return []form.Field{at, {ID: "amount", Type: form.Money, Label: said("desk.money.hand_amount")}, refundProof}
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
		status, wrong = web.Status(refused), refused.Fields
		p.Refuse(refused, "")
	}
	p.Controls = form.Controls(fields, answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	return v.Render(status, "money_book", p)
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

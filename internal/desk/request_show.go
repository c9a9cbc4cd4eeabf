// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/privacy"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/web"
)

// dataLink leads to what waits for the data protection officer.
type dataLink struct{ Href, Label, Late, Near string }

// dataLinks are what waits for the data protection officer; none for others.
func (v *visit) dataLinks() ([]dataLink, error) {
	w, err := v.Privacy.Waiting(v.R.Context(), v.who)
	if err != nil || !privacy.InCharge(v.who) {
		return nil, err
	}
	said := func(key string, n int) string {
		if n == 0 {
			return ""
		}
		return v.T(key, "n", n)
	}
	return []dataLink{
		{requestsPath, v.T("desk.privacy.open", "n", w.Open), said("desk.privacy.late", w.Late), said("desk.privacy.near", w.Near)},
		{breachesPath, v.T("desk.breach.open", "n", w.Breaches), said("desk.privacy.late", w.LateBreaches), ""}}, nil
}

const requestsPath = "/mot-cua/quyen-du-lieu"

type requestsPage struct {
	web.Page
	Open, Closed []requestRow
}

// requestRow is a request in a list.
type requestRow struct {
	Href, Number, Right, State, Left, Tag, Timing string
	Own                                           bool // the officer's own, for others to decide
	At, Due                                       time.Time
}

// listRequests lists what people ask of their data, the most pressing first.
func listRequests(v *visit) error {
	open, closed, err := v.Privacy.List(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	p := requestsPage{Page: v.page(v.T("desk.privacy.title"))}
	p.Back = "/mot-cua"
	for i := range open {
		p.Open = append(p.Open, v.requestRow(&open[i]))
	}
	for i := range closed {
		p.Closed = append(p.Closed, v.requestRow(&closed[i]))
	}
	return v.Render(http.StatusOK, "request_list", p)
}

func (v *visit) requestRow(r *privacy.Request) requestRow {
	x := requestRow{Href: requestsPath + "/" + r.Number, Number: r.Number, Right: v.T("privacy.right." + string(r.Right)), State: v.T("privacy.state." + string(r.State)), At: r.ReceivedAt, Due: r.Due(), Own: r.Account == v.who.Account}
	if !x.Due.IsZero() {
		x.Left, x.Tag, x.Timing = v.left(x.Due)
	}
	return x
}

type requestPage struct {
	web.Page
	requestRow
	Version          int
	Person           []privacy.Said
	Asked            []privacy.Said
	Steps            []requestStep
	AnswerBy, DoneBy time.Time
	Basis            string
	Acts             []requestAct
	OwnWhy           string // why nothing is offered
}

// requestStep is what was done with a request.
type requestStep struct {
	Title, By, Text, Basis, Note string
	At                           time.Time
	Kept                         []string
}

// requestAct is an act with what it asks for.
type requestAct struct {
	Act, Label, Text string
	Warning          bool
	Open             bool // what was sent was refused
	Controls         []form.Control
}

// showRequest shows the officer in charge a request and what can be done with it.
func showRequest(v *visit) error { return v.showRequest("", nil, nil) }

func (v *visit) showRequest(sent string, answers form.Answers, refused *refusal.Error) error {
	if !privacy.InCharge(v.who) {
		return refusal.New(refusal.NotAllowed, "privacy.officers_only")
	}
	r, err := v.Privacy.Find(v.R.Context(), v.who, v.R.PathValue("number"))
	if err != nil {
		return err
	}
	a, err := v.Register.Find(v.R.Context(), r.Account)
	if err != nil {
		return err
	}
	law := regime.FindDataLaw(r.Law)
	p := requestPage{Page: v.page(v.T("privacy.right." + string(r.Right))), requestRow: v.requestRow(&r), Version: r.Version, AnswerBy: r.AnswerBy, DoneBy: r.DoneBy, Basis: law.Basis}
	p.Back = requestsPath
	p.Person = []privacy.Said{{Label: v.T("desk.privacy.person"), Value: a.Name}, {Label: v.T("privacy.account"), Value: a.Login}}
	if r.Right == regime.Correct && r.Subject != "" {
		p.Person = append(p.Person, privacy.Said{Label: v.T("desk.privacy.now", "what", v.T("portal.person."+r.Subject)), Value: privacy.FactConcealed(r.Subject, a.Person.Fact(r.Subject), v.Lang)})
	}
	p.Asked = r.Says(v.T, privacy.FactConcealed, v.Lang, calendar.DateOf(v.Now()))
	for _, s := range r.Steps {
		p.Steps = append(p.Steps, v.requestStep(&r, s))
	}
	status := http.StatusOK
	if refused != nil {
		status = web.Status(refused)
		for i := range refused.Fields {
			refused.Fields[i].Pointer = "/" + sent + refused.Fields[i].Pointer
		}
		p.Refuse(refused, "")
	}
	offers := v.Privacy.Offers(v.who, &r)
	for _, act := range offers {
		if act == privacy.ActWithdraw || act == privacy.ActComplain {
			continue
		}
		x := requestAct{Act: act, Label: v.T("desk.privacy.act." + act), Text: v.T("desk.privacy.act." + act + "_text"), Warning: act == privacy.ActRefuse, Open: act == sent}
		if act == privacy.ActDo {
			x.Text = v.T("desk.privacy.do." + string(r.Right))
		}
		given, wrong := v.before(act, &r), []refusal.Field(nil)
		if act == sent && refused != nil {
			given, wrong = answers, refused.Fields
		}
		x.Controls = form.Controls(requestFields(act, &r), given, form.Scope{Answers: given}, "/"+act, wrong, v.Lang)
		own(x.Controls, act)
		p.Acts = append(p.Acts, x)
	}
	switch {
	case p.Own:
		p.OwnWhy = v.T("privacy.own")
	case r.State == privacy.Complained && len(p.Acts) == 0:
		p.OwnWhy = v.T("privacy.decided")
	}
	return v.Render(status, "request_show", p)
}

// before is what the questions of an act have answered already.
func (v *visit) before(act string, r *privacy.Request) form.Answers {
	a := form.Answers{}
	if act == privacy.ActDo && r.Right == regime.Correct && r.Subject != "" {
		a["value"] = privacy.FactText(r.Subject, r.Value, v.Lang)
	}
	if act == privacy.ActAccept {
		a["others"] = false
	}
	return a
}

// requestFields ask what an act needs.
func requestFields(act string, r *privacy.Request) []form.Field {
	text := form.Field{ID: "text", Type: form.LongText, Label: said("desk.privacy.text"), Hint: said("desk.privacy.text_hint"), Length: 2000}
	switch act {
	case privacy.ActAccept:
		text.Optional = true
		if r.Right == regime.Object || r.Right == regime.Restrict || r.Right == regime.Erase {
			return []form.Field{{ID: "others", Type: form.YesNo, Label: said("desk.privacy.others"), Hint: said("desk.privacy.others_hint")}, text}
		}
	case privacy.ActRefuse:
		text.Label = said("desk.privacy.why")
		return []form.Field{text, {ID: "basis", Type: form.ShortText, Label: said("desk.privacy.basis"), Hint: said("desk.privacy.basis_hint"), Length: 300}}
	case privacy.ActExtend:
		least, most := 1.0, float64(regime.FindDataLaw(r.Law).Longest)
		text.Label = said("desk.privacy.why")
		return []form.Field{{ID: "days", Type: form.Integer, Label: said("desk.privacy.days"), Min: &least, Max: &most}, text}
	case privacy.ActResolve:
		return []form.Field{{ID: "upheld", Type: form.YesNo, Label: said("desk.privacy.upheld"), Hint: said("desk.privacy.upheld_hint")}, text}
	case privacy.ActDo:
		text.Optional = r.Right != regime.Access && (r.Right != regime.Correct || r.Subject != "")
		if r.Right == regime.Correct && r.Subject != "" {
			return []form.Field{{ID: "value", Type: form.ShortText, Label: said("privacy.ask.value"), Length: 300}, text}
		}
	}
	return []form.Field{text}
}

func (v *visit) requestStep(r *privacy.Request, s privacy.Step) requestStep {
	x := requestStep{Title: v.T("privacy.step." + s.Act), By: s.Name, Text: s.Text, Basis: s.Basis, At: s.At, Kept: s.Kept}
	switch {
	case s.Act == privacy.ActExtend:
		x.Note = v.T("privacy.step.longer", "at", web.Instant(v.Lang, s.Until))
	case s.Act == privacy.ActResolve && s.Upheld:
		x.Note = v.T("privacy.step.upheld")
	case s.Act == privacy.ActResolve:
		x.Note = v.T("privacy.step.rejected")
	case s.Value != "":
		x.Note = v.T("privacy.step.value", "value", privacy.FactConcealed(r.Subject, s.Value, v.Lang))
	}
	return x
}

// actOnRequest does something with a request.
func actOnRequest(v *visit) error {
	if !privacy.InCharge(v.who) {
		return refusal.New(refusal.NotAllowed, "privacy.officers_only")
	}
	number, act := v.R.PathValue("number"), v.R.PathValue("act")
	r, err := v.Privacy.Find(v.R.Context(), v.who, number)
	if err != nil {
		return err
	}
	if !slices.Contains(privacy.Acts, act) || act == privacy.ActWithdraw || act == privacy.ActComplain {
		return refusal.New(refusal.NotFound, "privacy.act")
	}
	fields := requestFields(act, &r)
	answers := form.FromValues(fields, v.R.PostForm)
	clean, wrong := form.CheckFields(fields, answers, "", v.Now().In(calendar.Zone))
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil && slices.Contains(v.Privacy.Offers(v.who, &r), act) {
		return v.showRequest(act, answers, e)
	}
	version, _ := strconv.Atoi(v.R.PostForm.Get("version"))
	days, _ := strconv.Atoi(form.Raw(clean["days"]))
	_, err = v.Privacy.Act(v.R.Context(), v.who, number, act, privacy.Given{Version: version, Text: clean.Text("text"), Basis: clean.Text("basis"), Value: clean.Text("value"), Days: days, Others: clean["others"] == true, Upheld: clean["upheld"] == true})
	if e := refusal.As(err); e != nil && (e.Kind == refusal.Invalid || e.Kind == refusal.NotNow || e.Kind == refusal.Conflict) {
		return v.showRequest(act, answers, e)
	}
	if err != nil {
		return err
	}
	return v.Redirect(requestsPath + "/" + number)
}

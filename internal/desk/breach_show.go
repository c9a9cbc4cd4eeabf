// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/privacy"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/web"
)

const breachesPath = "/mot-cua/su-co-du-lieu"

type breachesPage struct {
	web.Page
	Breaches []breachRow
	Controls []form.Control
	Hours    int
	Basis    string
}

// breachRow is a breach in the register.
type breachRow struct {
	Href, Number, Name, State, Tag string
	Noticed, NotifyBy, SentAt      time.Time
}

// incidentFields ask what is known of a breach; of one that is amended, only what is
// known better.
func incidentFields(fresh bool) []form.Field {
	zero := 0.0
	kind := form.Field{ID: "kind", Type: form.Choice, Label: said("desk.breach.kind"), Optional: !fresh}
	for _, k := range privacy.BreachKinds {
		kind.Options = append(kind.Options, form.Option{Value: k, Label: said("desk.breach.kinds." + k)})
	}
	list := []form.Field{{ID: "title", Type: form.ShortText, Label: said("desk.breach.name"), Length: 200, Optional: !fresh}}
	if fresh {
		list = append(list, form.Field{ID: "noticed_day", Type: form.Date, Label: said("desk.breach.noticed_day"), To: "today"}, form.Field{ID: "noticed_time", Type: form.TimeOfDay, Label: said("desk.breach.noticed_time")})
	}
	return append(list,
		form.Field{ID: "happened_day", Type: form.Date, Label: said("desk.breach.happened_day"), Hint: said("desk.breach.happened_hint"), To: "today", Optional: true},
		form.Field{ID: "happened_time", Type: form.TimeOfDay, Label: said("desk.breach.happened_time"), Optional: true},
		kind,
		form.Field{ID: "what", Type: form.LongText, Label: said("desk.breach.what"), Length: 2000, Optional: !fresh},
		form.Field{ID: "whose", Type: form.LongText, Label: said("desk.breach.whose"), Hint: said("desk.breach.whose_hint"), Length: 2000, Optional: !fresh},
		form.Field{ID: "how_many", Type: form.Integer, Label: said("desk.breach.how_many"), Min: &zero, Optional: true},
		form.Field{ID: "data", Type: form.LongText, Label: said("desk.breach.data"), Length: 2000, Optional: !fresh},
		form.Field{ID: "consequences", Type: form.LongText, Label: said("desk.breach.consequences"), Length: 2000, Optional: true},
		form.Field{ID: "measures", Type: form.LongText, Label: said("desk.breach.measures"), Length: 2000, Optional: true})
}

func incidentOf(a form.Answers) privacy.Incident {
	many, _ := strconv.Atoi(form.Raw(a["how_many"]))
	at := a.Text("happened_time")
	if at == "" {
		at = "00:00"
	}
	return privacy.Incident{Title: a.Text("title"), NoticedAt: instantOf(a.Text("noticed_day"), a.Text("noticed_time")), HappenedAt: instantOf(a.Text("happened_day"), at), Kind: a.Text("kind"),
		What: a.Text("what"), Whose: a.Text("whose"), HowMany: many, Data: a.Text("data"), Consequences: a.Text("consequences"), Measures: a.Text("measures")}
}

// listBreaches shows the register of breaches, and takes up a new one.
func listBreaches(v *visit) error {
	now := v.Now().In(calendar.Zone)
	return v.listBreaches(form.Answers{"noticed_day": calendar.DateOf(now).String(), "noticed_time": now.Format("15:04")}, nil)
}

func (v *visit) listBreaches(answers form.Answers, refused *refusal.Error) error {
	list, err := v.Privacy.Breaches(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	law := regime.DataLawOn(calendar.DateOf(v.Now()))
	p := breachesPage{Page: v.page(v.T("desk.breach.title")), Hours: law.Breach.Hours, Basis: law.BreachBy}
	p.Back = "/mot-cua"
	for i := range list {
		p.Breaches = append(p.Breaches, v.breachRow(&list[i]))
	}
	var wrong []refusal.Field
	status := http.StatusOK
	if refused != nil {
		wrong, status = refused.Fields, web.Status(refused)
		p.Refuse(refused, "")
	}
	p.Controls = form.Controls(incidentFields(true), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	return v.Render(status, "breach_list", p)
}

func (v *visit) breachRow(b *privacy.Breach) breachRow {
	x := breachRow{Href: breachesPath + "/" + b.Number, Number: b.Number, Name: b.Title, Noticed: b.NoticedAt, NotifyBy: b.NotifyBy, SentAt: b.SentAt}
	switch late := b.Late(v.Now()); {
	case b.SentAt.IsZero() && late:
		x.State, x.Tag = v.T("desk.breach.overdue"), "tag-late"
	case b.SentAt.IsZero():
		_, tag, _ := v.left(b.NotifyBy)
		x.State, x.Tag = v.T("desk.left.hours", "n", int(b.NotifyBy.Sub(v.Now()).Hours())), tag // the law counts hours
	case late:
		x.State, x.Tag = v.T("desk.breach.sent_late"), "tag-late"
	case b.ClosedAt.IsZero():
		x.State, x.Tag = v.T("desk.breach.sent"), "tag-open"
	default:
		x.State, x.Tag = v.T("desk.breach.closed"), "tag-done"
	}
	return x
}

// recordBreach puts a breach into the register.
func recordBreach(v *visit) error {
	if !privacy.InCharge(v.who) {
		return refusal.New(refusal.NotAllowed, "privacy.officers_only")
	}
	fields := incidentFields(true)
	answers := form.FromValues(fields, v.R.PostForm)
	clean, wrong := form.CheckFields(fields, answers, "", v.Now().In(calendar.Zone))
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		return v.listBreaches(answers, e)
	}
	b, err := v.Privacy.Record(v.R.Context(), v.who, incidentOf(clean))
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return v.listBreaches(answers, e)
	}
	if err != nil {
		return err
	}
	return v.Redirect(breachesPath + "/" + b.Number)
}

type breachPage struct {
	web.Page
	breachRow
	Version int
	Facts   []privacy.Said
	Entries []requestStep
	Acts    []requestAct
	Basis   string
}

// showBreach shows a breach as it is known now, and entry by entry.
func showBreach(v *visit) error { return v.showBreach("", nil, nil) }

func (v *visit) showBreach(sent string, answers form.Answers, refused *refusal.Error) error {
	b, err := v.Privacy.Breach(v.R.Context(), v.who, v.R.PathValue("number"))
	if err != nil {
		return err
	}
	p := breachPage{Page: v.page(b.Title), breachRow: v.breachRow(&b), Version: b.Version, Basis: regime.FindDataLaw(b.Law).BreachBy}
	p.Back = breachesPath
	p.Facts = v.incident(&b.Incident)
	for _, e := range b.Entries {
		p.Entries = append(p.Entries, v.breachEntry(&e))
	}
	status := http.StatusOK
	if refused != nil {
		status = web.Status(refused)
		for i := range refused.Fields {
			refused.Fields[i].Pointer = "/" + sent + refused.Fields[i].Pointer
		}
		p.Refuse(refused, "")
	}
	if b.ClosedAt.IsZero() {
		for _, act := range []string{privacy.BreachNotify, privacy.BreachTell, privacy.BreachAmend, privacy.BreachClose} {
			given, wrong := v.breachBefore(act), []refusal.Field(nil)
			if act == sent && refused != nil {
				given, wrong = answers, refused.Fields
			}
			x := requestAct{Act: act, Label: v.T("desk.breach.act." + act), Text: v.T("desk.breach.act." + act + "_text"), Open: act == sent, Controls: form.Controls(breachFields(act), given, form.Scope{Answers: given}, "/"+act, wrong, v.Lang)}
			own(x.Controls, act)
			p.Acts = append(p.Acts, x)
		}
	}
	return v.Render(status, "breach_show", p)
}

// own gives the questions of one form ids of their own: the same ones stand in others.
func own(controls []form.Control, of string) {
	for i := range controls {
		controls[i].ID = of + "-" + controls[i].ID
		for j := range controls[i].Options {
			controls[i].Options[j].ID = of + "-" + controls[i].Options[j].ID
		}
	}
}

func (v *visit) breachBefore(act string) form.Answers {
	now := v.Now().In(calendar.Zone)
	if act == privacy.BreachNotify {
		return form.Answers{"sent_day": calendar.DateOf(now).String(), "sent_time": now.Format("15:04")}
	}
	return form.Answers{}
}

// breachFields ask what is added to a breach.
func breachFields(act string) []form.Field {
	note := form.Field{ID: "note", Type: form.LongText, Label: said("desk.breach.note"), Length: 2000}
	switch act {
	case privacy.BreachNotify:
		return []form.Field{{ID: "sent_day", Type: form.Date, Label: said("desk.breach.sent_day"), To: "today"}, {ID: "sent_time", Type: form.TimeOfDay, Label: said("desk.breach.sent_time")},
			{ID: "as", Type: form.ShortText, Label: said("desk.breach.as"), Length: 200}}
	case privacy.BreachTell:
		some := &form.When{Not: &form.When{Field: "who", Is: "all"}}
		return []form.Field{{ID: "who", Type: form.Choice, Label: said("desk.breach.who"), Options: []form.Option{{Value: "named", Label: said("desk.breach.who_named")}, {Value: "all", Label: said("desk.breach.who_all")}}},
			{ID: "named", Type: form.LongText, Label: said("desk.breach.named"), Hint: said("desk.breach.named_hint"), Length: 60_000, When: some},
			{ID: "text", Type: form.LongText, Label: said("desk.breach.text"), Hint: said("desk.breach.text_hint"), Length: 2000}}
	case privacy.BreachAmend:
		return append(incidentFields(false), note)
	}
	return []form.Field{note}
}

// incident is what is said of a breach.
func (v *visit) incident(i *privacy.Incident) []privacy.Said {
	var list []privacy.Said
	add := func(key, value string) {
		if value != "" {
			list = append(list, privacy.Said{Label: v.T("desk.breach." + key), Value: value})
		}
	}
	add("name", i.Title)
	if i.Kind != "" {
		add("kind", v.T("desk.breach.kinds."+i.Kind))
	}
	add("happened", web.Instant(v.Lang, i.HappenedAt))
	add("noticed", web.Instant(v.Lang, i.NoticedAt))
	add("what", i.What)
	add("whose", i.Whose)
	if i.HowMany > 0 {
		add("how_many", strconv.Itoa(i.HowMany))
	}
	add("data", i.Data)
	add("consequences", i.Consequences)
	add("measures", i.Measures)
	return list
}

func (v *visit) breachEntry(e *privacy.Entry) requestStep {
	x := requestStep{Title: v.T("desk.breach.entry." + e.Act), By: e.Name, Text: e.Note, At: e.At}
	switch e.Act {
	case privacy.BreachNotify:
		x.Note = v.T("desk.breach.sent_at", "at", web.Instant(v.Lang, e.SentAt))
	case privacy.BreachTell:
		if x.Note = v.T("desk.breach.told", "n", e.Told, "unknown", e.Unknown); e.All {
			x.Note = v.T("desk.breach.told_all")
		}
	case privacy.BreachAmend:
		var lines []string
		for _, f := range v.incident(&e.Incident) {
			lines = append(lines, f.Label+": "+f.Value)
		}
		x.Text = strings.Join(append(lines, e.Note), "\n")
	}
	return x
}

// addToBreach adds an entry to a breach.
func addToBreach(v *visit) error {
	if !privacy.InCharge(v.who) {
		return refusal.New(refusal.NotAllowed, "privacy.officers_only")
	}
	number, act := v.R.PathValue("number"), v.R.PostForm.Get("viec")
	fields := breachFields(act)
	answers := form.FromValues(fields, v.R.PostForm)
	clean, wrong := form.CheckFields(fields, answers, "", v.Now().In(calendar.Zone))
	if e := refusal.As(refusal.Fields("request.invalid", wrong)); e != nil {
		return v.showBreach(act, answers, e)
	}
	ctx := v.R.Context()
	version, _ := strconv.Atoi(v.R.PostForm.Get("version"))
	var err error
	switch act {
	case privacy.BreachNotify:
		_, err = v.Privacy.Notify(ctx, v.who, number, version, instantOf(clean.Text("sent_day"), clean.Text("sent_time")), clean.Text("as"))
	case privacy.BreachTell:
		_, err = v.Privacy.Tell(ctx, v.who, number, version, clean.Text("text"), names(clean.Text("named")), clean.Text("who") == "all")
	case privacy.BreachAmend:
		_, err = v.Privacy.Amend(ctx, v.who, number, version, incidentOf(clean), clean.Text("note"))
	case privacy.BreachClose:
		_, err = v.Privacy.Shut(ctx, v.who, number, version, clean.Text("note"))
	default:
		err = refusal.New(refusal.Invalid, "request.unreadable")
	}
	if e := refusal.As(err); e != nil && (e.Kind == refusal.Invalid || e.Kind == refusal.NotNow || e.Kind == refusal.Conflict) {
		return v.showBreach(act, answers, e)
	}
	if err != nil {
		return err
	}
	return v.Redirect(breachesPath + "/" + number)
}

// names are what is written one a line, or between commas.
func names(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ',' || r == ';' || r == ' ' })
}

// sendBreach sends the notice to the ministry.
func sendBreach(v *visit) error {
	b, err := v.Privacy.Breach(v.R.Context(), v.who, v.R.PathValue("number"))
	if err != nil {
		return err
	}
	paper, err := v.Privacy.Paper(&b)
	return v.sendPDF("thong-bao-"+b.Number, paper, err)
}

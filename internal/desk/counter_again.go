// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// The page of the counter serves a dossier that is there already: to correct
// what was just received, and to complete one of which more was asked for.

// mendGroup is what is asked beside when a dossier is corrected.
const mendGroup = "sua-doi"

// again is the dossier that the page of the counter is about, if it is there.
type again struct {
	file  *dossier.File
	act   string // correct, supplement
	mend  map[string]any
	Lacks []fact // what was asked for
}

// pageOf is the page on which an act is done that does not fit into a form of
// its own; "" for all others.
func pageOf(act string, code dossier.Code) string {
	path, ok := map[string]string{"correct": "/sua", "supplement": "/bo-sung"}[act]
	if !ok {
		return ""
	}
	return "/mot-cua/ho-so/" + string(code) + path
}

// actOn is the act that a page of the counter does, by its address.
func actOn(path string) string {
	if strings.HasSuffix(path, "/sua") {
		return "correct"
	}
	return "supplement"
}

// askAgain shows the page filled in as the dossier is.
func askAgain(v *visit) error {
	x, err := v.countingAgain()
	if err != nil {
		return err
	}
	if err := v.Book.Viewed(v.R.Context(), v.who, x.file, "form"); err != nil {
		return err
	}
	closed, err := v.Book.Scans(v.R.Context(), x.file.State.Digests()...)
	if err != nil {
		return err
	}
	x.start(closed)
	return x.ask(nil, http.StatusOK)
}

// receiveAgain corrects or completes the dossier, or lays the page out again.
func receiveAgain(v *visit) error {
	x, err := v.countingAgain()
	if err != nil {
		return err
	}
	key, laid, err := x.sent()
	if laid || err != nil {
		return err
	}
	version, _ := strconv.Atoi(x.values.Get("version"))
	s := &x.file.State
	var after dossier.State
	if x.act == "correct" {
		after, err = v.Book.Correct(v.R.Context(), v.who, s.Code, version, x.filing, x.mended(), key)
	} else {
		after, err = v.Book.Supplement(v.R.Context(), v.who, s.Code, version, x.filing, x.values.Get("ghi-chu"), key)
	}
	if err != nil {
		return x.refuse(err)
	}
	return v.Redirect(say(dossierPath(after.Code, ""), x.act, after.Code) + "#viec")
}

// countingAgain opens the page of the counter for a dossier that is there. A
// procedure that was picked wrongly may be named anew.
func (v *visit) countingAgain() (*counting, error) {
	f, err := v.open()
	if err != nil {
		return nil, err
	}
	a := &again{file: &f, act: actOn(v.R.URL.Path)}
	offers, err := v.Book.Offers(v.R.Context(), v.who, &f.State)
	if err != nil {
		return nil, err
	}
	t, err := v.Book.Track(v.R.Context(), &f.State)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(offers, func(o dossier.Offer) bool { return o.Act == a.act }) {
		return nil, refusal.New(refusal.NotNow, "dossier.act.not_now", "act", a.act, "step", t.Step)
	}
	e := t.Edition
	if a.act == "correct" {
		code := f.State.Procedure
		if other := v.R.URL.Query().Get("thu-tuc"); other != "" {
			code = other
		}
		if e, err = v.Catalogue.Show(v.R.Context(), code, calendar.DateOf(v.Now())); err != nil {
			return nil, err
		}
	} else {
		for _, l := range f.State.Lacks {
			a.Lacks = append(a.Lacks, fact{dossier.LackName(e, f.State.Case, l).In(v.Lang), l.Text})
		}
	}
	x := v.countingOf(e)
	x.again = a
	return x, nil
}

// start fills the page in as the dossier is. What cannot be opened is not found
// complete.
func (x *counting) start(closed map[string]document.Scan) {
	s := &x.file.State
	values := url.Values{}
	if x.act == "correct" {
		received, _, _ := dossier.Last[dossier.Received](x.file.Events)
		for _, id := range received.Checked {
			if !s.Unopened(id, closed) {
				values.Set(tickName+id, "yes")
			}
		}
		for _, d := range s.Documents {
			if d.Copies > 0 {
				values.Set(copiesName+d.Component, strconv.Itoa(d.Copies))
			}
			if d.File != "" {
				values.Add(keptName+d.Component, keptFile{ID: d.File, Name: d.Name}.Value())
			}
		}
	}
	x.read(values)
	x.mend = map[string]any{"day": s.ReceivedAt.Format(time.DateOnly), "time": s.ReceivedAt.Format("15:04")}
	x.filing.Applicant, x.filing.Channel, x.filing.Case, x.filing.Answers = s.Applicant, s.Channel, s.Case, x.file.Answers
	x.place = map[string]any{"case": s.Case, "agency": string(s.Competent), "channel": string(s.Channel), "return": string(s.Return)}
	x.people[applicantGroup] = personAnswers(&s.Applicant)
	if s.Submitter != nil {
		x.people[submitterGroup] = personAnswers(s.Submitter)
	}
	if c := x.e.Facts.Case(s.Case); c != nil {
		x.c = c
	}
}

func personAnswers(a *dossier.Applicant) map[string]any {
	return map[string]any{"kind": a.Kind, "name": a.Name, "id_number": a.IDNumber, "birth_date": a.BirthDate, "phone": a.Phone, "email": a.Email, "address": a.Address}
}

// mendFields ask why a dossier is corrected, and when it really came in.
func mendFields() []form.Field {
	return []form.Field{
		{ID: "reason", Type: form.LongText, Label: said("desk.again.reason"), Length: 1000},
		{ID: "day", Type: form.Date, Label: said("desk.again.day"), To: "today"},
		{ID: "time", Type: form.TimeOfDay, Label: said("desk.again.time")},
	}
}

// mended are the parameters of a correction as they were typed.
func (x *counting) mended() map[string]any {
	clean, _ := form.CheckFields(mendFields(), x.mend, "", x.Now()) // what is wrong stays as typed
	text := func(id string) string {
		if s, ok := clean[id].(string); ok {
			return s
		}
		s, _ := x.mend[id].(string)
		return s
	}
	params := map[string]any{"reason": text("reason"), "components": x.params["components"]}
	if s := &x.file.State; text("day") != s.ReceivedAt.Format(time.DateOnly) || text("time") != s.ReceivedAt.Format("15:04") {
		params["received_at"] = text("day") + "T" + text("time") + ":00+07:00"
	}
	return params
}

// others are the procedures to choose from when the wrong one was picked.
func (x *counting) others() []choice {
	var list []choice
	for _, e := range x.offeredHere("") {
		list = append(list, choice{Value: e.Code, Label: e.Code + " " + e.Name.In(x.Lang)})
	}
	return list
}

// refuse lays the page out again with what is wrong, unless nothing can be
// mended there.
func (x *counting) refuse(err error) error {
	switch e := refusal.As(err); {
	case e == nil || e.Kind == refusal.NotAllowed || e.Kind == refusal.Unavailable || e.Kind == refusal.NotFound:
		return err
	default:
		return x.ask(e, web.Status(err))
	}
}

// readAgain reads what is asked beside. A dossier that is completed stays what
// it is but for answers and papers.
func (x *counting) readAgain(values url.Values) {
	if x.act == "correct" {
		x.mend, _ = form.FromValues([]form.Field{{ID: mendGroup, Type: form.Group, Fields: mendFields()}}, values)[mendGroup].(map[string]any)
		return
	}
	s := &x.file.State
	x.place = map[string]any{"case": s.Case, "agency": string(s.Competent), "channel": string(s.Channel), "return": string(s.Return)}
	x.people = map[string]map[string]any{applicantGroup: personAnswers(&s.Applicant), submitterGroup: {}}
	if c := x.e.Facts.Case(s.Case); c != nil {
		x.c = c
	}
}

// askedAgain makes the page that of the dossier.
func (x *counting) askedAgain(p *receivePage, mend func() []form.Control) {
	s := &x.file.State
	p.Action, p.Do, p.Version, p.Whole = pageOf(x.act, s.Code), x.T("desk.again."+x.act), s.Version, x.act == "correct"
	p.Title, p.Back, p.Lacks = p.Do+" "+string(s.Code), dossierPath(s.Code, ""), x.Lacks
	if v, err := strconv.Atoi(x.values.Get("version")); err == nil && p.Refusal == nil {
		p.Version = v
	}
	if p.Whole {
		p.Mend, p.Others = mend(), x.others()
		if x.e.Facts.Code != s.Procedure {
			p.Action += "?thu-tuc=" + x.e.Facts.Code
		}
	} else {
		p.Limit, p.Fees = "", nil
	}
}

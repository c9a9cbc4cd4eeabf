// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/records"
	"motcua/internal/refusal"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

type recordsPage struct {
	web.Page
	Head, Admin bool
	Wait        int
	Rounds      []roundRow
	Schedule    []keepRow
	Controls    []form.Control
}

// roundRow is a round as it is listed.
type roundRow struct {
	Href, Name, Agency, State, Tag string
	Left, Done                     int64
}

// keepRow is a line of the record schedule.
type keepRow struct{ From, About, Name, Term, Identity, Basis string }

// linesField asks for lines of the record schedule.
func linesField() []form.Field {
	return []form.Field{{ID: "lines", Type: form.LongText, Label: said("desk.records.lines"), Hint: said("desk.records.lines_hint"), Length: 100_000}}
}

const scheduleHead = "from,field,procedure,keep,years,identity_days,name,basis\n"

// showRecords shows how long dossiers are kept, and to who heads an agency its
// rounds; administrators add lines to the schedule.
func showRecords(v *visit) error { return v.showRecords(scheduleHead, nil) }

func (v *visit) showRecords(lines string, refused *refusal.Error) error {
	p := recordsPage{Page: v.page(v.T("desk.records.title")), Head: v.who.Heads(), Admin: v.ofSite(), Wait: v.Keeper.Wait()}
	p.Back = "/mot-cua"
	status := http.StatusOK
	var wrong []refusal.Field
	if refused != nil {
		status = web.Status(refused)
		if len(refused.Fields) == 0 {
			refused.Fields = []refusal.Field{{Key: refused.Key, Args: refused.Args}}
		}
		for i := range refused.Fields {
			refused.Fields[i].Pointer = "/lines"
		}
		p.Refuse(refused, "")
		wrong = refused.Fields
	}
	if p.Admin {
		answers := form.Answers{"lines": lines}
		p.Controls = form.Controls(linesField(), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	}
	list, err := v.Keeper.Rounds(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	for _, r := range list {
		p.Rounds = append(p.Rounds, v.roundRow(r))
	}
	for _, k := range v.Site.Schedule() {
		p.Schedule = append(p.Schedule, v.keepRow(k))
	}
	return v.Render(status, "records_show", p)
}

func (v *visit) roundRow(r records.Round) roundRow {
	row := roundRow{Href: fmt.Sprintf("/mot-cua/luu-tru/%d", r.ID), Name: v.T("desk.records.what."+r.What, "year", r.Year), Agency: v.Site.Directory().Name(r.Agency, v.Lang),
		State: v.T("desk.records.waits"), Tag: "tag-near", Left: r.Left, Done: r.Done}
	switch {
	case !r.DoneAt.IsZero():
		row.State, row.Tag = v.T("desk.records.finished", "at", web.Instant(v.Lang, r.DoneAt)), "tag-done"
	case !r.ApprovedAt.IsZero():
		row.State, row.Tag = v.T("desk.records.approved", "at", form.DateText(calendar.DateOf(r.CarryAt).String())), "tag-open"
	}
	return row
}

func (v *visit) keepRow(k agency.Keep) keepRow {
	row := keepRow{From: form.DateText(k.From.String()), Name: k.Name, Term: dossier.TermWords(k).In(v.Lang), Identity: v.T("desk.records.identity_with"), Basis: k.Basis}
	if k.Identity > 0 {
		row.Identity = v.T("desk.records.identity_days", "n", k.Identity)
	}
	if k.Field != "" {
		row.About = v.Site.Terms().Field(k.Field).In(v.Lang)
	}
	if k.Procedure != "" {
		row.About = strings.TrimSpace(row.About + " " + k.Procedure)
	}
	return row
}

// addSchedule adds lines to the record schedule.
func addSchedule(v *visit) error {
	if !v.ofSite() {
		return refusal.New(refusal.NotFound, "desk.no_page")
	}
	typed := v.R.PostForm.Get("lines")
	lines, err := agency.ParseSchedule(strings.NewReader(typed))
	if err == nil {
		err = v.Site.AddSchedule(v.R.Context(), v.by(), lines)
	}
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return v.showRecords(typed, e)
	}
	if err != nil {
		return err
	}
	return v.Redirect("/mot-cua/luu-tru")
}

type roundPage struct {
	web.Page
	roundRow
	By       string
	Controls []form.Control // of who may approve
	TakeBack bool
	Wait     int
	Items    []roundItem
	Listed   string // how many there are, if not all are shown
	Graves   []roundItem
}

// roundItem is a dossier of a round, or what is left of it.
type roundItem struct {
	Href, Code, Procedure, Applicant, Closed, Term, Destroyed string
}

// itemsShown is how many dossiers of a round are shown.
const itemsShown = 200

func decisionField(wait int) []form.Field {
	hint := said("desk.records.decision_hint")
	n := strconv.Itoa(wait)
	hint.VI, hint.EN = strings.ReplaceAll(hint.VI, "{n}", n), strings.ReplaceAll(hint.EN, "{n}", n)
	return []form.Field{{ID: "decision", Type: form.ShortText, Label: said("desk.records.decision"), Hint: hint, Length: 200}}
}

// showRound shows the dossiers of a round to who heads its agency.
func showRound(v *visit) error { return v.showRound("", nil) }

func (v *visit) round() int64 {
	id, _ := strconv.ParseInt(v.R.PathValue("round"), 10, 64)
	return id
}

func (v *visit) showRound(decision string, refused *refusal.Error) error {
	r, err := v.Keeper.Find(v.R.Context(), v.who, v.round())
	if err != nil {
		return err
	}
	row := v.roundRow(r)
	p := roundPage{Page: v.page(row.Name), roundRow: row, Wait: v.Keeper.Wait()}
	p.Back = "/mot-cua/luu-tru"
	status := http.StatusOK
	var wrong []refusal.Field
	if refused != nil {
		status, wrong = web.Status(refused), refused.Fields
		for i, f := range wrong {
			wrong[i] = f.Named(said("desk.records.decision"))
		}
		p.Refuse(refused, "")
	}
	if !r.ApprovedAt.IsZero() {
		p.By = v.T("desk.records.by", "by", r.By, "at", web.Instant(v.Lang, r.ApprovedAt), "decision", r.Decision)
	}
	if leads := v.who.Holds(workflow.Leader, r.Agency) && r.DoneAt.IsZero(); leads && r.ApprovedAt.IsZero() {
		answers := form.Answers{"decision": decision}
		p.Controls = form.Controls(decisionField(p.Wait), answers, form.Scope{Answers: answers}, "", wrong, v.Lang)
	} else {
		p.TakeBack = leads && r.CarryAt.After(v.Now())
	}
	if err := v.roundItems(&p, r); err != nil {
		return err
	}
	return v.Render(status, "records_round", p)
}

func (v *visit) roundItems(p *roundPage, r records.Round) error {
	list, err := v.Book.InRound(v.R.Context(), v.who, r.ID, itemsShown)
	if err != nil {
		return err
	}
	for i := range list {
		s := &list[i]
		e, err := v.Catalogue.Pinned(v.R.Context(), s.Procedure, s.Edition)
		if err != nil {
			return err
		}
		p.Items = append(p.Items, roundItem{Href: dossierPath(s.Code, ""), Code: string(s.Code), Procedure: e.Facts.Name.In(v.Lang), Applicant: s.Applicant.Name,
			Closed: form.DateText(s.ClosedOn().String()), Term: dossier.TermWords(s.Retention.Keep).In(v.Lang)})
	}
	if r.Left > int64(len(list)) {
		p.Listed = v.T("desk.records.items_more", "n", r.Left, "shown", len(list))
	}
	graves, err := v.Keeper.Destroyed(v.R.Context(), v.who, r.ID, itemsShown)
	if err != nil {
		return err
	}
	for _, t := range graves {
		p.Graves = append(p.Graves, roundItem{Code: string(t.Code), Procedure: t.Procedure, Closed: form.DateText(t.Closed.String()), Term: dossier.TermWords(t.Keep).In(v.Lang), Destroyed: web.Instant(v.Lang, t.At)})
	}
	return nil
}

// decideRound approves a round, or takes the approval back.
func decideRound(v *visit) error {
	_, err := v.Keeper.Find(v.R.Context(), v.who, v.round())
	if err != nil {
		return err
	}
	decision := v.R.PostForm.Get("decision")
	switch v.R.PostForm.Get("viec") {
	case "approve":
		err = v.Keeper.Approve(v.R.Context(), v.who, v.round(), decision)
	case "take_back":
		err = v.Keeper.TakeBack(v.R.Context(), v.who, v.round())
	default:
		return refusal.New(refusal.Invalid, "request.unreadable")
	}
	if e := refusal.As(err); e != nil && (e.Kind == refusal.Invalid || e.Kind == refusal.Conflict || e.Kind == refusal.NotNow) {
		return v.showRound(decision, e)
	}
	if err != nil {
		return err
	}
	return v.Redirect(fmt.Sprintf("/mot-cua/luu-tru/%d", v.round()))
}

// sendPackage sends the archive package of a dossier.
func sendPackage(v *visit) error {
	code, ok := dossier.ParseCode(v.R.PathValue("code"))
	if !ok {
		return refusal.New(refusal.NotFound, "dossier.unknown", "code", v.R.PathValue("code"))
	}
	f, err := v.Keeper.Open(v.R.Context(), v.who, code)
	if err != nil {
		return err
	}
	return v.sendZIP(string(code), func(to io.Writer) error { return v.Keeper.Write(v.R.Context(), v.who, &f, to) })
}

// sendRoundPackages sends the packages of a round in one file.
func sendRoundPackages(v *visit) error {
	r, err := v.Keeper.Find(v.R.Context(), v.who, v.round())
	if err != nil {
		return err
	}
	return v.sendZIP(fmt.Sprintf("%s-%s-%d", r.Agency, r.What, r.Year), func(to io.Writer) error {
		return v.Keeper.PackageRound(v.R.Context(), v.who, r.ID, to, func(e *refusal.Error) string { return web.Sentence(v.Lang, e) })
	})
}

func (v *visit) sendZIP(name string, write func(io.Writer) error) error {
	return web.File{Name: name + ".zip", Type: web.ZIP}.Send(v.W, v.R, write)
}

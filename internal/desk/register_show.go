// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/sheet"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

type registerPage struct {
	web.Page
	Desks    []choice
	From, To string
	Columns  []string
	Rows     []registerRow
	Export   string
	Print    string
	More     bool
}

// registerRow is a line of the register: its cells, the second of which is the
// code that leads to the dossier.
type registerRow struct {
	Href  string
	Cells []string
}

// How many lines a page, a paper and a spreadsheet hold.
const (
	registerOnPage = 200
	registerDrawn  = 2_000
	registerAtAll  = 50_000
)

// registerColumns are those of the form, in its order, and their shares of its
// width.
var registerColumns = []dossier.RegisterColumn{{Title: "n", Share: 2.1}, {Title: "code", Share: 7}, {Title: "procedure", Share: 6}, {Title: "sets", Share: 2.1}, {Title: "applicant", Share: 5},
	{Title: "contact", Share: 6.5}, {Title: "competent", Share: 5}, {Title: "received", Above: "days", Share: 3.8}, {Title: "due", Above: "days", Share: 3.8}, {Title: "forwarded", Above: "days", Share: 3.8},
	{Title: "result", Above: "days", Share: 3.8}, {Title: "returned", Above: "days", Share: 3.8}, {Title: "way", Above: "return", Share: 4}, {Title: "signed", Above: "return", Share: 3}, {Title: "note", Share: 4}}

// registerAsked reads for which one-stop and which days the register is asked.
type registerAsked struct {
	at       agency.ID
	from, to calendar.Date
}

func (v *visit) registerAsked() (registerAsked, error) {
	q := v.R.URL.Query()
	today := calendar.DateOf(v.Now())
	a := registerAsked{at: agency.ID(q.Get("don-vi")), from: today - 30, to: today}
	if a.at == "" {
		for _, p := range v.who.Posts {
			if p.Role == workflow.Clerk {
				a.at = p.Agency
				break
			}
		}
	}
	var bad []refusal.Field
	for _, x := range []struct {
		name string
		into *calendar.Date
	}{{"tu", &a.from}, {"den", &a.to}} {
		if text := q.Get(x.name); text != "" {
			day, err := parseDay(text)
			if err != nil {
				bad = append(bad, refusal.At("/"+x.name, "form.date"))
			}
			*x.into = day
		}
	}
	if len(bad) == 0 && a.to.Before(a.from) {
		bad = append(bad, refusal.At("/den", "desk.register.order"))
	}
	return a, refusal.Fields("request.invalid", bad)
}

// parseDay reads a day as people write it, or as addresses do.
func parseDay(text string) (calendar.Date, error) {
	if at, err := time.Parse("2/1/2006", text); err == nil {
		return calendar.DateOf(at), nil
	}
	return calendar.ParseDate(text)
}

// showRegister shows the tracking register of a one-stop.
func showRegister(v *visit) error {
	p := registerPage{Page: v.page(v.T("desk.register.title"))}
	p.Back = "/mot-cua"
	asked, err := v.registerAsked()
	if e := refusal.As(err); e != nil {
		p.Refuse(e, "")
		p.From, p.To = v.R.URL.Query().Get("tu"), v.R.URL.Query().Get("den")
		return v.Render(http.StatusUnprocessableEntity, "register_show", p)
	}
	p.From, p.To = asked.from.String(), asked.to.String()
	for _, x := range v.who.Posts {
		if x.Role == workflow.Clerk {
			p.Desks = append(p.Desks, choice{string(x.Agency), v.Site.Directory().Name(x.Agency, v.Lang), x.Agency == asked.at})
		}
	}
	if asked.at == "" {
		return refusal.New(refusal.NotAllowed, "desk.register.clerks_only")
	}
	list, err := v.Book.Register(v.R.Context(), v.who, dossier.RegisterShown, asked.at, asked.from, asked.to, registerOnPage+1)
	if err != nil {
		return err
	}
	if p.More = len(list) > registerOnPage; p.More {
		list = list[:registerOnPage]
	}
	for _, c := range registerColumns {
		p.Columns = append(p.Columns, v.T("desk.register."+c.Title))
	}
	for i := range list {
		list[i].Applicant = list[i].Applicant.Concealed()
	}
	rows, err := v.registerRows(list)
	if err != nil {
		return err
	}
	for i, cells := range rows {
		p.Rows = append(p.Rows, registerRow{dossierPath(list[i].Code, ""), cells})
	}
	same := "?" + url.Values{"don-vi": {string(asked.at)}, "tu": {p.From}, "den": {p.To}}.Encode()
	p.Export, p.Print = "/mot-cua/so-theo-doi.xlsx"+same, "/mot-cua/so-theo-doi.pdf"+same
	return v.Render(http.StatusOK, "register_show", p)
}

// exportRegister sends the register as a spreadsheet.
func exportRegister(v *visit) error {
	asked, err := v.registerAsked()
	if err != nil {
		return err
	}
	list, err := v.Book.Register(v.R.Context(), v.who, dossier.RegisterFile, asked.at, asked.from, asked.to, registerAtAll+1)
	if err != nil {
		return err
	}
	if len(list) > registerAtAll {
		return refusal.New(refusal.Invalid, "desk.register.many", "n", registerAtAll)
	}
	for i := range list {
		list[i].Applicant = list[i].Applicant.Concealed()
	}
	rows, err := v.registerRows(list)
	if err != nil {
		return err
	}
	var head []string
	for _, c := range registerColumns {
		head = append(head, v.T("desk.register."+c.Title))
	}
	return web.File{Name: "so-theo-doi-" + string(asked.at) + ".xlsx", Type: web.XLSX}.Send(v.W, v.R, func(to io.Writer) error {
		return sheet.Write(to, sheet.Sheet{Name: v.T("desk.register.title"), Rows: append([][]string{head}, rows...)})
	})
}

// printRegister sends the register as a paper, which is Vietnamese whoever asks.
func printRegister(v *visit) error {
	asked, err := v.registerAsked()
	if err != nil {
		return err
	}
	list, err := v.Book.Register(v.R.Context(), v.who, dossier.RegisterPrinted, asked.at, asked.from, asked.to, registerDrawn+1)
	if err != nil {
		return err
	}
	if len(list) > registerDrawn {
		return refusal.New(refusal.Invalid, "desk.register.long", "n", registerDrawn)
	}
	v.Lang = "vi"
	rows, err := v.registerRows(list)
	if err != nil {
		return err
	}
	columns := slices.Clone(registerColumns)
	for i := range columns {
		columns[i].Title = v.T("desk.register." + columns[i].Title)
		if above := columns[i].Above; above != "" {
			columns[i].Above = v.T("desk.register." + above)
		}
	}
	pdf, err := v.Book.DrawRegister(asked.at, asked.from, asked.to, columns, rows)
	return v.sendPDF("so-theo-doi-"+string(asked.at), pdf, err)
}

func (v *visit) registerRows(list []dossier.State) ([][]string, error) {
	rows := make([][]string, len(list))
	for i := range list {
		var err error
		if rows[i], err = v.registerCells(i+1, &list[i]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// registerCells are the cells of a dossier's line.
func (v *visit) registerCells(n int, s *dossier.State) ([]string, error) {
	t, err := v.Book.Track(v.R.Context(), s)
	if err != nil {
		return nil, err
	}
	at := func(x time.Time) string {
		if x.IsZero() {
			return ""
		}
		return web.Instant(v.Lang, x)
	}
	due := s.Due
	if due.IsZero() {
		due = s.Original
	}
	note := ""
	if s.Closed() && s.Phase != dossier.Returned || s.Wait != nil {
		note = t.Status.In(v.Lang)
	}
	contact := strings.Join(slices.DeleteFunc([]string{s.Applicant.Address, s.Applicant.Phone}, func(x string) bool { return x == "" }), ", ")
	return []string{strconv.Itoa(n), string(s.Code), t.Procedure.In(v.Lang), "1", s.Applicant.Name, contact, v.Site.Directory().Name(s.Competent, v.Lang),
		at(s.ReceivedAt), at(due), at(s.ForwardedAt), at(s.IssuedAt), at(s.ReturnedAt), v.T("return." + string(s.Return)), "", note}, nil
}

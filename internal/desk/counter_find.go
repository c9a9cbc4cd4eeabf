// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/regime"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

type counterPage struct {
	web.Page
	Query   string
	Entries []procedure.Entry
	Clerk   bool
	Harmed  []dossier.Code // into which the clerk put a file that does harm
	Centres []queueTab     // to choose from, where there are several
	Quay    string         // the chosen one
}

// findCounter finds the procedure that somebody at the counter has come for.
func findCounter(v *visit) error {
	p := counterPage{Page: v.page(v.T("desk.counter.title")), Query: strings.TrimSpace(v.R.URL.Query().Get("q"))}
	p.Back = "/mot-cua"
	p.Clerk = slices.ContainsFunc(v.who.Posts, func(x agency.Post) bool { return x.Role == workflow.Clerk })
	p.Entries = v.offeredHere(p.Query)
	var err error
	if p.Harmed, err = v.Book.Harmed(v.R.Context(), v.who); err != nil {
		return err
	}
	if at := v.counter(); len(v.centres()) > 1 {
		if v.R.URL.Query().Get("quay") != "" {
			p.Quay = string(at)
		}
		for _, id := range v.centres() {
			p.Centres = append(p.Centres, queueTab{Href: "/mot-cua/tiep-nhan?quay=" + url.QueryEscape(string(id)), Label: v.Site.Directory().Name(id, v.Lang), Current: id == at})
		}
	}
	return v.Render(http.StatusOK, "counter_find", p)
}

// offeredHere finds procedures that the officer receives at a counter.
func (v *visit) offeredHere(query string) []procedure.Entry {
	if regime.On(calendar.DateOf(v.Now())).Boundless != "" && v.counter() != "" {
		return v.Catalogue.Find(procedure.Filter{On: calendar.DateOf(v.Now()), Query: query, Offered: true}, 0, 100)
	}
	var decides []string
	for _, x := range v.who.Posts {
		if x.Role == workflow.Clerk {
			decides = append(decides, v.Site.Directory().Decides(x.Agency)...)
		}
	}
	if len(decides) == 0 {
		return nil
	}
	found := v.Catalogue.Find(procedure.Filter{On: calendar.DateOf(v.Now()), Query: query, Offered: true, Competent: decides}, 0, 100)
	return slices.DeleteFunc(found, func(e procedure.Entry) bool { return len(v.countersOf(e.Competent)) == 0 })
}

// counters are the places that offer a procedure and receive where the officer
// is a clerk; then, where the law lets any one-stop receive for any agency, the
// other agencies that decide.
func (v *visit) counters(e *procedure.Edition) []agency.Offering {
	list := v.countersOf(e.Facts.Competent)
	at := v.counter()
	if at == "" || regime.On(calendar.DateOf(v.Now())).Boundless == "" {
		return list
	}
	for _, o := range v.Site.Directory().Offerings(e.Facts.Competent) {
		if !slices.ContainsFunc(list, func(x agency.Offering) bool { return x.Competent == o.Competent }) {
			list = append(list, agency.Offering{Reception: at, Competent: o.Competent})
		}
	}
	return list
}

// counter is the one-stop at which the officer is a clerk now, as the address says
// (?quay=) where there are several; "" if there is none.
func (v *visit) counter() agency.ID {
	centres := v.centres()
	if asked := agency.ID(v.R.URL.Query().Get("quay")); slices.Contains(centres, asked) {
		return asked
	}
	if len(centres) == 0 {
		return ""
	}
	return centres[0]
}

// centres are the one-stops at which the officer is a clerk, also for who is away.
func (v *visit) centres() []agency.ID {
	var list []agency.ID
	for _, p := range v.who.Posts {
		if a := v.Site.Directory().Find(p.Agency); p.Role == workflow.Clerk && a != nil && a.Kind == agency.Centre && !slices.Contains(list, p.Agency) {
			list = append(list, p.Agency)
		}
	}
	return list
}

// atCounter keeps the chosen one-stop in an address.
func (v *visit) atCounter(path string) string {
	if v.R.URL.Query().Get("quay") == "" {
		return path
	}
	return path + "?quay=" + url.QueryEscape(string(v.counter()))
}

func (v *visit) countersOf(competent []string) []agency.Offering {
	var list []agency.Offering
	for _, o := range v.Site.Directory().Offerings(competent) {
		if v.who.Holds(workflow.Clerk, o.Reception) {
			list = append(list, o)
		}
	}
	return list
}

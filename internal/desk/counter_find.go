// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"slices"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/calendar"
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
}

// findCounter finds the procedure that somebody at the counter has come for.
func findCounter(v *visit) error {
	p := counterPage{Page: v.page(v.T("desk.counter.title")), Query: strings.TrimSpace(v.R.URL.Query().Get("q"))}
	p.Back = "/mot-cua"
	p.Clerk = slices.ContainsFunc(v.who.Posts, func(x agency.Post) bool { return x.Role == workflow.Clerk })
	p.Entries = v.offeredHere(p.Query)
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

// counter is the one-stop at which the officer is a clerk; "" if there is none.
func (v *visit) counter() agency.ID {
	for _, p := range v.who.Posts {
		if a := v.Site.Directory().Find(p.Agency); p.Role == workflow.Clerk && a != nil && a.Kind == agency.Centre {
			return p.Agency
		}
	}
	return ""
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

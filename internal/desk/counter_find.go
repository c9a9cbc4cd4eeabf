// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/procedure"
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
	var decides []string
	for _, x := range v.who.Posts {
		if x.Role == workflow.Clerk {
			decides = append(decides, v.Site.Directory().Decides(x.Agency)...)
		}
	}
	if p.Clerk = len(decides) > 0; p.Clerk {
		for _, e := range v.Catalogue.Find(procedure.Filter{On: calendar.DateOf(v.Now()), Query: p.Query, Offered: true, Competent: decides}, 0, 100) {
			if len(v.countersOf(e.Competent)) > 0 {
				p.Entries = append(p.Entries, e)
			}
		}
	}
	return v.Render(http.StatusOK, "counter_find", p)
}

// counters are the places that offer a procedure and receive where the officer
// is a clerk.
func (v *visit) counters(e *procedure.Edition) []agency.Offering {
	return v.countersOf(e.Facts.Competent)
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

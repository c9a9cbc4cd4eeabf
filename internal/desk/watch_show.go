// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"

	"motcua/internal/web"
	"motcua/internal/workflow"
)

type watchPage struct {
	web.Page
	Parts  []watchPart
	Unsent int64 // messages that were not sent, for administrators
}

// watchPart is what waits too long for one thing.
type watchPart struct {
	Title, Text string
	Count, More int64
	Rows        []row
}

// watchShown is how many dossiers are listed of each kind.
const watchShown = 30

// showWatch lists what waits past its limit at the officer's agencies.
func showWatch(v *visit) error {
	p := watchPage{Page: v.page(v.T("desk.watch.title"))}
	p.Back = "/mot-cua"
	if v.who.HasRole(workflow.Admin) {
		var err error
		if p.Unsent, err = v.Book.Unsent(v.R.Context()); err != nil {
			return err
		}
		if len(v.units()) == 0 && !v.who.HasRole(workflow.Clerk) {
			return v.Render(http.StatusOK, "watch_show", p)
		}
	}
	list, err := v.Book.Forgotten(v.R.Context(), v.who, watchShown)
	if err != nil {
		return err
	}
	for _, f := range list {
		part := watchPart{Title: v.T("desk.watch." + string(f.What)), Text: v.T("desk.watch." + string(f.What) + "_text"), Count: f.Count, More: f.Count - int64(len(f.Items))}
		if part.Rows, err = v.rows(f.Items, ""); err != nil {
			return err
		}
		if f.Count > 0 {
			p.Parts = append(p.Parts, part)
		}
	}
	return v.Render(http.StatusOK, "watch_show", p)
}

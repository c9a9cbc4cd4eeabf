// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/web"
	"motcua/internal/workflow"
)

type watchPage struct {
	web.Page
	Parts   []watchPart
	Unsent  int64      // messages that were not sent, for administrators
	Privacy []dataLink // what waits for the data protection officer
	Rounds  []roundRow // that wait for the approval of who leads the agency
}

// watchPart is what waits too long for one thing.
type watchPart struct {
	Title, Text string
	Count, More int64
	Rows        []watchRow
}

// watchRow is a dossier that waits, with who has it and until when that should be
// done.
type watchRow struct {
	row
	Holder string
	Limit  time.Time
}

// watchShown is how many dossiers are listed of each kind.
const watchShown = 30

// showWatch lists what waits past its limit at the officer's agencies.
func showWatch(v *visit) error {
	p := watchPage{Page: v.page(v.T("desk.watch.title"))}
	p.Back = "/mot-cua"
	var err error
	if p.Privacy, err = v.dataLinks(); err != nil {
		return err
	}
	if v.who.HasRole(workflow.Admin) || p.Privacy != nil {
		if v.ofSite() {
			if p.Unsent, err = v.Book.Unsent(v.R.Context()); err != nil {
				return err
			}
		}
		if len(v.units()) == 0 && !v.who.HasRole(workflow.Clerk) {
			return v.Render(http.StatusOK, "watch_show", p)
		}
	}
	rounds, err := v.Keeper.Rounds(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	for _, r := range rounds {
		if r.ApprovedAt.IsZero() && r.DoneAt.IsZero() {
			p.Rounds = append(p.Rounds, v.roundRow(r))
		}
	}
	list, err := v.Book.Forgotten(v.R.Context(), v.who, watchShown)
	if err != nil {
		return err
	}
	for _, f := range list {
		part := watchPart{Title: v.T("desk.watch." + string(f.What)), Text: v.T("desk.watch." + string(f.What) + "_text"), Count: f.Count, More: f.Count - int64(len(f.Items))}
		if part.Rows, err = v.watchRows(f); err != nil {
			return err
		}
		if f.Count > 0 {
			p.Parts = append(p.Parts, part)
		}
	}
	return v.Render(http.StatusOK, "watch_show", p)
}

// watchRows are what waits of one kind.
func (v *visit) watchRows(f dossier.Forgotten) ([]watchRow, error) {
	rows, err := v.rows(f.Items, "")
	if err != nil {
		return nil, err
	}
	list := make([]watchRow, len(rows))
	d := v.Site.Directory()
	for i, r := range rows {
		s, err := v.Book.Find(v.R.Context(), v.who, f.Items[i].Code)
		if err != nil {
			return nil, err
		}
		w := watchRow{row: r}
		w.Holder, w.Limit = v.waitsFor(&s, f.What)
		w.Left, w.Tag, w.Timing = v.left(w.Limit)
		if w.Holder == "" {
			at, role := s.Holder()
			w.Holder = v.T("desk.dossier.holder_at", "role", v.T("role."+string(role)), "agency", d.Name(at, v.Lang))
			if s.Handler != "" && role == workflow.Specialist {
				w.Holder = s.Handler + ", " + w.Holder
			}
		}
		list[i] = w
	}
	return list, nil
}

// waitsFor is who is waited for, if that is not who holds the dossier, and until
// when.
func (v *visit) waitsFor(s *dossier.State, what dossier.Watch) (who string, limit time.Time) {
	d := v.Site.Directory()
	switch what {
	case dossier.WatchPart:
		for _, p := range s.OpenParts() {
			if limit.IsZero() || p.Due.Before(limit) {
				who, limit = d.Name(p.To, v.Lang), p.Due
			}
		}
	case dossier.WatchOpinion:
		for _, o := range s.Opinions {
			if o.Open() && (limit.IsZero() || o.Due.Before(limit)) {
				who, limit = d.Name(o.To, v.Lang), o.Due
			}
		}
	case dossier.WatchSupplement, dossier.WatchCollect, dossier.WatchUnpaid:
		who, limit = v.T("desk.watch.applicant", "name", s.Applicant.Name), s.WaitsUntil()
	default:
		limit = s.WaitsUntil()
	}
	return who, limit
}

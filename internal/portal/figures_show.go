// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/regime"
	"motcua/internal/stats"
	"motcua/internal/web"
)

// tally is how an agency handles dossiers.
type tally struct {
	Agency                               string
	Received, Running, Early, Time, Late int64
	Overdue                              int64 // of those running
}

func (t tally) Finished() int64 { return t.Early + t.Time + t.Late }

// Judged are the dossiers of which it is known whether they are late: finished
// ones, and those that are overdue (QĐ 766/QĐ-TTg, group 2).
func (t tally) Judged() int64 { return t.Finished() + t.Overdue }

// InTimeShare is the percentage of the judged that are not late, rounded down.
func (t tally) InTimeShare() int64 {
	if t.Judged() == 0 {
		return 0
	}
	return (t.Early + t.Time) * 100 / t.Judged()
}

// add counts a row of the figures; what was only filed is not received yet.
func (t *tally) add(row stats.Row) {
	n, _ := row["count"].(int64)
	if s, _ := row["status"].(int); regime.Status(s) == regime.NewlyFiled || regime.Status(s).Closed() {
		return
	}
	t.Received += n
	switch outcome, _ := row["outcome"].(string); calendar.Outcome(outcome) {
	case calendar.Early:
		t.Early += n
	case calendar.OnTime:
		t.Time += n
	case calendar.Late:
		t.Late += n
	default:
		t.Running += n
	}
}

type figuresPage struct {
	web.Page
	Agencies []tally
	All      tally
	At       time.Time
}

// showFigures publishes how dossiers are handled, by the agency that decides.
func showFigures(v *visit) error {
	h, err := v.handled()
	if err != nil {
		return err
	}
	p := figuresPage{Page: v.page(v.T("portal.figures.title")), At: h.at}
	p.All.Agency = v.T("portal.figures.all")
	p.Wide = true
	place := map[string]int{}
	for _, row := range h.rows {
		id, _ := row["agency"].(string)
		i, ok := place[id]
		if !ok {
			i = len(p.Agencies)
			place[id] = i
			p.Agencies = append(p.Agencies, tally{Agency: v.Site.Directory().Name(agency.ID(id), v.Lang), Overdue: h.overdue[id]})
			p.All.Overdue += h.overdue[id]
		}
		p.Agencies[i].add(row)
		p.All.add(row)
	}
	p.Agencies = slices.DeleteFunc(p.Agencies, func(t tally) bool { return t.Received == 0 })
	return v.Render(http.StatusOK, "figures_show", p)
}

// lately is the figures of the home page.
type lately struct {
	tally
	Popular []string // codes of procedures, most used first
}

// figures keeps for a minute what a crowd looks at.
type figures struct {
	sync.Mutex
	until   time.Time
	kept    lately
	handled handled
}

const figuresFor = time.Minute

// handled is how dossiers were handled at an instant: the counters, and what
// was overdue, by agency.
type handled struct {
	at      time.Time
	rows    []stats.Row
	overdue map[string]int64
}

// handled counts all dossiers.
func (v *visit) handled() (handled, error) {
	now := v.Now()
	v.figures.Lock()
	defer v.figures.Unlock()
	if h := v.figures.handled; !h.at.IsZero() && now.Before(h.at.Add(figuresFor)) {
		return h, nil
	}
	rows, err := stats.Dossiers(v.R.Context(), v.Book.DB, stats.Query{By: []string{"agency", "status", "outcome"}})
	if err != nil {
		return handled{}, err
	}
	overdue, err := stats.Overdue(v.R.Context(), v.Book.DB, 0, 0, now)
	if err != nil {
		return handled{}, err
	}
	v.figures.handled = handled{now, rows, overdue}
	return v.figures.handled, nil
}

// lately counts the dossiers filed in the last ninety days.
func (v *visit) lately() (lately, error) {
	now := v.Now()
	v.figures.Lock()
	defer v.figures.Unlock()
	if now.Before(v.figures.until) {
		return v.figures.kept, nil
	}
	l, err := v.countLately(v.R.Context())
	if err == nil {
		v.figures.kept, v.figures.until = l, now.Add(figuresFor)
	}
	return l, err
}

func (v *visit) countLately(ctx context.Context) (lately, error) {
	var l lately
	from := calendar.DateOf(v.Now().AddDate(0, 0, -90))
	rows, err := stats.Dossiers(ctx, v.Book.DB, stats.Query{By: []string{"procedure", "status", "outcome"}, From: from})
	if err != nil {
		return l, err
	}
	overdue, err := stats.Overdue(ctx, v.Book.DB, from, 0, v.Now())
	if err != nil {
		return l, err
	}
	for _, n := range overdue {
		l.Overdue += n
	}
	uses := map[string]int64{}
	for _, row := range rows {
		l.add(row)
		code, _ := row["procedure"].(string)
		n, _ := row["count"].(int64)
		if uses[code] == 0 {
			l.Popular = append(l.Popular, code)
		}
		uses[code] += n
	}
	slices.SortStableFunc(l.Popular, func(a, b string) int { return int(uses[b] - uses[a]) })
	return l, nil
}

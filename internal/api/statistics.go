// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/refusal"
	"motcua/internal/stats"
)

// statistics keeps the last answers while nothing was committed, so that a
// crowd that looks at the same figures costs one query.
type statistics struct {
	sync.Mutex
	adding  sync.Mutex // one question of details at a time
	commits uint64
	until   time.Time
	answers map[string][]byte
}

func (a *API) statistics(w http.ResponseWriter, r *http.Request) error {
	q, err := statisticsQuery(r)
	if err != nil {
		return err
	}
	key := fmt.Sprint(q)
	if body := a.stats.recall(key, a.Book.DB.Commits(), a.Now()); body != nil {
		return writeJSON(w, body)
	}
	if q.Detailed() {
		a.stats.adding.Lock()
		defer a.stats.adding.Unlock()
	}
	commits := a.Book.DB.Commits()
	rows, err := stats.Dossiers(r.Context(), a.Book.DB, q)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"by": q.By, "items": rows})
	if err != nil {
		return err
	}
	a.stats.remember(key, commits, a.Now(), body)
	return writeJSON(w, body)
}

// overdue counts what is overdue now, by the agency that decides.
func (a *API) overdue(w http.ResponseWriter, r *http.Request) error {
	from, to, bad := days(r)
	if err := refusal.Fields("request.invalid", bad); err != nil {
		return err
	}
	key := fmt.Sprint("overdue", from, to)
	if body := a.stats.recall(key, a.Book.DB.Commits(), a.Now()); body != nil {
		return writeJSON(w, body)
	}
	a.stats.adding.Lock()
	defer a.stats.adding.Unlock()
	commits, now := a.Book.DB.Commits(), a.Now()
	late, err := stats.Overdue(r.Context(), a.Book.DB, from, to, now)
	if err != nil {
		return err
	}
	items := []stats.Row{}
	for _, agency := range slices.Sorted(maps.Keys(late)) {
		items = append(items, stats.Row{"agency": agency, "count": late[agency]})
	}
	body, err := json.Marshal(map[string]any{"at": now.In(calendar.Zone).Format(time.RFC3339), "items": items})
	if err != nil {
		return err
	}
	a.stats.remember(key, commits, now, body)
	return writeJSON(w, body)
}

func writeJSON(w http.ResponseWriter, body []byte) error {
	w.Header()["Content-Type"] = jsonType
	w.Header()["Cache-Control"] = noStore
	_, _ = w.Write(body)
	return nil
}

func statisticsQuery(r *http.Request) (stats.Query, error) {
	var q stats.Query
	var bad []refusal.Field
	q.By = []string{"agency", "status"}
	if by := r.URL.Query().Get("by"); by != "" {
		q.By = strings.Split(by, ",")
	}
	for _, d := range q.By {
		if !stats.Known(d) {
			bad = append(bad, refusal.At("/by", "statistics.by", "by", d, "known", strings.Join(stats.Dimensions, ", ")))
		}
	}
	var wrong []refusal.Field
	q.From, q.To, wrong = days(r)
	return q, refusal.Fields("request.invalid", append(bad, wrong...))
}

// days reads the first and the last day of filing that are asked for; absent
// ones are zero.
func days(r *http.Request) (from, to calendar.Date, bad []refusal.Field) {
	values := r.URL.Query()
	day := func(name string) calendar.Date {
		s := values.Get(name)
		if s == "" {
			return 0
		}
		d, err := calendar.ParseDate(s)
		if err != nil {
			bad = append(bad, refusal.At("/"+name, "form.date"))
		}
		return d
	}
	from, to = day("from"), day("to")
	return from, to, bad
}

// fresh is how long an answer is kept although another process may have
// committed.
const fresh = time.Second

func (s *statistics) recall(query string, commits uint64, now time.Time) []byte {
	s.Lock()
	defer s.Unlock()
	if s.commits != commits || now.After(s.until) {
		return nil
	}
	return s.answers[query]
}

func (s *statistics) remember(query string, commits uint64, now time.Time, body []byte) {
	s.Lock()
	defer s.Unlock()
	if s.commits != commits || now.After(s.until) || len(s.answers) > 1000 {
		s.answers, s.commits, s.until = map[string][]byte{}, commits, now.Add(fresh)
	}
	s.answers[query] = body
}

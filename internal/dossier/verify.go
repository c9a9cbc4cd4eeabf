// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/procedure"
	"motcua/internal/regime"
	"motcua/internal/vault"
)

// Finding is something that is wrong in the database.
type Finding struct {
	What   string // state, event, due, counter, number, edition, file, sealed
	Where  string
	Detail string
}

// Verify proves the dossiers of a site: every state is the fold of its events,
// every due instant recomputes from what was pinned, every counter equals a
// recount with what was destroyed, no number has a gap or is given twice. found is
// told each thing that is wrong, progress how many dossiers were looked at.
func (b *Book) Verify(ctx context.Context, found func(Finding), progress func(n int64)) error {
	v := verifier{Book: b, found: found, counts: map[db.DeltaKey]int64{}, numbers: map[string]int64{}, given: map[string]int64{}, editions: map[string]bool{},
		asides: map[string]string{}, approved: map[string]int{}, orders: map[string]bool{}, merged: map[int64]int64{}}
	return b.DB.Read(ctx, func(tx *db.Tx) error { // one state of the database, while others go on
		var after, n int64
		for {
			next, err := v.batch(tx, after)
			if err != nil {
				return err
			}
			n += next.n
			progress(n)
			if next.n == 0 {
				break
			}
			after = next.last
		}
		if err := v.graves(tx); err != nil {
			return err
		}
		procedure.Verify(tx, func(where, detail string) { v.wrong("edition", where, "%s", detail) })
		v.counters(tx)
		v.series(tx)
		v.waiting(tx)
		if err := v.open(tx); err != nil {
			return err
		}
		v.orphans(tx)
		if err := v.journal(ctx, tx); err != nil {
			return err
		}
		if err := v.owners(tx); err != nil {
			return err
		}
		return tx.Err()
	})
}

type verifier struct {
	*Book
	found   func(Finding)
	counts  map[db.DeltaKey]int64
	numbers map[string]int64 // series → highest number found
	given   map[string]int64 // series → how many were found

	editions map[string]bool   // found to be there
	asides   map[string]string // row → code of the dossier that waits so
	events   digests           // of all events, also of dossiers that were destroyed
	stones   digests           // of all tombstones
	approved map[string]int    // rounds: how often, less how often it was taken back, as the journal has it
	orders   map[string]bool   // rounds by which dossiers were destroyed
	moved    []Tombstone       // in the list of another account than at first
	merged   map[int64]int64   // accounts, and which took them over, as the journal has it
}

func (v *verifier) wrong(what, where, format string, args ...any) {
	v.found(Finding{what, where, fmt.Sprintf(format, args...)})
}

// verifyBatch is how many dossiers are read at a time.
const verifyBatch = 500

type progressed struct{ n, last int64 }

func (v *verifier) batch(tx *db.Tx, after int64) (progressed, error) {
	type row struct {
		id, account, assignee, status, sent, due, version, progress int64
		edition, process, until, alarm, restricted                  int64
		code, procedure, applicant, name, number, reception         string
		competent, queue                                            string
		step, watch, field, body                                    string
	}
	var rows []row
	for r := range tx.Query(`SELECT id, code, version, account, procedure, applicant, name_key, id_number, reception, competent, queue, edition, process, step, assignee, status, progress, sent_at, due_at, watch, until, alarm_at, body, field, restricted
			FROM dossier WHERE id > $1 ORDER BY id LIMIT $2`, after, verifyBatch) {
		var x row
		r.Scan(&x.id, &x.code, &x.version, &x.account, &x.procedure, &x.applicant, &x.name, &x.number, &x.reception, &x.competent, &x.queue, &x.edition, &x.process, &x.step, &x.assignee, &x.status, &x.progress, &x.sent, &x.due, &x.watch, &x.until, &x.alarm, &x.body, &x.field, &x.restricted)
		rows = append(rows, x)
	}
	if len(rows) == 0 || tx.Err() != nil {
		return progressed{}, tx.Err()
	}
	p := progressed{int64(len(rows)), rows[len(rows)-1].id}
	events, lying, err := v.read(tx, rows[0].id, p.last)
	if err != nil {
		return p, err
	}
	papers, kept := v.kept(tx, rows[0].id, p.last)
	for _, x := range rows {
		if len(events[x.id]) == 0 {
			v.wrong("event", x.code, "has none that can be read")
			continue
		}
		s, err := Fold(x.id, events[x.id])
		if err != nil {
			v.wrong("state", x.code, "%v", err)
			continue
		}
		if err := v.body(tx, &s, x.body); err != nil {
			return p, err
		}
		if s.sealed() && (lying[x.id] || !vault.Sealed(x.body) || s.Restricted && !vault.Sealed(x.applicant)) {
			v.wrong("sealed", x.code, "part of it lies open and should be sealed")
		}
		_, key, number, err := s.whose(tx)
		if err != nil {
			return p, err
		}
		x.applicant = openApplicant(tx, x.id, x.applicant)
		columns := row{s.ID, s.Account, s.Assignee, int64(s.Status()), s.SentAt.UnixMilli(), s.sorted(), int64(s.Version), int64(s.Progress), int64(s.Edition), int64(s.Process), s.watched().ms(), s.alarmMs(), flag(s.Restricted),
			string(s.Code), s.Procedure, s.Applicant.Name, key, number, string(s.Reception), string(s.Competent), queueText(s.queueKey()), s.Step, s.watched().text(), s.Field, ""}
		x.body = ""
		if fmt.Sprint(columns) != fmt.Sprint(x) {
			v.wrong("state", x.code, "the columns differ from the state")
		}
		v.history(&s, events[x.id])
		v.due(tx, &s, events[x.id][0].Event)
		v.papers(tx, &s, events[x.id])
		v.pinned(tx, &s)
		v.provisional(tx, &s)
		v.tally(&s, events[x.id])
		v.keeping(&s, papers[x.id], events[x.id], kept[x.id])
	}
	return p, tx.Err()
}

// body holds the row's body against the state.
func (v *verifier) body(tx *db.Tx, s *State, body string) error {
	should, err := json.Marshal(s)
	if err != nil {
		return err
	}
	is, err := tx.Vault().OpenText(s.lies(), body)
	if err != nil {
		v.wrong("sealed", string(s.Code), "%v", err)
	} else if is != string(should) {
		v.wrong("state", string(s.Code), "the row is not the fold of its events, from byte %d on", difference([]byte(is), should))
	}
	return nil
}

// read reads the events of dossiers, and tells of which some lie open.
func (v *verifier) read(tx *db.Tx, from, to int64) (events map[int64][]Record, lying map[int64]bool, err error) {
	events, lying = map[int64][]Record{}, map[int64]bool{}
	for row := range tx.Query(`SELECT `+eventColumns+` FROM event WHERE dossier >= $1 AND dossier <= $2 ORDER BY dossier, seq`, from, to) {
		e := scanEvent(row)
		r, err := e.record(tx)
		if err != nil {
			v.wrong("event", fmt.Sprintf("%d/%d", e.dossier, e.seq), "%v", err)
			continue
		}
		digest, err := e.digest(tx)
		if err != nil {
			return nil, nil, err
		}
		v.events.add(digest)
		lying[e.dossier] = lying[e.dossier] || e.lies()
		events[e.dossier] = append(events[e.dossier], r)
	}
	return events, lying, tx.Err()
}

// due recomputes by when the filing was to be answered, and the legal due
// instant from what reception pinned.
func (v *verifier) due(tx *db.Tx, s *State, filed Event) {
	if e, ok := filed.(Submitted); ok && e.Answer != nil {
		law, _ := regime.AnswerOn(local(s.SentAt))
		cal, err := v.Site.CalendarEdition(tx, e.Answer.Calendar, e.Answer.Hours)
		if err != nil {
			v.wrong("due", string(s.Code), "%v", err)
		} else if by, err := cal.Due(s.SentAt, law.Within, false, nil); err != nil || !by.Equal(e.Answer.By) {
			v.wrong("due", string(s.Code), "answer by %s, recomputed %s %v", e.Answer.By, by, err)
		}
	}
	if s.ReceivedAt.IsZero() {
		return
	}
	cal, err := v.Site.CalendarEdition(tx, s.Calendar, s.Hours)
	if err != nil {
		v.wrong("due", string(s.Code), "%v", err)
		return
	}
	due, err := s.dueBy(cal, s.Pauses)
	if s.standsStill() {
		due, err = time.Time{}, nil
	}
	if err != nil || !due.Equal(s.Due) {
		v.wrong("due", string(s.Code), "due %s, recomputed %s %v", s.Due, due, err)
	}
	if !s.IssuedAt.IsZero() && s.Outcome != calendar.OutcomeOf(s.IssuedAt, s.Due) {
		v.wrong("due", string(s.Code), "outcome %s does not follow from issue and due", s.Outcome)
	}
}

// history checks what the fold does not: that time runs forward, and that what
// was collected is what was due.
func (v *verifier) history(s *State, events []Record) {
	due := map[string]int64{}
	for _, f := range s.Fees {
		due[f.ID] += f.Amount
	}
	for i, r := range events {
		if i > 0 && r.At.Before(events[i-1].At) {
			v.wrong("event", string(s.Code), "event %d is before event %d", r.Seq, r.Seq-1)
		}
		if e, ok := r.Event.(Collected); ok {
			sum := int64(0)
			for _, id := range e.Fees {
				sum += due[id]
			}
			if sum != e.Amount {
				v.wrong("event", string(s.Code), "event %d collects %d, due was %d", r.Seq, e.Amount, sum)
			}
		}
	}
}

// formOf is the official form that an event issued, and its number of the year.
func formOf(e Event) (form, number string, ok bool) {
	switch e := e.(type) {
	case Received:
		form, number = "01", e.Receipt
	case AskedSupplement:
		form, number = "02", e.Number
	case RefusedFiling:
		form, number = "03", e.Number
	case Extended:
		form, number = "04", e.Number
	case StopNotice:
		form, number = "05", e.Number
	}
	number, _, ok = strings.Cut(number, "/")
	return form, number, ok
}

// provisional holds the number under which a dossier was received on paper
// against the numbers drawn.
func (v *verifier) provisional(tx *db.Tx, s *State) {
	if s.Provisional == "" {
		return
	}
	if p, err := findProvisional(tx, s.Provisional); err != nil || p.Code != s.Code {
		v.wrong("number", string(s.Code), "provisional number %s is booked under %q", s.Provisional, p.Code)
	}
}

// papers holds what a dossier says of its files against the files.
func (v *verifier) papers(tx *db.Tx, s *State, events []Record) {
	for _, d := range append(slices.Clone(s.Documents), replacedIn(events, s.Documents)...) {
		if d.File == "" || s.Gone(d.File) {
			continue
		}
		f, err := document.Find(tx, d.File)
		if err != nil || f.SHA256 != d.SHA256 || f.Size != d.Size || f.Name != d.Name || f.MediaType != d.MediaType {
			v.wrong("file", string(s.Code), "file %s is missing or not what was handed in", d.File)
		}
	}
}

// pinned checks that the editions a dossier pinned are there.
func (v *verifier) pinned(tx *db.Tx, s *State) {
	for _, n := range []int{s.Edition, s.Process} {
		k := fmt.Sprintf("%s/%d", s.Procedure, n)
		if n == 0 || v.editions[k] {
			continue
		}
		found, err := tx.One(`SELECT 1 FROM edition WHERE code = $1 AND number = $2`, []any{s.Procedure, n}, new(int))
		if err != nil || !found {
			v.wrong("edition", string(s.Code), "pins edition %s, which is not there", k)
			continue
		}
		v.editions[k] = true
	}
}

// difference is where two texts part.
func difference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// tally recounts the figures and the numbers given.
func (v *verifier) tally(s *State, events []Record) {
	for _, k := range s.counted() {
		v.counts[k]++
	}
	if k := s.queueKey(); k != (db.DeltaKey{}) {
		v.counts[k]++
	}
	for _, a := range s.asides() {
		v.counts[a.key]++
		v.asides[fmt.Sprintf("%s %d %d", queueText(a.key), a.due, s.ID)] = string(s.Code)
	}
	for _, x := range numbersOf(s, events) {
		v.number(x.Series, x.N)
	}
}

// numbersOf are the numbers without gaps that a dossier has: its code's, those of
// its results and of the forms that were issued.
func numbersOf(s *State, events []Record) []numbered {
	var list []numbered
	add := func(text, series string, args ...any) {
		n, _ := strconv.ParseInt(text, 10, 64)
		list = append(list, numbered{fmt.Sprintf(series, args...), n})
	}
	if i := strings.LastIndexByte(string(s.Code), '-'); i > 0 {
		add(string(s.Code[i+1:]), "dossier/%s/%d", s.Reception, number(local(s.SentAt)))
	}
	for _, x := range s.Issued {
		if m := resultNumber.FindStringSubmatch(x.Number); m != nil {
			add(m[1], "result/%s/%s/%s", s.Competent, m[3], m[2])
		}
	}
	for _, r := range events {
		if form, number, ok := formOf(r.Event); ok {
			add(number, "form%s/%s/%d", form, s.Reception, local(r.At).Year())
		}
	}
	return list
}

// kept reads which files stand in dossiers, and what rounds are made from.
func (v *verifier) kept(tx *db.Tx, from, to int64) (map[int64]map[string]bool, map[int64]keeping) {
	papers, kept := map[int64]map[string]bool{}, map[int64]keeping{}
	for row := range tx.Query(`SELECT dossier, file FROM paper WHERE dossier >= $1 AND dossier <= $2`, from, to) {
		var id int64
		var file string
		row.Scan(&id, &file)
		if papers[id] == nil {
			papers[id] = map[string]bool{}
		}
		papers[id][file] = true
	}
	for row := range tx.Query(`SELECT dossier, agency, what, due_at, round FROM retained WHERE dossier >= $1 AND dossier <= $2`, from, to) {
		var id int64
		var at string
		var k keeping
		row.Scan(&id, &at, &k.what, &k.due, &k.round)
		k.agency = agency.ID(at)
		kept[id] = k
	}
	return papers, kept
}

// keeping holds the files that a dossier keeps, and how long it is kept itself,
// against its history.
func (v *verifier) keeping(s *State, papers map[string]bool, events []Record, kept keeping) {
	if is := s.keeping(); is != kept {
		v.wrong("state", string(s.Code), "is kept as %+v, should be %+v", kept, is)
	}
	for _, d := range uploaded(events) {
		if papers[d.File] == s.Gone(d.File) && (s.Retention != nil || s.Gone(d.File)) {
			v.wrong("file", string(s.Code), "file %s: removed by rule %v, kept for the dossier %v", d.File, s.Gone(d.File), papers[d.File])
		}
		delete(papers, d.File)
	}
	for file := range papers {
		v.wrong("file", string(s.Code), "file %s is kept for it and not its own", file)
	}
}

var resultNumber = regexp.MustCompile(`^(\d+)/(\d{4})/(.+)$`)

func (v *verifier) number(series string, n int64) {
	v.given[series]++
	v.numbers[series] = max(v.numbers[series], n)
}

func (v *verifier) counters(tx *db.Tx) {
	for row := range tx.Query(`SELECT day, agency, procedure, channel, status, outcome, n FROM counter`) {
		var k db.DeltaKey
		var n int64
		row.Scan(&k.Day, &k.Agency, &k.Procedure, &k.Channel, &k.Status, &k.Outcome, &n)
		if v.counts[k] != n {
			v.wrong("counter", fmt.Sprint(k), "counter says %d, recount %d", n, v.counts[k])
		}
		delete(v.counts, k)
	}
	for k, n := range v.counts {
		v.wrong("counter", fmt.Sprint(k), "no counter, recount %d", n)
	}
}

// series holds the numbers that were given against the numbers found: none
// twice and none missing means as many as the highest, which is the last given.
func (v *verifier) series(tx *db.Tx) {
	for row := range tx.Query(`SELECT series, last FROM number`) {
		var series string
		var last int64
		row.Scan(&series, &last)
		if strings.HasPrefix(series, "#") || strings.HasPrefix(series, "privacy/") || strings.HasPrefix(series, "receipt/") { // whose they are proves them
			continue
		}
		if v.numbers[series] != last || v.given[series] != last {
			v.wrong("number", series, "last given %d, highest found %d, found %d", last, v.numbers[series], v.given[series])
		}
		delete(v.numbers, series)
	}
	for series, last := range v.numbers {
		v.wrong("number", series, "not on record, highest found %d", last)
	}
}

// open finds what lies open beside the dossiers and should be sealed, and what does
// not open.
func (v *verifier) open(tx *db.Tx) error {
	for i := range columns {
		c := &columns[i]
		if !c.always {
			continue
		}
		var after []any
		for {
			list, err := c.page(tx, "", nil, after)
			if err != nil {
				return err
			}
			for _, t := range list {
				if !vault.Sealed(t.kept) {
					v.wrong("sealed", t.place, "lies open and should be sealed")
				} else if _, err := tx.Vault().OpenText(t.place, t.kept); err != nil {
					v.wrong("sealed", t.place, "%v", err)
				}
			}
			if len(list) == 0 {
				break
			}
			after = list[len(list)-1].keys
		}
	}
	return nil
}

// waiting holds the rows of what waits aside against the dossiers.
func (v *verifier) waiting(tx *db.Tx) {
	for row := range tx.Query(`SELECT queue, due_at, dossier FROM aside`) {
		var queue string
		var due, id int64
		row.Scan(&queue, &due, &id)
		k := fmt.Sprintf("%s %d %d", queue, due, id)
		if _, ok := v.asides[k]; !ok {
			v.wrong("state", strconv.FormatInt(id, 10), "waits aside in %q and should not", queue)
		}
		delete(v.asides, k)
	}
	for k, code := range v.asides {
		v.wrong("state", code, "does not wait aside: %s", k)
	}
}

// orphans finds events without a dossier.
func (v *verifier) orphans(tx *db.Tx) {
	for row := range tx.Query(`SELECT DISTINCT dossier FROM event WHERE NOT EXISTS (SELECT 1 FROM dossier WHERE dossier.id = event.dossier)`) {
		var id int64
		row.Scan(&id)
		v.wrong("event", strconv.FormatInt(id, 10), "events without a dossier")
	}
	for row := range tx.Query(`SELECT dossier FROM paper WHERE NOT EXISTS (SELECT 1 FROM dossier WHERE dossier.id = paper.dossier)
		UNION SELECT dossier FROM retained WHERE NOT EXISTS (SELECT 1 FROM dossier WHERE dossier.id = retained.dossier)`) {
		var id int64
		row.Scan(&id)
		v.wrong("state", strconv.FormatInt(id, 10), "files or a term of keeping without a dossier")
	}
}

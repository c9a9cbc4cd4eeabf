// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// Work is what a waiting dossier waits for: the queue it stands in.
type Work string

// The kinds of work, which are the names of the queues.
const (
	ToReceive Work = "receive"
	ToForward Work = "forward"
	ToAssign  Work = "assign"
	ToHandle  Work = "handle"
	ToWait    Work = "wait" // for somebody outside the agency
	ToApprove Work = "approve"
	ToIssue   Work = "issue"
	ToCollect Work = "collect"
	ToReturn  Work = "return"

	ToSignWork  Work = "sign"      // a paper that was put to the leader
	ToOpine     Work = "opine"     // a question of another agency
	ToTakeOver  Work = "take_over" // from another one-stop
	ToDetermine Work = "determine" // which agency is competent
	ToPartake   Work = "partake"   // a part of an interlinked procedure
	ToExtend    Work = "extend"    // it may not be done in time
)

// works are the queues in the order of the process, with the roles that may
// have them.
var works = []struct {
	work Work
	name form.Text
}{
	{ToReceive, form.Text{VI: "Chờ tiếp nhận", EN: "To receive"}},
	{ToForward, form.Text{VI: "Chờ chuyển giải quyết", EN: "To forward"}},
	{ToTakeOver, form.Text{VI: "Chờ nhận từ nơi khác chuyển đến", EN: "To take over"}},
	{ToDetermine, form.Text{VI: "Chưa xác định thẩm quyền", EN: "Competence not determined"}},
	{ToAssign, form.Text{VI: "Chờ phân công", EN: "To assign"}},
	{ToHandle, form.Text{VI: "Đang xử lý", EN: "To handle"}},
	{ToWait, form.Text{VI: "Chờ bên ngoài", EN: "Waiting for others"}},
	{ToApprove, form.Text{VI: "Chờ ký duyệt", EN: "To approve"}},
	{ToOpine, form.Text{VI: "Chờ cho ý kiến", EN: "Opinions to give"}},
	{ToPartake, form.Text{VI: "Phần việc liên thông", EN: "Parts of interlinked procedures"}},
	{ToExtend, form.Text{VI: "Sắp hết hạn, cần xin gia hạn", EN: "To extend or finish"}},
	{ToSignWork, form.Text{VI: "Chờ ký văn bản", EN: "Papers to sign"}},
	{ToIssue, form.Text{VI: "Chờ phát hành", EN: "To issue"}},
	{ToCollect, form.Text{VI: "Chờ thu phí, lệ phí", EN: "Fees to collect"}},
	{ToReturn, form.Text{VI: "Chờ trả kết quả", EN: "To return"}},
}

// workOf tells the work of a step by its first action.
func workOf(s *workflow.StepOfWay) Work {
	switch s.Actions[0].Act {
	case workflow.Receive:
		return ToReceive
	case workflow.Assign:
		return ToAssign
	case workflow.Approve, workflow.SendBack:
		return ToApprove
	case workflow.Issue:
		return ToIssue
	case workflow.HandOver:
		return ToReturn
	}
	return ToHandle
}

// queueKey is where the dossier waits, as it is counted; zero when it is done.
func (s *State) queueKey() db.DeltaKey {
	if s.Closed() {
		return db.DeltaKey{}
	}
	at, role := s.Holder()
	k := s.waits(at, role, s.Work)
	if s.Transit {
		k = s.waits(at, role, ToTakeOver)
	} else if s.Forward {
		k = s.waits(at, role, ToForward)
	} else if role == workflow.Specialist {
		k.Outcome = strconv.FormatInt(s.Assignee, 10)
	}
	return k
}

// waits is a place to wait. What is of restricted access has places of its own:
// who may not see it neither lists nor counts it.
func (s *State) waits(at agency.ID, role workflow.Role, work Work) db.DeltaKey {
	return db.DeltaKey{Day: -1, Agency: string(at), Channel: string(role), Status: workText(work, s.Restricted)}
}

func workText(work Work, restricted bool) string {
	if restricted {
		return string(work) + "*"
	}
	return string(work)
}

// asides are where the dossier waits beside the step in hand: fees for a
// cashier, a paper for the leader's signature.
func (s *State) asides() []aside {
	var list []aside
	add := func(at agency.ID, role workflow.Role, work Work, due int64) {
		k := s.waits(at, role, work)
		if role == workflow.Specialist && at == s.Competent {
			k.Outcome = strconv.FormatInt(s.Assignee, 10)
		} else if role == workflow.Specialist {
			k.Outcome = "0" // of another agency: anybody's
		}
		for i := range list {
			if list[i].key == k {
				list[i].due = min(list[i].due, due)
				return
			}
		}
		list = append(list, aside{k, due})
	}
	if s.Phase != Filed && !s.Closed() && len(s.Unpaid()) > 0 {
		add(s.Reception, workflow.Cashier, ToCollect, s.sorted())
	}
	if s.Wait != nil && s.Wait.For == regime.Competence {
		add(s.Reception, workflow.Clerk, ToDetermine, s.sorted())
	}
	if s.ToSign != nil {
		add(s.Competent, workflow.Leader, ToSignWork, s.sorted())
	}
	if s.Foreseen && s.Phase == Running && s.Extension == nil && s.ToSign == nil && s.Wait == nil {
		role := workflow.Head
		if s.Assignee != 0 || s.Role == workflow.Specialist {
			role = workflow.Specialist
		}
		add(s.Competent, role, ToExtend, s.sorted())
	}
	for _, p := range s.OpenParts() {
		add(p.To, workflow.Specialist, ToPartake, p.Due.UnixMilli())
	}
	for _, o := range s.asked() {
		add(o.To, workflow.Head, ToOpine, o.Due.UnixMilli())
	}
	return list
}

// aside is where a dossier waits beside the step in hand, and by what instant it
// is listed there.
type aside struct {
	key db.DeltaKey
	due int64
}

// asideWorks are the queues that are filled so.
var asideWorks = []Work{ToCollect, ToSignWork, ToOpine, ToExtend, ToDetermine, ToPartake}

// queueText is a place to wait as the text that lists are found by; "" for none.
func queueText(k db.DeltaKey) string {
	if k == (db.DeltaKey{}) {
		return ""
	}
	return strings.TrimSpace(k.Agency + " " + k.Channel + " " + k.Status + " " + k.Outcome)
}

// sorted is the instant a queue is ordered by, in milliseconds: the legal due
// instant, or before reception when the dossier must be answered, or was sent.
func (s *State) sorted() int64 {
	switch {
	case s.Wait != nil && !s.Wait.Until.IsZero():
		return s.Wait.Until.UnixMilli()
	case s.Wait != nil:
		return s.Wait.Since.UnixMilli()
	case !s.Due.IsZero():
		return s.Due.UnixMilli()
	case !s.StepDue.IsZero():
		return s.StepDue.UnixMilli()
	}
	return s.SentAt.UnixMilli()
}

// Queue is a saved query of an officer with how many dossiers wait in it.
type Queue struct {
	Name  Work      `json:"name"`
	Label form.Text `json:"label"`
	Count int64     `json:"count"`
}

// Item is a dossier as a queue shows it.
type Item struct {
	Code      Code          `json:"code"`
	Version   int           `json:"version"`
	Procedure string        `json:"procedure"`
	Applicant string        `json:"applicant"`
	Status    regime.Status `json:"national_status"`
	Step      string        `json:"step"`
	SentAt    time.Time     `json:"sent_at"`
	DueAt     time.Time     `json:"due_at,omitzero"`
	Waits     bool          `json:"waits,omitempty"`    // for somebody outside the agency
	Until     time.Time     `json:"until,omitzero"`     // by when that is expected, or since when it waits
	AnswerBy  time.Time     `json:"answer_by,omitzero"` // of what was filed on line and not yet answered
	Assignee  int64         `json:"-"`
	Edition   int           `json:"-"` // of the procedure, pinned when sent
	Process   int           `json:"-"` // edition whose process is followed; 0 before reception
	sorted    int64
	id        int64
}

// Queues lists an officer's queues with their counts: those that the officer's
// posts serve, from the maintained counters, or counted one by one where a post
// is for some dossiers only.
func (b *Book) Queues(ctx context.Context, who Actor) ([]Queue, error) {
	queues := []Queue{}
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		queues = queues[:0]
		counts := map[string]int64{}
		var read []agency.ID
		for _, p := range who.Posts {
			if slices.Contains(read, p.Agency) {
				continue
			}
			read = append(read, p.Agency)
			for row := range tx.Query(`SELECT channel, status, outcome, n FROM counter WHERE day = -1 AND agency = $1`, string(p.Agency)) {
				k := db.DeltaKey{Agency: string(p.Agency)}
				var n int64
				row.Scan(&k.Channel, &k.Status, &k.Outcome, &n)
				counts[queueText(k)] += n
			}
		}
		for _, w := range works {
			places := who.queues(w.work)
			if len(places) == 0 {
				continue
			}
			q := Queue{Name: w.work, Label: w.name}
			for _, p := range places {
				n := counts[p.key]
				if !p.all && n > 0 {
					if err := p.count(tx, slices.Contains(asideWorks, w.work), &n); err != nil {
						return err
					}
				}
				q.Count += n
			}
			queues = append(queues, q)
		}
		return tx.Err()
	})
	return queues, err
}

// place is where an officer finds work in the index: all of it, or what one of
// the remits covers.
type place struct {
	key    string
	all    bool
	remits []remit
}

// queues lists the places where an officer finds work of a kind.
func (a Actor) queues(work Work) []place {
	var places []place
	for _, p := range a.Posts {
		if !slices.Contains(served[p.Role], work) {
			continue
		}
		whose := []string{""}
		if p.Role == workflow.Specialist {
			whose = []string{"0", strconv.FormatInt(p.Account, 10)}
		}
		for _, restricted := range []bool{false, true} {
			for _, w := range whose {
				if restricted && !p.Cleared {
					continue
				}
				key := queueText(db.DeltaKey{Agency: string(p.Agency), Channel: string(p.Role), Status: workText(work, restricted), Outcome: w})
				i := slices.IndexFunc(places, func(x place) bool { return x.key == key })
				if i < 0 {
					i, places = len(places), append(places, place{key: key})
				}
				places[i].remits = append(places[i].remits, remit{Remit: p.Remit})
				places[i].all = places[i].all || remit{Remit: p.Remit}.narrow(new(query)) == ""
			}
		}
	}
	return places
}

// condition narrows the rows of a place to what the officer's posts are for.
func (p place) condition(q *query) string {
	if p.all {
		return ""
	}
	var parts []string
	for _, r := range p.remits {
		parts = append(parts, strings.TrimPrefix(r.narrow(q), " AND "))
	}
	return ` AND (` + strings.Join(parts, ` OR `) + `)`
}

func (p place) count(tx *db.Tx, beside bool, n *int64) error {
	sql := `SELECT COUNT(*) FROM dossier WHERE queue = $1 AND queue <> ''`
	if beside {
		sql = `SELECT COUNT(*) FROM aside JOIN dossier ON dossier.id = aside.dossier WHERE aside.queue = $1`
	}
	q := query{args: []any{p.key}}
	sql += p.condition(&q)
	_, err := tx.One(sql, q.args, n)
	return err
}

// served says which kinds of work a role may find.
var served = map[workflow.Role][]Work{
	workflow.Clerk:      {ToReceive, ToForward, ToTakeOver, ToDetermine, ToHandle, ToWait, ToIssue, ToReturn},
	workflow.Head:       {ToAssign, ToHandle, ToWait, ToExtend, ToApprove, ToOpine, ToIssue},
	workflow.Specialist: {ToHandle, ToWait, ToPartake, ToExtend, ToIssue},
	workflow.Leader:     {ToAssign, ToHandle, ToWait, ToApprove, ToSignWork, ToIssue},
	workflow.Cashier:    {ToCollect},
}

// After is where a page of a list ended; the zero After starts at the front.
type After struct {
	Sorted int64
	ID     int64
}

// String is how an address writes the place; ParseAfter reads it.
func (a After) String() string { return fmt.Sprintf("%d.%d", a.Sorted, a.ID) }

// ParseAfter reads a place; "" is the front.
func ParseAfter(s string) (After, error) {
	var a After
	if s == "" {
		return a, nil
	}
	sorted, id, _ := strings.Cut(s, ".")
	var err, err2 error
	a.Sorted, err = strconv.ParseInt(sorted, 10, 64)
	a.ID, err2 = strconv.ParseInt(id, 10, 64)
	if err != nil || err2 != nil {
		return a, refusal.New(refusal.Invalid, "request.cursor")
	}
	return a, nil
}

// List returns the dossiers of a queue by due instant, at most limit, and
// where the next page starts; nil if there is none.
func (b *Book) List(ctx context.Context, who Actor, work Work, limit int, after After) ([]Item, *After, error) {
	return b.Sift(ctx, who, work, Sieve{}, limit, after)
}

// Sieve narrows a queue; empty fields do not.
type Sieve struct {
	Procedure string    // code
	DueBefore time.Time // due, or before reception to be answered, before this instant
	Label     string    // of the officer's agencies
}

// Sift is List for the part of a queue that a sieve keeps. That they were shown is
// noted.
func (b *Book) Sift(ctx context.Context, who Actor, work Work, sieve Sieve, limit int, after After) ([]Item, *After, error) {
	items, next, err := b.sift(ctx, who, work, sieve, limit, after)
	if err != nil {
		return nil, nil, err
	}
	return items, next, b.listed(ctx, who, Listing{What: ListedQueue, Codes: codesOf(items)})
}

// Next is the code of the dossier of a queue behind a position, or else of the
// first one, other than not; "" if there is none. It tells nothing of persons.
func (b *Book) Next(ctx context.Context, who Actor, work Work, at After, not Code) (Code, error) {
	for _, from := range []After{at, {}} {
		items, _, err := b.sift(ctx, who, work, Sieve{}, 2, from)
		if err != nil {
			return "", err
		}
		for _, i := range items {
			if i.Code != not {
				return i.Code, nil
			}
		}
	}
	return "", nil
}

func (b *Book) sift(ctx context.Context, who Actor, work Work, sieve Sieve, limit int, after After) ([]Item, *After, error) {
	if len(who.queues(work)) == 0 {
		return nil, nil, refusal.New(refusal.NotFound, "queue.unknown", "queue", string(work))
	}
	sql, args := listSQL(who, work, sieve, limit+1, after)
	items := make([]Item, 0, limit+1)
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		items = items[:0]
		for row := range tx.Query(sql, args...) {
			items = append(items, scanItem(tx, row))
		}
		return tx.Err()
	})
	if err != nil || len(items) <= limit {
		return items, nil, err
	}
	items = items[:limit]
	last := items[limit-1]
	return items, &After{last.sorted, last.id}, nil
}

const itemColumns = `id, code, version, procedure, applicant, status, step, sent_at, due_at, assignee, edition, process, queue`

// besideColumns are the same of what waits aside, q, by the instant that it has
// there.
var besideColumns = strings.NewReplacer("id,", "dossier.id,", "due_at", "q.due_at", "queue", "dossier.queue").Replace(itemColumns)

func scanItem(tx *db.Tx, row db.Row) Item {
	var i Item
	var sent int64
	var queue string
	row.Scan(&i.id, &i.Code, &i.Version, &i.Procedure, &i.Applicant, &i.Status, &i.Step, &sent, &i.sorted, &i.Assignee, &i.Edition, &i.Process, &queue)
	i.Applicant = openApplicant(tx, i.id, i.Applicant)
	i.SentAt = instant(sent)
	if i.Waits = strings.Contains(queue, " "+string(ToWait)); i.Waits {
		i.Until = instant(i.sorted)
	} else if i.Status.Closed() {
		return i
	} else if i.Status != regime.NewlyFiled {
		i.DueAt = instant(i.sorted)
	} else if i.sorted > sent {
		i.AnswerBy = instant(i.sorted)
	}
	return i
}

// listSQL reads each place from the index in order and merges: the same cost
// however many dossiers wait.
func listSQL(who Actor, work Work, sieve Sieve, limit int, after After) (string, []any) {
	beside := slices.Contains(asideWorks, work)
	from := "SELECT due_at, id FROM dossier WHERE queue = %[1]s AND queue <> '' AND (due_at, id) > ($1, $2)"
	if beside {
		from = "SELECT aside.due_at, dossier.id FROM aside JOIN dossier ON dossier.id = aside.dossier WHERE aside.queue = %[1]s AND (aside.due_at, aside.dossier) > ($1, $2)"
	}
	q := query{args: []any{after.Sorted, after.ID, limit}}
	where := ""
	if sieve.Procedure != "" {
		where += ` AND procedure = ` + q.arg(sieve.Procedure)
	}
	if !sieve.DueBefore.IsZero() {
		due := "dossier"
		if beside {
			due = "aside"
		}
		where += ` AND ` + due + `.due_at < ` + q.arg(sieve.DueBefore.UnixMilli())
	}
	if sieve.Label != "" {
		where += ` AND dossier.id IN (SELECT labelled.dossier FROM labelled WHERE word = ` + q.arg(sieve.Label) + ` AND agency IN (` + q.list(who.agencies()) + `))`
	}
	var parts []string
	for i, p := range who.queues(work) {
		parts = append(parts, fmt.Sprintf(`SELECT * FROM (`+from+`%[2]s ORDER BY 1, 2 LIMIT $3) AS q%[3]d`, q.arg(p.key), where+p.condition(&q), i))
	}
	if beside { // listed by the instant that the place has of its own
		return `SELECT ` + besideColumns +
			` FROM (SELECT due_at, id FROM (` + strings.Join(parts, ` UNION ALL `) + `) AS p ORDER BY due_at, id LIMIT $3) AS q JOIN dossier ON dossier.id = q.id ORDER BY q.due_at, q.id`, q.args
	}
	return `SELECT ` + itemColumns + ` FROM dossier WHERE id IN (SELECT id FROM (` + strings.Join(parts, ` UNION ALL `) + ` ORDER BY due_at, id LIMIT $3) AS q) ORDER BY due_at, id`, q.args
}

// query collects the arguments of a statement.
type query struct{ args []any }

func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return fmt.Sprintf("$%d", len(q.args))
}

func (q *query) list(values []string) string {
	var marks []string
	for _, v := range values {
		marks = append(marks, q.arg(v))
	}
	return strings.Join(marks, ", ")
}

// Unit lists the open and closed dossiers of an agency an officer works for,
// newest first: what a head or leader looks through. That it was is noted.
func (b *Book) Unit(ctx context.Context, who Actor, at agency.ID, limit int, before int64) ([]Item, error) {
	if !who.Works(at) {
		return nil, refusal.New(refusal.NotFound, "agency.unknown", "agency", string(at))
	}
	if before == 0 {
		before = 1<<63 - 1
	}
	var items []Item
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		q := query{args: []any{string(at), before, limit}}
		sql := `SELECT ` + itemColumns + ` FROM dossier WHERE competent = $1 AND id < $2 AND ` + who.seen(&q) + ` ORDER BY id DESC LIMIT $3`
		for row := range tx.Query(sql, q.args...) {
			items = append(items, scanItem(tx, row))
		}
		return tx.Err()
	})
	if err != nil {
		return nil, err
	}
	return items, b.listed(ctx, who, Listing{What: ListedUnit, Of: at, N: len(items), Codes: codesOf(items)})
}

// Picked are the dossiers of codes that an officer may see, in their order. That they
// were shown is noted.
func (b *Book) Picked(ctx context.Context, who Actor, codes []Code) ([]State, error) {
	var list []State
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for _, code := range codes {
			s, err := findSeen(tx, who, code)
			if err == nil {
				list = append(list, *s)
			} else if !refusal.Is(err, refusal.NotFound) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	l := Listing{What: ListedBatch}
	for i := range list {
		l.Codes = append(l.Codes, list[i].Code)
	}
	return list, b.listed(ctx, who, l)
}

// Mine lists an applicant's dossiers, newest first.
func (b *Book) Mine(ctx context.Context, who Actor, limit int, after After) ([]Item, *After, error) {
	if after == (After{}) {
		after.Sorted = 1<<63 - 1
	}
	items := []Item{}
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT `+itemColumns+` FROM dossier WHERE account = $1 AND (sent_at, id) < ($2, $3) ORDER BY sent_at DESC, id DESC LIMIT $4`, who.Account, after.Sorted, after.ID, limit+1) {
			items = append(items, scanItem(tx, row))
		}
		return tx.Err()
	})
	if err != nil || len(items) <= limit {
		return items, nil, err
	}
	last := items[limit-1]
	return items[:limit], &After{last.SentAt.UnixMilli(), last.id}, nil
}

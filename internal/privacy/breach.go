// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// Breach is an incident with personal data: what is known of it, entry by entry, and
// the clock to the notice that the ministry is given (72 hours).
type Breach struct {
	ID       int64     `json:"-"`
	Number   string    `json:"number"`
	Version  int       `json:"version"`
	Incident           // as it is known now
	Law      regime.ID `json:"law"`
	NotifyBy time.Time `json:"notify_by"`
	SentAt   time.Time `json:"sent_at,omitzero"` // the notice to the ministry
	SentAs   string    `json:"sent_as,omitempty"`
	ClosedAt time.Time `json:"closed_at,omitzero"`
	Entries  []Entry   `json:"-"`
}

// Incident is what the notice to the ministry says.
type Incident struct {
	Title        string    `json:"title,omitempty"`
	HappenedAt   time.Time `json:"happened_at,omitzero"` // zero is not known
	NoticedAt    time.Time `json:"noticed_at,omitzero"`
	Kind         string    `json:"kind,omitempty"` // one of BreachKinds
	What         string    `json:"what,omitempty"`
	Whose        string    `json:"whose,omitempty"`
	HowMany      int       `json:"how_many,omitempty"`
	Data         string    `json:"data,omitempty"` // kinds of data
	Consequences string    `json:"consequences,omitempty"`
	Measures     string    `json:"measures,omitempty"`
}

// BreachKinds are what can happen to data: seen or taken, changed, lost.
var BreachKinds = []string{"confidentiality", "integrity", "availability"}

// Entry is what was added to the register, when and by whom; none is changed.
type Entry struct {
	Seq  int       `json:"-"`
	At   time.Time `json:"-"`
	Act  string    `json:"act"`
	By   int64     `json:"by"`
	Name string    `json:"name"`
	Incident
	Law      regime.ID `json:"law,omitempty"`
	NotifyBy time.Time `json:"notify_by,omitzero"`
	Note     string    `json:"note,omitempty"` // why it is added to, the number of the notice, what people are told
	SentAt   time.Time `json:"sent_at,omitzero"`
	All      bool      `json:"all,omitempty"`     // everybody with an account is told
	Told     int       `json:"told,omitempty"`    // how many were
	Unknown  int       `json:"unknown,omitempty"` // how many of those named have no account
}

// What is added to the register.
const (
	BreachRecord = "record"
	BreachAmend  = "amend"
	BreachNotify = "notify" // the ministry
	BreachTell   = "tell"   // the people
	BreachClose  = "close"
)

func (b *Breach) apply(e Entry) {
	b.Version = e.Seq
	switch e.Act {
	case BreachRecord, BreachAmend:
		if e.Act == BreachRecord {
			b.Law, b.NotifyBy = e.Law, e.NotifyBy
			b.NoticedAt = e.NoticedAt
		}
		b.Incident.amend(e.Incident)
	case BreachNotify:
		b.SentAt, b.SentAs = e.SentAt, e.Note
	case BreachClose:
		b.ClosedAt = e.At
	}
	b.Entries = append(b.Entries, e)
}

// amend takes what is known better now. When it was noticed does not change: the
// clock runs from it.
func (i *Incident) amend(now Incident) {
	for _, x := range []struct {
		to   *string
		from string
	}{{&i.Title, now.Title}, {&i.Kind, now.Kind}, {&i.What, now.What}, {&i.Whose, now.Whose}, {&i.Data, now.Data}, {&i.Consequences, now.Consequences}, {&i.Measures, now.Measures}} {
		if x.from != "" {
			*x.to = x.from
		}
	}
	if now.HowMany != 0 {
		i.HowMany = now.HowMany
	}
	if !now.HappenedAt.IsZero() {
		i.HappenedAt = now.HappenedAt
	}
}

// Late is true when the ministry was told too late, or is not told in time.
func (b *Breach) Late(now time.Time) bool {
	if b.SentAt.IsZero() {
		return now.After(b.NotifyBy)
	}
	return b.SentAt.After(b.NotifyBy)
}

func (b *Breach) dueMs() int64 {
	if !b.SentAt.IsZero() {
		return 0
	}
	return b.NotifyBy.UnixMilli()
}

// Record puts a breach into the register. The clock runs from when it was noticed.
func (o *Office) Record(ctx context.Context, who dossier.Actor, i Incident) (Breach, error) {
	var b Breach
	if err := officersOnly(who); err != nil {
		return b, err
	}
	now := o.now()
	if err := i.check(now, true); err != nil {
		return b, err
	}
	err := o.DB.Write(ctx, func(tx *db.Tx) (err error) {
		b = Breach{ID: db.NewID()}
		if b.Number, err = numbered(tx, "SC", now); err != nil {
			return err
		}
		law := regime.DataLawOn(calendar.DateOf(i.NoticedAt))
		_, cal, err := o.Site.Calendar("")
		if err != nil {
			return err
		}
		e := Entry{At: now, Act: BreachRecord, Incident: i, Law: law.ID}
		if e.NotifyBy, err = law.Breach.End(i.NoticedAt, 0, cal); err != nil {
			return err
		}
		return o.enter(tx, who, &b, e)
	})
	return b, err
}

// check tidies what is said of an incident and refuses what is wrong or, of a new
// one, missing.
func (i *Incident) check(now time.Time, fresh bool) error {
	var wrong []refusal.Field
	for _, x := range []struct {
		id   string
		text *string
		need bool
	}{{"title", &i.Title, true}, {"what", &i.What, true}, {"whose", &i.Whose, true}, {"data", &i.Data, true}, {"consequences", &i.Consequences, false}, {"measures", &i.Measures, false}} {
		*x.text = form.TidyText(*x.text)
		if fresh && x.need && *x.text == "" {
			wrong = append(wrong, refusal.At("/"+x.id, "form.required"))
		}
		if utf8.RuneCountInString(*x.text) > textMost {
			wrong = append(wrong, refusal.At("/"+x.id, "form.length", "max", textMost))
		}
	}
	if (fresh || i.Kind != "") && !slices.Contains(BreachKinds, i.Kind) {
		wrong = append(wrong, refusal.At("/kind", "form.choice"))
	}
	if i.HowMany < 0 {
		wrong = append(wrong, refusal.At("/how_many", "form.min", "min", 0))
	}
	if fresh && (i.NoticedAt.IsZero() || i.NoticedAt.After(now)) {
		wrong = append(wrong, refusal.At("/noticed_day", "privacy.breach.noticed"))
	}
	if !i.HappenedAt.IsZero() && i.HappenedAt.After(now) {
		wrong = append(wrong, refusal.At("/happened_day", "privacy.breach.happened"))
	}
	return refusal.Fields("request.invalid", wrong)
}

// enter adds an entry and writes it with the fold.
func (o *Office) enter(tx *db.Tx, who dossier.Actor, b *Breach, e Entry) error {
	e.Seq, e.By, e.Name = b.Version+1, who.Account, who.Name
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	b.apply(e)
	tx.Exec(`INSERT INTO data_breach_entry (breach, seq, at, body) VALUES ($1, $2, $3, $4)`, b.ID, e.Seq, e.At.UnixMilli(), string(body))
	fold, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if e.Seq == 1 {
		tx.Exec(`INSERT INTO data_breach (id, number, noticed_at, version, due_at, body, telling, told_to) VALUES ($1, $2, $3, $4, $5, $6, 0, 0)`,
			b.ID, b.Number, b.NoticedAt.UnixMilli(), b.Version, b.dueMs(), string(fold))
	} else {
		tx.ExecOne(`UPDATE data_breach SET version = $1, due_at = $2, body = $3 WHERE id = $4 AND version = $5`, b.Version, b.dueMs(), string(fold), b.ID, b.Version-1)
	}
	if e.All {
		tx.ExecOne(`UPDATE data_breach SET telling = $1, told_to = 0 WHERE id = $2`, e.Seq, b.ID)
	}
	return o.note(tx, who, e.At, "breach: "+e.Act, b.Number, "sum", sumOf(b.ID, e.Seq, e.At.UnixMilli(), string(body)))
}

// add finds a breach that is as it was seen and adds an entry to it.
func (o *Office) add(ctx context.Context, who dossier.Actor, number string, version int, entry func(tx *db.Tx, b *Breach) (Entry, error)) (Breach, error) {
	var b Breach
	if err := officersOnly(who); err != nil {
		return b, err
	}
	err := o.write(ctx, func(tx *db.Tx) (err error) {
		if b, err = findBreach(tx, number); err != nil {
			return err
		}
		if b.Version != version {
			return refusal.New(refusal.Conflict, "privacy.changed")
		}
		if !b.ClosedAt.IsZero() {
			return refusal.New(refusal.NotNow, "privacy.breach.closed")
		}
		e, err := entry(tx, &b)
		if err != nil {
			return err
		}
		e.At = o.now()
		return o.enter(tx, who, &b, e)
	})
	return b, err
}

// Amend adds what is known better now, with why.
func (o *Office) Amend(ctx context.Context, who dossier.Actor, number string, version int, i Incident, note string) (Breach, error) {
	return o.add(ctx, who, number, version, func(tx *db.Tx, b *Breach) (Entry, error) {
		note, err := noted(note, "/note")
		if err == nil {
			i.NoticedAt = time.Time{}
			err = i.check(o.now(), false)
		}
		return Entry{Act: BreachAmend, Incident: i, Note: note}, err
	})
}

// Notify notes that the ministry was told: when, and under which number.
func (o *Office) Notify(ctx context.Context, who dossier.Actor, number string, version int, at time.Time, as string) (Breach, error) {
	return o.add(ctx, who, number, version, func(tx *db.Tx, b *Breach) (Entry, error) {
		var wrong []refusal.Field
		as = form.Tidy(as)
		if as == "" {
			wrong = append(wrong, refusal.At("/as", "form.required"))
		}
		if at.IsZero() || at.After(o.now()) || at.Before(b.NoticedAt) {
			wrong = append(wrong, refusal.At("/sent_day", "privacy.breach.sent"))
		}
		return Entry{Act: BreachNotify, SentAt: at, Note: as}, refusal.Fields("request.invalid", wrong)
	})
}

// Shut closes a breach that the ministry was told of, with what came of it.
func (o *Office) Shut(ctx context.Context, who dossier.Actor, number string, version int, note string) (Breach, error) {
	return o.add(ctx, who, number, version, func(tx *db.Tx, b *Breach) (Entry, error) {
		if b.SentAt.IsZero() {
			return Entry{}, refusal.New(refusal.NotNow, "privacy.breach.unsent").Because(regime.FindDataLaw(b.Law).BreachBy)
		}
		note, err := noted(note, "/note")
		return Entry{Act: BreachClose, Note: note}, err
	})
}

func noted(text, pointer string) (string, error) {
	text = form.TidyText(text)
	switch {
	case text == "":
		return "", refusal.Fields("request.invalid", []refusal.Field{refusal.At(pointer, "form.required")})
	case utf8.RuneCountInString(text) > textMost:
		return "", refusal.Fields("request.invalid", []refusal.Field{refusal.At(pointer, "form.length", "max", textMost)})
	}
	return text, nil
}

// namedMost is how many people are named at once.
const namedMost = 1000

// Tell tells people in plain words what happened to their data and what they can do:
// those who are named by dossier code, personal number or login, or everybody who has
// an account.
func (o *Office) Tell(ctx context.Context, who dossier.Actor, number string, version int, text string, named []string, all bool) (Breach, error) {
	return o.add(ctx, who, number, version, func(tx *db.Tx, b *Breach) (Entry, error) {
		text, err := noted(text, "/text")
		if err != nil {
			return Entry{}, err
		}
		e := Entry{Act: BreachTell, Note: text, All: all}
		if all {
			return e, nil
		}
		if len(named) == 0 {
			return e, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/named", "form.required")})
		}
		if len(named) > namedMost {
			return e, refusal.Fields("request.invalid", []refusal.Field{refusal.At("/named", "privacy.breach.named", "n", namedMost)})
		}
		accounts, err := o.whoAre(tx, named, &e)
		for _, a := range accounts {
			dossier.Tell(tx, a, b.Number, NoticeBreach, o.now())
		}
		e.Told = len(accounts)
		if err == nil && e.Told == 0 {
			err = refusal.Fields("request.invalid", []refusal.Field{refusal.At("/named", "privacy.breach.nobody")})
		}
		return e, err
	})
}

// whoAre are the accounts of who is named, each once.
func (o *Office) whoAre(tx *db.Tx, named []string, e *Entry) ([]int64, error) {
	var accounts []int64
	for _, n := range named {
		var id int64
		n = strings.TrimSpace(n)
		found, err := tx.One(`SELECT account FROM dossier WHERE code = $1 AND account <> 0`, []any{strings.ToUpper(n)}, &id)
		if err == nil && !found {
			found, err = tx.One(`SELECT id FROM account WHERE verified = $1 AND verified <> ''`, []any{n}, &id)
		}
		if err == nil && !found {
			found, err = tx.One(`SELECT id FROM account WHERE login = $1`, []any{strings.ToLower(n)}, &id)
		}
		switch {
		case err != nil:
			return nil, err
		case !found:
			e.Unknown++
		case !slices.Contains(accounts, id):
			accounts = append(accounts, id)
		}
	}
	return accounts, nil
}

// Deliver tells at most n people of what everybody is being told; it returns how many
// it told.
func (o *Office) Deliver(ctx context.Context, n int) (int, error) {
	told := 0
	err := o.write(ctx, func(tx *db.Tx) error {
		told = 0
		var breach, seq, last, at int64
		var number string
		found, err := tx.One(`SELECT b.id, b.number, b.telling, b.told_to, e.at FROM data_breach b JOIN data_breach_entry e ON e.breach = b.id AND e.seq = b.telling WHERE b.telling > 0 ORDER BY b.id LIMIT 1`, nil, &breach, &number, &seq, &last, &at)
		if !found || err != nil {
			return err
		}
		after := last
		var ids []int64
		for row := range tx.Query(`SELECT id FROM account WHERE id > $1 AND kind = 'citizen' AND person NOT LIKE '%"kind":"organisation"%' AND merged = 0 AND name <> '' ORDER BY id LIMIT $2`, after, n) {
			var id int64
			row.Scan(&id)
			ids = append(ids, id)
		}
		for _, id := range ids {
			dossier.Tell(tx, id, number, NoticeBreach, time.UnixMilli(at))
			last = id
		}
		if told = len(ids); told < n {
			seq = 0
		}
		tx.ExecOne(`UPDATE data_breach SET telling = $1, told_to = $2 WHERE id = $3 AND told_to = $4`, seq, last, breach, after)
		return tx.Err()
	})
	return told, err
}

// Breach returns a breach of the register.
func (o *Office) Breach(ctx context.Context, who dossier.Actor, number string) (Breach, error) {
	var b Breach
	if err := officersOnly(who); err != nil {
		return b, err
	}
	err := o.DB.Read(ctx, func(tx *db.Tx) (err error) {
		b, err = findBreach(tx, number)
		return err
	})
	return b, err
}

// Told returns what a person was told of a breach, the last first; NotFound for who
// was not.
func (o *Office) Told(ctx context.Context, who dossier.Actor, number string) ([]Entry, error) {
	var list []Entry
	err := o.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		told := map[int64]bool{}
		for row := range tx.Query(`SELECT at FROM notice WHERE account = $1 AND code = $2 AND kind = '`+NoticeBreach+`'`, who.Account, number) {
			var at int64
			row.Scan(&at)
			told[at] = true
		}
		if len(told) == 0 || tx.Err() != nil {
			return tx.Err()
		}
		b, err := findBreach(tx, number)
		for _, e := range slices.Backward(b.Entries) {
			if e.Act == BreachTell && told[e.At.UnixMilli()] {
				list = append(list, e)
			}
		}
		return err
	})
	if err == nil && len(list) == 0 {
		err = refusal.New(refusal.NotFound, "privacy.breach.unknown")
	}
	return list, err
}

// Breaches lists the register, those whose clock runs first.
func (o *Office) Breaches(ctx context.Context, who dossier.Actor) ([]Breach, error) {
	if err := officersOnly(who); err != nil {
		return nil, err
	}
	var list []Breach
	err := o.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for row := range tx.Query(`SELECT id, body FROM data_breach ORDER BY CASE WHEN due_at = 0 THEN 1 ELSE 0 END, due_at, noticed_at DESC LIMIT 500`) {
			b, err := scanBreach(row)
			if err != nil {
				return err
			}
			list = append(list, b)
		}
		return tx.Err()
	})
	return list, err
}

func scanBreach(row db.Row) (Breach, error) {
	var b Breach
	var body []byte
	row.Scan(&b.ID, &body)
	if err := json.Unmarshal(body, &b); err != nil {
		return b, fmt.Errorf("breach %d: %w", b.ID, err)
	}
	return b, nil
}

func findBreach(tx *db.Tx, number string) (Breach, error) {
	var b Breach
	var fault error
	found := false
	for row := range tx.Query(`SELECT id, body FROM data_breach WHERE number = $1`, number) {
		b, fault = scanBreach(row)
		found = true
	}
	switch {
	case tx.Err() != nil || fault != nil:
		if fault == nil {
			fault = tx.Err()
		}
		return b, fault
	case !found:
		return b, refusal.New(refusal.NotFound, "privacy.breach.unknown")
	}
	b.Entries, fault = entries(tx, b.ID)
	return b, fault
}

func entries(tx *db.Tx, breach int64) ([]Entry, error) {
	var list []Entry
	for row := range tx.Query(`SELECT seq, at, body FROM data_breach_entry WHERE breach = $1 ORDER BY seq`, breach) {
		var e Entry
		var at int64
		var body []byte
		row.Scan(&e.Seq, &at, &body)
		if err := json.Unmarshal(body, &e); err != nil {
			return nil, fmt.Errorf("breach %d: %w", breach, err)
		}
		e.At = time.UnixMilli(at).In(calendar.Zone)
		list = append(list, e)
	}
	return list, tx.Err()
}

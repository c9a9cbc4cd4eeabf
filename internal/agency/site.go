// SPDX-License-Identifier: Apache-2.0

package agency

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/form"
)

// Site is one province or ministry: its directory, calendar and terms, kept in
// its database and held in memory.
type Site struct {
	db        *db.DB
	now       func() time.Time
	current   atomic.Pointer[snapshot]
	calendars sync.Map // pin → *calendar.Calendar
	loading   sync.Mutex
}

type snapshot struct {
	revision  int64
	day       calendar.Date
	directory *Directory
	calendar  int64 // number of the edition in force
	terms     Terms
	outages   []Outage
	schedule  Schedule
}

// pin is an edition, the newest one that may add years to it, and office hours.
type pin struct {
	number, newest int64
	hours          string
}

// Terms are the site's own words: its name, fields of work and life events.
type Terms struct {
	Name       form.Text `json:"name"`
	Fields     []Term    `json:"fields"`
	LifeEvents []Term    `json:"life_events"`

	SupplementWithin calendar.Limit `json:"supplement_within"` // how long an applicant has to complete a dossier
	CollectWithin    calendar.Limit `json:"collect_within"`    // after how long a result counts as not collected
	Reasons          []Reason       `json:"reasons"`

	ListedFor int `json:"listed_for"` // days for which a list of what is to be destroyed stands before it is carried out, once approved
}

// Reason is a sentence of the library from which officers say why: the same
// defect is told in the same words.
type Reason struct {
	Code  string    `json:"code"`
	For   []string  `json:"for"` // some of Purposes
	Text  form.Text `json:"text"`
	Basis string    `json:"basis,omitempty"`
}

// ReasonsFor lists the reasons for a purpose.
func (t Terms) ReasonsFor(purpose string) []Reason {
	var list []Reason
	for _, r := range t.Reasons {
		if slices.Contains(r.For, purpose) {
			list = append(list, r)
		}
	}
	return list
}

// Reason finds a reason by its code; nil if there is none.
func (t Terms) Reason(code string) *Reason {
	for i := range t.Reasons {
		if t.Reasons[i].Code == code {
			return &t.Reasons[i]
		}
	}
	return nil
}

// Term is a key with its words.
type Term struct {
	Key  string    `json:"key"`
	Name form.Text `json:"name"`
}

// Field returns the words of a field of work; the key itself if it has none.
func (t Terms) Field(key string) form.Text { return word(t.Fields, key) }

// LifeEvent returns the words of a life event.
func (t Terms) LifeEvent(key string) form.Text { return word(t.LifeEvents, key) }

func word(terms []Term, key string) form.Text {
	for _, t := range terms {
		if t.Key == key {
			return t.Name
		}
	}
	return form.Text{VI: key}
}

const revisionName = "site"

// OpenSite reads a site as it is on the day that its clock says.
func OpenSite(ctx context.Context, d *db.DB, now func() time.Time) (*Site, error) {
	s := &Site{db: d, now: now}
	return s, s.Refresh(ctx)
}

// Directory returns the agencies and officers as they are now.
func (s *Site) Directory() *Directory { return s.current.Load().directory }

// Terms returns the site's words.
func (s *Site) Terms() Terms { return s.current.Load().terms }

// Refresh reads the site again if it has changed, or another day has begun.
func (s *Site) Refresh(ctx context.Context) error {
	revision, err := s.db.Revision(ctx, revisionName)
	if err != nil {
		return err
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	day := calendar.DateOf(s.now())
	if c := s.current.Load(); c != nil && c.revision == revision && c.day == day {
		return nil
	}
	snap := &snapshot{revision: revision, day: day}
	if err := s.db.Read(ctx, func(tx *db.Tx) error { return s.read(tx, snap) }); err != nil {
		return fmt.Errorf("site: %w", err)
	}
	s.current.Store(snap)
	return nil
}

func (s *Site) read(tx *db.Tx, snap *snapshot) error {
	var fault error
	if snap.directory, fault = readDirectory(tx, snap.day); fault != nil {
		return fault
	}
	var body []byte
	if found, err := tx.One(`SELECT body FROM setting WHERE name = 'terms'`, nil, &body); err != nil {
		return err
	} else if found {
		if err := json.Unmarshal(body, &snap.terms); err != nil {
			return err
		}
	}
	if snap.outages, fault = readOutages(tx); fault != nil {
		return fault
	}
	if snap.schedule, fault = readSchedule(tx); fault != nil {
		return fault
	}
	if _, err := tx.One(`SELECT MAX(number) FROM calendar`, nil, &snap.calendar); err != nil {
		return err
	}
	if snap.calendar > 0 {
		_, err := s.edition(tx, pin{snap.calendar, snap.calendar, ""})
		return err
	}
	return nil
}

// DirectoryIn reads the agencies and officers as a transaction finds them.
func (s *Site) DirectoryIn(tx *db.Tx) (*Directory, error) {
	return readDirectory(tx, calendar.DateOf(s.now()))
}

func readDirectory(tx *db.Tx, day calendar.Date) (*Directory, error) {
	var agencies []Agency
	var officers []Officer
	for row := range tx.Query(`SELECT body FROM agency ORDER BY rank, id, valid_from`) {
		var body []byte
		row.Scan(&body)
		var a Agency
		if err := json.Unmarshal(body, &a); err != nil {
			return nil, err
		}
		agencies = append(agencies, a)
	}
	byOwner := map[int64]int{}
	for row := range tx.Query(`SELECT id, login, name, left_at FROM account WHERE kind = 'officer' ORDER BY id`) {
		var o Officer
		var left int64
		row.Scan(&o.Account, &o.Login, &o.Name, &left)
		o.Left = left != 0
		byOwner[o.Account] = len(officers)
		officers = append(officers, o)
	}
	if err := readPosts(tx, officers, byOwner); err != nil {
		return nil, err
	}
	if err := readAbsences(tx, officers, byOwner); err != nil {
		return nil, err
	}
	return NewDirectory(agencies, officers, day), tx.Err()
}

// Calendar returns the calendar in force with an agency's own office hours
// ("" for the calendar's), and its number, which reception pins.
func (s *Site) Calendar(hours string) (int64, *calendar.Calendar, error) {
	number := s.current.Load().calendar
	own := pin{number, number, hours}
	if c, ok := s.calendars.Load(own); ok {
		return number, c.(*calendar.Calendar), nil
	}
	c, ok := s.calendars.Load(pin{number, number, ""})
	if !ok {
		return 0, nil, fmt.Errorf("site has no calendar")
	}
	kept, err := s.keep(own, c.(*calendar.Calendar))
	return number, kept, err
}

// HoursOn returns the office hours of an agency on a day, if it is a working
// day: its own, or the calendar's.
func (s *Site) HoursOn(a *Agency, day calendar.Date) (calendar.Spans, error) {
	_, cal, err := s.Calendar(a.Hours)
	if err != nil {
		return nil, err
	}
	return cal.Hours().On(day), nil
}

// keep gives a calendar an agency's own hours, once.
func (s *Site) keep(p pin, c *calendar.Calendar) (*calendar.Calendar, error) {
	if p.hours != "" {
		h, err := calendar.ParseHours(p.hours)
		if err != nil {
			return nil, err
		}
		c = c.WithHours(h)
	}
	s.calendars.Store(p, c)
	return c, nil
}

// CalendarEdition returns a pinned calendar. A year that was not announced when
// it was pinned is that of the first later edition which has it: what was
// received before goes on in that year, and counts the same for ever.
func (s *Site) CalendarEdition(tx *db.Tx, number int64, hours string) (*calendar.Calendar, error) {
	return s.edition(tx, pin{number, max(number, s.current.Load().calendar), hours})
}

func (s *Site) edition(tx *db.Tx, p pin) (*calendar.Calendar, error) {
	if c, ok := s.calendars.Load(p); ok {
		return c.(*calendar.Calendar), nil
	}
	var pinned *calendar.Calendar
	var fault error
	for row := range tx.Query(`SELECT body FROM calendar WHERE number BETWEEN $1 AND $2 ORDER BY number`, p.number, p.newest) {
		var body []byte
		row.Scan(&body)
		c := new(calendar.Calendar)
		if fault = json.Unmarshal(body, c); fault != nil {
			break
		}
		if pinned == nil {
			pinned = c
		} else {
			pinned = pinned.WithYears(c)
		}
	}
	switch {
	case fault != nil:
		return nil, fmt.Errorf("calendar edition %d: %w", p.number, fault)
	case tx.Err() != nil:
		return nil, tx.Err()
	case pinned == nil:
		return nil, fmt.Errorf("no calendar edition %d", p.number)
	}
	return s.keep(p, pinned)
}

// PublishCalendar makes a calendar the one in force. What was published before
// stays for the dossiers that pinned it.
func PublishCalendar(tx *db.Tx, c *calendar.Calendar) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	var number int64
	var newest []byte
	if _, err := tx.One(`SELECT number, body FROM calendar ORDER BY number DESC LIMIT 1`, nil, &number, &newest); err != nil || string(newest) == string(body) {
		return err
	}
	tx.Exec(`INSERT INTO calendar (number, body) VALUES ($1, $2)`, number+1, string(body))
	tx.Mark("calendar", `number = $1`, number+1)
	tx.Touch(revisionName)
	return tx.Err()
}

// Announce puts holidays in the place of what was known of the years in which
// they fall; other years stay. A dossier keeps the years it was received with.
func (s *Site) Announce(ctx context.Context, by audit.By, holidays []calendar.Holiday) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, current, err := s.Calendar("")
		if err != nil {
			return err
		}
		if err := s.note(tx, by, "holidays", "days", len(holidays)); err != nil {
			return err
		}
		return PublishCalendar(tx, calendar.New(holidays, current.Hours()).WithYears(current))
	})
}

// SaveAgencies writes editions of agencies; new ones are listed after those that
// are there, in this order. An edition that names no day and differs from what
// is there begins today.
func SaveAgencies(tx *db.Tx, agencies []Agency, today calendar.Date) error {
	for _, a := range agencies {
		if a.Hours != "" {
			if _, err := calendar.ParseHours(a.Hours); err != nil {
				return fmt.Errorf("agency %s: %w", a.ID, err)
			}
		}
		if err := a.save(tx, today); err != nil {
			return err
		}
	}
	tx.Touch(revisionName)
	return tx.Err()
}

func (a Agency) save(tx *db.Tx, today calendar.Date) error {
	var rank int64
	var text []byte
	there, err := tx.One(`SELECT rank, body FROM agency WHERE id = $1 ORDER BY valid_from DESC LIMIT 1`, []any{string(a.ID)}, &rank, &text)
	if err == nil && !there {
		_, err = tx.One(`SELECT COALESCE(MAX(rank), 0) + 1 FROM agency`, nil, &rank)
	}
	if err != nil {
		return err
	}
	if there && a.From.IsZero() {
		var newest Agency
		if err := json.Unmarshal(text, &newest); err != nil {
			return fmt.Errorf("agency %s: %w", a.ID, err)
		}
		a.From = newest.From
		if !reflect.DeepEqual(a, newest) {
			a.From = today
		}
	}
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return tx.Amend("agency", `id = $1 AND valid_from = $2`, []any{string(a.ID), a.From.String()}, func() {
		tx.Exec(`INSERT INTO agency (id, valid_from, rank, body) VALUES ($1, $2, $3, $4) ON CONFLICT (id, valid_from) DO UPDATE SET body = excluded.body`,
			string(a.ID), a.From.String(), rank, string(body))
	})
}

// SaveTerms writes the site's words.
func SaveTerms(tx *db.Tx, t Terms) error {
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	tx.Touch(revisionName)
	return SaveSetting(tx, "terms", string(body))
}

// SaveSetting writes what holds for the site under a name.
func SaveSetting(tx *db.Tx, name, body string) error {
	return tx.Amend("setting", `name = $1`, []any{name}, func() {
		tx.Exec(`INSERT INTO setting (name, body) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body`, name, body)
	})
}

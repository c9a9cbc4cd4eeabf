// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Catalogue is the procedures of a site. What is offered is held in memory;
// editions are immutable, so what was read once stays true.
type Catalogue struct {
	db       *db.DB
	life     context.Context // of what goes on behind calls
	current  atomic.Pointer[shelf]
	editions sync.Map // key → *Edition
	loading  sync.Mutex
	building sync.WaitGroup
}

// shelf is the catalogue at one moment.
type shelf struct {
	revision int64
	byCode   map[string][]term
	entries  []Entry
	texts    [][]weighed // what each entry is found by
	index    atomic.Pointer[finder]
}

// term is an edition and the days it is in force.
type term struct {
	number   int
	from, to calendar.Date
}

type key struct {
	code   string
	number int
}

// revisionName is touched when procedures change.
const revisionName = "procedure"

// OpenCatalogue reads the catalogue of a site; ctx is its life.
func OpenCatalogue(ctx context.Context, d *db.DB) (*Catalogue, error) {
	c := &Catalogue{db: d, life: ctx}
	return c, c.Refresh(ctx)
}

// Refresh reads the catalogue again if another process, or this one, changed it.
func (c *Catalogue) Refresh(ctx context.Context) error {
	revision, err := c.db.Revision(ctx, revisionName)
	if err != nil {
		return err
	}
	c.loading.Lock()
	defer c.loading.Unlock()
	if s := c.current.Load(); s != nil && s.revision == revision {
		return nil
	}
	s := &shelf{revision: revision, byCode: map[string][]term{}}
	err = c.db.Read(ctx, func(tx *db.Tx) error { return c.readEditions(tx, s) })
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	if old := c.current.Load(); old != nil {
		c.Settle()
		s.index.Store(old.index.Load()) // the old index serves until the new one is built
	}
	c.current.Store(s)
	c.build(s)
	return nil
}

func (c *Catalogue) readEditions(tx *db.Tx, s *shelf) error {
	var fault error
	latest := map[string]*Edition{}
	for row := range tx.Query(`SELECT code, number, valid_from, valid_to, body FROM edition ORDER BY code, number`) {
		var code, from, to string
		var number int
		var body []byte
		row.Scan(&code, &number, &from, &to, &body)
		e, err := c.keep(code, number, body)
		if err != nil {
			fault = err
			break
		}
		t := term{number: number}
		if fault = t.from.UnmarshalText([]byte(from)); fault != nil {
			break
		}
		if fault = t.to.UnmarshalText([]byte(to)); fault != nil {
			break
		}
		s.byCode[code] = append(s.byCode[code], t)
		latest[code] = e
	}
	if fault != nil {
		return fault
	}
	codes := make([]string, 0, len(latest))
	for code := range latest {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		e, texts := entryOf(latest[code])
		s.entries, s.texts = append(s.entries, e), append(s.texts, texts)
	}
	return tx.Err()
}

// keep parses an edition once.
func (c *Catalogue) keep(code string, number int, body []byte) (*Edition, error) {
	k := key{code, number}
	if e, ok := c.editions.Load(k); ok {
		return e.(*Edition), nil
	}
	var e Edition
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, fmt.Errorf("edition %s/%d: %w", code, number, err)
	}
	e.Number = number
	kept, _ := c.editions.LoadOrStore(k, &e)
	return kept.(*Edition), nil
}

// Edition returns an edition, in force or not.
func (c *Catalogue) Edition(tx *db.Tx, code string, number int) (*Edition, error) {
	if e, ok := c.editions.Load(key{code, number}); ok {
		return e.(*Edition), nil
	}
	var body []byte
	found, err := tx.One(`SELECT body FROM edition WHERE code = $1 AND number = $2`, []any{code, number}, &body)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("procedure %s has no edition %d", code, number)
	}
	return c.keep(code, number, body)
}

// InForce returns the edition of a procedure that is in force on a day;
// NotFound if it is not offered then.
func (c *Catalogue) InForce(tx *db.Tx, code string, day calendar.Date) (*Edition, error) {
	if number := inForce(c.current.Load().byCode[code], day); number > 0 {
		return c.Edition(tx, code, number)
	}
	return nil, refusal.New(refusal.NotFound, "procedure.unknown", "code", code)
}

// inForce is the number of the newest edition in force on a day; 0 if none is.
func inForce(terms []term, day calendar.Date) int {
	for i := len(terms) - 1; i >= 0; i-- {
		if t := terms[i]; !day.Before(t.from) && (t.to.IsZero() || !t.to.Before(day)) {
			return t.number
		}
	}
	return 0
}

// Show returns the edition in force on a day, for pages and the API.
func (c *Catalogue) Show(ctx context.Context, code string, day calendar.Date) (*Edition, error) {
	var e *Edition
	err := c.db.Read(ctx, func(tx *db.Tx) (err error) {
		e, err = c.InForce(tx, code, day)
		return err
	})
	return e, err
}

// Pinned returns an edition that a dossier pinned, in force or not.
func (c *Catalogue) Pinned(ctx context.Context, code string, number int) (*Edition, error) {
	var e *Edition
	err := c.db.Read(ctx, func(tx *db.Tx) (err error) {
		e, err = c.Edition(tx, code, number)
		return err
	})
	return e, err
}

// Publish stores an edition as the newest of its code; one that is the same as
// the newest is not stored again. It returns the edition's number.
func Publish(tx *db.Tx, e *Edition) (int, error) {
	e.Number = 0
	body, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	var number int
	var known string
	if _, err := tx.One(`SELECT number, hash FROM edition WHERE code = $1 ORDER BY number DESC LIMIT 1`, []any{e.Facts.Code}, &number, &known); err != nil {
		return 0, err
	}
	if known == hash {
		return number, nil
	}
	to := ""
	if e.Facts.ValidTo != nil {
		to = e.Facts.ValidTo.String()
	}
	tx.Exec(`INSERT INTO edition (code, number, valid_from, valid_to, hash, body) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.Facts.Code, number+1, e.Facts.ValidFrom.String(), to, hash, string(body))
	tx.Touch(revisionName)
	return number + 1, tx.Err()
}

// Verify tells each stored edition whose content is not what was published.
func Verify(tx *db.Tx, wrong func(where, detail string)) {
	for row := range tx.Query(`SELECT code, number, hash, body FROM edition ORDER BY code, number`) {
		var code, hash string
		var number int
		var body []byte
		row.Scan(&code, &number, &hash, &body)
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != hash {
			wrong(fmt.Sprintf("%s/%d", code, number), "the edition is not what was published")
		}
	}
}

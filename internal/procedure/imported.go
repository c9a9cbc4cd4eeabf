// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/search"
)

// ImportSums say what an import did to the catalogue.
type ImportSums struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

// importBatch is how many procedures are written in one transaction.
const importBatch = 100

// Import reads a national catalogue and keeps every readable procedure beside
// what is offered here; run again, it changes only what has changed. Where a
// procedure that is offered here differs, the report names it and the offered
// edition stays. That the catalogue changed is in the journal.
func (c *Catalogue) Import(ctx context.Context, r io.Reader, now time.Time) (ImportReport, ImportSums, error) {
	var sums ImportSums
	var waiting []Imported
	var differ []Finding
	flush := func() error {
		done, err := c.keepImported(ctx, waiting, now)
		sums.New, sums.Changed, sums.Unchanged = sums.New+done.New, sums.Changed+done.Changed, sums.Unchanged+done.Unchanged
		waiting = waiting[:0]
		return err
	}
	report, err := ReadCatalogue(r, func(p Imported) error {
		if e, err := c.Show(ctx, p.Code, calendar.DateOf(now)); err == nil {
			differ = append(differ, differences(&e.Facts, &p)...)
		} else if !refusal.Is(err, refusal.NotFound) {
			return err
		}
		if waiting = append(waiting, p); len(waiting) < importBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	for _, f := range differ {
		report.take(importNotes{code: f.Code, found: []Finding{f}})
	}
	return report, sums, err
}

func (c *Catalogue) keepImported(ctx context.Context, list []Imported, now time.Time) (ImportSums, error) {
	var sums ImportSums
	err := c.db.Write(ctx, func(tx *db.Tx) error {
		sums = ImportSums{}
		for i := range list {
			p := &list[i]
			body, err := json.Marshal(p)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(body)
			hash := hex.EncodeToString(sum[:])
			known := ""
			found, err := tx.One(`SELECT hash FROM imported WHERE code = $1`, []any{p.Code}, &known)
			switch {
			case err != nil:
				return err
			case known == hash:
				sums.Unchanged++
				continue
			case found:
				sums.Changed++
			default:
				sums.New++
			}
			tx.Exec(`INSERT INTO imported (code, hash, body, read_at) VALUES ($1, $2, $3, $4)
				ON CONFLICT (code) DO UPDATE SET hash = excluded.hash, body = excluded.body, read_at = excluded.read_at`, p.Code, hash, string(body), now.UnixMilli())
		}
		if sums.New+sums.Changed == 0 {
			return tx.Err()
		}
		tx.Touch(revisionName)
		return audit.By{}.Note(tx, now, audit.Configured, "catalogue", "new", sums.New, "changed", sums.Changed)
	})
	return sums, err
}

// Imported returns a procedure as the national catalogue publishes it;
// NotFound if it was never imported.
func (c *Catalogue) Imported(ctx context.Context, code string) (*Imported, error) {
	var p Imported
	err := c.db.Read(ctx, func(tx *db.Tx) error {
		var body []byte
		found, err := tx.One(`SELECT body FROM imported WHERE code = $1`, []any{code}, &body)
		if err != nil {
			return err
		}
		if !found {
			return refusal.New(refusal.NotFound, "procedure.unknown", "code", code)
		}
		return json.Unmarshal(body, &p)
	})
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// differences lists where an import says otherwise than the edition offered here.
func differences(f *Facts, p *Imported) []Finding {
	var found []Finding
	differ := func(what, here, there string) {
		found = append(found, Finding{Code: f.Code, Key: ImportDiffers, Detail: fmt.Sprintf("%s: %s ≠ %s", what, here, there), Times: 1})
	}
	if search.Fold(f.Name.VI) != search.Fold(p.Name) {
		differ("tên", f.Name.VI, p.Name)
	}
	if p.Decision != "" && !strings.Contains(f.Decision, p.Decision) && !strings.Contains(p.Decision, f.Decision) {
		differ("quyết định công bố", f.Decision, p.Decision)
	}
	for _, channel := range Channels {
		here := map[calendar.Limit]bool{}
		for i := range f.Cases {
			if l, ok := f.Cases[i].LimitOn(channel); ok {
				here[l] = true
			}
		}
		for _, there := range p.Channels {
			if there.Channel == channel && there.Limit != nil && len(here) > 0 && !here[*there.Limit] {
				differ("thời hạn "+string(channel), limitsText(here), limitText(*there.Limit))
				break
			}
		}
	}
	return found
}

func limitText(l calendar.Limit) string { return fmt.Sprintf("%d %s", l.N, l.Unit) }

func limitsText(set map[calendar.Limit]bool) string {
	var list []string
	for l := range set {
		list = append(list, limitText(l))
	}
	return strings.Join(list, ", ")
}

// entryOfImported is an imported procedure as lists show it, with what it is
// found by.
func entryOfImported(p *Imported) (Entry, []weighed) {
	e := Entry{Code: p.Code, Name: form.Text{VI: p.Name}, Field: strings.ReplaceAll(search.Fold(p.Field), " ", "-"), FieldName: p.Field,
		Levels: p.Levels, Audience: p.Audience}
	texts := []weighed{{p.Name, 8}, {p.Field, 2}}
	for _, r := range p.Results {
		texts = append(texts, weighed{r.Name, 1})
	}
	for _, c := range p.Cases {
		texts = append(texts, weighed{c.Name, 0.5})
		for _, k := range c.Components {
			texts = append(texts, weighed{k.Name, 0.5})
		}
	}
	return e, append(texts, weighed{strings.Join(p.Steps, " . "), 0.25})
}

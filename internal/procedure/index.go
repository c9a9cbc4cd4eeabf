// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"motcua/internal/db"
	"motcua/internal/search"
)

// finder is every procedure known with the index over them; entry i is
// document i. It never changes once built.
type finder struct {
	entries []Entry
	index   *search.Index
}

// build reads what was imported and indexes everything, behind a catalogue
// that serves already; until it is done searches use the index before.
func (c *Catalogue) build(s *shelf) {
	c.building.Add(1)
	go func() {
		defer c.building.Done()
		f, err := c.indexed(s)
		switch {
		case c.life.Err() != nil: // nobody searches any more
		case err != nil:
			slog.Error("catalogue index", "error", err)
		default:
			s.index.Store(f)
			debug.FreeOSMemory() // building takes many times what is kept
		}
	}()
}

// Settle waits until what was read last can be searched.
func (c *Catalogue) Settle() { c.building.Wait() }

func (c *Catalogue) indexed(s *shelf) (*finder, error) {
	f := &finder{entries: s.entries[:len(s.entries):len(s.entries)]}
	docs := make([]search.Document, 0, len(s.entries))
	for i := range s.entries {
		docs = append(docs, document(s.entries[i].Code, s.texts[i]))
	}
	err := c.eachImported(func(p *Imported) {
		if _, offered := s.byCode[p.Code]; offered {
			return
		}
		e, texts := entryOfImported(p)
		f.entries = append(f.entries, e)
		docs = append(docs, document(e.Code, texts))
	})
	if err != nil {
		return nil, err
	}
	f.index, err = search.Build(c.life, docs)
	return f, err
}

func document(code string, texts []weighed) search.Document {
	d := search.Document{ID: code, Fields: make([]search.Field, len(texts))}
	for i, t := range texts {
		d.Fields[i] = search.Field{Text: t.text, Weight: t.weight}
	}
	return d
}

// eachImported reads the imported procedures in the order of their codes, a
// few at a time.
func (c *Catalogue) eachImported(each func(p *Imported)) error {
	const batch = 200
	after := ""
	for {
		n := 0
		err := c.db.Read(c.life, func(tx *db.Tx) error {
			n = 0
			var fault error
			for row := range tx.Query(`SELECT code, body FROM imported WHERE code > $1 ORDER BY code LIMIT $2`, after, batch) {
				var body []byte
				row.Scan(&after, &body)
				var p Imported
				if fault = json.Unmarshal(body, &p); fault != nil {
					return fmt.Errorf("imported %s: %w", after, fault)
				}
				each(&p)
				n++
			}
			return tx.Err()
		})
		if err != nil || n < batch {
			return err
		}
	}
}

// How people type a procedure's code: alone, with the dot or without, with what
// a province adds, or its beginning with the dot; and among other words.
var (
	codeAlone = regexp.MustCompile(`^([1-9])(?:\.?([0-9]{6})(?:[.\-]\S*)?|\.([0-9]{3,5}))$`)
	codeAmong = regexp.MustCompile(`\b([1-9])\.?([0-9]{6})\b`)
)

// search lists what a query finds and the filter keeps, the best first. A code
// alone finds its procedure and nothing beside, one among words finds it first.
func (f *finder) search(want Filter, skip, limit int) []Entry {
	if code := codeAlone.FindStringSubmatch(strings.TrimSpace(want.Query)); code != nil {
		return f.coded(code[1]+"."+code[2]+code[3], want, skip, limit)
	}
	hits := f.index.Find(want.Query, max(skip+limit, namedFirst), func(doc int) bool { return want.keeps(&f.entries[doc]) })
	f.byName(want.Query, hits[:min(len(hits), namedFirst)])
	if code := codeAmong.FindStringSubmatch(want.Query); code != nil {
		hits = f.codeFirst(code[1]+"."+code[2], want, hits)
	}
	hits = hits[:min(len(hits), skip+limit)]
	var found []Entry
	for _, hit := range hits[min(skip, len(hits)):] {
		found = append(found, f.entries[hit.Doc])
	}
	return found
}

// namedFirst is how many of the best hits are looked at by name.
const namedFirst = 30

// byName brings forward, of hits that fit about as well, those whose name says
// little beside what was typed: "đăng ký khai sinh" before "đăng ký lại khai sinh".
func (f *finder) byName(query string, hits []search.Hit) {
	typed := strings.Fields(search.Fold(query))
	for i := range hits {
		words := strings.Fields(search.Fold(f.entries[hits[i].Doc].Name.VI))
		said := 0
		for _, w := range words {
			if slices.Contains(typed, w) {
				said++
			}
		}
		hits[i].Score *= 1 + 0.25*float32(said)/float32(max(len(words), 1))
	}
	slices.SortStableFunc(hits, func(a, b search.Hit) int { return cmp.Compare(b.Score, a.Score) })
}

// coded lists the procedures whose code begins so.
func (f *finder) coded(code string, want Filter, skip, limit int) []Entry {
	var found []Entry
	for i := range f.entries {
		if e := &f.entries[i]; strings.HasPrefix(e.Code, code) && want.keeps(e) {
			found = append(found, *e)
		}
	}
	found = found[min(skip, len(found)):]
	return found[:min(limit, len(found))]
}

// codeFirst puts the procedure of a code before the hits.
func (f *finder) codeFirst(code string, want Filter, hits []search.Hit) []search.Hit {
	doc := slices.IndexFunc(f.entries, func(e Entry) bool { return e.Code == code })
	if doc < 0 || !want.keeps(&f.entries[doc]) {
		return hits
	}
	hits = slices.DeleteFunc(hits, func(h search.Hit) bool { return h.Doc == doc })
	return slices.Insert(hits, 0, search.Hit{Doc: doc})
}

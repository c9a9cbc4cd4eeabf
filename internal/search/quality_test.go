// SPDX-License-Identifier: Apache-2.0

//go:build shared

package search

import (
	"bufio"
	"cmp"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

type row struct {
	Code, Name, Field, Requirements string
	Subjects, Steps, Level          []string
	Executing                       string `json:"executing_agency"`
	Results                         []struct{ Name string }
	Dossier                         []struct {
		Case  string
		Items []struct{ Name string }
	}
}

type asked struct {
	Question string
	Expect   string
	Codes    []string `json:"codes_in_catalog"`
}

func lines[T any](t testing.TB, file string) (all []T) {
	t.Helper()
	f, err := os.Open(filepath.Join(cmp.Or(os.Getenv("MOTCUA_SHARED"), "../../../shared"), "data", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 4<<20)
	for s.Scan() {
		var one T
		if err := json.Unmarshal(s.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// document is a procedure as the catalogue should index it.
func (r *row) document() Document {
	d := Document{ID: r.Code}
	add := func(weight float32, texts ...string) {
		d.Fields = append(d.Fields, Field{strings.Join(texts, " . "), weight})
	}
	add(8, r.Name)
	add(2, r.Field)
	for _, x := range r.Results {
		add(1, x.Name)
	}
	for _, c := range r.Dossier {
		add(0.5, c.Case)
		for _, k := range c.Items {
			add(0.5, k.Name)
		}
	}
	add(0.25, r.Steps...)
	return d
}

// TestQuality asks what people asked; a question counts as answered when a
// right procedure is among the first five.
func TestQuality(t *testing.T) {
	rows := lines[row](t, "procedures/procedures.jsonl")
	var docs []Document
	for i := range rows {
		docs = append(docs, rows[i].document())
	}
	x := Build(docs)
	known := map[string]bool{}
	for _, d := range docs {
		known[d.ID] = true
	}
	for _, file := range []string{"questions/questions-portal-faq.jsonl", "questions/questions-invented.jsonl"} {
		var n, first, five, plainFive int
		plainly := bm25(docs)
		for _, q := range lines[asked](t, file) {
			if !slices.ContainsFunc(q.Codes, func(c string) bool { return known[c] }) {
				continue
			}
			n++
			hits := x.Find(q.Question, 5, nil)
			at := slices.IndexFunc(hits, func(h Hit) bool { return slices.Contains(q.Codes, x.ID(h.Doc)) })
			if at == 0 {
				first++
			}
			if at >= 0 {
				five++
			} else {
				t.Logf("missed: %q wants %v", q.Question, q.Codes)
				for _, h := range hits {
					t.Logf("        %.1f %s %s", h.Score, x.ID(h.Doc), docs[h.Doc].Fields[0].Text)
				}
			}
			if slices.ContainsFunc(plainly(q.Question), func(doc int) bool { return slices.Contains(q.Codes, docs[doc].ID) }) {
				plainFive++
			}
		}
		t.Logf("%s: %d of %d in the first five (%.0f %%), %d first; plain BM25 %d (%.0f %%)", file, five, n, 100*float64(five)/float64(n), first,
			plainFive, 100*float64(plainFive)/float64(n))
	}
}

// bm25 is the yardstick: words and pairs, folded, every field alike.
func bm25(docs []Document) func(query string) []int {
	terms := func(text string) []string {
		var all []string
		for i, w := range tokens(text) {
			all = append(all, w.plain)
			if i > 0 {
				all = append(all, all[len(all)-2]+" "+w.plain)
			}
		}
		return all
	}
	terms = func(text string) []string {
		var all []string
		last := ""
		for _, w := range tokens(text) {
			all = append(all, w.plain)
			if last != "" {
				all = append(all, last+" "+w.plain)
			}
			last = w.plain
		}
		return all
	}
	count := make([]map[string]float64, len(docs))
	length := make([]float64, len(docs))
	df, mean := map[string]float64{}, 0.0
	for i, d := range docs {
		count[i] = map[string]float64{}
		for _, f := range d.Fields {
			for _, w := range terms(f.Text) {
				count[i][w]++
				length[i]++
			}
		}
		for w := range count[i] {
			df[w]++
		}
		mean += length[i] / float64(len(docs))
	}
	return func(query string) []int {
		score := make([]float64, len(docs))
		order := make([]int, len(docs))
		for i := range docs {
			order[i] = i
			for _, w := range terms(query) {
				if tf := count[i][w]; tf > 0 {
					idf := math.Log1p((float64(len(docs)) - df[w] + 0.5) / (df[w] + 0.5))
					score[i] += idf * tf * 2.2 / (tf + 1.2*(0.25+0.75*length[i]/mean))
				}
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
		return order[:5]
	}
}

func TestTime(t *testing.T) {
	begun := time.Now()
	_ = begun
}

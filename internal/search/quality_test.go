// SPDX-License-Identifier: Apache-2.0

//go:build shared

package search

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

type row struct {
	Code, Name, Field string
	Steps             []string
	Results           []struct{ Name string }
	Dossier           []struct {
		Case  string
		Items []struct{ Name string }
	}
}

// asked is a question and the procedures that answer it, any of them.
type asked struct {
	Question string
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
	if err := s.Err(); err != nil {
		t.Fatal(err)
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

func procedures(t testing.TB) (docs []Document) {
	for _, r := range lines[row](t, "procedures/procedures.jsonl") {
		docs = append(docs, r.document())
	}
	return docs
}

// wholeCatalogue is as many procedures as the country has, by repeating those known.
func wholeCatalogue(t testing.TB) []Document {
	docs := procedures(t)
	for i := 0; len(docs) < 6300; i++ {
		docs = append(docs, Document{fmt.Sprintf("%s-%d", docs[i].ID, i), docs[i].Fields})
	}
	return docs
}

// questions are those of a file whose answer is among the documents.
func questions(t testing.TB, file string, docs []Document) []asked {
	known := map[string]bool{}
	for _, d := range docs {
		known[d.ID] = true
	}
	return slices.DeleteFunc(lines[asked](t, file), func(q asked) bool {
		return !slices.ContainsFunc(q.Codes, func(c string) bool { return known[c] })
	})
}

const five = 5

// answered counts the questions with a right answer in the first five.
func answered(qs []asked, find func(query string) []string, missed func(q asked, found []string)) (n int) {
	for _, q := range qs {
		found := find(q.Question)
		if slices.ContainsFunc(found[:min(five, len(found))], func(id string) bool { return slices.Contains(q.Codes, id) }) {
			n++
		} else if missed != nil {
			missed(q, found)
		}
	}
	return n
}

func (x *Index) firstFive(query string) (ids []string) {
	for _, h := range x.Find(query, five, nil) {
		ids = append(ids, x.ID(h.Doc))
	}
	return ids
}

const (
	realQuestions     = "questions/questions-portal-faq.jsonl"
	inventedQuestions = "questions/questions-invented.jsonl"
)

// The aims hold with words.txt and without it: they are not bought by it.
func TestQuestionsAreAnswered(t *testing.T) {
	docs := procedures(t)
	x := build(docs)
	bare := *x
	bare.lexicon = lexicon{}
	plainly := bm25(docs)
	for file, least := range map[string]func(n int) int{
		realQuestions:     func(n int) int { return n - 1 },
		inventedQuestions: func(n int) int { return int(math.Ceil(0.77 * float64(n))) },
	} {
		qs := questions(t, file, docs)
		yardstick := answered(qs, plainly, nil)
		with := answered(qs, x.firstFive, func(q asked, found []string) { t.Logf("missed: %q %v, found %v", q.Question, q.Codes, found) })
		without := answered(qs, bare.firstFive, nil)
		t.Logf("%s: %d of %d, without words.txt %d, plain BM25 %d", file, with, len(qs), without, yardstick)
		if len(qs) == 0 || min(with, without) < max(least(len(qs)), yardstick) || with < without {
			t.Errorf("%s: below the aim %d or the yardstick %d", file, least(len(qs)), yardstick)
		}
	}
}

// Who writes words.txt may have read the questions: no run of five words is
// copied. That the aims hold without the file is the stronger guard, above.
func TestWordsHoldNoQuestion(t *testing.T) {
	var all []string
	for _, file := range []string{realQuestions, inventedQuestions} {
		for _, q := range lines[asked](t, file) {
			all = append(all, " "+Fold(q.Question)+" ")
		}
	}
	for line := range strings.Lines(wordsFile) {
		line, _, _ = strings.Cut(line, "#")
		left, _, _ := strings.Cut(line, "=")
		for phrase := range strings.SplitSeq(left, ",") {
			folded := Fold(phrase)
			if strings.Count(folded, " ") < 4 {
				continue
			}
			if i := slices.IndexFunc(all, func(q string) bool { return strings.Contains(q, " "+folded+" ") }); i >= 0 {
				t.Errorf("%q stands in the question %q", phrase, all[i])
			}
		}
	}
}

// Seven words in a row out of a name find it, however they are typed. These
// cases come from chance, so nobody wrote words for them.
func TestNamesAreFoundAsTyped(t *testing.T) {
	docs := procedures(t)
	x := build(docs)
	bare := *x
	bare.lexicon = lexicon{}
	plainly := bm25(docs)
	for _, c := range []struct {
		name  string
		typed func(r *rand.Rand, words []string) []string
		least float64
	}{
		{"with marks", func(_ *rand.Rand, words []string) []string { return words }, 0.97},
		{"without marks", func(_ *rand.Rand, words []string) []string { return folded(words) }, 0.96},
		{"two slips", func(r *rand.Rand, words []string) []string { return slip(r, slip(r, folded(words))) }, 0.94},
		{"two words in one", func(_ *rand.Rand, words []string) []string {
			f := folded(words)
			return append([]string{strings.Join(f[:min(2, len(f))], "")}, f[min(2, len(f)):]...)
		}, 0.95},
		{"Telex off", func(_ *rand.Rand, words []string) []string { return telex(words) }, 0.95},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 7))
			var qs []asked
			for range 300 {
				d := docs[r.IntN(len(docs))]
				words := strings.Fields(d.Fields[0].Text)
				at := r.IntN(max(1, len(words)-6))
				words = slices.Clone(words[at:min(at+7, len(words))])
				qs = append(qs, asked{strings.Join(c.typed(r, words), " "), []string{d.ID}})
			}
			n := answered(qs, x.firstFive, nil)
			yardstick := answered(qs, plainly, nil)
			t.Logf("%d of %d; without words.txt %d, plain BM25 %d", n, len(qs), answered(qs, bare.firstFive, nil), yardstick)
			if float64(n) < c.least*float64(len(qs)) || n < yardstick {
				t.Errorf("found %d of %d, the yardstick %d", n, len(qs), yardstick)
			}
		})
	}
}

func folded(words []string) []string { return strings.Fields(Fold(strings.Join(words, " "))) }

// slip makes one typing mistake in some word of three letters or more.
func slip(r *rand.Rand, words []string) []string {
	words = slices.Clone(words)
	i := r.IntN(len(words))
	w := []byte(words[i])
	if len(w) < 3 {
		return words
	}
	at, letter := r.IntN(len(w)-1), byte('a'+r.IntN(26))
	switch r.IntN(4) {
	case 0:
		w = slices.Delete(w, at, at+1)
	case 1:
		w = slices.Insert(w, at, letter)
	case 2:
		w[at] = letter
	default:
		w[at], w[at+1] = w[at+1], w[at]
	}
	words[i] = string(w)
	return words
}

var telexShape = strings.NewReplacer("a\u0302", "aa", "a\u0306", "aw", "e\u0302", "ee", "o\u0302", "oo", "o\u031b", "ow", "u\u031b", "uw", "đ", "dd")

// telex writes words as the keys that are pressed for them, tones last.
func telex(words []string) (typed []string) {
	for _, w := range words {
		tone := ""
		w = strings.Map(func(r rune) rune {
			if i := strings.IndexRune("\u0300\u0301\u0309\u0303\u0323", r); i >= 0 {
				tone = "fsrxj"[i/2 : i/2+1]
				return -1
			}
			return r
		}, norm.NFD.String(strings.ToLower(w)))
		typed = append(typed, telexShape.Replace(w)+tone)
	}
	return typed
}

const megabyte = 1 << 20

func TestSize(t *testing.T) {
	docs := wholeCatalogue(t)
	before := heap()
	x := build(docs)
	grown := float64(heap()-before) / megabyte
	t.Logf("%.1f MB for %d procedures: %d words, %d pairs, %.1f MB postings", grown, x.Len(), len(x.words), len(x.pairs), float64(len(x.postings))/megabyte)
	if grown > 40 {
		t.Errorf("the index takes %.1f MB", grown)
	}
	runtime.KeepAlive(docs)
	runtime.KeepAlive(x)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// bm25 is the yardstick: folded words and pairs, every field alike.
func bm25(docs []Document) func(query string) []string {
	terms := func(text string) (all []string) {
		words := strings.Fields(Fold(text))
		for i, w := range words {
			all = append(all, w)
			if i > 0 {
				all = append(all, words[i-1]+" "+w)
			}
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
	return func(query string) (ids []string) {
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
		for _, doc := range order[:five] {
			ids = append(ids, docs[doc].ID)
		}
		return ids
	}
}

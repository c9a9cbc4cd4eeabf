// SPDX-License-Identifier: Apache-2.0

//go:build shared

package province_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/db/dbtest"
	"motcua/internal/procedure"
	"motcua/internal/province"
)

// The demo province with the national catalogue beside it answers people's
// questions as the search alone does: of the real ones all but one, of the
// invented ones 77 % have a right procedure in the first five.
func TestQuestionsFindTheirProcedure(t *testing.T) {
	folder := cmp.Or(os.Getenv("MOTCUA_SHARED"), "../../../shared")
	d := dbtest.Open(t)
	if _, err := province.Load(t.Context(), d, demo.Files, time.Now()); err != nil {
		t.Fatal(err)
	}
	catalogue, err := procedure.OpenCatalogue(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := os.Open(filepath.Join(folder, "data/procedures/procedures.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if _, _, err := catalogue.Import(t.Context(), rows, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := catalogue.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	catalogue.Settle()
	known := map[string]bool{}
	for _, e := range catalogue.Entries() {
		known[e.Code] = true
	}
	for file, most := range map[string]float64{"questions-portal-faq.jsonl": 1, "questions-invented.jsonl": 0.23} {
		asked, missed := 0, 0
		for _, q := range questions(t, filepath.Join(folder, "data/questions", file)) {
			if !slices.ContainsFunc(q.Codes, func(c string) bool { return known[c] }) {
				continue
			}
			asked++
			found := catalogue.Find(procedure.Filter{Query: q.Question}, 0, 5)
			if !slices.ContainsFunc(found, func(e procedure.Entry) bool { return slices.Contains(q.Codes, e.Code) }) {
				missed++
				t.Logf("missed: %q %v", q.Question, q.Codes)
			}
		}
		if most < 1 {
			most *= float64(asked)
		}
		t.Logf("%s: %d of %d", file, asked-missed, asked)
		if asked == 0 || float64(missed) > most {
			t.Errorf("%s: %d of %d are missed", file, missed, asked)
		}
	}
}

type question struct {
	Question string
	Codes    []string `json:"codes_in_catalog"`
}

func questions(t *testing.T, name string) []question {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []question
	s := bufio.NewScanner(f)
	s.Buffer(nil, 4<<20)
	for s.Scan() {
		var q question
		if err := json.Unmarshal(s.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		all = append(all, q)
	}
	return all
}

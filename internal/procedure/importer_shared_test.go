// SPDX-License-Identifier: Apache-2.0

//go:build shared

package procedure

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestWholeCatalogue reads the national catalogue and compares what is found
// with the counts of its SOURCES.md. Where ours differ, the reason stands there.
func TestWholeCatalogue(t *testing.T) {
	folder := cmp.Or(os.Getenv("MOTCUA_SHARED"), "../../../shared")
	f, err := os.Open(filepath.Join(folder, "data/procedures/procedures.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	filled := map[string]int{}
	count := func(is bool, what string) {
		if is {
			filled[what]++
		}
	}
	report, err := ReadCatalogue(f, func(p Imported) error {
		count(len(p.Steps) > 0, "steps")
		count(len(p.Channels) > 0, "channels")
		count(len(p.Results) > 0, "results")
		count(len(p.Basis) > 0, "basis")
		count(p.Requirements != "", "requirements")
		count(len(p.Cases) > 0, "cases")
		count(len(p.Cases) > 1, "several cases")
		above, loose := false, false
		for _, c := range p.Channels {
			for _, fee := range c.Fees {
				above = above || fee.State == Amount || fee.State == ByNote && aboveZero.MatchString(fee.Text)
				loose = loose || zero.MatchString(fee.Text) && anyD.MatchString(fee.Note)
			}
		}
		count(above, "a fee above 0")
		count(loose, "free with anything like an amount")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.WriteText(io.Discard); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]int{1994, 1994, 0, 0}, []int{report.Lines, report.Read, report.Broken, report.Repeated}); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff(map[string]int{"steps": 1994, "channels": 1988, "results": 1987, "cases": 1958, "basis": 1934,
		"requirements": 769, "several cases": 441, "a fee above 0": 335 + 1, // "1.5 USD" of 1.013565 has no number there
		"free with anything like an amount": 69}, filled); diff != "" {
		t.Error(diff)
	}
	// 58 and not 69: the 69 count every "đ" behind a number, also of 13 rows that
	// name none ("đến hết", "Điều 22"), and miss "8.000.000/lần" of two.
	want := map[string]int{
		ImportFeeFreeAmount: 58, ImportFeeThousands: 40, ImportLimitUnit: 240, ImportWarned: 41, ImportNoAgency: 1994 - 1977,
		ImportNoChannels: 1994 - 1988, ImportNoResults: 1994 - 1987, ImportNoBasis: 1994 - 1934,
		ImportNoComponents: 1994 - 1958 + 2, // two have cases without a paper
	}
	for key, n := range want {
		if report.ByKey[key] != n {
			t.Errorf("%s: %d, want %d", key, report.ByKey[key], n)
		}
	}
	t.Log(report.ByKey)
}

var (
	zero      = regexp.MustCompile(`^Miễn phí|^0 |: 0 `)
	anyD      = regexp.MustCompile(`(?i)\d[\d.,]*\s*(triệu|đồng|đ|vnđ|usd|%)`)
	aboveZero = regexp.MustCompile(`^[1-9]|: 0?[1-9]`)
)

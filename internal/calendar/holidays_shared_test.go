// SPDX-License-Identifier: Apache-2.0

//go:build shared

package calendar_test

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"motcua/internal/calendar"
)

// The built-in dates are those of the researched list; the names are our own.
func TestBuiltinIsTheResearchedList(t *testing.T) {
	file, err := os.Open(filepath.Join(cmp.Or(os.Getenv("MOTCUA_SHARED"), "../../../shared"), "data/holidays/vn-public-holidays-2018-2027.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	researched, err := calendar.ParseHolidays(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(researched, calendar.Builtin().Holidays(), cmpopts.IgnoreFields(calendar.Holiday{}, "Name")); diff != "" {
		t.Error(diff)
	}
}

// SPDX-License-Identifier: Apache-2.0

package sheet_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"motcua/internal/sheet"
)

// What is written is read as it was, sheet by sheet; what looks like a formula or a
// number is a text.
func TestWrite(t *testing.T) {
	want := map[string][][]string{
		"Cán bộ":    {{"Tên", "Số"}, {"=1+1", "046190001234"}, {"", "+84 905"}, {"@SUM(A1)", "1e5"}},
		"Hướng dẫn": {{"một <ô> & \"nháy\""}},
	}
	var b bytes.Buffer
	if err := sheet.Write(&b, sheet.Sheet{Name: "Cán bộ", Width: 22, Rows: want["Cán bộ"]}, sheet.Sheet{Name: "Hướng dẫn", Rows: want["Hướng dẫn"]}); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); !slices.Equal(got, []string{"Cán bộ", "Hướng dẫn"}) {
		t.Fatal(got)
	}
	for name, rows := range want {
		got, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil || !slices.EqualFunc(got, rows, slices.Equal) {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	if formula, err := f.GetCellFormula("Cán bộ", "A2"); formula != "" || err != nil {
		t.Errorf("a formula: %q %v", formula, err)
	}
	if kind, err := f.GetCellType("Cán bộ", "B2"); kind == excelize.CellTypeNumber || err != nil {
		t.Errorf("a number: %v %v", kind, err)
	}
}

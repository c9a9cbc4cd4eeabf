// SPDX-License-Identifier: Apache-2.0

// Package sheet writes spreadsheets (XLSX, ECMA-376), every cell as text: what
// somebody typed is never a formula, and no zero goes from the front of a number.
// Start at Write.
package sheet

import (
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// Sheet is one of the sheets of a spreadsheet.
type Sheet struct {
	Name  string
	Width float64 // of each column, in characters; 0 is as programs have it
	Rows  [][]string
}

// Write writes a spreadsheet of these sheets.
func Write(w io.Writer, sheets ...Sheet) error {
	f := excelize.NewFile()
	defer f.Close()
	for i, s := range sheets {
		var err error
		if i == 0 {
			err = f.SetSheetName("Sheet1", s.Name)
		} else {
			_, err = f.NewSheet(s.Name)
		}
		if err == nil {
			err = s.fill(f)
		}
		if err != nil {
			return err
		}
	}
	return f.Write(w)
}

func (s *Sheet) fill(f *excelize.File) error {
	w, err := f.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	if s.Width > 0 {
		wide := 1
		for _, cells := range s.Rows {
			wide = max(wide, len(cells))
		}
		if err := w.SetColWidth(1, wide, s.Width); err != nil {
			return err
		}
	}
	for i, cells := range s.Rows {
		row := make([]any, len(cells))
		for j, c := range cells {
			row[j] = c
		}
		if err := w.SetRow("A"+strconv.Itoa(i+1), row); err != nil {
			return err
		}
	}
	return w.Flush()
}

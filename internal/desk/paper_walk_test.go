// SPDX-License-Identifier: Apache-2.0

//go:build walk

package desk_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"motcua/internal/form"
	"motcua/internal/pdf/pdftest"
)

// The register on paper says what the spreadsheet says, cell by cell but for numbers
// that are concealed there, on A4 on
// its side, in Vietnamese whoever asks; its code says what it is.
func TestRegisterOnPaper(t *testing.T) {
	w := open(t)
	first := w.file("1.001193")
	for range 11 {
		w.file("1.001193")
	}
	b := w.browser("motcua")
	list := "?don-vi=" + string(first.Reception) + "&tu=" + day(w).String() + "&den=" + day(w).String()
	b.Get("/mot-cua/so-theo-doi.xlsx" + list).At(http.StatusOK)
	f, err := excelize.OpenReader(strings.NewReader(b.Text))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	b.Get("/mot-cua/so-theo-doi" + list + "&lang=vi").Has(`href="/mot-cua/so-theo-doi.pdf`)
	p := pdftest.Judge(t, []byte(b.Get("/mot-cua/so-theo-doi.pdf"+list+"&lang=en").At(http.StatusOK).Text))
	// The form has two rows of headings, the spreadsheet one.
	head := rows[0]
	want := []string{"TR"}
	for _, title := range slices.Concat(head[:7], []string{"Ngày, tháng, năm", "Trả kết quả"}, head[14:]) {
		want = append(want, "TH "+title)
	}
	want = append(want, "TR")
	for _, title := range head[7:14] {
		want = append(want, "TH "+title)
	}
	for _, row := range rows[1:] {
		want = append(want, "TR")
		for j := range head {
			cell := ""
			if j < len(row) {
				cell = row[j]
			}
			want = append(want, strings.TrimSpace("TD "+cell))
		}
	}
	// The law prescribes what stands on the paper; the file has no whole number.
	whole := strings.Join(p.Elements, "\n")
	phone := first.Applicant.Phone
	if !strings.Contains(whole, phone) || strings.Contains(fmt.Sprint(rows), phone) {
		t.Errorf("%s is not on the paper, or in the file", phone)
	}
	p.Elements = strings.Split(strings.ReplaceAll(whole, phone, form.Conceal(form.Phone, phone)), "\n")
	at := slices.Index(p.Elements, "Table")
	if at < 0 || !slices.Equal(p.Elements[at+1:], want) {
		t.Errorf("the paper has\n%q\nthe spreadsheet\n%q", p.Elements, want)
	}
	if !slices.Contains(p.Elements, "H1 SỔ THEO DÕI HỒ SƠ") || p.Sizes[0] != "297 x 210" || len(p.Codes) != 1 ||
		!strings.HasPrefix(p.Codes[0], string(first.Reception)+"|"+day(w).String()+"|"+day(w).String()+"|SO THEO DOI HO SO|motcua|") {
		t.Errorf("%q %q", p.Sizes, p.Codes)
	}
}

// The receipts of the dossiers that were just received are one file to print.
func TestPrintReceipts(t *testing.T) {
	w := open(t)
	one, two := w.file("1.001193"), w.file("1.001193")
	b := w.browser("motcua")
	b.Get("/mot-cua?hang=receive").At(http.StatusOK)
	b.Submit("/mot-cua/hang-loat", url.Values{"ho-so": {string(one.Code) + " 1", string(two.Code) + " 1"}}, "viec=receive").At(http.StatusOK).Has("đã làm 2 hồ sơ")
	b.Submit("/mot-cua/in", url.Values{"giay": {"receipt"}}, "").At(http.StatusOK)
	p := pdftest.Judge(t, []byte(b.Text))
	if len(p.Codes) != 2 || !strings.HasPrefix(p.Codes[0], string(one.Code)) || !strings.HasPrefix(p.Codes[1], string(two.Code)) || p.Sizes[0] != "210 x 148" {
		t.Errorf("%q %q", p.Codes, p.Sizes)
	}
}

// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// The register holds what was filed at the one-stop in the days asked for, in
// the order of the codes, on a page and as a spreadsheet.
func TestRegister(t *testing.T) {
	w := open(t)
	first, second := w.file("1.001193"), w.file("1.001193")
	b := w.browser("motcua")
	list := "?don-vi=" + string(first.Reception) + "&tu=" + day(w).String() + "&den=" + day(w).String()
	b.Get("/mot-cua/so-theo-doi"+list).At(http.StatusOK).Has(string(first.Code), string(second.Code), "Nguyễn Thị Hương Giang", "Đăng ký khai sinh")
	if strings.Index(b.Text, string(first.Code)) > strings.Index(b.Text, string(second.Code)) {
		t.Error("not in the order of the codes")
	}
	b.Get("/mot-cua/so-theo-doi.xlsx" + list).At(http.StatusOK)
	f, err := excelize.OpenReader(strings.NewReader(b.Text))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil || len(rows) != 3 || rows[0][1] != "Mã hồ sơ" || rows[1][1] != string(first.Code) || rows[2][0] != "2" {
		t.Errorf("%v %v", rows, err)
	}
	b.Get("/mot-cua/so-theo-doi?tu=2020-01-01&den=2020-01-31").At(http.StatusOK).Has("Không có hồ sơ nào trong những ngày này")
	b.Get("/mot-cua/so-theo-doi?tu=mai").At(http.StatusUnprocessableEntity).Has("ngày có thật")
	b.Get("/mot-cua/so-theo-doi?don-vi=H57").At(http.StatusNotFound)
	if b.Get("/mot-cua/so-theo-doi.pdf" + list).At(http.StatusOK); !strings.HasPrefix(b.Text, "%PDF-") {
		t.Error("the register is no PDF")
	}
	other := w.browser("chuyenvien")
	other.Get("/mot-cua/so-theo-doi.xlsx?don-vi=H57.21.3").At(http.StatusNotFound)
	other.Get("/mot-cua/so-theo-doi.pdf?don-vi=H57.21.3").At(http.StatusNotFound)
}

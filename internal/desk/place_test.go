// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"net/http"
	"testing"

	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/web/webtest"
)

// A clerk of one ward receives for another, hands the papers over, and the
// other's clerk takes them over.
func TestReceiveForElsewhere(t *testing.T) {
	w := open(t)
	b := w.browser("motcua")
	const path = "/mot-cua/tiep-nhan/1.001193"
	b.Get(path).At(http.StatusOK).Has("(nơi khác, không phụ thuộc địa giới)")
	values, sample := w.typedAt("1.001193")
	values.Set("tiep-nhan.agency", "H57.102")
	b.Upload(path, b.grow(path, sample, values), "").At(http.StatusOK)
	code, ok := received(b)
	if !ok {
		t.Fatalf("led to %s", b.Path)
	}
	at := "/mot-cua/ho-so/" + string(code)
	b.Get(at).Has("Nơi tiếp nhận của cơ quan có thẩm quyền", "Giấy tờ đang ở")
	b.Submit(at+"/viec/forward", nil, "").At(http.StatusOK)
	b.Get(at).Has("đang chuyển đi")
	other := w.browser("phuxuan")
	other.Get("/mot-cua?hang=take_over").At(http.StatusOK).Has(string(code))
	other.Get(at).At(http.StatusOK).Has("Giấy tờ bản giấy đã nhận")
	other.Submit(at+"/viec/take_over", nil, "").At(http.StatusOK)
	other.Get(at).Has("Nhận hồ sơ từ nơi khác chuyển đến").Lacks("đang chuyển đi")
}

// A clerk helps somebody to file on line; the dossier waits to be received.
func TestHelpToFileOnline(t *testing.T) {
	w := open(t)
	b := w.browser("motcua")
	const path = "/mot-cua/tiep-nhan/1.001193"
	values, sample := w.typedAt("1.001193")
	b.Get(path)
	values.Set("tiep-nhan.channel", string(procedure.Online))
	b.Upload(path, b.grow(path, sample, values), "").At(http.StatusUnprocessableEntity) // on line, the papers have to be there as files
	files := scans(w, "1.001193", sample.Case)
	b.Upload(path, nil, "", files...).At(http.StatusOK).Has("Đã nộp trực tuyến giúp người dân", "Điểm hỗ trợ")
	items, _, err := w.book.Seek(context.Background(), w.actor("motcua"), sought("1.001193"), 10)
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	s := must(w.book.Find(context.Background(), w.actor("motcua"), items[0].Code))
	if s.Support != "H57.101.1" || s.Channel != procedure.Online || !s.ReceivedAt.IsZero() {
		t.Errorf("%+v", s)
	}
}

// scans are a scan of every paper that a case takes as a file.
func scans(w *town, code, caseID string) []webtest.File {
	var files []webtest.File
	for _, k := range must(w.book.Catalogue.Show(context.Background(), code, day(w))).Facts.Case(caseID).Components {
		if k.Uploads() {
			files = append(files, webtest.File{Input: "tep-" + k.ID, Name: k.ID + ".png", Content: must(w.book.SamplePaper())})
		}
	}
	return files
}

func sought(code string) dossier.Sought { return dossier.Sought{Procedure: code} }

// Who is a clerk at two one-stops says at which one they sit; help to file on line
// is noted there.
func TestWhichCounter(t *testing.T) {
	w := open(t)
	b := w.browser("motcua")
	const path = "/mot-cua/tiep-nhan/1.001193"
	b.Get("/mot-cua/tiep-nhan?quay=H57.21.3").At(http.StatusOK).Has("Quầy đang làm việc", path+"?quay=H57.21.3")
	values, sample := w.typedAt("1.001193")
	values.Set("tiep-nhan.channel", string(procedure.Online))
	b.Get(path + "?quay=H57.21.3")
	b.Upload(path+"?quay=H57.21.3", b.grow(path+"?quay=H57.21.3", sample, values), "", scans(w, "1.001193", sample.Case)...).At(http.StatusOK)
	items, _, err := w.book.Seek(context.Background(), w.actor("motcua"), sought("1.001193"), 10)
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	if s := must(w.book.Find(context.Background(), w.actor("motcua"), items[0].Code)); s.Support != "H57.21.3" || s.Reception != "H57.101.1" {
		t.Errorf("helped at %s, received at %s", s.Support, s.Reception)
	}
	w.browser("phuxuan").Get("/mot-cua/tiep-nhan?quay=H57.21.3").Lacks("Quầy đang làm việc")
}

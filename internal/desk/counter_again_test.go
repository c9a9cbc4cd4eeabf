// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"motcua/internal/dossier"
	"motcua/internal/web/webtest"
)

// What was mistaken at the counter is put right on the same page, and a receipt
// with another number is issued; both are kept.
func TestCorrectAtTheCounter(t *testing.T) {
	w := open(t)
	b := w.browser("motcua")
	const path = "/mot-cua/tiep-nhan/1.001193"
	values, sample := w.typedAt("1.001193")
	b.Get(path)
	b.Upload(path, b.grow(path, sample, values), "").At(http.StatusOK)
	code, _ := received(b)
	at := "/mot-cua/ho-so/" + string(code)
	b.Get(at).At(http.StatusOK).Has(at + "/sua")
	b.Get(at+"/sua").At(http.StatusOK).Has(sample.Applicant.Name, "Sửa và cấp lại giấy tiếp nhận", "1.000656")
	b.Upload(at+"/sua", url.Values{"nguoi-de-nghi.name": {"Trần Thị Bích"}}, "").At(http.StatusUnprocessableEntity).Has("Lý do: cần điền mục này", "#sua-doi-reason")
	b.Upload(at+"/sua", url.Values{"sua-doi.reason": {"Ghi nhầm tên."}}, "").At(http.StatusOK).
		Has("Trần Thị Bích", "Đã sửa hồ sơ", "người đề nghị", "Ghi nhầm tên.", "(đã được thay)")
	s := must(w.book.Find(context.Background(), w.actor("motcua"), code))
	if s.Applicant.Name != "Trần Thị Bích" || len(s.Issues) != 2 || !s.Issues[0].Replaced || s.Issues[0].Number == s.Issues[1].Number {
		t.Errorf("%+v", s)
	}
	for _, p := range s.Papers() {
		b.Get(at + "/giay/" + p.ID).At(http.StatusOK)
	}
	b.Get(at+"/sua?thu-tuc=1.000656").At(http.StatusOK).Has("/sua?thu-tuc=1.000656", "Trần Thị Bích")
	b.Get("/mot-cua/tiep-nhan?lang=en").Get(at + "/sua").Has("Correct, and issue the receipt anew")
}

// Who stands at the counter with what was missing is served there.
func TestSupplementAtTheCounter(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	clerk := w.actor("motcua")
	offers := must(w.book.Offers(context.Background(), clerk, &s))
	for _, o := range offers {
		if o.Act == "ask_supplement" {
			s = must(w.book.Act(context.Background(), clerk, s.Code, dossier.Request{Act: o.Act, Version: s.Version, Params: dossier.Filled(o.Params)}))
		}
	}
	b := w.browser("motcua")
	at := "/mot-cua/ho-so/" + string(s.Code)
	b.Get(at).At(http.StatusOK).Has(at + "/bo-sung")
	b.Get(at + "/bo-sung").At(http.StatusOK).Has("Đã yêu cầu bổ sung").Lacks("nguoi-de-nghi.name")
	b.Upload(at+"/bo-sung", nil, "").At(http.StatusUnprocessableEntity).Has("cần điền mục này")
	asked := ""
	for _, l := range s.Lacks {
		asked = l.Component
	}
	b.Upload(at+"/bo-sung", url.Values{"ghi-chu": {"Đã mang bản chính đến."}}, "", webtest.File{Input: "tep-" + asked, Name: "moi.png", Content: must(w.book.SamplePaper())}).
		At(http.StatusOK).Has("Đã mang bản chính đến.", "Đã nhận phần bổ sung")
	now := must(w.book.Find(context.Background(), clerk, s.Code))
	if now.Wait != nil || len(now.Documents) == 0 {
		t.Errorf("%+v", now)
	}
	b.Get(at + "/bo-sung").At(http.StatusUnprocessableEntity)
}

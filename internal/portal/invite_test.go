// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/province"
)

// The parents fill in a draft together: the father confirms his page with his
// own account, what changes afterwards is confirmed anew, and only then it is
// sent; who confirmed what stands in the dossier.
func TestFilledTogether(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.001193"))
	b.fill(draft, w.sampleOf("1.001193"))
	together := draft + "/cung-khai"
	b.Get(draft).Has(together)
	b.Get(together).At(http.StatusOK).
		Submit(together, url.Values{"page": {"father"}, "name": {"Lê Văn Tùng"}, "id_number": {"123"}}, "").At(http.StatusUnprocessableEntity).Has("12 chữ số", "Lê Văn Tùng").
		Submit(together, url.Values{"page": {"father"}, "name": {"Tôi"}, "id_number": {"046190001234"}}, "").At(http.StatusUnprocessableEntity).Has("chính bạn").
		Submit(together, url.Values{"page": {"father"}, "name": {"Lê Văn Tùng"}, "id_number": {"046085004321"}}, "").At(http.StatusOK).Has("Chờ trả lời").
		Submit(together, url.Values{"page": {"father"}, "name": {"Lê Văn Tùng"}, "id_number": {"046085004321"}}, "").At(http.StatusUnprocessableEntity).Has("đã được mời")
	b.Get(draft + "/kiem-tra").At(http.StatusOK).Has("Chờ Lê Văn Tùng xác nhận phần")
	if s, err := w.book.Send(t.Context(), w.officer("nguoidan"), strings.TrimPrefix(draft, "/ho-so/nhap/")); err == nil {
		t.Errorf("sent before it was confirmed: %s", s.Code)
	}

	father := w.citizen("nguoidan2")
	father.Get("/ho-so").At(http.StatusOK).Has("mời bạn khai và xác nhận")
	page := father.links("/loi-moi/")[0]
	father.Get(page).At(http.StatusOK).Has("Lê Đình Khoa").
		Submit(page, url.Values{"father.name": {"Lê Văn Tùng"}, "father.id_number": {"1"}}, "then=confirm").At(http.StatusUnprocessableEntity).Has("Lê Văn Tùng").
		Submit(page, nil, "then=refuse").At(http.StatusUnprocessableEntity).Has("Lý do từ chối").
		Submit(page, url.Values{"father.id_number": {"046085004321"}}, "then=confirm").At(http.StatusOK).Has("Đã trả lời lời mời")
	father.Get(page).At(http.StatusUnprocessableEntity)
	father.Get(draft).At(http.StatusNotFound) // the draft itself is not his

	b.Get(together).Has("Đã xác nhận")
	b.Get(draft + "/kiem-tra").Has("Lê Văn Tùng").Lacks("Chờ Lê Văn Tùng")
	b.Get(draft+"/trang/father").Submit(draft+"/trang/father", url.Values{"father.ethnicity": {"Tày"}}, "").At(http.StatusOK)
	b.Get(draft + "/kiem-tra").Has("đã đổi sau khi Lê Văn Tùng xác nhận")
	b.Get(draft+"/trang/father").Submit(draft+"/trang/father", url.Values{"father.ethnicity": {"Kinh"}}, "").At(http.StatusOK)
	b.Get(draft+"/kiem-tra").Submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").At(http.StatusOK)
	code := b.Path[strings.LastIndex(strings.TrimSuffix(b.Path, "/da-nop"), "/")+1:]
	code, _, _ = strings.Cut(code, "/")
	f, err := w.book.Open(context.Background(), w.officer("motcua"), dossier.Code(code))
	if err != nil {
		t.Fatal(b.Path, err)
	}
	e := f.Events[0].Event.(dossier.Submitted)
	if len(e.Consents) != 1 || e.Consents[0].IDNumber != "046085004321" || e.Consents[0].Page != "father" {
		t.Errorf("%+v", e.Consents)
	}
}

// Who refuses says why, and who asked takes the invitation back and goes on; one
// that nobody answers ends, and both are reminded before.
func TestInvitationRefusedAndForgotten(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.001193"))
	together := draft + "/cung-khai"
	ask := url.Values{"page": {"child"}, "name": {"Lê Văn Tùng"}, "id_number": {"046085004321"}}
	b.Get(together).Submit(together, ask, "").At(http.StatusOK)
	other := w.citizen("nguoidan2")
	other.Get("/ho-so")
	page := other.links("/loi-moi/")[0]
	other.Get(page).Submit(page, url.Values{"reason": {"Tôi không phải cha của trẻ."}}, "then=refuse").At(http.StatusOK)
	b.Get(together).Has("Từ chối", "Tôi không phải cha của trẻ.")
	b.Get(draft + "/kiem-tra").Has("Lê Văn Tùng từ chối phần")
	b.Get(together)
	id := strings.TrimPrefix(page, "/loi-moi/")
	b.Submit(together, nil, "bo="+id).At(http.StatusOK).Has("Đã rút")
	b.Get(draft + "/kiem-tra").Lacks("Lê Văn Tùng từ chối")

	b.Get(together).Submit(together, ask, "").At(http.StatusOK)
	other.Get("/ho-so").Get(other.links("/loi-moi/")[0]).At(http.StatusOK)
	w.clock.move(5 * 24 * time.Hour)
	if err := w.book.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.citizen("nguoidan2").Get("/ho-so").Has("lời mời cùng khai đang chờ bạn")
	w.citizen("nguoidan").Get("/ho-so").Has("bản khai chưa gửi")
	w.clock.move(4 * 24 * time.Hour)
	b = w.citizen("nguoidan")
	b.Get(draft + "/kiem-tra").Has("không trả lời phần")
	w.citizen("nguoidan2").Get("/ho-so").Lacks("mời bạn khai và xác nhận")
}

// A number that was only typed opens no invitation that was not handed over: who
// says that they are the father sees nothing, until they have the link; and who
// has opened it first is who was asked. What they confirm says that nobody proved
// the number.
func TestInvitationIsNotGuessed(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.001193"))
	b.fill(draft, w.sampleOf("1.001193"))
	together := draft + "/cung-khai"
	b.Get(together).Submit(together, url.Values{"page": {"father"}, "name": {"Trần Văn Ba"}, "id_number": {"046085009999"}}, "").At(http.StatusOK).Has("/loi-moi/")
	link := regexp.MustCompile(`/loi-moi/[0-9a-f]+`).FindString(b.Text)
	ctx := t.Context()
	for _, login := range []string{"thebrother", "thefather"} {
		if err := w.register.SignUp(ctx, login, province.Password, identity.Person{Kind: "citizen", Name: "Trần Văn Ba", IDNumber: "046085009999", BirthDate: "1985-01-01", Phone: "0905111222", Address: "Huế", Gender: "male"}); err != nil {
			t.Fatal(err)
		}
	}
	father, brother := w.citizen("thefather"), w.citizen("thebrother")
	brother.Get("/ho-so").Lacks("mời bạn khai và xác nhận")
	father.Get(link).At(http.StatusOK)
	brother.Get(link).At(http.StatusNotFound)
	father.Get("/ho-so").Has("mời bạn khai và xác nhận")
	father.Get(link).Submit(link, url.Values{"father.name": {"Trần Văn Ba"}, "father.id_number": {"046085009999"}}, "then=confirm").At(http.StatusOK)
	consents, _, err := w.book.Consents(ctx, w.officer("nguoidan"), strings.TrimPrefix(draft, "/ho-so/nhap/"))
	if err != nil || len(consents) != 1 || consents[0].By.Proved || consents[0].By.Account == 0 {
		t.Errorf("%+v %v", consents, err)
	}
	// What was proved does not change by being typed.
	b.Get("/tai-khoan").Submit("/tai-khoan", url.Values{"id_number": {"046085009999"}}, "").At(http.StatusUnprocessableEntity).Has("đã được xác minh")
}

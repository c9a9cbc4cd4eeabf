// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"motcua/internal/dossier"
)

// While an officer is away the substitute finds their dossiers, acts in their
// post, and history says for whom; before, after, and for strangers nothing is so.
func TestAbsence(t *testing.T) {
	w := open(t)
	s := w.file("1.004859")
	for n := 0; s.Handler == ""; n++ {
		if n > 10 {
			t.Fatal("nobody handles it")
		}
		for _, login := range []string{"motcua", "truongphong", "chuyenvien"} {
			offers := must(w.book.Offers(context.Background(), w.actor(login), &s))
			if len(offers) == 0 || offers[0].Aside {
				continue
			}
			params := dossier.Filled(offers[0].Params)
			if offers[0].Act == "assign" {
				params["officer"] = "chuyenvien"
			}
			s = must(w.book.Act(context.Background(), w.actor(login), s.Code, dossier.Request{Act: offers[0].Act, Version: s.Version, Params: params}))
			break
		}
	}
	other := w.actor("chuyenvien2")
	mine := func() bool {
		items, _, err := w.book.List(context.Background(), w.actor("chuyenvien2"), dossier.ToHandle, 50, dossier.After{})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			if i.Code == s.Code {
				return true
			}
		}
		return false
	}
	if mine() {
		t.Fatal("found before anybody is away")
	}
	b := w.browser("chuyenvien")
	b.Get("/mot-cua/vang-mat").At(http.StatusOK).Submit("/mot-cua/vang-mat", url.Values{"from": {day(w).String()}, "to": {"1/1/2020"}}, "").At(http.StatusUnprocessableEntity).
		Has("phải từ", "Người thay: cần chọn mục này")
	b.Submit("/mot-cua/vang-mat", url.Values{"from": {day(w).String()}, "to": {(day(w) + 1).String()}, "substitute": {strconv.FormatInt(other.Account, 10)}}, "").At(http.StatusOK).Has("Bùi Đức Anh")
	if !mine() {
		t.Error("the substitute does not find it")
	}
	w.browser("chuyenvien2").Get("/mot-cua/vang-mat").Has("Bạn đang làm thay Lê Quang Minh")
	who := w.actor("chuyenvien2")
	now := must(w.book.Find(context.Background(), who, s.Code))
	offers := must(w.book.Offers(context.Background(), who, &now))
	after, err := w.book.Act(context.Background(), who, s.Code, dossier.Request{Act: offers[0].Act, Version: now.Version, Params: dossier.Filled(offers[0].Params)})
	if err != nil {
		t.Fatal(err)
	}
	f := must(w.book.Open(context.Background(), who, after.Code))
	b.Get("/mot-cua/ho-so/" + string(s.Code)).Has("làm thay Lê Quang Minh")
	if by := f.Events[len(f.Events)-1].By; by.Name != "Bùi Đức Anh" || by.For != "Lê Quang Minh" {
		t.Errorf("by %+v", by)
	}
	b.Get("/mot-cua/vang-mat").Submit("/mot-cua/vang-mat", nil, "bo="+day(w).String()).At(http.StatusOK).Lacks("Bùi Đức Anh, từ")
	if len(w.actor("chuyenvien2").Away) != 0 {
		t.Error("still acts for somebody who is back")
	}
}

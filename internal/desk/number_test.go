// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"motcua/internal/dossier"
	"motcua/internal/web/webtest"
)

// everybody are the officers of the demo, of all roles, near and far.
var everybody = []string{"motcua", "motcua2", "truongphong", "chuyenvien", "chuyenvien2", "lanhdao", "thuquy", "quantri", "dulieu"}

// planted are what finds the persons of the samples.
var planted = []string{"046190001234", "046 190 001 234", "0905000123", "huonggiang@example.vn", "046089000527", "0905000231", "quocbao@example.vn"}

// crawl opens every page of the desk that a page leads to, and tells each.
func (b *browser) crawl(from string, each func()) {
	b.t.Helper()
	seen := map[string]bool{from: true}
	for ahead := []string{from}; len(ahead) > 0; ahead = ahead[1:] {
		b.Get(ahead[0])
		if b.Page == nil {
			continue
		}
		each()
		webtest.Each(b.Page, func(n *html.Node) {
			href, _, _ := strings.Cut(webtest.Attr(n, "href"), "#")
			if n.Data != "a" || !strings.HasPrefix(href, "/mot-cua") || seen[href] || strings.Contains(href, "lang=") {
				return
			}
			for _, paper := range []string{"/giay/", "/tep/", "/ket-qua/", "/du-thao", "/trinh-ky", ".pdf", ".xlsx"} {
				if strings.Contains(href, paper) && !strings.Contains(href, "xem=") {
					return
				}
			}
			seen[href] = true
			ahead = append(ahead, href)
		})
	}
}

// clean fails if the page, or its address, holds a number that was planted.
func (b *browser) clean() {
	b.t.Helper()
	for _, mark := range planted {
		if strings.Contains(b.Text+b.Path, mark) {
			i := strings.Index(b.Text, mark)
			b.t.Fatalf("%s: %s holds %s: %.200s", b.login, b.Path, mark, b.Text[max(0, i-100):])
		}
	}
}

// No page of the desk holds a number in full, whoever opens it and however far the
// dossier is: of a marriage of two persons.
func TestNumbersAreConcealedEverywhere(t *testing.T) {
	w := open(t)
	desks := w.desks()
	for _, login := range everybody {
		if desks[login] == nil {
			desks[login] = w.browser(login)
		}
	}
	s := w.file("1.000894")
	page, pages := "/mot-cua/ho-so/"+string(s.Code), 0
	for {
		for _, login := range everybody {
			b := desks[login]
			b.Get(page + "?xem=khai")
			b.clean()
			b.Get("/mot-cua/so-theo-doi?don-vi=" + string(s.Reception))
			b.clean()
			b.Get("/mot-cua/tim").Submit("/mot-cua/tim", url.Values{"q": {planted[0]}}, "").At(http.StatusOK).Has("Tìm hồ sơ")
			if strings.Contains(b.Path, "0461") {
				t.Errorf("the address says what is looked for: %s", b.Path)
			}
			b.crawl("/mot-cua", func() { pages++; b.clean() })
		}
		if w.next(desks, s.Code) == "" {
			break
		}
	}
	now, err := w.book.Find(context.Background(), w.actor("motcua"), s.Code)
	if err != nil || now.Phase != dossier.Returned {
		t.Fatalf("ended in %s: %v", now.Phase, err)
	}
	if pages < 200 {
		t.Errorf("only %d pages were opened", pages)
	}
	result := must(w.book.Open(context.Background(), w.actor("motcua"), s.Code))
	for _, r := range result.Events {
		if e, ok := r.Event.(dossier.Proposed); ok {
			for name, value := range e.Inputs {
				if text, _ := value.(string); strings.Contains(text, "•") {
					t.Errorf("the result says %s: %s", name, text)
				}
			}
		}
	}
}

// A number is shown in full to who says what for, that number alone and once; the
// applicant reads who asked and why.
func TestShowNumber(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	page := "/mot-cua/ho-so/" + string(s.Code)
	show := page + "/hien-so"
	b := w.browser("motcua")
	b.Get(page).At(http.StatusOK).Has("0461•••••234", "•••••••123", "h•••@example.vn", "Hiện số đầy đủ")
	b.clean()
	b.Submit(show, url.Values{"so": {"applicant.phone"}, "muc-dich": {" "}}, "").At(http.StatusUnprocessableEntity).Has("Hãy nêu lý do", `value="applicant.phone" selected`)
	b.clean()
	b.Submit(show, url.Values{"so": {"applicant.id_number"}, "muc-dich": {"Đối chiếu <thẻ>"}}, "").At(http.StatusOK).
		Has("046190001234", "Chỉ hiện một lần", "•••••••123").Lacks("0905000123", "huonggiang@example.vn")
	b.Get(page)
	b.clean()
	b.Submit(show, url.Values{"so": {"khai.99.1"}, "muc-dich": {"x"}}, "").At(http.StatusUnprocessableEntity).Has("không có số nào như vậy")
	looks := must(w.book.Views(context.Background(), w.actor("nguoidan"), s.Code))
	i := slices.IndexFunc(looks, func(v dossier.View) bool { return strings.HasPrefix(v.What, "number ") })
	if i < 0 || looks[i].Said != "Đối chiếu <thẻ>" || !strings.Contains(looks[i].What, "Số định danh") || looks[i].Flagged {
		t.Errorf("the looks are %+v", looks)
	}
	other := w.browser("chuyenvien2")
	other.Get(page).Submit(show, url.Values{"so": {"applicant.id_number"}, "muc-dich": {"tò mò"}}, "").Has("046190001234")
	w.browser("lanhdao").Get("/mot-cua/luot-xem").Has("số đầy đủ: ", "tò mò")
	w.browser("motcua2").Get(page).At(http.StatusNotFound)
}

// What is written where no number is asked for stays as it is written: nobody gets a
// number shown by sending what stands for it.
func TestNumbersComeBackWhereTheyWereOnly(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	page := "/mot-cua/ho-so/" + string(s.Code)
	b := w.browser("motcua")
	for act, name := range map[string]string{"approve": "note", "refuse": "reason", "none": "x", "message": "text"} {
		b.Get(page)
		b.post(page+"/viec/"+act, url.Values{act + "." + name: {"0461•••••234"}, "version": {"0"}})
		b.clean()
		b.post(page+"/viec/"+act, url.Values{act + "." + name: {"•••••••123"}, "version": {strconv.Itoa(s.Version)}})
		b.clean()
	}
	b.Get(page)
	b.clean()
	f := must(w.book.Open(context.Background(), w.actor("motcua"), s.Code))
	if said, _, ok := dossier.Last[dossier.Said](f.Events); !ok || said.Text != "•••••••123" {
		t.Errorf("the message says %q", said.Text)
	}
}

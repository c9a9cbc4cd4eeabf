// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/web/webtest"
)

// scanning makes the site one that scans files.
func (w *town) scanning() {
	w.t.Helper()
	if err := document.StartScanning(context.Background(), w.book.DB, w.clock.Now()); err != nil {
		w.t.Fatal(err)
	}
}

// infect lets the scanner find what waits to do harm, all that an account handed in.
func (w *town) infect(login string) {
	w.t.Helper()
	if err := w.book.DB.Write(context.Background(), func(tx *db.Tx) error {
		files, err := document.Of(tx, w.actor(login).Account)
		if err != nil {
			return err
		}
		tx.Exec(`UPDATE file_scan SET state = 'infected', found = 'x' WHERE state = 'waiting'`)
		return w.book.Infected(tx, files, "x")
	}); err != nil {
		w.t.Fatal(err)
	}
}

// ticked tells whether the page has ticked a box.
func (b *browser) ticked(name, value string) bool {
	b.t.Helper()
	box := webtest.First(b.Page, func(n *html.Node) bool {
		return n.Data == "input" && webtest.Attr(n, "type") == "checkbox" && webtest.Attr(n, "name") == name && webtest.Attr(n, "value") == value
	})
	if box == nil {
		b.t.Fatalf("no box %s %s", name, value)
	}
	for _, a := range box.Attr {
		if a.Key == "checked" {
			return true
		}
	}
	return false
}

// What cannot be opened is not ticked as complete when a dossier is received: neither
// while it waits for the scanner nor when it does harm; then its name is said. Nor is it
// received with many others, for which nobody ticks anything.
func TestUnopenedIsNotTicked(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	var withFile string
	for _, d := range s.Documents {
		if d.File != "" {
			withFile = d.Component
		}
	}
	if withFile == "" {
		t.Fatal("no file")
	}
	b := w.browser("motcua")
	at := "/mot-cua/ho-so/" + string(s.Code)
	ticked := func(want bool) {
		t.Helper()
		b.Get(at).At(http.StatusOK)
		if got := b.ticked("receive.components", withFile); got != want {
			t.Errorf("ticked: %v", got)
		}
	}
	ticked(true)
	w.scanning()
	ticked(false)
	many := func(says string) {
		t.Helper()
		b.Get("/mot-cua?hang=receive").Submit("/mot-cua/hang-loat", url.Values{"ho-so": {fmt.Sprintf("%s %d", s.Code, s.Version)}}, "viec=receive").At(http.StatusOK).Has(says)
	}
	many("đang được kiểm tra vi-rút hoặc có mã độc")
	ticked(false)
	b.Has("Đang kiểm tra vi-rút").Lacks("Có mã độc trong")
	w.infect("nguoidan")
	many("đang được kiểm tra vi-rút hoặc có mã độc")
	ticked(false)
	b.Has("Có mã độc trong")
}

// A clerk whose scan does harm is told at the counter and in the queues, until it is
// taken out; nobody else is. On the page of the counter it is marked, and on the page
// that corrects not found complete.
func TestHarmAtTheCounter(t *testing.T) {
	w := open(t)
	w.scanning()
	b := w.browser("motcua")
	const path, told = "/mot-cua/tiep-nhan/1.001193", "giấy tờ bạn đã quét"
	values, sample := w.typedAt("1.001193")
	b.Get(path)
	values = b.grow(path, sample, values)
	values.Set("nguoi-de-nghi.birth_date", "31/02/1990")
	files := scans(w, "1.001193", sample.Case)
	component := strings.TrimPrefix(files[0].Input, "tep-")
	b.Upload(path, values, "", files[0]).At(http.StatusUnprocessableEntity).Has("Giữ bản quét", "Đang kiểm tra vi-rút")
	b.Upload(path, url.Values{"nguoi-de-nghi.birth_date": {"28/02/1990"}}, "").At(http.StatusOK)
	code, ok := received(b)
	if !ok {
		t.Fatalf("led to %s", b.Path)
	}
	correct := "/mot-cua/ho-so/" + string(code) + "/sua"
	for _, page := range []string{"/mot-cua", "/mot-cua/tiep-nhan"} {
		b.Get(page).At(http.StatusOK).Lacks(told)
	}
	w.infect("motcua")
	for _, page := range []string{"/mot-cua", "/mot-cua/tiep-nhan"} {
		b.Get(page).At(http.StatusOK).Has(told, `href="/mot-cua/ho-so/`+string(code)+`"`)
		w.browser("motcua2").Get(page).At(http.StatusOK).Lacks(told)
	}
	b.Get(correct).At(http.StatusOK).Has("Có mã độc")
	if b.ticked("giay-"+component, "yes") {
		t.Error("what does harm is found complete")
	}
	// It is taken out; the paper lies at the one-stop.
	mended := b.Form(correct)
	mended.Del("tep-co-" + component)
	mended.Set("giay-"+component, "yes")
	mended.Set("sua-doi.reason", "Tệp cũ có mã độc.")
	b.post(correct, mended).At(http.StatusOK)
	s := must(w.book.Find(context.Background(), w.actor("motcua"), code))
	for _, d := range s.Documents {
		if d.Component == component && d.File != "" {
			t.Fatalf("it is still there: %+v", d)
		}
	}
	b.Get("/mot-cua").At(http.StatusOK).Lacks(told)
	if list := must(w.book.Harmed(context.Background(), w.actor("motcua"))); len(list) != 0 {
		t.Errorf("%v", list)
	}
}

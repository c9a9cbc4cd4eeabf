// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/web/webtest"
)

// figures reads the row of all agencies on the page of figures, by the heading
// of each cell, which the cell must name too, as on a phone nothing else does.
func (b *browser) figures() map[string]string {
	b.t.Helper()
	b.Get("/so-lieu?lang=vi").At(http.StatusOK)
	all := func(n *html.Node, tag string) (found []*html.Node) {
		webtest.Each(n, func(n *html.Node) {
			if n.Data == tag {
				found = append(found, n)
			}
		})
		return found
	}
	table := webtest.First(b.Page, func(n *html.Node) bool { return n.Data == "table" })
	if table == nil {
		return nil
	}
	if !slices.Contains(strings.Fields(webtest.Attr(table, "class")), "stack") || webtest.Attr(table, "role") != "table" {
		b.t.Error("the table does not stack on a phone, or is no table any more when it does")
	}
	heads := all(all(table, "thead")[0], "th")[1:]
	cells := map[string]string{}
	for _, row := range all(table, "tr")[1:] {
		for i, cell := range all(row, "td") {
			head := webtest.Visible(heads[i])
			if label := webtest.Attr(cell, "data-label"); label != head {
				b.t.Errorf("a cell under %q is labelled %q", head, label)
			}
			cells[head] = webtest.Visible(cell) // the last row is that of all
		}
	}
	return cells
}

// What is still being handled after it was due counts against the share in
// time, on the page of figures and at home; what waits to be received, or for
// its applicant, does not.
func TestOverdueCounts(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	done, _ := b.fileOne("1.004859")
	w.finish(dossierCode(done))
	b.signIn("nguoidan")
	code, _ := b.fileOne("1.001193")
	officer := func() dossier.State {
		t.Helper()
		for _, o := range w.site.Directory().Officers {
			account := must(w.register.Find(t.Context(), o.Account))
			who := dossier.ActorOf(account, w.site.Directory(), calendar.DateOf(w.clock.Now()))
			if s, err := w.book.Find(t.Context(), who, dossierCode(code)); err == nil {
				return s
			}
		}
		t.Fatal("nobody sees the dossier")
		return dossier.State{}
	}
	shares := func(want string) {
		t.Helper()
		w.clock.move(2 * time.Minute) // what a crowd looks at is kept for one
		s, overdue := officer(), "0"
		if slices.Contains(s.Flags(w.clock.Now()), "late") {
			overdue = "1"
		}
		if got := b.figures(); got["Trong đó đang quá hạn"] != overdue || got["Tỷ lệ không quá hạn"] != want {
			t.Errorf("%s: %v", s.Step, got)
		}
		b.Get("/?lang=vi").At(http.StatusOK).Has("<dd>" + want + "</dd>")
	}
	w.clock.move(20 * 24 * time.Hour)
	shares("100%") // sent long ago, but not received
	ctx := context.Background()
	if !w.one(ctx, dossierCode(code)) {
		t.Fatal("nobody receives")
	}
	shares("100%") // not due yet
	w.clock.move(officer().Due.Add(time.Minute).Sub(w.clock.Now()))
	seen := 0
	for officer().Phase == dossier.Running {
		shares("50%")
		if seen++; seen > 30 || !w.one(ctx, dossierCode(code)) {
			t.Fatalf("stuck at %s", officer().Step)
		}
	}
	if seen < 3 {
		t.Errorf("only %d steps were looked at", seen)
	}
	for officer().Phase == dossier.Ready {
		shares("50%") // finished late: counted once, whatever it still waits for
		if seen++; seen > 30 || !w.one(ctx, dossierCode(code)) {
			t.Fatalf("stuck at %s", officer().Step)
		}
	}
	got := b.figures()
	if got["Xong quá hạn"] != "1" || got["Đang giải quyết"] != "0" {
		t.Errorf("in the end: %v", got)
	}
}

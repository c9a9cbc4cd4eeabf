// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"motcua/internal/audit"
	"motcua/internal/calendar"
)

// A due day in a year whose holidays nobody has announced: the page says why the
// dossier is not received and what is to be done, and keeps what was typed; once
// they are announced the same page is sent again.
func TestReceiveForWantOfAYear(t *testing.T) {
	w := open(t)
	w.clock.move(time.Date(2027, 12, 29, 9, 0, 0, 0, calendar.Zone).Sub(w.clock.Now()))
	s := w.file("1.004859")
	here := "/mot-cua/ho-so/" + string(s.Code)
	b := w.browser("motcua")
	values := b.Get(here).Form(here + "/viec/receive")
	values["receive.components"] = components(t, w, s.Code)
	values.Set("receive.note", "Đã xem bản gốc")
	send := func(values url.Values) {
		r, err := b.Client.PostForm(b.url+here+"/viec/receive", values)
		b.Show(r, err)
	}
	send(values)
	b.At(http.StatusUnprocessableEntity).Has("Chưa có lịch nghỉ của năm 2028", "chưa ghi gì", "quản trị viên", "Đã xem bản gốc")
	if now := must(w.book.Find(context.Background(), w.actor("motcua"), s.Code)); now.Version != s.Version {
		t.Errorf("version %d, it was %d", now.Version, s.Version)
	}
	if err := w.site.Announce(t.Context(), audit.By{}, []calendar.Holiday{{Date: calendar.MustDate("2028-01-01"), Kind: calendar.Public}}); err != nil {
		t.Fatal(err)
	}
	if err := w.site.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Submit(here+"/viec/receive", nil, "").At(http.StatusOK).Has("Đã tiếp nhận hồ sơ", "03/01/2028") // 30, 31, Monday 3
}

// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/records"
)

// ended is a dossier that was refused at the counter: closed, with a short term.
func (w *town) ended() dossier.State {
	w.t.Helper()
	s := w.file("1.004859")
	s, err := w.book.Act(context.Background(), w.actor("motcua"), s.Code, dossier.Request{Act: "refuse", Version: s.Version, Params: map[string]any{"reason": "not_competent", "guidance": "Nộp nơi khác."}})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// turn lets the system go through what was kept long enough.
func (w *town) turn() {
	w.t.Helper()
	k := &records.Keeper{Book: w.book}
	for n := 1; n > 0; {
		var err error
		if n, err = k.Watch(context.Background(), 100); err != nil {
			w.t.Fatal(err)
		}
	}
}

// The leader goes through a round: holds one dossier, approves the rest, takes it
// back, approves again; what was destroyed is told by its code. Nobody else may.
func TestRoundPages(t *testing.T) {
	w := open(t)
	line := agency.Keep{From: calendar.MustDate("2026-01-01"), Procedure: "1.004859", Years: 2, Name: "Hồ sơ ngắn hạn", Basis: "Căn cứ thử"}
	if err := w.site.AddSchedule(t.Context(), audit.By{}, agency.Schedule{line}); err != nil {
		t.Fatal(err)
	}
	gone, held := w.ended(), w.ended()
	w.browser("lanhdao").Get("/mot-cua/luu-tru").At(http.StatusOK).Has("chưa có đợt xét nào", "Hồ sơ ngắn hạn", "2 năm sau năm kết thúc", "vĩnh viễn", "xóa sau 90 ngày")
	w.clock.move(time.Date(2029, 1, 4, 9, 0, 0, 0, calendar.Zone).Sub(w.clock.Now()))
	w.turn()
	leader := w.browser("lanhdao")
	leader.Get("/mot-cua/giam-sat").At(http.StatusOK).Has("chờ lãnh đạo duyệt", "năm 2029")
	leader.Get("/mot-cua/luu-tru").At(http.StatusOK).Has("Hủy hồ sơ hết thời hạn lưu trữ, năm 2029", "Chờ lãnh đạo duyệt")
	list, err := (&records.Keeper{Book: w.book}).Rounds(t.Context(), w.actor("lanhdao"))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	path := "/mot-cua/luu-tru/" + strconv.FormatInt(list[0].ID, 10)
	leader.Get(path).At(http.StatusOK).Has(string(gone.Code), string(held.Code), "Duyệt danh mục")
	if err := w.book.DB.Read(t.Context(), func(tx *db.Tx) error {
		lines, err := audit.Find(tx, `kind = 'listed' AND body LIKE $1`, `%`+string(gone.Code)+`%`, 10)
		if len(lines) != 1 || lines[0].Account != w.actor("lanhdao").Account {
			t.Errorf("who was shown whose dossiers a round lists: %+v", lines)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	leader.Submit(path, url.Values{"decision": {""}}, "viec=approve").At(http.StatusUnprocessableEntity).Has("Số quyết định, biên bản: cần điền mục này")
	w.browser("truongphong").Get(path).At(http.StatusOK).Lacks("Số quyết định")
	for _, login := range []string{"motcua", "phuxuan.ld", "quantri"} {
		w.browser(login).Get(path).At(http.StatusNotFound)
	}

	hold := "/mot-cua/ho-so/" + string(held.Code)
	leader.Get(hold).At(http.StatusOK).Has("Giữ lại, chưa hủy", "Xác định thời hạn lưu trữ", "Gói hồ sơ lưu trữ").
		Submit(hold+"/viec/hold", url.Values{"hold.why": {"complaint"}, "hold.reason": {"Đang khiếu nại"}}, "").At(http.StatusOK)
	leader.Get(hold).Has("Thôi giữ lại", "Đang có khiếu nại, tố cáo")
	leader.Get(path).Has(string(gone.Code)).Lacks(string(held.Code)).
		Submit(path, url.Values{"decision": {"12/QĐ-UBND"}}, "viec=approve").At(http.StatusOK).Has("Đã duyệt, làm từ ngày 04/02/2029", "12/QĐ-UBND")
	leader.Submit(path, nil, "viec=take_back").At(http.StatusOK).Has("Chờ lãnh đạo duyệt")
	leader.Submit(path, url.Values{"decision": {"13/QĐ-UBND"}}, "viec=approve").At(http.StatusOK)
	leader.Get(path + "/goi").At(http.StatusOK)
	z, err := zip.NewReader(strings.NewReader(leader.Text), int64(len(leader.Text)))
	if err != nil || len(z.File) != 1 || z.File[0].Name != string(gone.Code)+".zip" {
		t.Fatal(z, err)
	}
	w.clock.move(32 * 24 * time.Hour)
	w.turn()
	leader = w.browser("lanhdao")
	leader.Get(path).At(http.StatusOK).Has("Đã làm xong", "Hồ sơ đã hủy trong đợt này", string(gone.Code), "Không còn hồ sơ nào")
	leader.Get("/mot-cua/ho-so/"+string(gone.Code)).At(http.StatusNotFound).Has("đã được hủy ngày", "Hồ sơ ngắn hạn", "13/QĐ-UBND")
	leader.Get("/mot-cua/tim?q=" + string(gone.Code)).At(http.StatusNotFound).Has("đã được hủy ngày")
	w.browser("motcua").Get("/mot-cua/ho-so/"+string(gone.Code)).At(http.StatusNotFound).Has("đã được hủy ngày", "13/QĐ-UBND")
	for _, login := range []string{"phuxuan.ld", "quantri"} { // who could not see it
		stranger := w.browser(login)
		said := stranger.Get("/mot-cua/ho-so/" + string(gone.Code)).At(http.StatusNotFound).Lacks("hủy").Text
		none := string(gone.Code[:len(gone.Code)-4]) + "9999"
		if never := stranger.Get("/mot-cua/ho-so/" + none).At(http.StatusNotFound).Text; strings.ReplaceAll(never, none, string(gone.Code)) != said {
			t.Errorf("%s learns that there was a dossier:\n%s\n%s", login, said, never)
		}
	}
}

// An administrator adds lines to the record schedule; what is wrong is told by its
// line, and what was typed stays.
func TestSchedulePage(t *testing.T) {
	w := open(t)
	admin := w.browser("quantri")
	const path, head = "/mot-cua/luu-tru", "from,field,procedure,keep,years,identity_days,name,basis\n"
	admin.Get(path).At(http.StatusOK).
		Submit(path, url.Values{"lines": {head + "2027-01-01,,,years,99,,Nhóm mới,Căn cứ\n"}}, "").At(http.StatusUnprocessableEntity).Has("Dòng 2", "Nhóm mới").
		Submit(path, url.Values{"lines": {head + "2025-07-01,,,years,15,,Nhóm mới,Căn cứ\n"}}, "").At(http.StatusUnprocessableEntity).Has("đã có hiệu lực").
		Submit(path, url.Values{"lines": {head + "2027-01-01,,,years,15,60,Nhóm mới,Căn cứ\n"}}, "").At(http.StatusOK).Has("Nhóm mới", "15 năm sau năm kết thúc", "xóa sau 60 ngày")
	w.browser("motcua").Get(path).At(http.StatusOK).Lacks("Thêm dòng")
}

// The package of a closed dossier is for who heads the agency; a paper that was
// removed by rule says when and why, at the desk.
func TestPackageAndRemovedPaper(t *testing.T) {
	w := open(t)
	s := w.file("1.012906")
	path := "/mot-cua/ho-so/" + string(s.Code)
	leader := w.browser("lanhdao")
	leader.Get(path + "/goi").At(http.StatusUnprocessableEntity).Has("chưa kết thúc")
	s, err := w.book.Act(t.Context(), w.actor("motcua"), s.Code, dossier.Request{Act: "refuse", Version: s.Version, Params: map[string]any{"reason": "not_competent", "guidance": "Nộp nơi khác."}})
	if err != nil {
		t.Fatal(err)
	}
	leader.Get(path + "/goi").At(http.StatusOK)
	r, err := records.Check(bytes.NewReader([]byte(leader.Text)), int64(len(leader.Text)))
	if err != nil || len(r.Wrong) > 0 || r.Code != string(s.Code) {
		t.Error(r, err)
	}
	w.browser("motcua").Get(path + "/goi").At(http.StatusForbidden).Has("Chỉ lãnh đạo")
	w.clock.move(s.Retention.PurgeAt.Sub(w.clock.Now()) + time.Minute)
	if _, err := w.book.Watch(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	leader = w.browser("lanhdao")
	leader.Get(path).At(http.StatusOK).Has("Xóa bản chụp giấy tờ tùy thân", "SHA-256", "đã được xóa ngày")
	for _, d := range s.Documents {
		want := http.StatusOK
		if d.Component == "identity" {
			want = http.StatusNotFound
		}
		leader.Get(path + "/tep/" + d.File).At(want)
	}
}

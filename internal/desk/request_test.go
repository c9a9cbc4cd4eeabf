// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/internal/privacy"
	"motcua/internal/regime"
)

func (w *town) asks(login string, a privacy.Asked) privacy.Request {
	w.t.Helper()
	w.clock.move(time.Minute)
	return must(w.privacy.Ask(context.Background(), w.actor(login), a))
}

const requests = "/mot-cua/quyen-du-lieu"

// The officer in charge sees on their first page what is near its limit and past it,
// deals with requests, and sees no dossier; nobody else gets in.
func TestDataRequests(t *testing.T) {
	w := open(t)
	s := w.file("1.001193")
	erase := w.asks("nguoidan", privacy.Asked{Right: regime.Erase, Text: "Xóa <b>giúp</b>"})
	correct := w.asks("nguoidan2", privacy.Asked{Right: regime.Correct, Subject: "gender", Value: "Nữ"})
	b := w.browser("dulieu")
	b.Get("/mot-cua").At(http.StatusOK).Has("Yêu cầu đang mở: 2", requests).Lacks("quá hạn", "Bạn chưa có việc")
	b.Get(requests).At(http.StatusOK).Has(erase.Number, correct.Number, "Xóa dữ liệu", "Chờ trả lời")
	one := requests + "/" + correct.Number
	b.Get(one).At(http.StatusOK).Has("Lê Văn Tùng", "Giới tính, đang ghi", "Nam", "Nữ").
		Submit(one+"/viec/refuse", url.Values{"text": {"vì thế"}}, "").At(http.StatusUnprocessableEntity).Has("Căn cứ pháp lý", "vì thế", `href="#refuse-basis"`, `id="refuse-basis"`)
	b.Get(one).Submit(one+"/viec/accept", url.Values{"text": {"Sẽ sửa."}}, "").At(http.StatusOK).Has("Đã chấp nhận")
	b.Submit(one+"/viec/extend", url.Values{"text": {"bận"}, "days": {"16"}}, "").At(http.StatusUnprocessableEntity).
		Submit(one+"/viec/extend", url.Values{"text": {"Cần đối chiếu."}, "days": {"5"}}, "").At(http.StatusOK).Has("Đã gia hạn", "Hạn mới")
	b.Submit(one+"/viec/do", url.Values{"value": {"Nữ"}, "text": {"Đã sửa."}}, "").At(http.StatusOK).Has("Đã thực hiện", "Đã ghi: Nữ")
	if p := w.actor("nguoidan2").Facts["gender"]; p != "female" {
		t.Errorf("gender is %s", p)
	}
	b.Get(requests + "/DL-2026-9999").At(http.StatusNotFound)
	b.Get("/mot-cua/ho-so/" + string(s.Code)).At(http.StatusNotFound)
	b.Get("/mot-cua/giam-sat").At(http.StatusOK).Has("Yêu cầu đang mở: 1").Lacks(string(s.Code))

	one = requests + "/" + erase.Number
	b.Get(one).Has("Xóa &lt;b&gt;giúp").Submit(one+"/viec/accept", url.Values{"others": {"yes"}}, "").At(http.StatusOK)
	w.clock.move(30 * 24 * time.Hour)
	b = w.browser("dulieu")
	b.Get("/mot-cua").Has("quá hạn: 1")
	b.Get(one).Submit(one+"/viec/do", nil, "").At(http.StatusOK).Has("Hồ sơ giữ lại theo thời hạn bảo quản: 1")

	for _, login := range []string{"quantri", "lanhdao", "motcua"} {
		x := w.browser(login)
		for _, page := range []string{requests, one, breaches, breaches + "/SC-2026-0001", breaches + "/SC-2026-0001/giay"} {
			x.Get(page).At(http.StatusForbidden)
		}
		x.Get("/mot-cua").Lacks(requests)
	}
}

// An officer's own request is for others to decide.
func TestOwnDataRequest(t *testing.T) {
	w := open(t)
	r := w.asks("dulieu", privacy.Asked{Right: regime.Access})
	b := w.browser("dulieu")
	b.Get(requests).Has("của chính bạn")
	b.Get(requests + "/" + r.Number).At(http.StatusOK).Has("không được quyết định yêu cầu của chính mình").Lacks("/viec/accept")
}

const breaches = "/mot-cua/su-co-du-lieu"

// A breach is recorded, added to, told of and closed; its clock is on the officer's
// first page, and what is late is shown.
func TestBreachRegister(t *testing.T) {
	w := open(t)
	b := w.browser("dulieu")
	b.Get(breaches).At(http.StatusOK).Has("72 giờ", "Chưa có sự cố nào").
		Submit(breaches, url.Values{"title": {"Gửi nhầm"}, "noticed_day": {"1/1/2030"}}, "").At(http.StatusUnprocessableEntity).Has("Gửi nhầm").
		Submit(breaches, url.Values{"title": {"Gửi nhầm tệp"}, "noticed_day": {"22/11/2026"}, "noticed_time": {"15:00"}, "kind": {"confidentiality"}, "what": {"Dòng một\nDòng hai"}, "whose": {"Người nộp"}, "how_many": {"12"}, "data": {"Họ tên"}}, "").
		At(http.StatusOK).Has("SC-2026-0001", "15:00 ngày 25/11/2026", "Dòng hai")
	one := breaches + "/SC-2026-0001"
	b.Get("/mot-cua").Has("Sự cố chờ thông báo cho Bộ Công an: 1")
	b.Get(one).Submit(one, url.Values{"viec": {"amend"}, "measures": {"Đã thu hồi"}, "note": {""}}, "").At(http.StatusUnprocessableEntity).Has("Đã thu hồi").
		Submit(one, url.Values{"viec": {"amend"}, "measures": {"Đã thu hồi"}, "note": {"Thêm biện pháp"}}, "").At(http.StatusOK).Has("Thêm biện pháp").
		Submit(one, url.Values{"viec": {"close"}, "note": {"xong"}}, "").At(http.StatusUnprocessableEntity).Has("Chưa thông báo cho Bộ Công an").
		Submit(one, url.Values{"viec": {"tell"}, "who": {"named"}, "named": {"nguoidan\nkhongcoai"}, "text": {"Tên bạn bị gửi nhầm."}}, "").At(http.StatusOK).Has("Đã báo 1 người; không tìm thấy: 1")
	b.Get(one + "/giay").At(http.StatusOK)
	if !strings.HasPrefix(b.Text, "%PDF") {
		t.Errorf("paper: %.40s", b.Text)
	}
	w.clock.move(4 * 24 * time.Hour)
	b = w.browser("dulieu")
	b.Get("/mot-cua").Has("quá hạn: 1")
	b.Get(breaches).Has("quá hạn, chưa thông báo")
	b.Get(one).Submit(one, url.Values{"viec": {"notify"}, "as": {"5/TB"}}, "").At(http.StatusOK).Has("trễ hạn", "5/TB")
	b.Submit(one, url.Values{"viec": {"close"}, "note": {"Đã xong."}}, "").At(http.StatusOK).Lacks("name=\"viec\"")
	b.Get(breaches + "?lang=en").Has("told, late")
}

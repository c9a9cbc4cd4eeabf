// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"motcua/internal/dossier"
	"motcua/internal/privacy"
	"motcua/internal/province"
	"motcua/internal/regime"
	"motcua/internal/web/webtest"
)

const myData = "/tai-khoan/du-lieu"

// The privacy notice is there for everybody, in both languages.
func TestPrivacyNotice(t *testing.T) {
	w := open(t)
	b := w.browser()
	b.Get("/").Has("/quyen-rieng-tu")
	b.Get("/quyen-rieng-tu").At(http.StatusOK).Has("91/2025/QH15", "2 ngày làm việc", "Điều 19", "A05", "10 ngày", "15 ngày")
	b.Get("/quyen-rieng-tu?lang=en").At(http.StatusOK).Has("What data are kept for", "2 working days", "restricted")
	b.Get(myData)
	if !strings.HasPrefix(b.Path, "/dang-nhap") {
		t.Errorf("a stranger is led to %s", b.Path)
	}
}

// A person sees what is kept of them, asks, is told of each step, withdraws, and
// complains of what they do not agree with.
func TestAskingAboutMyData(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	b.Get("/tai-khoan").Has(myData)
	b.Get(myData).At(http.StatusOK).Has("046190001234", "Hương Giang", "15/03/1990", "Bạn chưa gửi yêu cầu nào")
	ask := myData + "/yeu-cau"
	b.Get(ask + "?quyen=everything").At(http.StatusNotFound)
	b.Get(ask+"?quyen=delete").At(http.StatusOK).Has("không đăng nhập được nữa", "Điều 19")
	b.Get(ask+"?quyen=correct").At(http.StatusOK).
		Submit(ask, nil, "").At(http.StatusUnprocessableEntity).Has("Chỗ sai: cần chọn", "Nội dung đúng: cần điền").
		Submit(ask, url.Values{"subject": {"phone"}, "value": {"không phải"}, "text": {"giữ <b>lại</b>"}}, "").At(http.StatusUnprocessableEntity).Has("giữ &lt;b&gt;lại", "không phải").
		Submit(ask, url.Values{"subject": {"phone"}, "value": {"0905 333 444"}}, "").At(http.StatusOK).Has("Đã gửi yêu cầu", "DL-2026-0001", "Chờ trả lời", "0905333444", "&lt;b&gt;")
	one := strings.SplitN(b.Path, "?", 2)[0]
	b.Get(ask+"?quyen=correct").Submit(ask, url.Values{"subject": {"phone"}, "value": {"0905333444"}}, "").At(http.StatusConflict).Has("DL-2026-0001")
	b.Get("/ho-so").Has("Có bước mới trong yêu cầu", one)
	other := w.citizen("nguoidan2")
	other.Get(one).At(http.StatusNotFound)
	other.Get(myData).Lacks("DL-2026-0001")

	officer := w.officer("dulieu")
	act := func(act string, g privacy.Given) {
		t.Helper()
		w.clock.move(time.Minute)
		r, err := w.privacy.Find(t.Context(), officer, "DL-2026-0001")
		if err != nil {
			t.Fatal(err)
		}
		g.Version = r.Version
		if _, err := w.privacy.Act(t.Context(), officer, r.Number, act, g); err != nil {
			t.Fatal(err)
		}
	}
	act(privacy.ActAccept, privacy.Given{Text: "Sẽ sửa trong tuần."})
	b.Get(one).Has("Đã chấp nhận", "Sẽ sửa trong tuần.", "Tôn Nữ Bảo Trâm")
	act(privacy.ActRefuse, privacy.Given{Text: "Số này của người khác.", Basis: "Điều 13"})
	b.Get(one).Has("Đã từ chối", "Số này của người khác.", "Điều 13", "Tòa án").
		Submit(one+"/khieu-nai", nil, "").At(http.StatusUnprocessableEntity).Has("Cần điền mục này").
		Submit(one+"/khieu-nai", url.Values{"text": {"Số này là của tôi."}}, "").At(http.StatusOK).Has("Đang giải quyết khiếu nại", "Số này là của tôi.").Lacks("Gửi khiếu nại")
	b.Get(ask+"?quyen=object&muc-dich=remind").At(http.StatusOK).Submit(ask, nil, "").At(http.StatusOK).
		Get(strings.SplitN(b.Path, "?", 2)[0]+"/rut").At(http.StatusOK).Has("Rút yêu cầu này?", "Giữ yêu cầu").
		Submit(b.Path, nil, "").At(http.StatusOK).Has("Bạn đã rút").Get(strings.SplitN(b.Path, "?", 2)[0] + "/rut").At(http.StatusOK).Has("Bạn đã rút")
	other.Get(strings.SplitN(b.Path, "?", 2)[0] + "/rut").At(http.StatusNotFound)
	w.clock.move(60 * 24 * time.Hour)
	b = w.citizen("nguoidan")
	b.Get(one).Has("Cơ quan đã trễ hạn")
}

// What is restricted shows on the account, and its holder lets it go on.
func TestRestrictedShows(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	r, err := w.privacy.Ask(t.Context(), w.officer("nguoidan"), privacy.Asked{Right: regime.Restrict})
	for _, act := range []string{privacy.ActAccept, privacy.ActDo} {
		if err == nil {
			r, err = w.privacy.Act(t.Context(), w.officer("dulieu"), r.Number, act, privacy.Given{Version: r.Version})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	b.Get(myData).Has("đang bị hạn chế xử lý", "Điều 19", "đang dừng").
		Submit(myData+"/noi-lai", nil, "").At(http.StatusOK).Has("đã được mở lại").Lacks("đang bị hạn chế")
}

// The copy is a ZIP file with a page that is read without a network, in the language
// of its person; who has a second factor is asked for it first.
func TestCopyOfMyData(t *testing.T) {
	w := open(t)
	b, single := w.citizen("nguoidan"), w.citizen("nguoidan")
	s := w.sent("1.001193")
	for lang, want := range map[string][]string{"vi": {"Bản sao dữ liệu cá nhân", "Cha", "Đã nộp hồ sơ"}, "en": {"Copy of personal data", "Father"}} {
		b.Get(myData+"?lang="+lang).At(http.StatusOK).Submit(myData+"/ban-sao", nil, "").At(http.StatusOK)
		z, err := zip.NewReader(strings.NewReader(b.Text), int64(len(b.Text)))
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, f := range z.File {
			r := must(f.Open())
			files[f.Name] = string(must(io.ReadAll(r)))
			if f.Name == "" || strings.Contains(f.Name, "..") || strings.HasPrefix(f.Name, "/") {
				t.Errorf("file %q", f.Name)
			}
		}
		page := files["index.html"]
		for _, x := range append(want, string(s.Code), `lang="`+lang+`"`, "046190001234") {
			if !strings.Contains(page, x) {
				t.Errorf("%s: lacks %s", lang, x)
			}
		}
		if strings.Contains(page, "[portal.") || strings.Contains(page, "[privacy.") || strings.Contains(page, "//") || strings.Contains(page, "src=") {
			t.Errorf("%s: words are missing, or something is to be fetched", lang)
		}
		webtest.Each(must(html.Parse(strings.NewReader(page))), func(n *html.Node) {
			to := webtest.Attr(n, "href")
			if u, err := url.PathUnescape(to); err != nil || to != "" && !strings.HasPrefix(to, "#") && files[u] == "" {
				t.Errorf("%s: leads to %s, which is not there", lang, to)
			}
		})
		if !bytes.Contains([]byte(files["data.json"]), []byte(privacy.CopyFormat)) || len(files) < 4 || files["data.schema.json"] == "" {
			t.Errorf("%s: %d files", lang, len(files))
		}
	}
	page := "/tai-khoan/xac-thuc"
	b.Get(page + "?lang=vi")
	code := b.generator(page)
	b.Submit(page, url.Values{"password": {province.Password}, "code": {code()}}, "").At(http.StatusOK)
	single.Get(myData).Has("mã xác thực hai lớp trước").Submit(myData+"/ban-sao", nil, "").At(http.StatusOK)
	if !strings.HasPrefix(single.Path, "/tai-khoan/nang-muc?next=") {
		t.Fatalf("who has not used their second factor is led to %s", single.Path)
	}
	rise := "/tai-khoan/nang-muc"
	single.Submit(rise, url.Values{"code": {code()}}, "").At(http.StatusOK)
	if single.Submit(myData+"/ban-sao", nil, "").At(http.StatusOK); !strings.HasPrefix(single.Text, "PK") {
		t.Error("no copy after the code")
	}
}

// sent is a dossier that the demo's citizen sent.
func (w *town) sent(code string) dossier.State {
	w.t.Helper()
	f := w.sampleOf(code)
	return must(w.book.Submit(w.t.Context(), w.officer("nguoidan"), f, nil))
}

// Who is told of a breach reads what happened; nobody else does.
func TestToldOfABreach(t *testing.T) {
	w := open(t)
	officer := w.officer("dulieu")
	b, err := w.privacy.Record(t.Context(), officer, privacy.Incident{Title: "Gửi nhầm", NoticedAt: w.clock.Now(), Kind: "confidentiality", What: "x", Whose: "y", Data: "z"})
	if err == nil {
		_, err = w.privacy.Tell(t.Context(), officer, b.Number, b.Version, "Tên của bạn đã bị gửi nhầm.\nHãy cẩn thận <i>cuộc gọi lạ</i>.", []string{"nguoidan"}, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	told := w.citizen("nguoidan")
	told.Get("/ho-so").Has("Có sự cố liên quan", myData+"/su-co/"+b.Number)
	told.Get(myData+"/su-co/"+b.Number).At(http.StatusOK).Has("Tên của bạn đã bị gửi nhầm.", "&lt;i&gt;")
	w.citizen("nguoidan2").Get(myData + "/su-co/" + b.Number).At(http.StatusNotFound)
}

// Who acts for an organisation has no data of their own here.
func TestNotForAnOrganisation(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	m := must(w.register.Mandates(t.Context(), w.officer("nguoidan").Account))[0]
	b.Get("/to-chuc").Submit("/to-chuc/chon", url.Values{"organisation": {strconv.FormatInt(m.Organisation, 10)}}, "").At(http.StatusOK)
	if b.Get(myData); b.Path != "/to-chuc" {
		t.Errorf("led to %s", b.Path)
	}
}

// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"motcua/internal/dossier"
)

// fileOne sends a dossier and returns its code and look-up secret.
func (b *browser) fileOne(procedure string) (code, secret string) {
	b.t.Helper()
	sample := b.sampleOf(procedure)
	draft := b.begin(sample)
	b.fill(draft, sample)
	b.Submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").At(http.StatusOK)
	code = strings.TrimSuffix(strings.TrimPrefix(b.Path, "/ho-so/"), "/da-nop")
	secret = regexp.MustCompile(`<strong>([a-z2-7]{10})</strong>`).FindStringSubmatch(b.Text)[1]
	return code, secret
}

// Strangers learn how far a dossier is and nothing else; the secret opens it,
// without what was answered and handed in.
func TestLookup(t *testing.T) {
	w := open(t)
	code, secret := w.citizen("nguoidan").fileOne("1.004859")
	b := w.browser()
	personal := []string{"Hương Giang", "Hương", "046190001234", "0905000123", "Lê Lợi", "hộ tịch", "Thuận Hóa", secret}
	b.Get("/tra-cuu").Submit("/tra-cuu", url.Values{"code": {" " + strings.ToLower(code) + " "}}, "").At(http.StatusOK).Has(code, "Mới đăng ký", "5%").Lacks(personal...)
	b.Get("/tra-cuu?code=H57.101.1-991231-0001").At(http.StatusUnprocessableEntity).Has("Không tìm thấy hồ sơ")
	b.Get("/tra-cuu?code=%3Cscript%3E").At(http.StatusUnprocessableEntity).Lacks("<script>").Has("code-error")
	b.Get("/tra-cuu").Submit("/tra-cuu", nil, "").At(http.StatusUnprocessableEntity).Has("Nhập mã hồ sơ.")
	b.Get("/ho-so/" + code).At(http.StatusNotFound).Lacks(personal...)

	w.finish(dossierCode(code))
	b.Get("/tra-cuu").Submit("/tra-cuu", url.Values{"code": {code}, "secret": {"wrong"}}, "").At(http.StatusUnprocessableEntity).Has("secret-error").Lacks(personal...)
	b.Submit("/tra-cuu", url.Values{"code": {code}, "secret": {secret}}, "").At(http.StatusOK).Has("Từng bước", "cán bộ một cửa")
	if b.Path != "/ho-so/"+code {
		t.Errorf("led to %s", b.Path)
	}
	b.Lacks("Hương", "046190001234", "0905000123", secret, "/tep/", "/giay/", "danh-gia").Has("Kết quả chỉ mở cho người nộp")
	f, err := w.book.OpenBySecret(t.Context(), dossier.Actor{}, dossierCode(code), secret)
	if err != nil {
		t.Fatal(err)
	}
	b.Get("/ho-so/" + code + "/ket-qua/" + f.State.Template).At(http.StatusForbidden).Has("Xin đăng nhập")
	b.Get("/ho-so/" + code + "/giay/submission").At(http.StatusNotFound)
	b.Get("/ho-so/" + code + "/giay/receipt").At(http.StatusNotFound)
	if b.Get("/ho-so/" + code + "/tep/x"); !strings.HasPrefix(b.Path, "/dang-nhap") {
		t.Errorf("files: led to %s", b.Path)
	}

	// Who guesses is slowed down, and let in again later.
	g := w.browser()
	for range 10 {
		g.Get("/tra-cuu").Submit("/tra-cuu", url.Values{"code": {code}, "secret": {"aaaaaaaaaa"}}, "").At(http.StatusUnprocessableEntity)
	}
	g.Submit("/tra-cuu", url.Values{"code": {code}, "secret": {secret}}, "").At(http.StatusTooManyRequests)
	w.clock.move(16 * time.Minute)
	g.Get("/tra-cuu").Submit("/tra-cuu", url.Values{"code": {code}, "secret": {secret}}, "").At(http.StatusOK).Has("Từng bước")
}

// What does not exist, and what is somebody else's, looks the same.
func TestWrongAddresses(t *testing.T) {
	w := open(t)
	code, _ := w.citizen("nguoidan").fileOne("2.002516")
	stranger, other, officer := w.browser(), w.citizen("nguoidan2"), w.citizen("lanhdao")
	for _, path := range []string{"/khong-co", "/thu-tuc/9.9", "/ho-so/xyz", "/ho-so/H57.101.1-990101-0001", "/ho-so/" + code, "/ho-so/" + code + "/giay/receipt", "/ho-so/" + code + "/khong-co/x/y", "/ho-so/" + code + "/ket-qua/x", "/mot-cua/khong-co"} {
		stranger.Get(path).At(http.StatusNotFound).Has("Bạn có thể").Lacks("Hương")
		other.Get(path).At(http.StatusNotFound).Lacks("Hương")
		officer.Get(path).At(http.StatusNotFound).Lacks("Hương Giang")
		other.Get(path + "?lang=en").At(http.StatusNotFound).Has("What you can do")
		other.Get("/?lang=vi")
	}
	for _, path := range []string{"/ho-so/" + code + "/da-nop", "/ho-so/" + code + "/tep/x", "/ho-so/" + code + "/danh-gia", "/ho-so/nhap/00"} {
		other.Get(path).At(http.StatusNotFound)
		if stranger.Get(path); !strings.HasPrefix(stranger.Path, "/dang-nhap?next=") {
			t.Errorf("%s leads a stranger to %s", path, stranger.Path)
		}
	}
	r, err := http.Post(w.url+"/khong-co", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode < 400 || r.StatusCode >= 500 {
		t.Errorf("POST: %d", r.StatusCode)
	}
}

// An account is made with every wrong field named at once, and changed.
func TestAccount(t *testing.T) {
	w := open(t)
	b := w.browser()
	b.Get("/dang-ky?next=/thu-tuc/2.002516").Submit("/dang-ky", url.Values{"login": {"ab"}, "password": {"123"}, "name": {"Trần 1"}, "phone": {"x"}}, "").At(http.StatusUnprocessableEntity)
	b.Has("login-error", "password-error", "name-error", "phone-error", "id_number-error", "birth_date-error", "address-error")
	if value(b, "name") != "Trần 1" || value(b, "login") != "ab" {
		t.Error("what was typed is lost")
	}
	right := url.Values{"login": {"Tran.Binh"}, "password": {"một mật khẩu"}, "again": {"một mật khẩu"}, "name": {"Trần Bình"}, "id_number": {"046 090 000 111"},
		"birth_date": {"1/2/1990"}, "phone": {"0905111222"}, "address": {"5 Lê Duẩn, Huế"}}
	b.Submit("/dang-ky", right, "").At(http.StatusOK).Has("Trần Bình")
	if b.Path != "/thu-tuc/2.002516" {
		t.Errorf("led to %s", b.Path)
	}
	b.Get("/tai-khoan").Submit("/tai-khoan", url.Values{"email": {"nope"}}, "").At(http.StatusUnprocessableEntity).Has("email-error")
	b.Submit("/tai-khoan", url.Values{"email": {"binh@example.vn"}, "name": {"Trần Văn Bình"}}, "").At(http.StatusOK).Has("Đã lưu thông tin tài khoản", "Trần Văn Bình")
	b.Submit("/dang-xuat", nil, "").At(http.StatusOK).Has("Bạn đã đăng xuất").Lacks("Trần Văn Bình")
	if b.Get("/ho-so"); !strings.HasPrefix(b.Path, "/dang-nhap") {
		t.Errorf("signed out at %s", b.Path)
	}
	b.Get("/dang-ky")
	right.Set("phone", "x")
	b.Submit("/dang-ky", right, "").At(http.StatusUnprocessableEntity).Has("đã có người dùng", "gồm 10 hoặc 11 chữ số")
	b.Get("/dang-nhap").Submit("/dang-nhap", url.Values{"login": {"tran.binh"}, "password": {"một mật khẩu"}}, "").At(http.StatusOK).Has("Trần Văn Bình")

	b.Get("/tai-khoan/mat-khau").Submit("/tai-khoan/mat-khau", url.Values{"old": {"sai"}, "password": {"ngắn"}}, "").At(http.StatusUnprocessableEntity).
		Has("Mật khẩu hiện tại chưa đúng", "Mật khẩu cần ít nhất 8 ký tự")
	b.Submit("/tai-khoan/mat-khau", url.Values{"old": {"một mật khẩu"}, "password": {"mật khẩu thứ hai"}, "again": {"mật khẩu thứ ba"}}, "").At(http.StatusUnprocessableEntity).Has("không giống nhau")
	b.Submit("/tai-khoan/mat-khau", url.Values{"old": {"một mật khẩu"}, "password": {"mật khẩu thứ hai"}, "again": {"mật khẩu thứ hai"}}, "").At(http.StatusOK).Has("Đã đổi mật khẩu")
	b.Submit("/dang-xuat", nil, "").At(http.StatusOK)
	b.Get("/dang-nhap").Submit("/dang-nhap", url.Values{"login": {"tran.binh"}, "password": {"mật khẩu thứ hai"}}, "").At(http.StatusOK).Has("Trần Văn Bình")
}

func TestSignIn(t *testing.T) {
	w := open(t)
	b := w.browser()
	for _, next := range []string{"https://example.com/", "//example.com/", "/\\example.com", "javascript:alert(1)"} {
		b.Get("/dang-nhap?next="+url.QueryEscape(next)).Lacks("example.com", "javascript:")
	}
	for range 10 {
		b.Get("/dang-nhap").Submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {"sai"}}, "").At(http.StatusUnprocessableEntity).Has("chưa đúng")
		if value(b, "login") != "nguoidan" {
			t.Error("the login is lost")
		}
	}
	b.Submit("/dang-nhap", url.Values{"password": {"motcua-demo"}}, "").At(http.StatusTooManyRequests)
	w.clock.move(16 * time.Minute)
	b.Get("/dang-nhap").Submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {"motcua-demo"}, "next": {"/dang-xuat"}}, "").At(http.StatusOK)
	b = w.browser()
	b.Get("/dang-nhap?next=//example.com").Submit("/dang-nhap", url.Values{"login": {"NguoiDan "}, "password": {"motcua-demo"}, "next": {"//example.com"}}, "").At(http.StatusOK)
	if b.Path != "/ho-so" {
		t.Errorf("signed in, led to %s", b.Path)
	}
	for _, c := range b.Client.Jar.Cookies(must(url.Parse(b.url))) {
		if c.Name == "session" && len(c.Value) < 30 {
			t.Errorf("session %q", c.Value)
		}
	}
	// A form from elsewhere has no token.
	r, err := b.Client.PostForm(b.url+"/dang-xuat", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusForbidden {
		t.Errorf("without token: %d", r.StatusCode)
	}
}

// Every open page is there in both languages.
func TestOpenPages(t *testing.T) {
	w := open(t)
	b := w.browser()
	for _, path := range []string{"/", "/thu-tuc", "/thu-tuc?life_event=birth&level=commune", "/thu-tuc?field=none", "/thu-tuc?page=2", "/thu-tuc/1.001193", "/thu-tuc/2.002516", "/tra-cuu", "/dang-nhap", "/dang-ky", "/tro-giup", "/so-lieu"} {
		for _, lang := range []string{"vi", "en"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			b.Get(path + sep + "lang=" + lang).At(http.StatusOK).Has(`<html lang="` + lang + `"`)
		}
	}
	b.Get("/thu-tuc?field=none&lang=vi").Has("Không tìm thấy thủ tục nào", "Thử từ khác")
	b.Get("/thu-tuc/1.001193").Has("Theo ghi chú", "8.000 đồng", "Căn cứ pháp lý", "Bản chính", "Những chỗ nguồn chưa rõ")
}

// Own pages are there in English too.
func TestOwnPagesInEnglish(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	code, _ := b.fileOne("1.004859")
	b.Get("/ho-so/" + code + "/da-nop?lang=en").At(http.StatusOK).Has("Dossier sent")
	w.finish(dossierCode(code))
	b.signIn("nguoidan")
	draft := b.begin(w.sampleOf("1.001193"))
	for _, path := range []string{"/ho-so", "/ho-so/" + code, "/ho-so/" + code + "/danh-gia", "/tai-khoan", draft, draft + "/nguoi-nop", draft + "/trang/child", draft + "/giay-to", draft + "/nhan-ket-qua", draft + "/kiem-tra", "/thu-tuc/1.001193/bat-dau"} {
		b.Get(path).At(http.StatusOK).Has(`<html lang="en"`)
	}
	b.Get(draft+"/trang/child").Submit(draft+"/trang/child", nil, "").At(http.StatusUnprocessableEntity).Has("There is a problem")
}

// No Vietnamese stands in templates or code: it belongs to the words.
func TestNoWordsInPages(t *testing.T) {
	vietnamese := regexp.MustCompile(`[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]`)
	files, err := filepath.Glob("*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if m := vietnamese.FindString(string(text)); m != "" {
			t.Errorf("%s holds %q", f, m)
		}
	}
}

// catalogueLine is a procedure of the national catalogue that is not offered.
const catalogueLine = `{"code":"9.000001","name":"Cấp phép nuôi chim yến","source":"Cổng Dịch vụ công quốc gia","captured":"2026-07","source_url":"https://example.vn/9","field":"Chăn nuôi","level":["PROVINCE"],"subjects":["Công dân Việt Nam"],"executing_agency":"Sở Nông nghiệp và Môi trường","decision_no":"1/QĐ-BNNMT","steps":["Nộp hồ sơ"],"methods":[{"channel":"ONLINE","channel_text":"Trực tuyến","time_value":5,"time_unit":"WORKING_DAY","time_text":"5 Ngày làm việc","fees":[{"text":"8.000 Đồng","amount":8000,"kind":"Lệ phí","note":"mỗi bản"}]}],"dossier":[{"case":"","items":[{"name":"Đơn đề nghị","original_qty":1,"copy_qty":2}]}],"legal_basis":["13/2020/NĐ-CP"],"results":[{"name":"Giấy phép <b>nuôi</b>","code":"KQ.1"}]}`

// People find by everyday words, without marks, and see what the national
// catalogue knows of a procedure that cannot be filed here.
func TestSearch(t *testing.T) {
	w := open(t)
	if _, _, err := w.book.Catalogue.Import(t.Context(), strings.NewReader(catalogueLine), w.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if err := w.book.Catalogue.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.book.Catalogue.Settle()
	b := w.browser()
	b.Get("/thu-tuc?q=lam+giay+khai+sinh").At(http.StatusOK).Has("Kết quả cho", "/thu-tuc/1.001193")
	b.Get("/thu-tuc?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E+" + strings.Repeat("x", 5000)).At(http.StatusOK).Lacks("<script>alert")
	b.Get("/thu-tuc?q=nuoi+chim+yen").At(http.StatusOK).Has("Cấp phép nuôi chim yến", "Chưa nộp được trên cổng này")
	for _, lang := range []string{"vi", "en"} {
		b.Get("/thu-tuc/9.000001?lang="+lang).At(http.StatusOK).Has("Cấp phép nuôi chim yến", "13/2020/NĐ-CP", "Đơn đề nghị", "Nộp hồ sơ").Lacks("<b>nuôi", "/ho-so/nhap")
	}
}

// Only the page of papers takes a form in parts: elsewhere its token would not
// be looked at.
func TestPartsOfStrangers(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	_ = parts.WriteField("x", "y")
	_ = parts.Close()
	r, err := b.Client.Post(b.url+"/dang-xuat", parts.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusForbidden {
		t.Errorf("signing out in parts: %d", r.StatusCode)
	}
	b.Get("/ho-so").At(http.StatusOK)
}

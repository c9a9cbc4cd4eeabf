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

)

// fileOne sends a dossier and returns its code and look-up secret.
func (b *browser) fileOne(procedure string) (code, secret string) {
	b.t.Helper()
	sample := b.sampleOf(procedure)
	draft := b.begin(sample)
	b.fill(draft, sample)
	b.submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").at(http.StatusOK)
	code = strings.TrimSuffix(strings.TrimPrefix(b.path, "/ho-so/"), "/da-nop")
	secret = regexp.MustCompile(`<strong>([a-z2-7]{10})</strong>`).FindStringSubmatch(b.text)[1]
	return code, secret
}

// Strangers learn how far a dossier is and nothing else; the secret opens it,
// without what was answered and handed in.
func TestLookup(t *testing.T) {
	w := open(t)
	code, secret := w.citizen("nguoidan").fileOne("1.004859")
	b := w.browser()
	personal := []string{"Hương Giang", "Hương", "046190001234", "0905000123", "Lê Lợi", "hộ tịch", "Thuận Hóa", secret}
	b.get("/tra-cuu").submit("/tra-cuu", url.Values{"code": {" " + strings.ToLower(code) + " "}}, "").at(http.StatusOK).has(code, "Mới đăng ký", "5%").lacks(personal...)
	b.get("/tra-cuu?code=H57.101.1-991231-0001").at(http.StatusUnprocessableEntity).has("Không tìm thấy hồ sơ")
	b.get("/tra-cuu?code=%3Cscript%3E").at(http.StatusUnprocessableEntity).lacks("<script>").has("code-error")
	b.get("/tra-cuu").submit("/tra-cuu", nil, "").at(http.StatusUnprocessableEntity).has("Nhập mã hồ sơ.")
	b.get("/ho-so/" + code).at(http.StatusNotFound).lacks(personal...)

	w.finish(dossierCode(code))
	b.get("/tra-cuu").submit("/tra-cuu", url.Values{"code": {code}, "secret": {"wrong"}}, "").at(http.StatusUnprocessableEntity).has("secret-error").lacks(personal...)
	b.submit("/tra-cuu", url.Values{"code": {code}, "secret": {secret}}, "").at(http.StatusOK).has("Từng bước", "cán bộ một cửa")
	if b.path != "/ho-so/"+code {
		t.Errorf("led to %s", b.path)
	}
	b.lacks("Hương", "046190001234", "0905000123", secret, "/tep/", "/giay/submission", "danh-gia")
	for _, href := range append(b.links("/ho-so/"+code+"/giay/"), b.links("/ho-so/"+code+"/ket-qua/")...) {
		if b.get(href).at(http.StatusOK); !strings.HasPrefix(b.text, "%PDF-") {
			t.Errorf("%s is no PDF", href)
		}
	}
	b.get("/ho-so/" + code + "/giay/submission").at(http.StatusNotFound)
	if b.get("/ho-so/" + code + "/tep/x"); !strings.HasPrefix(b.path, "/dang-nhap") {
		t.Errorf("files: led to %s", b.path)
	}

	// Who guesses is slowed down, and let in again later.
	g := w.browser()
	for range 10 {
		g.get("/tra-cuu").submit("/tra-cuu", url.Values{"code": {code}, "secret": {"aaaaaaaaaa"}}, "").at(http.StatusUnprocessableEntity)
	}
	g.submit("/tra-cuu", url.Values{"code": {code}, "secret": {secret}}, "").at(http.StatusTooManyRequests)
	w.clock.move(16 * time.Minute)
	g.get("/tra-cuu").submit("/tra-cuu", url.Values{"code": {code}, "secret": {secret}}, "").at(http.StatusOK).has("Từng bước")
}

// What does not exist, and what is somebody else's, looks the same.
func TestWrongAddresses(t *testing.T) {
	w := open(t)
	code, _ := w.citizen("nguoidan").fileOne("2.002516")
	stranger, other, officer := w.browser(), w.citizen("nguoidan2"), w.citizen("lanhdao")
	for _, path := range []string{"/khong-co", "/thu-tuc/9.9", "/ho-so/xyz", "/ho-so/H57.101.1-990101-0001", "/ho-so/" + code, "/ho-so/" + code + "/giay/receipt", "/ho-so/" + code + "/khong-co/x/y", "/ho-so/" + code + "/ket-qua/x", "/mot-cua/khong-co"} {
		stranger.get(path).at(http.StatusNotFound).has("Bạn có thể").lacks("Hương")
		other.get(path).at(http.StatusNotFound).lacks("Hương")
		officer.get(path).at(http.StatusNotFound).lacks("Hương Giang")
		other.get(path + "?lang=en").at(http.StatusNotFound).has("What you can do")
		other.get("/?lang=vi")
	}
	for _, path := range []string{"/ho-so/" + code + "/da-nop", "/ho-so/" + code + "/tep/x", "/ho-so/" + code + "/danh-gia", "/ho-so/nhap/00"} {
		other.get(path).at(http.StatusNotFound)
		if stranger.get(path); !strings.HasPrefix(stranger.path, "/dang-nhap?next=") {
			t.Errorf("%s leads a stranger to %s", path, stranger.path)
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
	b.get("/dang-ky?next=/thu-tuc/2.002516").submit("/dang-ky", url.Values{"login": {"ab"}, "password": {"123"}, "name": {"Trần 1"}, "phone": {"x"}}, "").at(http.StatusUnprocessableEntity)
	b.has("login-error", "password-error", "name-error", "phone-error", "id_number-error", "birth_date-error", "address-error")
	if value(b, "name") != "Trần 1" || value(b, "login") != "ab" {
		t.Error("what was typed is lost")
	}
	right := url.Values{"login": {"Tran.Binh"}, "password": {"một mật khẩu"}, "again": {"một mật khẩu"}, "name": {"Trần Bình"}, "id_number": {"046 090 000 111"},
		"birth_date": {"1/2/1990"}, "phone": {"0905111222"}, "address": {"5 Lê Duẩn, Huế"}}
	b.submit("/dang-ky", right, "").at(http.StatusOK).has("Trần Bình")
	if b.path != "/thu-tuc/2.002516" {
		t.Errorf("led to %s", b.path)
	}
	b.get("/tai-khoan").submit("/tai-khoan", url.Values{"email": {"nope"}}, "").at(http.StatusUnprocessableEntity).has("email-error")
	b.submit("/tai-khoan", url.Values{"email": {"binh@example.vn"}, "name": {"Trần Văn Bình"}}, "").at(http.StatusOK).has("Đã lưu thông tin tài khoản", "Trần Văn Bình")
	b.submit("/dang-xuat", nil, "").at(http.StatusOK).has("Bạn đã đăng xuất").lacks("Trần Văn Bình")
	if b.get("/ho-so"); !strings.HasPrefix(b.path, "/dang-nhap") {
		t.Errorf("signed out at %s", b.path)
	}
	b.get("/dang-ky").submit("/dang-ky", right, "").at(http.StatusUnprocessableEntity).has("đã có người dùng")
	b.get("/dang-nhap").submit("/dang-nhap", url.Values{"login": {"tran.binh"}, "password": {"một mật khẩu"}}, "").at(http.StatusOK).has("Trần Văn Bình")
}

func TestSignIn(t *testing.T) {
	w := open(t)
	b := w.browser()
	for _, next := range []string{"https://example.com/", "//example.com/", "/\\example.com", "javascript:alert(1)"} {
		b.get("/dang-nhap?next="+url.QueryEscape(next)).lacks("example.com", "javascript:")
	}
	for range 10 {
		b.get("/dang-nhap").submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {"sai"}}, "").at(http.StatusUnprocessableEntity).has("chưa đúng")
		if value(b, "login") != "nguoidan" {
			t.Error("the login is lost")
		}
	}
	b.submit("/dang-nhap", url.Values{"password": {"motcua-demo"}}, "").at(http.StatusTooManyRequests)
	w.clock.move(16 * time.Minute)
	b.get("/dang-nhap?next=//example.com").submit("/dang-nhap", url.Values{"login": {"NguoiDan "}, "password": {"motcua-demo"}, "next": {"//example.com"}}, "").at(http.StatusOK)
	if b.path != "/ho-so" {
		t.Errorf("signed in, led to %s", b.path)
	}
	for _, c := range b.client.Jar.Cookies(must(url.Parse(b.url))) {
		if c.Name == "session" && len(c.Value) < 30 {
			t.Errorf("session %q", c.Value)
		}
	}
	// A form from elsewhere has no token.
	r, err := b.client.PostForm(b.url+"/dang-xuat", nil)
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
			b.get(path + sep + "lang=" + lang).at(http.StatusOK).has(`<html lang="` + lang + `"`)
		}
	}
	b.get("/thu-tuc?field=none&lang=vi").has("Không tìm thấy thủ tục nào", "Thử từ khác")
	b.get("/thu-tuc/1.001193").has("Theo ghi chú", "8.000 đồng", "Căn cứ pháp lý", "Bản chính", "Những chỗ nguồn chưa rõ")
}

// Own pages are there in English too.
func TestOwnPagesInEnglish(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	code, _ := b.fileOne("1.004859")
	b.get("/ho-so/" + code + "/da-nop?lang=en").at(http.StatusOK).has("Dossier sent")
	w.finish(dossierCode(code))
	draft := b.begin(w.sampleOf("1.001193"))
	for _, path := range []string{"/ho-so", "/ho-so/" + code, "/ho-so/" + code + "/danh-gia", "/tai-khoan", draft, draft + "/nguoi-nop", draft + "/trang/child", draft + "/giay-to", draft + "/nhan-ket-qua", draft + "/kiem-tra", "/thu-tuc/1.001193/bat-dau"} {
		b.get(path).at(http.StatusOK).has(`<html lang="en"`)
	}
	b.get(draft+"/trang/child").submit(draft+"/trang/child", nil, "").at(http.StatusUnprocessableEntity).has("There is a problem")
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
	b.get("/thu-tuc?q=lam+giay+khai+sinh").at(http.StatusOK).has("Kết quả cho", "/thu-tuc/1.001193")
	b.get("/thu-tuc?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E+" + strings.Repeat("x", 5000)).at(http.StatusOK).lacks("<script>alert")
	b.get("/thu-tuc?q=nuoi+chim+yen").at(http.StatusOK).has("Cấp phép nuôi chim yến", "Chưa nộp được trên cổng này")
	for _, lang := range []string{"vi", "en"} {
		b.get("/thu-tuc/9.000001?lang="+lang).at(http.StatusOK).has("Cấp phép nuôi chim yến", "13/2020/NĐ-CP", "Đơn đề nghị", "Nộp hồ sơ").lacks("<b>nuôi", "/ho-so/nhap")
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
	r, err := b.client.Post(b.url+"/dang-xuat", parts.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusForbidden {
		t.Errorf("signing out in parts: %d", r.StatusCode)
	}
	b.get("/ho-so").at(http.StatusOK)
}

// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"motcua/internal/identity"
	"motcua/internal/province"
	"motcua/internal/web/webtest"
)

// generator is a code generator whose key a page has just shown.
func (b *browser) generator(form string) func() string {
	key := b.Form(form).Get("key")
	return func() string {
		b.t.Helper()
		b.clock.move(time.Minute) // each code is taken once
		return must(totp.GenerateCode(key, b.clock.Now()))
	}
}

const step = "/dang-nhap/buoc-hai"

// An officer who has no second factor makes one at the first sign-in; from then on
// each sign-in asks for a code, or a recovery code, and nothing opens before it.
func TestSecondStep(t *testing.T) {
	w := open(t)
	w.register.SecondFactor = true
	b := w.browser()
	in := func() *webtest.Browser {
		return b.Get("/dang-nhap?next=/tai-khoan").Submit("/dang-nhap", url.Values{"login": {"motcua"}, "password": {province.Password}}, "")
	}
	in().At(http.StatusOK).Has("Cần thêm xác thực hai lớp", "data:image/png;base64,")
	b.generator(step)
	b.Get("/tai-khoan").Has("Đăng nhập để nộp")
	b.Get(step+"?next=/tai-khoan").Submit(step, url.Values{"code": {"000000"}}, "").At(http.StatusUnprocessableEntity).Has("Mã không đúng")
	code := b.generator(step)
	b.Submit(step, url.Values{"code": {code()}}, "").At(http.StatusOK).Has("Mã khôi phục", `href="/tai-khoan"`)
	recovery := regexp.MustCompile(`<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>`).FindStringSubmatch(b.Text)[1]
	b.Get("/tai-khoan").At(http.StatusOK).Has("Xác thực hai lớp")

	b = w.browser()
	in().At(http.StatusOK).Has("Bước hai").Lacks("data:image/png")
	b.Submit(step, url.Values{"code": {code()}}, "").At(http.StatusOK).Has("Tài khoản của tôi")
	if b.Path != "/tai-khoan" {
		t.Errorf("led to %s", b.Path)
	}
	b = w.browser()
	in()
	b.Submit(step, url.Values{"code": {recovery}}, "").At(http.StatusOK).Has("Tài khoản của tôi")
	b.Get("/tai-khoan/xac-thuc").At(http.StatusOK).Has("Còn 9 mã khôi phục", "Điện thoại")
	id := regexp.MustCompile(`name="bo" value="(\d+)"`).FindStringSubmatch(b.Text)[1]
	b.Submit("/tai-khoan/xac-thuc/doi", url.Values{"own": {code()}}, "bo="+id).Has("ít nhất một ứng dụng tạo mã")
	b.Get("/tai-khoan/xac-thuc").Submit("/tai-khoan/xac-thuc/doi", url.Values{"own": {"1"}}, "").At(http.StatusUnprocessableEntity).Has("Mã không đúng")
	b.Submit("/tai-khoan/xac-thuc/doi", url.Values{"own": {code()}}, "").At(http.StatusOK).Has("Mã khôi phục")
	for range 10 {
		b = w.browser()
		in()
		b.Submit(step, url.Values{"code": {"000000"}}, "")
	}
	b.Submit(step, url.Values{"code": {code()}}, "").At(http.StatusTooManyRequests).Has("đợi 15 phút")
}

// A citizen adds a second factor against their password, and takes it away against
// a code.
func TestOwnFactor(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	const page = "/tai-khoan/xac-thuc"
	b.Get(page).At(http.StatusOK)
	code := b.generator(page)
	b.Submit(page, url.Values{"password": {"sai mật khẩu"}, "code": {code()}}, "").At(http.StatusUnprocessableEntity).Has("Mật khẩu")
	b.Submit(page, url.Values{"password": {province.Password}, "code": {"12"}}, "").At(http.StatusUnprocessableEntity).Has("Mã không đúng")
	b.Submit(page, url.Values{"password": {province.Password}, "code": {code()}, "name": {"Máy <b>tính</b>"}}, "").At(http.StatusOK).Has("Mã khôi phục")
	b.Get(page+"?lang=en").At(http.StatusOK).Has("Your second factors", "Máy &lt;b&gt;tính")
	second := b.generator(page)
	b.Submit(page, url.Values{"code": {second()}}, "").At(http.StatusOK).Has("was added")
	id := regexp.MustCompile(`name="bo" value="(\d+)"`).FindStringSubmatch(b.Text)[1]
	b.Submit(page+"/doi", url.Values{"own": {second()}}, "bo="+id).At(http.StatusOK).Has("was removed")
}

// Where the site is opened by a number, a script that asks for a passkey is told why
// there is none, in words for the page.
func TestPasskeyNeedsAName(t *testing.T) {
	w := open(t)
	b := w.browser()
	values := url.Values{"csrf": {b.Get("/dang-nhap").Form("/dang-nhap").Get("csrf")}}
	r, err := b.Client.PostForm(w.url+"/dang-nhap/khoa/hoi", values)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var said struct{ Code, Detail string }
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil || r.StatusCode != http.StatusUnprocessableEntity || said.Code != "identity.passkey.place" || !strings.Contains(said.Detail, "127.0.0.1") {
		t.Errorf("%d %+v %v", r.StatusCode, said, err)
	}
}

// Somebody sees where they are signed in and ends it there.
func TestSessionList(t *testing.T) {
	w := open(t)
	there, b := w.citizen("nguoidan"), w.citizen("nguoidan")
	b.Get("/tai-khoan/phien").At(http.StatusOK).Has("đang dùng", "Go-http-client")
	id := regexp.MustCompile(`name="phien" value="(\d{2,})"`).FindStringSubmatch(b.Text)[1]
	other := w.citizen("nguoidan2")
	other.Get("/tai-khoan/phien").Submit("/tai-khoan/phien", nil, "phien="+id)
	there.Get("/tai-khoan").Has("Tài khoản của tôi")
	b.Submit("/tai-khoan/phien", nil, "phien="+id).At(http.StatusOK).Has("Đã kết thúc phiên")
	there.Get("/tai-khoan").Has("Đăng nhập để nộp")
	b.Submit("/tai-khoan/phien", nil, "phien=abc").At(http.StatusNotFound)
}

// What was typed when a session was over is not lost: it goes along through both
// steps of the sign-in, also after a wrong password, and is sent when one says so.
func TestTypedWhenTheSessionIsOver(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	draft := b.begin(w.sampleOf("1.001193"))
	action := draft + "/trang/child"
	b.Get(action).At(http.StatusOK)
	w.clock.move(identity.SessionFor + time.Minute)
	values := b.Form(action)
	values.Set("child.name", "Trần Văn “Đủ” & Bé")
	b.Submit(action, values, "").At(http.StatusUnauthorized).Has("Phiên đăng nhập đã kết thúc", "vẫn được giữ")
	b.Submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {""}}, "").At(http.StatusUnprocessableEntity).Has("Hãy nhập cả tên đăng nhập và mật khẩu", "#password").Lacks("#login")
	b.Submit("/dang-nhap", url.Values{"login": {" "}, "password": {""}}, "").At(http.StatusUnprocessableEntity).Has("Hãy nhập cả tên đăng nhập và mật khẩu", `href="#login"`, `href="#password"`, "Nhập tên đăng nhập", "Nhập mật khẩu").Lacks("chưa đúng")
	b.Submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {"sai"}}, "").At(http.StatusUnprocessableEntity)
	b.Submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {province.Password}}, "").At(http.StatusOK).Has("Phần đã nhập vẫn còn")
	b.Submit(action, nil, "")
	b.Get(action).At(http.StatusOK).Has("Trần Văn “Đủ” & Bé")

	page := "/tai-khoan/xac-thuc"
	b.Get(page)
	code := b.generator(page)
	b.Submit(page, url.Values{"password": {province.Password}, "code": {code()}}, "").At(http.StatusOK)
	b.Get(action)
	w.clock.move(identity.SessionFor + time.Minute)
	values = b.Form(action)
	values.Set("child.name", "Trần Văn Hai Lớp")
	b.Submit(action, values, "").At(http.StatusUnauthorized)
	b.Submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {province.Password}}, "").At(http.StatusOK).Has("Bước hai")
	b.Submit(step, url.Values{"code": {code()}}, "").At(http.StatusOK).Has("Phần đã nhập vẫn còn")
	b.Submit(action, nil, "")
	b.Get(action).At(http.StatusOK).Has("Trần Văn Hai Lớp")
}

// What a form carries along is led to this site only.
func TestKeptStaysHere(t *testing.T) {
	w := open(t)
	b := w.browser()
	b.Get("/dang-nhap").Submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {province.Password}, "kept-action": {"https://example.com/"}, "kept.a": {"b"}}, "").Lacks("example.com")
	b = w.browser()
	b.Get("/dang-nhap").Submit("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {province.Password}, "kept-action": {"//example.com/"}, "kept.a": {"b"}}, "").Lacks("example.com")
}

// double gives who is signed in a second factor, and this session with it.
func (b *browser) double() func() string {
	b.t.Helper()
	const page = "/tai-khoan/xac-thuc"
	b.Get(page).At(http.StatusOK)
	code := b.generator(page)
	b.Submit(page, url.Values{"password": {province.Password}, "code": {code()}}, "").At(http.StatusOK)
	return code
}

// A procedure that asks for a surer sign-in says so from the start, sends who lacks
// it to get it, and takes the draft as it was left.
func TestSurerSignIn(t *testing.T) {
	w := open(t)
	const procedure = "3.000333"
	b := w.citizen("nguoidan")
	b.Get("/thu-tuc/" + procedure).Has("Nộp trực tuyến cần đăng nhập bằng hai lớp")
	sample := w.sampleOf(procedure)
	draft := b.begin(sample)
	b.fill(draft, sample)
	b.Get(draft+"/kiem-tra").Has("cần đăng nhập chắc chắn hơn", "Nghị định 69/2024")
	b.Submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").At(http.StatusOK).Has("Thêm lớp xác thực thứ hai")
	if b.Path != "/tai-khoan/nang-muc?next="+url.QueryEscape(draft+"/kiem-tra") {
		t.Errorf("led to %s", b.Path)
	}
	code := w.citizen("nguoidan").double() // on another device
	const rise = "/tai-khoan/nang-muc"
	b.Get(b.Path).Has("Nhập mã xác thực")
	b.Submit(rise, url.Values{"code": {"000000"}}, "").At(http.StatusUnprocessableEntity).Has("Mã không đúng")
	b.Submit(rise, url.Values{"code": {code()}}, "").At(http.StatusOK)
	if b.Path != draft+"/kiem-tra" {
		t.Errorf("risen, led to %s", b.Path)
	}
	b.Lacks("chắc chắn hơn").Submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").At(http.StatusOK).Has("Mã hồ sơ")
	b.Get(rise + "?level=high").At(http.StatusOK).Has("chưa nối với nơi định danh")
}

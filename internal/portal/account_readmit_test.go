// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/internal/audit"
	"motcua/internal/identity"
	"motcua/internal/province"
	"motcua/internal/refusal"
)

const back = "/dang-nhap/vao-lai"

// An officer who lost phone and password comes in with both parts, chooses a
// password and makes a new second factor; what opened before opens no more.
func TestReadmission(t *testing.T) {
	w := open(t)
	w.register.SecondFactor = true
	ctx := context.Background()
	account := must(w.register.FindLogin(ctx, "motcua")).ID
	admin, head := audit.By{Account: must(w.register.FindLogin(ctx, "quantri")).ID}, audit.By{Account: must(w.register.FindLogin(ctx, "lanhdao")).ID}
	_, old, err := w.register.SignIn(ctx, "motcua", province.Password, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	first := must(w.register.Readmit(ctx, admin, account))
	second := must(w.register.VouchFor(ctx, head, account))
	b := w.browser()
	b.Get("/dang-nhap?next=/mot-cua").Has("Vào bằng mã hai phần")
	b.Get(back).At(http.StatusOK)
	fill := func(first, second, password, again string) url.Values {
		return url.Values{"login": {" Motcua "}, "first": {first}, "second": {second}, "password": {password}, "again": {again}}
	}
	b.Submit(back, fill(first, second, "ngắn", "ngắn"), "").At(http.StatusUnprocessableEntity).Has("Mật khẩu cần ít nhất 8 ký tự", first, second)
	b.Submit(back, fill(first, second, "mật khẩu mới", "mật khẩu khác"), "").At(http.StatusUnprocessableEntity).Has("không giống nhau")
	b.Submit(back, fill(second, first, "mật khẩu mới", "mật khẩu mới"), "").At(http.StatusUnprocessableEntity).Has("Tên đăng nhập hoặc mã chưa đúng", first)
	b.Submit(back, fill(strings.ToLower(first), strings.ReplaceAll(second, "-", ""), "mật khẩu mới", "mật khẩu mới"), "").At(http.StatusOK).Has("Cần thêm xác thực hai lớp")
	b.Get("/tai-khoan").Has("Đăng nhập").Lacks("Đổi mật khẩu")
	b.Get(step)
	code := b.generator(step)
	b.Submit(step, url.Values{"code": {code()}}, "").At(http.StatusOK)
	// The officer has the pages of devices and factors that citizens have.
	b.Get("/tai-khoan").At(http.StatusOK).Has("Đổi mật khẩu", "/tai-khoan/xac-thuc", "/tai-khoan/phien")
	b.Get("/tai-khoan/phien").At(http.StatusOK).Has("đang dùng")
	b.Get("/tai-khoan/xac-thuc").At(http.StatusOK).Has("Ứng dụng tạo mã")
	w.clock.move(time.Minute)
	if _, _, err := w.register.Pending(ctx, old); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("what was open before: %v", err)
	}
	if _, _, err := w.register.SignIn(ctx, "motcua", province.Password, identity.From{}); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("the old password: %v", err)
	}
	// A code opens once, and who guesses is slowed down.
	other := w.browser()
	for range 10 {
		other.Get(back).Submit(back, fill(first, second, "mật khẩu mới", "mật khẩu mới"), "").At(http.StatusUnprocessableEntity).Has("mã chưa đúng")
	}
	other.Submit(back, fill(first, second, "mật khẩu mới", "mật khẩu mới"), "").At(http.StatusTooManyRequests).Has("đợi 15 phút", first)
	w.browser().Get(back + "?lang=en").At(http.StatusOK).Has("Officers: sign in again with a code")
}

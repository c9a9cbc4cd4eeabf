// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"motcua/internal/db"
	"motcua/internal/identity"
	"motcua/internal/web/webtest"
)

const listHead = "login,name,role,agency,fields,procedures,territory,cleared,external,from,to\n"

// hand hands in a list.
func (b *browser) hand(whole, agency, name, content string) *webtest.Browser {
	b.T.Helper()
	return b.Get("/mot-cua/can-bo/nhap").Upload("/mot-cua/can-bo/nhap", url.Values{"whole": {whole}, "agency": {agency}}, "", webtest.File{Input: "tep", Name: name, Content: []byte(content)})
}

// plan is the address of the preview that a browser shows.
func (b *browser) plan() string {
	b.T.Helper()
	f := webtest.First(b.Page, func(n *html.Node) bool {
		return n.Data == "form" && strings.HasPrefix(webtest.Attr(n, "action"), "/mot-cua/can-bo/nhap/")
	})
	if f == nil {
		b.T.Fatalf("%s has no plan\n%s", b.Path, webtest.Visible(b.Page))
	}
	return webtest.Attr(f, "action")
}

var codePart = regexp.MustCompile(`[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}`)

// A list is handed in, looked at, confirmed; a code's two parts come from two
// people, each seen once; who leaves has left.
func TestStaffList(t *testing.T) {
	w := open(t)
	admin := w.browser("quantri")
	admin.Get("/mot-cua").Has("/mot-cua/can-bo")
	admin.Get("/mot-cua/can-bo").At(http.StatusOK).Has("Nguyễn Thị Diễm My", "phuxuan", "thủ quỹ", "từ 21/06/2018")
	admin.Get("/mot-cua/can-bo?lang=en&ten=dinh&don-vi=H57.102").At(http.StatusOK).Has("Trương Công Định").Lacks("Diễm My")
	admin.Get("/mot-cua/can-bo?lang=vi&ten=khong-co").Has("Không có cán bộ nào như vậy")
	for _, kind := range []string{"xlsx", "csv"} {
		admin.Get("/mot-cua/can-bo/danh-sach." + kind + "?mau=1").At(http.StatusOK)
		exported := admin.Get("/mot-cua/can-bo/danh-sach." + kind).At(http.StatusOK).Text
		admin.hand("yes", "", "danh-sach."+kind, exported).At(http.StatusOK).Has("khớp với danh bạ", "0 người vào, 0 người đổi, 0 người rời")
	}
	// What is wrong is told at once, and what was chosen stays.
	admin.hand("yes", "H57.102", "x.csv", listHead+"A b,Ai Đó,clerk,H57.102\nmoi.vao,Hồ Thị Mới,sếp,H57.102\nmoi.hai,Hồ Hai,clerk,H57.101").At(http.StatusUnprocessableEntity).
		Has("Dòng 2: tên đăng nhập “a b”", "Dòng 3: không có vai trò “sếp”", "Dòng 4: cơ quan “H57.101” nằm ngoài", "chưa có gì thay đổi")
	if v := admin.Form("/mot-cua/can-bo/nhap"); v.Get("whole") != "yes" || v.Get("agency") != "H57.102" {
		t.Errorf("lost: %v", v)
	}
	admin.Submit("/mot-cua/can-bo/nhap", url.Values{"whole": {""}}, "").At(http.StatusUnprocessableEntity).Has("Hãy chọn tệp danh sách")
	admin.hand("yes", "", "x.xlsx", "PK\x03\x04nonsense").At(http.StatusUnprocessableEntity).Has("Không đọc được tệp")
	admin.hand("no", "", "x.csv", strings.Repeat("x", 4<<20+10)).At(http.StatusRequestEntityTooLarge).Has("lớn hơn 4 MB")

	list := listHead + "phuxuan,Nguyễn Thị Diễm My,clerk,H57.102.1,,,,x\nphuxuan.ld,Tên Mới,leader,H57.102,,,,x\nmoi.vao,Hồ Thị Mới,specialist,H57.102,ho-tich,,,,,1/12/2026\n"
	admin.hand("yes", "H57.102", "x.csv", list).At(http.StatusOK)
	admin.Has("Vào: 1", "Đổi: 2", "Rời: 1", "Hồ Thị Mới", "từ 01/12/2026", "Đổi tên, trước là", "Trương Công Định", "đến hết 22/11/2026")
	path, seen := admin.plan(), admin.Form(admin.plan()).Get("da-xem")
	admin.Get(path+"?lang=en").Has("Join: 1", "Change: 2", "Leave: 1").Get(path + "?lang=vi")
	// Somebody else changes the directory meanwhile.
	other := w.browser("quantri")
	other.hand("no", "", "y.csv", listHead+"phuxuan.cv,Trương Công Định,specialist,H57.102")
	other.Submit(other.plan(), nil, "").At(http.StatusOK).Has("Đã áp dụng")
	admin.Submit(path, nil, "").At(http.StatusConflict).Has("Danh bạ đã thay đổi", "Vào: 1", "Rời: 1")
	if admin.Form(path).Get("da-xem") == seen {
		t.Error("the preview is not new")
	}
	w.browser("motcua").Get(path).At(http.StatusForbidden)
	admin.Submit(path, nil, "").At(http.StatusOK).Has("Đã áp dụng danh sách", "Hồ Thị Mới", "Phần thứ hai do một trong những người sau cấp")
	first := codePart.FindString(admin.Text)
	admin.Get(path).At(http.StatusNotFound).Has("đã được áp dụng")
	admin.Get("/mot-cua/can-bo?da-roi=1&ten=cong+dinh").Has("đã rời", "Vị trí trước đây: 3", "Tài khoản đã đóng")

	leader := w.browser("phuxuan.ld")
	leader.Get("/mot-cua").Has("1 cán bộ đang chờ bạn xác nhận")
	leader.Get("/mot-cua/xac-nhan").At(http.StatusOK).Has("Hồ Thị Mới", "moi.vao", "Đặng Hữu Phước đã cấp phần thứ nhất")
	id := webtest.Attr(webtest.First(leader.Page, func(n *html.Node) bool { return n.Data == "button" && webtest.Attr(n, "name") == "can-bo" }), "value")
	w.browser("vyda.ld").Get("/mot-cua/xac-nhan").Has("Không có cán bộ nào đang chờ").Lacks("Hồ Thị Mới")
	w.browser("motcua").Get("/mot-cua/xac-nhan").Has("dành cho trưởng đơn vị và lãnh đạo")
	w.browser("lanhdao").post("/mot-cua/xac-nhan", url.Values{"can-bo": {id}}).At(http.StatusNotFound)
	leader.Submit("/mot-cua/xac-nhan", nil, "can-bo="+id).At(http.StatusOK).Has("Hồ Thị Mới", "phần thứ hai")
	second := codePart.FindString(leader.Text)
	leader.Get("/mot-cua").Lacks("đang chờ bạn xác nhận")
	leader.Get("/mot-cua/xac-nhan").Has("cấp lại thì phần trước hết hiệu lực").Lacks(second, first)
	if _, _, err := w.register.ComeIn(context.Background(), "moi.vao", strings.ToLower(first), strings.ReplaceAll(second, "-", " "), "mật khẩu của Mới", identity.From{}); err != nil {
		t.Error(err)
	}
}

// An administrator gives the first part to an officer they administer, not to
// themselves, and nobody else does; who gave it does not give the other.
func TestCodesComeFromTwo(t *testing.T) {
	w := open(t)
	who := w.actor("chuyenvien2").Account
	admin := w.browser("quantri")
	admin.Get("/mot-cua/can-bo?ten=chuyenvien2").Has("/mot-cua/can-bo/ma?can-bo=" + itoa(who)) // asks first
	admin.Get("/mot-cua/can-bo/ma?can-bo=" + itoa(w.actor("nguoidan").Account)).At(http.StatusNotFound)
	admin.Get("/mot-cua/can-bo/ma?can-bo="+itoa(who)).At(http.StatusOK).Has("Cấp mã vào lại cho Bùi Đức Anh?", "hết hiệu lực").Submit("/mot-cua/can-bo/ma", nil, "can-bo="+itoa(who)).At(http.StatusOK).Has("Bùi Đức Anh", "Phần thứ hai do một trong những người sau cấp", "Phạm Văn Dũng")
	if codePart.FindString(admin.Text) == "" {
		t.Error("no code")
	}
	first := codePart.FindString(admin.Text)
	admin.Get("/mot-cua/can-bo").Lacks(first)
	admin.post("/mot-cua/can-bo/ma", url.Values{"can-bo": {itoa(w.actor("quantri").Account)}}).At(http.StatusForbidden).Has("Không ai tự cấp mã")
	admin.post("/mot-cua/can-bo/ma", url.Values{"can-bo": {itoa(w.actor("nguoidan").Account)}}).At(http.StatusNotFound)
	admin.post("/mot-cua/xac-nhan", url.Values{"can-bo": {itoa(who)}}).At(http.StatusNotFound)
	for _, login := range []string{"lanhdao", "motcua"} {
		b := w.browser(login)
		b.Get("/mot-cua/can-bo").At(http.StatusForbidden).Has("Chỉ quản trị viên")
		b.Get("/mot-cua/can-bo/danh-sach.csv").At(http.StatusForbidden)
		b.post("/mot-cua/can-bo/ma", url.Values{"can-bo": {itoa(who)}}).At(http.StatusForbidden)
	}
	// A leader who is an administrator as well gives one part only.
	both := w.actor("truongphong").Account
	if err := w.register.DB.Write(context.Background(), func(tx *db.Tx) error {
		tx.Exec(`UPDATE readmission SET asked_by = $1 WHERE account = $2`, both, who)
		tx.Mark("readmission", `account = $1`, who)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	head := w.browser("truongphong")
	head.Get("/mot-cua/xac-nhan").Lacks("Bùi Đức Anh")
	head.post("/mot-cua/xac-nhan", url.Values{"can-bo": {itoa(who)}}).At(http.StatusForbidden).Has("hai người khác nhau")
	w.clock.move(identity.ReadmitFor + time.Hour)
	if list, err := w.register.Readmissions(context.Background()); len(list) != 0 || err != nil {
		t.Errorf("%+v %v", list, err)
	}
}

// post sends a form that the page shown does not have, with its token.
func (b *browser) post(action string, values url.Values) *webtest.Browser {
	b.T.Helper()
	b.Get("/mot-cua/vang-mat")
	values.Set("csrf", b.csrf())
	r, err := b.Client.PostForm(b.URL+action, values)
	b.Show(r, err)
	return b.Browser
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Who administers a commune has its officers, and changes nothing that holds in all of
// the site: outages move every limit, the record schedule ends every dossier. Nor does
// their list make somebody answer for the personal data of all.
func TestAdministratorOfACommune(t *testing.T) {
	w := open(t)
	chief := w.browser("quantri")
	chief.hand("no", "", "x.csv", listHead+"chuyenvien2,Bùi Đức Anh,admin,H57.102").At(http.StatusOK)
	chief.Submit(chief.plan(), nil, "").At(http.StatusOK)
	b := w.browser("chuyenvien2")
	b.Get("/mot-cua").Has("/mot-cua/can-bo").Lacks("/mot-cua/ly-do")
	b.Get("/mot-cua/can-bo").At(http.StatusOK)
	b.Get("/mot-cua/giam-sat").At(http.StatusOK)
	b.Get("/mot-cua/ly-do").At(http.StatusForbidden)
	b.Get("/mot-cua/gian-doan").Lacks(`value="declare"`)
	b.Get("/mot-cua/luu-tru").Lacks(`name="lines"`)
	schedule := len(w.book.Site.Schedule())
	for path, values := range map[string]url.Values{
		"/mot-cua/ly-do":     {"code": {"x"}, "vi": {"x"}},
		"/mot-cua/ly-do/bo":  {"bo": {w.book.Site.Terms().Reasons[0].Code}},
		"/mot-cua/gian-doan": {"viec": {"declare"}, "kind": {"unplanned"}, "from_day": {"2026-11-23"}, "from_time": {"08:00"}, "reason": {"x"}, "fallback": {"x"}},
		"/mot-cua/luu-tru":   {"lines": {"from,field,procedure,years,identity,name,basis\n2026-11-24,,,1,1,x,y"}},
	} {
		if b.post(path, values); b.Status != http.StatusForbidden && b.Status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, b.Status)
		}
	}
	if len(w.book.Site.Schedule()) != schedule || len(w.book.Site.Outages()) != 0 {
		t.Error("something was changed")
	}
	b.hand("no", "", "x.csv", listHead+"phuxuan,Phan Văn Tường,privacy,H57.102").At(http.StatusUnprocessableEntity).Has("dữ liệu cá nhân của cả hệ thống")
}

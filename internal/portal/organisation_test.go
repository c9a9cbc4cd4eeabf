// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/province"
	"motcua/internal/refusal"
	"motcua/internal/web/webtest"
)

const firmName = "Công ty TNHH Sông Hương"

// A firm's account is shared: its manager opens it, gives a clerk and a viewer
// their parts, one begins and another sends, and history names who it was. An
// ended mandate shows nothing any more.
func TestOrganisationWithMembers(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	b.Get("/to-chuc").At(http.StatusOK).Has("Sông Hương (minh họa)", "Người quản lý")
	b.Get("/to-chuc/thanh-vien")
	if b.Path != "/to-chuc" {
		t.Errorf("led to %s", b.Path)
	}
	firm := url.Values{"kind": {"organisation"}, "name": {firmName}, "id_number": {"33"}, "address": {"2 Lê Lợi, phường Thuận Hóa, thành phố Huế"},
		"phone": {"02343000111"}, "basis": {"Giấy chứng nhận đăng ký doanh nghiệp số 3300100200"}}
	b.Get("/to-chuc/them").Submit("/to-chuc/them", firm, "").At(http.StatusUnprocessableEntity).Has(firmName, "id_number-error")
	firm.Set("id_number", "3300100200")
	b.Submit("/to-chuc/them", firm, "").At(http.StatusOK).Has("làm việc thay mặt", firmName, "Thành viên của")
	other := w.citizen("nguoidan2")
	other.Get("/to-chuc/them").Submit("/to-chuc/them", firm, "").At(http.StatusUnprocessableEntity).Has("đã có tài khoản tổ chức")

	member := url.Values{"login": {"nguoidan2"}, "id_number": {"046190001234"}, "role": {"filer"}, "basis": {"Giấy ủy quyền số 12"}}
	b.Submit("/to-chuc/thanh-vien", member, "").At(http.StatusUnprocessableEntity).Has("Không có tài khoản cá nhân nào", "Giấy ủy quyền số 12").Lacks("Lê Văn Tùng")
	member.Set("id_number", "046085004321")
	member.Set("to", "2026-11-01")
	b.Submit("/to-chuc/thanh-vien", member, "").At(http.StatusUnprocessableEntity).Has("Ngày kết thúc phải là hôm nay")
	member.Set("to", "")
	b.Submit("/to-chuc/thanh-vien", member, "").At(http.StatusOK).Has("Lê Văn Tùng", "Người nộp hồ sơ", "22/11/2027")
	b.Submit("/to-chuc/thanh-vien", member, "").At(http.StatusUnprocessableEntity).Has("đã có ủy quyền còn hiệu lực")

	// The manager begins, the clerk sends: the dossier is the firm's.
	sample := b.sampleOf("1.004859")
	draft := b.begin(sample)
	other.Get(draft).At(http.StatusNotFound)
	other.Get("/to-chuc").Has(firmName, "Người nộp hồ sơ")
	other.actFor("nguoidan2", firmName).At(http.StatusOK).Has("Bạn đang làm việc thay mặt")
	other.fill(draft, sample)
	other.Submit(draft+"/gui", url.Values{"declare": {"yes"}}, "").At(http.StatusOK)
	other.Get("/ho-so").Has("Mới đăng ký", "thay mặt").Get(other.links("/ho-so/H57")[0]).At(http.StatusOK).Has("Lê Văn Tùng, thay mặt Công ty TNHH Sông Hương")
	path := other.Path
	b.Get(path).At(http.StatusOK).Has("Lê Văn Tùng, thay mặt")
	s, err := w.book.Find(context.Background(), w.officer("motcua"), dossierCode(path[len("/ho-so/"):]))
	if err != nil {
		t.Fatal(err)
	}
	if s.Applicant.IDNumber != "3300100200" || s.Submitter == nil || s.Submitter.IDNumber != "046085004321" {
		t.Errorf("%+v handed in by %+v", s.Applicant, s.Submitter)
	}
	b.Get("/tai-khoan")
	if b.Path != "/to-chuc" {
		t.Errorf("the account of the firm: %s", b.Path)
	}

	// As themselves they see none of it; the clerk is made a viewer.
	other.Get("/to-chuc").Submit("/to-chuc/chon", nil, "organisation=0").Has("trở về tư cách cá nhân")
	other.Get(path).At(http.StatusNotFound)
	b.end("nguoidan2", firmName).Has("Đã chấm dứt ủy quyền")
	member.Set("role", "viewer")
	b.Submit("/to-chuc/thanh-vien", member, "").At(http.StatusOK).Has("Người theo dõi")
	draft = b.begin(sample)
	other.actFor("nguoidan2", firmName)
	other.Get(path).At(http.StatusOK).Lacks("/rut\"")
	other.Get("/to-chuc/thanh-vien").At(http.StatusOK).Has("Chỉ người quản lý").Lacks("Chấm dứt ủy quyền")
	other.Get(draft+"/nguoi-nop").Submit(draft+"/nguoi-nop", url.Values{"for": {"self"}}, "").At(http.StatusForbidden).Has("Bạn chỉ được theo dõi hồ sơ của Công ty TNHH Sông Hương")
	for _, page := range []string{"/rut", "/danh-gia"} {
		other.Get(path + page).At(http.StatusForbidden).Has("Bạn chỉ được theo dõi hồ sơ của")
	}

	// The mandate ends by its day; the last manager stays.
	b.end("nguoidan", firmName).At(http.StatusUnprocessableEntity).Has("ít nhất một người quản lý")
	w.clock.move(366 * 24 * time.Hour)
	other = w.citizen("nguoidan2")
	other.Get("/to-chuc").Has("Đã hết hiệu lực").Lacks("Làm việc thay mặt")
	other.Get(path).At(http.StatusNotFound)
	w.citizen("motcua").Get("/to-chuc").At(http.StatusForbidden).Has("Tài khoản cán bộ")
}

// A mandate that is ended ends what is open, and two managers cannot both leave.
func TestManagersLeave(t *testing.T) {
	w := open(t)
	ctx := t.Context()
	first, second := w.officer("nguoidan").Account, w.officer("nguoidan2")
	firm, err := w.register.Found(ctx, first, identity.Person{Kind: "organisation", Name: "Hợp tác xã An Cựu", IDNumber: "3300100300"}, "Điều lệ")
	if err != nil {
		t.Fatal(err)
	}
	m := identity.Mandate{Organisation: firm, Login: "nguoidan2", Person: identity.Person{IDNumber: second.Person.IDNumber}, Role: identity.Manager, Basis: "Nghị quyết"}
	if err := w.register.Give(ctx, second.Account, m); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("who is no member gives: %v", err)
	}
	if err := w.register.Give(ctx, first, m); err != nil {
		t.Fatal(err)
	}
	list, err := w.register.Members(ctx, firm)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	_, secret, err := w.register.SignIn(ctx, "nguoidan2", province.Password, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.register.ActFor(ctx, secret, firm); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 2)
	var both sync.WaitGroup
	for i, m := range list {
		both.Go(func() { errs[i] = w.register.End(ctx, m.Member, m.ID) })
	}
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !refusal.Is(errors.Join(errs...), refusal.NotNow) {
		t.Errorf("both managers leave: %v, %v", errs[0], errs[1])
	}
	a, err := w.register.Session(ctx, secret)
	if err != nil {
		t.Fatal(err)
	}
	left := errs[0] == nil && list[0].Member == second.Account || errs[1] == nil && list[1].Member == second.Account
	if who := dossier.ActorOf(a, w.site.Directory(), 0); left != (who.Member == nil) || left != (who.Account == second.Account) {
		t.Errorf("left %v, acts as %+v", left, who)
	}
}

// actFor chooses an organisation for the session of a login.
func (b *browser) actFor(login, name string) *webtest.Browser {
	b.t.Helper()
	for _, m := range must(b.register.Mandates(b.t.Context(), b.officer(login).Account)) {
		if m.Name == name && m.EndedAt.IsZero() {
			return b.Get("/to-chuc").Submit("/to-chuc/chon", url.Values{"organisation": {strconv.FormatInt(m.Organisation, 10)}}, "")
		}
	}
	b.t.Fatalf("no mandate for %s", name)
	return nil
}

// end ends the mandate of a login as a manager.
func (b *browser) end(login, organisation string) *webtest.Browser {
	b.t.Helper()
	for _, m := range must(b.register.Mandates(b.t.Context(), b.officer(login).Account)) {
		if m.Name == organisation && m.EndedAt.IsZero() {
			return b.Get("/to-chuc/thanh-vien").Submit("/to-chuc/thoi", url.Values{"mandate": {strconv.FormatInt(m.ID, 10)}}, "")
		}
	}
	b.t.Fatalf("no mandate for %s", organisation)
	return nil
}

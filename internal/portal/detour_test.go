// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/web/webtest"
)

// officer is an officer of the demo province.
func (w *town) officer(login string) dossier.Actor {
	w.t.Helper()
	account, err := w.register.FindLogin(context.Background(), login)
	if err != nil {
		w.t.Fatal(err)
	}
	return dossier.ActorOf(account, w.site.Directory(), calendar.DateOf(w.clock.Now()))
}

// does does an act on a dossier.
func (w *town) does(login string, code dossier.Code, act string, params map[string]any) dossier.State {
	w.t.Helper()
	who := w.officer(login)
	s, err := w.book.Find(context.Background(), who, code)
	if err == nil {
		s, err = w.book.Act(context.Background(), who, code, dossier.Request{Act: act, Version: s.Version, Params: params})
	}
	if err != nil {
		w.t.Fatalf("%s by %s: %v", act, login, err)
	}
	return s
}

// What was asked for is shown with the dossier, completed part by part in a
// draft, and sent as a whole.
func TestSupplement(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	s, err := w.book.Submit(context.Background(), w.officer("nguoidan"), w.sampleOf("1.001193"), nil)
	if err != nil {
		t.Fatal(err)
	}
	at := "/ho-so/" + string(s.Code)
	b.Get(at).At(http.StatusOK).Lacks("Bổ sung hồ sơ")
	paper := ""
	for _, d := range s.Documents {
		if d.File != "" {
			paper = d.Component
		}
	}
	item := func(about, reason string) map[string]any { return map[string]any{"about": about, "reason": reason} }
	w.does("motcua", s.Code, "ask_supplement", map[string]any{"lacks": []any{item("component:"+paper, "unreadable"), item("question:child", "mismatch")}})
	b.Get(at).At(http.StatusOK).Has("Bổ sung hồ sơ", "Chụp lại đủ bốn góc", "Thông tin khai không khớp").
		Submit(at+"/bo-sung", nil, "").At(http.StatusOK).Has("Cần làm", "Chụp lại đủ bốn góc")
	draft := b.Path
	if !strings.HasPrefix(draft, "/ho-so/nhap/bs-") {
		t.Fatalf("led to %s", draft)
	}
	b.Lacks("/nguoi-nop", "/nhan-ket-qua", "/trang/mother")
	page := ""
	for _, href := range b.links(draft + "/trang/") {
		page = href
	}
	b.Get(page).At(http.StatusOK).Has("Thông tin khai không khớp").
		Submit(page, url.Values{"child.name": {"Lê Nguyễn Khánh An"}}, "").At(http.StatusOK)
	papers := draft + "/giay-to"
	content, err := w.book.SamplePaper()
	if err != nil {
		t.Fatal(err)
	}
	b.Get(papers).At(http.StatusOK).Has("Chụp lại đủ bốn góc").
		Upload(papers, nil, "then=next", webtest.File{Input: "tep-" + paper, Name: "chụp lại.png", Content: content}).At(http.StatusOK)
	// The draft is kept with the others, and another visit leads to the same.
	b.Get("/ho-so").Has(draft)
	b.Get(at).Submit(at+"/bo-sung", nil, "")
	if b.Path != draft {
		t.Errorf("another draft: %s", b.Path)
	}
	b.Get(draft+"/kiem-tra").At(http.StatusOK).Has("Khánh An", "chụp lại.png", "Gửi phần bổ sung").Lacks("Nơi nhận kết quả").
		Submit(draft+"/gui", url.Values{"declare": {"yes"}, "note": {"Đã chụp lại."}}, "").At(http.StatusOK).Has("Đã gửi phần bổ sung", "Đã nộp phần bổ sung")
	f, err := w.book.Open(context.Background(), w.officer("motcua"), s.Code)
	if err != nil {
		t.Fatal(err)
	}
	e, _, ok := dossier.Last[dossier.Supplemented](f.Events)
	if !ok || len(e.Changed) != 1 || e.Changed[0] != "child" || len(e.New) != 1 || e.New[0] != paper || e.Note != "Đã chụp lại." {
		t.Errorf("%+v", e)
	}
	if old := f.Replaced(); len(old) != 1 || old[0].Component != paper {
		t.Errorf("the paper that was replaced is not kept: %+v", old)
	}
	if name := f.Answers["child"].(map[string]any)["name"]; name != "Lê Nguyễn Khánh An" {
		t.Errorf("the child is called %v", name)
	}
	b.Get(draft)
	if !strings.HasPrefix(b.Path, at) {
		t.Errorf("the draft that was sent leads to %s", b.Path)
	}
	stranger := w.citizen("nguoidan2")
	stranger.Get(draft).At(http.StatusNotFound)
	for _, p := range f.State.Papers() {
		if b.Get(at + "/giay/" + p.ID).At(http.StatusOK); !strings.HasPrefix(b.Text, "%PDF-") {
			t.Errorf("%s is no PDF", p.ID)
		}
	}
}

// A dossier is withdrawn by its owner, and confirmed by the one-stop.
func TestWithdraw(t *testing.T) {
	w := open(t)
	b := w.citizen("nguoidan")
	s, err := w.book.Submit(context.Background(), w.officer("nguoidan"), w.sampleOf("1.001193"), nil)
	if err != nil {
		t.Fatal(err)
	}
	at := "/ho-so/" + string(s.Code)
	b.Get(at).Has("Rút hồ sơ").Get(at+"/rut").At(http.StatusOK).Submit(at+"/rut", url.Values{"reason": {"Nộp nhầm nơi."}}, "").At(http.StatusOK).
		Has("Đã gửi đề nghị rút hồ sơ", "Nộp nhầm nơi.")
	b.Get(at+"/rut").Submit(at+"/rut", nil, "").At(http.StatusUnprocessableEntity)
	w.does("motcua", s.Code, "confirm_withdrawal", nil)
	b.Get(at).At(http.StatusOK).Has("Công dân yêu cầu rút hồ sơ", "Đã rút hồ sơ").Lacks(at + "/rut")
	w.citizen("nguoidan2").Get(at + "/rut").At(http.StatusNotFound)
}

// Who is refused reads why, on what basis, and what to do now, before all else.
func TestRefused(t *testing.T) {
	w := open(t)
	s, err := w.book.Submit(context.Background(), w.officer("nguoidan"), w.sampleOf("1.001193"), nil)
	if err != nil {
		t.Fatal(err)
	}
	w.does("motcua", s.Code, "refuse", map[string]any{"reason": "not_competent", "guidance": "Nộp tại phường Phú Xuân."})
	b := w.citizen("nguoidan")
	b.Get("/ho-so/"+string(s.Code)).At(http.StatusOK).Has("Vì sao hồ sơ dừng ở đây", "không thuộc thẩm quyền", "Nộp tại phường Phú Xuân.", "Căn cứ", "Không được tiếp nhận").Lacks("Chưa có giờ hẹn", "/rut")
	if strings.Index(b.Text, "không thuộc thẩm quyền") > strings.Index(b.Text, "Hồ sơ đang ở đâu") {
		t.Error("the reason stands below")
	}
}

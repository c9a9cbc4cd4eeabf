// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
)

func day(w *town) calendar.Date { return calendar.DateOf(w.clock.Now()) }

// Many dossiers at once: each done by itself, and of each it is said what
// became of it; the same form again does nothing more.
func TestBatch(t *testing.T) {
	w := open(t)
	var picked []string
	var states []dossier.State
	for range 4 {
		s := w.file("1.001193")
		states = append(states, s)
		picked = append(picked, fmt.Sprintf("%s %d", s.Code, s.Version))
	}
	b := w.browser("motcua")
	b.Get("/mot-cua?hang=receive").At(http.StatusOK).Has("Với các hồ sơ đã chọn")
	// Somebody else receives the last one in between.
	_, err := w.book.Act(context.Background(), w.actor("motcua"), states[3].Code, dossier.Request{Act: "receive", Version: 1})
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{"ho-so": append(picked, "H57.102.1-261123-0001 1", "x")}
	b.Submit("/mot-cua/hang-loat", values, "viec=receive").At(http.StatusOK).
		Has("đã làm 3 hồ sơ, chưa làm được 3 hồ sơ", "vừa được người khác cập nhật", "Không tìm thấy hồ sơ H57.102.1-261123-0001", "Hẹn trả")
	for _, s := range states {
		if now := must(w.book.Find(context.Background(), w.actor("motcua"), s.Code)); now.Phase != dossier.Running {
			t.Errorf("%s is %s", s.Code, now.Phase)
		}
	}

	head := w.browser("truongphong")
	for _, s := range states {
		if w.clock.move(time.Minute); must(w.book.Find(context.Background(), w.actor("truongphong"), s.Code)).Role != "specialist" {
			t.Fatal("not with the specialists")
		}
	}
	head.Get("/mot-cua?don-vi=H57.101").At(http.StatusOK).Has(string(states[0].Code))
	head.Get("/mot-cua/hang-loat").At(http.StatusOK).Has("chưa làm hàng loạt lần nào")
	leader := w.browser("lanhdao")
	leader.Get("/mot-cua").At(http.StatusOK)
	send := func(b *browser, values url.Values) *browser {
		b.Get("/mot-cua/tim")
		values.Set("csrf", b.csrf())
		r, err := b.Client.PostForm(b.url+"/mot-cua/hang-loat", values)
		b.Show(r, err)
		return b
	}
	now := func(s dossier.State) string {
		v := must(w.book.Find(context.Background(), w.actor("truongphong"), s.Code)).Version
		return fmt.Sprintf("%s %d", s.Code, v)
	}
	// Without an officer nothing is done, and what was ticked stays ticked.
	send(head, url.Values{"viec": {"assign"}, "ho-so": {now(states[0]), now(states[1])}}).At(http.StatusUnprocessableEntity).
		Has("Chọn người xử lý", string(states[0].Code), string(states[1].Code), "Lê Quang Minh")
	assign := url.Values{"viec": {"assign"}, "officer": {"chuyenvien"}, "key": {"k1"}, "ho-so": {now(states[0]), now(states[1])}}
	for range 2 {
		send(head, assign).At(http.StatusOK).Has("đã làm 2 hồ sơ, chưa làm được 0 hồ sơ")
	}
	f := must(w.book.Open(context.Background(), w.actor("truongphong"), states[0].Code))
	if f.State.Handler != "Lê Quang Minh" || f.Events[len(f.Events)-1].Kind() != "assigned" || f.Events[len(f.Events)-2].Kind() == "assigned" {
		t.Errorf("%s, %d events", f.State.Handler, len(f.Events))
	}
	// A signature is put after a look at what is signed.
	sign := url.Values{"viec": {"approve"}, "ho-so": {now(states[0])}}
	send(leader, sign).At(http.StatusOK).Has(string(states[0].Code), "/du-thao").Lacks("chưa làm được")
	sign.Set("chac", "1")
	send(leader, sign).At(http.StatusOK).Has("chưa làm được 1 hồ sơ")
	send(head, url.Values{"viec": {"step"}, "ho-so": {now(states[0])}}).At(http.StatusNotFound)
	send(head, url.Values{"viec": {"assign"}}).At(http.StatusUnprocessableEntity).Has("Chưa chọn hồ sơ nào")
}

// Queues go on page by page, by due instant, and can be narrowed.
func TestQueuePages(t *testing.T) {
	w := open(t)
	seen := map[string]bool{}
	for range 53 {
		seen[string(w.file("1.001193").Code)] = true
	}
	other := w.file("1.000656")
	seen[string(other.Code)] = true
	b := w.browser("motcua")
	b.Get("/mot-cua?hang=receive").At(http.StatusOK).Has("Trang tiếp theo")
	code := regexp.MustCompile(`H57[.0-9]+-\d{6}-\d{4}`)
	for _, c := range code.FindAllString(b.Text, -1) {
		delete(seen, c)
	}
	if len(seen) != 4 {
		t.Errorf("%d left after the first page", len(seen))
	}
	next := regexp.MustCompile(`href="([^"]*tu=[^"]*)"`).FindStringSubmatch(b.Text)
	if next == nil {
		t.Fatal("no next page")
	}
	b.Get(strings.ReplaceAll(next[1], "&amp;", "&")).At(http.StatusOK).Lacks("Trang tiếp theo")
	for _, c := range code.FindAllString(b.Text, -1) {
		delete(seen, c)
	}
	if len(seen) != 0 {
		t.Errorf("never shown: %v", seen)
	}
	b.Get("/mot-cua?hang=receive&tu=x").At(http.StatusUnprocessableEntity)
	b.Get("/mot-cua?hang=receive&thu-tuc=1.000656").At(http.StatusOK).Has(string(other.Code)).Lacks("H57.101.1-261123-0001")
	b.Get("/mot-cua?hang=receive&han=late").At(http.StatusOK).Has("Không có hồ sơ nào khớp")
	if _, err := w.book.Act(context.Background(), w.actor("motcua"), other.Code, dossier.Request{Act: "receive", Version: 1}); err != nil {
		t.Fatal(err)
	}
	s := must(w.book.Find(context.Background(), w.actor("motcua"), other.Code))
	for _, x := range []struct {
		login, han string
		at         time.Time
		there      bool
	}{{"truongphong", "late", s.Due.Add(-time.Minute), false}, {"truongphong", "near", s.Due.Add(-time.Minute), true}, {"truongphong", "late", s.Due.Add(time.Minute), true}} {
		w.clock.move(x.at.Sub(w.clock.Now()))
		who := w.actor("chuyenvien")
		items, _, err := w.book.Sift(context.Background(), who, dossier.ToHandle, dossier.Sieve{DueBefore: w.clock.Now().Add(map[string]time.Duration{"near": 24 * time.Hour}[x.han])}, 50, dossier.After{})
		if err != nil || (len(items) == 1) != x.there {
			t.Errorf("%s at %s: %v %v", x.han, x.at, items, err)
		}
	}
}

// One kind of paper is printed of the dossiers that were picked, if the officer
// sees them all and all have it.
func TestPrintPicked(t *testing.T) {
	w := open(t)
	one, two := w.file("1.001193"), w.file("1.001193")
	print := func(login, kind string, codes ...string) *browser {
		b := w.browser(login)
		b.Get("/mot-cua/tim")
		r, err := b.Client.PostForm(b.url+"/mot-cua/in", url.Values{"csrf": {b.csrf()}, "giay": {kind}, "ho-so": codes})
		b.Show(r, err)
		return b
	}
	w.browser("motcua").Get("/mot-cua?hang=receive").Has(`formaction="/mot-cua/in"`, "Giấy cần in", "Phiếu chuyển hồ sơ")
	a, c := string(one.Code)+" 1", string(two.Code)+" 1"
	if b := print("motcua", "submission", a, c).At(http.StatusOK); !strings.HasPrefix(b.Text, "%PDF-") {
		t.Error("no PDF")
	}
	print("motcua", "receipt", a, c).At(http.StatusUnprocessableEntity).Has("Chưa có giấy này", string(one.Code), string(two.Code))
	print("phuxuan", "submission", a).At(http.StatusUnprocessableEntity).Has("Chưa có giấy này")
	print("motcua", "submission").At(http.StatusUnprocessableEntity).Has("Chưa chọn hồ sơ nào")
	print("motcua", "result", a).At(http.StatusNotFound)
	print("motcua", "submission", "x").At(http.StatusNotFound)
}

// Dossiers are found by code, name, number and procedure, by who may see them.
func TestFind(t *testing.T) {
	w := open(t)
	s, birth := w.file("1.000656"), w.file("1.001193")
	b := w.browser("motcua")
	name := s.Applicant.Name
	for _, q := range []string{strings.ToLower(string(s.Code[:14])), name, "huong GIANG", "0461 9000", "1.000656"} {
		b.Get("/mot-cua/tim?q="+url.QueryEscape(q)).At(http.StatusOK).Has(string(s.Code), "Tìm thấy")
	}
	b.Get("/mot-cua/tim?q=1.000656").Lacks(string(birth.Code))
	b.Get("/mot-cua/tim?thu-tuc=1.001193").Has(string(birth.Code))
	for _, q := range []string{"Nguyễn Văn Không", "ong Giang", "%", "H57.9", "999999999999"} {
		b.Get("/mot-cua/tim?q=" + url.QueryEscape(q)).At(http.StatusOK).Lacks(string(s.Code)).Has("Không tìm thấy hồ sơ nào")
	}
	b.Get("/mot-cua/tim?q=" + url.QueryEscape(string(s.Code)+"|1.000656|0461")).At(http.StatusOK)
	if b.Path != "/mot-cua/ho-so/"+string(s.Code) {
		t.Errorf("a scanned code leads to %s", b.Path)
	}
	b.Get("/mot-cua/tim").At(http.StatusOK).Lacks("Không tìm thấy")
	for login, sees := range map[string]bool{"thuquy": true, "lanhdao": true, "phuxuan": false, "quantri": false} {
		other := w.browser(login).Get("/mot-cua/tim?q=" + url.QueryEscape(name)).At(http.StatusOK)
		if strings.Contains(other.Text, string(s.Code)) != sees {
			t.Errorf("%s sees it: %v", login, !sees)
		}
		other.Get("/mot-cua/tim?q=" + url.QueryEscape(string(s.Code)))
		if strings.Contains(other.Path, "/ho-so/") != sees {
			t.Errorf("%s is led to %s", login, other.Path)
		}
	}
}

// A whole queue, longer than a page, is picked at once and looked at first; it
// goes on when the officer has left, and the report says how far it is.
func TestBatchOfAWholeQueue(t *testing.T) {
	w := open(t)
	const n = 53
	for range n {
		w.file("1.001193")
	}
	other := w.file("1.000656")
	b := w.browser("motcua")
	b.Get("/mot-cua?hang=receive&thu-tuc=1.000656").At(http.StatusOK).Lacks("Chọn tất cả hồ sơ trong danh sách này")
	b.Get("/mot-cua?hang=receive&thu-tuc=1.001193").At(http.StatusOK).Has("Chọn tất cả hồ sơ trong danh sách này, nhiều nhất 500")
	b.Submit("/mot-cua/hang-loat", url.Values{"ca-hang": {"1"}}, "viec=receive").At(http.StatusOK).
		Has("53 hồ sơ đã chọn").Lacks(string(other.Code))
	b.Submit("/mot-cua/hang-loat", nil, "").At(http.StatusOK).
		Has("đã làm 25 hồ sơ, chưa làm được 0 hồ sơ", "25/53 hồ sơ", "<progress", "kể cả khi bạn rời trang này")
	report := b.Path
	b.Get("/mot-cua/hang-loat").Has("25/53 hồ sơ", report)
	w.browser("motcua2").Get(report).At(http.StatusNotFound)
	b.Get(report + "0").At(http.StatusNotFound)
	b.Get("/mot-cua/hang-loat/x").At(http.StatusNotFound)
	if done, err := w.book.CarryOn(context.Background(), func(context.Context, int64) (dossier.Actor, error) { return w.actor("motcua"), nil }, 100); done != n-25 || err != nil {
		t.Fatalf("%d were left; %v", done, err)
	}
	b.Get(report).Has("đã làm 53 hồ sơ, chưa làm được 0 hồ sơ", "Hẹn trả").Lacks("<progress", "kể cả khi bạn rời trang này")
	b.Get(report + "?lang=en").At(http.StatusOK).Has("done 53")
}

// One word to many applicants: nothing is sent without a text and a look.
func TestBatchOfMessages(t *testing.T) {
	w := open(t)
	one, two := w.file("1.001193"), w.file("1.001193")
	b := w.browser("motcua")
	picked := url.Values{"ho-so": {fmt.Sprintf("%s %d", one.Code, one.Version), fmt.Sprintf("%s %d", two.Code, two.Version)}}
	b.Get("/mot-cua?hang=receive").Has("Nhắn tin").Submit("/mot-cua/hang-loat", picked, "viec=message").At(http.StatusOK).
		Has("Nội dung tin nhắn", string(one.Code), string(two.Code)).Lacks("Viết nội dung tin nhắn cho")
	b.Submit("/mot-cua/hang-loat", url.Values{"text": {"  "}}, "").At(http.StatusUnprocessableEntity).Has("Viết nội dung tin nhắn cho", string(two.Code))
	b.Submit("/mot-cua/hang-loat", url.Values{"text": {"Mai trụ sở nghỉ, mời đến sáng thứ Tư."}}, "").At(http.StatusOK).Has("đã làm 2 hồ sơ, chưa làm được 0 hồ sơ")
	for _, s := range []dossier.State{one, two} {
		f := must(w.book.Open(context.Background(), w.actor("nguoidan"), s.Code))
		if said, _ := f.Events[len(f.Events)-1].Event.(dossier.Said); said.Text != "Mai trụ sở nghỉ, mời đến sáng thứ Tư." {
			t.Errorf("%s was told %q", s.Code, said.Text)
		}
	}
}

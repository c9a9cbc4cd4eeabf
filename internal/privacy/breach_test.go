// SPDX-License-Identifier: Apache-2.0

package privacy_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"motcua/internal/privacy"
	"motcua/internal/refusal"
)

func incident(noticed time.Time) privacy.Incident {
	return privacy.Incident{Title: "Tệp danh sách gửi nhầm", NoticedAt: noticed, Kind: "confidentiality", What: "Gửi thư kèm tệp cho người không liên quan.", Whose: "Người nộp hồ sơ hộ tịch", Data: "Họ tên, số CCCD"}
}

// The clock runs 72 hours by day and night, over a weekend too; late is shown, and
// stays shown; entries are added and none is changed.
func TestBreach(t *testing.T) {
	w := open(t)
	officer := w.actor("dulieu")
	w.now = time.Date(2026, 11, 27, 16, 30, 0, 0, w.now.Location()) // a Friday
	b := must(w.Record(t.Context(), officer, incident(w.now.Add(-time.Hour))))
	if want := time.Date(2026, 11, 30, 15, 30, 0, 0, w.now.Location()); !b.NotifyBy.Equal(want) {
		t.Errorf("to be told by %s, want %s", b.NotifyBy, want)
	}
	if b.Late(b.NotifyBy) || !b.Late(b.NotifyBy.Add(time.Millisecond)) {
		t.Error("late at the wrong instant")
	}
	waiting := func() privacy.Waiting { return must(w.Waiting(t.Context(), officer)) }
	if got := waiting(); got.Breaches != 1 || got.LateBreaches != 0 {
		t.Errorf("%+v", got)
	}
	if got := must(w.Waiting(t.Context(), w.actor("lanhdao"))); got != (privacy.Waiting{}) {
		t.Errorf("the leader is told %+v", got)
	}
	w.now = w.now.Add(24 * time.Hour)
	b = must(w.Amend(t.Context(), officer, b.Number, b.Version, privacy.Incident{HowMany: 12, What: "Hai người đã mở tệp.", NoticedAt: w.now}, "Biết thêm"))
	if b.HowMany != 12 || b.Title == "" || b.Entries[0].What == b.What || !b.NoticedAt.Equal(b.Entries[0].NoticedAt) {
		t.Errorf("%+v", b)
	}
	if _, err := w.Shut(t.Context(), officer, b.Number, b.Version, "xong"); key(err) != "privacy.breach.unsent" {
		t.Errorf("closed before the ministry was told: %v", err)
	}
	w.now = w.now.Add(72 * time.Hour)
	if got := waiting(); got.LateBreaches != 1 {
		t.Errorf("%+v", got)
	}
	first, err := w.Paper(&b)
	again, _ := w.Paper(&b)
	if err != nil || !bytes.HasPrefix(first, []byte("%PDF")) || !bytes.Equal(first, again) {
		t.Errorf("paper: %v", err)
	}
	for _, at := range []time.Time{{}, w.now.Add(time.Hour), b.NoticedAt.Add(-time.Hour)} {
		if _, err := w.Notify(t.Context(), officer, b.Number, b.Version, at, "1/TB"); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("told at %s: %v", at, err)
		}
	}
	b = must(w.Notify(t.Context(), officer, b.Number, b.Version, w.now, "12/TB-UBND"))
	if !b.Late(w.now) || waiting().Breaches != 0 {
		t.Error("what was told late is not shown so")
	}
	b = must(w.Shut(t.Context(), officer, b.Number, b.Version, "Đã thu hồi tệp."))
	if _, err := w.Amend(t.Context(), officer, b.Number, b.Version, privacy.Incident{}, "nữa"); key(err) != "privacy.breach.closed" {
		t.Errorf("added to a closed breach: %v", err)
	}
	if n := len(must(w.Breach(t.Context(), officer, b.Number)).Entries); n != 4 {
		t.Errorf("%d entries", n)
	}
	for _, login := range []string{"nguoidan", "quantri", "lanhdao"} {
		if _, err := w.Record(t.Context(), w.actor(login), incident(w.now)); key(err) != "privacy.officers_only" {
			t.Errorf("%s records a breach: %v", login, err)
		}
		if _, err := w.Breach(t.Context(), w.actor(login), b.Number); key(err) != "privacy.officers_only" {
			t.Errorf("%s reads the register: %v", login, err)
		}
	}
}

// Who is named is told, by code, number or login, once; who is not reads nothing; and
// everybody is told in pieces, organisations through their members.
func TestPeopleAreTold(t *testing.T) {
	w := open(t)
	officer := w.actor("dulieu")
	s := w.file(w.actor("nguoidan"), nil)
	b := must(w.Record(t.Context(), officer, incident(w.now)))
	b = must(w.Tell(t.Context(), officer, b.Number, b.Version, "Tệp có tên bạn đã bị gửi nhầm.", []string{string(s.Code), "nguoidan", "046190001234", "khongcoai"}, false))
	if e := b.Entries[len(b.Entries)-1]; e.Told != 1 || e.Unknown != 1 {
		t.Errorf("told %d, unknown %d", e.Told, e.Unknown)
	}
	if list, err := w.Told(t.Context(), w.actor("nguoidan"), b.Number); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
	if _, err := w.Told(t.Context(), w.actor("nguoidan2"), b.Number); key(err) != "privacy.breach.unknown" {
		t.Errorf("who was not told reads it: %v", err)
	}
	if _, err := w.Tell(t.Context(), officer, b.Number, b.Version, "x", []string{"khongcoai"}, false); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("nobody was told: %v", err)
	}
	w.now = w.now.Add(time.Minute)
	b = must(w.Tell(t.Context(), officer, b.Number, b.Version, "Mọi người nên đổi mật khẩu.", nil, true))
	rounds := 0
	for n := 1; n > 0; rounds++ {
		n = must(w.Deliver(t.Context(), 1))
	}
	if rounds != 3 {
		t.Errorf("%d rounds for two citizens", rounds)
	}
	for login, want := range map[string]int{"nguoidan": 2, "nguoidan2": 1} {
		if list, err := w.Told(t.Context(), w.actor(login), b.Number); err != nil || len(list) != want {
			t.Errorf("%s: %v %v", login, list, err)
		}
	}
	if fmt.Sprint(must(w.Deliver(t.Context(), 10))) != "0" {
		t.Error("told again")
	}
}

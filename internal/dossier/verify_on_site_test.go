// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"testing"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// A verification in the field records when, where, who and what; a dossier that
// waited for its day goes on.
func TestVerifyOnSite(t *testing.T) {
	o := open(t)
	s := o.must(handler, examining(o, o.file("1.001193")), "pause", map[string]any{"cause": "visit", "reason": "Theo ngày gia đình chọn."})
	o.now = o.now.AddDate(0, 0, 2)
	record := map[string]any{"day": o.now.Format(time.DateOnly), "time": "23:30", "place": "Thửa 12, tờ 5", "present": "no", "content": "Đúng hiện trạng.",
		"participants": []any{map[string]any{"who": "Nguyễn Văn A, chủ hộ"}, map[string]any{"who": "Trần B, địa chính"}}}
	if _, err := o.do(handler, s, "verify_on_site", record); refusal.As(err) == nil || refusal.As(err).Fields[0].Key != "dossier.visit.future" {
		t.Errorf("a record of the future: %v", err)
	}
	record["time"] = "00:15"
	s = o.must(handler, s, "verify_on_site", record)
	if s.Wait != nil || s.Due.IsZero() || s.Verifications != 1 {
		t.Fatalf("%+v", s)
	}
	f, err := o.Open(t.Context(), o.who["nguoidan"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	e, _, _ := dossier.Last[dossier.VerifiedOnSite](f.Told())
	if len(e.Participants) != 2 || e.Present || e.Place != "Thửa 12, tờ 5" || e.At.Hour() != 0 || e.At.Minute() != 15 {
		t.Errorf("%+v", e)
	}
	o.verify()
}

// What cannot be done now says what could be, and by what law.
func TestRefusedActNamesWhatIsPossible(t *testing.T) {
	o := open(t)
	s := o.file("1.001193")
	_, err := o.do("motcua", s, "hand_over", nil)
	e := refusal.As(err)
	if e == nil || e.Kind != refusal.NotNow || e.Basis == "" || len(e.Next) == 0 || e.Next[0].In("en") == "" {
		t.Errorf("%+v", e)
	}
}

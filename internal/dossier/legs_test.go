// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

const linked = "2.000986"

// One dossier, several agencies: each has its part in its own queue with its own
// limit, the leading one goes on when all are done, and it is counted once.
func TestInterlinked(t *testing.T) {
	o := open(t)
	o.now = calendar.MustDate("2026-11-23").At(8 * 60)
	s := o.to(handler, o.file(linked), "send_parts")
	if _, err := o.do(handler, s, "step", nil); !refusal.Is(err, refusal.NotNow) || refusal.As(err).Key != "dossier.parts.unsent" {
		t.Fatalf("left before the parts are sent: %v", err)
	}
	if _, err := o.Find(t.Context(), o.who["bhxh"], s.Code); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("seen by an agency that has no part yet: %v", err)
	}
	s = o.must(handler, s, "send_parts", nil)
	if len(s.OpenParts()) != 2 || !s.Parts[1].Due.Equal(calendar.MustDate("2026-12-03").At(17*60+30)) {
		t.Fatalf("%+v", s.Parts)
	}
	for login, n := range map[string]int{"bhxh": 1, "chuyenvien": 2, "phuxuan.cv": 0} {
		items, _, err := o.List(t.Context(), o.who[login], dossier.ToPartake, 10, dossier.After{})
		if err != nil || len(items) != n {
			t.Errorf("%s has %d, want %d: %v", login, len(items), n, err)
		}
	}
	o.now = s.Parts[1].Due.Add(time.Minute)
	if list, err := o.Forgotten(t.Context(), o.who["bhxh"], 10); err != nil || !watching(list, dossier.WatchPart) {
		t.Errorf("a late part is forgotten: %v", err)
	}
	s = o.must("bhxh", s, "finish_part", map[string]any{"card_number": "TE1464600000001"})
	if _, err := o.do(handler, s, "step", nil); refusal.As(err) == nil || refusal.As(err).Key != "dossier.parts.open" {
		t.Errorf("left while a part is open: %v", err)
	}
	if _, err := o.do("bhxh", s, "finish_part", nil); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("finished twice: %v", err)
	}
	if _, err := o.do("chuyenvien", s, "finish_part", map[string]any{"outcome": "failed"}); refusal.As(err) == nil || refusal.As(err).Fields[0].Pointer != "/reason" {
		t.Errorf("failed without a reason: %v", err)
	}
	s = o.must("chuyenvien", s, "finish_part", map[string]any{"residence_at": "12 Lê Lợi, phường Thuận Hóa"})
	if s = o.finished(s); s.Phase != dossier.Returned {
		t.Errorf("ends %s", s.Phase)
	}
	f, err := o.Open(t.Context(), o.who["nguoidan"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	if _, r, _ := dossier.Last[dossier.PartDone](f.Events); r.By.Agency != "H57.30" {
		t.Errorf("history names %s for the part of the police", r.By.Agency)
	}
	if paper, err := o.Paper(t.Context(), &f, dossier.ControlSlip); err != nil || len(paper) == 0 {
		t.Error(err)
	}
	o.verify()
}

// A part that waits for another one begins when that is done, and its own limit
// counts from then.
func TestPartsInOrder(t *testing.T) {
	o := open(t)
	o.change(linked, func(e *procedure.Edition) {
		step := e.Process.Step("linked")
		step.Legs[1].After = []string{step.Legs[0].ID}
	})
	s := o.to(handler, o.file(linked), "send_parts")
	s = o.must(handler, s, "send_parts", nil)
	if len(s.OpenParts()) != 1 {
		t.Fatalf("%+v", s.Parts)
	}
	if _, err := o.do("bhxh", s, "finish_part", nil); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("done before its turn: %v", err)
	}
	o.now = o.now.AddDate(0, 0, 3)
	s = o.must("chuyenvien", s, "finish_part", nil)
	if open := s.OpenParts(); len(open) != 1 || open[0].ID != "insurance" || !open[0].OpenAt.Equal(o.now) || !open[0].Due.After(o.now) {
		t.Fatalf("%+v", s.Parts)
	}
	s = o.must("bhxh", s, "finish_part", map[string]any{"outcome": "failed", "reason": "Nơi khám đã đủ số người."})
	if !s.Parts[1].Failed {
		t.Errorf("%+v", s.Parts[1])
	}
	if s = o.finished(s); s.Phase != dossier.Returned {
		t.Errorf("ends %s", s.Phase)
	}
	o.verify()
}

func watching(list []dossier.Forgotten, what dossier.Watch) bool {
	for _, f := range list {
		if f.What == what {
			return f.Count == 1
		}
	}
	return false
}

// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"testing"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// A draft passes several hands before it is decided; each may send it back, and
// has to say why.
func TestSeveralVisas(t *testing.T) {
	o := open(t)
	s := o.to("truongphong", o.file("1.001662"), "approve")
	if _, err := o.do("lanhdao", s, "approve", nil); err == nil {
		t.Error("decided before the head saw it")
	}
	if _, err := o.do("truongphong", s, "send_back", map[string]any{"reason": ""}); refusal.As(err) == nil || refusal.As(err).Fields[0].Pointer != "/reason" {
		t.Errorf("sent back without a reason: %v", err)
	}
	s = o.must("truongphong", s, "send_back", map[string]any{"reason": "Thiếu lưu lượng."})
	s = o.must("truongphong", o.to("truongphong", s, "approve"), "approve", nil)
	if _, err := o.do("lanhdao", s, "send_back", map[string]any{"reason": ""}); refusal.As(err) == nil || refusal.As(err).Fields[0].Pointer != "/reason" {
		t.Errorf("sent back without a reason: %v", err)
	}
	s = o.must("lanhdao", s, "approve", nil)
	f, err := o.Open(t.Context(), o.who["lanhdao"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	if _, r, _ := dossier.Last[dossier.Approved](f.Events); r.By.Role != "leader" {
		t.Errorf("decided by the %s", r.By.Role)
	}
	if s = o.finished(s); s.Phase != dossier.Returned {
		t.Errorf("ends %s", s.Phase)
	}
	o.verify()
}

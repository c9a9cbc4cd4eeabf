// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"slices"
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// What was mistaken at the counter is put right under the same code, with
// another receipt; the clock runs from when the papers were really handed in.
func TestCorrect(t *testing.T) {
	o := open(t)
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	f.Channel, f.Return = "counter", "counter"
	s, err := o.ReceiveAtCounter(t.Context(), o.who["motcua"], f, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, receipt := s.ReceivedAt, s.Receipt
	o.now = o.now.Add(20 * time.Minute)

	g := f
	g.Applicant.Name, g.Applicant.IDNumber = "Trần Thị Bích", "046190000017"
	params := map[string]any{"reason": "Ghi nhầm tên.", "received_at": first.Add(-30 * time.Minute).Format(time.RFC3339)}
	if _, err := o.Correct(t.Context(), o.who["nguoidan"], s.Code, s.Version, g, params, nil); err == nil {
		t.Error("corrected by the applicant")
	}
	params["received_at"] = o.now.Add(time.Hour).Format(time.RFC3339)
	if _, err := o.Correct(t.Context(), o.who["motcua"], s.Code, s.Version, g, params, nil); refusal.As(err) == nil || refusal.As(err).Fields[0].Pointer != "/received_at" {
		t.Errorf("received in the future: %v", err)
	}
	params["received_at"] = first.Add(-30 * time.Minute).Format(time.RFC3339)
	after, err := o.Correct(t.Context(), o.who["motcua"], s.Code, s.Version, g, params, nil)
	if err != nil {
		t.Fatal(err)
	}
	if after.Code != s.Code || after.Applicant.Name != "Trần Thị Bích" || after.Receipt == receipt || !after.ReceivedAt.Equal(first.Add(-30*time.Minute)) || len(after.Issues) != 2 || !after.Issues[0].Replaced {
		t.Fatalf("%+v", after)
	}
	file, err := o.Open(t.Context(), o.who["motcua"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	e, _, _ := dossier.Last[dossier.Corrected](file.Events)
	if !slices.Equal(e.Changed, []string{"applicant", "papers", "time"}) { // the scans were sent again
		t.Errorf("changed %v", e.Changed)
	}
	papers := map[string]bool{}
	for _, p := range after.Papers() {
		if paper, err := o.Paper(t.Context(), &file, p.ID); err != nil || len(paper) == 0 {
			t.Errorf("%s: %v", p.ID, err)
		}
		papers[p.ID] = true
	}
	if !papers["receipt"] || !papers["01-2"] {
		t.Errorf("papers %v: both receipts are kept", papers)
	}
	// Another procedure, with its own form, limit and process.
	h, err := o.Sample(t.Context(), "1.000656", "vi")
	if err != nil {
		t.Fatal(err)
	}
	h.Channel, h.Return, h.Agency = "post", "counter", f.Agency
	after, err = o.Correct(t.Context(), o.who["motcua"], s.Code, after.Version, h, map[string]any{"reason": "Chọn nhầm thủ tục."}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if after.Procedure != "1.000656" || after.Code != s.Code {
		t.Errorf("%+v", after)
	}
	after = o.to("motcua", after, "forward")
	after = o.must("motcua", after, "forward", nil)
	if _, err := o.Correct(t.Context(), o.who["motcua"], s.Code, after.Version, h, map[string]any{"reason": "Lại nhầm."}, nil); !refusal.Is(err, refusal.NotNow) {
		t.Errorf("corrected after it went on: %v", err)
	}
	o.verify()
}

// A correction keeps the edition and process that were pinned, also when others
// are in force since.
func TestCorrectKeepsWhatWasPinned(t *testing.T) {
	o := open(t)
	f := o.sampleThen("1.001193")
	f.Channel, f.Return = "counter", "counter"
	s, err := o.ReceiveAtCounter(t.Context(), o.who["motcua"], f, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.change("1.001193", func(e *procedure.Edition) {
		e.Facts.Cases = slices.Clone(e.Facts.Cases)
		e.Facts.Cases[0].Limits = slices.Clone(e.Facts.Cases[0].Limits)
		e.Facts.Cases[0].Limits[0].Limit = calendar.Limit{N: 9, Unit: calendar.WorkingDay}
	})
	if fresh, err := o.ReceiveAtCounter(t.Context(), o.who["motcua"], f, nil, nil); err != nil || fresh.Limit.N != 9 {
		t.Fatalf("the new edition is not in force: %+v %v", fresh.Limit, err)
	}
	f.Applicant.Name = "Trần Thị Bích"
	after, err := o.Correct(t.Context(), o.who["motcua"], s.Code, s.Version, f, map[string]any{"reason": "Ghi nhầm tên."}, nil)
	if err != nil || after.Edition != s.Edition || after.Process != s.Process || after.Limit != s.Limit || !after.Due.Equal(s.Due) {
		t.Errorf("edition %d, process %d, limit %v, due %s: %v", after.Edition, after.Process, after.Limit, after.Due, err)
	}
	o.verify()
}

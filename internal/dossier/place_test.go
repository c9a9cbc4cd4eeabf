// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"slices"
	"testing"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// elsewhere is a filing at the counter of one ward for another.
func (o *office) elsewhere() dossier.Filing {
	f := o.sampleThen("1.001193")
	f.Channel, f.Return, f.At, f.Agency = "counter", "counter", "H57.101.1", "H57.102"
	return f
}

// Any one-stop receives for any agency: the papers go to the one-stop of the
// agency that decides, which takes them over, and the limit counts from then.
func TestReceivedRegardlessOfBoundary(t *testing.T) {
	o := open(t)
	o.now = calendar.MustDate("2026-11-23").At(10 * 60)
	s, err := o.ReceiveAtCounter(t.Context(), o.who["motcua"], o.elsewhere(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Reception != "H57.101.1" || s.Competent != "H57.102" || s.Home != "H57.102.1" || !s.Forward {
		t.Fatalf("%+v", s)
	}
	if custody, paper := s.Custody(); custody != "H57.101.1" || !paper {
		t.Errorf("papers at %s", custody)
	}
	if want := calendar.MustDate("2026-11-23").At(17*60 + 30); !s.CountFrom.Equal(want) {
		t.Errorf("counts from %s, want the end of the day on which it has to be forwarded, %s", s.CountFrom, want)
	}
	if _, err := o.do("phuxuan", s, "take_over", nil); !refusal.Is(err, refusal.NotNow) {
		t.Errorf("taken over before it was sent: %v", err)
	}
	s = o.must("motcua", s, "forward", nil)
	if custody, _ := s.Custody(); !s.Transit || custody != "" {
		t.Errorf("in transit %v, papers at %s", s.Transit, custody)
	}
	if _, err := o.do("phuxuan.cv", s, "assign", nil); err == nil {
		t.Error("handled while the papers are on their way")
	}
	items, _, err := o.List(t.Context(), o.who["phuxuan"], dossier.ToTakeOver, 10, dossier.After{})
	if err != nil || len(items) != 1 {
		t.Errorf("%v %v", items, err)
	}
	o.now = calendar.MustDate("2026-11-25").At(16 * 60)
	if list, err := o.Forgotten(t.Context(), o.who["phuxuan"], 10); err != nil || !slices.ContainsFunc(list, func(f dossier.Forgotten) bool { return f.What == dossier.WatchTakeOver && f.Count == 1 }) {
		t.Errorf("papers on their way are forgotten: %v %v", list, err)
	}
	s = o.must("phuxuan", s, "take_over", nil)
	// 1.001193 is done the same day, and received after 15:00 the next working day.
	if want := calendar.MustDate("2026-11-26").At(17*60 + 30); s.Transit || s.Forward || !s.CountFrom.Equal(o.now) || !s.Due.Equal(want) {
		t.Errorf("counts from %s, due %s, want %s", s.CountFrom, s.Due, want)
	}
	if custody, _ := s.Custody(); custody != "H57.102" {
		t.Errorf("papers at %s", custody)
	}
	if s = o.finished(s); s.Phase != dossier.Returned {
		t.Errorf("ends %s", s.Phase)
	}
	o.verify()
}

// Before the law knew it, and at what is no one-stop, it is refused with the reason.
func TestBoundaryRefused(t *testing.T) {
	o := open(t)
	for _, x := range []struct {
		day, pointer, key string
		at                agency.ID
	}{{"2022-03-01", "/at", "dossier.agency.boundary", "H57.101.1"}, {"2026-11-23", "/at", "dossier.agency.no_one_stop", "H57.101"}, {"2026-11-23", "/at", "dossier.agency.no_one_stop", "H99"}} {
		o.now = calendar.MustDate(x.day).At(10 * 60)
		f := o.elsewhere()
		f.At = x.at
		_, err := o.ReceiveAtCounter(t.Context(), o.who["motcua"], f, nil, nil)
		if e := refusal.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Pointer != x.pointer || e.Fields[0].Key != x.key {
			t.Errorf("%s at %s: %v", x.day, x.at, err)
		}
	}
}

// Where it is not clear who decides, the dossier waits in a queue of its own;
// its clock runs on, and nobody files again.
func TestCompetenceIsDetermined(t *testing.T) {
	o := open(t)
	s := o.must("motcua", o.file("1.001193"), "doubt_competence", nil)
	if items, _, err := o.List(t.Context(), o.who["motcua"], dossier.ToDetermine, 10, dossier.After{}); err != nil || len(items) != 1 {
		t.Errorf("%v %v", items, err)
	}
	if _, err := o.do("motcua", s, "receive", nil); !refusal.Is(err, refusal.NotNow) {
		t.Errorf("received while nobody knows who decides: %v", err)
	}
	o.now = s.Wait.Until.Add(time.Minute)
	if list, err := o.Forgotten(t.Context(), o.who["motcua"], 10); err != nil || !slices.ContainsFunc(list, func(f dossier.Forgotten) bool { return f.What == dossier.WatchCompetence && f.Count == 1 }) {
		t.Errorf("forgotten: %v %v", list, err)
	}
	s = o.must("motcua", s, "determine", map[string]any{"agency": "H57.103"})
	if s.Competent != "H57.103" || s.Home != "H57.103.1" || s.Wait != nil || s.Phase != dossier.Filed {
		t.Fatalf("%+v", s)
	}
	// The head of that agency doubts it too, after reception: it goes on to another.
	s = o.must("motcua", s, "receive", nil)
	due := s.Due
	if s.Work == dossier.ToAssign {
		s = o.must("vyda.cv", s, "doubt_competence", nil)
		s = o.must("motcua", s, "determine", map[string]any{"agency": "H57.101"})
		if s.Competent != "H57.101" || s.Home != "" || !s.Due.Equal(due) {
			t.Errorf("%+v", s)
		}
	}
	if s = o.finished(s); s.Phase != dossier.Returned {
		t.Errorf("ends %s", s.Phase)
	}
	o.verify()
}

// An officer helps somebody to file on line: marked, and counted apart.
func TestFiledWithHelp(t *testing.T) {
	o := open(t)
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	f.Support = "H57.102.1"
	if _, err := o.Submit(t.Context(), o.who["motcua"], f, nil); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("helped at a counter of others: %v", err)
	}
	if _, err := o.Submit(t.Context(), o.who["nguoidan"], f, nil); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("a citizen marks it as helped: %v", err)
	}
	s, err := o.Submit(t.Context(), o.who["phuxuan"], f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Support != "H57.102.1" || s.Reception != "H57.101.1" || s.Phase != dossier.Filed {
		t.Errorf("%+v", s)
	}
	if _, err := o.Find(t.Context(), o.who["phuxuan"], s.Code); err != nil {
		t.Errorf("who helped does not see it: %v", err)
	}
	if s = o.finished(s); s.Phase != dossier.Returned {
		t.Errorf("ends %s", s.Phase)
	}
	o.verify()
}

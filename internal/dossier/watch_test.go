// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/regime"
)

// rouse lets the system do what is due, and returns the dossier as it then is.
func (o *office) rouse(s dossier.State) dossier.State {
	o.Helper()
	if _, err := o.Watch(o.Context(), 100); err != nil {
		o.Fatal(err)
	}
	after, err := o.Find(o.Context(), o.who["motcua"], s.Code)
	if err != nil {
		o.Fatal(err)
	}
	return after
}

// kinds are the events of a dossier since a version.
func (o *office) kinds(s dossier.State, since int) []string {
	o.Helper()
	f, err := o.Open(o.Context(), o.who["motcua"], s.Code)
	if err != nil {
		o.Fatal(err)
	}
	var list []string
	for _, r := range f.Events[since:] {
		list = append(list, r.Kind())
	}
	return list
}

// Who does not complete the dossier is reminded once, and then the law ends it:
// before reception by a refusal, after it by a notice of stopping, and by form
// 03 where the law knows no such notice.
func TestUnansweredSupplement(t *testing.T) {
	for _, x := range []struct {
		day    string
		filed  bool
		phase  dossier.Phase
		status regime.Status
		form   string
	}{
		{"2026-03-02", true, dossier.Refused, regime.NotReceived, "03"}, {"2026-03-02", false, dossier.Stopped, regime.Stopped, "05"},
		{"2019-03-05", false, dossier.Refused, regime.Stopped, "03"}, {"2022-03-01", false, dossier.Refused, regime.Stopped, "03"},
	} {
		o := open(t)
		o.now = calendar.MustDate(x.day).At(9 * 60)
		s := o.fileThen("1.001193")
		if x.filed {
			s = o.must("motcua", s, "ask_supplement", nil)
		} else {
			s = o.must(handler, examining(o, s), "ask_supplement", nil)
		}
		until, asked := s.Wait.Until, s.Version
		if s = o.rouse(s); s.Version != asked {
			t.Errorf("%s: reminded at once", x.day)
		}
		o.now = s.Wait.Remind
		if s = o.rouse(s); s.Wait == nil || !s.Wait.Remind.IsZero() || o.kinds(s, asked)[0] != "reminded" {
			t.Fatalf("%s: %+v", x.day, s.Wait)
		}
		o.now = until.Add(-time.Minute)
		if s = o.rouse(s); s.Version != asked+1 {
			t.Errorf("%s: reminded twice, or ended too early: %v", x.day, o.kinds(s, asked))
		}
		o.now = until.Add(time.Minute)
		if s = o.rouse(s); s.Phase != x.phase || s.Status() != x.status || !s.Closed() || s.Issues[len(s.Issues)-1].Form != x.form {
			t.Errorf("%s: %s, status %d, forms %v", x.day, s.Phase, s.Status(), s.Issues)
		}
		f, err := o.Open(t.Context(), o.who["nguoidan"], s.Code)
		if err != nil {
			t.Fatal(err)
		}
		papers := s.Papers()
		if paper, err := o.Paper(t.Context(), &f, papers[len(papers)-1].ID); err != nil || len(paper) == 0 {
			t.Errorf("%s: %v", x.day, err)
		}
		if n, err := o.Watch(t.Context(), 100); n != 0 || err != nil {
			t.Errorf("%s: %d more to do, %v", x.day, n, err)
		}
		o.verify()
	}
}

// The system foresees that a dossier may not be done in time, before the last
// day on which an extension counts, and puts it before who has it in hand.
func TestForeseen(t *testing.T) {
	o := open(t)
	s := o.to(handler, o.file("1.011609"), "pause")
	last, err := o.calendar().ExtendBy(s.Due)
	if err != nil || !s.Foresee.Before(last) || !s.Foresee.After(o.now) {
		t.Fatalf("foreseen %s, last call %s, due %s: %v", s.Foresee, last, s.Due, err)
	}
	o.now = s.Foresee
	if s = o.rouse(s); !s.Foreseen {
		t.Fatal("not foreseen")
	}
	count := func() int64 {
		queues, err := o.Queues(t.Context(), o.who[handler])
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range queues {
			if q.Name == dossier.ToExtend {
				return q.Count
			}
		}
		t.Fatal("no queue")
		return 0
	}
	if items, _, err := o.List(t.Context(), o.who[handler], dossier.ToExtend, 10, dossier.After{}); err != nil || len(items) != 1 || count() != 1 {
		t.Errorf("%v, counted %d: %v", items, count(), err)
	}
	s = o.must(handler, s, "extend", nil)
	s = o.must("lanhdao", s, "sign", nil)
	if s.Extension == nil || !s.Extension.InTime || count() != 0 {
		t.Errorf("%+v, counted %d", s.Extension, count())
	}
	o.verify()
}

// What waits past its limit is listed where it waits, by what it waits for; an
// opinion that is late is told, a result that nobody comes for too.
func TestForgotten(t *testing.T) {
	o := open(t)
	forgotten := func(login string, what dossier.Watch) int64 {
		list, err := o.Forgotten(t.Context(), o.who[login], 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			if f.What == what {
				if f.Count != int64(len(f.Items)) {
					t.Errorf("%s: %d counted, %d listed", what, f.Count, len(f.Items))
				}
				return f.Count
			}
		}
		t.Fatalf("%s is not watched", what)
		return 0
	}
	s := o.file("1.011609")
	if n := forgotten("motcua", dossier.WatchReceive); n != 0 {
		t.Errorf("%d at once", n)
	}
	listed := func() (n int64) {
		if err := o.DB.Read(t.Context(), func(tx *db.Tx) error {
			_, err := tx.One(`SELECT COUNT(*) FROM journal WHERE kind = 'listed' AND account = $1 AND body LIKE $2`, []any{o.who["motcua"].Account, `%"watch"%` + string(s.Code) + `%`}, &n)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	o.now = s.StepDue.Add(time.Minute)
	if n := forgotten("motcua", dossier.WatchReceive); n != 1 || listed() != 1 {
		t.Errorf("%d not answered, %d lines say who was shown it", n, listed())
	}
	s = o.to(handler, s, "consult")
	asked := s.Version
	s = o.must(handler, s, "consult", nil)
	o.now = s.Opinions[0].Due.Add(time.Minute)
	if s = o.rouse(s); !s.Opinions[0].Overdue || o.kinds(s, asked)[1] != "opinion_overdue" {
		t.Errorf("%v", o.kinds(s, asked))
	}
	s = o.finished(s)
	f, err := o.Sample(t.Context(), "1.001193", "vi")
	if err != nil {
		t.Fatal(err)
	}
	f.Channel, f.Return = "counter", "counter"
	paper, err := o.ReceiveAtCounter(t.Context(), o.who["motcua"], f, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if o.now = paper.ForwardBy.Add(time.Minute); paper.Forward && forgotten("motcua", dossier.WatchForward) != 1 {
		t.Error("papers that were not forwarded are forgotten")
	}
	for paper.Phase != dossier.Ready {
		more := false
		if paper, more = o.next(paper); !more {
			t.Fatal("does not end")
		}
	}
	ready := paper.Version
	o.now = paper.CollectBy.Add(time.Minute)
	if paper = o.rouse(paper); !paper.Reminded || o.kinds(paper, ready)[0] != "reminded" {
		t.Errorf("%v", o.kinds(paper, ready))
	}
	if forgotten("motcua", dossier.WatchCollect)+forgotten("motcua", dossier.WatchUnpaid) != 1 {
		t.Error("a result that nobody collects is forgotten")
	}
	if n, err := o.Watch(t.Context(), 10); n != 0 || err != nil {
		t.Errorf("reminded again: %d %v", n, err)
	}
	o.verify()
}

// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"sync"
	"testing"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

func (o *office) declare(planned bool, from, to time.Time) (agency.Outage, error) {
	return o.site.DeclareOutage(o.Context(), audit.By{}, agency.Outage{Planned: planned, From: from, To: to, Reason: form.Text{VI: "Đứt cáp."}, Fallback: form.Text{VI: "Đến quầy."}})
}

// settle lets the system do what there is, until nothing is left.
func (o *office) settle() {
	o.Helper()
	for n, rounds := 1, 0; n > 0; rounds++ {
		var err error
		if n, err = o.Settle(o.Context()); err != nil || rounds > 100 {
			o.Fatal(err, rounds)
		}
	}
}

// The public is told of a planned outage as long before as the law of the day
// wants; what begins later is not sudden; nothing lies over another.
func TestOutageIsAnnounced(t *testing.T) {
	o := open(t)
	day := func(s string) time.Time { return calendar.MustDate(s).At(22 * 60) }
	for _, x := range []struct {
		now, from, key string
		planned        bool
	}{
		{"2026-11-23", "2026-12-01", "outage.notice", true}, // seven working days from Monday 23 November end on Wednesday 2 December
		{"2026-11-23", "2026-12-02", "", true},
		{"2026-11-23", "2026-12-02", "outage.overlap", true},
		{"2026-11-23", "2026-11-25", "outage.future", false},
		{"2026-11-23", "2026-11-10", "outage.past", false},
		{"2026-05-25", "2026-05-26", "", true}, // one working day under the law of then
		{"2026-05-25", "2026-05-25", "outage.notice", true},
	} {
		o.now = calendar.MustDate(x.now).At(9 * 60)
		_, err := o.declare(x.planned, day(x.from), day(x.from).Add(2*time.Hour))
		if e := refusal.As(err); x.key == "" && err != nil || x.key != "" && (e == nil || e.Fields[0].Key != x.key || x.key == "outage.notice" && e.Basis == "") {
			t.Errorf("%s declared on %s: %v, want %q", x.from, x.now, err, x.key)
		}
	}
}

// Once an outage is over, the clocks that ran in it move on by its working time,
// each once, with a record; others stay as they are.
func TestOutageIsNotCounted(t *testing.T) {
	o := open(t)
	o.now = calendar.MustDate("2026-11-23").At(9 * 60)
	running := o.to(handler, o.file("1.011609"), "pause")
	waiting := o.must(handler, o.to(handler, o.file("1.004859"), "pause"), "pause", nil)
	filed := o.file("1.001193")
	down := calendar.MustDate("2026-11-24").At(8 * 60)
	o.now = down
	out, err := o.declare(false, down, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if o.settle(); o.site.Outage() == nil || !o.site.Outage().On(o.now) {
		t.Fatal("not under way")
	}
	o.now = calendar.MustDate("2026-11-26").At(8 * 60)
	if err := o.site.EndOutage(t.Context(), audit.By{}, out.ID); err != nil {
		t.Fatal(err)
	}
	o.settle()
	o.settle()
	after, err := o.Find(t.Context(), o.who["motcua"], running.Code)
	if err != nil {
		t.Fatal(err)
	}
	// 15 days from 23 November end on 8 December; down on Tuesday 24 and Wednesday 25 November: 10 December.
	if want := calendar.MustDate("2026-12-10").At(17*60 + 30); !after.Due.Equal(want) || len(after.Pauses) != 0 || len(after.Outages) != 1 || after.Version != running.Version+1 {
		t.Errorf("due %s, want %s; %+v", after.Due, want, after.Pauses)
	}
	// The step in hand, begun before, is due as much later in working hours.
	if down := 16 * time.Hour; after.StepDue.Sub(running.StepDue) < down || after.StepDue.IsZero() {
		t.Errorf("the step is due %s, before %s", after.StepDue, running.StepDue)
	}
	for _, s := range []dossier.State{waiting, filed} {
		if now, err := o.Find(t.Context(), o.who["motcua"], s.Code); err != nil || now.Version != s.Version {
			t.Errorf("%s was touched: %v", s.Code, err)
		}
	}
	o.verify()
}

// Counters receive on paper under numbers that were drawn; each is booked once,
// as of the time when the papers came in.
func TestProvisionalNumbers(t *testing.T) {
	o := open(t)
	down := calendar.MustDate("2026-11-24").At(8 * 60)
	o.now = down
	out, err := o.declare(false, down, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.DrawProvisional(t.Context(), o.who["motcua"], out.ID, "H57.102.1", 3); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("drawn for a counter of others: %v", err)
	}
	if err := o.DrawProvisional(t.Context(), o.who["motcua"], out.ID, "H57.101.1", 3); err != nil {
		t.Fatal(err)
	}
	numbers, err := o.Provisionals(t.Context(), o.who["motcua"], out.ID)
	if err != nil || len(numbers) != 3 {
		t.Fatal(numbers, err)
	}
	if paper, err := o.DrawSlips(numbers); err != nil || len(paper) == 0 {
		t.Error(err)
	}
	o.now = calendar.MustDate("2026-11-25").At(9 * 60)
	if err := o.site.EndOutage(t.Context(), audit.By{}, out.ID); err != nil {
		t.Fatal(err)
	}
	f := o.sampleThen("1.011609")
	f.Channel, f.Return = "counter", "counter"
	f.Provisional, f.ReceivedAt = numbers[0].Number, down.Add(2*time.Hour)
	s, err := o.ReceiveAtCounter(t.Context(), o.who["motcua"], f, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	// 15 days from 24 November end on 9 December; that day was lost: 10 December.
	if want := calendar.MustDate("2026-12-10").At(17*60 + 30); !s.ReceivedAt.Equal(f.ReceivedAt) || s.Provisional != numbers[0].Number || !s.Due.Equal(want) {
		t.Errorf("received %s under %s, due %s, want %s", s.ReceivedAt, s.Provisional, s.Due, want)
	}
	for _, x := range []struct {
		number string
		at     time.Time
		key    string
	}{{numbers[0].Number, f.ReceivedAt, "outage.number.booked"}, {numbers[1].Number, down.Add(-time.Hour), "outage.number.time"}, {numbers[1].Number, o.now.Add(time.Hour), "outage.number.time"},
		{"TAM-1", f.ReceivedAt, "outage.number.unknown"}, {"", f.ReceivedAt, "outage.number.missing"}} {
		g := f
		g.Provisional, g.ReceivedAt = x.number, x.at
		if _, err := o.ReceiveAtCounter(t.Context(), o.who["motcua"], g, nil, nil); refusal.As(err) == nil || refusal.As(err).Fields[0].Key != x.key {
			t.Errorf("%s at %s: %v, want %s", x.number, x.at, err, x.key)
		}
	}
	// Help to file on line does not take a number, and one that is corrected keeps
	// what the outage took.
	g := o.sampleThen("1.011609")
	g.Support, g.Provisional, g.ReceivedAt = "H57.101.1", numbers[1].Number, f.ReceivedAt
	if _, err := o.Submit(t.Context(), o.who["motcua"], g, nil); refusal.As(err) == nil || refusal.As(err).Fields[0].Key != "outage.number.unknown" {
		t.Errorf("a number for who files on line: %v", err)
	}
	f.Applicant.Phone = "0905999888"
	again := f
	again.Provisional, again.ReceivedAt = "", time.Time{}
	mended, err := o.Correct(t.Context(), o.who["motcua"], s.Code, s.Version, again, map[string]any{"reason": "Nhầm số bản"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !mended.Due.Equal(s.Due) || len(mended.Outages) != 1 || !mended.Fresh {
		t.Errorf("corrected it is due %s, before %s: %+v", mended.Due, s.Due, mended.Outages)
	}
	if err := o.DrawProvisional(t.Context(), o.who["motcua"], out.ID, "H57.101.1", 1); !refusal.Is(err, refusal.NotNow) {
		t.Errorf("drawn when it is over: %v", err)
	}
	if err := o.Void(t.Context(), o.who["motcua"], numbers[0].Number, "Nhầm"); !refusal.Is(err, refusal.Conflict) {
		t.Errorf("a number that was booked is void: %v", err)
	}
	if err := o.Void(t.Context(), o.who["motcua"], numbers[2].Number, "Viết hỏng"); err != nil {
		t.Error(err)
	}
	if err := o.Void(t.Context(), o.who["motcua"], numbers[2].Number, "Lý do khác"); !refusal.Is(err, refusal.Conflict) {
		t.Errorf("the reason of a void number is written over: %v", err)
	}
	o.settle()
	o.verify()
}

// A night of maintenance takes nothing of a limit in days, half a working day a
// day; who was asked for more papers meanwhile gets it when the clock goes on.
func TestWhatAnOutageTakes(t *testing.T) {
	for _, x := range []struct {
		from, to string
		days     int
	}{
		{"2026-11-24 22:00", "2026-11-25 02:00", 0}, {"2026-11-24 08:00", "2026-11-24 10:00", 0}, {"2026-11-24 07:30", "2026-11-24 17:30", 1},
		{"2026-11-24 11:00", "2026-11-25 09:00", 1}, {"2026-11-27 07:30", "2026-11-30 17:30", 2}, // Friday to Monday
	} {
		o := open(t)
		o.now = calendar.MustDate("2026-11-23").At(9 * 60)
		s := o.to(handler, o.file("1.011609"), "pause")
		at := func(text string) time.Time {
			v, err := time.ParseInLocation("2006-01-02 15:04", text, calendar.Zone)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		o.now = at(x.from)
		out, err := o.declare(false, o.now, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		o.now = at(x.to)
		if err := o.site.EndOutage(t.Context(), audit.By{}, out.ID); err != nil {
			t.Fatal(err)
		}
		s = o.must(handler, s, "pause", nil) // before the system has come to this dossier
		o.settle()
		s, err = o.Find(t.Context(), o.who[handler], s.Code)
		if err != nil {
			t.Fatal(err)
		}
		s = o.must(handler, s, "resume", nil)
		want := calendar.MustDate("2026-12-08")
		if want, err = o.calendar().Shift(want, x.days); err != nil || !s.Due.Equal(want.At(17*60+30)) {
			t.Errorf("%s to %s: due %s, want the end of %s", x.from, x.to, s.Due, want)
		}
		o.verify()
	}
}

// A pause that lies over a part of an outage is not given twice: of three days of
// outage the two that were paused come from the pause.
func TestOutageWithinAPause(t *testing.T) {
	o := open(t)
	o.now = calendar.MustDate("2026-11-23").At(9 * 60)
	plain, paused := o.to(handler, o.file("1.011609"), "pause"), o.to(handler, o.file("1.011609"), "pause")
	down := calendar.MustDate("2026-11-25").At(7 * 60)
	o.now = down
	out, err := o.declare(false, down, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	o.now = calendar.MustDate("2026-11-25").At(18 * 60)
	paused = o.must(handler, paused, "pause", nil)
	o.now = calendar.MustDate("2026-11-28").At(8 * 60)
	if err := o.site.EndOutage(t.Context(), audit.By{}, out.ID); err != nil {
		t.Fatal(err)
	}
	paused = o.must(handler, paused, "resume", nil)
	o.settle()
	days := func(s dossier.State) int {
		now, err := o.Find(t.Context(), o.who["motcua"], s.Code)
		if err != nil || len(now.Outages) != 1 {
			t.Fatal(now.Outages, err)
		}
		return now.Outages[0].Days
	}
	if a, b := days(plain), days(paused); a != 3 || b != 1 {
		t.Errorf("the outage takes %d days of one that ran and %d of one that was paused on two of them", a, b)
	}
	o.verify()
}

// Two processes that declare at once declare one: the second is over the first.
func TestOutagesDoNotOverlap(t *testing.T) {
	o := open(t)
	errs := make([]error, 4)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { _, errs[i] = o.declare(false, o.now, time.Time{}) })
	}
	all.Wait()
	declared := 0
	for _, err := range errs {
		if err == nil {
			declared++
		} else if !refusal.Is(err, refusal.Invalid) {
			t.Error(err)
		}
	}
	if declared != 1 {
		t.Errorf("%d outages at once", declared)
	}
}

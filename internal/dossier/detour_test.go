// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/regime"

	"github.com/google/go-cmp/cmp"
)

// must is do for an act that the test relies on.
func (o *office) must(login string, s dossier.State, act string, params map[string]any) dossier.State {
	o.Helper()
	after, err := o.do(login, s, act, params)
	if err != nil {
		o.Fatalf("%s by %s at %s: %v", act, login, s.Step, err)
	}
	return after
}

// to goes on until an act is offered to somebody.
func (o *office) to(login string, s dossier.State, act string) dossier.State {
	o.Helper()
	for more := true; more; s, more = o.next(s) {
		offers, err := o.Offers(o.Context(), o.who[login], &s)
		if err != nil {
			o.Fatal(err)
		}
		if slices.ContainsFunc(offers, func(x dossier.Offer) bool { return x.Act == act }) {
			return s
		}
	}
	o.Fatalf("%s is never offered to %s", act, login)
	return s
}

// calendar is that of the agencies of the tests, in force now.
func (o *office) calendar() *calendar.Calendar {
	o.Helper()
	_, cal, err := o.site.Calendar("")
	if err != nil {
		o.Fatal(err)
	}
	return cal
}

func lacks(items ...map[string]any) map[string]any {
	list := make([]any, len(items))
	for i, x := range items {
		list[i] = x
	}
	return map[string]any{"lacks": list}
}

// handler is who handles 1.004859 of the province's first commune.
const handler = "chuyenvien"

// What is missing is asked for once, in full; the clock of R2026 starts anew
// when it is complete, and the original appointment stays known.
func TestSupplement(t *testing.T) {
	o := open(t)
	s := o.to(handler, o.file("1.004859"), "ask_supplement")
	original := s.Due
	component := "component:" + s.ToCheck[0]
	s = o.must(handler, s, "ask_supplement", lacks(
		map[string]any{"about": component, "reason": "unreadable", "note": "Trang 2."},
		map[string]any{"about": component, "reason": "other", "text": "Nộp thêm trang 3."}))
	if !s.Due.IsZero() || s.Wait == nil || s.Wait.For != regime.Supplement || s.Status() != regime.AskedMore || len(s.Lacks) != 2 {
		t.Fatalf("%+v", s)
	}
	if want := "Bản chụp mờ, mất góc hoặc không đọc được chữ. Chụp lại đủ bốn góc, đủ sáng. Trang 2."; s.Lacks[0].Text != want {
		t.Errorf("asked in other words: %q", s.Lacks[0].Text)
	}
	if s.Lacks[1].Text != "Nộp thêm trang 3." {
		t.Errorf("asked %q", s.Lacks[1].Text)
	}
	// Nobody handles it meanwhile.
	if _, err := o.do(handler, s, "step", nil); !refusal.Is(err, refusal.NotNow) || refusal.As(err).Key != "dossier.act.waiting" {
		t.Errorf("a step while it waits: %v", err)
	}
	if _, err := o.do("nguoidan2", s, "supplement", map[string]any{"note": "x"}); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("a stranger's supplement: %v", err)
	}
	// The answers and papers are those of the supplement from then on.
	o.now = o.now.AddDate(0, 0, 7)
	f, err := o.Open(t.Context(), o.who["nguoidan"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	question := ""
	for id, v := range f.Answers {
		if text, ok := v.(string); ok && text != "" && question == "" && len(text) > 30 {
			question = id
		}
	}
	paper, err := o.SamplePaper()
	if err != nil {
		t.Fatal(err)
	}
	documents := []any{map[string]any{"component": s.ToCheck[len(s.ToCheck)-1], "name": "moi.png", "content": paper}}
	params := map[string]any{"note": "Đã chụp lại.", "documents": documents}
	if question != "" {
		params["answers"] = map[string]any{question: "Nội dung khai lại cho đúng với giấy tờ kèm theo hồ sơ"}
	}
	if _, err := o.do("nguoidan", s, "supplement", map[string]any{"answers": map[string]any{"colour": "red"}, "documents": []any{map[string]any{"component": "none", "content": paper}}}); len(refusal.As(err).Fields) != 2 {
		t.Errorf("wrong fields: %v", err)
	}
	s = o.must("nguoidan", s, "supplement", params)
	due, err := o.calendar().Due(o.now, s.Limit, s.Elapsed, nil)
	if err != nil || !s.Due.Equal(due) || !s.Original.Equal(original) || s.Wait != nil {
		t.Errorf("due %s, want the whole limit from now, %s; original %s, want %s", s.Due, due, s.Original, original)
	}
	f, err = o.Open(t.Context(), o.who[handler], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	e, _, _ := dossier.Last[dossier.Supplemented](f.Events)
	if len(e.New) != 1 || question != "" && !slices.Equal(e.Changed, []string{question}) {
		t.Errorf("new %v, changed %v", e.New, e.Changed)
	}
	// A further round at the same stage needs the leader's signature.
	again := o.must(handler, s, "ask_supplement", lacks(map[string]any{"about": component, "reason": "missing"}))
	if again.Wait != nil || again.ToSign == nil || again.Due.IsZero() {
		t.Fatalf("a second round without a signature: %+v", again.Wait)
	}
	if _, err := o.do(handler, again, "ask_supplement", lacks(map[string]any{"about": component, "reason": "missing"})); !refusal.Is(err, refusal.NotNow) {
		t.Errorf("put twice: %v", err)
	}
	if _, err := o.do(handler, again, "sign", nil); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("signed by the specialist: %v", err)
	}
	signed := o.must("lanhdao", again, "sign", nil)
	if signed.Wait == nil || signed.Rounds[dossier.AtAppraisal] != 2 || signed.ToSign != nil {
		t.Errorf("after the signature: %+v", signed)
	}
	o.verify()
}

// Before reception the clock does not run, and the answer is promised anew.
func TestSupplementBeforeReception(t *testing.T) {
	o := open(t)
	s := o.file("1.001193")
	s = o.must("motcua", s, "ask_supplement", nil)
	if s.Status() != regime.AskedMore || len(s.Pauses) != 0 {
		t.Fatalf("%+v", s)
	}
	if _, err := o.do("motcua", s, "receive", nil); !refusal.Is(err, refusal.NotNow) {
		t.Errorf("received while it waits: %v", err)
	}
	o.now = o.now.AddDate(0, 0, 3)
	s = o.must("nguoidan", s, "supplement", nil)
	if s.Status() != regime.NewlyFiled || !s.StepDue.After(o.now) {
		t.Errorf("%v, answered by %s", s.Status(), s.StepDue)
	}
	s = o.must("motcua", s, "receive", nil)
	if s.Phase != dossier.Running || s.Due.IsZero() {
		t.Errorf("%+v", s)
	}
	o.verify()
}

// A dossier that is refused keeps its code and says why, and nothing more is
// done to it.
func TestRefuse(t *testing.T) {
	o := open(t)
	s := o.must("motcua", o.file("1.001193"), "refuse", map[string]any{"reason": "not_competent", "guidance": "Nộp tại phường Phú Xuân."})
	if s.Phase != dossier.Refused || s.Status() != regime.NotReceived || !s.Closed() {
		t.Fatalf("%+v", s)
	}
	for _, act := range dossier.Acts() {
		for _, login := range logins {
			if act == "message" || act == "incident" || act == "hold" {
				continue
			}
			if offered, refused := o.Try(t.Context(), o.who[login], s.Code, act); offered != (act == "rate" && login == "nguoidan") || offered != (refused == nil) {
				t.Errorf("%s by %s: offered %v, %v", act, login, offered, refused)
			}
		}
	}
	f, err := o.Open(t.Context(), o.who["nguoidan"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	e, _, ok := dossier.Last[dossier.RefusedFiling](f.Events)
	if !ok || e.Number != "1/TCTN" || e.Reasons[0].Text == "" || e.Guidance == "" {
		t.Errorf("%+v", e)
	}
	if next := o.must("motcua", o.file("1.001193"), "refuse", nil); next.Code == s.Code {
		t.Error("the code was given again")
	}
	o.verify()
}

// The applicant withdraws, the officer confirms; nobody else can.
func TestWithdraw(t *testing.T) {
	o := open(t)
	s := o.to(handler, o.file("1.004859"), "ask_supplement")
	if _, err := o.do("motcua", s, "confirm_withdrawal", nil); !refusal.Is(err, refusal.NotNow) {
		t.Errorf("withdrawn without having been asked: %v", err)
	}
	s = o.must("nguoidan", s, "withdraw", map[string]any{"reason": "Đổi ý."})
	if s.Phase != dossier.Running {
		t.Fatal("withdrawn without the officer")
	}
	s = o.must("motcua", s, "confirm_withdrawal", nil)
	if s.Status() != regime.Withdrawn || !s.Closed() {
		t.Errorf("%+v", s)
	}
	o.verify()
}

// An extension is signed by the leader, once, and moves the due instant if it
// was asked for in time; otherwise it is told and the old one counts.
func TestExtend(t *testing.T) {
	o := open(t)
	for _, late := range []bool{false, true} {
		s := o.to(handler, o.file("1.011609"), "step")
		cal, due := o.calendar(), s.Due
		if late {
			o.now = due.Add(-time.Hour)
		}
		s = o.must(handler, s, "extend", map[string]any{"days": 4.0, "reason": "verification"})
		if !s.Due.Equal(due) {
			t.Errorf("extended without a signature")
		}
		s = o.must("lanhdao", s, "sign", nil)
		day, err := cal.Shift(calendar.DateOf(due), 4)
		if err != nil {
			t.Fatal(err)
		}
		told, counts := cal.EndOfDay(day), cal.EndOfDay(day)
		if late {
			counts = due
		}
		if !s.Extension.To.Equal(told) || !s.Due.Equal(counts) || s.Extension.InTime == late {
			t.Errorf("late %v: told %s, due %s, want %s and %s", late, s.Extension.To, s.Due, told, counts)
		}
		if _, err := o.do(handler, s, "extend", nil); !refusal.Is(err, refusal.NotNow) || refusal.As(err).Key != "dossier.extend.once" {
			t.Errorf("extended twice: %v", err)
		}
	}
	o.verify()
}

// A stop is a paper of the law of 2025; a dossier of before is refused as a
// result.
func TestStop(t *testing.T) {
	o := open(t)
	s := o.to("truongphong", o.file("1.011609"), "stop")
	s = o.must("truongphong", s, "stop", map[string]any{"reason": "duplicate"})
	if s.Closed() {
		t.Error("stopped without a signature")
	}
	if s = o.must("lanhdao", s, "sign", nil); s.Status() != regime.Stopped || !s.Closed() {
		t.Errorf("%+v", s)
	}
	for id, want := range map[regime.ID]bool{"R2019": false, "R2021": false, "R2025": true, "R2026": true} {
		if got := regime.Find(id).Stops; got != want {
			t.Errorf("%s stops: %v", id, got)
		}
	}
	o.verify()
}

// A pause stands still by the law of its cause and is counted off.
func TestPause(t *testing.T) {
	o := open(t)
	s := o.to(handler, o.file("1.004859"), "pause")
	due := s.Due
	s = o.must(handler, s, "pause", map[string]any{"cause": "payment", "reason": "Nộp thuế trước bạ.", "until": calendar.DateOf(o.now).String()})
	if s.Status() != regime.PaymentDue || !s.Due.IsZero() {
		t.Fatalf("%+v", s)
	}
	o.now = o.now.AddDate(0, 0, 2)
	s = o.must(handler, s, "resume", nil)
	day, err := o.calendar().Shift(calendar.DateOf(due), 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := o.calendar().EndOfDay(day); !s.Due.Equal(want) || !s.Original.Equal(due) {
		t.Errorf("due %s, want %s", s.Due, want)
	}
	o.verify()
}

// A paper is drawn from what was so when it was issued: whatever happens later,
// it is byte for byte the same, and nobody's dossier loses one.
func TestFormsStayAsTheyWereIssued(t *testing.T) {
	o := open(t)
	s := o.to(handler, o.file("1.011609"), "ask_supplement")
	drawn := map[string][]byte{}
	draw := func(s dossier.State) {
		t.Helper()
		f, err := o.Open(t.Context(), o.who["motcua"], s.Code)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range f.State.Papers() {
			paper, err := o.Paper(t.Context(), &f, p.ID)
			if err != nil {
				t.Fatalf("%s: %v", p.ID, err)
			}
			id := string(s.Code) + " " + p.ID
			if before, ok := drawn[id]; ok && !bytes.Equal(before, paper) {
				t.Errorf("%s is another paper than before", id)
			}
			drawn[id] = paper
		}
	}
	draw(s)
	s = o.must(handler, s, "ask_supplement", nil)
	draw(s)
	o.now = o.now.AddDate(0, 0, 5)
	f, err := o.Open(t.Context(), o.who["nguoidan"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	changed := map[string]any{}
	for id, v := range f.Answers {
		if text, ok := v.(string); ok && len(changed) == 0 && strings.Contains(text, " ") {
			changed[id] = text + " thêm"
		}
	}
	s = o.must("nguoidan", s, "supplement", map[string]any{"answers": changed})
	draw(s)
	s = o.must(handler, s, "extend", nil)
	s = o.must("lanhdao", s, "sign", nil)
	draw(s)
	s = o.must("truongphong", s, "stop", nil)
	s = o.must("lanhdao", s, "sign", nil)
	draw(s)
	refused := o.must("motcua", o.file("1.001193"), "refuse", nil)
	draw(refused)
	o.now = o.now.AddDate(1, 0, 0)
	draw(s)
	draw(refused)
	var forms []string
	for _, x := range []dossier.State{s, refused} {
		for _, p := range x.Papers() {
			forms = append(forms, p.Form)
		}
	}
	if want := []string{"submission", "01", "02", "04", "05", "submission", "03"}; !slices.Equal(forms, want) {
		t.Errorf("issued %v, want %v", forms, want)
	}
}

// A refusal after reception is a result, with its reason in writing: it is
// approved, issued with a number of its own, and counts like any other.
func TestRefusedAsAResult(t *testing.T) {
	o := open(t)
	s := o.to(handler, o.file("1.001193"), "propose")
	if _, err := o.do(handler, s, "propose", map[string]any{"_decision": "refused", "_reason": "", "_basis": ""}); len(refusal.As(err).Fields) != 2 {
		t.Errorf("refused without a reason: %v", err)
	}
	s = o.must(handler, s, "propose", map[string]any{"_decision": "refused", "_reason": "Trẻ đã được đăng ký khai sinh.", "_basis": "Luật Hộ tịch, Điều 16"})
	s = o.must("lanhdao", s, "send_back", nil)
	offers, err := o.Offers(t.Context(), o.who[handler], &s)
	if err != nil {
		t.Fatal(err)
	}
	for _, offer := range offers {
		for _, p := range offer.Params {
			if p.Name == "_reason" && p.Value != "Trẻ đã được đăng ký khai sinh." || p.Name == "_decision" && p.Value != "refused" {
				t.Errorf("%s starts from %v", p.Name, p.Value)
			}
		}
	}
	s = o.must(handler, s, "propose", nil)
	for more := true; more; s, more = o.next(s) {
		o.now = o.now.Add(time.Minute)
	}
	if s.Status() != regime.Returned || s.Template != "refusal" || s.Outcome == "" || !strings.HasSuffix(s.Number, "/TB-TCGQ") {
		t.Errorf("%s %s %s %s", s.Phase, s.Template, s.Outcome, s.Number)
	}
	f, err := o.Open(t.Context(), o.who["nguoidan"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	if paper, err := o.Result(t.Context(), &f, "refusal"); err != nil || !bytes.HasPrefix(paper, []byte("%PDF")) {
		t.Errorf("the refusal is no paper: %v", err)
	}
	o.verify()
}

// What somebody just did is undone exactly, by nobody else, not after somebody
// followed and not after half an hour.
func TestUndo(t *testing.T) {
	o := open(t)
	before := o.to(handler, o.file("1.011609"), "step")
	after := o.must(handler, before, "step", nil)
	if _, err := o.do("truongphong", after, "undo", nil); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("undone by somebody else: %v", err)
	}
	undone := o.must(handler, after, "undo", nil)
	if undone.Version != after.Version+1 {
		t.Errorf("version %d", undone.Version)
	}
	same := undone
	same.Version = before.Version
	if diff := cmp.Diff(before, same); diff != "" {
		t.Errorf("not as before:\n%s", diff)
	}
	after = o.must(handler, undone, "step", nil)
	o.now = o.now.Add(31 * time.Minute)
	if _, err := o.do(handler, after, "undo", nil); !refusal.Is(err, refusal.NotNow) || refusal.As(err).Key != "dossier.undo.late" {
		t.Errorf("undone after half an hour: %v", err)
	}
	// A draft that was undone is not the one that is drawn.
	s := o.to(handler, o.file("1.001193"), "propose")
	s = o.must(handler, s, "propose", map[string]any{"_decision": "refused", "_reason": "Nhầm.", "_basis": "Nhầm."})
	s = o.must(handler, s, "undo", nil)
	if s.Template != "" {
		t.Errorf("drafted as %s", s.Template)
	}
	f, err := o.Open(t.Context(), o.who[handler], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := dossier.Last[dossier.Proposed](f.Events); ok {
		t.Error("the draft that was undone is still the last one")
	}
	if n := len(f.Events); f.Events[n-2].Kind() != "proposed" || f.Events[n-1].Kind() != "undone" {
		t.Error("the history lost what was undone")
	}
	o.verify()
}

// Whatever people do, within the law: no history of two hundred acts comes to a
// state from which nothing leads on, everything in it recomputes, and what is
// offered is accepted.
func TestRandomHistories(t *testing.T) {
	o := open(t)
	start := o.now
	for seed := range 6 {
		o.now = start
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		s := o.file(walked[seed%len(walked)])
		done := map[string]int{}
		for range 200 {
			type move struct {
				login string
				offer dossier.Offer
			}
			var moves []move
			for _, login := range logins {
				if !o.who[login].Sees(&s) {
					continue
				}
				offers, err := o.Offers(t.Context(), o.who[login], &s)
				if err != nil {
					t.Fatal(err)
				}
				for _, offer := range offers {
					if seldom := []string{"rate", "withdraw", "stop", "refuse", "message", "incident"}; !slices.Contains(seldom, offer.Act) || r.IntN(40) == 0 {
						moves = append(moves, move{login, offer})
					}
				}
			}
			if len(moves) == 0 || s.Closed() && r.IntN(3) > 0 {
				if !s.Closed() {
					t.Errorf("seed %d: nothing leads on from %s at %s, %s", seed, s.Step, s.Competent, s.Code)
				}
				s = o.file(walked[r.IntN(len(walked))])
				continue
			}
			m := moves[r.IntN(len(moves))]
			given := dossier.Filled(m.offer.Params)
			for _, p := range m.offer.Params { // another choice than the first, now and then
				if p.Type == "choice" && p.Required && len(p.Choices) > 1 && m.offer.Act != "propose" && r.IntN(3) == 0 {
					given[p.Name] = p.Choices[r.IntN(len(p.Choices))].Value
				}
			}
			after, err := o.Act(t.Context(), o.who[m.login], s.Code, dossier.Request{Act: m.offer.Act, Version: s.Version, Params: given})
			if e := refusal.As(err); e != nil && len(e.Fields) > 0 {
				continue // the other choice asks for more
			}
			if e := refusal.As(err); e != nil && e.Key == "dossier.step.no_way" {
				continue
			}
			if err != nil {
				t.Fatalf("seed %d: %s by %s at %s: %v", seed, m.offer.Act, m.login, s.Step, err)
			}
			done[m.offer.Act]++
			s = after
			o.now = o.now.Add(time.Duration(r.IntN(600)) * time.Minute)
			if _, err := o.Watch(t.Context(), 10); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if s, err = o.Find(t.Context(), o.who["motcua"], s.Code); err != nil {
				t.Fatal(err)
			}
			if o.now.Year() > 2026 && o.now.Month() > time.July {
				break // the calendar ends there
			}
		}
		t.Logf("seed %d: %v", seed, done)
	}
	o.verify()
}

// Another agency is asked within a limit of its own: it sees the dossier, finds
// it in its queue by that limit, and answers; the clock of the dossier runs on.
func TestConsult(t *testing.T) {
	o := open(t)
	s := o.to(handler, o.file("1.011609"), "consult")
	due := s.Due
	outsider := "phuxuan.cv"
	account, err := o.register().FindLogin(t.Context(), outsider)
	if err != nil {
		t.Fatal(err)
	}
	o.who[outsider] = dossier.ActorOf(account, o.site.Directory(), calendar.DateOf(o.now))
	if _, err := o.Find(t.Context(), o.who[outsider], s.Code); !refusal.Is(err, refusal.NotFound) {
		t.Fatalf("seen before it is asked: %v", err)
	}
	until := calendar.DateOf(o.now) + 3
	s = o.must(handler, s, "consult", map[string]any{"agency": "H57.102", "content": "Hộ có đất ở phường không?", "until": until.String()})
	if !s.Due.Equal(due) || s.Wait != nil {
		t.Errorf("the clock stands still: %+v", s)
	}
	items, _, err := o.List(t.Context(), o.who[outsider], dossier.ToOpine, 10, dossier.After{})
	if err != nil || len(items) != 1 || items[0].Code != s.Code || !items[0].DueAt.Equal(o.calendar().EndOfDay(until)) {
		t.Fatalf("in the queue: %+v %v", items, err)
	}
	if _, err := o.do(outsider, s, "step", nil); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("a step by who was asked: %v", err)
	}
	o.now = o.calendar().EndOfDay(until).Add(time.Minute)
	if !slices.Contains(s.Flags(o.now), "opinion_late") {
		t.Error("the late opinion is not flagged")
	}
	s = o.must(outsider, s, "answer_consult", map[string]any{"opinion": "Không có."})
	f, err := o.Open(t.Context(), o.who[handler], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	e, _, _ := dossier.Last[dossier.Opined](f.Events)
	if e.Text != "Không có." || !e.Late {
		t.Errorf("%+v", e)
	}
	if told, _, _ := dossier.Last[dossier.Opined](f.Told()); told.Text != "" {
		t.Error("the applicant reads the opinion")
	}
	if items, _, _ := o.List(t.Context(), o.who[outsider], dossier.ToOpine, 10, dossier.After{}); len(items) != 0 {
		t.Errorf("still in the queue: %v", items)
	}
	if _, err := o.do(outsider, s, "answer_consult", nil); refusal.As(err) == nil {
		t.Errorf("answered twice: %v", err)
	}
	o.verify()
}

// A result found wrong is revoked and issued anew with a number of its own; the
// old one is kept, and marked.
func TestRevoke(t *testing.T) {
	o := open(t)
	s := o.file("1.001193")
	for more := true; more; s, more = o.next(s) {
		o.now = o.now.Add(time.Minute)
	}
	first := s.Number
	if _, err := o.do(handler, s, "revoke", nil); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("revoked by the specialist: %v", err)
	}
	s = o.must("lanhdao", s, "revoke", map[string]any{"reason": "Sai tên đệm."})
	if s.Phase != dossier.Running || s.Number != "" {
		t.Fatalf("%+v", s)
	}
	for more := true; more; s, more = o.next(s) {
		o.now = o.now.Add(time.Minute)
	}
	if s.Number == first || s.Number == "" || s.Phase != dossier.Returned || len(s.Issued) != 2 || !s.Issued[0].Revoked || s.Issued[1].Revoked {
		t.Errorf("%+v", s.Issued)
	}
	f, err := o.Open(t.Context(), o.who["nguoidan"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	track, err := o.Track(t.Context(), &s)
	if err != nil {
		t.Fatal(err)
	}
	papers := map[string]bool{}
	for _, r := range s.Results(track) {
		paper, err := o.Result(t.Context(), &f, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		papers[string(paper)] = true
	}
	if len(papers) != 2 {
		t.Errorf("%d different papers", len(papers))
	}
	o.verify()
}

// register is the accounts of the office.
func (o *office) register() *identity.Register {
	return &identity.Register{DB: o.DB, Now: o.Book.Now}
}

// The control slip names each stretch of the way with its own limit; legs follow
// each other without a gap, and what was undone is not among them.
func TestLegs(t *testing.T) {
	o := open(t)
	s := o.file("1.011609")
	for more := true; more; s, more = o.next(s) {
		o.now = o.now.Add(3 * time.Hour)
	}
	f, err := o.Open(t.Context(), o.who["motcua"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	track, err := o.Track(t.Context(), &s)
	if err != nil {
		t.Fatal(err)
	}
	legs := dossier.Legs(&f, &track)
	if len(legs) < 5 || !legs[0].From.Equal(s.SentAt) || legs[len(legs)-1].To.IsZero() {
		t.Fatalf("%+v", legs)
	}
	for i := 1; i < len(legs); i++ {
		if !legs[i].From.Equal(legs[i-1].To) {
			t.Errorf("leg %d begins at %s, the one before ends at %s", i, legs[i].From, legs[i-1].To)
		}
	}
	paper, err := o.Paper(t.Context(), &f, dossier.ControlSlip)
	if err != nil || !bytes.HasPrefix(paper, []byte("%PDF")) {
		t.Fatal(err)
	}
}

// When the day's work is over nobody is asked to answer by its end.
func TestAnswerByADayThatIsNotOver(t *testing.T) {
	o := open(t)
	s := o.to("chuyenvien", o.file("1.011609"), "consult")
	o.clock("2026-11-25 19:00")
	s = o.must("chuyenvien", s, "consult", nil)
	if due := s.Opinions[0].Due; !due.After(o.now) {
		t.Errorf("asked at %s to answer by %s", o.now, due)
	}
}

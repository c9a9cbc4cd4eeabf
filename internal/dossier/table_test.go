// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// lawDays are days on which each regime is in force.
var lawDays = []struct {
	id  regime.ID
	day string
}{{"R2019", "2019-03-05"}, {"R2021", "2022-03-01"}, {"R2025", "2025-09-23"}, {"R2026", "2026-11-23"}}

// stand brings a fresh dossier into a state.
type stand struct {
	name string
	to   func(o *office, s dossier.State) dossier.State
}

// linkedSince is the day from which the interlinked procedure is offered.
const (
	linkedSince = "2025-07-01"
	partsStand  = "parts with other agencies"
)

func plain(o *office, s dossier.State) dossier.State { return s }

func examining(o *office, s dossier.State) dossier.State { return o.to(handler, s, "ask_supplement") }

func (o *office) finished(s dossier.State) dossier.State {
	for more := true; more; s, more = o.next(s) {
		o.now = o.now.Add(time.Minute)
	}
	return s
}

// fileThen files a sample as it would have been answered on the day of the clock.
func (o *office) fileThen(code string) dossier.State {
	o.Helper()
	s, err := o.Submit(o.Context(), o.who["nguoidan"], o.sampleThen(code), nil)
	if err != nil {
		o.Fatal(err)
	}
	return s
}

func (o *office) sampleThen(code string) dossier.Filing {
	o.Helper()
	f, err := o.Sample(o.Context(), code, "vi")
	if err != nil {
		o.Fatal(err)
	}
	text, err := json.Marshal(f.Answers)
	if err != nil {
		o.Fatal(err)
	}
	days := int(calendar.MustDate("2026-11-23") - calendar.DateOf(o.now))
	text = regexp.MustCompile(`"\d{4}-\d{2}-\d{2}"`).ReplaceAllFunc(text, func(quoted []byte) []byte {
		at, err := time.Parse(time.DateOnly, string(quoted[1:len(quoted)-1]))
		if err != nil {
			return quoted
		}
		return []byte(`"` + at.AddDate(0, 0, -days).Format(time.DateOnly) + `"`)
	})
	f.Answers = nil
	if err := json.Unmarshal(text, &f.Answers); err != nil {
		o.Fatal(err)
	}
	return f
}

var stands = []stand{
	{"filed", plain},
	{"filed, more papers asked for", func(o *office, s dossier.State) dossier.State { return o.must("motcua", s, "ask_supplement", nil) }},
	{"filed, not received", func(o *office, s dossier.State) dossier.State { return o.must("motcua", s, "refuse", nil) }},
	{"received at the counter", func(o *office, s dossier.State) dossier.State {
		f := o.sampleThen(s.Procedure)
		f.Channel, f.Return = "counter", "counter"
		s, err := o.ReceiveAtCounter(o.Context(), o.who["motcua"], f, nil, nil)
		if err != nil {
			o.Fatal(err)
		}
		return s
	}},
	{"examined", examining},
	{"examined, more papers asked for", func(o *office, s dossier.State) dossier.State {
		return o.must(handler, examining(o, s), "ask_supplement", nil)
	}},
	{"examined, paused", func(o *office, s dossier.State) dossier.State { return o.must(handler, examining(o, s), "pause", nil) }},
	{"examined, an extension put to the leader", func(o *office, s dossier.State) dossier.State {
		return o.must(handler, examining(o, s), "extend", nil)
	}},
	{"examined, withdrawal asked for", func(o *office, s dossier.State) dossier.State {
		return o.must("nguoidan", examining(o, s), "withdraw", nil)
	}},
	{"competence in doubt", func(o *office, s dossier.State) dossier.State { return o.must("motcua", s, "doubt_competence", nil) }},
	{partsStand, func(o *office, _ dossier.State) dossier.State {
		s := o.to(handler, o.fileThen(linked), "send_parts")
		return o.must(handler, s, "send_parts", nil)
	}},
	{"result at the one-stop", func(o *office, s dossier.State) dossier.State {
		f := o.sampleThen(s.Procedure)
		f.Return = "counter"
		s, err := o.Submit(o.Context(), o.who["nguoidan"], f, nil)
		if err != nil {
			o.Fatal(err)
		}
		for s.Phase != dossier.Ready {
			s, _ = o.next(s)
		}
		return s
	}},
	{"withdrawn", func(o *office, s dossier.State) dossier.State {
		return o.must("motcua", o.must("nguoidan", examining(o, s), "withdraw", nil), "confirm_withdrawal", nil)
	}},
	{"result put up", func(o *office, s dossier.State) dossier.State { return o.to("lanhdao", s, "approve") }},
	{"result returned", func(o *office, s dossier.State) dossier.State { return o.finished(s) }},
}

// people are who acts in the table, by the post that they stand for.
var people = []struct{ login, as string }{
	{"nguoidan", "applicant"}, {"nguoidan2", "stranger"}, {"motcua", "clerk"}, {"chuyenvien", "specialist"}, {"truongphong", "head"}, {"lanhdao", "leader"}, {"thuquy", "cashier"}, {"quantri", "administrator"},
}

// Every state × act × role × regime: allowed, or refused with which reason. The
// table is a page of the documentation, docs/acts.md; MOTCUA_UPDATE=1 writes it.
func TestTableOfActs(t *testing.T) {
	var page strings.Builder
	page.WriteString("# Who may do what, when\n\nWritten by `MOTCUA_UPDATE=1 go test ./internal/dossier -run TestTableOfActs`, which also holds it to the program.\n")
	page.WriteString("✓ allowed; otherwise the reason of the refusal. `R…` says under which regimes, where they differ.\n")
	cells := map[string]map[string]string{} // state, act, person → regime → reason
	for _, law := range lawDays {
		o := open(t)
		o.now = calendar.MustDate(law.day).At(9 * 60)
		for _, x := range stands {
			if x.name == partsStand && law.day < linkedSince {
				continue
			}
			s := x.to(o, o.fileThen("1.001193"))
			if s.Regime != "" && s.Regime != law.id {
				t.Fatalf("%s: received under %s", law.day, s.Regime)
			}
			for _, act := range dossier.Acts() {
				for _, p := range people {
					key := x.name + "|" + act + "|" + p.as
					if cells[key] == nil {
						cells[key] = map[string]string{}
					}
					cells[key][string(law.id)] = o.verdict(p.login, s, act)
				}
			}
		}
	}
	for _, x := range stands {
		fmt.Fprintf(&page, "\n## %s\n\n| act |", x.name)
		for _, p := range people {
			fmt.Fprintf(&page, " %s |", p.as)
		}
		page.WriteString("\n|---|" + strings.Repeat("---|", len(people)) + "\n")
		for _, act := range dossier.Acts() {
			fmt.Fprintf(&page, "| `%s` |", act)
			for _, p := range people {
				fmt.Fprintf(&page, " %s |", joined(cells[x.name+"|"+act+"|"+p.as]))
			}
			page.WriteString("\n")
		}
	}
	const file = "../../docs/acts.md"
	if os.Getenv("MOTCUA_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != page.String() {
		t.Error("docs/acts.md is not what the program does; look at the difference and write it anew")
	}
}

// verdict is whether somebody may do an act now, and why not.
func (o *office) verdict(login string, s dossier.State, act string) string {
	o.Helper()
	who := o.who[login]
	if !who.Sees(&s) {
		return "unseen"
	}
	offered, refused := o.Try(o.Context(), who, s.Code, act)
	if offered != (refused == nil) {
		o.Errorf("%s by %s: offered %v, refused %v", act, login, offered, refused)
	}
	if refused == nil {
		return "✓"
	}
	e := refusal.As(refused)
	if e == nil {
		o.Fatal(refused)
	}
	return strings.TrimPrefix(e.Key, "dossier.")
}

// joined says one reason, or each with its regimes.
func joined(by map[string]string) string {
	var order []string
	laws := map[string][]string{}
	for _, law := range lawDays {
		v, ok := by[string(law.id)]
		if !ok {
			continue
		}
		if laws[v] == nil {
			order = append(order, v)
		}
		laws[v] = append(laws[v], string(law.id))
	}
	if len(order) == 1 {
		return order[0]
	}
	var parts []string
	for _, v := range order {
		parts = append(parts, v+" ("+strings.Join(laws[v], " ")+")")
	}
	return strings.Join(parts, ", ")
}

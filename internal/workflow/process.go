// SPDX-License-Identifier: Apache-2.0

// Package workflow is the approved handling process of a procedure as typed
// data: steps, who does them where and within what time, and which actions
// lead on (NĐ 61/2018 art. 36(4), TT 01/2018 art. 8: approved by the chairman,
// configured from the approved one).
//
// A process that names an unknown step, role, act, field or condition is
// refused when it is loaded; at run time nothing is guessed. Everything here
// is pure. Start at Process and (*StepOfWay).Ways.
package workflow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"motcua/internal/calendar"
	"motcua/internal/form"
)

// Role is what a post entitles to in a process.
type Role string

// The roles of a one-stop. The last two handle no dossiers.
const (
	Clerk      Role = "clerk"      // công chức, viên chức tiếp nhận và trả kết quả
	Specialist Role = "specialist" // chuyên viên xử lý
	Head       Role = "head"       // trưởng phòng, trưởng đơn vị
	Leader     Role = "leader"     // lãnh đạo cơ quan ký kết quả
	Cashier    Role = "cashier"    // thủ quỹ
	Admin      Role = "admin"      // quản trị
	Privacy    Role = "privacy"    // cán bộ bảo vệ dữ liệu cá nhân
)

// Roles are all roles, in the order of the work.
var Roles = []Role{Clerk, Head, Specialist, Leader, Cashier, Admin, Privacy}

// Place says which of a dossier's agencies does a step.
type Place string

// The two places of a dossier: the one-stop that received it, and the agency
// competent to decide.
const (
	AtReception Place = "reception"
	AtCompetent Place = "competent"
)

// Act is the act of the law by which a step is done.
type Act string

// The acts that lead a dossier through its process.
const (
	Receive  Act = "receive"
	Assign   Act = "assign"
	Step     Act = "step"
	Propose  Act = "propose"
	Approve  Act = "approve"
	SendBack Act = "send_back"
	Issue    Act = "issue"
	HandOver Act = "hand_over"
)

var acts = []Act{Receive, Assign, Step, Propose, Approve, SendBack, Issue, HandOver}

// End is where the last action leads.
const End = "end"

// Process is one edition of an approved process. The first step is where it starts.
type Process struct {
	Decision string      `json:"decision"` // the decision that approved it
	Invented bool        `json:"invented,omitempty"`
	Steps    []StepOfWay `json:"steps"`
}

// StepOfWay is one step: who does it, where, within what time, and what may
// come of it.
type StepOfWay struct {
	ID      string          `json:"id"`
	Name    form.Text       `json:"name"`   // for officers
	Public  form.Text       `json:"public"` // what the applicant reads while the dossier is here
	Role    Role            `json:"role"`
	At      Place           `json:"at"`
	Limit   *calendar.Limit `json:"limit,omitempty"`
	Inputs  []form.Field    `json:"inputs,omitempty"` // what the officer records: findings, time and place of a field visit…
	Legs    []Leg           `json:"legs,omitempty"`   // work of other agencies, all of which is done before the step is left
	Actions []Action        `json:"actions"`
}

// Leg is work that another agency does in an interlinked procedure, within its
// own limit: at once with the others, or after some of them.
type Leg struct {
	ID     string         `json:"id"`
	Name   form.Text      `json:"name"`
	At     string         `json:"at"` // identifier of the agency
	Limit  calendar.Limit `json:"limit"`
	After  []string       `json:"after,omitempty"`  // legs that are done before
	Inputs []form.Field   `json:"inputs,omitempty"` // what that agency records
}

// Leg returns the leg with this id, or nil.
func (s *StepOfWay) Leg(id string) *Leg {
	for i := range s.Legs {
		if s.Legs[i].ID == id {
			return &s.Legs[i]
		}
	}
	return nil
}

// Action is one way on from a step.
type Action struct {
	ID     string     `json:"id"`
	Label  form.Text  `json:"label"`
	Act    Act        `json:"act"`
	To     string     `json:"to"`               // a step, or "end"
	When   *form.When `json:"when,omitempty"`   // on the answers and the step's inputs
	Reason bool       `json:"reason,omitempty"` // a reason must be given
}

// Parse reads a process and refuses whatever it does not know. f is the form
// whose answers conditions may ask for.
func Parse(data []byte, f *form.Form) (*Process, error) {
	var p Process
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return nil, err
	}
	return &p, p.validate(f)
}

// Step returns the step with this id, or nil.
func (p *Process) Step(id string) *StepOfWay {
	for i := range p.Steps {
		if p.Steps[i].ID == id {
			return &p.Steps[i]
		}
	}
	return nil
}

// Ways lists the actions of a step by this act that are open for these
// answers and inputs.
func (s *StepOfWay) Ways(act Act, scope form.Scope) []Action {
	var open []Action
	for _, a := range s.Actions {
		if a.Act == act && a.When.Holds(scope) {
			open = append(open, a)
		}
	}
	return open
}

// Guarded is true when some action of the step by this act is open only under
// a condition.
func (s *StepOfWay) Guarded(act Act) bool {
	return slices.ContainsFunc(s.Actions, func(a Action) bool { return a.Act == act && a.When != nil })
}

// Has is true when some action of the step is by this act.
func (s *StepOfWay) Has(act Act) bool {
	return slices.ContainsFunc(s.Actions, func(a Action) bool { return a.Act == act })
}

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

func (p *Process) validate(f *form.Form) error {
	if len(p.Steps) == 0 {
		return errors.New("steps: none")
	}
	v := validation{process: p, form: f, counts: map[Act]int{}}
	if p.Decision == "" {
		v.add("decision: missing")
	}
	seen := map[string]bool{}
	for i := range p.Steps {
		s := &p.Steps[i]
		at := fmt.Sprintf("steps[%d] (%s)", i, s.ID)
		if !idPattern.MatchString(s.ID) || s.ID == End || seen[s.ID] {
			v.add("%s: id is malformed or used twice", at)
		}
		seen[s.ID] = true
		v.step(at, s)
	}
	if first := &p.Steps[0]; !first.Has(Receive) || first.Role != Clerk || first.At != AtReception {
		v.add("steps[0]: a process starts with reception by a clerk")
	}
	for _, once := range []Act{Receive, Propose, Approve, Issue, HandOver} {
		if v.counts[once] == 0 {
			v.add("steps: no action by %q", once)
		}
	}
	for _, once := range []Act{Receive, Issue, HandOver} {
		if v.counts[once] > 1 {
			v.add("steps: more than one action by %q", once)
		}
	}
	if len(v.errs) == 0 {
		v.errs = append(v.errs, p.connected()...)
	}
	return errors.Join(v.errs...)
}

// validation gathers all that is wrong with a process, each by its place.
type validation struct {
	process *Process
	form    *form.Form
	counts  map[Act]int // actions by act
	errs    []error
}

func (v *validation) add(format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf(format, args...))
}

func (v *validation) step(at string, s *StepOfWay) {
	if s.Name.VI == "" || s.Public.VI == "" {
		v.add("%s: name or public words missing", at)
	}
	if !slices.Contains(Roles, s.Role) || s.Role == Admin {
		v.add("%s: unknown role %q", at, s.Role)
	}
	if s.At != AtReception && s.At != AtCompetent {
		v.add("%s: unknown place %q", at, s.At)
	}
	if s.Limit != nil && !s.Limit.Valid() {
		v.add("%s: limit %d %q cannot be counted", at, s.Limit.N, s.Limit.Unit)
	}
	if len(s.Actions) == 0 {
		v.add("%s: no actions", at)
	}
	inputs, err := form.Bare(s.Inputs)
	if err != nil {
		v.add("%s: inputs: %w", at, err)
	}
	v.legs(at, s)
	seen := map[string]bool{}
	for i := range s.Actions {
		a := &s.Actions[i]
		here := fmt.Sprintf("%s.actions[%d] (%s)", at, i, a.ID)
		if !idPattern.MatchString(a.ID) || seen[a.ID] {
			v.add("%s: id is malformed or used twice", here)
		}
		seen[a.ID] = true
		v.action(here, a, inputs)
	}
}

// legs refuses a leg that waits for itself, for none, or for one that stands
// behind it: so none waits in a ring.
func (v *validation) legs(at string, s *StepOfWay) {
	before := map[string]bool{}
	for i := range s.Legs {
		l := &s.Legs[i]
		here := fmt.Sprintf("%s.legs[%d] (%s)", at, i, l.ID)
		if !idPattern.MatchString(l.ID) || before[l.ID] {
			v.add("%s: id is malformed or used twice", here)
		}
		if l.Name.VI == "" || l.At == "" {
			v.add("%s: name or agency missing", here)
		}
		if !l.Limit.Valid() {
			v.add("%s: limit %d %q cannot be counted", here, l.Limit.N, l.Limit.Unit)
		}
		for _, id := range l.After {
			if !before[id] {
				v.add("%s: waits for %q, which does not stand before it", here, id)
			}
		}
		if _, err := form.Bare(l.Inputs); err != nil {
			v.add("%s: inputs: %w", here, err)
		}
		before[l.ID] = true
	}
	if len(s.Legs) > 0 && s.At != AtCompetent {
		v.add("%s: legs are led by the competent agency", at)
	}
}

func (v *validation) action(here string, a *Action, inputs []form.Field) {
	v.counts[a.Act]++
	if a.Label.VI == "" {
		v.add("%s: label missing", here)
	}
	if !slices.Contains(acts, a.Act) {
		v.add("%s: unknown act %q", here, a.Act)
	}
	if a.To != End && v.process.Step(a.To) == nil {
		v.add("%s: leads to unknown step %q", here, a.To)
	}
	if (a.To == End) != (a.Act == HandOver) {
		v.add("%s: a process ends by hand_over and by nothing else", here)
	}
	if a.Act == SendBack && !a.Reason {
		v.add("%s: sending back needs a reason", here)
	}
	if err := form.CheckWhen(a.When, v.form, inputs); err != nil {
		v.add("%s: %w", here, err)
	}
}

// connected refuses steps that nothing leads to, and steps with no way to the end.
func (p *Process) connected() []error {
	reached := map[string]bool{p.Steps[0].ID: true}
	ends := map[string]bool{End: true}
	for range p.Steps {
		for _, s := range p.Steps {
			for _, a := range s.Actions {
				if reached[s.ID] {
					reached[a.To] = true
				}
				if ends[a.To] {
					ends[s.ID] = true
				}
			}
		}
	}
	var errs []error
	for _, s := range p.Steps {
		if !reached[s.ID] {
			errs = append(errs, fmt.Errorf("step %q: nothing leads here", s.ID))
		}
		if !ends[s.ID] {
			errs = append(errs, fmt.Errorf("step %q: no way to the end", s.ID))
		}
	}
	return errs
}

// Longest returns the limits of the steps on the longest way from reception to
// the issuing of the result: what must not add up to more than the legal limit.
// Ways back count once.
func (p *Process) Longest(weigh func([]calendar.Limit) int) []calendar.Limit {
	var best []calendar.Limit
	var walk func(s *StepOfWay, limits []calendar.Limit, visited map[string]bool)
	walk = func(s *StepOfWay, limits []calendar.Limit, visited map[string]bool) {
		if s.Limit != nil {
			limits = append(slices.Clone(limits), *s.Limit)
		}
		if s.Has(Issue) {
			if best == nil || weigh(limits) > weigh(best) {
				best = limits
			}
			return
		}
		visited[s.ID] = true
		for _, a := range s.Actions {
			if next := p.Step(a.To); next != nil && a.Act != SendBack && !visited[next.ID] {
				walk(next, limits, visited)
			}
		}
		delete(visited, s.ID)
	}
	walk(&p.Steps[0], nil, map[string]bool{})
	return best
}

// Progress is the degree of completion at a step, in percent: how far the step
// stands on the shortest way from reception to the end.
func (p *Process) Progress(step string) int {
	if step == End {
		return 100
	}
	before, after := p.distance(p.Steps[0].ID, step), p.distance(step, End)
	if before < 0 || after < 0 || before+after == 0 {
		return 0
	}
	return 5 + before*90/(before+after)
}

func (p *Process) distance(from, to string) int {
	far := map[string]int{from: 0}
	queue := []string{from}
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		if id == to {
			return far[id]
		}
		s := p.Step(id)
		if s == nil {
			continue
		}
		for _, a := range s.Actions {
			if _, known := far[a.To]; !known {
				far[a.To] = far[id] + 1
				queue = append(queue, a.To)
			}
		}
	}
	return -1
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Actor is who asks: a citizen's or officer's account with the posts it holds
// today. The zero Actor is a stranger.
type Actor struct {
	Account int64
	Login   string
	Name    string
	Officer bool
	Level   identity.Level    // how surely it is they
	Person  Applicant         // of a citizen: what the account knows
	Proved  bool              // and that the number is theirs
	Facts   map[string]string // what else it knows, by prefill key
	Bare    bool              // nothing of it fills questions: its holder had that stopped
	Posts   []agency.Post     // their own, and those of who is away and for whom they act
	Away    map[int64]string  // names of those
	Scopes  []string          // of a token, or a mandate: "" or absent means all the account may do
	Member  *Member           // who acts, where the account is an organisation's
	Address string            // it came from
	Reason  string            // why an officer looks, in their own words
}

// By is the actor as the journal names them.
func (a Actor) By() audit.By { return audit.By{Account: a.Account, Name: a.Name, Address: a.Address} }

// Member is a person who acts for an organisation.
type Member struct {
	Account int64
	Person  Applicant
	Role    identity.MandateRole
}

// This file is the one policy of who may see and do what with a dossier: post
// × agency × remit × dossier, a predicate for lists and a check for acts. The
// default is no; administrators configure and see no dossier.

// On is the actor as far as one dossier is concerned: with the posts that are
// for it. Staff of a contractor has a post for it only while it waits at the
// counter.
func (a Actor) On(s *State) Actor {
	at, role := s.Holder()
	return a.without(func(p agency.Post) bool { return p.External && (s.Closed() || p.Agency != at || p.Role != role) }).about(s.matter())
}

// about is the actor with the posts that are for a matter.
func (a Actor) about(m agency.Matter) Actor {
	return a.without(func(p agency.Post) bool { return !p.Covers(m) })
}

func (a Actor) without(posts func(agency.Post) bool) Actor {
	if slices.ContainsFunc(a.Posts, posts) {
		a.Posts = slices.DeleteFunc(slices.Clone(a.Posts), posts)
	}
	return a
}

// about is the matter that an officer's post must be for.
func (s *State) about() *agency.Matter {
	m := s.matter()
	return &m
}

// matter is what posts are told apart by.
func (s *State) matter() agency.Matter {
	return agency.Matter{Field: s.Field, Procedure: s.Procedure, Reception: s.Reception, Restricted: s.Restricted}
}

// atCounter are the acts on a dossier that the staff of a contractor may do: to
// guide, receive, forward and return, not to decide (NĐ 118/2025 lets public
// postal services and others do these).
var atCounter = []string{"receive", "forward", "take_over", "supplement", "hand_over", "message", "undo"}

// Holds is true when the actor has this role at this agency.
func (a Actor) Holds(role workflow.Role, at agency.ID) bool {
	return slices.ContainsFunc(a.Posts, func(p agency.Post) bool { return p.Role == role && p.Agency == at })
}

// HasRole is true when the actor has this role anywhere.
func (a Actor) HasRole(role workflow.Role) bool {
	return slices.ContainsFunc(a.Posts, func(p agency.Post) bool { return p.Role == role })
}

// Works is true when the actor has a post that handles dossiers at this agency
// and is the agency's own.
func (a Actor) Works(at agency.ID) bool {
	return slices.ContainsFunc(a.Posts, func(p agency.Post) bool { return own(p) && p.Agency == at })
}

// Sees is true when the actor may know the dossier exists: its owner, and the
// officers of the agencies that receive and decide it, of the one-stop that takes
// it over, of the support point, who does a part of it, and who answers for an
// agency that was asked for its opinion. Everybody else gets "not found".
func (a Actor) Sees(s *State) bool {
	a = a.On(s)
	if slices.ContainsFunc(s.Parts, func(p Part) bool { return a.partakes(p.To) }) {
		return true
	}
	if a.Account != 0 && a.Account == s.Account {
		return true
	}
	return a.Works(s.Reception) || a.Holds(workflow.Clerk, s.Reception) || a.Works(s.Competent) || s.Home != "" && a.Works(s.Home) || s.Support != "" && a.Holds(workflow.Clerk, s.Support) || slices.ContainsFunc(s.Opinions, func(o Opinion) bool { return a.answers(o.To) })
}

// asks is true for the applicant's account, but for who may only follow.
func (a Actor) asks(s *State) bool {
	return a.Account != 0 && a.Account == s.Account && a.Scope("file")
}

// Follows is the refusal of who may only follow for an organisation.
func (a Actor) Follows() error {
	if a.Member == nil || a.Scope("file") {
		return nil
	}
	return refusal.New(refusal.NotAllowed, "identity.mandate.viewer", "name", a.Name)
}

// Reaches is the refusal of who did not sign in as surely as a procedure asks for
// (each service says which level of electronic identification it needs).
func (a Actor) Reaches(e *procedure.Edition) error {
	if need := e.Facts.Assurance; !a.Officer && a.Level < need {
		return refusal.New(refusal.NotAllowed, LevelLow, "need", LevelNames[need], "level", need).Because(assuranceBasis)
	}
	return nil
}

const assuranceBasis = "Nghị định 69/2024/NĐ-CP về định danh và xác thực điện tử"

// LevelLow is the key of the refusal of who must sign in more surely first.
const LevelLow = "identity.level.low"

// LevelNames are the levels of assurance in words.
var LevelNames = map[identity.Level]form.Text{
	identity.Single: {VI: "mật khẩu", EN: "a password"},
	identity.Double: {VI: "hai lớp hoặc khóa truy cập", EN: "two steps or a passkey"},
	identity.High:   {VI: "định danh mức cao", EN: "a high level of identity"},
}

// answers is true for who gives the opinion of an agency that is asked.
func (a Actor) answers(at agency.ID) bool {
	return a.Holds(workflow.Head, at) || a.Holds(workflow.Leader, at)
}

// Heads is true for who heads an agency or a unit.
func (a Actor) Heads() bool { return a.HasRole(workflow.Head) || a.HasRole(workflow.Leader) }

// partakes is true for who does the part of an agency in an interlinked
// procedure.
func (a Actor) partakes(at agency.ID) bool {
	return a.Holds(workflow.Specialist, at) || a.answers(at)
}

// agencies lists where the actor works.
func (a Actor) agencies() []string {
	var ids []string
	for _, p := range a.Posts {
		if own(p) && !slices.Contains(ids, string(p.Agency)) {
			ids = append(ids, string(p.Agency))
		}
	}
	return ids
}

// own is true for a post of the agency's own staff that handles dossiers.
func own(p agency.Post) bool { return handles(p.Role) && !p.External }

// handles is true of the roles whose holders have to do with dossiers.
func handles(r workflow.Role) bool { return r != workflow.Admin && r != workflow.Privacy }

// seen is the policy as a condition on the rows of dossiers: those that were
// received or are decided where the actor works, as far as the posts go. "1 = 0"
// is nothing.
func (a Actor) seen(q *query) string {
	var parts []string
	for _, r := range a.remits() {
		at := q.list(r.agencies)
		parts = append(parts, fmt.Sprintf(`((competent IN (%[1]s) OR reception IN (%[1]s))%[2]s)`, at, r.condition(q)))
	}
	for _, p := range a.Posts {
		if p.External {
			parts = append(parts, fmt.Sprintf(`(queue >= %s AND queue < %s%s)`, q.arg(string(p.Agency)+" "+string(p.Role)+" "), q.arg(string(p.Agency)+" "+string(p.Role)+"!"), remit{Remit: p.Remit}.condition(q)))
		}
	}
	if len(parts) == 0 {
		return `1 = 0`
	}
	return `(` + strings.Join(parts, ` OR `) + `)`
}

// remit is what posts at these agencies are for.
type remit struct {
	agency.Remit
	agencies []string
}

// remits are the actor's posts that handle dossiers, gathered by what they are for.
func (a Actor) remits() []remit {
	var list []remit
	for _, p := range a.Posts {
		if !own(p) {
			continue
		}
		i := slices.IndexFunc(list, func(r remit) bool { return reflect.DeepEqual(r.Remit, p.Remit) })
		if i < 0 {
			i, list = len(list), append(list, remit{Remit: p.Remit})
		}
		if !slices.Contains(list[i].agencies, string(p.Agency)) {
			list[i].agencies = append(list[i].agencies, string(p.Agency))
		}
	}
	return list
}

// condition narrows rows of dossiers to what a remit covers, as Covers does.
func (r remit) condition(q *query) string {
	where := ""
	if !r.Cleared {
		where = ` AND restricted = 0`
	}
	return where + r.narrow(q)
}

// Cleared tells whether somebody may see what is of restricted access, somewhere.
func (a Actor) Cleared() bool {
	return slices.ContainsFunc(a.Posts, func(p agency.Post) bool { return p.Cleared })
}

// narrow is condition without what is restricted.
func (r remit) narrow(q *query) string {
	where := ""
	if len(r.Fields) > 0 {
		where += ` AND field IN (` + q.list(r.Fields) + `)`
	}
	if len(r.Procedures) > 0 {
		where += ` AND procedure IN (` + q.list(r.Procedures) + `)`
	}
	if len(r.Territory) > 0 {
		where += ` AND reception IN (` + q.list(names(r.Territory)) + `)`
	}
	return where
}

// by is the actor as history names it, in the post that entitles to the act.
func (a Actor) by(role workflow.Role, at agency.ID) By {
	if a.Member != nil {
		return By{Account: a.Member.Account, Name: a.Member.Person.Name, For: a.Name}
	}
	by := By{Account: a.Account, Name: a.Name, Role: role, Agency: at}
	for _, p := range a.Posts {
		if p.Role != role || p.Agency != at {
			continue
		}
		if p.Account == a.Account {
			by.For = ""
			break
		}
		by.For = a.Away[p.Account]
	}
	return by
}

// right is what entitles an actor to an act on a dossier.
type right struct {
	role workflow.Role // "": as the applicant
	at   agency.ID
}

// may says in which post the actor may do an act on this dossier at all,
// whatever its state is now: ok is false for those who never may (403), while
// an act that the state does not permit is refused by its rule (422).
func (a Actor) may(act string, s *State, p *workflow.Process) (right, bool) {
	a = a.On(s)
	if !slices.Contains(atCounter, act) {
		a = a.without(func(p agency.Post) bool { return p.External })
	}
	holds := func(role workflow.Role, at agency.ID) (right, bool) {
		return right{role, at}, a.Holds(role, at)
	}
	switch act {
	case "rate":
		return right{}, a.asks(s)
	case "forward":
		return holds(workflow.Clerk, s.Reception)
	case "take_over":
		return holds(workflow.Clerk, s.Home)
	case "doubt_competence":
		if r, ok := holds(workflow.Clerk, s.Reception); ok && s.Phase == Filed {
			return r, ok
		}
		return holds(workflow.Head, s.Competent)
	case "determine":
		for _, role := range []workflow.Role{workflow.Leader, workflow.Head} {
			if r, ok := holds(role, s.Reception); ok {
				return r, ok
			}
		}
		return holds(workflow.Clerk, s.Reception)
	case "collect":
		return holds(workflow.Cashier, s.Reception)
	case "reassign":
		return holds(workflow.Head, s.Competent)
	case "supplement", "withdraw": // by the applicant, or by the clerk for who stands at the counter
		if a.asks(s) {
			return right{}, true
		}
		return holds(workflow.Clerk, s.Reception)
	case "claim":
		return holds(workflow.Specialist, s.Competent)
	case "revoke":
		return holds(workflow.Leader, s.Competent)
	case "hold", "end_hold", "reterm":
		return a.keeper(s)
	case "message", "incident":
		if act == "message" && a.asks(s) {
			return right{}, true
		}
		if r, ok := holds(workflow.Clerk, s.Reception); ok {
			return r, ok
		}
		if r, ok := a.handles(s); ok {
			return r, ok
		}
		return holds(workflow.Leader, s.Competent)
	case "undo": // what somebody did themselves, in the post they did it in
		if last := s.LastAct; last != nil && last.By.Account == a.Account {
			return holds(last.By.Role, last.By.Agency)
		}
		return right{}, false
	case "refuse", "confirm_withdrawal", "correct":
		return holds(workflow.Clerk, s.Reception)
	case "sign", "decline":
		return holds(workflow.Leader, s.Competent)
	case "ask_supplement":
		if r, ok := holds(workflow.Clerk, s.Reception); ok && s.Phase == Filed {
			return r, ok
		}
		return a.handles(s)
	case "answer_consult":
		for _, o := range s.Opinions {
			for _, role := range []workflow.Role{workflow.Head, workflow.Leader} {
				if o.Open() && a.Holds(role, o.To) {
					return right{role, o.To}, true
				}
			}
		}
		return right{}, false
	case "finish_part":
		for _, p := range s.OpenParts() {
			for _, role := range []workflow.Role{workflow.Specialist, workflow.Head, workflow.Leader} {
				if r, ok := holds(role, p.To); ok {
					return r, ok
				}
			}
		}
		return right{}, false
	case "send_parts", "pause", "resume", "extend", "stop", "consult", "verify_on_site":
		return a.handles(s)
	case "assign":
		if r, ok := holds(workflow.Head, s.Competent); ok {
			return r, ok
		}
	}
	// An act of the process: in a post of a step that has it, the step in hand first.
	var found right
	ok := false
	for i := range p.Steps {
		step := &p.Steps[i]
		if !step.Has(workflow.Act(act)) {
			continue
		}
		at := s.place(step.At)
		if !a.Holds(step.Role, at) {
			continue
		}
		if !ok || step.ID == s.Step {
			found, ok = right{step.Role, at}, true
		}
	}
	return found, ok
}

func names(ids []agency.ID) []string {
	var list []string
	for _, id := range ids {
		list = append(list, string(id))
	}
	return list
}

// actAt makes the first of these roles that the actor holds at an agency the post
// in which history names them.
func (d *desk) actAt(at agency.ID, roles ...workflow.Role) {
	for _, role := range roles {
		if d.who.Holds(role, at) {
			d.right = right{role, at}
			return
		}
	}
}

// handles is the post in which an officer handles dossiers of the agency that
// decides: that of the step in hand if it is the officer's.
func (a Actor) handles(s *State) (right, bool) {
	for _, role := range []workflow.Role{s.Role, workflow.Specialist, workflow.Head} {
		if (role == workflow.Specialist || role == workflow.Head) && a.Holds(role, s.Competent) {
			return right{role, s.Competent}, true
		}
	}
	return right{}, false
}

// place is the agency that stands for a place of the process.
func (s *State) place(at workflow.Place) agency.ID {
	if at == workflow.AtReception {
		return s.Reception
	}
	return s.Competent
}

// holdsStep is true when the step in hand is the actor's to do: the right post,
// and, once a specialist is named, that person.
func (a Actor) holdsStep(s *State) bool {
	at, role := s.Holder()
	if !a.Holds(role, at) {
		return false
	}
	if role != workflow.Specialist || s.Assignee == 0 || s.Assignee == a.Account {
		return true
	}
	return slices.ContainsFunc(a.Posts, func(p agency.Post) bool { return p.Role == role && p.Agency == at && p.Account == s.Assignee })
}

// PostsOn keeps the posts that are held on a day.
func PostsOn(posts []agency.Post, day calendar.Date) []agency.Post {
	var held []agency.Post
	for _, p := range posts {
		if p.On(day) {
			held = append(held, p)
		}
	}
	return held
}

// ActorOf is an account with the posts it holds on a day.
func ActorOf(a identity.Account, d *agency.Directory, day calendar.Date) Actor {
	p := a.Person
	actor := Actor{Account: a.ID, Login: a.Login, Name: a.Name, Officer: a.Officer, Level: a.Level, Person: applicant(p), Proved: p.Verified, Bare: a.Stops(identity.UsePrefill),
		Facts: map[string]string{"gender": p.Gender, "ethnicity": p.Ethnicity, "nationality": p.Nationality}}
	if m := a.Mandate; m != nil {
		actor.Member = &Member{m.Member, applicant(m.Person), m.Role}
		if m.Role == identity.Viewer {
			actor.Scopes = []string{"read"}
		}
	}
	if o := d.Officer(a.ID); o != nil {
		actor.Posts = PostsOn(o.Posts, day)
	}
	mine := actor.Posts
	outside := len(mine) > 0 && !slices.ContainsFunc(mine, own)
	contracted := outside && slices.ContainsFunc(mine, func(p agency.Post) bool { return p.External })
	for _, o := range d.StandsInFor(a.ID, day) {
		for _, p := range PostsOn(o.Posts, day) {
			// Nobody is cleared for what is restricted by another's absence, nor
			// becomes more than staff of a contractor, which is at the counter, or
			// than an administrator.
			if outside && p.Role != workflow.Clerk && (contracted || handles(p.Role)) {
				continue
			}
			p.Cleared = p.Cleared && slices.ContainsFunc(mine, func(q agency.Post) bool { return q.Cleared && q.Agency == p.Agency })
			p.External = p.External || outside && handles(p.Role)
			actor.Posts = append(actor.Posts, p)
		}
		if actor.Away == nil {
			actor.Away = map[int64]string{}
		}
		actor.Away[o.Account] = o.Name
	}
	return actor
}

func applicant(p identity.Person) Applicant {
	return Applicant{Kind: p.Kind, Name: p.Name, IDNumber: p.IDNumber, Phone: p.Phone, Email: p.Email, Address: p.Address, BirthDate: p.BirthDate}
}

// person is who stands behind the account: of an organisation, its member.
func (a Actor) person() Applicant {
	if a.Member != nil {
		return a.Member.Person
	}
	return a.Person
}

// Scope is true when the actor's token is not limited, or to one of these.
func (a Actor) Scope(any ...string) bool {
	return len(a.Scopes) == 0 || slices.ContainsFunc(any, func(s string) bool { return slices.Contains(a.Scopes, s) })
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/procedure"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// Phase is the coarse state of a dossier. Phases are few; the step says more.
type Phase string

// The phases of the main path.
const (
	Filed    Phase = "submitted" // sent, not yet received
	Running  Phase = "processing"
	Ready    Phase = "ready"    // the result is at the one-stop
	Returned Phase = "returned" // the applicant has it

	Refused   Phase = "refused"   // not received
	Withdrawn Phase = "withdrawn" // by the applicant
	Stopped   Phase = "stopped"   // by the agency
)

// Closed is true when nothing more is to be done to the dossier.
func (s *State) Closed() bool {
	return s.Phase == Returned || s.Phase == Refused || s.Phase == Withdrawn || s.Phase == Stopped
}

// State is what a dossier is now: the fold of its events.
type State struct {
	ID         int64     `json:"id"`
	Code       Code      `json:"code"`
	Version    int       `json:"version"` // number of its last event
	Latest     time.Time `json:"latest"`  // instant of its last event
	Secret     string    `json:"secret"`
	Account    int64     `json:"account"`
	Procedure  string    `json:"procedure"`
	Edition    int       `json:"edition"`
	Field      string    `json:"field,omitempty"`      // of work
	Restricted bool      `json:"restricted,omitempty"` // its procedure is of restricted access

	Confidential bool `json:"confidential,omitempty"` // it holds an answer or paper that is marked so

	Case      string            `json:"case"`
	Channel   procedure.Channel `json:"channel"`
	Return    procedure.Channel `json:"return"`
	Reception agency.ID         `json:"reception"`
	Competent agency.ID         `json:"competent"`
	Home      agency.ID         `json:"home,omitempty"`    // received regardless of boundary: the competent agency's own one-stop
	Support   agency.ID         `json:"support,omitempty"` // where somebody helped to file on line
	Applicant Applicant         `json:"applicant"`
	Submitter *Applicant        `json:"submitter,omitempty"`
	Documents []Document        `json:"documents,omitempty"`
	ToCheck   []string          `json:"to_check"` // components that reception checks
	Fees      []Fee             `json:"fees,omitempty"`

	Phase    Phase  `json:"phase"`
	Move            // the step in hand
	Forward  bool   `json:"forward,omitempty"` // received, not yet with the competent agency
	Transit  bool   `json:"transit,omitempty"` // on its way from one one-stop to another
	Assignee int64  `json:"assignee,omitempty"`
	Handler  string `json:"handler,omitempty"` // the assignee's name

	Regime   regime.ID      `json:"regime,omitempty"`
	Process  int            `json:"process,omitempty"`
	Calendar int64          `json:"calendar,omitempty"`
	Hours    string         `json:"hours,omitempty"`
	Limit    calendar.Limit `json:"limit,omitzero"`
	Elapsed  bool           `json:"elapsed,omitempty"`

	SentAt      time.Time `json:"sent_at"`
	ReceivedAt  time.Time `json:"received_at,omitzero"`
	ForwardedAt time.Time `json:"forwarded_at,omitzero"`
	Original    time.Time `json:"original,omitzero"` // due instant that reception gave
	Due         time.Time `json:"due,omitzero"`      // at present; zero while the clock stands still
	ForwardBy   time.Time `json:"forward_by,omitzero"`
	CountFrom   time.Time `json:"count_from,omitzero"` // what the limit counts from, if not from reception
	Foresee     time.Time `json:"foresee,omitzero"`    // when the system warns that it may not be done in time
	Foreseen    bool      `json:"foreseen,omitempty"`
	IssuedAt    time.Time `json:"issued_at,omitzero"`
	CollectBy   time.Time `json:"collect_by,omitzero"` // after it the applicant is reminded of the result
	Reminded    bool      `json:"reminded,omitempty"`  // of the result
	ReturnedAt  time.Time `json:"returned_at,omitzero"`

	Outages     []Lost           `json:"outages,omitempty"`     // that were not counted
	Provisional string           `json:"provisional,omitempty"` // number under which it was received on paper
	Pauses      []calendar.Pause `json:"pauses,omitempty"`      // of the legal clock; the last may be open
	Wait        *Wait            `json:"wait,omitempty"`
	Rounds      map[string]int   `json:"rounds,omitempty"` // how often more was asked for, by stage
	Lacks       []Lack           `json:"lacks,omitempty"`  // what was asked for last
	LastAct     *LastAct         `json:"last_act,omitempty"`
	ToSign      *ToSign          `json:"to_sign,omitempty"`

	Issued        []Paperwork `json:"issued,omitempty"` // results, in the order of issue
	Incidents     int         `json:"incidents,omitempty"`
	Verifications int         `json:"verifications,omitempty"` // in the field
	Opinions      []Opinion   `json:"opinions,omitempty"`      // of other agencies
	Issues        []Issue     `json:"issues,omitempty"`        // official forms, in the order of issue

	Parts []Part `json:"parts,omitempty"` // of other agencies, in an interlinked procedure

	Extension *Extension  `json:"extension,omitempty"`
	Withdraw  *Withdrawal `json:"withdraw,omitempty"` // that the applicant asks for
	ClosedAt  time.Time   `json:"closed_at,omitzero"` // refused, withdrawn or stopped

	Outcome  calendar.Outcome `json:"outcome,omitempty"`
	Receipt  string           `json:"receipt,omitempty"`
	Fresh    bool             `json:"fresh,omitempty"`    // received, and nothing done since
	Template string           `json:"template,omitempty"` // of the result
	Number   string           `json:"number,omitempty"`   // of the result
	Rated    bool             `json:"rated,omitempty"`

	Retention *Retention `json:"retention,omitempty"` // once it is closed
	Hold      *Hold      `json:"hold,omitempty"`      // why it is kept longer
	Listed    int64      `json:"listed,omitempty"`    // the round that lists it
	Archived  time.Time  `json:"archived,omitzero"`   // handed over to the historical archive
	Purged    []string   `json:"purged,omitempty"`    // files whose content was removed by rule
}

// Applicant is who asks, or who hands in for another.
type Applicant struct {
	Kind      string `json:"kind"` // citizen, organisation, household_business
	Name      string `json:"name"`
	IDNumber  string `json:"id_number"`
	Phone     string `json:"phone,omitempty"`
	Email     string `json:"email,omitempty"`
	Address   string `json:"address,omitempty"`
	BirthDate string `json:"birth_date,omitempty"`
}

// Document is a paper of the dossier: a file, or paper handed in at the counter.
type Document struct {
	Component string `json:"component"`
	File      string `json:"file,omitempty"` // empty: paper only
	Name      string `json:"name,omitempty"`
	Size      int64  `json:"size,omitempty"`
	SHA256    string `json:"sha256,omitempty"`
	MediaType string `json:"media_type,omitempty"`
	Originals int    `json:"originals,omitempty"`
	Copies    int    `json:"copies,omitempty"`
}

// Fee is an amount due, and whether it was paid.
type Fee struct {
	procedure.Due
	PaidAt time.Time `json:"paid_at,omitzero"`
	Method string    `json:"method,omitempty"`
}

// Fold builds the state from a dossier's events, which must be whole and in order.
func Fold(id int64, records []Record) (State, error) {
	s := State{ID: id}
	gone := undone(records)
	for _, r := range records {
		if r.Seq != s.Version+1 {
			return s, fmt.Errorf("event %d follows event %d", r.Seq, s.Version)
		}
		if gone[r.Seq] {
			s.Version, s.Latest = r.Seq, r.At
			continue
		}
		s.apply(r)
	}
	return s, nil
}

// apply adds one event.
func (s *State) apply(r Record) {
	r.Event.apply(s, r)
	s.follows(r)
	s.Version, s.Latest = r.Seq, r.At
}

// take makes the specialist who acts on an unassigned dossier its handler.
func (s *State) take(by By) {
	if s.Assignee == 0 && by.Role == workflow.Specialist {
		s.Assignee, s.Handler = by.Account, by.Name
	}
}

// receptionStep stands for the first step until a process is pinned.
const receptionStep = "reception"

// Unpaid lists the fees that are still due.
func (s *State) Unpaid() []Fee {
	var unpaid []Fee
	for _, f := range s.Fees {
		if f.PaidAt.IsZero() {
			unpaid = append(unpaid, f)
		}
	}
	return unpaid
}

// Status is the national code of the dossier (DOMAIN §7.1).
func (s *State) Status() regime.Status {
	switch {
	case s.Phase == Refused && s.ReceivedAt.IsZero():
		return regime.NotReceived
	case s.Phase == Refused:
		return regime.Stopped // the law of the time has no notice of stopping
	case s.Phase == Withdrawn:
		return regime.Withdrawn
	case s.Phase == Stopped:
		return regime.Stopped
	case s.Phase == Filed && s.Wait != nil && s.Wait.For == regime.Supplement:
		return regime.AskedMore
	case s.Phase == Filed:
		return regime.NewlyFiled
	case s.Phase == Ready:
		return regime.Resolved
	case s.Phase == Returned:
		return regime.Returned
	case s.Forward:
		return regime.Received
	case s.Wait != nil:
		return regime.Find(s.Regime).Hold(s.Wait.For).Status
	}
	return regime.Processing
}

// Holder is the post that acts next.
func (s *State) Holder() (agency.ID, workflow.Role) {
	if s.Transit {
		return s.Home, workflow.Clerk
	}
	if s.Forward {
		return s.Reception, workflow.Clerk
	}
	return s.At, s.Role
}

// facts is where conditions on this dossier look things up.
func (s *State) facts() map[string]string {
	return procedure.FactsOf(s.Case, s.Channel, s.Applicant.Kind)
}

func instant(ms int64) time.Time { return time.UnixMilli(ms).In(calendar.Zone) }

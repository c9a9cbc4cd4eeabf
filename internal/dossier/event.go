// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"encoding/json"
	"fmt"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// Event is something that happened to a dossier. Events are facts: they are
// only ever added, and the state is nothing but their fold.
type Event interface{ kind() string }

// Record is an event in its place: the how-manieth, when, and by whom.
type Record struct {
	Seq   int       `json:"seq"`
	At    time.Time `json:"at"`
	By    By        `json:"by"`
	Event Event     `json:"-"`
}

// Kind is the stable name of the event: "received".
func (r Record) Kind() string { return r.Event.kind() }

// By is who acted, in which post. The zero By is the system itself.
type By struct {
	Account int64         `json:"account,omitempty"`
	Name    string        `json:"name,omitempty"`
	Role    workflow.Role `json:"role,omitempty"` // empty: the applicant, or the system
	Agency  agency.ID     `json:"agency,omitempty"`
}

// Submitted opens a dossier: what was asked, by whom, with which papers.
type Submitted struct {
	Code      Code              `json:"code"`
	Secret    string            `json:"secret"` // opens the look-up
	Account   int64             `json:"account"`
	Procedure string            `json:"procedure"`
	Edition   int               `json:"edition"` // of procedure and form
	Case      string            `json:"case"`
	Channel   procedure.Channel `json:"channel"`
	Return    procedure.Channel `json:"return"`
	Reception agency.ID         `json:"reception"`
	Competent agency.ID         `json:"competent"`
	Applicant Applicant         `json:"applicant"`
	Submitter *Applicant        `json:"submitter,omitempty"`
	Answers   form.Answers      `json:"answers"`
	Documents []Document        `json:"documents,omitempty"`
	ToCheck   []string          `json:"to_check"` // components that reception checks, as the answers have it
	Fees      []procedure.Due   `json:"fees,omitempty"`
	Answer    *Answer           `json:"answer,omitempty"` // promised to who files on line
}

// Answer is by when a dossier filed on line is answered (regime.AnswerOn), and
// the calendar by which that was counted.
type Answer struct {
	By       time.Time `json:"by"`
	Calendar int64     `json:"calendar"`
	Hours    string    `json:"hours,omitempty"` // of the one-stop that receives, if its own
}

// Received is valid reception: it pins law, process and calendar, starts the
// legal clock and names the appointment (NĐ 61/2018 art. 17).
type Received struct {
	Regime    regime.ID      `json:"regime"`
	Process   int            `json:"process"` // edition whose process is followed
	Calendar  int64          `json:"calendar"`
	Hours     string         `json:"hours,omitempty"` // office hours of the competent agency, if its own
	Limit     calendar.Limit `json:"limit"`
	Elapsed   bool           `json:"elapsed,omitempty"`
	Due       time.Time      `json:"due"`
	ForwardBy time.Time      `json:"forward_by"`
	Receipt   string         `json:"receipt"` // number of form 01
	Checked   []string       `json:"checked"` // components found complete and correct
	Note      string         `json:"note,omitempty"`
	Move
}

// Move is where an event leads to: a step, who does it where, until when, and
// how far the dossier then is. It is written into the event, so that history
// reads the same when processes change.
type Move struct {
	Step     string        `json:"step"`
	Role     workflow.Role `json:"role"`
	At       agency.ID     `json:"at"`
	Work     Work          `json:"work"`
	StepDue  time.Time     `json:"step_due,omitzero"`
	Progress int           `json:"progress"` // percent
}

// Forwarded hands the dossier to the competent agency (art. 18).
type Forwarded struct {
	To agency.ID `json:"to"`
}

// Assigned names the officer who handles the dossier (art. 19(1)).
type Assigned struct {
	To   int64  `json:"to"`
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	Move
}

// Reassigned names another one.
type Reassigned struct {
	To     int64  `json:"to"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// StepDone completes a step of the process with one of its actions.
type StepDone struct {
	From   string       `json:"from"`
	Action string       `json:"action"`
	Inputs form.Answers `json:"inputs,omitempty"`
	Note   string       `json:"note,omitempty"`
	Move
}

// Proposed is the drafted result, put up for review and approval.
type Proposed struct {
	From     string       `json:"from"`
	Template string       `json:"template"`
	Inputs   form.Answers `json:"inputs,omitempty"`
	Note     string       `json:"note,omitempty"`
	Move
}

// Approved is the decision of who may decide.
type Approved struct {
	From string `json:"from"`
	Note string `json:"note,omitempty"`
	Move
}

// SentBack returns the draft with a reason.
type SentBack struct {
	From   string `json:"from"`
	Reason string `json:"reason"`
	Move
}

// Issued is the result ready at the one-stop: this instant is compared with
// the due instant (DOMAIN §9).
type Issued struct {
	From    string           `json:"from"`
	Number  string           `json:"number"`
	Outcome calendar.Outcome `json:"outcome"`
	Move
}

// Collected is money taken at the counter.
type Collected struct {
	Fees   []string `json:"fees"`
	Amount int64    `json:"amount"` // whole đồng
	Method string   `json:"method"` // cash, card
}

// HandedOver is the result in the hands of the applicant (art. 20).
type HandedOver struct {
	From    string            `json:"from,omitempty"`
	Channel procedure.Channel `json:"channel"`
	To      string            `json:"to,omitempty"` // who came for it
}

// Rated is what the applicant says of the service.
type Rated struct {
	Scores  map[string]int `json:"scores"` // criterion → 3 very satisfied, 2 satisfied, 1 not satisfied
	Comment string         `json:"comment,omitempty"`
}

func (Submitted) kind() string  { return "submitted" }
func (Received) kind() string   { return "received" }
func (Forwarded) kind() string  { return "forwarded" }
func (Assigned) kind() string   { return "assigned" }
func (Reassigned) kind() string { return "reassigned" }
func (StepDone) kind() string   { return "step_done" }
func (Proposed) kind() string   { return "proposed" }
func (Approved) kind() string   { return "approved" }
func (SentBack) kind() string   { return "sent_back" }
func (Issued) kind() string     { return "issued" }
func (Collected) kind() string  { return "collected" }
func (HandedOver) kind() string { return "handed_over" }
func (Rated) kind() string      { return "rated" }

// decoders read an event of each kind, in the order of a life.
var decoders = []decoder{
	of[Submitted](), of[Received](), of[Forwarded](), of[Assigned](), of[Reassigned](), of[StepDone](), of[Proposed](), of[Approved](), of[SentBack](),
	of[Issued](), of[Collected](), of[HandedOver](), of[Rated](),
}

type decoder struct {
	kind   string
	decode func(body []byte) (Event, error)
}

func of[E Event]() decoder {
	var e E
	return decoder{e.kind(), func(body []byte) (Event, error) { return decode[E](body) }}
}

// Kinds lists the names of all events.
func Kinds() []string {
	names := make([]string, len(decoders))
	for i, d := range decoders {
		names[i] = d.kind
	}
	return names
}

// decodeEvent reads an event of a kind; an unknown kind is a fault, never skipped.
func decodeEvent(kind string, body []byte) (Event, error) {
	for _, d := range decoders {
		if d.kind == kind {
			return d.decode(body)
		}
	}
	return nil, fmt.Errorf("unknown event %q", kind)
}

func decode[E Event](body []byte) (E, error) {
	var e E
	if err := json.Unmarshal(body, &e); err != nil {
		return e, fmt.Errorf("event %s: %w", e.kind(), err)
	}
	return e, nil
}

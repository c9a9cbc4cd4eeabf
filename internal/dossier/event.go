// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"encoding/json"
	"fmt"
	"time"

	"motcua/internal/agency"
	"motcua/internal/workflow"
)

// Event is something that happened to a dossier. Events are facts: they are
// only ever added, and the state is nothing but their fold. Each stands in the
// file of its act, with what it does to the state.
type Event interface {
	kind() string
	apply(s *State, r Record)
}

// discreet is an event that tells the applicant less than it holds: not what
// officers note among themselves.
type discreet interface{ told() Event }

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
	For     string        `json:"for,omitempty"` // who was away, and for whom they acted
}

// Answer is by when a dossier filed on line is answered (regime.AnswerOn), and
// the calendar by which that was counted.
type Answer struct {
	By       time.Time `json:"by"`
	Calendar int64     `json:"calendar"`
	Hours    string    `json:"hours,omitempty"` // of the one-stop that receives, if its own
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

// decoders read an event of each kind, in the order of a life.
var decoders = []decoder{
	of[Submitted](), of[Received](), of[Corrected](), of[Forwarded](), of[TakenOver](), of[CompetenceDoubted](), of[Determined](), of[Assigned](), of[Reassigned](), of[Released](), of[StepDone](), of[PartsSent](), of[PartDone](), of[Proposed](), of[Approved](), of[SentBack](), of[Paused](), of[Resumed](),
	of[AskedSupplement](), of[Supplemented](), of[RefusedFiling](), of[AskedWithdrawal](), of[ConfirmedWithdrawal](), of[Extended](), of[StopNotice](), of[PutToSign](), of[Declined](), of[Undone](), of[Consulted](), of[Opined](),
	of[Said](), of[Reminded](), of[Foreseen](), of[OutageCounted](), of[Merged](), of[OpinionOverdue](), of[VerifiedOnSite](), of[Incident](), of[Revoked](),
	of[Issued](), of[Collected](), of[HandedOver](), of[Rated](),
	of[Retained](), of[Held](), of[HoldEnded](), of[Purged](), of[Listed](), of[Archived](),
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

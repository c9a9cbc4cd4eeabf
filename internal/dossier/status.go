// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"
	"time"

	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
	"motcua/internal/workflow"
)

// Track is the words for where a dossier is, from what it has pinned.
type Track struct {
	Edition   *procedure.Edition
	Process   *workflow.Process
	Case      string
	Procedure form.Text
	Status    form.Text // national status word of the regime
	Step      form.Text // for officers
	Public    form.Text // for the applicant
}

// leg finds a leg of the process by its id; nil if there is none.
func (t *Track) leg(id string) *workflow.Leg {
	for i := range t.Process.Steps {
		if l := t.Process.Steps[i].Leg(id); l != nil {
			return l
		}
	}
	return nil
}

// Track finds the words for a dossier.
func (b *Book) Track(ctx context.Context, s *State) (Track, error) {
	var t Track
	err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		t, err = b.track(tx, s)
		return err
	})
	return t, err
}

func (b *Book) track(tx *db.Tx, s *State) (t Track, err error) {
	if t.Edition, err = b.Catalogue.Edition(tx, s.Procedure, s.Edition); err != nil {
		return t, err
	}
	t.Process, t.Case = t.Edition.Process, s.Case
	if s.Process != 0 && s.Process != s.Edition {
		e, err := b.Catalogue.Edition(tx, s.Procedure, s.Process)
		if err != nil {
			return t, err
		}
		t.Process = e.Process
	}
	t.Procedure = t.Edition.Facts.Name
	t.Status = regime.Find(s.Regime).Word(s.Status())
	step := t.Process.Step(s.Step)
	switch {
	case s.Closed():
		t.Step, t.Public = t.Status, t.Status
		return t, nil
	case s.Wait != nil:
		t.Step = regime.Find(s.Regime).Hold(s.Wait.For).Name
		t.Public = t.Step
		return t, nil
	case s.Phase == Filed:
		step = &t.Process.Steps[0]
	case s.Forward:
		t.Step = form.Text{VI: "Chuyển hồ sơ đến cơ quan giải quyết", EN: "Forward to the competent agency"}
		t.Public = form.Text{VI: "Hồ sơ đã được tiếp nhận, đang chuyển đến cơ quan giải quyết.", EN: "Received, on its way to the competent agency."}
		return t, nil
	}
	if step != nil {
		t.Step, t.Public = step.Name, step.Public
	}
	return t, nil
}

// StepName is what a step of the pinned process is called; the id if unknown.
func (t *Track) StepName(id string) form.Text {
	if s := t.Process.Step(id); s != nil {
		return s.Name
	}
	return form.Text{VI: id}
}

// Timing tells how a running dossier stands against an instant it is due.
type Timing string

// The timings: far from due, due today or by the next day, past due.
const (
	InTime Timing = "in_time"
	Near   Timing = "near"
	Late   Timing = "late"
)

// TimingOf compares an instant with what is due; "" when nothing is. Near is
// within 24 hours. Late is computed, never set.
func TimingOf(due, now time.Time) Timing {
	switch {
	case due.IsZero():
		return ""
	case now.After(due):
		return Late
	case due.Sub(now) <= 24*time.Hour:
		return Near
	}
	return InTime
}

// Flags are what else is to be known of a dossier now.
func (s *State) Flags(now time.Time) []string {
	flags := []string{}
	if s.Phase == Running && TimingOf(s.Due, now) == Late {
		flags = append(flags, "late")
	}
	if s.Phase == Running && TimingOf(s.Due, now) == Near {
		flags = append(flags, "near_due")
	}
	if s.Forward {
		flags = append(flags, "to_forward")
	}
	if len(s.Unpaid()) > 0 {
		flags = append(flags, "unpaid")
	}
	if s.Template == procedure.Refusal.ID {
		flags = append(flags, "refused")
	}
	if s.Wait != nil {
		flags = append(flags, "waiting")
	}
	if s.ToSign != nil {
		flags = append(flags, "to_sign")
	}
	if s.Withdraw != nil {
		flags = append(flags, "withdrawal_asked")
	}
	for _, o := range s.asked() {
		if now.After(o.Due) {
			flags = append(flags, "opinion_late")
			break
		}
	}
	if s.Extension != nil {
		flags = append(flags, "extended")
	}
	if s.Submitter != nil {
		flags = append(flags, "filed_by_another")
	}
	return flags
}

// Opens is true when the applicant's papers may be shown to who has come to the
// dossier: its account's holder, or, where it has no account, who knows its
// look-up secret.
func (s *State) Opens(who Actor) bool { return s.Account == 0 || s.Account == who.Account }

// MayHaveResult refuses the result to an applicant who has not paid, and to
// everybody before it is issued. Who comes with the look-up secret alone gets
// it only where no account could sign in for it.
func (s *State) MayHaveResult(who Actor) error {
	if s.IssuedAt.IsZero() {
		return refusal.New(refusal.NotFound, "dossier.result.none")
	}
	if who = who.On(s); who.Officer && (who.Holds(workflow.Clerk, s.Reception) || who.Works(s.Reception) || who.Works(s.Competent)) {
		return nil
	}
	if !s.Opens(who) {
		return refusal.New(refusal.NotAllowed, "dossier.result.sign_in")
	}
	if unpaid := s.Unpaid(); len(unpaid) > 0 {
		return refusal.New(refusal.NotNow, "dossier.hand_over.unpaid", "fee", unpaid[0].Name).Because("Nghị định 61/2018/NĐ-CP, Điều 22")
	}
	return nil
}

// PaperRef names a paper of a dossier; it is drawn when it is asked for.
type PaperRef struct {
	ID       string
	Form     string // "01", or "" for papers that are no form
	Name     form.Text
	Number   string
	IssuedAt time.Time
	Revoked  bool // a result that no longer holds
}

// Papers lists the papers that the one-stop has made for this dossier.
func (s *State) Papers() []PaperRef {
	list := []PaperRef{{ID: "submission", Form: "submission", Name: submissionName, IssuedAt: s.SentAt}}
	for _, i := range s.Issues {
		name := formNames[i.Form]
		if i.Replaced {
			name = form.Text{VI: name.VI + " (đã được thay)", EN: name.EN + " (replaced)"}
		}
		list = append(list, PaperRef{ID: i.id(), Form: i.Form, Name: name, Number: i.Number, IssuedAt: i.At})
	}
	return list
}

// Results lists the results that were issued.
func (s *State) Results(t Track) []PaperRef {
	var list []PaperRef
	for i := len(s.Issued) - 1; i >= 0; i-- {
		x := s.Issued[i]
		r := PaperRef{ID: x.id(), Form: x.Template, Number: x.Number, IssuedAt: x.At, Revoked: x.Revoked}
		if template := t.Edition.Result(x.Template); template != nil {
			r.Name = template.Name
		}
		if x.Revoked {
			r.Name = form.Text{VI: r.Name.VI + " (đã thu hồi)", EN: r.Name.In("en") + " (revoked)"}
		}
		list = append(list, r)
	}
	return list
}

// id names the result among those of its dossier.
func (x Paperwork) id() string {
	if x.Revoked {
		return fmt.Sprintf("%s-%d", x.Template, x.Seq)
	}
	return x.Template
}

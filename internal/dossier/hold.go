// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"time"

	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Hold is why a dossier is not destroyed although its term is over.
type Hold struct {
	Why    string    `json:"why"` // complaint, dispute, inspection, value
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	Since  time.Time `json:"since"`
}

// Held is that a dossier is kept longer than its term, with its identity papers.
type Held struct {
	Why    string `json:"why"`
	Reason string `json:"reason"`
}

func (Held) kind() string { return "held" }

func (e Held) apply(s *State, r Record) {
	s.Hold, s.Listed = &Hold{e.Why, e.Reason, r.By.Name, r.At}, 0
}

// HoldEnded is that what a dossier was held for is over.
type HoldEnded struct {
	Reason string `json:"reason"`
}

func (HoldEnded) kind() string { return "hold_ended" }

func (HoldEnded) apply(s *State, _ Record) { s.Hold = nil }

var holdReasons = []form.Option{
	{Value: "complaint", Label: form.Text{VI: "Đang có khiếu nại, tố cáo", EN: "A complaint is pending"}},
	{Value: "dispute", Label: form.Text{VI: "Đang có tranh chấp, khởi kiện", EN: "A dispute or lawsuit is pending"}},
	{Value: "inspection", Label: form.Text{VI: "Phục vụ thanh tra, kiểm tra, điều tra", EN: "Inspection or investigation"}},
	{Value: "value", Label: form.Text{VI: "Còn giá trị sử dụng, nghiên cứu", EN: "Still of use, or of value to research"}},
}

var holdAct = act{
	name: "hold", label: form.Text{VI: "Giữ lại, chưa hủy", EN: "Keep longer"},
	aside: true,
	open: func(d *desk) error {
		if !d.Closed() || d.Hold != nil {
			return refusal.New(refusal.NotNow, "dossier.hold.not_now").Because(archiveBasis)
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) {
		return []Param{{Name: "why", Label: form.Text{VI: "Vì sao giữ lại", EN: "What it is kept for"}, Type: "choice", Required: true, Choices: holdReasons}, reasonParam}, nil
	},
	rule: func(d *desk) ([]Event, error) {
		var whys []string
		for _, o := range holdReasons {
			whys = append(whys, o.Value)
		}
		e := Held{d.params.choice("why", whys, ""), d.params.text("reason", true)}
		return []Event{e}, d.params.wrong()
	},
}

var endHoldAct = act{
	name: "end_hold", label: form.Text{VI: "Thôi giữ lại", EN: "Keep no longer than the term"},
	aside: true,
	open: func(d *desk) error {
		if d.Hold == nil {
			return refusal.New(refusal.NotNow, "dossier.end_hold.not_now").Because(archiveBasis)
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) { return []Param{reasonParam}, nil },
	rule: func(d *desk) ([]Event, error) {
		return []Event{HoldEnded{d.params.text("reason", true)}}, d.params.wrong()
	},
}

// holdName is what a dossier is kept longer for, in words.
func holdName(why string) form.Text {
	for _, o := range holdReasons {
		if o.Value == why {
			return o.Label
		}
	}
	return form.Text{VI: why}
}

// keeper is the post in which somebody decides how long dossiers are kept.
func (a Actor) keeper(s *State) (right, bool) {
	return right{workflow.Leader, s.Competent}, a.Holds(workflow.Leader, s.Competent)
}

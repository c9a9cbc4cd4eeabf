// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"slices"
	"time"

	"motcua/internal/form"
	"motcua/internal/refusal"
)

// Undone takes back somebody's own last act: the dossier is as it was before.
// The events that were undone stay in the history.
type Undone struct {
	From int      `json:"from"` // the first event that is undone; all up to this one are
	What []string `json:"what"` // their kinds
}

func (Undone) kind() string { return "undone" }

// apply does nothing: a fold passes over what was undone, see Fold.
func (Undone) apply(*State, Record) {}

// LastAct is what somebody did last, while it can be undone.
type LastAct struct {
	From  int       `json:"from"` // its first event
	Kinds []string  `json:"kinds"`
	By    By        `json:"by"`
	At    time.Time `json:"at"`
}

// undoable are the kinds of events that stay within the agency: nothing was
// told, issued or paid by them.
var undoable = []string{"forwarded", "assigned", "reassigned", "step_done", "proposed", "approved", "sent_back", "put_to_sign", "declined"}

// undoWithin is how long an act can be undone (NĐ 224/2026 art. 23 asks for
// undo; the term is ours).
const (
	undoWithin = 30 * time.Minute
	undoBasis  = "Nghị định 224/2026/NĐ-CP, Điều 23"
)

// follows notes what was done last.
func (s *State) follows(r Record) {
	kind := r.Kind()
	s.Fresh = s.Fresh && (kind == "received" || kind == "said" || kind == "outage_counted" || kind == "merged")
	switch last := s.LastAct; {
	case !slices.Contains(undoable, kind):
		s.LastAct = nil
	case last != nil && last.At.Equal(r.At) && (r.By.Account == 0 || r.By.Account == last.By.Account):
		s.LastAct = &LastAct{last.From, append(slices.Clone(last.Kinds), kind), last.By, last.At}
	case r.By.Account == 0:
		s.LastAct = nil
	default:
		s.LastAct = &LastAct{r.Seq, []string{kind}, r.By, r.At}
	}
}

var undoAct = act{
	name: "undo", label: form.Text{VI: "Hoàn tác việc vừa làm", EN: "Undo what I just did"},
	aside: true,
	open: func(d *desk) error {
		switch last := d.LastAct; {
		case last == nil || last.By.Account != d.who.Account:
			return refusal.New(refusal.NotNow, "dossier.undo.nothing").Because(undoBasis)
		case d.now.Sub(last.At) > undoWithin:
			return refusal.New(refusal.NotNow, "dossier.undo.late", "n", int(undoWithin.Minutes())).Because(undoBasis)
		}
		return nil
	},
	rule: func(d *desk) ([]Event, error) {
		return []Event{Undone{From: d.LastAct.From, What: d.LastAct.Kinds}}, nil
	},
}

// effective are the events that were not undone.
func effective(records []Record) []Record {
	gone := undone(records)
	if gone == nil {
		return records
	}
	var left []Record
	for _, r := range records {
		if !gone[r.Seq] {
			left = append(left, r)
		}
	}
	return left
}

// undone lists the numbers of the events that were undone, and of those that
// undid them.
func undone(records []Record) map[int]bool {
	var gone map[int]bool
	for _, r := range records {
		e, ok := r.Event.(Undone)
		if !ok {
			continue
		}
		if gone == nil {
			gone = map[int]bool{}
		}
		for seq := e.From; seq <= r.Seq; seq++ {
			gone[seq] = true
		}
	}
	return gone
}

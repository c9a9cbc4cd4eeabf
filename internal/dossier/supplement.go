// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"slices"
	"time"

	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// Supplemented is what the applicant completed, all at once. It holds all
// answers and papers as they are from then on, and which of them are new.
type Supplemented struct {
	Answers   form.Answers    `json:"answers"`
	Documents []Document      `json:"documents"`
	ToCheck   []string        `json:"to_check"`
	Fees      []procedure.Due `json:"fees,omitempty"`
	Changed   []string        `json:"changed,omitempty"` // ids of questions answered otherwise
	New       []string        `json:"new,omitempty"`     // components of which there are new papers
	Confides  bool            `json:"confides,omitempty"`
	Note      string          `json:"note,omitempty"`
	Answer    *Answer         `json:"answer,omitempty"` // before reception: by when it is answered now
	Due       time.Time       `json:"due,omitzero"`
	Foresee   time.Time       `json:"foresee,omitzero"`
	Move
}

func (Supplemented) kind() string { return "supplemented" }

func (e Supplemented) apply(s *State, r Record) {
	s.Documents, s.ToCheck, s.Confidential = e.Documents, e.ToCheck, s.Confidential || e.Confides
	paid := slices.DeleteFunc(slices.Clone(s.Fees), func(f Fee) bool { return f.PaidAt.IsZero() })
	for _, due := range e.Fees {
		if !slices.ContainsFunc(paid, func(f Fee) bool { return f.ID == due.ID }) {
			paid = append(paid, Fee{Due: due})
		}
	}
	s.Fees = paid
	s.release(r.At, e.Due, e.Move)
	s.Foresee, s.Foreseen = e.Foresee, false
	if e.Answer != nil {
		s.StepDue = e.Answer.By
	}
}

var supplementAct = act{
	name: "supplement", label: form.Text{VI: "Nộp phần bổ sung", EN: "Hand in what was missing"},
	open: func(d *desk) error {
		if d.Wait == nil || d.Wait.For != regime.Supplement {
			return d.notNow("supplement")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) {
		return []Param{
			{Name: "note", Label: form.Text{VI: "Giải thích với cơ quan", EN: "What to tell the agency"}, Type: "text", Required: true, Example: "Đã bổ sung theo phiếu yêu cầu."},
			{Name: "answers", Label: form.Text{VI: "Câu trả lời sửa lại, theo mã câu hỏi", EN: "Answers that change, by question"}, Type: "object"},
			{Name: "documents", Label: form.Text{VI: "Giấy tờ mới: thành phần và tệp", EN: "New papers: component and file"}, Type: "documents"},
		}, nil
	},
	rule: supplement,
}

// supplement completes a dossier as the applicant was asked to: answers that
// change and papers that replace what was handed in for their component.
func supplement(d *desk) ([]Event, error) {
	before, err := d.answers()
	if err != nil {
		return nil, err
	}
	patch := d.params.answers("answers")
	papers := d.params.papers("documents")
	e := Supplemented{Note: d.params.text("note", false)}
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	var wrong []refusal.Field
	e.Answers, e.Changed, wrong = d.corrected(before, patch)
	if len(e.Changed)+len(papers) == 0 && e.Note == "" {
		wrong = append(wrong, refusal.At("/note", "form.required"))
	}
	scope := form.Scope{Answers: e.Answers, Facts: d.facts()}
	c := d.edition.Facts.Case(d.Case)
	documents, bad, err := d.replaced(c.Asked(scope), papers)
	if err != nil {
		return nil, err
	}
	if err := refusal.Fields("request.invalid", append(wrong, bad...)); err != nil {
		return nil, err
	}
	for _, p := range papers {
		if !slices.Contains(e.New, p.Component) {
			e.New = append(e.New, p.Component)
		}
	}
	e.Documents, e.ToCheck, e.Fees = documents, componentIDs(c.ToCheck(scope)), c.FeesDue(d.Channel, scope)
	e.Confides = confides(d.edition, c, e.Answers, documents)
	return d.supplemented(e)
}

// Supplement is the act of this name with answers and papers as the program has
// them, for who stands at the counter.
func (b *Book) Supplement(ctx context.Context, who Actor, code Code, version int, f Filing, note string, key *Key) (State, error) {
	params := map[string]any{"answers": map[string]any(f.Answers), "documents": f.Documents, "note": note}
	return b.Act(ctx, who, code, Request{Act: "supplement", Version: version, Params: params, Key: key})
}

func (d *desk) supplemented(e Supplemented) ([]Event, error) {
	var err error
	if d.Phase == Filed {
		if d.Channel == procedure.Online {
			e.Answer, err = d.promise()
		}
		e.Move = d.Wait.Back
		return []Event{e}, err
	}
	if e.Due, err = d.dueAfter(); err != nil {
		return nil, err
	}
	if e.Foresee, err = d.foresee(e.Due); err != nil {
		return nil, err
	}
	e.Move, err = d.goesOn()
	return []Event{e}, err
}

// corrected puts answers in the place of those before, and checks the whole.
func (d *desk) corrected(before, patch form.Answers) (after form.Answers, changed []string, wrong []refusal.Field) {
	given := form.Answers{}
	for id, v := range before {
		given[id] = v
	}
	for id, v := range patch {
		given[id] = v
	}
	after, wrong = d.edition.Form.Check(given, d.facts(), d.now)
	for _, p := range d.edition.Form.Pages {
		for _, q := range p.Fields {
			if !sameAnswer(before[q.ID], after[q.ID]) {
				changed = append(changed, q.ID)
			}
		}
	}
	return after, changed, wrong
}

// replaced are the papers of the dossier with the new ones in the place of
// those of their component.
func (d *desk) replaced(asked []procedure.Component, given []Paper) ([]Document, []refusal.Field, error) {
	kept := slices.DeleteFunc(slices.Clone(d.Documents), func(x Document) bool {
		return slices.ContainsFunc(given, func(p Paper) bool { return p.Component == x.Component })
	})
	if len(kept)+len(given) > mostPapers {
		return nil, []refusal.Field{refusal.At("/documents", "dossier.component.many", "max", mostPapers)}, nil
	}
	added, wrong, err := d.take(asked, given)
	if err != nil {
		return nil, nil, err
	}
	all := append(kept, added...)
	for i := range asked {
		k := &asked[i]
		there := slices.ContainsFunc(all, func(x Document) bool { return x.Component == k.ID })
		if !there && !k.Optional && k.Uploads() && d.Channel == procedure.Online {
			wrong = append(wrong, refusal.At("/documents", "dossier.component.missing", "component", k.Name, "id", k.ID))
		}
	}
	return all, wrong, nil
}

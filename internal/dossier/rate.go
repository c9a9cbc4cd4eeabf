// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// Rated is what the applicant says of the service.
type Rated struct {
	Scores  map[string]int `json:"scores"` // criterion → 3 very satisfied, 2 satisfied, 1 not satisfied
	Comment string         `json:"comment,omitempty"`
}

func (Rated) kind() string { return "rated" }

func (Rated) apply(s *State, _ Record) { s.Rated = true }

var rateAct = act{
	name: "rate", label: form.Text{VI: "Đánh giá việc phục vụ", EN: "Rate the service"},
	open: func(d *desk) error {
		switch {
		case !d.Closed() && d.Phase != Ready:
			return refusal.New(refusal.NotNow, "dossier.rate.early")
		case d.Rated:
			return refusal.New(refusal.NotNow, "dossier.rate.twice")
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) { return rateParams(), nil },
	rule: rate,
}

// Criteria are what an applicant rates: overall, convenience, punctuality,
// attitude (TT 32/2017).
var Criteria = []string{"overall", "convenience", "punctuality", "attitude"}

// scores are the answers of the scale, best first.
var scores = map[string]int{"very_satisfied": 3, "satisfied": 2, "not_satisfied": 1}

var scale = []string{"very_satisfied", "satisfied", "not_satisfied"}

// rate records what the applicant says of the service, once, after the result.
func rate(d *desk) ([]Event, error) {
	e := Rated{Scores: map[string]int{}, Comment: d.params.text("comment", false)}
	for _, c := range Criteria {
		if s := d.params.choice(c, scale, ""); s != "" {
			e.Scores[c] = scores[s]
		}
	}
	return []Event{e}, nil
}

func rateParams() []Param {
	words := []form.Text{{VI: "Mức độ hài lòng chung", EN: "Overall"}, {VI: "Thuận tiện", EN: "Convenience"}, {VI: "Đúng hạn", EN: "Punctuality"}, {VI: "Thái độ phục vụ", EN: "Attitude"}}
	answers := []form.Option{
		{Value: "very_satisfied", Label: form.Text{VI: "Rất hài lòng", EN: "Very satisfied"}},
		{Value: "satisfied", Label: form.Text{VI: "Hài lòng", EN: "Satisfied"}},
		{Value: "not_satisfied", Label: form.Text{VI: "Chưa hài lòng", EN: "Not satisfied"}},
	}
	var params []Param
	for i, c := range Criteria {
		params = append(params, Param{Name: c, Label: words[i], Type: "choice", Required: true, Choices: answers})
	}
	return append(params, Param{Name: "comment", Label: form.Text{VI: "Ý kiến của bạn", EN: "Your comment"}, Type: "text"})
}

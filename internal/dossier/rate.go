// SPDX-License-Identifier: Apache-2.0

package dossier

import "motcua/internal/refusal"

// Criteria are what an applicant rates: overall, convenience, punctuality,
// attitude (TT 32/2017).
var Criteria = []string{"overall", "convenience", "punctuality", "attitude"}

// scores are the answers of the scale, best first.
var scores = map[string]int{"very_satisfied": 3, "satisfied": 2, "not_satisfied": 1}

var scale = []string{"very_satisfied", "satisfied", "not_satisfied"}

// rate records what the applicant says of the service, once, after the result.
func rate(d *desk) ([]Event, error) {
	switch {
	case d.Phase != Returned && d.Phase != Ready:
		return nil, refusal.New(refusal.NotNow, "dossier.rate.early")
	case d.Rated:
		return nil, refusal.New(refusal.NotNow, "dossier.rate.twice")
	}
	e := Rated{Scores: map[string]int{}, Comment: d.params.text("comment", false)}
	for _, c := range Criteria {
		if s := d.params.choice(c, scale, ""); s != "" {
			e.Scores[c] = scores[s]
		}
	}
	return []Event{e}, nil
}

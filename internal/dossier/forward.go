// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"time"
)

// Forwarded hands the dossier to the competent agency (art. 18).
type Forwarded struct {
	To agency.ID `json:"to"`
	By time.Time `json:"by,omitzero"` // to another one-stop: it is taken over there by then
}

func (Forwarded) kind() string { return "forwarded" }

func (e Forwarded) apply(s *State, r Record) {
	s.Forward, s.ForwardedAt = false, r.At
	if !e.By.IsZero() {
		s.Forward, s.Transit, s.ForwardBy = true, true, e.By
	}
}

var forwardAct = act{
	name: "forward", label: form.Text{VI: "Chuyển hồ sơ đến cơ quan giải quyết", EN: "Forward to the competent agency"},
	open: func(d *desk) error {
		if !d.Forward || d.Transit || d.Wait != nil {
			return d.notNow("forward")
		}
		return nil
	},
	rule: forward,
}

// transitDays is within how many working days papers arrive at another one-stop.
const transitDays = 1

// forward hands the papers to the competent agency: the same working day, or
// at the start of the next if received after 15:00 (NĐ 61/2018 art. 18). A
// dossier without paper is forwarded by the system itself.
func forward(d *desk) ([]Event, error) {
	if d.Home != "" {
		by, err := d.cal.Due(d.now, calendar.Limit{N: transitDays, Unit: calendar.WorkingDay}, false, nil)
		return []Event{Forwarded{To: d.Home, By: by}}, err
	}
	return []Event{Forwarded{To: d.Competent}}, nil
}

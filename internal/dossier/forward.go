// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/agency"
	"motcua/internal/form"
)

// Forwarded hands the dossier to the competent agency (art. 18).
type Forwarded struct {
	To agency.ID `json:"to"`
}

func (Forwarded) kind() string { return "forwarded" }

func (Forwarded) apply(s *State, r Record) { s.Forward, s.ForwardedAt = false, r.At }

var forwardAct = act{
	name: "forward", label: form.Text{VI: "Chuyển hồ sơ đến cơ quan giải quyết", EN: "Forward to the competent agency"},
	open: func(d *desk) error {
		if !d.Forward {
			return d.notNow("forward")
		}
		return nil
	},
	rule: forward,
}

// forward hands the papers to the competent agency: the same working day, or
// at the start of the next if received after 15:00 (NĐ 61/2018 art. 18). A
// dossier without paper is forwarded by the system itself.
func forward(d *desk) ([]Event, error) {
	return []Event{Forwarded{To: d.Competent}}, nil
}

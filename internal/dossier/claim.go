// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// claimAct lets a specialist take what nobody holds yet.
var claimAct = act{
	name: "claim", label: form.Text{VI: "Nhận xử lý", EN: "Take it"},
	aside: true,
	open: func(d *desk) error {
		if !d.unassigned() || d.Wait != nil || !d.who.Holds(workflow.Specialist, d.Competent) {
			return d.notNow("claim")
		}
		return nil
	},
	rule: func(d *desk) ([]Event, error) {
		return []Event{Assigned{To: d.who.Account, Name: d.who.Name, Move: d.Move}}, nil
	},
}

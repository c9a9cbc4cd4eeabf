// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/refusal"
)

var retermAct = act{
	name: "reterm", label: form.Text{VI: "Xác định lại thời hạn lưu trữ", EN: "Determine the term of keeping anew"},
	aside: true,
	open: func(d *desk) error {
		k := d.schedule.On(local(d.now), d.Field, d.Procedure)
		if !d.Closed() || d.Retention == nil || k == nil || *k == d.Retention.Keep || !d.Archived.IsZero() {
			return refusal.New(refusal.NotNow, "dossier.reterm.not_now").Because(archiveBasis)
		}
		return nil
	},
	asks: func(*desk) ([]Param, error) { return []Param{reasonParam}, nil },
	rule: func(d *desk) ([]Event, error) {
		e, err := d.retained(d.State, local(d.now))
		if e.Reason = d.params.text("reason", true); err != nil {
			return nil, err
		}
		return []Event{e}, d.params.wrong()
	},
}

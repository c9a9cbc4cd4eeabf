// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// StopNotice ends a dossier without a result (form 05 of TT 03/2025).
type StopNotice struct {
	Why
	Guidance string `json:"guidance,omitempty"`
	Number   string `json:"number"`
}

func (StopNotice) kind() string { return "stopped" }

func (e StopNotice) apply(s *State, r Record) {
	s.note("05", e.Number, r)
	s.close(Stopped, r)
}

var stopAct = act{
	name: "stop", label: form.Text{VI: "Dừng giải quyết hồ sơ", EN: "Stop the dossier"},
	aside: true,
	open: func(d *desk) error {
		switch {
		case d.Phase == Running && !d.law().Stops:
			return refusal.New(refusal.NotNow, "dossier.stop.no_form").Because(d.law().Basis)
		case d.Phase != Running || d.Forward || d.ToSign != nil && !d.signed:
			return d.notNow("stop")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) { return inputParams(d.whyFields("stop"), nil, d.now), nil },
	rule: stop,
}

// stop is put to the leader, who signs the notice.
func stop(d *desk) ([]Event, error) {
	given := d.params.fields(d.whyFields("stop"), d)
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	if !d.signed {
		return d.put("stop")
	}
	e := StopNotice{Why: d.whys(given)[0], Guidance: given.Text("guidance")}
	var err error
	e.Number, err = d.formNumber("05")
	return []Event{e}, err
}

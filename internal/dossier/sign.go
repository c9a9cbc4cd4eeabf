// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"fmt"
	"time"

	"motcua/internal/form"
	"motcua/internal/refusal"
)

// ToSign is an act that was put to the leader: it happens when it is signed.
type ToSign struct {
	Act    string         `json:"act"`
	Params map[string]any `json:"params"`
	By     By             `json:"by"`
	At     time.Time      `json:"at"`
}

// PutToSign puts an act to the leader, who signs it or sends it back.
type PutToSign struct {
	Act    string         `json:"act"`
	Params map[string]any `json:"params"`
}

func (PutToSign) kind() string { return "put_to_sign" }

func (e PutToSign) apply(s *State, r Record) {
	s.ToSign = &ToSign{Act: e.Act, Params: e.Params, By: r.By, At: r.At}
}

func (e PutToSign) told() Event { return PutToSign{Act: e.Act} }

// Declined sends what was put to the leader back with a reason.
type Declined struct {
	Act    string `json:"act"`
	Reason string `json:"reason"`
}

func (Declined) kind() string { return "declined" }

func (e Declined) apply(s *State, _ Record) { s.ToSign = nil }

func (e Declined) told() Event { return Declined{Act: e.Act} }

// put puts an act to the leader with what was sent for it.
func (d *desk) put(act string) ([]Event, error) {
	if d.ToSign != nil {
		return nil, d.pending()
	}
	return []Event{PutToSign{Act: act, Params: d.params.given}}, nil
}

// pending refuses what needs a signature while another one is waited for.
func (d *desk) pending() error {
	return refusal.New(refusal.NotNow, "dossier.sign.pending", "act", actNamed(d.ToSign.Act).label)
}

var signAct = act{
	name: "sign", label: form.Text{VI: "Ký văn bản", EN: "Sign"},
	open: func(d *desk) error {
		if err := toSign("sign")(d); err != nil {
			return err
		}
		a, err := d.proposed()
		if err != nil {
			return err
		}
		d.signed = true
		defer func() { d.signed = false }()
		return a.open(d)
	},
	rule: sign,
}

var declineAct = act{
	name: "decline", label: form.Text{VI: "Không ký, trả lại", EN: "Do not sign, send back"},
	aside: true,
	open:  toSign("decline"),
	asks:  func(*desk) ([]Param, error) { return []Param{reasonParam}, nil },
	rule: func(d *desk) ([]Event, error) {
		return []Event{Declined{Act: d.ToSign.Act, Reason: d.params.text("reason", true)}}, nil
	},
}

func toSign(act string) func(d *desk) error {
	return func(d *desk) error {
		if d.ToSign == nil || d.Closed() {
			return d.notNow(act)
		}
		return nil
	}
}

// proposed is the act that was put to the leader.
func (d *desk) proposed() (*act, error) {
	if a := actNamed(d.ToSign.Act); a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("dossier %s: %q was put to be signed", d.Code, d.ToSign.Act)
}

// sign does what was put to the leader, in the leader's name. What has become
// of the dossier meanwhile is looked at again.
func sign(d *desk) ([]Event, error) {
	a, err := d.proposed()
	if err != nil {
		return nil, err
	}
	own := d.params
	d.signed = true
	d.params = params{given: d.ToSign.Params}
	defer func() { d.signed, d.params = false, own }()
	events, err := a.rule(d)
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return nil, refusal.New(refusal.NotNow, "dossier.sign.stale", "act", a.label)
	}
	return events, err
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import "motcua/internal/form"

// Said is a message between the applicant and the officers, within the dossier.
type Said struct {
	Text string `json:"text"`
}

func (Said) kind() string { return "said" }

func (Said) apply(*State, Record) {}

var messageAct = act{
	name: "message", label: form.Text{VI: "Nhắn tin", EN: "Write a message"},
	aside: true,
	open:  func(*desk) error { return nil },
	asks: func(*desk) ([]Param, error) {
		return []Param{{Name: "text", Label: form.Text{VI: "Nội dung tin nhắn", EN: "Message"}, Type: "text", Required: true, Example: "Hồ sơ của tôi có cần thêm gì không?"}}, nil
	},
	rule: func(d *desk) ([]Event, error) {
		return []Event{Said{Text: d.params.text("text", true)}}, nil
	},
}

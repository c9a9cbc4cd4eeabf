// SPDX-License-Identifier: Apache-2.0

// Package form is the electronic declaration of a procedure: its questions as
// data, and the check of answers against them.
//
// A form is an edition that never changes once a dossier was sent with it.
// Questions have stable ids; a question is required unless it says optional,
// and counts only while its condition holds: what a condition hides is not
// asked, not checked and not sent. Everything here is pure.
// Start at Form and (*Form).Check.
package form

// Text is a sentence in both languages of the product. English may be empty
// in data taken from the national catalogue; In then falls back to Vietnamese.
type Text struct {
	VI string `json:"vi"`
	EN string `json:"en,omitempty"`
}

// In returns the sentence in lang ("vi" or "en").
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.VI
}

// IsZero is true when there is nothing to say.
func (t Text) IsZero() bool { return t.VI == "" && t.EN == "" }

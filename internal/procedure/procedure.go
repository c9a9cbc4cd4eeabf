// SPDX-License-Identifier: Apache-2.0

// Package procedure is the catalogue of administrative procedures (thủ tục
// hành chính): editions in force from a date, with cases, components, limits,
// fees, legal basis, the form to fill in, the process to follow and the result.
//
// An edition never changes once it is stored: a new law is a new edition, and
// a running dossier keeps the one it pinned. Start at Edition.
package procedure

import (
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/workflow"
)

// Channel is how a dossier comes in (NĐ 61/2018 art. 16).
type Channel string

// The three channels of the law.
const (
	Online  Channel = "online"
	Counter Channel = "counter"
	Post    Channel = "post"
)

// The kinds of applicants.
const (
	Citizen           = "citizen"
	Organisation      = "organisation"
	HouseholdBusiness = "household_business"
)

// Applicants lists the kinds of applicants.
var Applicants = []string{Citizen, Organisation, HouseholdBusiness}

// Channels in the order people are shown them.
var Channels = []Channel{Online, Counter, Post}

// FeeState keeps apart what the national catalogue blurs.
type FeeState string

// The four things a fee can be.
const (
	Free         FeeState = "free"
	NotPublished FeeState = "not_published"
	Amount       FeeState = "amount"
	ByNote       FeeState = "note"
)

// Edition is one procedure as it stands from a day on: all that is pinned.
type Edition struct {
	Number  int               `json:"number"` // 1, 2, … within the code
	Facts   Facts             `json:"facts"`
	Form    *form.Form        `json:"form"`
	Process *workflow.Process `json:"process"`
	Results []Template        `json:"results"`
	Sample  Sample            `json:"sample"`
}

// Facts is what the law wants published about a procedure (TT 32/2017, NĐ 63/2010).
type Facts struct {
	Code       string         `json:"code"` // 1.001193
	Name       form.Text      `json:"name"`
	Summary    form.Text      `json:"summary"`               // two plain sentences: who needs it, what they get
	Field      string         `json:"field"`                 // key of a field of work: "ho-tich"
	LifeEvents []string       `json:"life_events,omitempty"` // keys: "birth", "marriage", …
	Keywords   []string       `json:"keywords"`              // everyday words people search with
	Audience   []string       `json:"audience"`              // citizen, organisation, household_business
	Levels     []string       `json:"levels"`                // commune, province
	Competent  []string       `json:"competent"`             // kinds ("commune") or identifiers ("H57.17") of the agencies that decide
	Decision   string         `json:"decision"`              // the decision that published it
	ValidFrom  calendar.Date  `json:"valid_from"`
	ValidTo    *calendar.Date `json:"valid_to,omitempty"`
	Online     OnlineLevel    `json:"online"`
	Assurance  identity.Level `json:"assurance,omitempty"`  // how surely who files on line must have signed in
	Restricted bool           `json:"restricted,omitempty"` // seen only by officers who are cleared for it (hạn chế tiếp cận)
	Cases      []Case         `json:"cases"`
	Steps      []form.Text    `json:"steps"`        // what happens, in plain sentences
	Require    []form.Text    `json:"requirements"` // conditions the law sets; empty when none
	Basis      []Basis        `json:"basis"`
	Returns    []Channel      `json:"returns"`           // how the result may be had
	Resume     string         `json:"resume"`            // clock after a supplement: restart, resume, none
	Elapsed    bool           `json:"elapsed,omitempty"` // working days counted as elapsed hours (DEADLINES)

	Supplement calendar.Policy `json:"supplement,omitempty"` // what a supplement after appraisal does to the clock, if a special law says so
	Checked    string          `json:"checked"`              // catalogue and month the facts were checked against
	Notes      []form.Text     `json:"notes,omitempty"`      // where facts are unclear in the catalogue, said openly
}

// OnlineLevel is how far a procedure can be done on line (NĐ 224/2026 art. 14).
type OnlineLevel struct {
	Level  string `json:"level"`            // full (toàn trình) or partial (một phần)
	Reason string `json:"reason,omitempty"` // partial: presence, field_verification, technical
}

// Case is one "trường hợp" of a procedure with its own papers, limits and fees.
type Case struct {
	ID         string      `json:"id"`
	Name       form.Text   `json:"name"`
	Components []Component `json:"components"`
	Limits     []Limit     `json:"limits"`
	Fees       []Fee       `json:"fees"`
}

// Component is a paper the law asks for.
type Component struct {
	ID        string     `json:"id"`
	Name      form.Text  `json:"name"`
	Originals int        `json:"originals"`
	Copies    int        `json:"copies"`
	Optional  bool       `json:"optional,omitempty"`
	When      *form.When `json:"when,omitempty"`      // asked only while this holds
	EForm     bool       `json:"e_form,omitempty"`    // the declaration itself: filled in on line, paper only at the counter
	Show      bool       `json:"show,omitempty"`      // shown at the counter (xuất trình), nothing is handed in on line
	Model     string     `json:"model,omitempty"`     // name of the official form
	Accept    []string   `json:"accept,omitempty"`    // file kinds: pdf, jpg, png, docx, dwg…; empty means pdf, jpg, png
	MaxMB     int        `json:"max_mb,omitempty"`    // largest file; 0 means 10
	MaxPages  int        `json:"max_pages,omitempty"` // of a PDF; 0 means 500

	Confidential  bool `json:"confidential,omitempty"`   // sensitive personal data (Luật 91/2025 art. 2): what it is handed in with is kept sealed
	IdentityPaper bool `json:"identity_paper,omitempty"` // shows who somebody is; removed some time after the dossier is closed
}

// Limit is the legal time limit for a channel; "" stands for every channel.
type Limit struct {
	Channel Channel        `json:"channel,omitempty"`
	Limit   calendar.Limit `json:"limit"`
	Note    form.Text      `json:"note,omitzero"`
}

// Fee is what is to be paid, or that nothing is, or that it is not known.
type Fee struct {
	ID      string     `json:"id"`
	Name    form.Text  `json:"name"`
	Channel Channel    `json:"channel,omitempty"` // "" stands for every channel
	State   FeeState   `json:"state"`
	Kind    string     `json:"kind,omitempty"`   // phi (fee, a share is retained) or le_phi (charge, all to the budget)
	Amount  int64      `json:"amount,omitempty"` // whole đồng
	Per     string     `json:"per,omitempty"`    // id of a whole-number question that multiplies it
	When    *form.When `json:"when,omitempty"`   // due only while this holds
	Note    form.Text  `json:"note,omitzero"`
}

// Basis is a legal text the procedure rests on.
type Basis struct {
	Number string `json:"number"` // 123/2015/NĐ-CP
	Name   string `json:"name,omitempty"`
}

// Sample is the sample dossier the law asks for (TT 01/2018 art. 5), with
// invented persons: what is answered; its papers are drawn from the components.
type Sample struct {
	Case    string       `json:"case"`
	Channel Channel      `json:"channel"`
	Return  Channel      `json:"return"`
	Answers form.Answers `json:"answers"`
}

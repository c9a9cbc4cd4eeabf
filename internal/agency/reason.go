// SPDX-License-Identifier: Apache-2.0

package agency

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Purposes are what the reasons of the library are for.
var Purposes = []string{"supplement", "refusal", "stop", "extension"}

var reasonCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// SaveReason puts a reason into the library, in the place of the one with its
// code. What was said with a reason before stays as it was said. Refused
// (Invalid): a malformed code, no text, no purpose or one that is not known.
func (s *Site) SaveReason(ctx context.Context, by audit.By, r Reason) error {
	var bad []refusal.Field
	if !reasonCode.MatchString(r.Code) {
		bad = append(bad, refusal.At("/code", "reason.code"))
	}
	if r.Text.VI == "" {
		bad = append(bad, refusal.At("/vi", "form.required"))
	}
	if len(r.For) == 0 || slices.ContainsFunc(r.For, func(p string) bool { return !slices.Contains(Purposes, p) }) {
		bad = append(bad, refusal.At("/for", "form.required.choice"))
	}
	if err := refusal.Fields("request.invalid", bad); err != nil {
		return err
	}
	return s.changeTerms(ctx, by, "reason", r.Code, func(t *Terms) {
		if i := slices.IndexFunc(t.Reasons, func(x Reason) bool { return x.Code == r.Code }); i >= 0 {
			t.Reasons[i] = r
		} else {
			t.Reasons = append(t.Reasons, r)
		}
	})
}

// DropReason takes a reason out of the library.
func (s *Site) DropReason(ctx context.Context, by audit.By, code string) error {
	return s.changeTerms(ctx, by, "reason_dropped", code, func(t *Terms) {
		t.Reasons = slices.DeleteFunc(t.Reasons, func(x Reason) bool { return x.Code == code })
	})
}

// changeTerms changes the site's words as they are kept.
func (s *Site) changeTerms(ctx context.Context, by audit.By, what, code string, change func(*Terms)) error {
	return s.Change(ctx, func(tx *db.Tx) error {
		var t Terms
		var body []byte
		found, err := tx.One(`SELECT body FROM setting WHERE name = 'terms'`, nil, &body)
		if found {
			err = json.Unmarshal(body, &t)
		}
		if err != nil {
			return err
		}
		change(&t)
		if err := s.note(tx, by, what, "code", code); err != nil {
			return err
		}
		return SaveTerms(tx, t)
	})
}

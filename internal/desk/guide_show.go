// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"

	"motcua/internal/province"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type guidePage struct {
	web.Page
	Situations []situation
}

// situation is what may become of a dossier, what the officer does, and a
// dossier of the demo that stands in it.
type situation struct {
	ID, Title, Text string
	Code, Href      string // "" where there is none, or the officer does not see it
}

// situations in the order of a life.
var situations = []string{
	"corrected", "boundless", "competence", "supplement_reception", "refused", "supplement_waiting", "supplement_done", "supplement_again", "supplement_late",
	"paused_payment", "paused_law", "verified", "interlinked", "consulted", "foreseen", "extension_to_sign", "extended", "withdrawal_asked", "withdrawn", "stopped",
	"refused_result", "revoked", "incident", "outage", "message",
}

// showGuide explains what goes otherwise, with live examples.
func showGuide(v *visit) error {
	p := guidePage{Page: v.page(v.T("desk.guide.title"))}
	p.Back = "/mot-cua"
	codes, err := province.Examples(v.R.Context(), v.Book.DB)
	if err != nil {
		return err
	}
	for _, name := range situations {
		s := situation{ID: name, Title: v.T("desk.guide." + name), Text: v.T("desk.guide_text." + name)}
		if code := codes[name]; code != "" {
			_, err := v.Book.Find(v.R.Context(), v.who, code)
			switch {
			case err == nil:
				s.Code, s.Href = string(code), dossierPath(code, "")
			case !refusal.Is(err, refusal.NotFound):
				return err
			}
		}
		p.Situations = append(p.Situations, s)
	}
	return v.Render(http.StatusOK, "guide_show", p)
}

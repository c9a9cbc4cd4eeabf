// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"slices"

	"motcua/internal/province"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type guidePage struct {
	web.Page
	Situations []situation
	Elsewhere  bool // the examples are of agencies that the officer does not work at
}

// situation is what may become of a dossier, what the officer does, and a
// dossier of the demo that stands in it.
type situation struct {
	ID, Title, Text string
	Law             string // by which that is done
	Code, Href      string // "" where there is none, or the officer does not see it
	Page            string // where it is dealt with, if not on a dossier
}

// situations in the order of a life.
var situations = []string{
	"authorised", "assisted", "organisation", "joint", "corrected", "undo", "boundless", "competence", "supplement_reception", "refused", "supplement_waiting", "supplement_done", "supplement_again", "supplement_late",
	"paused_payment", "paused_law", "verified", "interlinked", "consulted", "sent_back", "foreseen", "extension_to_sign", "extended", "withdrawal_asked", "withdrawn", "stopped",
	"refused_result", "uncollected", "revoked", "incident", "outage", "message", "batch", "absence", "watch",
}

// places of what is not one dossier's.
var places = map[string]string{"outage": "/mot-cua/gian-doan", "batch": "/mot-cua", "absence": "/mot-cua/vang-mat", "watch": "/mot-cua/giam-sat", "uncollected": "/mot-cua/giam-sat"}

// showGuide explains what goes otherwise, with live examples.
func showGuide(v *visit) error {
	p := guidePage{Page: v.page(v.T("desk.guide.title"))}
	p.Back = "/mot-cua"
	codes, err := province.Examples(v.R.Context(), v.Book.DB)
	if err != nil {
		return err
	}
	for _, name := range situations {
		s := situation{ID: name, Title: v.T("desk.guide." + name), Text: v.T("desk.guide_text." + name), Law: v.T("desk.guide_law." + name), Page: places[name]}
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
	p.Elsewhere = len(codes) > 0 && !slices.ContainsFunc(p.Situations, func(s situation) bool { return s.Href != "" })
	return v.Render(http.StatusOK, "guide_show", p)
}

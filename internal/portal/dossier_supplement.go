// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// beginSupplement opens what the applicant completes a dossier in.
func beginSupplement(v *visit) error {
	f, err := v.openOwn()
	if err != nil {
		return err
	}
	d, err := v.Book.BeginSupplement(v.R.Context(), v.who, f.State.Code)
	if err != nil {
		return err
	}
	return v.Redirect("/ho-so/nhap/" + d.ID)
}

// sendSupplement hands in what was completed, as a whole.
func (v *drafting) sendSupplement() error {
	s, err := v.Book.SendSupplement(v.R.Context(), v.who, v.d.ID, v.R.PostForm.Get("note"))
	if e := refusal.As(err); e != nil && e.Kind != refusal.Unavailable && e.Kind != refusal.NotFound {
		return v.check(e, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return v.Redirect(dossierPath(s.Code) + "?da=bo-sung")
}

// lackList says what was asked for, of a dossier that waits for it.
func (v *visit) lackList(s *dossier.State, t *dossier.Track) []fact {
	var list []fact
	for _, l := range s.Lacks {
		list = append(list, fact{dossier.LackName(t.Edition, s.Case, l).In(v.Lang), l.Text})
	}
	return list
}

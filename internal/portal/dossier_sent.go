// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/web"
)

type sentPage struct {
	web.Page
	Code, Secret, Procedure, Reception string
	Dossier                            string // path
	SentAt                             time.Time
	Fees                               bool
	Answer                             string // by when, and by what law
}

// showSent acknowledges a dossier that was sent on line.
func showSent(v *visit) error {
	f, err := v.openOwn()
	if err != nil {
		return err
	}
	s := &f.State
	t, err := v.Book.Track(v.R.Context(), s)
	if err != nil {
		return err
	}
	p := sentPage{Page: v.page(v.T("portal.sent.title")), Code: string(s.Code), Secret: s.Secret, Procedure: t.Procedure.In(v.Lang), Reception: v.Site.Directory().Name(s.Reception, v.Lang),
		Dossier: dossierPath(s.Code), SentAt: s.SentAt, Fees: len(s.Unpaid()) > 0}
	if filed, _, ok := dossier.Last[dossier.Submitted](f.Events); ok {
		p.Answer = v.answerBy(s.SentAt, filed.Answer)
	}
	return v.Render(http.StatusOK, "dossier_sent", p)
}

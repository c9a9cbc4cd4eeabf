// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"strconv"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type withdrawPage struct {
	web.Page
	Code, Procedure, Reason string
	Version                 int
}

// askWithdrawal asks whether the applicant really withdraws.
func askWithdrawal(v *visit) error { return v.askWithdrawal(nil) }

func (v *visit) askWithdrawal(refused *refusal.Error) error {
	f, err := v.openOwn()
	if err == nil {
		err = v.who.Follows()
	}
	if err != nil {
		return err
	}
	t, err := v.Book.Track(v.R.Context(), &f.State)
	if err != nil {
		return err
	}
	p := withdrawPage{Page: v.page(v.T("portal.withdraw.title")), Code: string(f.State.Code), Procedure: t.Procedure.In(v.Lang), Reason: v.R.PostForm.Get("reason"), Version: f.State.Version}
	p.Back = dossierPath(f.State.Code)
	status := http.StatusOK
	if refused != nil {
		status = web.Status(refused)
		p.Refuse(refused, "")
	}
	return v.Render(status, "dossier_withdraw", p)
}

// withdraw notes that the applicant wants the dossier back.
func withdraw(v *visit) error {
	f, err := v.openOwn()
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(v.R.PostForm.Get("version"))
	_, err = v.Book.Act(v.R.Context(), v.who, f.State.Code, dossier.Request{Act: "withdraw", Version: version, Params: map[string]any{"reason": v.R.PostForm.Get("reason")}})
	if e := refusal.As(err); e != nil && e.Kind != refusal.Unavailable && e.Kind != refusal.NotFound {
		return v.askWithdrawal(e)
	}
	if err != nil {
		return err
	}
	return v.Redirect(dossierPath(f.State.Code) + "?da=rut")
}

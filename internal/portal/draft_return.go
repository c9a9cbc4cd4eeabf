// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"

	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

type returnPage struct {
	draftPage
	Ways  []returnWay
	Wrong string
}

// returnWay is a way to have the result.
type returnWay struct {
	choice
	Hint string
}

var returnHints = map[procedure.Channel]string{procedure.Online: "portal.return.online_hint", procedure.Counter: "portal.return.counter_hint", procedure.Post: "portal.return.post_hint"}

var askReturn = drafted(func(v *drafting) error { return v.askReturn(nil, http.StatusOK) })

func (v *drafting) askReturn(wrong *refusal.Error, status int) error {
	p := returnPage{draftPage: v.draftPage(v.T("portal.return.title"))}
	for _, c := range v.edition.Facts.Returns {
		p.Ways = append(p.Ways, returnWay{choice{string(c), v.T("return." + string(c)), c == v.d.Filing.Return}, v.T(returnHints[c])})
	}
	if wrong != nil {
		p.Refuse(wrong, "")
		p.Wrong = p.Page.Wrong(wrong.Fields[0])
	}
	return v.Render(status, "draft_return", p)
}

// saveReturn keeps how the result is to be had.
var saveReturn = drafted(func(v *drafting) error {
	way := procedure.Channel(v.R.PostForm.Get("return"))
	if !slices.Contains(v.edition.Facts.Returns, way) {
		return v.askReturn(refusal.As(refusal.Fields("request.invalid", []refusal.Field{refusal.At("/return", "dossier.return.not_offered")})), http.StatusUnprocessableEntity)
	}
	err := v.edit(func(d *dossier.Draft) {
		d.Filing.Return = way
		see(d, returnPart)
	})
	if err != nil {
		return err
	}
	return v.Redirect(v.next(returnPart))
})

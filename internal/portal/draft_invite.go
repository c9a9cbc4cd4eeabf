// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// invitePart is the part of a draft in which others are asked for their pages.
const invitePart = "cung-khai"

type invitePage struct {
	draftPage
	Invited          []invitedItem
	Pages            []choice
	Name, Number     string
	WrongName        string
	WrongNum, WrongP string
}

type invitedItem struct {
	ID, Name, Page, Word, Tag, Link string
	Until                           time.Time
	Reason                          string
	Open                            bool // it can be taken back
}

// askInvite shows whom one asked to fill in a page, and asks for another.
var askInvite = drafted(func(v *drafting) error { return v.askInvite(nil) })

func (v *drafting) askInvite(refused *refusal.Error) error {
	p := invitePage{draftPage: v.draftPage(v.T("portal.invite.title")), Name: v.R.PostForm.Get("name"), Number: v.R.PostForm.Get("id_number")}
	list, err := v.Book.Invitations(v.R.Context(), v.who, v.d.ID)
	if err != nil {
		return err
	}
	for _, x := range list {
		i := invitedItem{ID: x.ID, Name: x.Name, Until: x.Until, Reason: x.Reason, Tag: "tag-open", Open: x.Outcome != dossier.TakenBack}
		if page := v.form.Page(x.Page); page != nil {
			i.Page = page.Title.In(v.Lang)
		}
		switch {
		case x.Outcome == "" && !x.Until.After(v.now()):
			i.Word, i.Tag = v.T("portal.invite.over"), "tag-late"
		case x.Outcome == "":
			i.Word, i.Link = v.T("portal.invite.waits"), "/loi-moi/"+x.ID
		case x.Outcome == dossier.Confirmed:
			i.Word, i.Tag = v.T("portal.invite.confirmed"), "tag-done"
		case x.Outcome == dossier.Declining:
			i.Word, i.Tag = v.T("portal.invite.refused"), "tag-late"
		default:
			i.Word = v.T("portal.invite.taken_back")
		}
		p.Invited = append(p.Invited, i)
	}
	for _, page := range v.pages() {
		p.Pages = append(p.Pages, choice{Value: page.ID, Label: page.Title.In(v.Lang), Chosen: page.ID == v.R.PostForm.Get("page")})
	}
	status := http.StatusOK
	if refused != nil {
		status = web.Status(refused)
		p.Refuse(refused, "")
		p.Place(refused.Fields, map[string]*string{"/name": &p.WrongName, "/id_number": &p.WrongNum, "/page": &p.WrongP})
	}
	return v.Render(status, "draft_invite", p)
}

// invite asks somebody for a page, or takes an invitation back.
var invite = drafted(func(v *drafting) error {
	form := v.R.PostForm
	var err error
	if id := form.Get("bo"); id != "" {
		err = v.Book.TakeBack(v.R.Context(), v.who, v.d.ID, id)
	} else {
		_, err = v.Book.Invite(v.R.Context(), v.who, v.d.ID, form.Get("page"), form.Get("name"), form.Get("id_number"))
	}
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return v.askInvite(e)
	}
	if err != nil {
		return err
	}
	return v.Redirect(v.path(invitePart))
})

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"

	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type invitationPage struct {
	web.Page
	ID, Procedure, Owner string
	Help, Declaration    string
	Until                string
	Controls             []form.Control
	Depends              bool
	Reason, WrongReason  string
}

// askInvitation shows who was asked the page that is theirs.
func askInvitation(v *visit) error { return v.askInvitation(nil) }

func (v *visit) askInvitation(refused *refusal.Error) error {
	inv, d, e, err := v.Book.Inviting(v.R.Context(), v.who, v.R.PathValue("invitation"))
	if err != nil {
		return err
	}
	page := e.Form.Page(inv.Page)
	if page == nil {
		return refusal.New(refusal.NotNow, "draft.invite.page")
	}
	facts := procedure.FactsOf(d.Filing.Case, d.Filing.Channel, procedure.Citizen)
	scope := form.Scope{Answers: e.Form.Counted(d.Filing.Answers, facts), Facts: facts}
	var wrong []refusal.Field
	status := http.StatusOK
	p := invitationPage{Page: v.page(page.Title.In(v.Lang)), ID: inv.ID, Procedure: e.Facts.Name.In(v.Lang), Owner: inv.Owner, Help: page.Help.In(v.Lang), Declaration: e.Form.Declaration.In(v.Lang),
		Until: web.Instant(v.Lang, inv.Until), Depends: depends(page.Fields), Reason: v.R.PostForm.Get("reason")}
	p.Back = "/ho-so"
	if refused != nil {
		status, wrong = web.Status(refused), refused.Fields
		p.Refuse(refused, "/answers")
		p.Place(wrong, map[string]*string{"/reason": &p.WrongReason})
	}
	p.Controls = form.Controls(page.Fields, d.Filing.Answers, scope, "/answers", wrong, v.Lang)
	return v.Render(status, "invitation_fill", p)
}

// answerInvitation keeps what was typed; then it confirms or refuses the page.
func answerInvitation(v *visit) error {
	id, values := v.R.PathValue("invitation"), v.R.PostForm
	add, remove, then := values.Get("add"), values.Get("remove"), values.Get("then")
	fill := func(page *form.Page, answers form.Answers) {
		keep(page.Fields, answers, values)
		switch {
		case add != "":
			form.AddItem(page.Fields, answers, add)
		case remove != "":
			form.RemoveItem(page.Fields, answers, remove)
		default:
			form.Prune(page.Fields, answers)
		}
	}
	if add != "" || remove != "" || then == "update" || then == "save" {
		if err := v.Book.Fill(v.R.Context(), v.who, id, fill); err != nil {
			return err
		}
		return v.Redirect("/loi-moi/" + id)
	}
	var err error
	if then == "refuse" {
		err = v.Book.Decline(v.R.Context(), v.who, id, values.Get("reason"))
	} else {
		err = v.Book.Confirm(v.R.Context(), v.who, id, fill)
	}
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return v.askInvitation(e)
	}
	if err != nil {
		return err
	}
	return v.Redirect("/ho-so?da=loi_moi")
}

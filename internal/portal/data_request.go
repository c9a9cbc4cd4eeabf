// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/privacy"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type requestPage struct {
	web.Page
	requestItem
	Version            int
	Asked              []privacy.Said
	Steps              []stepItem
	AnswerBy, DoneBy   time.Time
	Late               bool
	Withdraw, Complain bool
	Text, WrongText    string // of a complaint
	Officer            keeper
}

// stepItem is what was done with a request.
type stepItem struct {
	Title, By, Text, Basis, Note string
	At                           time.Time
	Kept                         []string
}

// showRequest shows a person their request: what became of it, and until when what is
// to be done.
func showRequest(v *visit) error { return v.showRequest(nil) }

func (v *visit) showRequest(refused *refusal.Error) error {
	r, err := v.ownRequest()
	if err != nil {
		return err
	}
	offers := v.Privacy.Offers(v.who, &r)
	p := requestPage{Page: v.page(v.T("privacy.right." + string(r.Right))), requestItem: v.requestItem(&r), Version: r.Version, AnswerBy: r.AnswerBy, DoneBy: r.DoneBy, Officer: v.officer(),
		Withdraw: slices.Contains(offers, privacy.ActWithdraw), Complain: slices.Contains(offers, privacy.ActComplain), Text: v.R.PostForm.Get("text")}
	p.Late = dossier.TimingOf(r.Due(), v.Now()) == dossier.Late
	p.Back = dataPath
	p.Asked = r.Says(v.T, privacy.FactText, v.Lang, v.today())
	for _, s := range r.Steps {
		p.Steps = append(p.Steps, v.stepItem(&r, s))
	}
	status := http.StatusOK
	if refused != nil {
		status = web.Status(refused)
		p.Refuse(refused, "")
		if len(refused.Fields) > 0 {
			p.WrongText = p.Wrong(refused.Fields[0])
		}
	}
	return v.Render(status, "data_request", p)
}

func (v *visit) stepItem(r *privacy.Request, s privacy.Step) stepItem {
	i := stepItem{Title: v.T("privacy.step." + s.Act), By: s.Name, Text: s.Text, Basis: s.Basis, At: s.At, Kept: s.Kept}
	switch {
	case s.Act == privacy.ActExtend:
		i.Note = v.T("privacy.step.longer", "at", web.Instant(v.Lang, s.Until))
	case s.Act == privacy.ActResolve && s.Upheld:
		i.Note = v.T("privacy.step.upheld")
	case s.Act == privacy.ActResolve:
		i.Note = v.T("privacy.step.rejected")
	case s.Act == privacy.ActDo && s.Value != "":
		i.Note = v.T("privacy.step.value", "value", privacy.FactText(r.Subject, s.Value, v.Lang))
	}
	return i
}

// ownRequest is the request of the address, of its person alone: the officer in charge
// reads it at the desk.
func (v *visit) ownRequest() (privacy.Request, error) {
	r, err := v.Privacy.Find(v.R.Context(), v.who, v.R.PathValue("number"))
	if err == nil && r.Account != v.who.Account {
		err = refusal.New(refusal.NotFound, "privacy.unknown")
	}
	return r, err
}

type requestBackPage struct {
	web.Page
	Number, Right string
	Version       int
}

// askRequestBack asks whether somebody really withdraws a request.
func askRequestBack(v *visit) error {
	r, err := v.ownRequest()
	if err != nil {
		return err
	}
	if !slices.Contains(v.Privacy.Offers(v.who, &r), privacy.ActWithdraw) {
		return v.Redirect(requestPath(r.Number)) // it says what became of it
	}
	p := requestBackPage{Page: v.page(v.T("privacy.withdraw.title")), Number: r.Number, Right: v.T("privacy.right." + string(r.Right)), Version: r.Version}
	p.Back = requestPath(r.Number)
	return v.Render(http.StatusOK, "data_withdraw", p)
}

// actOnRequest withdraws a request, or complains of what became of it.
func actOnRequest(act string) handler {
	return func(v *visit) error {
		version, _ := strconv.Atoi(v.R.PostForm.Get("version"))
		number := v.R.PathValue("number")
		_, err := v.Privacy.Act(v.R.Context(), v.who, number, act, privacy.Given{Version: version, Text: v.R.PostForm.Get("text")})
		if e := refusal.As(err); e != nil && e.Kind != refusal.Unavailable && e.Kind != refusal.NotFound && e.Kind != refusal.NotAllowed {
			return v.showRequest(e)
		}
		if err != nil {
			return err
		}
		return v.Redirect(requestPath(number))
	}
}

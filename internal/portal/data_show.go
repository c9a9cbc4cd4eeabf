// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/privacy"
	"motcua/internal/regime"
	"motcua/internal/web"
)

// dataPath is where a person sees what is kept of them.
const dataPath = "/tai-khoan/du-lieu"

// askPath is where a person asks for a right.
func askPath(r regime.Right) string { return dataPath + "/yeu-cau?quyen=" + string(r) }

// requestPath is the address of a request.
func requestPath(number string) string { return dataPath + "/yeu-cau/" + number }

type dataPage struct {
	web.Page
	Facts      []privacy.Said
	Kept       privacy.Kept
	Purposes   []purposeItem
	Requests   []requestItem
	Rights     []rightItem
	Restricted bool
	Stopped    bool // some use is
	Without    string
	Officer    keeper
	Rise       bool // a copy asks for the second factor first
	Own        bool // a citizen, not an officer
}

// requestItem is a request in a list.
type requestItem struct {
	Href, Number, Name, State, Tag, Due string
	At                                  time.Time
}

// showData shows a person what is kept of them, for what, and what they asked for.
func showData(v *visit) error {
	a, err := v.Register.Find(v.R.Context(), v.who.Account)
	if err != nil {
		return err
	}
	p := dataPage{Page: v.page(v.T("privacy.mine.title")), Purposes: v.purposes(a.Stops), Rights: v.rights(), Restricted: a.Stops(identity.Restricted), Stopped: len(a.Stopped) > 0,
		Without: regime.DataLawOn(v.today()).Without, Officer: v.officer(), Own: !a.Officer}
	p.Back = "/tai-khoan"
	for _, name := range identity.PersonFacts {
		if value := a.Person.Fact(name); value != "" {
			p.Facts = append(p.Facts, privacy.Said{Label: v.T("portal.person." + name), Value: privacy.FactText(name, value, v.Lang)})
		}
	}
	if p.Kept, err = v.Privacy.Kept(v.R.Context(), v.who); err != nil {
		return err
	}
	p.Rise = p.Kept.Factors > 0 && v.who.Level < identity.Double
	list, err := v.Privacy.Mine(v.R.Context(), v.who)
	if err != nil {
		return err
	}
	for i := range list {
		p.Requests = append(p.Requests, v.requestItem(&list[i]))
	}
	if a.Officer {
		p.Rights = p.Rights[:3]
	}
	return v.Render(http.StatusOK, "data_show", p)
}

func (v *visit) requestItem(r *privacy.Request) requestItem {
	i := requestItem{Href: requestPath(r.Number), Number: r.Number, Name: v.T("privacy.right." + string(r.Right)), State: v.T("privacy.state." + string(r.State)), At: r.ReceivedAt, Tag: "tag-done"}
	if due := r.Due(); !due.IsZero() {
		i.Tag, i.Due = "tag-open", web.Instant(v.Lang, due)
		if dossier.TimingOf(due, v.Now()) == dossier.Late {
			i.Tag = "tag-late"
		}
	}
	return i
}

// resumeUses lets every use of a person's data go on that they had stopped.
func resumeUses(v *visit) error {
	if err := v.Privacy.Resume(v.R.Context(), v.who); err != nil {
		return err
	}
	return v.Redirect(dataPath + "?da=noi-lai")
}

type breachPage struct {
	web.Page
	Told    []breachTold
	Officer keeper
}

type breachTold struct {
	At   time.Time
	Text string
}

// showBreach tells a person what happened to their data.
func showBreach(v *visit) error {
	list, err := v.Privacy.Told(v.R.Context(), v.who, v.R.PathValue("number"))
	if err != nil {
		return err
	}
	p := breachPage{Page: v.page(v.T("privacy.breach.told_title")), Officer: v.officer()}
	p.Back = dataPath
	for _, e := range list {
		p.Told = append(p.Told, breachTold{e.At, e.Note})
	}
	return v.Render(http.StatusOK, "data_breach", p)
}

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"

	"motcua/internal/dossier"
	"motcua/internal/privacy"
	"motcua/internal/regime"
	"motcua/internal/web"
)

type privacyPage struct {
	web.Page
	Purposes []purposeItem
	Rights   []rightItem
	Answer   string // within what time
	Longest  int    // days of an extension
	Basis    string
	Without  string // by what data are processed without consent
	Officer  keeper
}

// purposeItem is what data are kept for.
type purposeItem struct {
	Name, Data, Basis, Keep, To string
	Stop                        string // where it can be stopped, if it rests on consent
	Stopped                     bool
}

// rightItem is a right, with its time limit and where it is asked for.
type rightItem struct{ ID, Name, Text, Limit, Href string }

// keeper is where the agency that answers for the data is found.
type keeper struct{ Name, Address, Phone, Email string }

// showPrivacy is the privacy notice: what is kept for what, by what law, how long and
// for whom, and what everybody may ask.
func showPrivacy(v *visit) error {
	p := privacyPage{Page: v.page(v.T("privacy.notice.title")), Purposes: v.purposes(nil), Rights: v.rights(), Officer: v.officer()}
	law := regime.DataLawOn(v.today())
	p.Answer, p.Longest, p.Basis, p.Without = v.term(law.Answer), law.Longest, law.Basis, law.Without
	return v.Render(http.StatusOK, "privacy_show", p)
}

// purposes are what data are kept for; stops says which uses are stopped.
func (v *visit) purposes(stops func(use string) bool) []purposeItem {
	var list []purposeItem
	for _, x := range privacy.PurposesOn(v.today()) {
		i := purposeItem{Name: x.Name.In(v.Lang), Data: x.Data.In(v.Lang), Basis: x.Basis, Keep: x.Keep.In(v.Lang), To: x.To.In(v.Lang)}
		if x.Use != "" {
			i.Stop = askPath(regime.Object) + "&muc-dich=" + x.Use
			i.Stopped = stops != nil && stops(x.Use)
		}
		list = append(list, i)
	}
	return list
}

func (v *visit) rights() []rightItem {
	law := regime.DataLawOn(v.today())
	var list []rightItem
	for _, r := range regime.Rights {
		key := "privacy.right." + string(r)
		i := rightItem{ID: string(r), Name: v.T(key), Text: v.T(key + "_text"), Limit: v.term(law.Done[r]), Href: askPath(r)}
		if r == regime.Export {
			i.Limit, i.Href = v.T("privacy.at_once"), dataPath+"#ban-sao"
		}
		list = append(list, i)
	}
	return list
}

// term says a time limit.
func (v *visit) term(t regime.Term) string {
	if t.Hours > 0 {
		return v.T("privacy.hours", "n", t.Hours)
	}
	return dossier.LimitWords(t.Limit, v.Lang)
}

// officer is where the data protection officer is reached.
func (v *visit) officer() keeper {
	a := v.Privacy.Home()
	if a == nil {
		return keeper{}
	}
	return keeper{a.Name.In(v.Lang), a.Address, a.Phone, a.Email}
}

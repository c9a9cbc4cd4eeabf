// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/web"
)

type helpPage struct {
	web.Page
	Centres []contact
}

// contact is where and when people reach a one-stop.
type contact struct {
	Name, Address, Phone, Email string
	Hours                       string // of a working day
	Opens                       string // besides
}

func (v *visit) contact(a *agency.Agency) (contact, error) {
	hours, err := v.Site.HoursOn(a, v.today())
	return contact{a.Name.In(v.Lang), a.Address, a.Phone, a.Email, strings.ReplaceAll(strings.ReplaceAll(hours.String(), "-", "–"), ",", ", "), a.Opens.In(v.Lang)}, err
}

// showHelp answers what people ask most, and where they find a person.
func showHelp(v *visit) error {
	p := helpPage{Page: v.page(v.T("portal.help.title"))}
	directory := v.Site.Directory()
	for i := range directory.Agencies {
		if a := &directory.Agencies[i]; a.Kind == agency.Centre {
			c, err := v.contact(a)
			if err != nil {
				return err
			}
			p.Centres = append(p.Centres, c)
		}
	}
	return v.Render(http.StatusOK, "help_show", p)
}

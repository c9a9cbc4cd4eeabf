// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"

	"motcua/internal/agency"
	"motcua/internal/web"
)

type helpPage struct {
	web.Page
	Centres []agency.Agency
}

// showHelp answers what people ask most, and where they find a person.
func showHelp(v *visit) error {
	p := helpPage{Page: v.page(v.t("portal.help.title"))}
	for _, a := range v.Site.Directory().Agencies {
		if a.Kind == agency.Centre {
			p.Centres = append(p.Centres, a)
		}
	}
	return v.render(http.StatusOK, "help_show", p)
}

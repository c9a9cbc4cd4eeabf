// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"

	"motcua/internal/web"
)

type outagePage struct {
	web.Page
	Outages []outageItem
}

type outageItem struct {
	When, Reason, Fallback, Word, Tag string
	Over                              bool
}

// outagesShown is how many outages are listed, the latest first.
const outagesShown = 50

// showOutages lists when the system cannot be used, will not be, and was not.
func showOutages(v *visit) error {
	p := outagePage{Page: v.page(v.T("outage.title"))}
	p.Back = "/"
	for _, o := range v.Site.Outages() {
		if len(p.Outages) == outagesShown {
			break
		}
		i := outageItem{When: v.T("outage.since", "from", web.Instant(v.Lang, o.From)), Reason: o.Reason.In(v.Lang), Fallback: o.Fallback.In(v.Lang), Over: o.Over(v.Now())}
		if !o.To.IsZero() {
			i.When = v.T("outage.span", "from", web.Instant(v.Lang, o.From), "to", web.Instant(v.Lang, o.To))
		}
		switch {
		case o.Cancelled:
			i.Word, i.Tag = v.T("outage.cancelled"), "tag-open"
		case i.Over:
			i.Word, i.Tag = v.T("outage.over"), "tag-done"
		case o.On(v.Now()):
			i.Word, i.Tag = v.T("outage.now"), "tag-late"
		default:
			i.Word, i.Tag = v.T("outage.planned"), "tag-near"
		}
		p.Outages = append(p.Outages, i)
	}
	return v.Render(http.StatusOK, "outage_show", p)
}

// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"
)

// outages tells when the system cannot be used, will not be, and was not, the
// latest first.
func (a *API) outages(w http.ResponseWriter, r *http.Request) error {
	type outage struct {
		Planned   bool       `json:"planned"`
		From      time.Time  `json:"from"`
		To        *time.Time `json:"to"`
		Reason    string     `json:"reason"`
		Fallback  string     `json:"fallback"`
		Over      bool       `json:"over"`
		Cancelled bool       `json:"cancelled"`
	}
	items := []outage{}
	for _, o := range a.Site.Outages() {
		if len(items) == outagesMost {
			break
		}
		items = append(items, outage{o.Planned, o.From, when(o.To), o.Reason.In(lang(r)), o.Fallback.In(lang(r)), o.Over(a.Now()), o.Cancelled})
	}
	return write(w, http.StatusOK, list[outage]{Items: items})
}

// outagesMost is how many outages are told.
const outagesMost = 100

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"

	"motcua/internal/agency"
	"motcua/internal/procedure"
	"motcua/internal/web"
)

// link is a way to a page.
type link struct{ Href, Label string }

type homePage struct {
	web.Page
	LifeEvents, Fields, Popular []link
	Lately                      lately
}

func showHome(v *visit) error {
	p := homePage{Page: v.page(v.T("portal.home.title"))}
	entries := offered(v.Catalogue.Entries())
	terms := v.Site.Terms()
	p.LifeEvents = termLinks(terms.LifeEvents, "/thu-tuc?life_event=", v.Lang, func(key string) bool {
		return slices.ContainsFunc(entries, func(e procedure.Entry) bool { return slices.Contains(e.LifeEvents, key) })
	})
	p.Fields = termLinks(terms.Fields, "/thu-tuc?field=", v.Lang, func(key string) bool {
		return slices.ContainsFunc(entries, func(e procedure.Entry) bool { return e.Field == key })
	})
	var err error
	if p.Lately, err = v.lately(); err != nil {
		return err
	}
	p.Popular = popular(entries, p.Lately.Popular, v.Lang)
	return v.Render(http.StatusOK, "home_show", p)
}

func offered(entries []procedure.Entry) []procedure.Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e procedure.Entry) bool { return !e.Offered })
}

func termLinks(terms []agency.Term, href, lang string, has func(key string) bool) []link {
	var links []link
	for _, t := range terms {
		if has(t.Key) {
			links = append(links, link{href + t.Key, t.Name.In(lang)})
		}
	}
	return links
}

// mostShown is how many procedures the home page names.
const mostShown = 6

// popular names the procedures used most, filled up with others in their order.
func popular(entries []procedure.Entry, codes []string, lang string) []link {
	entries = slices.Clone(entries)
	place := func(e procedure.Entry) int {
		if i := slices.Index(codes, e.Code); i >= 0 {
			return i
		}
		return len(codes)
	}
	slices.SortStableFunc(entries, func(a, b procedure.Entry) int { return place(a) - place(b) })
	var links []link
	for _, e := range entries[:min(mostShown, len(entries))] {
		links = append(links, link{"/thu-tuc/" + e.Code, e.Name.In(lang)})
	}
	return links
}

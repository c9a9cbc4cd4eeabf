// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/web"
)

type findPage struct {
	web.Page
	Query                              string
	Fields, LifeEvents, Agencies, Lvls []choice
	Filters                            []link // each leads to the same search without it
	Results                            []result
	From, To                           int
	Before, After                      string
}

// choice is one value of a filter.
type choice struct {
	Value, Label string
	Chosen       bool
}

// result is a procedure as the list shows it.
type result struct {
	Code, Name, Summary, Field, Online string
	Offered                            bool
}

// pageSize is how many procedures a page lists.
const pageSize = 20

// queryMost is the longest search that is looked at, in characters.
const queryMost = 200

func findProcedures(v *visit) error {
	p := findPage{Page: v.page(v.T("portal.find.title"))}
	q := v.R.URL.Query()
	p.Query = form.Tidy(q.Get("q"))
	if r := []rune(p.Query); len(r) > queryMost {
		p.Query = string(r[:queryMost])
	}
	f := procedure.Filter{On: v.today(), Query: p.Query, Field: q.Get("field"), LifeEvent: q.Get("life_event"), Level: q.Get("level")}
	if id := q.Get("agency"); id != "" {
		f.Competent = v.Site.Directory().Decides(agency.ID(id))
	}
	number, err := strconv.Atoi(q.Get("page"))
	if err != nil || number < 1 || number > 10_000 {
		number = 1
	}
	skip := (number - 1) * pageSize
	found := v.Catalogue.Find(f, skip, pageSize+1)
	if len(found) > pageSize {
		found, p.After = found[:pageSize], pageLink(q, number+1)
	}
	if number > 1 {
		p.Before = pageLink(q, number-1)
	}
	if len(found) > 0 {
		p.From, p.To = skip+1, skip+len(found)
	}
	for _, e := range found {
		p.Results = append(p.Results, v.result(e))
	}
	v.filters(&p, q)
	if p.Query != "" {
		p.Title = v.T("portal.find.title_query", "query", p.Query)
	}
	return v.Render(http.StatusOK, "procedure_find", p)
}

func (v *visit) result(e procedure.Entry) result {
	field := e.FieldName
	if field == "" {
		field = v.Site.Terms().Field(e.Field).In(v.Lang)
	}
	return result{Code: e.Code, Name: e.Name.In(v.Lang), Summary: e.Summary.In(v.Lang), Field: field, Online: onlineWord(v.Lang, e.Online), Offered: e.Offered}
}

func onlineWord(lang, level string) string {
	switch level {
	case "full":
		return web.T(lang, "portal.online.full")
	case "partial":
		return web.T(lang, "portal.online.partial")
	}
	return web.T(lang, "portal.online.none")
}

func pageLink(q url.Values, number int) string {
	return "/thu-tuc?" + with(q, "page", strconv.Itoa(number))
}

// with is a query with one value changed, and without those that are empty.
func with(q url.Values, name, value string) string {
	next := url.Values{}
	for _, n := range []string{"q", "field", "life_event", "agency", "level"} {
		if s := q.Get(n); s != "" {
			next.Set(n, s)
		}
	}
	next.Del(name)
	if value != "" {
		next.Set(name, value)
	}
	return next.Encode()
}

// filters lays out what the list can be narrowed by, and what it is narrowed by.
func (v *visit) filters(p *findPage, q url.Values) {
	terms := v.Site.Terms()
	choose := func(name string, all []choice) []choice {
		for i := range all {
			if all[i].Chosen = all[i].Value == q.Get(name); all[i].Chosen {
				p.Filters = append(p.Filters, link{"/thu-tuc?" + with(q, name, ""), all[i].Label})
			}
		}
		return all
	}
	p.Fields = choose("field", termChoices(terms.Fields, v.Lang))
	p.LifeEvents = choose("life_event", termChoices(terms.LifeEvents, v.Lang))
	var agencies []choice
	for _, a := range v.Site.Directory().Agencies {
		if a.Kind == agency.Centre {
			agencies = append(agencies, choice{Value: string(a.ID), Label: a.Name.In(v.Lang)})
		}
	}
	p.Agencies = choose("agency", agencies)
	p.Lvls = choose("level", []choice{{Value: "commune", Label: v.T("portal.level.commune")}, {Value: "province", Label: v.T("portal.level.province")}})
}

func termChoices(terms []agency.Term, lang string) []choice {
	var list []choice
	for _, t := range terms {
		list = append(list, choice{Value: t.Key, Label: t.Name.In(lang)})
	}
	return list
}

var levelKeys = map[string]string{"commune": "portal.level.commune", "province": "portal.level.province", "ministry": "portal.level.ministry", "district": "portal.level.district", "other": "portal.level.other"}

// levelWords names the levels of government.
func levelWords(lang string, levels []string) string {
	var words []string
	for _, l := range levels {
		if key, ok := levelKeys[l]; ok {
			l = web.T(lang, key)
		}
		words = append(words, l)
	}
	return strings.Join(words, ", ")
}

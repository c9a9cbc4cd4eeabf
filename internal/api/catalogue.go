// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"strconv"

	"motcua/internal/agency"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type entryView struct {
	Code        string            `json:"code"`
	Name        string            `json:"name"`
	Summary     string            `json:"summary,omitempty"`
	Field       string            `json:"field"`
	FieldName   string            `json:"field_name"`
	Level       []string          `json:"level"`
	Audience    []string          `json:"audience"`
	Agencies    []agency.Offering `json:"agencies"`
	OnlineLevel string            `json:"online_level"`
	Offered     bool              `json:"offered"`
}

func (a *API) procedures(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	limit, after, err := page(r)
	if err != nil {
		return err
	}
	day, err := a.day(r)
	if err != nil {
		return err
	}
	f := procedure.Filter{On: day, Query: q.Get("q"), Field: q.Get("field"), Level: q.Get("level"), Audience: q.Get("audience"), LifeEvent: q.Get("life_event"), Offered: q.Get("offered") == "true"}
	if id := q.Get("agency"); id != "" {
		f.Competent = a.Site.Directory().Decides(agency.ID(id))
	}
	skip := 0
	if len(after) > 0 {
		skip = int(max(0, after[0]))
	}
	found := a.Catalogue.Find(f, skip, limit+1)
	l := list[entryView]{Items: []entryView{}}
	if len(found) > limit {
		found = found[:limit]
		l.Next = cursor(int64(skip + limit))
	}
	terms, lang := a.Site.Terms(), lang(r)
	for _, e := range found {
		v := entryView{Code: e.Code, Name: e.Name.In(lang), Summary: e.Summary.In(lang), Field: e.Field, FieldName: terms.Field(e.Field).In(lang),
			Level: e.Levels, Audience: e.Audience, OnlineLevel: e.Online, Offered: e.Offered, Agencies: []agency.Offering{}}
		if e.FieldName != "" && v.FieldName == e.Field {
			v.FieldName = e.FieldName
		}
		if e.Offered {
			v.Agencies = append(v.Agencies, a.Site.Directory().Offerings(e.Competent)...)
		}
		l.Items = append(l.Items, v)
	}
	return write(w, http.StatusOK, l)
}

func (a *API) procedure(w http.ResponseWriter, r *http.Request) error {
	day, err := a.day(r)
	if err != nil {
		return err
	}
	e, err := a.Catalogue.Show(r.Context(), r.PathValue("code"), day)
	if err == nil {
		return write(w, http.StatusOK, struct {
			procedure.Facts
			Edition  int               `json:"edition"`
			Offered  bool              `json:"offered"`
			Form     any               `json:"form"`
			Process  any               `json:"process"`
			Agencies []agency.Offering `json:"agencies"`
		}{e.Facts, e.Number, true, e.Form, e.Process, a.Site.Directory().Offerings(e.Facts.Competent)})
	}
	if !refusal.Is(err, refusal.NotFound) {
		return err
	}
	known, err := a.Catalogue.Imported(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, struct {
		*procedure.Imported
		Offered bool `json:"offered"`
	}{known, false})
}

func (a *API) sample(w http.ResponseWriter, r *http.Request) error {
	f, err := a.Book.Sample(r.Context(), r.PathValue("code"), lang(r))
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, f)
}

// lookup answers the public: code and degree of completion, nothing else; with
// the secret, what the applicant may see.
func (a *API) lookup(w http.ResponseWriter, r *http.Request) error {
	c, err := code(r)
	if err != nil {
		return err
	}
	from := web.Address(r)
	if secret := r.URL.Query().Get("secret"); secret != "" && a.Guesses.Try(string(c), from, a.Now()) {
		f, err := a.Book.OpenBySecret(r.Context(), dossier.Actor{}, c, secret)
		if err == nil {
			a.Guesses.Right(string(c), from)
			return a.lookupOpen(w, r, &f)
		}
		if !refusal.Is(err, refusal.NotFound) {
			return err
		}
	}
	g, err := a.Book.Lookup(r.Context(), c)
	if err != nil {
		return err
	}
	b := make([]byte, 0, 160)
	b = append(b, `{"code":"`...)
	b = append(b, g.Code...)
	b = append(b, `","progress":`...)
	b = strconv.AppendInt(b, int64(g.Progress), 10)
	b = append(b, `,"status_label":`...)
	b = append(b, statusWord(g.Status, lang(r))...)
	b = append(b, "}\n"...)
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Cache-Control"] = noStore
	_, _ = w.Write(b)
	return nil
}

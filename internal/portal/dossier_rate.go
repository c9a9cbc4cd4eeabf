// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"

	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type ratePage struct {
	web.Page
	Code, Procedure, Dossier string
	Controls                 []form.Control
}

var askRating = rating(func(v *visit, f *dossier.File, offer *dossier.Offer) error {
	return v.askRating(f, offer, form.Answers{}, nil)
})

// rating makes a handler of one for a dossier that may be rated now; one that
// was rated, or may not be yet, leads to its page.
func rating(h func(v *visit, f *dossier.File, offer *dossier.Offer) error) handler {
	return func(v *visit) error {
		f, err := v.openOwn()
		if err != nil {
			return err
		}
		if err := v.who.Follows(); err != nil {
			return err
		}
		if f.State.Rated {
			return v.Redirect(dossierPath(f.State.Code) + "?da=da-danh-gia")
		}
		offers, err := v.Book.Offers(v.R.Context(), v.who, &f.State)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(offers, func(o dossier.Offer) bool { return o.Act == "rate" })
		if i < 0 {
			return refusal.New(refusal.NotNow, "dossier.rate.early")
		}
		return h(v, &f, &offers[i])
	}
}

func (v *visit) askRating(f *dossier.File, offer *dossier.Offer, answers form.Answers, wrong *refusal.Error) error {
	t, err := v.Book.Track(v.R.Context(), &f.State)
	if err != nil {
		return err
	}
	p := ratePage{Page: v.page(v.T("portal.rate.title")), Code: string(f.State.Code), Procedure: t.Procedure.In(v.Lang), Dossier: dossierPath(f.State.Code)}
	p.Back = p.Dossier
	status, bad := http.StatusOK, []refusal.Field(nil)
	if wrong != nil {
		status, bad = web.Status(wrong), named(wrong.Fields, offer)
		wrong.Fields = bad
		p.Refuse(wrong, "")
	}
	p.Controls = form.Controls(rateFields(offer), answers, form.Scope{Answers: answers}, "", bad, v.Lang)
	return v.Render(status, "dossier_rate", p)
}

// named gives each wrong field the label of its question.
func named(fields []refusal.Field, offer *dossier.Offer) []refusal.Field {
	list := slices.Clone(fields)
	for i, f := range list {
		for _, p := range offer.Params {
			if f.Pointer == "/"+p.Name {
				list[i] = f.Named(p.Label)
			}
		}
	}
	return list
}

// rateFields shows what rating asks for as questions.
func rateFields(offer *dossier.Offer) []form.Field {
	var fields []form.Field
	for _, p := range offer.Params {
		q := form.Field{ID: p.Name, Type: form.LongText, Label: p.Label, Optional: !p.Required, Options: p.Choices}
		if len(p.Choices) > 0 {
			q.Type = form.Choice
		}
		fields = append(fields, q)
	}
	return fields
}

// rate records what the applicant says of the service.
var rate = rating(func(v *visit, f *dossier.File, offer *dossier.Offer) error {
	answers := form.FromValues(rateFields(offer), v.R.PostForm)
	_, err := v.Book.Act(v.R.Context(), v.who, f.State.Code, dossier.Request{Act: "rate", Version: f.State.Version, Params: answers})
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return v.askRating(f, offer, answers, e)
	}
	if err != nil {
		return err
	}
	return v.Redirect(dossierPath(f.State.Code) + "?da=danh-gia")
})

// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"slices"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/web"
)

// bookFields ask for the number under which a dossier was received on paper in
// an outage, and when that was.
func bookFields() []form.Field {
	return []form.Field{{ID: "number", Type: form.ShortText, Label: said("desk.book.number"), Optional: true, Length: 60},
		{ID: "day", Type: form.Date, Label: said("desk.again.day"), Optional: true, To: "today"}, {ID: "time", Type: form.TimeOfDay, Label: said("desk.again.time"), Optional: true}}
}

// said is a sentence in both languages.
func said(key string) form.Text { return form.Text{VI: web.T("vi", key), EN: web.T("en", key)} }

// placeFields are the questions where and how the dossier came in and goes out.
func (x *counting) placeFields() []form.Field {
	var fields []form.Field
	if len(x.e.Facts.Cases) > 1 {
		q := form.Field{ID: "case", Type: form.Choice, Label: said("desk.counter.case")}
		for _, c := range x.e.Facts.Cases {
			q.Options = append(q.Options, form.Option{Value: c.ID, Label: c.Name})
		}
		fields = append(fields, q)
	}
	if places := x.counters(x.e); len(places) > 1 {
		q := form.Field{ID: "agency", Type: form.Choice, Label: said("desk.dossier.competent")}
		for _, o := range places {
			label := x.nameOf(o.Competent)
			if x.elsewhere(o.Competent) {
				away := said("desk.counter.elsewhere")
				label = form.Text{VI: label.VI + " " + away.VI, EN: label.In("en") + " " + away.EN}
			}
			q.Options = append(q.Options, form.Option{Value: string(o.Competent), Label: label})
		}
		fields = append(fields, q)
	}
	channel := form.Field{ID: "channel", Type: form.Choice, Label: said("desk.fact.channel")}
	for _, c := range []procedure.Channel{procedure.Counter, procedure.Post} {
		channel.Options = append(channel.Options, form.Option{Value: string(c), Label: said("channel." + string(c))})
	}
	if x.again == nil {
		channel.Options = append(channel.Options, form.Option{Value: string(procedure.Online), Label: said("desk.counter.assist")})
	}
	back := form.Field{ID: "return", Type: form.Choice, Label: said("desk.dossier.return")}
	for _, c := range x.e.Facts.Returns {
		back.Options = append(back.Options, form.Option{Value: string(c), Label: said("return." + string(c))})
	}
	return append(fields, channel, back)
}

func (x *counting) nameOf(id agency.ID) form.Text {
	if a := x.Site.Directory().Find(id); a != nil {
		return a.Name
	}
	return form.Text{VI: string(id)}
}

// elsewhere is true for an agency that the officer's counters receive for only
// because any one-stop may.
func (x *counting) elsewhere(competent agency.ID) bool {
	return !slices.ContainsFunc(x.countersOf(x.e.Facts.Competent), func(o agency.Offering) bool { return o.Competent == competent })
}

// agencyNamed is what the book is told: the agency that decides, or, where
// several one-stops receive for it, the one-stop of this clerk.
func (x *counting) agencyNamed(competent string) agency.ID {
	of := func(list []agency.Offering) []agency.Offering {
		return slices.DeleteFunc(slices.Clone(list), func(o agency.Offering) bool { return string(o.Competent) != competent })
	}
	here := of(x.countersOf(x.e.Facts.Competent))
	if len(here) == 1 && len(of(x.Site.Directory().Offerings(x.e.Facts.Competent))) > 1 {
		return here[0].Reception
	}
	return agency.ID(competent)
}

// personFields are the questions about a person; of who hands in for another,
// none need be answered.
func personFields(optional bool) []form.Field {
	kind := form.Field{ID: "kind", Type: form.Choice, Label: said("desk.person.kind")}
	for _, k := range procedure.Applicants {
		kind.Options = append(kind.Options, form.Option{Value: k, Label: said("kind." + k)})
	}
	return []form.Field{
		kind,
		{ID: "name", Type: form.ShortText, Label: said("desk.person.name"), Optional: optional},
		{ID: "id_number", Type: form.IDNumber, Label: said("desk.person.id_number"), Optional: optional},
		{ID: "birth_date", Type: form.Date, Label: said("desk.person.birth_date"), Optional: true},
		{ID: "phone", Type: form.Phone, Label: said("desk.person.phone"), Optional: true},
		{ID: "email", Type: form.Email, Label: said("desk.person.email"), Optional: true},
		{ID: "address", Type: form.Address, Label: said("desk.person.address"), Optional: true},
	}
}

func personOf(g map[string]any) dossier.Applicant {
	text := func(id string) string { s, _ := g[id].(string); return strings.TrimSpace(s) }
	return dossier.Applicant{Kind: text("kind"), Name: text("name"), IDNumber: text("id_number"), Phone: text("phone"), Email: text("email"), Address: text("address"), BirthDate: text("birth_date")}
}

// fillBlank answers what is blank.
func fillBlank(answers, known map[string]any) {
	for id, v := range known {
		inner, ok := v.(map[string]any)
		if !ok {
			if form.Blank(answers[id]) {
				answers[id] = v
			}
			continue
		}
		item, ok := answers[id].(map[string]any)
		if !ok {
			item = map[string]any{}
			answers[id] = item
		}
		fillBlank(item, inner)
	}
}

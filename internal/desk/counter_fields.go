// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"slices"
	"strconv"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/web"
)

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
			q.Options = append(q.Options, form.Option{Value: string(o.Competent), Label: x.nameOf(o.Competent)})
		}
		fields = append(fields, q)
	}
	channel := form.Field{ID: "channel", Type: form.Choice, Label: said("desk.fact.channel")}
	for _, c := range []procedure.Channel{procedure.Counter, procedure.Post} {
		channel.Options = append(channel.Options, form.Option{Value: string(c), Label: said(channelWords[c])})
	}
	back := form.Field{ID: "return", Type: form.Choice, Label: said("desk.dossier.return")}
	for _, c := range x.e.Facts.Returns {
		back.Options = append(back.Options, form.Option{Value: string(c), Label: said(returnWords[c])})
	}
	return append(fields, channel, back)
}

func (x *counting) nameOf(id agency.ID) form.Text {
	if a := x.Site.Directory().Find(id); a != nil {
		return a.Name
	}
	return form.Text{VI: string(id)}
}

// agencyNamed is what the book is told: the agency that decides, or, where
// several one-stops receive for it, the one-stop of this clerk.
func (x *counting) agencyNamed(competent string) agency.ID {
	of := func(list []agency.Offering) []agency.Offering {
		return slices.DeleteFunc(slices.Clone(list), func(o agency.Offering) bool { return string(o.Competent) != competent })
	}
	here := of(x.counters(x.e))
	if len(here) == 1 && len(of(x.Site.Directory().Offerings(x.e.Facts.Competent))) > 1 {
		return here[0].Reception
	}
	return agency.ID(competent)
}

// personFields are the questions about a person; of who hands in for another,
// none need be answered.
func personFields(optional bool) []form.Field {
	kind := form.Field{ID: "kind", Type: form.Choice, Label: said("desk.person.kind")}
	for _, k := range []string{"citizen", "organisation", "household_business"} {
		kind.Options = append(kind.Options, form.Option{Value: k, Label: said(kindWords[k])})
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

// addItem adds an empty item to the list at a dotted path.
func addItem(fields []form.Field, answers map[string]any, path string) {
	q, holder := listAt(fields, answers, path)
	if q == nil {
		return
	}
	items, _ := holder[q.ID].([]any)
	if len(items) < q.Repeat.Max {
		holder[q.ID] = append(items, map[string]any{})
	}
}

// removeItem takes the item with a prefix ("children.2.") out of its list.
func removeItem(fields []form.Field, answers map[string]any, prefix string) {
	path := strings.TrimSuffix(prefix, ".")
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return
	}
	n, err := strconv.Atoi(path[dot+1:])
	q, holder := listAt(fields, answers, path[:dot])
	if err != nil || q == nil {
		return
	}
	items, _ := holder[q.ID].([]any)
	if n >= 0 && n < len(items) {
		holder[q.ID] = slices.Delete(slices.Clone(items), n, n+1)
	}
}

// listAt finds a repeating group and the answers that hold its list.
func listAt(fields []form.Field, answers map[string]any, path string) (*form.Field, map[string]any) {
	first, rest, deeper := strings.Cut(path, ".")
	i := slices.IndexFunc(fields, func(q form.Field) bool { return q.ID == first && q.Type == form.Group })
	if i < 0 || answers == nil {
		return nil, nil
	}
	q := &fields[i]
	switch {
	case !deeper && q.Repeat != nil:
		return q, answers
	case !deeper:
		return nil, nil
	case q.Repeat == nil:
		item, _ := answers[q.ID].(map[string]any)
		return listAt(q.Fields, item, rest)
	}
	index, rest, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(index)
	items, _ := answers[q.ID].([]any)
	if err != nil || n < 0 || n >= len(items) {
		return nil, nil
	}
	item, _ := items[n].(map[string]any)
	return listAt(q.Fields, item, rest)
}

// prune drops items in which nothing was typed, above the least number.
func prune(fields []form.Field, answers map[string]any) {
	for i := range fields {
		q := &fields[i]
		if q.Type != form.Group {
			continue
		}
		if q.Repeat == nil {
			if item, ok := answers[q.ID].(map[string]any); ok {
				prune(q.Fields, item)
			}
			continue
		}
		items, _ := answers[q.ID].([]any)
		kept := []any{}
		for n, x := range items {
			if blank(x) && len(kept)+len(items)-n > q.Repeat.Min {
				continue
			}
			if item, ok := x.(map[string]any); ok {
				prune(q.Fields, item)
			}
			kept = append(kept, x)
		}
		answers[q.ID] = kept
	}
}

// blank is true when nothing was typed.
func blank(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(x) == ""
	case []any:
		return !slices.ContainsFunc(x, func(y any) bool { return !blank(y) })
	case map[string]any:
		for _, y := range x {
			if !blank(y) {
				return false
			}
		}
		return true
	}
	return false
}

// fillBlank answers what is blank.
func fillBlank(answers, known map[string]any) {
	for id, v := range known {
		inner, ok := v.(map[string]any)
		if !ok {
			if blank(answers[id]) {
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

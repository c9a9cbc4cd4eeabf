// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"context"
	"net/url"
	"strings"
	"time"

	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// Kept is how much is kept of a person, beside what their account knows.
type Kept struct {
	Drafts, Dossiers, Files, Notices, Sessions, Factors, Looks int
	Bytes                                                      int64 // of the files
}

// Kept counts what is kept of who asks.
func (o *Office) Kept(ctx context.Context, who dossier.Actor) (k Kept, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		for _, x := range []struct {
			sql string
			to  *int
		}{
			{`draft WHERE account = $1 AND code = ''`, &k.Drafts}, {`dossier WHERE account = $1`, &k.Dossiers}, {`file WHERE account = $1`, &k.Files}, {`notice WHERE account = $1`, &k.Notices},
			{`session WHERE account = $1`, &k.Sessions}, {`factor WHERE account = $1 AND kind <> 'recovery'`, &k.Factors},
			{`journal WHERE kind = 'viewed' AND dossier IN (SELECT id FROM dossier WHERE account = $1)`, &k.Looks},
		} {
			if _, err := tx.One(`SELECT COUNT(*) FROM `+x.sql, []any{who.Account}, x.to); err != nil {
				return err
			}
		}
		_, err := tx.One(`SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM file WHERE account = $1`, []any{who.Account}, &k.Bytes)
		return err
	})
	return k, err
}

// FactText is a fact of a person as people read it.
func FactText(name, value, lang string) string {
	f := factField(name, name)
	return form.Say(&f, value, lang)
}

// FactConcealed is a fact with what finds a person concealed. What it is to become
// stands in full only where it is put right, and that look is noted with the request.
func FactConcealed(name, value, lang string) string {
	return form.Conceal(factField(name, name).Type, FactText(name, value, lang))
}

// factField is the question for a fact of a person, so that what is right is written
// as it is in the account.
func factField(name, id string) form.Field {
	f := form.Field{ID: id, Type: form.ShortText, Length: 300}
	switch name {
	case "name":
		f.Type, f.Length = form.Name, 120
	case "id_number":
		f.Type = form.IDNumber
	case "birth_date":
		f.Type, f.From, f.To = form.Date, "1900-01-01", "today"
	case "phone":
		f.Type = form.Phone
	case "email":
		f.Type = form.Email
	case "address":
		f.Type = form.Address
	case "gender":
		f.Type, f.Options = form.Choice, []form.Option{{Value: "male", Label: form.Text{VI: "Nam", EN: "Male"}}, {Value: "female", Label: form.Text{VI: "Nữ", EN: "Female"}}}
	}
	return f
}

// fact is what is right of a fact, tidied and in the account's shape.
func fact(name, value string, now time.Time) (string, []refusal.Field) {
	fields := []form.Field{factField(name, "value")}
	if name == "gender" {
		value = map[string]string{"nam": "male", "male": "male", "nữ": "female", "female": "female"}[strings.ToLower(form.Tidy(value))]
	}
	clean, wrong := form.CheckFields(fields, form.FromValues(fields, url.Values{"value": {value}}), "", now)
	return clean.Text("value"), wrong
}

// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"cmp"
	"net/http"
	"strings"

	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/web"
)

type importedPage struct {
	web.Page
	P        *procedure.Imported
	Levels   string
	Audience string
	Channels []importedChannel
}

type importedChannel struct {
	Channel, Limit, Description string
	Fees                        []string
}

// showImported shows a procedure that is only known from the national
// catalogue, as the catalogue has it.
func showImported(v *visit) error {
	i, err := v.Catalogue.Imported(v.R.Context(), v.R.PathValue("code"))
	if err != nil {
		return err
	}
	p := importedPage{Page: v.page(i.Name), P: i, Levels: levelWords(v.Lang, i.Levels)}
	p.Back = "/thu-tuc"
	var audience []string
	for _, a := range i.Audience {
		audience = append(audience, v.T("kind."+a))
	}
	p.Audience = strings.Join(audience, ", ")
	for _, c := range i.Channels {
		p.Channels = append(p.Channels, v.importedChannel(c))
	}
	return v.Render(http.StatusOK, "procedure_imported", p)
}

func (v *visit) importedChannel(c procedure.ImportedChannel) importedChannel {
	key := "channel." + cmp.Or(string(c.Channel), "any")
	if !web.Says(key) {
		key = "portal.channel.other"
	}
	view := importedChannel{Channel: v.T(key), Limit: v.T("portal.imported.limit_unclear"), Description: c.Description}
	switch {
	case c.Limit != nil:
		view.Limit = dossier.LimitWords(*c.Limit, v.Lang)
	case c.LimitText != "":
		view.Limit = c.LimitText
	}
	for _, fee := range c.Fees {
		words := v.feeWords(procedure.Fee{State: fee.State, Amount: fee.Amount})
		for _, more := range []string{fee.Text, fee.Note} {
			if more != "" {
				words += " – " + more
			}
		}
		view.Fees = append(view.Fees, words)
	}
	return view
}

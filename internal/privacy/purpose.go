// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/identity"
)

// Purpose is one thing that personal data are kept for: which, by what law, how long,
// and who receives them. The table is the site's privacy notice.
type Purpose struct {
	ID    string    `json:"id"`
	Use   string    `json:"use,omitempty"` // rests on consent: its name among identity.Uses
	Name  form.Text `json:"name"`
	Data  form.Text `json:"data"`
	Basis string    `json:"basis"`
	Keep  form.Text `json:"keep"`
	To    form.Text `json:"to"`
}

//go:embed purposes.json
var purposesFile []byte

type purposeEdition struct {
	From     calendar.Date `json:"from"`
	Purposes []Purpose     `json:"purposes"`
}

var purposeEditions = sync.OnceValue(func() []purposeEdition {
	var list []purposeEdition
	if err := json.Unmarshal(purposesFile, &list); err != nil {
		panic(fmt.Errorf("purposes.json: %w", err)) // a broken build
	}
	for _, e := range list {
		for _, p := range e.Purposes {
			if p.Use != "" && !slices.Contains(identity.Uses, p.Use) {
				panic(fmt.Errorf("purposes.json: no use %q", p.Use))
			}
		}
	}
	return list
})

// PurposesOn returns what data are kept for by the law of a day; days before the
// first edition belong to it.
func PurposesOn(day calendar.Date) []Purpose {
	list := purposeEditions()
	found := list[0].Purposes
	for _, e := range list {
		if !day.Before(e.From) {
			found = e.Purposes
		}
	}
	return found
}

// UseName is what a use that can be stopped is called.
func UseName(use string, day calendar.Date) form.Text {
	for _, p := range PurposesOn(day) {
		if p.Use == use {
			return p.Name
		}
	}
	return form.Text{VI: use}
}

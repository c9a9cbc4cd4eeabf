// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"strings"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// prints are the kinds of paper to choose from for the dossiers picked.
func (v *visit) prints() []choice {
	var list []choice
	for _, p := range dossier.Printable() {
		list = append(list, choice{Value: p.ID, Label: p.Name.In(v.Lang)})
	}
	return list
}

// printBatch sends one kind of paper of the dossiers that were picked as one file.
func printBatch(v *visit) error {
	picked := v.R.PostForm["ho-so"]
	if len(picked) == 0 {
		return refusal.New(refusal.Invalid, "dossier.batch.none")
	}
	if len(picked) > dossier.BatchMost {
		return refusal.New(refusal.Invalid, "dossier.batch.many", "n", dossier.BatchMost)
	}
	var codes []dossier.Code
	for _, x := range picked {
		text, _, _ := strings.Cut(x, " ")
		code, ok := dossier.ParseCode(text)
		if !ok {
			return refusal.New(refusal.NotFound, "dossier.unknown", "code", text)
		}
		codes = append(codes, code)
	}
	kind := v.R.PostForm.Get("giay")
	pdf, err := v.Book.Print(v.R.Context(), v.who, codes, kind)
	return v.sendPDF("in-"+kind, pdf, err)
}

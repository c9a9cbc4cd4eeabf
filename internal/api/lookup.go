// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"net/http"

	"motcua/internal/dossier"
	"motcua/internal/regime"
)

var (
	jsonType = []string{"application/json; charset=utf-8"}
	noStore  = []string{"no-store"}
)

// statusWords are the national status words as JSON, by language and code: the
// public look-up is the busiest call, so they are written once.
var statusWords = func() map[string][11]string {
	words := map[string][11]string{}
	for _, lang := range []string{"vi", "en"} {
		var list [11]string
		for i := range list {
			b, _ := json.Marshal(regime.Find("").Word(regime.Status(i)).In(lang))
			list[i] = string(b)
		}
		words[lang] = list
	}
	return words
}()

func statusWord(status int, lang string) string {
	if status < 0 || status > 10 {
		status = 0
	}
	return statusWords[lang][status]
}

// lookupOpen answers who knows the secret.
func (a *API) lookupOpen(w http.ResponseWriter, r *http.Request, f *dossier.File) error {
	s, lang := &f.State, lang(r)
	t, err := a.Book.Track(r.Context(), s)
	if err != nil {
		return err
	}
	type due struct {
		Name   string `json:"name"`
		Amount int64  `json:"amount"`
	}
	asked := []due{}
	for _, fee := range s.Unpaid() {
		asked = append(asked, due{fee.Name.In(lang), fee.Amount})
	}
	at, _ := s.Holder()
	return write(w, http.StatusOK, map[string]any{
		"code": s.Code, "progress": s.Progress, "status_label": t.Status.In(lang), "national_status": s.Status(),
		"procedure": s.Procedure, "procedure_name": t.Procedure.In(lang),
		"agency": map[string]any{"id": at, "name": a.Site.Directory().Name(at, lang)}, "reception": s.Reception, "competent": s.Competent,
		"step": t.Step.In(lang), "step_public": t.Public.In(lang), "handler": s.Handler,
		"sent_at": s.SentAt, "received_at": when(s.ReceivedAt), "due_at": when(s.Due), "due_original": when(s.Due), "issued_at": when(s.IssuedAt), "returned_at": when(s.ReturnedAt),
		"outcome": s.Outcome, "asked": asked,
	})
}

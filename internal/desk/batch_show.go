// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

type batchPage struct {
	web.Page
	Hang, Act     string
	N, Known      int // dossiers; those of which the outcome is known
	Done, Refused []batchResult
	Prints        []choice
}

// Left is how many dossiers are still to be done.
func (p batchPage) Left() int { return p.N - p.Known }

// batchResult is what became of one dossier.
type batchResult struct {
	Code, Href, Why string
	Due             string
}

// showBatch tells how far a batch is, and what became of each dossier.
func showBatch(v *visit) error {
	id, err := strconv.ParseInt(v.R.PathValue("id"), 10, 64)
	if err != nil {
		return refusal.New(refusal.NotFound, "dossier.batch.unknown", "id", v.R.PathValue("id"))
	}
	b, err := v.Book.FindBatch(v.R.Context(), v.who, id)
	if err != nil {
		return err
	}
	hang := string(b.Queue)
	p := batchPage{Page: v.page(v.T("desk.batch.title")), Hang: hang, Act: v.T("desk.act." + b.Act), N: b.N, Known: b.Done, Prints: v.prints()}
	p.Back = queuePath(hang)
	for _, i := range b.Items {
		r := batchResult{Code: string(i.Code)}
		if _, ok := dossier.ParseCode(r.Code); ok {
			r.Href = dossierPath(i.Code, hang)
		}
		switch {
		case i.Refused != nil:
			r.Why = v.why(i.Refused)
			p.Refused = append(p.Refused, r)
		case !i.DoneAt.IsZero():
			if b.Act == "receive" {
				r.Due = web.Instant(v.Lang, i.DueAt)
			}
			p.Done = append(p.Done, r)
		}
	}
	return v.Render(http.StatusOK, "batch_show", p)
}

// why says a refusal with what is wrong in one line.
func (v *visit) why(e *refusal.Error) string {
	said := []string{web.Sentence(v.Lang, e)}
	for _, f := range e.Fields {
		said = append(said, web.FieldSentence(v.Lang, f))
	}
	return strings.Join(said, " ")
}

type batchesPage struct {
	web.Page
	Rows []batchRow
}

type batchRow struct {
	Href, Act string
	At        time.Time
	N, Done   int
}

// batchesShown is how many of an officer's batches are listed.
const batchesShown = 50

// listBatches lists the officer's batches of the last weeks.
func listBatches(v *visit) error {
	list, err := v.Book.Batches(v.R.Context(), v.who, batchesShown)
	if err != nil {
		return err
	}
	p := batchesPage{Page: v.page(v.T("desk.batch.list"))}
	p.Back = "/mot-cua"
	for _, b := range list {
		p.Rows = append(p.Rows, batchRow{batchPath(b.ID), v.T("desk.act." + b.Act), b.StartedAt, b.N, b.Done})
	}
	return v.Render(http.StatusOK, "batch_list", p)
}

// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// batchAtOnce is how many dossiers are done before the report is shown for the
// first time; the process does the others while the officer goes on.
const batchAtOnce = 25

// inBatches are the acts that may be done to many dossiers at once, when they
// ask for nothing, or the same of each: an officer, a text.
var inBatches = []string{"receive", "forward", "assign", "approve", "issue", "hand_over", "message"}

// looked are the acts before which the dossiers are listed to be looked at: a
// signature, a result out of the house and a word to an applicant cannot be
// taken back.
var looked = []string{"approve", "hand_over", "message"}

// batchAsks are what acts ask for, the same for every dossier.
var batchAsks = map[string]string{"assign": "officer", "message": "text"}

// doBatch stores one act on the dossiers that were picked, does the first of
// them and leads to the report. Sent again, the same form does nothing twice
// and leads to the same report.
func doBatch(v *visit) error {
	values := v.R.PostForm
	hang, act := values.Get("hang"), values.Get("viec")
	if !slices.Contains(inBatches, act) {
		return refusal.New(refusal.NotFound, "dossier.act.unknown", "act", act)
	}
	picked, sure := values["ho-so"], values.Get("chac") != ""
	all := values.Get("ca-hang") != "" && !sure
	if all {
		items, _, err := v.Book.Sift(v.R.Context(), v.who, dossier.Work(hang), v.sieve(values), dossier.BatchMost, dossier.After{})
		if err != nil {
			return err
		}
		picked = nil
		for i := range items {
			picked = append(picked, pick(&items[i]))
		}
	}
	if len(picked) == 0 {
		return refusal.New(refusal.Invalid, "dossier.batch.none")
	}
	if len(picked) > dossier.BatchMost {
		return refusal.New(refusal.Invalid, "dossier.batch.many", "n", dossier.BatchMost)
	}
	var params map[string]any
	asked := batchAsks[act]
	if asked != "" {
		params = map[string]any{asked: strings.TrimSpace(values.Get(asked))}
	}
	lacks := asked != "" && params[asked] == ""
	if lacks || !sure && (all || slices.Contains(looked, act)) {
		return v.lookFirst(hang, act, picked, lacks && (sure || act == "assign"))
	}
	b := dossier.Batch{Queue: dossier.Work(hang), Act: act, Params: params}
	for _, x := range picked {
		code, version, _ := strings.Cut(x, " ")
		i := dossier.BatchItem{Code: dossier.Code(code)}
		i.Version, _ = strconv.Atoi(version)
		b.Items = append(b.Items, i)
	}
	key, err := v.key("", values)
	if err != nil {
		return err
	}
	id, err := v.Book.StartBatch(v.R.Context(), v.who, b, key)
	if err != nil {
		return err
	}
	if err := v.Book.Carry(v.R.Context(), v.who, id, batchAtOnce); err != nil && !refusal.Is(err, refusal.Unavailable) {
		web.Fault(v.R, err) // the batch is stored: its report says which dossier failed, and the process does the others
	}
	return v.Redirect(batchPath(id))
}

func batchPath(id int64) string { return "/mot-cua/hang-loat/" + strconv.FormatInt(id, 10) }

// pick is how a form names a dossier as it was seen.
func pick(x *dossier.Item) string { return string(x.Code) + " " + strconv.Itoa(x.Version) }

// sieve narrows a queue as a form asks.
func (v *visit) sieve(q url.Values) dossier.Sieve {
	s := dossier.Sieve{Procedure: q.Get("thu-tuc"), Label: q.Get("nhan")}
	switch q.Get("han") {
	case "late":
		s.DueBefore = v.Now()
	case "near":
		s.DueBefore = v.Now().Add(24 * time.Hour)
	}
	return s
}

type lookPage struct {
	web.Page
	Hang, Act, Label string
	Key, Text        string
	Rows             []lookRow
	Asks             string   // officer, text or nothing
	Officers         []choice // to choose from
}

// lookRow is a dossier that an act is about to be done to.
type lookRow struct {
	Pick, Code, Href, Draft string
	Procedure, Applicant    string
}

// lookFirst lists what was picked before the act is done to it; refused says
// that what the act asks for is missing.
func (v *visit) lookFirst(hang, act string, picked []string, refused bool) error {
	title := "desk.batch.look." + act
	if !web.Says(title) {
		title = "desk.batch.look.other"
	}
	values := v.R.PostForm
	p := lookPage{Page: v.page(v.T(title)), Hang: hang, Act: act, Label: v.T("desk.act." + act), Key: values.Get("key"), Text: values.Get("text"), Asks: batchAsks[act]}
	p.Back, p.Path = queuePath(hang), queuePath(hang)
	var at []agency.ID
	var codes []dossier.Code
	as := map[dossier.Code]string{}
	for _, x := range picked {
		text, _, _ := strings.Cut(x, " ")
		if code, ok := dossier.ParseCode(text); ok && as[code] == "" {
			codes, as[code] = append(codes, code), x
		}
	}
	list, err := v.Book.Picked(v.R.Context(), v.who, codes)
	if err != nil {
		return err
	}
	for i := range list {
		s := &list[i]
		filed, err := v.Catalogue.Pinned(v.R.Context(), s.Procedure, s.Edition)
		if err != nil {
			return err
		}
		r := lookRow{Pick: as[s.Code], Code: string(s.Code), Href: dossierPath(s.Code, hang), Procedure: filed.Facts.Name.In(v.Lang), Applicant: s.Applicant.Name}
		if act == "approve" {
			r.Draft = "/mot-cua/ho-so/" + r.Code + "/du-thao"
		}
		p.Rows = append(p.Rows, r)
		if !slices.Contains(at, s.Competent) {
			at = append(at, s.Competent)
		}
	}
	if p.Asks == "officer" {
		if p.Officers, err = v.officerChoices(at, values.Get("officer")); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if refused {
		status = http.StatusUnprocessableEntity
		p.Refuse(refusal.As(refusal.Fields("request.invalid", []refusal.Field{refusal.At("/"+p.Asks, "desk.batch.no."+p.Asks)})), "")
	}
	return v.Render(status, "batch_look", p)
}

// officerChoices are the specialists of agencies, as they are suggested.
func (v *visit) officerChoices(at []agency.ID, chosen string) ([]choice, error) {
	var list []choice
	for _, id := range at {
		candidates, err := v.Book.Candidates(v.R.Context(), v.who, id)
		if refusal.Is(err, refusal.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i, c := range candidates {
			if !slices.ContainsFunc(list, func(x choice) bool { return x.Value == c.Login }) {
				list = append(list, choice{c.Login, candidateLabel(c, i == 0 && len(at) == 1).In(v.Lang), c.Login == chosen})
			}
		}
	}
	return list, nil
}

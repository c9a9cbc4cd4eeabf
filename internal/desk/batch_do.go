// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// batchMost is how many dossiers are done at once.
const batchMost = 100

type batchPage struct {
	web.Page
	Hang, Act     string
	Done, Refused []batchResult
}

// batchResult is what became of one dossier.
type batchResult struct {
	Code, Href, Why string
	Due             string
}

// doBatch does one act on the dossiers that were picked, each in a transaction
// of its own, and reports on each. Sent again, the same form does nothing twice
// and reports the same.
func doBatch(v *visit) error {
	values := v.R.PostForm
	hang, act := values.Get("hang"), values.Get("viec")
	if !slices.Contains(inBatches, act) {
		return refusal.New(refusal.NotFound, "dossier.act.unknown", "act", act)
	}
	picked := values["ho-so"]
	if len(picked) == 0 {
		return refusal.New(refusal.Invalid, "desk.batch.none")
	}
	if len(picked) > batchMost {
		return refusal.New(refusal.Invalid, "desk.batch.many", "n", batchMost)
	}
	if values.Get("chac") == "" && (slices.Contains(looked, act) || act == "assign" && values.Get("officer") == "") {
		return v.lookFirst(hang, act, picked)
	}
	p := batchPage{Page: v.page(v.T("desk.batch.title")), Hang: hang, Act: v.T("desk.act." + act)}
	p.Back, p.Path = queuePath(hang), queuePath(hang)
	params := map[string]any{}
	if officer := values.Get("officer"); officer != "" {
		params["officer"] = officer
	}
	for _, x := range picked {
		code, version, _ := strings.Cut(x, " ")
		r := batchResult{Code: code, Href: dossierPath(dossier.Code(code), hang)}
		err := v.one(&r, act, version, params)
		if e := refusal.As(err); e != nil {
			r.Why = v.why(e)
			p.Refused = append(p.Refused, r)
		} else if err != nil {
			return err
		} else {
			p.Done = append(p.Done, r)
		}
	}
	return v.Render(http.StatusOK, "batch_do", p)
}

// looked are the acts before which the dossiers are listed to be looked at: a
// signature, and a result out of the house, cannot be taken back.
var looked = []string{"approve", "hand_over"}

type lookPage struct {
	web.Page
	Hang, Act, Label string
	Key              string
	Rows             []lookRow
	Officers         []choice // to choose from, of "assign"
}

// lookRow is a dossier that an act is about to be done to.
type lookRow struct {
	Pick, Code, Href, Draft string
	Procedure, Applicant    string
}

// lookFirst lists what was picked before the act is done to it.
func (v *visit) lookFirst(hang, act string, picked []string) error {
	p := lookPage{Page: v.page(v.T("desk.batch.look." + act)), Hang: hang, Act: act, Label: v.T("desk.act." + act), Key: v.R.PostForm.Get("key")}
	p.Back, p.Path = queuePath(hang), queuePath(hang)
	officers := &batchForm{}
	for _, x := range picked {
		text, _, _ := strings.Cut(x, " ")
		code, ok := dossier.ParseCode(text)
		if !ok {
			continue
		}
		s, err := v.Book.Find(v.R.Context(), v.who, code)
		if refusal.Is(err, refusal.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		t, err := v.Book.Track(v.R.Context(), &s)
		if err != nil {
			return err
		}
		r := lookRow{Pick: x, Code: text, Href: dossierPath(code, hang), Procedure: t.Procedure.In(v.Lang), Applicant: s.Applicant.Name}
		if act == "approve" {
			r.Draft = "/mot-cua/ho-so/" + text + "/du-thao"
		}
		p.Rows = append(p.Rows, r)
		if act != "assign" {
			continue
		}
		offers, err := v.Book.Offers(v.R.Context(), v.who, &s)
		if err != nil {
			return err
		}
		for _, o := range offers {
			if o.Act == act {
				officers.take(o, v.Lang)
			}
		}
	}
	if p.Officers = officers.Officers; act == "assign" {
		p.Refuse(refusal.As(refusal.Fields("request.invalid", []refusal.Field{refusal.At("/officer", "desk.batch.no_officer")})), "")
		return v.Render(http.StatusUnprocessableEntity, "batch_look", p)
	}
	return v.Render(http.StatusOK, "batch_look", p)
}

func (v *visit) one(r *batchResult, act, version string, params map[string]any) error {
	code, ok := dossier.ParseCode(r.Code)
	if !ok {
		r.Href = ""
		return refusal.New(refusal.NotFound, "dossier.unknown", "code", r.Code)
	}
	seen, _ := strconv.Atoi(version)
	key, err := v.key(":"+r.Code, v.R.PostForm)
	if err != nil {
		return err
	}
	s, err := v.Book.Act(v.R.Context(), v.who, code, dossier.Request{Act: act, Version: seen, Params: params, Key: key})
	if err == nil && act == "receive" {
		r.Due = web.Instant(v.Lang, s.Due)
	}
	return err
}

// why says a refusal with what is wrong in one line.
func (v *visit) why(e *refusal.Error) string {
	said := []string{web.Sentence(v.Lang, e)}
	for _, f := range e.Fields {
		said = append(said, web.FieldSentence(v.Lang, f))
	}
	return strings.Join(said, " ")
}

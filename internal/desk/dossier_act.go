// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// actForm is an act that is offered, as a form.
type actForm struct {
	Act, Label string
	Version    int
	Key        string
	Controls   []form.Control
	Open       bool   // shown at once
	Page       string // where it is done, if not in a form of its own
	Preview    bool   // the form that it issues can be looked at before
}

// Acting is true while the dossier is the officer's to carry forward.
func (p *dossierPage) Acting() bool {
	return slices.ContainsFunc(p.Acts, func(a actForm) bool { return a.Open })
}

// attempt is an act that was sent and refused, or of which the form is to be
// shown again with an item more or less; then nothing is wrong.
type attempt struct {
	act     string
	version int
	given   map[string]any
	wrong   *refusal.Error
}

// typed is what somebody had typed for something that is not asked any more.
type typed struct{ Label, Value string }

// acts lists what is offered, with what was typed for an act that was refused.
func (v *visit) acts(p *dossierPage, f *dossier.File, sent *attempt) error {
	offers, err := v.Book.Offers(v.R.Context(), v.who, &f.State)
	if err != nil {
		return err
	}
	if err := v.suggest(offers, &f.State); err != nil {
		return err
	}
	kept, numbers := false, f.Numbers(&p.track, offers)
	for i, o := range offers {
		a := actForm{Act: o.Act, Label: o.Label.In(v.Lang), Version: f.State.Version, Key: newKey(), Open: i == 0 && !o.Aside, Page: pageOf(o.Act, f.State.Code), Preview: dossier.Previews(o.Act)}
		given, wrong := started(o, f, p), []refusal.Field(nil)
		if sent != nil && sent.act == o.Act {
			kept, a.Open, given = true, true, sent.given
			if sent.wrong != nil {
				wrong = below(o, sent.wrong)
			}
		}
		given, _ = numbers.Conceal(given).(map[string]any)
		a.Controls = form.Controls([]form.Field{asked(o)}, form.Answers{o.Act: given}, form.Scope{Answers: form.Answers{o.Act: given}}, "", wrong, v.Lang)[0].Fields
		p.Acts = append(p.Acts, a)
	}
	if sent != nil && sent.wrong != nil {
		v.refuse(p, f, sent, offers, kept)
	}
	return nil
}

// suggest puts the officers who may be named into the order in which they are
// suggested, and says how much each has in hand. Only who assigns is told.
func (v *visit) suggest(offers []dossier.Offer, s *dossier.State) error {
	for i := range offers {
		for j := range offers[i].Params {
			if p := &offers[i].Params[j]; p.Name == "officer" {
				candidates, err := v.Book.Candidates(v.R.Context(), v.who, s.Competent)
				if err != nil {
					return err
				}
				choices := make([]form.Option, 0, len(p.Choices))
				for _, c := range candidates {
					if slices.ContainsFunc(p.Choices, func(o form.Option) bool { return o.Value == c.Login }) {
						choices = append(choices, form.Option{Value: c.Login, Label: candidateLabel(c, len(choices) == 0)})
					}
				}
				for _, o := range p.Choices {
					if !slices.ContainsFunc(choices, func(c form.Option) bool { return c.Value == o.Value }) {
						choices = append(choices, o)
					}
				}
				p.Choices = choices
			}
		}
	}
	return nil
}

// candidateLabel names a candidate with what is in hand; the first is suggested
// unless away.
func candidateLabel(c dossier.Candidate, first bool) form.Text {
	key := "desk.officer.open"
	switch {
	case c.AwayTo != 0:
		key = "desk.officer.away"
	case first:
		key = "desk.officer.suggested"
	}
	in := func(lang string) string {
		return web.T(lang, key, "name", c.Name, "n", c.Open, "to", form.DateText(c.AwayTo.String()))
	}
	return form.Text{VI: in("vi"), EN: in("en")}
}

// refuse says why an act was refused, and, when somebody else came first, who
// changed what.
func (v *visit) refuse(p *dossierPage, f *dossier.File, sent *attempt, offers []dossier.Offer, kept bool) {
	said := *sent.wrong
	said.Fields = below(offerOf(offers, sent.act), sent.wrong)
	p.Refuse(&said, "")
	if sent.wrong.Key == "dossier.version.stale" {
		for _, r := range f.Events {
			if r.Seq > sent.version {
				p.Changed = append(p.Changed, v.eventView(r, &p.track))
			}
		}
		p.Refusal.Next = v.T("desk.stale.next")
	}
	if !kept {
		p.Typed = v.typedFor(sent, p)
	}
}

func offerOf(offers []dossier.Offer, act string) dossier.Offer {
	for _, o := range offers {
		if o.Act == act {
			return o
		}
	}
	return dossier.Offer{Act: act}
}

// asked is an offer as a group of questions named after the act.
func asked(o dossier.Offer) form.Field {
	g := form.Field{ID: o.Act, Type: form.Group}
	for i := range o.Params {
		if p := &o.Params[i]; p.Field != nil || paramTypes[p.Type] != "" {
			g.Fields = append(g.Fields, question(p))
		}
	}
	return g
}

// paramTypes are the types of questions for parameters that are not an
// officer's input.
var paramTypes = map[string]form.Type{"string": form.ShortText, "text": form.LongText, "choice": form.Choice, "choices": form.Choices, "date": form.Date, "amount": form.Money}

func question(p *dossier.Param) form.Field {
	if p.Field != nil {
		return *p.Field
	}
	return form.Field{ID: p.Name, Type: paramTypes[p.Type], Label: p.Label, Optional: !p.Required && p.Type != "choices", Options: p.Choices}
}

// started is what an act's form starts from: the values offered, the only
// choice there is, and the components that were handed in.
func started(o dossier.Offer, f *dossier.File, page *dossierPage) map[string]any {
	given := map[string]any{}
	for _, p := range o.Params {
		switch {
		case p.Value != nil:
			given[p.Name] = p.Value
		case p.Type == "choice" && p.Required && len(p.Choices) == 1:
			given[p.Name] = p.Choices[0].Value
		case o.Act == "receive" && p.Name == "components":
			given[p.Name] = handedIn(p, f, page)
		}
	}
	return given
}

// handedIn are the components that a paper, or the declaration itself, was
// handed in for: what the clerk finds ticked, to be checked. One of which a file
// cannot be opened is not.
func handedIn(p dossier.Param, f *dossier.File, page *dossierPage) []any {
	there := []any{}
	for _, k := range page.track.Edition.Facts.Case(f.State.Case).Components {
		given := k.EForm && f.State.Channel == procedure.Online || slices.ContainsFunc(f.State.Documents, func(d dossier.Document) bool { return d.Component == k.ID })
		if given && !f.State.Unopened(k.ID, page.closed) && slices.ContainsFunc(p.Choices, func(c form.Option) bool { return c.Value == k.ID }) {
			there = append(there, k.ID)
		}
	}
	return there
}

// below moves wrong fields to the act's group; what no question stands for is
// left without a place.
func below(o dossier.Offer, e *refusal.Error) []refusal.Field {
	var list []refusal.Field
	for _, w := range e.Fields {
		name, _, _ := strings.Cut(strings.TrimPrefix(w.Pointer, "/"), "/")
		if slices.ContainsFunc(o.Params, func(p dossier.Param) bool { return p.Name == name }) {
			w.Pointer = "/" + o.Act + w.Pointer
		} else {
			w.Pointer = ""
		}
		list = append(list, w)
	}
	return list
}

// typedFor lists what was typed for an act that is not offered any more.
func (v *visit) typedFor(sent *attempt, p *dossierPage) []typed {
	labels := map[string]string{}
	for name, key := range paramWords {
		labels[name] = v.T(key)
	}
	learn := func(fields []form.Field) {
		for i := range fields {
			labels[fields[i].ID] = fields[i].Label.In(v.Lang)
		}
	}
	for i := range p.track.Process.Steps {
		learn(p.track.Process.Steps[i].Inputs)
	}
	for i := range p.track.Edition.Results {
		learn(p.track.Edition.Results[i].Inputs)
	}
	var list []typed
	for name, value := range sent.given {
		text := form.Raw(value)
		if many, ok := value.([]any); ok {
			var texts []string
			for _, x := range many {
				texts = append(texts, form.Raw(x))
			}
			text = strings.Join(texts, "; ")
		}
		if text == "" {
			continue
		}
		label, ok := labels[strings.SplitN(name, ".", 2)[0]]
		if !ok {
			label = name
		}
		list = append(list, typed{label, text})
	}
	slices.SortFunc(list, func(a, b typed) int { return strings.Compare(a.Label, b.Label) })
	return list
}

// paramWords name the parameters that are no officer's input.
var paramWords = map[string]string{"note": "desk.param.note", "reason": "desk.param.reason", "officer": "desk.param.officer", "to": "desk.param.to",
	"method": "desk.param.method", "action": "desk.param.action", "components": "desk.param.components"}

// doAct does an act and goes on to the next dossier of the queue.
func doAct(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	offers, err := v.Book.Offers(v.R.Context(), v.who, &f.State)
	if err != nil {
		return err
	}
	act, values := v.R.PathValue("act"), v.R.PostForm
	sent := &attempt{act: act}
	if sent.given, err = v.Book.WholeParams(v.R.Context(), v.who, f.State.Code, act, given(offerOf(offers, act), values)); err != nil {
		return err
	}
	sent.version, _ = strconv.Atoi(values.Get("version"))
	if add, remove := values.Get("add"), values.Get("remove"); add != "" || remove != "" {
		questions, answers := []form.Field{asked(offerOf(offers, act))}, form.Answers{act: sent.given}
		form.AddItem(questions, answers, add)
		form.RemoveItem(questions, answers, remove)
		return v.showAgain(f.State.Code, sent, http.StatusOK)
	}
	if values.Get("then") == "preview" {
		pdf, err := v.Book.Preview(v.R.Context(), v.who, &f, act, sent.given)
		if refusal.As(err) != nil {
			return v.refused(err, f.State.Code, sent)
		}
		return v.sendPDF(string(f.State.Code)+"-xem-truoc", pdf, err)
	}
	key, err := v.key("", v.R.PostForm)
	if err != nil {
		return err
	}
	s, err := v.Book.Act(v.R.Context(), v.who, f.State.Code, dossier.Request{Act: act, Version: sent.version, Params: sent.given, Key: key})
	if err != nil {
		return v.refused(err, f.State.Code, sent)
	}
	if _, err := v.Book.Saw(v.R.Context(), v.who, &s); err != nil && !refusal.Is(err, refusal.Unavailable) {
		return err
	}
	to, err := v.after(&f.State, &s, values.Get("hang"))
	if err != nil {
		return err
	}
	return v.Redirect(say(to, act, s.Code) + "#viec")
}

// refused shows the dossier as it is now, with what was typed.
func (v *visit) refused(err error, code dossier.Code, sent *attempt) error {
	sent.wrong = refusal.As(err)
	if sent.wrong == nil || sent.wrong.Kind == refusal.NotFound {
		return err
	}
	if again := v.showAgain(code, sent, web.Status(err)); again == nil {
		return nil
	}
	return err
}

// showAgain shows the dossier as it is now, with what was typed for an act.
func (v *visit) showAgain(code dossier.Code, sent *attempt, status int) error {
	f, err := v.Book.Open(v.R.Context(), v.who, code)
	if err != nil {
		return err
	}
	p, err := v.dossierPage(&f, v.R.PostForm.Get("hang"), v.R.PostForm.Get("xem"), sent)
	if err != nil {
		return err
	}
	p.Path = dossierPath(code, p.Hang)
	return v.Render(status, "dossier_show", p)
}

// given reads the parameters of an act from a form; of one that is not offered
// (any more) as they were typed.
func given(o dossier.Offer, values url.Values) map[string]any {
	if len(o.Params) > 0 {
		g, _ := form.FromValues([]form.Field{asked(o)}, values)[o.Act].(map[string]any)
		return g
	}
	g := map[string]any{}
	for name, list := range values {
		if short, ok := strings.CutPrefix(name, o.Act+"."); ok && len(list) > 0 {
			g[short] = list[len(list)-1]
		}
	}
	return g
}

// after is where an officer goes on: on the same dossier while it waits in the
// same queue, otherwise to the one behind it, otherwise to the queue.
func (v *visit) after(before, now *dossier.State, hang string) (string, error) {
	if hang == "" {
		return dossierPath(now.Code, ""), nil
	}
	if string(now.Work) == hang && !now.Forward && !now.Closed() {
		offers, err := v.Book.Offers(v.R.Context(), v.who, now)
		if err != nil {
			return "", err
		}
		if len(offers) > 0 && !offers[0].Aside {
			return dossierPath(now.Code, hang), nil
		}
	}
	next, known, err := v.behind(hang, before.Position(), now.Code)
	switch {
	case err != nil || !known:
		return dossierPath(now.Code, ""), err
	case next == "":
		return queuePath(hang), nil
	}
	return dossierPath(next, hang), nil
}

// behind is the dossier behind a position in a queue, or the first one; "" if
// there is no other. known is false for a queue that the officer does not have.
func (v *visit) behind(hang string, at dossier.After, not dossier.Code) (code dossier.Code, known bool, err error) {
	code, err = v.Book.Next(v.R.Context(), v.who, dossier.Work(hang), at, not)
	if refusal.Is(err, refusal.NotFound) {
		return "", false, nil
	}
	return code, err == nil, err
}

// say adds to an address what its page says was done.
func say(to, act string, code dossier.Code) string {
	mark := "?"
	if strings.Contains(to, "?") {
		mark = "&"
	}
	return to + mark + url.Values{"da": {act}, "ma": {string(code)}}.Encode()
}

// newKey makes a key under which a form is done once.
func newKey() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// keyLimit is the longest key that is taken.
const keyLimit = 100

// key is the key of the form that was sent, for one of the things it does: the
// same form sent again gives the same answer. What was typed belongs to it.
func (v *visit) key(part string, typed url.Values) (*dossier.Key, error) {
	value := typed.Get("key")
	if value == "" {
		return nil, nil
	}
	if len(value) > keyLimit {
		return nil, refusal.New(refusal.Invalid, "request.key_long", "n", keyLimit)
	}
	asked := url.Values{}
	for name, list := range typed {
		if name != "csrf" && name != "key" {
			asked[name] = list
		}
	}
	sum := sha256.Sum256([]byte(v.R.URL.Path + "\n" + part + "\n" + asked.Encode()))
	return &dossier.Key{Value: value + part, Hash: hex.EncodeToString(sum[:])}, nil
}

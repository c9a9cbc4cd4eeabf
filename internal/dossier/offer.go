// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"slices"
	"strconv"
	"time"

	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/workflow"
)

// Offer is an act that this caller may do on this dossier now, with what it
// asks for. A caller that fills every required parameter with its first choice
// or its example does something valid that carries the dossier forward.
type Offer struct {
	Act    string    `json:"act"`
	Label  form.Text `json:"label"`
	Aside  bool      `json:"aside,omitempty"` // leads aside or back, not forward
	Params []Param   `json:"params"`
}

// Param is something an act asks for.
type Param struct {
	Name     string        `json:"name"`
	Label    form.Text     `json:"label,omitzero"`
	Type     string        `json:"type"` // string, text, date, instant, choice, choices, file, amount, items, object, documents
	Required bool          `json:"required"`
	Choices  []form.Option `json:"choices,omitempty"`
	Example  any           `json:"example,omitempty"`
	Value    any           `json:"value,omitempty"` // what it starts from
	Params   []Param       `json:"params,omitempty"`
	Field    *form.Field   `json:"-"` // of an officer's input: the question itself
}

// Filled answers what must be answered, as the parameters suggest: with the
// first choice or the example.
func Filled(params []Param) map[string]any {
	given := map[string]any{}
	for _, p := range params {
		switch {
		case !p.Required:
		case len(p.Choices) > 0 && p.Type == "choices":
			given[p.Name] = []any{p.Choices[0].Value}
		case len(p.Choices) > 0:
			given[p.Name] = p.Choices[0].Value
		default:
			given[p.Name] = p.Example
		}
	}
	return given
}

// Offers lists what a caller may do with a dossier now.
func (b *Book) Offers(ctx context.Context, who Actor, s *State) ([]Offer, error) {
	var offers []Offer
	err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		offers, err = b.offers(tx, who, s)
		return err
	})
	return offers, err
}

func (b *Book) offers(tx *db.Tx, who Actor, s *State) ([]Offer, error) {
	d, err := b.desk(tx, s, who)
	if err != nil {
		return nil, err
	}
	return d.offers()
}

func (d *desk) offers() ([]Offer, error) {
	offers := []Offer{}
	for i := range acts {
		a := &acts[i]
		right, ok := d.who.may(a.name, d.State, d.process)
		if !ok || a.open(d) != nil {
			continue
		}
		d.right = right
		params, err := d.asks(a)
		if err != nil {
			return nil, err
		}
		offers = append(offers, Offer{Act: a.name, Label: d.label(a), Aside: a.aside, Params: params})
	}
	return offers, nil
}

// label is the process's own word where an act has only one way on.
func (d *desk) label(a *act) form.Text {
	if a.name == "collect" {
		due := form.Grouped(strconv.FormatInt(sum(d.Unpaid()), 10))
		return form.Text{VI: "Thu " + due + " đồng phí, lệ phí", EN: "Collect " + due + " đồng in fees"}
	}
	if step := d.current(); step != nil && !d.Closed() && !d.Forward {
		ways := 0
		label := form.Text{}
		for _, way := range step.Actions {
			if string(way.Act) == a.name {
				ways++
				label = way.Label
			}
		}
		if ways == 1 {
			return label
		}
	}
	return a.label
}

// asks lists the parameters of an act on this dossier.
func (d *desk) asks(a *act) ([]Param, error) {
	if a.asks == nil {
		return []Param{}, nil
	}
	return a.asks(d)
}

// What many acts ask for.
var (
	noteParam   = Param{Name: "note", Label: form.Text{VI: "Ghi chú", EN: "Note"}, Type: "text"}
	reasonParam = Param{Name: "reason", Label: form.Text{VI: "Lý do", EN: "Reason"}, Type: "text", Required: true, Example: "Cần kiểm tra lại nội dung."}
)

func (d *desk) componentsParam() Param {
	p := Param{Name: "components", Label: form.Text{VI: "Thành phần hồ sơ đã kiểm tra, đầy đủ và hợp lệ", EN: "Components checked, complete and valid"}, Type: "choices"}
	for _, k := range d.toCheck() {
		p.Choices = append(p.Choices, form.Option{Value: k.ID, Label: k.Name})
	}
	return p
}

func (d *desk) officerParam(anyone bool) Param {
	p := Param{Name: "officer", Label: form.Text{VI: "Người xử lý", EN: "Officer"}, Type: "choice", Required: true}
	for _, o := range d.specialists() {
		if anyone || o.Account != d.Assignee {
			p.Choices = append(p.Choices, form.Option{Value: o.Login, Label: form.Text{VI: o.Name}})
		}
	}
	return p
}

// actionParam offers the actions of a step by an act.
func (d *desk) actionParam(step *workflow.StepOfWay, act workflow.Act) ([]Param, error) {
	ways, err := d.offered(step, act)
	if err != nil {
		return nil, err
	}
	if len(ways) < 2 {
		return []Param{}, nil
	}
	p := Param{Name: "action", Label: form.Text{VI: "Kết quả của bước", EN: "Outcome of the step"}, Type: "choice", Required: true}
	for _, a := range ways {
		p.Choices = append(p.Choices, form.Option{Value: a.ID, Label: a.Label})
	}
	return []Param{p}, nil
}

// offered are the actions of a step by an act that somebody may choose. Where inputs
// still to be given decide, that is all, first those that are open if the inputs are
// given as their examples say.
func (d *desk) offered(step *workflow.StepOfWay, act workflow.Act) ([]workflow.Action, error) {
	ways, err := d.ways(step, act, form.Examples(step.Inputs, d.now))
	if err != nil || len(step.Inputs) == 0 {
		return ways, err
	}
	for _, a := range step.Actions {
		if a.Act == act && !slices.ContainsFunc(ways, func(w workflow.Action) bool { return w.ID == a.ID }) {
			ways = append(ways, a)
		}
	}
	return ways, nil
}

// inputParams shows an officer's questions as parameters, each with a choice
// or an example that is valid now.
func inputParams(fields []form.Field, start map[string]any, now time.Time) []Param {
	var params []Param
	asked := form.Examples(fields, now)
	for i := range fields {
		q := &fields[i]
		_, required := asked[q.ID]
		p := Param{Name: q.ID, Label: q.Label, Type: "string", Required: required, Field: q, Value: start[q.ID]}
		switch q.Type {
		case form.LongText:
			p.Type = "text"
		case form.Date:
			p.Type = "date"
		case form.Choice:
			p.Type, p.Choices = "choice", startingWith(q.Options, start[q.ID])
		case form.Choices:
			p.Type, p.Choices = "choices", q.Options
		case form.Integer, form.Money, form.Decimal:
			p.Type = "amount"
		case form.YesNo:
			p.Type, p.Choices = "choice", yesNo
			if start[q.ID] == false {
				p.Choices = startingWith(yesNo, "no")
			}
		case form.Group:
			p.Type, p.Params = "items", inputParams(q.Fields, nil, now)
		}
		if p.Choices == nil {
			p.Example = p.Value
			if p.Example == nil {
				p.Example = form.Example(q, now)
			}
		}
		params = append(params, p)
	}
	return params
}

// startingWith puts the option that is chosen already before the others.
func startingWith(options []form.Option, chosen any) []form.Option {
	i := slices.IndexFunc(options, func(o form.Option) bool { return o.Value == chosen })
	if i <= 0 {
		return options
	}
	ordered := append([]form.Option{options[i]}, options[:i]...)
	return append(ordered, options[i+1:]...)
}

var yesNo = []form.Option{{Value: "yes", Label: form.Text{VI: "Có", EN: "Yes"}}, {Value: "no", Label: form.Text{VI: "Không", EN: "No"}}}

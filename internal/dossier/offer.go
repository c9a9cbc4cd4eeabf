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
	Params []Param   `json:"params"`
}

// Param is something an act asks for.
type Param struct {
	Name     string        `json:"name"`
	Label    form.Text     `json:"label,omitzero"`
	Type     string        `json:"type"` // string, text, date, instant, choice, choices, file, amount, items
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

var labels = map[string]form.Text{
	"receive":   {VI: "Tiếp nhận hồ sơ", EN: "Receive"},
	"forward":   {VI: "Chuyển hồ sơ đến cơ quan giải quyết", EN: "Forward to the competent agency"},
	"assign":    {VI: "Phân công xử lý", EN: "Assign"},
	"reassign":  {VI: "Phân công lại", EN: "Reassign"},
	"step":      {VI: "Hoàn thành bước", EN: "Complete the step"},
	"propose":   {VI: "Trình kết quả", EN: "Put up the result"},
	"approve":   {VI: "Ký duyệt", EN: "Approve"},
	"send_back": {VI: "Trả lại", EN: "Send back"},
	"issue":     {VI: "Phát hành kết quả", EN: "Issue the result"},
	"collect":   {VI: "Thu phí, lệ phí", EN: "Collect fees"},
	"hand_over": {VI: "Trả kết quả", EN: "Hand over the result"},
	"rate":      {VI: "Đánh giá việc phục vụ", EN: "Rate the service"},
}

// offered is the order in which acts are listed: what carries the dossier
// forward before what leads back.
var offered = []string{"receive", "forward", "assign", "step", "propose", "approve", "send_back", "issue", "hand_over", "collect", "reassign", "rate"}

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
	for _, act := range offered {
		right, ok := d.who.may(act, d.State, d.process)
		if !ok || !d.open(act) {
			continue
		}
		d.right = right
		params, err := d.asks(act)
		if err != nil {
			return nil, err
		}
		offers = append(offers, Offer{Act: act, Label: d.label(act), Params: params})
	}
	return offers, nil
}

// label is the process's own word where an act has only one way on.
func (d *desk) label(act string) form.Text {
	if act == "collect" {
		due := form.Grouped(strconv.FormatInt(sum(d.Unpaid()), 10))
		return form.Text{VI: "Thu " + due + " đồng phí, lệ phí", EN: "Collect " + due + " đồng in fees"}
	}
	if step := d.current(); step != nil && d.Phase != Returned && !d.Forward {
		ways := 0
		label := form.Text{}
		for _, a := range step.Actions {
			if string(a.Act) == act {
				ways++
				label = a.Label
			}
		}
		if ways == 1 {
			return label
		}
	}
	return labels[act]
}

// open is true when the state permits the act to somebody who may do it: the
// same conditions that the rules check.
func (d *desk) open(act string) bool {
	switch act {
	case "forward":
		return d.Forward
	case "collect":
		return d.Phase != Filed && len(d.Unpaid()) > 0
	case "rate":
		return (d.Phase == Ready || d.Phase == Returned) && !d.Rated
	case "reassign":
		return d.Phase == Running && !d.Forward && d.Assignee != 0 && len(d.others()) > 0
	case "assign":
		if d.unassigned() {
			return d.who.Holds(workflow.Head, d.Competent) && len(d.specialists()) > 0
		}
	case "hand_over":
		if len(d.Unpaid()) > 0 {
			return false
		}
	}
	_, err := d.inHand(workflow.Act(act))
	return err == nil
}

// asks lists the parameters of an act on this dossier.
func (d *desk) asks(act string) ([]Param, error) {
	note := Param{Name: "note", Label: form.Text{VI: "Ghi chú", EN: "Note"}, Type: "text"}
	reason := Param{Name: "reason", Label: form.Text{VI: "Lý do", EN: "Reason"}, Type: "text", Required: true, Example: "Cần kiểm tra lại nội dung."}
	switch act {
	case "receive":
		return []Param{d.componentsParam(), note}, nil
	case "assign":
		return []Param{d.officerParam(true), note}, nil
	case "reassign":
		return []Param{d.officerParam(false), reason}, nil
	case "step":
		return d.stepParams(workflow.Step, note)
	case "propose":
		return d.proposeParams(note)
	case "approve":
		return d.stepParams(workflow.Approve, note)
	case "send_back":
		params, err := d.actionParam(d.current(), workflow.SendBack)
		return append(params, reason), err
	case "collect":
		return []Param{{Name: "method", Label: form.Text{VI: "Hình thức thu", EN: "Paid by"}, Type: "choice", Required: true, Choices: []form.Option{
			{Value: "cash", Label: form.Text{VI: "Tiền mặt", EN: "Cash"}}, {Value: "card", Label: form.Text{VI: "Thẻ", EN: "Card"}}}}}, nil
	case "hand_over":
		return []Param{{Name: "to", Label: form.Text{VI: "Người nhận", EN: "Received by"}, Type: "string", Value: d.Applicant.Name}}, nil
	case "rate":
		return rateParams(), nil
	}
	return []Param{}, nil
}

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

func (d *desk) others() []form.Option { return d.officerParam(false).Choices }

func (d *desk) stepParams(act workflow.Act, note Param) ([]Param, error) {
	step := d.current()
	params, err := d.actionParam(step, act)
	if err != nil {
		return nil, err
	}
	if act == workflow.Step {
		params = append(params, inputParams(step.Inputs, nil, d.now)...)
	}
	return append(params, note), nil
}

// actionParam offers the actions of a step by an act. Where inputs still to be
// given decide, all are listed, first those that are open if the inputs are
// given as their examples say.
func (d *desk) actionParam(step *workflow.StepOfWay, act workflow.Act) ([]Param, error) {
	ways, err := d.ways(step, act, examples(step.Inputs, d.now))
	if err != nil {
		return nil, err
	}
	if len(step.Inputs) > 0 {
		for _, a := range step.Actions {
			if a.Act == act && !slices.ContainsFunc(ways, func(w workflow.Action) bool { return w.ID == a.ID }) {
				ways = append(ways, a)
			}
		}
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

// examples answers the inputs as their parameters suggest: each that must be
// answered, given the answers before it.
func examples(fields []form.Field, now time.Time) form.Answers {
	answers := form.Answers{}
	for i := range fields {
		if q := &fields[i]; !q.Optional && q.When.Holds(form.Scope{Answers: answers}) {
			answers[q.ID] = form.Example(q, now)
		}
	}
	return answers
}

func (d *desk) proposeParams(note Param) ([]Param, error) {
	t, err := d.template()
	if err != nil {
		return nil, err
	}
	if err := d.prefill(t); err != nil {
		return nil, err
	}
	params, err := d.actionParam(d.current(), workflow.Propose)
	if err != nil {
		return nil, err
	}
	return append(append(params, inputParams(t.Inputs, d.params.given, d.now)...), note), nil
}

func rateParams() []Param {
	words := []form.Text{{VI: "Mức độ hài lòng chung", EN: "Overall"}, {VI: "Thuận tiện", EN: "Convenience"}, {VI: "Đúng hạn", EN: "Punctuality"}, {VI: "Thái độ phục vụ", EN: "Attitude"}}
	answers := []form.Option{
		{Value: "very_satisfied", Label: form.Text{VI: "Rất hài lòng", EN: "Very satisfied"}},
		{Value: "satisfied", Label: form.Text{VI: "Hài lòng", EN: "Satisfied"}},
		{Value: "not_satisfied", Label: form.Text{VI: "Chưa hài lòng", EN: "Not satisfied"}},
	}
	var params []Param
	for i, c := range Criteria {
		params = append(params, Param{Name: c, Label: words[i], Type: "choice", Required: true, Choices: answers})
	}
	return append(params, Param{Name: "comment", Label: form.Text{VI: "Ý kiến của bạn", EN: "Your comment"}, Type: "text"})
}

// inputParams shows an officer's questions as parameters, each with a choice
// or an example that is valid now.
func inputParams(fields []form.Field, start map[string]any, now time.Time) []Param {
	var params []Param
	asked := examples(fields, now)
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
		if p.Choices == nil && p.Params == nil {
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

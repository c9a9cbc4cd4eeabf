// SPDX-License-Identifier: Apache-2.0

package dossier

import "motcua/internal/form"

// Incident is something that went wrong with the dossier: who was at fault, and
// what is done about it (NĐ 61/2018 art. 21).
type Incident struct {
	What    string `json:"what"`  // lost, damaged, wrong_result, other
	Fault   string `json:"fault"` // reception, competent, post, applicant, nobody
	Text    string `json:"text"`
	Remedy  string `json:"remedy"`
	Apology bool   `json:"apology"`
}

func (Incident) kind() string { return "incident" }

func (Incident) apply(s *State, _ Record) { s.Incidents++ }

var incidentAct = act{
	name: "incident", label: form.Text{VI: "Ghi sự cố của hồ sơ", EN: "Record an incident"},
	aside: true,
	open: func(d *desk) error {
		if d.Phase == Filed {
			return d.notNow("incident")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) { return inputParams(incidentFields, nil, d.now), nil },
	rule: func(d *desk) ([]Event, error) {
		given := d.params.fields(incidentFields, d)
		apology, _ := given["apology"].(bool)
		return []Event{Incident{What: given.Text("what"), Fault: given.Text("fault"), Text: given.Text("text"), Remedy: given.Text("remedy"), Apology: apology}}, nil
	},
}

var incidentFields = []form.Field{
	{ID: "what", Type: form.Choice, Label: form.Text{VI: "Sự cố", EN: "What happened"}, Options: []form.Option{
		{Value: "lost", Label: form.Text{VI: "Mất, thất lạc hồ sơ hoặc giấy tờ", EN: "Papers are lost"}},
		{Value: "damaged", Label: form.Text{VI: "Hư hỏng giấy tờ", EN: "Papers are damaged"}},
		{Value: "wrong_result", Label: form.Text{VI: "Kết quả có sai sót", EN: "The result is wrong"}},
		{Value: "other", Label: form.Text{VI: "Sự cố khác", EN: "Something else"}}}},
	{ID: "fault", Type: form.Choice, Label: form.Text{VI: "Do ai", EN: "At fault"}, Options: []form.Option{
		{Value: "reception", Label: form.Text{VI: "Nơi tiếp nhận", EN: "The one-stop"}},
		{Value: "competent", Label: form.Text{VI: "Cơ quan giải quyết", EN: "The agency that decides"}},
		{Value: "post", Label: form.Text{VI: "Bưu chính", EN: "The post"}},
		{Value: "applicant", Label: form.Text{VI: "Người nộp", EN: "The applicant"}},
		{Value: "nobody", Label: form.Text{VI: "Không do ai (thiên tai, sự cố bất khả kháng)", EN: "Nobody (disaster)"}}}},
	{ID: "text", Type: form.LongText, Label: form.Text{VI: "Diễn biến", EN: "How it happened"}, Length: 4000},
	{ID: "remedy", Type: form.LongText, Label: form.Text{VI: "Cách khắc phục và chi phí ai chịu", EN: "Remedy, and who pays"}, Length: 4000},
	{ID: "apology", Type: form.YesNo, Label: form.Text{VI: "Xin lỗi người đề nghị", EN: "Apologise to the applicant"}},
}

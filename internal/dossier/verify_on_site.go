// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/regime"
)

// VerifiedOnSite is the record of a verification in the field: when and where it
// was, who took part, what was found (NĐ 61/2018 art. 19(3)). The applicant
// reads all of it.
type VerifiedOnSite struct {
	At           time.Time `json:"at"`
	Place        string    `json:"place"`
	Participants []string  `json:"participants"`
	Content      string    `json:"content"`
	Present      bool      `json:"present"` // was the applicant there
}

func (VerifiedOnSite) kind() string { return "verified_on_site" }

func (VerifiedOnSite) apply(s *State, _ Record) { s.Verifications++ }

var verifyOnSiteAct = act{
	name: "verify_on_site", label: form.Text{VI: "Ghi biên bản kiểm tra, xác minh thực địa", EN: "Record a field verification"},
	aside: true,
	open: func(d *desk) error {
		if d.Phase == Running && d.Wait != nil && d.Wait.For == regime.Visit && d.holdsStep() {
			return nil
		}
		return d.handles("verify_on_site")
	},
	asks: func(d *desk) ([]Param, error) {
		return inputParams(verificationFields, map[string]any{"day": local(d.now).String(), "time": d.now.Format("15:04")}, d.now), nil
	},
	rule: verifyOnSite,
}

// verifyOnSite records a verification; a dossier that waited for it goes on.
func verifyOnSite(d *desk) ([]Event, error) {
	given := d.params.fields(verificationFields, d)
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	day, err := calendar.ParseDate(given.Text("day"))
	if err != nil {
		return nil, err
	}
	at, err := time.Parse("15:04", given.Text("time"))
	if err != nil {
		return nil, err
	}
	present, _ := given["present"].(bool)
	e := VerifiedOnSite{At: day.At(at.Hour()*60 + at.Minute()), Place: given.Text("place"), Content: given.Text("content"), Present: present}
	if e.At.After(d.now) {
		d.params.refuse("time", "dossier.visit.future")
		return nil, d.params.wrong()
	}
	items, _ := given["participants"].([]any)
	for _, x := range items {
		item, _ := x.(map[string]any)
		e.Participants = append(e.Participants, form.Answers(item).Text("who"))
	}
	if d.Wait == nil {
		return []Event{e}, nil
	}
	on, err := d.resumed("")
	return []Event{e, on}, err
}

var verificationFields = []form.Field{
	{ID: "day", Type: form.Date, Label: form.Text{VI: "Ngày kiểm tra, xác minh", EN: "Day"}, To: "today"},
	{ID: "time", Type: form.TimeOfDay, Label: form.Text{VI: "Giờ", EN: "Time"}},
	{ID: "place", Type: form.ShortText, Label: form.Text{VI: "Địa điểm", EN: "Place"}, Length: 300},
	{ID: "participants", Type: form.Group, Label: form.Text{VI: "Thành phần tham gia", EN: "Who took part"},
		Repeat: &form.Repeat{Min: 1, Max: 20, Item: form.Text{VI: "Người", EN: "Person"}},
		Fields: []form.Field{{ID: "who", Type: form.ShortText, Label: form.Text{VI: "Họ tên, chức vụ hoặc tư cách", EN: "Name and capacity"}, Length: 200}}},
	{ID: "present", Type: form.YesNo, Label: form.Text{VI: "Người đề nghị có mặt", EN: "The applicant was there"}},
	{ID: "content", Type: form.LongText, Label: form.Text{VI: "Nội dung, kết quả kiểm tra, xác minh", EN: "What was found"}, Length: 4000},
}

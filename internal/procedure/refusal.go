// SPDX-License-Identifier: Apache-2.0

package procedure

import "motcua/internal/form"

// Refusal is the result of a dossier that is refused after it was received: it
// is a result in writing, of any procedure (NĐ 61/2018 art. 19(8)).
var Refusal = &Template{
	ID:       "refusal",
	Name:     form.Text{VI: "Văn bản từ chối giải quyết hồ sơ", EN: "Refusal in writing"},
	Title:    "THÔNG BÁO TỪ CHỐI GIẢI QUYẾT HỒ SƠ",
	Subtitle: "{procedure}",
	Number:   "TB-TCGQ",
	SignedBy: "THỦ TRƯỞNG CƠ QUAN",
	Inputs: []form.Field{
		{ID: "_reason", Type: form.LongText, Label: form.Text{VI: "Lý do từ chối", EN: "Why it is refused"}, Length: 4000},
		{ID: "_basis", Type: form.LongText, Label: form.Text{VI: "Căn cứ pháp lý", EN: "Legal basis"}, Length: 1000},
		{ID: "_guidance", Type: form.LongText, Label: form.Text{VI: "Hướng dẫn việc cần làm tiếp", EN: "What the person can do now"}, Length: 2000, Optional: true},
	},
	Lines: []Line{
		{Text: "Kính gửi: {applicant}."},
		{Text: "{agency} đã xem xét hồ sơ mã số {code}, tiếp nhận ngày {received_on}, về việc {procedure}."},
		{Text: "Hồ sơ không đủ điều kiện giải quyết, với lý do như sau:"},
		{Text: "{_reason}"},
		{Label: "Căn cứ", Value: "{_basis}"},
		{Label: "Hướng dẫn", Value: "{_guidance}"},
		{Text: "Không đồng ý với nội dung này, Ông/Bà có quyền khiếu nại theo quy định của pháp luật."},
	},
}

// Result returns a paper by its id, the refusal included; nil if there is none.
func (e *Edition) Result(id string) *Template {
	for i := range e.Results {
		if e.Results[i].ID == id {
			return &e.Results[i]
		}
	}
	if id == Refusal.ID {
		return Refusal
	}
	return nil
}

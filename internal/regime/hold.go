// SPDX-License-Identifier: Apache-2.0

package regime

import (
	"motcua/internal/calendar"
	"motcua/internal/form"
)

// Cause is why a dossier waits for somebody outside the agency that handles it.
type Cause string

// The causes of waiting.
const (
	Supplement Cause = "supplement" // the applicant completes the dossier
	Payment    Cause = "payment"    // the applicant does a financial duty
	Visit      Cause = "visit"      // a field visit on a day that the applicant chose
	OtherLaw   Cause = "other_law"  // a procedure of another law has to end first
	Competence Cause = "competence" // it is not clear which agency decides
	Outage     Cause = "outage"     // the system could not be used
)

// Causes are the causes of a pause, in the order in which they are offered.
var Causes = []Cause{Supplement, Payment, Visit, OtherLaw}

// Hold is what a cause of waiting does to a dossier under a regime.
type Hold struct {
	Name   form.Text
	Policy calendar.Policy // what it does to the clock
	Basis  string
	Status Status // national code meanwhile
}

// holds by cause. What a special law says of its own procedures goes before.
var holds = map[Cause]Hold{
	Supplement: {Name: form.Text{VI: "Chờ bổ sung hồ sơ", EN: "Waiting for what is missing"}, Policy: calendar.Restart, Status: AskedMore},
	Payment:    {Name: form.Text{VI: "Chờ thực hiện nghĩa vụ tài chính", EN: "Waiting for a financial duty"}, Policy: calendar.Resume, Status: PaymentDue},
	Visit:      {Name: form.Text{VI: "Chờ kiểm tra, xác minh thực địa theo ngày người đề nghị chọn", EN: "Waiting for the field visit on the day chosen"}, Policy: calendar.Resume, Status: Processing},
	OtherLaw:   {Name: form.Text{VI: "Chờ kết quả thủ tục theo luật khác", EN: "Waiting for a procedure of another law"}, Policy: calendar.Resume, Status: Processing},
	Outage:     {Name: form.Text{VI: "Hệ thống một cửa gián đoạn", EN: "The system could not be used"}, Policy: calendar.Resume, Status: Processing},
	Competence: {Name: form.Text{VI: "Chờ xác định cơ quan có thẩm quyền", EN: "Waiting for the competent agency to be determined"}, Policy: calendar.None, Status: Processing},
}

// Hold returns what a cause does under this regime: a supplement makes the
// limit count anew once the dossier is complete (NĐ 61/2018 art. 19(4)), all
// else stops the clock until it goes on.
func (r Regime) Hold(c Cause) Hold {
	h := holds[c]
	h.Basis = r.Basis
	if c == Supplement && r.Appraisal != "" {
		h.Basis = r.Appraisal
	}
	return h
}

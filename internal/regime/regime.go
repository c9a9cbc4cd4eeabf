// SPDX-License-Identifier: Apache-2.0

// Package regime is the law in force on a date: which forms, words and clock
// rules hold for a dossier. A dossier pins its regime at valid reception and
// keeps it; nothing else in the program may mention a year.
//
// Start at On.
package regime

import (
	"motcua/internal/calendar"
	"motcua/internal/form"
)

// ID names a legal regime.
type ID string

// Regime is one body of law on the one-stop, with its day of force.
type Regime struct {
	ID    ID
	From  calendar.Date // first day of valid reception it holds for
	Basis string        // the decree it rests on
	Stops bool          // a dossier may be stopped by a notice (form 05 of 2025)

	Boundless   string // by what any one-stop of the province receives for any agency; "" before it did
	AtCompetent bool   // such a dossier counts from when the competent agency has it

	Appraisal string    // what lets the clock restart after a supplement, as cited
	Starts    form.Text // when counting starts, as the receipt says it
}

// regimes in order of force (DOMAIN §0). Forms have days of their own: see FormsOn.
var regimes = []Regime{
	{ID: "R2019", From: calendar.MustDate("2018-06-21"), Basis: "Nghị định 61/2018/NĐ-CP", Appraisal: "Nghị định 61/2018/NĐ-CP, Điều 19 khoản 4",
		Starts: form.Text{VI: "Thời hạn tính từ khi tiếp nhận hồ sơ.", EN: "The time limit counts from reception."}},
	{ID: "R2021", From: calendar.MustDate("2021-12-06"), Basis: "Nghị định 61/2018/NĐ-CP, sửa đổi bởi Nghị định 107/2021/NĐ-CP", Appraisal: "Nghị định 61/2018/NĐ-CP, Điều 19 khoản 4",
		Starts: form.Text{VI: "Thời hạn tính từ khi tiếp nhận hồ sơ.", EN: "The time limit counts from reception."}},
	{ID: "R2025", From: calendar.MustDate("2025-07-01"), Basis: "Nghị định 118/2025/NĐ-CP", Stops: true, Boundless: "Nghị định 118/2025/NĐ-CP",
		Starts: form.Text{VI: "Thời hạn tính từ khi tiếp nhận hồ sơ đầy đủ, hợp lệ.", EN: "The time limit counts from the reception of a complete and valid dossier."}},
	{ID: "R2026", From: calendar.MustDate("2026-08-05"), Basis: "Nghị định 118/2025/NĐ-CP, sửa đổi bởi Nghị định 309/2026/NĐ-CP", Stops: true, Boundless: "Nghị định 118/2025/NĐ-CP, sửa đổi bởi Nghị định 309/2026/NĐ-CP", AtCompetent: true,
		Starts: form.Text{VI: "Thời hạn tính từ khi nhận đủ hồ sơ hợp lệ; tiếp nhận không phụ thuộc địa giới thì tính từ khi cơ quan có thẩm quyền nhận hồ sơ.", EN: "The time limit counts from when the dossier is complete and correct; received regardless of boundary, from when the competent agency has it."}},
}

// On returns the regime in force on a day. Days before the first regime belong
// to the first.
func On(day calendar.Date) Regime { return on(regimes, day) }

// Find returns a regime by its id; the latest one if there is none.
func Find(id ID) Regime { return named(regimes, id) }

func (r Regime) force() (ID, calendar.Date) { return r.ID, r.From }

// law is a body of law with its name and its first day of force.
type law interface{ force() (ID, calendar.Date) }

func on[L law](laws []L, day calendar.Date) L {
	last := laws[0]
	for _, l := range laws {
		if _, from := l.force(); !day.Before(from) {
			last = l
		}
	}
	return last
}

func named[L law](laws []L, id ID) L {
	for _, l := range laws {
		if of, _ := l.force(); of == id {
			return l
		}
	}
	return laws[len(laws)-1]
}

// FormSet names the circular whose official forms are used.
type FormSet string

// The two sets of official forms.
const (
	Forms2018 FormSet = "TT 01/2018/TT-VPCP"
	Forms2025 FormSet = "TT 03/2025/TT-VPCP"
)

// FormsOn returns the set of official forms in force on a day: those of 2025
// hold from 15 September 2025, two months and a half into their regime.
func FormsOn(day calendar.Date) FormSet {
	if day.Before(calendar.MustDate("2025-09-15")) {
		return Forms2018
	}
	return Forms2025
}

// Answer is within what time a dossier filed on line must be answered: with its
// receipt, with what is missing, or with a refusal.
type Answer struct {
	Within calendar.Limit
	Basis  string
}

// AnswerOn returns what is promised to who files on line on a day; ok is false
// before it was.
func AnswerOn(day calendar.Date) (a Answer, ok bool) {
	if day.Before(calendar.MustDate("2020-05-22")) {
		return Answer{}, false
	}
	a = Answer{calendar.Limit{N: 8, Unit: calendar.WorkingHour}, "Nghị định 45/2020/NĐ-CP"}
	if !day.Before(calendar.MustDate("2026-08-05")) {
		a.Basis += ", sửa đổi bởi Nghị định 310/2026/NĐ-CP"
	}
	return a, true
}

// Status is a national status code of a dossier, 1 to 10 (DOMAIN §7.1).
type Status int

// The national codes.
const (
	NewlyFiled  Status = 1
	Received    Status = 2
	NotReceived Status = 3
	Processing  Status = 4
	AskedMore   Status = 5
	PaymentDue  Status = 6
	Withdrawn   Status = 7
	Stopped     Status = 8
	Resolved    Status = 9
	Returned    Status = 10
)

// Closed is true for a dossier that ended without a result.
func (s Status) Closed() bool { return s == NotReceived || s == Withdrawn || s == Stopped }

// words of the national codes. They are the same in all four regimes: the
// exchange standard carried them over; a regime that changes one adds its own.
var words = map[Status]form.Text{
	1:  {VI: "Mới đăng ký", EN: "Filed"},
	2:  {VI: "Được tiếp nhận", EN: "Received"},
	3:  {VI: "Không được tiếp nhận", EN: "Not received"},
	4:  {VI: "Đang xử lý", EN: "In process"},
	5:  {VI: "Yêu cầu bổ sung giấy tờ", EN: "More papers asked for"},
	6:  {VI: "Yêu cầu thực hiện nghĩa vụ tài chính", EN: "Payment due"},
	7:  {VI: "Công dân yêu cầu rút hồ sơ", EN: "Withdrawn by the applicant"},
	8:  {VI: "Dừng xử lý", EN: "Stopped"},
	9:  {VI: "Đã xử lý xong", EN: "Resolved"},
	10: {VI: "Đã trả kết quả", EN: "Result returned"},
}

// Word returns what a status is called under this regime.
func (r Regime) Word(s Status) form.Text { return words[s] }

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"strconv"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// Extension is the one re-appointment of a dossier.
type Extension struct {
	Days   int       `json:"days"` // working days more
	From   time.Time `json:"from"` // the due instant before
	To     time.Time `json:"to"`   // and that which the person is told
	InTime bool      `json:"in_time"`
}

// Extended apologises and names a new due instant, once, at least one working
// day before the old one (NĐ 61/2018 art. 19(9); form 04). Later it is told all
// the same, and the dossier still counts by the old one.
type Extended struct {
	Extension
	Why
	Number string `json:"number"` // of form 04
}

func (Extended) kind() string { return "extended" }

func (e Extended) apply(s *State, r Record) {
	s.note("04", e.Number, r)
	x := e.Extension
	s.Extension, s.ToSign = &x, nil
	if x.InTime {
		s.Due = x.To
	}
}

var extendAct = act{
	name: "extend", label: form.Text{VI: "Xin lỗi, đề nghị gia hạn", EN: "Apologise and extend"},
	aside: true,
	open: func(d *desk) error {
		switch {
		case d.Phase == Running && d.Extension != nil:
			return refusal.New(refusal.NotNow, "dossier.extend.once").Because(d.law().Basis)
		case d.Phase != Running || d.Forward || d.Due.IsZero() || d.ToSign != nil && !d.signed:
			return d.notNow("extend")
		}
		return nil
	},
	asks: func(d *desk) ([]Param, error) { return inputParams(d.extendFields(), nil, d.now), nil },
	rule: extend,
}

// extendMost is how many working days one extension may add.
const extendMost = 60

func (d *desk) extendFields() []form.Field {
	one, most := 1.0, float64(extendMost)
	days := form.Field{ID: "days", Type: form.Integer, Label: form.Text{VI: "Số ngày làm việc cần thêm", EN: "Working days more"}, Min: &one, Max: &most}
	fields := d.whyFields("extension")
	return append([]form.Field{days}, fields[:len(fields)-1]...)
}

// extend is put to the leader, who signs the apology.
func extend(d *desk) ([]Event, error) {
	given := d.params.fields(d.extendFields(), d)
	if err := d.params.wrong(); err != nil {
		return nil, err
	}
	if !d.signed {
		return d.put("extend")
	}
	n, err := strconv.Atoi(form.Raw(given["days"]))
	if err != nil {
		return nil, err
	}
	x := Extension{Days: n, From: d.Due}
	from := d.Due
	if d.now.After(from) {
		from = d.now // too late to count, but the person is told a day to come
	}
	if x.To, err = later(d.cal, from, x.Days); err != nil {
		return nil, err
	}
	last, err := d.cal.ExtendBy(d.Due)
	if err != nil {
		return nil, err
	}
	x.InTime = !d.now.After(last)
	e := Extended{Extension: x, Why: d.whys(given)[0]}
	e.Number, err = d.formNumber("04")
	return []Event{e}, err
}

// later is a due instant moved on by working days.
func later(cal *calendar.Calendar, due time.Time, days int) (time.Time, error) {
	day, err := cal.Shift(calendar.DateOf(due), days)
	if err != nil {
		return time.Time{}, err
	}
	return cal.EndOfDay(day), nil
}

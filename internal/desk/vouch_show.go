// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"slices"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/staff"
	"motcua/internal/web"
)

// vouchPage lists who is to come in with a code that a head or leader gives the
// second part of.
type vouchPage struct {
	web.Page
	Head         bool
	Readmissions []vouchRow
}

// vouchRow is an officer who is to come in.
type vouchRow struct {
	Account                       int64
	Name, Login, Asked, At, Until string
	Posts                         []string
	Given                         bool // a second part, by whomever
}

// showVouch shows a head who asks to come in.
func showVouch(v *visit) error {
	p := vouchPage{Page: v.page(v.T("desk.vouch.title")), Head: v.who.Heads()}
	p.Back = "/mot-cua"
	list, err := v.office().Readmissions(v.R.Context(), v.who.Account)
	if err != nil {
		return err
	}
	for _, x := range list {
		row := vouchRow{Account: x.Account, Name: x.Officer.Name, Login: x.Officer.Login, At: web.Instant(v.Lang, x.AskedAt), Until: web.Instant(v.Lang, x.Until), Given: x.VouchedBy != 0, Asked: v.T("desk.vouch.machine")}
		if by := v.Site.Directory().Officer(x.AskedBy); by != nil {
			row.Asked = by.Name
		}
		row.Posts = v.postsSaid(slices.DeleteFunc(slices.Clone(x.Officer.Posts), func(p agency.Post) bool { return !staff.Held(p, calendar.DateOf(v.Now())) }))
		p.Readmissions = append(p.Readmissions, row)
	}
	return v.Render(http.StatusOK, "vouch_show", p)
}

// asking counts the officers who wait for a head or leader to vouch for them.
func (v *visit) asking() (n int, err error) {
	if !v.who.Heads() {
		return 0, nil
	}
	list, err := v.office().Readmissions(v.R.Context(), v.who.Account)
	for _, x := range list {
		if x.VouchedBy == 0 {
			n++
		}
	}
	return n, err
}

// vouch gives the second part of a code.
func vouch(v *visit) error {
	o, err := v.officerAsked()
	if err != nil {
		return err
	}
	second, err := v.office().Vouch(v.R.Context(), v.by(), o.Account)
	if err != nil {
		return err
	}
	return v.showCode(codePage{Page: v.page(v.T("desk.vouch.code_title")), Name: o.Name, Login: o.Login, Part: second, Second: true}, "/mot-cua/xac-nhan")
}

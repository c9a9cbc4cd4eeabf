// SPDX-License-Identifier: Apache-2.0

package staff

import (
	"context"
	"slices"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Readmit gives the first part of a code for an officer to come in with, by who
// administers an agency at which they have or will have a post. Refused (NotFound)
// for anybody else, (NotAllowed) for oneself.
func (o *Office) Readmit(ctx context.Context, by Administrator, account int64) (first string, err error) {
	d := o.Site.Directory()
	x := d.Officer(account)
	if x == nil || x.Left || !slices.ContainsFunc(x.Posts, func(p agency.Post) bool { return Held(p, d.Day()) && by.Administers(d, p.Agency) }) {
		return "", refusal.New(refusal.NotFound, "identity.readmit.no_officer")
	}
	return o.Register.Readmit(ctx, by.By, account)
}

// Readmission is an officer who is to come in with a code, and who may vouch for them.
type Readmission struct {
	identity.Readmission
	Officer *agency.Officer
}

// Readmissions lists the officers who are to come in and whom somebody may vouch for.
func (o *Office) Readmissions(ctx context.Context, account int64) ([]Readmission, error) {
	all, err := o.Register.Readmissions(ctx)
	if err != nil {
		return nil, err
	}
	d := o.Site.Directory()
	var list []Readmission
	for _, m := range all {
		if x := d.Officer(m.Account); x != nil && m.AskedBy != account && vouches(d, d.Officer(account), x) {
			list = append(list, Readmission{m, x})
		}
	}
	return list, nil
}

// Vouch gives the second part of a code, by who heads or leads the officer's agency
// and has made sure that it is the officer who asks. Refused (NotFound) for anybody
// else, (NotAllowed) for who gave the first part.
func (o *Office) Vouch(ctx context.Context, by audit.By, account int64) (second string, err error) {
	d := o.Site.Directory()
	x := d.Officer(account)
	if x == nil || by.Account != 0 && by.Account != account && !vouches(d, d.Officer(by.Account), x) {
		return "", refusal.New(refusal.NotFound, "identity.readmit.none")
	}
	return o.Register.VouchFor(ctx, by, account)
}

// Vouchers are who may say that somebody is this officer.
func Vouchers(d *agency.Directory, x *agency.Officer) []*agency.Officer {
	var list []*agency.Officer
	for i := range d.Officers {
		if v := &d.Officers[i]; vouches(d, v, x) {
			list = append(list, v)
		}
	}
	return list
}

// vouches is true for the heads and leaders of the agencies of an officer's posts
// and of those above; where there are none, as above a province's administrator,
// for those of the agencies below.
func vouches(d *agency.Directory, v, x *agency.Officer) bool {
	above := func(v *agency.Officer) bool {
		return leads(d, v, x, func(its, own agency.ID) bool { return d.Below(own, its) })
	}
	if v == nil || above(v) {
		return v != nil
	}
	return leads(d, v, x, d.Below) && !slices.ContainsFunc(d.Officers, func(o agency.Officer) bool { return above(&o) })
}

// leads is true for another who heads or leads, today, an agency that is related
// to one at which an officer has or will have a post.
func leads(d *agency.Directory, v, x *agency.Officer, related func(its, own agency.ID) bool) bool {
	return v.Account != x.Account && !v.Left && slices.ContainsFunc(v.Posts, func(p agency.Post) bool {
		return (p.Role == workflow.Head || p.Role == workflow.Leader) && p.On(d.Day()) && slices.ContainsFunc(x.Posts, func(q agency.Post) bool {
			return Held(q, d.Day()) && related(p.Agency, q.Agency)
		})
	})
}

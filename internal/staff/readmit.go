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
// administers an agency of theirs. Refused (NotFound) for anybody else, (NotAllowed)
// for oneself.
func (o *Office) Readmit(ctx context.Context, by Administrator, account int64) (first string, err error) {
	d := o.Site.Directory()
	x := d.Officer(account)
	if x == nil || x.Left || !slices.ContainsFunc(x.Posts, func(p agency.Post) bool { return by.Administers(d, p.Agency) }) {
		return "", refusal.New(refusal.NotFound, "identity.readmit.no_officer")
	}
	return o.Register.Readmit(ctx, by.By, account)
}

// Request is an officer who is to come in with a code, and who may vouch for them.
type Request struct {
	identity.Readmission
	Officer *agency.Officer
}

// Requests lists the officers who are to come in and whom somebody may vouch for.
func (o *Office) Requests(ctx context.Context, account int64) ([]Request, error) {
	all, err := o.Register.Readmissions(ctx)
	if err != nil {
		return nil, err
	}
	d := o.Site.Directory()
	var list []Request
	for _, m := range all {
		if x := d.Officer(m.Account); x != nil && m.AskedBy != account && slices.ContainsFunc(Vouchers(d, x), func(v *agency.Officer) bool { return v.Account == account }) {
			list = append(list, Request{m, x})
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
	if x == nil || by.Account != 0 && by.Account != account && !slices.ContainsFunc(Vouchers(d, x), func(v *agency.Officer) bool { return v.Account == by.Account }) {
		return "", refusal.New(refusal.NotFound, "identity.readmit.none")
	}
	return o.Register.VouchFor(ctx, by, account)
}

// Vouchers are who may say that somebody is this officer: the heads and leaders of
// the agencies of their posts and of those above; where there are none, as above a
// province's administrator, those of the agencies below.
func Vouchers(d *agency.Directory, x *agency.Officer) []*agency.Officer {
	knows := func(related func(theirs, own agency.ID) bool) []*agency.Officer {
		var list []*agency.Officer
		for i := range d.Officers {
			if v := &d.Officers[i]; v.Account != x.Account && !v.Left && slices.ContainsFunc(v.Posts, func(p agency.Post) bool {
				return (p.Role == workflow.Head || p.Role == workflow.Leader) && p.On(d.Day()) && slices.ContainsFunc(x.Posts, func(q agency.Post) bool {
					return Held(q, d.Day()) && related(p.Agency, q.Agency)
				})
			}) {
				list = append(list, v)
			}
		}
		return list
	}
	if list := knows(func(theirs, own agency.ID) bool { return d.Below(own, theirs) }); len(list) > 0 {
		return list
	}
	return knows(d.Below)
}

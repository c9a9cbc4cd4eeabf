// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"slices"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/payment"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Owes is true for a dossier of which something can be paid now.
func (s *State) Owes() bool { return !s.Closed() && len(s.Unpaid()) > 0 }

// Bill is what is still due of a dossier.
func (b *Book) Bill(ctx context.Context, s *State) (payment.Bill, error) {
	bill := s.bill(s.Unpaid())
	e, err := b.Catalogue.Pinned(ctx, s.Procedure, s.Edition)
	if err == nil {
		bill.Title = e.Facts.Name
	}
	return bill, err
}

func (s *State) bill(fees []Fee) payment.Bill {
	bill := payment.Bill{Code: string(s.Code), Agency: s.Competent, Procedure: s.Procedure, Payer: payment.Payer{Name: s.Applicant.Name, Number: s.Applicant.IDNumber, Address: s.Applicant.Address}}
	for _, f := range fees {
		bill.Parts = append(bill.Parts, payment.Part{Fee: f.ID, Name: f.Name, Kind: f.Kind, Amount: payment.VND(f.Amount)})
	}
	return bill
}

// Paid pays in a dossier what an order was for, as far as that is still due, in the
// transaction that takes the money; nothing of a dossier that is closed or gone. It is
// what a payment office settles with.
func (b *Book) Paid(tx *db.Tx, o *payment.Order, method string) ([]payment.Part, error) {
	d, err := b.deskOf(tx, Code(o.Code))
	if refusal.Is(err, refusal.NotFound) {
		return nil, nil
	}
	if err != nil || d.Closed() {
		return nil, err
	}
	e := Collected{Method: method, Order: string(o.Ref)}
	var paid []payment.Part
	for _, part := range d.bill(d.Unpaid()).Parts {
		if slices.ContainsFunc(o.Parts, func(p payment.Part) bool { return p.Fee == part.Fee && p.Amount == part.Amount }) {
			paid, e.Fees, e.Amount = append(paid, part), append(e.Fees, part.Fee), e.Amount+int64(part.Amount)
		}
	}
	if len(paid) == 0 {
		return nil, nil
	}
	_, err = b.happen(tx, d, []Event{e})
	return paid, err
}

// Money follows events: what a cashier took goes into the ledger and has a receipt, and
// what was paid for a dossier that ended before it was received is to be given back.
func Money(o *payment.Office) Follower {
	return func(tx *db.Tx, s *State, r Record) error {
		by := audit.By{Account: r.By.Account, Name: r.By.Name}
		if e, ok := r.Event.(Collected); ok && e.Order == "" && o.Collects(s.Competent) {
			var fees []Fee
			for _, f := range s.Fees {
				if slices.Contains(e.Fees, f.ID) {
					fees = append(fees, f)
				}
			}
			return o.AtCounter(tx, by, r.By.Agency, s.bill(fees), e.Method)
		}
		if s.Closed() && s.ReceivedAt.IsZero() && s.ClosedAt.Equal(r.At) {
			return o.GiveBack(tx, by, string(s.Code), "refused")
		}
		return nil
	}
}

// SeesMoney notes that an officer is shown what was paid for dossiers, with who paid and
// what they wrote, before it is; some of it is of none.
func (b *Book) SeesMoney(ctx context.Context, who Actor, codes ...string) error {
	l := Listing{What: ListedMoney, N: len(codes)}
	for _, c := range codes {
		if c != "" {
			l.Codes = append(l.Codes, Code(c))
		}
	}
	return b.listed(ctx, who, l)
}

// MoneyAt is true for who has one of these roles at an agency, at one above or below it,
// or at a one-stop that receives for it.
func (a Actor) MoneyAt(d *agency.Directory, at agency.ID, roles ...workflow.Role) bool {
	return slices.ContainsFunc(a.Posts, func(p agency.Post) bool {
		if !slices.Contains(roles, p.Role) {
			return false
		}
		theirs, other := d.Find(p.Agency), d.Find(at)
		return p.Agency == at || theirs != nil && (theirs.Parent == at || slices.Contains(theirs.Receives, at)) ||
			other != nil && (other.Parent == p.Agency || slices.Contains(other.Receives, p.Agency))
	})
}

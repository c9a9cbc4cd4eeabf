// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// kindOf is the event by which history tells of an act that is done at once.
// Acts that are put to the leader are told as such.
var kindOf = map[string]string{
	"receive": "received", "forward": "forwarded", "assign": "assigned", "step": "step_done", "propose": "proposed",
	"approve": "approved", "issue": "issued", "hand_over": "handed_over", "collect": "collected",
	"supplement": "supplemented", "resume": "resumed", "answer_consult": "opined", "send_back": "sent_back", "send_parts": "parts_sent", "finish_part": "part_done", "verify_on_site": "verified_on_site", "doubt_competence": "competence_doubted", "determine": "determined", "take_over": "taken_over", "correct": "corrected",
	"decline": "declined", "ask_supplement": "asked_supplement", "consult": "consulted", "pause": "paused", "undo": "undone",
	"claim": "assigned", "reassign": "reassigned", "incident": "incident", "revoke": "revoked", "message": "said", "rate": "rated", "hold": "held", "end_hold": "hold_ended",
}

// enrol makes more officers of a role, with posts where these dossiers go.
func (o *office) enrol(role workflow.Role, n int, at []agency.ID) []dossier.Actor {
	o.Helper()
	var accounts []identity.Account
	err := o.DB.Write(o.Context(), func(tx *db.Tx) error {
		accounts = nil
		for i := range n {
			a := identity.Account{Login: fmt.Sprintf("%s%02d", role, i), Name: fmt.Sprintf("%s %02d", role, i), Officer: true}
			var err error
			if a.ID, err = identity.Enrol(tx, a, "", o.now); err != nil {
				return err
			}
			for _, at := range at {
				if err := agency.SavePosts(tx, agency.Post{Account: a.ID, Role: role, Agency: at, From: calendar.DateOf(o.now)}); err != nil {
					return err
				}
			}
			accounts = append(accounts, a)
		}
		return nil
	})
	if err == nil {
		err = o.site.Refresh(o.Context())
	}
	if err != nil {
		o.Fatal(err)
	}
	var actors []dossier.Actor
	for _, a := range accounts {
		actors = append(actors, dossier.ActorOf(a, o.site.Directory(), calendar.DateOf(o.now)))
	}
	return actors
}

// crowd are officers who act at once, and what was answered to them.
type crowd struct {
	*office
	codes  []dossier.Code
	goal   int64
	done   atomic.Int64
	stale  atomic.Int64
	mu     sync.Mutex
	answer map[dossier.Code][]accepted
}

// accepted is an act that was answered as done: it led from a version to a version.
type accepted struct {
	from, to int
	act      string
	account  int64
}

// pick is one of the acts offered: seldom one that carries nothing on, and none
// that ends a dossier before its result.
func pick(r *rand.Rand, offers []dossier.Offer) (dossier.Offer, bool) {
	offers = slices.DeleteFunc(offers, func(x dossier.Offer) bool {
		ends := []string{"withdraw", "confirm_withdrawal", "stop", "refuse"}
		seldom := []string{"message", "incident", "rate", "reassign"}
		return slices.Contains(ends, x.Act) || slices.Contains(seldom, x.Act) && r.IntN(60) > 0 || x.Aside && x.Act != "revoke" && r.IntN(8) > 0
	})
	if len(offers) == 0 {
		return dossier.Offer{}, false
	}
	return offers[r.IntN(len(offers))], true
}

// work goes on until the crowd has done enough: look at a dossier, do what is
// offered, and look again if somebody was faster.
func (c *crowd) work(who dossier.Actor, r *rand.Rand) error {
	ctx := c.Context()
	for c.done.Load() < c.goal {
		code := c.codes[r.IntN(len(c.codes))]
		s, err := c.Find(ctx, who, code)
		if refusal.Is(err, refusal.NotFound) {
			continue // another's dossier
		} else if err != nil {
			return err
		}
		offers, err := c.Offers(ctx, who, &s)
		if err != nil {
			return err
		}
		offer, some := pick(r, offers)
		if !some {
			continue
		}
		params := dossier.Filled(offer.Params)
		for _, p := range offer.Params {
			if p.Name == "officer" {
				params[p.Name] = p.Choices[r.IntN(len(p.Choices))].Value
			}
		}
		key := fmt.Sprintf("%d %s %s %d", who.Account, code, offer.Act, r.Uint64())
		req := dossier.Request{Act: offer.Act, Version: s.Version, Params: params, Key: &dossier.Key{Value: key, Hash: key}}
		after, err := c.Act(ctx, who, code, req)
		if err != nil {
			if err := c.told(who, &s, offer.Act, err); err != nil {
				return err
			}
			continue
		}
		c.mu.Lock()
		c.answer[code] = append(c.answer[code], accepted{s.Version + 1, after.Version, offer.Act, who.Account})
		c.mu.Unlock()
		c.done.Add(1)
		if r.IntN(4) == 0 { // the answer was lost on the way: the same call gives it again
			again, err := c.Act(ctx, who, code, req)
			if err != nil || again.Version != after.Version {
				return fmt.Errorf("%s on %s repeated: version %d, first %d, %w", offer.Act, code, again.Version, after.Version, err)
			}
		}
	}
	return nil
}

// told holds a refusal of what was offered: somebody else has acted since, and
// who may still do the act is told that what they saw is stale.
func (c *crowd) told(who dossier.Actor, seen *dossier.State, act string, refused error) error {
	now, err := c.Find(c.Context(), who, seen.Code)
	if err != nil {
		return err
	}
	switch {
	case now.Version == seen.Version:
		return fmt.Errorf("%s on %s, offered at version %d, which is the last: %w", act, seen.Code, seen.Version, refused)
	case refusal.Is(refused, refusal.Conflict) && refusal.As(refused).Key == "dossier.version.stale":
		c.stale.Add(1)
	case !refusal.Is(refused, refusal.NotAllowed): // the post that entitled to it may be gone with the step
		return fmt.Errorf("%s on %s at version %d, now %d: %w", act, seen.Code, seen.Version, now.Version, refused)
	}
	return nil
}

// Fifty people in all roles act at once on ten dossiers: every act that was
// answered as done stands in its dossier's history once and in order, nothing
// else does, and who came late was told.
func TestFiftyAtOnceOnTenDossiers(t *testing.T) {
	o := open(t)
	var instant atomic.Int64
	instant.Store(o.now.UnixMilli())
	o.Book.Now = func() time.Time { return time.UnixMilli(instant.Add(1)) } // no two acts at once

	c := &crowd{office: o, goal: 400, answer: map[dossier.Code][]accepted{}}
	var at []agency.ID
	for i := range 10 {
		f, err := o.Sample(t.Context(), walked[i%len(walked)], "vi")
		if err != nil {
			t.Fatal(err)
		}
		s, err := o.Submit(t.Context(), o.who[[]string{"nguoidan", "nguoidan2"}[i%2]], f, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.codes = append(c.codes, s.Code)
		at = append(at, s.Reception, s.Competent)
	}
	slices.Sort(at)
	at = slices.Compact(at)
	people := []dossier.Actor{o.who["nguoidan"], o.who["nguoidan2"]}
	for _, more := range []struct {
		role workflow.Role
		n    int
	}{{workflow.Clerk, 12}, {workflow.Specialist, 16}, {workflow.Head, 8}, {workflow.Leader, 8}, {workflow.Cashier, 4}} {
		people = append(people, o.enrol(more.role, more.n, at)...)
	}
	if len(people) != 50 {
		t.Fatalf("%d people", len(people))
	}
	var all sync.WaitGroup
	for i, who := range people {
		all.Go(func() {
			if err := c.work(who, rand.New(rand.NewPCG(uint64(i), 11))); err != nil {
				t.Errorf("%s: %v", who.Login, err)
				c.done.Add(c.goal) // the others need not go on
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	if c.stale.Load() == 0 {
		t.Error("nobody was told that what they saw is stale")
	}
	acts := map[string]int{}
	for _, code := range c.codes {
		c.history(code, acts)
	}
	t.Logf("%d acts, %d told that what they saw is stale: %v", c.done.Load(), c.stale.Load(), acts)
	o.verify() // states, counters and numbers equal a recount
}

// history holds a dossier's history against what was answered: each act has its
// events, by who did it, where the act before ends; nothing else is there.
func (c *crowd) history(code dossier.Code, acts map[string]int) {
	c.Helper()
	f, err := c.Open(c.Context(), c.who["motcua"], code)
	if err != nil {
		c.Fatal(err)
	}
	answers := c.answer[code]
	slices.SortFunc(answers, func(a, b accepted) int { return cmp.Compare(a.from, b.from) })
	version := 1 // it was filed
	for _, a := range answers {
		acts[a.act]++
		if a.from != version+1 || a.to < a.from || a.to > len(f.Events) {
			c.Errorf("%s: %s made the events %d to %d, the one before ends at %d of %d", code, a.act, a.from, a.to, version, len(f.Events))
			return
		}
		for i, r := range f.Events[a.from-1 : a.to] {
			if r.By.Account != a.account && (i == 0 || r.By.Account != 0) {
				c.Errorf("%s: event %d, %s, is by %s", code, r.Seq, r.Kind(), r.By.Name)
			}
		}
		kind := f.Events[a.from-1].Kind()
		if want := kindOf[a.act]; kind != want && kind != "put_to_sign" && a.act != "sign" {
			c.Errorf("%s: %s is told as %s", code, a.act, kind)
		}
		version = a.to
	}
	if version != len(f.Events) || version != f.State.Version {
		c.Errorf("%s: %d events at version %d, the acts account for %d", code, len(f.Events), f.State.Version, version)
	}
}

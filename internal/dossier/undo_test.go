// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"motcua/internal/db"
	"motcua/internal/dossier"

	"github.com/google/go-cmp/cmp"
)

// A clock that was put back, or a second server whose clock is behind, does not
// turn history round: an act is never before the one it follows.
func TestClockPutBack(t *testing.T) {
	o := open(t)
	s := o.file("1.001193")
	filed := s.SentAt
	o.now = o.now.Add(-time.Hour)
	s = o.must("motcua", s, "receive", nil)
	s = o.must("chuyenvien", s, "claim", nil)
	s = o.must("chuyenvien", s, "undo", nil)
	if !s.ReceivedAt.Equal(filed) || !s.Latest.Equal(filed) {
		t.Errorf("filed at %s, received at %s, undone at %s", filed, s.ReceivedAt, s.Latest)
	}
	o.verify()
	o.now = filed.Add(time.Minute)
	if s = o.must("chuyenvien", s, "claim", nil); !s.Latest.Equal(o.now) {
		t.Errorf("claimed at %s, by the clock %s", s.Latest, o.now)
	}
}

// listed is where lists and figures find a dossier: its row, where it waits
// beside the step in hand, and what is counted of all.
func (o *office) listed(s dossier.State) (list []string) {
	o.Helper()
	err := o.DB.Read(o.Context(), func(tx *db.Tx) error {
		list = nil
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{`SELECT queue || ' ' || step || ' ' || CAST(status AS TEXT) || ' ' || CAST(assignee AS TEXT) || ' ' || CAST(progress AS TEXT) || ' ' || CAST(due_at AS TEXT) FROM dossier WHERE id = $1`, []any{s.ID}},
			{`SELECT queue || ' ' || CAST(due_at AS TEXT) FROM aside WHERE dossier = $1 ORDER BY queue, due_at`, []any{s.ID}},
		} {
			for row := range tx.Query(q.sql, q.args...) {
				var text string
				row.Scan(&text)
				list = append(list, text)
			}
		}
		return tx.Err()
	})
	if err != nil {
		o.Fatal(err)
	}
	return list
}

// Whatever is done and undone, however far back: the dossier, and where it is
// listed, is exactly as before the act, but for the number of its last event.
func TestUndoRestoresExactly(t *testing.T) {
	o := open(t)
	start := o.now
	undone := map[string]int{}
	for seed := range 14 {
		o.now = start
		r := rand.New(rand.NewPCG(uint64(seed), 17))
		s := o.stored(o.file(walked[seed%len(walked)]))
		type did struct {
			act    string
			before dossier.State
			listed []string
		}
		var done []did
		for range 120 {
			if login := o.mayUndo(s); login != "" && r.IntN(2) == 0 {
				last := done[len(done)-1]
				done = done[:len(done)-1]
				after := o.must(login, s, "undo", nil)
				if after.Version != s.Version+1 {
					t.Errorf("%s undone: version %d after %d", last.act, after.Version, s.Version)
				}
				s = o.stored(after)
				after = s
				after.Version, after.Latest = last.before.Version, last.before.Latest
				if diff := cmp.Diff(last.before, after); diff != "" {
					t.Errorf("seed %d: %s undone, not as before:\n%s", seed, last.act, diff)
				}
				if diff := cmp.Diff(last.listed, o.listed(s)); diff != "" {
					t.Errorf("seed %d: %s undone, listed otherwise:\n%s", seed, last.act, diff)
				}
				undone[last.act]++
				continue
			}
			if s.Closed() {
				s, done = o.stored(o.file(walked[r.IntN(len(walked))])), nil
			}
			login, offer, some := o.anything(s, r)
			if !some {
				continue
			}
			done = append(done, did{offer.Act, s, o.listed(s)})
			s = o.stored(o.must(login, s, offer.Act, nil))
			o.now = o.now.Add(time.Duration(1+r.IntN(14)) * time.Minute)
		}
	}
	for _, act := range []string{"assign", "step", "propose", "approve", "send_back", "extend", "decline"} {
		if undone[act] == 0 {
			t.Errorf("%s was never undone: %v", act, undone)
		}
	}
	t.Log(undone)
	o.verify()
}

// stored is a dossier as it is kept.
func (o *office) stored(s dossier.State) dossier.State {
	o.Helper()
	kept, err := o.Find(o.Context(), o.who["nguoidan"], s.Code)
	if err != nil {
		o.Fatal(err)
	}
	return kept
}

// mayUndo is who is offered to undo; "" if nobody is.
func (o *office) mayUndo(s dossier.State) string {
	o.Helper()
	for _, login := range logins {
		if s.LastAct == nil || o.who[login].Account != s.LastAct.By.Account {
			continue
		}
		offers, err := o.Offers(o.Context(), o.who[login], &s)
		if err != nil {
			o.Fatal(err)
		}
		if slices.ContainsFunc(offers, func(x dossier.Offer) bool { return x.Act == "undo" }) {
			return login
		}
	}
	return ""
}

// anything is one of the acts that are offered to anybody.
func (o *office) anything(s dossier.State, r *rand.Rand) (login string, offer dossier.Offer, some bool) {
	o.Helper()
	n := 0
	for _, l := range logins {
		if !o.who[l].Sees(&s) {
			continue
		}
		offers, err := o.Offers(o.Context(), o.who[l], &s)
		if err != nil {
			o.Fatal(err)
		}
		for _, x := range offers {
			if slices.Contains([]string{"undo", "message", "incident", "rate", "withdraw", "refuse", "revoke", "stop"}, x.Act) || x.Aside && r.IntN(4) > 0 {
				continue // such as carry nothing on, and most that lead aside
			}
			if n++; r.IntN(n) == 0 {
				login, offer, some = l, x, true
			}
		}
	}
	return login, offer, some
}

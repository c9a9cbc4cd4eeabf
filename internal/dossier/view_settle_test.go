// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// untasked is a dossier, received and assigned to somebody, at which chuyenvien2 has
// looked so many times without a task.
func (o *office) untasked(procedure string, looks int) dossier.State {
	o.Helper()
	s := o.must("motcua", o.file(procedure), "receive", nil)
	s = o.must("truongphong", s, "assign", map[string]any{"officer": "chuyenvien"})
	for range looks {
		o.now = o.now.Add(time.Minute)
		if _, err := o.Open(o.Context(), o.who["chuyenvien2"], s.Code); err != nil {
			o.Fatal(err)
		}
	}
	return s
}

func (o *office) flagged(who dossier.Actor) []dossier.View {
	o.Helper()
	list, err := o.FlaggedViews(o.Context(), who)
	if err != nil {
		o.Fatal(err)
	}
	return list
}

// Who looked gives the reason for each look by itself, afterwards too; the head finds
// each justified or not. Both are lines of the journal, and nobody else writes them.
func TestLooksAreSettledOneByOne(t *testing.T) {
	o := open(t)
	o.untasked("1.001193", 2)
	looked, head := o.who["chuyenvien2"], o.who["truongphong"]
	list := o.flagged(head)
	if len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	later, earlier := list[0].Look, list[1].Look
	o.now = o.now.Add(time.Hour)
	for want, err := range map[refusal.Kind]error{
		refusal.Invalid:    o.ExplainView(t.Context(), looked, earlier, "  "),
		refusal.NotFound:   o.ExplainView(t.Context(), o.who["chuyenvien"], earlier, "Không phải tôi"),
		refusal.NotAllowed: o.SettleView(t.Context(), lookedAndHeads(looked, head), earlier, true, "Tự tôi"),
	} {
		if !refusal.Is(err, want) {
			t.Errorf("want kind %d: %v", want, err)
		}
	}
	if err := o.SettleView(t.Context(), o.who["phuxuan.ld"], earlier, true, "Nơi khác"); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("the head of another agency settles: %v", err)
	}
	if err := o.ExplainView(t.Context(), looked, earlier, "Người dân gọi hỏi"); err != nil {
		t.Fatal(err)
	}
	if err := o.SettleView(t.Context(), head, later, false, "Đã nhắc nhở"); err != nil {
		t.Fatal(err)
	}
	list = o.flagged(head)
	if list[0].Look != earlier || list[0].Said != "Người dân gọi hỏi" || list[0].Settled != nil {
		t.Errorf("the open one is not first with its own reason: %+v", list[0])
	}
	if s := list[1].Settled; list[1].Look != later || list[1].Said != "" || s == nil || s.Justified || s.Text != "Đã nhắc nhở" || s.Name != head.Name || !s.At.Equal(o.now) {
		t.Errorf("%+v %+v", list[1], s)
	}
	own, err := o.OwnViews(t.Context(), looked)
	if err != nil || len(own) != 2 || own[0].Settled == nil || own[1].Said == "" {
		t.Errorf("%+v %v", own, err)
	}
	for kind, by := range map[audit.Kind]int64{audit.Explained: looked.Account, audit.Settled: head.Account} {
		var lines []audit.Line
		if err := o.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			lines, err = audit.Find(tx, `kind = $1`, string(kind), 10)
			return err
		}); err != nil || len(lines) != 1 || lines[0].Account != by || lines[0].Dossier == 0 {
			t.Errorf("%s: %+v %v", kind, lines, err)
		}
	}
	o.verify()
}

// lookedAndHeads is somebody who looked and heads the agency too.
func lookedAndHeads(looked, head dossier.Actor) dossier.Actor {
	looked.Posts = append(slices.Clone(looked.Posts), head.Posts...)
	return looked
}

// A head who is not cleared for a dossier of restricted access settles the look at it
// without learning which dossier it was, or what of it was looked at.
func TestSettledLooksTellNoCode(t *testing.T) {
	o := open(t)
	o.change("1.012783", func(e *procedure.Edition) { e.Facts.Restricted = true })
	o.clear()
	s := o.untasked("1.012783", 1)
	f, err := o.Open(t.Context(), o.who["chuyenvien2"], s.Code)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Viewed(t.Context(), o.who["chuyenvien2"], &f, "paper Giấy tiếp nhận của ai đó"); err != nil {
		t.Fatal(err)
	}
	cleared, head := o.who["truongphong"], o.who["truongphong"]
	head.Posts = nil
	for _, p := range cleared.Posts {
		p.Cleared = false
		head.Posts = append(head.Posts, p)
	}
	if head.Sees(&s) || !cleared.Sees(&s) {
		t.Fatal("who sees it is not as the test needs it")
	}
	for _, v := range o.flagged(cleared) {
		if v.Code != s.Code {
			t.Errorf("who is cleared reads %+v", v)
		}
	}
	list := o.flagged(head)
	if len(list) != len(o.flagged(cleared)) || len(list) < 2 {
		t.Fatalf("%+v", list)
	}
	for _, v := range list {
		if v.Code != "" || v.What != "dossier" && v.What != "paper" || v.Name != o.who["chuyenvien2"].Name {
			t.Errorf("who is not cleared reads %+v", v)
		}
	}
	if err := o.SettleView(t.Context(), head, list[0].Look, true, "Được giao rà soát"); err != nil {
		t.Error(err)
	}
}

// However many looks were settled since, one that waits is shown.
func TestSettledLooksHideNoOpenOne(t *testing.T) {
	o := open(t)
	s := o.untasked("1.001193", 1)
	head := o.who["truongphong"]
	waits := o.flagged(head)[0]
	if err := o.DB.Write(t.Context(), func(tx *db.Tx) error {
		for n := range 250 {
			e := audit.Entry{At: o.now.Add(time.Duration(n+1) * time.Second), Kind: audit.Viewed, Account: o.who["chuyenvien2"].Account, Agency: string(waits.Agency), Flag: true, Detail: dossier.View{Code: s.Code, What: "dossier", Purpose: dossier.ForNone}}
			if err := audit.Write(tx, e); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(time.Hour)
	for range 2 { // of what is shown, then of the rest
		for _, v := range o.flagged(head) {
			if v.Look != waits.Look && v.Settled == nil {
				if err := o.SettleView(t.Context(), head, v.Look, true, "Xong"); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if list := o.flagged(head); list[0].Look != waits.Look || list[0].Settled != nil {
		t.Errorf("%s is not first of %d: %s", waits.Look, len(list), fmt.Sprint(list[0]))
	}
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// A look without a task is not forgotten: who looked says why, afterwards too, and
// who heads the agency finds it justified or not (Luật Bảo vệ dữ liệu cá nhân
// 91/2025/QH15: who processes data answers for it). Both are lines of the journal,
// which nobody changes; the last one counts.

// Look names a look by its place in the journal.
type Look struct{ Chain, Seq int64 }

func (l Look) String() string { return fmt.Sprintf("%d.%d", l.Chain, l.Seq) }

// ParseLook reads what String writes.
func ParseLook(text string) (l Look, ok bool) {
	n, err := fmt.Sscanf(text, "%d.%d", &l.Chain, &l.Seq)
	return l, err == nil && n == 2 && l.String() == text
}

// followed is what the journal says about a look.
type followed struct {
	Code      Code   `json:"code"`
	Look      string `json:"look"`
	Name      string `json:"name"`
	Justified bool   `json:"justified,omitempty"`
	Text      string `json:"text"`
}

// Settlement is what the head of an agency found of a look.
type Settlement struct {
	At        time.Time
	Name      string // of the head
	Justified bool
	Text      string
}

// ExplainView keeps why somebody looked into a dossier in which they had no task.
func (b *Book) ExplainView(ctx context.Context, who Actor, look Look, why string) error {
	return b.follow(ctx, who, look, audit.Explained, followed{Text: why}, func(l *audit.Line) error {
		if l.Account != who.Account {
			return refusal.New(refusal.NotFound, "view.no_such")
		}
		return nil
	})
}

// SettleView keeps what who heads the agency found of a look of somebody else.
func (b *Book) SettleView(ctx context.Context, who Actor, look Look, justified bool, note string) error {
	return b.follow(ctx, who, look, audit.Settled, followed{Justified: justified, Text: note}, func(l *audit.Line) error {
		switch {
		case !who.answers(agency.ID(l.Agency)):
			return refusal.New(refusal.NotFound, "view.no_such")
		case l.Account == who.Account:
			return refusal.New(refusal.NotAllowed, "view.oneself")
		}
		return nil
	})
}

func (b *Book) follow(ctx context.Context, who Actor, look Look, kind audit.Kind, says followed, may func(*audit.Line) error) error {
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		l, found, err := audit.At(tx, look.Chain, look.Seq)
		if err != nil {
			return err
		}
		if !found || l.Kind != audit.Viewed || !l.Flag {
			return refusal.New(refusal.NotFound, "view.no_such")
		}
		if err := may(&l); err != nil {
			return err
		}
		if says.Text = strings.TrimSpace(says.Text); says.Text == "" || len([]rune(says.Text)) > 300 {
			return refusal.New(refusal.Invalid, "view.say")
		}
		var v View
		if err := l.Read(&v); err != nil {
			return err
		}
		says.Code, says.Look, says.Name = v.Code, look.String(), who.Name
		return audit.Write(tx, audit.Entry{At: b.Now(), Kind: kind, Account: who.Account, Dossier: l.Dossier, Agency: l.Agency, Detail: says})
	})
}

// OwnViews lists the caller's own looks without a task, the last first.
func (b *Book) OwnViews(ctx context.Context, who Actor) ([]View, error) {
	var list []View
	err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if list, err = views(tx, `account = $1 AND flag = 1 AND kind = 'viewed'`, who.Account, viewsShown); err != nil {
			return err
		}
		if err = follow(tx, list); err != nil {
			return err
		}
		return who.withhold(tx, list)
	})
	return list, err
}

// follow adds to looks what became of them.
func follow(tx *db.Tx, list []View) error {
	if len(list) == 0 {
		return nil
	}
	first := slices.MinFunc(list, func(a, b View) int { return a.At.Compare(b.At) }).At
	at := map[string]*View{}
	agencies := map[agency.ID]bool{}
	for i := range list {
		at[list[i].Look.String()], agencies[list[i].Agency] = &list[i], true
	}
	for id := range agencies {
		lines, err := audit.Followed(tx, string(id), first)
		if err != nil {
			return err
		}
		for _, l := range lines {
			var f followed
			if err := l.Read(&f); err != nil {
				return err
			}
			v := at[f.Look]
			switch {
			case v == nil:
			case l.Kind == audit.Explained:
				v.Said = f.Text
			default:
				v.Settled = &Settlement{l.At, f.Name, f.Justified, f.Text}
			}
		}
	}
	return nil
}

// withhold takes the code, and the names of what was looked at, from looks at
// dossiers that the actor may not see.
func (a Actor) withhold(tx *db.Tx, list []View) error {
	if len(list) == 0 {
		return nil
	}
	var q query
	var ids []string
	for i := range list {
		ids = append(ids, q.arg(list[i].dossier))
	}
	seen := map[int64]bool{}
	for row := range tx.Query(`SELECT id FROM dossier WHERE id IN (`+strings.Join(ids, ", ")+`) AND `+a.seen(&q), q.args...) {
		var id int64
		row.Scan(&id)
		seen[id] = true
	}
	for i := range list {
		if v := &list[i]; !seen[v.dossier] {
			v.Code = ""
			v.What, _, _ = strings.Cut(v.What, " ")
		}
	}
	return tx.Err()
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/internal/agency"
	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// Mark is what an officer's list shows beside a dossier.
type Mark struct {
	Changed bool     // since this officer looked at it last
	Noted   bool     // by this officer
	Labels  []string // of the officer's agencies
}

// Marks finds the marks of the dossiers on a page of a list, in one query.
func (b *Book) Marks(ctx context.Context, who Actor, items []Item) (map[Code]Mark, error) {
	if len(items) == 0 {
		return nil, nil
	}
	of := map[int64]*Item{}
	q := query{}
	var ids []string
	for i := range items {
		of[items[i].id] = &items[i]
		ids = append(ids, q.arg(items[i].id))
	}
	account, at := q.arg(who.Account), ""
	if mine := who.agencies(); len(mine) > 0 {
		at = fmt.Sprintf(` UNION ALL SELECT 'label', dossier, 0, word FROM labelled WHERE dossier IN (%s) AND agency IN (%s)`, strings.Join(ids, ", "), q.list(mine))
	}
	marks := map[Code]Mark{}
	err := b.DB.Look(ctx, func(tx *db.Tx) error {
		clear(marks)
		for row := range tx.Query(fmt.Sprintf(`SELECT 'seen' AS what, dossier, version, '' AS word FROM seen WHERE account = %[1]s AND dossier IN (%[2]s)
				UNION ALL SELECT 'note', dossier, 0, '' FROM note WHERE account = %[1]s AND dossier IN (%[2]s)%[3]s ORDER BY 4`, account, strings.Join(ids, ", "), at), q.args...) {
			var what, word string
			var id int64
			var version int
			row.Scan(&what, &id, &version, &word)
			x := of[id]
			m := marks[x.Code]
			switch what {
			case "seen":
				m.Changed = version < x.Version
			case "note":
				m.Noted = true
			case "label":
				m.Labels = append(m.Labels, word)
			}
			marks[x.Code] = m
		}
		return tx.Err()
	})
	return marks, err
}

// Saw keeps that an officer has looked at a dossier as it stands, and returns
// the version the officer had seen before; 0 if none. It writes nothing when
// nothing has changed since.
func (b *Book) Saw(ctx context.Context, who Actor, s *State) (before int, err error) {
	err = b.DB.Look(ctx, func(tx *db.Tx) error {
		_, err := tx.One(`SELECT version FROM seen WHERE account = $1 AND dossier = $2`, []any{who.Account, s.ID}, &before)
		return err
	})
	if err != nil || before >= s.Version {
		return before, err
	}
	return before, b.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`INSERT INTO seen (account, dossier, version) VALUES ($1, $2, $3) ON CONFLICT (account, dossier) DO UPDATE SET version = excluded.version WHERE seen.version < excluded.version`,
			who.Account, s.ID, s.Version)
		return nil
	})
}

// Jotting is what stands on a dossier for one officer: the officer's own note,
// and the labels of the officer's agencies. It is no part of the history.
type Jotting struct {
	Note    string
	NotedAt time.Time
	Labels  []string
}

// noteLimit, labelLimit: the longest note and label; labelsMost: how many
// labels a dossier bears; wordsMost: how many an agency uses.
const (
	noteLimit  = 2000
	labelLimit = 30
	labelsMost = 5
	wordsMost  = 50
)

// Jotted returns what an officer finds on a dossier.
func (b *Book) Jotted(ctx context.Context, who Actor, s *State) (Jotting, error) {
	var j Jotting
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		j = Jotting{}
		if _, err := tx.One(`SELECT body, at FROM note WHERE account = $1 AND dossier = $2`, []any{who.Account, s.ID}, &j.Note, &j.NotedAt); err != nil {
			return err
		}
		var err error
		if j.Note, err = tx.Vault().OpenText(notePlace(who, s), j.Note); err != nil {
			return err
		}
		q := query{}
		if mine := who.agencies(); len(mine) > 0 {
			sql := `SELECT DISTINCT word FROM labelled WHERE dossier = ` + q.arg(s.ID) + ` AND agency IN (` + q.list(mine) + `) ORDER BY word`
			for row := range tx.Query(sql, q.args...) {
				var word string
				row.Scan(&word)
				j.Labels = append(j.Labels, word)
			}
		}
		return tx.Err()
	})
	return j, err
}

// unit is the agency for which an officer works on a dossier; "" for who only
// sees it as the applicant, or not at all.
func (a Actor) unit(s *State) agency.ID {
	for _, at := range []agency.ID{s.Competent, s.Reception, s.Home, s.Support} {
		if at != "" && a.Works(at) {
			return at
		}
	}
	for _, p := range s.Parts {
		if a.partakes(p.To) {
			return p.To
		}
	}
	for _, o := range s.Opinions {
		if a.answers(o.To) {
			return o.To
		}
	}
	return ""
}

// jot changes what stands on a dossier beside its history, for who works on it;
// everybody else is told there is no such dossier.
func (b *Book) jot(ctx context.Context, who Actor, code Code, change func(tx *db.Tx, s *State, unit string) error) error {
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		s, err := find(tx, code)
		if err != nil {
			return err
		}
		unit := who.On(s).unit(s)
		if unit == "" {
			return refusal.New(refusal.NotFound, "dossier.unknown", "code", string(code))
		}
		return change(tx, s, string(unit))
	})
}

// Note keeps an officer's own note on a dossier in place of the one before;
// without text there is none.
func (b *Book) Note(ctx context.Context, who Actor, code Code, text string) error {
	clean, wrong := form.CheckFields([]form.Field{{ID: "note", Type: form.LongText, Optional: true, Length: noteLimit, Label: form.Text{VI: "Ghi chú riêng", EN: "Own note"}}},
		form.Answers{"note": text}, "", b.Now())
	if err := refusal.Fields("request.invalid", wrong); err != nil {
		return err
	}
	text, _ = clean["note"].(string)
	return b.jot(ctx, who, code, func(tx *db.Tx, s *State, _ string) error {
		if text == "" {
			tx.Exec(`DELETE FROM note WHERE account = $1 AND dossier = $2`, who.Account, s.ID)
			return nil
		}
		sealed, err := tx.Vault().SealText(notePlace(who, s), text)
		if err != nil {
			return err
		}
		tx.Exec(`INSERT INTO note (account, dossier, at, body) VALUES ($1, $2, $3, $4) ON CONFLICT (account, dossier) DO UPDATE SET at = excluded.at, body = excluded.body`,
			who.Account, s.ID, b.Now().UnixMilli(), sealed)
		return nil
	})
}

func notePlace(who Actor, s *State) string { return fmt.Sprintf("note/%d/%d", who.Account, s.ID) }

// Label puts a word of the officer's agency on a dossier. Capital and small
// letters make no other word.
func (b *Book) Label(ctx context.Context, who Actor, code Code, word string) error {
	word = form.Tidy(word)
	no := func(key string, args ...any) error {
		return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/label", key, append(args, "label", form.Text{VI: "Nhãn", EN: "Label"})...)})
	}
	if word == "" {
		return no("form.required")
	}
	if utf8.RuneCountInString(word) > labelLimit {
		return no("form.length", "max", labelLimit)
	}
	return b.jot(ctx, who, code, func(tx *db.Tx, s *State, unit string) error {
		known, err := words(tx, []string{unit})
		if err != nil {
			return err
		}
		same := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, word) })
		if same >= 0 {
			word = known[same]
		} else if len(known) >= wordsMost {
			return no("dossier.label.words", "n", wordsMost)
		}
		var borne int
		if _, err := tx.One(`SELECT COUNT(*) FROM labelled WHERE dossier = $1 AND agency = $2 AND word <> $3`, []any{s.ID, unit, word}, &borne); err != nil {
			return err
		}
		if borne >= labelsMost {
			return no("dossier.label.many", "n", labelsMost)
		}
		tx.Exec(`INSERT INTO label (agency, word) VALUES ($1, $2) ON CONFLICT DO NOTHING`, unit, word)
		tx.Exec(`INSERT INTO labelled (dossier, agency, word) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, s.ID, unit, word)
		return nil
	})
}

// Unlabel takes a word of the officer's agencies off a dossier; a word that no
// dossier bears any more is forgotten.
func (b *Book) Unlabel(ctx context.Context, who Actor, code Code, word string) error {
	return b.jot(ctx, who, code, func(tx *db.Tx, s *State, _ string) error {
		for _, at := range who.agencies() {
			tx.Exec(`DELETE FROM labelled WHERE dossier = $1 AND agency = $2 AND word = $3`, s.ID, at, word)
			tx.Exec(`DELETE FROM label WHERE agency = $1 AND word = $2 AND NOT EXISTS (SELECT 1 FROM labelled WHERE agency = $1 AND word = $2)`, at, word)
		}
		return nil
	})
}

// Labels lists the words that the officer's agencies use.
func (b *Book) Labels(ctx context.Context, who Actor) (list []string, err error) {
	err = b.DB.Look(ctx, func(tx *db.Tx) (err error) {
		list, err = words(tx, who.agencies())
		return err
	})
	return list, err
}

func words(tx *db.Tx, agencies []string) ([]string, error) {
	if len(agencies) == 0 {
		return nil, nil
	}
	var list []string
	q := query{}
	for row := range tx.Query(`SELECT DISTINCT word FROM label WHERE agency IN (`+q.list(agencies)+`) ORDER BY word`, q.args...) {
		var word string
		row.Scan(&word)
		list = append(list, word)
	}
	return list, tx.Err()
}

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"maps"
	"slices"

	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/refusal"
)

// Scans tells what the virus scanner says of contents that may not be opened, by
// digest; of all others nothing.
func (b *Book) Scans(ctx context.Context, digests ...string) (list map[string]document.Scan, err error) {
	err = b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = closed(tx, digests)
		return err
	})
	return list, err
}

// Scanned tells what is known of contents, by digest.
func (b *Book) Scanned(ctx context.Context, digests ...string) (states map[string]document.Scan, err error) {
	err = b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		states, err = scanned(tx, digests)
		return err
	})
	return states, err
}

func scanned(tx *db.Tx, digests []string) (map[string]document.Scan, error) {
	states := map[string]document.Scan{}
	for _, sha := range digests {
		s, err := document.Scanned(tx, sha)
		if err != nil {
			return nil, err
		}
		states[sha] = s
	}
	return states, nil
}

func closed(tx *db.Tx, digests []string) (map[string]document.Scan, error) {
	states, err := scanned(tx, digests)
	maps.DeleteFunc(states, func(_ string, s document.Scan) bool { return s.Opens() })
	return states, err
}

// ScansOf is Scans for files that are stored already, by their ids.
func (b *Book) ScansOf(ctx context.Context, ids ...string) (map[string]document.Scan, error) {
	list := map[string]document.Scan{}
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		for _, id := range ids {
			f, err := document.Find(tx, id)
			if refusal.Is(err, refusal.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			of, err := closed(tx, []string{f.SHA256})
			if err != nil {
				return err
			}
			if s, is := of[f.SHA256]; is {
				list[id] = s
			}
		}
		return nil
	})
	return list, err
}

// NoticeInfected is the kind of a notice that a file of a dossier does harm,
// NoticeInfectedDraft that one of a draft does; its code is the draft's.
// NoticeInfectedCounter tells an officer of a file that they handed in for somebody.
const (
	NoticeInfected        = "infected"
	NoticeInfectedDraft   = "infected_draft"
	NoticeInfectedCounter = "infected_counter"
)

// Infected tells everybody who handed a content in, in the transaction that says
// that it does harm; an officer too, who did that for somebody else. All other
// officers see it at the file.
func (b *Book) Infected(tx *db.Tx, files []document.File, _ string) error {
	now := b.Now()
	for _, f := range files {
		drafts, err := draftsWith(tx, f)
		if err != nil {
			return err
		}
		var own, others []string
		for row := range tx.Query(`SELECT code, account FROM dossier WHERE id IN (SELECT dossier FROM paper WHERE file = $1)
			AND (account = $2 OR EXISTS (SELECT 1 FROM account WHERE account.id = $2 AND kind = 'officer'))`, f.ID, f.Account) {
			var code string
			var account int64
			row.Scan(&code, &account)
			if account == f.Account {
				own = append(own, code)
			} else {
				others = append(others, code)
			}
		}
		tell := func(kind string, list []string) {
			for _, code := range list {
				Tell(tx, f.Account, code, kind, now)
			}
		}
		tell(NoticeInfected, own)
		tell(NoticeInfectedCounter, others)
		tell(NoticeInfectedDraft, drafts)
	}
	return tx.Err()
}

// Harmed lists the open dossiers into which an officer put a file that was found to
// do harm, until it is replaced; the last first.
func (b *Book) Harmed(ctx context.Context, who Actor) ([]Code, error) {
	told, err := b.Notices(ctx, who, mostHarmed)
	if err != nil {
		return nil, err
	}
	var list []Code
	for _, n := range told {
		if n.Kind != NoticeInfectedCounter || slices.Contains(list, n.Code) {
			continue
		}
		s, err := b.Find(ctx, who, n.Code)
		if refusal.Is(err, refusal.NotFound) || err == nil && s.Closed() {
			continue
		}
		if err != nil {
			return nil, err
		}
		closed, err := b.Scans(ctx, s.Digests()...)
		if err != nil {
			return nil, err
		}
		if slices.Contains(slices.Collect(maps.Values(closed)), document.Infected) {
			list = append(list, n.Code)
		}
	}
	return list, nil
}

// mostHarmed bounds the notices that are looked through for them.
const mostHarmed = 100

// Unopened is true when a file of a component is one of those that may not be opened.
func (s *State) Unopened(component string, closed map[string]document.Scan) bool {
	return slices.ContainsFunc(s.Documents, func(d Document) bool {
		return d.Component == component && d.File != "" && closed[d.SHA256] != ""
	})
}

// Digests are those of the contents that the dossier has now.
func (s *State) Digests() []string { return DigestsOf(s.Documents) }

// DigestsOf are the digests of documents that are files.
func DigestsOf(documents []Document) (list []string) {
	for _, d := range documents {
		if d.File != "" {
			list = append(list, d.SHA256)
		}
	}
	return list
}

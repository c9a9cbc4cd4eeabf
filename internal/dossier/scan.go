// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"maps"

	"motcua/internal/db"
	"motcua/internal/document"
)

// Scans tells what the virus scanner says of contents that may not be opened, by
// digest; of all others nothing.
func (b *Book) Scans(ctx context.Context, digests ...string) (map[string]document.Scan, error) {
	states, err := b.Scanned(ctx, digests...)
	maps.DeleteFunc(states, func(_ string, s document.Scan) bool { return s.Opens() })
	return states, err
}

// Scanned tells what is known of contents, by digest.
func (b *Book) Scanned(ctx context.Context, digests ...string) (map[string]document.Scan, error) {
	states := map[string]document.Scan{}
	err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		for _, sha := range digests {
			if states[sha], err = document.Scanned(tx, sha); err != nil {
				return err
			}
		}
		return nil
	})
	return states, err
}

// NoticeInfected is the kind of a notice that a file of a dossier does harm, and
// NoticeInfectedDraft that one of a draft does; its code is the draft's.
const (
	NoticeInfected      = "infected"
	NoticeInfectedDraft = "infected_draft"
)

// Infected tells everybody who handed a content in, in the transaction that says
// that it does harm. Officers see it at the file.
func (b *Book) Infected(tx *db.Tx, files []document.File, _ string) error {
	now := b.Now()
	for _, f := range files {
		drafts, err := draftsWith(tx, f)
		if err != nil {
			return err
		}
		var codes []string
		for row := range tx.Query(`SELECT code FROM dossier WHERE account = $1 AND id IN (SELECT dossier FROM paper WHERE file = $2)`, f.Account, f.ID) {
			var code string
			row.Scan(&code)
			codes = append(codes, code)
		}
		tell := func(kind string, list []string) {
			for _, code := range list {
				Tell(tx, f.Account, code, kind, now)
			}
		}
		tell(NoticeInfected, codes)
		tell(NoticeInfectedDraft, drafts)
	}
	return tx.Err()
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

// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"motcua/internal/db"
	"motcua/internal/document"
)

// Forget erases what an account keeps and no law asks for: drafts with whom they
// invited, what it was told, and files that no dossier holds. Dossiers stay.
func Forget(tx *db.Tx, account int64) error {
	tx.Exec(`DELETE FROM invitation WHERE owner = $1`, account)
	tx.Exec(`UPDATE invitation SET account = 0 WHERE account = $1`, account)
	tx.Exec(`DELETE FROM draft WHERE account = $1`, account)
	tx.Exec(`DELETE FROM notice WHERE account = $1`, account)
	files, err := document.Of(tx, account)
	if err != nil {
		return err
	}
	for _, f := range files {
		used, err := HandedIn(tx, f.ID)
		if err != nil {
			return err
		}
		if !used {
			document.Forget(tx, f)
		}
	}
	return tx.Err()
}

// Unfinished counts the dossiers of an account that are not done.
func Unfinished(tx *db.Tx, account int64) (n int, err error) {
	_, err = tx.One(`SELECT COUNT(*) FROM dossier WHERE account = $1 AND queue <> ''`, []any{account}, &n)
	return n, err
}

// SPDX-License-Identifier: Apache-2.0

package db

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
)

// Line is a row of the journal. What it means is for those who write it.
type Line struct {
	At      int64 // ms
	Kind    string
	Account int64
	Dossier int64
	Agency  string
	Flag    bool
	Body    string // JSON
}

// Journal adds a line to the journal with this transaction. It is not seen by the
// transaction's own queries. Lines are added together at the commit: each chain is
// held for that long only.
func (tx *Tx) Journal(l Line) {
	if tx.ready() && tx.writable() {
		tx.group.lines = append(tx.group.lines, l)
	}
}

// Seal is the hash of a line at its place in a chain, after the one before it. Only
// who has the database's key can make it.
func (d *DB) Seal(before string, chain, seq int64, l Line) string {
	text, err := json.Marshal([]any{before, chain, seq, l.At, l.Kind, l.Account, l.Dossier, l.Agency, l.Flag, l.Body})
	if err != nil {
		panic(err) // numbers and texts can be written
	}
	m := hmac.New(sha256.New, d.Key)
	m.Write(text)
	return hex.EncodeToString(m.Sum(nil))
}

const (
	sqlLine = `INSERT INTO journal (chain, seq, at, kind, account, dossier, agency, flag, body, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	sqlHead = `UPDATE journal_head SET seq = $1, hash = $2 WHERE chain = $3`
)

// seal adds the lines of a group to the chain of a lane.
func (d *DB) seal(g *group, s session, chain int64) error {
	if len(g.lines) == 0 {
		return nil
	}
	seq, hash, err := s.head(chain)
	if err != nil {
		return err
	}
	for _, l := range g.lines {
		seq++
		hash = d.Seal(hash, chain, seq, l)
		flag := int64(0)
		if l.Flag {
			flag = 1
		}
		if err := s.exec(sqlLine, []any{chain, seq, l.At, l.Kind, l.Account, l.Dossier, l.Agency, flag, l.Body, hash}, false); err != nil {
			return err
		}
	}
	return s.exec(sqlHead, []any{seq, hash, chain}, true)
}

// head reads where a chain ends, by a statement of the database's own.
func head(s session, sql string, chain int64) (seq int64, hash string, err error) {
	var bad error
	err = s.query(sql, []any{chain}, func(c cursor) bool {
		if seq, bad = c.column(0).integer(); bad == nil {
			hash, bad = c.column(1).text()
		}
		return false
	})
	return seq, hash, errors.Join(err, bad)
}

// SPDX-License-Identifier: Apache-2.0

// Package audit is who did or saw what: lines that are added in the transaction
// they speak of, chained so that none can be changed, removed or put in between
// without Verify telling (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15; level 3 of NĐ
// 85/2016). Nobody edits them, administrators least.
//
// Start at Write.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"motcua/internal/db"
)

// Kind is what a line says was done.
type Kind string

// The kinds of lines.
const (
	Acted  Kind = "acted"  // events of a dossier were written
	Viewed Kind = "viewed" // an officer looked into a dossier
	Listed Kind = "listed" // an officer searched, or took a list out

	Explained Kind = "explained" // why somebody looked without a task, said afterwards
	Settled   Kind = "settled"   // what the head found of such a look

	SignedIn   Kind = "signed_in"
	SignedOut  Kind = "signed_out"
	SignRefuse Kind = "sign_in_refused"
	Account    Kind = "account"    // made, changed, linked, merged
	Factor     Kind = "factor"     // a second factor added, used up or taken away
	Mandate    Kind = "mandate"    // to act for an organisation, given or ended
	Token      Kind = "token"      // for a program, made
	Configured Kind = "configured" // the site or its catalogue
	Privacy    Kind = "privacy"    // a request of the person, a breach
	Kept       Kind = "kept"       // a round of what was kept long enough: opened, approved, done; a package taken
	Destroyed  Kind = "destroyed"  // a dossier, of which a tombstone is left
	Money      Kind = "money"      // given back, a receipt replaced or cancelled, a difference explained
	Found      Kind = "found"      // a file that does harm, by the virus scanner
)

// Entry is one line.
type Entry struct {
	At      time.Time
	Kind    Kind
	Account int64  // who; 0 is the system
	Dossier int64  // 0 is none
	Agency  string // through which they act
	Flag    bool   // the head of the agency is to look at it
	Detail  any    // JSON
}

// Write adds a line in a transaction.
func Write(tx *db.Tx, e Entry) error {
	body, err := json.Marshal(e.Detail)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Kind, err)
	}
	tx.Journal(db.Line{At: e.At.UnixMilli(), Kind: string(e.Kind), Account: e.Account, Dossier: e.Dossier, Agency: e.Agency, Flag: e.Flag, Body: string(body)})
	return tx.Err()
}

// By is who does something to the site; the zero By is the system, or who has its
// machine.
type By struct {
	Account int64
	Name    string
	Address string // it came from
}

// Note adds a line on what somebody did at an instant; more are name, value pairs.
func (b By) Note(tx *db.Tx, at time.Time, kind Kind, what string, more ...any) error {
	detail := map[string]any{"what": what}
	if b.Name != "" {
		detail["name"] = b.Name
	}
	if b.Address != "" {
		detail["address"] = b.Address
	}
	for i := 0; i+1 < len(more); i += 2 {
		detail[more[i].(string)] = more[i+1]
	}
	return Write(tx, Entry{At: at, Kind: kind, Account: b.Account, Detail: detail})
}

// Line is a line as it is kept.
type Line struct {
	Chain, Seq int64
	Entry
	Body string
	Hash string
}

const columns = `chain, seq, at, kind, account, dossier, agency, flag, body, hash`

func scan(row db.Row) Line {
	var l Line
	var at, flag int64
	var kind string
	row.Scan(&l.Chain, &l.Seq, &at, &kind, &l.Account, &l.Dossier, &l.Agency, &flag, &l.Body, &l.Hash)
	l.At, l.Kind, l.Flag = time.UnixMilli(at), Kind(kind), flag == 1
	return l
}

// Read reads an entry's detail.
func (l *Line) Read(detail any) error { return json.Unmarshal([]byte(l.Body), detail) }

// Chains is how many chains there are at the most.
const Chains = 4

const batch = 2000

// Walk goes through all lines, chain by chain and in their order, from the line
// after a place in each chain; it ends when each says no.
func Walk(tx *db.Tx, after [Chains]int64, each func(Line) bool) error {
	for chain := range int64(Chains) {
		for seq := after[chain]; ; {
			var lines []Line
			for row := range tx.Query(`SELECT `+columns+` FROM journal WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3`, chain, seq, batch) {
				lines = append(lines, scan(row))
			}
			for _, l := range lines {
				if !each(l) {
					return tx.Err()
				}
			}
			if tx.Err() != nil || len(lines) < batch {
				break
			}
			seq = lines[len(lines)-1].Seq
		}
	}
	return tx.Err()
}

// Verify proves the journal: every line is where it was put and as it was, and the
// last of each chain is still there, and the database refuses to change it. wrong is told what is not so; each is given
// every line on the way.
func Verify(ctx context.Context, d *db.DB, tx *db.Tx, wrong func(where, detail string), each func(Line)) error {
	type end struct {
		seq  int64
		hash string
	}
	missing, err := d.Unguarded(tx)
	if err != nil {
		return err
	}
	for _, g := range missing {
		wrong(g.Table, "is no longer kept from changes: the trigger "+g.Name+" is gone")
	}
	var at, ends [Chains]end
	for row := range tx.Query(`SELECT chain, seq, hash FROM journal_head ORDER BY chain`) {
		var chain int64
		var e end
		row.Scan(&chain, &e.seq, &e.hash)
		if chain < 0 || chain >= Chains {
			wrong(fmt.Sprint(chain), "a chain that is none of ours")
			continue
		}
		ends[chain] = e
	}
	var lines, inChains int64
	err = Walk(tx, [Chains]int64{}, func(l Line) bool {
		lines++
		place, before := fmt.Sprintf("%d/%d", l.Chain, l.Seq), &at[l.Chain]
		if l.Seq != before.seq+1 {
			wrong(place, fmt.Sprintf("follows line %d", before.seq))
		}
		if want := d.Seal(before.hash, l.Chain, l.Seq, db.Line{At: l.At.UnixMilli(), Kind: string(l.Kind), Account: l.Account, Dossier: l.Dossier, Agency: l.Agency, Flag: l.Flag, Body: l.Body}); want != l.Hash {
			wrong(place, "is not what was written, or was not written by this site")
		}
		*before = end{l.Seq, l.Hash}
		each(l)
		return true
	})
	if err != nil {
		return err
	}
	for chain, e := range ends {
		if at[chain] != e {
			wrong(fmt.Sprint(chain), fmt.Sprintf("ends at line %d, but was written to line %d", at[chain].seq, e.seq))
		}
	}
	if _, err := tx.One(`SELECT COUNT(*) FROM journal`, nil, &inChains); err != nil {
		return err
	}
	if inChains != lines {
		wrong("journal", fmt.Sprintf("%d lines stand in no chain", inChains-lines))
	}
	return ctx.Err()
}

// Find lists the last lines that meet a condition on the journal's columns with one
// argument ($1), the last first.
func Find(tx *db.Tx, where string, arg any, most int) ([]Line, error) {
	var list []Line
	for row := range tx.Query(`SELECT `+columns+` FROM journal WHERE `+where+` ORDER BY at DESC LIMIT $2`, arg, most) {
		list = append(list, scan(row))
	}
	return list, tx.Err()
}

// At is the line at a place, if there is one.
func At(tx *db.Tx, chain, seq int64) (l Line, found bool, err error) {
	for row := range tx.Query(`SELECT `+columns+` FROM journal WHERE chain = $1 AND seq = $2`, chain, seq) {
		l, found = scan(row), true
	}
	return l, found, tx.Err()
}

// Followed lists what was said of looks at an agency since an instant, the first
// first.
func Followed(tx *db.Tx, agency string, since time.Time) ([]Line, error) {
	var list []Line
	for row := range tx.Query(`SELECT `+columns+` FROM journal WHERE agency = $1 AND at >= $2 AND kind IN ('explained', 'settled') ORDER BY at, chain, seq`, agency, since.UnixMilli()) {
		list = append(list, scan(row))
	}
	return list, tx.Err()
}

// About goes through the lines about a dossier in their order, until each says no.
func About(tx *db.Tx, dossier int64, each func(Line) bool) error {
	for row := range tx.Query(`SELECT `+columns+` FROM journal WHERE dossier = $1 ORDER BY at, chain, seq`, dossier) {
		if !each(scan(row)) {
			break
		}
	}
	return tx.Err()
}

// Of goes through the lines of these kinds on what an account did beside dossiers, and
// what others and the system did with it, in their order, until each says no.
func Of(tx *db.Tx, account int64, kinds []Kind, each func(Line) bool) error {
	for row := range tx.Query(`SELECT `+columns+` FROM journal WHERE dossier = 0 AND account = $1
			UNION ALL SELECT `+columns+` FROM journal WHERE dossier = 0 AND account <> $1 AND (body LIKE $2 OR body LIKE $3)
			ORDER BY at, chain, seq`, account, fmt.Sprintf(`%%"of":%d,%%`, account), fmt.Sprintf(`%%"member":%d,%%`, account)) {
		if l := scan(row); slices.Contains(kinds, l.Kind) && !each(l) {
			break
		}
	}
	return tx.Err()
}
